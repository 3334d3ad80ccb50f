/*
 * tests/unit/test_spool_lost.c - a commit that is lost leaves nothing behind in
 * memory: what it did is done again, and what it counted is not.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_a_segment_that_was_begun_in_vain_has_its_row(void **state)
{
	struct arrival_in in = { .partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("a.edi"),
		.mark = { 1, 2, 3, 4 },
		.body = SLICE_LIT("abc") };
	struct digest d;
	struct full f;
	struct err err;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	commits_full(x.s, &f);
	f.times = 1;
	in.id = id_new(spool_ids(x.s));
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, sizeof(in.sha256));
	arrival_take(x.b, &in, &st);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(st.rc, RC_LATER);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM segment"), 0);
	box_arrive(&x, "acme", "a.edi", "abc");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM segment"), 1);
	box_free(&x);
}

static unsigned int
body_files(struct box *x)
{
	uint64_t *ref;
	struct err err;
	size_t n;

	assert_int_equal(segments_files(&x->s->seg, &ref, &n, &err), RC_OK);
	free(ref);
	return (unsigned int)n;
}

/* The caller keeps the body. */
static struct arrival_in
arrival_of(struct box *x, const char *name, struct slice body)
{
	struct arrival_in in = { .id = id_new(spool_ids(x->s)),
		.partner = SLICE_LIT("acme"),
		.channel = SLICE_LIT("folder"),
		.name = slice_of(name),
		.mark = { 1, 2, 3, 4 },
		.body = body };
	struct digest d;
	struct err err;

	assert_int_equal(hash_of(body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, sizeof(in.sha256));
	return in;
}

/* One that is a file of its own. */
static struct slice
large_body(void)
{
	char *p = calloc(1, BODY_FILE + 1);

	assert_non_null(p);
	return (struct slice){ p, BODY_FILE + 1 };
}

/* On a full disk it is asked for again and again: none may take more of it. */
static void
test_a_large_body_that_is_not_taken_takes_no_room(void **state)
{
	struct slice body = large_body();
	struct arrival_in in;
	struct full f;
	struct err err;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	in = arrival_of(&x, "a.edi", body);
	commits_full(x.s, &f);
	f.times = 1;
	arrival_take(x.b, &in, &st);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(body_files(&x), 0);
	free((void *)(uintptr_t)body.p);
	box_free(&x);
}

/*
 * A step that fails when it has written is undone alone as the first of its
 * batch; else its batch is given up, and done again it is undone alone.
 */
static void
test_a_step_that_fails_late_takes_nothing_with_it(void **state)
{
	struct slice body = large_body();
	struct arrival_in a, b;
	struct err err;
	struct step st, other;
	struct box x;

	(void)state;
	box_new(&x);
	a = arrival_of(&x, "a.edi", body);
	b = arrival_of(&x, "b.edi", body);
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"CREATE TEMP TRIGGER never BEFORE INSERT ON main.arrival WHEN"
		" NEW.name = 'b.edi' BEGIN SELECT RAISE(FAIL, 'no'); END",
		NULL, NULL, NULL),
	    SQLITE_OK);
	arrival_take(x.b, &b, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_int_equal(body_files(&x), 0);
	arrival_take(x.b, &a, &other);
	arrival_take(x.b, &b, &st);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(other.rc, RC_LATER);
	assert_int_equal(st.rc, RC_LATER);
	assert_int_equal(body_files(&x), 0);
	arrival_take(x.b, &a, &other);
	arrival_take(x.b, &b, &st);
	box_commit(&x);
	assert_int_equal(other.rc, RC_OK);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM bodyfile"), 1);
	assert_int_equal(body_files(&x), 1);
	free((void *)(uintptr_t)body.p);
	box_free(&x);
}

/* As the library does it when a question between two steps has no memory. */
static void
transaction_lose(struct box *x)
{
	assert_int_equal(
	    sqlite3_exec(x->s->j.db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
}

static void
test_a_transaction_lost_between_steps_gives_up_its_batch(void **state)
{
	struct arrival_in a, b;
	struct err err;
	struct step one, two;
	struct box x;

	(void)state;
	box_new(&x);
	a = arrival_of(&x, "a.edi", SLICE_LIT("A"));
	b = arrival_of(&x, "b.edi", SLICE_LIT("A"));
	arrival_take(x.b, &a, &one);
	transaction_lose(&x);
	arrival_take(x.b, &b, &two);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(one.rc, RC_LATER);
	assert_int_equal(two.rc, RC_LATER);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 0);
	/* nor is anything told that only the commit finds gone */
	arrival_take(x.b, &a, &one);
	transaction_lose(&x);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(one.rc, RC_LATER);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 0);
	arrival_take(x.b, &a, &one);
	arrival_take(x.b, &b, &two);
	box_commit(&x);
	assert_int_equal(one.rc, RC_OK);
	assert_int_equal(two.rc, RC_OK);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM arrival"), 2);
	box_free(&x);
}

/* A damaged body holds its file, also when that is not written at once. */
static void
test_an_order_that_could_not_be_held_comes_again(void **state)
{
	struct full f;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_arrive(&x, "acme", "a.edi", "abc");
	assert_int_equal(
	    sqlite3_exec(x.s->j.db, "UPDATE arrival SET body = body + 1", NULL,
		NULL, NULL),
	    SQLITE_OK);
	commits_full(x.s, &f);
	f.after = 1; /* its attempt is counted */
	f.times = 1;
	assert_int_equal(spool_next_order(x.s, &x.o, x.mem, &err), RC_LATER);
	assert_int_equal(f.times, 0);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM arrival"), "accepted");
	assert_int_equal(spool_next_order(x.s, &x.o, x.mem, &err), RC_LATER);
	assert_string_equal(box_text(&x, "SELECT state FROM arrival"), "held");
	box_free(&x);
}

static void
test_the_turn_of_the_mappings_is_told_once_it_is_written(void **state)
{
	static const char turned[] =
	    "SELECT count(*) FROM event WHERE line LIKE"
	    " '%mapping.turned mapping=new%'";
	struct full f;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	assert_int_equal(
	    spool_generation(x.s, &x.conf, 1,
		SLICE_LIT("old new@1795003600000"), &err), /* in an hour */
	    RC_OK);
	clock_move(&x.clock, 3600000);
	box_arrive(&x, "acme", "a.edi", "abc");
	commits_full(x.s, &f);
	f.times = 1;
	assert_int_equal(spool_next_order(x.s, &x.o, x.mem, &err), RC_LATER);
	assert_int_equal(box_sql(&x, turned), 0);
	box_order(&x);
	assert_int_equal(box_sql(&x, turned), 1);
	box_free(&x);
}

/* What cannot be done, whatever it is, is told once a second, and not more. */
static void
test_what_is_due_and_fails_is_tried_after_a_pause(void **state)
{
	struct a_receipt r = { .filer = "nobody's", .status = "1" };
	int64_t due;
	struct box x;

	(void)state;
	box_new(&x);
	box_receipt(&x, "customs", &r);
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"UPDATE receipt SET t = -3000000000; CREATE TEMP TRIGGER never "
		"BEFORE"
		" UPDATE ON main.receipt BEGIN SELECT RAISE(FAIL, 'no'); END",
		NULL, NULL, NULL),
	    SQLITE_OK);
	spool_due(x.s, x.b, &due); /* the grace after a start begins */
	box_commit(&x);
	clock_move(&x.clock, 3600000);
	for (int i = 0; i < 3; i++) {
		spool_due(x.s, x.b, &due);
		assert_int_equal(batch_steps(x.b), i == 0);
		box_commit(&x);
		assert_int_equal(due, spool_time(x.s) + 1000);
	}
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "parked");
	assert_int_equal(
	    sqlite3_exec(x.s->j.db, "DROP TRIGGER never", NULL, NULL, NULL),
	    SQLITE_OK);
	box_due(&x, 1000);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "discarded");
	box_free(&x);
}

static void
test_what_is_due_and_fails_keeps_nothing_else_from_its_turn(void **state)
{
	struct a_receipt r = { .filer = "nobody's", .status = "1" };
	int64_t due;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].submit[0].batch = 3;
	x.partner[1].submit[0].batch_within_ms = 5000;
	x.conf.keep_days = 10;
	box_key(&x, "A");
	box_receipt(&x, "customs", &r);
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"UPDATE receipt SET t = -3000000000; CREATE TEMP TRIGGER never "
		"BEFORE UPDATE ON main.delivery WHEN NEW.state = 'planned'"
		" BEGIN SELECT RAISE(FAIL, 'no'); END",
		NULL, NULL, NULL),
	    SQLITE_OK);
	spool_due(x.s, x.b, &due); /* the grace after a start begins */
	box_commit(&x);
	clock_move(&x.clock, 3600000);
	for (int i = 0; i < 32; i++) {
		spool_due(x.s, x.b, &due);
		box_commit(&x);
		assert_int_equal(due, spool_time(x.s) + 1000);
		clock_move(&x.clock, 1000);
	}
	assert_string_equal(box_text(&x, "SELECT state FROM delivery"), "open");
	assert_string_equal(
	    box_text(&x, "SELECT state FROM receipt"), "discarded");
	assert_true(x.s->retention_t > spool_time(x.s));
	box_free(&x);
}

/* More than a page of them, and then one that can be done. */
static void
test_what_is_due_and_fails_hides_nothing_behind_it(void **state)
{
	static const char left[] =
	    "SELECT count(*) FROM receipt WHERE state = 'parked'";
	struct box x;

	(void)state;
	box_new(&x);
	for (int i = 0; i < 101; i++) {
		char key[16];
		struct a_receipt r = { .filer = key, .status = "1" };

		(void)snprintf(key, sizeof(key), "nobody's %d", i);
		box_receipt(&x, "customs", &r);
	}
	assert_int_equal(box_sql(&x, left), 101);
	assert_int_equal(
	    sqlite3_exec(x.s->j.db,
		"UPDATE receipt SET t = -3000000000 + (SELECT count(*) FROM"
		" receipt r WHERE r.id < receipt.id); CREATE TEMP TRIGGER never"
		" BEFORE UPDATE ON main.receipt WHEN OLD.t < -3000000000 + 100"
		" BEGIN SELECT RAISE(FAIL, 'no'); END",
		NULL, NULL, NULL),
	    SQLITE_OK);
	box_due(&x, 0); /* the grace after a start begins */
	box_due(&x, 3600000);
	assert_int_equal(box_sql(&x, left), 101);
	box_due(&x, 1000);
	assert_int_equal(box_sql(&x, left), 100);
	/* and all of them once they can */
	assert_int_equal(
	    sqlite3_exec(x.s->j.db, "DROP TRIGGER never", NULL, NULL, NULL),
	    SQLITE_OK);
	box_due(&x, 1000);
	box_due(&x, 1000);
	assert_int_equal(box_sql(&x, left), 0);
	box_free(&x);
}

static void
test_a_window_that_stands_full_keeps_no_sweep_from_its_turn(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].submit[0].window = 1;
	x.partner[1].technical_within_ms = 0;
	x.partner[1].decision_within_ms = 0;
	x.conf.keep_days = 10;
	box_key(&x, "A");
	assert_true(box_deliver(&x, &d));
	box_publish(&x, d.id);
	box_due(&x, 0); /* the grace after a start begins */
	for (int i = 0; i < 4; i++)
		box_due(&x, 60000);
	assert_true(x.s->retention_t > spool_time(x.s));
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_segment_that_was_begun_in_vain_has_its_row),
		T(test_a_large_body_that_is_not_taken_takes_no_room),
		T(test_a_step_that_fails_late_takes_nothing_with_it),
		T(test_a_transaction_lost_between_steps_gives_up_its_batch),
		T(test_an_order_that_could_not_be_held_comes_again),
		T(test_what_is_due_and_fails_is_tried_after_a_pause),
		T(test_what_is_due_and_fails_keeps_nothing_else_from_its_turn),
		T(test_what_is_due_and_fails_hides_nothing_behind_it),
		T(test_a_window_that_stands_full_keeps_no_sweep_from_its_turn),
		T(test_the_turn_of_the_mappings_is_told_once_it_is_written),
	};

	return TESTS_RUN(tests);
}
