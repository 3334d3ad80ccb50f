/*
 * tests/unit/test_format_heads.c - what heads of formats say wrong, and many
 * mistakes at once.
 */
#include <stdlib.h>
#include "tests/unit/formats_world.h"

#define XML "format x syntax xml document declaration\n"

static void
test_heads_say_what_they_do_not_understand(void **state)
{
	static const struct refused cases[] = {
		{ "", 1, 1,
		    "the file has no format, want 'format NAME ...' first" },
		{ "N!\n", 1, 1,
		    "'N!' is not understood, want 'format NAME ...' first" },
		{ "format y syntax xml document declaration\nN!/A number\n", 1,
		    8, "format 'y' stands in 'x.fmt', want y.fmt" },
		{ "format x syntax html document declaration\nN number\n", 1,
		    17,
		    "there is no syntax 'html', want edifact, x12, xml, json, "
		    "csv, flat, fixed or zip" },
		{ "format x document declaration\nN number\n", 1, 8,
		    "format 'x' says no syntax" },
		{ "format x syntax xml\nN number\n", 1, 8,
		    "format 'x' says no document" },
		{ "format x syntax xml document order\nN number\n", 1, 30,
		    "the directory has no document 'order'" },
		{ "format x syntax xml document declaration about "
		  "declaration\nN number\n",
		    1, 48,
		    "'declaration' has no 'about', want document receipt about "
		    "declaration" },
		{ XML "encoding UTF-9\nN number\n", 2, 10,
		    "there is no encoding 'UTF-9'" },
		{ XML "zone 08:00\nN number\n", 2, 6,
		    "'08:00' is no zone, want one like +08:00" },
		{ XML "in nowhere\nN number\n", 2, 4,
		    "there is no format 'nowhere'" },
		{ XML "answers x\nN number\n", 2, 9,
		    "format 'x' is of document 'declaration' and answers "
		    "nothing, want a receipt" },
		{ XML "in x\nN number\n", 2, 4,
		    "format 'x' carries nothing, want an envelope" },
		{ XML "zone +08:00\nzone +09:00\nN number\n", 3, 1,
		    "'zone' stands here twice" },
		{ XML "", 1, 8, "format 'x' has no lines" },
		{ XML "N number\nM name\n", 3, 1,
		    "'M' stands beside 'N', and an XML document has one root" },
		{ "format x extends z\nN number\n", 1, 18,
		    "there is no format 'z'" },
		{ "format x extends x\nN number\n", 1, 18,
		    "'x' extends itself, or more than 8 formats one above the "
		    "other" },
		{ XML "N!\n  p:A number\n", 3, 3,
		    "the prefix 'p' is not declared, want a line 'namespace p "
		    "\"URI\"'" },
		{ XML "N!\n  1A number\n", 3, 3, "'1A' is no XML name" },
		{ XML "N!\n  - A\n  B number\n", 3, 5,
		    "'- A' removes a line of a parent, and there is none" },
		{ XML "N!\n  A[K colour] number\n", 3, 7,
		    "'colour]' is not understood, want a string, present or "
		    "absent" },
		{ XML "shape s\n  A number\nshape s\n  A number\nN : s\n", 4, 7,
		    "shape 's' stands here twice" },
	};

	(void)state;
	EACH_REFUSED(cases);
}

static void
test_several_mistakes_are_told_in_one_run_in_order(void **state)
{
	struct world w;
	char *text;

	(void)state;
	world_begin(&w);
	world_text(&w, "formats/a.fmt",
	    "format a syntax xml document declaration\n"
	    "A!\n  B colour; C number code direction.xx\n"
	    "  D shade; E name  # fine\n");
	world_text(
	    &w, "formats/b.fmt", "format b extends a\nA!\n  - Q\n  F tint\n");
	world_run(&w, RC_REFUSED);
	assert_string_not_equal(w.err.text, "");
	assert_int_equal(w.c.errors, 6);
	text = complaints_text(&w.c);
	assert_non_null(strstr(text,
	    "a.fmt:3:5: error: there is no element "
	    "'colour' in 'declaration'\n"
	    "      B colour; C number code direction.xx\n        ^\n"));
	assert_non_null(strstr(text, "a.fmt:3:37: error: list 'direction' has "
				     "no scheme 'xx'\n"));
	assert_non_null(strstr(text, "a.fmt:4:5: error: there is no element "
				     "'shade'"));
	assert_non_null(strstr(text, "b.fmt:3:5: error: there is no 'Q' here "
				     "to remove\n"));
	assert_non_null(strstr(text, "b.fmt:4:5: error: there is no element "
				     "'tint'"));
	free(text);
	world_gone(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_heads_say_what_they_do_not_understand),
		T(test_several_mistakes_are_told_in_one_run_in_order),
	};

	return TESTS_RUN(tests);
}
