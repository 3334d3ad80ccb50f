/*
 * daemon/question.c - lines between the tools and query; trusts no byte of
 * either. Called by role_query.c, query.c and the verbs.
 */
#include "src/daemon/question.h"
#include <stdio.h>

/* --- a question --- */

void
question_begin(struct buf *b, const char *word)
{
	buf_str(b, word);
}

/* Blanks, control bytes, "%" and what is no ASCII need not be thought about. */
static bool
byte_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '%';
}

void
question_arg(struct buf *b, const char *name, struct slice value)
{
	buf_fmt(b, " %s=", name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (byte_plain(c))
			buf_byte(b, (char)c);
		else
			buf_fmt(b, "%%%02X", c);
	}
}

void
question_end(struct buf *b)
{
	buf_byte(b, '\n');
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool
value_decode(struct slice s, struct arena *mem, struct slice *out)
{
	char *p = arena_raw(mem, s.len + 1);
	size_t n = 0;

	if (p == NULL)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '%') {
			if (!byte_plain((unsigned char)s.p[i]))
				return false;
			p[n++] = s.p[i];
			continue;
		}
		if (s.len - i < 3 || hex_digit(s.p[i + 1]) < 0 ||
		    hex_digit(s.p[i + 2]) < 0)
			return false;
		p[n++] =
		    (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
		i += 2;
	}
	p[n] = '\0';
	*out = (struct slice){ p, n };
	return true;
}

static bool
name_fine(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 'a' || s.p[i] > 'z')
			return false;
	return s.len > 0;
}

enum rc
question_read(
    struct question *q, struct slice line, struct arena *mem, struct err *err)
{
	*q = (struct question){ .n = 0 };
	if (line.len > QUESTION_MAX)
		return err_set(err, RC_REFUSED,
		    "question is longer than %d bytes", QUESTION_MAX);
	q->word = slice_cut(&line, ' ');
	if (!name_fine(q->word))
		return err_set(err, RC_REFUSED, "no question");
	while (line.len > 0) {
		struct slice value = slice_cut(&line, ' ');
		struct slice name = slice_cut(&value, '=');

		if (q->n == QUESTION_ARGS || !name_fine(name) ||
		    !value_decode(value, mem, &q->arg[q->n].value))
			return err_set(err, RC_REFUSED,
			    "question '%.*s' has a wrong argument",
			    SLICE_ARG(q->word));
		q->arg[q->n++].name = name;
	}
	return RC_OK;
}

struct slice
question_value(const struct question *q, const char *name)
{
	for (unsigned int i = 0; i < q->n; i++)
		if (slice_is(q->arg[i].name, name))
			return q->arg[i].value;
	return (struct slice){ NULL, 0 };
}

/* --- an answer --- */

void
answer_end(struct buf *b, enum rc rc, struct slice after, const struct err *err)
{
	buf_fmt(b, ".%s", rc_name(rc));
	if (rc == RC_OK && after.len > 0)
		question_arg(b, "after", after);
	else if (rc != RC_OK) {
		buf_byte(b, ' ');
		for (const char *p = err->text; *p != '\0'; p++)
			buf_byte(b, (unsigned char)*p < ' ' ? '?' : *p);
	}
	buf_byte(b, '\n');
}

void
answer_bytes(struct buf *b, struct slice s)
{
	buf_fmt(b, "#%zu\n", s.len);
	buf_slice(b, s);
}

static enum piece_kind
bytes_next(struct slice line, struct slice *rest, struct piece *p)
{
	uint64_t n;

	if (!slice_u64(slice_sub(line, 1, line.len), &n) || n > ANSWER_ROW)
		return PIECE_NONE;
	if (rest->len < n)
		return PIECE_PART;
	p->text = slice_sub(*rest, 0, (size_t)n);
	*rest = slice_sub(*rest, (size_t)n, rest->len);
	return PIECE_BYTES;
}

static enum piece_kind
end_next(struct slice line, struct piece *p)
{
	struct slice word;

	line = slice_sub(line, 1, line.len);
	word = slice_cut(&line, ' ');
	for (enum rc rc = RC_OK; rc <= RC_BROKEN; rc++)
		if (slice_is(word, rc_name(rc))) {
			p->rc = rc;
			if (rc != RC_OK)
				(void)err_set(
				    &p->err, rc, "%.*s", SLICE_ARG(line));
			else if (slice_starts(line, "after="))
				p->text = slice_sub(line, 6, line.len);
			return PIECE_END;
		}
	return PIECE_NONE;
}

void
piece_next(struct slice *rest, struct piece *p)
{
	struct slice s = *rest, line;

	*p = (struct piece){ .kind = PIECE_PART };
	if (s.len == 0)
		return;
	if (memchr(s.p, '\n', s.len) == NULL) {
		if (s.len > ANSWER_ROW)
			p->kind = PIECE_NONE;
		return;
	}
	line = slice_cut(&s, '\n');
	if (line.len > 0 && line.p[0] == '{') {
		p->kind = PIECE_ROW;
		p->text = line;
	} else if (line.len > 1 && line.p[0] == '#')
		p->kind = bytes_next(line, &s, p);
	else if (line.len > 1 && line.p[0] == '.')
		p->kind = end_next(line, p);
	else
		p->kind = PIECE_NONE;
	if (p->kind != PIECE_PART && p->kind != PIECE_NONE)
		*rest = s;
}
