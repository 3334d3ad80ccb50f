/*
 * format/rules_run.c - a rule is run for each node that it speaks of, and what
 * can be derived is. Trusts the rules. Called by src/check, src/plan and the
 * pipeline.
 */
#include "src/format/rules.h"

struct run {
	struct record *record;
	const struct rule *rule;
	const struct rule_legs *legs;
	rule_fn *fn;
	void *arg;
};

static void
each_node(const struct run *x, struct node *n, uint8_t i)
{
	const struct rule *r = x->rule;

	if (i == r->each.nsteps) {
		struct scope s = { .record = x->record,
			.here = r->kind == RULE_SET ? n : x->record->root,
			.each = n,
			.target = &r->path };

		if (x->legs != NULL) {
			s.leg_value = x->legs->value;
			s.leg_planned = x->legs->planned;
			s.arg = x->legs->arg;
		}
		x->fn(x->arg, r, &s);
		return;
	}
	for (n = n->slot[r->each.step[i]->slot].node; n != NULL; n = n->next)
		each_node(x, n, (uint8_t)(i + 1));
}

void
rule_each(const struct rule *r, struct record *record,
    const struct rule_legs *legs, rule_fn *fn, void *arg)
{
	struct run x = { record, r, legs, fn, arg };

	each_node(&x, record->root, 0);
}

struct node *
rule_holder(
    const struct rule *r, const struct scope *s, struct arena *mem, bool make)
{
	struct scope from = *s;

	from.here = s->record->root;
	return path_node(&r->path, &from, mem, make);
}

bool
rule_holds(const struct rule *r, const struct scope *s)
{
	return r->when == NULL || cond_holds(r->when, s);
}

static void
set_value(struct value *v, const struct element *el, struct slice text)
{
	v->text = text;
	v->flags = VALUE_SET;
	v->row = el->type == EL_CODE ? code_find(el->list, text, 0) : NULL;
	v->scheme = NULL;
	v->at = v->span = 0;
}

static void
set_run(void *arg, const struct rule *r, struct scope *s)
{
	struct record *record = arg;
	const struct element *el = r->path.step[r->path.nsteps - 1];
	struct slice text;
	struct node *n;
	struct value *v;

	if (!rule_holds(r, s) || !expr_value(r->expr, s, record->mem, &text) ||
	    (n = rule_holder(r, s, record->mem, true)) == NULL)
		return;
	v = n->slot[el->slot].value;
	if (v == NULL)
		v = value_add(record->mem, n, el, text);
	if (v != NULL)
		set_value(v, el, text);
}

void
rules_set(const struct rules *rules, struct record *record,
    const struct rule_legs *legs)
{
	const struct rule *r = rules_first(rules, record->root->group);

	for (; r != NULL; r = r->next)
		if (r->kind == RULE_SET && r->reads_legs == (legs != NULL))
			rule_each(r, record, legs, set_run, record);
}
