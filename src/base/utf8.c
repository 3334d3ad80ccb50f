/*
 * base/utf8.c - decoding one character, and the columns it takes; trusts no
 * byte. Called by json.c, the tools' tables and whatever prints names.
 *
 * The widths are a table of ours and not the C library's: they must not
 * depend on the locale of whoever calls, or a list would align for one
 * operator and not for the next.
 */
#include "src/base/utf8.h"

#define SURROGATE_FIRST 0xd800u
#define SURROGATE_LAST  0xdfffu
#define CHARACTER_LAST  0x10ffffu

bool
utf8_next(struct slice *rest, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	uint32_t v = p[0];
	size_t n = v < 0x80   ? 1
		   : v < 0xc2 ? 0
		   : v < 0xe0 ? 2
		   : v < 0xf0 ? 3
			      : 4;
	bool fine = n > 0 && n <= rest->len && v < 0xf5;

	if (fine && n > 1)
		v &= 0xffu >> (n + 1);
	for (size_t i = 1; fine && i < n; i++) {
		fine = (p[i] & 0xc0) == 0x80;
		v = v << 6 | (p[i] & 0x3fu);
	}
	if (fine && n > 2)
		fine = v >= (n == 3 ? 0x800u : 0x10000u) &&
		       v <= CHARACTER_LAST &&
		       (v < SURROGATE_FIRST || v > SURROGATE_LAST);
	*c = fine ? v : p[0];
	*rest = slice_sub(*rest, fine ? n : 1, rest->len);
	return fine;
}

size_t
utf8_make(char out[4], uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char head[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(head[n] | c);
	return n;
}

void
utf8_put(struct buf *b, uint32_t c)
{
	char out[4];

	buf_add(b, out, utf8_make(out, c));
}

/* Ranges that are not one column wide; sorted. Unicode 15, W and F. */
static const struct {
	uint32_t first, last;
	int width;
} widths[] = {
	{ 0x0000, 0x001f, -1 },
	{ 0x007f, 0x009f, -1 },
	{ 0x00ad, 0x00ad, -1 }, /* soft hyphen: seen here, not there */
	{ 0x0300, 0x036f, 0 },
	{ 0x0483, 0x0489, 0 },
	{ 0x0591, 0x05bd, 0 },
	{ 0x061c, 0x061c, -1 },
	{ 0x064b, 0x065f, 0 },
	{ 0x1100, 0x115f, 2 },
	{ 0x200b, 0x200f, -1 },
	{ 0x2028, 0x202e, -1 },
	{ 0x2060, 0x206f, -1 },
	{ 0x20d0, 0x20f0, 0 },
	{ 0x2e80, 0x303e, 2 },
	{ 0x3041, 0x33ff, 2 },
	{ 0x3400, 0x4dbf, 2 },
	{ 0x4e00, 0xa4cf, 2 },
	{ 0xa960, 0xa97f, 2 },
	{ 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },
	{ 0xfe10, 0xfe19, 2 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xfeff, 0xfeff, -1 },
	{ 0xff01, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 },
	{ 0x1f900, 0x1f9ff, 2 },
	{ 0x20000, 0x3fffd, 2 },
	{ 0xe0000, 0xe0fff, -1 },
};

int
utf8_width(uint32_t c)
{
	size_t low = 0, high = sizeof(widths) / sizeof(widths[0]);

	if (c >= 0x20 && c < 0x7f)
		return 1;
	while (low < high) {
		size_t at = (low + high) / 2;

		if (c > widths[at].last)
			low = at + 1;
		else if (c < widths[at].first)
			high = at;
		else
			return widths[at].width;
	}
	return 1;
}

unsigned int
utf8_show(struct slice s, struct buf *out)
{
	unsigned int columns = 0;

	while (s.len > 0) {
		struct slice from = s;
		uint32_t c;
		bool fine = utf8_next(&s, &c);
		int width = fine ? utf8_width(c) : -1;

		from.len -= s.len;
		if (width >= 0) {
			buf_slice(out, from);
			columns += (unsigned int)width;
			continue;
		}
		for (size_t i = 0; i < from.len; i++)
			buf_fmt(out, "\\x%02x", (unsigned char)from.p[i]);
		columns += 4 * (unsigned int)from.len;
	}
	return columns;
}
