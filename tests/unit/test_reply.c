/*
 * What the filer is told: facts as lines of a receipt record, and the name of
 * the file they go into.
 */
#include "tests/unit/test.h"
#include <string.h>
#include "src/base/json.h"
#include "src/reply/reply.h"

#define MAX (1u << 20)
/* 2024-06-15T02:30:05Z */
#define THEN INT64_C(1718418605000)

static struct reply_fact
fact_make(const char *label)
{
	struct reply_fact f;

	memset(&f, 0, sizeof(f));
	f.filing = SLICE_LIT("0A3F9Q2-7MBXPTC");
	f.label = slice_of(label);
	f.state = SLICE_LIT("taken");
	f.en = SLICE_LIT("taken");
	f.zh = SLICE_LIT("已接受");
	return f;
}

static void
test_a_reply_is_a_receipt_record_with_a_part_for_each_fact(void **state)
{
	struct reply_fact a = fact_make("REF-1"), b = fact_make("REF-2");
	struct buf out;

	(void)state;
	buf_init(&out, MAX);
	reply_begin(&out, &(struct reply_head){ .kind = "taken",
			      .arrival = SLICE_LIT("0A3F9Q2-7MBXPT0"),
			      .file_name = SLICE_LIT("orders.edi"),
			      .encoding = SLICE_LIT("GB18030"),
			      .interchange = SLICE_LIT("IC1\tACME\tZZ\t7900\t"),
			      .now_ms = THEN });
	reply_add(&out, &a);
	b.agency = SLICE_LIT("customs");
	b.platform_number = SLICE_LIT("I20241310000000001");
	b.customs_number = SLICE_LIT("790120241000000001");
	b.status = SLICE_LIT("L");
	b.level = SLICE_LIT("decision");
	b.outcome = SLICE_LIT("accepted");
	b.text = SLICE_LIT("海关入库成功");
	b.event_ms = THEN;
	reply_add(&out, &b);
	reply_end(&out);
	assert_false(buf_failed(&out));
	test_slice_is(buf_look(&out),
	    "kind\ttaken\n"
	    "arrival_id\t0A3F9Q2-7MBXPT0\n"
	    "file_name\torders.edi\n"
	    "request.encoding\tGB18030\n"
	    "request.interchange\tIC1\n"
	    "request.sender\tACME\n"
	    "request.sender_qual\tZZ\n"
	    "request.receiver\t7900\n"
	    "time\t2024-06-15T02:30:05Z\n"
	    "part[1].about.number\tREF-1\n"
	    "part[1].filing_id\t0A3F9Q2-7MBXPTC\n"
	    "part[1].status\ttaken\n"
	    "part[1].status_en\ttaken\n"
	    "part[1].status_zh\t已接受\n"
	    "part[2].about.number\tREF-2\n"
	    "part[2].about.platform_number\tI20241310000000001\n"
	    "part[2].about.entry_number\t790120241000000001\n"
	    "part[2].filing_id\t0A3F9Q2-7MBXPTC\n"
	    "part[2].agency\tcustoms\n"
	    "part[2].status\ttaken\n"
	    "part[2].status_en\ttaken\n"
	    "part[2].status_zh\t已接受\n"
	    "part[2].fault\tL\n"
	    "part[2].level\tdecision\n"
	    "part[2].outcome\taccepted\n"
	    "part[2].text\t海关入库成功\n"
	    "part[2].time\t2024-06-15T02:30:05Z\n");
	buf_clear(&out);
}

static void
test_findings_keep_place_found_wanted_and_both_languages(void **state)
{
	struct reply_fact f = { .label = SLICE_LIT("R") };
	struct buf out;

	(void)state;
	f.findings = SLICE_LIT(
	    "{\"severity\":\"error\",\"code\":\"E0110\","
	    "\"element\":\"item[2].origin\",\"tag\":\"LOC[2]\","
	    "\"found\":\"XX\",\"wanted\":\"country\",\"line\":12,"
	    "\"column\":7,\"byte\":410,\"segment\":9,\"part\":2,"
	    "\"component\":1,\"en\":\"LOC is 'XX'\",\"zh\":\"不在代码表\"}\n"
	    "{\"severity\":\"hint\",\"code\":\"E0102\","
	    "\"element\":\"item[999999999]\",\"en\":\"a\\tb\"}\n");
	buf_init(&out, MAX);
	reply_begin(&out, &(struct reply_head){ .kind = "findings",
			      .arrival = SLICE_LIT("A"),
			      .file_name = SLICE_LIT("f") });
	reply_add(&out, &f);
	test_slice_is(buf_look(&out),
	    "kind\tfindings\narrival_id\tA\nfile_name\tf\n"
	    "part[1].about.number\tR\n"
	    "part[1].finding[1].severity\terror\n"
	    "part[1].finding[1].fault\tE0110\n"
	    "part[1].finding[1].element\titem[2].origin\n"
	    "part[1].finding[1].item\t2\n"
	    "part[1].finding[1].place\tLOC[2]\n"
	    "part[1].finding[1].found\tXX\n"
	    "part[1].finding[1].wanted\tcountry\n"
	    "part[1].finding[1].line\t12\n"
	    "part[1].finding[1].column\t7\n"
	    "part[1].finding[1].segment\t9\n"
	    "part[1].finding[1].detail[1].element\t2\n"
	    "part[1].finding[1].detail[1].component\t1\n"
	    "part[1].finding[1].text\tLOC is 'XX'\n"
	    "part[1].finding[1].text_zh\t不在代码表\n"
	    "part[1].finding[2].severity\thint\n"
	    "part[1].finding[2].fault\tE0102\n"
	    "part[1].finding[2].element\titem[999999999]\n"
	    "part[1].finding[2].item\t999999999\n"
	    "part[1].finding[2].text\ta\\tb\n");
	buf_clear(&out);
}

static void
test_a_label_cannot_forge_a_line_of_the_record(void **state)
{
	struct reply_fact f = { .label =
				    SLICE_LIT("x\npart[9].status\tok\r\\") };
	struct buf out;

	(void)state;
	buf_init(&out, MAX);
	reply_add(&out, &f);
	test_slice_is(buf_look(&out),
	    "part[1].about.number\tx\\npart[9].status\\tok\\r\\\\\n");
	reply_add(&out, &f);
	assert_memory_equal(
	    out.p + out.len / 2, "part[2].", strlen("part[2]."));
	buf_clear(&out);
}

static void
test_a_long_text_is_cut_where_a_character_ends_and_says_so(void **state)
{
	static char big[600];
	struct reply_fact f = { .label = SLICE_LIT("R") };
	struct buf out, line;
	struct slice got;

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof(big); i += 3)
		memcpy(big + i, "中", 3);
	buf_init(&line, MAX);
	buf_fmt(&line, "{\"found\":\"x%.*s\"}", (int)sizeof(big), big);
	f.findings = buf_look(&line);
	buf_init(&out, MAX);
	reply_add(&out, &f);
	got = buf_look(&out);
	(void)slice_cut(&got, '\n');
	(void)slice_cut(&got, '\t');
	assert_int_equal(got.len, 1 + 159 * 3 + 3 + 1);
	assert_memory_equal(got.p + got.len - 7, "中...\n", 7);
	buf_clear(&out);
	buf_clear(&line);
}

static void
test_lines_that_are_no_findings_are_left_out(void **state)
{
	static const char *const odd[] = { "", "{", "nonsense", "{\"code\"",
		"{\"code\":", "{\"code\":\"E1", "{\"code\":[1]}",
		"{\"code\":\"\\x\"}", "{\"code\":\"\\u12\"}", "{\"code\":-1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct reply_fact f = { .label = SLICE_LIT("R") };
		struct buf out;

		f.findings = slice_of(odd[i]);
		buf_init(&out, MAX);
		reply_add(&out, &f);
		test_slice_is(buf_look(&out), "part[1].about.number\tR\n");
		buf_clear(&out);
	}
}

static void
test_escapes_in_findings_are_taken_out(void **state)
{
	struct slice rest = SLICE_LIT("{\"a\":\"\\u4e2d\\ud83d\\ude00\\ud800x"
				      "\\\"\\\\\\/\\n\", \"b\" : 12}");
	struct slice name;
	struct buf text;

	(void)state;
	buf_init(&text, MAX);
	assert_true(json_member(&rest, &name, &text));
	test_slice_is(name, "a");
	test_slice_is(buf_look(&text), "中😀\xef\xbf\xbdx\"\\/\n");
	assert_true(json_member(&rest, &name, &text));
	test_slice_is(name, "b");
	test_slice_is(buf_look(&text), "12");
	assert_false(json_member(&rest, &name, &text));
	buf_clear(&text);
}

static void
test_times_are_written_as_moments_of_the_calendar(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = {
		{ 1, "time\t1970-01-01T00:00:00Z\n" },
		{ INT64_C(951782400000), "time\t2000-02-29T00:00:00Z\n" },
		{ INT64_C(1709251199999), "time\t2024-02-29T23:59:59Z\n" },
		{ INT64_C(2147483648000), "time\t2038-01-19T03:14:08Z\n" },
		{ 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;

		buf_init(&out, MAX);
		reply_begin(&out,
		    &(struct reply_head){ .kind = "", .now_ms = cases[i].ms });
		test_slice_is(buf_look(&out), cases[i].want);
		buf_clear(&out);
	}
}

static void
test_a_reply_that_says_nothing_is_no_reply(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, MAX);
	reply_end(&out);
	assert_true(buf_failed(&out));
	buf_clear(&out);
}

static void
test_a_reply_is_named_after_the_filers_own_file(void **state)
{
	static const struct {
		const char *file, *want;
		uint32_t n;
	} cases[] = {
		{ "orders.edi", "orders.001.taken", 1 },
		{ "a.b.edi", "a.b.012.taken", 12 },
		{ "noending", "noending.1234.taken", 1234 },
		{ ".hidden", "_hidden.001.taken", 1 },
		{ "../../etc/x.edi", "_._.._etc_x.001.taken", 1 },
		{ "a\nb\x7f.x", "a_b_.001.taken", 1 },
		{ "", "_.001.taken", 1 },
		{ "报关单.edi", "报关单.001.taken", 1 },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reply_name(slice_of(cases[i].file), cases[i].n, "taken", out,
		    sizeof(out));
		assert_string_equal(out, cases[i].want);
	}
}

static void
test_a_client_finds_its_own_names_in_its_box(void **state)
{
	/* 2024-08-19 14:42:31.438 where the client is */
	int64_t t = INT64_C(1724049751438);
	char out[256], file[300];

	(void)state;
	reply_name_client(slice_of("I_X_t-1.zip"), 3412, "taken", ".xml", t,
	    out, sizeof(out));
	assert_string_equal(out, "Successed_I_X_t-1_202408191442314383412.xml");
	reply_name_client(
	    slice_of("../x.xml"), 20007, "findings", ".csv", t, out, 256);
	assert_string_equal(out, "Failed_.._x_202408191442314380007.csv");
	reply_name_client(slice_of("a"), 1, "status", ".edi", t, out, 256);
	assert_string_equal(out, "Receipt_a_202408191442314380001.edi");
	memset(file, 'x', sizeof(file));
	reply_name_client(
	    (struct slice){ file, 290 }, 1, "taken", ".xml", t, out, 256);
	assert_int_equal(strlen(out), 255);
	assert_string_equal(out + 251, ".xml");
}

static void
test_a_reply_s_name_tells_its_kind(void **state)
{
	(void)state;
	assert_string_equal(
	    reply_kind(SLICE_LIT("Successed_a_202408.xml")), "taken");
	assert_string_equal(
	    reply_kind(SLICE_LIT("Failed_a_202408.csv")), "findings");
	assert_string_equal(
	    reply_kind(SLICE_LIT("Receipt_a_202408.edi")), "status");
	assert_string_equal(
	    reply_kind(SLICE_LIT("Failed_a.001.taken")), "taken");
	assert_string_equal(
	    reply_kind(SLICE_LIT("a.b.1234.control")), "control");
	assert_null(reply_kind(SLICE_LIT("taken")));
	assert_null(reply_kind(SLICE_LIT("")));
}

static void
test_a_long_name_leaves_room_for_number_and_kind(void **state)
{
	char file[300], out[300];

	(void)state;
	memset(file, 'x', sizeof(file));
	memcpy(file + 237, "中中", 6);
	reply_name(
	    (struct slice){ file, 290 }, 1, "findings", out, sizeof(out));
	assert_int_equal(strlen(out), 253); /* half a character is no name */
	assert_string_equal(out + 240, ".001.findings");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_reply_is_a_receipt_record_with_a_part_for_each_fact),
		T(test_findings_keep_place_found_wanted_and_both_languages),
		T(test_a_label_cannot_forge_a_line_of_the_record),
		T(test_a_long_text_is_cut_where_a_character_ends_and_says_so),
		T(test_lines_that_are_no_findings_are_left_out),
		T(test_escapes_in_findings_are_taken_out),
		T(test_times_are_written_as_moments_of_the_calendar),
		T(test_a_reply_that_says_nothing_is_no_reply),
		T(test_a_reply_is_named_after_the_filers_own_file),
		T(test_a_client_finds_its_own_names_in_its_box),
		T(test_a_reply_s_name_tells_its_kind),
		T(test_a_long_name_leaves_room_for_number_and_kind),
	};

	return TESTS_RUN(tests);
}
