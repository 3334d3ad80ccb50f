/*
 * entrepot.conf(5), calendars: what is read, and what is told about mistakes.
 */
#include "tests/unit/conf_test.h"
#include "tests/unit/texts.h"
#include "src/base/buf.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_mistakes_of_a_calendar_are_told(void **state)
{
	(void)state;
	WANTS(SPOOL FILER
	    "calendar c {\n"
	    "zone 08:00\n"
	    "open mon-fry 08:00-09:00\n"
	    "open mon 18:00-08:00\n"
	    "open mon 08:00-12:00, 11:59-13:00\n"
	    "closed 2026-02-29\n"
	    "closed 2026-10-07..2026-10-01\n"
	    "closed 2028-02-29, 2028-02-28..2028-03-01\n"
	    "}\n"
	    "calendar c { shut }\n"
	    "agency b { folder /b; submit d as f; hours d; list at 25:00 }\n"
	    "agency e { folder /e; submit d as f batch 1 within 5s\n"
	    "expect technical within 1h by hours }\n",
	    "e.conf:4:6: error: found '08:00', want a zone like +08:00",
	    "e.conf:5:6: error: found 'mon-fry', want days like mon-fri",
	    "e.conf:6:10: error: found '18:00-08:00', want times like",
	    "e.conf:7:23: error: '11:59-13:00' overlaps a time given before",
	    "e.conf:8:8: error: found '2026-02-29', want a date",
	    "e.conf:9:8: error: found '2026-10-07..2026-10-01', want a date",
	    "e.conf:10:20: error: '2028-02-28..2028-03-01' overlaps a date "
	    "given before",
	    "e.conf:12:10: error: calendar 'c' is given twice",
	    "e.conf:12:14: error: unknown keyword 'shut', want one of closed, "
	    "open or zone",
	    "e.conf:13:55: error: found '25:00', want a time of day",
	    "e.conf:14:43: error: found '1', want a number from 2 to 1000",
	    "e.conf:13:44: error: no calendar 'd'",
	    "e.conf:15:28: error: 'e' has no hours to expect answers by");
}

/* --- dates in a file of their own --- */

#define MONDAY_MS INT64_C(1790553600000) /* 2026-09-28 00:00 UTC, a Monday */
#define DAY_MS    INT64_C(86400000)

static struct conf *
read_with(const char *dates, char **dir, char **said)
{
	char conf[600], path[300];
	struct complaints c;
	struct conf *out = NULL;
	struct err err = { "" };

	*dir = test_dir();
	(void)snprintf(conf, sizeof(conf),
	    SPOOL FILER "calendar c file \"%s/dates\" {\n"
			"open mon-fri 08:00-12:00 }\n",
	    *dir);
	text_write(*dir, "e.conf", conf);
	if (dates != NULL)
		text_write(*dir, "dates", dates);
	(void)snprintf(path, sizeof(path), "%s/e.conf", *dir);
	complaints_init(&c);
	(void)!conf_read(&out, path, &c, &err);
	*said = complaints_said(&c);
	complaints_clear(&c);
	return out;
}

static void
test_dates_of_a_calendar_may_stand_in_a_file(void **state)
{
	char *dir, *said;
	struct conf *c = read_with("# holidays\n"
				   "2026-10-01..2026-10-07\t# a week\n"
				   "2026-12-31 closed\n\n"
				   "2026-10-10 open 09:00-11:00, 14:00-15:00\n"
				   "2026-10-11 open 10:00-11:00",
	    &dir, &said);
	const struct hours *h;

	(void)state;
	if (c == NULL)
		fail_msg("%s", said);
	h = hours_find(c->hours, c->nhours, SLICE_LIT("c"));
	assert_non_null(h);
	assert_int_equal(h->ndates, 5);
	assert_int_equal(h->nwindows, 1);
	/* Wednesday noon: the next is Thursday by the weekday, but that is
	 * closed for a week; Thursday the 8th it opens */
	assert_int_equal(hours_open_at(h, MONDAY_MS + 2 * DAY_MS + DAY_MS / 2),
	    MONDAY_MS + 10 * DAY_MS + DAY_MS / 3);
	/* Saturday the 10th by its date */
	assert_int_equal(hours_open_at(h, MONDAY_MS + 12 * DAY_MS),
	    MONDAY_MS + 12 * DAY_MS + 9 * DAY_MS / 24);
	conf_free(c);
	free(said);
	test_dir_gone(dir);
}

static void
test_a_mistake_in_that_file_has_its_place_there(void **state)
{
	static const char *const want[] = {
		"/dates:2:1: error: found '2026-13-01', want a date like",
		("/dates:3:12: error: found 'shut', want closed, or open and "
		 "times"),
		"/dates:4:17: error: found '18:00-08:00', want times like",
		"/dates:5:19: error: found 'x', want the end of the line",
		"/dates:6:16: error: found the end of the line, want times "
		"like",
	};
	char *dir, *said;

	(void)state;
	assert_null(read_with("# a\n2026-13-01\n2026-10-01 shut\n"
			      "2026-10-02 open 18:00-08:00\n"
			      "2026-10-03 closed x\n2026-10-04 open\n",
	    &dir, &said));
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (strstr(said, want[i]) == NULL)
			fail_msg("'%s' is not in\n%s", want[i], said);
	free(said);
	test_dir_gone(dir);
}

static void
test_a_calendar_whose_file_is_not_there_is_told(void **state)
{
	char *dir, *said;

	(void)state;
	assert_null(read_with(NULL, &dir, &said));
	assert_non_null(strstr(said, "/e.conf:3:17: error: '"));
	assert_non_null(strstr(said, "/dates': No such file or directory"));
	free(said);
	test_dir_gone(dir);
	/* who has only the text has no file */
	WANTS(SPOOL FILER "calendar c file /c.dates\n",
	    "e.conf:3:17: error: the calendar '/c.dates' was not read");
	WANTS(SPOOL FILER "calendar c file dates { open daily 08:00-09:00 }\n",
	    "e.conf:3:17: error: path 'dates' is not absolute");
}

/* The one calendar of a text that may say DIR where its file stands. */
static void
finds_dates(const char *dir, const char *text)
{
	char *conf = strdup(text), *at = strstr(conf, "DIR"), path[300];
	struct complaints c;
	struct conf *out = NULL;
	struct err err = { "" };
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/e.conf", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_non_null(at);
	fprintf(f, "%.*s%s%s", (int)(at - conf), conf, dir, at + 3);
	assert_int_equal(fclose(f), 0);
	free(conf);
	complaints_init(&c);
	if (conf_read(&out, path, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", text);
	}
	assert_int_equal(out->hours[0].ndates, 1);
	complaints_clear(&c);
	conf_free(out);
}

static void
test_its_file_is_found_however_the_line_is_written(void **state)
{
	static const char *const line[] = {
		"calendar \\\n c \\\n\tfile \\\n \"DIR/da\\\"tes\"\n",
		"\tcalendar\tc\tfile\t\"DIR/da\\\"tes\" { open mon 08:00-09:00 "
		"}\r\n",
		"node 1; calendar \"c\" file \"DIR/da\\\"tes\"",
		"calendar c\\\nfile \"DIR/da\\\"tes\" # calendar d file "
		"/nothing\n",
		"calendar file file \"DIR/da\\\"tes\" {}\n",
	};
	char *dir = test_dir();

	(void)state;
	text_write(dir, "da\"tes", "2026-10-01\n");
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		char text[300];

		(void)snprintf(
		    text, sizeof(text), "%s%s%s", SPOOL, FILER, line[i]);
		finds_dates(dir, text);
	}
	test_dir_gone(dir);
}

static bool
sleeps(pid_t pid)
{
	char path[64], line[512] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f != NULL) {
		(void)!fgets(line, sizeof(line), f);
		(void)fclose(f);
	}
	return strstr(line, ") S ") != NULL;
}

/* Whoever may write beside it must not hold up the supervisor with it. */
static void
test_a_pipe_is_a_configuration_and_no_calendar(void **state)
{
	static const char text[] = SPOOL FILER;
	char *dir = test_dir(), *said, conf[300], pipe_path[64];
	struct complaints c;
	struct conf *out = NULL;
	struct err err = { "" };
	int ends[2], status;
	pid_t pid;

	(void)state;
	(void)snprintf(conf, sizeof(conf), "%s/dates", dir);
	assert_int_equal(mkfifo(conf, 0600), 0);
	(void)snprintf(conf, sizeof(conf), "%s%scalendar c file \"%s/dates\"\n",
	    SPOOL, FILER, dir);
	text_write(dir, "e.conf", conf);
	(void)snprintf(conf, sizeof(conf), "%s/e.conf", dir);
	complaints_init(&c);
	assert_int_equal(conf_read(&out, conf, &c, &err), RC_REFUSED);
	said = complaints_said(&c);
	if (strstr(said, "/dates': want a regular file") == NULL)
		fail_msg("%s", said);
	free(said);
	/* written when it is waited for */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		while (!sleeps(getppid()))
			(void)sched_yield();
		_exit(write(ends[1], text, sizeof(text) - 1) !=
		      (ssize_t)sizeof(text) - 1);
	}
	(void)close(ends[1]);
	(void)snprintf(
	    pipe_path, sizeof(pipe_path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(conf_read(&out, pipe_path, &c, &err), RC_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(out->npartners, 1);
	(void)close(ends[0]);
	complaints_clear(&c);
	conf_free(out);
	test_dir_gone(dir);
}

/* What the supervisor hands on is parsed like the file itself. */
static void
test_a_configuration_travels_with_its_calendars(void **state)
{
	static const char *const broken[] = { "\001entrepot.conf 99999\nx",
		"\001entrepot.conf x\n", "\001entrepot.conf 5\nnode\n/a\n9\n" };
	char *dir, *said, path[300];
	struct conf *c = read_with("2026-10-01\n", &dir, &said), *again = NULL;
	struct complaints to;
	struct err err = { "" };
	struct buf b;

	(void)state;
	assert_non_null(c);
	(void)snprintf(path, sizeof(path), "%s/e.conf", dir);
	buf_init(&b, 1u << 20);
	assert_int_equal(conf_pack(path, &b, &err), RC_OK);
	complaints_init(&to);
	assert_int_equal(
	    conf_parse(&again, "e.conf", buf_look(&b), &to, &err), RC_OK);
	assert_int_equal(again->nhours, 1);
	assert_int_equal(again->hours[0].ndates, 1);
	conf_free(again);
	conf_free(c);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(conf_parse(&again, "e.conf",
				     slice_of(broken[i]), &to, &err),
		    RC_REFUSED);
	complaints_clear(&to);
	buf_clear(&b);
	free(said);
	test_dir_gone(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_mistakes_of_a_calendar_are_told),
		T(test_dates_of_a_calendar_may_stand_in_a_file),
		T(test_a_mistake_in_that_file_has_its_place_there),
		T(test_a_calendar_whose_file_is_not_there_is_told),
		T(test_its_file_is_found_however_the_line_is_written),
		T(test_a_pipe_is_a_configuration_and_no_calendar),
		T(test_a_configuration_travels_with_its_calendars),
	};

	return TESTS_RUN(tests);
}
