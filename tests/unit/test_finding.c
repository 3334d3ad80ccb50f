/*
 * tests/unit/test_finding.c - findings say what, where, found and wanted.
 */
#include "src/record/directory.h"
#include "src/record/finding.h"
#include "tests/unit/test.h"

static void
test_a_sentence_is_filled_in_both_languages(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;
	struct finding *f;

	(void)state;
	findings_init(&fs, mem);
	f = finding_add(&fs, FIND_CODE_UNKNOWN, SLICE_LIT("item[1].origin"),
	    SLICE_LIT("OriginCountry"), SLICE_LIT("XX{tag}"),
	    SLICE_LIT("country.iso3"));
	test_slice_is(f->code, "E0110");
	test_slice_is(f->en, "OriginCountry is 'XX{tag}', want a code of list "
			     "country.iso3");
	test_slice_is(
	    f->zh, "OriginCountry 为“XX{tag}”，不在代码表 country.iso3 中");
	assert_int_equal(fs.errors, 1);
	fs.lenient = true;
	f = finding_add(&fs, FIND_MISSING_OUT, SLICE_LIT("number"),
	    SLICE_LIT(""), SLICE_LIT(""), SLICE_LIT(""));
	test_slice_is(f->en, "number is missing, number must have it");
	assert_int_equal(f->severity, SEV_WARNING);
	assert_int_equal(fs.errors, 1);
	assert_int_equal(fs.warnings, 1);
	arena_free(mem);
}

static void
test_a_label_comes_from_the_directory(void **state)
{
	struct element item = { .name = "item",
		.en = "Item",
		.zh = "商品",
		.type = EL_GROUP,
		.repeats = true };
	struct element mass = {
		.name = "mass", .en = "Gross mass", .zh = "毛重", .type = EL_DEC
	};
	struct group inner = { .element = &mass, .nslots = 1 };
	struct group g = { .element = &item, .nslots = 1 };
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;
	struct finding *f;

	(void)state;
	item.group = &inner;
	findings_init(&fs, mem);
	fs.document = &g;
	f = finding_add(&fs, FIND_REQUIRED, SLICE_LIT("item[3].mass"),
	    SLICE_LIT(""), SLICE_LIT(""), SLICE_LIT("customs"));
	test_slice_is(f->en, "Gross mass is missing, customs requires it");
	test_slice_is(f->zh, "缺少毛重，customs必填");
	/* of what stands once, whose it is is told, too */
	item.repeats = false;
	f = finding_add(&fs, FIND_MISSING_OUT, SLICE_LIT("item.mass"),
	    SLICE_LIT("A/B"), SLICE_LIT(""), SLICE_LIT(""));
	test_slice_is(f->en, "Item: Gross mass is missing, A/B must have it");
	test_slice_is(f->zh, "缺少商品：毛重，A/B 必填");
	arena_free(mem);
}

static void
test_printing_escapes_what_could_forge_a_line(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;
	struct finding *f;
	struct buf b;

	(void)state;
	findings_init(&fs, mem);
	f = finding_add(&fs, FIND_CONSTANT, SLICE_LIT(""), SLICE_LIT("UNH"),
	    SLICE_LIT("a\nb\x1b[31m\xC2\x9B\"\\"), SLICE_LIT("x"));
	f->place = (struct place){ .at = 12,
		.line = 3,
		.column = 14,
		.segment = 26,
		.element = 2,
		.component = 1,
		.span = 4 };
	buf_init(&b, 4096);
	finding_print(f, "in\n.edi", &b);
	test_slice_is(buf_look(&b),
	    "in\\x0A.edi:3:14: error E0106: UNH is "
	    "'a\\x0Ab\\x1B[31m\\x9B\"\\', want 'x' (segment 26, element 2, "
	    "component 1)\n");
	buf_reset(&b);
	f->zh = SLICE_LIT("z");
	finding_json(f, &b);
	test_slice_is(buf_look(&b),
	    "{\"severity\":\"error\",\"code\":\"E0106\","
	    "\"tag\":\"UNH\",\"found\":\"a\\u000Ab\\u001B["
	    "31m\\u009B\\\"\\\\\","
	    "\"wanted\":\"x\",\"line\":3,\"column\":14,\"byte\":12,\"span\":4,"
	    "\"segment\":26,\"part\":2,\"component\":1,"
	    "\"en\":\"UNH is 'a\\u000Ab\\u001B[31m\\u009B\\\"\\\\', want "
	    "'x'\","
	    "\"zh\":\"z\"}");
	buf_clear(&b);
	arena_free(mem);
}

static void
test_over_the_ceiling_findings_are_only_counted(void **state)
{
	struct arena *mem = arena_new(8 << 20);
	struct findings fs;
	uint32_t n = 0;

	(void)state;
	findings_init(&fs, mem);
	for (int i = 0; i < FINDINGS_MAX + 7; i++)
		assert_non_null(finding_add(&fs, FIND_SYNTAX, SLICE_LIT(""),
		    SLICE_LIT(""), SLICE_LIT("x"), SLICE_LIT("y")));
	for (struct finding *f = fs.first; f != NULL; f = f->next)
		n++;
	assert_int_equal(n, FINDINGS_MAX);
	assert_int_equal(fs.errors, FINDINGS_MAX + 7);
	assert_int_equal(fs.dropped, 7);
	arena_free(mem);
}

static void
test_a_long_text_is_cut_between_characters(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;
	struct finding *f;
	char text[301];

	(void)state;
	for (int i = 0; i < 100; i++)
		memcpy(text + 3 * i, "税", 4);
	memmove(text + 1, text, 299);
	text[0] = 'x';
	findings_init(&fs, mem);
	f = finding_add(&fs, FIND_FORBIDDEN, SLICE_LIT(""), SLICE_LIT(""),
	    (struct slice){ text, 298 }, SLICE_LIT(""));
	assert_int_equal(f->found.len, 298);
	assert_int_equal(f->en.len, 1 + 39 * 3 + 3 + strlen(" is not allowed"));
	arena_free(mem);
}

/* A finding of a place: kind, element, tag and found text. */
static struct finding *
placed(struct findings *fs, enum finding_kind kind, const char *element,
    const char *tag, const char *found, uint32_t at)
{
	struct finding *f = finding_add(fs, kind, slice_of(element),
	    slice_of(tag), slice_of(found), SLICE_LIT("2 digits"));

	f->text_at = at;
	f->text_span = 3;
	return f;
}

static void
test_a_mistake_is_told_once(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;

	(void)state;
	findings_init(&fs, mem);
	/* the table's word, then the reader's: his has the element, its fault
	 */
	placed(&fs, FIND_LENGTH, "", "BGM/1004", "123", 7)->fault = 39;
	placed(&fs, FIND_LENGTH, "number", "BGM[1]/1004", "123", 7);
	/* the other way round */
	placed(&fs, FIND_NUMBER, "item[1].total", "MOA[1]/5004", "x", 20);
	placed(&fs, FIND_NUMBER, "", "MOA/5004", "x", 20)->fault = 37;
	/* the first pass and the tree of one UNH */
	placed(&fs, FIND_MISSING, "", "UNH/0051", "", 1);
	placed(&fs, FIND_MISSING, "", "UNH/0051", "", 1);
	findings_merge(&fs);
	assert_int_equal(fs.n, 3);
	assert_int_equal(fs.errors, 3);
	test_slice_is(fs.first->element, "number");
	assert_int_equal(fs.first->fault, 39);
	test_slice_is(fs.first->next->element, "item[1].total");
	assert_int_equal(fs.first->next->fault, 37);
	assert_ptr_equal(fs.first->next->next, fs.last);
	assert_null(fs.last->next);
	arena_free(mem);
}

static void
test_two_mistakes_are_told_twice(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;

	(void)state;
	findings_init(&fs, mem);
	placed(&fs, FIND_LENGTH, "", "A", "123", 7);
	placed(&fs, FIND_CONSTANT, "a", "A", "123", 7); /* another reason */
	placed(&fs, FIND_LENGTH, "b", "A", "124", 7);   /* another text */
	placed(&fs, FIND_LENGTH, "b", "A", "123", 8);   /* another place */
	placed(&fs, FIND_LENGTH, "c", "A", "124", 7);   /* another element */
	placed(&fs, FIND_MISSING, "", "A", "", 30);     /* two of one segment */
	placed(&fs, FIND_MISSING, "", "B", "", 30);
	findings_merge(&fs);
	assert_int_equal(fs.n, 7);
	arena_free(mem);
}

/* The table's length, the list's codes, what was said before: one value. */
static void
test_a_value_that_is_wrong_in_several_ways_is_told_once(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;

	(void)state;
	findings_init(&fs, mem);
	placed(&fs, FIND_LENGTH, "a", "A", "12345", 7)->fault = 39;
	placed(&fs, FIND_CODE_UNKNOWN, "a", "A", "12345", 7);
	placed(&fs, FIND_DISAGREE, "a", "A", "12345", 7);
	/* an error goes before what an open list does not have */
	placed(&fs, FIND_CODE_OPEN, "b", "B", "777", 20);
	placed(&fs, FIND_LENGTH, "", "B", "777", 20);
	/* both are right: two elements that one text is bound to */
	placed(&fs, FIND_DISAGREE, "c", "C", "9", 30);
	placed(&fs, FIND_DISAGREE, "d", "C", "9", 30);
	findings_merge(&fs);
	assert_int_equal(fs.n, 4);
	assert_int_equal(fs.errors, 4);
	assert_int_equal(fs.warnings, 0);
	assert_int_equal(fs.first->kind, FIND_CODE_UNKNOWN);
	assert_int_equal(fs.first->fault, 39);
	/* the table's word has no element: it takes that of what it replaces */
	assert_int_equal(fs.first->next->kind, FIND_LENGTH);
	test_slice_is(fs.first->next->element, "b");
	assert_null(fs.last->next);
	arena_free(mem);
}

static void
test_what_is_found_and_wanted_is_told_in_chinese(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct findings fs;
	struct finding *f;

	(void)state;
	findings_init(&fs, mem);
	f = finding_add(&fs, FIND_REPEAT, SLICE_LIT(""), SLICE_LIT(""),
	    SLICE_LIT("A1"), SLICE_LIT(""));
	test_slice_is(
	    f->en, "message 'A1' was filed before, this is its answer again");
	test_slice_is(f->zh, "编号“A1”的报文此前已申报，现重发原回复");
	f = finding_add(&fs, FIND_SYNTAX, SLICE_LIT(""), SLICE_LIT("row"),
	    SLICE_LIT("row 3 has 11 columns"), SLICE_LIT("12"));
	test_slice_is(f->en, "row 3 has 11 columns, want 12");
	test_slice_is(f->zh, "第 3 行有 11 列，应为 12");
	f = finding_add(&fs, FIND_ENCODING, SLICE_LIT(""), SLICE_LIT(""),
	    SLICE_LIT("byte 0xFF at offset 122"),
	    SLICE_LIT("UTF-8 or GB18030"));
	test_slice_is(
	    f->zh, "编码不是 UTF-8 或 GB18030：偏移 122 处的字节 0xFF");
	f = finding_add(&fs, FIND_LIMIT, SLICE_LIT(""), SLICE_LIT("a cell"),
	    SLICE_LIT("70000 bytes"), SLICE_LIT("65536 bytes"));
	test_slice_is(f->zh, "单元格 为 70000 字节，上限为 65536 字节");
	f = finding_add(&fs, FIND_MISSING, SLICE_LIT(""), SLICE_LIT("UNZ"),
	    SLICE_LIT(""), SLICE_LIT("the trailer of interchange 'a % b'"));
	test_slice_is(f->zh, "缺少 UNZ，应为交换“a % b”的尾段");
	/* a number stands for digits alone, and values are nobody's words */
	f = finding_add(&fs, FIND_SYNTAX, SLICE_LIT(""), SLICE_LIT(""),
	    SLICE_LIT("row x has 11 columns"), SLICE_LIT("a closing quote"));
	test_slice_is(f->zh, "row x has 11 columns，应为 右引号");
	f = finding_add(&fs, FIND_DISAGREE, SLICE_LIT(""), SLICE_LIT("A"),
	    SLICE_LIT("a value"), SLICE_LIT("UTF-8 or GB18030"));
	assert_non_null(memmem(f->zh.p, f->zh.len, "“a value”", 13));
	assert_non_null(memmem(f->zh.p, f->zh.len, "UTF-8 or", 8));
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_sentence_is_filled_in_both_languages),
		T(test_a_label_comes_from_the_directory),
		T(test_printing_escapes_what_could_forge_a_line),
		T(test_over_the_ceiling_findings_are_only_counted),
		T(test_a_long_text_is_cut_between_characters),
		T(test_a_mistake_is_told_once),
		T(test_two_mistakes_are_told_twice),
		T(test_a_value_that_is_wrong_in_several_ways_is_told_once),
		T(test_what_is_found_and_wanted_is_told_in_chinese),
	};

	return TESTS_RUN(tests);
}
