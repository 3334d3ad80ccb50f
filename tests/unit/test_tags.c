/*
 * tests/unit/test_tags.c - interned wire names.
 */
#include <stdio.h>
#include "tests/unit/syntax.h"

static void
test_a_name_gets_the_same_tag_each_time(void **state)
{
	struct tags *t = tags_new();
	wtag a = tag_make(t, slice_of("DecHead"));

	(void)state;
	assert_int_not_equal(a, TAG_UNKNOWN);
	assert_int_equal(tag_make(t, slice_of("DecHead")), a);
	assert_int_equal(tag_find(t, slice_of("DecHead")), a);
	test_slice_is(tag_name(t, a), "DecHead");
	tags_free(t);
}

static void
test_an_unknown_name_has_tag_0(void **state)
{
	struct tags *t = tags_new();

	(void)state;
	assert_int_equal(tag_find(t, slice_of("DecHead")), TAG_UNKNOWN);
	assert_int_equal(tag_name(t, TAG_UNKNOWN).len, 0);
	assert_int_equal(tag_name(t, 7).len, 0);
	tags_free(t);
}

static void
test_thousands_of_names_stay_apart(void **state)
{
	struct tags *t = tags_new();
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "name%u", i);
		assert_int_equal(tag_make(t, slice_of(name)), i + 1);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "name%u", i);
		assert_int_equal(tag_find(t, slice_of(name)), i + 1);
	}
	assert_int_equal(tags_count(t), 5000);
	tags_free(t);
}

static void
test_names_stay_below_numbered_leaves(void **state)
{
	struct tags *t = tags_new();
	char name[16];
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < TAG_LEAF + 10; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		n += tag_make(t, slice_of(name)) != TAG_UNKNOWN;
	}
	assert_int_equal(n, TAG_LEAF - 1);
	tags_free(t);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_a_name_gets_the_same_tag_each_time),
		T(test_an_unknown_name_has_tag_0),
		T(test_thousands_of_names_stay_apart),
		T(test_names_stay_below_numbered_leaves),
	};

	return TESTS_RUN(tests);
}
