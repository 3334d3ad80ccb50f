/*
 * format/check.c - what can be proved of a format before it meets a message.
 *
 * LANGUAGE section 7; number 1 (paths) and parts of 5 are found while the plan
 * is built, 3 when all plans are there. A check says only what is certain.
 */
#include <stdio.h>
#include "src/format/check.h"

/* ---- tables without an order: names and lengths ---- */

struct slice
line_block(const struct line *l, char *out, size_t size)
{
	const struct line *up[BUILD_DEPTH];
	size_t n = 0, at = 0;

	for (const struct line *p = l->parent;
	     p != NULL && p->ntags > 0 && n < BUILD_DEPTH; p = p->parent)
		up[n++] = p;
	if (n == 0)
		return (struct slice){ out, 0 };
	if (n == 1 && l->attribute) { /* of the root: ROOT@ */
		struct slice root = name_local(up[0]->name[0], NULL);

		if (root.len + 1 > size)
			return (struct slice){ out, 0 };
		memcpy(out, root.p, root.len);
		out[root.len] = '@';
		return (struct slice){ out, root.len + 1 };
	}
	for (n--; n > 0; n--) {
		struct slice name = name_local(up[n - 1]->name[0], NULL);

		if (at + name.len + 1 > size)
			return (struct slice){ out, 0 };
		if (at > 0)
			out[at++] = '/';
		memcpy(out + at, name.p, name.len);
		at += name.len;
	}
	return (struct slice){ out, at };
}

static void
limit_check(struct builder *b, struct line *l)
{
	struct slice name = l->name[0], format;
	char block[500];
	bool has_block, has;

	if (l->attribute)
		name = slice_sub(name, 1, name.len - 1);
	else
		name = name_local(name, NULL);
	format = limits_find(b->limits, line_block(l, block, sizeof(block)),
	    name, &has_block, &has);
	if (has) {
		l->format = format;
		l->limit = line_limit(format);
		return;
	}
	if (has_block)
		build_wrong(b, store_of(l)->form, store_of(l)->form->at,
		    "table %s has no '%.*s' in %.*s", b->plan->table_name,
		    SLICE_ARG(name),
		    SLICE_ARG(line_block(l, block, sizeof(block))));
}

static void
limits_check(struct builder *b, struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		if (l->child == NULL && !l->own_text &&
		    (l->kind != LINE_STRUCTURE && l->kind != LINE_GROUP))
			limit_check(b, (struct line *)l);
		limits_check(b, (struct line *)l);
	}
}

/* ---- what several checks ask ---- */

void
line_bound(const struct line *l, bound_fn *fn, void *arg)
{
	if (l->kind == LINE_ELEMENT || l->kind == LINE_GROUP)
		for (uint8_t i = 0; i < l->choice.narms; i++)
			fn(arg, l, &l->choice.arm[i].path);
	for (uint16_t i = 0; i < l->npieces; i++)
		for (uint8_t k = 0; k < l->piece[i].choice.narms; k++)
			fn(arg, l, &l->piece[i].choice.arm[k].path);
	for (const struct codec *c = l->codec; c != NULL; c = c->next)
		if (c->kind == CODEC_CODE)
			for (uint8_t i = 0; i < c->u.code.ngives; i++)
				fn(arg, l, &c->u.code.gives[i]);
}

void
lines_bound(const struct line *parent, bound_fn *fn, void *arg)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		line_bound(l, fn, arg);
		lines_bound(l, fn, arg);
	}
}

bool
path_alike(const struct path *a, const struct path *b)
{
	uint8_t n = a->nsteps, m = b->nsteps;

	if (n == 0 || m == 0 || a->step[n - 1] != b->step[m - 1])
		return false;
	return n < 2 || m < 2 || a->step[n - 2] == b->step[m - 2];
}

const char *
times_text(uint32_t most, char out[24])
{
	if (most == 0)
		return "any number of times";
	if (most == 1)
		return "once";
	snprintf(out, 24, "%u times", most);
	return out;
}

void
check_plan(struct builder *b)
{
	if (b->limits != NULL)
		limits_check(b, &b->root->line);
	check_alternatives(b, &b->root->line);
	check_repeats(b, &b->root->line);
	check_bound(b);
	if (b->plan->table != NULL)
		check_table(b);
}
