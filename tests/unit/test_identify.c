/*
 * tests/unit/test_identify.c - what bytes, messages, roots and tables are taken
 * for, by small formats.
 */
#include "tests/unit/formats_world.h"
#include "src/identify/identify.h"

static struct world world;
static const struct plan *may[4];
static unsigned int nmay;

static int
world_open(void **state)
{
	static const char *const name[] = { "e", "f", "x", "t" };

	(void)state;
	world_begin(&world);
	world_tables(&world);
	world_text(&world, "formats/e.fmt",
	    "format e syntax edifact table CUSDEC:D:96B document declaration\n"
	    "UNH![S009.0065 \"CUSDEC\", S009.0054 \"96B\"|\"99B\"]\n"
	    "BGM!\n  C106.1004 number\n"
	    "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n");
	world_text(&world, "formats/f.fmt",
	    "format f syntax edifact table CUSRES:D:96B document declaration\n"
	    "UNH![S009.0065 \"CUSRES\"]\n"
	    "BGM!\n  C106.1004 number\n");
	world_text(&world, "formats/x.fmt",
	    "format x syntax xml document declaration\nDoc!\n  No number\n");
	world_text(&world, "formats/t.fmt",
	    "format t syntax csv header yes document declaration\n"
	    "declaration* filing by number\n  row+ item\n"
	    "    \"No\"! /number; \"Name\" name; \"Origin\" commodity\n");
	world_run(&world, RC_OK);
	for (nmay = 0; nmay < 4; nmay++) {
		may[nmay] = format_find(world.all, slice_of(name[nmay]));
		assert_non_null(may[nmay]);
	}
	return 0;
}

static int
world_close(void **state)
{
	(void)state;
	world_gone(&world);
	return 0;
}

static void
test_a_syntax_is_told_by_its_first_letters(void **state)
{
	static const struct {
		const char *text;
		enum syntax_kind want;
	} cases[] = {
		{ "UNA:+.? 'UNB+", SYN_EDIFACT },
		{ "\xef\xbb\xbf\r\nUNB+UNOC:3", SYN_EDIFACT },
		{ "UNH+1+CUSDEC", SYN_EDIFACT },
		{ "UNBELIEVABLE;1", SYN_CSV },
		{ " <Doc/>", SYN_XML },
		{ "[{\"a\":1}]", SYN_JSON },
		{ "No,Name\n1,A\n", SYN_CSV },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    identify_syntax(slice_of(cases[i].text)), cases[i].want);
}

static void
test_a_label_is_what_unb_says(void **state)
{
	(void)state;
	test_slice_is(
	    identify_label(SLICE_LIT("UNA:+.? '\nUNB+UNOC:3+A+B'")), "UNOC");
	test_slice_is(identify_label(SLICE_LIT("UNB+X'")), "");
	test_slice_is(identify_label(SLICE_LIT("UNH+1+CUSDEC")), "");
}

static struct edifact_message
message(const char *type, const char *release)
{
	return (struct edifact_message){ .reference = SLICE_LIT("1"),
		.type = slice_of(type),
		.version = SLICE_LIT("D"),
		.release = slice_of(release),
		.agency = SLICE_LIT("UN") };
}

static void
test_a_message_is_the_format_whose_constants_unh_holds(void **state)
{
	struct edifact_message m = message("CUSDEC", "99B");
	char said[64];

	(void)state;
	assert_ptr_equal(identify_message(may, nmay, &m), may[0]);
	m = message("CUSRES", "21A");
	assert_ptr_equal(identify_message(may, nmay, &m), may[1]);
	m = message("CUSDEC", "21A");
	assert_null(identify_message(may, nmay, &m));
	test_slice_is(identify_said(&m, said), "CUSDEC:D:21A");
	m = message("", "");
	test_slice_is(
	    identify_said(&m, said), "a message whose UNH names no type");
}

static void
test_a_root_names_its_formats_in_their_order(void **state)
{
	unsigned int i = 0;

	(void)state;
	assert_ptr_equal(
	    identify_root(may, nmay, SLICE_LIT("Doc"), &i), may[2]);
	assert_null(identify_root(may, nmay, SLICE_LIT("Doc"), &i));
	i = 0;
	assert_null(identify_root(may, nmay, SLICE_LIT("No"), &i));
}

static void
test_a_table_is_the_format_of_most_of_its_headings(void **state)
{
	(void)state;
	assert_ptr_equal(
	    identify_table(may, nmay, SLICE_LIT("No,Name,Other\n1,A,B\n")),
	    may[3]);
	assert_null(
	    identify_table(may, nmay, SLICE_LIT("No,This,That\n1,A,B\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_syntax_is_told_by_its_first_letters),
		T(test_a_label_is_what_unb_says),
		T(test_a_message_is_the_format_whose_constants_unh_holds),
		T(test_a_root_names_its_formats_in_their_order),
		T(test_a_table_is_the_format_of_most_of_its_headings),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
