/*
 * The simulated agency: its script, what it finds in a document, what it
 * answers. Whole runs are in tests/flow/simulate.t.
 */
#include "tests/unit/test.h"
#include <stdlib.h>
#include <string.h>
#include "src/cli/simulate.h"

#define MEM  (1u << 20)
#define BODY (1u << 16)
/* 2024-06-15T02:30:05.120Z, 10:30 in China */
#define THEN INT64_C(1718418605120)

static struct arena *mem;
static struct complaints said;

static enum rc
script(struct sim_script *s, const char *text)
{
	struct err err;

	arena_rewind(mem);
	complaints_clear(&said);
	return sim_script_parse(s, mem, "s", slice_of(text), &said, &err);
}

static void
test_a_course_is_a_list_of_steps(void **state)
{
	static const char want[] = "0 7 L J P R ";
	struct sim_script s;
	char got[64] = "";

	(void)state;
	assert_int_equal(script(&s, "for each: accepts\n"), RC_OK);
	for (struct sim_step *t = s.first->step; t != NULL; t = t->next) {
		strcat(got, t->code);
		strcat(got, " ");
	}
	assert_string_equal(got, want);
	assert_int_equal(s.first->step->act, SIM_STORED);
	assert_int_equal(s.first->step->next->act, SIM_RESULT);
}

static void
test_steps_have_codes_texts_delays_and_repeats(void **state)
{
	struct sim_script s;
	struct sim_step *t;

	(void)state;
	assert_int_equal(
	    script(&s, "# a comment\n\n"
		       "for 2-3: response failed \"not; so: #x\" after 1.25; "
		       "then result Z twice late 2; # end\n"
		       "for 1: never\n"
		       "batch 50\n"),
	    RC_REFUSED); /* a step is missing behind the last ';' */
	assert_int_equal(
	    script(&s,
		"for 2-3: response failed \"not; so: #x\" after 1.25; "
		"then result Z twice late 2 half # end\n"
		"for 1: never\n"
		"for number A/1: fails C134 times 3; P when \"a b\" twice\n"
		"batch 50"),
	    RC_OK);
	t = s.first->step;
	assert_int_equal(t->act, SIM_REFUSED);
	test_slice_is(t->text, "not; so: #x");
	assert_int_equal(t->after_ms, 1250);
	t = t->next;
	assert_string_equal(t->code, "Z");
	assert_int_equal(t->times, 2);
	assert_int_equal(t->after_ms, 2000);
	assert_true(t->half);
	assert_int_equal(s.batch, 50);
	assert_null(sim_script_rule(&s, 1, SLICE_LIT("x"))->step);
	assert_ptr_equal(sim_script_rule(&s, 3, SLICE_LIT("x")), s.first);
	assert_null(sim_script_rule(&s, 4, SLICE_LIT("x")));
	t = sim_script_rule(&s, 9, SLICE_LIT("A/1"))->step;
	assert_int_equal(t->act, SIM_CLIENT);
	assert_int_equal(t->times, 3);
	assert_null(t->when);
	assert_string_equal(t->next->when, "a b");
	assert_int_equal(t->next->times, 2);
}

static void
test_every_mistake_of_a_script_is_told_with_its_place(void **state)
{
	static const struct {
		const char *line, *want;
		uint32_t column;
	} cases[] = {
		{ "every: accepts", "found 'every', want for or batch", 1 },
		{ "for x: accepts",
		    "found 'x', want each, number TEXT, N or N-N", 5 },
		{ "for 3-2: P", "found '3-2', want each, number TEXT, N or N-N",
		    5 },
		{ "for each P", "found 'P', want ':'", 10 },
		{ "for each: ", "found the end of the line, want a step", 11 },
		{ "for each: response maybe",
		    "found 'maybe', want ok or failed", 20 },
		{ "for each: P when; Q", "found ';', want a file", 17 },
		{ "for each: P when \"\"", "found \"\", want a file", 18 },
		{ "for each: P after soon",
		    "found 'soon', want seconds up to 1000000, with three "
		    "decimals at most",
		    19 },
		{ "for each: P often",
		    "found 'often', want after, late, when, twice, times, half "
		    "or ';'",
		    13 },
		{ "for each: P \"open", "found \"open\", want a closing quote",
		    13 },
		{ "for each: P : Q",
		    "found ':', want ';' or the end of the line", 13 },
		{ "for each: never twice",
		    "found 'twice', want ';' or the end of the line", 17 },
		{ "for number \"\": P", "found \"\", want a ClientSeqNo", 12 },
		{ "batch 0", "found '0', want a number of answers up to 10000",
		    7 },
		{ "for each: ABCDEFGHIJKLMNOP",
		    "found 'ABCDEFGHIJKLMNOP', want a code of at most 15 bytes",
		    11 },
	};
	struct sim_script s;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];

		(void)snprintf(
		    text, sizeof(text), "for 9: P\n%s\nfoo\n", cases[i].line);
		assert_int_equal(script(&s, text), RC_REFUSED);
		assert_int_equal(said.n, 2); /* this one, and foo */
		assert_string_equal(said.item[0].text, cases[i].want);
		assert_int_equal(said.item[0].line, 2);
		assert_int_equal(said.item[0].column, cases[i].column);
		assert_int_equal(said.item[1].line, 3);
	}
}

static void
test_a_script_that_answers_nobody_is_refused(void **state)
{
	struct sim_script s;

	(void)state;
	assert_int_equal(script(&s, "# nothing\n"), RC_REFUSED);
}

static void
test_numbers_are_found_by_text_alone(void **state)
{
	struct slice xml = SLICE_LIT(
	    "<d:DecMessage xmlns:d='x'><d:SeqNo/><SeqNo a='1'> S1 </SeqNo>"
	    "<d:ClientSeqNo>\n A-7\n</d:ClientSeqNo><Open>x");

	(void)state;
	test_slice_is(sim_scan(xml, "ClientSeqNo"), "A-7");
	test_slice_is(sim_scan(xml, "SeqNo"), "S1");
	test_slice_is(sim_scan(xml, "Open"), "");
	test_slice_is(sim_scan(xml, "Seq"), "");
	test_slice_is(sim_scan(SLICE_LIT("<"), "SeqNo"), "");
	test_slice_is(sim_scan(SLICE_LIT("<SeqNo"), "SeqNo"), "");
	test_slice_is(sim_scan(SLICE_LIT(""), "SeqNo"), "");
}

static void
test_a_document_gets_a_new_number_each_time_but_keeps_its_own(void **state)
{
	struct slice xml = SLICE_LIT("<M><IEFlag>E</IEFlag><CustomMaster>5100"
				     "</CustomMaster><ClientSeqNo>A</"
				     "ClientSeqNo></M>");
	struct slice again = SLICE_LIT("<M><SeqNo>I20240000000000009</SeqNo>"
				       "<ClientSeqNo>A</ClientSeqNo></M>");
	struct sim_doc a, b, c;
	uint64_t drawn = 0;

	(void)state;
	sim_doc_read(
	    &a, sim_tongue_of(xml), SLICE_LIT("E_A_t-1"), xml, &drawn, THEN);
	sim_doc_read(
	    &b, sim_tongue_of(xml), SLICE_LIT("E_A_t-1"), xml, &drawn, THEN);
	sim_doc_read(&c, sim_tongue_of(again), SLICE_LIT("I_A_t-1"), again,
	    &drawn, THEN);
	assert_string_equal(a.seq, "E20241718418605120");
	assert_string_equal(b.seq, "E20241718418605121");
	assert_string_equal(a.entry, "510020240418605120");
	assert_string_equal(c.seq, "I20240000000000009");
	assert_string_equal(c.entry, "790020241000000009");
	assert_string_equal(a.client_seq, "A");
}

struct made {
	struct sim_templates t;
	struct sim_doc doc;
	struct buf body;
	char name[256];
};

static void
made_new(struct made *m)
{
	char *folder = test_path("tests/data/simulate");
	struct err err;

	memset(m, 0, sizeof(*m));
	arena_rewind(mem);
	assert_int_equal(sim_templates_load(&m->t, mem, folder, &err), RC_OK);
	free(folder);
	m->doc.tongue = sim_tongue_of(SLICE_LIT("<DecMessage/>"));
	strcpy(m->doc.stem, "I_A_t-1");
	strcpy(m->doc.client_seq, "A<&>");
	strcpy(m->doc.seq, "I20241310000000001");
	strcpy(m->doc.entry, "790120241000000001");
	strcpy(m->doc.office, "7901");
	buf_init(&m->body, BODY);
}

static void
test_answers_are_templates_with_their_marks_filled(void **state)
{
	struct sim_step step = { .act = SIM_RESULT, .code = "L" };
	struct made m;

	(void)state;
	made_new(&m);
	sim_answer(&m.t, &m.doc, &step, THEN, 7, &m.body, m.name);
	assert_string_equal(
	    m.name, "Receipt_I20241310000000001_202406151030051200007.xml");
	test_slice_is(buf_look(&m.body),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	    "<DEC_RESULT>\n"
	    "  <CUS_CIQ_NO>I20241310000000001</CUS_CIQ_NO>\n"
	    "  <ENTRY_ID>790120241000000001</ENTRY_ID>\n"
	    "  <NOTICE_DATE>2024-06-15T10:30:05</NOTICE_DATE>\n"
	    "  <CHANNEL>L</CHANNEL>\n"
	    "  <NOTE>海关入库成功</NOTE>\n"
	    "  <CUSTOM_MASTER>7901</CUSTOM_MASTER>\n"
	    "  <I_E_DATE>20240615</I_E_DATE>\n"
	    "  <D_DATE></D_DATE>\n"
	    "</DEC_RESULT>\n");
	strcpy(step.code, "7");
	sim_answer(&m.t, &m.doc, &step, THEN, 8, &m.body, m.name);
	assert_non_null(strstr(buf_cstr(&m.body), "<ENTRY_ID></ENTRY_ID>"));
	buf_clear(&m.body);
}

static void
message_keep(void *arg, struct slice name, struct slice body)
{
	struct sim_doc *doc = arg;
	uint64_t drawn = 5;

	while (doc->tongue != NULL)
		doc++;
	sim_doc_read(doc, sim_tongue_of(body), name, body, &drawn, THEN);
}

static void
test_an_interchange_is_answered_message_by_message(void **state)
{
	static const char edi[] =
	    "UNA:+.? 'UNB+UNOC:3+5101980002:ZZ+PEER:ZZ+240615:1030+IC7'"
	    "UNH+M1+CUSDEC:D:21A:UN'BGM+929+A?+1+9'LOC+22+7901:141:ZZZ'"
	    "UNT+4+M1'\r\nUNH+M2+CUSDEC:D:21A:UN'BGM+929+A2+9'"
	    "RFF+AFM:I2024'UNT+4+M2'UNZ+2+IC7'";
	struct sim_step result = { .act = SIM_RESULT, .code = "P" };
	struct sim_step no = { .act = SIM_REFUSED, .code = "1" };
	struct sim_doc doc[3];
	struct made m;

	(void)state;
	made_new(&m);
	memset(doc, 0, sizeof(doc));
	sim_tongue_of(SLICE_LIT(edi))
	    ->each(SLICE_LIT("X"), SLICE_LIT(edi), message_keep, doc);
	assert_string_equal(doc[0].client_seq, "A+1");
	assert_string_equal(doc[0].office, "7901");
	assert_string_equal(doc[1].message, "M2");
	assert_string_equal(doc[1].seq, "I2024");
	sim_answer(&m.t, &doc[0], &result, THEN, 3, &m.body, m.name);
	test_slice_is(buf_look(&m.body),
	    "UNB+UNOW:4+PEER:ZZ+5101980002:ZZ+240615:1030+51030051200003'\n"
	    "UNH+1+CUSRES:D:21A:UN'\n"
	    "BGM+962+51030051200003+11'\n"
	    "DTM+137:20240615103005:204'\n"
	    "FTX+ACB+++RELEASED'\n"
	    "GEI+6+8:ZZZ'\n"
	    "RFF+ABO:A?+1'\n"
	    "RFF+AFM:I20241718418605120'\n"
	    "RFF+ABT:790120241418605120'\n"
	    "UNT+9+1'\n"
	    "UNZ+1+51030051200003'\n");
	sim_answer(&m.t, &doc[1], &no, THEN, 4, &m.body, m.name);
	assert_non_null(strstr(buf_cstr(&m.body),
	    "UCI+IC7+5101980002:ZZ+PEER:ZZ+7'\nUCM+M2+CUSDEC:D:21A:UN+4+"));
	buf_clear(&m.body);
}

static void
test_a_mark_that_asks_drops_its_line(void **state)
{
	static const char edi[] = "UNB+UNOC:3+A+B+240615:1030+1'"
				  "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3+1'";
	struct sim_step early = { .act = SIM_RESULT, .code = "7" };
	struct sim_doc doc[2];
	struct made m;

	(void)state;
	made_new(&m);
	memset(doc, 0, sizeof(doc));
	sim_tongue_of(SLICE_LIT(edi))
	    ->each(SLICE_LIT("X"), SLICE_LIT(edi), message_keep, doc);
	sim_answer(&m.t, &doc[0], &early, THEN, 3, &m.body, m.name);
	assert_null(strstr(buf_cstr(&m.body), "RFF+ABT"));
	assert_non_null(strstr(buf_cstr(&m.body), "GIS+17'\n"));
	assert_non_null(strstr(buf_cstr(&m.body), "UNT+8+1'\n"));
	buf_clear(&m.body);
}

static void
test_the_standard_form_is_answered_in_the_standard_form(void **state)
{
	static const char xml[] =
	    "<?xml version=\"1.0\"?><declaration "
	    "xmlns=\"urn:entrepot:sw-xml:1\"><number>A&amp;7</number>"
	    "<office>5101</office></declaration>";
	struct sim_step step = { .act = SIM_RESULT, .code = "C" };
	struct sim_doc doc[2];
	struct made m;

	(void)state;
	made_new(&m);
	memset(doc, 0, sizeof(doc));
	sim_tongue_of(SLICE_LIT(xml))
	    ->each(SLICE_LIT("A-7.xml"), SLICE_LIT(xml), message_keep, doc);
	assert_string_equal(doc[0].office, "5101");
	sim_answer(&m.t, &doc[0], &step, THEN, 3, &m.body, m.name);
	assert_non_null(
	    strstr(buf_cstr(&m.body), "<outcome>inspection</outcome>"));
	assert_non_null(strstr(buf_cstr(&m.body), "<text>查验通知</text>"));
	buf_clear(&m.body);
}

static void
test_responses_carry_the_name_of_what_they_answer(void **state)
{
	struct sim_step ok = { .act = SIM_STORED, .code = "0" };
	struct sim_step no = { .act = SIM_REFUSED,
		.code = "1",
		.text = SLICE_LIT("item 2: <licence>") };
	struct sim_step client = { .act = SIM_CLIENT, .code = "C134" };
	struct made m;

	(void)state;
	made_new(&m);
	sim_answer(&m.t, &m.doc, &ok, THEN, 1, &m.body, m.name);
	assert_string_equal(
	    m.name, "Successed_I_A_t-1_202406151030051200001.xml");
	assert_non_null(strstr(
	    buf_cstr(&m.body), "<ClientSeqNo>A&lt;&amp;&gt;</ClientSeqNo>"));
	sim_answer(&m.t, &m.doc, &no, THEN, 2, &m.body, m.name);
	assert_string_equal(m.name, "Failed_I_A_t-1_202406151030051200002.xml");
	assert_non_null(strstr(buf_cstr(&m.body),
	    "<ErrorMessage>item 2: &lt;licence&gt;</ErrorMessage>"));
	assert_non_null(strstr(buf_cstr(&m.body), "<SeqNo></SeqNo>"));
	sim_answer(&m.t, &m.doc, &client, THEN, 3, &m.body, m.name);
	assert_string_equal(m.name, "Failed_I_A_t-1_202406151030051200003.xml");
	assert_non_null(strstr(
	    buf_cstr(&m.body), "<failCode version=\"1\">C134</failCode>"));
	assert_null(strstr(buf_cstr(&m.body), "I2024131"));
	buf_clear(&m.body);
}

static void
test_marks_are_filled_and_what_only_looks_like_one_stays(void **state)
{
	struct sim_step step = { .act = SIM_RESULT, .code = "P" };
	struct made m;

	(void)state;
	made_new(&m);
	m.t.text[m.doc.tongue - sim_tongues][SIM_RESULT_T] =
	    SLICE_LIT("@STAMP@ a@b @NOTHING@ @CHANNEL@ @TODAY@");
	sim_answer(&m.t, &m.doc, &step, THEN, 9, &m.body, m.name);
	test_slice_is(buf_look(&m.body),
	    "202406151030051200009 a@b @NOTHING@ P 20240615");
	buf_clear(&m.body);
}

static void
test_half_a_file_is_half_of_it(void **state)
{
	struct sim_step whole = { .act = SIM_RESULT, .code = "P" };
	struct sim_step half = { .act = SIM_RESULT, .code = "P", .half = true };
	struct made m;
	size_t len;

	(void)state;
	made_new(&m);
	sim_answer(&m.t, &m.doc, &whole, THEN, 1, &m.body, m.name);
	len = m.body.len;
	sim_answer(&m.t, &m.doc, &half, THEN, 1, &m.body, m.name);
	assert_int_equal(m.body.len, len / 2);
	buf_clear(&m.body);
}

static unsigned int entries;

static void
entry_seen(void *arg, struct slice name, struct slice body)
{
	(void)arg;
	test_slice_is(name, entries == 0 ? "a.xml" : "b.xml");
	test_slice_is(body, entries == 0 ? "<a/>" : "");
	entries++;
}

static void
test_packages_made_are_read_again(void **state)
{
	struct sim_zip *z;
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, BODY);
	z = sim_zip_new(&out);
	sim_zip_add(z, "a.xml", SLICE_LIT("<a/>"));
	sim_zip_add(z, "b.xml", SLICE_LIT(""));
	assert_int_equal(sim_zip_end(z, &err), RC_OK);
	assert_true(sim_is_zip(buf_look(&out)));
	entries = 0;
	assert_int_equal(
	    sim_zip_read(buf_look(&out), entry_seen, NULL, &err), RC_OK);
	assert_int_equal(entries, 2);
	entries = 0;
	assert_int_equal(sim_zip_read(slice_sub(buf_look(&out), 0, 40),
			     entry_seen, NULL, &err),
	    RC_REFUSED);
	assert_false(sim_is_zip(SLICE_LIT("<xml/>")));
	buf_clear(&out);
}

static int
mem_new(void **state)
{
	(void)state;
	mem = arena_new(MEM);
	complaints_init(&said);
	return mem == NULL;
}

static int
mem_free(void **state)
{
	(void)state;
	complaints_clear(&said);
	arena_free(mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_course_is_a_list_of_steps),
		T(test_steps_have_codes_texts_delays_and_repeats),
		T(test_every_mistake_of_a_script_is_told_with_its_place),
		T(test_a_script_that_answers_nobody_is_refused),
		T(test_numbers_are_found_by_text_alone),
		T(test_a_document_gets_a_new_number_each_time_but_keeps_its_own),
		T(test_answers_are_templates_with_their_marks_filled),
		T(test_an_interchange_is_answered_message_by_message),
		T(test_a_mark_that_asks_drops_its_line),
		T(test_the_standard_form_is_answered_in_the_standard_form),
		T(test_responses_carry_the_name_of_what_they_answer),
		T(test_marks_are_filled_and_what_only_looks_like_one_stays),
		T(test_half_a_file_is_half_of_it),
		T(test_packages_made_are_read_again),
	};

	return cmocka_run_group_tests(tests, mem_new, mem_free);
}
