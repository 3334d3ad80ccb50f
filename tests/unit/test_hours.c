/*
 * A calendar says when somebody is open, and how long a time of open hours
 * lasts.
 */
#include "tests/unit/test.h"
#include "src/conf/hours.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
/* Friday 2026-10-02 begins, where the zone is +08:00. */
#define FRIDAY (INT64_C(20728) * DAY - 8 * HOUR)

static const struct hours office = {
	.name = "office",
	.zone = 480,
	.window = { { 0x1f, 510, 720 }, { 0x1f, 810, 1080 } },
	.nwindows = 2,
	/* a Monday that is shut, a Saturday that is worked on */
	.dates = { { 20731, 20731, 0, 0 }, { 20736, 20736, 540, 1020 } },
	.ndates = 2,
};

static int64_t
at(int day, int hour, int minute)
{
	return FRIDAY + day * DAY + hour * HOUR + minute * INT64_C(60000);
}

static void
test_open_is_now_or_at_the_next_window(void **state)
{
	static const struct {
		int day, hour, minute, to_day, to_hour, to_minute;
	} cases[] = {
		{ 0, 8, 29, 0, 8, 30 },
		{ 0, 8, 30, 0, 8, 30 },
		{ 0, 11, 59, 0, 11, 59 },
		{ 0, 12, 0, 0, 13, 30 },
		{ 0, 18, 0, 4, 8, 30 }, /* the weekend, and a shut Monday */
		{ 8, 0, 0, 8, 9, 0 },   /* the worked Saturday */
		{ 8, 17, 0, 10, 8, 30 },
		{ -1, 23, 0, 0, 8, 30 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    hours_open_at(&office,
			at(cases[i].day, cases[i].hour, cases[i].minute)),
		    at(cases[i].to_day, cases[i].to_hour, cases[i].to_minute));
}

static void
test_only_open_time_counts(void **state)
{
	(void)state;
	assert_int_equal(
	    hours_after(&office, at(0, 9, 0), 3 * HOUR), at(0, 12, 0));
	assert_int_equal(
	    hours_after(&office, at(0, 9, 0), 4 * HOUR), at(0, 14, 30));
	/* Friday 17:00, two hours: one is left for Tuesday */
	assert_int_equal(
	    hours_after(&office, at(0, 17, 0), 2 * HOUR), at(4, 9, 30));
	/* 16 hours are two whole days of eight */
	assert_int_equal(
	    hours_after(&office, at(4, 0, 0), 16 * HOUR), at(5, 18, 0));
}

static void
test_a_calendar_that_never_opens_stops_no_clock(void **state)
{
	static const struct hours shut = { .name = "shut" };

	(void)state;
	assert_int_equal(hours_open_at(&shut, at(0, 0, 0)), HOURS_NEVER);
	assert_int_equal(hours_after(&shut, at(0, 0, 0), HOUR), at(0, 1, 0));
}

static void
test_days_turn_in_the_calendars_zone(void **state)
{
	(void)state;
	assert_int_equal(hours_day(&office, FRIDAY), 20728);
	assert_int_equal(hours_day(&office, FRIDAY - 1), 20727);
	assert_int_equal(hours_day(NULL, FRIDAY), 20727);
	assert_int_equal(hours_day(NULL, -1), -1);
	assert_int_equal(hours_minute(&office, 20728, 90), at(0, 1, 30));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_open_is_now_or_at_the_next_window),
		T(test_only_open_time_counts),
		T(test_a_calendar_that_never_opens_stops_no_clock),
		T(test_days_turn_in_the_calendars_zone),
	};

	return TESTS_RUN(tests);
}
