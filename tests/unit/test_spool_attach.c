/*
 * tests/unit/test_spool_attach.c - filings that wait for files they name: what
 * becomes of them when the files do not come, or when they kill their reader.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "spool/order.h"

#define WITHIN_MS 600000
#define MANY      100

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

static unsigned int
count_of(struct slice text, const char *what)
{
	size_t len = strlen(what);
	unsigned int n = 0;

	for (size_t i = 0; i + len <= text.len; i++)
		n += memcmp(text.p + i, what, len) == 0;
	return n;
}

static void
read_many(struct box *x, unsigned int *told)
{
	struct buf b;
	struct err err;

	assert_true(read_next(x));
	claims_arrival(&b, MANY, 0);
	*told = 0;
	for (uint32_t n = 1; n <= MANY; n++) {
		*told += line_has(x->o.format, long_name(n));
		filing_put(x, &b, n, long_name(n));
	}
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
test_a_hundred_missing_files_with_long_names_are_all_told(void **state)
{
	struct box x;
	struct err err;
	unsigned int told;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "many.edi", "a hundred of them");
	read_many(&x, &told);
	assert_string_equal(states_of(&x), "waiting 100");
	box_due(&x, WITHIN_MS);
	box_due(&x, 3000);
	read_many(&x, &told);
	assert_int_equal(told, LACKS_TEXT / 200);
	assert_string_equal(states_of(&x), "refused 100");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM arrival WHERE wait_t <> 0"), 0);
	/* once, and by their names, whoever found that they did not come */
	spool_orders_lost(x.s);
	assert_int_equal(spool_next_order(x.s, &x.o, x.mem, &err), RC_OK);
	assert_int_equal(x.o.kind, ORDER_REPLY);
	assert_int_equal(count_of(x.o.input, "which did not come within 600 s"),
	    MANY - told);
	for (uint32_t n = told + 1; n <= MANY; n++)
		assert_int_equal(count_of(x.o.input, long_name(n)) > 0, true);
	assert_int_equal(spool_next_order(x.s, &x.o, x.mem, &err), RC_LATER);
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

/* Two read again; the second kills its reader, as often as it is handed out. */
static void
test_one_that_waits_and_kills_its_reader_is_held_and_told(void **state)
{
	struct buf b;
	struct step st;
	struct err err;
	struct box x;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "two.edi", "one two");
	assert_true(read_next(&x));
	claims_arrival(&b, 2, 0);
	filing_put(&x, &b, 1, "a.pdf");
	filing_put(&x, &b, 2, "b.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	box_due(&x, WITHIN_MS);
	box_due(&x, 3000);
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		assert_true(read_next(&x));
		order_failed(x.b, x.order, "killed at filing 2", &st);
		box_commit(&x);
	}
	assert_true(read_next(&x));
	test_slice_is(x.o.format, "2\na.pdf\nb.pdf");
	claims_arrival(&b, 1, 0);
	filing_put(&x, &b, 1, "a.pdf");
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(state || ' ' || key || ' ' ||"
			 " why) FROM (SELECT * FROM filing ORDER BY number)"),
	    "refused K1 ,held K2 poison");
	assert_int_equal(
	    box_sql(&x, "SELECT filings FROM arrival WHERE wait_t = 0"), 2);
	spool_orders_lost(x.s);
	box_order(&x);
	assert_int_equal(x.o.kind, ORDER_REPLY);
	assert_non_null(
	    memmem(x.o.input.p, x.o.input.len, "E0404", strlen("E0404")));
	box_free(&x);
}

/* What was decided before it was read again stays, though it kills now. */
static void
test_one_that_was_decided_stays_so_when_it_is_left_out(void **state)
{
	struct buf b;
	struct step st;
	struct err err;
	struct box x;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "two.edi", "one two");
	assert_true(read_next(&x));
	claims_arrival(&b, 2, 0);
	filing_put(&x, &b, 1, NULL);
	filing_put(&x, &b, 2, "b.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	box_arrive(&x, "acme", "b.pdf", "the file");
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		assert_true(read_next(&x));
		order_failed(x.b, x.order, "killed at filing 1", &st);
		box_commit(&x);
	}
	assert_true(read_next(&x));
	claims_arrival(&b, 1, 0);
	filing_put(&x, &b, 2, NULL);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_string_equal(states_of(&x), "taken 2");
	box_free(&x);
}

/* As an operator does it. */
static void
redo(struct box *x, const char *name)
{
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE arrival SET state = 'accepted', ids = 0, skip = '',"
	    " lacks = '', wait_t = 0, again = 0, redo = 1 WHERE name = '%s'"
	    " RETURNING 1",
	    name);
	assert_int_equal(box_sql(x, sql), 1);
	spool_orders_lost(x->s);
}

static void
test_one_that_kills_its_reader_when_it_is_redone_is_held_as_itself(void **state)
{
	struct buf b;
	struct step st;
	struct err err;
	struct box x;
	int64_t id;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "two.edi", "one two");
	assert_true(read_next(&x));
	claims_arrival(&b, 2, 0);
	filing_put(&x, &b, 1, NULL);
	claims_filing(
	    &x, &b, 2, &(struct a_filing){ .key = "K2", .refused = true });
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	id = box_sql(&x, "SELECT id FROM filing WHERE number = 2");
	redo(&x, "two.edi");
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		assert_true(read_next(&x));
		order_failed(x.b, x.order, "killed at filing 2", &st);
		box_commit(&x);
	}
	assert_true(read_next(&x));
	claims_arrival(&b, 1, 0);
	filing_put(&x, &b, 1, NULL);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_string_equal(states_of(&x), "held 1,taken 1");
	assert_int_equal(
	    box_sql(&x, "SELECT id FROM filing WHERE why = 'poison'"), id);
	box_free(&x);
}

/* The document keeps it, and nobody is told that nobody named it. */
static void
test_a_file_that_is_read_again_stays_its_documents(void **state)
{
	struct claim c = { .kind = CLAIM_ARRIVAL };
	struct buf b;
	struct err err;
	struct box x;
	uint64_t doc;

	(void)state;
	files_new(&x);
	doc = box_arrive(&x, "acme", "one.edi", "one");
	box_arrive(&x, "acme", "b.pdf", "the file");
	assert_true(read_next(&x));
	claims_arrival(&b, 1, 0);
	filing_put(&x, &b, 1, "b.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	assert_string_equal(states_of(&x), "taken 1");
	redo(&x, "b.pdf");
	assert_true(read_next(&x));
	c.u.arrival.format = SLICE_LIT("attachment");
	buf_init(&b, 4096);
	claim_put(&b, &c);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	box_due(&x, 2 * WITHIN_MS);
	assert_int_equal(
	    box_sql(&x, "SELECT used FROM arrival WHERE name = 'b.pdf'"), doc);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery WHERE"
				     " kind = 'findings'"),
	    0);
	box_free(&x);
}

/* One document under the number K1, and a file that it names. */
static void
filed_with(struct box *x, const char *name, const char *bytes)
{
	struct buf b;
	struct err err;

	box_arrive(x, "acme", name, name);
	box_arrive(x, "acme", "b.pdf", bytes);
	assert_true(read_next(x));
	claims_arrival(&b, 1, 0);
	filing_put(x, &b, 1, "b.pdf");
	assert_int_equal(box_done(x, &b, &err), RC_OK);
	box_due(x, 2 * WITHIN_MS);
}

/* Only that: with other bytes, or without a document, nobody has it. */
static void
test_a_file_that_comes_again_with_its_document_is_no_mistake(void **state)
{
	static const char findings[] =
	    "SELECT count(*) FROM delivery WHERE kind = 'findings'";
	struct box x;

	(void)state;
	files_new(&x);
	filed_with(&x, "one.edi", "the file");
	filed_with(&x, "again.edi", "the file");
	assert_string_equal(states_of(&x), "repeat 1,taken 1");
	assert_int_equal(box_sql(&x, findings), 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM event WHERE line"
				     " LIKE '% arrival.repeated %'"),
	    1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM arrival WHERE wait_t <> 0"), 0);
	filed_with(&x, "other.edi", "other bytes");
	assert_string_equal(states_of(&x), "repeat 2,taken 1");
	assert_int_equal(box_sql(&x, findings), 1);
	box_arrive(&x, "acme", "b.pdf", "the file");
	box_due(&x, 2 * WITHIN_MS);
	assert_int_equal(box_sql(&x, findings), 2);
	box_free(&x);
}

/* What is held waits for an operator, and nobody looks for it all the time. */
static void
test_one_that_is_held_while_it_waits_is_not_looked_for(void **state)
{
	struct box x;
	struct buf b;
	struct step st;
	struct err err;
	int64_t at;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "one.edi", "one");
	assert_true(read_next(&x));
	claims_arrival(&b, 1, 0);
	filing_put(&x, &b, 1, "a.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	box_due(&x, WITHIN_MS);
	box_due(&x, 3000);
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		assert_true(read_next(&x));
		order_failed(x.b, x.order, "killed somewhere", &st);
		box_commit(&x);
	}
	assert_string_equal(box_text(&x, "SELECT state FROM arrival"), "held");
	box_due(&x, 1000);
	spool_due(x.s, x.b, &at);
	assert_true(at > spool_time(x.s) + 5000);
	box_free(&x);
}

/* Read again with mappings that do not know it any more. */
static void
test_one_that_waits_and_is_not_found_again_is_held(void **state)
{
	struct claim c = { .kind = CLAIM_ARRIVAL };
	struct buf b;
	struct err err;
	struct box x;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "two.edi", "one two");
	assert_true(read_next(&x));
	claims_arrival(&b, 2, 0);
	filing_put(&x, &b, 1, NULL);
	filing_put(&x, &b, 2, "b.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	box_arrive(&x, "acme", "b.pdf", "the file");
	assert_true(read_next(&x));
	c.u.arrival.refused = true;
	buf_init(&b, 4096);
	claim_put(&b, &c);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_string_equal(states_of(&x), "held 1,taken 1");
	box_free(&x);
}

/* An operator has the file read again, for another filing in it. */
static void
test_one_that_waits_and_is_not_found_when_it_is_redone_is_held(void **state)
{
	struct claim c = { .kind = CLAIM_ARRIVAL };
	struct buf b;
	struct err err;
	struct box x;

	(void)state;
	files_new(&x);
	box_arrive(&x, "acme", "two.edi", "one two");
	assert_true(read_next(&x));
	claims_arrival(&b, 2, 0);
	claims_filing(
	    &x, &b, 1, &(struct a_filing){ .key = "K1", .refused = true });
	filing_put(&x, &b, 2, "b.pdf");
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	redo(&x, "two.edi");
	assert_true(read_next(&x));
	c.u.arrival.refused = true;
	buf_init(&b, 4096);
	claim_put(&b, &c);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_string_equal(states_of(&x), "held 1,refused 1");
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_hundred_missing_files_with_long_names_are_all_told),
		T(test_what_is_left_out_takes_no_room_from_what_never_came),
		T(test_a_name_that_no_order_could_tell_is_refused),
		T(test_one_that_waits_and_kills_its_reader_is_held_and_told),
		T(test_one_that_was_decided_stays_so_when_it_is_left_out),
		T(test_one_that_kills_its_reader_when_it_is_redone_is_held_as_itself),
		T(test_a_file_that_is_read_again_stays_its_documents),
		T(test_a_file_that_comes_again_with_its_document_is_no_mistake),
		T(test_one_that_is_held_while_it_waits_is_not_looked_for),
		T(test_one_that_waits_and_is_not_found_again_is_held),
		T(test_one_that_waits_and_is_not_found_when_it_is_redone_is_held),
	};

	return TESTS_RUN(tests);
}
