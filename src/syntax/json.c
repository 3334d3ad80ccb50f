/*
 * syntax/json.c - JSON as a tree of nodes. Trusts nothing; called by the
 * pipeline.
 *
 * Strict where leniency could change what is said: names twice, half a pair of
 * surrogates, U+0000, control characters in a text, anything behind the value.
 */
#include "src/syntax/json.h"
#include "src/base/utf8.h"
#include <stdio.h>
#include <string.h>

#define DOCUMENT_MAX (8u << 20)
#define DEPTH_MAX    64u
#define MEMBERS_MAX  500u
#define TEXT_MAX     (64u << 10)
#define NODES_MAX    500000u
#define POOL         64u

struct json {
	struct slice text;
	uint32_t at;
	const struct tags *tags;
	struct arena *mem;
	struct findings *findings;
	struct wnode *pool;
	uint32_t pool_left, nodes, depth;
	bool refused;
};

/* The first thing that is wrong ends it: what follows cannot be told. */
static bool
refuse(struct json *j, enum finding_kind kind, const char *tag,
    const char *found, const char *wanted, uint32_t at)
{
	struct slice none = { NULL, 0 };
	struct finding *f;

	if (j->refused)
		return false;
	j->refused = true;
	f = finding_add(j->findings, kind, none, slice_of(tag), slice_of(found),
	    slice_of(wanted));
	f->text_at = at;
	f->text_span = at < j->text.len ? 1 : 0;
	return false;
}

/* '\0' at the end: no token of JSON is one. */
static char
peek(const struct json *j)
{
	return j->at < j->text.len ? j->text.p[j->at] : '\0';
}

static void
blanks(struct json *j)
{
	while (j->at < j->text.len && memchr(" \t\r\n", peek(j), 4) != NULL)
		j->at++;
}

/* "found what stands here, want ..." */
static bool
unexpected(struct json *j, const char *wanted)
{
	char found[40];
	unsigned char c = (unsigned char)peek(j);

	if (j->at >= j->text.len)
		(void)snprintf(found, sizeof(found), "the end");
	else if (c == '\n' || c == '\r')
		(void)snprintf(found, sizeof(found), "the end of the line");
	else if (c > ' ' && c < 0x7f)
		(void)snprintf(found, sizeof(found), "'%c'", c);
	else
		(void)snprintf(found, sizeof(found), "byte %02X", c);
	return refuse(j, FIND_SYNTAX, "", found, wanted, j->at);
}

static bool
take(struct json *j, char c, const char *wanted)
{
	blanks(j);
	if (peek(j) != c || j->at >= j->text.len)
		return unexpected(j, wanted);
	j->at++;
	return true;
}

static struct wnode *
node_make(struct json *j, struct wnode *parent, struct slice name)
{
	struct wnode *n;

	if (j->pool_left == 0) {
		j->pool = j->nodes < NODES_MAX
			      ? arena_get(j->mem, POOL * sizeof(*n))
			      : NULL;
		if (j->pool == NULL) {
			if (!arena_failed(j->mem))
				(void)refuse(j, FIND_LIMIT, "the document",
				    "more than 500000 values", "500000", 0);
			j->refused = true;
			return NULL;
		}
		j->pool_left = POOL;
		j->nodes += POOL;
	}
	n = j->pool++;
	j->pool_left--;
	n->parent = parent;
	n->name = name;
	n->tag = tag_find(j->tags, name);
	n->at = j->at;
	if (parent->last_child == NULL)
		parent->child = n;
	else
		parent->last_child->next = n;
	parent->last_child = n;
	return n;
}

/* --- texts --- */

static bool
hex4(const struct json *j, uint32_t at, uint32_t *out)
{
	uint32_t v = 0;

	if (at + 4 > j->text.len)
		return false;
	for (uint32_t i = at; i < at + 4; i++) {
		char c = j->text.p[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			v = v * 16 + (uint32_t)(c - 'A') + 10;
		else
			return false;
	}
	*out = v;
	return true;
}

/* The escape at `at`, behind its backslash; how many bytes it has, 0: none. */
static uint32_t
escape_read(const struct json *j, uint32_t at, uint32_t *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char x = at < j->text.len ? j->text.p[at] : '\0';
	const char *k = x == '\0' ? NULL : strchr(from, x);
	uint32_t low;

	if (k != NULL) {
		*c = (unsigned char)to[k - from];
		return 1;
	}
	if (x != 'u' || !hex4(j, at + 1, c) || *c == 0)
		return 0;
	if (*c < 0xd800 || *c > 0xdfff)
		return 5;
	if (*c > 0xdbff || at + 7 > j->text.len || j->text.p[at + 5] != '\\' ||
	    j->text.p[at + 6] != 'u' || !hex4(j, at + 7, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return 0;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 11;
}

/* Why escape_read() takes none of what stands behind the backslash at j->at. */
static bool
escape_refuse(struct json *j)
{
	bool hex = j->at + 1 < j->text.len && j->text.p[j->at + 1] == 'u';
	uint32_t c;

	if (!hex || !hex4(j, j->at + 2, &c))
		return refuse(j, FIND_SYNTAX, "", "a broken escape",
		    "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
		    "\\uXXXX",
		    j->at);
	if (c == 0)
		return refuse(j, FIND_SYNTAX, "", "the character U+0000",
		    "a text without it", j->at);
	return refuse(j, FIND_SYNTAX, "", "half of a pair of \\uXXXX",
	    "both halves", j->at);
}

/* From the opening quote to the closing one; *escapes: there are some. */
static bool
text_end(struct json *j, bool *escapes)
{
	uint32_t from = j->at++, c, n;

	*escapes = false;
	for (;; j->at++) {
		char x = peek(j);

		if (j->at >= j->text.len)
			return refuse(j, FIND_SYNTAX, "",
			    "a text that never ends", "a closing quote", from);
		if (j->at - from > TEXT_MAX)
			return refuse(j, FIND_LIMIT, "a text",
			    "more than 65536 bytes", "65536", from);
		if (x == '"')
			return true;
		if (x == '\n' || x == '\r')
			return unexpected(j, "a closing quote");
		if ((unsigned char)x < ' ')
			return unexpected(j, "an escape");
		if (x != '\\')
			continue;
		*escapes = true;
		n = escape_read(j, j->at + 1, &c);
		if (n == 0)
			return escape_refuse(j);
		j->at += n;
	}
}

/* The text whose opening quote stands here; escapes only make it shorter. */
static bool
text_read(struct json *j, struct slice *out)
{
	uint32_t from = j->at + 1, c;
	bool escapes;
	size_t n = 0, k;
	char *p, letter[4];

	if (!text_end(j, &escapes))
		return false;
	*out = slice_sub(j->text, from, j->at - from);
	j->at++;
	if (!escapes)
		return true;
	p = arena_raw(j->mem, out->len);
	if (p == NULL) {
		j->refused = true;
		return false;
	}
	for (uint32_t i = from; i < from + out->len; i++) {
		if (j->text.p[i] != '\\') {
			p[n++] = j->text.p[i];
			continue;
		}
		i += escape_read(j, i + 1, &c);
		k = utf8_make(letter, c);
		memcpy(p + n, letter, k);
		n += k;
	}
	*out = (struct slice){ p, n };
	return true;
}

/* --- numbers and words --- */

static uint32_t
digits(struct json *j)
{
	uint32_t n = 0;

	while (peek(j) >= '0' && peek(j) <= '9') {
		j->at++;
		n++;
	}
	return n;
}

static bool
number_read(struct json *j, struct slice *out)
{
	uint32_t from = j->at;

	if (peek(j) == '-')
		j->at++;
	if (peek(j) == '0')
		j->at++;
	else if (digits(j) == 0)
		return unexpected(j, "a value");
	if (peek(j) == '.') {
		j->at++;
		if (digits(j) == 0)
			return unexpected(j, "a digit");
	}
	if (peek(j) == 'e' || peek(j) == 'E') {
		j->at++;
		if (peek(j) == '+' || peek(j) == '-')
			j->at++;
		if (digits(j) == 0)
			return unexpected(j, "a digit");
	}
	if (j->at - from > TEXT_MAX)
		return refuse(j, FIND_LIMIT, "a number",
		    "more than 65536 digits", "65536", from);
	*out = slice_sub(j->text, from, j->at - from);
	return true;
}

/* true, false; null is an empty text, and so absent. */
static bool
word_read(struct json *j, struct slice *out)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (!slice_starts(slice_sub(j->text, j->at, n), words[i]))
			continue;
		*out = slice_sub(j->text, j->at, i == 2 ? 0 : n);
		j->at += (uint32_t)n;
		return true;
	}
	return number_read(j, out);
}

/* --- values --- */

static bool value_read(
    struct json *, struct wnode *parent, struct slice name, bool in_array);

static bool
name_twice(const struct wnode *object, const struct wnode *seen_last,
    struct slice name)
{
	for (const struct wnode *c = object->child; c != NULL; c = c->next) {
		if (slice_eq(c->name, name))
			return true;
		if (c == seen_last)
			break;
	}
	return false;
}

static bool
member_read(struct json *j, struct wnode *object)
{
	const struct wnode *last = object->last_child;
	struct slice name;
	char found[100];
	uint32_t at;

	blanks(j);
	at = j->at;
	if (peek(j) != '"')
		return unexpected(j, "a name in quotes");
	if (!text_read(j, &name))
		return false;
	if (last != NULL && name_twice(object, last, name)) {
		(void)snprintf(found, sizeof(found), "member '%.*s' twice",
		    (int)(name.len > 60 ? 60 : name.len), name.p);
		return refuse(j, FIND_SYNTAX, "", found, "each name once", at);
	}
	return take(j, ':', "a colon") && value_read(j, object, name, false);
}

static bool
object_read(struct json *j, struct wnode *object)
{
	uint32_t n = 0;

	j->at++;
	blanks(j);
	if (peek(j) == '}') {
		j->at++;
		return true;
	}
	for (;;) {
		if (++n > MEMBERS_MAX)
			return refuse(j, FIND_LIMIT, "an object",
			    "more than 500 members", "500", j->at);
		if (!member_read(j, object))
			return false;
		blanks(j);
		if (peek(j) != ',')
			return take(j, '}', "a comma or a closing brace");
		j->at++;
	}
}

static bool
array_read(struct json *j, struct wnode *parent, struct slice name)
{
	j->at++;
	blanks(j);
	if (peek(j) == ']') {
		j->at++;
		return true;
	}
	for (;;) {
		if (!value_read(j, parent, name, true))
			return false;
		blanks(j);
		if (peek(j) != ',')
			return take(j, ']', "a comma or a closing bracket");
		j->at++;
	}
}

static bool
leaf_read(struct json *j, struct wnode *parent, struct slice name)
{
	struct wnode *n = node_make(j, parent, name);
	bool quoted = peek(j) == '"';

	if (n == NULL)
		return false;
	n->leaf = true;
	if (!(quoted ? text_read(j, &n->text) : word_read(j, &n->text)))
		return false;
	n->span = j->at - n->at;
	n->tat = n->at + quoted;
	n->tspan = n->span - 2u * quoted;
	return true;
}

static bool
value_read(
    struct json *j, struct wnode *parent, struct slice name, bool in_array)
{
	struct wnode *n;
	bool good;

	blanks(j);
	if (peek(j) != '{' && peek(j) != '[')
		return leaf_read(j, parent, name);
	if (++j->depth > DEPTH_MAX)
		return refuse(j, FIND_LIMIT, "the document",
		    "more than 64 deep", "64", j->at);
	if (peek(j) == '[') {
		if (in_array)
			return unexpected(j, "no array in an array");
		good = array_read(j, parent, name);
	} else {
		n = node_make(j, parent, name);
		good = n != NULL && object_read(j, n);
		if (good)
			n->span = j->at - n->at;
	}
	j->depth--;
	return good;
}

bool
json_probe(struct slice raw)
{
	struct slice s = raw;

	if (s.len >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = slice_sub(s, 3, s.len);
	s = slice_trim(slice_sub(s, 0, 4096));
	return s.len > 0 && (s.p[0] == '{' || s.p[0] == '[');
}

struct wnode *
json_tree(const struct text *text, const struct tags *tags, struct arena *mem,
    struct findings *findings)
{
	struct json j = { .text = text->utf8,
		.tags = tags,
		.mem = mem,
		.findings = findings };
	struct wnode *root = arena_get(mem, sizeof(*root));

	if (root == NULL)
		return NULL;
	if (text->utf8.len > DOCUMENT_MAX) {
		(void)refuse(&j, FIND_LIMIT, "the document", "more than 8 MiB",
		    "8 MiB", 0);
		return NULL;
	}
	root->span = (uint32_t)text->utf8.len;
	blanks(&j);
	if (peek(&j) != '{' && peek(&j) != '[')
		(void)unexpected(&j, "an object or an array of objects");
	else if (value_read(&j, root, SLICE_LIT("object"), false)) {
		blanks(&j);
		if (j.at < j.text.len)
			(void)unexpected(&j, "nothing behind the value");
	}
	return j.refused || arena_failed(mem) ? NULL : root;
}

/* Behind a text's closing quote; the end where there is none. */
static size_t
text_skip(struct slice s, size_t at)
{
	for (at++; at < s.len && s.p[at] != '"'; at++)
		at += s.p[at] == '\\';
	return at < s.len ? at + 1 : s.len;
}

/*
 * The names in the first object, as they stand; what is deeper is stepped over.
 * Nothing is refused here: what is broken ends the list.
 */
uint32_t
json_members(struct slice utf8, struct slice *name, uint32_t most)
{
	uint32_t n = 0, depth = 0;
	bool inside = false, wanted = false; /* the object; a name is next */

	for (size_t at = 0; at < utf8.len && n < most;) {
		char c = utf8.p[at];
		size_t from = at + 1;

		if (c == '"') {
			at = text_skip(utf8, at);
			if (inside && depth == 0 && wanted)
				name[n++] = slice_sub(
				    utf8, from, at > from ? at - from - 1 : 0);
			wanted = false;
			continue;
		}
		at++;
		if (!inside) {
			inside = wanted = c == '{';
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth-- == 0)
				return n;
		} else if (c == ',' && depth == 0) {
			wanted = true;
		}
	}
	return n;
}
