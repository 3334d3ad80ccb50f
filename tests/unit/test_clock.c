/*
 * The only way to ask what time it is.
 */
#include "tests/unit/test.h"
#include "src/base/clock.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static void
test_a_fake_clock_moves_only_when_told(void **state)
{
	struct clock c;

	(void)state;
	clock_fake(&c, 1000);
	assert_int_equal(clock_wall(&c), 1000);
	assert_int_equal(clock_mono(&c), 0);
	clock_move(&c, 5);
	assert_int_equal(clock_wall(&c), 1005);
	assert_int_equal(clock_mono(&c), 5);
	clock_jump(&c, 7);
	assert_int_equal(clock_wall(&c), 7);
	assert_int_equal(clock_mono(&c), 5);
}

/* Not time(): its second begins up to a tick later than the clock's. */
static int64_t
kernel_ms(clockid_t which)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(which, &ts), 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
test_the_real_clock_agrees_with_the_kernel(void **state)
{
	struct clock c;
	int64_t before, now, after;

	(void)state;
	clock_init(&c);
	do { /* once more, if somebody sets it meanwhile */
		before = kernel_ms(CLOCK_REALTIME);
		now = clock_wall(&c);
		after = kernel_ms(CLOCK_REALTIME);
	} while (after < before || after > before + 3600000);
	assert_in_range(now, before, after);
	before = kernel_ms(CLOCK_MONOTONIC);
	now = clock_mono(&c);
	assert_in_range(now, before, kernel_ms(CLOCK_MONOTONIC));
}

static void
test_stamps_are_utc_to_the_millisecond(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ INT64_C(1577836800000), "2020-01-01T00:00:00.000Z" },
		{ INT64_C(951782400001), "2000-02-29T00:00:00.001Z" },
		{ INT64_C(2147483648000), "2038-01-19T03:14:08.000Z" },
		{ INT64_C(4107542399999), "2100-02-28T23:59:59.999Z" },
		{ INT64_C(4107542400000), "2100-03-01T00:00:00.000Z" },
		{ INT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
		{ INT64_C(-62167219200000), "0000-01-01T00:00:00.000Z" },
		{ INT64_MIN, "0000-01-01T00:00:00.000Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[CLOCK_TEXT];

		assert_string_equal(
		    clock_print(cases[i].ms, out), cases[i].want);
	}
}

static void
test_every_day_of_500_years_is_the_librarys_day(void **state)
{
	(void)state;
	for (int64_t day = -60000; day < 120000; day++) {
		char out[CLOCK_TEXT], want[CLOCK_TEXT];
		time_t t = (time_t)(day * 86400);
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(want, sizeof(want),
				"%Y-%m-%dT%H:%M:%S.000Z", &tm) > 0);
		assert_string_equal(clock_print(day * 86400000, out), want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_fake_clock_moves_only_when_told),
		T(test_the_real_clock_agrees_with_the_kernel),
		T(test_stamps_are_utc_to_the_millisecond),
		T(test_every_day_of_500_years_is_the_librarys_day),
	};

	return TESTS_RUN(tests);
}
