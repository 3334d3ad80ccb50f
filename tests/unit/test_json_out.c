/*
 * tests/unit/test_json_out.c - members, arrays and numbers written as JSON,
 * and what falls back to a mark.
 */
#include "src/syntax/json.h"
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

enum { NONE, OBJECT, NO, MASS, ITEM, SPEC, TAGS };
static const bool many[TAGS] = { [ITEM] = true, [SPEC] = true };
static const bool bare[TAGS] = { [MASS] = true };

struct desk {
	struct bench *b;
	struct buf buf;
	struct wire_out *o;
};

static void
desk_open(struct desk *d, bool list, bool indent)
{
	struct json_style s = { .indent = indent,
		.list = list,
		.many = many,
		.bare = bare,
		.ntags = TAGS };

	d->b = bench_new();
	buf_init(&d->buf, 1u << 20);
	d->o = json_out(&d->buf, &s, d->b->mem);
	assert_non_null(d->o);
}

static void
desk_close(struct desk *d, const char *want)
{
	test_slice_is(d->o->finish(d->o), want);
	buf_clear(&d->buf);
	bench_free(d->b);
}

static void
begin(struct desk *d, const char *name, wtag tag)
{
	d->o->begin(d->o, slice_of(name), tag);
}

static void
leaf(struct desk *d, const char *name, wtag tag, const char *text)
{
	d->o->leaf(d->o, slice_of(name), tag, slice_of(text));
}

static void
end(struct desk *d)
{
	d->o->end(d->o);
}

static void
test_a_member_that_may_repeat_is_an_array_even_when_it_stands_once(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, false, false);
	begin(&d, "object", OBJECT);
	leaf(&d, "no", NO, "A1");
	begin(&d, "item", ITEM);
	leaf(&d, "spec", SPEC, "x");
	leaf(&d, "spec", SPEC, "y");
	leaf(&d, "mass", MASS, "1.50");
	end(&d);
	leaf(&d, "spec", SPEC, "z");
	end(&d);
	desk_close(&d,
	    "{\"no\":\"A1\",\"item\":[{\"spec\":[\"x\",\"y\"],\"mass\":1.50}],"
	    "\"spec\":[\"z\"]}");
}

static void
test_only_what_is_a_number_or_a_truth_value_stands_bare(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "0", "{\"m\":0}" },
		{ "-12.5000", "{\"m\":-12.5000}" },
		{ "007", "{\"m\":\"007\"}" },
		{ "1,5", "{\"m\":\"1,5\"}" },
		{ "1.", "{\"m\":\"1.\"}" },
		{ "-", "{\"m\":\"-\"}" },
		{ "true", "{\"m\":true}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk d;

		desk_open(&d, false, false);
		begin(&d, "object", OBJECT);
		leaf(&d, "m", MASS, cases[i].text);
		end(&d);
		desk_close(&d, cases[i].want);
	}
}

static void
test_texts_are_escaped(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, false, false);
	begin(&d, "object", OBJECT);
	leaf(&d, "no", NO, "a\"\\\n\r\t\x01中");
	end(&d);
	desk_close(&d, "{\"no\":\"a\\\"\\\\\\n\\r\\t\\u0001中\"}");
}

static void
test_objects_of_a_list_stand_in_an_array(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, true, false);
	for (int i = 0; i < 2; i++) {
		begin(&d, "object", OBJECT);
		leaf(&d, "mass", MASS, "1");
		end(&d);
	}
	desk_close(&d, "[{\"mass\":1},{\"mass\":1}]");
	desk_open(&d, true, false);
	desk_close(&d, "[]");
}

static void
test_what_is_laid_out_says_the_same(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, false, true);
	begin(&d, "object", OBJECT);
	leaf(&d, "no", NO, "A1");
	begin(&d, "item", ITEM);
	leaf(&d, "mass", MASS, "1");
	end(&d);
	end(&d);
	desk_close(&d,
	    "{\n  \"no\": \"A1\",\n  \"item\": [{\n    \"mass\": 1\n  }]\n}\n");
}

static void
test_what_falls_back_to_a_mark_leaves_no_comma_and_no_bracket(void **state)
{
	struct wire_mark m;
	struct desk d;

	(void)state;
	desk_open(&d, false, false);
	begin(&d, "object", OBJECT);
	leaf(&d, "no", NO, "A1");
	d.o->mark(d.o, &m);
	begin(&d, "item", ITEM);
	leaf(&d, "spec", SPEC, "x");
	end(&d);
	d.o->back(d.o, &m);
	leaf(&d, "mass", MASS, "2");
	begin(&d, "item", ITEM);
	leaf(&d, "no", NO, "1");
	end(&d);
	d.o->mark(d.o, &m);
	begin(&d, "item", ITEM);
	d.o->back(d.o, &m);
	begin(&d, "item", ITEM);
	leaf(&d, "no", NO, "2");
	end(&d);
	end(&d);
	desk_close(&d,
	    "{\"no\":\"A1\",\"mass\":2,\"item\":[{\"no\":\"1\"},{\"no\":\"2\"}]"
	    "}");
}

static void
place_keep(void *arg, uint32_t number, size_t at, size_t len)
{
	size_t *places = arg;

	places[2 * number] = at;
	places[2 * number + 1] = len;
}

static void
test_the_trace_is_told_where_each_text_stands(void **state)
{
	size_t places[6] = { 0 };
	struct desk d;

	(void)state;
	desk_open(&d, false, false);
	d.o->placed = place_keep;
	d.o->placed_arg = places;
	begin(&d, "object", OBJECT);
	leaf(&d, "no", NO, "A1");
	leaf(&d, "mass", MASS, "12");
	end(&d);
	assert_int_equal(places[0], 7);
	assert_int_equal(places[1], 2);
	assert_int_equal(places[2], 18);
	assert_int_equal(places[3], 2);
	desk_close(&d, "{\"no\":\"A1\",\"mass\":12}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_member_that_may_repeat_is_an_array_even_when_it_stands_once),
		T(test_only_what_is_a_number_or_a_truth_value_stands_bare),
		T(test_texts_are_escaped),
		T(test_objects_of_a_list_stand_in_an_array),
		T(test_what_is_laid_out_says_the_same),
		T(test_what_falls_back_to_a_mark_leaves_no_comma_and_no_bracket),
		T(test_the_trace_is_told_where_each_text_stands),
	};

	return TESTS_RUN(tests);
}
