/*
 * spool/delivery_pick.c - the next delivery that may be staged: partners take
 * turns; window, order under one name, order of one file's replies, retry
 * times. A partner that failed gets one probe when its time has come, and
 * everything else of it waits for that. Called by the role spool.
 */
#include "spool/scheduler.h"
#include "spool/delivery.h"
#include "spool/body.h"
#include "spool/file.h"

#define SCAN_MAX 1000

bool
partner_full(const struct spool *s, unsigned int i)
{
	const struct partner_now *p = &s->sched->partner[i];
	uint32_t window = conf_window(&s->conf->partner[i]);

	return window > 0 && p->standing + p->flying >= window;
}

/* Outside its hours it is left alone; we look again when they begin. */
static bool
hours_open(struct spool *s, const struct hours *h, int64_t now)
{
	int64_t wall = spool_wall(s);
	int64_t at = h == NULL ? wall : hours_open_at(h, wall);

	if (at == wall)
		return true;
	if (at == HOURS_NEVER)
		return false;
	at = now + at - wall;
	if (s->sched->due == 0 || at < s->sched->due)
		s->sched->due = at;
	return false;
}

static bool
partner_open(struct spool *s, unsigned int i, int64_t now)
{
	const struct partner_now *p = &s->sched->partner[i];

	if (p->idle || p->paused || p->flying >= FLIGHTS_PARTNER ||
	    partner_full(s, i))
		return false;
	if (p->gate != 0 && (now < p->gate || p->flying > 0))
		return false;
	return hours_open(s, s->conf->partner[i].hours, now);
}

/*
 * Does another one stand in its way? One that goes again goes behind what is
 * out: what is taken back from the folder by its name is that one's.
 */
static bool
must_wait(struct spool *s, struct slice partner, uint64_t id, struct slice name,
    uint64_t arrival)
{
	if (journal_number(&s->j, SQL_DELIVERY_SAME_NAME, 0, "tti", partner,
		name, (int64_t)id) != 0)
		return true;
	return arrival != 0 &&
	       journal_number(&s->j, SQL_DELIVERY_SAME_ARRIVAL, 0, "iti",
		   (int64_t)arrival, partner, (int64_t)id) != 0;
}

static void
out_fill(sqlite3_stmt *st, struct delivery_out *d, struct arena *mem)
{
	struct slice kind = column_slice(st, 3);

	*d = (struct delivery_out){ .id = column_id(st, 0),
		.name = column_dup(st, 1, mem),
		.partner = column_dup(st, 2, mem),
		.attempt = (uint32_t)column_int(st, 5) + 1 };
	d->reply = !slice_is(kind, "legs") && !slice_is(kind, "forward");
}

struct place {
	uint64_t body, at, len;
	uint32_t parts;
};

/* Its control number is the next one, where that matters. */
static bool
number_waits(struct spool *s, struct slice partner, sqlite3_stmt *st)
{
	return column_int(st, 10) != 0 &&
	       journal_number(&s->j, SQL_DELIVERY_BEFORE, 0, "tti", partner,
		   column_slice(st, 11), column_int(st, 12)) != 0;
}

/* May this one go now? It is in d and body then. */
static bool
ready_take(struct spool *s, struct slice partner, uint64_t id, int64_t now,
    struct delivery_out *d, struct place *body, struct arena *mem)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_DELIVERY_READY, "i", (int64_t)id);
	int64_t next = st == NULL ? 0 : column_int(st, 6);
	bool may;

	if (st == NULL)
		return false;
	if (next > now && (s->sched->due == 0 || next < s->sched->due))
		s->sched->due = next;
	may =
	    next <= now &&
	    !must_wait(s, partner, id, column_slice(st, 1), column_id(st, 4)) &&
	    !number_waits(s, partner, st);
	if (may) {
		out_fill(st, d, mem);
		*body = (struct place){ column_id(st, 7), column_id(st, 8),
			column_id(st, 9), (uint32_t)column_int(st, 13) };
	}
	journal_end(st);
	return may;
}

/*
 * Ready ones of a partner behind the cursor; true when one was found. Files
 * that wait behind another of their name may be many: after some of them the
 * scan goes on at the next call, so that no partner holds up the others.
 */
static bool
scan(struct spool *s, unsigned int i, int64_t now, struct delivery_out *d,
    struct place *body, struct arena *mem, bool *more)
{
	struct partner_now *p = &s->sched->partner[i];
	struct slice partner = slice_of(s->conf->partner[i].name);
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_DELIVERIES_READY, "ti", partner, (int64_t)p->cursor);

	for (unsigned int n = 0; st != NULL; n++) {
		uint64_t id = column_id(st, 0);

		if (n == SCAN_MAX) {
			journal_end(st);
			*more = true;
			break;
		}
		p->cursor = id;
		if (!flight_is(s->sched, id) &&
		    ready_take(s, partner, id, now, d, body, mem)) {
			journal_end(st);
			return true;
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return false;
}

static bool
partner_next(struct spool *s, unsigned int i, int64_t now,
    struct delivery_out *d, struct place *body, struct arena *mem)
{
	struct partner_now *p = &s->sched->partner[i];
	bool more = false;

	if (!partner_open(s, i, now))
		return false;
	if (scan(s, i, now, d, body, mem, &more))
		return true;
	if (!more && p->cursor != 0) {
		p->cursor = 0; /* once more from the front */
		if (scan(s, i, now, d, body, mem, &more))
			return true;
	}
	if (more) {
		s->sched->due = now; /* soon again */
		return false;
	}
	p->cursor = 0;
	p->idle = s->j.rc == RC_OK; /* else it was not looked at */
	return false;
}

/* A damaged body holds its delivery, not the spool. */
static enum rc
body_load(struct spool *s, struct delivery_out *d, const struct place *body,
    struct arena *mem, struct err *err)
{
	bool whole = body->parts == 0 && body->len <= BODY_FILE;
	enum rc rc = whole ? body_part(s, body->body, body->at, body->len, mem,
				 &d->body, err)
			   : pieces_load(s,
				 &(struct delivery_piece){ .body = body->body,
				     .at = body->at,
				     .len = body->len },
				 d, mem, err);
	struct batch *b = s->own;
	struct err why = *err, ignored;
	struct step st;

	if (rc != RC_REFUSED)
		return rc;
	delivery_failed(b, d->id, RC_REFUSED, why.text, &st);
	rc = batch_commit(b, &ignored);
	if (rc != RC_OK)
		return rc;
	*err = why;
	return RC_LATER;
}

enum rc
spool_next_delivery(
    struct spool *s, struct delivery_out *d, struct arena *mem, struct err *err)
{
	struct scheduler *sc = s->sched;
	int64_t now = spool_time(s);
	struct place body;
	enum rc rc = scheduler_fresh(s, err);

	if (rc != RC_OK)
		return rc;
	if (sc->nflights == FLIGHTS_MAX)
		return err_set(err, RC_LATER, "%u in flight", FLIGHTS_MAX);
	for (unsigned int n = 0; n < sc->npartners; n++) {
		unsigned int i = (sc->turn_deliver + n) % sc->npartners;

		if (!partner_next(s, i, now, d, &body, mem))
			continue;
		sc->turn_deliver = i + 1;
		rc = body_load(s, d, &body, mem, err);
		if (rc != RC_OK)
			return rc;
		sc->flight[sc->nflights++] = (struct flight){ d->id, (int)i };
		sc->partner[i].flying++;
		return RC_OK;
	}
	if (journal_rc(&s->j, err) != RC_OK) {
		rc = s->j.rc;
		journal_clear(&s->j);
		return rc;
	}
	return err_set(err, RC_LATER, "nothing to deliver");
}

void
spool_delivery_back(struct spool *s, uint64_t delivery)
{
	struct after gone = { AFTER_FLIGHT_GONE, delivery, -1 };
	struct after wake = { AFTER_WAKE, 0, -1 };

	scheduler_after(s, &gone);
	scheduler_after(s, &wake);
}

void
spool_flights_lost(struct spool *s)
{
	struct scheduler *sc = s->sched;

	sc->nflights = 0;
	for (unsigned int i = 0; i < sc->npartners; i++) {
		sc->partner[i].flying = 0;
		sc->partner[i].cursor = 0;
		sc->partner[i].idle = false;
	}
}
