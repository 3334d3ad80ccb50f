/*
 * syntax/edifact_walk.c - segments are matched forward along their message
 * table (ISO 9735-1, 9); trusts the table, not the order of what comes.
 *
 * A segment goes to the first place that takes it: the same place again, a
 * later one in the same group, the group once more, or further on in the
 * groups around it. If none takes it, the walk is relaxed step by step and
 * says so: mandatory segments may be missing unless they still come, a maximum
 * may be passed, the segment may stand too late or belong nowhere.
 */
#include "src/syntax/edifact_walk.h"
#include <stdio.h>

#define NAMED_MAX 6 /* expected segments that a sentence names */

void
walk_start(struct walk *w, struct wnode *root)
{
	w->depth = 0;
	w->level[0] = (struct walk_level){
		.group = w->table->root,
		.at = w->table->root->first,
		.node = root,
	};
}

/* --- findings --- */

static struct finding *
walk_finding(struct walk *w, enum finding_kind kind, const char *tag,
    const char *found, const char *wanted, const struct segment *g,
    uint32_t number)
{
	struct slice none = { NULL, 0 };
	struct finding *f = finding_add(w->findings, kind, none, slice_of(tag),
	    slice_of(found), slice_of(wanted));

	f->text_at = g->at;
	f->text_span = (uint32_t)g->tag.len;
	f->place.segment = number;
	f->fault = edifact_fault(kind);
	return f;
}

static void
missing_add(struct walk *w, const struct table_place *p,
    const struct segment *g, uint32_t number)
{
	char tag[24], wanted[64];

	(void)snprintf(
	    tag, sizeof(tag), "segment '%.*s'", SLICE_ARG(p->segment->tag));
	(void)snprintf(wanted, sizeof(wanted), "it before '%.*s'",
	    (int)(g->tag.len > 8 ? 8 : g->tag.len), g->tag.p);
	(void)walk_finding(w, FIND_MISSING, tag, "", wanted, g, number);
}

/* What could stand here, in order: the rest of this group and those around. */
static void
unexpected_add(struct walk *w, const struct segment *g, uint32_t number)
{
	char tag[24], wanted[96] = "";
	size_t len = 0;
	uint32_t named = 0;

	for (uint32_t d = w->depth + 1; d-- > 0;) {
		const struct table_place *p = w->level[d].at;
		bool must = false;

		if (w->level[d].count >= p->most)
			p = p->next;
		for (; p != NULL && named < NAMED_MAX && !must; p = p->next) {
			len += (size_t)snprintf(wanted + len,
			    sizeof(wanted) - len, "%s%.*s",
			    named == 0 ? "" : ", ", SLICE_ARG(p->segment->tag));
			named++;
			must = p->must;
		}
		if (must)
			break;
	}
	(void)snprintf(tag, sizeof(tag), "segment '%.*s'",
	    (int)(g->tag.len > 8 ? 8 : g->tag.len), g->tag.p);
	(void)walk_finding(w, FIND_UNEXPECTED, tag, "",
	    named == 0 ? "the end" : wanted, g, number);
}

static void
too_many_add(struct walk *w, const struct table_place *p, uint32_t count,
    const struct segment *g, uint32_t number)
{
	char tag[48], found[16], wanted[16];

	(void)snprintf(tag, sizeof(tag),
	    p->group ? "group '%.*s'" : "segment '%.*s'",
	    (int)(p->segment->tag.len), p->segment->tag.p);
	(void)snprintf(found, sizeof(found), "%u", count);
	(void)snprintf(wanted, sizeof(wanted), "%u", p->most);
	walk_finding(w, FIND_TOO_MANY, tag, found, wanted, g, number)->fault =
	    p->group ? FAULT_GROUPS : FAULT_REPEATED;
}

/* --- the search --- */

struct relaxed {
	bool skip_must; /* mandatory segments may be stepped over */
	bool over_most; /* more often than the table says */
};

/*
 * Does a segment of this kind still come? Asked only when one is missing; the
 * rest of the message is looked through once for all of them.
 */
static bool
still_comes(struct walk *w, const struct table_place *p, uint32_t at)
{
	if (w->last == NULL) {
		struct segment g;
		uint32_t from = at;

		w->last =
		    arena_get(w->mem, w->table->nsegments * sizeof(*w->last));
		if (w->last == NULL)
			return false;
		while (from < w->end && segment_next(w->text, from, w->chars,
					    &g) == SEGMENT_HERE) {
			const struct table_segment *s = table_segment_find(
			    w->table, tag_pack(g.tag.p, g.tag.len));

			if (s != NULL)
				w->last[s->index] = g.at;
			from = g.next;
		}
	}
	return w->last[p->segment->index] > at;
}

static bool
may_step(struct walk *w, const struct table_place *p, uint32_t count,
    const struct relaxed *r, uint32_t at)
{
	if (!p->must || count > 0)
		return true;
	return r->skip_must && !still_comes(w, p, at);
}

/* The first place that takes the key; *depth is its group's. */
static const struct table_place *
place_find(struct walk *w, uint32_t key, const struct relaxed *r, uint32_t at,
    uint32_t *depth)
{
	for (uint32_t d = w->depth + 1; d-- > 0;) {
		const struct table_place *p = w->level[d].at;
		uint32_t count = w->level[d].count;

		for (; p != NULL; p = p->next, count = 0) {
			/* A group's first segment more often is the group. */
			bool again = d > 0 && p == w->level[d].group->first;

			if (p->key == key &&
			    (count < p->most || (r->over_most && !again))) {
				*depth = d;
				return p;
			}
			if (!may_step(w, p, count, r, at))
				return NULL;
		}
	}
	return NULL;
}

/* Findings for the mandatory places between here and the one found. */
static void
missing_between(struct walk *w, const struct table_place *to, uint32_t depth,
    const struct segment *g, uint32_t number)
{
	for (uint32_t d = w->depth + 1; d-- > depth;) {
		const struct table_place *p = w->level[d].at;
		uint32_t count = w->level[d].count;

		for (; p != NULL && p != to; p = p->next, count = 0)
			if (p->must && count == 0)
				missing_add(w, p, g, number);
	}
}

static struct wnode *
walk_take(
    struct walk *w, const struct table_place *p, uint32_t depth, bool *opens)
{
	struct walk_level *l = &w->level[depth];
	struct wnode *below = l->node;

	w->depth = depth;
	l->count = l->at == p ? l->count + 1 : 1;
	l->at = p;
	*opens = p->group && depth + 1 < WALK_DEPTH;
	if (*opens) {
		w->depth++;
		w->level[w->depth] = (struct walk_level){
			.group = p,
			.at = p->first,
			.count = 1,
			.node = NULL,
		};
	}
	return below;
}

/* The innermost open group that has such a segment anywhere. */
static struct wnode *
walk_back(struct walk *w, uint32_t key, const struct table_segment **segment)
{
	for (uint32_t d = w->depth + 1; d-- > 0;)
		for (const struct table_place *p = w->level[d].group->first;
		     p != NULL; p = p->next)
			if (p->key == key) {
				*segment = p->segment;
				return w->level[d].node;
			}
	*segment = table_segment_find(w->table, key);
	return w->level[w->depth].node;
}

struct wnode *
walk_to(struct walk *w, const struct segment *g, uint32_t number,
    const struct table_segment **segment, bool *opens)
{
	static const struct relaxed step[] = {
		{ false, false },
		{ true, false },
		{ false, true },
		{ true, true },
	};
	uint32_t key = tag_pack(g->tag.p, g->tag.len), depth = 0;
	const struct table_place *p = NULL;
	size_t i = 0;

	*opens = false;
	if (table_segment_find(w->table, key) != NULL)
		for (; i < sizeof(step) / sizeof(step[0]) && p == NULL; i++)
			p = place_find(w, key, &step[i], g->at, &depth);
	if (p == NULL) {
		unexpected_add(w, g, number);
		return walk_back(w, key, segment);
	}
	*segment = p->segment;
	if (i > 1) {
		const struct walk_level *l = &w->level[depth];

		missing_between(w, p, depth, g, number);
		if (l->at == p && l->count >= p->most)
			too_many_add(w, p, l->count + 1, g, number);
	}
	return walk_take(w, p, depth, opens);
}

void
walk_open(struct walk *w, struct wnode *node)
{
	w->level[w->depth].node = node;
}
