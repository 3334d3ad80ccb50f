/*
 * Characters one at a time, their columns, and what is never shown as it is.
 */
#include "tests/unit/test.h"
#include "src/base/utf8.h"

static void
test_each_length_decodes_and_encodes_to_the_same(void **state)
{
	static const struct {
		const char *text;
		uint32_t c;
	} cases[] = {
		{ "A", 'A' },
		{ "\xc3\xa9", 0xe9 },
		{ "\xe5\x8f\xa3", 0x53e3 },
		{ "\xf0\xa0\x80\x80", 0x20000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_of(cases[i].text);
		struct buf b;
		uint32_t c;

		buf_init(&b, 16);
		assert_true(utf8_next(&s, &c));
		assert_int_equal(c, cases[i].c);
		assert_int_equal(s.len, 0);
		utf8_put(&b, c);
		test_slice_is(buf_look(&b), cases[i].text);
		buf_clear(&b);
	}
}

static void
test_what_is_no_character_costs_one_byte(void **state)
{
	static const char *const cases[] = {
		"\x80",
		"\xc0\xaf",
		"\xe0\x80\xaf",
		"\xed\xa0\x80",
		"\xf5\x80",
		"\xe5\x8f",
		"\xf4\x90\x80\x80",
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice s = slice_of(cases[i]);
		size_t n = s.len;
		uint32_t c;

		assert_false(utf8_next(&s, &c));
		assert_int_equal(s.len, n - 1);
		assert_int_equal(c, (unsigned char)cases[i][0]);
	}
}

static void
test_columns_are_the_terminals_and_control_bytes_are_escaped(void **state)
{
	static const struct {
		const char *text, *shown;
		unsigned int columns;
	} cases[] = {
		{ "acme", "acme", 4 },
		{ "海关", "海关", 4 },
		{ "e\xcc\x81", "e\xcc\x81", 1 },
		{ "a\x1b[2Jb", "a\\x1b[2Jb", 9 },
		{ "a\xc2\x9b", "a\\xc2\\x9b", 9 },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae", 12 }, /* right to left */
		{ "\xb3\xc9", "\\xb3\\xc9", 8 },           /* GBK */
		{ "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_int_equal(
		    utf8_show(slice_of(cases[i].text), &b), cases[i].columns);
		test_slice_is(buf_look(&b), cases[i].shown);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_each_length_decodes_and_encodes_to_the_same),
		T(test_what_is_no_character_costs_one_byte),
		T(test_columns_are_the_terminals_and_control_bytes_are_escaped),
	};

	return TESTS_RUN(tests);
}
