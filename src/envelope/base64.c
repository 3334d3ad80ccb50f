/*
 * envelope/base64.c - base 64 by hand, strictly; trusts nothing. Called by
 * identify for "carries base64" and by the writer of envelopes.
 */
#include "src/envelope/zip.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The six bits of a letter; -1: not one of them. */
static int
bits_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands at the end: "=" as often as is missing, then only blanks. */
static bool
padding_good(struct slice s, size_t at, uint32_t held, size_t *bad)
{
	uint32_t want = held == 0 ? 0 : 4 - held;

	for (*bad = at; *bad < s.len; (*bad)++) {
		if (blank(s.p[*bad]))
			continue;
		if (s.p[*bad] != '=' || want == 0)
			return false;
		want--;
	}
	return want == 0 && held != 1;
}

bool
base64_decode(struct slice s, struct buf *out, size_t *bad)
{
	uint32_t word = 0, held = 0;
	size_t i = 0;

	for (; i < s.len && s.p[i] != '='; i++) {
		int six = bits_of(s.p[i]);

		if (blank(s.p[i]))
			continue;
		*bad = i;
		if (six < 0)
			return false;
		word = word << 6 | (uint32_t)six;
		if (++held < 4)
			continue;
		buf_byte(out, (char)(word >> 16));
		buf_byte(out, (char)(word >> 8));
		buf_byte(out, (char)word);
		word = held = 0;
	}
	if (!padding_good(s, i, held, bad))
		return false;
	/* Bits that no byte holds must be zero: one text for one content. */
	if ((held == 2 && (word & 15) != 0) || (held == 3 && (word & 3) != 0)) {
		*bad = i - 1;
		return false;
	}
	if (held == 2)
		buf_byte(out, (char)(word >> 4));
	if (held == 3) {
		buf_byte(out, (char)(word >> 10));
		buf_byte(out, (char)(word >> 2));
	}
	return true;
}

void
base64_encode(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i += 3) {
		size_t n = s.len - i < 3 ? s.len - i : 3;
		uint32_t word = 0;

		for (size_t k = 0; k < 3; k++)
			word =
			    word << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_byte(out,
			    k <= n ? letters[word >> (18 - 6 * k) & 63] : '=');
	}
}
