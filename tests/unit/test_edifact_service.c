/*
 * tests/unit/test_edifact_service.c - an envelope is judged by the tables of
 * its own syntax version: each mistake has its sentence, its code of 0085, its
 * place as CONTRL counts it, and refuses what it must.
 */
#include "src/syntax/edifact.h"
#include <stdio.h>
#include "tests/unit/syntax.h"

#define UNB3 "UNB+UNOC:3+A:ZZ+B:ZZ+240615:1030+I1'"
#define UNB4 "UNB+UNOW:4+A:ZZ:X:Y+B:ZZ+20240615:1030+I1'"
#define UNG  "UNG+CUSDEC+A+B+240615:1030+G1+UN+D:96B'"
#define M    "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3+M1'"
#define END  "UNZ+1+I1'"

static void
scan(struct bench *b, const char *s, struct edifact_interchange *x)
{
	char *path = test_path("mappings/tables");
	struct wire_tables *w = wire_tables_new(path);
	struct text t = bench_text(s);
	struct edifact_service service;

	assert_non_null(w);
	service.three = wire_table_find(w, SLICE_LIT("service:3"), &b->err);
	service.four = wire_table_find(w, SLICE_LIT("service:4"), &b->err);
	assert_non_null(service.three);
	assert_non_null(service.four);
	assert_int_equal(
	    edifact_scan(x, &t, 0, &service, b->mem, &b->findings, &b->err),
	    RC_OK);
	wire_tables_free(w);
	free(path);
}

static void
test_what_keeps_its_table_has_no_finding(void **state)
{
	static const char *const good[] = {
		UNB3 M END,
		UNB4 M END,
		UNB3 UNG M "UNE+1+G1'" END,
		/* both dates are read under either version */
		"UNB+UNOC:3+A+B+20240615:1030+I1'" M END,
		"UNB+UNOW:4+A+B+240615:1030+I1'" M END,
		"UNB+UNOA:1+A+B+000229:0000+I1++APP+A+1+AGREED+1'" M END,
		"UNB+IATB:1+A:01+B+940101:2359+I1+PW:AA'" M END,
		"UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3+M1'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct bench *b = bench_new();
		struct edifact_interchange x;

		scan(b, good[i], &x);
		no_finding(b);
		assert_false(x.refused);
		bench_free(b);
	}
}

static const struct {
	const char *text, *en;
	uint8_t fault;
	uint32_t at, segment, element, component;
	bool refused;
} mistakes[] = {
	{ "UNB+UNOZ:3+A+B+240615:1030+I1'" M END,
	    "UNB/S001.0001 is 'UNOZ', want "
	    "'UNOA|UNOB|UNOC|UNOD|UNOE|UNOF|UNOG|UNOH|UNOI|UNOJ|UNOK|"
	    "UNOW|UNOX|UNOY|IATA|IATB|KECA'",
	    46, 4, 0, 1, 1, true },
	{ "UNB+UNOC:5+A+B+240615:1030+I1'" M END,
	    "UNB/S001.0002 is '5', want '1|2|3|4'", 2, 9, 0, 1, 2, true },
	{ "UNB+UNOC:x+A+B+240615:1030+I1'" M END,
	    "UNB/S001.0002 is 'x', want a number of 1 digits with '.'", 37, 9,
	    0, 1, 2, true },
	{ "UNB+UNOC+A+B+240615:1030+I1'" M END,
	    "UNB/S001.0002 is missing, want n1", 13, 0, 0, 1, 2, true },
	{ "UNB+UNOC:3++B+240615:1030+I1'" M END,
	    "UNB/S002 is missing, want a value", 13, 0, 0, 2, 0, true },
	{ "UNB+UNOC:3+:ZZ+B+240615:1030+I1'" M END,
	    "UNB/S002.0004 is missing, want an..35", 13, 0, 0, 2, 1, true },
	{ "UNB+UNOC:3+A+123456789012345678901234567890123456+"
	  "240615:1030+I1'" M END,
	    "UNB/S003.0010 is '123456789012345678901234567890123456', "
	    "want up to 35 characters",
	    39, 13, 0, 3, 1, true },
	{ "UNB+UNOC:3+A+B:ZZZZZ+240615:1030+I1'" M END,
	    "UNB/S003.0007 is 'ZZZZZ', want up to 4 characters", 39, 15, 0, 3,
	    2, true },
	/* 0042 is of syntax 4 */
	{ "UNB+UNOC:3+A:ZZ:X:Y+B+240615:1030+I1'" M END,
	    "UNB/element 2 component 4 is not expected here, want at "
	    "most 3 components",
	    16, 18, 0, 2, 4, true },
	{ "UNB+UNOC:3+A+B+240631:1030+I1'" M END,
	    "UNB/S004.0017 is '240631', want a date as YYMMDD or "
	    "YYYYMMDD",
	    12, 15, 0, 4, 1, true },
	{ "UNB+UNOC:3+A+B+230229:1030+I1'" M END,
	    "UNB/S004.0017 is '230229', want a date as YYMMDD or "
	    "YYYYMMDD",
	    12, 15, 0, 4, 1, true },
	{ "UNB+UNOC:3+A+B+2406150:1030+I1'" M END,
	    "UNB/S004.0017 is '2406150', want a date as YYMMDD or "
	    "YYYYMMDD",
	    12, 15, 0, 4, 1, true },
	{ "UNB+UNOC:3+A+B+240615:2400+I1'" M END,
	    "UNB/S004.0019 is '2400', want a date as HHMM", 12, 22, 0, 4, 2,
	    true },
	{ "UNB+UNOC:3+A+B+240615:103+I1'" M END,
	    "UNB/S004.0019 is '103', want 4 digits", 40, 22, 0, 4, 2, true },
	{ "UNB+UNOC:3+A+B+240615:1030+I1++++++2'" M END,
	    "UNB/0035 is '2', want '0|1'", 25, 35, 0, 11, 0, true },
	{ "UNB+UNOC:3+A+B+240615:1030+I1+++++++X'" M END,
	    "UNB/element 12 is not expected here, want at most 11 "
	    "elements",
	    16, 36, 0, 12, 0, true },
	{ UNB3 "UNG+CUSDEC+A+B+241315:1030+G1+UN+D:96B'" M "UNE+1+G1'" END,
	    "UNG/S004.0017 is '241315', want a date as YYMMDD or "
	    "YYYYMMDD",
	    12, 51, 0, 4, 1, true },
	{ UNB3 UNG M "UNE+x+G1'" END,
	    "UNE/0060 is 'x', want a number of up to 6 digits with '.'", 37,
	    123, 0, 1, 0, true },
	{ UNB3 M "UNZ+1+I1+X'",
	    "UNZ/element 3 is not expected here, want at most 2 "
	    "elements",
	    16, 89, 0, 3, 0, true },
	/* what is one message's refuses that message */
	{ UNB3 "UNH+M1+CUSDEC:D:96B:UNO'BGM+929+X+9'UNT+3+M1'" END,
	    "UNH/S009.0051 is 'UNO', want up to 2 characters", 39, 56, 1, 2, 4,
	    false },
	{ UNB3 "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+1234567+M1'" END,
	    "UNT/0074 is '1234567', want up to 6 digits", 39, 75, 3, 1, 0,
	    false },
	{ UNB3 "UNH+M1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3'" END,
	    "UNT/0062 is missing, want an..14", 13, 71, 3, 2, 0, false },
};

static void
test_each_mistake_of_an_envelope_has_its_code_and_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct bench *b = bench_new();
		struct edifact_interchange x;
		const struct finding *f;

		scan(b, mistakes[i].text, &x);
		f = b->findings.first;
		if (f == NULL || f->next != NULL)
			fail_msg("%zu: %u findings", i, b->findings.n);
		test_slice_is(f->en, mistakes[i].en);
		if (f->fault != mistakes[i].fault ||
		    f->text_at != mistakes[i].at ||
		    f->place.segment != mistakes[i].segment ||
		    f->place.element != mistakes[i].element ||
		    f->place.component != mistakes[i].component)
			fail_msg("%s: fault %u at %u, segment %u element %u "
				 "component %u",
			    mistakes[i].en, f->fault, f->text_at,
			    f->place.segment, f->place.element,
			    f->place.component);
		assert_int_equal(x.refused, mistakes[i].refused);
		assert_int_equal(
		    x.message->findings, mistakes[i].refused ? 0 : 1);
		bench_free(b);
	}
}

/* Of an element that breaks its table nothing more is said. */
static void
test_a_trailer_is_not_told_twice(void **state)
{
	struct bench *b = bench_new();
	struct edifact_interchange x;

	(void)state;
	scan(b, "UNB+UNOC:3+A+B+240615:1030'" M "UNZ+1+I1'", &x);
	only_finding(b, FIND_MISSING, "UNB/0020 is missing, want an..14");
	bench_free(b);
	b = bench_new();
	scan(b,
	    "UNB+UNOC:3+A+B+240615:1030+I12345678901234'" M
	    "UNZ+1+I12345678901234'",
	    &x);
	assert_int_equal(b->findings.n, 2);
	test_slice_is(finding_nth(b, FIND_LENGTH, 0)->tag, "UNB/0020");
	test_slice_is(finding_nth(b, FIND_LENGTH, 1)->tag, "UNZ/0020");
	assert_int_equal(finding_nth(b, FIND_LENGTH, 1)->fault, 39);
	bench_free(b);
	b = bench_new();
	scan(b, UNB3 M "UNZ'", &x);
	assert_int_equal(b->findings.n, 2);
	test_slice_is(finding_nth(b, FIND_MISSING, 0)->tag, "UNZ/0036");
	test_slice_is(finding_nth(b, FIND_MISSING, 1)->tag, "UNZ/0020");
	bench_free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_what_keeps_its_table_has_no_finding),
		T(test_each_mistake_of_an_envelope_has_its_code_and_place),
		T(test_a_trailer_is_not_told_twice),
	};

	return TESTS_RUN(tests);
}
