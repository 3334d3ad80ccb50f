/*
 * Deliver against a spool played by the test: the order of its steps, and
 * what it makes of a crash between any two of them.
 */
#include "tests/unit/deliver_test.h"

/* This is the folder in which something was staged before. */
static void
folder_mark(struct stage *s)
{
	bench_put(&s->b, "out/.entrepot/.ours", "");
}

static const char *
stage_path(void)
{
	static char path[64];
	char text[ID_TEXT];

	(void)snprintf(
	    path, sizeof(path), "out/.entrepot/%s", id_print(ID, text));
	return path;
}

static void
test_a_file_appears_only_after_its_staging_is_on_disk(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	bench_holds(&s->b, stage_path(), "body");
	assert_false(bench_there(&s->b, "out/a.xml"));
	stage_silent(s);
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "body");
	stage_silent(s);
	assert_int_equal(unlink(bench_path(&s->b, "out/a.xml")), 0);
	stage_run(s);
	picked(s);
	clock_move(&s->clock, 60000);
	stage_run(s);
	stage_silent(s);
	stage_free(s);
}

static void
test_a_pick_up_without_a_word_is_found_by_looking(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	folder_mark(s);
	standing(s, ID, false);
	picked(s); /* it does not stand there */
	stage_free(s);
}

/* Its disk is not mounted, say: nothing may be concluded from what is not
 * there. */
static void
test_a_folder_in_which_nothing_was_staged_is_not_the_one_delivered_to(
    void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	standing(s, ID, true);
	stage_silent(s);
	standing(s, ID + 1, false);
	standing(s, 0, false);
	clock_move(&s->clock, 60000);
	stage_run(s);
	stage_silent(s);
	assert_false(bench_there(&s->b, "out/.entrepot/.ours"));
	/* the disk is back */
	folder_mark(s);
	bench_put(&s->b, stage_path(), "body");
	clock_move(&s->clock, 60000);
	stage_run(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	{
		struct msg *m = stage_heard(s, MSG_PICKED);

		assert_int_equal(
		    ((const struct msg_PICKED *)m->body)->delivery, ID + 1);
		msg_free(m);
	}
	bench_holds(&s->b, "out/a.xml", "body");
	stage_free(s);
}

static void
test_a_taken_name_is_refused_before_anything_is_staged(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	bench_put(&s->b, "out/a.xml", "theirs");
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_REFUSED,
	    "another file stands under the name 'a.xml'");
	assert_false(bench_there(&s->b, stage_path()));
	bench_holds(&s->b, "out/a.xml", "theirs");
	stage_free(s);
}

static void
test_a_name_taken_after_staging_waits_until_it_is_free(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	bench_put(&s->b, "out/a.xml", "theirs");
	publish(s);
	stage_silent(s);
	bench_holds(&s->b, "out/a.xml", "theirs");
	assert_int_equal(unlink(bench_path(&s->b, "out/a.xml")), 0);
	clock_move(&s->clock, 5000);
	stage_run(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "body");
	stage_free(s);
}

static void
test_an_unknown_partner_or_a_missing_folder_is_answered(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	s->b.conf.name = "other";
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_REFUSED, "no folder of its partner");
	stage_stop(s);
	s->b.conf.name = "acme";
	s->b.conf.folder = "/nonexistent";
	stage_start(s, &role_deliver);
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_LATER,
	    "folder '/nonexistent': No such file or directory");
	stage_free(s);
}

static void
test_what_is_not_a_sealed_body_stops_the_role(void **state)
{
	struct stage *s = stage_new(&role_deliver);
	struct err err;
	struct msg *m;

	(void)state;
	assert_int_equal(wire_send(s->spool, ROLE_DELIVER, MSG_DELIVER,
			     &(struct msg_DELIVER){ .delivery = ID,
				 .partner = slice_of("acme"),
				 .name = slice_of("a") },
			     open("/dev/null", O_RDONLY | O_CLOEXEC), &err),
	    RC_OK);
	m = wire_next(s->role.wire);
	assert_int_not_equal(s->role.ops->take(&s->role, m, &err), RC_OK);
	assert_string_equal(
	    err.text, "descriptor is not a memfd, want a sealed memfd");
	msg_free(m);
	stage_free(s);
}

static void
test_after_a_crash_the_staged_file_is_published(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	stage_again(s);
	standing(s, ID, true);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	bench_holds(&s->b, "out/a.xml", "body");
	stage_free(s);
}

static void
test_after_a_crash_behind_the_rename_nothing_is_published_twice(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	published(s);
	assert_int_equal(unlink(bench_path(&s->b, "out/a.xml")), 0);
	stage_again(s);
	standing(s, ID, true); /* the spool had not heard of it */
	heard(s, MSG_PUBLISHED, RC_OK, "");
	assert_false(bench_there(&s->b, "out/a.xml"));
	picked(s);
	stage_free(s);
}

static void
test_after_a_crash_before_the_row_staging_begins_anew(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	order(s, "a.xml", "first try");
	heard(s, MSG_STAGED, RC_OK, "");
	stage_again(s);
	standing(s, 0, false);
	assert_false(bench_there(&s->b, stage_path())); /* swept */
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	bench_holds(&s->b, stage_path(), "body");
	stage_free(s);
}

static void
test_a_draining_deliver_finishes_what_is_staged(void **state)
{
	struct stage *s = stage_new(&role_deliver);
	struct wire *top = exchange_wire(s->x, ROLE_SUPERVISOR);
	struct err err;

	(void)state;
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	assert_int_equal(wire_send(top, ROLE_DELIVER, MSG_DRAIN,
			     &(struct msg_DRAIN){ 0 }, -1, &err),
	    RC_OK);
	stage_run(s);
	assert_null(wire_next(top));
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
	msg_free(wire_next(top));
	order(s, "b.xml", "body");
	stage_silent(s);
	stage_free(s);
}

static void
test_a_side_folder_that_was_taken_away_is_made_anew(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	published(s);
	assert_int_equal(unlink(bench_path(&s->b, "out/a.xml")), 0);
	stage_run(s);
	picked(s);
	bench_move(&s->b, "out/.entrepot", "away");
	published(s);
	bench_holds(&s->b, "out/a.xml", "body");
	stage_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_appears_only_after_its_staging_is_on_disk),
		T(test_a_pick_up_without_a_word_is_found_by_looking),
		T(test_a_folder_in_which_nothing_was_staged_is_not_the_one_delivered_to),
		T(test_a_taken_name_is_refused_before_anything_is_staged),
		T(test_a_name_taken_after_staging_waits_until_it_is_free),
		T(test_an_unknown_partner_or_a_missing_folder_is_answered),
		T(test_what_is_not_a_sealed_body_stops_the_role),
		T(test_after_a_crash_the_staged_file_is_published),
		T(test_after_a_crash_behind_the_rename_nothing_is_published_twice),
		T(test_after_a_crash_before_the_row_staging_begins_anew),
		T(test_a_side_folder_that_was_taken_away_is_made_anew),
		T(test_a_draining_deliver_finishes_what_is_staged),
	};

	return TESTS_RUN(tests);
}
