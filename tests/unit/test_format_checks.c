/*
 * tests/unit/test_format_checks.c - what the loader proves, each refusal with
 * its sentence, line and column (LANGUAGE section 7).
 */
#include "tests/unit/formats_world.h"

#define XML "format x syntax xml document declaration\n"
#define CUS "format x syntax edifact table CUSDEC:D:96B document declaration\n"
#define CUS_REST                                                               \
	"BGM!\n  C106.1004! number\nUNS![0081 \"D\"]\n"                        \
	"UNS![0081 \"S\"]\n"
#define UNH_LINE "UNH![S009.0065 \"CUSDEC\"]\n"

static void
test_1_paths_exist_and_end_where_a_value_can_stand(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A colour\n", 3, 5,
		    "there is no element 'colour' in 'declaration'" },
		{ XML "N!\n  A importer.colour\n", 3, 14,
		    "there is no element 'colour' in 'party'" },
		{ XML "N!\n  A number.colour\n", 3, 12,
		    "'number' is an element and has no 'colour' in it" },
		{ XML "N!\n  A item.name\n", 3, 5,
		    "'item' repeats and is not bound here, want a line that "
		    "binds it" },
		{ XML "N!\n  A ^number\n", 3, 5,
		    "'^number' goes up farther than there are record nodes" },
		{ XML "N!\n  A importer\n", 3, 3, NULL },
		{ XML "N!\n  A \"{importer}\"\n", 3, 7,
		    "'importer' is a group, want an element" },
		{ XML "N!\n  A number\n    B name\n", 3, 3,
		    "'A' has a value and lines below it, want '.' for its own "
		    "text" },
		{ XML "N!\n  A\n", 3, 3,
		    "'A' has neither a value nor lines below it" },
		{ XML "N!\n  A $colour\n", 3, 6,
		    "there is no element 'colour' in 'transmission'" },
		{ XML "N!\n  A Number\n", 3, 5,
		    "'Number' is not understood, want a path, a string, = , - "
		    "or a mark" },
		{ XML "N!\n  A number colour\n", 3, 12,
		    "'colour' is not understood, want a codec, a mark or the "
		    "end of the line" },
		{ XML "N!\n  A importer : who\n", 3, 16,
		    "there is no shape 'who'" },
		{ XML "N!\n  A importer : who\nshape who\n  B ^importer : "
		      "who\n",
		    5, 17, "shape 'who' contains itself" },
		{ XML "N!\n  let who = importer when direction = import else "
		      "exporter\n  W direction; A who\n    B country\n    C "
		      "colour\n",
		    6, 7, "there is no element 'colour' in 'party'" },
		{ XML "N!\n  let number = name when direction = import else "
		      "note\n  D direction\n",
		    3, 7,
		    "'number' is an element of 'declaration', want another "
		    "name" },
		{ XML "N!\n  A number else\n", 3, 12,
		    "'else' without a line of the same tag with 'when' just "
		    "above" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cases[i].sentence != NULL)
			each_refused(&cases[i], 1, false);
}

static void
test_1_nothing_is_used_against_its_repetition(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A*5 number\n", 3, 3,
		    "'A' can stand 5 times and 'number' has one value, want "
		    "list, wrap, a repeated element or a guard" },
		{ XML "N!\n  A*\n    B number\n", 3, 3,
		    "'A' can stand any number of times and 'B' below it has "
		    "one value, want list, wrap, a repeated element or a "
		    "guard" },
		{ XML "N!\n  I*9 item\n    S spec\n", 4, 7,
		    "'spec' can have many values and 'S' stands once, want "
		    "list or 'S*'" },
		{ XML "N!\n  A* importer\n    B name\n", 3, 3,
		    "'A' can stand any number of times and there is one "
		    "'importer', want a repeated group or a guard" },
		{ XML "N!\n  I item\n    B name\n", 3, 5,
		    "'item' can have many nodes and 'I' stands once, want "
		    "'I*'" },
		{ XML "N!\n  A name list \"|\"\n", 3, 15,
		    "'name' has one value, want a repeated element for a "
		    "list" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted(XML "N!\n  A*5 note wrap 35\n  B*5[K \"1\"]/C number\n"
		     "  I*9 item\n    S* spec\n    T/U* spec\n",
	    false);
}

static void
test_2_lines_of_one_tag_are_told_apart(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A number\n  A name\n", 4, 3,
		    "nothing tells this 'A' from that of line 3, want guards "
		    "or conditions that exclude each other" },
		{ XML "N!\n  A[K \"1\"|\"2\"]/B number\n  A[K \"2\"]/B name\n",
		    4, 3,
		    "nothing tells this 'A' from that of line 3, want guards "
		    "or conditions that exclude each other" },
		{ XML "N!\n  A* -\n  A[K \"2\"]/B name\n", 4, 3,
		    "'A' is never reached: the line 3 takes all of it, want "
		    "the looser line last" },
		{ XML "N!\n  D direction; A number when direction = import\n"
		      "  A name when direction = import | export\n",
		    4, 3,
		    "nothing tells this 'A' from that of line 3, want guards "
		    "or conditions that exclude each other" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted(XML
	    "N!\n  A[K \"1\"]/B number\n  A[K \"2\"]/B name\n"
	    "  A[K \"3\", L present]/B note\n  A[K \"3\"]/B bill_number\n"
	    "  A* -\n  P[Q present]/R net_mass\n  P[Q absent]/R packages\n"
	    "  D direction; C number when direction = import\n"
	    "  C name when direction = export\n"
	    "  E number when direction != import\n  E name else\n",
	    false);
}

static void
test_3_no_two_formats_look_alike_from_outside(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	world_text(&w, "formats/x.fmt", XML "N![K \"1\"|\"2\"]\n  A number\n");
	world_text(&w, "formats/y.fmt",
	    "format y syntax xml document declaration\n"
	    "namespace p \"urn:p\"\np:N![K \"2\"]\n  A number\n");
	world_text(&w, "formats/z.fmt",
	    "format z syntax xml document declaration\n"
	    "N![K \"3\"]\n  A number\n");
	world_run(&w, RC_REFUSED);
	assert_int_equal(w.c.n, 1);
	assert_int_equal(w.c.item[0].line, 3);
	assert_int_equal(w.c.item[0].column, 1);
	assert_non_null(strstr(w.c.item[0].file, "formats/y.fmt"));
	assert_non_null(
	    strstr(w.c.item[0].text, "'p:N' begins like format 'x'"));
	world_gone(&w);
}

static void
test_4_lines_agree_with_the_message_table(void **state)
{
	static const struct refused cases[] = {
		{ "format x syntax edifact document declaration\nUNH!\n", 1, 8,
		    "format 'x' is edifact and says no table" },
		{ CUS UNH_LINE "XYZ -\n" CUS_REST, 3, 1,
		    "table CUSDEC:D:96B has no segment 'XYZ'" },
		{ CUS UNH_LINE "BGM!\n  C106.1005 name\n  C106.1004! number\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    4, 3,
		    "segment 'BGM' of table CUSDEC:D:96B has no leaf "
		    "'C106.1005'" },
		{ CUS UNH_LINE "BGM!\n  C106.1004! number\nFTX[4459 \"A\"] -\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    5, 5,
		    "segment 'FTX' of table CUSDEC:D:96B has no leaf '4459'" },
		{ CUS UNH_LINE "BGM!\n  C106 name\n  C106.1004! number\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    4, 3,
		    "'C106' is a composite, want one of its components or "
		    "'-'" },
		{ CUS UNH_LINE
		    "BGM!\n  C106.1004! number\nFTX*/C108.4440*6 "
		    "note wrap 70\nUNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    5, 6,
		    "'C108.4440' stands 5 times in table CUSDEC:D:96B, the "
		    "line says 6" },
		{ CUS UNH_LINE "BGM!\n  C106.1004! number\nDTM* -\nLOC* -\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    6, 1,
		    "'LOC' stands behind 'DTM', table CUSDEC:D:96B has it "
		    "before" },
		{ CUS UNH_LINE "BGM*4\n  C106.1004! number\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    3, 1, NULL },
		{ CUS UNH_LINE "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n", 1, 1,
		    "table CUSDEC:D:96B demands 'BGM', and no line writes "
		    "it" },
		{ CUS UNH_LINE "BGM!\n  C106.1004! number\n  RFF* -\n"
			       "UNS![0081 \"D\"]\nUNS![0081 \"S\"]\n",
		    3, 1,
		    "'BGM' opens no group in table CUSDEC:D:96B, and segments "
		    "stand below it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cases[i].sentence != NULL)
			each_refused(&cases[i], 1, true);
	accepted(CUS UNH_LINE CUS_REST, true);
}

static void
test_4_names_agree_with_a_table_of_fields(void **state)
{
	static const struct refused cases[] = {
		{ "format x syntax xml table dec-4.8 document declaration\n"
		  "DecMessage!\n  DecSign!\n    ClientSeqNo number\n"
		  "    ClientSeqMo name\n",
		    5, 5, "table dec-4.8 has no 'ClientSeqMo' in DecSign" },
		{ "format x syntax xml table dec-4.9 document declaration\n"
		  "DecMessage!\n  DecSign!/ClientSeqNo number\n",
		    1, 27, NULL },
	};
	struct world w;

	(void)state;
	each_refused(cases, 1, true);
	world_begin(&w);
	world_tables(&w);
	world_text(&w, "formats/x.fmt", cases[1].text);
	world_run(&w, RC_REFUSED);
	assert_int_equal(w.c.item[0].column, 27);
	assert_non_null(
	    strstr(w.c.item[0].text, "there is no table 'dec-4.9'"));
	world_gone(&w);
}

static void
test_5_patterns_split_in_one_way(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A \"{number}{bill_number}\"\n", 3, 6,
		    "'number' and the hole behind it cannot be told apart, "
		    "want a width or a text between them" },
		{ XML "N!\n  A \"{bill_number}[{packages}]_\"\n", 3, 6,
		    "'bill_number' and the hole behind it cannot be told "
		    "apart, want a width or a text between them" },
		{ XML "N!\n  A \"{packages:3}{bill_number}[_x]{net_mass}\"\n",
		    3, 18,
		    "'bill_number' and the hole behind it cannot be told "
		    "apart, want a width or a text between them" },
		{ XML "N!\n  A \"{number\"\n", 3, 6, "this '{' has no '}'" },
		{ XML "N!\n  A \"[x{packages}\"\n", 3, 6,
		    "this '[' has no ']'" },
		{ XML "N!\n  A \"{packages}]\"\n", 3, 16,
		    "this ']' has no '['" },
		{ XML "N!\n  A \"[a[{packages}]]\"\n", 3, 8,
		    "an optional part in an optional part" },
		{ XML "N!\n  A \"[086]\"\n", 3, 5,
		    "a pattern without a hole, want \\[ for the bracket "
		    "itself" },
		{ XML "file \"x.xml\"\nN!\n  A number\n", 2, 6,
		    "a file name without a hole cannot name two messages" },
		{ XML "N!\n  A \"open\n", 3, 5,
		    "this string has no end, want '\"'" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted(
	    XML "N!\n  A \"{packages:3}{bill_number}[_{net_mass}]\"\n", false);
	warned(XML "N!\n  A \"{name}/{packages}\"\n", 3, 6,
	    "'name' may hold '/' itself; the first one splits");
}

static void
test_5_codes_dates_and_numbers_fit_their_elements(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A direction code colour.cn\n", 3, 20,
		    "there is no code list 'colour'" },
		{ XML "N!\n  A direction code direction.ru\n", 3, 30,
		    "list 'direction' has no scheme 'ru'" },
		{ XML "N!\n  A direction code direction\n", 3, 20,
		    "'direction' without a scheme, want LIST.SCHEME" },
		{ XML "N!\n  A direction code country.iso3\n", 3, 20,
		    "'direction' cannot be 'CN' of list 'country', want codes "
		    "of list direction" },
		{ XML "N!\n  A test_it code direction.cn\n", 3, 18,
		    "'test_it' cannot be 'import' of list 'direction', want "
		    "yes or no" },
		{ XML "N!\n  A gross_mass code direction.cn\n", 3, 21,
		    "'gross_mass' holds no codes, want an element of type "
		    "code, flag or text" },
		{ XML "N!\n  A number date YYYYMMDD\n", 3, 17,
		    "'number' is no date, want an element of type date or "
		    "moment" },
		{ XML "N!\n  A declared date YYYYMMDD|YYMMDDD\n", 3, 28,
		    "'YYMMDDD' is no date pattern, want YYYY MM DD hh mm ss cc "
		    "SSS Z" },
		{ XML "N!\n  A declared date hhmm\n", 3, 19,
		    "'declared' is a day and this pattern has none" },
		{ XML "N!\n  A number decimals 2\n", 3, 21,
		    "'number' is no number, want an element of type dec, int "
		    "or n" },
		{ XML "N!\n  A gross_mass wrap 5\n", 3, 21,
		    "'gross_mass' is no text and cannot be cut into pieces" },
		{ XML "N!\n  A made date un2379.un with\n", 3, 29,
		    "the line ends here, want the name of a leaf" },
		{ XML "N!\n  A made date direction with @f\n", 3, 15,
		    "list 'direction' has no column 'pattern'" },
		{ XML "N!\n  A kind code level.cn gives colour\n", 3, 30,
		    "list 'level' has no column 'colour'" },
		{ XML "N!\n  A kind code level.cn gives final\n", 3, 30,
		    "there is no element 'final' beside 'kind'" },
	};

	(void)state;
	EACH_REFUSED(cases);
	warned(XML "N!\n  A gross_mass decimals ..2\n", 3, 25,
	    "'gross_mass' has up to 5 decimals, 2 are written: a value with "
	    "more is a finding");
	warned(XML "N!\n  A made date YYYYMMDD\n", 3, 5,
	    "'made' is a moment, and no line carries its time: it is lost on "
	    "writing");
	accepted(XML "N!\n  A made date YYYYMMDD; B made date hhmm\n", false);
}

static void
test_5_what_is_read_is_written_and_the_reverse(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A number\n  < B name\n", 4, 5,
		    "'name' is read here and written nowhere, want its '>' or "
		    "'one way'" },
		{ XML "N!\n  A number\n  > B name\n", 4, 5,
		    "'name' is written here and read nowhere, want its '<'" },
		{ XML "N!\n  A number\n  < B importer\n    C name\n", 4, 5,
		    "'name' is read here and written nowhere, want its '>' or "
		    "'one way'" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted(XML "N!\n  A number\n  < B number\n  < C name\n  > C $now\n"
		     "  > D name\n  < D -\n",
	    false);
	accepted("format x syntax xml document declaration one way\nN!\n"
		 "  < B name\n",
	    false);
}

static void
test_6_conditions_use_what_is_bound_without_condition(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A number when direction = import\n", 3, 17,
		    "the condition needs 'direction', and no line binds it "
		    "without a condition" },
		{ XML "N!\n  D direction when kind = \"1\"\n  K kind\n"
		      "  A number when direction = import\n",
		    5, 17,
		    "the condition needs 'direction', and no line binds it "
		    "without a condition" },
		{ XML "N!\n  D direction\n  A number when direction = in\n", 4,
		    29, "'in' is no code of list 'direction'" },
		{ XML "N!\n  D direction\n  A number when direction < import\n",
		    4, 27, "'direction' has no order, want = or !=" },
		{ XML "N!\n  D direction\n  A number when direction =\n", 4, 28,
		    "the line ends here, want a code" },
		{ XML "N!\n  D direction\n  A number when (direction = "
		      "import\n",
		    4, 36, "the line ends here, want ')'" },
		{ XML "N!\n  K kind\n  let t = importer when direction = "
		      "import else exporter\n  A t.name\n",
		    5, 5,
		    "the condition needs 'direction', and no line binds it "
		    "without a condition" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted(XML "N!\n  P \"{direction:1 code direction.cn}{kind}\"\n"
		     "  A number when direction = import and kind present\n",
	    false);
}

static void
test_7_a_group_that_is_still_open_takes_no_outer_segment(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	world_text(&w, "tables/edifact-d96b-messages.tsv",
	    "message\tseq\tparent\ttag\tkind\tstatus\tmax_repeat\n"
	    "CUSDEC\t0010\t-\tUNH\tsegment\tM\t1\n"
	    "CUSDEC\t0020\t-\tSG1\tgroup\tC\t9\n"
	    "CUSDEC\t0030\tSG1\tRFF\tsegment\tM\t1\n"
	    "CUSDEC\t0040\tSG1\tDTM\tsegment\tC\t1\n"
	    "CUSDEC\t0050\tSG1\tLOC\tsegment\tC\t1\n"
	    "CUSDEC\t0060\t-\tLOC\tsegment\tC\t9\n"
	    "CUSDEC\t0070\t-\tUNT\tsegment\tM\t1\n");
	world_text(&w, "tables/edifact-d96b-segments.tsv",
	    "directory\tsegment\tsegment_name\tposition\tcomponent\telement\t"
	    "name\tstatus\tformat\trepeat\n"
	    "D96B\tUNH\tM\t10\t\t0062\tM\tM\tan..14\t1\n"
	    "D96B\tUNT\tM\t10\t\t0074\tM\tM\tn..6\t1\n"
	    "D96B\tRFF\tR\t10\t\t1154\tR\tM\tan..35\t1\n"
	    "D96B\tDTM\tD\t10\t\t2380\tD\tM\tan..35\t1\n"
	    "D96B\tLOC\tL\t10\t\t3227\tL\tM\tan..3\t1\n");
	world_text(&w, "tables/edifact-service-messages.tsv",
	    "message\tseq\tparent\ttag\tkind\tstatus\tmax_repeat\n");
	world_text(&w, "tables/edifact-service-segments.tsv",
	    "directory\tsegment\tposition\tcomponent\telement\tname\tstatus\t"
	    "format\trepeat\n"
	    "syntax-3\tUNH\t10\t\t0062\tM\tM\tan..14\t1\n"
	    "syntax-3\tUNT\t10\t\t0074\tM\tM\tn..6\t1\n");
	world_text(&w, "formats/x.fmt",
	    CUS "UNH!\n  0062! number\n"
		"RFF\n  1154 name\n  DTM\n    2380 kind\n"
		"LOC\n  3227 note\n");
	world_run(&w, RC_REFUSED);
	only_complaint_is(&w.c, 8, 1,
	    "'LOC' here would be read as part of the "
	    "group of 'RFF' above it");
	world_gone(&w);
}

static void
test_8_filings_and_by_have_what_they_need(void **state)
{
	static const struct refused cases[] = {
		{ XML "N!\n  A* filing\n    B* filing\n      C number\n", 4, 5,
		    "'B' is a filing inside the filing 'A', want one of "
		    "them" },
		{ XML "N!\n  A filing\n    C number\n", 3, 3,
		    "'A' is a filing and stands once, want 'A*' or no mark" },
		{ "format x syntax csv document declaration\n"
		  "d* filing by number\n  row+ item\n    \"n\" name\n",
		    2, 14, "'by number' needs a line below that binds it" },
		{ XML "N!\n  A number filing\n", 3, 3,
		    "'A' is a leaf; blank, filing and by stand on "
		    "containers" },
		{ XML "N!\n  A number carries\n", 3, 5,
		    "'A' carries another arrival and has no value of its "
		    "own" },
		{ "format x syntax xml document declaration each item\n"
		  "N!\n  A* filing\n    B name\n",
		    3, 3,
		    "'filing' in a format that says 'each item', want one of "
		    "them" },
		{ "format x syntax xml document declaration each number\n"
		  "N!\n",
		    1, 47, "'number' is no group of document 'declaration'" },
		{ "format x syntax xml document declaration each importer\n"
		  "N!\n",
		    1, 47, "'importer' does not repeat" },
		{ XML "N!\n  I* item default \"1\"\n    A name\n", 3, 3,
		    "'I' is a container and has no default" },
		{ XML "N!\n  I* item by sequence\n    A sequence\n", 4, 5,
		    "'A' cannot be brought together by 'sequence', want a "
		    "container with a line 'A' that binds it" },
	};

	(void)state;
	EACH_REFUSED(cases);
	accepted("format x syntax csv document declaration\n"
		 "d* filing by number\n  row+ item\n    \"k\"! /number; "
		 "\"n\" name\n",
	    false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_1_paths_exist_and_end_where_a_value_can_stand),
		T(test_1_nothing_is_used_against_its_repetition),
		T(test_2_lines_of_one_tag_are_told_apart),
		T(test_3_no_two_formats_look_alike_from_outside),
		T(test_4_lines_agree_with_the_message_table),
		T(test_4_names_agree_with_a_table_of_fields),
		T(test_5_patterns_split_in_one_way),
		T(test_5_codes_dates_and_numbers_fit_their_elements),
		T(test_5_what_is_read_is_written_and_the_reverse),
		T(test_6_conditions_use_what_is_bound_without_condition),
		T(test_7_a_group_that_is_still_open_takes_no_outer_segment),
		T(test_8_filings_and_by_have_what_they_need),
	};

	return TESTS_RUN(tests);
}
