/*
 * tests/unit/test_identify.c - what bytes, messages, roots and tables are taken
 * for, by small formats.
 */
#include "tests/unit/formats_world.h"
#include <stdio.h>
#include "src/identify/identify.h"

static struct world world;
static const struct plan *may[4];
static unsigned int nmay;
static struct identify *known;

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
	assert_int_equal(identify_new(&known, may, nmay, &world.err), RC_OK);
	return 0;
}

static int
world_close(void **state)
{
	(void)state;
	identify_free(known);
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
	assert_ptr_equal(identify_message(known, NULL, &m), may[0]);
	m = message("CUSRES", "21A");
	assert_ptr_equal(identify_message(known, NULL, &m), may[1]);
	m = message("CUSDEC", "21A");
	assert_null(identify_message(known, NULL, &m));
	test_slice_is(identify_said(&m, said), "CUSDEC:D:21A");
	m = message("", "");
	test_slice_is(
	    identify_said(&m, said), "a message whose UNH names no type");
}

static void
test_a_root_names_its_formats_in_their_order(void **state)
{
	const struct plan *plan[IDENTIFY_FOUND];

	(void)state;
	assert_int_equal(
	    identify_root(known, NULL, SLICE_LIT("Doc"), plan, IDENTIFY_FOUND),
	    1);
	assert_ptr_equal(plan[0], may[2]);
	assert_int_equal(
	    identify_root(known, NULL, SLICE_LIT("No"), plan, IDENTIFY_FOUND),
	    0);
}

static void
test_a_table_is_the_format_of_most_of_its_headings(void **state)
{
	(void)state;
	assert_ptr_equal(
	    identify_table(known, NULL, SLICE_LIT("No,Name,Other\n1,A,B\n")),
	    may[3]);
	assert_null(
	    identify_table(known, NULL, SLICE_LIT("No,This,That\n1,A,B\n")));
}

static void
test_what_may_not_come_is_not_taken(void **state)
{
	uint16_t turn[IDENTIFY_PLANS] = { 0 };
	struct edifact_message m = message("CUSDEC", "99B");
	const struct plan *plan[1];

	(void)state;
	assert_null(identify_message(known, turn, &m));
	assert_int_equal(
	    identify_root(known, turn, SLICE_LIT("Doc"), plan, 1), 0);
	assert_null(
	    identify_table(known, turn, SLICE_LIT("No,Name,Other\n1,A,B\n")));
	turn[may[0]->number] = 1;
	assert_ptr_equal(identify_message(known, turn, &m), may[0]);
}

/* More of one root than are looked at: the partner's first, not the table's. */
static void
test_of_too_many_the_first_in_turn_are_taken(void **state)
{
	static const char *const name[] = { "a", "b", "c", "d" };
	const struct plan *plan[4], *found[2];
	uint16_t turn[IDENTIFY_PLANS] = { 0 };
	struct identify *t;
	struct world w;

	(void)state;
	world_begin(&w);
	world_tables(&w);
	for (unsigned int i = 0; i < 4; i++) {
		char file[40], text[100];

		(void)snprintf(file, sizeof(file), "formats/%s.fmt", name[i]);
		(void)snprintf(text, sizeof(text),
		    "format %s syntax xml document declaration\nDoc![No "
		    "\"%s\"]\n"
		    "  No number\n",
		    name[i], name[i]);
		world_text(&w, file, text);
	}
	world_run(&w, RC_OK);
	for (unsigned int i = 0; i < 4; i++) {
		plan[i] = format_find(w.all, slice_of(name[i]));
		turn[plan[i]->number] = (uint16_t)(4 - i);
	}
	assert_int_equal(identify_new(&t, plan, 4, &w.err), RC_OK);
	assert_int_equal(identify_root(t, turn, SLICE_LIT("Doc"), found, 2), 2);
	assert_ptr_equal(found[0], plan[3]);
	assert_ptr_equal(found[1], plan[2]);
	turn[plan[3]->number] = 0;
	assert_int_equal(identify_root(t, turn, SLICE_LIT("Doc"), found, 2), 2);
	assert_ptr_equal(found[0], plan[2]);
	assert_ptr_equal(found[1], plan[1]);
	assert_int_equal(identify_root(t, NULL, SLICE_LIT("Doc"), found, 2), 2);
	assert_ptr_equal(found[0], plan[0]);
	assert_ptr_equal(found[1], plan[1]);
	identify_free(t);
	world_gone(&w);
}

#define MANY 300

/*
 * Hundreds of formats: of twins that a partner may send the one he names first
 * is taken; what nobody else has is found among all of them.
 */
static void
test_among_hundreds_the_one_is_found(void **state)
{
	static const struct plan *many[MANY];
	uint16_t turn[IDENTIFY_PLANS] = { 0 };
	const struct plan *found[IDENTIFY_FOUND];
	struct identify *t;
	struct world w;
	char name[40], text[300];
	struct edifact_message m;

	(void)state;
	world_begin(&w);
	world_tables(&w);
	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "formats/p%03u.fmt", i);
		switch (i % 4) {
		case 0:
			(void)snprintf(text, sizeof(text),
			    "format p%03u syntax edifact table CUSDEC:D:96B "
			    "document declaration\nUNH![S009.0065 \"CUSDEC\", "
			    "S009.0054 \"96B\", S009.0057 \"A%u\"]\n"
			    "BGM!\n  C106.1004 number\nUNS![0081 \"D\"]\n"
			    "UNS![0081 \"S\"]\n",
			    i, i);
			break;
		case 1:
			(void)snprintf(text, sizeof(text),
			    "format p%03u syntax xml document declaration\n"
			    "Doc%u!\n  No number\n",
			    i, i);
			break;
		case 2:
			(void)snprintf(text, sizeof(text),
			    "format p%03u syntax csv header yes document "
			    "declaration\ndeclaration* filing by number\n"
			    "  row+ item\n    \"No\"! /number; \"N%u\" name; "
			    "\"O%u\" commodity\n",
			    i, i < 100 ? 0 : i, i < 100 ? 0 : i);
			break;
		default:
			(void)snprintf(text, sizeof(text),
			    "format p%03u syntax json document declaration\n"
			    "object+[no%u present] filing\n  no%u! number\n",
			    i, i, i);
		}
		world_text(&w, name, text);
	}
	world_run(&w, RC_OK);
	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "p%03u", i);
		many[i] = format_find(w.all, slice_of(name));
		assert_non_null(many[i]);
	}
	assert_int_equal(identify_new(&t, many, MANY, &w.err), RC_OK);
	m = message("CUSDEC", "96B");
	m.association = SLICE_LIT("A296");
	assert_ptr_equal(identify_message(t, NULL, &m), many[296]);
	assert_int_equal(
	    identify_root(t, NULL, SLICE_LIT("Doc257"), found, IDENTIFY_FOUND),
	    1);
	assert_ptr_equal(found[0], many[257]);
	assert_ptr_equal(
	    identify_table(t, NULL, SLICE_LIT("No,N298,O298\n1,A,B\n")),
	    many[298]);
	assert_ptr_equal(
	    identify_table(t, NULL, SLICE_LIT("No;N0;O0\n1;A;B\n")), many[2]);
	turn[many[6]->number] = 2;
	turn[many[98]->number] = 1;
	assert_ptr_equal(
	    identify_table(t, turn, SLICE_LIT("No;N0;O0\n1;A;B\n")), many[98]);
	assert_int_equal(
	    identify_object(t, NULL,
		SLICE_LIT(
		    "[{\"x\":{\"no3\":[1]},\"a\\\"\":\"no7\",\"no299\":2}]"),
		found, IDENTIFY_FOUND),
	    1);
	assert_ptr_equal(found[0], many[299]);
	identify_free(t);
	world_gone(&w);
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
		T(test_what_may_not_come_is_not_taken),
		T(test_of_too_many_the_first_in_turn_are_taken),
		T(test_among_hundreds_the_one_is_found),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
