/*
 * tests/golden/golden_law.c - written twice it is the same; read again it is
 * the same record, but for what the format cannot say and what it fills in.
 * Called by golden.c.
 */
#include "tests/golden/golden.h"
#include "src/format/bound.h"
#include "src/record/decimal.h"
#include <stdio.h>
#include <stdlib.h>

#define BODY_MAX (16u << 20)

static bool
message(struct golden *g, const struct filing *f, const struct plan *plan,
    struct buf *body, struct trace *trace, bool bare)
{
	struct buf said;
	bool fine;

	buf_init(&said, BODY_MAX);
	fine = case_message(&g->on, f, plan, body, trace, bare, &said);
	printf("%.*s", SLICE_ARG(buf_look(&said)));
	buf_clear(&said);
	return fine;
}

void
golden_output(struct golden *g, const struct one_case *c, const char *folder,
    const char *file, const char *target)
{
	const struct plan *plan = pipeline_format(g->on.pipeline, target);
	char path[4096];
	struct buf want, got, said;
	bool same = false;

	buf_init(&want, BODY_MAX);
	buf_init(&got, BODY_MAX);
	buf_init(&said, BODY_MAX);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (plan != NULL && case_file(path, &want) && c->nfilings > 0 &&
	    c->filing[0].record != NULL &&
	    message(g, &c->filing[0], plan, &got, NULL, false))
		same = case_text(buf_look(&want), buf_look(&got), &said);
	printf("%.*s", SLICE_ARG(buf_look(&said)));
	buf_clear(&said);
	golden_count(g, c, file, same);
	buf_clear(&want);
	buf_clear(&got);
}

/* What the plan binds, once for all nodes of a record. */
struct bound {
	struct binding *b;
	uint32_t n, room;
};

static void
bound_keep(void *arg, const struct binding *b)
{
	struct bound *all = arg;

	if (all->n == all->room) {
		all->room = all->room == 0 ? 64 : all->room * 2;
		all->b = realloc(all->b, all->room * sizeof(*all->b));
		if (all->b == NULL)
			abort();
	}
	all->b[all->n++] = *b;
}

/* Is it read, or written, by a line? fills: by one with a default. */
static bool
one_way(
    const struct bound *all, const struct chain *want, bool fills, bool reads)
{
	for (uint32_t i = 0; i < all->n; i++) {
		const struct binding *b = &all->b[i];

		if (!b->group && !b->gives && (reads ? b->read : b->write) &&
		    chain_same(&b->at, want) &&
		    (!fills || b->fallback.p != NULL))
			return true;
	}
	return false;
}

static void
chain_add(struct chain *c, const struct element *el)
{
	if (c->n < CHAIN_STEPS)
		c->step[c->n++] = el;
}

struct pair {
	const struct bound *bound;
	struct chain at; /* of the nodes that are compared */
	bool same;
};

static bool
kept(const struct pair *p, const struct element *el, bool fills)
{
	struct chain want = p->at;

	chain_add(&want, el);
	return one_way(p->bound, &want, fills, true) &&
	       one_way(p->bound, &want, fills, false);
}

static bool
texts_same(
    const struct element *el, const struct value *a, const struct value *b)
{
	struct decimal x, y;
	size_t n = a->text.len < b->text.len ? a->text.len : b->text.len;

	if (slice_eq(a->text, b->text))
		return true;
	if (el->type == EL_DEC || el->type == EL_INT)
		return decimal_parse(a->text, &x) &&
		       decimal_parse(b->text, &y) && decimal_cmp(&x, &y) == 0;
	return el->type == EL_MOMENT && n >= 10 &&
	       memcmp(a->text.p, b->text.p, n) == 0;
}

static void
values_same(struct pair *p, const struct node *node, const struct element *el,
    const struct value *a, const struct value *b)
{
	struct slice none = { NULL, 0 }, x, y;
	char path[300];

	while (a != NULL && b != NULL && texts_same(el, a, b)) {
		a = a->next;
		b = b->next;
	}
	if ((a == NULL && b == NULL) || !kept(p, el, false) ||
	    (a == NULL &&
		(kept(p, el, true) || strcmp(el->name, "sequence") == 0)))
		return;
	x = a == NULL ? none : a->text;
	y = b == NULL ? none : b->text;
	printf("  %s: '%.*s', read again '%.*s'\n",
	    record_path(node, el, path, sizeof(path)), SLICE_ARG(x),
	    SLICE_ARG(y));
	p->same = false;
}

/* Does the format make such nodes? */
static bool
group_kept(const struct pair *p, const struct element *el)
{
	for (uint16_t i = 0; i < el->group->nslots; i++) {
		struct pair inner = *p;

		chain_add(&inner.at, el);
		if (kept(&inner, &el->group->element[i], false))
			return true;
	}
	return false;
}

static void
nodes_same(struct pair *p, const struct node *a, const struct node *b)
{
	for (uint16_t i = 0; i < a->group->nslots; i++) {
		const struct element *el = &a->group->element[i];
		const struct node *x = a->slot[i].node, *y = b->slot[i].node;

		if (el->type != EL_GROUP && el->type != EL_ABOUT) {
			values_same(
			    p, a, el, a->slot[i].value, b->slot[i].value);
			continue;
		}
		chain_add(&p->at, el);
		for (; x != NULL && y != NULL; x = x->next, y = y->next)
			nodes_same(p, x, y);
		p->at.n--;
		if (x != NULL && el->repeats && group_kept(p, el)) {
			printf("  %s: %u, read again %u\n", el->name,
			    (unsigned)node_count(a->slot[i].node),
			    (unsigned)node_count(b->slot[i].node));
			p->same = false;
		}
	}
}

static bool
trace_holds(const struct trace *t, size_t len)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->entry[i].line == NULL ||
		    (size_t)t->entry[i].out_at + t->entry[i].out_len > len)
			return false;
	return t->n > 0;
}

static void
filing_law(struct golden *g, const struct one_case *c, const struct filing *f,
    struct one_case *again)
{
	struct buf once, twice;
	struct trace trace = { NULL, 0 };
	struct bound bound = { .n = 0 };
	struct pair pair = { .bound = &bound, .same = true };
	struct slice none = { NULL, 0 };

	plan_bindings(f->plan, bound_keep, &bound);
	buf_init(&once, BODY_MAX);
	buf_init(&twice, BODY_MAX);
	if (!message(g, f, f->plan, &once, &trace, true)) {
		golden_count(g, c, "its record can be written again", false);
	} else {
		golden_count(g, c, "each output field has a trace",
		    trace_holds(&trace, once.len));
		golden_count(g, c, "written twice it is the same",
		    message(g, f, f->plan, &twice, NULL, true) &&
			slice_eq(buf_look(&once), buf_look(&twice)));
		pair.same =
		    golden_read(g, again, c->format, buf_look(&once), none) &&
		    again->nfilings == 1 && again->filing[0].record != NULL;
		if (pair.same)
			nodes_same(&pair, f->record->root,
			    again->filing[0].record->root);
		else
			printf("%.*s\n", SLICE_ARG(buf_look(&once)));
		golden_count(
		    g, c, "read again it is the same record", pair.same);
	}
	free(bound.b);
	buf_clear(&once);
	buf_clear(&twice);
}

void
golden_law(struct golden *g, const struct one_case *c)
{
	struct one_case *again = calloc(1, sizeof(*again));

	if (again == NULL)
		return;
	(void)snprintf(again->name, sizeof(again->name), "%s", c->name);
	for (uint32_t i = 0; i < c->nfilings; i++) {
		const struct filing *f = &c->filing[i];

		if (f->record != NULL && f->plan != NULL && !f->plan->one_way &&
		    f->findings->errors == 0)
			filing_law(g, c, f, again);
	}
	free(again);
}
