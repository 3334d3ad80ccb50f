/*
 * tests/unit/test_spool_gather.c - one status for one arrival: told when all
 * of it is decided, or when its time is over; never an answer untold, whatever
 * stops in between.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

#define WITHIN INT64_C(600000)

static int64_t event; /* each answer is later than the one before */

static void
gathers(struct box *x)
{
	x->partner[0].together_ms = (uint32_t)WITHIN;
}

/* What convert would write. */
static void
reply_done(struct box *x)
{
	struct claim c = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct buf b;
	struct err err;

	buf_init(&b, 1u << 20);
	claim_put(&b, &c);
	assert_int_equal(box_done(x, &b, &err), RC_OK);
}

/* A file of so many filings, their deliveries out, "taken" told. */
static void
filed(struct box *x, const char *name, unsigned int n)
{
	struct delivery_out d;
	struct buf b;
	struct err err;
	char key[16];

	box_arrive(x, "acme", name, name);
	do
		box_order(x);
	while (x->o.kind != ORDER_READ);
	claims_arrival(&b, n, 0);
	for (unsigned int i = 1; i <= n; i++) {
		(void)snprintf(key, sizeof(key), "%.8s-%u", name, i);
		claims_filing(x, &b, i,
		    &(struct a_filing){
			.key = key, .content = key, .lane = key });
	}
	assert_int_equal(box_done(x, &b, &err), RC_OK);
	while (box_sql(x, "SELECT count(*) FROM delivery WHERE state ="
			  " 'planned'") > 0) {
		box_order(x);
		reply_done(x);
	}
	while (box_deliver(x, &d))
		box_publish(x, d.id);
}

static void
answer(struct box *x, const char *key, const char *outcome, bool final)
{
	assert_int_equal(box_receipt(x, "customs",
			     &(struct a_receipt){ .filer = key,
				 .status = "P",
				 .level = "decision",
				 .outcome = outcome,
				 .rank = 30,
				 .final = final,
				 .event_ms = ++event * 1000 }),
	    RC_OK);
}

static int64_t
statuses(struct box *x, const char *state)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM delivery WHERE kind = 'status'%s%s%s",
	    state[0] == '\0' ? "" : " AND state = '", state,
	    state[0] == '\0' ? "" : "'");
	return box_sql(x, sql);
}

/* How often the record of the next reply has the word. */
static unsigned int
told(struct box *x, const char *word)
{
	struct slice s = box_order(x)->input;
	unsigned int n = 0;
	const char *at = s.p;

	while ((at = memmem(at, (size_t)(s.p + s.len - at), word,
		    strlen(word))) != NULL) {
		n++;
		at += strlen(word);
	}
	reply_done(x);
	return n;
}

static void
test_one_status_tells_of_all_when_the_last_is_decided(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	gathers(&x);
	filed(&x, "a.edi", 3);
	answer(&x, "a.edi-2", "released", true);
	answer(&x, "a.edi-1", "accepted", false);
	answer(&x, "a.edi-3", "released", true);
	assert_true(box_no_order(&x));
	assert_int_equal(statuses(&x, "open"), 1);
	answer(&x, "a.edi-1", "released", true);
	assert_int_equal(statuses(&x, "open"), 0);
	assert_int_equal(told(&x, "about.number"), 4);
	assert_true(box_no_order(&x));
	assert_int_equal(statuses(&x, ""), 1);
	box_due(&x, 2 * WITHIN);
	assert_true(box_no_order(&x));
	assert_int_equal(statuses(&x, ""), 1);
	box_free(&x);
}

/* Released is not the end of a declaration, but all that is waited for. */
static void
test_what_is_released_or_refused_is_not_waited_for(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	gathers(&x);
	filed(&x, "a.edi", 2);
	answer(&x, "a.edi-1", "released", false);
	assert_true(box_no_order(&x));
	answer(&x, "a.edi-2", "inspection", false);
	assert_true(box_no_order(&x));
	answer(&x, "a.edi-2", "refused", false);
	assert_int_equal(told(&x, "about.number"), 3);
	box_free(&x);
}

static void
test_what_is_there_is_told_when_its_time_is_over(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	gathers(&x);
	filed(&x, "a.edi", 2);
	answer(&x, "a.edi-1", "released", true);
	box_due(&x, WITHIN - 1000);
	assert_true(box_no_order(&x));
	box_due(&x, 2000);
	assert_int_equal(told(&x, "about.number"), 1);
	/* the rest in another, with a time of its own */
	box_due(&x, WITHIN);
	assert_true(box_no_order(&x));
	answer(&x, "a.edi-2", "accepted", false);
	assert_int_equal(statuses(&x, "open"), 1);
	box_due(&x, WITHIN - 1000);
	assert_true(box_no_order(&x));
	answer(&x, "a.edi-2", "released", true);
	assert_int_equal(told(&x, "about.number"), 2);
	assert_int_equal(statuses(&x, ""), 2);
	box_free(&x);
}

static void
test_a_stop_forgets_neither_answers_nor_their_time(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	gathers(&x);
	filed(&x, "a.edi", 2);
	answer(&x, "a.edi-1", "released", true);
	box_again(&x, 1000);
	gathers(&x);
	answer(&x, "a.edi-2", "accepted", false);
	assert_int_equal(statuses(&x, "open"), 1);
	box_again(&x, 1000);
	x.partner[0].together_ms = 0; /* the line was taken out meanwhile */
	box_due(&x, WITHIN);
	assert_int_equal(told(&x, "about.number"), 2);
	box_free(&x);
}

/* Each is looked for where the last look ended, and none is passed over. */
static void
test_files_answered_in_any_order_are_told_one_by_one(void **state)
{
	static const unsigned int order[] = { 4, 1, 0, 3, 2 };
	char key[16], name[16];
	struct box x;

	(void)state;
	box_new(&x);
	gathers(&x);
	for (unsigned int f = 0; f < 3; f++) {
		(void)snprintf(name, sizeof(name), "f%u.edi", f);
		filed(&x, name, 5);
	}
	for (unsigned int i = 0; i < 5; i++)
		for (unsigned int f = 0; f < 3; f++) {
			(void)snprintf(key, sizeof(key), "f%u.edi-%u", f,
			    (order[i] + f) % 5 + 1);
			assert_int_equal(statuses(&x, "planned"), 0);
			answer(&x, key, "released", true);
			if (i < 4)
				assert_true(box_no_order(&x));
			else
				assert_int_equal(told(&x, "about.number"), 5);
		}
	assert_int_equal(statuses(&x, ""), 3);
	box_free(&x);
}

static void
test_a_refused_delivery_is_told_with_the_answers(void **state)
{
	struct box x;
	struct step st;
	int64_t id;

	(void)state;
	box_new(&x);
	gathers(&x);
	filed(&x, "a.edi", 2);
	answer(&x, "a.edi-1", "released", true);
	/* the other one came back from its agency's client */
	id = box_sql(&x, "SELECT delivery FROM leg WHERE key1 LIKE '%a.edi-2'");
	delivery_rejected(x.b, (uint64_t)id, 0, 77, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	assert_int_equal(told(&x, "about.number"), 2);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_status_tells_of_all_when_the_last_is_decided),
		T(test_what_is_released_or_refused_is_not_waited_for),
		T(test_what_is_there_is_told_when_its_time_is_over),
		T(test_a_stop_forgets_neither_answers_nor_their_time),
		T(test_files_answered_in_any_order_are_told_one_by_one),
		T(test_a_refused_delivery_is_told_with_the_answers),
	};

	return TESTS_RUN(tests);
}
