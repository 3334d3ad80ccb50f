/*
 * Lists for people: they align, and show no byte that a terminal obeys.
 */
#include "tests/unit/test.h"
#include "src/cli/table.h"
#include <stdlib.h>

static void
table_says(struct table *t, const char *want)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	assert_true(table_print(t, f));
	(void)fclose(f);
	test_slice_is((struct slice){ text, n }, want);
	free(text);
	table_clear(t);
}

static void
test_columns_are_as_wide_as_their_widest_cell(void **state)
{
	static const char *const heads[] = { "PARTNER", ">FILES", "STATE",
		NULL };
	struct table t;

	(void)state;
	table_init(&t, heads);
	table_cell(&t, slice_of("acme"));
	table_cell(&t, slice_of("12"));
	table_cell(&t, slice_of("held"));
	table_cell(&t, slice_of("a-longer-name"));
	table_cell(&t, slice_of("1234567"));
	table_cell(&t, slice_of(""));
	table_says(&t, "PARTNER          FILES  STATE\n"
		       "acme                12  held\n"
		       "a-longer-name  1234567  -\n");
}

static void
test_wide_characters_count_twice(void **state)
{
	static const char *const heads[] = { "A", "B", NULL };
	struct table t;

	(void)state;
	table_init(&t, heads);
	table_cell(&t, slice_of("海关"));
	table_cell(&t, slice_of("x"));
	table_cell(&t, slice_of("abc"));
	table_cell(&t, slice_of("y"));
	table_says(&t, "A     B\n海关  x\nabc   y\n");
}

static void
test_a_cell_cannot_forge_a_line_or_a_colour(void **state)
{
	static const char *const heads[] = { "A", "B", NULL };
	struct table t;

	(void)state;
	table_init(&t, heads);
	table_cell(&t, slice_of("a\nb\x1b[31m"));
	table_cell(&t, slice_of("x"));
	table_says(&t, "A               B\na\\x0ab\\x1b[31m  x\n");
}

static void
test_a_list_without_rows_prints_nothing(void **state)
{
	static const char *const heads[] = { "A", NULL };
	struct table t;

	(void)state;
	table_init(&t, heads);
	table_says(&t, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_columns_are_as_wide_as_their_widest_cell),
		T(test_wide_characters_count_twice),
		T(test_a_cell_cannot_forge_a_line_or_a_colour),
		T(test_a_list_without_rows_prints_nothing),
	};

	return TESTS_RUN(tests);
}
