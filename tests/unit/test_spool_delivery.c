/*
 * Deliveries in the spool: refused by the partner's folder, delivered again,
 * given up, held by hours.
 */
#include "tests/unit/spool_test.h"
#include "spool/operate.h"
#include "spool/scheduler.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static enum refused_is
reject(struct box *x, uint64_t mark)
{
	return box_refuse(x, "K1.edi", "<Dec>K1 K1</Dec>", mark);
}

static void
test_a_file_among_the_refused_fails_its_legs_and_tells(void **state)
{
	struct refused_file other = { .partner = SLICE_LIT("port"),
		.name = SLICE_LIT("K1.edi"),
		.mark = 77,
		.size = 16 };
	struct box x;
	uint64_t id;
	uint32_t part;

	(void)state;
	box_new(&x);
	box_key(&x, "K1");
	pick(&x, deliver(&x));
	assert_int_equal(
	    box_refuse(&x, "no", "<Dec>K1 K1</Dec>", 77), REFUSED_NOBODYS);
	assert_int_equal(
	    spool_refused(x.s, &other, &id, &part), REFUSED_NOBODYS);
	assert_int_equal(reject(&x, 77), REFUSED_IS);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_string_equal(
	    box_text(&x, "SELECT state || outcome FROM leg"), "answeredfailed");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'status'"),
	    1);
	/* told again after a restart: nothing more */
	assert_int_equal(reject(&x, 77), REFUSED_NOBODYS);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	box_free(&x);
}

static void
test_a_file_that_stands_may_be_refused_at_once(void **state)
{
	struct delivery_out d;
	uint64_t id;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].window = 1;
	box_key(&x, "K1");
	box_key(&x, "K2");
	box_key(&x, "K3");
	id = deliver(&x);
	assert_int_equal(reject(&x, 77), REFUSED_STANDS);
	deliver(&x);  /* its place in the window is free */
	pick(&x, id); /* it was copied there; now it goes */
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE name = 'K1.edi'"),
	    "failed");
	while (box_deliver(&x, &d)) /* the place was freed once */
		assert_true(d.reply);
	box_free(&x);
}

/* Filed anew meanwhile: what was given back is cancelled, its file stands. */
static void
test_a_file_that_goes_after_its_delivery_was_cancelled_stops_nobody(
    void **state)
{
	struct a_filing again = {
		.key = "K1", .content = "better", .file_name = "K1b.edi"
	};
	uint64_t id;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_key(&x, "K1");
	id = deliver(&x);
	reject(&x, 77);
	box_file(&x, "again.edi", &again);
	pick(&x, id);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE name = 'K1.edi'"),
	    "cancelled");
	box_free(&x);
}

/* What is taken back of the younger one would else be the older one's. */
static void
test_what_is_delivered_again_waits_while_another_of_its_name_stands(
    void **state)
{
	struct a_filing f = { .key = "K1",
		.content = "K1",
		.lane = "K1",
		.file_name = "one.xml" };
	struct delivery_out d;
	struct step st;
	uint64_t older, younger;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "a.edi", &f);
	older = deliver(&x);
	pick(&x, older);
	f.key = f.content = f.lane = "K2";
	box_file(&x, "b.edi", &f);
	younger = deliver(&x);
	delivery_again(x.b, older, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	assert_false(box_deliver(&x, &d));
	delivery_rejected(x.b, younger, 0, 77, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	assert_true(box_deliver(&x, &d));
	assert_int_equal(d.id, older);
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
	box_key(&x, "K1");
	id = deliver(&x);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_non_null(strstr(st.why.text, "is published, want one that is"));
	pick(&x, id);
	reject(&x, 77);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	do
		assert_true(box_deliver(&x, &d));
	while (d.id != id);
	test_slice_is(d.name, "K1.edi");
	test_slice_is(d.body, "<Dec>K1 K1</Dec>");
	/* what stands among the refused from before says nothing of it */
	reject(&x, 77);
	box_publish(&x, id);
	reject(&x, 77);
	pick(&x, id);
	reject(&x, 77);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "picked");
	reject(&x, 78);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	box_free(&x);
}

/* --- hours --- */

/* WALL0 is 2026-11-18T11:06:40.000Z, a Wednesday. */
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
	box_key(&x, "A");
	assert_false(box_deliver(&x, &d));
	spool_due(x.s, x.b, &at);
	assert_int_equal(at - spool_time(x.s), TO_OPEN);
	box_due(&x, TO_OPEN - 1);
	assert_false(box_deliver(&x, &d));
	box_due(&x, 1);
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
	box_key(&x, "A");
	box_due(&x, TO_OPEN);
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
	box_key(&x, "A");
	box_key(&x, "B");
	for (unsigned int i = 0; i < 2; i++) {
		do
			assert_true(box_deliver(&x, &d));
		while (d.reply);
		delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
		box_commit(&x);
		assert_int_equal(st.rc, RC_OK);
		if (i == 0)
			box_due(&x, 86400000);
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
	box_key(&x, "A");
	box_key(&x, "B");
	deliver(&x);
	box_due(&x, 86400000 - 1);
	box_due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    0);
	/* nothing expires at once after a start: there may be room by now */
	box_again(&x, 2);
	box_due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE state = 'failed'"),
	    0);
	box_due(&x, 60000);
	box_due(&x, 3600000);
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
test_a_window_that_stands_full_is_told_once_and_anew_after_a_pick_up(
    void **state)
{
	const struct partner_now *now;
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].window = 1;
	now = &x.s->sched->partner[1];
	box_key(&x, "A");
	box_key(&x, "B");
	assert_true(box_deliver(&x, &d));
	box_publish(&x, d.id);
	box_due(&x, 0);
	box_due(&x, 59000);
	assert_false(now->told_full);
	box_due(&x, 1000);
	assert_true(now->told_full);
	pick(&x, d.id);
	box_due(&x, 0);
	assert_false(now->told_full);
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

/* Its filer was told that it was not: so he is told of silence, too. */
static void
test_what_was_delivered_after_all_is_owed_an_answer(void **state)
{
	struct operate_asked retry = { .verb = SLICE_LIT("retry"),
		.filter = SLICE_LIT("state=failed what=delivery"),
		.by = SLICE_LIT("uid=7") };
	struct operate_told told;
	struct delivery_out d;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_key(&x, "A");
	assert_true(box_deliver(&x, &d));
	clock_move(&x.clock, 86400000);
	delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
	box_commit(&x);
	assert_string_equal(box_text(&x, "SELECT outcome FROM leg"), "failed");
	operate_answer(x.s, x.b, &retry, &told);
	assert_int_equal(told.n.done, 1);
	deliver(&x);
	box_due(&x, 0); /* the grace after a start begins */
	box_due(&x, 1900000);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM event WHERE line LIKE"
			" '%leg.overdue%level=technical%'"),
	    1);
	box_free(&x);
}

/* A question that the journal did not answer is no answer. */
static void
test_what_could_not_be_looked_for_is_looked_for_again(void **state)
{
	struct delivery_out d;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_key(&x, "A");
	box_arrive(&x, "acme", "b.edi", "abc");
	x.s->j.rc = RC_LATER;
	assert_int_equal(spool_next_delivery(x.s, &d, x.mem, &err), RC_LATER);
	x.s->j.rc = RC_LATER;
	assert_int_equal(spool_pick_orders(x.b, &x.o, 1, x.mem), 0);
	assert_true(box_deliver(&x, &d));
	assert_int_equal(box_order(&x)->kind, ORDER_READ);
	box_free(&x);
}

/* --- bodies that are files of their own --- */

static unsigned int
files(struct box *x)
{
	uint64_t *ref;
	struct err err;
	size_t n;

	assert_int_equal(segments_files(&x->s->seg, &ref, &n, &err), RC_OK);
	free(ref);
	return (unsigned int)n;
}

static void
test_a_large_body_is_dropped_when_its_time_is_over(void **state)
{
	size_t size = (9u << 20) + 1;
	char *big = malloc(size), path[512], tail[3];
	struct delivery_out d;
	struct err err;
	uint64_t pos;
	int fd;
	struct box x;
	FILE *f;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', size - 1);
	big[size - 1] = '\0';
	box_new(&x);
	x.conf.keep_days = 2;
	box_arrive(&x, "fwd", "big", big);
	free(big);
	assert_int_equal(files(&x), 1);
	box_due(&x, INT64_C(3) * 86400000);
	box_due(&x, 60000);
	assert_int_equal(files(&x), 1); /* it is not delivered yet */
	assert_true(box_deliver(&x, &d));
	/* it is read from its own file, never held in memory */
	assert_int_equal(d.body.len, 0);
	assert_int_equal(d.npieces, 1);
	assert_int_equal(d.piece[0].len, size - 1);
	pos = 0;
	fd = spool_piece_fd(x.s, &d.piece[0], &pos, &err);
	assert_true(fd >= 0);
	assert_int_equal(fsx_pread(fd, tail, 3, pos + size - 4, &err), RC_OK);
	assert_memory_equal(tail, "xxx", 3);
	assert_int_not_equal(
	    fsx_pread(fd, tail, 3, pos + size - 3, &err), RC_OK);
	(void)close(fd);
	box_publish(&x, d.id);
	pick(&x, d.id);
	box_due(&x, 3600000);
	box_due(&x, 0);
	assert_int_equal(files(&x), 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM bodyfile"), 0);
	/* what no commit names goes at the next start */
	snprintf(path, sizeof(path), "%s/bodies/%016llx.body", x.dir, 77ull);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fclose(f);
	snprintf(path, sizeof(path), "%s/bodies/other", x.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(files(&x), 1);
	box_again(&x, 1000);
	assert_int_equal(files(&x), 0);
	assert_int_equal(access(path, F_OK), 0);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_among_the_refused_fails_its_legs_and_tells),
		T(test_a_file_that_stands_may_be_refused_at_once),
		T(test_a_file_that_goes_after_its_delivery_was_cancelled_stops_nobody),
		T(test_what_is_delivered_again_waits_while_another_of_its_name_stands),
		T(test_what_is_over_is_delivered_again_as_it_was),
		T(test_outside_its_hours_a_partner_is_left_alone),
		T(test_expected_answers_fall_due_by_the_hours_if_said_so),
		T(test_waiting_behind_a_dead_partner_counts_and_each_is_tried),
		T(test_a_partner_that_makes_no_room_is_given_up_and_told),
		T(test_a_window_that_stands_full_is_told_once_and_anew_after_a_pick_up),
		T(test_one_agency_down_delays_no_other),
		T(test_what_was_delivered_after_all_is_owed_an_answer),
		T(test_what_could_not_be_looked_for_is_looked_for_again),
		T(test_a_large_body_is_dropped_when_its_time_is_over),
	};

	return TESTS_RUN(tests);
}
