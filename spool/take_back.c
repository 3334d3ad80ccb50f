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

enum rc
leg_unbind(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct spool *s = b->s;
	struct bound d;

	if (r->state != STATE_leg_BOUND || !bound_get(s, r->delivery, &d))
		return RC_OK;
	if (d.legs == 1)
		return delivery_end(b, r, d.state, err);
	journal_run(&s->j, SQL_DELIVERY_LESS, "ii", (int64_t)r->delivery,
	    (int64_t)r->id);
	journal_run(&s->j, SQL_LEG_UNBIND, "i", (int64_t)r->id);
	return journal_rc(&s->j, err);
}

enum rc
leg_spent(struct batch *b, const struct leg_row *r, struct err *err)
{
	struct bound d;

	if (!bound_get(b->s, r->delivery, &d) || d.legs != 1 ||
	    d.state != STATE_delivery_FAILED)
		return RC_OK;
	return delivery_end(b, r, d.state, err);
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
