/*
 * format/check_repeat.c - LANGUAGE section 7 number 1: nothing is used against
 * its repetition.
 *
 * Where a wire node can stand several times, something below it must be able
 * to have several values, and the other way round: else values are lost.
 */
#include "src/format/check.h"

struct below {
	bool several; /* something repeats, or is wrapped */
	const struct line *single;
};

static bool
codec_has(const struct codec *c, enum codec_kind kind)
{
	for (; c != NULL; c = c->next)
		if (c->kind == kind)
			return true;
	return false;
}

static bool
path_about(const struct path *p)
{
	for (uint8_t i = 0; i < p->nsteps; i++)
		if (p->step[i]->type == EL_ABOUT)
			return true;
	return false;
}

static bool
repeats(const struct line *l)
{
	for (uint8_t i = 0; i < l->choice.narms; i++)
		if (path_last(&l->choice.arm[i].path)->repeats)
			return true;
	return false;
}

/* What the lines of one record node below a container can hold. */
static void
below_look(const struct line *l, struct below *to)
{
	if (l->kind == LINE_ELEMENT) {
		if (repeats(l) || codec_has(l->codec, CODEC_WRAP))
			to->several = true;
		else if (to->single == NULL)
			to->single = l;
		return;
	}
	if (l->kind == LINE_PATTERN && to->single == NULL)
		to->single = l;
	if (l->kind == LINE_GROUP || l->carries) {
		to->several = true; /* its nodes are what repeats */
		return;
	}
	for (const struct line *c = l->child; c != NULL; c = c->next)
		below_look(c, to);
}

static bool
many(const struct line *l)
{
	return l->most != 1;
}

/* Between the line and the node that it is of: does something repeat? */
static bool
many_above(const struct line *l)
{
	for (; l != NULL && l->parent != NULL; l = l->parent) {
		if (many(l) || l->nguards > 0 || l->virtual_)
			return true;
		if (l->parent->kind == LINE_GROUP)
			return false;
	}
	return false;
}

static void
container_check(struct builder *b, const struct line *l)
{
	const struct form *f = store_of(l)->form;
	struct below below = { 0 };
	char times[24];

	if (!many(l) || l->nguards > 0 || l->filing || l->nby > 0 || !l->read)
		return;
	below_look(l, &below);
	if (below.several || below.single == NULL)
		return;
	build_wrong(b, f, f->at,
	    "'%.*s' can stand %s and '%.*s' below it has "
	    "one value, want list, wrap, a repeated element or a guard",
	    SLICE_ARG(l->name[0]), times_text(l->most, times),
	    SLICE_ARG(below.single->name[0]));
}

static void
element_check(struct builder *b, const struct line *l)
{
	const struct path *p = &l->choice.arm[0].path;
	const struct element *e = path_last(p);
	const struct form *f = store_of(l)->form;
	char times[24];

	if (many(l) && !repeats(l) && !codec_has(l->codec, CODEC_WRAP) &&
	    l->nguards == 0 && l->read) {
		build_wrong(b, f, f->at,
		    "'%.*s' can stand %s and '%s' has one "
		    "value, want list, wrap, a repeated element or a guard",
		    SLICE_ARG(l->name[0]), times_text(l->most, times), e->name);
		return;
	}
	if (e->repeats && !codec_has(l->codec, CODEC_LIST) && !many_above(l) &&
	    !path_about(p) && l->write)
		build_wrong(b, f, store_of(l)->value_at,
		    "'%s' can have many "
		    "values and '%.*s' stands once, want list or '%.*s*'",
		    e->name, SLICE_ARG(l->name[0]), SLICE_ARG(l->name[0]));
}

static void
group_check(struct builder *b, const struct line *l)
{
	const struct path *p = &l->choice.arm[0].path;
	const struct element *e = path_last(p);
	const struct form *f = store_of(l)->form;
	char times[24];

	if (l->nguards > 0 || l->nby > 0 || path_about(p))
		return;
	if (many(l) && !repeats(l))
		build_wrong(b, f, f->at,
		    "'%.*s' can stand %s and there is one "
		    "'%s', want a repeated group or a guard",
		    SLICE_ARG(l->name[0]), times_text(l->most, times), e->name);
	else if (e->repeats && !many_above(l) && l->write)
		build_wrong(b, f, store_of(l)->value_at,
		    "'%s' can have many "
		    "nodes and '%.*s' stands once, want '%.*s*'",
		    e->name, SLICE_ARG(l->name[0]), SLICE_ARG(l->name[0]));
}

void
check_repeats(struct builder *b, const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		if (l->kind == LINE_STRUCTURE)
			container_check(b, l);
		else if (l->kind == LINE_ELEMENT)
			element_check(b, l);
		else if (l->kind == LINE_GROUP)
			group_check(b, l);
		check_repeats(b, l);
	}
}
