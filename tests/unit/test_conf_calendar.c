/*
 * entrepot.conf(5), calendars: what is read, and what is told about mistakes.
 */
#include "tests/unit/conf_test.h"
#include "tests/unit/texts.h"
#include "src/base/buf.h"

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
	    "e.conf:7:23: error: overlaps a time given before",
	    "e.conf:8:8: error: found '2026-02-29', want a date",
	    "e.conf:9:8: error: found '2026-10-07..2026-10-01', want a date",
	    "e.conf:10:20: error: overlaps a date given before",
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
	size_t n;
	FILE *f;

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
	f = open_memstream(said, &n);
	assert_non_null(f);
	complaints_print(&c, f);
	(void)fclose(f);
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
		"/dates:6:16: error: want times like 08:30-12:00",
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
		T(test_a_configuration_travels_with_its_calendars),
	};

	return TESTS_RUN(tests);
}
