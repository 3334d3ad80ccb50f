/*
 * tests/unit/test_spool_lane.c - a leg meets an answer, a person or a further
 * filing while it is not out: it keeps its place in its lane, what is said of
 * it finds it, and nothing that has ended comes back.
 */
#include "tests/unit/joint_test.h"
#include "spool/operate.h"
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

static void
still_waits(struct box *x)
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
		.waits = true };
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static const struct a_leg waiting[] = {
	{ .name = "other", .agency = "port", .body = "<A/>" },
	{ .name = "only", .agency = "customs", .waits = true, .content = 1 },
};

/* The very first answer comes while convert still has what was before it. */
static void
test_an_answer_while_a_changed_leg_is_planned_is_not_lost(void **state)
{
	struct a_leg changed[] = { waiting[0], waiting[1] };
	struct order out;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", waiting, 2);
	changed[1].content = 2;
	filed(&x, "b.edi", "change", changed, 2);
	legs_are(&x, "cancelled,waiting");
	joint_order(&x, ORDER_REPLAN);
	out = x.o;
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	x.o = out;
	x.order = out.id;
	still_waits(&x);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE wake <> 0"), 1);
	joint_order(&x, ORDER_REPLAN);
	still_waits(&x);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE wake <> 0"), 0);
	box_free(&x);
}

/* Before its filing, by a number that was known elsewhere. */
static void
test_an_answer_that_was_there_first_wakes_who_waits_for_it(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	joint_answer(&x, "port", "K1", NULL, "accepted", 30);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM receipt"), 1);
	filed(&x, "a.edi", "", waiting, 2);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
				     " outcome = 'accepted'"),
	    1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE wake <> 0"), 1);
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

/* The leg that none of the changes touched is the filing's all the same. */
static void
test_what_was_changed_a_hundred_times_is_cancelled_whole(void **state)
{
	struct a_leg leg[] = {
		{ .name = "only", .agency = "port", .body = "<A/>" },
		{ .name = "other", .agency = "customs", .body = "<B/>" },
	};
	char name[16];
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed(&x, "a.edi", "", leg, 2);
	for (unsigned int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "%u.edi", i);
		leg[1].content = (uint8_t)(i + 1);
		filed(&x, name, "change", leg, 2);
	}
	legs_are(&x, "bound");
	filed(&x, "z.edi", "cancel", leg, 2);
	legs_are(&x, "cancelled");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'bound'"), 0);
	box_free(&x);
}

/* --- who stands behind it --- */

static struct a_leg
in_lane(const char *body)
{
	return (struct a_leg){
		.name = "only", .agency = "customs", .body = body, .lane = "one"
	};
}

static void
filed_key(struct box *x, const char *name, const char *key, const char *amends,
    struct a_leg leg)
{
	struct err err;

	if (joint_file(x, "acme", name, key, amends, &leg, 1, &err) != RC_OK)
		fail_msg("%s: %s", name, err.text);
}

/* The one behind it is the first of the lane now, and nothing else moves it. */
static void
test_a_change_lets_those_go_that_stood_behind_what_it_changed(void **state)
{
	struct a_leg leg = in_lane("<A/>"), other = in_lane("<B/>");
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed_key(&x, "a.edi", "K1", "", leg);
	filed_key(&x, "b.edi", "K2", "", other);
	legs_are(&x, "bound,written");
	leg.content = 7;
	filed_key(&x, "c.edi", "K1", "change", leg);
	legs_are(&x, "cancelled,bound,written");
	box_free(&x);
}

static void
sql_run(struct box *x, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(x->s->j.db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

/* Hundreds that wait for something else stand before it. */
static void
test_no_lane_waits_for_another(void **state)
{
	struct a_leg leg = in_lane("<A/>"), other = in_lane("<B/>");
	struct delivery_out first, second;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed_key(&x, "a.edi", "K1", "", leg);
	assert_true(box_deliver(&x, &first));
	filed_key(&x, "b.edi", "K2", "", leg);
	sql_run(&x, "CREATE TEMP TABLE t AS SELECT * FROM leg WHERE"
		    " state = 'written'");
	for (int i = 1; i <= 500; i++) {
		char sql[200];

		(void)snprintf(sql, sizeof(sql),
		    "UPDATE t SET id = id + 1, key1 = NULL, filing = %d;"
		    "INSERT INTO leg SELECT * FROM t",
		    i);
		sql_run(&x, sql);
	}
	clock_move(&x.clock, 60000); /* ids are drawn by time */
	other.file = other.lane = "two";
	filed_key(&x, "c.edi", "K3", "", other);
	assert_true(box_deliver(&x, &second));
	filed_key(&x, "d.edi", "K4", "", other);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
				     " state = 'written' AND lane = 'two'"),
	    1);
	box_publish(&x, second.id);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
				     " state = 'written' AND lane = 'two'"),
	    0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
				     " state = 'written' AND lane = 'one'"),
	    501);
	box_free(&x);
}

/* A route was taken away when its turn came: it goes when that is back. */
static void
test_a_leg_without_a_route_goes_when_there_is_one(void **state)
{
	struct a_leg leg = in_lane("<A/>");
	struct delivery_out d;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed_key(&x, "a.edi", "K1", "", leg);
	filed_key(&x, "b.edi", "K2", "", leg);
	assert_true(box_deliver(&x, &d));
	x.partner[1].nsubmit = 0;
	box_publish(&x, d.id);
	legs_are(&x, "bound,written");
	assert_int_equal(
	    spool_generation(x.s, &x.conf, 7, SLICE_LIT("m"), &err), RC_OK);
	legs_are(&x, "bound,written");
	x.partner[1].nsubmit = 1;
	assert_int_equal(
	    spool_generation(x.s, &x.conf, 8, SLICE_LIT("m"), &err), RC_OK);
	legs_are(&x, "bound,bound");
	box_free(&x);
}

/* More than one step lets go have none; who stands behind them has one. */
static void
test_those_without_a_route_keep_nobody_from_his(void **state)
{
	struct a_leg leg = in_lane("<A/>");
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	filed_key(&x, "a.edi", "K1", "", leg);
	sql_run(&x, "UPDATE leg SET state = 'written', lane = '', delivery = 0;"
		    "DELETE FROM delivery;"
		    "CREATE TEMP TABLE t AS SELECT * FROM leg;"
		    "UPDATE leg SET format = 'gone'");
	for (int i = 0; i < 2200; i++) {
		sql_run(&x, "UPDATE t SET id = id + 1, key1 = NULL, format ="
			    " 'gone'; INSERT INTO leg SELECT * FROM t");
	}
	sql_run(&x, "UPDATE t SET id = id + 1, format = 'cn-dec';"
		    "INSERT INTO leg SELECT * FROM t");
	assert_int_equal(
	    spool_generation(x.s, &x.conf, 8, SLICE_LIT("m"), &err), RC_OK);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'bound'"), 1);
	box_free(&x);
}

/* Two files of one name: the second goes when nobody waits for the first. */
static void
twins(struct box *x)
{
	box_new(x);
	x->partner[0].replies = 0;
	for (int i = 0; i < 2; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "K%d", i);
		box_file(x, key,
		    &(struct a_filing){ .key = key,
			.content = key,
			.lane = key,
			.file_name = "twin.xml" });
	}
}

static void
test_what_a_person_cancels_lets_the_next_of_its_name_go(void **state)
{
	struct operate_asked cancel = { .verb = SLICE_LIT("cancel"),
		.filter = SLICE_LIT("state=held what=delivery"),
		.by = SLICE_LIT("uid=7") };
	struct operate_told told;
	struct delivery_out d;
	struct box x;

	(void)state;
	twins(&x);
	sql_run(&x, "UPDATE delivery SET state = 'held' WHERE id = (SELECT"
		    " min(id) FROM delivery)");
	assert_false(box_deliver(&x, &d));
	operate_answer(x.s, x.b, &cancel, &told);
	assert_int_equal(told.n.done, 1);
	assert_true(box_deliver(&x, &d));
	box_free(&x);
}

/* A reply that a person holds is not waited for by the next of its file. */
static void
test_a_reply_that_is_held_lets_the_next_of_its_arrival_go(void **state)
{
	struct operate_asked hold = { .verb = SLICE_LIT("hold"),
		.filter = SLICE_LIT("what=delivery state=planned"),
		.by = SLICE_LIT("uid=7") };
	struct operate_told told;
	struct delivery_out d;
	struct box x;

	(void)state;
	twins(&x);
	while (box_deliver(&x, &d))
		box_publish(&x, d.id);
	sql_run(&x,
	    "UPDATE delivery SET arrival = 7, name = id, partner = 'other',"
	    " state = CASE WHEN id = (SELECT min(id) FROM delivery) THEN"
	    " 'planned' ELSE 'ready' END");
	spool_flights_lost(x.s);
	assert_false(box_deliver(&x, &d));
	operate_answer(x.s, x.b, &hold, &told);
	assert_int_equal(told.n.done, 1);
	assert_true(box_deliver(&x, &d));
	box_free(&x);
}

static void
test_what_is_given_up_lets_the_next_of_its_name_go(void **state)
{
	struct delivery_out first, second;
	struct step st;
	struct box x;

	(void)state;
	twins(&x);
	assert_true(box_deliver(&x, &first));
	assert_false(box_deliver(&x, &second));
	clock_move(&x.clock, 2 * INT64_C(86400000));
	delivery_failed(x.b, first.id, RC_LATER, "nobody there", &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    1);
	assert_true(box_deliver(&x, &second));
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_stands_for_another_waits_behind_what_that_one_waited_for),
		T(test_an_answer_finds_a_leg_that_waits_to_be_written),
		T(test_an_answer_while_a_changed_leg_is_planned_is_not_lost),
		T(test_an_answer_that_was_there_first_wakes_who_waits_for_it),
		T(test_a_leg_that_has_ended_is_not_held_by_a_death),
		T(test_a_key_that_many_legs_bear_hinders_no_answer),
		T(test_what_was_changed_a_hundred_times_is_cancelled_whole),
		T(test_a_change_lets_those_go_that_stood_behind_what_it_changed),
		T(test_no_lane_waits_for_another),
		T(test_a_leg_without_a_route_goes_when_there_is_one),
		T(test_those_without_a_route_keep_nobody_from_his),
		T(test_what_a_person_cancels_lets_the_next_of_its_name_go),
		T(test_a_reply_that_is_held_lets_the_next_of_its_arrival_go),
		T(test_what_is_given_up_lets_the_next_of_its_name_go),
		T(test_answers_find_what_was_filed_anew_after_a_cancellation),
	};

	return TESTS_RUN(tests);
}
