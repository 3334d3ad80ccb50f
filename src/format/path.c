/*
 * format/path.c - paths are followed in a record.
 *
 * Called for every bound leaf by reader and writer: array lookups only.
 */
#include "src/format/cond_tree.h"

static struct node *
path_base_node(const struct path *p, const struct scope *s)
{
	const struct node *n = s->here;

	switch (p->base) {
	case PATH_HERE:
		break;
	case PATH_UP:
		for (uint8_t i = 0; i < p->up && n != NULL; i++)
			n = n->parent;
		break;
	case PATH_DOCUMENT:
		n = s->record->root;
		break;
	case PATH_TRANSMISSION:
		n = s->record->transmission;
		break;
	case PATH_LEG:
		n = NULL;
		break;
	}
	return (struct node *)n;
}

/* Of a repeated group: the member that the rule runs for, else the first. */
static struct node *
member(struct node *list, const struct scope *s)
{
	for (const struct node *m = s->each; m != NULL; m = m->parent) {
		if (m->parent != list->parent || m->group != list->group)
			continue;
		for (struct node *n = list; n != NULL; n = n->next)
			if (n == m)
				return n;
	}
	return list;
}

static struct node *
step_node(struct node *n, const struct element *e, const struct scope *s,
    struct arena *mem, bool make)
{
	struct node *list;

	/* a step of a shape may have been resolved in a group's twin */
	if (n->group != e->owner && e->slot >= n->group->nslots)
		return NULL;
	list = n->slot[e->slot].node;
	if (list == NULL)
		return make ? node_add(mem, n, e) : NULL;
	return e->repeats && s->each != NULL ? member(list, s) : list;
}

struct node *
path_node(
    const struct path *p, const struct scope *s, struct arena *mem, bool make)
{
	struct node *n = path_base_node(p, s);

	for (uint8_t i = 0; i + 1 < p->nsteps && n != NULL; i++)
		n = step_node(n, p->step[i], s, mem, make);
	return n;
}

const struct value *
path_value(const struct path *p, const struct scope *s)
{
	const struct element *e;
	struct node *n;

	if (p->base == PATH_LEG)
		return s->leg_value == NULL ? NULL : s->leg_value(s->arg, p);
	if (p->nsteps == 0)
		return NULL;
	n = path_node(p, s, NULL, false);
	e = p->step[p->nsteps - 1];
	if (n == NULL || e->type == EL_GROUP || e->type == EL_ABOUT)
		return NULL;
	return n->slot[e->slot].value;
}

const struct path *
choice_path(const struct choice *c, const struct scope *s)
{
	for (uint8_t i = 0; i < c->narms; i++)
		if (c->arm[i].when == NULL || cond_holds(c->arm[i].when, s))
			return &c->arm[i].path;
	return NULL;
}
