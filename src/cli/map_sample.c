/*
 * cli/map_sample.c - a sample message becomes a skeleton: nodes of one name and
 * place are one line. Trusts nothing in the sample. Called by map new.
 */
#include "src/cli/skeleton.h"
#include "src/syntax/csv.h"
#include "src/syntax/edifact.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"
#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX 4000 /* of a skeleton */

/* ---- what a segment is told by, learnt from the formats there are ---- */

static bool
lines_tell(const struct line *parent, struct slice segment, struct slice leaf)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		for (uint8_t i = 0;
		     slice_eq(l->name[0], segment) && i < l->nguards; i++)
			if (l->guard[i].kind == GUARD_IS &&
			    l->guard[i].nsteps == 1 &&
			    slice_eq(l->guard[i].name[0], leaf))
				return true;
		if (lines_tell(l, segment, leaf))
			return true;
	}
	return false;
}

static bool
qualifies(const struct skeleton *k, struct slice segment, struct slice leaf)
{
	const struct plan *p;

	for (unsigned int i = 0; (p = format_nth(k->m->formats, i)) != NULL;
	     i++)
		if (p->syntax == SYN_EDIFACT &&
		    lines_tell(p->root, segment, leaf))
			return true;
	return false;
}

/* The name of an EDIFACT leaf as a line says it. */
static struct slice
leaf_name(const struct skeleton *k, const struct wnode *n)
{
	const struct table_segment *s = table_segment_find(
	    k->table, tag_pack(n->parent->name.p, n->parent->name.len));
	uint32_t e = (n->tag - TAG_LEAF) / TAG_COMPONENTS;
	uint32_t c = (n->tag - TAG_LEAF) % TAG_COMPONENTS, nth = 1;
	const struct table_leaf *l = s == NULL ? NULL : table_leaf_at(s, e, c);
	char text[64];

	if (l == NULL)
		return (struct slice){ NULL, 0 };
	for (uint32_t i = 1; i < c; i++)
		nth += slice_eq(table_leaf_at(s, e, i)->id, l->id);
	if (c == 0 || nth == 1)
		return l->name;
	(void)snprintf(
	    text, sizeof(text), "%.*s#%u", SLICE_ARG(l->name), (unsigned)nth);
	return arena_dup(k->mem, slice_of(text));
}

static void
qualifier_find(const struct skeleton *k, const struct wnode *segment,
    struct slice *by, struct slice *is)
{
	*by = *is = (struct slice){ NULL, 0 };
	if (k->syntax != SYN_EDIFACT || slice_is(segment->name, "UNH"))
		return;
	for (const struct wnode *n = segment->child; n != NULL && n->leaf;
	     n = n->next) {
		struct slice name = leaf_name(k, n);

		if (n->text.len > 0 && qualifies(k, segment->name, name)) {
			*by = name;
			*is = n->text;
			return;
		}
	}
}

/* ---- nodes of one name are one line ---- */

struct merge {
	struct skeleton *k;
	uint32_t nlines;
	bool full;
};

/* Behind the line that was met last, so that order is kept. */
static struct skel *
skel_add(
    struct merge *g, struct skel *parent, struct skel *after, struct slice name)
{
	struct skel *s = arena_get(g->k->mem, sizeof(*s));

	if (s == NULL || ++g->nlines > LINES_MAX) {
		g->full = true;
		return NULL;
	}
	s->name = name;
	s->leaf = true;
	s->parent = parent;
	if (after == NULL) {
		s->next = parent->child;
		parent->child = s;
	} else {
		s->next = after->next;
		after->next = s;
	}
	return s;
}

static struct skel *
skel_find(const struct skel *parent, struct slice name, struct slice is)
{
	struct skel *s = parent->child;

	while (s != NULL && (!slice_eq(s->name, name) || !slice_eq(s->is, is)))
		s = s->next;
	return s;
}

static void
text_keep(struct skel *s, struct slice text)
{
	if (s->example.len == 0)
		s->example = slice_trim(text);
}

/* As a line says it: EDIFACT leaves by the table, attributes with "@". */
static struct slice
node_name(const struct skeleton *k, const struct wnode *n)
{
	char *p;

	if (!n->leaf || (k->syntax != SYN_EDIFACT && k->syntax != SYN_XML))
		return n->name;
	if (k->syntax == SYN_EDIFACT)
		return leaf_name(k, n);
	p = arena_raw(k->mem, n->name.len + 1);
	if (p == NULL)
		return (struct slice){ NULL, 0 };
	p[0] = '@';
	memcpy(p + 1, n->name.p, n->name.len);
	return (struct slice){ p, n->name.len + 1 };
}

static void node_merge(struct merge *, struct skel *, const struct wnode *);

static struct skel *
child_merge(struct merge *g, struct skel *parent, struct skel *after,
    const struct wnode *n)
{
	bool edifact = g->k->syntax == SYN_EDIFACT;
	struct slice name = node_name(g->k, n);
	struct slice by, is;
	struct skel *s;

	qualifier_find(g->k, n, &by, &is);
	if (name.len == 0)
		return after;
	s = skel_find(parent, name, is);
	if (s == NULL)
		s = skel_add(g, parent, after, name);
	if (s == NULL)
		return after;
	s->by = by;
	s->is = is;
	if (edifact && n->leaf)
		s->tag = n->tag;
	if (++s->now > s->most)
		s->most = s->now;
	node_merge(g, s, n);
	return s;
}

static void
node_merge(struct merge *g, struct skel *s, const struct wnode *n)
{
	struct skel *last = NULL;

	for (struct skel *c = s->child; c != NULL; c = c->next)
		c->now = 0;
	if (n->child == NULL) {
		text_keep(s, n->text);
		return;
	}
	s->leaf = false;
	for (const struct wnode *c = n->child; c != NULL && !g->full;
	     c = c->next)
		last = child_merge(g, s, last, c);
	if (n->text.len > 0 && g->k->syntax == SYN_XML) {
		struct skel *own =
		    skel_find(s, SLICE_LIT("."), (struct slice){ NULL, 0 });

		if (own == NULL)
			own = skel_add(g, s, NULL, SLICE_LIT("."));
		if (own != NULL)
			text_keep(own, n->text);
	}
}

/* ---- EDIFACT: in the order of the table ---- */

static const struct table_place *
places_of(const struct table_place *g)
{
	return g->up == NULL ? g->first : g->first->next;
}

static int
by_order(const void *a, const void *b)
{
	const struct skel *x = *(const struct skel *const *)a;
	const struct skel *y = *(const struct skel *const *)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	/* of one tag: those without a qualifier take what is left, last */
	return (x->is.len == 0) - (y->is.len == 0);
}

/* Segments stand below it: it is a group's trigger. */
static bool
opens_group(const struct skel *s)
{
	for (const struct skel *c = s->child; c != NULL; c = c->next)
		if (c->tag == 0)
			return true;
	return false;
}

static void
table_order(struct skel *s, const struct table_place *g)
{
	struct skel *all[LINES_MAX];
	uint32_t n = 0;

	for (struct skel *c = s->child; c != NULL; c = c->next) {
		uint32_t key = tag_pack(c->name.p, c->name.len), at = 1;
		const struct table_place *p = g == NULL ? NULL : places_of(g);

		c->order = c->tag; /* leaves first, as they stand */
		while (c->tag == 0 && p != NULL &&
		       (p->key != key || (opens_group(c) && !p->group))) {
			p = p->next;
			at++;
		}
		if (c->tag == 0) {
			c->order = 0x10000000u + at;
			table_order(c, p != NULL && p->group ? p : NULL);
		}
		all[n++] = c;
	}
	if (n == 0)
		return;
	qsort(all, n, sizeof(struct skel *), by_order);
	for (uint32_t i = 0; i < n; i++)
		all[i]->next = i + 1 < n ? all[i + 1] : NULL;
	s->child = all[0];
}

/* ---- from bytes to a tree ---- */

/* Counts and references of trailers are wrong in many a sample, no matter. */
static bool
is_cut_off(const struct findings *found)
{
	const struct finding *f = found->first;

	while (f != NULL && f->kind != FIND_MISSING && f->kind != FIND_SYNTAX)
		f = f->next;
	return f != NULL;
}

/* A table's first line has several headings. */
static struct wnode *
table_sample(struct skeleton *k, const struct text *t, const struct tags *tags,
    struct findings *found, struct err *err)
{
	struct csv_style style = { .header = true };

	if (csv_head(t->utf8, '\0', NULL, 0) < 2) {
		err_set(err, RC_REFUSED,
		    "it is no XML, JSON or EDIFACT, and no table either: its "
		    "first line has no comma, semicolon or tab");
		return NULL;
	}
	return csv_tree(t, &style, tags, k->mem, found);
}

static struct wnode *
edifact_sample(struct skeleton *k, const struct text *t,
    const struct tags *tags, struct findings *found, struct err *err)
{
	struct edifact_interchange i;
	char name[80];

	if (edifact_scan(&i, t, 0, NULL, k->mem, found, err) != RC_OK ||
	    i.message == NULL) {
		err_set(err, RC_REFUSED, "there is no EDIFACT message in it");
		return NULL;
	}
	k->type = i.message->type;
	k->version = i.message->version;
	k->release = i.message->release;
	k->agency = i.message->agency;
	if (slice_is(k->type, "CONTRL")) /* is the syntax version's own */
		(void)snprintf(name, sizeof(name), "CONTRL:%s",
		    slice_is(i.syntax_version, "4") ? "4" : "3");
	else
		(void)snprintf(name, sizeof(name), "%.*s:%.*s:%.*s",
		    SLICE_ARG(k->type), SLICE_ARG(k->version),
		    SLICE_ARG(k->release));
	k->table_name = arena_dup(k->mem, slice_of(name));
	k->table =
	    wire_table_find(formats_tables(k->m->formats), k->table_name, err);
	if (k->table == NULL)
		return NULL;
	if (is_cut_off(found))
		return NULL;
	return edifact_tree(t, i.message->at, i.message->span, &i.chars,
	    k->table, tags, k->mem, found);
}

static struct wnode *
sample_tree(struct skeleton *k, const struct text *t, const struct tags *tags,
    struct findings *found, struct err *err)
{
	struct slice root;

	switch (k->syntax) {
	case SYN_XML:
		(void)xml_root(t->utf8, &root, &k->space);
		return xml_tree(t, tags, k->mem, found);
	case SYN_JSON:
		return json_tree(t, tags, k->mem, found);
	case SYN_EDIFACT:
		return edifact_sample(k, t, tags, found, err);
	default:
		return table_sample(k, t, tags, found, err);
	}
}

static void
syntax_sniff(struct skeleton *k, struct slice utf8)
{
	k->syntax = edifact_probe(utf8) ? SYN_EDIFACT
		    : xml_probe(utf8)   ? SYN_XML
		    : json_probe(utf8)  ? SYN_JSON
					: SYN_CSV;
}

/* One sentence: of the tables that are not there, or what the syntax found. */
static enum rc
sample_refused(
    const struct skeleton *k, const struct findings *found, struct err *err)
{
	const struct finding *f = found->first;

	if (k->table_name.len > 0 && k->table == NULL && k->type.len == 0)
		return err_set(err, RC_REFUSED,
		    "the UNH of its first message names no type");
	if (k->table_name.len > 0 && k->table == NULL)
		return err_set(err, RC_REFUSED,
		    "there is no table of message %.*s in tables: entrepot-"
		    "tables(5) says which rows it needs",
		    SLICE_ARG(k->table_name));
	while (
	    f != NULL && (f->severity != SEV_ERROR || f->kind == FIND_TRAILER))
		f = f->next;
	if (f != NULL)
		return err_set(err, RC_REFUSED, "line %u: %.*s",
		    (unsigned)f->place.line, SLICE_ARG(f->en));
	if (err->text[0] == '\0')
		return err_set(err, RC_REFUSED, "it cannot be read");
	return RC_REFUSED;
}

static enum rc
sample_merge(struct skeleton *k, const struct wnode *tree, struct err *err)
{
	struct merge g = { .k = k };

	k->root = arena_get(k->mem, sizeof(*k->root));
	if (k->root == NULL)
		return err_set(err, RC_LATER, "out of memory");
	node_merge(&g, k->root, tree);
	if (g.full)
		return err_set(
		    err, RC_REFUSED, "it has more than %d lines", LINES_MAX);
	if (k->root->child == NULL)
		return err_set(err, RC_REFUSED, "nothing is in it");
	if (k->syntax == SYN_EDIFACT)
		table_order(k->root, k->table->root);
	return RC_OK;
}

enum rc
skeleton_read(struct skeleton *k, struct slice raw, struct err *err)
{
	static const enum encoding tried[] = { ENC_UTF8, ENC_GB18030,
		ENC_LATIN1 };
	struct text *t = arena_get(k->mem, sizeof(*t));
	struct tags *tags = tags_new();
	struct findings found;
	struct wnode *tree = NULL;
	enum rc rc = RC_LATER;

	findings_init(&found, k->mem);
	err_set(err, RC_LATER, "out of memory");
	if (t != NULL && tags != NULL)
		rc = text_decode(t, raw, tried, 3, (struct slice){ NULL, 0 },
		    k->mem, &found, err);
	if (rc == RC_OK) {
		err->text[0] = '\0';
		k->encoding = encoding_name(t->encoding);
		syntax_sniff(k, t->utf8);
		tree = sample_tree(k, t, tags, &found, err);
		text_place_all(t, &found);
		rc = tree == NULL ? sample_refused(k, &found, err)
				  : sample_merge(k, tree, err);
	}
	tags_free(tags);
	return rc;
}
