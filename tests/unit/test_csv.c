/*
 * tests/unit/test_csv.c - tables as spreadsheets write them, rows that do not
 * fit, and cells that must not run.
 */
#include "src/syntax/csv.h"
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

static const struct csv_style sniffed = { .header = true };

static struct wnode *
tree(struct bench *b, struct text *t, const struct csv_style *style,
    const char *s)
{
	*t = bench_text(s);
	return csv_tree(t, style, b->tags, b->mem, &b->findings);
}

static void
test_cells_are_found_by_heading_with_their_bytes(void **state)
{
	struct bench *b = bench_new();
	wtag name = tag_make(b->tags, slice_of("商品名称"));
	wtag row = tag_make(b->tags, slice_of("row"));
	struct text t;
	const struct wnode *r, *c;

	(void)state;
	r = tree(b, &t, &sniffed,
	    "No, 商品名称 ,Spec\r\n1,智能手机,\"4|3|\"\"华示\"\"牌,A\"\r\n\r\n"
	    "2,,\"line\r\nend\"\n")
		->child;
	no_finding(b);
	assert_int_equal(r->tag, row);
	assert_int_equal(r->number, 2);
	test_slice_is(range_of(&t, r->at, r->span),
	    "1,智能手机,\"4|3|\"\"华示\"\"牌,A\"");
	c = child_of(r, "商品名称");
	assert_int_equal(c->tag, name);
	assert_true(c->leaf);
	test_slice_is(c->text, "智能手机");
	c = child_of(r, "Spec");
	test_slice_is(c->text, "4|3|\"华示\"牌,A");
	test_slice_is(range_of(&t, c->tat, c->tspan), "4|3|\"\"华示\"\"牌,A");
	r = r->next;
	assert_int_equal(r->number, 4);
	assert_null(child_of(r, "商品名称")); /* empty: not given */
	test_slice_is(child_of(r, "Spec")->text, "line\r\nend");
	assert_null(r->next);
	bench_free(b);
}

static void
test_the_separator_is_sniffed_from_the_heading(void **state)
{
	(void)state;
	assert_int_equal(csv_sniff(slice_of("a,b,c\n;;;;;;")), ',');
	assert_int_equal(csv_sniff(slice_of("a;b;c,d\n")), ';');
	assert_int_equal(csv_sniff(slice_of("a\tb\tc")), '\t');
	assert_int_equal(csv_sniff(slice_of("\"a,b,c\";d")), ';');
	assert_int_equal(csv_sniff(slice_of("alone")), ',');
}

static void
test_what_spreadsheets_leave_behind_is_no_row(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *r =
	    tree(b, &t, &sniffed, "a;b\n;\n1;2\n;;;\n\n3;4\n;\n")->child;

	(void)state;
	no_finding(b);
	assert_int_equal(r->number, 3);
	assert_int_equal(r->next->number, 6);
	assert_null(r->next->next);
	/* the separator may be said in a line of its own */
	r = tree(b, &t, &sniffed, "sep=;\r\na,b;c\r\n1;2\r\n")->child;
	no_finding(b);
	assert_int_equal(r->number, 3);
	test_slice_is(child_of(r, "a,b")->text, "1");
	assert_int_equal(
	    csv_head(slice_of("sep=;\na,b;c\n"), '\0', NULL, 0), 2);
	assert_int_equal(
	    csv_head(slice_of("sep=x\na,b,c\n"), '\0', NULL, 0), 1);
	bench_free(b);
}

static void
test_a_heading_alone_is_no_table(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_null(tree(b, &t, &sniffed, "a,b\n,\n"));
	test_slice_is(b->findings.first->en,
	    "row is missing, want at least one below the heading");
	bench_free(b);
}

static void
test_a_row_that_does_not_fit_says_how_many_cells_it_has(void **state)
{
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *root =
	    tree(b, &t, &sniffed, "a,b\n1,2\n1,2,3\n1\n3,4\n");
	const struct wnode *r = child_nth(root, "row", 1);

	(void)state;
	assert_non_null(root);
	no_finding(b);
	assert_int_equal(root->cells, 2);
	assert_int_equal(child_nth(root, "row", 0)->cells, 2);
	assert_int_equal(r->cells, 3);
	test_slice_is(range_of(&t, r->at, r->span), "1,2,3");
	assert_int_equal(r->next->cells, 1);
	assert_int_equal(r->next->next->cells, 2);
	bench_free(b);
}

static void
test_the_heading_can_be_looked_at_alone(void **state)
{
	struct slice cell[3];

	(void)state;
	assert_int_equal(
	    csv_head(slice_of("\"a;b\"; c ;d;e\r\n1"), '\0', cell, 3), 4);
	test_slice_is(cell[0], "a;b");
	test_slice_is(cell[1], "c");
	test_slice_is(cell[2], "d");
	assert_int_equal(csv_head(slice_of(""), '\0', cell, 3), 1);
	assert_int_equal(csv_head(slice_of("\"never"), ',', cell, 3), 1);
}

static void
test_without_a_heading_names_or_numbers_stand_for_columns(void **state)
{
	static const struct slice names[] = { { "x", 1 }, { "y", 1 } };
	struct bench *b = bench_new();
	struct text t;
	const struct wnode *r;

	(void)state;
	r = tree(b, &t,
	    &(struct csv_style){
		.delimiter = ';', .heading = names, .nheadings = 2 },
	    "1;2\n")
		->child;
	assert_int_equal(r->number, 1);
	test_slice_is(child_of(r, "y")->text, "2");
	r = tree(b, &t, &(struct csv_style){ .delimiter = ';' }, "1;2\n")
		->child;
	assert_int_equal(r->child->next->tag, tag_leaf(2, 0));
	no_finding(b);
	bench_free(b);
}

static void
refused(const char *s, const char *en)
{
	struct bench *b = bench_new();
	struct text t;

	assert_null(tree(b, &t, &sniffed, s));
	assert_int_equal(b->findings.n, 1);
	test_slice_is(b->findings.first->en, en);
	bench_free(b);
}

static void
test_a_doubtful_table_is_refused(void **state)
{
	(void)state;
	refused("a,b\n1,\"never ends\n2,3\n",
	    "a quoted cell that never ends, want a closing quote");
	refused("a,b\n1,\"x\"y\n",
	    "text behind a closing quote, want a separator or the end of the "
	    "line");
	refused("a,b,a\n1,2,3\n",
	    "column 'a' stands twice, want each heading once");
}

static void
test_columns_and_fields_have_ceilings(void **state)
{
	struct buf s;

	(void)state;
	buf_init(&s, 1 << 20);
	for (int i = 0; i < 1001; i++)
		buf_fmt(&s, "c%d,", i);
	refused(buf_cstr(&s),
	    "the heading is more than 1000 columns, the limit is 1000");
	buf_reset(&s);
	buf_str(&s, "a\n");
	for (int i = 0; i < 1001; i++)
		buf_byte(&s, ',');
	refused(
	    buf_cstr(&s), "a row is more than 1000 columns, the limit is 1000");
	buf_reset(&s);
	buf_str(&s, "a\n\"");
	for (int i = 0; i < 65537; i++)
		buf_byte(&s, 'x');
	buf_str(&s, "\"\n");
	refused(
	    buf_cstr(&s), "a cell is 65537 bytes, the limit is 65536 bytes");
	buf_clear(&s);
}

static void
test_a_lone_quote_inside_a_cell_is_data(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	test_slice_is(
	    child_of(tree(b, &t, &sniffed, "a,b\n5\" pipe,1\n")->child, "a")
		->text,
	    "5\" pipe");
	no_finding(b);
	bench_free(b);
}

static void
test_the_sample_tables_are_read(void **state)
{
	static const struct {
		const char *file;
		bool header;
		uint32_t rows, ragged;
	} cases[] = {
		{ "decl-gbk.csv", true, 5, 0 },
		{ "decl-utf8bom.csv", true, 5, 0 },
		{ "decl.tsv", true, 4, 0 },
		{ "decl-bad-rows.csv", true, 3, 2 },
		{ "decl-semicolon-noheader.csv", false, 2, 0 },
	};
	static const enum encoding e[] = { ENC_UTF8, ENC_GB18030 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		struct csv_style style = { .header = cases[i].header };
		const struct wnode *root;
		struct slice raw;
		struct text t;
		char path[128];
		uint32_t rows = 0, ragged = 0;

		(void)snprintf(path, sizeof(path), "tests/data/erp-drop/%s",
		    cases[i].file);
		raw = test_file(path);
		assert_int_equal(
		    text_decode(&t, raw, e, 2, (struct slice){ NULL, 0 },
			b->mem, &b->findings, &b->err),
		    RC_OK);
		root = csv_tree(&t, &style, b->tags, b->mem, &b->findings);
		assert_non_null(root);
		no_finding(b);
		for (const struct wnode *r = root->child; r; r = r->next) {
			rows++;
			ragged += r->cells != root->cells;
		}
		if (rows != cases[i].rows || ragged != cases[i].ragged)
			fail_msg("%s: %u rows, %u ragged", cases[i].file, rows,
			    ragged);
		free((void *)(uintptr_t)raw.p);
		bench_free(b);
	}
}

/* --- writing --- */

static const struct slice heading[] = { { "a", 1 }, { "名", 3 }, { "c", 1 } };

#define BEGIN(o)            (o)->begin((o), SLICE_LIT("row"), 0)
#define LEAF(o, name, text) (o)->leaf((o), slice_of(name), 0, slice_of(text))
#define END(o)              (o)->end(o)

static void
test_rows_are_written_in_the_order_of_the_heading(void **state)
{
	struct csv_style style = {
		.header = true, .heading = heading, .nheadings = 3
	};
	struct bench *b = bench_new();
	struct wire_mark m;
	struct wire_out *o;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	o = csv_out(&buf, &style, b->mem);
	BEGIN(o);
	LEAF(o, "c", "x,\"y\"");
	LEAF(o, "a", "1");
	END(o);
	BEGIN(o);
	LEAF(o, "名", "two\nlines");
	o->mark(o, &m);
	LEAF(o, "a", "gone");
	o->back(o, &m);
	END(o);
	o->mark(o, &m);
	BEGIN(o);
	LEAF(o, "a", "gone");
	END(o);
	o->back(o, &m);
	test_slice_is(o->finish(o),
	    "a,名,c\r\n1,,\"x,\"\"y\"\"\"\r\n,\"two\nlines\",\r\n");
	assert_false(buf_failed(&buf));
	buf_clear(&buf);
	bench_free(b);
}

static void
test_a_column_that_the_heading_lacks_fails_the_buffer(void **state)
{
	struct csv_style style = { .heading = heading, .nheadings = 3 };
	struct bench *b = bench_new();
	struct wire_out *o;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	o = csv_out(&buf, &style, b->mem);
	BEGIN(o);
	LEAF(o, "other", "1");
	END(o);
	assert_true(buf_failed(&buf));
	buf_clear(&buf);
	bench_free(b);
}

static void
test_cells_that_would_run_are_neutralised(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "=1+1", "'=1+1" },
		{ "@SUM(A1)", "'@SUM(A1)" },
		{ "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
		{ "-2+3", "'-2+3" },
		{ "-", "'-" },
		{ "-12.50", "-12.50" },
		{ "+8613800", "+8613800" },
		{ "\tx", "'\tx" },
		{ "a=b", "a=b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csv_style style = { .delimiter = ';',
			.heading = heading,
			.nheadings = 1,
			.neutralise = true };
		struct bench *b = bench_new();
		struct wire_out *o;
		char want[64];
		struct buf buf;

		buf_init(&buf, 1 << 20);
		o = csv_out(&buf, &style, b->mem);
		BEGIN(o);
		LEAF(o, "a", cases[i].text);
		END(o);
		(void)snprintf(want, sizeof(want), "%s\r\n", cases[i].want);
		test_slice_is(o->finish(o), want);
		buf_clear(&buf);
		bench_free(b);
	}
}

static void
test_what_is_written_reads_back(void **state)
{
	static const char *const texts[] = { "plain", "a,b", "\"q\"", " x ",
		"line\r\nend", "中;文" };
	struct csv_style style = {
		.header = true, .heading = heading, .nheadings = 3
	};
	struct bench *b = bench_new();
	const struct wnode *r;
	struct wire_out *o;
	struct text t;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	o = csv_out(&buf, &style, b->mem);
	for (size_t i = 0; i < 6; i++) {
		BEGIN(o);
		LEAF(o, "名", texts[i]);
		END(o);
	}
	r = tree(b, &t, &sniffed, buf_cstr(&buf))->child;
	no_finding(b);
	for (size_t i = 0; i < 6; i++, r = r->next)
		test_slice_is(child_of(r, "名")->text, texts[i]);
	buf_clear(&buf);
	bench_free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_cells_are_found_by_heading_with_their_bytes),
		T(test_the_separator_is_sniffed_from_the_heading),
		T(test_what_spreadsheets_leave_behind_is_no_row),
		T(test_a_heading_alone_is_no_table),
		T(test_a_row_that_does_not_fit_says_how_many_cells_it_has),
		T(test_the_heading_can_be_looked_at_alone),
		T(test_without_a_heading_names_or_numbers_stand_for_columns),
		T(test_a_doubtful_table_is_refused),
		T(test_columns_and_fields_have_ceilings),
		T(test_a_lone_quote_inside_a_cell_is_data),
		T(test_the_sample_tables_are_read),
		T(test_rows_are_written_in_the_order_of_the_heading),
		T(test_a_column_that_the_heading_lacks_fails_the_buffer),
		T(test_cells_that_would_run_are_neutralised),
		T(test_what_is_written_reads_back),
	};

	return TESTS_RUN(tests);
}
