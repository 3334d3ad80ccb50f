/*
 * daemon/work_replan.c - a leg that waited is planned again, from the kept
 * original and what the legs of its filing have answered by now: written, or
 * waiting on. Trusts the spool for the facts, nothing in the original. Called
 * by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/match/match.h"
#include <stdio.h>

#define ACCEPT_MAX 512

struct replan {
	struct work *w;
	const struct work_order *o;
	struct replan_in in;
	struct leg_said said[REPLAN_LEGS];
	struct arrival_route route[WORK_ROUTES];
	bool done;
	char now[CLOCK_TEXT];
};

static void
said_fill(struct replan *r)
{
	for (uint32_t i = 0; i < r->in.nfacts; i++) {
		const struct replan_fact *f = &r->in.fact[i];
		struct leg_key *key =
		    arena_get(r->w->mem, (f->nkeys + 1) * sizeof(*key));

		for (uint32_t k = 0; key != NULL && k < f->nkeys; k++)
			key[k] = (struct leg_key){ f->key_of[k].name,
				f->key_of[k].text };
		r->said[i] = (struct leg_said){ .name = f->name,
			.outcome = f->outcome,
			.level = f->level,
			.status = f->status,
			.number = f->number,
			.text = f->text,
			.key = key,
			.nkeys = key == NULL ? 0 : f->nkeys };
	}
}

static enum rc
refused(const struct filing *f, const char *what, struct err *err)
{
	const struct finding *first = f->findings->first;

	return err_set(err, RC_REFUSED, "%s%s%.*s", what,
	    first == NULL ? "" : ": ",
	    SLICE_ARG(
		first == NULL ? SLICE_LIT("") : slice_sub(first->en, 0, 300)));
}

static struct slice
lane_of(struct replan *r, const struct filing *f)
{
	struct claim_key key[CLAIM_KEYS];
	uint32_t n = keys_collect(f->record->root, key, CLAIM_KEYS, r->w->out);
	struct slice lane = key_text(key, n, "filer");

	return lane.len > 0 || n == 0 ? lane : key[0].text;
}

/* What its filer changes elsewhere is new to this agency. */
static void
function_original(struct record *record)
{
	const struct element *e =
	    group_element(record->root->group, SLICE_LIT("function"));
	const struct code_row *row =
	    e == NULL || e->list == NULL
		? NULL
		: code_find(e->list, SLICE_LIT("original"), 0);
	struct value *v;

	if (row == NULL || record->root->slot[e->slot].value == NULL)
		return;
	record->root->slot[e->slot].value = NULL;
	v = value_add(record->mem, record->root, e, row->code);
	if (v == NULL)
		return;
	v->row = row;
	v->flags = VALUE_SET;
}

static enum rc
leg_again(struct replan *r, const struct filing *f, struct leg_plan *plan,
    struct err *err)
{
	const struct rules *rules = pipeline_rules(r->w->pipeline);
	struct leg_write l = { .w = r->w,
		.f = f,
		.plan = plan,
		.filer = conf_partner(r->w->conf, r->o->partner),
		.id = r->o->ids,
		.now = slice_of(r->now),
		.known = r->in.key_of,
		.nknown = r->in.nkeys };
	enum rc rc;

	if (r->in.first)
		function_original(f->record);
	legs_derive(rules, f->record, r->said, r->in.nfacts);
	leg_wait(rules, f->record, plan, r->said, r->in.nfacts);
	l.lane = lane_of(r, f);
	rc = work_leg(&l, &r->w->legs, err);
	return rc == RC_REFUSED ? refused(f, "it cannot be written", err) : rc;
}

static enum rc
filing_seen(void *arg, const struct filing *f, struct err *err)
{
	struct replan *r = arg;

	if (f->number != r->in.filing)
		return RC_OK;
	r->done = true;
	if (f->record == NULL || f->findings->errors > 0)
		return refused(f, "it is not read as before", err);
	for (unsigned int i = 0; i < f->nlegs; i++) {
		struct leg_plan plan = f->legs[i];

		if (slice_eq(plan.name, r->in.leg) &&
		    slice_is(r->in.agency, plan.partner) &&
		    slice_is(r->in.format, plan.format))
			return leg_again(r, f, &plan, err);
	}
	return refused(
	    f, "the rules or routes do not have this leg any more", err);
}

enum rc
work_replan(struct work *w, const struct work_order *o, struct buf *out,
    struct err *err)
{
	struct replan *r = arena_get(w->mem, sizeof(*r));
	const char *accept[ACCEPT_MAX];
	struct arrival_default preset[CONF_DEFAULTS];
	struct arrival a = { .accept = accept };
	struct claim names = { .kind = CLAIM_ARRIVAL };
	const struct conf_partner *partner = conf_partner(w->conf, o->partner);
	enum rc rc;

	if (r == NULL)
		return err_set(err, RC_LATER, "no memory to plan again");
	if (partner == NULL)
		return err_set(err, RC_REFUSED, "no partner '%.*s'",
		    SLICE_ARG(o->partner));
	r->w = w;
	r->o = o;
	rc = replan_read(o->input, &r->in, err);
	if (rc != RC_OK)
		return rc;
	said_fill(r);
	(void)clock_print(o->now, r->now);
	a.raw = r->in.original;
	a.file_name = r->in.file_name;
	a.base_year = work_year(r->now);
	a.naccept = work_accept(w, partner, accept, ACCEPT_MAX);
	a.route = r->route;
	a.nroutes = work_routes(w, partner, r->route);
	a.preset = preset;
	a.npresets = work_presets(partner, preset);
	a.only = r->in.filing;
	if (partner->nattachments > 0)
		a.attaches = partner;
	names_start(&w->names);
	buf_reset(&w->legs);
	rc = pipeline_arrival(
	    w->pipeline, &a, w->mem, w->filing, filing_seen, r, err);
	if (rc == RC_OK && !r->done)
		rc = err_set(err, RC_REFUSED, "filing %u is not in it any more",
		    r->in.filing);
	if (rc != RC_OK)
		return rc;
	names.u.arrival.names = buf_look(&w->names.text);
	claim_put(out, &names); /* what the leg's trace goes by */
	buf_slice(out, buf_look(&w->legs));
	if (buf_failed(&w->legs))
		out->failed = true;
	return RC_OK;
}
