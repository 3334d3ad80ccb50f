/*
 * tests/unit/test_date.c - date patterns both ways, and moments.
 */
#include "src/format/date.h"
#include "tests/unit/test.h"

static void
test_what_a_pattern_reads_it_writes_again(void **state)
{
	static const struct {
		const char *pattern, *text, *moment;
	} cases[] = {
		{ "YYYYMMDD", "20240615", "2024-06-15" },
		{ "YYMMDD", "240615", "2024-06-15" },
		{ "YYMMDD", "990101", "1999-01-01" },
		{ "YYYY-MM-DDThh:mm:ss", "2024-06-15T10:30:05",
		    "2024-06-15T10:30:05" },
		{ "YYYYMMDDThhmmsscc", "20240615T10300512",
		    "2024-06-15T10:30:05.12" },
		{ "YYYYMMDDhhmmssSSS", "20240615103005123",
		    "2024-06-15T10:30:05.123" },
		{ "YYYYMMDDhhmmZ", "202406151030+08:00",
		    "2024-06-15T10:30+08:00" },
		{ "YYYY-MM-DDThh:mm:ssZ", "2024-06-15T02:30:05Z",
		    "2024-06-15T02:30:05Z" },
		{ "hhmm", "1030", "10:30" },
		{ "YYYY-MM-DDT00:00:00", "2024-02-29T00:00:00", "2024-02-29" },
		{ "DD/MM/YYYY", "01/12/2024", "2024-12-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct date_pattern p;
		struct moment m, again;
		char out[64];
		size_t len;

		assert_true(date_pattern_make(&p, slice_of(cases[i].pattern)));
		assert_true(date_read(&p, slice_of(cases[i].text), 2024, &m));
		moment_print(&m, out, sizeof(out));
		assert_string_equal(out, cases[i].moment);
		assert_true(moment_parse(slice_of(out), &again));
		assert_int_equal(again.precision, m.precision);
		assert_true(date_write(&p, &again, out, sizeof(out), &len));
		test_slice_is((struct slice){ out, len }, cases[i].text);
	}
}

static void
test_what_is_no_date_is_refused(void **state)
{
	static const struct {
		const char *pattern, *text;
	} cases[] = {
		{ "YYYYMMDD", "20230229" },
		{ "YYYYMMDD", "20241301" },
		{ "YYYYMMDD", "20240600" },
		{ "YYYYMMDD", "2024061" },
		{ "YYYYMMDD", "202406155" },
		{ "YYYYMMDD", "2024061a" },
		{ "YYYYMMDD", "00000615" },
		{ "YYYYMMDD", "" },
		{ "hhmm", "2400" },
		{ "hhmm", "1060" },
		{ "YYYY-MM-DD", "2024/06/15" },
		{ "YYYYMMDDhhmmZ", "202406151030" },
		{ "YYYYMMDDhhmmZ", "202406151030+15:00" },
		{ "YYYYMMDDhhmmss", "20000000000001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct date_pattern p;
		struct moment m;

		assert_true(date_pattern_make(&p, slice_of(cases[i].pattern)));
		if (date_read(&p, slice_of(cases[i].text), 2024, &m))
			fail_msg("%s as %s", cases[i].text, cases[i].pattern);
	}
}

static void
test_a_pattern_names_whole_fields_once(void **state)
{
	static const char *const bad[] = { "", "YYYY", "YYYYMM", "MMDD",
		"YYYYMMDDYYYY", "hh", "ss", "YYYYMMDDss", "YYYYMMDDhhmmcc",
		"YYYYMMDDD", "DDMMM", "date", "T", "hhmmssccSSS" };
	struct date_pattern p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_pattern_make(&p, slice_of(bad[i])))
			fail_msg("'%s' is taken", bad[i]);
	assert_true(date_pattern_make(&p, SLICE_LIT("YYYYMMDDhhmmssSSS")));
	assert_true(p.has_date && p.has_time && !p.has_zone);
	assert_int_equal(p.precision, 5);
	assert_true(date_pattern_make(&p, SLICE_LIT("YYMMDD")));
	assert_int_equal(p.precision, 1);
}

static void
test_two_digit_years_lie_within_fifty_years(void **state)
{
	struct date_pattern p;
	struct moment m;

	(void)state;
	assert_true(date_pattern_make(&p, SLICE_LIT("YYMMDD")));
	assert_true(date_read(&p, SLICE_LIT("740101"), 2024, &m));
	assert_int_equal(m.year, 2074);
	assert_true(date_read(&p, SLICE_LIT("750101"), 2024, &m));
	assert_int_equal(m.year, 1975);
	assert_true(date_read(&p, SLICE_LIT("010101"), 1999, &m));
	assert_int_equal(m.year, 2001);
}

static void
test_a_pattern_that_needs_more_is_not_written(void **state)
{
	struct date_pattern p;
	struct moment day, time;
	char out[64];
	size_t len;

	(void)state;
	assert_true(moment_parse(SLICE_LIT("2024-06-15"), &day));
	assert_true(moment_parse(SLICE_LIT("10:30"), &time));
	assert_true(date_pattern_make(&p, SLICE_LIT("YYYYMMDDhhmm")));
	assert_false(date_write(&p, &day, out, sizeof(out), &len));
	assert_false(date_write(&p, &time, out, sizeof(out), &len));
	assert_true(date_pattern_make(&p, SLICE_LIT("YYYYMMDD")));
	assert_false(date_write(&p, &day, out, 9, &len));
	assert_true(date_write(&p, &day, out, sizeof(out), &len));
	assert_int_equal(len, 8);
}

static void
test_moments_are_points_in_time(void **state)
{
	static const char *const bad[] = { "", "2024-6-15", "2024-06-15 10:30",
		"2024-06-15T", "2024-06-15T10", "2024-06-31", "10:3",
		"2024-06-15T10:30:05.1", "2024-06-15T10:30x", "0000-01-01" };
	struct moment a, b;

	(void)state;
	assert_true(moment_parse(SLICE_LIT("1970-01-01T08:00:01+08:00"), &a));
	assert_int_equal(moment_ms(&a, 0), 1000);
	assert_true(moment_parse(SLICE_LIT("1970-01-01T08:00:01"), &b));
	assert_int_equal(moment_ms(&b, 480), 1000);
	assert_true(moment_parse(SLICE_LIT("2024-06-15T10:30:00.120Z"), &a));
	assert_true(moment_ms(&a, 0) == 1718447400120);
	assert_true(moment_parse(SLICE_LIT("1969-12-31"), &a));
	assert_int_equal(moment_ms(&a, 0), -86400000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment_parse(slice_of(bad[i]), &a))
			fail_msg("'%s' is taken", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_a_pattern_reads_it_writes_again),
		T(test_what_is_no_date_is_refused),
		T(test_a_pattern_names_whole_fields_once),
		T(test_two_digit_years_lie_within_fifty_years),
		T(test_a_pattern_that_needs_more_is_not_written),
		T(test_moments_are_points_in_time),
	};

	return TESTS_RUN(tests);
}
