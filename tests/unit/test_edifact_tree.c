/*
 * tests/unit/test_edifact_tree.c - a message nested by its table, and what is
 * told when it does not follow it.
 */
#include "src/syntax/edifact.h"
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

struct fixture {
	struct bench *b;
	struct wire_tables *tables;
	struct text text;
	struct edifact_chars chars;
};

static void
fixture_start(struct fixture *f)
{
	char *path = test_path("mappings/tables");

	*f = (struct fixture){ .b = bench_new(),
		.tables = wire_tables_new(path),
		.chars = { ':', '+', '.', '?', '\0', '\'', false } };
	assert_non_null(f->tables);
	free(path);
	for (const char *p =
		 "UNH\0BGM\0LOC\0RFF\0PAC\0PCI\0CST\0FTX\0MOA\0CUX\0";
	     *p != '\0'; p += 4)
		(void)tag_make(f->b->tags, slice_of(p));
}

static void
fixture_end(struct fixture *f)
{
	wire_tables_free(f->tables);
	bench_free(f->b);
}

static struct wnode *
tree(struct fixture *f, const char *table, const char *s)
{
	struct err err = { "" };
	const struct wire_table *t =
	    table == NULL ? NULL
			  : wire_table_find(f->tables, slice_of(table), &err);

	if (table != NULL && t == NULL)
		fail_msg("%s", err.text);
	f->text = bench_text(s);
	return edifact_tree(&f->text, 0, (uint32_t)f->text.utf8.len, &f->chars,
	    t, f->b->tags, f->b->mem, &f->b->findings);
}

#define HEAD "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'"
#define TAIL "UNS+D'CST+1'UNS+S'UNT+9+M1'"

/* What stands between head and tail of a CUSDEC is told this and no more. */
static void
told(const char *middle, enum finding_kind kind, const char *en)
{
	struct fixture f;
	char s[4096];

	fixture_start(&f);
	(void)snprintf(s, sizeof(s), HEAD "%s" TAIL, middle);
	assert_non_null(tree(&f, "CUSDEC:D:96B", s));
	only_finding(f.b, kind, en);
	fixture_end(&f);
}

static void
test_groups_hang_below_their_triggers(void **state)
{
	struct fixture f;
	const struct wnode *root, *rff, *pac, *cst;

	(void)state;
	fixture_start(&f);
	root = tree(&f, "CUSDEC:D:96B",
	    HEAD "LOC+11+CNCTU'RFF+ABO:X'PAC+12++CT'PCI+28'PAC+1'RFF+AAS:1'"
		 "UNS+D'CST+1'FTX+AAA+++TEXT'MOA+38:1:USD'CUX+2:USD'CST+2'"
		 "UNS+S'UNT+9+M1'");
	no_finding(f.b);
	assert_int_equal(
	    root->child->tag, tag_find(f.b->tags, slice_of("UNH")));
	rff = child_of(root, "RFF");
	assert_non_null(rff);
	pac = child_of(rff, "PAC");
	assert_non_null(pac);
	assert_non_null(child_of(pac, "PCI"));
	assert_non_null(child_nth(rff, "PAC", 1));
	assert_null(child_of(child_nth(root, "RFF", 1), "PAC"));
	cst = child_of(root, "CST");
	assert_non_null(child_of(cst, "FTX"));
	assert_non_null(child_of(child_of(cst, "MOA"), "CUX"));
	assert_non_null(child_nth(root, "CST", 1));
	assert_null(child_of(root, "UNT"));
	assert_int_equal(child_nth(root, "UNS", 1)->number, 15);
	fixture_end(&f);
}

static void
test_leaves_know_their_tags_texts_and_bytes(void **state)
{
	struct fixture f;
	const struct wnode *root, *ftx, *l;

	(void)state;
	fixture_start(&f);
	root = tree(&f, "CUSDEC:D:96B",
	    HEAD "LOC+11+CNCTU:139:6'FTX+AAI+++A?+B?, C:second'" TAIL);
	no_finding(f.b);
	l = child_of(root, "BGM")->child;
	assert_int_equal(l->tag, tag_leaf(1, 1));
	test_slice_is(l->name, "C002.1001");
	assert_true(l->leaf);
	l = child_of(child_of(root, "LOC"), "C517.3055");
	assert_int_equal(l->tag, tag_leaf(2, 3));
	test_slice_is(l->text, "6");
	ftx = child_of(root, "FTX");
	test_slice_is(range_of(&f.text, ftx->at, ftx->span),
	    "FTX+AAI+++A?+B?, C:second'");
	l = child_of(ftx, "C108.4440");
	test_slice_is(l->text, "A+B, C");
	test_slice_is(range_of(&f.text, l->tat, l->tspan), "A?+B?, C");
	assert_int_equal(l->tag, tag_leaf(4, 1));
	assert_int_equal(l->next->tag, tag_leaf(4, 2));
	test_slice_is(l->next->text, "second");
	/* plain text is not copied */
	assert_ptr_equal(l->next->text.p, f.text.utf8.p + l->next->tat);
	fixture_end(&f);
}

static void
test_the_root_tells_the_decimal_mark(void **state)
{
	struct fixture f;
	const struct wnode *root;

	(void)state;
	fixture_start(&f);
	f.chars.decimal = ',';
	root = tree(&f, "CUSDEC:D:96B", HEAD "MOA+38:1250,5'" TAIL);
	no_finding(f.b);
	test_slice_is(root->name, ",");
	fixture_end(&f);
}

static void
test_an_unexpected_segment_is_told_with_what_could_stand_there(void **state)
{
	(void)state;
	told("XYZ+1'", FIND_UNEXPECTED,
	    "segment 'XYZ' is not expected here, want CST, LOC, DTM, GIS, "
	    "FII, MEA");
	told("DTM+137:20240101:102'LOC+11+CNCTU'", FIND_UNEXPECTED,
	    "segment 'LOC' is not expected here, want DTM, GIS, FII, MEA, "
	    "EQD, SEL");
	told("LONGTAG+1'", FIND_UNEXPECTED,
	    "segment 'LONGTAG' is not expected here, want CST, LOC, DTM, GIS, "
	    "FII, MEA");
}

static void
test_an_unexpected_segment_is_still_delivered(void **state)
{
	struct fixture f;
	const struct wnode *root;

	(void)state;
	fixture_start(&f);
	root = tree(&f, "CUSDEC:D:96B",
	    HEAD "DTM+137:20240101:102'LOC+11+CNCTU'XYZ+1'" TAIL);
	assert_int_equal(f.b->findings.n, 2);
	assert_non_null(child_of(child_of(root, "LOC"), "C517.3225"));
	test_slice_is(child_of(root, "XYZ")->child->text, "1");
	fixture_end(&f);
}

static void
test_too_many_of_a_segment_or_group_are_told(void **state)
{
	(void)state;
	told("CST+1'CST+2'", FIND_TOO_MANY,
	    "segment 'CST' stands here 2 times, want at most 1");
	told("TDT+20'TDT+20'TDT+20'TDT+20'TDT+20'TDT+20'", FIND_TOO_MANY,
	    "group 'TDT' stands here 6 times, want at most 5");
}

static void
test_a_missing_mandatory_segment_is_told_once(void **state)
{
	struct fixture f;

	(void)state;
	fixture_start(&f);
	(void)tree(
	    &f, "CUSDEC:D:96B", "UNH+M1+CUSDEC:D:96B:UN'LOC+11+CNCTU'" TAIL);
	only_finding(f.b, FIND_MISSING,
	    "segment 'BGM' is missing, want it before 'LOC'");
	assert_int_equal(f.b->findings.first->place.segment, 2);
	fixture_end(&f);
	fixture_start(&f);
	(void)tree(&f, "CUSDEC:D:96B", HEAD "UNS+D'CST+1'UNT+4+M1'");
	only_finding(f.b, FIND_MISSING,
	    "segment 'UNS' is missing, want it before 'UNT'");
	fixture_end(&f);
}

static void
test_values_that_break_their_format_are_told(void **state)
{
	(void)state;
	told("LOC+ABCD+CNCTU'", FIND_LENGTH,
	    "LOC/3227 is 'ABCD', want up to 3 characters");
	told("MOA+38:12x'", FIND_NUMBER,
	    "MOA/C516.5004 is '12x', want a number of up to 18 digits with "
	    "'.'");
	told("MOA+38:1,5'", FIND_NUMBER,
	    "MOA/C516.5004 is '1,5', want a number of up to 18 digits with "
	    "'.'");
	told("MOA+38:1234567890123456789'", FIND_LENGTH,
	    "MOA/C516.5004 is '1234567890123456789', want up to 18 digits");
}

static void
test_sign_and_mark_are_not_counted_in_a_number(void **state)
{
	struct fixture f;

	(void)state;
	fixture_start(&f);
	(void)tree(
	    &f, "CUSDEC:D:96B", HEAD "MOA+38:-123456789012345.678'" TAIL);
	no_finding(f.b);
	fixture_end(&f);
}

static void
test_letters_are_counted_not_bytes(void **state)
{
	struct fixture f;

	(void)state;
	fixture_start(&f);
	/* 35 characters, 105 bytes */
	(void)tree(&f, "CUSDEC:D:96B",
	    HEAD "NAD+CN+++四川示例国际贸易有限公司四川示例国际贸易有限公司四"
		 "川示例国际贸'" TAIL);
	no_finding(f.b);
	fixture_end(&f);
}

static void
test_missing_and_surplus_elements_are_told(void **state)
{
	(void)state;
	told("LOC++CNCTU'", FIND_MISSING, "LOC/3227 is missing, want an..3");
	told("RFF+:X'", FIND_MISSING, "RFF/C506.1153 is missing, want an..3");
	told("LOC+11+A+B+C+1+X'", FIND_UNEXPECTED,
	    "LOC/element 6 is not expected here, want at most 5 elements");
	told("LOC+11+A:1:2:B:X'", FIND_UNEXPECTED,
	    "LOC/element 2 component 5 is not expected here, want at most 4 "
	    "components");
}

static void
test_trailing_separators_are_a_warning(void **state)
{
	(void)state;
	told("LOC+11+'", FIND_TRAILING_SEPARATOR,
	    "LOC ends in empty parts that should be left out");
	told("LOC+11+CNCTU:'", FIND_TRAILING_SEPARATOR,
	    "LOC ends in empty parts that should be left out");
}

static void
test_a_finding_knows_segment_element_and_bytes(void **state)
{
	struct fixture f;
	const struct finding *x;

	(void)state;
	fixture_start(&f);
	(void)tree(&f, "CUSDEC:D:96B", HEAD "MOA+38:bad'" TAIL);
	x = f.b->findings.first;
	assert_int_equal(x->place.segment, 3);
	assert_int_equal(x->place.element, 1);
	assert_int_equal(x->place.component, 2);
	test_slice_is(range_of(&f.text, x->text_at, x->text_span), "bad");
	fixture_end(&f);
}

static void
test_without_a_table_the_tree_is_flat(void **state)
{
	struct fixture f;
	const struct wnode *root;

	(void)state;
	fixture_start(&f);
	root = tree(&f, NULL, "UNH+M1+X:Y'RFF+A:B'PAC+1'UNT+4+M1'");
	no_finding(f.b);
	assert_non_null(child_of(root, "PAC"));
	assert_int_equal(root->child->child->tag, tag_leaf(1, 0));
	assert_int_equal(child_of(root, "RFF")->child->tag, tag_leaf(1, 1));
	fixture_end(&f);
}

static void
test_unb_alone_is_read_by_the_service_table(void **state)
{
	struct fixture f;
	const struct wnode *root;

	(void)state;
	fixture_start(&f);
	root = tree(&f, "service:3", "UNB+UNOC:3+A:ZZ+B:ZZ+240615:1030+I1'");
	no_finding(f.b);
	test_slice_is(child_of(child_of(root, "UNB"), "S002.0004")->text, "A");
	fixture_end(&f);
}

static void
test_repeated_elements_are_leaves_of_the_same_tag(void **state)
{
	struct fixture f;
	const struct wnode *com;

	(void)state;
	fixture_start(&f);
	f.chars.repetition = '*';
	com = child_of(child_of(child_of(tree(&f, "APERAK:D:21A",
					     "UNH+M1+APERAK:D:21A:UN'BGM+1'"
					     "NAD+CN'COM+1:TE*2:EM'UNT+5+M1'"),
				    "NAD"),
			   "COM"),
	    "C076.3148");
	assert_non_null(com);
	assert_int_equal(com->tag, com->next->next->tag);
	test_slice_is(com->next->next->text, "2");
	fixture_end(&f);
}

static void
test_more_than_500_elements_are_refused(void **state)
{
	struct fixture f;
	char s[2048] = HEAD "LOC";
	const struct finding *x;

	(void)state;
	fixture_start(&f);
	for (int i = 0; i < 501; i++)
		(void)strcat(s, "+1");
	(void)strcat(s, "'" TAIL);
	(void)tree(&f, "CUSDEC:D:96B", s);
	x = finding_nth(f.b, FIND_LIMIT, 0);
	assert_non_null(x);
	test_slice_is(x->en, "LOC/elements is 501, the limit is 500");
	fixture_end(&f);
}

/* Findings are bounded, time is linear: 60,000 segments that fit nowhere. */
static void
test_a_message_of_wrong_segments_does_not_take_for_ever(void **state)
{
	struct fixture f;
	struct buf big;

	(void)state;
	fixture_start(&f);
	buf_init(&big, 4 << 20);
	buf_str(&big, HEAD);
	for (int i = 0; i < 60000; i++)
		buf_str(&big, i % 2 == 0 ? "CNT+1'" : "TOD+1'");
	buf_str(&big, TAIL);
	assert_non_null(tree(&f, "CUSDEC:D:96B", buf_cstr(&big)));
	assert_int_equal(f.b->findings.n, FINDINGS_MAX);
	assert_true(f.b->findings.dropped > 50000);
	buf_clear(&big);
	fixture_end(&f);
}

static void
test_more_nodes_than_the_ceiling_are_refused(void **state)
{
	struct fixture f;
	struct buf big;

	(void)state;
	fixture_start(&f);
	buf_init(&big, 8 << 20);
	while (big.len < (4u << 20))
		buf_str(&big, "A+1:1:1:1:1:1:1:1:1:1'");
	assert_null(tree(&f, NULL, buf_cstr(&big)));
	only_finding(f.b, FIND_LIMIT,
	    "the message is more than 500000 segments and elements, the limit "
	    "is 500000");
	buf_clear(&big);
	fixture_end(&f);
}

static void
test_the_project_samples_follow_their_tables(void **state)
{
	static const struct {
		const char *file, *table;
		uint32_t hints; /* trailing separators and the like */
	} cases[] = {
		{ "CUSDEC-import.edi", "CUSDEC:D:21A", 0 },
		{ "CUSRES-accepted.edi", "CUSRES:D:21A", 0 },
		{ "CUSRES-rejected.edi", "CUSRES:D:21A", 0 },
		{ "APERAK-error.edi", "APERAK:D:21A", 0 },
		{ "CONTRL-ack.edi", "CONTRL:3", 0 },
		{ "CONTRL-reject-message.edi", "CONTRL:3", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		struct edifact_interchange x;
		struct slice raw;
		char path[128];

		fixture_start(&f);
		(void)snprintf(
		    path, sizeof(path), "tests/data/edifact/%s", cases[i].file);
		raw = test_file(path);
		f.text = (struct text){ .raw = raw, .utf8 = raw };
		assert_int_equal(edifact_scan(&x, &f.text, 0, NULL, f.b->mem,
				     &f.b->findings, &f.b->err),
		    RC_OK);
		assert_non_null(edifact_tree(&f.text, x.message->at,
		    x.message->span, &x.chars,
		    wire_table_find(
			f.tables, slice_of(cases[i].table), &f.b->err),
		    f.b->tags, f.b->mem, &f.b->findings));
		if (f.b->findings.n != cases[i].hints)
			fail_msg("%s: '%.*s'", cases[i].file,
			    SLICE_ARG(f.b->findings.first->en));
		free((void *)(uintptr_t)raw.p);
		fixture_end(&f);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_groups_hang_below_their_triggers),
		T(test_leaves_know_their_tags_texts_and_bytes),
		T(test_the_root_tells_the_decimal_mark),
		T(test_an_unexpected_segment_is_told_with_what_could_stand_there),
		T(test_an_unexpected_segment_is_still_delivered),
		T(test_too_many_of_a_segment_or_group_are_told),
		T(test_a_missing_mandatory_segment_is_told_once),
		T(test_values_that_break_their_format_are_told),
		T(test_sign_and_mark_are_not_counted_in_a_number),
		T(test_letters_are_counted_not_bytes),
		T(test_missing_and_surplus_elements_are_told),
		T(test_trailing_separators_are_a_warning),
		T(test_a_finding_knows_segment_element_and_bytes),
		T(test_without_a_table_the_tree_is_flat),
		T(test_unb_alone_is_read_by_the_service_table),
		T(test_repeated_elements_are_leaves_of_the_same_tag),
		T(test_more_than_500_elements_are_refused),
		T(test_a_message_of_wrong_segments_does_not_take_for_ever),
		T(test_more_nodes_than_the_ceiling_are_refused),
		T(test_the_project_samples_follow_their_tables),
	};

	return TESTS_RUN(tests);
}
