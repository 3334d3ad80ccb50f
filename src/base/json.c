/*
 * base/json.c - writing flat objects; trusts no byte of a value. Called by
 * findings, by the answers of query and by the tools.
 */
#include "src/base/json.h"
#include "src/base/utf8.h"

void
json_open(struct buf *b)
{
	buf_byte(b, '{');
}

void
json_close(struct buf *b)
{
	buf_byte(b, '}');
}

static void
name_put(struct buf *b, const char *name)
{
	if (b->len > 0 && b->p[b->len - 1] != '{')
		buf_byte(b, ',');
	buf_byte(b, '"');
	buf_str(b, name);
	buf_str(b, "\":");
}

static bool
plain(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= ' ' && u < 0x7f && u != '"' && u != '\\';
}

/* One character that may need an escape; taken off *s. */
static void
character_put(struct buf *b, struct slice *s)
{
	struct slice from = *s;
	uint32_t c;
	bool fine = utf8_next(s, &c);

	from.len -= s->len;
	if (!fine)
		buf_fmt(b, "\\\\x%02x", (unsigned int)c);
	else if (c == '"' || c == '\\')
		buf_fmt(b, "\\%c", (char)c);
	else if (utf8_width(c) >= 0)
		buf_slice(b, from);
	else if (c < 0x10000)
		buf_fmt(b, "\\u%04X", (unsigned int)c);
	else
		buf_fmt(b, "\\u%04X\\u%04X",
		    0xd800u + ((unsigned int)(c - 0x10000) >> 10),
		    0xdc00u + ((unsigned int)c & 0x3ffu));
}

void
json_text(struct buf *b, const char *name, struct slice s)
{
	name_put(b, name);
	buf_byte(b, '"');
	while (s.len > 0) {
		size_t n = 0;

		while (n < s.len && plain(s.p[n]))
			n++;
		buf_slice(b, slice_sub(s, 0, n));
		s = slice_sub(s, n, s.len);
		if (s.len > 0)
			character_put(b, &s);
	}
	buf_byte(b, '"');
}

void
json_number(struct buf *b, const char *name, uint64_t n)
{
	name_put(b, name);
	buf_fmt(b, "%llu", (unsigned long long)n);
}

void
json_flag(struct buf *b, const char *name, bool yes)
{
	name_put(b, name);
	buf_str(b, yes ? "true" : "false");
}
