/*
 * tests/golden/golden_lost.c - each case is written in every other format of
 * its document and read again: what is gone then must be what plans_lost()
 * told of the two formats, and what it told is gone. Called by golden.c.
 */
#include "tests/golden/golden.h"
#include "src/format/lost.h"
#include <stdio.h>
#include <stdlib.h>

#define BODY_MAX   (16u << 20)
#define LOSSES_MAX 3000

struct told {
	enum loss_kind kind;
	struct chain at;
};

struct losses {
	struct told told[LOSSES_MAX];
	uint32_t n;
};

struct hunt {
	const struct losses *losses;
	const struct node *again; /* the record as it came back */
	struct chain at;
	bool holds;
};

static void
loss_keep(void *arg, const struct loss *l)
{
	struct losses *all = arg;

	if (all->n < LOSSES_MAX)
		all->told[all->n++] = (struct told){ l->kind, l->at };
}

static bool
told(const struct losses *all, enum loss_kind kind, const struct chain *at)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (all->told[i].kind == kind &&
		    chain_same(&all->told[i].at, at))
			return true;
	return false;
}

/* "2024-06-15T10:30:00+08:00" without its zone. */
static size_t
moment_len(struct slice s)
{
	size_t n = 11;

	while (n < s.len && ((s.p[n] >= '0' && s.p[n] <= '9') ||
				s.p[n] == ':' || s.p[n] == '.'))
		n++;
	return n < s.len ? n : s.len;
}

enum back { BACK_NONE, BACK_OTHER, BACK_SHORT, BACK_SAME };

/* The nearest to v that came back at the chain's place. */
static enum back
came_back(const struct node *n, const struct chain *c, uint8_t step,
    const struct value *v)
{
	const struct element *e = c->step[step];
	enum back best = BACK_NONE;

	if (n == NULL)
		return BACK_NONE;
	if (step + 1 < c->n) {
		for (const struct node *x = n->slot[e->slot].node; x != NULL;
		     x = x->next) {
			enum back b = came_back(x, c, step + 1, v);

			best = b > best ? b : best;
		}
		return best;
	}
	for (const struct value *x = n->slot[e->slot].value; x != NULL;
	     x = x->next) {
		enum back b = BACK_OTHER;

		if (slice_eq(x->text, v->text))
			b = BACK_SAME;
		else if (e->type == EL_MOMENT &&
			 moment_len(x->text) < moment_len(v->text) &&
			 memcmp(x->text.p, v->text.p, 10) == 0)
			b = BACK_SHORT;
		best = b > best ? b : best;
	}
	return best;
}

static void
value_hunt(struct hunt *h, const struct value *v)
{
	enum back back = came_back(h->again, &h->at, 0, v);
	bool gone = told(h->losses, LOSS_GONE, &h->at);
	bool when = told(h->losses, LOSS_WHEN, &h->at);
	bool cut = told(h->losses, LOSS_CUT, &h->at);
	const char *wrong = NULL;
	char path[600];

	if (back == BACK_NONE && !gone && !when)
		wrong = "is lost, and nobody told";
	else if (back == BACK_SAME && gone)
		wrong = "was told to be lost, and is there";
	else if (back == BACK_SHORT && !cut && !gone && !when)
		wrong = "is cut, and nobody told";
	if (wrong == NULL)
		return;
	printf("  %s '%.*s' %s\n", chain_print(&h->at, path, sizeof(path)),
	    SLICE_ARG(v->text), wrong);
	h->holds = false;
}

static void
node_hunt(struct hunt *h, const struct node *n)
{
	if (h->at.n == CHAIN_STEPS)
		return;
	h->at.n++;
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];

		h->at.step[h->at.n - 1] = e;
		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *x = n->slot[i].node; x != NULL;
			     x = x->next)
				node_hunt(h, x);
			continue;
		}
		for (const struct value *v = n->slot[i].value; v != NULL;
		     v = v->next)
			value_hunt(h, v);
	}
	h->at.n--;
}

/* A format with "each" makes a message of each node; this test makes one. */
static bool
one_message(const struct plan *to, const struct node *root)
{
	const struct node *n = root;

	for (uint8_t i = 0; i < to->each.nsteps && n != NULL; i++) {
		n = n->slot[to->each.step[i]->slot].node;
		if (n != NULL && n->next != NULL)
			return false;
	}
	return true;
}

static void
target_hunt(struct golden *g, const struct one_case *c, const struct plan *to,
    struct losses *losses, struct one_case *again)
{
	const struct filing *f = &c->filing[0];
	struct hunt h = { .losses = losses, .holds = true };
	struct slice none = { NULL, 0 };
	const struct record *r;
	struct buf body;
	struct err err;
	char what[200];

	buf_init(&body, BODY_MAX);
	losses->n = 0;
	/* What the target cannot write it refuses: nothing to compare then. */
	if (one_message(to, f->record->root) &&
	    plans_lost(f->plan, to, loss_keep, losses, &err) == RC_OK &&
	    case_message(&g->on, f, to, &body, NULL, true, NULL)) {
		/* What carries nothing is no filing: then all must be told. */
		(void)golden_read(g, again, to->name, buf_look(&body), none);
		r = again->nfilings == 1 ? again->filing[0].record : NULL;
		h.again = r == NULL ? NULL : r->root;
		node_hunt(&h, f->record->root);
		(void)snprintf(what, sizeof(what),
		    "what %s loses of it is known", to->name);
		golden_count(g, c, what, h.holds);
	}
	buf_clear(&body);
}

void
golden_lost(struct golden *g, const struct one_case *c)
{
	const struct filing *f = &c->filing[0];
	struct one_case *again = calloc(1, sizeof(*again));
	struct losses *losses = calloc(1, sizeof(*losses));
	const struct formats *all = pipeline_formats(g->on.pipeline);
	const struct plan *to;

	if (again == NULL || losses == NULL)
		abort();
	(void)snprintf(again->name, sizeof(again->name), "%s", c->name);
	for (unsigned int i = 0;
	     c->nfilings > 0 && f->record != NULL && f->plan != NULL &&
	     f->findings->errors == 0 && (to = format_nth(all, i)) != NULL;
	     i++)
		if (to != f->plan && to->document == f->plan->document &&
		    !to->one_way)
			target_hunt(g, c, to, losses, again);
	free(again);
	free(losses);
}
