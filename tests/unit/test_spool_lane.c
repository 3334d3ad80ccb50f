/*
 * tests/unit/test_spool_lane.c - a leg meets an answer, a person or a further
 * filing while it is not out: it keeps its place in its lane, what is said of
 * it finds it, and nothing that has ended comes back.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>

static void
filed(struct box *x, const char *name, const char *amends,
    const struct a_leg *leg, unsigned int n)
{
	struct err err;

	if (joint_file(x, "acme", name, "K1", amends, leg, n, &err) != RC_OK)
		fail_msg("%s: %s", name, err.text);
}

/* The states of the legs called "only", the oldest first. */
static void
legs_are(struct box *x, const char *states)
{
	assert_string_equal(
	    box_text(x, "SELECT group_concat(state, ',') FROM (SELECT state"
			" FROM leg WHERE name = 'only' ORDER BY id)"),
	    states);
}

static struct a_leg
version(uint8_t content)
{
	return (struct a_leg){ .name = "only",
		.agency = "customs",
		.body = "<A/>",
		.tells = true,
		.content = content };
}

static void
test_what_stands_for_another_waits_behind_what_that_one_waited_for(void **state)
{
	struct a_leg leg[] = { version(1), version(2), version(3) };
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", &leg[0], 1);
	assert_true(box_deliver(&x, &d));
	filed(&x, "b.edi", "change", &leg[1], 1);
	legs_are(&x, "bound,written");
	filed(&x, "c.edi", "change", &leg[2], 1);
	legs_are(&x, "bound,cancelled,written");
	box_publish(&x, d.id);
	legs_are(&x, "bound,cancelled,bound");
	box_free(&x);
}

/* The leg that is planned again is told to go. */
static void
written(struct box *x)
{
	static struct replan_in in;
	struct claim c = { .kind = CLAIM_LEG };
	struct err err;
	struct buf b;

	assert_int_equal(replan_read(x->o.input, &in, &err), RC_OK);
	claims_arrival(&b, 0, 0);
	c.u.leg = (struct claim_leg){ .filing = in.filing,
		.id = x->o.ids,
		.name = in.leg,
		.agency = in.agency,
		.format = in.format,
		.body = SLICE_LIT("<C/>"),
		.key_of = { { SLICE_LIT("filer"), SLICE_LIT("K1") } },
		.nkeys = 1 };
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

/*
 * The agency told a number meanwhile, by which it may say more of what it had:
 * that is no answer to what it has not seen yet.
 */
static void
test_an_answer_finds_a_leg_that_waits_to_be_written(void **state)
{
	static const struct a_leg legs[] = {
		{ .name = "other", .agency = "port", .body = "<A/>" },
		{ .name = "only",
		    .agency = "customs",
		    .body = "<B/>",
		    .wants = "platform" },
	};
	struct delivery_out d;
	struct order out;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", legs, 2);
	while (box_deliver(&x, &d))
		box_publish(&x, d.id);
	joint_answer(&x, "customs", "K1", "P1", "returned", 55);
	filed(&x, "b.edi", "", legs, 2);
	legs_are(&x, "answered,waiting");
	joint_order(&x, ORDER_REPLAN);
	out = x.o;
	joint_answer(&x, "customs", NULL, "P1", "refused", 56);
	legs_are(&x, "answered,waiting");
	/* it was not out: that spoke of the one before */
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'waiting' AND"
			" answers = 1 AND outcome = ''"),
	    1);
	x.o = out;
	x.order = out.id;
	written(&x);
	legs_are(&x, "answered,bound");
	joint_answer(&x, "customs", NULL, "P1", "accepted", 30);
	legs_are(&x, "answered,answered");
	box_free(&x);
}

/* Its place was taken while convert was at it, and convert dies of it. */
static void
test_a_leg_that_has_ended_is_not_held_by_a_death(void **state)
{
	static const struct a_leg legs[] = {
		{ .name = "other", .agency = "port", .body = "<A/>" },
		{ .name = "only", .agency = "customs", .waits = true },
	};
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", legs, 2);
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		uint64_t order;

		joint_order(&x, ORDER_REPLAN);
		order = x.order;
		if (i + 1 == SPOOL_ATTEMPTS)
			filed(&x, "b.edi", "cancel", legs, 2);
		order_failed(x.b, order, "killed", &st);
		box_commit(&x);
		assert_int_equal(st.rc, RC_OK);
	}
	legs_are(&x, "cancelled");
	assert_true(box_no_order(&x));
	box_free(&x);
}

static void
test_answers_find_what_was_filed_anew_after_a_cancellation(void **state)
{
	struct a_leg leg[] = { version(1), version(2) };
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", &leg[0], 1);
	filed(&x, "b.edi", "cancel", &leg[0], 1);
	legs_are(&x, "cancelled");
	filed(&x, "c.edi", "", &leg[1], 1);
	legs_are(&x, "cancelled,bound");
	joint_answer(&x, "customs", "K1", NULL, "accepted", 30);
	legs_are(&x, "cancelled,answered");
	box_free(&x);
}

/* A ship, a bill of many: it tells none apart, the others beside it do. */
static void
test_a_key_that_many_legs_bear_hinders_no_answer(void **state)
{
	struct a_receipt r = { .filer = "K10",
		.platform = "SHIP",
		.status = "1",
		.level = "decision",
		.outcome = "accepted" };
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	for (int i = 0; i < 20; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "K%02d", i);
		box_key(&x, key);
	}
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"INSERT INTO legkey SELECT 'customs', 'platform' ||"
		" char(29) || 'SHIP', id FROM leg",
		NULL, NULL, NULL),
	    SQLITE_OK);
	box_receipt(&x, "customs", &r);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(substr(key1, 7)) FROM leg WHERE"
			 " state = 'answered'"),
	    "K10");
	r.filer = NULL; /* nobody can say whose this is */
	box_receipt(&x, "customs", &r);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM receipt WHERE state = 'held'"),
	    1);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_stands_for_another_waits_behind_what_that_one_waited_for),
		T(test_an_answer_finds_a_leg_that_waits_to_be_written),
		T(test_a_leg_that_has_ended_is_not_held_by_a_death),
		T(test_a_key_that_many_legs_bear_hinders_no_answer),
		T(test_answers_find_what_was_filed_anew_after_a_cancellation),
	};

	return TESTS_RUN(tests);
}
