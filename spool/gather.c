/*
 * spool/gather.c - one status for one arrival: it stays open while a leg of
 * the arrival is not over, and takes what comes. The row that is open was
 * written with the first answer, so that a stop forgets none; its time is in
 * it. Trusts the rows. Called by tell.c, by each step at its end, and by due.c.
 */
#include "spool/delivery.h"
#include "spool/tell.h"
#include "src/status/status.h"

/* The first filing from this one on with a leg that is not over; 0: none. */
static uint64_t
open_from(struct spool *s, uint64_t arrival, uint64_t from)
{
	uint64_t filing = 0;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_LEGS_FROM, "ii", (int64_t)arrival, (int64_t)from);

	while (st != NULL && filing == 0) {
		enum state is = state_find(MACHINE_leg, column_slice(st, 1));

		if (!state_final(is) &&
		    !outcome_settles(outcome_find(column_slice(st, 2))))
			filing = column_id(st, 0);
		else if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return filing;
}

/*
 * A file of ten thousand is answered one by one: where the last look ended the
 * next one begins. Only a hint: that all are over is said after a look at all.
 */
static bool
legs_open(struct spool *s, uint64_t arrival)
{
	struct gather_hint *h = &s->gather_hint[arrival % GATHER_HINTS];
	uint64_t from = h->arrival == arrival ? h->filing : 0;
	uint64_t filing = open_from(s, arrival, from);

	if (filing == 0 && from != 0)
		filing = open_from(s, arrival, 0);
	*h = (struct gather_hint){ arrival, filing };
	return filing != 0;
}

enum rc
gather_tell(struct batch *b, uint64_t delivery, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc =
	    edge_check(STATE_delivery_OPEN, STATE_delivery_PLANNED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_STATUS_CLOSE, "ii", spool_wall(s), (int64_t)delivery);
	batch_after(b, AFTER_WAKE, delivery, -1);
	return RC_OK;
}

enum rc
gather_end(struct batch *b, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < b->ngathered && rc == RC_OK; i++) {
		uint64_t arrival = b->gathered[i];
		int64_t id = journal_number(
		    &s->j, SQL_STATUS_GATHERS, 0, "i", (int64_t)arrival);

		if (id != 0 && !legs_open(s, arrival))
			rc = gather_tell(b, (uint64_t)id, err);
	}
	b->ngathered = 0;
	return rc;
}

enum rc
gather_touch(struct batch *b, uint64_t arrival, struct err *err)
{
	enum rc rc = RC_OK;

	/* Mostly a step's answers are of one arrival. */
	for (unsigned int i = b->ngathered; i > 0; i--)
		if (b->gathered[i - 1] == arrival)
			return RC_OK;
	if (b->ngathered == GATHERED_MAX)
		rc = gather_end(b, err);
	b->gathered[b->ngathered++] = arrival;
	return rc;
}
