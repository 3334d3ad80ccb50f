/*
 * tests/unit/test_spool_receipt.c - receipts: matched by keys, learned from,
 * parked, twice, out of order, contradicting, of another partner; overdue.
 */
#include "tests/unit/spool_test.h"
#include "spool/leg.h"
#include <stdio.h>
#include <string.h>

#define A(k, c)                                                                \
	&(struct a_filing)                                                     \
	{                                                                      \
		.key = k, .content = c, .lane = k                              \
	}
#define R(...)                                                                 \
	&(struct a_receipt)                                                    \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define RECEIVED                                                               \
	R(.filer = "K1", .platform = "P1", .status = "0",                      \
	    .level = "technical", .outcome = "received", .rank = 10,           \
	    .event_ms = 1000)
#define RELEASED                                                               \
	R(.customs = "C1", .status = "P", .level = "decision",                 \
	    .outcome = "released", .rank = 60, .event_ms = 3000)

static void
box_filed(struct box *x)
{
	struct delivery_out d;

	box_new(x);
	box_file(x, "dec.edi", A("K1", "one"));
	while (box_deliver(x, &d))
		box_publish(x, d.id);
}

static const char *
leg(struct box *x, const char *what)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT %s FROM leg ORDER BY id DESC", what);
	return box_text(x, sql);
}

static void
test_keys_are_learned_and_later_receipts_need_only_the_last(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", RECEIVED);
	assert_string_equal(leg(&x, "outcome"), "received");
	assert_string_equal(leg(&x, "state"), "answered");
	box_receipt(&x, "customs",
	    R(.platform = "P1", .customs = "C1", .status = "L",
		.level = "decision", .outcome = "accepted", .rank = 30,
		.event_ms = 2000));
	box_receipt(&x, "customs", RELEASED);
	assert_string_equal(leg(&x, "outcome"), "released");
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 3);
	test_slice_is(key_value(slice_of(leg(&x, "keys")), "platform"), "P1");
	test_slice_is(key_value(slice_of(leg(&x, "keys")), "customs"), "C1");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM receipt"), 0);
	box_free(&x);
}

static void
test_a_receipt_whose_keys_are_unknown_waits_and_is_found_later(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", RELEASED);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "parked");
	assert_string_equal(leg(&x, "state"), "bound");
	box_again(&x, 0);
	box_receipt(&x, "customs",
	    R(.filer = "K1", .customs = "C1", .status = "L",
		.level = "decision", .outcome = "accepted", .rank = 30,
		.event_ms = 2000));
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "matched");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM parked"), 0);
	assert_string_equal(leg(&x, "outcome"), "released");
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 2);
	box_free(&x);
}

static void
test_the_same_receipt_again_changes_and_tells_nothing(void **state)
{
	struct box x;
	int64_t told;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", RECEIVED);
	told = box_sql(&x, "SELECT count(*) FROM delivery");
	box_receipt(&x, "customs", RECEIVED);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	assert_int_equal(box_sql(&x, "SELECT again FROM leg"), 1);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery"), told);
	box_free(&x);
}

/* An agency that talks without end is not heard out, but the end is. */
static void
test_a_final_answer_counts_however_many_came_before(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	for (int i = 0; i < 300; i++)
		box_receipt(&x, "customs",
		    R(.filer = "K1", .customs = "C1", .status = "L",
			.level = "decision", .outcome = "accepted", .rank = 30,
			.event_ms = 1000 + i));
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 256);
	assert_int_equal(box_sql(&x, "SELECT again FROM leg"), 44);
	assert_string_equal(leg(&x, "state"), "answered");
	box_receipt(&x, "customs",
	    R(.customs = "C1", .status = "P", .level = "decision",
		.outcome = "released", .rank = 60, .event_ms = 3000,
		.final = true));
	assert_string_equal(leg(&x, "state"), "final");
	assert_string_equal(leg(&x, "outcome"), "released");
	box_receipt(&x, "customs",
	    R(.customs = "C1", .status = "L", .level = "decision",
		.outcome = "accepted", .rank = 30, .event_ms = 9000));
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 257);
	box_free(&x);
}

static void
test_a_late_receipt_is_recorded_and_changes_no_state(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs",
	    R(.filer = "K1", .customs = "C1", .status = "P",
		.level = "decision", .outcome = "released", .rank = 60,
		.event_ms = 3000));
	box_receipt(&x, "customs",
	    R(.filer = "K1", .status = "L", .level = "decision",
		.outcome = "accepted", .rank = 30, .event_ms = 2000));
	assert_string_equal(leg(&x, "outcome"), "released");
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 2);
	box_free(&x);
}

static void
test_another_partners_receipt_touches_no_leg(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "port", RECEIVED);
	assert_string_equal(leg(&x, "state"), "bound");
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "parked");
	box_free(&x);
}

static void
test_what_has_no_key_to_wait_for_is_held_at_once(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs",
	    R(.status = "L", .level = "decision", .outcome = "accepted",
		.rank = 30));
	assert_string_equal(box_text(&x, "SELECT state FROM receipt"), "held");
	assert_string_equal(box_text(&x, "SELECT why FROM receipt"),
	    "it has no key that says whose it is");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM event WHERE line"
				     " LIKE '%receipt.held%'"),
	    1);
	assert_string_equal(leg(&x, "state"), "bound");
	box_free(&x);
}

static void
test_keys_that_name_two_legs_are_held(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_file(&x, "two.edi", A("K2", "two"));
	box_receipt(&x, "customs", RECEIVED); /* P1 is K1's */
	box_receipt(&x, "customs",
	    R(.filer = "K2", .platform = "P1", .status = "P",
		.level = "decision", .outcome = "released", .rank = 60));
	assert_string_equal(box_text(&x, "SELECT state FROM receipt"), "held");
	assert_string_equal(box_text(&x, "SELECT why FROM receipt"),
	    "its keys do not name one leg");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE outcome = 'released'"),
	    0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM event WHERE line"
				     " LIKE '%receipt.held%'"),
	    1);
	box_free(&x);
}

static void
test_a_learned_number_is_not_replaced_by_another(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", RECEIVED);
	box_receipt(&x, "customs",
	    R(.filer = "K1", .platform = "P9", .status = "L",
		.level = "decision", .outcome = "accepted", .rank = 30));
	test_slice_is(key_value(slice_of(leg(&x, "keys")), "platform"), "P1");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM event WHERE line"
				     " LIKE '%receipt.key%'"),
	    1);
	box_free(&x);
}

static void
test_an_unreadable_receipt_is_kept_for_a_person(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", R(.unreadable = true));
	assert_string_equal(box_text(&x, "SELECT state FROM receipt"), "held");
	box_free(&x);
}

/* The text of the reply that is handed out next. */
static struct slice
reply_take(struct box *x)
{
	struct claim c = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct slice record;
	struct buf b;
	struct err err;

	box_order(x);
	assert_int_equal(x->o.kind, ORDER_REPLY);
	record = x->o.input;
	buf_init(&b, 1u << 20);
	claim_put(&b, &c);
	assert_int_equal(box_done(x, &b, &err), RC_OK);
	return record;
}

static void
has(struct slice record, const char *want, bool there)
{
	bool found = memmem(record.p, record.len, want, strlen(want)) != NULL;

	if (found != there)
		fail_msg("'%s' %s in: %.*s", want, there ? "is not" : "is",
		    SLICE_ARG(record));
}

static void
test_each_answer_is_told_once_and_in_order(void **state)
{
	struct slice first, second;
	struct box x;

	(void)state;
	box_filed(&x);
	reply_take(&x); /* taken */
	box_arrive(&x, "customs", "r1", "r1");
	{
		struct buf b;
		struct err err;

		box_order(&x);
		claims_arrival(&b, 0, 2);
		claims_receipt(&b, 1, RECEIVED);
		claims_receipt(&b, 2,
		    R(.filer = "K1", .customs = "C1", .status = "L",
			.level = "decision", .outcome = "accepted", .rank = 30,
			.event_ms = 2000));
		assert_int_equal(box_done(&x, &b, &err), RC_OK);
	}
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery WHERE"
				     " kind = 'status'"),
	    1); /* both in one */
	first = reply_take(&x);
	has(first, "received", true);
	has(first, "accepted", true);
	has(first, "P1", true);
	assert_true(strstr(first.p, "received") < strstr(first.p, "accepted"));
	box_receipt(&x, "customs", RELEASED);
	second = reply_take(&x);
	has(second, "released", true);
	has(second, "received", false);
	assert_true(box_no_order(&x));
	box_free(&x);
}

static void
test_an_answer_that_comes_while_one_is_written_makes_the_next(void **state)
{
	struct claim c = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct order status;
	struct box x;
	struct buf b;
	struct err err;

	(void)state;
	box_filed(&x);
	reply_take(&x);
	box_receipt(&x, "customs", RECEIVED);
	status = *box_order(&x);
	has(status.input, "received", true);
	box_arrive(&x, "customs", "later", "later");
	box_order(&x);
	claims_arrival(&b, 0, 1);
	claims_receipt(&b, 1,
	    R(.filer = "K1", .status = "L", .level = "decision",
		.outcome = "accepted", .rank = 30, .event_ms = 2000));
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	x.order = status.id;
	buf_init(&b, 1u << 20);
	claim_put(&b, &c);
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	has(reply_take(&x), "accepted", true);
	assert_true(box_no_order(&x));
	box_free(&x);
}

static void
test_a_return_opens_the_number_again(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs", RECEIVED);
	box_receipt(&x, "customs",
	    R(.platform = "P1", .status = "Z", .level = "decision",
		.outcome = "returned", .rank = 20, .event_ms = 2000));
	box_file(&x, "dec-2.edi", A("K1", "corrected"));
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 2);
	assert_int_equal(
	    box_sql(&x, "SELECT count(DISTINCT cas) FROM filing"), 1);
	/* the platform's number is the new one's */
	test_slice_is(key_value(slice_of(leg(&x, "keys")), "platform"), "P1");
	box_receipt(&x, "customs",
	    R(.platform = "P1", .status = "P", .level = "decision",
		.outcome = "released", .rank = 60, .event_ms = 9000));
	assert_string_equal(leg(&x, "outcome"), "released");
	assert_string_equal(
	    box_text(&x, "SELECT outcome FROM leg ORDER BY id"), "returned");
	/* a late one of the first submission does not undo that */
	box_receipt(&x, "customs",
	    R(.filer = "K1", .status = "C", .level = "decision",
		.outcome = "refused", .rank = 20, .event_ms = 1500));
	assert_string_equal(leg(&x, "outcome"), "released");
	box_free(&x);
}

static void
wait_for(struct box *x, int64_t ms)
{
	int64_t due;

	spool_due(x->s, x->b, &due);
	box_commit(x);
	clock_move(&x->clock, ms);
	for (int i = 0; i < 4; i++) {
		spool_due(x->s, x->b, &due);
		box_commit(x);
	}
}

static void
test_a_leg_that_is_never_answered_expires_and_is_told(void **state)
{
	struct slice record;
	struct box x;

	(void)state;
	box_filed(&x);
	reply_take(&x);
	wait_for(&x, 1700000);
	assert_string_equal(leg(&x, "state"), "bound");
	wait_for(&x, 200000);
	assert_string_equal(leg(&x, "state"), "expired");
	record = reply_take(&x);
	has(record, "expired", true);
	/* late, but it counts */
	box_receipt(&x, "customs", RECEIVED);
	assert_string_equal(leg(&x, "state"), "answered");
	box_free(&x);
}

static void
test_nothing_expires_at_once_after_a_long_stop(void **state)
{
	struct box x;
	int64_t due;

	(void)state;
	box_filed(&x);
	box_again(&x, 7200000);
	spool_due(x.s, x.b, &due);
	box_commit(&x);
	assert_string_equal(leg(&x, "state"), "bound");
	wait_for(&x, 61000);
	assert_string_equal(leg(&x, "state"), "expired");
	box_free(&x);
}

static void
test_a_clock_that_jumps_expires_nothing(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	clock_jump(&x.clock, WALL0 + INT64_C(400) * 24 * 3600 * 1000);
	wait_for(&x, 1000);
	assert_string_equal(leg(&x, "state"), "bound");
	box_free(&x);
}

static void
test_a_receipt_that_nobody_claims_is_discarded_in_the_end(void **state)
{
	struct box x;

	(void)state;
	box_filed(&x);
	box_receipt(&x, "customs",
	    R(.filer = "nobody", .status = "P", .level = "decision",
		.outcome = "released"));
	wait_for(&x, INT64_C(29) * 24 * 3600 * 1000);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "parked");
	wait_for(&x, INT64_C(2) * 24 * 3600 * 1000);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "discarded");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM parked"), 0);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_keys_are_learned_and_later_receipts_need_only_the_last),
		T(test_a_receipt_whose_keys_are_unknown_waits_and_is_found_later),
		T(test_the_same_receipt_again_changes_and_tells_nothing),
		T(test_a_final_answer_counts_however_many_came_before),
		T(test_a_late_receipt_is_recorded_and_changes_no_state),
		T(test_another_partners_receipt_touches_no_leg),
		T(test_what_has_no_key_to_wait_for_is_held_at_once),
		T(test_keys_that_name_two_legs_are_held),
		T(test_a_learned_number_is_not_replaced_by_another),
		T(test_an_unreadable_receipt_is_kept_for_a_person),
		T(test_each_answer_is_told_once_and_in_order),
		T(test_an_answer_that_comes_while_one_is_written_makes_the_next),
		T(test_a_return_opens_the_number_again),
		T(test_a_leg_that_is_never_answered_expires_and_is_told),
		T(test_nothing_expires_at_once_after_a_long_stop),
		T(test_a_clock_that_jumps_expires_nothing),
		T(test_a_receipt_that_nobody_claims_is_discarded_in_the_end),
	};

	return TESTS_RUN(tests);
}
