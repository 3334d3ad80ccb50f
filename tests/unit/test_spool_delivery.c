/*
 * Deliveries in the spool: refused by the partner's folder, delivered again,
 * given up, batches that wait, numbers, hours.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t
file(struct box *x, const char *key)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.edi", key);
	return box_file(x, name,
	    &(struct a_filing){
		.key = key, .content = key, .file_name = name });
}

/* The next delivery to customs, published; its id. */
static uint64_t
deliver(struct box *x)
{
	struct delivery_out d;

	do
		assert_true(box_deliver(x, &d));
	while (!slice_is(d.partner, "customs"));
	box_publish(x, d.id);
	return d.id;
}

static void
pick(struct box *x, uint64_t id)
{
	struct step st;

	delivery_picked(x->b, id, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
}

static void
reject(struct box *x, const char *name, uint64_t mark)
{
	uint64_t id =
	    spool_rejected(x->s, SLICE_LIT("customs"), slice_of(name));
	struct step st;

	assert_true(id != 0);
	delivery_rejected(x->b, id, mark, &st);
	box_commit(x);
	if (st.rc != RC_OK)
		fail_msg("%s", st.why.text);
}

static void
test_a_file_among_the_refused_fails_its_legs_and_tells(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	file(&x, "K1");
	pick(&x, deliver(&x));
	assert_int_equal(
	    spool_rejected(x.s, SLICE_LIT("customs"), SLICE_LIT("no")), 0);
	assert_int_equal(
	    spool_rejected(x.s, SLICE_LIT("port"), SLICE_LIT("K1.edi")), 0);
	reject(&x, "K1.edi", 77);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_string_equal(
	    box_text(&x, "SELECT state || outcome FROM leg"), "answeredfailed");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'status'"),
	    1);
	/* told again after a restart: nothing more */
	reject(&x, "K1.edi", 77);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	box_free(&x);
}

static void
test_a_file_that_stands_may_be_refused_at_once(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].window = 1;
	file(&x, "K1");
	file(&x, "K2");
	deliver(&x);
	reject(&x, "K1.edi", 77);
	deliver(&x); /* its place in the window is free */
	box_free(&x);
}

static void
test_what_is_over_is_delivered_again_as_it_was(void **state)
{
	struct delivery_out d;
	struct step st;
	uint64_t id;
	struct box x;

	(void)state;
	box_new(&x);
	file(&x, "K1");
	id = deliver(&x);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_non_null(strstr(st.why.text, "is published, want one that is"));
	pick(&x, id);
	reject(&x, "K1.edi", 77);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	do
		assert_true(box_deliver(&x, &d));
	while (d.id != id);
	test_slice_is(d.name, "K1.edi");
	test_slice_is(d.body, "<Dec>K1 K1</Dec>");
	/* what stands among the refused from before says nothing of it */
	reject(&x, "K1.edi", 77);
	box_publish(&x, id);
	reject(&x, "K1.edi", 77);
	pick(&x, id);
	reject(&x, "K1.edi", 77);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "picked");
	reject(&x, "K1.edi", 78);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	box_free(&x);
}

/* --- batches that wait --- */

static struct conf_submit *
batch_conf(struct box *x, uint32_t n, uint32_t ms)
{
	struct conf_submit *sub = &x->partner[1].submit[0];

	x->partner[0].replies = 0;
	sub->batch = n;
	sub->batch_within_ms = ms;
	return sub;
}

static void
due(struct box *x, int64_t ms)
{
	int64_t at;

	clock_move(&x->clock, ms);
	spool_due(x->s, x->b, &at);
	box_commit(x);
}

static const char *
books(struct box *x)
{
	return box_text(x, "SELECT coalesce(group_concat(state || ' ' || name"
			   " || ' ' || number || ' ' || legs, ','), '')"
			   " FROM (SELECT * FROM delivery ORDER BY id)");
}

static void
test_a_batch_takes_what_several_arrivals_bring(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 3, 5000);
	file(&x, "A");
	assert_string_equal(books(&x), "open  0 1");
	assert_true(box_no_order(&x));
	file(&x, "B");
	assert_string_equal(books(&x), "open  0 2");
	file(&x, "C");
	assert_string_equal(books(&x), "planned cn-dec-1 1 3");
	assert_int_equal(box_order(&x)->kind, ORDER_WRAP);
	file(&x, "D");
	assert_string_equal(books(&x), "planned cn-dec-1 1 3,open  0 1");
	assert_int_equal(
	    box_sql(&x, "SELECT count(DISTINCT delivery) FROM leg"), 2);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'bound'"), 4);
	box_free(&x);
}

static void
test_a_batch_that_is_not_full_goes_when_it_is_old(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 3, 5000)->zip = true;
	file(&x, "A");
	due(&x, 4999);
	assert_string_equal(books(&x), "open  0 1");
	file(&x, "B"); /* makes it no younger */
	due(&x, 1);
	assert_string_equal(books(&x), "planned cn-dec-1.zip 1 2");
	/* one alone goes under its own name, also after a start */
	file(&x, "C");
	box_again(&x, 5000);
	due(&x, 0);
	assert_string_equal(
	    books(&x), "planned cn-dec-1.zip 1 2,planned C.edi.zip 2 1");
	box_free(&x);
}

static void
test_a_batch_that_grows_too_large_is_closed(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 100, 5000);
	file(&x, "A");
	assert_int_equal(
	    box_sql(&x, "UPDATE delivery SET body_len = (32 << 20) - 1"
			" RETURNING 1"),
	    1);
	file(&x, "B");
	assert_string_equal(books(&x), "planned cn-dec-1 1 2");
	box_free(&x);
}

static void
test_a_lone_message_needs_its_interchange(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "A.edi",
	    &(struct a_filing){ .key = "A",
		.content = "A",
		.file_name = "A.edi",
		.segments = 12 });
	assert_string_equal(books(&x), "planned A.edi 1 1");
	assert_int_equal(box_order(&x)->number, 1);
	box_free(&x);
}

/* --- numbers --- */

static void
test_no_file_overtakes_the_number_before_it(void **state)
{
	struct delivery_out d, e;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 1, 0)->gapless = true;
	x.partner[2].submit[0].batch = 1;
	file(&x, "A");
	file(&x, "B");
	assert_string_equal(books(&x), "ready A.edi 1 1,ready B.edi 2 1");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "A.edi");
	assert_false(box_deliver(&x, &e)); /* in flight is not out */
	delivery_failed(x.b, d.id, RC_REFUSED, "no", &st);
	box_commit(&x);
	assert_false(box_deliver(&x, &e)); /* held: its number is missing */
	assert_int_equal(box_sql(&x, "UPDATE delivery SET state = 'ready' WHERE"
				     " number = 1 RETURNING 1"),
	    1);
	box_again(&x, 1);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "A.edi");
	box_publish(&x, d.id);
	assert_true(box_deliver(&x, &e));
	test_slice_is(e.name, "B.edi");
	/* numbers of a format are its own */
	assert_int_equal(
	    box_sql(&x, "SELECT n FROM drawn WHERE what = 'gapless cn-dec'"),
	    2);
	box_free(&x);
}

/* --- hours --- */

/* WALL0 is 2026-11-18T11:06:40Z, a Wednesday. */
static const struct hours office = {
	.name = "office",
	.window = { { 0x1f, 12 * 60, 13 * 60 } },
	.nwindows = 1,
};

#define TO_OPEN (((12 - 11) * 3600 - 6 * 60 - 40) * 1000)

static void
test_outside_its_hours_a_partner_is_left_alone(void **state)
{
	struct delivery_out d;
	struct box x;
	int64_t at;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].hours = &office;
	file(&x, "A");
	assert_false(box_deliver(&x, &d));
	spool_due(x.s, x.b, &at);
	assert_int_equal(at - spool_time(x.s), TO_OPEN);
	due(&x, TO_OPEN - 1);
	assert_false(box_deliver(&x, &d));
	due(&x, 1);
	assert_true(box_deliver(&x, &d));
	box_free(&x);
}

static void
test_expected_answers_fall_due_by_the_hours_if_said_so(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].hours = &office;
	x.partner[1].technical_within_ms = 1800000;
	x.partner[1].decision_within_ms = 5400000;
	x.partner[1].decision_by_hours = true;
	file(&x, "A");
	due(&x, TO_OPEN);
	assert_true(box_deliver(&x, &d));
	box_publish(&x, d.id);
	assert_int_equal(box_sql(&x, "SELECT due_t FROM delivery"),
	    spool_time(x.s) + 1800000);
	/* an hour today, half of one tomorrow */
	assert_int_equal(box_sql(&x, "SELECT late_t FROM delivery"),
	    spool_time(x.s) + 86400000 + 1800000);
	box_free(&x);
}

/* --- expiry --- */

static void
test_waiting_behind_a_dead_partner_counts_and_each_is_tried(void **state)
{
	struct delivery_out d;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	file(&x, "A");
	file(&x, "B");
	for (unsigned int i = 0; i < 2; i++) {
		do
			assert_true(box_deliver(&x, &d));
		while (d.reply);
		delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
		box_commit(&x);
		assert_int_equal(st.rc, RC_OK);
		if (i == 0)
			due(&x, 86400000);
	}
	/* A was given up after its second try, B was not tried: it waits */
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'status'"),
	    1);
	assert_true(box_deliver(&x, &d));
	delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
	box_commit(&x);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    2);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "failed,failed");
	box_free(&x);
}

static void
test_a_partner_that_makes_no_room_is_given_up_and_told(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].window = 1;
	x.partner[1].technical_within_ms = 0;
	x.partner[1].decision_within_ms = 0;
	file(&x, "A");
	file(&x, "B");
	deliver(&x);
	due(&x, 86400000 - 1);
	due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    0);
	/* nothing expires at once after a start: there may be room by now */
	box_again(&x, 2);
	due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    0);
	due(&x, 60000);
	due(&x, 3600000);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    1);
	assert_string_equal(
	    box_text(&x, "SELECT why FROM delivery WHERE state = 'failed'"),
	    "its partner's folder was full for as long as it may wait");
	assert_string_equal(
	    box_text(&x, "SELECT outcome FROM leg WHERE outcome <> ''"),
	    "failed");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'status'"),
	    1);
	while (box_deliver(&x, &d))
		assert_true(d.reply);
	box_free(&x);
}

static void
test_one_agency_down_delays_no_other(void **state)
{
	struct delivery_out d;
	struct step st;
	struct box x;
	unsigned int port = 0;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[2].submit[0].batch = 1;
	for (unsigned int i = 0; i < 40; i++) {
		char key[8];

		snprintf(key, sizeof(key), "K%u", i);
		box_file(&x, key,
		    &(struct a_filing){ .key = key,
			.content = key,
			.file_name = key,
			.test = i % 2 == 1 }); /* those go to port */
	}
	while (box_deliver(&x, &d)) {
		if (slice_is(d.partner, "port")) {
			box_publish(&x, d.id);
			port++;
			continue;
		}
		delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
		box_commit(&x);
	}
	assert_int_equal(port, 20);
	assert_int_equal(
	    box_sql(&x, "SELECT sum(tries) FROM delivery"), 1); /* the probe */
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_among_the_refused_fails_its_legs_and_tells),
		T(test_a_file_that_stands_may_be_refused_at_once),
		T(test_what_is_over_is_delivered_again_as_it_was),
		T(test_a_batch_takes_what_several_arrivals_bring),
		T(test_a_batch_that_is_not_full_goes_when_it_is_old),
		T(test_a_batch_that_grows_too_large_is_closed),
		T(test_a_lone_message_needs_its_interchange),
		T(test_no_file_overtakes_the_number_before_it),
		T(test_outside_its_hours_a_partner_is_left_alone),
		T(test_expected_answers_fall_due_by_the_hours_if_said_so),
		T(test_waiting_behind_a_dead_partner_counts_and_each_is_tried),
		T(test_a_partner_that_makes_no_room_is_given_up_and_told),
		T(test_one_agency_down_delays_no_other),
	};

	return TESTS_RUN(tests);
}
