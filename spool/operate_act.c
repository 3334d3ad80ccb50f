/*
 * spool/operate_act.c - what an operator's verb does to one thing: every move
 * along an edge of states.def, the filer told of what he will not get. Trusts
 * the rows. Called by operate.c.
 */
#include "spool/operate_act.h"
#include <stdio.h>
#include "spool/delivery.h"
#include "spool/due.h"
#include "spool/joint.h"
#include "spool/leg.h"
#include "spool/scheduler.h"

#define WHY_ROOM 400

/* Handed out: what becomes of it is not known at this moment. */
static bool
is_out(const struct scheduler *sc, uint64_t id)
{
	for (unsigned int i = 0; i < sc->norders; i++)
		if (sc->order[i].subject == id)
			return true;
	return flight_is(sc, id);
}

static struct slice
why_text(const struct acting *a, const char *verb)
{
	char text[WHY_ROOM];

	snprintf(text, sizeof(text), "%s by %.*s%s%.*s", verb,
	    SLICE_ARG(a->op->by), a->op->why.len > 0 ? ": " : "",
	    SLICE_ARG(slice_sub(a->op->why, 0, 200)));
	return arena_dup(a->b->s->mem, slice_of(text));
}

static void
touch(struct acting *a, struct slice partner)
{
	int i = partner_index(a->b->s, partner);

	if (i >= 0)
		a->touched[i] = true;
}

/* --- legs --- */

static enum rc
leg_cancel(struct acting *a, uint64_t id, enum state from, struct err *err)
{
	struct spool *s = a->b->s;
	struct entry e = { .kind = ENTRY_CANCELLED,
		.answer = {
		    .level = LEVEL_TRANSPORT, .outcome = OUTCOME_FAILED } };
	struct leg_row r;
	enum rc rc = edge_check(from, STATE_leg_CANCELLED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_LEG_CANCEL, "tii", why_text(a, "cancelled"),
	    spool_wall(s), (int64_t)id);
	rc = leg_get(s, id, &r, err);
	return rc == RC_OK ? leg_answer(a->b, &r, &e, err) : rc;
}

static enum rc
leg_act(struct acting *a, const struct view_row *r, struct err *err)
{
	struct spool *s = a->b->s;
	bool hold = a->op->verb == OPERATE_hold;
	enum rc rc;

	touch(a, r->partner);
	a->out->done++;
	if (a->op->verb == OPERATE_cancel)
		return leg_cancel(a, r->id, r->state, err);
	rc = edge_check(
	    r->state, hold ? STATE_leg_HELD : STATE_leg_WRITTEN, err);
	if (rc == RC_OK && hold)
		journal_run(&s->j, SQL_LEG_HOLD, "tii", why_text(a, "held"),
		    spool_wall(s), (int64_t)r->id);
	else if (rc == RC_OK)
		journal_run(
		    &s->j, SQL_LEG_RELEASE, "ii", (int64_t)r->id, wake_now(s));
	if (rc == RC_OK && !hold) /* one not written yet is planned again */
		batch_after(a->b, AFTER_WAKE, r->id, -1);
	return rc;
}

/* --- deliveries --- */

/* None of its legs is out: their filers are told, and may file again. */
static enum rc
delivery_cancel(struct acting *a, const struct view_row *r, struct err *err)
{
	struct spool *s = a->b->s;
	enum rc rc = edge_check(r->state, STATE_delivery_CANCELLED, err);
	int64_t id = 0;

	while (rc == RC_OK && slice_is(r->kind, "legs")) {
		struct leg_row leg;

		id = journal_number(
		    &s->j, SQL_LEG_OF_DELIVERY, 0, "ii", (int64_t)r->id, id);
		if (id == 0)
			break;
		rc = leg_get(s, (uint64_t)id, &leg, err);
		if (rc == RC_OK && leg.state == STATE_leg_BOUND)
			rc = leg_cancel(a, leg.id, leg.state, err);
	}
	if (rc == RC_OK)
		journal_run(&s->j, SQL_DELIVERY_CANCEL, "tii",
		    why_text(a, "cancelled"), spool_wall(s), (int64_t)r->id);
	batch_after(a->b, AFTER_WAKE, r->id, partner_index(s, r->partner));
	touch(a, r->partner);
	return rc;
}

/*
 * What the partner's folder would say, of the delivery that a person names. It
 * is picked up: one that stands there still might be taken after we gave it up.
 */
static enum rc
delivery_refuse(struct acting *a, const struct view_row *r, struct err *err)
{
	struct spool *s = a->b->s;
	enum rc rc = edge_check(r->state, STATE_delivery_FAILED, err);
	char id[ID_TEXT];

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_DELIVERY_REJECTED, "tii", why_text(a, "refused"),
	    spool_wall(s), (int64_t)r->id);
	batch_after(a->b, AFTER_WAKE, r->id, partner_index(s, r->partner));
	event_add(s, "delivery.rejected delivery=%s partner=%.*s",
	    id_print(r->id, id), SLICE_ARG(r->partner));
	return legs_undeliverable(a->b, r->id, ENTRY_REJECTED, err);
}

static enum rc
delivery_free(struct acting *a, const struct view_row *r, struct err *err)
{
	struct spool *s = a->b->s;
	bool whole = journal_number(&s->j, SQL_DELIVERY_WHOLE, 0, "i",
			 (int64_t)r->id) != 0;
	enum rc rc = edge_check(r->state,
	    whole ? STATE_delivery_READY : STATE_delivery_PLANNED, err);

	if (rc == RC_OK)
		journal_run(&s->j, SQL_DELIVERY_FREE, "tii",
		    slice_of(whole ? "ready" : "planned"), (int64_t)r->id,
		    whole ? spool_time(s) : (int64_t)0);
	batch_after(a->b, AFTER_WELL, r->id, partner_index(s, r->partner));
	batch_after(a->b, AFTER_WAKE, r->id, partner_index(s, r->partner));
	return rc;
}

static enum rc
delivery_act(struct acting *a, const struct view_row *r, struct err *err)
{
	struct spool *s = a->b->s;
	enum rc rc;

	if (is_out(s->sched, r->id)) {
		a->out->busy++;
		return RC_OK;
	}
	a->out->done++;
	a->out->legs += slice_is(r->kind, "legs") ? r->count : 0;
	if (a->op->verb == OPERATE_cancel)
		return delivery_cancel(a, r, err);
	if (a->op->verb == OPERATE_again)
		return delivery_same(a->b, r->id, err);
	if (a->op->verb == OPERATE_refuse)
		return delivery_refuse(a, r, err);
	if (a->op->verb != OPERATE_hold)
		return delivery_free(a, r, err);
	rc = edge_check(r->state, STATE_delivery_HELD, err);
	if (rc == RC_OK)
		journal_run(&s->j, SQL_DELIVERY_HELD, "tii",
		    why_text(a, "held"), spool_wall(s), (int64_t)r->id);
	batch_after(a->b, AFTER_WAKE, r->id, partner_index(s, r->partner));
	return rc;
}

/* --- arrivals --- */

static enum rc
arrival_redo(struct acting *a, uint64_t id, struct err *err)
{
	struct spool *s = a->b->s;
	char text[ID_TEXT];
	enum state from;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_STATE, "i", (int64_t)id);
	enum rc rc;

	if (st == NULL)
		return err_set(
		    err, RC_REFUSED, "no arrival '%s'", id_print(id, text));
	from = state_find(MACHINE_arrival, column_slice(st, 0));
	journal_end(st);
	a->out->done++;
	if (from == STATE_arrival_ACCEPTED)
		return RC_OK; /* by another thing of the same file */
	rc = edge_check(from, STATE_arrival_ACCEPTED, err);
	if (rc == RC_OK)
		journal_run(&s->j, SQL_ARRIVAL_REDO, "i", (int64_t)id);
	batch_after(a->b, AFTER_WAKE, id, -1);
	return rc;
}

static uint64_t
arrival_of(struct spool *s, const struct view_row *r)
{
	if (r->machine == MACHINE_arrival)
		return r->id;
	if (r->machine == MACHINE_filing)
		return r->up;
	return (uint64_t)journal_number(
	    &s->j, SQL_ARRIVAL_OF_LEG, 0, "i", (int64_t)r->id);
}

/* --- receipts --- */

static enum rc
receipt_act(struct acting *a, const struct view_row *r, struct err *err)
{
	struct slice why = why_text(a, "discarded");
	char *text = arena_str(a->b->s->mem, why);

	a->out->done++;
	if (a->op->verb == OPERATE_attach)
		return receipt_attach(a->b, r->id, a->op->leg, err);
	return parked_end(a->b, r->id, STATE_receipt_DISCARDED, 0,
	    text == NULL ? "" : text, err);
}

enum rc
operate_one(struct acting *a, const struct view_row *r, struct err *err)
{
	if (a->op->verb == OPERATE_redo)
		return arrival_redo(a, arrival_of(a->b->s, r), err);
	switch (r->machine) {
	case MACHINE_leg:
		return leg_act(a, r, err);
	case MACHINE_delivery:
		return delivery_act(a, r, err);
	case MACHINE_receipt:
		return receipt_act(a, r, err);
	default:
		return err_set(err, RC_BROKEN, "no way to %s a %s",
		    operate_name(a->op->verb), machine_name(r->machine));
	}
}

enum rc
operate_end(struct acting *a, struct err *err)
{
	struct spool *s = a->b->s;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < s->conf->npartners && rc == RC_OK; i++)
		if (a->touched[i] && s->conf->partner[i].agency)
			rc = legs_bind_waiting(
			    a->b, slice_of(s->conf->partner[i].name), 0, err);
	return rc;
}
