/*
 * plan/legs.c - the legs of a filing, which of them wait, and until when.
 * Trusts the rules, nothing in the record. Called by the pipeline and by
 * convert.
 */
#include "src/plan/legs.h"
#include <stdio.h>
#include <string.h>

struct planning {
	const struct rule *first;
	struct record *record;
	struct leg_plan *leg;
	unsigned int n;
	/* what legs said, when they are asked */
	const struct leg_said *said;
	unsigned int nsaid;
	struct value value; /* the last that was asked for */
};

static bool
leg_planned(void *arg, struct slice name)
{
	const struct planning *p = arg;

	for (unsigned int i = 0; i < p->n; i++)
		if (slice_eq(p->leg[i].name, name))
			return true;
	for (unsigned int i = 0; i < p->nsaid; i++)
		if (slice_eq(p->said[i].name, name))
			return true;
	return false;
}

/* A key of the document by its element; empty when it is not known. */
static struct slice
key_said(
    const struct planning *p, const struct leg_said *l, const struct element *e)
{
	const struct group *g = p->record->root->group;

	for (uint16_t i = 0; i < g->nkeys; i++) {
		const struct key *k = &g->key[i];

		if (k->nparts != 1 || k->part[0].n != 1 ||
		    k->part[0].step[0] != e)
			continue;
		for (uint32_t n = 0; n < l->nkeys; n++)
			if (slice_is(l->key[n].name, k->name))
				return l->key[n].text;
	}
	return (struct slice){ 0 };
}

static struct slice
said_text(
    const struct planning *p, const struct leg_said *l, const struct element *e)
{
	if (e->owner == p->record->root->group)
		return key_said(p, l, e);
	return strcmp(e->name, "outcome") == 0  ? l->outcome
	       : strcmp(e->name, "level") == 0  ? l->level
	       : strcmp(e->name, "status") == 0 ? l->status
	       : strcmp(e->name, "number") == 0 ? l->number
	       : strcmp(e->name, "text") == 0   ? l->text
						: (struct slice){ 0 };
}

static const struct value *
leg_value(void *arg, const struct path *path)
{
	struct planning *p = arg;
	const struct element *e = path->nsteps == 1 ? path->step[0] : NULL;

	for (unsigned int i = 0; i < p->nsaid && e != NULL; i++) {
		struct slice text;

		if (!slice_eq(p->said[i].name, path->leg))
			continue;
		text = said_text(p, &p->said[i], e);
		if (text.len == 0 || slice_is(text, "none"))
			return NULL;
		p->value = (struct value){ .text = text, .flags = VALUE_SET };
		if (e->type == EL_CODE)
			p->value.row = code_find(e->list, text, 0);
		return &p->value;
	}
	return NULL;
}

static struct scope
scope_of(struct planning *p)
{
	return (struct scope){ .record = p->record,
		.here = p->record->root,
		.leg_value = leg_value,
		.leg_planned = leg_planned,
		.arg = p };
}

/* --- which --- */

static bool
rule_of_route(const struct rule *r, const struct route *to)
{
	return r->kind == RULE_LEG && slice_is(r->partner, to->partner) &&
	       slice_is(r->format, to->format);
}

/* Two routes that would be called the same: both words tell them apart. */
static struct slice
name_apart(struct planning *p, const struct route *to)
{
	char text[200];

	(void)snprintf(
	    text, sizeof(text), "%.80s.%.80s", to->partner, to->format);
	return arena_dup(p->record->mem, slice_of(text));
}

static void
route_plan(struct planning *p, const struct route *to, uint32_t place)
{
	struct scope s = scope_of(p);
	struct leg_plan *l = &p->leg[p->n];
	bool spoken = false;

	*l = (struct leg_plan){ .name = slice_of(to->partner),
		.partner = to->partner,
		.format = to->format,
		.route = place };
	for (const struct rule *r = p->first; r != NULL; r = r->next) {
		if (!rule_of_route(r, to))
			continue;
		spoken = true;
		if (!rule_holds(r, &s))
			continue;
		l->name = r->leg;
		spoken = false;
		break;
	}
	if (spoken)
		return;
	if (leg_planned(p, l->name))
		l->name = name_apart(p, to);
	if (l->name.len > 0)
		p->n++;
}

/* --- who waits --- */

#define WAITS_FOR 900 /* bytes of names that a claim has room for */

struct waiting {
	struct planning *p;
	struct leg_plan *leg; /* NULL: only looked at */
	struct buf names;
	bool named, planned;
};

static bool
is_listed(struct slice list, struct slice name)
{
	while (list.len > 0)
		if (slice_eq(slice_trim(slice_cut(&list, ',')), name))
			return true;
	return false;
}

static void
wait_path(void *arg, const struct path *path, bool each_node)
{
	struct waiting *w = arg;

	(void)each_node;
	if (path->base != PATH_LEG)
		return;
	w->named = true;
	if (!leg_planned(w->p, path->leg))
		return;
	w->planned = true;
	if (w->leg == NULL || is_listed(buf_look(&w->names), path->leg) ||
	    w->names.len + path->leg.len + 2 > WAITS_FOR)
		return;
	if (w->names.len > 0)
		buf_str(&w->names, ", ");
	buf_slice(&w->names, path->leg);
}

/* A hold for legs that this filing does not have holds nothing. */
static bool
hold_applies(struct planning *p, const struct rule *r)
{
	struct waiting w = { .p = p };
	struct scope s = scope_of(p);

	if (!rule_holds(r, &s))
		return false;
	cond_paths(r->until, wait_path, &w);
	return !w.named || w.planned;
}

/* Of several holds the one that ends first says what then. */
static void
leg_held(struct planning *p, struct leg_plan *leg)
{
	struct scope s = scope_of(p);
	struct waiting w = { .p = p, .leg = leg };

	leg->waits = leg->wait_ends = false;
	leg->wait_ms = 0;
	buf_init(&w.names, WAITS_FOR + 8);
	for (const struct rule *r = p->first; r != NULL; r = r->next) {
		if (r->kind != RULE_HOLD || !slice_eq(r->leg, leg->name) ||
		    !hold_applies(p, r) || cond_holds(r->until, &s))
			continue;
		leg->waits = true;
		cond_paths(r->until, wait_path, &w);
		if (r->wait_ms != 0 &&
		    (leg->wait_ms == 0 || r->wait_ms < leg->wait_ms)) {
			leg->wait_ms = r->wait_ms;
			leg->wait_ends = r->wait_ends;
		}
	}
	leg->waits_for = arena_dup(p->record->mem, buf_look(&w.names));
	buf_clear(&w.names);
}

/* --- who gates --- */

struct gating {
	struct planning *p;
	bool any;
};

static void
gate_path(void *arg, const struct path *path, bool each_node)
{
	struct gating *g = arg;

	(void)each_node;
	if (path->base != PATH_LEG)
		return;
	for (unsigned int i = 0; i < g->p->n; i++)
		if (slice_eq(g->p->leg[i].name, path->leg))
			g->any = g->p->leg[i].gates = true;
}

/* A part that holds while its leg says nothing does not ask for it. */
static bool
clause_gates(void *arg, const struct cond *c)
{
	struct gating *g = arg;
	struct scope s = scope_of(g->p);

	if (!cond_holds(c, &s))
		cond_paths(c, gate_path, g);
	return true;
}

/* Without a release that names one of its legs, all gate. */
static void
gates_plan(struct planning *p)
{
	struct gating g = { .p = p };

	for (const struct rule *r = p->first; r != NULL; r = r->next)
		if (r->kind == RULE_RELEASE)
			(void)cond_clauses(r->when, clause_gates, &g);
	for (unsigned int i = 0; i < p->n && !g.any; i++)
		p->leg[i].gates = true;
}

unsigned int
legs_plan(const struct rules *rules, struct record *record,
    const struct route *route, unsigned int nroutes, struct leg_plan *out)
{
	struct planning p = { .first = rules_first(rules, record->root->group),
		.record = record,
		.leg = out };

	for (unsigned int i = 0; i < nroutes && p.n < LEGS_ROOM; i++)
		route_plan(&p, &route[i], i);
	for (unsigned int i = 0; i < p.n; i++)
		leg_held(&p, &out[i]);
	gates_plan(&p);
	return p.n;
}

/* --- when they have answered --- */

void
legs_derive(const struct rules *rules, struct record *record,
    const struct leg_said *said, unsigned int n)
{
	struct planning p = { .record = record, .said = said, .nsaid = n };
	struct rule_legs legs = { leg_value, leg_planned, &p };

	rules_set(rules, record, &legs);
}

void
leg_wait(const struct rules *rules, struct record *record, struct leg_plan *leg,
    const struct leg_said *said, unsigned int n)
{
	struct planning p = { .first = rules_first(rules, record->root->group),
		.record = record,
		.said = said,
		.nsaid = n };

	leg_held(&p, leg);
}
