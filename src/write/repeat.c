/*
 * write/repeat.c - containers that repeat for the values below them, and those
 * that are opened anew when a key changes. Called by lines.c.
 */
#include "src/write/writer.h"
#include <stdio.h>

#define BY_PATHS 4
#define TURNS    100000 /* of one repeating container */

bool
line_below(const struct line *line, const struct line *top)
{
	while (line != NULL && line != top)
		line = line->parent;
	return line != NULL;
}

/*
 * Each turn takes the next values of repeated elements and the next pieces of
 * wrapped texts; all else is said again.
 */
bool
repeat_write(struct writer *w, const struct line *l, struct node *here)
{
	uint32_t turn = w->turn;
	bool repeating = w->repeating, more = w->more, carried = false, rest;

	w->repeating = true;
	w->turn = 0;
	do {
		w->more = false;
		carried |= container_write(w, l, here);
		rest = w->more || deals_open(w, l);
		w->turn++;
	} while (rest && carried && w->turn < TURNS &&
		 (l->most == 0 || w->turn < l->most));
	if (w->more && !repeating) {
		struct leaf leaf = { l, here };
		char wanted[16];

		(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)l->most);
		(void)complain_out(w, FIND_TOO_MANY, &leaf, here, NULL, NULL,
		    SLICE_LIT("more"), wanted, "");
	}
	rest = w->more;
	w->turn = turn;
	w->repeating = repeating;
	w->more = more || (repeating && rest);
	return carried;
}

static struct slice
by_text(struct node *n, const struct path *p)
{
	struct node *at = n;

	for (uint8_t i = 1; i + 1 < p->nsteps && at != NULL; i++)
		at = at->slot[p->step[i]->slot].node;
	if (at == NULL || p->nsteps < 2 ||
	    at->slot[p->step[p->nsteps - 1]->slot].value == NULL)
		return (struct slice){ NULL, 0 };
	return at->slot[p->step[p->nsteps - 1]->slot].value->text;
}

static bool
by_same(const struct line *l, struct node *a, struct node *b)
{
	for (uint8_t i = 0; i < l->nby && i < BY_PATHS; i++)
		if (!slice_eq(by_text(a, &l->by[i]), by_text(b, &l->by[i])))
			return false;
	return true;
}

/*
 * "P4* by consignment.port": one for each key, in order of first appearance.
 * For its time the list holds only the nodes of that key.
 */
bool
by_write(struct writer *w, const struct line *l, struct node *here)
{
	const struct element *el =
	    l->by[0].nsteps < 2 ? NULL : l->by[0].step[0];
	struct node *all, *next, **at, *rest;
	bool carried = false;

	if (el == NULL || here->slot[el->slot].node == NULL)
		return container_write(w, l, here);
	all = here->slot[el->slot].node;
	uint32_t n = node_count(all), i = 0;
	struct node **order = arena_get(w->mem, n * sizeof(*order));

	if (order == NULL)
		return false;
	for (struct node *x = all; x != NULL; x = x->next)
		order[i++] = x;
	for (rest = all; rest != NULL;) {
		struct node *mine = NULL, **end = &mine, *first = rest;

		at = &rest;
		for (struct node *x = rest; x != NULL; x = next) {
			next = x->next;
			if (by_same(l, first, x)) {
				*at = next;
				x->next = NULL;
				*end = x;
				end = &x->next;
			} else {
				at = &x->next;
			}
		}
		here->slot[el->slot].node = mine;
		carried |= container_write(w, l, here);
	}
	for (i = 0; i < n; i++)
		order[i]->next = i + 1 < n ? order[i + 1] : NULL;
	here->slot[el->slot].node = all;
	return carried;
}
