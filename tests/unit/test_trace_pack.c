/*
 * Traces are kept packed: what was put is printed again, and bytes that are no
 * trace are refused rather than believed.
 */
#include "tests/unit/test.h"
#include <stdlib.h>
#include <string.h>
#include "src/wire/trace_pack.h"

#define MAX (1u << 20)

struct pack {
	struct buf names, trace, text;
	struct arena *mem;
	struct err err;
};

static int
set_up(void **state)
{
	struct pack *p = calloc(1, sizeof(*p));

	buf_init(&p->names, MAX);
	buf_init(&p->trace, MAX);
	buf_init(&p->text, MAX);
	p->mem = arena_new(MAX);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct pack *p = *state;

	buf_clear(&p->names);
	buf_clear(&p->trace);
	buf_clear(&p->text);
	arena_free(p->mem);
	free(p);
	return 0;
}

static enum rc
printed(struct pack *p)
{
	buf_reset(&p->text);
	return trace_print(buf_look(&p->names), buf_look(&p->trace), p->mem,
	    &p->text, &p->err);
}

static void
names_make(struct pack *p)
{
	trace_name_put(&p->names, 0, SLICE_LIT("DecMessage"));
	trace_name_put(&p->names, 1, SLICE_LIT("/GNo"));
	trace_name_put(&p->names, 0, SLICE_LIT("item[2]"));
	trace_name_put(&p->names, 3, SLICE_LIT(".sequence"));
}

static void
test_what_was_packed_is_printed(void **state)
{
	static const struct trace_leaf leaf[] = {
		{ 100, 2, 2, 4, 3000, 2 }, { 0, 0, 1, 0, 0, 0 }, /* empty */
		{ UINT64_C(1) << 40, 7, 2, 4, 5, 1 },            /* far off */
		{ 20, 1, 0, 3, 0, 0 }, /* goes back; no path, no place */
	};
	struct pack *p = *state;
	struct trace_pen pen = { 0 };

	names_make(p);
	for (size_t i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++)
		trace_leaf_put(&pen, &leaf[i], &p->trace);
	assert_int_equal(printed(p), RC_OK);
	test_slice_is(buf_look(&p->text),
	    "100 2\tDecMessage/GNo\titem[2].sequence\t3000 2\n"
	    "0 0\tDecMessage\t\t\n"
	    "1099511627776 7\tDecMessage/GNo\titem[2].sequence\t5 1\n"
	    "20 1\t\titem[2]\t\n");
}

/* Nearly all leaves of a message are like the ones before them. */
static void
test_a_leaf_beside_the_last_one_is_few_bytes(void **state)
{
	struct pack *p = *state;
	struct trace_pen pen = { 0 };
	struct trace_leaf l = { 1000000, 8, 300, 300, 2000000, 8 };
	size_t before;

	trace_leaf_put(&pen, &l, &p->trace);
	before = p->trace.len;
	l = (struct trace_leaf){ 1000030, 8, 301, 301, 2000009, 8 };
	trace_leaf_put(&pen, &l, &p->trace);
	assert_int_equal(p->trace.len - before, 6);
}

static void
test_a_trace_cut_anywhere_is_refused_or_shorter(void **state)
{
	struct pack *p = *state;
	struct trace_pen pen = { 0 };
	struct trace_leaf l = { 100, 200, 2, 4, 3000, 200 };

	names_make(p);
	trace_leaf_put(&pen, &l, &p->trace);
	for (size_t n = 1; n < p->trace.len; n++) {
		struct slice cut = { p->trace.p, n };

		assert_int_equal(trace_print(buf_look(&p->names), cut, p->mem,
				     &p->text, &p->err),
		    RC_REFUSED);
	}
	assert_non_null(strstr(p->err.text, "left over behind a trace"));
}

static void
test_names_that_do_not_exist_are_refused(void **state)
{
	struct pack *p = *state;
	struct trace_pen pen = { 0 };
	struct trace_leaf l = { 1, 1, 5, 0, 0, 0 };

	names_make(p);
	trace_leaf_put(&pen, &l, &p->trace);
	assert_int_equal(printed(p), RC_REFUSED);
	assert_string_equal(p->err.text, "a trace names what does not exist");
}

/* A name below itself, or below a later one, would be a path without end. */
static void
test_a_name_stands_below_an_earlier_one_only(void **state)
{
	struct pack *p = *state;

	trace_name_put(&p->names, 1, SLICE_LIT("x"));
	assert_int_equal(printed(p), RC_REFUSED);
	assert_string_equal(p->err.text, "name 1 of a trace does not fit");
}

static void
test_a_name_that_is_cut_off_is_refused(void **state)
{
	struct pack *p = *state;

	names_make(p);
	buf_cut(&p->names, p->names.len - 3);
	assert_int_equal(printed(p), RC_REFUSED);
	assert_string_equal(p->err.text, "name 4 of a trace does not fit");
}

static void
test_a_path_of_ever_more_steps_is_refused(void **state)
{
	struct pack *p = *state;
	struct trace_pen pen = { 0 };
	struct trace_leaf l = { 1, 1, 65, 0, 0, 0 };

	for (uint32_t i = 0; i < 65; i++)
		trace_name_put(&p->names, i, SLICE_LIT("/x"));
	trace_leaf_put(&pen, &l, &p->trace);
	assert_int_equal(printed(p), RC_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#undef T
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_what_was_packed_is_printed),
		T(test_a_leaf_beside_the_last_one_is_few_bytes),
		T(test_a_trace_cut_anywhere_is_refused_or_shorter),
		T(test_names_that_do_not_exist_are_refused),
		T(test_a_name_stands_below_an_earlier_one_only),
		T(test_a_name_that_is_cut_off_is_refused),
		T(test_a_path_of_ever_more_steps_is_refused),
	};

	return TESTS_RUN(tests);
}
