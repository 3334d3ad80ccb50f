/*
 * entrepot.conf(5), calendars: what is read, and what is told about mistakes.
 */
#include "tests/unit/conf_test.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_mistakes_of_a_calendar_are_told),
	};

	return TESTS_RUN(tests);
}
