/*
 * When intake takes a file: each completion rule at work on halves of files,
 * and the same after a start as before it.
 */
#include "tests/unit/role_test.h"
#include <sys/time.h>

static const char whole[] = "UNB+UNOA:1+A+B+240615:1030+1'UNH+1+CUSDEC:D:96B:"
			    "UN'UNT+2+1'UNZ+1+1'\r\n";

static struct stage *
stage_with(enum complete rule)
{
	struct stage *s = stage_new(&role_intake);

	s->b.conf.complete = rule;
	s->b.conf.quiet_ms = 30000;
	stage_again(s);
	stage_say(s, MSG_HALF, &(struct msg_HALF){ .arrival = 0 }, -1);
	return s;
}

/* So many bytes of the interchange under this name, written just now. */
static void
put(struct stage *s, const char *name, size_t n)
{
	struct timeval t = { .tv_sec = clock_wall(&s->clock) / 1000 };
	const struct timeval both[2] = { t, t };
	FILE *f = fopen(bench_path(&s->b, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(whole, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(utimes(bench_path(&s->b, name), both), 0);
}

static void
later(struct stage *s, int64_t ms)
{
	clock_move(&s->clock, ms);
	stage_run(s);
}

static void
asked(struct stage *s)
{
	struct msg *m = stage_heard(s, MSG_TAKE);
	const struct msg_TAKE *t = m->body;

	test_slice_is(t->name, "a.edi");
	assert_int_equal(t->size, sizeof(whole) - 1);
	msg_free(m);
	stage_silent(s);
}

/* Intake starts again and finds what stood there: by the same rule. */
static void
again(struct stage *s)
{
	stage_again(s);
	stage_say(s, MSG_HALF, &(struct msg_HALF){ .arrival = 0 }, -1);
	stage_run(s);
}

static void
test_by_rename_a_file_is_whole_when_it_has_its_name(void **state)
{
	struct stage *s = stage_with(COMPLETE_RENAME);

	(void)state;
	put(s, "in/a.edi.tmp", 20);
	later(s, 60000);
	again(s);
	stage_silent(s);
	put(s, "in/a.edi.tmp", sizeof(whole) - 1);
	assert_int_equal(rename(bench_path(&s->b, "in/a.edi.tmp"),
			     bench_path(&s->b, "in/a.edi")),
	    0);
	stage_run(s);
	asked(s);
	stage_free(s);
}

static void
test_by_marker_a_half_file_waits_for_its_last_segment(void **state)
{
	struct stage *s = stage_with(COMPLETE_MARKER);

	(void)state;
	put(s, "in/a.edi", sizeof(whole) - 1);
	later(s, 60000);
	stage_silent(s); /* whole, but nobody said so */
	put(s, "in/a.edi", sizeof(whole) - 4);
	put(s, "in/a.edi.ok", 0);
	later(s, 60000);
	stage_silent(s); /* said so, but its end is missing */
	again(s);
	stage_silent(s);
	put(s, "in/a.edi", sizeof(whole) - 1);
	later(s, 1000);
	asked(s);
	stage_free(s);
}

static void
test_by_close_a_file_waits_for_its_writer_and_its_end(void **state)
{
	struct stage *s = stage_with(COMPLETE_CLOSE);
	FILE *f = fopen(bench_path(&s->b, "in/a.edi"), "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(
	    fwrite(whole, 1, sizeof(whole) - 1, f), sizeof(whole) - 1);
	assert_int_equal(fflush(f), 0);
	later(s, 60000);
	stage_silent(s); /* whole, and still open */
	again(s);
	stage_silent(s);
	assert_int_equal(ftruncate(fileno(f), 20), 0);
	assert_int_equal(fclose(f), 0);
	later(s, 60000);
	stage_silent(s); /* closed by a writer that died half way */
	put(s, "in/a.edi", sizeof(whole) - 1);
	later(s, 1000);
	asked(s);
	stage_free(s);
}

static void
test_by_quiet_a_file_waits_its_time_and_for_its_end(void **state)
{
	struct stage *s = stage_with(COMPLETE_QUIET);

	(void)state;
	put(s, "in/a.edi", 20);
	later(s, 29000);
	stage_silent(s);
	later(s, 60000);
	stage_silent(s); /* quiet, and half */
	again(s);
	stage_silent(s);
	put(s, "in/a.edi", sizeof(whole) - 1);
	later(s, 29000);
	stage_silent(s);
	again(s); /* a second passes */
	asked(s);
	stage_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_by_rename_a_file_is_whole_when_it_has_its_name),
		T(test_by_marker_a_half_file_waits_for_its_last_segment),
		T(test_by_close_a_file_waits_for_its_writer_and_its_end),
		T(test_by_quiet_a_file_waits_its_time_and_for_its_end),
	};

	return TESTS_RUN(tests);
}
