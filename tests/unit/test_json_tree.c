/*
 * tests/unit/test_json_tree.c - JSON documents as nodes, and those that are
 * none.
 */
#include "src/syntax/json.h"
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

static struct wnode *
tree(struct bench *b, struct text *t, const char *s)
{
	*t = bench_text(s);
	return json_tree(t, b->tags, b->mem, &b->findings);
}

static void
test_members_are_nodes_by_name_with_their_bytes(void **state)
{
	struct bench *b = bench_new();
	wtag item = tag_make(b->tags, slice_of("item"));
	const struct wnode *o, *c;
	struct text t;

	(void)state;
	o = tree(b, &t,
	    " {\"no\" : \"A1\", \"mass\":12.50 "
	    ",\"item\":[{\"n\":1},{\"n\":-2e3}],"
	    "\"dry\":true,\"none\":null,\"empty\":[],\"tag\":[\"x\",\"y\"],"
	    "\"in\":{\"deep\":false}}\n")
		->child;
	no_finding(b);
	test_slice_is(o->name, "object");
	assert_null(o->next);
	test_slice_is(child_of(o, "no")->text, "A1");
	c = child_of(o, "mass");
	assert_true(c->leaf);
	test_slice_is(c->text, "12.50"); /* the scale is kept */
	test_slice_is(range_of(&t, c->at, c->span), "12.50");
	c = child_of(o, "no");
	test_slice_is(range_of(&t, c->at, c->span), "\"A1\"");
	test_slice_is(range_of(&t, c->tat, c->tspan), "A1");
	c = child_nth(o, "item", 1);
	assert_int_equal(c->tag, item);
	test_slice_is(range_of(&t, c->at, c->span), "{\"n\":-2e3}");
	test_slice_is(child_of(c, "n")->text, "-2e3");
	assert_null(child_nth(o, "item", 2));
	test_slice_is(child_of(o, "dry")->text, "true");
	assert_int_equal(child_of(o, "none")->text.len, 0);
	assert_null(child_of(o, "empty"));
	test_slice_is(child_nth(o, "tag", 1)->text, "y");
	test_slice_is(child_of(child_of(o, "in"), "deep")->text, "false");
	bench_free(b);
}

static void
test_each_object_of_an_outermost_array_stands_for_itself(void **state)
{
	struct bench *b = bench_new();
	const struct wnode *root;
	struct text t;

	(void)state;
	root = tree(b, &t, "[{\"a\":1},{\"a\":2}]");
	no_finding(b);
	test_slice_is(child_of(child_nth(root, "object", 1), "a")->text, "2");
	root = tree(b, &t, "[]");
	no_finding(b);
	assert_null(root->child);
	bench_free(b);
}

static void
test_escapes_are_letters(void **state)
{
	struct bench *b = bench_new();
	const struct wnode *c;
	struct text t;

	(void)state;
	c = tree(b, &t,
	    "{\"t\":\"a\\\"b\\\\c\\/\\u00ae\\u4e2d\\ud83d\\ude00\\n\\tz\"}")
		->child->child;
	no_finding(b);
	test_slice_is(c->text, "a\"b\\c/®中😀\n\tz");
	bench_free(b);
}

static void
test_what_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t at;
		const char *en;
	} cases[] = {
		{ "{\"a\":1", 6, "the end, want a comma or a closing brace" },
		{ "{\"a\":1,}", 7, "'}', want a name in quotes" },
		{ "{\"a\" 1}", 5, "'1', want a colon" },
		{ "{\"a\":}", 5, "'}', want a value" },
		{ "{\"a\":01}", 6, "'1', want a comma or a closing brace" },
		{ "{\"a\":1.}", 7, "'}', want a digit" },
		{ "{\"a\":+1}", 5, "'+', want a value" },
		{ "{\"a\":nul}", 5, "'n', want a value" },
		{ "{\"a\":\"x", 5,
		    "a text that never ends, want a closing "
		    "quote" },
		{ "{\"a\":\"x\ny\"}", 7,
		    "the end of the line, want a closing quote" },
		{ "{\"a\":1} {\"a\":2}", 8,
		    "'{', want nothing behind the "
		    "value" },
		{ "{\"a\":[[1]]}", 6, "'[', want no array in an array" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", 13,
		    "member 'a' twice, want each name once" },
		{ "\"a\"", 0, "'\"', want an object or an array of objects" },
		{ "", 0, "the end, want an object or an array of objects" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		struct text t;

		assert_null(tree(b, &t, cases[i].text));
		only_finding(b, FIND_SYNTAX, cases[i].en);
		assert_int_equal(b->findings.first->text_at, cases[i].at);
		bench_free(b);
	}
}

static void
test_escapes_that_are_no_letters_are_refused(void **state)
{
	static const char *const broken =
	    "a broken escape, want one of \\\" \\\\ \\/ \\b \\f \\n "
	    "\\r \\t \\uXXXX";
	static const char *const half =
	    "half of a pair of \\uXXXX, want both halves";
	const struct {
		const char *text, *en;
	} cases[] = {
		{ "{\"a\":\"\\x\"}", broken },
		{ "{\"a\":\"\\u12\"}", broken },
		{ "{\"a\":\"\\", broken },
		{ "{\"a\":\"\\u0000\"}",
		    "the character U+0000, want a text without it" },
		{ "{\"a\":\"\\ud800\"}", half },
		{ "{\"a\":\"\\ud800\\u0041\"}", half },
		{ "{\"a\":\"\\udc00\"}", half },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		struct text t;

		assert_null(tree(b, &t, cases[i].text));
		only_finding(b, FIND_SYNTAX, cases[i].en);
		bench_free(b);
	}
}

static void
test_depth_members_and_texts_have_ceilings(void **state)
{
	struct bench *b = bench_new();
	struct buf s;
	struct text t;

	(void)state;
	buf_init(&s, 1u << 20);
	for (int i = 0; i < 64; i++)
		buf_str(&s, "{\"a\":");
	buf_str(&s, "1");
	for (int i = 0; i < 64; i++)
		buf_str(&s, "}");
	assert_non_null(tree(b, &t, buf_cstr(&s)));
	no_finding(b);
	buf_reset(&s);
	for (int i = 0; i < 100000; i++)
		buf_str(&s, "{\"a\":");
	assert_null(tree(b, &t, buf_cstr(&s)));
	only_finding(b, FIND_LIMIT,
	    "the document is more than 64 deep, the limit is 64");
	findings_init(&b->findings, b->mem);
	buf_reset(&s);
	for (int i = 0; i < 501; i++)
		buf_fmt(&s, "%s\"m%d\":1", i == 0 ? "{" : ",", i);
	assert_null(tree(b, &t, buf_cstr(&s)));
	only_finding(b, FIND_LIMIT,
	    "an object is more than 500 members, the limit is 500");
	findings_init(&b->findings, b->mem);
	buf_reset(&s);
	buf_str(&s, "{\"a\":\"");
	for (int i = 0; i < 70000; i++)
		buf_byte(&s, 'x');
	buf_str(&s, "\"}");
	assert_null(tree(b, &t, buf_cstr(&s)));
	only_finding(b, FIND_LIMIT,
	    "a text is more than 65536 bytes, the limit is 65536");
	buf_clear(&s);
	bench_free(b);
}

static void
test_a_brace_or_a_bracket_looks_like_json(void **state)
{
	(void)state;
	assert_true(json_probe(slice_of(" \r\n{")));
	assert_true(json_probe(slice_of("\xef\xbb\xbf[")));
	assert_false(json_probe(slice_of("a,b\n{")));
	assert_false(json_probe(slice_of("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_members_are_nodes_by_name_with_their_bytes),
		T(test_each_object_of_an_outermost_array_stands_for_itself),
		T(test_escapes_are_letters),
		T(test_what_is_no_json_is_refused_with_its_place),
		T(test_escapes_that_are_no_letters_are_refused),
		T(test_depth_members_and_texts_have_ceilings),
		T(test_a_brace_or_a_bracket_looks_like_json),
	};

	return TESTS_RUN(tests);
}
