/*
 * record/record.c - nodes and values of a record.
 *
 * Called by the reader for every bound leaf: a node or a value is one piece of
 * the arena, lists know their last member, nothing is searched.
 */
#include <stdio.h>
#include "src/record/record.h"

#define PLACE_MAX 1000000 /* of "item[n]" in a path */

struct node *
node_new(struct arena *mem, const struct group *g, struct node *parent)
{
	struct node *n =
	    arena_get(mem, sizeof(*n) + g->nslots * sizeof(n->slot[0]));

	if (n == NULL)
		return NULL;
	n->group = g;
	n->parent = parent;
	n->place = 1;
	return n;
}

struct node *
node_add(struct arena *mem, struct node *n, const struct element *e)
{
	struct node *first = n->slot[e->slot].node, *made;

	if (first != NULL && !e->repeats)
		return first;
	made = node_new(mem, e->group, n);
	if (made == NULL)
		return NULL;
	if (first == NULL) {
		n->slot[e->slot].node = made;
		made->last = made;
	} else {
		made->place = first->last->place + 1;
		first->last->next = made;
		first->last = made;
	}
	return made;
}

struct node *
node_need(struct arena *mem, struct node *n, const struct element *e)
{
	if (n->slot[e->slot].node != NULL)
		return n->slot[e->slot].node;
	return node_add(mem, n, e);
}

struct value *
value_add(struct arena *mem, struct node *n, const struct element *e,
    struct slice text)
{
	struct value *first = n->slot[e->slot].value, *v;

	if (first != NULL && !e->repeats) {
		*first = (struct value){ .text = text, .last = first };
		return first;
	}
	v = arena_get(mem, sizeof(*v));
	if (v == NULL)
		return NULL;
	v->text = text;
	if (first == NULL) {
		n->slot[e->slot].value = v;
		v->last = v;
	} else {
		first->last->next = v;
		first->last = v;
	}
	return v;
}

uint32_t
node_count(const struct node *list)
{
	return list == NULL ? 0 : list->last->place;
}

uint32_t
value_count(const struct value *list)
{
	uint32_t n = 0;

	for (; list != NULL; list = list->next)
		n++;
	return n;
}

/* "name[n]", up to a "." or the end; false: not of that form. */
static bool
step_cut(const char **path, struct slice *name, uint32_t *place, bool *more)
{
	const char *p = *path;

	*name = (struct slice){ p, strcspn(p, ".[") };
	p += name->len;
	*place = 1;
	if (*p == '[') {
		uint32_t n = 0;

		for (p++; *p >= '0' && *p <= '9' && n <= PLACE_MAX; p++)
			n = n * 10 + (uint32_t)(*p - '0');
		if (*p != ']' || n == 0 || n > PLACE_MAX)
			return false;
		*place = n;
		p++;
	}
	*more = *p == '.';
	if (*p != '.' && *p != '\0')
		return false;
	*path = p + *more;
	return name->len > 0;
}

static bool
element_inner(const struct element *e)
{
	return (e->type == EL_GROUP || e->type == EL_ABOUT) && e->group != NULL;
}

const struct value *
record_get(const struct node *n, const char *path)
{
	bool more = true;

	while (n != NULL && more) {
		const struct element *e;
		const struct value *v;
		struct slice name;
		uint32_t place;

		if (!step_cut(&path, &name, &place, &more))
			return NULL;
		e = group_element(n->group, name);
		if (e == NULL || element_inner(e) != more)
			return NULL;
		if (more) {
			n = n->slot[e->slot].node;
			while (n != NULL && --place > 0)
				n = n->next;
			continue;
		}
		v = n->slot[e->slot].value;
		while (v != NULL && --place > 0)
			v = v->next;
		return v;
	}
	return NULL;
}

uint32_t
record_day(const struct record *r)
{
	const struct element *d =
	    r->root == NULL ? NULL : r->root->group->dated;
	const struct value *v = d == NULL ? NULL : r->root->slot[d->slot].value;
	uint32_t day = 0;

	if (v == NULL || (v->flags & VALUE_RAW) != 0 || v->text.len < 10)
		return 0;
	for (int i = 0; i < 10; i++)
		if (v->text.p[i] >= '0' && v->text.p[i] <= '9')
			day = day * 10 + (uint32_t)(v->text.p[i] - '0');
	return day;
}

/* The node at a place; made when it is the next one. */
static struct node *
node_place(
    struct arena *mem, struct node *n, const struct element *e, uint32_t place)
{
	struct node *list = n->slot[e->slot].node;
	uint32_t have = node_count(list);

	if (place == have + 1)
		return have > 0 && !e->repeats ? NULL : node_add(mem, n, e);
	if (place > have)
		return NULL;
	for (; place > 1; place--)
		list = list->next;
	return list;
}

static struct value *
value_place(struct arena *mem, struct node *n, const struct element *e,
    uint32_t place, struct slice text)
{
	struct value *list = n->slot[e->slot].value;
	uint32_t have = value_count(list);

	if (place == have + 1 && (have == 0 || e->repeats))
		return value_add(mem, n, e, text);
	if (place > have)
		return NULL;
	for (; place > 1; place--)
		list = list->next;
	list->text = text;
	list->row = NULL;
	list->scheme = NULL;
	list->at = list->span = list->flags = 0;
	return list;
}

struct value *
record_set(
    struct record *r, struct node *n, const char *path, struct slice text)
{
	bool more = true;

	while (n != NULL) {
		const struct element *e;
		struct slice name;
		uint32_t place;

		if (!step_cut(&path, &name, &place, &more))
			return NULL;
		e = group_element(n->group, name);
		if (e == NULL || element_inner(e) != more)
			return NULL;
		if (!more)
			return value_place(r->mem, n, e, place, text);
		n = node_place(r->mem, n, e, place);
	}
	return NULL;
}

/* The element of the parent whose list this node stands in. */
static const struct element *
node_element(const struct node *n)
{
	const struct group *g = n->parent->group;

	for (uint16_t i = 0; i < g->nslots; i++) {
		const struct node *m;

		if (!element_inner(&g->element[i]) ||
		    g->element[i].group != n->group)
			continue;
		for (m = n->parent->slot[i].node; m != NULL; m = m->next)
			if (m == n)
				return &g->element[i];
	}
	return NULL;
}

static size_t
path_put(char *out, size_t size, size_t at, const char *name, bool repeats,
    uint32_t place)
{
	int n;

	if (at >= size)
		return at;
	if (repeats)
		n = snprintf(out + at, size - at, "%s%s[%u]", at > 0 ? "." : "",
		    name, place);
	else
		n = snprintf(
		    out + at, size - at, "%s%s", at > 0 ? "." : "", name);
	return at + (size_t)n;
}

static size_t
node_path(const struct node *n, char *out, size_t size)
{
	const struct element *e;
	size_t at;

	if (n->parent == NULL)
		return 0;
	at = node_path(n->parent, out, size);
	e = node_element(n);
	if (e == NULL)
		return at;
	return path_put(out, size, at, e->name, e->repeats, n->place);
}

static bool
is_bare(const struct node *n)
{
	for (uint16_t i = 0; i < n->group->nslots; i++)
		if (n->slot[i].value != NULL || n->slot[i].node != NULL)
			return false;
	return true;
}

void
node_prune(struct node *n)
{
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		struct node *first = n->slot[i].node, *next, *last = NULL;
		struct node **at = &n->slot[i].node;
		uint32_t place = 0;

		if (!element_inner(&n->group->element[i]))
			continue;
		for (struct node *c = first; c != NULL; c = next) {
			next = c->next;
			node_prune(c);
			if (n->group->element[i].repeats && is_bare(c)) {
				*at = next;
				continue;
			}
			c->place = ++place;
			last = c;
			at = &c->next;
		}
		if (n->slot[i].node != NULL)
			n->slot[i].node->last = last;
	}
}

/* The value that stands first in the text; NULL: none has a place. */
static const struct value *
first_value(const struct node *n)
{
	const struct value *first = NULL;

	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct value *v = element_inner(&n->group->element[i])
					    ? NULL
					    : n->slot[i].value;

		if (v != NULL && v->span > 0 &&
		    (first == NULL || v->at < first->at))
			first = v;
	}
	return first;
}

#define WHERE_MOST 80 /* bytes that are worth showing of a whole node */

bool
node_where(const struct node *n, uint32_t *at, uint32_t *span)
{
	for (; n != NULL; n = n->parent) {
		const struct value *v = n->span > 0 ? NULL : first_value(n);

		if (n->span == 0 && v == NULL)
			continue;
		*at = v == NULL ? n->at : v->at;
		*span = v == NULL ? n->span : v->span;
		if (*span > WHERE_MOST)
			*span = WHERE_MOST;
		return true;
	}
	return false;
}

const char *
record_path(
    const struct node *n, const struct element *e, char *out, size_t size)
{
	size_t at;

	if (size == 0)
		return out;
	out[0] = '\0';
	at = node_path(n, out, size);
	if (e != NULL)
		path_put(out, size, at, e->name, false, 1);
	return out;
}
