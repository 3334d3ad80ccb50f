/*
 * tests/unit/test_spool.c - taking in, passing on, group commit, spool time,
 * the lock, what is left after a stop.
 */
#include "tests/unit/spool_test.h"
#include "spool/scheduler.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
test_bytes_that_were_taken_are_delivered_unchanged(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "a.txt", "bytes \x01 as they are");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "bytes \x01 as they are");
	test_slice_is(d.name, "a.txt");
	test_slice_is(d.partner, "customs");
	assert_false(d.reply);
	box_publish(&x, d.id);
	assert_false(box_deliver(&x, &d));
	assert_string_equal(box_text(&x, "SELECT state FROM arrival"), "done");
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery"), "published");
	box_free(&x);
}

static void
test_bytes_other_than_announced_are_refused(void **state)
{
	struct arrival_in in = { .id = 77,
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("a"),
		.body = SLICE_LIT("x") };
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	arrival_take(x.b, &in, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_string_equal(
	    st.why.text, "the bytes are not those that were announced");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 0);
	box_free(&x);
}

static void
test_a_take_that_is_told_twice_makes_one_arrival(void **state)
{
	struct arrival_in in = { .id = 77,
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("a"),
		.body = SLICE_LIT("x") };
	struct step st[4];
	struct digest d;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st[0]);
	arrival_take(x.b, &in, &st[1]);
	arrival_accept(x.b, 77, &st[2]);
	arrival_accept(x.b, 77, &st[3]);
	box_commit(&x);
	for (int i = 0; i < 4; i++)
		assert_int_equal(st[i].rc, RC_OK);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 1);
	in.body = SLICE_LIT("y");
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st[0]);
	box_commit(&x);
	assert_int_equal(st[0].rc, RC_REFUSED);
	assert_string_equal(
	    st[0].why.text, "arrival is there with other bytes");
	box_free(&x);
}

static void
test_an_edge_that_is_not_in_the_table_is_broken(void **state)
{
	struct delivery_out d;
	struct step st;
	struct box x;
	uint64_t id;

	(void)state;
	box_new(&x);
	id = box_arrive(&x, "fwd", "a.txt", "x");
	arrival_drop(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_BROKEN);
	assert_string_equal(
	    st.why.text, "arrival may not go from 'done' to 'dropped'");
	assert_true(box_deliver(&x, &d));
	delivery_published(x.b, d.id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_BROKEN);
	assert_string_equal(
	    st.why.text, "delivery may not go from 'ready' to 'published'");
	delivery_picked(x.b, 4711, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	box_free(&x);
}

static void
test_a_step_that_fails_undoes_itself_alone(void **state)
{
	struct step st[3];
	struct box x;
	uint64_t id, seq;

	(void)state;
	box_new(&x);
	id = box_arrive(&x, "acme", "a", "1");
	seq = x.s->audit.seq;
	arrival_accept(x.b, id, &st[0]);
	arrival_drop(x.b, id, &st[1]);
	arrival_accept(x.b, 99, &st[2]);
	box_commit(&x);
	assert_int_equal(st[0].rc, RC_OK);
	assert_int_equal(st[1].rc, RC_BROKEN);
	assert_int_equal(st[2].rc, RC_REFUSED);
	assert_int_equal(x.s->audit.seq, seq);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM arrival"), "accepted");
	box_free(&x);
}

static void
test_a_hundred_steps_cost_one_commit(void **state)
{
	struct spool_counters a, b;
	struct step st[100];
	struct box x;
	uint64_t id[100];

	(void)state;
	box_new(&x);
	for (int i = 0; i < 100; i++) {
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		id[i] = box_arrive(&x, "acme", name, name);
	}
	spool_counters(x.s, &a);
	for (int i = 0; i < 100; i++)
		arrival_accept(x.b, id[i], &st[i]);
	box_commit(&x);
	spool_counters(x.s, &b);
	assert_int_equal(b.commits - a.commits, 0); /* nothing changed */
	box_again(&x, 1000);
	spool_counters(x.s, &a);
	for (int i = 0; i < 100; i++) {
		struct arrival_in in = { .id = id_new(spool_ids(x.s)),
			.partner = SLICE_LIT("acme"),
			.channel = SLICE_LIT("folder"),
			.name = SLICE_LIT("z"),
			.body = SLICE_LIT("zz") };
		struct digest d;
		struct err err;

		assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
		memcpy(in.sha256, d.b, DIGEST_LEN);
		arrival_take(x.b, &in, &st[i]);
	}
	box_commit(&x);
	spool_counters(x.s, &b);
	assert_int_equal(b.commits - a.commits, 1);
	assert_int_equal(b.syncs - a.syncs, 2); /* bodies, then rows */
	assert_int_equal(b.events - a.events, 1);
	box_free(&x);
}

static void
test_everything_is_there_after_a_stop(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "a.txt", "kept");
	box_again(&x, 5000);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "kept");
	box_free(&x);
}

static void
test_a_second_process_on_one_spool_is_refused(void **state)
{
	struct spool *other;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    spool_open(&other, x.dir, &x.conf, &x.clock, &err), RC_REFUSED);
	assert_string_equal(err.text,
	    "the spool is in use by another process: does a daemon run on it?");
	box_free(&x);
}

static void
test_a_lock_that_cannot_be_opened_says_why(void **state)
{
	struct spool *s;
	struct err err;
	struct box x;
	char name[PATH_MAX];

	(void)state;
	box_new(&x);
	spool_close(x.s);
	(void)snprintf(name, sizeof(name), "%s/lock", x.dir);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(symlink("elsewhere", name), 0);
	assert_int_equal(
	    spool_open(&s, x.dir, &x.conf, &x.clock, &err), RC_BROKEN);
	assert_string_equal(
	    err.text, "lock: open 'lock': Too many levels of symbolic links");
	assert_int_equal(unlink(name), 0);
	assert_int_equal(
	    spool_open(&x.s, x.dir, &x.conf, &x.clock, &err), RC_OK);
	box_free(&x);
}

static void
test_spool_time_never_goes_back_and_at_most_a_day_ahead(void **state)
{
	struct box x;
	int64_t t, day = INT64_C(24) * 3600 * 1000;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "a", "1");
	t = spool_time(x.s);
	clock_jump(&x.clock, WALL0 - day);
	assert_int_equal(spool_time(x.s), t);
	box_arrive(&x, "acme", "b", "2");
	box_again(&x, 0);
	assert_int_equal(spool_time(x.s), t);
	clock_jump(&x.clock, WALL0 + 400 * day);
	box_again(&x, 0);
	assert_int_equal(spool_time(x.s), t + day);
	clock_move(&x.clock, 250);
	assert_int_equal(spool_time(x.s), t + day + 250);
	box_free(&x);
}

static void
half_count(void *arg, uint64_t arrival, struct slice partner,
    struct slice channel, struct slice name, bool accepted,
    const struct fsx_mark *mark)
{
	int *n = arg;

	(void)arrival;
	(void)channel;
	(void)name;
	test_slice_is(partner, "acme");
	assert_int_equal(mark->ino, 2);
	n[accepted]++;
}

static void
test_half_taken_files_are_told_after_a_start(void **state)
{
	struct arrival_in in = { .id = 5,
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("half"),
		.mark = { 1, 2, 3, 4 },
		.body = SLICE_LIT("h") };
	int n[2] = { 0, 0 };
	struct digest d;
	struct step st;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st);
	box_commit(&x);
	box_arrive(&x, "acme", "whole", "w");
	box_again(&x, 0);
	assert_int_equal(spool_half_taken(x.s, half_count, n, &err), RC_OK);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 1);
	box_free(&x);
}

static void
test_a_short_disk_says_later_and_work_in_hand_goes_on(void **state)
{
	struct arrival_in in = { .id = 5,
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("n"),
		.body = SLICE_LIT("h") };
	struct delivery_out d;
	struct digest sum;
	struct step st;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "fwd", "a.txt", "in hand");
	x.conf.reserve = UINT64_C(1) << 62;
	clock_move(&x.clock, 5000);
	assert_int_equal(hash_of(in.body, &sum, &err), RC_OK);
	memcpy(in.sha256, sum.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_LATER);
	assert_non_null(strstr(st.why.text, "the reserve is"));
	assert_true(box_deliver(&x, &d));
	box_publish(&x, d.id);
	x.conf.reserve = 0;
	arrival_take(x.b, &in, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	box_free(&x);
}

/* So many files of so many bytes wait; how many go out in one go? */
static unsigned int
go_together(unsigned int files, size_t bytes)
{
	static struct order out[ORDERS_MAX];
	char *body = malloc(bytes + 1);
	unsigned int n;
	struct box x;

	assert_non_null(body);
	memset(body, 'x', bytes);
	body[bytes] = '\0';
	box_new(&x);
	for (unsigned int i = 0; i < files; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "f%u.edi", i);
		(void)box_arrive(&x, "acme", name, body);
	}
	n = spool_pick_orders(x.b, out, ORDERS_MAX, x.mem);
	box_free(&x);
	free(body);
	return n;
}

static void
test_many_small_files_go_out_together_and_few_large_ones(void **state)
{
	(void)state;
	assert_int_equal(go_together(ORDERS_PARTNER + 6, 20), ORDERS_PARTNER);
	assert_int_equal(
	    go_together(ORDERS_LARGE + 3, ORDERS_BYTES / ORDERS_LARGE + 1),
	    ORDERS_LARGE);
	assert_int_equal(go_together(3, ORDERS_BYTES), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_bytes_that_were_taken_are_delivered_unchanged),
		T(test_bytes_other_than_announced_are_refused),
		T(test_a_take_that_is_told_twice_makes_one_arrival),
		T(test_an_edge_that_is_not_in_the_table_is_broken),
		T(test_a_step_that_fails_undoes_itself_alone),
		T(test_a_hundred_steps_cost_one_commit),
		T(test_everything_is_there_after_a_stop),
		T(test_a_second_process_on_one_spool_is_refused),
		T(test_a_lock_that_cannot_be_opened_says_why),
		T(test_spool_time_never_goes_back_and_at_most_a_day_ahead),
		T(test_half_taken_files_are_told_after_a_start),
		T(test_a_short_disk_says_later_and_work_in_hand_goes_on),
		T(test_many_small_files_go_out_together_and_few_large_ones),
	};

	return TESTS_RUN(tests);
}
