/*
 * The lines between tools and query: what is put is what is read, and what is
 * no question or no answer is refused.
 */
#include "tests/unit/test.h"
#include "src/daemon/question.h"

static void
test_any_value_comes_through_a_question(void **state)
{
	static const char *const values[] = { "0A3F9Q2-7MBXPTC", "a b=c%20",
		"口岸\n\x01", "" };
	struct arena *mem = arena_new(65536);
	struct question q;
	struct buf b;
	struct err err;

	(void)state;
	buf_init(&b, QUESTION_MAX);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct slice line;

		buf_reset(&b);
		question_begin(&b, "track");
		question_arg(&b, "key", slice_of(values[i]));
		question_arg(&b, "after", slice_of("x"));
		question_end(&b);
		line = slice_sub(buf_look(&b), 0, b.len - 1);
		assert_null(memchr(line.p, '\n', line.len));
		assert_int_equal(question_read(&q, line, mem, &err), RC_OK);
		test_slice_is(q.word, "track");
		test_slice_is(question_value(&q, "key"), values[i]);
		test_slice_is(question_value(&q, "after"), "x");
		assert_int_equal(question_value(&q, "other").len, 0);
	}
	buf_clear(&b);
	arena_free(mem);
}

static void
test_what_is_no_question_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "", "no question" },
		{ "Show id=1", "no question" },
		{ "show id=%4", "question 'show' has a wrong argument" },
		{ "show id=%zz", "question 'show' has a wrong argument" },
		{ "show id=\x01", "question 'show' has a wrong argument" },
		{ "show  id=1", "question 'show' has a wrong argument" },
		{ "show =1", "question 'show' has a wrong argument" },
		{ "a a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1",
		    "question 'a' has a wrong argument" },
	};
	struct arena *mem = arena_new(65536);
	struct question q;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    question_read(&q, slice_of(cases[i].line), mem, &err),
		    RC_REFUSED);
		assert_string_equal(err.text, cases[i].want);
	}
	arena_free(mem);
}

static void
piece_is(struct slice *rest, enum piece_kind kind, const char *text)
{
	struct piece p;

	piece_next(rest, &p);
	assert_int_equal(p.kind, kind);
	if (text != NULL)
		test_slice_is(p.text, text);
}

static void
test_an_answer_is_rows_bytes_and_one_end(void **state)
{
	struct buf b;
	struct slice rest;
	struct err err;

	(void)state;
	buf_init(&b, 1000);
	buf_str(&b, "{\"a\":1}\n");
	answer_bytes(&b, slice_of("two\nlines"));
	answer_end(&b, RC_OK, slice_of("K"), &err);
	rest = buf_look(&b);
	piece_is(&rest, PIECE_ROW, "{\"a\":1}");
	piece_is(&rest, PIECE_BYTES, "two\nlines");
	piece_is(&rest, PIECE_END, "K");
	assert_int_equal(rest.len, 0);
	buf_clear(&b);
}

static void
test_a_refusal_brings_its_word_and_its_sentence(void **state)
{
	struct buf b;
	struct slice rest;
	struct piece p;
	struct err err;

	(void)state;
	buf_init(&b, 1000);
	answer_end(&b, RC_REFUSED, (struct slice){ NULL, 0 },
	    (err_set(&err, RC_REFUSED, "nothing has\nthe id 'X'"), &err));
	rest = buf_look(&b);
	piece_next(&rest, &p);
	assert_int_equal(p.kind, PIECE_END);
	assert_int_equal(p.rc, RC_REFUSED);
	assert_string_equal(p.err.text, "nothing has?the id 'X'");
	buf_clear(&b);
}

static void
test_a_part_waits_for_the_rest_and_is_not_taken_off(void **state)
{
	static const char *const parts[] = { "", "{\"a\"", "#3\nab", ".o" };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct slice rest = slice_of(parts[i]);

		piece_is(&rest, PIECE_PART, NULL);
		assert_int_equal(rest.len, strlen(parts[i]));
	}
}

static void
test_what_is_no_answer_is_told_from_one(void **state)
{
	static const char *const lines[] = { "HTTP/1.1 200 OK\n", "\n", ".\n",
		".fine\n", "#x\n", "#99999999999\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct slice rest = slice_of(lines[i]);

		piece_is(&rest, PIECE_NONE, NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_any_value_comes_through_a_question),
		T(test_what_is_no_question_is_refused_with_a_sentence),
		T(test_an_answer_is_rows_bytes_and_one_end),
		T(test_a_refusal_brings_its_word_and_its_sentence),
		T(test_a_part_waits_for_the_rest_and_is_not_taken_off),
		T(test_what_is_no_answer_is_told_from_one),
	};

	return TESTS_RUN(tests);
}
