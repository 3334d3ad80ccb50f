/*
 * format/cond_look.c - what a condition reads, and what can be told of two of
 * them without a record. Called by the load checks.
 */
#include "src/format/cond_tree.h"

void
choice_paths(const struct choice *c, path_fn *fn, void *arg)
{
	for (uint8_t i = 0; i < c->narms; i++) {
		if (c->arm[i].when != NULL)
			cond_paths(c->arm[i].when, fn, arg);
		fn(arg, &c->arm[i].path, false);
	}
}

static void
choice_nodes(const struct choice *c, path_fn *fn, void *arg)
{
	for (uint8_t i = 0; i < c->narms; i++) {
		if (c->arm[i].when != NULL)
			cond_paths(c->arm[i].when, fn, arg);
		fn(arg, &c->arm[i].path, true);
	}
}

void
expr_paths(const struct expr *e, path_fn *fn, void *arg)
{
	if (e == NULL)
		return;
	if (e->kind == EXPR_PATH)
		choice_paths(&e->choice, fn, arg);
	else if (e->kind >= EXPR_COUNT && e->kind <= EXPR_MAX)
		choice_nodes(&e->choice, fn, arg);
	expr_paths(e->a, fn, arg);
	expr_paths(e->b, fn, arg);
}

void
cond_paths(const struct cond *c, path_fn *fn, void *arg)
{
	if (c == NULL)
		return;
	if (c->kind == COND_ANY || c->kind == COND_ALL || c->kind == COND_NO)
		choice_nodes(&c->choice, fn, arg);
	else
		choice_paths(&c->choice, fn, arg);
	expr_paths(c->left, fn, arg);
	for (uint8_t i = 0; i < c->nright; i++)
		expr_paths(c->right[i], fn, arg);
	cond_paths(c->a, fn, arg);
	cond_paths(c->b, fn, arg);
}

static bool
path_same(const struct path *a, const struct path *b)
{
	if (a->base != b->base || a->up != b->up || a->nsteps != b->nsteps)
		return false;
	for (uint8_t i = 0; i < a->nsteps; i++)
		if (a->step[i] != b->step[i])
			return false;
	return a->base != PATH_LEG || slice_eq(a->leg, b->leg);
}

static bool
choice_same(const struct choice *a, const struct choice *b)
{
	return a->narms == 1 && b->narms == 1 &&
	       path_same(&a->arm[0].path, &b->arm[0].path);
}

static bool
expr_same(const struct expr *a, const struct expr *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == EXPR_TEXT || a->kind == EXPR_NUMBER)
		return slice_eq(a->text, b->text);
	return a->kind == EXPR_PATH && choice_same(&a->choice, &b->choice);
}

static bool
right_meets(const struct cond *a, const struct cond *b)
{
	for (uint8_t i = 0; i < a->nright; i++)
		for (uint8_t k = 0; k < b->nright; k++) {
			const struct expr *x = a->right[i], *y = b->right[k];

			if (x->kind != y->kind ||
			    (x->kind != EXPR_TEXT && x->kind != EXPR_NUMBER) ||
			    slice_eq(x->text, y->text))
				return true;
		}
	return false;
}

static bool
compare_excludes(const struct cond *a, const struct cond *b)
{
	if (!expr_same(a->left, b->left) || a->as == AS_NUMBER)
		return false;
	if (a->relation == REL_EQ && b->relation == REL_EQ)
		return !right_meets(a, b);
	if (a->relation == REL_NE && b->relation == REL_EQ) {
		const struct cond *t = a;

		a = b;
		b = t;
	}
	if (a->relation != REL_EQ || b->relation != REL_NE)
		return false;
	/* each value of a must be one that b rules out */
	for (uint8_t i = 0; i < a->nright; i++) {
		bool out = false;

		for (uint8_t k = 0; k < b->nright; k++)
			out |= expr_same(a->right[i], b->right[k]);
		if (!out)
			return false;
	}
	return true;
}

bool
cond_excludes(const struct cond *a, const struct cond *b)
{
	if (a == NULL || b == NULL)
		return false;
	if (a->kind == COND_NOT && a->a == b)
		return true;
	if (b->kind == COND_NOT && b->a == a)
		return true;
	if (a->kind == COND_AND)
		return cond_excludes(a->a, b) || cond_excludes(a->b, b);
	if (b->kind == COND_AND)
		return cond_excludes(a, b->a) || cond_excludes(a, b->b);
	if (a->kind == COND_OR)
		return cond_excludes(a->a, b) && cond_excludes(a->b, b);
	if (b->kind == COND_OR)
		return cond_excludes(a, b->a) && cond_excludes(a, b->b);
	if ((a->kind == COND_PRESENT && b->kind == COND_ABSENT) ||
	    (a->kind == COND_ABSENT && b->kind == COND_PRESENT))
		return choice_same(&a->choice, &b->choice);
	if (a->kind == COND_COMPARE && b->kind == COND_COMPARE)
		return compare_excludes(a, b);
	return false;
}

bool
cond_clauses(const struct cond *c, clause_fn *fn, void *arg)
{
	if (c->kind != COND_AND)
		return fn(arg, c);
	return cond_clauses(c->a, fn, arg) && cond_clauses(c->b, fn, arg);
}
