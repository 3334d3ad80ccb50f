/*
 * syntax/text.c - raw bytes to UTF-8, strictly, with a way back to where each
 * character stood. Trusts neither the bytes nor what they say of themselves;
 * called by identify, once for each document.
 *
 * Both sides hold the same characters in the same order, so the way back needs
 * no table a character: from the nearest mark the two are walked in step.
 */
#include "src/syntax/text.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "src/syntax/encoding.h"

#define TEXT_MAX ((size_t)1 << 30) /* offsets are 32 bits, twice that fits */
#define BOM      "\xef\xbb\xbf"

/* --- valid UTF-8 --- */

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The length of the character at p; 0: not one (overlong, surrogate, NUL). */
static size_t
utf8_one(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	if (p[0] < 0xe0)
		return n > 1 && is_tail(p[1]) ? 2 : 0;
	if (n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
		return 0;
	if (p[0] < 0xf0)
		return (p[0] == 0xe0 && p[1] < 0xa0) ||
			       (p[0] == 0xed && p[1] > 0x9f)
			   ? 0
			   : 3;
	if (n < 4 || !is_tail(p[3]))
		return 0;
	return (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)
		   ? 0
		   : 4;
}

/* Eight bytes of ASCII without NUL? Most of every message is that. */
static bool
ascii8(const unsigned char *p)
{
	const uint64_t high = 0x8080808080808080u;
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return ((w | (w - 0x0101010101010101u)) & high) == 0;
}

/* How many bytes from the start are valid; *plain: all of them are ASCII. */
static size_t
utf8_valid(struct slice s, bool *plain)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	*plain = true;
	while (i < s.len) {
		size_t n;

		if (s.len - i >= 8 && ascii8(p + i)) {
			i += 8;
			continue;
		}
		n = utf8_one(p + i, s.len - i);
		if (n == 0)
			break;
		if (n > 1)
			*plain = false;
		i += n;
	}
	return i;
}

/* --- characters in other encodings --- */

uint32_t
raw_length(enum encoding e, const unsigned char *p)
{
	switch (e) {
	case ENC_UTF8:
		return utf8_length(p[0]);
	case ENC_GB18030:
		if (p[0] < 0x80)
			return 1;
		return p[1] >= 0x30 && p[1] <= 0x39 ? 4 : 2;
	case ENC_GB2312:
		return p[0] < 0x80 ? 1 : 2;
	case ENC_UTF16LE:
		return (p[1] & 0xfc) == 0xd8 ? 4 : 2;
	case ENC_UTF16BE:
		return (p[0] & 0xfc) == 0xd8 ? 4 : 2;
	default:
		return 1;
	}
}

uint32_t
bom_length(const struct text *t)
{
	if (!t->bom)
		return 0;
	return t->encoding == ENC_UTF8 ? 3 : t->encoding == ENC_GB18030 ? 4 : 2;
}

static bool
map_make(struct text *t, struct arena *mem)
{
	const unsigned char *raw = (const unsigned char *)t->raw.p;
	size_t most = t->utf8.len / TEXT_STRIDE + 1;
	struct text_map *map =
	    arena_raw(mem, sizeof(*map) + most * sizeof(struct text_mark));
	struct text_mark here = { 0, (uint32_t)bom_length(t) };
	uint32_t chars = 0;

	if (map == NULL)
		return false;
	map->n = 0;
	while (here.at < t->utf8.len) {
		if (chars++ % TEXT_STRIDE == 0)
			map->mark[map->n++] = here;
		here.raw += raw_length(t->encoding, raw + here.raw);
		here.at += utf8_length((unsigned char)t->utf8.p[here.at]);
	}
	t->map = map;
	return true;
}

static size_t
latin1_decode(struct slice raw, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.p[i];

		if (c < 0x80) {
			out[n++] = (char)c;
		} else {
			out[n++] = (char)(0xc0 | c >> 6);
			out[n++] = (char)(0x80 | (c & 0x3f));
		}
	}
	return n;
}

/* Where the first NUL character stands. */
static size_t
nul_at(struct slice raw, enum encoding e)
{
	size_t step = e == ENC_UTF16LE || e == ENC_UTF16BE ? 2 : 1, i = 0;

	while (i + step <= raw.len &&
	       (raw.p[i] != '\0' || raw.p[i + step - 1] != '\0'))
		i += step;
	return i;
}

/*
 * Raw (behind its BOM) into the arena; *bad is how many raw bytes were good.
 * RC_REFUSED: not valid throughout.
 */
static enum rc
text_convert(struct slice raw, enum encoding e, struct arena *mem,
    struct slice *utf8, size_t *bad, struct err *err)
{
	size_t room = raw.len * 2 + 4, left = room;
	char *out = arena_raw(mem, room);
	char *in = (char *)(uintptr_t)raw.p, *to = out;
	size_t in_left = raw.len;

	if (out == NULL)
		return err_set(err, RC_LATER, "no memory to decode the text");
	if (e == ENC_LATIN1) {
		to = out + latin1_decode(raw, out);
		in_left = 0;
	} else {
		iconv_t *cd = encoding_converter(e, false, err);

		if (cd == NULL)
			return RC_BROKEN;
		(void)iconv(*cd, &in, &in_left, &to, &left);
	}
	*bad = raw.len - in_left;
	*utf8 = (struct slice){ out, (size_t)(to - out) };
	if (in_left > 0)
		return RC_REFUSED;
	/* NUL is in no text: UTF-16 taken for something else, or no text */
	if (memchr(out, 0, utf8->len) == NULL)
		return RC_OK;
	*bad = nul_at(raw, e);
	return RC_REFUSED;
}

/* --- deciding --- */

static enum rc
text_try(struct text *t, enum encoding e, struct arena *mem, bool *plain,
    size_t *good, struct err *err)
{
	size_t skip;
	struct slice body;
	enum rc rc;

	t->encoding = e;
	t->map = NULL;
	skip = bom_length(t);
	body = slice_sub(t->raw, skip, t->raw.len);
	if (e == ENC_UTF8) {
		*good = skip + utf8_valid(body, plain);
		t->utf8 = body;
		return *good == t->raw.len ? RC_OK : RC_REFUSED;
	}
	*plain = false;
	rc = text_convert(body, e, mem, &t->utf8, good, err);
	*good += skip;
	if (rc == RC_OK && !map_make(t, mem))
		rc = err_set(err, RC_LATER, "no memory to decode the text");
	return rc;
}

static int
bom_find(struct slice raw)
{
	if (slice_starts(raw, BOM))
		return ENC_UTF8;
	if (slice_starts(raw, "\x84\x31\x95\x33"))
		return ENC_GB18030;
	if (slice_starts(raw, "\xff\xfe"))
		return ENC_UTF16LE;
	if (slice_starts(raw, "\xfe\xff"))
		return ENC_UTF16BE;
	return -1;
}

static bool
same_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* Does the label name another encoding than the one found? */
static bool
label_lies(struct slice label, enum encoding found)
{
	int said;

	if (same_word(label, "UNOA") || same_word(label, "UNOB") ||
	    same_word(label, "US-ASCII") || same_word(label, "ASCII"))
		return true; /* asked only when there is more than ASCII */
	if (same_word(label, "UTF-16") && found == ENC_UTF16BE)
		return false;
	said = encoding_find(label);
	if (said == ENC_GB2312 && found == ENC_GB18030)
		return false; /* the same bytes; what lies outside was read */
	return said >= 0 && said != (int)found;
}

static void
label_check(
    const struct text *t, struct slice label, bool plain, struct findings *f)
{
	struct slice none = { NULL, 0 };

	if (label.len == 0 || plain || f == NULL)
		return;
	/* Plain ASCII is the same in all of them: nobody was misled. */
	if (t->encoding != ENC_UTF8 && t->encoding != ENC_UTF16LE &&
	    t->encoding != ENC_UTF16BE) {
		(void)utf8_valid(t->utf8, &plain);
		if (plain)
			return;
	}
	if (label_lies(label, t->encoding))
		(void)finding_add(f, FIND_ENCODING_LABEL, none, none, label,
		    slice_of(encoding_name(t->encoding)));
}

/* Line and column of a raw offset, for text that could not be decoded. */
static void
place_raw(struct slice raw, size_t at, struct place *p)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; i < at; i++)
		if (raw.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	p->at = at;
	p->span = at < raw.len;
	p->line = (uint32_t)line;
	p->column = (uint32_t)(at - start + 1);
}

static enum rc
refuse(const struct text *t, const enum encoding *e, unsigned int n,
    size_t good, struct findings *f, struct err *err)
{
	struct slice none = { NULL, 0 };
	char wanted[128] = "", found[64];
	size_t len = 0;
	struct finding *x;

	for (unsigned int i = 0; i < n && len < sizeof(wanted) / 2; i++)
		len += (size_t)snprintf(wanted + len, sizeof(wanted) - len,
		    "%s%s", i == 0 ? "" : " or ", encoding_name(e[i]));
	if (good < t->raw.len)
		(void)snprintf(found, sizeof(found),
		    "byte 0x%02X at offset %zu", (unsigned char)t->raw.p[good],
		    good);
	else
		(void)snprintf(
		    found, sizeof(found), "the last character is cut off");
	if (f != NULL) {
		x = finding_add(f, FIND_ENCODING, none, none, slice_of(found),
		    slice_of(wanted));
		place_raw(t->raw, good, &x->place);
	}
	return err_set(
	    err, RC_REFUSED, "the bytes are not %s: %s", wanted, found);
}

enum rc
text_decode(struct text *out, struct slice raw, const enum encoding *candidate,
    unsigned int n, struct slice label, struct arena *mem, struct findings *f,
    struct err *err)
{
	static const enum encoding utf8 = ENC_UTF8;
	struct text t = { .raw = raw };
	enum encoding bom;
	size_t furthest = 0;
	int marked = bom_find(raw);

	if (raw.len > TEXT_MAX)
		return err_set(err, RC_REFUSED,
		    "the text is %zu bytes, the limit is %zu", raw.len,
		    TEXT_MAX);
	if (n == 0) {
		candidate = &utf8;
		n = 1;
	}
	if (marked >= 0) {
		bom = (enum encoding)marked;
		candidate = &bom;
		n = 1;
		t.bom = true;
	}
	for (unsigned int i = 0; i < n; i++) {
		size_t good = 0;
		bool plain = false;
		enum rc rc =
		    text_try(&t, candidate[i], mem, &plain, &good, err);

		if (rc == RC_OK) {
			label_check(&t, label, plain, f);
			*out = t;
			return RC_OK;
		}
		if (rc != RC_REFUSED)
			return rc;
		furthest = good > furthest ? good : furthest;
	}
	return refuse(&t, candidate, n, furthest, f, err);
}
