/*
 * Ids are unique without asking, and a misread one is found.
 */
#include "tests/unit/test.h"
#include "src/base/id.h"
#include <ctype.h>
#include <string.h>

#define NOON INT64_C(1795435935120) /* some moment of 2026 */

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
test_ids_grow_even_when_the_clock_stands_or_goes_back(void **state)
{
	struct clock c;
	struct idgen g;
	uint64_t last = 0;

	(void)state;
	clock_fake(&c, NOON);
	idgen_init(&g, &c, 1023);
	for (int i = 0; i < 20000; i++) {
		uint64_t id = id_new(&g);

		if (i == 10000)
			clock_jump(&c, NOON - 86400000);
		assert_true(id > last);
		assert_int_equal(id >> 12 & 1023, 1023);
		last = id;
	}
	clock_jump(&c, NOON + 1000);
	assert_int_equal(id_new(&g) >> 22, NOON + 1000 - 1577836800000);
}

static void
test_a_block_is_consecutive_and_nobody_elses(void **state)
{
	struct clock c;
	struct idgen g;
	uint64_t first;

	(void)state;
	clock_fake(&c, NOON);
	idgen_init(&g, &c, 5);
	(void)id_new(&g);
	first = id_block(&g, ID_BLOCK_MAX);
	assert_int_equal(first & 4095, 0);
	assert_int_equal((first + ID_BLOCK_MAX - 1) >> 12 & 1023, 5);
	assert_true(id_new(&g) > first + ID_BLOCK_MAX - 1);
	first = id_block(&g, 10);
	assert_int_equal(id_new(&g), first + 10);
}

static void
test_two_nodes_never_make_the_same_id(void **state)
{
	struct clock c;
	struct idgen g, h;

	(void)state;
	clock_fake(&c, NOON);
	idgen_init(&g, &c, 0);
	idgen_init(&h, &c, 1);
	for (int i = 0; i < 5000; i++)
		assert_true(id_new(&g) != id_new(&h));
}

static void
test_no_id_is_zero_whatever_the_clock_says(void **state)
{
	static const int64_t walls[] = { 0, -1, INT64_C(1577836800000),
		INT64_MAX / 2 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct clock c;
		struct idgen g;

		clock_fake(&c, walls[i]);
		idgen_init(&g, &c, 0);
		assert_true(id_new(&g) != 0);
	}
}

static void
test_an_id_is_read_back_in_either_case_with_or_without_dash(void **state)
{
	static const uint64_t ids[] = { 1, 4095, UINT64_C(0x0123456789abcdef),
		UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char text[ID_TEXT];
		char bare[ID_TEXT];
		uint64_t id = 0;

		assert_int_equal(strlen(id_print(ids[i], text)), 15);
		assert_int_equal(text[7], '-');
		assert_true(id_parse(slice_of(text), &id));
		assert_true(id == ids[i]);
		for (char *p = text; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		assert_true(id_parse(slice_of(text), &id));
		assert_true(id == ids[i]);
		memcpy(bare, text, 7);
		memcpy(bare + 7, text + 8, 8);
		assert_true(id_parse(slice_of(bare), &id));
		assert_true(id == ids[i]);
	}
}

static void
test_every_misread_letter_and_every_swap_is_found(void **state)
{
	char good[ID_TEXT], text[ID_TEXT];
	uint64_t id;

	(void)state;
	(void)id_print(UINT64_C(0x0a3f9c2b7d51e684), good);
	for (int i = 0; i < 15; i++) {
		for (size_t k = 0; k < 32 && i != 7; k++) {
			memcpy(text, good, sizeof(text));
			text[i] = letters[k];
			if (text[i] != good[i])
				assert_false(id_parse(slice_of(text), &id));
		}
		for (int k = i + 1; k < 15; k++) {
			memcpy(text, good, sizeof(text));
			text[i] = good[k];
			text[k] = good[i];
			if (text[i] != text[k])
				assert_false(id_parse(slice_of(text), &id));
		}
	}
}

static void
test_what_is_no_id_is_refused(void **state)
{
	static const char *const wrong[] = { "", "0", "0000000-0000000",
		"G000000-0000000", "0000000_0000001", "00000000000001x",
		"0A3F9Q2-7MBXPT", "0A3F9Q2-7MBXPTCC", "0A3F9I2-7MBXPTC",
		"-0A3F9Q27MBXPTC", "0A3F9Q\xc3\xa9-7MBXPT" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint64_t id = 42;

		assert_false(id_parse(slice_of(wrong[i]), &id));
		assert_int_equal(id, 42);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_ids_grow_even_when_the_clock_stands_or_goes_back),
		T(test_a_block_is_consecutive_and_nobody_elses),
		T(test_two_nodes_never_make_the_same_id),
		T(test_no_id_is_zero_whatever_the_clock_says),
		T(test_an_id_is_read_back_in_either_case_with_or_without_dash),
		T(test_every_misread_letter_and_every_swap_is_found),
		T(test_what_is_no_id_is_refused),
	};

	return TESTS_RUN(tests);
}
