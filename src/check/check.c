/*
 * check/check.c - a record is held against the rules of its document: what
 * must be, and what must not. Trusts the rules. Called by the convert
 * pipeline.
 */
#include "src/check/check.h"
#include "src/check/unique.h"

struct checker {
	struct record *record;
	struct findings *found;
	const char *const *legs;
	unsigned int nlegs;
	struct unique unique;
};

static bool
leg_planned(void *arg, struct slice leg)
{
	const struct checker *c = arg;

	for (unsigned int i = 0; i < c->nlegs; i++)
		if (slice_is(leg, c->legs[i]))
			return true;
	return false;
}

/* The value's own bytes, else those of what should hold it. */
static void
place_set(struct finding *f, const struct value *v, const struct node *n)
{
	if (v != NULL && v->span > 0) {
		f->text_at = v->at;
		f->text_span = v->span;
		return;
	}
	(void)node_where(n, &f->text_at, &f->text_span);
}

static const struct node *
place_node(const struct checker *c, const struct scope *s, const struct node *n)
{
	return n != NULL ? n : s->each != NULL ? s->each : c->record->root;
}

static struct slice
element_path(
    const struct checker *c, const struct rule *r, const struct node *n)
{
	char path[256];

	if (n == NULL)
		return r->path.text;
	return arena_dup(c->found->mem,
	    slice_of(record_path(
		n, r->path.step[r->path.nsteps - 1], path, sizeof(path))));
}

/* finding_add() counted an error: the rule may mean less. */
static void
severity_set(struct findings *found, struct finding *f, enum severity sev)
{
	if (sev == f->severity)
		return;
	found->errors -= f->severity == SEV_ERROR;
	found->warnings -= f->severity == SEV_WARNING;
	found->hints -= f->severity == SEV_HINT;
	found->errors += sev == SEV_ERROR;
	found->warnings += sev == SEV_WARNING;
	found->hints += sev == SEV_HINT;
	f->severity = sev;
}

static void
check_run(void *arg, const struct rule *r, struct scope *s)
{
	struct checker *c = arg;
	const struct element *el = r->path.step[r->path.nsteps - 1];
	struct slice none = { NULL, 0 };
	const struct node *n;
	const struct value *v = NULL;
	struct finding *f;

	if (!rule_holds(r, s))
		return;
	n = rule_holder(r, s, c->record->mem, false);
	if (n != NULL && el->type != EL_GROUP)
		v = n->slot[el->slot].value;
	if (r->unique &&
	    !unique_again(&c->unique, r, s->each, el, v, c->record->mem))
		return;
	f = finding_add(c->found, FIND_RULE, element_path(c, r, n), none,
	    v == NULL ? none : v->text, none);
	severity_set(c->found, f, r->severity);
	f->code = r->code;
	f->en = r->en;
	f->zh = r->zh.len > 0 ? r->zh : r->en;
	place_set(f, v, place_node(c, s, n));
}

static bool
required_here(const struct checker *c, const struct rule *r)
{
	return r->leg.len == 0 || leg_planned((void *)c, r->leg);
}

static void
require_run(void *arg, const struct rule *r, struct scope *s)
{
	struct checker *c = arg;
	const struct element *el = r->path.step[r->path.nsteps - 1];
	struct slice none = { NULL, 0 };
	const struct node *n = rule_holder(r, s, c->record->mem, false);
	struct finding *f;

	if (n != NULL &&
	    (el->type == EL_GROUP ? n->slot[el->slot].node != NULL
				  : n->slot[el->slot].value != NULL))
		return;
	if (!rule_holds(r, s))
		return;
	f = finding_add(c->found, FIND_REQUIRED,
	    n == NULL && s->each == NULL ? r->path.text : element_path(c, r, n),
	    none, none, r->leg.len > 0 ? r->leg : SLICE_LIT("this document"));
	place_set(f, NULL, place_node(c, s, n));
}

void
check_record(const struct rules *rules, struct record *record,
    const char *const *legs, unsigned int nlegs, struct findings *found)
{
	struct checker c = {
		.record = record, .found = found, .legs = legs, .nlegs = nlegs
	};
	struct rule_legs l = { .planned = leg_planned, .arg = &c };
	const struct rule *first = rules_first(rules, record->root->group);

	for (const struct rule *r = first; r != NULL; r = r->next)
		if (r->kind == RULE_CHECK)
			rule_each(r, record, &l, check_run, &c);
		else if (r->kind == RULE_REQUIRE && required_here(&c, r))
			rule_each(r, record, &l, require_run, &c);
}
