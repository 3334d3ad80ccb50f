/*
 * spool/take_back.c - a leg that is not out yet is taken back: out of its lane,
 * or out of a delivery that nobody has in hand. Trusts the rows and what the
 * scheduler has handed out. Called by amend.c, verdict.c and filing.c.
 */
#include "spool/joint.h"
#include "spool/claims.h"

enum rc
legs_settle(struct reading *r, uint64_t filing, struct err *err)
{
	struct spool *s = r->b->s;
	uint64_t legs[JOINT_LEGS];
	unsigned int n = r->bind->n == 0 ? 0 : joint_legs(s, filing, legs);
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < n && rc == RC_OK; i++) {
		struct leg_row old;

		rc = leg_get(s, legs[i], &old, err);
		if (rc == RC_OK)
			rc = bind_settle(r->b, r->bind, &old, err);
	}
	return rc;
}

/* The delivery that a leg is bound into. */
struct bound {
	enum state state;
	uint32_t legs;
	bool gapless;
};

static bool
bound_get(struct spool *s, uint64_t delivery, struct bound *d)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_DELIVERY_BOUND, "i", (int64_t)delivery);

	if (st == NULL)
		return false;
	d->state = state_find(MACHINE_delivery, column_slice(st, 0));
	d->legs = (uint32_t)column_int(st, 1);
	d->gapless = column_int(st, 2) != 0;
	journal_end(st);
	return true;
}

/*
 * What is wrapped is wrapped; a number drawn without a gap is not given back;
 * what somebody has in hand may be out by now.
 */
static bool
bound_loose(struct spool *s, uint64_t delivery)
{
	struct bound d;

	if (!bound_get(s, delivery, &d) || subject_out(s->sched, delivery) ||
	    flight_is(s->sched, delivery))
		return false;
	if (d.state == STATE_delivery_OPEN)
		return true;
	if (d.legs > 1)
		return d.state == STATE_delivery_PLANNED;
	return !d.gapless && (d.state == STATE_delivery_PLANNED ||
				 d.state == STATE_delivery_READY ||
				 d.state == STATE_delivery_HELD);
}

bool
leg_is_in(struct spool *s, const struct leg_row *r)
{
	if (r->state == STATE_leg_BOUND)
		return bound_loose(s, r->delivery);
	return r->state == STATE_leg_WAITING || r->state == STATE_leg_WRITTEN ||
	       r->state == STATE_leg_HELD;
}

/* Was the answer that counts our own: that it could not be delivered? */
static bool
answer_ours(const struct leg_row *r)
{
	struct slice rest = r->history;
	struct entry e;

	while (history_next(&rest, &e))
		if (e.answer.seq == r->now.seq)
			return e.kind == ENTRY_UNDELIVERABLE ||
			       e.kind == ENTRY_REJECTED;
	return false;
}

/* An answer moves what is bound: one that is bound still had it before. */
bool
leg_reopened(struct spool *s, const struct leg_row *r)
{
	bool early = r->state == STATE_leg_BOUND;
	struct bound d;

	if (!outcome_reopens(r->now.outcome) || r->state == STATE_leg_EXPIRED)
		return false;
	if (r->state == STATE_leg_CANCELLED || !bound_get(s, r->delivery, &d))
		return true;
	switch (d.state) {
	case STATE_delivery_FAILED:
	case STATE_delivery_CANCELLED:
		return true;
	case STATE_delivery_PUBLISHED:
	case STATE_delivery_PICKED:
		return !early && !answer_ours(r);
	default:
		return bound_loose(s, r->delivery);
	}
}

static enum rc
delivery_end(
    struct batch *b, const struct leg_row *r, enum state from, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = edge_check(from, STATE_delivery_CANCELLED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_DELIVERY_CANCEL, "tii",
	    SLICE_LIT("its filer took back what was in it"), spool_wall(s),
	    (int64_t)r->delivery);
	batch_after(b, AFTER_WAKE, r->delivery, partner_index(s, r->agency));
	return journal_rc(&s->j, err);
}

static enum rc
bound_less(struct batch *b, const struct leg_row *r, const struct bound *d,
    struct err *err)
{
	struct spool *s = b->s;

	if (d->legs == 1)
		return delivery_end(b, r, d->state, err);
	journal_run(&s->j, SQL_DELIVERY_LESS, "ii", (int64_t)r->delivery,
	    (int64_t)r->id);
	journal_run(&s->j, SQL_LEG_UNBIND, "i", (int64_t)r->id);
	return journal_rc(&s->j, err);
}

enum rc
leg_unbind(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct bound d;

	if (r->state != STATE_leg_BOUND || !bound_get(b->s, r->delivery, &d))
		return RC_OK;
	return bound_less(b, r, &d, err);
}

enum rc
leg_spent(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct bound d;
	enum rc rc;

	if (!bound_get(b->s, r->delivery, &d))
		return RC_OK;
	if (d.state == STATE_delivery_FAILED)
		return d.legs == 1 ? delivery_end(b, r, d.state, err) : RC_OK;
	if (r->state == STATE_leg_BOUND || !outcome_reopens(r->now.outcome) ||
	    !bound_loose(b->s, r->delivery))
		return RC_OK;
	rc = bound_less(b, r, &d, err);
	/* its lane was taken again when it was to be tried again */
	return rc == RC_OK ? legs_bind_waiting(b, r->agency, r->id, err) : rc;
}

enum rc
leg_drop(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct spool *s = b->s;
	struct entry e = { .kind = ENTRY_CANCELLED,
		.answer = {
		    .level = LEVEL_TRANSPORT, .outcome = OUTCOME_FAILED } };
	struct leg_row now;
	char id[ID_TEXT];
	enum rc rc = edge_check(r->state, STATE_leg_CANCELLED, err);

	if (rc == RC_OK)
		rc = leg_unbind(b, r, err);
	if (rc == RC_OK)
		rc = leg_spent(b, r, err);
	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_LEG_CANCEL, "tii",
	    SLICE_LIT("cancelled by its filer"), spool_wall(s), (int64_t)r->id);
	event_add(s, "leg.outdated leg=%s agency=%.*s by=filer",
	    id_print(r->id, id), SLICE_ARG(r->agency));
	rc = leg_get(s, r->id, &now, err);
	if (rc == RC_OK)
		rc = leg_answer(b, &now, &e, err);
	return rc == RC_OK ? legs_bind_waiting(b, r->agency, r->id, err) : rc;
}
