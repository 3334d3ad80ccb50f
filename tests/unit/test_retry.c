/*
 * tests/unit/test_retry.c - when a delivery is tried again.
 */
#include "tests/unit/test.h"
#include "src/deliver/retry.h"

static void
test_retry_waits_longer_after_each_try_up_to_its_ceiling(void **state)
{
	static const struct {
		uint32_t tries;
		int64_t want;
	} cases[] = {
		{ 1, 60000 },
		{ 2, 120000 },
		{ 3, 240000 },
		{ 7, 3600000 },
		{ 1000000, 3600000 },
	};
	struct retry_plan p = { 60000, true, 3600000, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_in_range(retry_after(&p, 7, cases[i].tries),
		    cases[i].want, cases[i].want + cases[i].want / 10);
}

static void
test_retry_without_doubling_waits_the_same(void **state)
{
	struct retry_plan p = { 5000, false, 3600000, 0 };

	(void)state;
	for (uint32_t i = 1; i < 50; i++)
		assert_in_range(retry_after(&p, i, i), 5000, 5500);
}

static void
test_retry_is_the_same_after_a_restart_and_differs_by_delivery(void **state)
{
	struct retry_plan p = { 0 };
	int differ = 0;

	(void)state;
	for (uint64_t id = 1; id < 100; id++) {
		assert_int_equal(
		    retry_after(&p, id, 1), retry_after(&p, id, 1));
		differ += retry_after(&p, id, 1) != retry_after(&p, id + 1, 1);
		assert_in_range(retry_after(&p, id, 1), 60000, 66000);
	}
	assert_true(differ > 90);
}

static void
test_retry_ends_when_its_time_is_up(void **state)
{
	struct retry_plan p = { 1000, false, 0, 60000 };
	struct retry_plan unset = { 0 };

	(void)state;
	assert_false(retry_over(&p, 1000, 60999));
	assert_true(retry_over(&p, 1000, 61000));
	assert_false(retry_over(&unset, 0, INT64_C(3) * 86400000 - 1));
	assert_true(retry_over(&unset, 0, INT64_C(3) * 86400000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_retry_waits_longer_after_each_try_up_to_its_ceiling),
		T(test_retry_without_doubling_waits_the_same),
		T(test_retry_is_the_same_after_a_restart_and_differs_by_delivery),
		T(test_retry_ends_when_its_time_is_up),
	};

	return TESTS_RUN(tests);
}
