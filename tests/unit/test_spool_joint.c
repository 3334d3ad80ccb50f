/*
 * tests/unit/test_spool_joint.c - legs of one filing among each other: who
 * waits, who is planned again, what a further filing under the number does.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>

/* The next order is one to plan a leg again. */
static void
replan_next(struct box *x, struct replan_in *in)
{
	struct err err;

	joint_order(x, ORDER_REPLAN);
	assert_int_equal(replan_read(x->o.input, in, &err), RC_OK);
}

static bool
replan_none(struct box *x)
{
	return box_sql(x, "SELECT count(*) FROM leg WHERE wake <> 0") == 0;
}

static enum rc
replan_back(struct box *x, const struct replan_in *in, const char *body,
    const char *agency, struct err *err)
{
	struct claim c = { .kind = CLAIM_LEG };
	struct buf b;

	claims_arrival(&b, 0, 0);
	c.u.leg = (struct claim_leg){ .filing = in->filing,
		.id = x->o.ids,
		.name = in->leg,
		.agency = slice_of(agency),
		.format = in->format,
		.body = slice_of(body == NULL ? "" : body),
		.waits = body == NULL,
		.key_of = { { SLICE_LIT("filer"), SLICE_LIT("K1") } },
		.nkeys = body == NULL ? 0 : 1 };
	claim_put(&b, &c);
	return box_done(x, &b, err);
}

static const struct a_leg two[] = {
	{ .name = "first", .agency = "port", .body = "<A/>" },
	{ .name = "second", .agency = "customs", .waits = true },
};

static void
test_a_waiting_leg_is_planned_again_at_each_answer(void **state)
{
	static struct replan_in in;
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", two, 2, &err), RC_OK);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg WHERE name = 'second'"),
	    "waiting");
	assert_true(replan_none(&x));
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	box_again(&x, 1000); /* it is in the journal, not in memory */
	replan_next(&x, &in);
	test_slice_is(in.leg, "second");
	test_slice_is(in.original, "a.edi");
	assert_int_equal(in.nfacts, 2);
	test_slice_is(in.fact[0].name, "first");
	test_slice_is(in.fact[0].outcome, "accepted");
	/* an answer that comes while the order is out is not lost */
	{
		uint64_t order = x.order;
		struct order o = x.o;

		joint_answer(&x, "port", "K1", NULL, "released", 60);
		x.order = order;
		x.o = o;
	}
	assert_int_equal(replan_back(&x, &in, NULL, "customs", &err), RC_OK);
	replan_next(&x, &in);
	test_slice_is(in.fact[0].outcome, "released");
	assert_int_equal(replan_back(&x, &in, "<B/>", "customs", &err), RC_OK);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg WHERE name = 'second'"),
	    "bound");
	assert_true(replan_none(&x));
	/* its answers find it by the key of its message */
	joint_answer(&x, "customs", "K1", "P1", "accepted", 30);
	assert_string_equal(
	    box_text(&x, "SELECT outcome FROM leg WHERE name = 'second'"),
	    "accepted");
	box_free(&x);
}

static void
waits(struct box *x, uint64_t ms, bool ends)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct claim l = { .kind = CLAIM_LEG };
	struct err err;
	struct buf b;

	box_arrive(x, "acme", "w.edi", "w.edi");
	joint_order(x, ORDER_READ);
	c.u.filing = (struct claim_filing){ .number = 1,
		.kind = SLICE_LIT("declaration"),
		.key = SLICE_LIT("W1"),
		.label = SLICE_LIT("W1") };
	l.u.leg = (struct claim_leg){ .filing = 1,
		.name = SLICE_LIT("second"),
		.agency = SLICE_LIT("customs"),
		.format = SLICE_LIT("cn-dec"),
		.lane = SLICE_LIT("W1"),
		.waits = true,
		.waits_for = SLICE_LIT("first, third"),
		.wait_ms = ms,
		.wait_ends = ends,
		.gates = true,
		.together = true };
	claims_arrival(&b, 1, 0);
	claim_put(&b, &c);
	claim_put(&b, &l);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static const char *
told_status(struct box *x)
{
	for (;;) {
		struct order *o = box_order(x);
		struct claim body = { .kind = CLAIM_BODY,
			.u.body = { .body = SLICE_LIT("written") } };
		const char *text = arena_str(x->mem, o->input);
		bool status = strstr(text, "kind	status") != NULL;
		struct err err;
		struct buf b;

		buf_init(&b, 1u << 20);
		claim_put(&b, &body);
		if (box_done(x, &b, &err) != RC_OK)
			fail_msg("%s", err.text);
		if (status)
			return text;
	}
}

static void
test_a_leg_waits_as_long_as_it_may_and_its_filer_is_told(void **state)
{
	static const char second[] =
	    "SELECT state FROM leg WHERE name = 'second'";
	struct box x;

	(void)state;
	box_new(&x);
	waits(&x, 3600000, false);
	box_due(&x, 1800000);
	box_due(&x, 1700000);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 0);
	box_again(&x, 1000); /* the time is in the journal */
	box_due(&x, 70000);  /* and what lies there comes first */
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 0);
	box_due(&x, 100000);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	assert_string_equal(box_text(&x, second), "waiting");
	assert_non_null(strstr(
	    told_status(&x), "its time is over, it waits for: first, third"));
	box_due(&x, 7200000); /* once */
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	box_free(&x);

	box_new(&x);
	waits(&x, 3600000, true);
	box_due(&x, 61000);
	box_due(&x, 3600000);
	assert_string_equal(box_text(&x, second), "expired");
	assert_non_null(strstr(told_status(&x),
	    "given up after its time, without an answer of: first, third"));
	assert_int_equal(
	    box_sql(&x,
		"SELECT count(*) FROM event WHERE line LIKE '%leg.waited%'"),
	    1);
	/* it never went out: the number may be filed again */
	waits(&x, 0, false);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE "
				     "state = 'waiting' AND wait_t = 0"),
	    1);
	box_free(&x);
}

/* Whoever stood behind it in the lane needs no other event to go. */
static void
test_a_leg_that_is_given_up_after_its_wait_frees_its_lane(void **state)
{
	static const char behind[] = "SELECT state FROM leg WHERE name <> "
				     "'second'";
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	waits(&x, 3600000, true);
	box_file(&x, "b.edi",
	    &(struct a_filing){ .key = "B1", .content = "b", .lane = "W1" });
	box_due(&x, 61000);
	assert_string_equal(box_text(&x, behind), "written");
	box_due(&x, 3600000);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg WHERE name = 'second'"),
	    "expired");
	assert_string_equal(box_text(&x, behind), "bound");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg l JOIN delivery d ON"
			" d.id = l.delivery WHERE d.state = 'ready'"),
	    1);
	box_free(&x);
}

static void
test_another_leg_than_was_asked_for_is_a_lie(void **state)
{
	static struct replan_in in;
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", two, 2, &err), RC_OK);
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	replan_next(&x, &in);
	assert_int_equal(
	    replan_back(&x, &in, "<B/>", "port", &err), RC_REFUSED);
	assert_non_null(strstr(err.text, "another leg"));
	/* the third death is for the operator; the other leg goes on */
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		struct step st;

		if (i > 0)
			replan_next(&x, &in);
		order_failed(x.b, x.order, "killed", &st);
		box_commit(&x);
		assert_int_equal(st.rc, RC_OK);
	}
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg WHERE name = 'second'"),
	    "held");
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg WHERE name = 'first'"),
	    "answered");
	box_free(&x);
}

static void
test_two_legs_of_one_name_are_a_lie(void **state)
{
	static const struct a_leg same[] = {
		{ .name = "x", .agency = "port", .body = "<A/>" },
		{ .name = "x", .agency = "customs", .body = "<B/>" },
	};
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", same, 2, &err),
	    RC_REFUSED);
	assert_non_null(strstr(err.text, "have one name"));
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 0);
	box_free(&x);
}

static void
test_filed_again_reaches_only_the_leg_that_was_returned(void **state)
{
	static const struct a_leg legs[] = {
		{ .name = "first", .agency = "port", .body = "<A/>" },
		{ .name = "second",
		    .agency = "customs",
		    .body = "<B/>",
		    .wants = "platform" },
	};
	static struct replan_in in;
	struct delivery_out d;
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", legs, 2, &err), RC_OK);
	while (box_deliver(&x, &d))
		box_publish(&x, d.id);
	joint_answer(&x, "port", "K1", "Q7", "released", 60);
	joint_answer(&x, "customs", "K1", "P1", "returned", 55);
	assert_int_equal(
	    joint_file(&x, "acme", "b.edi", "K1", "", legs, 2, &err), RC_OK);
	/* one leg more, and it waits for the number it is to carry */
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 3);
	replan_next(&x, &in);
	test_slice_is(in.leg, "second");
	assert_int_equal(in.nkeys, 2);
	test_slice_is(in.key_of[1].name, "platform");
	test_slice_is(in.key_of[1].text, "P1");
	test_slice_is(in.original, "b.edi");
	assert_int_equal(replan_back(&x, &in, "<C/>", "customs", &err), RC_OK);
	/* what comes by the platform's number alone finds the new one */
	joint_answer(&x, "customs", NULL, "P1", "released", 60);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE prev <> 0 AND "
			"outcome = 'released'"),
	    1);
	assert_int_equal(
	    joint_file(&x, "acme", "b.edi", "K1", "", legs, 2, &err), RC_OK);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM filing ORDER BY id DESC LIMIT 1"),
	    "repeat");
	box_free(&x);
}

static void
test_a_change_goes_where_something_changed(void **state)
{
	static const struct a_leg before[] = {
		{ .name = "first", .agency = "port", .body = "<A/>" },
		{ .name = "second", .agency = "customs", .body = "<B/>" },
	};
	static const struct a_leg after[] = {
		{ .name = "first",
		    .agency = "port",
		    .body = "<A2/>",
		    .tells = true,
		    .content = 1 },
		{ .name = "second", .agency = "customs", .body = "<B/>" },
	};
	static const struct a_leg mute[] = {
		{ .name = "first",
		    .agency = "port",
		    .body = "<A3/>",
		    .content = 2 },
		{ .name = "second", .agency = "customs", .body = "<B/>" },
	};
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "c.edi", "K1", "change", before, 2, &err),
	    RC_OK);
	assert_string_equal(
	    box_text(&x, "SELECT why FROM filing"), "nothing-to-amend");
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", before, 2, &err), RC_OK);
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	joint_answer(&x, "customs", "K1", NULL, "accepted", 30);
	assert_int_equal(
	    joint_file(&x, "acme", "m.edi", "K1", "change", mute, 2, &err),
	    RC_OK);
	assert_string_equal(
	    box_text(&x, "SELECT why FROM filing ORDER BY id DESC LIMIT 1"),
	    "cannot-amend first");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 2);
	assert_int_equal(
	    joint_file(&x, "acme", "b.edi", "K1", "change", after, 2, &err),
	    RC_OK);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 3);
	assert_string_equal(
	    box_text(&x, "SELECT name FROM leg WHERE prev <> 0"), "first");
	box_free(&x);
}

/* An answer in a format that answers those, in a file of that name. */
static void
answer_as(struct box *x, const char *platform, const char *answers,
    const char *name, const char *outcome)
{
	struct claim c = { .kind = CLAIM_RECEIPT };
	struct err err;
	struct buf b;

	box_arrive(x, "customs", name, name);
	joint_order(x, ORDER_READ);
	claims_arrival(&b, 0, 1);
	c.u.receipt = (struct claim_receipt){ .number = 1,
		.key_of = { { SLICE_LIT("filer"), SLICE_LIT("K1") },
		    { SLICE_LIT("platform"), slice_of(platform) } },
		.nkeys = platform[0] != '\0' ? 2 : 1,
		.status = slice_of(name),
		.level = SLICE_LIT("decision"),
		.outcome = slice_of(outcome),
		.rank = 30,
		.answers = slice_of(answers) };
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static int64_t
outcomes_are(struct box *x, const char *first, const char *second)
{
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT (SELECT outcome FROM leg WHERE name = 'first') = '%s' AND "
	    "(SELECT outcome FROM leg WHERE name = 'second') = '%s'",
	    first, second);
	return box_sql(x, sql);
}

static void
test_two_legs_at_one_agency_are_told_apart(void **state)
{
	static const struct a_leg legs[] = {
		{ .name = "first",
		    .agency = "customs",
		    .body = "<A/>",
		    .file = "I_K1_t-1.xml" },
		{ .name = "second",
		    .agency = "customs",
		    .body = "<B/>",
		    .format = "sw-xml",
		    .file = "danger-K1.xml" },
	};
	static const char held[] =
	    "SELECT count(*) FROM receipt WHERE state = 'held'";
	struct delivery_out d;
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	x.partner[1].submit[x.partner[1].nsubmit++] = (struct conf_submit){
		.document = "declaration", .format = "sw-xml", .window = 10
	};
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", legs, 2, &err), RC_OK);
	while (box_deliver(&x, &d))
		box_publish(&x, d.id);
	/* by what the answer's format answers */
	answer_as(&x, "", "cn-dec", "r1.xml", "accepted");
	assert_int_equal(outcomes_are(&x, "accepted", ""), 1);
	answer_as(&x, "P1", "cn-dec", "r2.xml", "reviewed");
	/* by a number that the other has otherwise */
	answer_as(&x, "P2", "cn-dec,sw-xml", "r3.xml", "accepted");
	assert_int_equal(outcomes_are(&x, "reviewed", "accepted"), 1);
	assert_int_equal(box_sql(&x, held), 0);
	/* by the name of what was sent; not by a part of it */
	answer_as(&x, "", "", "re_danger-K1_1.xml", "inspection");
	assert_int_equal(outcomes_are(&x, "reviewed", "inspection"), 1);
	answer_as(&x, "", "", "danger-K10.xml", "inspection");
	assert_int_equal(box_sql(&x, held), 1);
	/* what says nothing of the kind is for a person */
	answer_as(&x, "", "cn-dec,sw-xml", "r4.xml", "inspection");
	assert_int_equal(box_sql(&x, held), 2);
	assert_int_equal(outcomes_are(&x, "reviewed", "inspection"), 1);
	box_free(&x);
}

static void
test_one_number_of_two_filers_is_held_and_moves_no_leg(void **state)
{
	struct box x;
	struct err err;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", two, 2, &err), RC_OK);
	assert_int_equal(
	    joint_file(&x, "other", "b.edi", "K1", "", two, 2, &err), RC_OK);
	joint_answer(&x, "port", "K1", NULL, "released", 60);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM receipt WHERE state = "
			"'held' AND partner = 'port'"),
	    1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE answers > 0"), 0);
	assert_true(replan_none(&x));
	/* another agency's answer under the number moves nobody here */
	joint_answer(&x, "customs", "K1", NULL, "released", 60);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE answers > 0"), 0);
	box_free(&x);
}

/* It is written with what others answer, once it may: not by the first words.
 */
static void
test_one_that_is_held_unwritten_stays_so_when_its_file_is_read_again(
    void **state)
{
	struct a_filing f = {
		.key = "K1", .content = "K1", .file_name = "K1.xml"
	};
	struct buf b;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "a.edi", &f);
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"UPDATE leg SET state = 'held', delivery = 0, body_len = 0,"
		" key1 = NULL, keys = ''; DELETE FROM delivery;"
		"UPDATE arrival SET state = 'accepted', redo = 1, ids = 0",
		NULL, NULL, NULL),
	    SQLITE_OK);
	spool_orders_lost(x.s);
	assert_int_equal(box_order(&x)->kind, ORDER_READ);
	claims_arrival(&b, 1, 0);
	claims_filing(&x, &b, 1, &f);
	if (box_done(&x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	assert_int_equal(box_sql(&x, "SELECT body_len FROM leg"), 0);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_that_is_held_unwritten_stays_so_when_its_file_is_read_again),
		T(test_a_waiting_leg_is_planned_again_at_each_answer),
		T(test_a_leg_waits_as_long_as_it_may_and_its_filer_is_told),
		T(test_a_leg_that_is_given_up_after_its_wait_frees_its_lane),
		T(test_another_leg_than_was_asked_for_is_a_lie),
		T(test_two_legs_of_one_name_are_a_lie),
		T(test_filed_again_reaches_only_the_leg_that_was_returned),
		T(test_a_change_goes_where_something_changed),
		T(test_two_legs_at_one_agency_are_told_apart),
		T(test_one_number_of_two_filers_is_held_and_moves_no_leg),
	};

	return TESTS_RUN(tests);
}
