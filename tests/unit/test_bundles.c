/*
 * wire/bundles.h: which bundle of mappings holds when, and the list as text.
 */
#include "tests/unit/test.h"
#include "src/wire/bundles.h"
#include <string.h>

static void
test_the_newest_that_has_begun_is_taken(void **state)
{
	static const struct {
		int64_t at;
		unsigned int want;
	} cases[] = { { 0, 0 }, { 999, 0 }, { 1000, 1 }, { 1999, 1 },
		{ 2000, 2 }, { INT64_MAX, 2 } };
	struct bundles b = { 0 };

	(void)state;
	assert_int_equal(bundles_at(&b, 5), BUNDLES_MAX);
	assert_true(bundles_add(&b, SLICE_LIT("new"), 2000));
	/* before its beginning there is nothing else to take */
	assert_int_equal(bundles_at(&b, 5), 0);
	assert_true(bundles_add(&b, SLICE_LIT("old"), 0));
	assert_true(bundles_add(&b, SLICE_LIT("mid"), 1000));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(bundles_at(&b, cases[i].at), cases[i].want);
	assert_int_equal(bundles_find(&b, SLICE_LIT("mid")), 1);
	assert_int_equal(bundles_find(&b, SLICE_LIT("mi")), BUNDLES_MAX);
}

static void
test_two_of_one_moment_and_too_many_are_refused(void **state)
{
	struct bundles b = { 0 };
	char name[8] = "v0";

	(void)state;
	for (int i = 0; i < BUNDLES_MAX; i++) {
		name[1] = (char)('0' + i);
		assert_true(bundles_add(&b, slice_of(name), i));
		assert_false(bundles_add(&b, SLICE_LIT("x"), i));
	}
	assert_false(bundles_add(&b, SLICE_LIT("x"), 99));
}

static void
test_the_list_is_read_back_and_nonsense_is_not(void **state)
{
	static const char *const wrong[] = { "a a", "a@5 b@5", "a@5 b@4", "@5",
		"a@x", "a@99999999999999999999", " a",
		"a b@1 c@2 d@3 e@4 f@5 g@6 h@7 i@8",
		("0123456789012345678901234567890123456789012345678901234567890"
		 "1234") };
	struct bundles b, back;
	char text[BUNDLES_BYTES];

	(void)state;
	memset(&b, 0, sizeof(b));
	memset(&back, 0, sizeof(back));
	assert_true(bundles_add(&b, SLICE_LIT("old"), 0));
	assert_true(bundles_add(&b, SLICE_LIT("new"), 1798732800000));
	bundles_print(&b, text);
	assert_string_equal(text, "old new@1798732800000");
	assert_true(bundles_parse(&back, slice_of(text)));
	assert_memory_equal(&back, &b, sizeof(b));
	assert_true(bundles_parse(&back, SLICE_LIT("")));
	assert_int_equal(back.n, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (bundles_parse(&back, slice_of(wrong[i])))
			fail_msg("'%s' was read", wrong[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_newest_that_has_begun_is_taken),
		T(test_two_of_one_moment_and_too_many_are_refused),
		T(test_the_list_is_read_back_and_nonsense_is_not),
	};

	return TESTS_RUN(tests);
}
