/*
 * read/group.c - wire nodes that make record nodes, and those that `by` brings
 * together. Trusts the plan. Called by lines.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

#define BY_MAX 4 /* paths after `by`; the loader allows no more */

/* The line below top that says this element by a wire leaf. */
static const struct line *
element_line(const struct line *top, const struct element *el)
{
	for (const struct line *l = top->child; l != NULL; l = l->next) {
		const struct line *deeper;

		if (l->kind == LINE_ELEMENT && l->choice.narms > 0) {
			const struct path *p = &l->choice.arm[0].path;

			if (p->step[p->nsteps - 1] == el)
				return l;
		}
		deeper = element_line(l, el);
		if (deeper != NULL)
			return deeper;
	}
	return NULL;
}

static unsigned int
by_lines(const struct line *virt, const struct line **by)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < virt->nby && n < BY_MAX; i++) {
		const struct path *p = &virt->by[i];
		const struct line *l =
		    p->nsteps == 0 ? NULL
				   : element_line(virt, p->step[p->nsteps - 1]);

		if (l != NULL)
			by[n++] = l;
	}
	return n;
}

bool
group_key(const struct line *row, const struct wnode *w)
{
	const struct line *virt = row->parent, *by[BY_MAX];
	unsigned int n;

	if (virt == NULL || !virt->virtual_)
		return false;
	n = by_lines(virt, by);
	for (unsigned int i = 0; i < n; i++)
		for (int k = 0; k < by[i]->ntags; k++)
			if (by[i]->tag[k] == w->tag)
				return true;
	return false;
}

/* The text that the line reads, at or below this wire node. */
static struct slice
line_text(const struct line *l, const struct wnode *w)
{
	struct slice none = { NULL, 0 };

	for (const struct wnode *c = w->child; c != NULL; c = c->next) {
		for (int i = 0; i < l->ntags; i++)
			if (c->tag == l->tag[i])
				return slice_trim(c->text);
		if (c->child != NULL) {
			struct slice s = line_text(l, c);

			if (s.len > 0)
				return s;
		}
	}
	return none;
}

/* Do both say the same of everything they are brought together by? */
bool
group_same(
    const struct line *virt, const struct wnode *a, const struct wnode *b)
{
	const struct line *by[BY_MAX];
	unsigned int n = by_lines(virt, by);

	for (unsigned int i = 0; i < n; i++)
		if (!slice_eq(line_text(by[i], a), line_text(by[i], b)))
			return false;
	return n > 0;
}

/* FNV-1a over what it says; false: it says nothing, and so belongs nowhere. */
bool
group_hash(const struct line *virt, const struct wnode *w, uint64_t *hash)
{
	const struct line *by[BY_MAX];
	unsigned int n = by_lines(virt, by);
	bool says = false;

	*hash = 0xcbf29ce484222325u;
	for (unsigned int i = 0; i < n; i++) {
		struct slice s = line_text(by[i], w);

		says |= s.len > 0;
		for (size_t k = 0; k <= s.len; k++) {
			*hash ^= k < s.len ? (unsigned char)s.p[k] : 0x1f;
			*hash *= 0x100000001b3u;
		}
	}
	return says;
}

/* The last of the adjacent nodes that agree with the first. */
struct wnode *
group_end(const struct line *virt, struct wnode *first)
{
	struct wnode *end = first;

	for (struct wnode *c = first->next;
	     c != NULL && line_first(virt, c->tag) != NULL &&
	     group_same(virt, first, c);
	     c = c->next)
		end = c;
	return end;
}

static void
place_number(struct reader *r, uint32_t n, struct slice *out)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", (unsigned)n);
	*out = arena_dup(r->mem, slice_of(text));
}

/* The directory's ceiling: nothing is made above it. */
static bool
room_for(struct reader *r, const struct spot *s, const struct node *node,
    const struct element *el)
{
	const struct node *list = node->slot[el->slot].node;
	char wanted[16], found[16];

	if (!el->repeats || el->most == 0 || list == NULL ||
	    list->last->place < el->most)
		return true;
	(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)el->most);
	(void)snprintf(
	    found, sizeof(found), "%u", (unsigned)list->last->place + 1);
	(void)complain(r, FIND_TOO_MANY, s, NULL,
	    arena_dup(r->mem, slice_of(found)), wanted);
	return false;
}

/*
 * A reference where a group is wanted: the node it names is made here, and the
 * reference with it. A format that does so has no number of its own for them.
 */
static struct node *
referred(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el)
{
	const struct element *list;
	struct node *owner, *made;
	const struct element *number =
	    group_element(el->group, SLICE_LIT("sequence"));
	struct got got = { .at = s->w->at, .span = s->w->span };

	(void)bind_list(node, el->group, &owner, &list);
	if (owner == NULL || !room_for(r, s, owner, list))
		return NULL;
	made = node_add(r->mem, owner, list);
	if (made == NULL)
		return NULL;
	place_number(r, made->place, &got.text);
	got.flags = VALUE_DEFAULT;
	(void)bind_value(r, s, node, el, &got);
	if (number != NULL)
		(void)value_add(r->mem, made, number, got.text);
	return made;
}

struct node *
group_node(struct reader *r, const struct spot *s)
{
	struct scope scope = { .record = r->record, .here = s->here };
	const struct path *p = choice_path(&s->line->choice, &scope);
	const struct element *el;
	struct node *node, *made;

	if (p == NULL)
		return NULL;
	node = bind_where(r, p, s->here);
	if (node == NULL || p->nsteps == 0)
		return node;
	el = p->step[p->nsteps - 1];
	if (el->type == EL_REF)
		return referred(r, s, node, el);
	if (!room_for(r, s, node, el))
		return NULL;
	made = node_add(r->mem, node, el);
	if (made != NULL && made->span == 0) {
		made->at = s->w->at;
		made->span = s->w->span;
	}
	return made;
}
