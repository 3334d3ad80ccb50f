/*
 * daemon/work_trace.c - where each written leaf came from, and what a record
 * is known by. Called by work_read.c.
 *
 * All filings of an arrival share the names of their traces: what a path is
 * made of is looked up by address and written down when it is met first.
 */
#include "src/daemon/work_parts.h"
#include "src/wire/trace_pack.h"
#include <stdio.h>
#include <stdlib.h>

#define STEP_BYTES  400u
#define NAMES_FIRST 1024u
#define NAMES_MAX   (1u << 20)

/* --- names --- */

static uint32_t
name_slot(const struct names *h, const struct name_key *k)
{
	uint64_t x = (uint64_t)(uintptr_t)k->what >> 4;

	x = (x ^ (uint64_t)k->above << 40 ^ (uint64_t)k->place << 20) *
	    UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(x >> 32) & (h->room - 1);
}

static struct name_known *
name_find(const struct names *h, const struct name_key *k)
{
	uint32_t i = name_slot(h, k);

	while (
	    h->known[i].number != 0 && (h->known[i].key.what != k->what ||
					   h->known[i].key.above != k->above ||
					   h->known[i].key.place != k->place))
		i = (i + 1) & (h->room - 1);
	return &h->known[i];
}

static bool
names_grow(struct names *h)
{
	uint32_t was = h->room;
	struct name_known *old = h->known;

	if (was >= NAMES_MAX)
		return false;
	h->room = was == 0 ? NAMES_FIRST : was * 2;
	h->known = calloc(h->room, sizeof(*h->known));
	if (h->known == NULL) {
		h->known = old;
		h->room = was;
		return false;
	}
	for (uint32_t i = 0; i < was; i++)
		if (old[i].number != 0)
			*name_find(h, &old[i].key) = old[i];
	free(old);
	return true;
}

void
names_start(struct names *h)
{
	buf_reset(&h->text);
	if (h->n > 0)
		memset(h->known, 0, h->room * sizeof(*h->known));
	h->n = 0;
}

/* "item[2]", ".name", "/DecHead": a step and what sets it off. */
static void
step_put(struct names *h, const struct name_key *k, struct slice own,
    bool placed, char between)
{
	char text[STEP_BYTES];
	size_t n = 0;

	if (k->above == 0 && !placed) {
		trace_name_put(&h->text, 0, own);
		return;
	}
	if (k->above != 0)
		text[n++] = between;
	own = slice_sub(own, 0, STEP_BYTES - 32);
	if (own.len > 0)
		memcpy(text + n, own.p, own.len);
	n += own.len;
	if (placed)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "[%u]", k->place);
	trace_name_put(&h->text, k->above, (struct slice){ text, n });
}

/* 0: no more names fit, the path ends above. */
static uint32_t
name_of(struct names *h, struct name_key k, struct slice own, char between)
{
	struct name_known *known;

	if ((h->n + 1) * 2 > h->room && !names_grow(h))
		return 0;
	known = name_find(h, &k);
	if (known->number != 0)
		return known->number;
	known->key = k;
	known->number = ++h->n;
	step_put(h, &k, own, k.place != 0, between);
	return known->number;
}

/* --- lines of the format --- */

/* Leaves come container by container: the last one's name is at hand. */
static uint32_t
container_name(struct work *w, const struct line *l)
{
	uint32_t above;

	if (l == NULL || l->parent == NULL)
		return 0;
	if (w->line_last == l)
		return w->line_name;
	above = container_name(w, l->parent);
	w->line_last = l;
	w->line_name =
	    l->virtual_ ? above
			: name_of(&w->names, (struct name_key){ l, above, 0 },
			      l->name[0], '/');
	return w->line_name;
}

static uint32_t
line_name(struct work *w, const struct line *l)
{
	uint32_t above;

	if (l == NULL || l->parent == NULL)
		return 0;
	above = container_name(w, l->parent);
	return l->virtual_
		   ? above
		   : name_of(&w->names, (struct name_key){ l, above, 0 },
			 l->name[0], '/');
}

/* --- elements of the record --- */

static const struct element *
node_element(const struct node *n)
{
	const struct group *g = n->parent->group;

	for (uint16_t i = 0; i < g->nslots; i++) {
		const struct element *e = &g->element[i];

		if ((e->type != EL_GROUP && e->type != EL_ABOUT) ||
		    e->group != n->group)
			continue;
		for (const struct node *m = n->parent->slot[i].node; m != NULL;
		     m = m->next)
			if (m == n)
				return e;
	}
	return NULL;
}

static uint32_t
element_name(
    struct work *w, uint32_t above, const struct element *e, uint32_t place)
{
	return name_of(&w->names,
	    (struct name_key){ e, above, e->repeats ? place : 0 },
	    slice_of(e->name), '.');
}

/* Leaves come node by node: the last one's name is at hand. */
static uint32_t
node_name(struct work *w, const struct node *n)
{
	const struct element *e;
	uint32_t above;

	if (n->parent == NULL)
		return 0;
	if (w->node_last == n)
		return w->node_name;
	above = node_name(w, n->parent);
	e = node_element(n);
	w->node_last = n;
	w->node_name = e == NULL ? above : element_name(w, above, e, n->place);
	return w->node_name;
}

static uint32_t
value_place(const struct trace_entry *e)
{
	const struct value *v = e->home->slot[e->el->slot].value;
	uint32_t place = 1;

	for (; v != NULL && v != e->value; v = v->next)
		place++;
	return place;
}

/* "$": of the envelope, or of the moment. */
static uint32_t
value_name(struct work *w, const struct node *root, const struct trace_entry *e)
{
	const struct node *top = e->home;

	while (top != NULL && top->parent != NULL)
		top = top->parent;
	if (top != root || e->el == NULL)
		return name_of(&w->names, (struct name_key){ w, 0, 0 },
		    SLICE_LIT("$"), '.');
	return element_name(w, node_name(w, e->home), e->el,
	    e->el->repeats ? value_place(e) : 0);
}

void
work_trace(struct work *w, const struct trace *t, const struct record *r,
    const struct text *text, struct buf *out)
{
	struct trace_pen pen = { 0 };
	const struct line *last = NULL;
	uint32_t wire = 0;

	w->node_last = NULL;
	w->line_last = NULL;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct trace_entry *e = &t->entry[i];
		struct trace_leaf l = { .out_at = e->out_at,
			.out_len = e->out_len };
		const struct value *v = e->value;

		if (e->line != last)
			wire = line_name(w, e->line);
		last = e->line;
		l.wire = wire;
		if (v != NULL)
			l.element = value_name(w, r->root, e);
		if (v != NULL && v->span > 0 && text != NULL) {
			struct place p = { .at = v->at, .span = v->span };

			if (text->map != NULL)
				text_place(text, v->at, v->span, &p);
			l.raw_at = p.at;
			l.raw_len = p.span;
		}
		trace_leaf_put(&pen, &l, out);
	}
}

/* --- the digest --- */

static void
number_put(struct buf *b, uint64_t n)
{
	char text[24], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

struct print {
	struct buf *b;
	bool seen;      /* without what is told anew at each submission */
	uint32_t keyed; /* values that stand in the filer's own bytes */
};

static bool
each_time(const struct group *document, const struct element *e)
{
	return e == document->dated || strcmp(e->name, "function") == 0 ||
	       strcmp(e->name, "operation") == 0 ||
	       strcmp(e->name, "signed_at") == 0;
}

static void
value_print(struct print *p, const struct element *e, const struct value *v)
{
	buf_str(p->b, e->name);
	buf_byte(p->b, '=');
	number_put(p->b, v->text.len);
	buf_byte(p->b, ':');
	buf_slice(p->b, v->text);
	buf_byte(p->b, '\n');
	p->keyed += v->span > 0;
}

static void
node_print(struct print *p, const struct node *n)
{
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];

		if (p->seen && n->parent == NULL && each_time(n->group, e))
			continue;
		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *c = n->slot[i].node; c != NULL;
			     c = c->next) {
				buf_str(p->b, e->name);
				buf_add(p->b, "{\n", 2);
				node_print(p, c);
				buf_add(p->b, "}\n", 2);
			}
			continue;
		}
		for (const struct value *v = n->slot[i].value; v != NULL;
		     v = v->next)
			value_print(p, e, v);
	}
}

static enum rc
print_digest(struct work *w, struct print *p, const struct node *root,
    uint8_t out[DIGEST_LEN], struct err *err)
{
	struct digest d;
	enum rc rc;

	buf_reset(p->b);
	node_print(p, root);
	if (buf_failed(p->b))
		return err_set(
		    err, RC_LATER, "no memory for a record's digest");
	hash_start(w->hash);
	hash_add(w->hash, p->b->p, p->b->len);
	rc = hash_end(w->hash, &d, err);
	if (rc == RC_OK)
		memcpy(out, d.b, DIGEST_LEN);
	return rc;
}

enum rc
work_digest(struct work *w, const struct node *root, uint8_t out[DIGEST_LEN],
    uint32_t *keyed, struct err *err)
{
	struct print p = { .b = &w->text };
	enum rc rc = print_digest(w, &p, root, out, err);

	*keyed = p.keyed;
	return rc;
}

enum rc
work_seen_digest(struct work *w, const struct node *root,
    uint8_t out[DIGEST_LEN], struct err *err)
{
	struct print p = { .b = &w->text, .seen = true };

	return print_digest(w, &p, root, out, err);
}
