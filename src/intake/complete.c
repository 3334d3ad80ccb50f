/*
 * intake/complete.c - the completion rules of a drop folder; trusts neither
 * names nor bytes. Called while a folder is scanned, and by intake when it
 * has read a file.
 */
#include "src/intake/complete.h"
#include <stddef.h>

/* How far before the end of an archive its closing record may begin. */
#define ZIP_TAIL (22 + 65535)

static bool
ends_in(struct slice s, const char *suffix)
{
	struct slice t = slice_of(suffix);

	return s.len > t.len && slice_eq(slice_sub(s, s.len - t.len, t.len), t);
}

bool
complete_is_offer(const struct conf_partner *c, struct slice name)
{
	static const char *const temporary[] = { ".tmp", ".part", ".partial",
		".filepart", ".crdownload", "~" };

	if (name.len == 0 || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		if (ends_in(name, temporary[i]))
			return false;
	return c->complete != COMPLETE_MARKER || !ends_in(name, c->marker);
}

const char *
complete_name_wrong(struct slice name)
{
	if (name.len > COMPLETE_NAME_MAX)
		return "name is over 255 bytes";
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
			return "name holds control bytes, want text";
	return NULL;
}

bool
complete_is_whole(const struct conf_partner *c, const struct complete_facts *f)
{
	switch (c->complete) {
	case COMPLETE_RENAME:
		return true;
	case COMPLETE_MARKER:
		return f->marker;
	case COMPLETE_CLOSE:
		return !f->writer;
	case COMPLETE_QUIET:
		/* A time far ahead is a clock that was wrong, not a writer. */
		return f->now_ms - f->mtime_ms >= (int64_t)c->quiet_ms ||
		       f->mtime_ms - f->now_ms > (int64_t)c->quiet_ms;
	}
	return false;
}

/* The last segment is UNZ, and its terminator is there. */
static bool
edifact_ends(struct slice s)
{
	char terminator = '\'';
	size_t at;

	if (slice_starts(s, "UNA") && s.len >= 9)
		terminator = s.p[8];
	/* what stands behind the last one; it may be an end of line itself */
	for (at = s.len; at > 0 && s.p[at - 1] != terminator; at--)
		;
	if (at == 0 || slice_trim(slice_sub(s, at, s.len)).len > 0)
		return false;
	s = slice_trim(slice_sub(s, 0, at - 1));
	for (at = s.len; at > 0 && s.p[at - 1] != terminator; at--)
		;
	return slice_starts(slice_trim(slice_sub(s, at, s.len)), "UNZ");
}

static bool
is_name_byte(char c)
{
	return (unsigned char)c > 0x20 && c != '>' && c != '/' && c != '<';
}

/* Behind the next one; the end: there is none. */
static size_t
behind(struct slice s, size_t at, const char *what)
{
	struct slice w = slice_of(what);

	while (at + w.len <= s.len && !slice_eq(slice_sub(s, at, w.len), w))
		at++;
	return at + w.len <= s.len ? at + w.len : s.len;
}

/* The name of the first element; empty: none yet. */
static struct slice
xml_root(struct slice s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		size_t n = 0;

		/* a comment may hold elements */
		if (slice_starts(slice_sub(s, i, s.len), "<!--")) {
			i = behind(s, i + 4, "-->") - 1;
			continue;
		}
		if (s.p[i] != '<' || s.p[i + 1] == '?' || s.p[i + 1] == '!')
			continue;
		while (i + 1 + n < s.len && is_name_byte(s.p[i + 1 + n]))
			n++;
		return slice_sub(s, i + 1, n);
	}
	return (struct slice){ NULL, 0 };
}

/* Without the comments behind all else. */
static struct slice
comments_cut(struct slice s)
{
	for (s = slice_trim(s);
	     s.len >= 7 &&
	     slice_eq(slice_sub(s, s.len - 3, 3), SLICE_LIT("-->"));
	     s = slice_trim(s)) {
		size_t at = s.len - 7;

		while (at > 0 && !slice_starts(slice_sub(s, at, 4), "<!--"))
			at--;
		s = slice_sub(s, 0, at);
	}
	return s;
}

static bool
xml_ends(struct slice s)
{
	struct slice root = xml_root(s);
	size_t at;

	s = comments_cut(s);
	if (root.len == 0 || s.len == 0 || s.p[s.len - 1] != '>')
		return false;
	for (at = s.len - 1; at > 0 && s.p[at] != '<'; at--)
		;
	s = slice_sub(s, at + 1, s.len - at - 2);
	if (s.len > 0 && s.p[0] == '/')
		return slice_eq(slice_trim(slice_sub(s, 1, s.len)), root);
	/* the root's own tag, not that of a part whose name begins like it */
	return s.p == root.p && s.p[s.len - 1] == '/';
}

static bool
zip_ends(struct slice s)
{
	size_t from = s.len > ZIP_TAIL ? s.len - ZIP_TAIL : 0;

	for (size_t i = s.len; i >= from + 22; i--) {
		struct slice end = slice_sub(s, i - 22, s.len);
		unsigned int comment;

		if (!slice_starts(end, "PK\5\6"))
			continue;
		comment =
		    (unsigned char)end.p[20] + 256u * (unsigned char)end.p[21];
		if (end.len == 22 + comment)
			return true;
	}
	return false;
}

static bool
json_ends(struct slice s)
{
	char last = s.p[0] == '{' ? '}' : ']';

	s = slice_trim(s);
	return s.p[s.len - 1] == last;
}

bool
complete_has_end(const struct conf_partner *c, struct slice bytes)
{
	struct slice s = bytes;

	if (c->complete == COMPLETE_RENAME || s.len == 0)
		return true;
	if (slice_starts(s, "PK\3\4"))
		return zip_ends(s);
	if (slice_starts(s, "\xef\xbb\xbf"))
		s = slice_sub(s, 3, s.len);
	s = slice_trim(s);
	if (slice_starts(s, "UNA") || slice_starts(s, "UNB"))
		return edifact_ends(
		    slice_sub(bytes, (size_t)(s.p - bytes.p), bytes.len));
	if (slice_starts(s, "<"))
		return xml_ends(s);
	if (slice_starts(s, "{") || slice_starts(s, "["))
		return json_ends(s);
	return true;
}
