/*
 * Receipts come late, twice and in any order; the state they amount to is the
 * same. The ranks are those of mappings/codes/dec-channel.tsv.
 */
#include "tests/unit/test.h"
#include <string.h>
#include "src/status/status.h"

#define SECOND 1000

static struct answer
answer(enum outcome o, int32_t rank, bool final, int64_t at_s)
{
	enum level level = rank < 30 ? LEVEL_TECHNICAL : LEVEL_DECISION;

	return (struct answer){ level, o, rank, final, at_s * SECOND, 0 };
}

/* The chain of samples c01: imported, 7, L, J, P, R. */
#define CHAIN_0 answer(OUTCOME_RECEIVED, 10, false, 0)
#define CHAIN_7 answer(OUTCOME_RECEIVED, 20, false, 100)
#define CHAIN_L answer(OUTCOME_ACCEPTED, 30, false, 200)
#define CHAIN_J answer(OUTCOME_REVIEWED, 40, false, 300)
#define CHAIN_P answer(OUTCOME_RELEASED, 61, false, 400)
#define CHAIN_R answer(OUTCOME_CLOSED, 90, true, 500)
#define CHAIN_D answer(OUTCOME_DELETED, 95, true, 600)
#define CHAIN_Z answer(OUTCOME_RETURNED, 55, false, 350)
#define CHAIN_E answer(OUTCOME_REFUSED, 32, false, 250)

static void
swap(struct answer *a, struct answer *b)
{
	struct answer keep = *a;

	*a = *b;
	*b = keep;
}

static unsigned int orders;

static void
fold(const struct answer *a, unsigned int n, struct answer *end)
{
	struct answer now = { .level = LEVEL_NONE };

	for (unsigned int i = 0; i < n; i++) {
		struct answer r = a[i];

		r.seq = i + 1;
		assert_int_not_equal(
		    answer_take(&now, &r, &now), ANSWER_CONTRADICTS);
	}
	*end = now;
}

/* Every order of a[0..n): the same outcome at the end. */
static void
permute(struct answer *a, unsigned int n, unsigned int fixed, enum outcome want)
{
	struct answer end;

	if (fixed == n) {
		fold(a, n, &end);
		assert_int_equal(end.outcome, want);
		orders++;
		return;
	}
	for (unsigned int i = fixed; i < n; i++) {
		swap(&a[fixed], &a[i]);
		permute(a, n, fixed + 1, want);
		swap(&a[fixed], &a[i]);
	}
}

static void
test_the_chain_ends_closed_in_whatever_order_it_comes(void **state)
{
	struct answer a[] = { CHAIN_0, CHAIN_7, CHAIN_L, CHAIN_J, CHAIN_P,
		CHAIN_R };

	(void)state;
	orders = 0;
	permute(a, 6, 0, OUTCOME_CLOSED);
	assert_int_equal(orders, 720);
}

static void
test_each_beginning_of_the_chain_ends_at_its_last_in_any_order(void **state)
{
	struct answer a[] = { CHAIN_0, CHAIN_7, CHAIN_L, CHAIN_J, CHAIN_P };
	static const enum outcome want[] = { OUTCOME_RECEIVED, OUTCOME_RECEIVED,
		OUTCOME_ACCEPTED, OUTCOME_REVIEWED, OUTCOME_RELEASED };

	(void)state;
	for (unsigned int n = 1; n <= 5; n++)
		permute(a, n, 0, want[n - 1]);
}

static void
test_repeats_change_nothing_wherever_they_stand(void **state)
{
	struct answer a[] = { CHAIN_0, CHAIN_7, CHAIN_L, CHAIN_J, CHAIN_J,
		CHAIN_P, CHAIN_P };

	(void)state;
	permute(a, 7, 0, OUTCOME_RELEASED);
}

static void
test_a_return_before_the_release_does_not_outlive_it(void **state)
{
	struct answer a[] = { CHAIN_7, CHAIN_L, CHAIN_E, CHAIN_J, CHAIN_P };

	(void)state;
	permute(a, 5, 0, OUTCOME_RELEASED);
	a[2] = CHAIN_Z;
	permute(a, 5, 0, OUTCOME_RELEASED);
}

static void
test_a_deletion_moves_a_closed_one_in_any_order(void **state)
{
	struct answer a[] = { CHAIN_7, CHAIN_L, CHAIN_J, CHAIN_P, CHAIN_R,
		CHAIN_D };

	(void)state;
	permute(a, 6, 0, OUTCOME_DELETED);
}

static void
test_times_decide_before_ranks_and_ranks_when_times_are_equal(void **state)
{
	struct answer review = answer(OUTCOME_REVIEWED, 40, false, 300);
	struct answer again = answer(OUTCOME_ACCEPTED, 46, false, 301);
	struct answer same = answer(OUTCOME_INSPECTION, 50, false, 300);
	struct answer untimed = answer(OUTCOME_ACCEPTED, 39, false, 0);
	struct answer next;

	(void)state;
	assert_int_equal(answer_take(&review, &again, &next), ANSWER_NEW);
	assert_int_equal(next.outcome, OUTCOME_ACCEPTED);
	assert_int_equal(answer_take(&again, &review, &next), ANSWER_LATE);
	assert_int_equal(next.outcome, OUTCOME_ACCEPTED);
	assert_int_equal(answer_take(&review, &same, &next), ANSWER_NEW);
	assert_int_equal(answer_take(&same, &review, &next), ANSWER_LATE);
	assert_int_equal(answer_take(&review, &untimed, &next), ANSWER_LATE);
	assert_int_equal(answer_take(&untimed, &review, &next), ANSWER_NEW);
}

static void
test_a_lower_level_never_speaks_again(void **state)
{
	struct answer accepted = CHAIN_L;
	struct answer failed = answer(OUTCOME_FAILED, 15, false, 900);
	struct answer next;

	(void)state;
	assert_int_equal(answer_take(&accepted, &failed, &next), ANSWER_LATE);
	assert_int_equal(next.outcome, OUTCOME_ACCEPTED);
}

static void
test_the_same_receipt_again_is_told_apart_from_a_late_one(void **state)
{
	struct answer now = CHAIN_J, twin = CHAIN_J, late = CHAIN_L, next;

	(void)state;
	now.seq = 1;
	twin.seq = 2;
	assert_int_equal(answer_take(&now, &twin, &next), ANSWER_AGAIN);
	assert_int_equal(next.seq, 1);
	assert_int_equal(answer_take(&now, &late, &next), ANSWER_LATE);
}

static void
test_a_status_nobody_knows_keeps_the_state(void **state)
{
	struct answer now = CHAIN_J, next;
	struct answer odd = answer(OUTCOME_NONE, 0, false, 999);

	(void)state;
	assert_int_equal(answer_take(&now, &odd, &next), ANSWER_UNKNOWN);
	assert_int_equal(next.outcome, OUTCOME_REVIEWED);
	now = (struct answer){ .level = LEVEL_NONE };
	assert_int_equal(answer_take(&now, &odd, &next), ANSWER_UNKNOWN);
	assert_int_equal(next.outcome, OUTCOME_NONE);
}

static void
test_a_refusal_after_the_release_alarms_and_changes_nothing(void **state)
{
	struct answer released = CHAIN_P, closed = CHAIN_R, next;
	struct answer refused = answer(OUTCOME_REFUSED, 32, false, 450);
	struct answer untimed = answer(OUTCOME_REFUSED, 32, false, 0);
	struct answer after = answer(OUTCOME_RETURNED, 55, false, 501);

	(void)state;
	assert_int_equal(
	    answer_take(&released, &refused, &next), ANSWER_CONTRADICTS);
	assert_int_equal(next.outcome, OUTCOME_RELEASED);
	/* heard the other way round: the alarm is the same */
	assert_int_equal(
	    answer_take(&refused, &released, &next), ANSWER_CONTRADICTS);
	assert_int_equal(next.outcome, OUTCOME_REFUSED);
	assert_int_equal(
	    answer_take(&released, &untimed, &next), ANSWER_CONTRADICTS);
	assert_int_equal(
	    answer_take(&closed, &after, &next), ANSWER_CONTRADICTS);
	assert_int_equal(next.outcome, OUTCOME_CLOSED);
}

static void
test_a_release_after_a_deletion_alarms(void **state)
{
	struct answer deleted = CHAIN_D, next;
	struct answer late = CHAIN_P;
	struct answer after = answer(OUTCOME_RELEASED, 61, false, 700);

	(void)state;
	assert_int_equal(answer_take(&deleted, &late, &next), ANSWER_LATE);
	assert_int_equal(
	    answer_take(&deleted, &after, &next), ANSWER_CONTRADICTS);
	assert_int_equal(next.outcome, OUTCOME_DELETED);
}

static void
test_refused_then_released_is_a_correction_at_the_agencys_desk(void **state)
{
	struct answer refused = CHAIN_E, released = CHAIN_P, next;

	(void)state;
	assert_int_equal(answer_take(&refused, &released, &next), ANSWER_NEW);
	assert_int_equal(next.outcome, OUTCOME_RELEASED);
}

static void
test_next_may_be_now(void **state)
{
	struct answer now = CHAIN_L, review = CHAIN_J;

	(void)state;
	assert_int_equal(answer_take(&now, &review, &now), ANSWER_NEW);
	assert_int_equal(now.outcome, OUTCOME_REVIEWED);
}

static void
test_words_and_enums_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOMES; i++) {
		enum outcome o = (enum outcome)i;

		assert_int_equal(outcome_find(slice_of(outcome_word(o))), o);
		assert_true(strlen(outcome_en(o)) > 0);
		assert_true(strlen(outcome_zh(o)) > 0);
	}
	for (int i = LEVEL_TRANSPORT; i <= LEVEL_DECISION; i++)
		assert_int_equal(
		    level_find(slice_of(level_name((enum level)i))), i);
	assert_int_equal(level_find(SLICE_LIT("none")), LEVEL_NONE);
	assert_int_equal(level_find(SLICE_LIT("")), LEVEL_NONE);
	assert_int_equal(outcome_find(SLICE_LIT("Released")), OUTCOME_NONE);
}

static void
test_only_refused_returned_and_failed_open_the_number_again(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOMES; i++) {
		bool want = i == OUTCOME_REFUSED || i == OUTCOME_RETURNED ||
			    i == OUTCOME_FAILED;

		assert_int_equal(outcome_reopens((enum outcome)i), want);
	}
}

static struct leg_view
leg_said(enum outcome o)
{
	struct leg_view l = { .sent = true };

	l.answer.outcome = o;
	l.answer.level = LEVEL_DECISION;
	return l;
}

static void
test_the_leg_furthest_from_its_end_speaks_for_the_filing(void **state)
{
	static const struct leg_view waiting,
	    sent = { .sent = true }, held = { .held = true },
	    expired = { .sent = true, .expired = true },
	    cancelled = { .cancelled = true };
	struct leg_view good = leg_said(OUTCOME_RELEASED);
	struct leg_view best = leg_said(OUTCOME_CLOSED);
	struct leg_view going = leg_said(OUTCOME_ACCEPTED);
	struct leg_view bad = leg_said(OUTCOME_RETURNED);
	const struct {
		struct leg_view leg[3];
		uint32_t n, by;
		const char *word;
	} cases[] = {
		{ .n = 0, .word = "taken" },
		{ { waiting }, 1, 0, "waiting" },
		{ { sent }, 1, 0, "sent" },
		{ { good, best }, 2, 0, "released" },
		{ { best, going, good }, 3, 1, "accepted" },
		{ { good, sent }, 2, 1, "sent" },
		{ { sent, waiting }, 2, 1, "waiting" },
		{ { waiting, expired }, 2, 1, "expired" },
		{ { expired, held }, 2, 1, "held" },
		{ { held, bad }, 2, 1, "returned" },
		{ { cancelled, best }, 2, 1, "closed" },
		{ { cancelled, cancelled }, 2, 0, "cancelled" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filing_view v;

		filing_status(cases[i].leg, cases[i].n, &v);
		assert_string_equal(v.word, cases[i].word);
		assert_int_equal(v.by, cases[i].by);
		assert_non_null(v.en);
		assert_non_null(v.zh);
	}
}

static void
test_an_overdue_leg_that_answered_shows_its_answer(void **state)
{
	struct leg_view l = leg_said(OUTCOME_RELEASED);
	struct filing_view v;

	(void)state;
	l.expired = true;
	filing_status(&l, 1, &v);
	assert_string_equal(v.word, "released");
	assert_int_equal(v.outcome, OUTCOME_RELEASED);
}

/*
 * Three legs, each with two answers, one behind the other: every order in
 * which the six may come, every pair of outcomes, every choice of who gates.
 * The model knows no order and no answer but the last of each leg.
 */
#define THREE 3

static const struct {
	enum outcome outcome;
	int rank;
	bool final;
	int model; /* 0 must act, 1 undone, 2 going, 3 good */
} ends[] = {
	{ OUTCOME_RETURNED, 55, false, 0 },
	{ OUTCOME_REFUSED, 32, false, 0 },
	{ OUTCOME_WITHDRAWN, 92, true, 1 },
	{ OUTCOME_INSPECTION, 50, false, 2 },
	{ OUTCOME_ACCEPTED, 30, false, 2 },
	{ OUTCOME_RELEASED, 60, false, 3 },
	{ OUTCOME_CLOSED, 90, true, 3 },
};

#define ENDS (sizeof(ends) / sizeof(ends[0]))

/* The word, from a table of what people say and nothing of status.c. */
static const char *
model_word(const unsigned int end[THREE], unsigned int gates)
{
	static const char *const going[] = { "accepted", "inspection" };
	bool all = gates == 0, acts = false, undone = false, closed = true;
	bool goes = false, accepted = false;
	const char *act = NULL, *taken_back = NULL;

	for (int i = 0; i < THREE; i++) {
		if (!all && (gates >> i & 1) == 0)
			continue;
		if (ends[end[i]].model == 0 && !acts) {
			acts = true;
			act = ends[end[i]].outcome == OUTCOME_RETURNED
				  ? "returned"
				  : "refused";
		}
		if (ends[end[i]].model == 1) {
			undone = true;
			taken_back = "withdrawn";
		}
		goes |= ends[end[i]].model == 2;
		accepted |= ends[end[i]].outcome == OUTCOME_ACCEPTED;
		closed &= ends[end[i]].outcome == OUTCOME_CLOSED;
	}
	return acts     ? act
	       : undone ? taken_back
	       : goes   ? going[!accepted]
	       : closed ? "closed"
			: "released";
}

static void
held_is(const struct leg_view leg[THREE], const unsigned int end[THREE],
    unsigned int gates)
{
	for (uint32_t i = 0; i < THREE; i++) {
		bool counts = gates == 0 || (gates >> i & 1) != 0;

		assert_int_equal(filing_held_by(leg, THREE, i),
		    counts && ends[end[i]].model != 3);
	}
}

/* order: which leg answers next, twice each; the first answer says received */
static void
order_run(const unsigned int order[2 * THREE], const unsigned int end[THREE],
    unsigned int gates)
{
	struct leg_view leg[THREE] = { { .sent = true } };
	unsigned int heard[THREE] = { 0, 0, 0 };
	struct filing_view v;

	for (int i = 0; i < THREE; i++)
		leg[i] =
		    (struct leg_view){ .sent = true, .gates = gates >> i & 1 };
	for (uint64_t k = 0; k < 2 * THREE; k++) {
		unsigned int l = order[k];
		/* the later one comes first for the second leg */
		bool last = (heard[l]++ == 1) != (l == 1);
		struct answer a = { .level =
					last ? LEVEL_DECISION : LEVEL_TECHNICAL,
			.outcome =
			    last ? ends[end[l]].outcome : OUTCOME_RECEIVED,
			.rank = last ? ends[end[l]].rank : 10,
			.final = last && ends[end[l]].final,
			.seq = k + 1 };

		(void)answer_take(&leg[l].answer, &a, &leg[l].answer);
	}
	filing_status(leg, THREE, &v);
	assert_string_equal(v.word, model_word(end, gates));
	held_is(leg, end, gates);
}

/* Every order of 0,0,1,1,2,2 there is: 90. */
static unsigned int
orders_all(unsigned int left[THREE], unsigned int order[2 * THREE],
    unsigned int n, const unsigned int end[THREE], unsigned int gates)
{
	unsigned int runs = 0;

	if (n == 2 * THREE) {
		order_run(order, end, gates);
		return 1;
	}
	for (unsigned int i = 0; i < THREE; i++) {
		if (left[i] == 0)
			continue;
		left[i]--;
		order[n] = i;
		runs += orders_all(left, order, n + 1, end, gates);
		left[i]++;
	}
	return runs;
}

static void
test_three_legs_amount_to_the_same_in_whatever_order_they_answer(void **state)
{
	unsigned int runs = 0;

	(void)state;
	for (unsigned int e = 0; e < ENDS * ENDS * ENDS; e++)
		for (unsigned int gates = 0; gates < 8; gates++) {
			const unsigned int end[THREE] = { e % ENDS,
				e / ENDS % ENDS, e / ENDS / ENDS };
			unsigned int left[THREE] = { 2, 2, 2 };
			unsigned int order[2 * THREE];

			runs += orders_all(left, order, 0, end, gates);
		}
	assert_int_equal(runs, 90 * ENDS * ENDS * ENDS * 8);
}

static void
test_one_notice_of_inspection_waits_for_all_who_gate(void **state)
{
	struct leg_view leg[] = {
		{ .gates = true, .answer = { .outcome = OUTCOME_INSPECTION } },
		{ .gates = true, .answer = { .outcome = OUTCOME_ACCEPTED } },
		{ .answer = { .outcome = OUTCOME_NONE } },
	};

	(void)state;
	assert_false(filing_decided(leg, 3));
	leg[1].answer.outcome = OUTCOME_RELEASED;
	assert_true(filing_decided(leg, 3)); /* the third does not gate */
	leg[1].answer.outcome = OUTCOME_NONE;
	leg[1].cancelled = true;
	assert_true(filing_decided(leg, 3));
	assert_false(filing_held_by(leg, 3, 1));
	assert_true(filing_held_by(leg, 3, 0));
	assert_false(filing_held_by(leg, 3, 2));
	assert_false(filing_decided(leg, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_chain_ends_closed_in_whatever_order_it_comes),
		T(test_each_beginning_of_the_chain_ends_at_its_last_in_any_order),
		T(test_repeats_change_nothing_wherever_they_stand),
		T(test_a_return_before_the_release_does_not_outlive_it),
		T(test_a_deletion_moves_a_closed_one_in_any_order),
		T(test_times_decide_before_ranks_and_ranks_when_times_are_equal),
		T(test_a_lower_level_never_speaks_again),
		T(test_the_same_receipt_again_is_told_apart_from_a_late_one),
		T(test_a_status_nobody_knows_keeps_the_state),
		T(test_a_refusal_after_the_release_alarms_and_changes_nothing),
		T(test_a_release_after_a_deletion_alarms),
		T(test_refused_then_released_is_a_correction_at_the_agencys_desk),
		T(test_next_may_be_now),
		T(test_words_and_enums_go_both_ways),
		T(test_only_refused_returned_and_failed_open_the_number_again),
		T(test_the_leg_furthest_from_its_end_speaks_for_the_filing),
		T(test_an_overdue_leg_that_answered_shows_its_answer),
		T(test_three_legs_amount_to_the_same_in_whatever_order_they_answer),
		T(test_one_notice_of_inspection_waits_for_all_who_gate),
	};

	return TESTS_RUN(tests);
}
