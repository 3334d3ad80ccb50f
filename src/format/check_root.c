/*
 * format/check_root.c - LANGUAGE section 7 number 3: from outside, no two
 * formats may look alike.
 *
 * XML and EDIFACT only: tables and packages are told apart by what a partner
 * is allowed to send.
 */
#include "src/format/check.h"
#include "src/format/formats.h"

static bool
constants_meet(const struct guard *a, const struct guard *b)
{
	for (uint8_t i = 0; i < a->nconstants; i++)
		for (uint8_t k = 0; k < b->nconstants; k++)
			if (slice_eq(a->constant[i], b->constant[k]))
				return true;
	return false;
}

/* Two plans intern names apart: here texts are compared. */
bool
guard_leaf_same(const struct guard *a, const struct guard *b)
{
	if (a->nsteps != b->nsteps)
		return false;
	for (uint8_t i = 0; i < a->nsteps; i++)
		if (!slice_eq(name_local(a->name[i], NULL),
			name_local(b->name[i], NULL)))
			return false;
	return true;
}

bool
guards_exclude(const struct line *a, const struct line *b)
{
	for (uint8_t i = 0; i < a->nguards; i++)
		for (uint8_t k = 0; k < b->nguards; k++) {
			const struct guard *x = &a->guard[i], *y = &b->guard[k];

			if (!guard_leaf_same(x, y))
				continue;
			if (x->kind == GUARD_IS && y->kind == GUARD_IS &&
			    !constants_meet(x, y))
				return true;
			if ((x->kind == GUARD_ABSENT) !=
			    (y->kind == GUARD_ABSENT))
				return true;
		}
	return false;
}

static bool
roots_alike(const struct line *a, const struct line *b)
{
	for (uint8_t i = 0; i < a->ntags; i++)
		for (uint8_t k = 0; k < b->ntags; k++)
			if (slice_eq(name_local(a->name[i], NULL),
				name_local(b->name[k], NULL)))
				return !guards_exclude(a, b);
	return false;
}

/* An edition stands before its format, and a stricter guard tells it. */
static bool
edition_told(const struct builder *e, const struct builder *base)
{
	return e->plan->edition_of != NULL &&
	       strcmp(e->plan->edition_of, base->plan->name) == 0 &&
	       e->root->line.child->nguards > base->root->line.child->nguards;
}

static void
pair_check(
    const struct builder *a, const struct builder *b, struct complaints *to)
{
	const struct line *x = a->root->line.child, *y = b->root->line.child;
	const struct form *f;
	bool own;

	if (x == NULL || y == NULL || a->plan->syntax != b->plan->syntax ||
	    (a->plan->syntax != SYN_XML && a->plan->syntax != SYN_EDIFACT) ||
	    !roots_alike(x, y) || edition_told(a, b) || edition_told(b, a))
		return;
	f = store_of(y)->form;
	own = f->src->src == b->file->src; /* else its parent's line */
	complaints_add(to, false, b->file->src->name, b->file->src->text,
	    own ? f->at : b->file->name_at,
	    "'%.*s' begins like format '%s', want a guard that tells '%s' "
	    "from it",
	    SLICE_ARG(y->name[0]), a->plan->name, b->plan->name);
}

void
check_roots(struct formats *all, struct complaints *to)
{
	for (uint32_t i = 0; i < all->nplans; i++)
		for (uint32_t k = i + 1; k < all->nplans; k++)
			if (all->builder[i]->root != NULL &&
			    all->builder[k]->root != NULL)
				pair_check(
				    all->builder[i], all->builder[k], to);
}
