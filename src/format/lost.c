/*
 * format/lost.c - the bindings of two plans are held against each other.
 * Trusts both. Called by entrepot map lost, and by the test that converts
 * and looks what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include "src/format/date.h"
#include "src/format/lost.h"

#define WORDS_ROOM    4096
#define PRECISION_ISO 5

struct bindings {
	struct binding *b;
	uint32_t n, room;
	bool want_write;
	bool failed;
};

struct comparison {
	struct bindings from, to;
	struct bindings same; /* those of to that carry the element at hand */
	loss_fn *fn;
	void *arg;
};

static void
bindings_add(struct bindings *all, const struct binding *b)
{
	if (all->n == all->room) {
		uint32_t room = all->room == 0 ? 64 : all->room * 2;
		struct binding *more = realloc(all->b, room * sizeof(*more));

		all->failed |= more == NULL;
		if (more == NULL)
			return;
		all->b = more;
		all->room = room;
	}
	all->b[all->n++] = *b;
}

/*
 * What a code's row gives was never written by itself: where the code is read
 * from another word of the same row, it comes back.
 */
static void
binding_keep(void *arg, const struct binding *b)
{
	struct bindings *all = arg;
	bool goes = all->want_write ? b->write : b->read;

	if (goes && !b->at.transmission)
		bindings_add(all, b);
}

static void
loss_tell(const struct comparison *c, enum loss_kind kind,
    const struct binding *from, const char *words)
{
	struct loss l = { kind, from->at, from->line,
		c->same.n > 0 ? c->same.b[0].line : NULL, slice_of(words) };

	c->fn(c->arg, &l);
}

/* ---- conditions ---- */

static void
when_look(const struct comparison *c, const struct binding *from)
{
	struct buf example;

	buf_init(&example, WORDS_ROOM);
	buf_str(&example, "when ");
	if (bindings_miss(c->same.b, c->same.n, &example))
		loss_tell(c, LOSS_WHEN, from, buf_cstr(&example));
	buf_clear(&example);
}

/* ---- moments ---- */

/* How fine a binding's dates are; with a leaf that tells, as fine as any. */
static uint8_t
precision_of(const struct binding *b)
{
	uint8_t most = 0;

	for (const struct codec *k = b->codec; k != NULL; k = k->next) {
		if (k->kind == CODEC_DATE_WITH)
			return PRECISION_ISO;
		for (uint8_t i = 0; k->kind == CODEC_DATE && i < k->u.date.n;
		     i++)
			if (k->u.date.pattern[i]->precision > most)
				most = k->u.date.pattern[i]->precision;
	}
	return most == 0 ? PRECISION_ISO : most;
}

static uint8_t
finest(const struct bindings *all, const struct chain *at)
{
	uint8_t most = 0;

	for (uint32_t i = 0; i < all->n; i++)
		if (!all->b[i].group && chain_same(&all->b[i].at, at) &&
		    precision_of(&all->b[i]) > most)
			most = precision_of(&all->b[i]);
	return most;
}

static void
moment_look(const struct comparison *c, const struct binding *from)
{
	static const char *const words[] = { "", "only the day",
		"only the minute", "only the second", "only the hundredth" };
	uint8_t to = finest(&c->same, &from->at);

	if (from->at.step[from->at.n - 1]->type == EL_MOMENT &&
	    to < finest(&c->from, &from->at))
		loss_tell(c, LOSS_CUT, from, words[to]);
}

/* ---- limits ---- */

static uint32_t
decimals_of(const struct binding *b)
{
	for (const struct codec *k = b->codec; k != NULL; k = k->next)
		if (k->kind == CODEC_DECIMALS)
			return k->u.decimals.digits;
	return UINT32_MAX;
}

static void
scale_look(const struct comparison *c, const struct binding *from)
{
	const struct element *e = from->at.step[from->at.n - 1];
	uint32_t may = 0, fits = UINT32_MAX;
	char words[60];

	if (e->type != EL_DEC)
		return;
	for (uint32_t i = 0; i < c->from.n; i++)
		if (chain_same(&c->from.b[i].at, &from->at) &&
		    decimals_of(&c->from.b[i]) > may)
			may = decimals_of(&c->from.b[i]);
	for (uint32_t i = 0; i < c->same.n; i++)
		if (decimals_of(&c->same.b[i]) < fits)
			fits = decimals_of(&c->same.b[i]);
	if (may > e->decimals)
		may = e->decimals;
	if (fits >= may)
		return;
	(void)snprintf(
	    words, sizeof(words), "more than %u decimals", (unsigned)fits);
	loss_tell(c, LOSS_REFUSED, from, words);
}

static const struct codec *
code_of(const struct binding *b)
{
	const struct codec *k = b->codec;

	while (k != NULL && k->kind != CODEC_CODE)
		k = k->next;
	return k;
}

/* Codes that from's scheme has a word for and to's has none. */
static void
code_look(const struct comparison *c, const struct binding *from)
{
	const struct codec *a = code_of(from), *b;
	uint32_t none = 0, of = 0;
	char words[200];

	b = c->same.n == 0 ? NULL : code_of(&c->same.b[0]);
	if (b == NULL || from->gives)
		return;
	for (uint32_t i = 0; i < b->u.code.list->nrows; i++) {
		const struct code_row *r = &b->u.code.list->row[i];

		/* without a codec it is our own code that is read */
		if (a != NULL && (a->u.code.list != b->u.code.list ||
				     code_write(r, a->u.code.column).len == 0))
			continue;
		of++;
		none += code_write(r, b->u.code.column).len == 0;
	}
	if (none == 0)
		return;
	(void)snprintf(words, sizeof(words), "%u of %u codes, %s has none",
	    (unsigned)none, (unsigned)of, b->u.code.scheme);
	loss_tell(c, LOSS_REFUSED, from, words);
}

/* 0: any number. */
static uint32_t
times_most(const struct bindings *all, const struct chain *at)
{
	uint32_t most = 1;

	for (uint32_t i = 0; i < all->n; i++) {
		const struct line *l = all->b[i].line;

		if (!all->b[i].group || !chain_same(&all->b[i].at, at))
			continue;
		if (l->most == 0 || l->virtual_)
			return 0;
		most = l->most > most ? l->most : most;
	}
	return most;
}

static void
group_look(const struct comparison *c, const struct binding *from)
{
	const struct element *e = from->at.step[from->at.n - 1];
	uint32_t may = times_most(&c->from, &from->at);
	uint32_t fits = times_most(&c->same, &from->at);
	char words[40];

	if (!e->repeats || c->same.n == 0 || fits == 0)
		return;
	if (e->most > 0 && (may == 0 || may > e->most))
		may = e->most;
	if (may > 0 && may <= fits)
		return;
	(void)snprintf(words, sizeof(words), "more than %u", (unsigned)fits);
	loss_tell(c, LOSS_REFUSED, from, words);
}

/* ---- element by element ---- */

static void
same_collect(struct comparison *c, const struct binding *from)
{
	c->same.n = 0;
	for (uint32_t i = 0; i < c->to.n; i++)
		if (c->to.b[i].group == from->group &&
		    chain_same(&c->to.b[i].at, &from->at))
			bindings_add(&c->same, &c->to.b[i]);
}

static bool
told_before(const struct comparison *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (c->from.b[i].group == c->from.b[n].group &&
		    chain_same(&c->from.b[i].at, &c->from.b[n].at))
			return true;
	return false;
}

static void
element_look(struct comparison *c, const struct binding *from)
{
	same_collect(c, from);
	if (from->group) {
		group_look(c, from);
		return;
	}
	if (c->same.n == 0) {
		loss_tell(c, LOSS_GONE, from, "");
		return;
	}
	when_look(c, from);
	moment_look(c, from);
	scale_look(c, from);
	code_look(c, from);
}

enum rc
plans_lost(const struct plan *from, const struct plan *to, loss_fn *fn,
    void *arg, struct err *err)
{
	struct comparison c = { .fn = fn, .arg = arg };
	enum rc rc = RC_OK;

	if (from->document != to->document)
		return err_set(err, RC_REFUSED,
		    "'%s' is of document %s, '%s' of %s", from->name,
		    from->document->name, to->name, to->document->name);
	c.to.want_write = true;
	plan_bindings(from, binding_keep, &c.from);
	plan_bindings(to, binding_keep, &c.to);
	for (uint32_t i = 0; i < c.from.n; i++)
		if (!told_before(&c, i))
			element_look(&c, &c.from.b[i]);
	if (c.from.failed || c.to.failed || c.same.failed)
		rc = err_set(err, RC_LATER, "out of memory");
	free(c.from.b);
	free(c.to.b);
	free(c.same.b);
	return rc;
}
