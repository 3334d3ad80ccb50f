/*
 * Slices look at bytes that somebody else owns.
 */
#include "tests/unit/test.h"

static void
test_a_part_is_clamped_to_what_is_there(void **state)
{
	struct slice s = SLICE_LIT("abcdef");

	(void)state;
	test_slice_is(slice_sub(s, 1, 2), "bc");
	test_slice_is(slice_sub(s, 4, 99), "ef");
	test_slice_is(slice_sub(s, 4, SIZE_MAX), "ef");
	assert_int_equal(slice_sub(s, 6, 1).len, 0);
	assert_int_equal(slice_sub(s, SIZE_MAX, SIZE_MAX).len, 0);
	assert_int_equal(slice_sub(slice_of(NULL), 0, 5).len, 0);
}

static void
test_trimming_takes_blanks_from_both_ends_only(void **state)
{
	(void)state;
	test_slice_is(slice_trim(SLICE_LIT(" \t a b\r\n")), "a b");
	assert_int_equal(slice_trim(SLICE_LIT(" \r\n\t")).len, 0);
	assert_int_equal(slice_trim(slice_of(NULL)).len, 0);
}

static void
test_equality_counts_every_byte_nul_included(void **state)
{
	struct slice a = { "a\0b", 3 };
	struct slice b = { "a\0c", 3 };

	(void)state;
	assert_true(slice_eq(a, a));
	assert_false(slice_eq(a, b));
	assert_false(slice_is(a, "a"));
	assert_true(slice_is(slice_of(NULL), ""));
	assert_true(slice_is(slice_of(""), NULL));
	assert_false(slice_is(slice_of("a"), NULL));
	assert_false(slice_is(slice_of("a"), ""));
	assert_false(slice_is(slice_of("ab"), "a"));
	assert_false(slice_is(slice_of("a"), "ab"));
	assert_true(slice_starts(SLICE_LIT("UNB+"), "UNB"));
	assert_false(slice_starts(SLICE_LIT("UN"), "UNB"));
	assert_true(slice_starts(slice_of(NULL), ""));
}

static void
test_order_is_by_bytes_then_shorter_first(void **state)
{
	(void)state;
	assert_true(slice_cmp(SLICE_LIT("a"), SLICE_LIT("ab")) < 0);
	assert_true(slice_cmp(SLICE_LIT("b"), SLICE_LIT("ab")) > 0);
	assert_true(slice_cmp(SLICE_LIT("\xff"), SLICE_LIT("a")) > 0);
	assert_int_equal(slice_cmp(SLICE_LIT("ab"), SLICE_LIT("ab")), 0);
	assert_int_equal(slice_cmp(slice_of(NULL), SLICE_LIT("")), 0);
}

static void
test_cutting_goes_piece_by_piece_to_the_end(void **state)
{
	struct slice rest = SLICE_LIT("a,,b");

	(void)state;
	test_slice_is(slice_cut(&rest, ','), "a");
	test_slice_is(slice_cut(&rest, ','), "");
	test_slice_is(slice_cut(&rest, ','), "b");
	assert_int_equal(rest.len, 0);
	test_slice_is(slice_cut(&rest, ','), "");
}

static void
test_numbers_are_digits_only_and_never_wrap(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t want;
	} cases[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1x", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 42;

		assert_int_equal(
		    slice_u64(slice_of(cases[i].text), &v), cases[i].ok);
		assert_int_equal(v, cases[i].ok ? cases[i].want : 42);
	}
}

static void
test_the_hash_is_the_published_one(void **state)
{
	(void)state;
	assert_int_equal(slice_hash(SLICE_LIT("")), 0x811c9dc5u);
	assert_int_equal(slice_hash(SLICE_LIT("foobar")), 0xbf9cf968u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_part_is_clamped_to_what_is_there),
		T(test_trimming_takes_blanks_from_both_ends_only),
		T(test_equality_counts_every_byte_nul_included),
		T(test_order_is_by_bytes_then_shorter_first),
		T(test_cutting_goes_piece_by_piece_to_the_end),
		T(test_numbers_are_digits_only_and_never_wrap),
		T(test_the_hash_is_the_published_one),
	};

	return TESTS_RUN(tests);
}
