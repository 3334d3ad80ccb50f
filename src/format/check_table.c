/*
 * format/check_table.c - LANGUAGE section 7 numbers 4 and 7: segments stand in
 * the order, the groups and the numbers of the message table.
 *
 * Lines are laid against the table in one forward pass, as reading does:
 * neighbours of one tag share a place, the next tag means a later one.
 */
#include "src/format/check.h"
#include "src/syntax/wire_table.h"

struct walk {
	struct builder *b;
	const struct table_place *group; /* whose places these are */
	const struct table_place *at;    /* of the line before; NULL: none */
	const struct line *before;
};

static bool
nests(const struct line *l)
{
	for (const struct line *c = l->child; c != NULL; c = c->next)
		if (store_of(c)->in_segment)
			return true;
	return false;
}

static const struct table_place *
place_from(const struct table_place *p, uint32_t key, bool group)
{
	for (; p != NULL; p = p->next)
		if (p->key == key && (p->group || !group))
			return p;
	return NULL;
}

/* The first place in a group is its trigger: the line itself. */
static const struct table_place *
places_of(const struct table_place *g)
{
	return g->up == NULL ? g->first : g->first->next;
}

/* Does inner stand in the group, at any of its own places? */
static bool
group_has(const struct table_place *g, uint32_t key)
{
	return g->group && place_from(places_of(g), key, false) != NULL;
}

/* A segment that must stand between two places parts them for good. */
static bool
parted(const struct table_place *from, const struct table_place *to)
{
	for (const struct table_place *p = from->next; p != NULL && p != to;
	     p = p->next)
		if (p->must)
			return true;
	return false;
}

/* 7: would what this line writes be read into a group that is still open? */
static void
swallowed(struct walk *w, const struct line *l, const struct table_place *p)
{
	const struct form *f = store_of(l)->form;

	for (const struct table_place *g = places_of(w->group);
	     g != NULL && g != p; g = g->next) {
		bool used = false;

		for (const struct line *o = l->parent->child; o != l;
		     o = o->next)
			used |=
			    tag_pack(o->name[0].p, o->name[0].len) == g->key &&
			    nests(o);
		if (used && group_has(g, p->key) && !parted(g, p))
			build_wrong(w->b, f, f->at,
			    "'%.*s' here would be read "
			    "as part of the group of '%.*s' above it",
			    SLICE_ARG(l->name[0]), SLICE_ARG(g->first->tag));
	}
}

static void
count_check(struct walk *w, const struct line *l, const struct table_place *p)
{
	const struct form *f = store_of(l)->form;
	char times[24];

	if (p->most > 0 && l->most > p->most)
		build_wrong(w->b, f, f->at,
		    "'%.*s' may stand %s in table %s, the line says %u times",
		    SLICE_ARG(l->name[0]), times_text(p->most, times),
		    w->b->plan->table_name, l->most);
}

static void
misplaced(struct walk *w, const struct line *l, uint32_t key)
{
	const struct form *f = store_of(l)->form;
	const struct table_place *any =
	    place_from(places_of(w->group), key, false);

	if (any == NULL && w->group->up == NULL)
		build_wrong(w->b, f, f->at,
		    "table %s has no '%.*s' at this "
		    "level",
		    w->b->plan->table_name, SLICE_ARG(l->name[0]));
	else if (any == NULL)
		build_wrong(w->b, f, f->at,
		    "table %s has no '%.*s' in the "
		    "group of '%.*s'",
		    w->b->plan->table_name, SLICE_ARG(l->name[0]),
		    SLICE_ARG(w->group->first->tag));
	else if (nests(l) && place_from(places_of(w->group), key, true) == NULL)
		build_wrong(w->b, f, f->at,
		    "'%.*s' opens no group in table "
		    "%s, and segments stand below it",
		    SLICE_ARG(l->name[0]), w->b->plan->table_name);
	else
		build_wrong(w->b, f, f->at,
		    "'%.*s' stands behind '%.*s', "
		    "table %s has it before",
		    SLICE_ARG(l->name[0]), SLICE_ARG(w->before->name[0]),
		    w->b->plan->table_name);
}

static void lines_lay(struct builder *, const struct line *parent,
    const struct table_place *group);

static void
line_lay(struct walk *w, const struct line *l)
{
	uint32_t key = tag_pack(l->name[0].p, l->name[0].len);
	const struct table_place *p = places_of(w->group);
	bool group = nests(l);

	if (w->at != NULL)
		p = w->at->key == key ? w->at : w->at->next;
	p = place_from(p, key, group);
	if (p == NULL) {
		misplaced(w, l, key);
		return;
	}
	swallowed(w, l, p);
	count_check(w, l, p);
	w->at = p;
	w->before = l;
	((struct line_store *)l)->place = p;
	if (p->group)
		lines_lay(w->b, l, p);
}

static void
lines_lay(struct builder *b, const struct line *parent,
    const struct table_place *group)
{
	struct walk w = { .b = b, .group = group };

	for (const struct line *l = parent->child; l != NULL; l = l->next)
		if (store_of(l)->in_segment)
			line_lay(&w, l);
}

/* What the table demands and nothing writes. */
static void
mandatory_check(struct builder *b, const struct table_place *group)
{
	for (const struct table_place *p = group->first; p != NULL;
	     p = p->next) {
		bool found = slice_is(p->tag, "UNT") || slice_is(p->tag, "UNZ");

		for (const struct line *l = b->root->line.child;
		     l != NULL && !found; l = l->next)
			found = l->write && tag_pack(l->name[0].p,
						l->name[0].len) == p->key;
		if (p->must && !found)
			build_wrong(b, b->root->form, 0,
			    "table %s demands "
			    "'%.*s', and no line writes it",
			    b->plan->table_name, SLICE_ARG(p->tag));
	}
}

void
check_table(struct builder *b)
{
	const struct table_place *root = b->plan->table->root;

	if (root == NULL || root->first == NULL)
		return; /* service segments alone: no message */
	lines_lay(b, &b->root->line, root);
	if (!b->plan->one_way && !b->root->broken)
		mandatory_check(b, root);
}
