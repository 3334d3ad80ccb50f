/*
 * cli/convert_lost.c - what of the input went nowhere: values whose element the
 * target does not write, or not in this case. Trusts the plans and the record.
 * Called by convert_trace.
 */
#include "src/cli/convert.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/format/lost.h"
#include <stdio.h>
#include <stdlib.h>

#define LOSSES_MAX  4000
#define SHOWN_BYTES 60

struct told {
	enum loss_kind kind;
	struct chain at;
};

struct losses {
	struct told *told;
	uint32_t n;
	struct convert *c;
	const struct filing *f;
	struct chain at; /* of the nodes that are walked */
	struct buf *out;
};

static void
loss_keep(void *arg, const struct loss *l)
{
	struct losses *x = arg;

	if (x->n < LOSSES_MAX && l->kind <= LOSS_WHEN)
		x->told[x->n++] = (struct told){ l->kind, l->at };
}

static bool
written(const struct losses *x, const struct value *v)
{
	for (uint32_t i = 0; i < x->c->nparts; i++) {
		const struct convert_part *p = &x->c->part[i];

		for (uint32_t k = 0; p->filing == x->f && k < p->trace.n; k++)
			if (p->trace.entry[k].value == v)
				return true;
	}
	return false;
}

/* Told of the element, and where it depends on the case: really so. */
static bool
value_lost(const struct losses *x, const struct value *v)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (chain_same(&x->told[i].at, &x->at))
			return x->told[i].kind == LOSS_GONE || !written(x, v);
	return false;
}

static void
value_say(const struct losses *x, const struct node *n, const struct element *e,
    const struct value *v)
{
	char path[512], bytes[SHOWN_BYTES * 4 + 1];
	struct place p = { .line = 0 };
	struct slice shown = slice_sub(v->text, 0, SHOWN_BYTES);

	(void)record_path(n, e, path, sizeof(path));
	if (v->span > 0 && x->f->text != NULL)
		text_place(x->f->text, v->at, v->span, &p);
	if (x->c->json) {
		json_open(x->out);
		json_text(x->out, "lost", slice_of(path));
		json_text(x->out, "found", v->text);
		json_number(x->out, "from_line", p.line);
		json_number(x->out, "from_column", p.column);
		json_close(x->out);
		buf_byte(x->out, '\n');
		return;
	}
	(void)log_quote(shown, bytes, sizeof(bytes));
	buf_fmt(x->out, "lost %s <- %s:%u:%u '%s'\n", path, x->c->file,
	    (unsigned)p.line, (unsigned)p.column, bytes);
}

static void
node_walk(struct losses *x, const struct node *n)
{
	if (x->at.n == CHAIN_STEPS)
		return;
	x->at.n++;
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];

		x->at.step[x->at.n - 1] = e;
		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *m = n->slot[i].node; m != NULL;
			     m = m->next)
				node_walk(x, m);
			continue;
		}
		for (const struct value *v = n->slot[i].value; v != NULL;
		     v = v->next)
			if (value_lost(x, v))
				value_say(x, n, e, v);
	}
	x->at.n--;
}

void
convert_lost(struct convert *c, struct buf *out)
{
	struct losses x = { .c = c, .out = out };
	struct err err;

	x.told = calloc(LOSSES_MAX, sizeof(*x.told));
	for (uint32_t i = 0; x.told != NULL && i < c->nfilings; i++) {
		x.f = &c->filing[i];
		x.n = 0;
		if (x.f->plan != NULL && plans_lost(x.f->plan, c->target,
					     loss_keep, &x, &err) == RC_OK)
			node_walk(&x, x.f->record->root);
	}
	free(x.told);
}
