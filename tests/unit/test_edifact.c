/*
 * tests/unit/test_edifact.c - the first pass over an interchange: what is
 * whole, what is one message's mistake and what refuses everything.
 */
#include "src/syntax/edifact.h"
#include <stdio.h>
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

#define UNB "UNB+UNOC:3+A:ZZ+B:ZZ+240615:1030+I1'"
#define M1  "UNH+M1+CUSDEC:D:96B:UN:145050'BGM+929+X+9'UNT+3+M1'"
#define M2  "UNH+M2+CUSRES:D:96B:UN'BGM+962'UNT+3+M2'"

static enum rc
scan(struct bench *b, const char *s, struct edifact_interchange *x)
{
	struct text t = bench_text(s);

	return edifact_scan(x, &t, 0, NULL, b->mem, &b->findings, &b->err);
}

/* One scan, one finding, and whether it refuses the interchange. */
static void
told(const char *s, enum finding_kind kind, const char *en, bool refused)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	assert_int_equal(scan(b, s, &x), RC_OK);
	only_finding(b, kind, en);
	assert_int_equal(x.refused, refused);
	bench_free(b);
}

static void
test_an_interchange_tells_its_messages(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;
	const char *s = "UNA:+.? '\r\n" UNB "\r\n" M1 "\n" M2 "UNZ+2+I1'\r\n";
	const struct edifact_message *m;

	(void)state;
	assert_int_equal(scan(b, s, &x), RC_OK);
	no_finding(b);
	assert_true(x.has_unb);
	assert_true(x.chars.given);
	assert_false(x.refused);
	test_slice_is(x.syntax_id, "UNOC");
	test_slice_is(x.sender, "A");
	test_slice_is(x.receiver, "B");
	test_slice_is(x.reference, "I1");
	assert_memory_equal(s + x.unb_at, UNB, x.unb_span);
	assert_int_equal(x.nmessages, 2);
	m = x.message;
	test_slice_is(m->reference, "M1");
	test_slice_is(m->type, "CUSDEC");
	test_slice_is(m->version, "D");
	test_slice_is(m->release, "96B");
	test_slice_is(m->agency, "UN");
	test_slice_is(m->association, "145050");
	assert_int_equal(m->segments, 3);
	assert_int_equal(m->span, strlen(M1));
	assert_memory_equal(s + m->at, M1, m->span);
	test_slice_is(m->next->type, "CUSRES");
	assert_int_equal(x.next_at, strlen(s));
	bench_free(b);
}

static void
test_trailers_must_count_and_name_what_they_close(void **state)
{
	(void)state;
	told(UNB "UNH+M1+A:D:96B:UN'UNT+3+M1'UNZ+1+I1'", FIND_TRAILER,
	    "UNT/0074 says 3, counted 2", false);
	told(UNB "UNH+M1+A:D:96B:UN'UNT+2+M9'UNZ+1+I1'", FIND_CONSTANT,
	    "UNT/0062 is 'M9', want 'M1'", false);
	told(UNB M1 "UNZ+2+I1'", FIND_TRAILER, "UNZ/0036 says 2, counted 1",
	    true);
	told(UNB M1 "UNZ+1+I9'", FIND_CONSTANT, "UNZ/0020 is 'I9', want 'I1'",
	    true);
	told(UNB M1 "UNZ++I1'", FIND_TRAILER,
	    "UNZ/0036 says nothing, counted 1", true);
}

static void
test_a_missing_trailer_is_told_with_what_it_closes(void **state)
{
	(void)state;
	told(UNB "UNH+M1+A:D:96B:UN'BGM+1'UNZ+1+I1'", FIND_MISSING,
	    "UNT is missing, want the trailer of message 'M1'", false);
	told(UNB "UNH+M1+A:D:96B:UN'BGM+1'" M2 "UNZ+2+I1'", FIND_MISSING,
	    "UNT is missing, want the trailer of message 'M1'", false);
	told(UNB M1, FIND_MISSING,
	    "UNZ is missing, want the trailer of interchange 'I1'", true);
}

static void
test_groups_are_counted_instead_of_messages(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b,
			     UNB "UNG+CUSDEC+A+B+240615:1030+G1+UN+D:96B'" M1 M2
				 "UNE+2+G1'UNZ+1+I1'",
			     &x),
	    RC_OK);
	no_finding(b);
	assert_int_equal(x.nmessages, 2);
	bench_free(b);
	told(UNB "UNG+A+A+B+1:1+G1'" M1 "UNE+2+G1'UNZ+1+I1'", FIND_TRAILER,
	    "UNE/0060 says 2, counted 1", true);
	told(UNB "UNG+A+A+B+1:1+G1'" M1 "UNE+1+G2'UNZ+1+I1'", FIND_CONSTANT,
	    "UNE/0048 is 'G2', want 'G1'", true);
	told(UNB "UNG+A+A+B+1:1+G1'" M1 "UNE+1+G1'" M2 "UNZ+1+I1'", FIND_SYNTAX,
	    "messages inside and outside of groups, want all of them inside "
	    "or all outside",
	    true);
}

static void
test_misplaced_service_segments_refuse_the_interchange(void **state)
{
	(void)state;
	told(UNB "UNT+1+M1'UNZ+0+I1'", FIND_SYNTAX,
	    "UNT outside a message, want UNH before its UNT", true);
	told(UNB "UNZ+0+I1'", FIND_SYNTAX,
	    "an interchange without messages, want a message in it", true);
	told(UNB "BGM+1'" M1 "UNZ+1+I1'", FIND_SYNTAX,
	    "a segment outside a message, want UNH, UNG or UNZ", true);
	told(M1 "UNZ+1+I1'", FIND_SYNTAX, "UNZ without UNB, want UNB in front",
	    true);
	told(UNB M1 "UNE+1+G1'UNZ+1+I1'", FIND_SYNTAX,
	    "UNE outside a group, want UNG before its UNE", true);
	told(UNB "UNG+A+A+B+1:1+G1'" M1 "UNZ+1+I1'", FIND_SYNTAX,
	    "UNZ inside a group, want UNE before it", true);
}

static void
test_messages_without_an_envelope_are_told(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b, M1 "\n" M2, &x), RC_OK);
	no_finding(b);
	assert_false(x.has_unb);
	assert_int_equal(x.nmessages, 2);
	bench_free(b);
}

static void
test_an_interchange_stops_where_the_next_begins(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;
	struct text t = bench_text(UNB M1 "UNZ+1+I1'\r\n" UNB M2 "UNZ+1+I1'");

	(void)state;
	assert_int_equal(
	    edifact_scan(&x, &t, 0, NULL, b->mem, &b->findings, &b->err),
	    RC_OK);
	assert_int_equal(x.next_at, strlen(UNB M1 "UNZ+1+I1'\r\n"));
	assert_int_equal(edifact_scan(&x, &t, x.next_at, NULL, b->mem,
			     &b->findings, &b->err),
	    RC_OK);
	test_slice_is(x.message->reference, "M2");
	assert_int_equal(x.next_at, t.utf8.len);
	no_finding(b);
	bench_free(b);
}

static void
test_a_second_unb_without_unz_is_another_interchange(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b, UNB UNB M1 "UNZ+1+I1'", &x), RC_OK);
	only_finding(b, FIND_MISSING,
	    "UNZ is missing, want the trailer of interchange 'I1'");
	assert_int_equal(x.next_at, strlen(UNB));
	assert_true(x.refused);
	bench_free(b);
}

static void
test_bytes_behind_the_end_are_an_error(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;
	struct text t = bench_text(UNB M1 "UNZ+1+I1'rest");

	(void)state;
	assert_int_equal(
	    edifact_scan(&x, &t, 0, NULL, b->mem, &b->findings, &b->err),
	    RC_OK);
	assert_int_equal(edifact_scan(&x, &t, x.next_at, NULL, b->mem,
			     &b->findings, &b->err),
	    RC_REFUSED);
	only_finding(
	    b, FIND_SYNTAX, "bytes that are no segment, want UNA, UNB or UNH");
	assert_int_equal(b->findings.first->text_at, t.utf8.len - 4);
	bench_free(b);
}

static void
test_a_short_una_is_refused(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b, "UNA:+.'\n" UNB M1, &x), RC_REFUSED);
	only_finding(b, FIND_SYNTAX,
	    "'UNA:+.'' gives no service characters, want nine characters as "
	    "in UNA:+.? '");
	assert_true(x.refused);
	bench_free(b);
}

static void
test_una_changes_every_separator(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b,
			     "UNA=*,! ~UNB*UNOC=3*A!*B=ZZ*C=ZZ*1=1*I1~"
			     "UNH*M1*CUSDEC=D=96B=UN~UNT*2*M1~UNZ*1*I1~",
			     &x),
	    RC_OK);
	no_finding(b);
	test_slice_is(x.sender, "A*B");
	assert_int_equal(x.chars.decimal, ',');
	assert_int_equal(x.nmessages, 1);
	bench_free(b);
}

static void
test_repetition_needs_syntax_4(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(
	    scan(b, "UNB+UNOC:4+A+B+1:1+I1'" M1 "UNZ+1+I1'", &x), RC_OK);
	assert_int_equal(x.chars.repetition, '*');
	assert_int_equal(scan(b, UNB M1 "UNZ+1+I1'", &x), RC_OK);
	assert_int_equal(x.chars.repetition, '\0');
	bench_free(b);
}

static void
test_a_released_terminator_ends_nothing(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b,
			     UNB "UNH+M?'1+A:D:96B:UN'FTX+?"
				 "?\?'UNT+1?"
				 "?'"
				 "UNT+3+M?'1'UNZ+1+I1'",
			     &x),
	    RC_OK);
	no_finding(b);
	test_slice_is(x.message->reference, "M'1");
	assert_int_equal(x.message->segments, 3);
	bench_free(b);
}

static void
test_a_text_that_ends_in_the_release_character_is_refused(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b, UNB M1 "UNZ+1+I1?", &x), RC_OK);
	assert_true(x.refused);
	assert_non_null(finding_nth(b, FIND_SYNTAX, 0));
	test_slice_is(finding_nth(b, FIND_SYNTAX, 0)->en,
	    "the text ends in the release character, want the character it "
	    "releases");
	bench_free(b);
}

static void
test_a_segment_without_end_is_refused(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	assert_int_equal(scan(b, UNB M1 "UNZ+1+I1", &x), RC_OK);
	assert_true(x.refused);
	test_slice_is(finding_nth(b, FIND_SYNTAX, 0)->en,
	    "segment 'UNZ' has no end, want the segment terminator");
	bench_free(b);
}

static void
test_a_segment_over_64_kib_is_refused_with_its_place(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;
	struct buf big;
	struct text t;

	(void)state;
	buf_init(&big, 1 << 20);
	buf_str(&big, UNB "UNH+M1+A:D:96B:UN'FTX+");
	for (int i = 0; i < 7000; i++)
		buf_str(&big, "0123456789");
	buf_str(&big, "'UNT+3+M1'UNZ+1+I1'");
	t = bench_text(buf_cstr(&big));
	assert_int_equal(
	    edifact_scan(&x, &t, 0, NULL, b->mem, &b->findings, &b->err),
	    RC_OK);
	assert_true(x.refused);
	test_slice_is(finding_nth(b, FIND_LIMIT, 0)->en,
	    "segment 'FTX' is more than 65536 bytes, the limit is 65536");
	assert_int_equal(finding_nth(b, FIND_LIMIT, 0)->text_at,
	    strlen(UNB "UNH+M1+A:D:96B:UN'"));
	buf_clear(&big);
	bench_free(b);
}

static void
test_a_message_over_8_mib_is_a_finding(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;
	struct buf big;
	struct text t;
	char trailer[64];
	uint32_t n = 0;

	(void)state;
	buf_init(&big, 16 << 20);
	buf_str(&big, UNB "UNH+M1+A:D:96B:UN'");
	while (big.len < (8u << 20)) {
		buf_str(&big, "FTX+AAI+++0123456789012345678901234567'");
		n++;
	}
	(void)snprintf(trailer, sizeof(trailer), "UNT+%u+M1'UNZ+1+I1'", n + 2);
	buf_str(&big, trailer);
	t = bench_text(buf_cstr(&big));
	assert_int_equal(
	    edifact_scan(&x, &t, 0, NULL, b->mem, &b->findings, &b->err),
	    RC_OK);
	assert_int_equal(b->findings.n, 1);
	assert_int_equal(b->findings.first->kind, FIND_LIMIT);
	assert_int_equal(x.message->findings, 1);
	assert_false(x.refused);
	buf_clear(&big);
	bench_free(b);
}

static void
test_a_reference_stands_once_in_an_interchange(void **state)
{
	(void)state;
	told(UNB M1 M2 M1 "UNZ+3+I1'", FIND_SYNTAX,
	    "UNH/0062 stands twice in the interchange, want another reference "
	    "for each message",
	    false);
}

static void
test_what_is_edifact_is_told_from_its_head(void **state)
{
	(void)state;
	assert_true(edifact_probe(slice_of("\r\n UNB+UNOC:3+")));
	assert_true(edifact_probe(slice_of("UNA:+.? '")));
	assert_true(edifact_probe(slice_of("UNH+1+")));
	assert_false(edifact_probe(slice_of("UNBELIEVABLE")));
	assert_false(edifact_probe(slice_of("UNB")));
	assert_false(edifact_probe(slice_of("<UNB>")));
	assert_false(edifact_probe(slice_of("UIB+UNOA:4")));
}

/* Files of tests/data/edifact-edge: what each is told. */
static void
test_the_edge_files_are_told_what_is_wrong(void **state)
{
	static const struct {
		const char *file;
		enum finding_kind kind; /* FIND_KINDS: none */
		bool refused;
		uint32_t messages;
	} cases[] = {
		{ "z01-no-UNT.edi", FIND_MISSING, false, 1 },
		{ "z02-UNT-count.edi", FIND_TRAILER, false, 1 },
		{ "z03-UNZ-reference.edi", FIND_CONSTANT, true, 1 },
		{ "z04-short-UNA.edi", FIND_SYNTAX, true, 0 },
		{ "z05-release-at-end.edi", FIND_SYNTAX, true, 1 },
		{ "z07-duplicate-interchange.edi", FIND_KINDS, false, 1 },
		{ "z08-cr-only.edi", FIND_KINDS, false, 1 },
		{ "edifactrs-d11a_conforming.edi", FIND_KINDS, false, 1 },
		{ "edifactrs-d11a_malformed.edi", FIND_TRAILER, true, 1 },
		{ "edinet-Apperak_edi_out_issue235.edi", FIND_MISSING, true,
		    0 },
		{ "edinet-edifact.D01B.IFCSUM.NewLines.EDI", FIND_SYNTAX, true,
		    0 },
		{ "edinet-edifact.Issue98.edi", FIND_CONSTANT, false, 1 },
		{ "staedi-empty-segment-example.edi", FIND_KINDS, false, 1 },
		{ "staedi-invoic_d97b_una.edi", FIND_KINDS, false, 1 },
		{ "vscode-sample_hash_seg_delimiter_formatted.edi",
		    FIND_CONSTANT, true, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *b = bench_new();
		static const enum encoding utf8 = ENC_UTF8;
		struct edifact_interchange x;
		char path[128];
		struct slice raw;
		struct text t;

		(void)snprintf(path, sizeof(path), "tests/data/edifact-edge/%s",
		    cases[i].file);
		raw = test_file(path);
		assert_int_equal(
		    text_decode(&t, raw, &utf8, 1, (struct slice){ NULL, 0 },
			b->mem, &b->findings, &b->err),
		    RC_OK);
		assert_int_not_equal(edifact_scan(&x, &t, 0, NULL, b->mem,
					 &b->findings, &b->err),
		    RC_LATER);
		if (cases[i].kind == FIND_KINDS)
			no_finding(b);
		else if (finding_nth(b, cases[i].kind, 0) == NULL)
			fail_msg("%s: first is '%.*s'", cases[i].file,
			    b->findings.first == NULL
				? 0
				: (int)b->findings.first->en.len,
			    b->findings.first == NULL
				? ""
				: b->findings.first->en.p);
		if (x.refused != cases[i].refused ||
		    x.nmessages != cases[i].messages)
			fail_msg("%s: refused %d, %u messages", cases[i].file,
			    x.refused, x.nmessages);
		free((void *)(uintptr_t)raw.p);
		bench_free(b);
	}
}

/* Cut anywhere, the first pass ends, and never says all is well. */
static void
test_a_torn_interchange_is_never_whole(void **state)
{
	static const char whole[] =
	    UNB "UNG+A+A+B+1:1+G1'" M1 "UNE+1+G1'UNZ+1+I1'";

	(void)state;
	for (size_t n = 1; n < sizeof(whole) - 1; n++) {
		struct bench *b = bench_new();
		struct edifact_interchange x;
		char *cut = strndup(whole, n);
		enum rc rc = scan(b, cut, &x);

		if (rc == RC_OK && !x.refused)
			fail_msg("cut at %zu is taken for whole", n);
		assert_true(b->findings.n > 0);
		free(cut);
		bench_free(b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_an_interchange_tells_its_messages),
		T(test_trailers_must_count_and_name_what_they_close),
		T(test_a_missing_trailer_is_told_with_what_it_closes),
		T(test_groups_are_counted_instead_of_messages),
		T(test_misplaced_service_segments_refuse_the_interchange),
		T(test_messages_without_an_envelope_are_told),
		T(test_an_interchange_stops_where_the_next_begins),
		T(test_a_second_unb_without_unz_is_another_interchange),
		T(test_bytes_behind_the_end_are_an_error),
		T(test_a_short_una_is_refused),
		T(test_una_changes_every_separator),
		T(test_repetition_needs_syntax_4),
		T(test_a_released_terminator_ends_nothing),
		T(test_a_text_that_ends_in_the_release_character_is_refused),
		T(test_a_segment_without_end_is_refused),
		T(test_a_segment_over_64_kib_is_refused_with_its_place),
		T(test_a_message_over_8_mib_is_a_finding),
		T(test_a_reference_stands_once_in_an_interchange),
		T(test_what_is_edifact_is_told_from_its_head),
		T(test_the_edge_files_are_told_what_is_wrong),
		T(test_a_torn_interchange_is_never_whole),
	};

	return TESTS_RUN(tests);
}
