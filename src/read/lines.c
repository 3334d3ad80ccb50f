/*
 * read/lines.c - wire nodes meet the plan's lines: alternatives by guard,
 * counts, what waits for the filing's end, what no line knows. Trusts the plan,
 * which was checked when loaded; nothing in the tree. Called by read.c.
 */
#include "src/read/reader.h"
#include "src/format/guard.h"
#include "src/format/pick.h"
#include <stdio.h>

bool
wnode_says(const struct wnode *w)
{
	if (slice_trim(w->text).len > 0)
		return true;
	for (const struct wnode *c = w->child; c != NULL; c = c->next)
		if (!c->used && wnode_says(c))
			return true;
	return false;
}

/* What a guard has read is known, even if no line stands for it. */
static void
guards_use(const struct line *l, const struct wnode *w)
{
	for (int i = 0; i < l->nguards; i++) {
		struct wnode *leaf;

		if (l->guard[i].kind != GUARD_IS)
			continue;
		leaf = guard_leaf(&l->guard[i], w);
		if (leaf != NULL)
			leaf->used = true;
	}
}

static const struct wnode *
first_text(const struct wnode *w)
{
	const struct wnode *found = NULL;

	if (slice_trim(w->text).len > 0)
		return w;
	for (const struct wnode *c = w->child; c != NULL && found == NULL;
	     c = c->next)
		if (!c->used)
			found = first_text(c);
	return found;
}

static void
unmapped(struct reader *r, struct wnode *w, struct node *here)
{
	struct spot s = { NULL, w, here, NULL };

	if (w->used || !wnode_says(w))
		return;
	(void)complain(r, FIND_UNMAPPED, &s, NULL, first_text(w)->text, "");
}

/* A segment is one thing that is not carried on; of a tree, each leaf is. */
static void
dropped(struct reader *r, const struct spot *s, bool whole)
{
	struct spot below = *s;
	bool text = slice_trim(s->w->text).len > 0;

	if (s->w->used || !wnode_says(s->w))
		return;
	if (text || whole)
		(void)complain(
		    r, FIND_IGNORED, s, NULL, first_text(s->w)->text, "");
	for (below.w = s->w->child; !whole && below.w != NULL;
	     below.w = below.w->next)
		dropped(r, &below, false);
}

static void
wait_add(struct reader *r, const struct spot *s, bool missing)
{
	struct waiting *x = arena_get(r->mem, sizeof(*x));

	if (x == NULL)
		return;
	x->spot = *s;
	x->missing = missing;
	*r->waiting_end = x;
	r->waiting_end = &x->next;
}

static uint32_t *
count_of(struct reader *r, const struct line *l)
{
	struct tally *t = &r->tally[l->number];
	uint32_t open = r->tally[l->parent->number].open;

	if (t->frame != open) {
		t->frame = open;
		t->n = 0;
	}
	return &t->n;
}

/* One more of its line; false: more than the line allows. */
static bool
count_one(struct reader *r, const struct spot *s)
{
	const struct line *l = s->line;
	uint32_t n = ++*count_of(r, l);
	char found[16], wanted[16];

	if (l->most == 0 || n <= l->most || l->filing)
		return true;
	(void)snprintf(found, sizeof(found), "%u", (unsigned)n);
	(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)l->most);
	(void)complain(r, FIND_TOO_MANY, s, NULL,
	    arena_dup(r->mem, slice_of(found)), wanted);
	return false;
}

/* What is below a leaf: attributes that no line knows. */
static void
leaf_children(struct reader *r, const struct spot *s)
{
	for (struct wnode *c = s->w->child; c != NULL; c = c->next)
		if (line_first(s->line, c->tag) == NULL)
			unmapped(r, c, s->here);
}

/* Own text of a container: its "." line, or nobody's. */
static void
own_text(struct reader *r, const struct line *parent, struct wnode *w,
    struct node *here)
{
	if (slice_trim(w->text).len == 0)
		return;
	for (const struct line *l = parent->child; l != NULL; l = l->next)
		if (l->own_text && l->read) {
			struct spot s = { l, w, here, NULL };

			if (l->when != NULL || leaf_waits(l)) {
				wait_add(r, &s, false);
				return;
			}
			++*count_of(r, l);
			leaf_read(r, &s);
			return;
		}
	struct spot s = { NULL, w, here, NULL };

	(void)complain(r, FIND_UNMAPPED, &s, NULL, w->text, "");
}

static void ragged_read(struct reader *, const struct line *parent,
    struct wnode *, struct node *here);

/* Bind w by this line, whose guard and condition hold. */
static void
take(struct reader *r, const struct spot *s)
{
	const struct line *l = s->line;
	struct spot inner = *s;

	guards_use(l, s->w);
	switch (l->kind) {
	case LINE_DROP:
		dropped(r, s, r->forward);
		return;
	case LINE_STRUCTURE:
		break;
	case LINE_GROUP:
		inner.here = group_node(r, s);
		if (inner.here == NULL)
			return;
		break;
	default:
		leaf_read(r, s);
		if (s->w->child != NULL)
			leaf_children(r, s);
		return;
	}
	if (s->w->parent != NULL && s->w->cells != s->w->parent->cells)
		ragged_read(r, l, s->w, inner.here);
	else if (!l->carries)
		lines_read(r, l, s->w, inner.here);
}

/*
 * The line for a node: the first alternative whose guard holds. Lines of one
 * tag that stand together are alternatives and in any order on the wire; where
 * the same tag stands again further down, the place decides: not before the
 * run that the last segment was in. Who is out of place is taken all the same,
 * the syntax has said so.
 */
static const struct line *
fitting(const struct reader *r, const struct line *parent,
    const struct wnode *w, uint32_t *cursor)
{
	const struct line *const *l = lines_for(parent, w);
	const struct line *late = NULL;
	bool placed = w->tag < TAG_LEAF && r->forward;

	for (; l != NULL && *l != NULL; l++) {
		if (!(*l)->read || !line_holds(*l, w))
			continue;
		if (!placed)
			return *l;
		if ((*l)->run >= *cursor) {
			*cursor = (*l)->run;
			return *l;
		}
		if (late == NULL)
			late = *l;
	}
	return late;
}

static bool
line_waits(const struct line *l)
{
	return l->when != NULL || leaf_waits(l);
}

static bool
line_is_leaf(const struct line *l)
{
	return l->kind != LINE_STRUCTURE && l->kind != LINE_GROUP;
}

/*
 * An empty leaf among others of its kind is a member of its list, where the
 * directory says that places count. Alone it is an absent list.
 */
static bool
holds_place(struct reader *r, const struct spot *s)
{
	const struct line *l = s->line;
	const struct path *p;

	if (l->kind != LINE_ELEMENT || l->most == 1)
		return false;
	p = &l->choice.arm[0].path;
	if (p->nsteps == 0 || !p->step[p->nsteps - 1]->placed ||
	    codec_look(l->codec, CODEC_LIST) != NULL ||
	    codec_look(l->codec, CODEC_WRAP) != NULL)
		return false;
	if (*count_of(r, l) > 0)
		return true;
	for (const struct wnode *w = s->w->next; w != NULL; w = w->next)
		if (w->tag == s->w->tag)
			return true;
	return false;
}

static void
node_read(struct reader *r, const struct line *parent, struct wnode *w,
    struct node *here, uint32_t *cursor)
{
	struct spot s = { NULL, w, here, NULL };

	s.line = w->tag == TAG_UNKNOWN ? NULL : fitting(r, parent, w, cursor);
	if (s.line == NULL) {
		unmapped(r, w, here);
		return;
	}
	if (line_is_leaf(s.line) && s.line->kind != LINE_DROP &&
	    slice_trim(w->text).len == 0 &&
	    !holds_place(r, &s)) { /* empty means absent */
		if (w->child != NULL)
			leaf_children(r, &s);
		return;
	}
	if (!count_one(r, &s) && s.line->kind != LINE_GROUP)
		return;
	if (line_waits(s.line))
		wait_add(r, &s, false);
	else
		take(r, &s);
}

/* Was there anything for this line, whatever came of it? */
static bool
stood(const struct line *l, const struct wnode *w)
{
	for (const struct wnode *c = w->child; c != NULL; c = c->next) {
		if (!line_is_leaf(l) || slice_trim(c->text).len > 0)
			for (int i = 0; i < l->ntags; i++)
				if (c->tag == l->tag[i] && line_holds(l, c))
					return true;
	}
	return false;
}

/* Lines that must be there and were not. */
static void
counts_check(struct reader *r, const struct line *parent, struct wnode *w,
    struct node *here)
{
	for (const struct line *l = parent->first_must; l != NULL;
	     l = l->next_must) {
		struct spot s = { l, w, here, NULL };

		if (*count_of(r, l) >= l->least)
			continue;
		if (l->when == NULL)
			complain_missing(r, l, w, here);
		else if (!stood(l, w))
			wait_add(r, &s, true);
	}
}

/* Children that a `by` line gathers: first to the end of its kind. */
static struct wnode *
virtual_read(struct reader *r, const struct line *virt, struct wnode *first,
    struct node *here)
{
	struct wnode *end = group_end(virt, first);
	struct wnode *stop = end->next, *parent = first->parent;
	struct wnode *child = parent->child, *last = parent->last_child;
	struct spot s = { virt, first, here, NULL };
	struct node *inner = here;

	++*count_of(r, virt);
	if (virt->kind == LINE_GROUP)
		inner = group_node(r, &s);
	if (inner != NULL) {
		/* for a moment they are the only children there are */
		parent->child = first;
		end->next = NULL;
		lines_read(r, virt, parent, inner);
		end->next = stop;
		parent->child = child;
		parent->last_child = last;
	}
	return stop;
}

/*
 * A row with too many or too few cells: no cell can be trusted to stand below
 * its heading, and to complain of each would bury what is wrong. Only what
 * brings rows together is read, so that the row refuses its own filing.
 */
static void
ragged_read(struct reader *r, const struct line *parent, struct wnode *w,
    struct node *here)
{
	struct spot s = { parent, w, here, NULL };
	char found[64], wanted[16];
	uint32_t cursor = 0;

	(void)snprintf(found, sizeof(found), "row %u has %u columns",
	    (unsigned)w->number, (unsigned)w->cells);
	(void)snprintf(
	    wanted, sizeof(wanted), "%u", (unsigned)w->parent->cells);
	(void)complain(r, FIND_SYNTAX, &s, NULL,
	    arena_dup(r->mem, slice_of(found)), wanted);
	r->tally[parent->number].open = ++r->frame;
	for (struct wnode *c = w->child; c != NULL; c = c->next)
		if (group_key(parent, c))
			node_read(r, parent, c, here, &cursor);
}

void
lines_read(struct reader *r, const struct line *parent, struct wnode *w,
    struct node *here)
{
	const struct line *virt = parent->gatherer;
	struct wnode *c = w->child;
	uint32_t cursor = 0;

	r->tally[parent->number].open = ++r->frame;
	if (w->text.len > 0 && !parent->virtual_)
		own_text(r, parent, w, here);
	while (c != NULL) {
		if (virt != NULL && line_first(virt, c->tag) != NULL) {
			c = virtual_read(r, virt, c, here);
			continue;
		}
		if (!c->used)
			node_read(r, parent, c, here, &cursor);
		c = c->next;
	}
	if (parent->first_must != NULL)
		counts_check(r, parent, w, here);
}

struct unsure {
	struct scope scope;
	struct arena *mem;
	bool is;
};

static void
path_unsure(void *arg, const struct path *p, bool nodes)
{
	struct unsure *u = arg;
	const struct node *node;
	const struct value *v;

	if (nodes || p->nsteps == 0 || p->base == PATH_LEG)
		return;
	node = path_node(p, &u->scope, u->mem, false);
	v = node == NULL ? NULL
			 : node->slot[p->step[p->nsteps - 1]->slot].value;
	u->is |= v != NULL && (v->flags & VALUE_RAW) != 0;
}

/* What a condition asks for is no such value: that was told, and is enough. */
static bool
is_unsure(struct reader *r, const struct spot *s)
{
	struct unsure u = { .scope = { .record = r->record, .here = s->here },
		.mem = r->mem };

	if (r->found->errors > 0)
		cond_paths(s->line->when, path_unsure, &u);
	return u.is;
}

/* The record can answer now: the first alternative that holds. */
static void
waiting_read(struct reader *r, struct waiting *x)
{
	const struct spot s = x->spot;
	struct scope scope = { .record = r->record, .here = s.here };
	struct spot t = s;

	if (x->missing) {
		if (cond_holds(s.line->when, &scope))
			complain_missing(r, s.line, s.w, s.here);
		return;
	}
	while (t.line != NULL &&
	       (t.line->read == false || !line_holds(t.line, t.w) ||
		   (t.line->when != NULL && !cond_holds(t.line->when, &scope))))
		t.line = t.line->own_text ? NULL : line_again(t.line, t.w->tag);
	if (t.line != NULL) {
		take(r, &t);
		return;
	}
	if (is_unsure(r, &s))
		return;
	(void)complain(
	    r, FIND_UNEXPECTED, &s, NULL, slice_trim(s.w->text), "no value");
}

void
lines_finish(struct reader *r)
{
	wrap_finish(r);
	for (struct waiting *x = r->waiting; x != NULL; x = x->next)
		waiting_read(r, x); /* may add behind itself */
	wrap_finish(r);
	for (struct ending *e = r->ending; e != NULL; e = e->next)
		if (e->el != NULL)
			bind_reference(r, e);
		else
			leaf_computed(r, &e->spot);
}
