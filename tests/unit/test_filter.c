/*
 * tests/unit/test_filter.c - the filter language: what passes, what is one
 * sentence with the place of its mistake, and that the manual has each word.
 */
#include "tests/unit/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spool/filter.h"
#include "src/base/id.h"

#define HOUR INT64_C(3600000)

struct world {
	struct arena *mem;
	struct filter f;
};

static void
world_new(struct world *w, const char *text)
{
	struct err err;
	size_t at;

	w->mem = arena_new(1u << 20);
	if (filter_parse(&w->f, slice_of(text), w->mem, &at, &err) != RC_OK)
		fail_msg("'%s': %s", text, err.text);
}

static bool
passes(const char *text)
{
	static const struct filter_facts held = { .machine = MACHINE_leg,
		.id = 77,
		.state = STATE_leg_HELD,
		.partner = { "customs", 7 },
		.kind = { "declaration", 11 },
		.number = { "5101-2", 6 },
		.text = { { "lane 9", 6 }, { "No Such File", 12 } },
		.age_ms = 2 * HOUR };
	struct world w;
	bool is;

	world_new(&w, text);
	is = filter_passes(&w.f, &held);
	arena_free(w.mem);
	return is;
}

static void
test_words_joined_by_blanks_all_hold(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "", true },
		{ "what=leg", true },
		{ "what!=leg", false },
		{ "what=arrival,leg", true },
		{ "partner=customs state=held", true },
		{ "partner=customs state=bound", false },
		{ "partner=port,customs", true },
		{ "partner!=port,customs", false },
		{ "partner=cus*", true },
		{ "partner=cus?oms", true },
		{ "partner=cus?ms", false },
		{ "partner=*s*o*s", true },
		{ "age>1h", true },
		{ "age>2h", false },
		{ "age<121m", true },
		{ "age>7199s", true },
		{ "age<1d", true },
		{ "kind=declaration number=5101*", true },
		{ "number=5102*", false },
		{ "text~\"such file\"", true },
		{ "text~NO", true },
		{ "text~\"such  file\"", false },
		{ "  partner=customs   state=held  ", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (passes(cases[i].text) != cases[i].want)
			fail_msg("'%s'", cases[i].text);
}

static void
test_a_mistake_is_one_sentence_and_its_place(void **state)
{
	static const struct {
		const char *text, *want;
		size_t at;
	} cases[] = {
		{ "stat=held", "'stat' is no word of a filter", 0 },
		{ "partner=a stat=held", "'stat' is no word of a filter", 10 },
		{ "=held", "this begins with no word", 0 },
		{ "partner", "behind 'partner' stands no = !=", 7 },
		{ "partner~x", "behind 'partner' stands no = !=", 7 },
		{ "partner!x", "behind 'partner' stands no = !=", 7 },
		{ "text=x", "behind 'text' stands no ~", 4 },
		{ "partner=", "a value is missing here", 8 },
		{ "partner=a,", "a value is missing here", 10 },
		{ "partner=a,,b", "a value is missing here", 10 },
		{ "text~\"open", "the quote is not closed", 5 },
		{ "text~\"a\"b", "a blank stands between two words", 8 },
		{ "age>2", "'2' is no age", 4 },
		{ "age>h", "'h' is no age", 4 },
		{ "age>99999999d", "'99999999d' is no age", 4 },
		{ "age>1h,2h", "'age' takes one value", 6 },
		{ "what=ship", "'ship' is no kind of thing", 5 },
		{ "state=held,lost", "no state 'lost'", 11 },
		{ "id=7", "'7' is no id", 3 },
		{ "text~a text~a text~a text~a text~a text~a text~a text~a "
		  "text~a text~a text~a text~a text~a",
		    "more than 12 words", 84 },
	};
	struct arena *mem = arena_new(1u << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filter f;
		struct err err;
		size_t at;

		assert_int_equal(
		    filter_parse(&f, slice_of(cases[i].text), mem, &at, &err),
		    RC_REFUSED);
		if (strstr(err.text, cases[i].want) == NULL ||
		    at != cases[i].at)
			fail_msg(
			    "'%s': %s (at %zu)", cases[i].text, err.text, at);
	}
	arena_free(mem);
}

static void
test_any_bytes_are_a_filter_or_a_mistake_within_them(void **state)
{
	static const char letters[] = "partner=~!<>,\"\\ *?ag3hid\x01\xff";
	uint32_t seed = 7;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		struct arena *mem = arena_new(1u << 18);
		char text[64];
		size_t at = 0, len = seed % 60;
		struct filter f;
		struct err err;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
		}
		if (filter_parse(&f, (struct slice){ text, len }, mem, &at,
			&err) != RC_OK)
			assert_true(at <= len && err.text[0] != '\0');
		seed++;
		arena_free(mem);
	}
}

static void
test_without_a_state_what_waits_is_meant(void **state)
{
	struct world w;
	char text[32], id[ID_TEXT];

	(void)state;
	world_new(&w, "partner=customs");
	assert_true(filter_wants_state(&w.f, STATE_leg_HELD));
	assert_true(filter_wants_state(&w.f, STATE_delivery_FAILED));
	assert_false(filter_wants_state(&w.f, STATE_leg_FINAL));
	assert_false(filter_wants_state(&w.f, STATE_filing_TAKEN));
	test_slice_is(filter_partner(&w.f), "customs");
	arena_free(w.mem);
	world_new(&w, "state!=held partner=cust*");
	assert_true(filter_wants_state(&w.f, STATE_leg_FINAL));
	assert_false(filter_wants_state(&w.f, STATE_leg_HELD));
	assert_int_equal(filter_partner(&w.f).len, 0);
	arena_free(w.mem);
	snprintf(text, sizeof(text), "id=%s", id_print(4711, id));
	world_new(&w, text);
	assert_true(filter_wants_state(&w.f, STATE_leg_FINAL));
	assert_int_equal(filter_id(&w.f), 4711);
	arena_free(w.mem);
}

static void
test_the_manual_has_each_word_with_its_operators(void **state)
{
	struct slice file = test_file("man/entrepot-filter.7");
	char *page = strndup(file.p, file.len);

	(void)state;
	for (int i = 0; i < FILTER_WORDS; i++) {
		enum filter_word w = (enum filter_word)i;
		const char *op = filter_word_ops(w);

		for (; *op != '\0'; op += strcspn(op, " "), op += *op == ' ') {
			char want[64];

			snprintf(want, sizeof(want), "Cm %s Ns %.*s Ns",
			    filter_word_name(w), (int)strcspn(op, " "), op);
			if (strstr(page, want) == NULL)
				fail_msg("the page has no '%s'", want);
		}
	}
	free(page);
	free((void *)(uintptr_t)file.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_words_joined_by_blanks_all_hold),
		T(test_a_mistake_is_one_sentence_and_its_place),
		T(test_any_bytes_are_a_filter_or_a_mistake_within_them),
		T(test_without_a_state_what_waits_is_meant),
		T(test_the_manual_has_each_word_with_its_operators),
	};

	return TESTS_RUN(tests);
}
