/*
 * tests/unit/test_wire_table.c - message tables of mappings/tables, and what
 * a wrong one is told.
 */
#include <stdio.h>
#include "tests/unit/syntax.h"

static struct wire_tables *
tables(void)
{
	char *path = test_path("mappings/tables");
	struct wire_tables *w = wire_tables_new(path);

	assert_non_null(w);
	free(path);
	return w;
}

static const struct wire_table *
table(struct wire_tables *w, const char *name)
{
	struct err err = { "" };
	const struct wire_table *t = wire_table_find(w, slice_of(name), &err);

	if (t == NULL)
		fail_msg("%s: %s", name, err.text);
	return t;
}

static wtag
leaf(const struct wire_table *t, const char *segment, const char *name,
    uint32_t *count)
{
	return wire_table_leaf(t, slice_of(segment), slice_of(name), count);
}

static void
test_leaves_have_their_places(void **state)
{
	struct wire_tables *w = tables();
	const struct wire_table *t = table(w, "CUSDEC:D:96B");
	uint32_t n;

	(void)state;
	assert_int_equal(leaf(t, "BGM", "C002.1001", &n), tag_leaf(1, 1));
	assert_int_equal(n, 1);
	assert_int_equal(leaf(t, "BGM", "1225", &n), tag_leaf(3, 0));
	assert_int_equal(leaf(t, "NAD", "C080.3036", &n), tag_leaf(4, 1));
	assert_int_equal(n, 5);
	assert_int_equal(leaf(t, "CST", "C246#2.7361", &n), tag_leaf(3, 1));
	assert_int_equal(leaf(t, "CST", "C246.7361", &n), tag_leaf(2, 1));
	assert_int_equal(leaf(t, "UNH", "S009.0065", &n), tag_leaf(2, 1));
	assert_int_equal(leaf(t, "BGM", "C002.9999", &n), TAG_UNKNOWN);
	assert_int_equal(n, 0);
	assert_int_equal(leaf(t, "CST", "C246#6.7361", &n), TAG_UNKNOWN);
	assert_int_equal(leaf(t, "BGM", "1225.1", &n), TAG_UNKNOWN);
	assert_int_equal(leaf(t, "XYZ", "1225", &n), TAG_UNKNOWN);
	wire_tables_free(w);
}

static void
test_formats_are_told_as_the_table_says(void **state)
{
	struct wire_tables *w = tables();
	const struct wire_table *t = table(w, "CUSDEC:D:96B");

	(void)state;
	test_slice_is(
	    wire_table_format(t, slice_of("LOC"), tag_leaf(2, 1)), "an..25");
	assert_int_equal(
	    wire_table_format(t, slice_of("LOC"), tag_leaf(2, 9)).len, 0);
	assert_int_equal(
	    wire_table_format(t, slice_of("LOC"), tag_leaf(2, 0)).len, 0);
	wire_tables_free(w);
}

static void
test_groups_are_known_by_their_triggers(void **state)
{
	struct wire_tables *w = tables();
	const struct wire_table *t = table(w, "CUSDEC:D:96B");

	(void)state;
	assert_true(wire_table_nests(t, slice_of("RFF"), slice_of("PAC")));
	assert_true(wire_table_nests(t, slice_of("MOA"), slice_of("CUX")));
	assert_true(wire_table_nests(t, slice_of("CST"), slice_of("FTX")));
	assert_false(wire_table_nests(t, slice_of("PAC"), slice_of("RFF")));
	assert_false(wire_table_nests(t, slice_of("UNH"), slice_of("BGM")));
	assert_true(wire_table_segment(t, slice_of("UNS")));
	assert_false(wire_table_segment(t, slice_of("UNB")));
	wire_tables_free(w);
}

static void
test_service_tables_have_their_names(void **state)
{
	struct wire_tables *w = tables();
	uint32_t n;

	(void)state;
	assert_int_equal(leaf(table(w, "service:3"), "UNB", "S002.0004", &n),
	    tag_leaf(2, 1));
	assert_int_equal(
	    leaf(table(w, "CONTRL:3"), "UCI", "0083", &n), tag_leaf(4, 0));
	assert_int_equal(
	    leaf(table(w, "CONTRL:4"), "UCF", "0048", &n), tag_leaf(1, 0));
	assert_ptr_equal(table(w, "CONTRL:3"), table(w, "CONTRL:3"));
	wire_tables_free(w);
}

/* Every message that the landed files hold loads. */
static void
test_every_table_of_the_project_loads(void **state)
{
	static const char *const names[] = { "CUSDEC:D:96B", "CUSDEC:D:21A",
		"CUSRES:D:96B", "CUSRES:D:21A", "APERAK:D:96B", "APERAK:D:21A",
		"service:4" };
	struct wire_tables *w = tables();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)table(w, names[i]);
	wire_tables_free(w);
}

static void
refused(const char *folder, const char *name, const char *want)
{
	struct wire_tables *w = wire_tables_new(folder);
	struct err err = { "" };

	assert_null(wire_table_find(w, slice_of(name), &err));
	if (strstr(err.text, want) == NULL)
		fail_msg("'%s', want '%s'", err.text, want);
	wire_tables_free(w);
}

static void
test_a_name_that_is_no_table_is_refused(void **state)
{
	char *path = test_path("mappings/tables");

	(void)state;
	refused(path, "../../etc:D:96B", "want a name as CUSDEC:D:96B");
	refused(path, "CUSDEC", "want a name as CUSDEC:D:96B");
	refused(path, "CONTRL:7", "want syntax 3 or 4");
	refused(path, "NOSUCH:D:96B", "has no message 'NOSUCH'");
	refused(path, "CUSDEC:D:55X", "cannot open");
	free(path);
}

static void
put(const char *dir, const char *name, const char *text)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#define M_HEAD "message\tseq\tparent\ttag\tkind\tstatus\tmax_repeat\n"
#define S_HEAD                                                                 \
	"directory\tsegment\tsegment_name\tposition\tcomponent\telement\t"     \
	"name\tstatus\tformat\trepeat\n"
#define UNH_ROW "syntax-4.02\tUNH\t10\t\t0062\tRef\tM\tan..14\t1\n"

static void
test_mistakes_in_a_table_are_told_with_their_line(void **state)
{
	static const struct {
		const char *messages, *segments, *want;
	} cases[] = {
		{ M_HEAD "M\t1\tSG1\tUNH\tsegment\tM\t1\n", S_HEAD,
		    "edifact-d01x-messages.tsv:2: an unknown parent" },
		{ M_HEAD "M\t1\t-\tUNH\tsegment\tM\tmany\n", S_HEAD,
		    "edifact-d01x-messages.tsv:2: an odd max_repeat" },
		{ M_HEAD "M\t1\t-\n", S_HEAD, ":2: a short row" },
		{ M_HEAD "M\t1\t-\tQQQ\tsegment\tM\t1\n", S_HEAD,
		    "segment 'QQQ' is not in edifact-d01x-segments.tsv" },
		{ M_HEAD "M\t1\t-\tSG1\tgroup\tM\t1\n", S_HEAD,
		    "group 'SG1' of 'M' has no segments" },
		{ M_HEAD "# note\nM\t1\t-\tBGM\tsegment\tM\t1\n",
		    S_HEAD "D01X\tBGM\tb\t10\t\t1001\tn\tM\tzz9\t1\n",
		    "edifact-d01x-segments.tsv:2: an odd format" },
		{ M_HEAD "M\t1\t-\tBGM\tsegment\tM\t1\n",
		    S_HEAD "D01X\tBGM\tb\t10\t2\t1001\tn\tM\tan3\t1\n",
		    ":2: a component out of order" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = test_dir();

		put(dir, "edifact-d01x-messages.tsv", cases[i].messages);
		put(dir, "edifact-d01x-segments.tsv", cases[i].segments);
		put(dir, "edifact-service-segments.tsv", S_HEAD UNH_ROW);
		refused(dir, "M:D:01X", cases[i].want);
		test_dir_gone(dir);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_leaves_have_their_places),
		T(test_formats_are_told_as_the_table_says),
		T(test_groups_are_known_by_their_triggers),
		T(test_service_tables_have_their_names),
		T(test_every_table_of_the_project_loads),
		T(test_a_name_that_is_no_table_is_refused),
		T(test_mistakes_in_a_table_are_told_with_their_line),
	};

	return TESTS_RUN(tests);
}
