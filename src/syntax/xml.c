/*
 * syntax/xml.c - XML to a tree of nodes by libxml2's SAX2. Trusts nothing:
 * a DOCTYPE stops the parser before anything of it is expanded, nothing
 * external is ever asked for, depth, attributes and nodes have ceilings.
 * Called by identify and convert.
 *
 * The text is UTF-8 by now, whatever the declaration says, so the parser is
 * told to ignore that. Places come from where the parser stands in our own
 * bytes; text that has no entity in it is not copied but looked at there.
 */
#include "src/syntax/xml.h"
#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_MAX   (8u << 20)
#define DEPTH_MAX      128u
#define ATTRIBUTES_MAX 1000
#define NODES_MAX      500000u
#define POOL           64u

struct open {
	struct wnode *node;
	uint32_t inner;     /* behind the start tag */
	uint32_t collected; /* where its own text starts */
	bool parent;        /* has child elements */
};

struct sax {
	xmlParserCtxt *ctxt;
	struct slice text;
	const struct tags *tags;
	struct arena *mem;
	struct findings *findings;
	struct open open[DEPTH_MAX + 1];
	uint32_t depth;
	struct wnode *root;
	struct wnode *pool;
	uint32_t pool_left, nodes;
	char *own; /* texts of the open elements, one behind the other */
	uint32_t own_len, own_cap;
	bool stopped; /* by us, the finding is there */
	bool full;    /* no memory */
};

/* Where the parser stands in the decoded text. */
static uint32_t
sax_at(const struct sax *s)
{
	const xmlParserInput *in = s->ctxt->input;
	size_t at =
	    in == NULL ? 0 : in->consumed + (size_t)(in->cur - in->base);

	return (uint32_t)(at > s->text.len ? s->text.len : at);
}

static void
sax_stop(struct sax *s)
{
	s->stopped = true;
	xmlStopParser(s->ctxt);
}

static void
sax_refuse(struct sax *s, enum finding_kind kind, const char *tag,
    struct slice found, const char *wanted, uint32_t at, uint32_t span)
{
	struct slice none = { NULL, 0 };
	struct finding *f;

	if (s->stopped)
		return;
	f = finding_add(
	    s->findings, kind, none, slice_of(tag), found, slice_of(wanted));
	f->text_at = at;
	f->text_span = span;
	sax_stop(s);
}

static struct wnode *
node_make(struct sax *s, struct wnode *parent)
{
	struct wnode *n;

	if (s->pool_left == 0) {
		s->pool = arena_get(s->mem, POOL * sizeof(*n));
		if (s->pool == NULL) {
			s->full = true;
			sax_stop(s);
			return NULL;
		}
		s->pool_left = POOL;
		s->nodes += POOL;
		if (s->nodes > NODES_MAX) {
			sax_refuse(s, FIND_LIMIT, "the document",
			    SLICE_LIT("more than 500000 elements"), "500000",
			    sax_at(s), 1);
			return NULL;
		}
	}
	n = s->pool++;
	s->pool_left--;
	n->parent = parent;
	if (parent->last_child == NULL)
		parent->child = n;
	else
		parent->last_child->next = n;
	parent->last_child = n;
	return n;
}

/* --- attributes --- */

static bool
space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The next name = "value" of a start tag that the parser has found good, from
 * *i on; namespaces are stepped over.
 */
static bool
attribute_next(
    struct slice tag, size_t *i, struct slice *name, struct slice *value)
{
	for (;;) {
		size_t from;
		const char *end;

		while (*i < tag.len && space(tag.p[*i]))
			(*i)++;
		from = *i;
		while (*i < tag.len && tag.p[*i] != '=' && !space(tag.p[*i]))
			(*i)++;
		*name = slice_sub(tag, from, *i - from);
		while (*i < tag.len && tag.p[*i] != '"' && tag.p[*i] != '\'')
			(*i)++;
		if (*i >= tag.len)
			return false;
		end = memchr(tag.p + *i + 1, tag.p[*i], tag.len - *i - 1);
		if (end == NULL)
			return false;
		*value = slice_sub(tag, *i + 1, (size_t)(end - tag.p) - *i - 1);
		*i = (size_t)(end - tag.p) + 1;
		if (!slice_is(*name, "xmlns") && !slice_starts(*name, "xmlns:"))
			return true;
	}
}

static struct slice
local_of(struct slice name)
{
	const char *colon = memchr(name.p, ':', name.len);

	return colon == NULL
		   ? name
		   : slice_sub(name, (size_t)(colon - name.p) + 1, name.len);
}

/* "@name" for the tag table, on the stack when it is short. */
static wtag
attribute_tag(const struct sax *s, struct slice local)
{
	char name[128];

	if (local.len >= sizeof(name))
		return TAG_UNKNOWN;
	name[0] = '@';
	memcpy(name + 1, local.p, local.len);
	return tag_find(s->tags, (struct slice){ name, local.len + 1 });
}

/*
 * The parser resolves everything in an attribute but "&", which it hands on as
 * "&#38;" for a second pass that we do not make.
 */
static struct slice
attribute_text(struct sax *s, struct slice v)
{
	char *out = arena_raw(s->mem, v.len);
	size_t n = 0;

	if (out == NULL)
		return v;
	for (size_t i = 0; i < v.len; i++) {
		out[n++] = v.p[i];
		if (v.len - i >= 5 && memcmp(v.p + i, "&#38;", 5) == 0)
			i += 4;
	}
	return (struct slice){ out, n };
}

static void
attributes_make(struct sax *s, struct wnode *n, uint32_t from, uint32_t to,
    int count, const xmlChar **list)
{
	struct slice tag = slice_sub(s->text, from, to - from);
	struct slice name, value;
	size_t i = 0;

	for (int k = 0; k < count && attribute_next(tag, &i, &name, &value);
	     k++) {
		struct wnode *a = node_make(s, n);
		const char *v = (const char *)list[k * 5 + 3];
		const char *v_end = (const char *)list[k * 5 + 4];

		if (a == NULL)
			return;
		a->leaf = true;
		a->at = (uint32_t)(name.p - s->text.p);
		a->span = (uint32_t)(value.p + value.len + 1 - name.p);
		a->tat = (uint32_t)(value.p - s->text.p);
		a->tspan = (uint32_t)value.len;
		a->name = local_of(name);
		a->tag = attribute_tag(s, a->name);
		a->text = value;
		if (memchr(value.p, '&', value.len) != NULL ||
		    (size_t)(v_end - v) != value.len ||
		    memcmp(v, value.p, value.len) != 0)
			a->text = attribute_text(
			    s, (struct slice){ v, (size_t)(v_end - v) });
	}
}

/* --- elements --- */

static bool
element_allowed(struct sax *s, struct slice name, int attributes, uint32_t at)
{
	char tag[80], found[32];

	(void)snprintf(tag, sizeof(tag), "element '%.*s'",
	    (int)(name.len > 60 ? 60 : name.len), name.p);
	if (s->depth >= DEPTH_MAX) {
		sax_refuse(s, FIND_LIMIT, tag, SLICE_LIT("129 deep"), "128", at,
		    (uint32_t)name.len + 1);
		return false;
	}
	if (attributes > ATTRIBUTES_MAX) {
		(void)snprintf(
		    found, sizeof(found), "with %d attributes", attributes);
		sax_refuse(s, FIND_LIMIT, tag, slice_of(found), "1000", at,
		    (uint32_t)name.len + 1);
		return false;
	}
	return true;
}

static void
on_start(void *arg, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int nspaces, const xmlChar **spaces, int nattributes,
    int ndefaulted, const xmlChar **attributes)
{
	struct sax *s = arg;
	uint32_t end = sax_at(s), at;
	const char *lt;
	size_t skip = prefix == NULL ? 0 : strlen((const char *)prefix) + 1;
	struct slice name = { NULL, strlen((const char *)local) };
	struct open *o;
	struct wnode *n;

	(void)uri;
	(void)nspaces;
	(void)spaces;
	(void)ndefaulted;
	if (s->stopped)
		return;
	/* The parser stands before ">"; "<" is never inside a start tag. */
	lt = memrchr(s->text.p, '<', end);
	at = lt == NULL ? end : (uint32_t)(lt - s->text.p);
	name.p = s->text.p + at + 1 + skip;
	if (!element_allowed(s, name, nattributes, at))
		return;
	n = node_make(s, s->open[s->depth].node);
	if (n == NULL)
		return;
	s->open[s->depth].parent = true;
	n->at = at;
	n->name = name;
	n->tag = tag_find(s->tags, name);
	o = &s->open[++s->depth];
	*o = (struct open){ .node = n, .collected = s->own_len };
	o->inner = end + (end < s->text.len && s->text.p[end] == '/' ? 2 : 1);
	if (nattributes > 0)
		attributes_make(s, n, at + 1 + (uint32_t)(skip + name.len), end,
		    nattributes, attributes);
}

static bool
blanks_only(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!space(s.p[i]))
			return false;
	return true;
}

/* Does the wire say the text as it is: no entity, CDATA, comment, CR? */
static bool
text_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '&' || s.p[i] == '<' || s.p[i] == '\r')
			return false;
	return true;
}

static void
text_take(struct sax *s, const struct open *o, uint32_t end)
{
	struct wnode *n = o->node;
	struct slice raw = slice_sub(s->text, o->inner, end - o->inner);
	struct slice own = slice_sub(
	    (struct slice){ s->own, s->own_len }, o->collected, s->own_len);

	if (o->parent && blanks_only(own))
		return; /* only the layout between its elements */
	n->tat = o->inner;
	n->tspan = end - o->inner;
	n->text = !o->parent && text_plain(raw) ? raw : arena_dup(s->mem, own);
}

static void
on_end(
    void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct sax *s = arg;
	struct open *o = &s->open[s->depth];
	uint32_t end = sax_at(s), close = end;
	const char *lt;

	(void)local;
	(void)prefix;
	(void)uri;
	if (s->stopped || s->depth == 0)
		return;
	o->node->span = end - o->node->at;
	if (end > o->inner) { /* not <A/>: back to "</" */
		lt = memrchr(s->text.p + o->inner, '<', end - o->inner);
		close = lt == NULL ? end : (uint32_t)(lt - s->text.p);
	}
	if (close > o->inner)
		text_take(s, o, close);
	s->own_len = o->collected;
	s->depth--;
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct sax *s = arg;
	uint32_t cap = s->own_cap == 0 ? 4096 : s->own_cap;
	char *own;

	if (s->stopped || n <= 0)
		return;
	if (s->own_len + (uint32_t)n > s->own_cap) {
		while (cap < s->own_len + (uint32_t)n)
			cap *= 2;
		own = arena_raw(s->mem, cap);
		if (own == NULL) {
			s->full = true;
			sax_stop(s);
			return;
		}
		if (s->own_len > 0)
			memcpy(own, s->own, s->own_len);
		s->own = own;
		s->own_cap = cap;
	}
	memcpy(s->own + s->own_len, p, (size_t)n);
	s->own_len += (uint32_t)n;
}

static void
on_doctype(void *arg, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	struct sax *s = arg;
	uint32_t end = sax_at(s);
	const char *lt = memrchr(s->text.p, '<', end);
	uint32_t at = lt == NULL ? 0 : (uint32_t)(lt - s->text.p);

	(void)name;
	(void)external;
	(void)system;
	sax_refuse(
	    s, FIND_FORBIDDEN, "", SLICE_LIT("a DOCTYPE"), "", at, end - at);
}

/*
 * The first fatal mistake is told; one of namespaces alone is none to us, real
 * messages leave prefixes undeclared.
 */
static void
on_error(void *arg, xmlErrorPtr e)
{
	xmlParserCtxt *ctxt = e->ctxt;
	struct sax *s = ctxt == NULL ? arg : ctxt->userData;
	char found[200];
	struct slice said;
	uint32_t at;

	if (s->stopped || e->level < XML_ERR_FATAL)
		return;
	said = slice_trim(slice_of(e->message));
	(void)snprintf(found, sizeof(found), "%.*s",
	    (int)(said.len > 150 ? 150 : said.len), said.p);
	found[0] = (char)tolower((unsigned char)found[0]);
	at = sax_at(s);
	sax_refuse(s, FIND_SYNTAX, "", slice_of(found), "well-formed XML", at,
	    at < s->text.len);
}

static void
handlers_set(xmlSAXHandler *h)
{
	memset(h, 0, sizeof(*h));
	h->initialized = XML_SAX2_MAGIC;
	h->startElementNs = on_start;
	h->endElementNs = on_end;
	h->characters = on_text;
	h->ignorableWhitespace = on_text;
	h->cdataBlock = on_text;
	h->internalSubset = on_doctype;
	h->serror = on_error;
}

static bool
sax_run(struct sax *s)
{
	xmlParserCtxt *c =
	    xmlCreateMemoryParserCtxt(s->text.p, (int)s->text.len);
	bool good;

	if (c == NULL)
		return false;
	s->ctxt = c;
	handlers_set(c->sax);
	c->userData = s;
	(void)xmlCtxtUseOptions(
	    c, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
	c->userData = s;
	(void)xmlParseDocument(c);
	good = c->wellFormed && !s->stopped;
	if (!good && !s->stopped) /* never silent */
		sax_refuse(s, FIND_SYNTAX, "", SLICE_LIT("text that is no XML"),
		    "well-formed XML", sax_at(s), 0);
	xmlFreeParserCtxt(c);
	return good;
}

struct wnode *
xml_tree(const struct text *text, const struct tags *tags, struct arena *mem,
    struct findings *findings)
{
	struct sax *s = arena_get(mem, sizeof(*s));
	struct slice none = { NULL, 0 };
	char found[32];

	if (s == NULL || (s->root = arena_get(mem, sizeof(*s->root))) == NULL)
		return NULL;
	s->text = text->utf8;
	s->tags = tags;
	s->mem = mem;
	s->findings = findings;
	s->open[0].node = s->root;
	s->root->span = (uint32_t)text->utf8.len;
	if (text->utf8.len > DOCUMENT_MAX) {
		(void)snprintf(
		    found, sizeof(found), "%zu bytes", text->utf8.len);
		(void)finding_add(findings, FIND_LIMIT, none,
		    SLICE_LIT("the document"), slice_of(found),
		    SLICE_LIT("8388608"));
		return NULL;
	}
	if (text->utf8.len == 0) {
		(void)finding_add(findings, FIND_EMPTY, none, none, none, none);
		return NULL;
	}
	return sax_run(s) && !arena_failed(mem) ? s->root : NULL;
}
