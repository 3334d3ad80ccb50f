/*
 * tests/unit/test_convert.c - reader, writer and checks over small formats of
 * their own: what they bind, what they refuse and with which words.
 */
#include "tests/unit/test.h"
#include "src/daemon/pipeline.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MEMORY (16u << 20)

static const struct {
	const char *path, *text;
} files[] = {
	{ "directory/all.dir",
	    "document transmission \"Transmission\" \"传输\"\n"
	    "  message an..60 \"Message\" \"报文\"\n"
	    "  sender an..64 \"Sender\" \"发送方\"\n"
	    "  now moment \"Now\" \"现在\"\n"
	    "document order \"Order\" \"订单\" dated made\n"
	    "  key own = number\n"
	    "  number an..10 \"Number\" \"编号\"\n"
	    "  made moment \"Made\" \"日期\"\n"
	    "  way code way \"Way\" \"方式\"\n"
	    "  mass dec..8.3 \"Mass\" \"重量\"\n"
	    "  ship an..20 \"Ship\" \"船名\"\n"
	    "  voyage an..10 \"Voyage\" \"航次\"\n"
	    "  from an..10 \"From\" \"起\"\n"
	    "  to an..10 \"To\" \"讫\"\n"
	    "  marks*3 an..5 \"Marks\" \"标记\" placed\n"
	    "  item*3 \"Item\" \"商品\"\n"
	    "    sequence int..2 \"Sequence\" \"序号\"\n"
	    "    name an..8 \"Name\" \"名称\"\n"
	    "    quantity int..4 \"Quantity\" \"数量\"\n"
	    "  box*9 \"Box\" \"箱\"\n"
	    "    goods*9 ref item \"Goods\" \"商品\"\n" },
	{ "codes/way.tsv",
	    "# list way "
	    "open\ncode\tun\ten\tzh\tfrom\tto\nsea\t1\tsea\t海\t\t\n"
	    "air\t4\tair\t空\t\t\ncart\t5\tcart\t车\t\t20191231\n"
	    "drone\t5\tdrone\t机\t20200101\t\n" },
	{ "formats/plain.fmt",
	    "format plain syntax xml document order\n"
	    "zone +08:00; file \"O_{number}.xml\"\n"
	    "Order!\n"
	    "  let near = from when way = sea else to\n"
	    "  @v \"1\" lenient\n"
	    "  Near near\n"
	    "  No! number alias 4\n"
	    "  Way way code way.un\n"
	    "  Mass mass decimals ..2\n"
	    "  Day made date YYYYMMDD; Time made date hhmm\n"
	    "  Ship \"{ship}[/{voyage}]\"\n"
	    "  Marks marks list \"|\"\n"
	    "  Fly voyage when way = air\n"
	    "  Old -\n"
	    "  Lines blank\n"
	    "    Count = count item\n"
	    "    Line*2 item\n"
	    "      Seq! sequence; Name name default \"none\"; Order ^number\n"
	    "      Qty quantity\n"
	    "  Box* box\n"
	    "    Goods goods list \",\"\n" },
	{ "formats/rows.fmt",
	    "format rows syntax csv header yes document order\n"
	    "order* filing by number\n"
	    "  row+ item\n"
	    "    \"No\"! /number; \"Seq\"! sequence; \"Name\" name\n" },
	{ "rules/order.rules",
	    "rules order\n"
	    "set to = from when from present and absent\n"
	    "check E9001 error at mass when mass > 100 \"too heavy\" \"太重\"\n"
	    "check E9002 warning at item.quantity when item.quantity = 0 "
	    "\"nothing of it\" \"数量为零\"\n"
	    "require way for customs\n" },
};

struct taken {
	struct filing filing[8];
	unsigned int n;
};

static char *dir;
static struct pipeline *pipeline;
static struct arena *mem;

static int
folder_open(void **state)
{
	struct complaints to;
	struct err err;
	char path[512];

	(void)state;
	dir = test_dir();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/%.*s", dir,
		    (int)strcspn(files[i].path, "/"), files[i].path);
		(void)mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].path);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(files[i].text, f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	complaints_init(&to);
	if (pipeline_open(&pipeline, dir, &to, &err) != RC_OK) {
		complaints_print(&to, stderr);
		fail_msg("%s", err.text);
	}
	complaints_clear(&to);
	mem = arena_new(MEMORY);
	return mem == NULL;
}

static int
folder_close(void **state)
{
	(void)state;
	pipeline_free(pipeline);
	arena_free(mem);
	test_dir_gone(dir);
	return 0;
}

static enum rc
take(void *arg, const struct filing *f, struct err *err)
{
	struct taken *t = arg;

	(void)err;
	assert_true(t->n < 8);
	t->filing[t->n++] = *f;
	return RC_OK;
}

static void
arrive(struct taken *t, const char *text, bool customs)
{
	static const struct arrival_route route = {
		.document = "order", .partner = "customs", .format = "none"
	};
	struct arrival a = { .raw = arena_dup(mem, slice_of(text)),
		.file_name = SLICE_LIT("O_77.xml"),
		.base_year = 2024,
		.route = &route,
		.nroutes = customs ? 1 : 0 };
	struct err err;

	t->n = 0;
	assert_int_equal(
	    pipeline_arrival(pipeline, &a, mem, NULL, take, t, &err), RC_OK);
	assert_true(t->n > 0);
}

/* The one filing of an XML text whose body is this. */
static const struct filing *
order(struct taken *t, const char *body)
{
	char text[2000];

	(void)snprintf(
	    text, sizeof(text), "<Order v='1'><No>A1</No>%s</Order>", body);
	arrive(t, text, false);
	assert_int_equal(t->n, 1);
	assert_non_null(t->filing[0].record);
	return &t->filing[0];
}

static void
value_is(const struct filing *f, const char *path, const char *want)
{
	const struct value *v = record_get(f->record->root, path);

	if (v == NULL)
		fail_msg("%s is absent, want '%s'", path, want);
	test_slice_is(v->text, want);
}

static void
absent(const struct filing *f, const char *path)
{
	if (record_get(f->record->root, path) != NULL)
		fail_msg("%s is there, want it absent", path);
}

/* The first finding, whole; NULL: none wanted. */
static void
says(const struct filing *f, const char *want)
{
	const struct finding *x = f->findings->first;
	struct buf b;

	buf_init(&b, 4096);
	if (x != NULL)
		finding_print(x, "f", &b);
	if (want == NULL ? x != NULL : x == NULL)
		fail_msg("said '%.*s', want '%s'", SLICE_ARG(buf_look(&b)),
		    want == NULL ? "nothing" : want);
	if (want != NULL)
		test_slice_is(slice_trim(buf_look(&b)), want);
	buf_clear(&b);
}

static void
written_is(const struct filing *f, const char *alias, const char *want)
{
	struct record *records[1] = { f->record };
	struct write_in in = { .plan = pipeline_format(pipeline, "plain"),
		.record = records,
		.nrecords = 1,
		.alias = slice_of(alias) };
	struct buf body;
	struct write_out out = { .body = &body };
	struct err err;
	enum rc rc;

	buf_init(&body, 65536);
	rc = pipeline_write(&in, f->text, &out, mem, f->findings, &err);
	if (want == NULL) {
		assert_int_equal(rc, RC_REFUSED);
		assert_int_equal(body.len, 0);
	} else {
		if (rc != RC_OK)
			says(f, NULL);
		assert_int_equal(rc, RC_OK);
		if (memmem(body.p, body.len, want, strlen(want)) == NULL)
			fail_msg("written '%.*s', want in it '%s'",
			    SLICE_ARG(buf_look(&body)), want);
	}
	buf_clear(&body);
}

static void
test_a_value_has_the_range_of_its_bytes(void **state)
{
	struct taken t;
	const struct filing *f = order(&t, "<Mass>1.50</Mass>");
	const struct value *v = record_get(f->record->root, "mass");

	(void)state;
	says(f, NULL);
	test_slice_is(v->text, "1.50");
	test_slice_is(slice_sub(f->text->utf8, v->at, v->span), "1.50");
}

static void
test_what_no_line_knows_is_told_with_its_place(void **state)
{
	struct taken t;

	(void)state;
	says(order(&t, "<Else>x</Else>"),
	    "f:1:31: warning E0101: Order/Else 'x' is not used by this format");
	says(order(&t, "<Old>x</Old>"),
	    "f:1:30: hint E0102: Order/Old 'x' is known and not carried on");
	says(order(&t, "<Old/><Else> </Else>"), NULL);
}

static void
test_a_value_said_twice_must_agree(void **state)
{
	struct taken t;

	(void)state;
	says(order(&t,
		 "<Lines><Line><Seq>1</Seq><Order>A1</Order></Line></Lines>"),
	    NULL);
	says(order(&t,
		 "<Lines><Line><Seq>1</Seq><Order>B2</Order></Line></Lines>"),
	    "f:1:57: error E0108: Order/Lines/Line/Order says 'B2', but Number "
	    "was 'A1' before [number]");
}

static void
test_missing_and_too_many_are_told(void **state)
{
	struct taken t;

	(void)state;
	says(order(&t, "<Lines><Line><Name>x</Name></Line></Lines>"),
	    "f:1:32: error E0103: Order/Lines/Line/Seq is missing, want "
	    "Sequence [item[1].sequence]");
	arrive(&t, "<Order v='1'><No> </No></Order>", false);
	says(&t.filing[0],
	    "f:1:18: error E0103: Order/No is missing, want Number [number]");
	says(order(&t,
		 "<Lines><Line><Seq>1</Seq></Line><Line><Seq>2</Seq></Line>"
		 "<Line><Seq>3</Seq></Line></Lines>"),
	    "f:1:82: error E0104: Order/Lines/Line[3] stands here 3 times, "
	    "want at most 2");
}

static void
test_unknown_codes_are_kept_raw_and_written_back(void **state)
{
	struct taken t;
	const struct filing *f = order(&t, "<Way>9</Way>");

	(void)state;
	says(f, "f:1:30: warning E0111: Order/Way is '9', which list way.un "
		"does not have [way]");
	assert_true(record_get(f->record->root, "way")->flags & VALUE_RAW);
	written_is(f, NULL, "<Way>9</Way>");
	f = order(&t, "<Way>4</Way>");
	value_is(f, "way", "air");
}

static void
test_date_and_time_in_two_leaves_are_one_moment(void **state)
{
	struct taken t;
	const struct filing *f;

	(void)state;
	f = order(&t, "<Time>1030</Time><Day>20240615</Day>");
	says(f, NULL);
	value_is(f, "made", "2024-06-15T10:30+08:00");
	written_is(f, NULL, "<Day>20240615</Day><Time>1030</Time>");
	f = order(&t, "<Day>20240631</Day>");
	says(f, "f:1:30: error E0112: Order/Day is '20240631', want a date as "
		"YYYYMMDD [made]");
}

static void
test_numbers_are_held_against_their_type(void **state)
{
	struct taken t;
	const struct filing *f = order(&t, "<Mass>012,5</Mass>");

	(void)state;
	says(f, "f:1:31: error E0113: Order/Mass is '012,5', want a number of "
		"up to 8 digits, 3 of them decimals [mass]");
	value_is(order(&t, "<Mass>-007.500</Mass>"), "mass", "-7.500");
	f = order(&t, "<Mass>1.125</Mass>");
	says(f, NULL);
	written_is(f, NULL, NULL);
	says(f, "f:1:31: error E0117: Mass is '1.125', Order/Mass wants at "
		"most 2 decimals [mass]");
}

static void
test_a_pattern_splits_at_the_first_literal(void **state)
{
	struct taken t;
	const struct filing *f = order(&t, "<Ship>STAR/7E/x</Ship>");

	(void)state;
	value_is(f, "ship", "STAR");
	value_is(f, "voyage", "7E/x");
	f = order(&t, "<Ship>STAR</Ship>");
	absent(f, "voyage");
	written_is(f, NULL, "<Ship>STAR</Ship>");
}

static void
test_what_waits_for_a_condition_is_bound_at_the_end(void **state)
{
	struct taken t;
	const struct filing *f =
	    order(&t, "<Near>SHA</Near><Way>1</Way><Old/>");

	(void)state;
	value_is(f, "from", "SHA");
	value_is(f, "to", "SHA"); /* by the rule */
	f = order(&t, "<Near>SHA</Near><Way>4</Way>");
	value_is(f, "to", "SHA");
	absent(f, "from");
	says(order(&t, "<Fly>7E</Fly><Way>1</Way>"),
	    "f:1:30: error E0105: Order/Fly is not expected here, want no "
	    "value");
}

static void
test_lists_keep_empty_places_and_references_need_targets(void **state)
{
	struct taken t;
	const struct filing *f = order(&t, "<Marks>a||c</Marks>");

	(void)state;
	assert_int_equal(value_count(record_get(f->record->root, "marks")), 3);
	written_is(f, NULL, "<Marks>a||c</Marks>");
	says(order(&t, "<Lines><Line><Seq>1</Seq></Line></Lines>"
		       "<Box><Goods>1,2</Goods></Box>"),
	    "f:1:79: error E0116: Order/Box/Goods refers to '2', which is not "
	    "there [box[1].goods]");
}

static void
test_counts_are_compared_and_written(void **state)
{
	struct taken t;
	const char *line = "<Line><Seq>1</Seq></Line></Lines>";
	char body[200];
	const struct filing *f;

	(void)state;
	(void)snprintf(body, sizeof(body), "<Lines><Count>2</Count>%s", line);
	says(order(&t, body), "f:1:39: error E0109: Order/Lines/Count says 2, "
			      "but the message holds 1");
	(void)snprintf(body, sizeof(body), "<Lines>%s", line);
	f = order(&t, body);
	says(f, NULL);
	written_is(f, NULL,
	    "<Lines><Count>1</Count><Line><Seq>1</Seq>"
	    "<Name>none</Name><Order>A1</Order></Line>"
	    "</Lines>");
}

static void
test_what_carries_nothing_is_not_written(void **state)
{
	struct taken t;

	(void)state;
	written_is(order(&t, ""), NULL, "<Order v=\"1\"><No>A1</No></Order>");
}

static void
test_an_alias_stands_for_what_is_too_long(void **state)
{
	struct taken t;

	(void)state;
	arrive(&t, "<Order v='1'><No>LONG-ONE</No></Order>", false);
	written_is(&t.filing[0], "X7", "<No>X7</No>");
	written_is(&t.filing[0], NULL, NULL);
	says(&t.filing[0],
	    "f:1:18: error E0117: Number is 'LONG-ONE', Order/No wants up to "
	    "4 characters [number]");
}

static void
test_rows_of_one_number_are_one_filing(void **state)
{
	struct taken t;

	(void)state;
	arrive(&t, "No,Seq,Name\r\nA,1,x\r\nA,2,y\r\nB,1,z\r\n", false);
	assert_int_equal(t.n, 2);
	assert_int_equal(
	    node_count(t.filing[0]
			   .record->root
			   ->slot[group_element(t.filing[0].record->root->group,
			       SLICE_LIT("item"))
				      ->slot]
			   .node),
	    2);
	value_is(&t.filing[0], "item[2].name", "y");
	value_is(&t.filing[1], "number", "B");
	assert_true(t.filing[0].at + t.filing[0].span <= t.filing[1].at);
}

static void
test_rules_are_said_in_their_own_words(void **state)
{
	struct taken t;

	(void)state;
	says(order(&t, "<Mass>100.01</Mass>"),
	    "f:1:31: error E9001: too heavy [mass]");
	says(order(&t, "<Mass>100</Mass>"), NULL);
	says(order(&t, "<Lines><Line><Seq>1</Seq><Qty>0</Qty></Line></Lines>"),
	    "f:1:55: warning E9002: nothing of it [item[1].quantity]");
	arrive(&t, "<Order v='1'><No>A1</No></Order>", true);
	assert_int_equal(t.filing[0].findings->errors, 1);
	assert_int_equal(t.filing[0].findings->first->kind, FIND_REQUIRED);
}

static void
test_the_file_name_tells_what_the_text_does_not(void **state)
{
	struct taken t;

	(void)state;
	arrive(&t, "<Order v='1'><Way>1</Way></Order>", false);
	value_is(&t.filing[0], "number", "77");
	value_is(order(&t, ""), "number", "A1");
}

static void
test_nothing_of_ours_is_one_filing_without_record(void **state)
{
	static const char *const texts[] = { "", " \n", "<Else/>", "<Order",
		"a,b\n1,2\n", "UNB+UNOA:1+A+B+240101:1200+1'" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct taken t;

		arrive(&t, texts[i], false);
		assert_int_equal(t.n, 1);
		assert_null(t.filing[0].record);
		assert_true(t.filing[0].findings->errors > 0);
	}
}

/* Though the date stands behind the code; its last day is one of its days. */
static void
test_a_code_is_read_and_written_by_the_day_of_its_document(void **state)
{
	static const struct {
		const char *day, *way;
	} cases[] = {
		{ "<Day>20191231</Day><Time>2359</Time>", "cart" },
		{ "<Day>20200101</Day><Time>0000</Time>", "drone" },
		{ "<Day>20240607</Day><Time>0830</Time>", "drone" },
		{ "", "drone" }, /* of any day: what holds longest */
	};
	const struct filing *f;
	struct taken t;
	char body[100];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(body, sizeof(body),
		    "<Way>5</Way>%s<Marks>a</Marks>", cases[i].day);
		f = order(&t, body);
		says(f, NULL);
		value_is(f, "way", cases[i].way);
		value_is(f, "marks", "a");
		written_is(f, "", "<Way>5</Way>");
	}
	/* one that does not hold that day cannot be said */
	f = order(&t, "<Way>5</Way><Day>20240607</Day>");
	assert_non_null(
	    record_set(f->record, f->record->root, "way", SLICE_LIT("cart")));
	written_is(f, "", NULL);
}

/* A leg that is left out without a word is a filing that is not made. */
static void
test_more_agencies_than_one_filing_may_have_are_told(void **state)
{
	static struct arrival_route route[40];
	static char name[40][8];
	struct arrival a = { .raw =
				 SLICE_LIT("<Order v='1'><No>A1</No></Order>"),
		.file_name = SLICE_LIT("O_77.xml"),
		.base_year = 2024,
		.route = route };
	struct taken t;
	struct err err;

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "a%u", i);
		route[i] = (struct arrival_route){ .document = "order",
			.partner = name[i],
			.format = "none" };
	}
	for (a.nroutes = 32; a.nroutes <= 40; a.nroutes += 8) {
		t.n = 0;
		assert_int_equal(
		    pipeline_arrival(pipeline, &a, mem, NULL, take, &t, &err),
		    RC_OK);
		assert_int_equal(t.filing[0].nlegs, 32);
		says(&t.filing[0], a.nroutes == 32
				       ? NULL
				       : "f: error E0408: more than 32 agencies"
					 " would get this order: none does");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_code_is_read_and_written_by_the_day_of_its_document),
		T(test_a_value_has_the_range_of_its_bytes),
		T(test_what_no_line_knows_is_told_with_its_place),
		T(test_a_value_said_twice_must_agree),
		T(test_missing_and_too_many_are_told),
		T(test_unknown_codes_are_kept_raw_and_written_back),
		T(test_date_and_time_in_two_leaves_are_one_moment),
		T(test_numbers_are_held_against_their_type),
		T(test_a_pattern_splits_at_the_first_literal),
		T(test_what_waits_for_a_condition_is_bound_at_the_end),
		T(test_lists_keep_empty_places_and_references_need_targets),
		T(test_counts_are_compared_and_written),
		T(test_what_carries_nothing_is_not_written),
		T(test_an_alias_stands_for_what_is_too_long),
		T(test_rows_of_one_number_are_one_filing),
		T(test_rules_are_said_in_their_own_words),
		T(test_the_file_name_tells_what_the_text_does_not),
		T(test_nothing_of_ours_is_one_filing_without_record),
		T(test_more_agencies_than_one_filing_may_have_are_told),
	};

	return cmocka_run_group_tests(tests, folder_open, folder_close);
}
