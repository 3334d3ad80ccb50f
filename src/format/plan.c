/*
 * format/plan.c - the tables behind line_first() and line_again().
 *
 * One small open table a container, keyed by tag; made once when a format is
 * loaded, read for every wire node.
 */
#include "src/format/build.h"

static uint32_t
tag_hash(wtag t)
{
	return t ^ (t >> 7);
}

struct index_slot *
slot_find(const struct line_store *s, wtag t)
{
	if (s->slot == NULL)
		return NULL;
	for (uint32_t i = tag_hash(t) & s->mask; s->slot[i].first != NULL;
	     i = (i + 1) & s->mask)
		if (s->slot[i].tag == t)
			return &s->slot[i];
	return NULL;
}

const struct line *
line_first(const struct line *parent, wtag t)
{
	const struct index_slot *s = slot_find(store_of(parent), t);

	return s == NULL ? NULL : s->first;
}

static bool
line_has(const struct line *l, wtag t)
{
	if (t >= TAG_LEAF && t >= l->tag[0] && t < l->tag[0] + l->span)
		return true;
	for (uint8_t i = 0; i < l->ntags; i++)
		if (l->tag[i] == t)
			return true;
	return false;
}

static const struct line *
again_search(const struct line *l, wtag t)
{
	for (l = l->next; l != NULL; l = l->next)
		if (!l->virtual_ && line_has(l, t))
			return l;
	return NULL;
}

const struct line *
line_again(const struct line *l, wtag t)
{
	for (uint8_t i = 0; i < l->ntags; i++)
		if (l->tag[i] == t)
			return store_of(l)->again[i];
	return again_search(l, t);
}

struct line_limit
line_limit(struct slice f)
{
	struct line_limit l = { f.len > 0 && f.p[0] == 'n', false, 0 };
	size_t i = 0;

	while (i < f.len && (f.p[i] < '0' || f.p[i] > '9') && f.p[i] != '.')
		i++;
	if (i + 1 < f.len && f.p[i] == '.' && f.p[i + 1] == '.') {
		l.upto = true;
		i += 2;
	}
	for (; i < f.len && f.p[i] >= '0' && f.p[i] <= '9'; i++)
		l.max = l.max * 10 + (uint32_t)(f.p[i] - '0');
	return l;
}

static void
slot_put(struct line_store *s, wtag t, const struct line *l)
{
	uint32_t i = tag_hash(t) & s->mask;

	for (; s->slot[i].first != NULL; i = (i + 1) & s->mask)
		if (s->slot[i].tag == t)
			return; /* an earlier line: the alternatives' first */
	s->slot[i].tag = t;
	s->slot[i].first = l;
}

static void
line_put(struct line_store *s, struct line *l)
{
	struct line_store *own = (struct line_store *)l;

	if (l->virtual_)
		return;
	for (uint8_t i = 0; i < l->ntags; i++) {
		slot_put(s, l->tag[i], l);
		own->again[i] = again_search(l, l->tag[i]);
	}
	for (uint32_t i = 1; l->tag[0] >= TAG_LEAF && i < l->span; i++)
		slot_put(s, l->tag[0] + i, l);
}

/* The line below that stands for a guard's leaf. */
static const struct line *
guard_line(const struct line *l, const struct guard *g, uint8_t step)
{
	for (const struct line *c = l->child; c != NULL; c = c->next) {
		if (c->ntags == 0 || c->tag[0] != g->step[step])
			continue;
		if (step + 1 < g->nsteps) {
			const struct line *below =
			    guard_line(c, g, (uint8_t)(step + 1));

			if (below != NULL)
				return below;
		} else if (c->write && c->kind != LINE_DROP)
			return c;
	}
	return NULL;
}

static bool
container_index(struct arena *mem, struct line_store *s)
{
	uint32_t n = 0, size = 4;

	for (const struct line *c = s->line.child; c != NULL; c = c->next)
		n += c->ntags + (c->span > 1 ? c->span : 0);
	if (n == 0)
		return true;
	while (size < 2 * n)
		size *= 2;
	s->slot = arena_get(mem, size * sizeof(*s->slot));
	if (s->slot == NULL)
		return false;
	s->mask = size - 1;
	for (const struct line *c = s->line.child; c != NULL; c = c->next)
		line_put(s, (struct line *)c);
	for (uint32_t i = 0; i < size; i++)
		if (s->slot[i].first != NULL && !pick_index(mem, &s->slot[i]))
			return false;
	return true;
}

/* What reading asks of each container and line, asked once here. */
static void
children_sum(struct line *parent)
{
	const struct line **must = &parent->first_must;
	const struct line *run = parent->child;

	for (const struct line *c = parent->child; c != NULL; c = c->next) {
		struct line *l = (struct line *)c;

		if (l->ntags == 0 || run->ntags == 0 ||
		    l->tag[0] != run->tag[0])
			run = l;
		l->run = run->number;
		if (l->virtual_ && l->read)
			parent->gatherer = l;
		if (l->least > 0 && l->read && l->kind != LINE_SIGN &&
		    !l->carries && !l->virtual_) {
			*must = l;
			must = &l->next_must;
		}
	}
}

bool
plan_index(struct arena *mem, struct line_store *s)
{
	children_sum(&s->line);
	if (!container_index(mem, s))
		return false;
	for (uint8_t i = 0; i < s->line.nguards; i++) {
		struct guard *g = (struct guard *)&s->line.guard[i];

		if (g->kind == GUARD_IS)
			g->line = guard_line(&s->line, g, 0);
	}
	for (const struct line *c = s->line.child; c != NULL; c = c->next)
		if (!plan_index(mem, (struct line_store *)c))
			return false;
	return true;
}
