/*
 * syntax/edifact_tree.c - one message as a tree of segments and leaves. Trusts
 * the first pass for where the message is, the table for its order; called by
 * identify and convert for every message.
 *
 * Made for speed: one look at each byte, nodes from pools of the arena, text
 * copied only where a release character has to go.
 */
#include <stdio.h>
#include "src/syntax/edifact_walk.h"

#define NODES_MAX 500000u
#define POOL      64u
#define SEEN_MAX  400u /* leaves of a segment, as the loader allows */

/* What a byte means inside a segment. */
enum byte_class { DATA, COMPONENT, ELEMENT, REPEAT, RELEASE };

struct tree {
	struct slice text;
	const struct edifact_chars *chars;
	const struct wire_table *table;
	const struct tags *tags;
	struct arena *mem;
	struct findings *findings;
	struct wnode *pool;
	uint32_t pool_left, nodes;
	wtag *segment_tag; /* by table segment, found once */
	uint8_t class[256];
	struct walk walk;
	/* the segment in hand */
	const struct table_segment *segment;
	struct wnode *node;
	uint32_t number;
	uint32_t seen[SEEN_MAX];   /* leaf: number of the segment it was in */
	uint32_t seen_e[SEEN_MAX]; /* element: the same */
	bool full;
};

static struct wnode *
node_make(struct tree *t, struct wnode *parent)
{
	struct wnode *n;

	if (t->pool_left == 0) {
		if (t->nodes >= NODES_MAX ||
		    (t->pool = arena_get(t->mem, POOL * sizeof(*n))) == NULL) {
			t->full = true;
			return NULL;
		}
		t->pool_left = POOL;
		t->nodes += POOL;
	}
	n = t->pool++;
	t->pool_left--;
	n->parent = parent;
	if (parent->last_child == NULL)
		parent->child = n;
	else
		parent->last_child->next = n;
	parent->last_child = n;
	return n;
}

static struct finding *
tree_finding(struct tree *t, enum finding_kind kind, struct slice leaf,
    const char *found, struct slice wanted, uint32_t element,
    uint32_t component)
{
	struct slice none = { NULL, 0 };
	char path[64];
	struct finding *f = finding_add(t->findings, kind, none,
	    leaf.len == 0 ? t->node->name
			  : leaf_path(t->node->name, leaf, path),
	    slice_of(found), wanted);

	f->text_at = t->node->at;
	f->text_span = t->node->span;
	f->place.segment = t->number;
	f->place.element = element;
	f->place.component = component;
	f->fault = edifact_fault(kind);
	return f;
}

/* --- leaves --- */

/* Where a leaf stands, while a segment is gone through. */
struct spot {
	uint32_t element, component; /* from 1 */
	uint32_t from;               /* its first byte */
	bool released, parts;        /* has "?"; element has components */
	bool loose;                  /* ended in an empty part */
};

static void
leaf_unexpected(struct tree *t, const struct spot *s, uint32_t span)
{
	struct finding *f;
	char what[40], wanted[48];
	struct slice name = { what, 0 };

	if (s->element > t->segment->nelements) {
		name.len = (size_t)snprintf(
		    what, sizeof(what), "element %u", s->element);
		(void)snprintf(wanted, sizeof(wanted), "at most %u elements",
		    t->segment->nelements);
	} else {
		name.len = (size_t)snprintf(what, sizeof(what),
		    "element %u component %u", s->element, s->component);
		(void)snprintf(wanted, sizeof(wanted), "at most %u components",
		    t->segment->element[s->element - 1].ncomponents);
	}
	f = tree_finding(t, FIND_UNEXPECTED, name, "", slice_of(wanted),
	    s->element, s->component);
	f->fault = FAULT_CONSTITUENTS;
	f->text_at = s->from;
	f->text_span = span;
}

/* The leaf's tag and name by the table; a finding if it has none there. */
static const struct table_leaf *
leaf_known(struct tree *t, const struct spot *s, struct wnode *n)
{
	const struct table_segment *g = t->segment;
	const struct table_element *e;
	const struct table_leaf *l = NULL;

	if (s->element <= g->nelements) {
		e = &g->element[s->element - 1];
		if (s->component <= e->ncomponents)
			l = &g->leaf[e->first + s->component - 1];
		t->seen_e[s->element - 1] = t->number;
	}
	if (l == NULL) {
		leaf_unexpected(t, s, n->span);
		return NULL;
	}
	t->seen[l - g->leaf] = t->number;
	n->tag = tag_leaf(l->element, l->component);
	n->name = l->name;
	return l;
}

static void
leaf_make(struct tree *t, const struct spot *s, uint32_t end)
{
	struct wnode *n = node_make(t, t->node);
	const struct table_leaf *l;

	if (n == NULL)
		return;
	n->leaf = true;
	n->number = t->number;
	n->at = n->tat = s->from;
	n->span = n->tspan = end - s->from;
	n->text = (struct slice){ t->text.p + s->from, end - s->from };
	n->tag = tag_leaf(s->element, s->parts ? s->component : 0);
	n->name = t->node->name;
	if (s->released)
		n->text = segment_unescape(n->text, t->chars, t->mem);
	if (t->segment == NULL || (l = leaf_known(t, s, n)) == NULL)
		return;
	/* Bytes are never fewer than characters: most are right at a look. */
	if (l->format.kind == 'x' && l->format.most &&
	    l->values == VALUES_ANY && n->text.len <= l->format.length)
		return;
	leaf_check(&(struct leaf_place){ .leaf = l,
		       .tag = t->node->name,
		       .number = t->number,
		       .at = n->at,
		       .span = n->span,
		       .decimal = t->chars->decimal },
	    n->text, t->findings);
}

static void
must_missing(
    struct tree *t, const struct table_element *e, const struct table_leaf *l)
{
	uint32_t element = (uint32_t)(e - t->segment->element) + 1;

	(void)tree_finding(t, FIND_MISSING, l == NULL ? e->id : l->name, "",
	    l == NULL || l->format.text.len == 0 ? SLICE_LIT("a value")
						 : l->format.text,
	    element, l == NULL ? 0 : l->component);
}

static void
musts_check(struct tree *t)
{
	const struct table_segment *g = t->segment;

	for (uint32_t i = 0; i < g->nelements; i++) {
		const struct table_element *e = &g->element[i];
		bool here = t->seen_e[i] == t->number;

		if (!here && e->must)
			must_missing(
			    t, e, e->composite ? NULL : &g->leaf[e->first]);
		if (!here || !e->inner_must)
			continue;
		for (uint32_t k = 0; k < e->ncomponents; k++)
			if (g->leaf[e->first + k].must &&
			    t->seen[e->first + k] != t->number)
				must_missing(t, e, &g->leaf[e->first + k]);
	}
}

/* --- segments --- */

static bool
spot_within(struct tree *t, const struct spot *s)
{
	bool elements = s->element > ELEMENTS_MAX;
	char found[16];

	if (!elements && s->component <= COMPONENTS_MAX)
		return true;
	(void)snprintf(
	    found, sizeof(found), "%u", elements ? s->element : s->component);
	(void)tree_finding(t, FIND_LIMIT,
	    elements ? SLICE_LIT("elements") : SLICE_LIT("components"), found,
	    elements ? SLICE_LIT("500") : SLICE_LIT("100"), s->element,
	    s->component);
	return false;
}

/* The part that ends at i, and where the next one stands. */
static void
spot_end(struct tree *t, struct spot *s, uint32_t i, uint8_t class)
{
	bool last = class != COMPONENT;

	if (class == COMPONENT)
		s->parts = true;
	if (i > s->from)
		leaf_make(t, s, i);
	else if (last && (s->component > 1 || class == DATA))
		s->loose = true;
	if (class == COMPONENT)
		s->component++;
	else
		s->component = 1;
	if (class == ELEMENT)
		s->element++;
	if (last)
		s->parts = false;
	s->from = i + 1;
	s->released = false;
}

static void
segment_parts(struct tree *t, uint32_t at, uint32_t end)
{
	const unsigned char *p = (const unsigned char *)t->text.p;
	struct spot s = { .element = 1, .component = 1, .from = at };

	for (uint32_t i = at; i < end; i++) {
		uint8_t class = t->class[p[i]];

		if (class == DATA)
			continue;
		if (class == RELEASE) {
			s.released = true;
			i++;
			continue;
		}
		spot_end(t, &s, i, class);
		if (!spot_within(t, &s) || t->full)
			return;
	}
	spot_end(t, &s, end, DATA);
	if (s.loose)
		(void)tree_finding(t, FIND_TRAILING_SEPARATOR,
		    (struct slice){ NULL, 0 }, "", (struct slice){ NULL, 0 }, 0,
		    0);
}

static wtag
segment_tag(struct tree *t, struct slice tag)
{
	wtag *known;

	if (t->segment == NULL)
		return tag_find(t->tags, tag);
	known = &t->segment_tag[t->segment->index];
	if (*known == TAG_UNKNOWN)
		*known = tag_find(t->tags, tag) + 1;
	return *known - 1;
}

/* One segment into the tree; false: it was the last (UNT). */
static bool
segment_add(struct tree *t, const struct segment *g, struct wnode *root)
{
	struct wnode *below = root;
	bool opens = false;

	t->segment = NULL;
	if (t->table != NULL)
		below = walk_to(&t->walk, g, t->number, &t->segment, &opens);
	if (slice_is(g->tag, "UNT"))
		return false;
	t->node = node_make(t, below);
	if (t->node == NULL)
		return false;
	if (opens)
		walk_open(&t->walk, t->node);
	t->node->at = g->at;
	t->node->span = g->next - g->at;
	t->node->name = g->tag;
	t->node->number = t->number;
	t->node->tag = segment_tag(t, g->tag);
	if (g->at + g->tag.len < g->end) {
		bool parted =
		    t->text.p[g->at + g->tag.len] != t->chars->element;

		if (parted)
			(void)tree_finding(t, FIND_SYNTAX,
			    (struct slice){ NULL, 0 },
			    "a component separator behind the segment tag",
			    SLICE_LIT("the element separator"), 0, 0);
		segment_parts(t, g->at + (uint32_t)g->tag.len + 1, g->end);
	}
	if (t->segment != NULL)
		musts_check(t);
	return !t->full;
}

static void
classes_make(struct tree *t)
{
	const struct edifact_chars *c = t->chars;

	t->class[(unsigned char)c->component] = COMPONENT;
	t->class[(unsigned char)c->element] = ELEMENT;
	if (c->repetition != '\0')
		t->class[(unsigned char)c->repetition] = REPEAT;
	if (c->release != '\0')
		t->class[(unsigned char)c->release] = RELEASE;
}

static bool
tree_start(struct tree *t, struct wnode *root, uint32_t end)
{
	classes_make(t);
	if (t->table == NULL)
		return true;
	t->segment_tag = arena_get(t->mem, t->table->nsegments * sizeof(wtag));
	t->walk.table = t->table;
	t->walk.chars = t->chars;
	t->walk.text = t->text;
	t->walk.end = end;
	t->walk.findings = t->findings;
	t->walk.mem = t->mem;
	walk_start(&t->walk, root);
	return t->segment_tag != NULL;
}

static struct wnode *
tree_too_big(struct tree *t, const char *tag, const char *found,
    const char *wanted, uint32_t at, uint32_t span)
{
	struct slice none = { NULL, 0 };
	struct finding *f = finding_add(t->findings, FIND_LIMIT, none,
	    slice_of(tag), slice_of(found), slice_of(wanted));

	f->text_at = at;
	f->text_span = span;
	return NULL;
}

struct wnode *
edifact_tree(const struct text *text, uint32_t at, uint32_t span,
    const struct edifact_chars *chars, const struct wire_table *table,
    const struct tags *tags, struct arena *mem, struct findings *findings)
{
	struct tree *t = arena_get(mem, sizeof(*t));
	struct wnode *root = arena_get(mem, sizeof(*root));
	uint32_t end = at + span;
	struct segment g = { .next = at };

	if (t == NULL || root == NULL)
		return NULL;
	t->text = slice_sub(text->utf8, 0, end);
	t->chars = chars;
	t->table = table;
	t->tags = tags;
	t->mem = mem;
	t->findings = findings;
	if (span > MESSAGE_MAX)
		return tree_too_big(
		    t, "the message", "more than 8 MiB", "8 MiB", at, span);
	root->at = at;
	root->span = span;
	root->name = arena_dup(mem, (struct slice){ &chars->decimal, 1 });
	if (!tree_start(t, root, end))
		return NULL;
	while (segment_next(t->text, g.next, chars, &g) == SEGMENT_HERE) {
		t->number++;
		if (!segment_add(t, &g, root))
			break;
	}
	if (t->full && !arena_failed(mem))
		return tree_too_big(t, "the message",
		    "more than 500000 segments and elements", "500000", at,
		    span);
	return arena_failed(mem) ? NULL : root;
}
