/*
 * Rows of an answer by name, and times, ages and sizes for people.
 */
#include "tests/unit/test.h"
#include "src/cli/row.h"
#include "src/cli/show.h"

static void
test_members_are_found_by_name_and_missing_ones_are_empty(void **state)
{
	struct row r;

	(void)state;
	row_init(&r);
	row_parse(&r, slice_of("{\"row\":\"item\",\"n\":12,\"name\":\"a\\\"b\","
			       "\"test\":true}"));
	test_slice_is(row_text(&r, "row"), "item");
	assert_int_equal(row_number(&r, "n"), 12);
	test_slice_is(row_text(&r, "name"), "a\"b");
	assert_true(row_is(&r, "test", "true"));
	assert_int_equal(row_text(&r, "none").len, 0);
	assert_int_equal(row_number(&r, "name"), 0);
	row_parse(&r, slice_of("no object"));
	assert_int_equal(row_text(&r, "row").len, 0);
	row_clear(&r);
}

static void
test_ages_are_told_in_the_unit_that_fits(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *want;
	} cases[] = {
		{ 0, "0s" },
		{ 119, "119s" },
		{ 120, "2m" },
		{ 7199, "119m" },
		{ 7200, "2h" },
		{ 172799, "47h" },
		{ 172800, "2d" },
		{ 86400000, "1000d" },
	};
	char out[ROW_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    age_shown(cases[i].seconds, out), cases[i].want);
}

static void
test_sizes_are_told_in_the_unit_that_fits(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0 bytes" },
		{ 1023, "1023 bytes" },
		{ 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" },
		{ 2147483648, "2.0 GiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char out[ROW_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    size_shown(cases[i].bytes, out), cases[i].want);
}

static void
test_a_moment_is_shown_to_the_second_and_other_text_as_it_is(void **state)
{
	char out[ROW_TEXT];

	(void)state;
	assert_string_equal(
	    time_shown(slice_of("2026-11-23T22:32:15.120Z"), out),
	    "2026-11-23 22:32:15Z");
	assert_string_equal(time_shown(slice_of(""), out), "");
	assert_string_equal(time_shown(slice_of("soon"), out), "soon");
}

/* What a partner wrote may have the shape of a time. */
static void
test_no_text_leads_a_terminal(void **state)
{
	static const char line[] =
	    "{\"what\":\"leg\",\"id\":\"1\",\"state\":"
	    "\"\\u001b[2J-\\u001b[31mT\\u001b[41m6789012Z\"}";
	char out[ROW_TEXT], shown[200];
	struct row r;

	(void)state;
	row_init(&r);
	row_parse(&r, slice_of(line));
	show_short(&r, shown, sizeof(shown));
	assert_string_equal(
	    shown, "leg 1: \\x1b[2J-\\x1b[31mT\\x1b[41m6789012Z");
	assert_string_equal(time_shown(row_text(&r, "state"), out),
	    "\\x1b[2J-\\x1b[31mT\\x1b[41m6789012Z");
	row_clear(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_members_are_found_by_name_and_missing_ones_are_empty),
		T(test_ages_are_told_in_the_unit_that_fits),
		T(test_sizes_are_told_in_the_unit_that_fits),
		T(test_no_text_leads_a_terminal),
		T(test_a_moment_is_shown_to_the_second_and_other_text_as_it_is),
	};

	return TESTS_RUN(tests);
}
