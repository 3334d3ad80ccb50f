/*
 * format/check.c - what can be proved of a format before it meets a message.
 *
 * LANGUAGE section 7; number 1 (paths) and parts of 5 are found while the plan
 * is built, 3 when all plans are there. A check says only what is certain.
 */
#include "src/format/check.h"

/* ---- tables without an order: names and lengths ---- */

/* "DecLists/DecList" of the container that a line stands in, "ROOT@". */
static struct slice
block_name(const struct line *l, char *out, size_t size)
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
	format = limits_find(b->limits, block_name(l, block, sizeof(block)),
	    name, &has_block, &has);
	if (has) {
		l->format = format;
		return;
	}
	if (has_block)
		build_wrong(b, store_of(l)->form, store_of(l)->form->at,
		    "table %s has no '%.*s' in %.*s", b->plan->table_name,
		    SLICE_ARG(name),
		    SLICE_ARG(block_name(l, block, sizeof(block))));
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

void
check_plan(struct builder *b)
{
	if (b->limits != NULL)
		limits_check(b, &b->root->line);
}
