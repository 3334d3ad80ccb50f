/*
 * Buffers own bytes that grow up to a ceiling.
 */
#include "tests/unit/test.h"
#include "src/base/buf.h"
#include <string.h>

static void
test_pieces_of_every_kind_stand_one_behind_the_other(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_str(&b, "UNH");
	buf_byte(&b, '+');
	buf_fmt(&b, "%d", 42);
	buf_slice(&b, SLICE_LIT("'"));
	buf_add(&b, "\0x", 2);
	assert_false(buf_failed(&b));
	assert_int_equal(buf_look(&b).len, 9);
	assert_memory_equal(buf_look(&b).p, "UNH+42'\0x", 9);
	buf_clear(&b);
}

static void
test_the_ceiling_can_be_reached_but_not_passed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_str(&b, "abcd");
	assert_false(buf_failed(&b));
	assert_string_equal(buf_cstr(&b), "abcd");
	buf_byte(&b, 'e');
	assert_true(buf_failed(&b));
	assert_int_equal(buf_look(&b).len, 0);
	assert_null(buf_cstr(&b));
	buf_clear(&b);
}

static void
test_a_failed_buffer_does_nothing_until_it_is_reset(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_str(&b, "abcde");
	buf_str(&b, "a");
	buf_fmt(&b, "%d", 1);
	buf_cut(&b, 0);
	assert_true(buf_failed(&b));
	assert_null(buf_room(&b, 1));
	buf_reset(&b);
	buf_str(&b, "xy");
	assert_string_equal(buf_cstr(&b), "xy");
	buf_clear(&b);
}

static void
test_a_size_near_the_end_of_the_world_does_not_wrap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_str(&b, "abc");
	assert_null(buf_room(&b, SIZE_MAX - 1));
	assert_true(buf_failed(&b));
	buf_reset(&b);
	buf_str(&b, "abc");
	assert_null(buf_room(&b, SIZE_MAX - 3));
	buf_clear(&b);
}

static void
test_a_long_format_is_whole_when_it_fits_and_nothing_when_not(void **state)
{
	char long_text[3000];
	struct buf b;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	buf_init(&b, 3000);
	buf_fmt(&b, "<%s", long_text);
	assert_false(buf_failed(&b));
	assert_int_equal(b.len, 3000);
	assert_int_equal(buf_look(&b).p[2999], 'x');
	buf_fmt(&b, "%c", 'y');
	assert_true(buf_failed(&b));
	buf_clear(&b);
}

static void
test_room_is_written_by_the_caller_and_cut_back(void **state)
{
	struct buf b;
	char *p;

	(void)state;
	buf_init(&b, 10000);
	p = buf_room(&b, 5000);
	assert_non_null(p);
	memset(p, 'a', 5000);
	b.len += 5000;
	buf_cut(&b, 2);
	assert_string_equal(buf_cstr(&b), "aa");
	assert_int_equal(b.len, 2);
	buf_clear(&b);
	assert_int_equal(b.max, 10000);
}

static void
test_an_empty_buffer_has_an_empty_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_cstr(&b), "");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_pieces_of_every_kind_stand_one_behind_the_other),
		T(test_the_ceiling_can_be_reached_but_not_passed),
		T(test_a_failed_buffer_does_nothing_until_it_is_reset),
		T(test_a_size_near_the_end_of_the_world_does_not_wrap),
		T(test_a_long_format_is_whole_when_it_fits_and_nothing_when_not),
		T(test_room_is_written_by_the_caller_and_cut_back),
		T(test_an_empty_buffer_has_an_empty_string),
	};

	return TESTS_RUN(tests);
}
