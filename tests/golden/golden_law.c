/*
 * tests/golden/golden_law.c - written twice it is the same; read again it is
 * the same record, but for what the format cannot say and what it fills in.
 * Called by golden.c.
 */
#include "tests/golden/golden.h"
#include "src/record/decimal.h"
#include <stdio.h>
#include <stdlib.h>

#define BODY_MAX  (16u << 20)
#define CHAIN_MAX 16

static bool
message(struct golden *g, const struct filing *f, const struct plan *plan,
    struct buf *body, struct trace *trace, bool bare)
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
	    message(g, &c->filing[0], plan, &got, NULL, false))
		same = slice_eq(buf_look(&want), buf_look(&got));
	if (!same && got.len > 0)
		difference_show(buf_look(&want), buf_look(&got));
	golden_count(g, c, file, same);
	buf_clear(&want);
	buf_clear(&got);
}

/* The way from the document to an element. */
struct chain {
	const struct element *step[CHAIN_MAX];
	int n;
};

static void
chain_add(struct chain *c, const struct element *el)
{
	if (c->n < CHAIN_MAX)
		c->step[c->n++] = el;
}

static void
chain_path(struct chain *c, const struct chain *here, const struct path *p)
{
	c->n = 0;
	if (p->base == PATH_TRANSMISSION)
		return;
	if (p->base != PATH_DOCUMENT)
		*c = *here;
	c->n -= p->base == PATH_UP && c->n >= p->up ? p->up : 0;
	for (uint8_t i = 0; i < p->nsteps; i++)
		chain_add(c, p->step[i]);
}

static bool
choice_is(
    const struct choice *ch, const struct chain *here, const struct chain *want)
{
	for (uint8_t i = 0; i < ch->narms; i++) {
		struct chain c;

		chain_path(&c, here, &ch->arm[i].path);
		if (c.n == want->n && memcmp(c.step, want->step,
					  (size_t)c.n * sizeof(c.step[0])) == 0)
			return true;
	}
	return false;
}

static bool
pieces_are(const struct line *l, const struct chain *here,
    const struct chain *want, bool fills)
{
	for (uint16_t i = 0; i < l->npieces; i++)
		if (choice_is(&l->piece[i].choice, here, want) &&
		    (!fills || l->piece[i].fallback.p != NULL))
			return true;
	return false;
}

/* Is it read, or written, by a line? fills: by one with a default. */
static bool
one_way(const struct line *parent, const struct chain *here,
    const struct chain *want, bool fills, bool reads)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		struct chain inner = *here;

		if (reads ? !l->read : !l->write)
			continue;
		if (l->kind == LINE_ELEMENT &&
		    choice_is(&l->choice, here, want) &&
		    (!fills || l->fallback.p != NULL))
			return true;
		if (pieces_are(l, here, want, fills))
			return true;
		if (l->kind == LINE_GROUP && l->choice.narms > 0)
			chain_path(&inner, here, &l->choice.arm[0].path);
		if (one_way(l, &inner, want, fills, reads))
			return true;
	}
	return false;
}

struct pair {
	const struct plan *plan;
	struct chain at; /* of the nodes that are compared */
	bool same;
};

static bool
kept(const struct pair *p, const struct element *el, bool fills)
{
	struct chain none = { .n = 0 }, want = p->at;

	chain_add(&want, el);
	return one_way(p->plan->root, &none, &want, fills, true) &&
	       one_way(p->plan->root, &none, &want, fills, false);
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
	struct pair pair = { .plan = f->plan, .same = true };
	struct slice none = { NULL, 0 };

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
