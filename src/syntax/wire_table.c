/*
 * syntax/wire_table.c - questions to a message table; trusts the loader that
 * made it. Called by edifact.c for every segment, by the format loader for
 * every line.
 */
#include "src/syntax/wire_table.h"

const struct table_segment *
table_segment_find(const struct wire_table *t, uint32_t key)
{
	for (uint32_t i = 0; i < t->nsegments; i++)
		if (t->segment[i]->key == key)
			return t->segment[i];
	return NULL;
}

const struct table_leaf *
table_leaf_at(
    const struct table_segment *s, uint32_t element, uint32_t component)
{
	const struct table_element *e;
	uint32_t i = component;

	if (element == 0 || element > s->nelements)
		return NULL;
	e = &s->element[element - 1];
	if (e->composite)
		i = component - 1; /* 0 wraps to none */
	return i < e->ncomponents ? &s->leaf[e->first + i] : NULL;
}

static const struct table_segment *
segment_named(const struct wire_table *t, struct slice tag)
{
	return table_segment_find(t, tag_pack(tag.p, tag.len));
}

bool
wire_table_segment(const struct wire_table *t, struct slice tag)
{
	return segment_named(t, tag) != NULL;
}

/* "C246#2": the name, and which of that name; without "#" the first. */
static struct slice
nth_cut(struct slice name, uint64_t *nth)
{
	struct slice rest = name;
	struct slice id = slice_cut(&rest, '#');

	*nth = 1;
	if (id.len < name.len && !slice_u64(rest, nth))
		*nth = 0;
	return id;
}

static const struct table_element *
element_named(const struct table_segment *s, struct slice name)
{
	uint64_t nth;
	struct slice id = nth_cut(name, &nth);

	for (uint16_t i = 0; i < s->nelements; i++)
		if (slice_eq(s->element[i].id, id) && s->element[i].nth == nth)
			return &s->element[i];
	return NULL;
}

wtag
wire_table_leaf(const struct wire_table *t, struct slice segment,
    struct slice leaf, uint32_t *count)
{
	const struct table_segment *s = segment_named(t, segment);
	struct slice inner = leaf;
	struct slice outer = slice_cut(&inner, '.');
	const struct table_element *e;
	uint64_t nth;
	uint32_t element;

	*count = 0;
	if (s == NULL || (e = element_named(s, outer)) == NULL)
		return TAG_UNKNOWN;
	element = (uint32_t)(e - s->element) + 1;
	if (!e->composite) {
		if (outer.len != leaf.len)
			return TAG_UNKNOWN;
		/* A tag step of one element: no run can be counted off. */
		*count = 1;
		return tag_leaf(element, 0);
	}
	inner = nth_cut(inner, &nth);
	for (uint32_t i = 0; i < e->ncomponents; i++) {
		const struct table_leaf *l = &s->leaf[e->first + i];

		if (!slice_eq(l->id, inner) || --nth > 0)
			continue;
		do
			(*count)++;
		while (i + *count < e->ncomponents &&
		       slice_eq(l[*count].id, inner));
		return tag_leaf(element, l->component);
	}
	return TAG_UNKNOWN;
}

struct slice
wire_table_format(const struct wire_table *t, struct slice segment, wtag leaf)
{
	const struct table_segment *s = segment_named(t, segment);
	const struct table_leaf *l = NULL;

	if (s != NULL && leaf >= TAG_LEAF)
		l = table_leaf_at(s, (leaf - TAG_LEAF) / TAG_COMPONENTS,
		    (leaf - TAG_LEAF) % TAG_COMPONENTS);
	return l == NULL ? (struct slice){ NULL, 0 } : l->format.text;
}

/* Every group that outer triggers is looked at: a tag may trigger several. */
static bool
nests_below(const struct table_place *group, uint32_t outer, uint32_t inner)
{
	for (const struct table_place *p = group->first; p != NULL;
	     p = p->next) {
		if (!p->group)
			continue;
		if (p->key == outer)
			for (const struct table_place *q = p->first->next;
			     q != NULL; q = q->next)
				if (q->key == inner)
					return true;
		if (nests_below(p, outer, inner))
			return true;
	}
	return false;
}

bool
wire_table_nests(
    const struct wire_table *t, struct slice outer, struct slice inner)
{
	return nests_below(t->root, tag_pack(outer.p, outer.len),
	    tag_pack(inner.p, inner.len));
}
