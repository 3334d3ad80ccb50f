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

bool
golden_message(struct golden *g, const struct filing *f,
    const struct plan *plan, struct buf *body, struct trace *trace, bool bare,
    bool quiet)
{
	struct record *records[1] = { f->record };
	struct write_in in = { .plan = plan,
		.record = records,
		.nrecords = 1,
		.now = SLICE_LIT(GOLDEN_NOW),
		.indent = true };
	struct write_out out = { .body = body, .trace = trace };
	struct findings found;
	struct buf said;
	struct err err;
	enum rc rc;

	findings_init(&found, g->mem);
	found.document = plan->document;
	rc = pipeline_write(&in, f->text, &out, g->mem, &found, &err);
	if (rc == RC_OK && plan->syntax == SYN_EDIFACT && bare)
		buf_fmt(body, "UNT+%u+1'\n", (unsigned)out.segments + 1);
	if (rc == RC_OK)
		return true;
	if (quiet)
		return false;
	buf_init(&said, BODY_MAX);
	for (const struct finding *x = found.first; x != NULL; x = x->next)
		finding_print(x, "  written", &said);
	printf("%.*s  %s\n", SLICE_ARG(buf_look(&said)), err.text);
	buf_clear(&said);
	return false;
}

/* The first line that differs, with what was wanted. */
static void
difference_show(struct slice want, struct slice got)
{
	unsigned int line = 1;

	while (want.len > 0 || got.len > 0) {
		struct slice w = slice_cut(&want, '\n');
		struct slice h = slice_cut(&got, '\n');

		if (!slice_eq(w, h)) {
			printf("  line %u\n  - %.*s\n  + %.*s\n", line,
			    SLICE_ARG(w), SLICE_ARG(h));
			return;
		}
		line++;
	}
}

void
golden_output(struct golden *g, const struct golden_case *c, const char *folder,
    const char *file, const char *target)
{
	const struct plan *plan = pipeline_format(g->pipeline, target);
	char path[4096];
	struct buf want, got;
	bool same = false;

	buf_init(&want, BODY_MAX);
	buf_init(&got, BODY_MAX);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (plan != NULL && golden_file(path, &want) && c->nfilings > 0 &&
	    c->filing[0].record != NULL &&
	    golden_message(g, &c->filing[0], plan, &got, NULL, false, false))
		same = slice_eq(buf_look(&want), buf_look(&got));
	if (!same && got.len > 0)
		difference_show(buf_look(&want), buf_look(&got));
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
filing_law(struct golden *g, const struct golden_case *c,
    const struct filing *f, struct golden_case *again)
{
	struct buf once, twice;
	struct trace trace = { NULL, 0 };
	struct bound bound = { .n = 0 };
	struct pair pair = { .bound = &bound, .same = true };
	struct slice none = { NULL, 0 };

	plan_bindings(f->plan, bound_keep, &bound);
	buf_init(&once, BODY_MAX);
	buf_init(&twice, BODY_MAX);
	if (!golden_message(g, f, f->plan, &once, &trace, true, false)) {
		golden_count(g, c, "its record can be written again", false);
	} else {
		golden_count(g, c, "each output field has a trace",
		    trace_holds(&trace, once.len));
		golden_count(g, c, "written twice it is the same",
		    golden_message(g, f, f->plan, &twice, NULL, true, false) &&
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
golden_law(struct golden *g, const struct golden_case *c)
{
	struct golden_case *again = calloc(1, sizeof(*again));

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
