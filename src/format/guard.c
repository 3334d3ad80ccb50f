/*
 * format/guard.c - guards against a wire tree; trusts the plan, nothing of the
 * tree. Called by identify and read.
 */
#include "src/format/guard.h"

/* A leaf with text, or a container that is there. */
static bool
node_given(const struct wnode *w)
{
	return w->child != NULL || !w->leaf || slice_trim(w->text).len > 0;
}

static bool
constant_is(const struct guard *g, struct slice text)
{
	text = slice_trim(text);
	for (int i = 0; i < g->nconstants; i++) {
		const struct slice *c = &g->constant[i];

		/* most differ in length or in the first byte */
		if (c->len == text.len &&
		    (c->len == 0 ||
			(c->p[0] == text.p[0] && slice_eq(text, *c))))
			return true;
	}
	return false;
}

/* From step i of the guard's path on. */
static struct wnode *
leaf_below(const struct guard *g, const struct wnode *w, int i)
{
	for (struct wnode *c = w->child; c != NULL; c = c->next) {
		struct wnode *deeper;

		if (c->tag != g->step[i])
			continue;
		if (i + 1 < g->nsteps)
			deeper = leaf_below(g, c, i + 1);
		else if (g->kind == GUARD_IS)
			deeper = constant_is(g, c->text) ? c : NULL;
		else
			deeper = node_given(c) ? c : NULL;
		if (deeper != NULL)
			return deeper;
	}
	return NULL;
}

struct wnode *
guard_leaf(const struct guard *g, const struct wnode *w)
{
	return leaf_below(g, w, 0);
}

bool
guard_holds(const struct guard *g, const struct wnode *w)
{
	return (guard_leaf(g, w) != NULL) != (g->kind == GUARD_ABSENT);
}

bool
line_holds(const struct line *l, const struct wnode *w)
{
	for (int i = 0; i < l->nguards; i++)
		if (!guard_holds(&l->guard[i], w))
			return false;
	return true;
}

bool
line_takes(const struct line *l, const struct wnode *w)
{
	for (int i = 0; i < l->ntags; i++)
		if (l->tag[i] == w->tag)
			return line_holds(l, w);
	return false;
}

/* Below a line that is not on the wire: CSV rows that make one declaration. */
static bool
virtual_fits(const struct line *virt, const struct wnode *w)
{
	const struct line *row = virt->child;

	while (row != NULL && !line_takes(row, w))
		row = row->next;
	return row != NULL;
}

bool
plan_fits(const struct plan *plan, const struct wnode *tree)
{
	const struct wnode *w = tree->child;

	if (w == NULL)
		return false;
	for (const struct line *l = plan->root->child; l != NULL; l = l->next) {
		if (!l->read)
			continue;
		if (l->virtual_ ? virtual_fits(l, w) : line_takes(l, w))
			return true;
	}
	return false;
}
