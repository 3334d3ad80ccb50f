/*
 * tests/unit/test_xml.c - XML becomes a tree whose places are exact, dangerous
 * XML is refused, and what is written reads back.
 */
#include "src/syntax/xml.h"
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

static struct wnode *
tree(struct bench *b, struct text *t, const char *s)
{
	*t = bench_text(s);
	return xml_tree(t, b->tags, b->mem, &b->findings);
}

static void
refused(const char *s, enum finding_kind kind, const char *en, size_t at)
{
	struct bench *b = bench_new();
	struct text t;

	assert_null(tree(b, &t, s));
	only_finding(b, kind, en);
	assert_int_equal(b->findings.first->text_at, at);
	bench_free(b);
}

static void
test_elements_attributes_and_texts_are_found_with_their_bytes(void **state)
{
	struct bench *b = bench_new();
	wtag head = tag_make(b->tags, slice_of("DecHead"));
	wtag version = tag_make(b->tags, slice_of("@Version"));
	struct text t;
	const struct wnode *root = tree(b, &t,
	    "<?xml version='1.0' encoding='UTF-8'?>\n"
	    "<p:DecMessage xmlns:p=\"u\" Version=\"4.8\" p:x='y'>\n"
	    "  <p:DecHead><SeqNo>123</SeqNo><ApprNo/><B></B></p:DecHead>\n"
	    "</p:DecMessage>\n");
	const struct wnode *m = child_of(root, "DecMessage"), *n;

	(void)state;
	no_finding(b);
	assert_non_null(m);
	assert_int_equal(m->text.len, 0);
	test_slice_is(slice_sub(t.utf8, m->at, 13), "<p:DecMessage");
	assert_int_equal(m->at + m->span, t.utf8.len - 1);
	n = m->child;
	assert_true(n->leaf);
	assert_int_equal(n->tag, version);
	test_slice_is(n->name, "Version");
	test_slice_is(n->text, "4.8");
	test_slice_is(range_of(&t, n->tat, n->tspan), "4.8");
	test_slice_is(range_of(&t, n->at, n->span), "Version=\"4.8\"");
	test_slice_is(n->next->name, "x");
	n = child_of(m, "DecHead");
	assert_int_equal(n->tag, head);
	test_slice_is(range_of(&t, n->at, n->span),
	    "<p:DecHead><SeqNo>123</SeqNo><ApprNo/><B></B></p:DecHead>");
	test_slice_is(child_of(n, "SeqNo")->text, "123");
	assert_int_equal(child_of(n, "SeqNo")->tag, TAG_UNKNOWN);
	test_slice_is(range_of(&t, child_of(n, "SeqNo")->tat,
			  child_of(n, "SeqNo")->tspan),
	    "123");
	assert_int_equal(child_of(n, "ApprNo")->text.len, 0);
	test_slice_is(range_of(&t, child_of(n, "ApprNo")->at,
			  child_of(n, "ApprNo")->span),
	    "<ApprNo/>");
	assert_int_equal(child_of(n, "B")->text.len, 0);
	bench_free(b);
}

static void
test_entities_and_cdata_are_resolved(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *a = child_of(
	    tree(b, &t,
		"<A x='1&amp;2&#x4e2d;'><B>&lt;03&gt;C1</B>"
		"<C><![CDATA[a<b]]>&amp;c</C><D>中<!-- no -->文\r\nz</D></A>"),
	    "A");

	(void)state;
	no_finding(b);
	test_slice_is(a->child->text, "1&2中");
	test_slice_is(child_of(a, "B")->text, "<03>C1");
	test_slice_is(
	    range_of(&t, child_of(a, "B")->tat, child_of(a, "B")->tspan),
	    "&lt;03&gt;C1");
	test_slice_is(child_of(a, "C")->text, "a<b&c");
	test_slice_is(child_of(a, "D")->text, "中文\nz");
	bench_free(b);
}

static void
test_plain_text_is_not_copied(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *a = child_of(tree(b, &t, "<A>四川</A>"), "A");

	(void)state;
	assert_ptr_equal(a->text.p, t.utf8.p + a->tat);
	bench_free(b);
}

static void
test_own_text_beside_elements_is_kept(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *a =
	    child_of(tree(b, &t, "<A>one<B>inner</B>two</A>"), "A");

	(void)state;
	test_slice_is(a->text, "onetwo");
	test_slice_is(child_of(a, "B")->text, "inner");
	bench_free(b);
}

/* Ranges stay exact when the parser has shifted its own buffer many times. */
static void
test_places_are_exact_in_a_big_document(void **state)
{
	struct bench *b = bench_new();
	struct buf s;
	struct text t;
	const struct wnode *n;
	char want[128];

	(void)state;
	buf_init(&s, 8 << 20);
	buf_str(&s, "<?xml version=\"1.0\" encoding=\"GBK\"?>\n<L>\n");
	for (int i = 0; i < 30000; i++)
		buf_fmt(&s, "  <中%d a=\"%d\">值%d&amp;</中%d>\n", i, i, i, i);
	buf_str(&s, "</L>");
	n = tree(b, &t, buf_cstr(&s));
	assert_non_null(n);
	no_finding(b);
	n = n->child->child;
	for (int i = 0; i < 30000; i++, n = n->next) {
		(void)snprintf(want, sizeof(want),
		    "<中%d a=\"%d\">值%d&amp;</中%d>", i, i, i, i);
		test_slice_is(range_of(&t, n->at, n->span), want);
		(void)snprintf(want, sizeof(want), "值%d&amp;", i);
		test_slice_is(range_of(&t, n->tat, n->tspan), want);
		(void)snprintf(want, sizeof(want), "%d", i);
		test_slice_is(
		    range_of(&t, n->child->tat, n->child->tspan), want);
	}
	assert_null(n);
	buf_clear(&s);
	bench_free(b);
}

static void
test_mixed_and_undeclared_prefixes_are_read(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_non_null(child_of(
	    child_of(tree(b, &t, "<q:A><w:B z:k='1'>1</w:B></q:A>"), "A"),
	    "B"));
	no_finding(b);
	bench_free(b);
}

static void
test_a_doctype_is_refused_before_anything_is_expanded(void **state)
{
	(void)state;
	refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", FIND_FORBIDDEN,
	    "a DOCTYPE is not allowed", 0);
	refused("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///x'><a/>",
	    FIND_FORBIDDEN, "a DOCTYPE is not allowed", 21);
	refused("<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'>"
		"<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>"
		"<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]><l>&d;</l>",
	    FIND_FORBIDDEN, "a DOCTYPE is not allowed", 0);
}

static void
test_an_undeclared_entity_is_refused(void **state)
{
	(void)state;
	refused("<a>&x;</a>", FIND_SYNTAX,
	    "entity 'x' not defined, want well-formed XML", 6);
}

static void
test_what_is_not_well_formed_is_refused_with_its_place(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	struct place p;

	(void)state;
	assert_null(tree(b, &t, "<A>\n  <B>1</C>\n</A>"));
	assert_int_equal(b->findings.n, 1);
	assert_int_equal(b->findings.first->kind, FIND_SYNTAX);
	test_slice_is(b->findings.first->en,
	    "opening and ending tag mismatch: B line 2 and C, want well-formed "
	    "XML");
	text_place(
	    &t, b->findings.first->text_at, b->findings.first->text_span, &p);
	assert_int_equal(p.line, 2);
	assert_int_equal(p.column, 11);
	bench_free(b);
	refused("<A/><B/>", FIND_SYNTAX,
	    "extra content at the end of the document, want well-formed XML",
	    4);
	refused("<A><B>", FIND_SYNTAX,
	    "premature end of data in tag B line 1, want well-formed XML", 6);
}

static void
test_too_deep_is_refused(void **state)
{
	char s[1200] = "";
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	for (int i = 0; i < 128; i++)
		(void)strcat(s, "<a>");
	for (int i = 0; i < 128; i++)
		(void)strcat(s, "</a>");
	assert_non_null(tree(b, &t, s));
	no_finding(b);
	bench_free(b);
	s[0] = '\0';
	for (int i = 0; i < 300; i++)
		(void)strcat(s, "<a>");
	refused(s, FIND_LIMIT, "element 'a' is 129 deep, the limit is 128",
	    128 * 3);
}

static void
test_too_many_attributes_are_refused(void **state)
{
	struct buf s;

	(void)state;
	buf_init(&s, 1 << 20);
	buf_str(&s, "<a");
	for (int i = 0; i < 1001; i++)
		buf_fmt(&s, " a%d='1'", i);
	buf_str(&s, "/>");
	refused(buf_cstr(&s), FIND_LIMIT,
	    "element 'a' is with 1001 attributes, the limit is 1000", 0);
	buf_clear(&s);
}

static void
test_too_many_elements_are_refused(void **state)
{
	struct bench *b = bench_new();
	struct buf s;
	struct text t;

	(void)state;
	buf_init(&s, 8 << 20);
	buf_str(&s, "<l>");
	for (int i = 0; i < 600000; i++)
		buf_str(&s, "<a/>");
	assert_null(tree(b, &t, buf_cstr(&s)));
	only_finding(b, FIND_LIMIT,
	    "the document is more than 500000 elements, the limit is 500000");
	buf_clear(&s);
	bench_free(b);
}

static void
test_more_than_8_mib_is_refused(void **state)
{
	struct bench *b = bench_new();
	char *s = malloc((8 << 20) + 2);
	struct text t;

	(void)state;
	memset(s, ' ', (8 << 20) + 1);
	s[(8 << 20) + 1] = '\0';
	assert_null(tree(b, &t, s));
	only_finding(b, FIND_LIMIT,
	    "the document is 8388609 bytes, the limit is 8388608");
	free(s);
	bench_free(b);
}

static void
test_nothing_is_refused_as_empty(void **state)
{
	(void)state;
	refused("", FIND_EMPTY, "the file is empty, want a message", 0);
}

static void
test_a_declaration_of_another_encoding_is_ignored(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *a = child_of(
	    tree(b, &t,
		"<?xml version=\"1.0\" encoding=\"GB18030\"?><A>中文</A>"),
	    "A");

	(void)state;
	no_finding(b);
	test_slice_is(a->text, "中文");
	bench_free(b);
}

static void
test_the_label_is_told_from_the_raw_bytes(void **state)
{
	(void)state;
	test_slice_is(xml_label(slice_of("<?xml version=\"1.0\" "
					 "encoding=\"GB2312\"?><a/>")),
	    "GB2312");
	test_slice_is(
	    xml_label(slice_of("\xef\xbb\xbf<?xml version='1.0' encoding = "
			       "'utf-8' standalone='yes'?>")),
	    "utf-8");
	assert_int_equal(xml_label(slice_of("<?xml version='1.0'?>")).len, 0);
	assert_int_equal(xml_label(slice_of("<a encoding='x'/>")).len, 0);
	assert_int_equal(xml_label(slice_of("<?xml encoding=")).len, 0);
}

static void
test_the_root_is_told_without_parsing(void **state)
{
	static const struct {
		const char *text, *name, *space;
	} cases[] = {
		{ "<A/>", "A", "" },
		{ "\n<?xml version='1.0'?><!-- <X> --><A xmlns=\"u\" b='1'>",
		    "A", "u" },
		{ "<p:A b='>' xmlns='no' xmlns:p='yes'>", "A", "yes" },
		{ "<!DOCTYPE A [<!ENTITY x '>'>]><A>", "A", "" },
	};
	struct slice name, space;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(xml_root(slice_of(cases[i].text), &name, &space));
		test_slice_is(name, cases[i].name);
		test_slice_is(space, cases[i].space);
	}
	assert_false(xml_root(slice_of("<!-- <A/>"), &name, &space));
	assert_false(xml_root(slice_of("text"), &name, &space));
	assert_false(xml_root(slice_of(""), &name, &space));
}

static void
test_what_is_xml_is_told_from_its_head(void **state)
{
	(void)state;
	assert_true(xml_probe(slice_of("\r\n <?xml ")));
	assert_true(xml_probe(slice_of("\xef\xbb\xbf<a>")));
	assert_true(xml_probe((struct slice){ "\xff\xfe<\0a\0", 6 }));
	assert_false(xml_probe(slice_of("<1")));
	assert_false(xml_probe(slice_of("UNB+")));
	assert_false(xml_probe(slice_of("")));
}

static void
test_the_edge_files_parse_or_are_refused(void **state)
{
	static const struct {
		const char *file;
		bool good;
	} cases[] = {
		{ "dec-edge/e01-utf8-declared-gbk-bytes.xml", true },
		{ "dec-edge/e02-gb18030-declared.xml", true },
		{ "dec-edge/e03-bom-crlf.xml", true },
		{ "dec-edge/e04-truncated.xml", false },
		{ "dec-edge/e07-no-namespace.xml", true },
		{ "dec-edge/e08-entity-expansion.xml", false },
		{ "dec-edge/e09-empty.xml", false },
		{ "dec/c07-in-old-DEC_DATA-gb2312.xml", true },
	};
	static const enum encoding e[] = { ENC_UTF8, ENC_GB18030 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		struct slice raw;
		struct text t;
		char path[128];

		(void)snprintf(
		    path, sizeof(path), "tests/data/%s", cases[i].file);
		raw = test_file(path);
		assert_int_equal(text_decode(&t, raw, e, 2, xml_label(raw),
				     b->mem, &b->findings, &b->err),
		    RC_OK);
		if ((xml_tree(&t, b->tags, b->mem, &b->findings) != NULL) !=
		    cases[i].good)
			fail_msg("%s", cases[i].file);
		assert_int_equal(b->findings.errors, !cases[i].good);
		free((void *)(uintptr_t)raw.p);
		bench_free(b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_elements_attributes_and_texts_are_found_with_their_bytes),
		T(test_entities_and_cdata_are_resolved),
		T(test_plain_text_is_not_copied),
		T(test_own_text_beside_elements_is_kept),
		T(test_places_are_exact_in_a_big_document),
		T(test_mixed_and_undeclared_prefixes_are_read),
		T(test_a_doctype_is_refused_before_anything_is_expanded),
		T(test_an_undeclared_entity_is_refused),
		T(test_what_is_not_well_formed_is_refused_with_its_place),
		T(test_too_deep_is_refused),
		T(test_too_many_attributes_are_refused),
		T(test_too_many_elements_are_refused),
		T(test_more_than_8_mib_is_refused),
		T(test_nothing_is_refused_as_empty),
		T(test_a_declaration_of_another_encoding_is_ignored),
		T(test_the_label_is_told_from_the_raw_bytes),
		T(test_the_root_is_told_without_parsing),
		T(test_what_is_xml_is_told_from_its_head),
		T(test_the_edge_files_parse_or_are_refused),
	};

	return TESTS_RUN(tests);
}
