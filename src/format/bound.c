/*
 * format/bound.c - the lines of a plan are walked and their paths followed.
 * Trusts the plan, which is checked. Called by the questions of entrepot map
 * and by the tests of the laws; never for a message.
 */
#include <stdio.h>
#include "src/format/bound.h"
#include "src/format/build.h"
#include "src/format/cond_tree.h"

struct walk {
	binding_fn *fn; /* one of the two is NULL */
	reads_fn *reads;
	void *arg;
};

/* Where a walk stands: what a line inherits from those around it. */
struct stand {
	struct chain here;
	bool read, write;
	struct need need[BINDING_NEEDS];
	uint8_t nneeds;
};

static void
chain_add(struct chain *c, const struct element *e)
{
	if (c->n < CHAIN_STEPS)
		c->step[c->n++] = e;
}

struct chain
chain_follow(const struct chain *here, const struct path *p)
{
	struct chain c = { .n = 0 };

	if (p->base == PATH_TRANSMISSION)
		c.transmission = true;
	else if (p->base != PATH_DOCUMENT)
		c = *here;
	if (p->base == PATH_UP)
		c.n = (uint8_t)(c.n > p->up ? c.n - p->up : 0);
	for (uint8_t i = 0; i < p->nsteps; i++)
		chain_add(&c, p->step[i]);
	return c;
}

static void
need_add(
    struct stand *s, const struct cond *c, const struct chain *here, bool holds)
{
	while (c->kind == COND_NOT) {
		holds = !holds;
		c = c->a;
	}
	/* "a and b" holds: both do; "a or b" does not: neither does. */
	if (c->kind == (holds ? COND_AND : COND_OR)) {
		need_add(s, c->a, here, holds);
		need_add(s, c->b, here, holds);
		return;
	}
	if (s->nneeds < BINDING_NEEDS)
		s->need[s->nneeds++] = (struct need){ c, *here, holds };
}

/* An arm counts when those before it do not hold. */
static void
arm_needs(struct stand *s, const struct choice *c, uint8_t arm,
    const struct chain *here)
{
	for (uint8_t i = 0; i < arm; i++)
		if (c->arm[i].when != NULL)
			need_add(s, c->arm[i].when, here, false);
	if (c->arm[arm].when != NULL)
		need_add(s, c->arm[arm].when, here, true);
}

static void
binding_tell(const struct walk *w, const struct line *l, const struct stand *s,
    const struct choice *c, uint8_t arm, struct binding *b)
{
	struct stand own = *s;

	arm_needs(&own, c, arm, &s->here);
	b->line = l;
	b->at = chain_follow(&s->here, &c->arm[arm].path);
	b->read = s->read;
	b->write = s->write;
	memcpy(b->need, own.need, sizeof(b->need));
	b->nneeds = own.nneeds;
	w->fn(w->arg, b);
}

static void
codec_bindings(const struct walk *w, const struct line *l,
    const struct stand *s, const struct codec *codec)
{
	for (const struct codec *c = codec; c != NULL; c = c->next) {
		if (c->kind != CODEC_CODE)
			continue;
		for (uint8_t i = 0; i < c->u.code.ngives; i++) {
			struct binding b = { .line = l, .gives = true };

			b.at = chain_follow(&s->here, &c->u.code.gives[i]);
			b.read = s->read;
			b.write = s->write;
			memcpy(b.need, s->need, sizeof(b.need));
			b.nneeds = s->nneeds;
			w->fn(w->arg, &b);
		}
	}
}

static void
line_bindings(const struct walk *w, const struct line *l, const struct stand *s)
{
	if (l->kind == LINE_ELEMENT || l->kind == LINE_GROUP)
		for (uint8_t i = 0; i < l->choice.narms; i++) {
			struct binding b = { .codec = l->codec,
				.fallback = l->fallback,
				.group = l->kind == LINE_GROUP };

			binding_tell(w, l, s, &l->choice, i, &b);
		}
	codec_bindings(w, l, s, l->codec);
	for (uint16_t i = 0; i < l->npieces; i++) {
		const struct piece *p = &l->piece[i];

		for (uint8_t k = 0; k < p->choice.narms; k++) {
			struct binding b = { .codec = p->codec,
				.fallback = p->fallback };

			binding_tell(w, l, s, &p->choice, k, &b);
		}
		codec_bindings(w, l, s, p->codec);
	}
}

/* ---- what is only looked at ---- */

struct look {
	const struct walk *w;
	const struct line *line;
	const struct chain *here;
	const char *how;
};

static void
path_look(void *arg, const struct path *p, bool each_node)
{
	const struct look *k = arg;
	struct chain c = chain_follow(k->here, p);

	(void)each_node;
	k->w->reads(k->w->arg, k->line, &c, k->how);
}

static void
arms_look(struct look *k, const struct choice *c)
{
	for (uint8_t i = 0; i < c->narms; i++)
		if (c->arm[i].when != NULL)
			cond_paths(c->arm[i].when, path_look, k);
}

static void
line_reads(const struct walk *w, const struct line *l, const struct chain *here)
{
	struct look k = { w, l, here, "condition" };

	/* "else" reads what the line before it reads. */
	if (l->when != NULL && !store_of(l)->shared_when)
		cond_paths(l->when, path_look, &k);
	arms_look(&k, &l->choice);
	for (uint16_t i = 0; i < l->npieces; i++)
		arms_look(&k, &l->piece[i].choice);
	k.how = "computed";
	if (l->expr != NULL)
		expr_paths(l->expr, path_look, &k);
	k.how = "by";
	for (uint8_t i = 0; i < l->nby; i++)
		path_look(&k, &l->by[i], false);
}

static void lines_walk(
    const struct walk *, const struct line *parent, const struct stand *);

static void
line_walk(const struct walk *w, const struct line *l, struct stand s)
{
	struct chain here = s.here;

	s.read = s.read && l->read;
	s.write = s.write && l->write;
	if (l->when != NULL)
		need_add(&s, l->when, &here, true);
	if (w->fn != NULL)
		line_bindings(w, l, &s);
	else
		line_reads(w, l, &here);
	if (l->kind != LINE_GROUP) {
		lines_walk(w, l, &s);
		return;
	}
	for (uint8_t i = 0; i < l->choice.narms; i++) {
		struct stand inner = s;

		arm_needs(&inner, &l->choice, i, &here);
		inner.here = chain_follow(&here, &l->choice.arm[i].path);
		lines_walk(w, l, &inner);
	}
}

static void
lines_walk(
    const struct walk *w, const struct line *parent, const struct stand *s)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next)
		line_walk(w, l, *s);
}

static void
plan_walk(const struct plan *p, const struct walk *w)
{
	struct stand s = { .read = true, .write = true };

	for (uint8_t i = 0; i < p->each.nsteps; i++)
		chain_add(&s.here, p->each.step[i]);
	lines_walk(w, p->root, &s);
}

void
plan_bindings(const struct plan *p, binding_fn *fn, void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	plan_walk(p, &w);
}

void
plan_reads(const struct plan *p, reads_fn *fn, void *arg)
{
	struct walk w = { .reads = fn, .arg = arg };

	plan_walk(p, &w);
}

bool
chain_begins(const struct chain *c, const struct chain *whole)
{
	if (c->n > whole->n || c->transmission != whole->transmission)
		return false;
	for (uint8_t i = 0; i < c->n; i++)
		if (c->step[i] != whole->step[i])
			return false;
	return true;
}

bool
chain_same(const struct chain *a, const struct chain *b)
{
	return a->n == b->n && chain_begins(a, b);
}

const char *
chain_print(const struct chain *c, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (uint8_t i = 0; i < c->n && at < size; i++) {
		int n = snprintf(out + at, size - at, "%s%s",
		    i > 0             ? "."
		    : c->transmission ? "$"
				      : "",
		    c->step[i]->name);

		at += n > 0 ? (size_t)n : 0;
	}
	return out;
}

const char *
line_file(const struct line *l)
{
	const struct form *f = store_of(l)->form;

	return f->src == NULL ? "" : f->src->src->name;
}

struct slice
line_value(const struct line *l)
{
	const struct lex *rest = &store_of(l)->form->rest;

	if (rest->src == NULL)
		return (struct slice){ NULL, 0 };
	return slice_trim(
	    slice_sub(rest->src->text, rest->at, rest->end - rest->at));
}

static size_t
text_add(char *out, size_t at, size_t size, const char *before, struct slice s)
{
	int n;

	if (at + 1 >= size)
		return at;
	n = snprintf(out + at, size - at, "%s%.*s", before, SLICE_ARG(s));
	at += n > 0 ? (size_t)n : 0;
	return at < size ? at : size - 1;
}

/* [1153 "ABO"]: which of the segments of one tag. */
static size_t
guards_add(const struct line *l, char *out, size_t at, size_t size)
{
	bool any = false;

	for (uint8_t i = 0; i < l->nguards; i++) {
		const struct guard *g = &l->guard[i];

		if (g->kind != GUARD_IS)
			continue;
		at = text_add(
		    out, at, size, any ? "," : "[", g->name[g->nsteps - 1]);
		at = text_add(out, at, size, " ", g->constant[0]);
		any = true;
	}
	return any ? text_add(out, at, size, "]", (struct slice){ NULL, 0 })
		   : at;
}

static size_t
path_add(const struct line *l, char *out, size_t size)
{
	size_t at;

	if (l == NULL || l->parent == NULL)
		return 0;
	at = path_add(l->parent, out, size);
	if (l->virtual_)
		return at;
	at = text_add(out, at, size, at == 0 ? "" : "/", l->name[0]);
	if (l->plan->syntax == SYN_EDIFACT || l->plan->syntax == SYN_X12)
		at = guards_add(l, out, at, size);
	return at;
}

const char *
line_path(const struct line *l, char *out, size_t size)
{
	out[0] = '\0';
	(void)path_add(l, out, size);
	return out;
}
