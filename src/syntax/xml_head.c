/*
 * syntax/xml_head.c - what an XML text says of itself in its first lines: the
 * label of its encoding, its root's name. Trusts nothing and parses no further
 * than the root's start tag; called by identify before anything is decided.
 */
#include <string.h>
#include "src/syntax/xml.h"

#define HEAD_MAX 65536u /* the root's start tag ends within */

static bool
space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Steps over blanks in front. */
static struct slice
blanks_cut(struct slice s)
{
	while (s.len > 0 && space(s.p[0]))
		s = slice_sub(s, 1, s.len);
	return s;
}

bool
xml_probe(struct slice head)
{
	if (slice_starts(head, "\xef\xbb\xbf"))
		head = slice_sub(head, 3, head.len);
	/* UTF-16 with its mark: blanks and "<" with a NUL beside it. */
	if (head.len >= 4 &&
	    (slice_starts(head, "\xff\xfe") || slice_starts(head, "\xfe\xff")))
		return head.p[2] == '<' || head.p[3] == '<';
	head = blanks_cut(head);
	return head.len >= 2 && head.p[0] == '<' &&
	       (head.p[1] == '?' || head.p[1] == '!' || head.p[1] == '_' ||
		   (unsigned char)head.p[1] >= 0x80 ||
		   (head.p[1] >= 'A' && head.p[1] <= 'Z') ||
		   (head.p[1] >= 'a' && head.p[1] <= 'z'));
}

/* What stands before `mark`; the whole when it is not there. */
static struct slice
before(struct slice s, const char *mark)
{
	const char *end = memmem(s.p, s.len, mark, strlen(mark));

	return end == NULL ? s : slice_sub(s, 0, (size_t)(end - s.p));
}

struct slice
xml_label(struct slice raw)
{
	struct slice none = { NULL, 0 }, head;
	const char *p, *q;

	if (slice_starts(raw, "\xef\xbb\xbf"))
		raw = slice_sub(raw, 3, raw.len);
	raw = blanks_cut(slice_sub(raw, 0, 256));
	if (!slice_starts(raw, "<?xml"))
		return none;
	head = before(raw, "?>");
	p = memmem(head.p, head.len, "encoding", 8);
	if (p == NULL)
		return none;
	head = blanks_cut(slice_sub(head, (size_t)(p - head.p) + 8, head.len));
	if (head.len == 0 || head.p[0] != '=')
		return none;
	head = blanks_cut(slice_sub(head, 1, head.len));
	if (head.len == 0 || (head.p[0] != '"' && head.p[0] != '\''))
		return none;
	q = memchr(head.p + 1, head.p[0], head.len - 1);
	return q == NULL ? none : slice_sub(head, 1, (size_t)(q - head.p) - 1);
}

/* Behind `mark`; empty when it is not there. */
static struct slice
behind(struct slice s, const char *mark)
{
	const char *end = memmem(s.p, s.len, mark, strlen(mark));

	if (end == NULL)
		return (struct slice){ NULL, 0 };
	return slice_sub(s, (size_t)(end - s.p) + strlen(mark), s.len);
}

/* Behind a DOCTYPE, its internal subset with it. */
static struct slice
doctype_cut(struct slice s)
{
	size_t i = 0;
	bool inside = false;

	for (; i < s.len; i++) {
		if (s.p[i] == '[')
			inside = true;
		else if (s.p[i] == ']')
			inside = false;
		else if (s.p[i] == '>' && !inside)
			break;
	}
	return slice_sub(s, i + 1, s.len);
}

/* A name ends here. */
static bool
name_end(char c)
{
	return space(c) || c == '>' || c == '/' || c == '=' || c == '<';
}

static struct slice
name_cut(struct slice *rest)
{
	size_t n = 0;

	while (n < rest->len && !name_end(rest->p[n]))
		n++;
	*rest = slice_sub(*rest, n, rest->len);
	return (struct slice){ rest->p - n, n };
}

/* name = "value" in front of rest; false: the start tag ends. */
static bool
attribute_cut(struct slice *rest, struct slice *name, struct slice *value)
{
	const char *q;

	*rest = blanks_cut(*rest);
	*name = name_cut(rest);
	*rest = blanks_cut(*rest);
	if (name->len == 0 || rest->len == 0 || rest->p[0] != '=')
		return false;
	*rest = blanks_cut(slice_sub(*rest, 1, rest->len));
	if (rest->len == 0 || (rest->p[0] != '"' && rest->p[0] != '\''))
		return false;
	q = memchr(rest->p + 1, rest->p[0], rest->len - 1);
	if (q == NULL)
		return false;
	*value = slice_sub(*rest, 1, (size_t)(q - rest->p) - 1);
	*rest = slice_sub(*rest, (size_t)(q - rest->p) + 1, rest->len);
	return true;
}

/* "ceb" of "ceb:Message", and the name behind it. */
static struct slice
prefix_cut(struct slice *name)
{
	const char *colon =
	    name->len == 0 ? NULL : memchr(name->p, ':', name->len);
	struct slice prefix = { NULL, 0 };

	if (colon == NULL)
		return prefix;
	return slice_cut(name, ':');
}

bool
xml_root(struct slice utf8, struct slice *name, struct slice *space_uri)
{
	struct slice s = slice_sub(utf8, 0, HEAD_MAX), prefix, tag, attr, value;

	*space_uri = (struct slice){ NULL, 0 };
	for (;;) {
		s = blanks_cut(s);
		if (slice_starts(s, "<?"))
			s = behind(s, "?>");
		else if (slice_starts(s, "<!--"))
			s = behind(s, "-->");
		else if (slice_starts(s, "<!"))
			s = doctype_cut(s);
		else
			break;
	}
	if (s.len < 2 || s.p[0] != '<')
		return false;
	s = slice_sub(s, 1, s.len);
	tag = name_cut(&s);
	if (tag.len == 0)
		return false;
	prefix = prefix_cut(&tag);
	while (attribute_cut(&s, &attr, &value)) {
		struct slice p = prefix_cut(&attr);

		if (prefix.len == 0
			? p.len == 0 && slice_is(attr, "xmlns")
			: slice_is(p, "xmlns") && slice_eq(attr, prefix))
			*space_uri = value;
	}
	*name = tag;
	return true;
}
