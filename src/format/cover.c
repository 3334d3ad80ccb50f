/*
 * format/cover.c - a format is laid against its table, row by row.
 * Trusts plan and table, which the loader has checked against each other.
 * Called by entrepot map coverage.
 */
#include <stdio.h>
#include <stdlib.h>
#include "src/format/bound.h"
#include "src/format/check.h"
#include "src/format/cover.h"
#include "src/format/formats.h"
#include "src/syntax/wire_table.h"

#define NAME_ROOM  600
#define DEPTH_MOST 16

struct cover_walk {
	const struct builder *b;
	const struct line **line; /* of the plan, in the order of the file */
	uint32_t nlines;
	cover_fn *fn;
	void *arg;
	struct binding *bound; /* directory: what is bound, without needs */
	uint32_t nbound, room;
	bool failed;
};

static enum cover
line_covers(const struct line *l)
{
	return l->kind == LINE_DROP ? COVER_DROPPED : COVER_BOUND;
}

/* Bound by one line is bound, whatever another one drops. */
static void
row_take(struct cover_row *r, const struct line *l)
{
	if (line_covers(l) <= r->how)
		return;
	r->how = line_covers(l);
	r->by = l;
}

/* ---- interface pages: blocks and elements ---- */

static bool
name_is(const struct line *l, struct slice name)
{
	for (uint8_t i = 0; i < l->ntags; i++) {
		struct slice own = l->attribute
				       ? slice_sub(l->name[i], 1, SIZE_MAX)
				       : name_local(l->name[i], NULL);

		if (slice_eq(own, name))
			return true;
	}
	return false;
}

/* "TrnHead -": all that stands in the block. */
static bool
block_dropped(const struct line *l, struct slice up, struct slice block)
{
	struct slice own = name_local(l->name[0], NULL);
	size_t n = up.len == 0 ? own.len : up.len + 1 + own.len;

	if (l->kind != LINE_DROP || block.len < n ||
	    !slice_eq(slice_sub(block, 0, up.len), up) ||
	    !slice_eq(slice_sub(block, n - own.len, own.len), own))
		return false;
	return block.len == n || block.p[n] == '/';
}

static void
limits_cover(struct cover_walk *w)
{
	const struct xml_limits *t = w->b->limits;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct limit *row = &t->row[i];
		struct cover_row r = { .block = row->block,
			.name = row->element,
			.format = row->format,
			.file = t->file,
			.line = row->line };

		for (uint32_t k = 0; k < w->nlines; k++) {
			const struct line *l = w->line[k];
			char room[NAME_ROOM];
			struct slice up;

			if (!line_leaf(l) || l->own_text)
				continue;
			up = line_block(l, room, sizeof(room));
			if ((slice_eq(up, row->block) &&
				name_is(l, row->element)) ||
			    block_dropped(l, up, row->block))
				row_take(&r, l);
		}
		w->fn(w->arg, &r);
	}
}

/* ---- EDIFACT: places of segments, leaves of segments ---- */

static bool
guard_holds_leaf(const struct line *l, wtag tag)
{
	for (uint8_t i = 0; i < l->nguards; i++)
		if (l->guard[i].nsteps == 1 && l->guard[i].step[0] == tag)
			return true;
	return false;
}

static void
segment_take(struct cover_row *r, const struct line *segment, wtag tag)
{
	if (segment->kind == LINE_DROP || guard_holds_leaf(segment, tag))
		row_take(r, segment);
	for (const struct line *l = segment->child; l != NULL; l = l->next)
		if (!store_of(l)->in_segment && tag >= l->tag[0] &&
		    tag < l->tag[0] + l->span)
			row_take(r, l);
}

static void
place_leaves(struct cover_walk *w, const struct table_place *p,
    const struct table_segment *s, struct slice block)
{
	for (uint16_t e = 0; e < s->nelements; e++)
		for (uint16_t c = 0; c < s->element[e].ncomponents; c++) {
			const struct table_leaf *leaf =
			    &s->leaf[s->element[e].first + c];
			struct cover_row r = { .block = block,
				.name = leaf->name,
				.format = leaf->format.text };
			wtag tag = tag_leaf(leaf->element, leaf->component);

			for (uint32_t i = 0; i < w->nlines; i++)
				if (store_of(w->line[i])->place == p)
					segment_take(&r, w->line[i], tag);
			w->fn(w->arg, &r);
		}
}

static void
places_cover(struct cover_walk *w, const struct table_place *p, const char *up)
{
	for (; p != NULL; p = p->next) {
		const struct table_place *first = p->group ? p->first : p;
		char block[NAME_ROOM], inner[NAME_ROOM];

		if (first->segment == NULL || slice_is(first->tag, "UNT"))
			continue; /* the syntax's own */
		(void)snprintf(
		    inner, sizeof(inner), "%s%.*s/", up, SLICE_ARG(p->tag));
		(void)snprintf(block, sizeof(block), "%s%.*s",
		    p->group ? inner : up, SLICE_ARG(first->tag));
		place_leaves(w, p, first->segment, slice_of(block));
		if (p->group)
			places_cover(w, first->next, inner);
	}
}

/* ---- no table: the document ---- */

static void
bound_keep(void *arg, const struct binding *b)
{
	struct cover_walk *w = arg;

	if (b->group)
		return;
	if (w->nbound == w->room) {
		uint32_t room = w->room == 0 ? 64 : w->room * 2;
		struct binding *more = realloc(w->bound, room * sizeof(*more));

		w->failed |= more == NULL;
		if (more == NULL)
			return;
		w->bound = more;
		w->room = room;
	}
	w->bound[w->nbound++] = *b;
}

static void
element_cover(struct cover_walk *w, const struct chain *c)
{
	const struct element *e = c->step[c->n - 1];
	struct cover_row r = {
		.name = slice_of(e->name), .file = e->file, .line = e->line
	};
	struct chain up = *c;
	char block[NAME_ROOM];

	up.n--;
	r.block = slice_of(chain_print(&up, block, sizeof(block)));
	for (uint32_t i = 0; i < w->nbound; i++)
		if (chain_same(&w->bound[i].at, c))
			row_take(&r, w->bound[i].line);
	w->fn(w->arg, &r);
}

/* A receipt need not say more of the document than which one it is. */
static void
keys_cover(struct cover_walk *w, const struct chain *about)
{
	const struct group *g = about->step[about->n - 1]->group;

	for (uint16_t k = 0; k < g->nkeys; k++)
		for (uint8_t i = 0; i < g->key[k].nparts; i++) {
			struct chain c = *about;

			for (uint8_t s = 0;
			     s < g->key[k].part[i].n && c.n < CHAIN_STEPS; s++)
				c.step[c.n++] = g->key[k].part[i].step[s];
			element_cover(w, &c);
		}
}

/* The elements of a group first, then its groups: a block stays together. */
static void
group_cover(struct cover_walk *w, const struct group *g, struct chain c)
{
	if (c.n >= DEPTH_MOST)
		return;
	c.n++;
	for (uint16_t i = 0; i < g->nslots; i++) {
		c.step[c.n - 1] = &g->element[i];
		if (g->element[i].type != EL_GROUP &&
		    g->element[i].type != EL_ABOUT)
			element_cover(w, &c);
	}
	for (uint16_t i = 0; i < g->nslots; i++) {
		c.step[c.n - 1] = &g->element[i];
		if (g->element[i].type == EL_GROUP)
			group_cover(w, g->element[i].group, c);
		else if (g->element[i].type == EL_ABOUT)
			keys_cover(w, &c);
	}
}

static void
document_cover(struct cover_walk *w)
{
	const struct plan *p = w->b->plan;
	struct chain top = { .n = 0 };

	top.transmission = p->document == w->b->env.transmission;
	plan_bindings(p, bound_keep, w);
	group_cover(w, p->document, top);
}

/* ---- which of them ---- */

static void
lines_collect(struct cover_walk *w, const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		w->line[w->nlines++] = l;
		lines_collect(w, l);
	}
}

enum rc
plan_cover(const struct formats *all, const struct plan *p, cover_fn *fn,
    void *arg, struct err *err)
{
	struct cover_walk w = { .fn = fn, .arg = arg };

	for (uint32_t i = 0; i < all->nplans; i++)
		if (all->plan[i] == p)
			w.b = all->builder[i];
	w.line = calloc(p->nlines + 1, sizeof(*w.line));
	if (w.b == NULL || w.line == NULL)
		return err_set(err, RC_LATER, "out of memory");
	lines_collect(&w, p->root);
	if (w.b->limits != NULL)
		limits_cover(&w);
	else if (p->table != NULL && p->table->root != NULL &&
		 p->table->root->first != NULL)
		places_cover(&w, p->table->root->first, "");
	else
		document_cover(&w);
	free(w.line);
	free(w.bound);
	return w.failed ? err_set(err, RC_LATER, "out of memory") : RC_OK;
}
