/*
 * tests/unit/test_codes.c - code lists, both ways, in time, and refused.
 */
#include <stdlib.h>
#include "src/record/codes.h"
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

static struct codelists *
load(const char *content, struct complaints *c, enum rc want)
{
	struct codelists *all = NULL;
	struct err err = { "" };
	char *dir = test_dir();

	complaints_init(c);
	text_write(dir, "one.tsv", content);
	assert_int_equal(codelists_load(&all, dir, c, &err), want);
	test_dir_gone(dir);
	return all;
}

static void
code_is(const struct code_row *row, const char *want)
{
	assert_non_null(row);
	test_slice_is(row->code, want);
}

static void
test_a_code_is_found_from_both_sides(void **state)
{
	struct complaints c;
	struct codelists *all =
	    load("# list country complete ISO\n"
		 "code\tiso3\tcn\ten\tzh\n"
		 "CN\tCHN\t142\tChina\t中国\n"
		 "# a comment\n\n"
		 "DE\tDEU\t304\tGermany, Federal Republic\t德国\r\n",
		&c, RC_OK);
	const struct codelist *l = codelist_find(all, SLICE_LIT("country"));
	int iso3;

	(void)state;
	assert_non_null(l);
	assert_true(l->complete);
	assert_int_equal(l->nrows, 2);
	iso3 = codelist_column(l, SLICE_LIT("iso3"));
	assert_int_equal(iso3, 1);
	assert_int_equal(codelist_column(l, SLICE_LIT("iso9")), -1);
	code_is(code_read(l, iso3, SLICE_LIT("DEU"), 0), "DE");
	assert_null(code_read(l, iso3, SLICE_LIT("DE"), 0));
	code_is(code_find(l, SLICE_LIT("CN"), 0), "CN");
	test_slice_is(code_write(code_find(l, SLICE_LIT("CN"), 0), 2), "142");
	code_is(
	    code_read(l, 3, SLICE_LIT("Germany, Federal Republic"), 0), "DE");
	assert_null(codelist_find(all, SLICE_LIT("countries")));
	codelists_free(all);
	complaints_clear(&c);
}

static void
test_of_several_values_the_first_is_written_and_all_are_read(void **state)
{
	struct complaints c;
	struct codelists *all = load("# list mode open\n"
				     "code\tun\tcn\n"
				     "sea\t1 !10\t2\n"
				     "barge\t8 10\t2\n",
	    &c, RC_REFUSED);

	(void)state;
	assert_null(all);
	only_complaint_is(&c, 4, 12,
	    "'2' stands for 'sea' and 'barge', want "
	    "'!' before one of them");
	complaints_clear(&c);
	all = load("# list mode open\n"
		   "code\tun\tcn\n"
		   "sea\t1 !10\t!2\n"
		   "barge\t8 10\t2\n",
	    &c, RC_OK);
	const struct codelist *l = codelist_find(all, SLICE_LIT("mode"));

	assert_false(l->complete);
	code_is(code_read(l, 1, SLICE_LIT("10"), 0), "sea");
	code_is(code_read(l, 1, SLICE_LIT("8"), 0), "barge");
	code_is(code_read(l, 2, SLICE_LIT("2"), 0), "sea");
	test_slice_is(code_write(&l->row[0], 1), "1");
	test_slice_is(code_write(&l->row[0], 2), "2");
	codelists_free(all);
}

static void
test_the_longest_prefix_wins_and_none_is_written(void **state)
{
	struct complaints c;
	struct codelists *all = load("# list status open\n"
				     "code\tceb\n"
				     "other\t*\n"
				     "failed\t-*\n"
				     "worse\t-9* 700\n",
	    &c, RC_OK);
	const struct codelist *l = codelist_find(all, SLICE_LIT("status"));

	(void)state;
	code_is(code_read(l, 1, SLICE_LIT("-304"), 0), "failed");
	code_is(code_read(l, 1, SLICE_LIT("-95"), 0), "worse");
	code_is(code_read(l, 1, SLICE_LIT("12"), 0), "other");
	assert_null(code_read(l, 1, SLICE_LIT(""), 0));
	assert_int_equal(code_write(&l->row[1], 1).len, 0);
	test_slice_is(code_write(&l->row[2], 1), "700");
	codelists_free(all);
}

static void
test_a_row_holds_only_in_its_time(void **state)
{
	struct complaints c;
	struct codelists *all = load("# list mode complete\n"
				     "code\tcn\tfrom\tto\n"
				     "old\t110\t\t2019-12-31\n"
				     "new\t110\t20200101\t\n",
	    &c, RC_OK);
	const struct codelist *l = codelist_find(all, SLICE_LIT("mode"));

	(void)state;
	code_is(code_read(l, 1, SLICE_LIT("110"), 20191231), "old");
	code_is(code_read(l, 1, SLICE_LIT("110"), 20200101), "new");
	code_is(code_read(l, 1, SLICE_LIT("110"), 0), "new");
	assert_null(code_find(l, SLICE_LIT("old"), 20240101));
	codelists_free(all);
}

static void
test_every_mistake_of_a_list_is_told_in_one_run(void **state)
{
	struct complaints c;

	(void)state;
	load("# list mode complete\n"
	     "code\tcn\tcn\n"
	     "two words\t1\t\n"
	     "a\t1\t2\t3\n"
	     "a\t4\t\n"
	     "a\t5\t\n",
	    &c, RC_REFUSED);
	assert_int_equal(c.errors, 4);
	complaint_is(&c, 0, 2, 9, "column 'cn' stands here twice");
	complaint_is(&c, 1, 3, 1,
	    "'two words' cannot be a code, want one word "
	    "without '!' in front and '*' behind");
	complaint_is(&c, 2, 4, 1,
	    "4 cells under 3 heads, want as many, with a tab for each that is "
	    "empty");
	complaint_is(&c, 3, 6, 1, "code 'a' stands in two rows, want it once");
	complaints_clear(&c);
	load("code\tcn\n", &c, RC_REFUSED);
	only_complaint_is(&c, 1, 1,
	    "the first line is not '# list NAME "
	    "complete' or '# list NAME open'");
	complaints_clear(&c);
	load("# list mode perhaps\ncode\tcn\n", &c, RC_REFUSED);
	only_complaint_is(
	    &c, 1, 13, "'perhaps' is not understood, want complete or open");
	complaints_clear(&c);
	load("# list mode open\ncode\tfrom\nx\tyesterday\n", &c, RC_REFUSED);
	only_complaint_is(&c, 3, 3, "'yesterday' is no day, want YYYY-MM-DD");
	complaints_clear(&c);
}

static void
test_a_prefix_stands_for_one_row_at_a_time(void **state)
{
	struct complaints c;
	struct codelists *all;
	const struct codelist *l;

	(void)state;
	load("# list kind open\ncode\tcn\na\tx1*\nb\tx2*\nc\tx1*\n", &c,
	    RC_REFUSED);
	only_complaint_is(
	    &c, 5, 3, "the prefix 'x1*' stands for 'a' and 'c', want it once");
	complaints_clear(&c);
	all = load("# list kind open\ncode\tcn\tfrom\tto\n"
		   "a\tx*\t\t20191231\nb\tx*\t20200101\t\n",
	    &c, RC_OK);
	l = codelist_find(all, SLICE_LIT("kind"));
	code_is(code_read(l, 1, SLICE_LIT("x7"), 20190101), "a");
	code_is(code_read(l, 1, SLICE_LIT("x7"), 20200101), "b");
	assert_true(codelist_is_scheme(l, 1));
	assert_false(codelist_is_scheme(l, 2)); /* a note: from */
	codelists_free(all);
}

static void
test_the_lists_of_the_mappings_load(void **state)
{
	struct codelists *all = NULL;
	struct complaints c;
	struct err err = { "" };
	char *dir = test_path("mappings/codes");

	(void)state;
	complaints_init(&c);
	if (codelists_load(&all, dir, &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		fail_msg("%s", err.text);
	}
	codelists_free(all);
	complaints_clear(&c);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_code_is_found_from_both_sides),
		T(test_of_several_values_the_first_is_written_and_all_are_read),
		T(test_the_longest_prefix_wins_and_none_is_written),
		T(test_a_row_holds_only_in_its_time),
		T(test_every_mistake_of_a_list_is_told_in_one_run),
		T(test_a_prefix_stands_for_one_row_at_a_time),
		T(test_the_lists_of_the_mappings_load),
	};

	return TESTS_RUN(tests);
}
