/*
 * base/json_read.c - members of a flat JSON object, escapes taken out. Called
 * by the replies, whose lines come from a process that parsed a stranger's
 * bytes, and by the tools; trusts nothing about the line.
 */
#include "src/base/json.h"
#include "src/base/utf8.h"

static int
peek(struct slice s)
{
	return s.len == 0 ? -1 : (unsigned char)s.p[0];
}

static void
skip(struct slice *s, const char *these)
{
	while (s->len > 0 && s->p[0] != '\0' && strchr(these, s->p[0]) != NULL)
		*s = slice_sub(*s, 1, s->len - 1);
}

static bool
hex4(struct slice s, uint32_t *out)
{
	uint32_t v = 0;

	if (s.len < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = s.p[i];
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;

		if (d < 0)
			return false;
		v = v * 16 + (uint32_t)d;
	}
	*out = v;
	return true;
}

/* \uXXXX, a pair of them for what lies beyond; half a pair is U+FFFD. */
static bool
unicode_add(struct slice *s, struct buf *b)
{
	uint32_t c, low;

	if (!hex4(*s, &c))
		return false;
	*s = slice_sub(*s, 4, s->len - 4);
	if (c >= 0xd800 && c < 0xdc00 && slice_starts(*s, "\\u") &&
	    hex4(slice_sub(*s, 2, s->len), &low) && low >= 0xdc00 &&
	    low < 0xe000) {
		*s = slice_sub(*s, 6, s->len - 6);
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	utf8_put(b, c);
	return true;
}

static bool
escape_add(struct slice *s, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int c = peek(*s);

	if (c <= 0)
		return false;
	*s = slice_sub(*s, 1, s->len - 1);
	if (c == 'u')
		return unicode_add(s, b);
	at = strchr(from, c);
	if (at == NULL)
		return false;
	buf_byte(b, to[at - from]);
	return true;
}

/* The text after an opening quote, which is already taken off. */
static bool
text_take(struct slice *s, struct buf *b)
{
	while (s->len > 0) {
		char c = s->p[0];

		*s = slice_sub(*s, 1, s->len - 1);
		if (c == '"')
			return true;
		if (c != '\\')
			buf_byte(b, c);
		else if (!escape_add(s, b))
			return false;
	}
	return false;
}

/* A number without sign, or a truth value. */
static bool
word_take(struct slice *s, struct buf *b)
{
	const char *const words[] = { "true", "false" };

	for (int i = 0; i < 2; i++)
		if (slice_starts(*s, words[i])) {
			buf_str(b, words[i]);
			*s = slice_sub(*s, strlen(words[i]), s->len);
			return true;
		}
	while (peek(*s) >= '0' && peek(*s) <= '9') {
		buf_byte(b, s->p[0]);
		*s = slice_sub(*s, 1, s->len - 1);
	}
	return b->len > 0;
}

bool
json_member(struct slice *rest, struct slice *name, struct buf *out)
{
	struct slice s = *rest;
	const char *end;

	buf_reset(out);
	skip(&s, " {,");
	if (peek(s) != '"')
		return false;
	s = slice_sub(s, 1, s.len - 1);
	end = s.len == 0 ? NULL : memchr(s.p, '"', s.len);
	if (end == NULL)
		return false;
	*name = slice_sub(s, 0, (size_t)(end - s.p));
	s = slice_sub(s, name->len + 1, s.len - name->len - 1);
	skip(&s, " ");
	if (peek(s) != ':')
		return false;
	skip(&s, " :");
	if (peek(s) == '"') {
		s = slice_sub(s, 1, s.len - 1);
		if (!text_take(&s, out))
			return false;
	} else if (!word_take(&s, out))
		return false;
	*rest = s;
	return !buf_failed(out);
}

bool
json_find(struct slice line, const char *name, struct buf *out)
{
	struct slice is;

	while (json_member(&line, &is, out))
		if (slice_is(is, name))
			return true;
	buf_reset(out);
	return false;
}
