/*
 * Days of the calendar: there and back, and which there are not.
 */
#include "tests/unit/test.h"
#include "src/base/civil.h"

#define FIRST (-719528) /* 0000-01-01 */
#define LAST  2932896   /* 9999-12-31 */

static void
test_each_day_follows_the_one_before(void **state)
{
	struct civil want = { 0, 1, 1 };

	(void)state;
	for (int64_t day = FIRST; day <= LAST; day++) {
		struct civil c = civil_of(day);

		assert_int_equal(c.year, want.year);
		assert_int_equal(c.month, want.month);
		assert_int_equal(c.day, want.day);
		assert_int_equal(civil_days(c.year, c.month, c.day), day);
		if (civil_is(c.year, c.month, c.day + 1))
			want.day++;
		else if (want.day = 1, ++want.month == 13)
			want = (struct civil){ c.year + 1, 1, 1 };
	}
	assert_int_equal(civil_days(1970, 1, 1), 0);
	assert_int_equal(want.year, 10000);
}

static void
test_a_day_that_is_not_is_none(void **state)
{
	static const struct {
		int64_t year, month, day;
		bool is;
	} cases[] = {
		{ 2024, 2, 29, true },
		{ 2026, 2, 29, false },
		{ 2100, 2, 29, false },
		{ 2000, 2, 29, true },
		{ 2026, 4, 31, false },
		{ 2026, 12, 31, true },
		{ 2026, 13, 1, false },
		{ 2026, 0, 1, false },
		{ 2026, 1, 0, false },
		{ 2026, -1, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    civil_is(cases[i].year, cases[i].month, cases[i].day),
		    cases[i].is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_each_day_follows_the_one_before),
		T(test_a_day_that_is_not_is_none),
	};

	return TESTS_RUN(tests);
}
