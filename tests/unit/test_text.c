/*
 * tests/unit/test_text.c - bytes become UTF-8 strictly, and every place can be
 * told in the bytes as received.
 */
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

static const enum encoding utf8_then_gb[] = { ENC_UTF8, ENC_GB18030 };

static enum rc
decode(struct bench *b, struct text *t, struct slice raw, unsigned int n,
    const char *label)
{
	return text_decode(t, raw, utf8_then_gb, n, slice_of(label), b->mem,
	    &b->findings, &b->err);
}

static void
test_plain_utf8_is_not_copied(void **state)
{
	struct bench *b = bench_new();
	struct slice raw = SLICE_LIT("中文 text, 1234567890");
	struct text t;

	(void)state;
	assert_int_equal(decode(b, &t, raw, 2, "UTF-8"), RC_OK);
	assert_ptr_equal(t.utf8.p, raw.p);
	assert_int_equal(t.utf8.len, raw.len);
	assert_int_equal(t.encoding, ENC_UTF8);
	assert_null(t.map);
	no_finding(b);
	bench_free(b);
}

static void
test_gbk_under_a_utf8_label_is_read_with_a_hint(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("\xd6\xd0\xce\xc4 x"), 2, "UTF-8"), RC_OK);
	test_slice_is(t.utf8, "中文 x");
	assert_int_equal(t.encoding, ENC_GB18030);
	only_finding(b, FIND_ENCODING_LABEL,
	    "the text is labelled UTF-8 and is GB18030");
	bench_free(b);
}

static void
test_ascii_under_any_label_misleads_nobody(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("plain"), 2, "GB18030"), RC_OK);
	assert_int_equal(decode(b, &t, SLICE_LIT("plain"), 2, "UNOA"), RC_OK);
	no_finding(b);
	bench_free(b);
}

static void
test_letters_outside_ascii_under_unoa_are_a_hint(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("caf\xc3\xa9"), 2, "UNOA"), RC_OK);
	only_finding(
	    b, FIND_ENCODING_LABEL, "the text is labelled UNOA and is UTF-8");
	bench_free(b);
}

static void
test_bytes_of_no_candidate_are_refused_at_the_first_bad_one(void **state)
{
	struct bench *b = bench_new();
	struct text t = { .encoding = ENC_KINDS };

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("ab\n\xd6\xd0\x80z"), 2, ""), RC_REFUSED);
	assert_string_equal(b->err.text,
	    "the bytes are not UTF-8 or GB18030: byte 0x80 at offset 5");
	only_finding(b, FIND_ENCODING,
	    "the bytes are not UTF-8 or GB18030: byte 0x80 at offset 5");
	assert_int_equal(b->findings.first->place.at, 5);
	assert_int_equal(b->findings.first->place.line, 2);
	assert_int_equal(b->findings.first->place.column, 3);
	assert_int_equal(t.encoding, ENC_KINDS); /* out: only on RC_OK */
	bench_free(b);
}

static void
test_a_nul_is_told_where_it_stands(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("\xd6\xd0\xce\xc4\0z"), 2, ""), RC_REFUSED);
	assert_string_equal(b->err.text,
	    "the bytes are not UTF-8 or GB18030: byte 0x00 at offset 4");
	bench_free(b);
}

static void
test_a_cut_character_is_refused(void **state)
{
	struct bench *b = bench_new();
	struct text t;

	(void)state;
	assert_int_equal(
	    decode(b, &t, SLICE_LIT("ab\xe4\xb8"), 1, ""), RC_REFUSED);
	assert_string_equal(
	    b->err.text, "the bytes are not UTF-8: byte 0xE4 at offset 2");
	bench_free(b);
}

static void
test_forbidden_utf8_is_refused(void **state)
{
	static const struct slice bad[] = {
		{ "\xc0\xaf", 2 },         /* overlong / */
		{ "\xe0\x80\xaf", 3 },     /* overlong */
		{ "\xed\xa0\x80", 3 },     /* surrogate */
		{ "\xf4\x90\x80\x80", 4 }, /* behind U+10FFFF */
		{ "\xf0\x80\x80\xaf", 4 }, /* overlong */
		{ "a\0b", 3 },             /* NUL */
		{ "12345678\0", 9 },
		{ "1234\0"
		  "678",
		    8 },
		{ "\x80", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bench *b = bench_new();
		struct text t;

		assert_int_equal(decode(b, &t, bad[i], 1, ""), RC_REFUSED);
		bench_free(b);
	}
}

static void
test_a_byte_order_mark_decides(void **state)
{
	static const struct {
		struct slice raw;
		enum encoding want;
	} cases[] = {
		{ { "\xef\xbb\xbf"
		    "ab",
		      5 },
		    ENC_UTF8 },
		{ { "\xff\xfe"
		    "a\0b\0",
		      6 },
		    ENC_UTF16LE },
		{ { "\xfe\xff"
		    "\0a\0b",
		      6 },
		    ENC_UTF16BE },
		{ { "\x84\x31\x95\x33"
		    "ab",
		      6 },
		    ENC_GB18030 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		struct text t;
		struct place p;

		assert_int_equal(decode(b, &t, cases[i].raw, 1, ""), RC_OK);
		assert_int_equal(t.encoding, cases[i].want);
		assert_true(t.bom);
		test_slice_is(t.utf8, "ab");
		text_place(&t, 1, 1, &p);
		assert_int_equal(p.at + p.span, cases[i].raw.len);
		assert_int_equal(p.column, 2);
		bench_free(b);
	}
}

/* Every character's place, against a walk by hand over the raw bytes. */
static void
test_places_are_told_in_the_raw_bytes(void **state)
{
	struct bench *b = bench_new();
	struct buf raw;
	struct text t;
	uint32_t at = 0, line = 1, column = 1;
	uint64_t byte = 0;

	(void)state;
	buf_init(&raw, 1 << 20);
	for (int i = 0; i < 5000; i++) /* ASCII, two and four bytes */
		buf_str(&raw, i % 7 == 6   ? "\n"
			      : i % 3 == 0 ? "\xd6\xd0"
			      : i % 3 == 1 ? "\x95\x32\x82\x36"
					   : "a");
	assert_int_equal(decode(b, &t, buf_look(&raw), 2, ""), RC_OK);
	assert_int_equal(t.encoding, ENC_GB18030);
	for (int i = 0; i < 5000; i++) {
		uint32_t span = i % 7 == 6   ? 1
				: i % 3 == 0 ? 3
				: i % 3 == 1 ? 4
					     : 1;
		uint32_t raw_span = i % 7 == 6   ? 1
				    : i % 3 == 0 ? 2
				    : i % 3 == 1 ? 4
						 : 1;
		struct place p;

		if (i % 53 == 0 || i > 4990) {
			text_place(&t, at, span, &p);
			assert_int_equal(p.at, byte);
			assert_int_equal(p.span, raw_span);
			assert_int_equal(p.line, line);
			assert_int_equal(p.column, column);
		}
		column++;
		if (i % 7 == 6) {
			line++;
			column = 1;
		}
		at += span;
		byte += raw_span;
	}
	buf_clear(&raw);
	bench_free(b);
}

static void
test_all_findings_get_their_places_in_any_order(void **state)
{
	struct bench *b = bench_new();
	struct slice none = { NULL, 0 };
	struct text t = bench_text("one\r\ntwo\rthree\nfour");
	static const uint32_t at[] = { 15, 0, 9, 5 };
	static const uint32_t line[] = { 4, 1, 3, 2 };
	struct finding *f[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		f[i] = finding_add(
		    &b->findings, FIND_EMPTY, none, none, none, none);
		f[i]->text_at = at[i];
		f[i]->text_span = 1;
	}
	(void)finding_add(&b->findings, FIND_EMPTY, none, none, none, none);
	text_place_all(&t, &b->findings);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(f[i]->place.line, line[i]);
		assert_int_equal(f[i]->place.column, 1);
		assert_int_equal(f[i]->place.at, at[i]);
	}
	assert_int_equal(b->findings.last->place.line, 0);
	bench_free(b);
}

static void
test_what_does_not_fit_is_written_as_its_number(void **state)
{
	static const struct {
		enum encoding e;
		struct slice want;
		uint32_t lost;
	} cases[] = {
		{ ENC_UTF8, SLICE_LIT("aé中𠀀z"), 0 },
		{ ENC_GB18030, { "a\xa8\xa6\xd6\xd0\x95\x32\x82\x36z", 10 },
		    0 },
		{ ENC_GB2312, { "a\xa8\xa6\xd6\xd0[U+20000]z", 15 }, 1 },
		{ ENC_LATIN1, { "a\xe9[U+4E2D][U+20000]z", 20 }, 2 },
		{ ENC_UTF16BE, { "\0a\0\xe9\x4e\x2d\xd8\x40\xdc\0\0z", 12 },
		    0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;
		struct err err;
		uint32_t lost;

		buf_init(&out, 1 << 20);
		assert_int_equal(text_encode(slice_of("aé中𠀀z"), cases[i].e,
				     &out, &lost, &err),
		    RC_OK);
		assert_int_equal(lost, cases[i].lost);
		assert_int_equal(out.len, cases[i].want.len);
		assert_memory_equal(out.p, cases[i].want.p, out.len);
		buf_clear(&out);
	}
}

static void
test_what_was_decoded_encodes_to_the_same_bytes(void **state)
{
	struct slice raw = test_file("tests/data/erp-drop/decl-gbk.csv");
	struct bench *b = bench_new();
	struct text t;
	struct buf out;
	uint32_t lost;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(decode(b, &t, raw, 2, ""), RC_OK);
	assert_int_equal(
	    text_encode(t.utf8, ENC_GB18030, &out, &lost, &b->err), RC_OK);
	assert_int_equal(lost, 0);
	assert_int_equal(out.len, raw.len);
	assert_memory_equal(out.p, raw.p, raw.len);
	buf_clear(&out);
	bench_free(b);
	free((void *)(uintptr_t)raw.p);
}

static void
test_encodings_have_the_names_people_write(void **state)
{
	(void)state;
	assert_int_equal(encoding_find(slice_of("gb18030")), ENC_GB18030);
	assert_int_equal(encoding_find(slice_of("GBK")), ENC_GB18030);
	assert_int_equal(encoding_find(slice_of("gb2312")), ENC_GB2312);
	assert_int_equal(encoding_find(slice_of("utf8")), ENC_UTF8);
	assert_int_equal(encoding_find(slice_of("UNOC")), ENC_LATIN1);
	assert_int_equal(encoding_find(slice_of("EBCDIC")), -1);
	assert_string_equal(encoding_name(ENC_GB18030), "GB18030");
}

static void
test_every_converter_opens(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(encodings_ready(&err), RC_OK);
}

static void
test_characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(slice_of("a中𠀀")), 3);
	test_slice_is(utf8_head(slice_of("a中𠀀"), 2), "a中");
	test_slice_is(utf8_head(slice_of("a"), 5), "a");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_plain_utf8_is_not_copied),
		T(test_gbk_under_a_utf8_label_is_read_with_a_hint),
		T(test_ascii_under_any_label_misleads_nobody),
		T(test_letters_outside_ascii_under_unoa_are_a_hint),
		T(test_bytes_of_no_candidate_are_refused_at_the_first_bad_one),
		T(test_a_nul_is_told_where_it_stands),
		T(test_a_cut_character_is_refused),
		T(test_forbidden_utf8_is_refused),
		T(test_a_byte_order_mark_decides),
		T(test_places_are_told_in_the_raw_bytes),
		T(test_all_findings_get_their_places_in_any_order),
		T(test_what_does_not_fit_is_written_as_its_number),
		T(test_what_was_decoded_encodes_to_the_same_bytes),
		T(test_encodings_have_the_names_people_write),
		T(test_every_converter_opens),
		T(test_characters_are_counted_not_bytes),
	};

	return TESTS_RUN(tests);
}
