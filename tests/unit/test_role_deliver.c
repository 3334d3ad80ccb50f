/*
 * Deliver against a spool played by the test: the order of its steps, and
 * what it makes of a crash between any two of them.
 */
#include "tests/unit/role_test.h"

#define ID 4711

static void
order(struct stage *s, const char *name, const char *body)
{
	struct err err;

	stage_say(s, MSG_DELIVER,
	    &(struct msg_DELIVER){ .delivery = ID,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of(name),
		.attempt = 1 },
	    fsx_memfd("body", slice_of(body), &err));
}

static void
heard(struct stage *s, enum msg_type type, enum rc rc, const char *why)
{
	struct msg *m = stage_heard(s, type);
	const struct msg_STAGED *a = m->body; /* PUBLISHED is alike */

	assert_int_equal(a->delivery, ID);
	assert_int_equal(a->rc, rc);
	test_slice_is(a->why, why);
	msg_free(m);
}

static void
picked(struct stage *s)
{
	struct msg *m = stage_heard(s, MSG_PICKED);

	assert_int_equal(((const struct msg_PICKED *)m->body)->delivery, ID);
	msg_free(m);
}

static void
publish(struct stage *s)
{
	stage_say(s, MSG_PUBLISH, &(struct msg_PUBLISH){ .delivery = ID }, -1);
}

static void
published(struct stage *s)
{
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
}

/* This is the folder in which something was staged before. */
static void
folder_mark(struct stage *s)
{
	bench_put(&s->b, "out/.entrepot/.ours", "");
}

static void
standing(struct stage *s, uint64_t id, bool staged)
{
	stage_say(s, MSG_STANDING,
	    &(struct msg_STANDING){ .delivery = id,
		.partner = slice_of(id == 0 ? "" : "acme"),
		.channel = slice_of("folder"),
		.name = slice_of("a.xml"),
		.staged = staged },
	    -1);
}

/* An agency whose client has these folders; nothing stands there. */
static struct stage *
agency_new(const char *sent, const char *refused)
{
	struct stage *s = stage_new(&role_deliver);

	stage_stop(s);
	s->b.conf.agency = true;
	s->b.conf.sent = sent;
	s->b.conf.refused = refused;
	stage_start(s, &role_deliver);
	standing(s, 0, false);
	return s;
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
rejected(struct stage *s, const char *name, uint64_t *mark)
{
	struct msg *m = stage_heard(s, MSG_REJECTED);
	const struct msg_REJECTED *j = m->body;

	test_slice_is(j->partner, "acme");
	test_slice_is(j->name, name);
	assert_int_equal(j->asked, 0);
	assert_true(*mark != j->mark);
	*mark = j->mark;
	msg_free(m);
}

/* The client's steps: it takes the file away, fails, and says so by a folder.
 */
static void
test_a_file_that_its_client_could_not_send_is_told(void **state)
{
	struct stage *s = agency_new(NULL, "FailBox");
	uint64_t mark = 0;

	(void)state;
	published(s);
	bench_move(&s->b, "out/a.xml", "FailBox/a.xml");
	stage_run(s);
	picked(s); /* first that it went, then where to */
	rejected(s, "a.xml", &mark);
	clock_move(&s->clock, 60000);
	stage_run(s);
	stage_silent(s);
	/* moved there once more: another mark, though the file is the same */
	bench_move(&s->b, "FailBox/a.xml", "out/a.xml");
	bench_move(&s->b, "out/a.xml", "FailBox/a.xml");
	stage_run(s);
	rejected(s, "a.xml", &mark);
	/* half a file is none; after a restart all are told again */
	bench_put(&s->b, "FailBox/.b.tmp", "");
	stage_again(s);
	standing(s, 0, false);
	stage_run(s);
	msg_free(stage_heard(s, MSG_REJECTED));
	stage_silent(s);
	stage_free(s);
}

static void
whose(struct stage *s, const char *name, uint64_t mark)
{
	stage_say(s, MSG_WHOSE,
	    &(struct msg_WHOSE){ .partner = slice_of("acme"),
		.name = slice_of(name),
		.mark = mark },
	    -1);
}

/* NULL: they cannot be read. */
static void
bytes_told(struct stage *s, uint64_t mark, const char *bytes)
{
	struct msg *m = stage_heard(s, MSG_REJECTED);
	const struct msg_REJECTED *j = m->body;
	struct digest sum;
	struct err err;

	assert_int_equal(j->asked, 1);
	assert_int_equal(j->mark, mark);
	assert_int_equal(j->read, bytes != NULL);
	if (bytes != NULL) {
		assert_int_equal(hash_of(slice_of(bytes), &sum, &err), RC_OK);
		assert_true(digest_eq(&sum, &j->sha256));
		assert_int_equal(j->size, strlen(bytes));
	}
	msg_free(m);
}

static void
test_the_bytes_of_a_refused_file_are_told_when_they_are_asked_for(void **state)
{
	struct stage *s = agency_new(NULL, "FailBox");
	uint64_t mark = 0;

	(void)state;
	published(s);
	bench_move(&s->b, "out/a.xml", "FailBox/a.xml");
	stage_run(s);
	picked(s);
	rejected(s, "a.xml", &mark);
	whose(s, "a.xml", mark);
	bytes_told(s, mark, "body");
	/* another file by then: it is told by itself, and that is all */
	bench_move(&s->b, "FailBox/a.xml", "FailBox/b.xml");
	bench_put(&s->b, "theirs", "theirs");
	bench_move(&s->b, "theirs", "FailBox/a.xml");
	whose(s, "a.xml", mark);
	for (int i = 0; i < 2; i++)
		msg_free(stage_heard(s, MSG_REJECTED));
	stage_silent(s);
	/* gone, no name, and a partner of a reload before */
	for (int i = 0; i < 2; i++) {
		whose(s, i == 0 ? "c.xml" : "../out/a.xml", mark);
		bytes_told(s, mark, NULL);
	}
	stage_say(s, MSG_WHOSE,
	    &(struct msg_WHOSE){ .partner = slice_of("none"),
		.name = slice_of("a.xml"),
		.mark = mark },
	    -1);
	stage_silent(s);
	stage_free(s);
}

/* Its mask would be the one for sent files, in anybody's folder. */
static void
test_a_link_in_the_place_of_sent_files_changes_no_other_watch(void **state)
{
	struct stage *s = stage_new(&role_deliver);

	(void)state;
	stage_stop(s);
	s->b.conf.agency = true;
	s->b.conf.sent = "SentBox";
	assert_int_equal(symlink("out", bench_path(&s->b, "SentBox")), 0);
	stage_start(s, &role_deliver);
	standing(s, 0, false);
	published(s);
	assert_int_equal(unlink(bench_path(&s->b, "out/a.xml")), 0);
	stage_run(s);
	picked(s);
	stage_free(s);
}

/* One that waits for its name, for days perhaps, keeps no other's refusal. */
static void
test_a_refusal_is_told_while_another_waits_for_its_name(void **state)
{
	struct stage *s = agency_new(NULL, "FailBox");
	struct err err;
	uint64_t mark = 0;

	(void)state;
	published(s);
	stage_say(s, MSG_DELIVER,
	    &(struct msg_DELIVER){ .delivery = ID + 1,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of("b.xml"),
		.attempt = 1 },
	    fsx_memfd("body", slice_of("b"), &err));
	msg_free(stage_heard(s, MSG_STAGED));
	bench_put(&s->b, "out/b.xml", "theirs");
	stage_say(
	    s, MSG_PUBLISH, &(struct msg_PUBLISH){ .delivery = ID + 1 }, -1);
	stage_silent(s);
	bench_move(&s->b, "out/a.xml", "FailBox/a.xml");
	stage_run(s);
	picked(s);
	rejected(s, "a.xml", &mark);
	stage_silent(s);
	stage_free(s);
}

static void
moved(struct stage *s, const char *from, const char *to)
{
	bench_move(&s->b, from, to);
	stage_run(s);
}

static void
sent(struct stage *s)
{
	struct msg *m = stage_heard(s, MSG_SENT);

	assert_int_equal(((const struct msg_SENT *)m->body)->delivery, ID);
	msg_free(m);
}

/*
 * In steps, and into a folder that its client makes in time: nobody waits for
 * the next round of looking.
 */
static void
test_a_file_that_its_client_moves_in_steps_is_told_when_it_is_sent(void **state)
{
	struct stage *s = agency_new("SentBox", NULL);

	(void)state;
	published(s);
	assert_int_equal(mkdir(bench_path(&s->b, "SentBox"), 0700), 0);
	moved(s, "out/a.xml", "a.xml");
	picked(s);
	stage_silent(s);
	/* another file of that name is not it, nor is one of another name */
	bench_put(&s->b, "SentBox/a.xml", "body");
	bench_put(&s->b, "SentBox/b.xml", "body");
	stage_run(s);
	stage_silent(s);
	moved(s, "SentBox", "SentBox.old");
	assert_int_equal(mkdir(bench_path(&s->b, "SentBox"), 0700), 0);
	moved(s, "a.xml", "b.xml");
	moved(s, "b.xml", "SentBox/a.xml");
	clock_move(&s->clock, 10000);
	stage_run(s);
	sent(s);
	clock_move(&s->clock, 60000);
	stage_run(s);
	stage_silent(s);
	stage_free(s);
}

static void
test_a_file_that_stood_there_at_a_start_is_told_when_it_is_sent(void **state)
{
	struct stage *s = agency_new("SentBox", NULL);

	(void)state;
	assert_int_equal(mkdir(bench_path(&s->b, "SentBox"), 0700), 0);
	published(s);
	stage_again(s);
	standing(s, ID, false);
	standing(s, 0, false);
	stage_silent(s);
	moved(s, "out/a.xml", "SentBox/a.xml");
	picked(s);
	sent(s);
	/* what went while we stood still is picked up, and that is known */
	published(s);
	stage_stop(s);
	bench_move(&s->b, "out/a.xml", "SentBox/a.xml");
	stage_start(s, &role_deliver);
	standing(s, ID, false);
	standing(s, 0, false);
	picked(s);
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
		T(test_a_file_that_its_client_could_not_send_is_told),
		T(test_the_bytes_of_a_refused_file_are_told_when_they_are_asked_for),
		T(test_a_file_that_its_client_moves_in_steps_is_told_when_it_is_sent),
		T(test_a_link_in_the_place_of_sent_files_changes_no_other_watch),
		T(test_a_refusal_is_told_while_another_waits_for_its_name),
		T(test_a_file_that_stood_there_at_a_start_is_told_when_it_is_sent),
		T(test_a_side_folder_that_was_taken_away_is_made_anew),
		T(test_a_draining_deliver_finishes_what_is_staged),
	};

	return TESTS_RUN(tests);
}
