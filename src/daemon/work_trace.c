/*
 * daemon/work_trace.c - where each written leaf came from, and what a record
 * is known by. Both need every value's path, so the record is walked once.
 * Called by work_read.c.
 */
#include "src/daemon/work_parts.h"
#include <stdio.h>
#include <stdlib.h>

#define PATH_BYTES  400u
#define HOMES_FIRST 1024u
#define HOMES_MAX   (1u << 24)

static uint32_t
home_slot(const struct homes *h, const struct value *v)
{
	uint64_t x = (uint64_t)(uintptr_t)v >> 4;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(x >> 32) & (h->room - 1);
}

static void
home_put(struct homes *h, struct home home)
{
	uint32_t i = home_slot(h, home.value);

	while (h->home[i].value != NULL)
		i = (i + 1) & (h->room - 1);
	h->home[i] = home;
}

static bool
homes_grow(struct homes *h)
{
	struct homes more = { .room =
				  h->room == 0 ? HOMES_FIRST : h->room * 2 };

	if (more.room > HOMES_MAX)
		return false;
	more.home = calloc(more.room, sizeof(*more.home));
	if (more.home == NULL)
		return false;
	for (uint32_t i = 0; i < h->room; i++)
		if (h->home[i].value != NULL)
			home_put(&more, h->home[i]);
	more.n = h->n;
	free(h->home);
	*h = more;
	return true;
}

static bool
home_add(struct homes *h, struct home home)
{
	if ((h->n + 1) * 2 > h->room && !homes_grow(h))
		return false;
	home_put(h, home);
	h->n++;
	return true;
}

static const struct home *
home_find(const struct homes *h, const struct value *v)
{
	if (h->room == 0 || v == NULL)
		return NULL;
	for (uint32_t i = home_slot(h, v); h->home[i].value != NULL;
	     i = (i + 1) & (h->room - 1))
		if (h->home[i].value == v)
			return &h->home[i];
	return NULL;
}

struct walk {
	struct work *w;
	struct buf *print; /* what is hashed; NULL: only homes */
	bool failed;
};

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

static struct slice
prefix_make(
    struct walk *k, struct slice above, const struct element *e, uint32_t place)
{
	char text[PATH_BYTES];
	int n;

	if (e->repeats)
		n = snprintf(text, sizeof(text), "%.*s%s[%u].",
		    SLICE_ARG(above), e->name, place);
	else
		n = snprintf(
		    text, sizeof(text), "%.*s%s.", SLICE_ARG(above), e->name);
	if (n < 0 || (size_t)n >= sizeof(text))
		return above;
	return arena_dup(k->w->out, (struct slice){ text, (size_t)n });
}

static void
node_walk(struct walk *k, const struct node *n, struct slice prefix)
{
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];
		uint32_t place = 1;

		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *c = n->slot[i].node; c != NULL;
			     c = c->next) {
				struct slice below =
				    prefix_make(k, prefix, e, place++);

				if (k->print != NULL) {
					buf_str(k->print, e->name);
					buf_add(k->print, "{\n", 2);
				}
				node_walk(k, c, below);
				if (k->print != NULL)
					buf_add(k->print, "}\n", 2);
			}
			continue;
		}
		for (const struct value *v = n->slot[i].value; v != NULL;
		     v = v->next, place++) {
			if (k->print != NULL) {
				buf_str(k->print, e->name);
				buf_byte(k->print, '=');
				number_put(k->print, v->text.len);
				buf_byte(k->print, ':');
				buf_slice(k->print, v->text);
				buf_byte(k->print, '\n');
			}
			if (!home_add(&k->w->homes,
				(struct home){ v, e, prefix, place }))
				k->failed = true;
		}
	}
}

enum rc
work_digest(struct work *w, const struct node *root, uint8_t out[DIGEST_LEN],
    struct err *err)
{
	struct walk k = { .w = w, .print = &w->text };
	struct digest d;
	enum rc rc;

	buf_reset(&w->text);
	if (w->homes.room > 0)
		memset(
		    w->homes.home, 0, w->homes.room * sizeof(*w->homes.home));
	w->homes.n = 0;
	node_walk(&k, root, SLICE_LIT(""));
	if (k.failed || buf_failed(&w->text))
		return err_set(
		    err, RC_LATER, "no memory for a record's digest");
	hash_start(w->hash);
	hash_add(w->hash, w->text.p, w->text.len);
	rc = hash_end(w->hash, &d, err);
	if (rc == RC_OK)
		memcpy(out, d.b, DIGEST_LEN);
	return rc;
}

static void
lines_path(struct work *w, const struct line *parent, struct slice above,
    struct slice *path)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		char text[PATH_BYTES];
		struct slice own = above;
		int n =
		    snprintf(text, sizeof(text), "%.*s%s%.*s", SLICE_ARG(above),
			above.len > 0 ? "/" : "", SLICE_ARG(l->name[0]));

		if (!l->virtual_ && n > 0 && (size_t)n < sizeof(text))
			own = arena_dup(
			    w->keep, (struct slice){ text, (size_t)n });
		path[l->number] = own;
		lines_path(w, l, own, path);
	}
}

static void
plan_paths(struct work *w, const struct plan *plan)
{
	struct slice *path;

	for (unsigned int i = 0; i < w->npaths; i++)
		if (w->paths[i].plan == plan)
			return;
	if (plan == NULL || w->npaths == WORK_PLANS)
		return;
	path = arena_get(w->keep, (plan->nlines + 1) * sizeof(*path));
	if (path == NULL)
		return;
	lines_path(w, plan->root, SLICE_LIT(""), path);
	w->paths[w->npaths++] = (struct line_paths){ plan, path };
}

void
work_paths(struct work *w)
{
	for (unsigned int i = 0; i < w->conf->npartners; i++)
		for (unsigned int k = 0; k < w->conf->partner[i].nsubmit; k++)
			plan_paths(
			    w, pipeline_format(w->pipeline,
				   w->conf->partner[i].submit[k].format));
}

static struct slice
path_of(const struct work *w, const struct plan *plan, const struct line *l)
{
	for (unsigned int i = 0; i < w->npaths && l != NULL; i++)
		if (w->paths[i].plan == plan)
			return w->paths[i].path[l->number];
	return SLICE_LIT("");
}

static void
place_put(struct buf *b, const struct text *t, const struct value *v)
{
	struct place p = { .at = v->at, .span = v->span };

	if (t == NULL || v->span == 0)
		return;
	if (t->map != NULL)
		text_place(t, v->at, v->span, &p);
	number_put(b, p.at);
	buf_byte(b, ' ');
	number_put(b, p.span);
}

void
work_trace(struct work *w, const struct plan *plan, const struct trace *t,
    const struct text *text, struct buf *out)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct trace_entry *e = &t->entry[i];
		const struct home *h = home_find(&w->homes, e->value);

		number_put(out, e->out_at);
		buf_byte(out, ' ');
		number_put(out, e->out_len);
		buf_byte(out, '\t');
		buf_slice(out, path_of(w, plan, e->line));
		buf_byte(out, '\t');
		if (h != NULL) {
			buf_slice(out, h->prefix);
			buf_str(out, h->el->name);
			if (h->el->repeats)
				buf_fmt(out, "[%u]", h->place);
		} else if (e->value != NULL)
			buf_byte(out, '$'); /* of the envelope */
		buf_byte(out, '\t');
		if (e->value != NULL)
			place_put(out, text, e->value);
		buf_byte(out, '\n');
	}
}
