/*
 * tests/unit/test_spool_attach.c - filings that wait for files they name: what
 * becomes of them when the files do not come, or when they kill their reader.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "spool/order.h"

#define WITHIN_MS  600000
#define MANY       100
#define ROUNDS_MAX (MANY + 1)

static void
files_new(struct box *x)
{
	box_new(x);
	x->partner[0].attachment[0] = "pdf";
	x->partner[0].nattachments = 1;
	x->partner[0].attachments_within_ms = WITHIN_MS;
}

/* A name of the most bytes that one has, of the N-th. */
static const char *
long_name(uint32_t n)
{
	static char name[200];

	memset(name, 'n', sizeof(name) - 1);
	(void)snprintf(name, sizeof(name), "%03u", n);
	name[3] = '-';
	memcpy(name + sizeof(name) - 5, ".pdf", 5);
	return name;
}

static bool
line_has(struct slice lines, const char *name)
{
	while (lines.len > 0)
		if (slice_is(slice_cut(&lines, '\n'), name))
			return true;
	return false;
}

/* As convert says it: refused when this order tells that its file is missing.
 */
static void
filing_put(struct box *x, struct buf *b, uint32_t n, const char *name)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct slice missing = x->o.format;
	char key[16];

	(void)slice_cut(&missing, '\n');
	(void)snprintf(key, sizeof(key), "K%u", n);
	if (name == NULL || line_has(missing, name)) {
		claims_filing(x, b, n,
		    &(struct a_filing){ .key = key,
			.content = key,
			.file_name = "n.xml",
			.refused = name != NULL });
		return;
	}
	c.u.filing = (struct claim_filing){ .number = n,
		.format = SLICE_LIT("un-cusdec-d96b"),
		.kind = SLICE_LIT("declaration"),
		.key = slice_of(key),
		.label = slice_of(key),
		.lacks = slice_of(name) };
	claim_put(b, &c);
}

static const char *
states_of(struct box *x)
{
	return box_text(x, "SELECT group_concat(state || ' ' || n) FROM (SELECT"
			   " state, count(*) AS n FROM filing GROUP BY state"
			   " ORDER BY state)");
}

/* The next arrival that is to be read, whatever else there is to do. */
static bool
read_next(struct box *x)
{
	struct err err;

	while (spool_next_order(x->s, &x->o, x->mem, &err) == RC_OK) {
		x->order = x->o.id;
		if (x->o.kind == ORDER_READ)
			return true;
	}
	return false;
}

static void
test_a_hundred_missing_files_with_long_names_are_all_told(void **state)
{
	struct buf b;
	struct err err;
	struct box x;
	unsigned int rounds = 0;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "many.edi", "a hundred of them");
	while (read_next(&x)) {
		assert_true(rounds++ < ROUNDS_MAX);
		claims_arrival(&b, MANY, 0);
		for (uint32_t n = 1; n <= MANY; n++)
			filing_put(&x, &b, n, long_name(n));
		if (box_done(&x, &b, &err) != RC_OK)
			fail_msg("%s", err.text);
		if (rounds == 1) {
			assert_string_equal(states_of(&x), "waiting 100");
			box_due(&x, WITHIN_MS);
		}
		box_due(&x, 3000);
	}
	assert_string_equal(states_of(&x), "refused 100");
	/* and once, not with each reading */
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery WHERE"
				     " kind = 'findings'"),
	    1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM arrival WHERE wait_t <> 0"), 0);
	box_free(&x);
}

/* Both lists at their longest stand in the one text of an order. */
static void
test_what_is_left_out_takes_no_room_from_what_never_came(void **state)
{
	char sql[1400], lacks[LACKS_TEXT + 1];
	struct box x;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "both.edi", "both");
	memset(lacks, 'n', sizeof(lacks) - 1);
	lacks[sizeof(lacks) - 1] = '\0';
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE arrival SET skip = rtrim(replace(hex(zeroblob(8)), '0',"
	    " '123456789,'), ','), lacks = '%s' RETURNING length(skip)",
	    lacks);
	assert_int_equal(box_sql(&x, sql), SKIPS_MAX * 10 - 1);
	box_order(&x);
	assert_int_equal(x.o.format.len, SKIPS_MAX * 10 + LACKS_TEXT);
	box_free(&x);
}

static void
test_a_name_that_no_order_could_tell_is_refused(void **state)
{
	struct claim c = { .kind = CLAIM_FILING };
	char name[257];
	struct buf b;
	struct err err;
	struct box x;

	(void)state;
	files_new(&x);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	box_arrive(&x, "acme", "one.edi", "one");
	box_order(&x);
	claims_arrival(&b, 1, 0);
	c.u.filing = (struct claim_filing){ .number = 1,
		.kind = SLICE_LIT("declaration"),
		.lacks = slice_of(name) };
	claim_put(&b, &c);
	assert_int_equal(box_done(&x, &b, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claims: a file's name of 256 bytes, limit is 255");
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_hundred_missing_files_with_long_names_are_all_told),
		T(test_what_is_left_out_takes_no_room_from_what_never_came),
		T(test_a_name_that_no_order_could_tell_is_refused),
	};

	return TESTS_RUN(tests);
}
