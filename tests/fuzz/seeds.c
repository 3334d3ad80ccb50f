/*
 * tests/fuzz/seeds.c - inputs written by hand are read and held to what stands
 * with them. Trusts the file's author; called by fuzz_main.c.
 */
#include <string.h>
#include "src/base/buf.h"
#include "tests/fuzz/seeds.h"

#ifndef FUZZING

struct seeds {
	const char *name;
	struct slice rest;
	unsigned int line;  /* of the line taken last */
	struct slice frame; /* lines, in one of them "%%" */
	struct buf input;
	unsigned long other;
};

static bool
is_mark(struct slice line)
{
	return line.len > 1 && line.p[0] == '%' && line.p[1] != '%';
}

/* The next line without its end; a mark only where one is asked for. */
static bool
line_take(struct seeds *s, bool mark, struct slice *out)
{
	struct slice ahead = s->rest;

	if (ahead.len == 0)
		return false;
	*out = slice_cut(&ahead, '\n');
	if (is_mark(*out) != mark)
		return false;
	s->rest = ahead;
	s->line++;
	return true;
}

static int
hex_digit(char c)
{
	const char *all = "0123456789abcdef", *at = strchr(all, c);

	return c == '\0' || at == NULL ? -1 : (int)(at - all);
}

static void
text_add(struct buf *to, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool escape = s.p[i] == '\\' && i + 1 < s.len;

		if (escape && s.p[i + 1] == '\\' && i + 2 < s.len &&
		    s.p[i + 2] == 'x') {
			buf_byte(to, s.p[++i]);
		} else if (escape && s.p[i + 1] == 'x' && i + 3 < s.len) {
			int high = hex_digit(s.p[i + 2]);
			int low = hex_digit(s.p[i + 3]);

			MUST(high >= 0 && low >= 0);
			buf_byte(to, (char)(high * 16 + low));
			i += 3;
		} else {
			buf_byte(to, s.p[i]);
		}
	}
}

static bool
ends_open(struct slice line)
{
	return line.len >= 2 && memcmp(line.p + line.len - 2, "\\c", 2) == 0;
}

static void
line_add(struct buf *to, struct slice line)
{
	bool open = ends_open(line);

	text_add(to, open ? slice_sub(line, 0, line.len - 2) : line);
	if (!open)
		buf_byte(to, '\n');
}

/* The input in place of "%%": its other lines as far indented. */
static void
hole_fill(struct buf *to, struct slice before, struct slice lines,
    struct slice behind)
{
	size_t blanks = 0;

	while (blanks < before.len && slice_blank(before.p[blanks]))
		blanks++;
	if (lines.len == 0 && blanks == before.len && behind.len == 0)
		return;
	text_add(to, before);
	while (lines.len > 0) {
		struct slice line = slice_cut(&lines, '\n');

		if (lines.len == 0) {
			text_add(to, line);
			break;
		}
		line_add(to, line);
		text_add(to, slice_sub(before, 0, blanks));
	}
	line_add(to, behind);
}

static void
input_make(struct seeds *s, struct slice lines)
{
	struct slice frame = s->frame;

	buf_clear(&s->input);
	buf_init(&s->input, FUZZ_INPUT);
	while (frame.len == 0 && lines.len > 0)
		line_add(&s->input, slice_cut(&lines, '\n'));
	while (frame.len > 0) {
		struct slice line = slice_cut(&frame, '\n');
		const char *at =
		    line.len == 0 ? NULL : memmem(line.p, line.len, "%%", 2);
		size_t before = at == NULL ? 0 : (size_t)(at - line.p);

		if (at == NULL)
			line_add(&s->input, line);
		else
			hole_fill(&s->input, slice_sub(line, 0, before), lines,
			    slice_sub(line, before + 2, line.len));
	}
	MUST(!buf_failed(&s->input));
}

/* wanted: the mistake it has; empty: none, it is taken. */
static void
input_ask(
    struct seeds *s, unsigned int line, struct slice lines, struct slice wanted)
{
	const struct fuzz_came *came;
	bool as_wanted;

	input_make(s, lines);
	came = fuzz_input(
	    (const uint8_t *)buf_look(&s->input).p, buf_look(&s->input).len);
	as_wanted = wanted.len == 0 ? came->taken
				    : !came->taken && came->wrong == 1 &&
					  slice_is(wanted, came->first);
	if (as_wanted)
		return;
	s->other++;
	fprintf(stderr, "%s:%u: %s, %u mistakes: %s\n", s->name, line,
	    came->taken ? "taken" : "not taken", came->wrong, came->first);
	if (wanted.len > 0)
		fprintf(stderr, "\twant: %.*s\n", SLICE_ARG(wanted));
}

/* Lines up to the next mark, each with its end. */
static struct slice
lines_take(struct seeds *s)
{
	struct slice all = s->rest, line;

	while (line_take(s, false, &line))
		;
	return slice_sub(all, 0, all.len - s->rest.len);
}

unsigned long
seeds_run(const char *name, struct slice text)
{
	struct seeds s = { .name = name, .rest = text };
	struct slice mark, line;

	buf_init(&s.input, FUZZ_INPUT);
	while (line_take(&s, true, &mark)) {
		struct slice word = slice_cut(&mark, ' ');
		unsigned int at = s.line;

		if (slice_is(word, "%frame")) {
			s.frame = lines_take(&s);
			if (slice_trim(s.frame).len == 0)
				s.frame.len = 0;
		} else if (slice_is(word, "%ok")) {
			input_ask(&s, at, lines_take(&s), SLICE_LIT(""));
		} else if (slice_is(word, "%no")) {
			MUST(mark.len > 0);
			input_ask(&s, at, lines_take(&s), mark);
		} else if (slice_is(word, "%each")) {
			while (line_take(&s, false, &line))
				if (line.len > 0)
					input_ask(
					    &s, s.line, line, SLICE_LIT(""));
		} else {
			MUST(slice_is(word, "%#"));
			(void)lines_take(&s);
		}
	}
	if (s.rest.len > 0) {
		fprintf(stderr, "%s:%u: want a mark\n", name, s.line + 1);
		s.other++;
	}
	buf_clear(&s.input);
	return s.other;
}
#endif
