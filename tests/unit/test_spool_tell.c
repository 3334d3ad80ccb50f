/*
 * tests/unit/test_spool_tell.c - what a filer is told of a hundred filings:
 * each release once; every reply again, as what it was, when he files them
 * again.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>

#define MANY 100 /* replies, one a filing */

/* A client's user: a file for each filing and for each answer. */
static void
client_new(struct box *x)
{
	box_new(x);
	x->partner[0].layout = LAYOUT_IMPORT_CLIENT;
	x->partner[0].decision_format = "cn-dec-result";
}

/* The next order that is to be read, all replies before it written. */
static void
read_next(struct box *x)
{
	struct claim c = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct err err;
	struct buf b;

	while (box_order(x)->kind != ORDER_READ) {
		buf_init(&b, 4096);
		claim_put(&b, &c);
		if (box_done(x, &b, &err) != RC_OK)
			fail_msg("%s", err.text);
		arena_rewind(x->mem);
	}
}

static void
filed(struct box *x, const char *name)
{
	struct buf b;
	struct err err;
	char key[16];

	box_arrive(x, "acme", name, "many");
	read_next(x);
	claims_arrival(&b, MANY, 0);
	for (uint32_t i = 1; i <= MANY; i++) {
		(void)snprintf(key, sizeof(key), "K%u", i);
		claims_filing(x, &b, i,
		    &(struct a_filing){
			.key = key, .content = key, .lane = key });
	}
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
answered(struct box *x, const char *key, const char *level, const char *outcome)
{
	assert_int_equal(box_receipt(x, "customs",
			     &(struct a_receipt){ .filer = key,
				 .status = "S",
				 .level = level,
				 .outcome = outcome,
				 .rank = 10,
				 .event_ms = WALL0 }),
	    RC_OK);
}

/* "Successed 101,..." of the replies to this file */
static const char *
told(struct box *x, const char *name)
{
	char sql[400];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT group_concat(said || ' ' || n) FROM (SELECT"
	    " substr(d.name, 1, instr(d.name, '_') - 1) AS said, count(*) AS n"
	    " FROM delivery d JOIN arrival a ON a.id = d.arrival WHERE"
	    " a.name = '%s' GROUP BY said ORDER BY said)",
	    name);
	return box_text(x, sql);
}

static const char all[] = "Receipt 1,Successed 101";

static void
all_told(struct box *x)
{
	client_new(x);
	filed(x, "one.xml");
	answered(x, "K1", "technical", "accepted");
	answered(x, "K3", "decision", "released");
	spool_orders_lost(x->s);
	assert_string_equal(told(x, "one.xml"), all);
}

static void
test_a_repeat_is_told_every_reply_once_more_as_what_it_was(void **state)
{
	struct box x;

	(void)state;
	all_told(&x);
	filed(&x, "two.xml");
	assert_string_equal(told(&x, "two.xml"), all);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery d JOIN arrival a ON"
			" a.id = d.arrival WHERE a.name = 'two.xml' AND"
			" d.state = 'ready' AND d.body <> 0"),
	    MANY + 2);
	box_free(&x);
}

/* Retention took one of the bodies: the repeat is told in new words. */
static void
test_a_repeat_of_replies_that_are_gone_is_told_afresh(void **state)
{
	struct box x;

	(void)state;
	all_told(&x);
	box_arrive(&x, "acme", "next.xml", "behind the replies");
	read_next(&x); /* they are written */
	box_sql(&x, "UPDATE delivery SET body = -1 WHERE body <> 0 AND"
		    " name LIKE 'Receipt_%' RETURNING 1");
	filed(&x, "two.xml");
	assert_string_equal(told(&x, "two.xml"), "Successed 100");
	box_free(&x);
}

static size_t
count_of(struct slice text, const char *word)
{
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++)
		n += memcmp(text.p + i, word, len) == 0;
	return n;
}

/* However many filings one status tells of. */
static void
test_a_status_tells_each_release_once(void **state)
{
	static const struct a_leg two[] = {
		{ .name = "one", .agency = "customs", .body = "<A/>" },
		{ .name = "two", .agency = "port", .body = "<B/>" },
	};
	struct a_part part[MANY];
	char key[MANY][16];
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	x.partner[0].together_ms = 600000;
	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(key[i], sizeof(key[i]), "K%u", i);
		part[i] = (struct a_part){ key[i], "", two, 2, NULL };
	}
	assert_int_equal(
	    joint_parts(&x, "acme", "a.edi", part, MANY, &err), RC_OK);
	for (unsigned int i = 0; i < MANY; i++)
		joint_answer(&x, "customs", key[i], NULL, "released", 60);
	for (unsigned int i = 0; i < MANY; i++)
		joint_answer(&x, "port", key[i], NULL, "released", 60);
	joint_order(&x, ORDER_REPLY);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(kind) FROM delivery WHERE"
			 " state = 'planned' AND partner = 'acme'"),
	    "status");
	/* both answers of each, and what they come to */
	assert_int_equal(count_of(x.o.input, ".outcome\treleased\n"), 3 * MANY);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_repeat_is_told_every_reply_once_more_as_what_it_was),
		T(test_a_repeat_of_replies_that_are_gone_is_told_afresh),
		T(test_a_status_tells_each_release_once),
	};

	return TESTS_RUN(tests);
}
