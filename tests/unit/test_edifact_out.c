/*
 * tests/unit/test_edifact_out.c - segments written to the letter, and fallen
 * back from.
 */
#include "src/syntax/edifact.h"
#include "src/base/buf.h"
#include "tests/unit/syntax.h"

struct out {
	struct bench *b;
	struct buf buf;
	struct wire_out *o;
};

static void
out_start(struct out *x, const struct edifact_style *style)
{
	x->b = bench_new();
	buf_init(&x->buf, 1 << 20);
	x->o = edifact_out(&x->buf, style, x->b->mem);
	assert_non_null(x->o);
}

static void
out_end(struct out *x)
{
	buf_clear(&x->buf);
	bench_free(x->b);
}

static void
begin(struct out *x, const char *tag)
{
	x->o->begin(x->o, slice_of(tag), 0);
}

static void
leaf(struct out *x, uint32_t e, uint32_t c, const char *text)
{
	x->o->leaf(
	    x->o, (struct slice){ NULL, 0 }, tag_leaf(e, c), slice_of(text));
}

static void
end(struct out *x)
{
	x->o->end(x->o);
}

static const struct edifact_style plain = { .newline = false };

static void
test_empty_parts_at_the_end_are_left_out(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "LOC");
	leaf(&x, 1, 0, "11");
	leaf(&x, 2, 1, "");
	leaf(&x, 4, 3, "x");
	leaf(&x, 5, 1, "");
	end(&x);
	begin(&x, "UNS");
	end(&x);
	test_slice_is(x.o->finish(x.o), "LOC+11+++::x'UNS'");
	assert_int_equal(edifact_out_segments(x.o), 2);
	out_end(&x);
}

static void
test_leaves_come_in_any_order(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "MEA");
	leaf(&x, 3, 2, "1250.5");
	leaf(&x, 1, 0, "AAE");
	leaf(&x, 3, 1, "KGM");
	leaf(&x, 2, 1, "G");
	end(&x);
	test_slice_is(x.o->finish(x.o), "MEA+AAE+G+KGM:1250.5'");
	out_end(&x);
}

static void
test_service_characters_are_released(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "FTX");
	leaf(&x, 1, 0, "a+b:c'd?e*f");
	end(&x);
	test_slice_is(x.o->finish(x.o), "FTX+a?+b?:c?'d??e*f'");
	out_end(&x);
}

static void
test_own_service_characters_and_line_ends_are_used(void **state)
{
	static const struct edifact_style own = {
		.chars = { '=', '*', ',', '!', '^', '~', true },
		.newline = true,
	};
	struct out x;

	(void)state;
	out_start(&x, &own);
	begin(&x, "FTX");
	leaf(&x, 1, 1, "a^b");
	leaf(&x, 1, 2, "c:d");
	end(&x);
	test_slice_is(x.o->finish(x.o), "FTX*a!^b=c:d~\n");
	out_end(&x);
}

static void
test_nested_segments_follow_their_trigger(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "RFF");
	leaf(&x, 1, 2, "X");
	leaf(&x, 1, 1, "ABO");
	begin(&x, "PAC");
	leaf(&x, 1, 0, "12");
	end(&x);
	begin(&x, "PAC");
	leaf(&x, 1, 0, "13");
	end(&x);
	end(&x);
	test_slice_is(x.o->finish(x.o), "RFF+ABO:X'PAC+12'PAC+13'");
	assert_int_equal(edifact_out_segments(x.o), 3);
	out_end(&x);
}

static void
test_falling_back_restores_what_was_pending(void **state)
{
	struct out x;
	struct wire_mark outer, inner;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "RFF");
	leaf(&x, 1, 2, "X");
	x.o->mark(x.o, &outer);
	leaf(&x, 1, 1, "lost");
	begin(&x, "PAC"); /* writes RFF */
	leaf(&x, 1, 0, "12");
	x.o->mark(x.o, &inner);
	leaf(&x, 2, 0, "lost");
	x.o->back(x.o, &inner);
	end(&x);
	x.o->back(x.o, &outer);
	assert_int_equal(edifact_out_segments(x.o), 0);
	leaf(&x, 1, 1, "ABO");
	begin(&x, "PCI");
	leaf(&x, 1, 0, "28");
	end(&x);
	end(&x);
	test_slice_is(x.o->finish(x.o), "RFF+ABO:X'PCI+28'");
	assert_int_equal(edifact_out_segments(x.o), 2);
	out_end(&x);
}

static void
test_a_late_leaf_fails_the_buffer(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "RFF");
	begin(&x, "PAC");
	end(&x);
	leaf(&x, 1, 1, "late");
	end(&x);
	assert_true(buf_failed(&x.buf));
	out_end(&x);
}

static void
test_a_leaf_said_twice_fails_the_buffer(void **state)
{
	struct out x;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "RFF");
	leaf(&x, 1, 1, "a");
	leaf(&x, 1, 1, "b");
	end(&x);
	assert_true(buf_failed(&x.buf));
	out_end(&x);
}

struct placed {
	uint32_t n;
	uint32_t number[8];
	size_t at[8], len[8];
};

static void
placed(void *arg, uint32_t number, size_t at, size_t len)
{
	struct placed *p = arg;

	p->number[p->n] = number;
	p->at[p->n] = at;
	p->len[p->n++] = len;
}

static void
test_each_leaf_is_told_where_it_was_placed(void **state)
{
	struct out x;
	struct placed p = { 0 };
	struct wire_mark m;

	(void)state;
	out_start(&x, &plain);
	x.o->placed = placed;
	x.o->placed_arg = &p;
	begin(&x, "MEA");
	leaf(&x, 3, 1, "K?M"); /* 0 */
	x.o->mark(x.o, &m);
	leaf(&x, 5, 1, "gone");
	x.o->back(x.o, &m);
	leaf(&x, 1, 0, "AAE"); /* 1 */
	end(&x);
	test_slice_is(x.o->finish(x.o), "MEA+AAE++K??M'");
	assert_int_equal(p.n, 2);
	assert_int_equal(p.number[0], 1);
	assert_int_equal(p.at[0], 4);
	assert_int_equal(p.len[0], 3);
	assert_int_equal(p.number[1], 0);
	assert_int_equal(p.at[1], 9);
	assert_int_equal(p.len[1], 4);
	out_end(&x);
}

static void
test_what_is_written_reads_back(void **state)
{
	static const char *const texts[] = { "plain", "a+b", "'", "??", ":?'",
		"中文+名", "*" };
	struct out x;
	const struct wnode *l;
	struct text t;

	(void)state;
	out_start(&x, &plain);
	begin(&x, "FTX");
	for (uint32_t i = 0; i < 7; i++)
		leaf(&x, i + 1, 0, texts[i]);
	end(&x);
	t = bench_text(buf_cstr(&x.buf));
	l = edifact_tree(&t, 0, (uint32_t)t.utf8.len,
	    &(struct edifact_chars){ ':', '+', '.', '?', 0, '\'', false }, NULL,
	    x.b->tags, x.b->mem, &x.b->findings)
		->child->child;
	for (uint32_t i = 0; i < 7; i++, l = l->next)
		test_slice_is(l->text, texts[i]);
	assert_null(l);
	out_end(&x);
}

static void
test_envelopes_escape_alike(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	edifact_escape(&b, slice_of("a+b:c'd?e"),
	    &(struct edifact_chars){ ':', '+', '.', '?', 0, '\'', false });
	test_slice_is(buf_look(&b), "a?+b?:c?'d??e");
	buf_clear(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_empty_parts_at_the_end_are_left_out),
		T(test_leaves_come_in_any_order),
		T(test_service_characters_are_released),
		T(test_own_service_characters_and_line_ends_are_used),
		T(test_nested_segments_follow_their_trigger),
		T(test_falling_back_restores_what_was_pending),
		T(test_a_late_leaf_fails_the_buffer),
		T(test_a_leaf_said_twice_fails_the_buffer),
		T(test_each_leaf_is_told_where_it_was_placed),
		T(test_what_is_written_reads_back),
		T(test_envelopes_escape_alike),
	};

	return TESTS_RUN(tests);
}
