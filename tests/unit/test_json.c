/*
 * Flat objects: valid whatever the bytes were, and read back as they were.
 */
#include "tests/unit/test.h"
#include "src/base/json.h"

static void
test_members_stand_in_order_with_one_comma_between(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_open(&b);
	json_text(&b, "a", slice_of("x{"));
	json_number(&b, "b", 3);
	json_flag(&b, "c", true);
	json_text(&b, "d", slice_of(""));
	json_close(&b);
	test_slice_is(
	    buf_look(&b), "{\"a\":\"x{\",\"b\":3,\"c\":true,\"d\":\"\"}");
	buf_clear(&b);
}

static void
test_no_byte_of_a_value_escapes_its_quotes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_open(&b);
	json_text(&b, "n", slice_of("\"\\\n\x7f\xc2\x9b\xb3 口"));
	json_close(&b);
	test_slice_is(buf_look(&b),
	    "{\"n\":\"\\\"\\\\\\u000A\\u007F\\u009B\\\\xb3 口\"}");
	buf_clear(&b);
}

static void
test_what_was_written_is_read_back(void **state)
{
	static const char *const texts[] = { "", "a b", "\"\\\n\t\x01", "口岸",
		"\xf0\xa0\x80\x80", "\xf3\xa0\x81\x81", "\xe2\x80\xae" };
	struct buf b, got;

	(void)state;
	buf_init(&b, 1000);
	buf_init(&got, 1000);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_reset(&b);
		json_open(&b);
		json_number(&b, "first", UINT64_MAX);
		json_text(&b, "text", slice_of(texts[i]));
		json_flag(&b, "last", false);
		json_close(&b);
		assert_true(json_find(buf_look(&b), "text", &got));
		test_slice_is(buf_look(&got), texts[i]);
		assert_true(json_find(buf_look(&b), "first", &got));
		test_slice_is(buf_look(&got), "18446744073709551615");
		assert_true(json_find(buf_look(&b), "last", &got));
		test_slice_is(buf_look(&got), "false");
		assert_false(json_find(buf_look(&b), "other", &got));
		assert_int_equal(got.len, 0);
	}
	buf_clear(&b);
	buf_clear(&got);
}

static void
test_a_line_that_is_no_object_simply_ends(void **state)
{
	static const char *const lines[] = { "", "{", "}", "{\"a\"",
		"{\"a\":", "{\"a\":\"x", "{\"a\":\"\\u12\"", "{\"a\":-1}",
		"{\"a\":[1]}", "{\"a\":nul}", "text" };
	struct buf got;

	(void)state;
	buf_init(&got, 1000);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(json_find(slice_of(lines[i]), "a", &got));
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_members_stand_in_order_with_one_comma_between),
		T(test_no_byte_of_a_value_escapes_its_quotes),
		T(test_what_was_written_is_read_back),
		T(test_a_line_that_is_no_object_simply_ends),
	};

	return TESTS_RUN(tests);
}
