/*
 * Deliver and the boxes of an agency's client: what it has sent, and what it
 * could not send.
 */
#include "tests/unit/deliver_test.h"

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

static void
sum_is(const struct digest *got, const char *bytes)
{
	struct digest sum;
	struct err err;

	assert_int_equal(hash_of(slice_of(bytes), &sum, &err), RC_OK);
	assert_true(digest_eq(&sum, got));
}

/* NULL: they cannot be read. */
static void
bytes_told(struct stage *s, uint64_t mark, const char *bytes)
{
	struct msg *m = stage_heard(s, MSG_REJECTED);
	const struct msg_REJECTED *j = m->body;

	assert_int_equal(j->asked, 1);
	assert_int_equal(j->mark, mark);
	assert_int_equal(j->read, bytes != NULL);
	if (bytes != NULL) {
		sum_is(&j->sha256, bytes);
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

/* A large one that is renamed again and again is not read all the time. */
static void
test_behind_a_large_refused_file_the_next_walk_waits(void **state)
{
	struct stage *s = agency_new(NULL, "FailBox");
	struct msg *m;
	uint64_t mark = 0;

	(void)state;
	bench_put(&s->b, "FailBox/a.xml", "");
	assert_int_equal(
	    truncate(bench_path(&s->b, "FailBox/a.xml"), 32 << 20), 0);
	stage_run(s);
	rejected(s, "a.xml", &mark);
	whose(s, "a.xml", mark);
	m = stage_heard(s, MSG_REJECTED);
	assert_int_equal(
	    ((const struct msg_REJECTED *)m->body)->size, 32 << 20);
	msg_free(m);
	bench_move(&s->b, "FailBox/a.xml", "FailBox/b.xml");
	clock_move(&s->clock, 2000);
	stage_run(s);
	stage_silent(s);
	clock_move(&s->clock, 100);
	stage_run(s);
	rejected(s, "b.xml", &mark);
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

/* bytes NULL: it is known that it is that file. */
static void
sent_as(struct stage *s, const char *bytes)
{
	struct msg *m = stage_heard(s, MSG_SENT);
	const struct msg_SENT *t = m->body;

	assert_int_equal(t->delivery, ID);
	assert_int_equal(t->read, bytes != NULL);
	if (bytes != NULL)
		sum_is(&t->sha256, bytes);
	msg_free(m);
}

static void
sent(struct stage *s)
{
	sent_as(s, NULL);
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
	/* what went while we stood still is told by its bytes */
	published(s);
	stage_stop(s);
	bench_move(&s->b, "out/a.xml", "SentBox/a.xml");
	stage_start(s, &role_deliver);
	standing(s, ID, false);
	standing(s, 0, false);
	picked(s);
	sent_as(s, "body");
	stage_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_that_its_client_could_not_send_is_told),
		T(test_the_bytes_of_a_refused_file_are_told_when_they_are_asked_for),
		T(test_behind_a_large_refused_file_the_next_walk_waits),
		T(test_a_link_in_the_place_of_sent_files_changes_no_other_watch),
		T(test_a_refusal_is_told_while_another_waits_for_its_name),
		T(test_a_file_that_its_client_moves_in_steps_is_told_when_it_is_sent),
		T(test_a_file_that_stood_there_at_a_start_is_told_when_it_is_sent),
	};

	return TESTS_RUN(tests);
}
