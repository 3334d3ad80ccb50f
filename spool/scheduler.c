/*
 * spool/scheduler.c - what is out now, and what the journal says of each
 * partner; trusts the journal alone: after anything was rolled back the
 * numbers are read again. Called by the batch and the pickers.
 */
#include "spool/scheduler.h"
#include "spool/operate.h"
#include <stdlib.h>
#include <string.h>

int
partner_index(const struct spool *s, struct slice name)
{
	for (unsigned int i = 0; i < s->conf->npartners; i++)
		if (slice_is(name, s->conf->partner[i].name))
			return (int)i;
	return -1;
}

/* Standing files, and whom we are to leave alone for a while (I15). */
static void
partner_load(struct spool *s, unsigned int i)
{
	struct scheduler *sc = s->sched;
	struct partner_now *p = &sc->partner[i];
	struct slice name = slice_of(s->conf->partner[i].name);
	uint32_t flying = 0;

	for (unsigned int n = 0; n < sc->nflights; n++)
		if (sc->flight[n].partner == (int)i)
			flying++;
	*p = (struct partner_now){ .flying = flying };
	p->standing = (uint32_t)journal_number(
	    &s->j, SQL_DELIVERY_STANDING_COUNT, 0, "t", name);
	p->paused = (partner_paused(s, name) & PAUSE_DELIVERY) != 0;
	p->listed = (int32_t)journal_number(
	    &s->j, SQL_DRAWN, 0, "tt", name, SLICE_LIT("list"));
	p->gate = journal_number(&s->j, SQL_DELIVERY_GATE, 0, "t", name);
	for (unsigned int n = 0; n < sc->norders; n++)
		if (sc->order[n].partner == (int)i) {
			p->orders++;
			p->order_bytes += sc->order[n].bytes;
		}
}

enum rc
scheduler_fresh(struct spool *s, struct err *err)
{
	struct scheduler *sc = s->sched;
	enum rc rc;

	if (!sc->stale)
		return RC_OK;
	if (sc->npartners != s->conf->npartners || sc->partner == NULL) {
		free(sc->partner);
		sc->npartners = s->conf->npartners;
		sc->partner = calloc(sc->npartners + 1, sizeof(*sc->partner));
		if (sc->partner == NULL) {
			sc->npartners = 0;
			return err_set(err, RC_LATER, "no memory");
		}
	}
	for (unsigned int i = 0; i < sc->npartners; i++)
		partner_load(s, i);
	rc = journal_rc(&s->j, err);
	journal_clear(&s->j);
	sc->stale = rc != RC_OK;
	sc->orders_idle = false;
	return rc;
}

enum rc
scheduler_new(struct spool *s, struct err *err)
{
	s->sched = calloc(1, sizeof(*s->sched));
	if (s->sched == NULL)
		return err_set(err, RC_LATER, "no memory");
	s->sched->stale = true;
	return scheduler_fresh(s, err);
}

void
scheduler_free(struct spool *s)
{
	if (s->sched == NULL)
		return;
	free(s->sched->partner);
	free(s->sched);
	s->sched = NULL;
}

void
scheduler_stale(struct spool *s)
{
	if (s->sched != NULL)
		s->sched->stale = true;
}

static int
index_in(const struct conf *next, const struct conf *last, int i)
{
	for (unsigned int n = 0; i >= 0 && n < next->npartners; n++)
		if (strcmp(next->partner[n].name, last->partner[i].name) == 0)
			return (int)n;
	return -1;
}

void
scheduler_reconf(struct spool *s, const struct conf *next)
{
	struct scheduler *sc = s->sched;

	for (unsigned int i = 0; i < sc->norders; i++)
		sc->order[i].partner =
		    index_in(next, s->conf, sc->order[i].partner);
	for (unsigned int i = 0; i < sc->nflights; i++)
		sc->flight[i].partner =
		    index_in(next, s->conf, sc->flight[i].partner);
	free(sc->partner);
	sc->partner = NULL;
	sc->npartners = 0;
	sc->stale = true;
}

bool
flight_is(const struct scheduler *sc, uint64_t id)
{
	for (unsigned int i = 0; i < sc->nflights; i++)
		if (sc->flight[i].id == id)
			return true;
	return false;
}

struct order_out *
order_find(struct spool *s, uint64_t id)
{
	struct scheduler *sc = s->sched;

	for (unsigned int i = 0; i < sc->norders; i++)
		if (sc->order[i].id == id)
			return &sc->order[i];
	return NULL;
}

/* NULL: one that the configuration does not name any more. */
static struct partner_now *
partner_of(struct scheduler *sc, int i)
{
	return i >= 0 && (unsigned int)i < sc->npartners ? &sc->partner[i]
							 : NULL;
}

/* Numbers that are stale are read again anyway. */
static void
order_uncount(struct partner_now *p, uint64_t bytes)
{
	if (p == NULL)
		return;
	if (p->orders > 0)
		p->orders--;
	p->order_bytes -= bytes < p->order_bytes ? bytes : p->order_bytes;
}

static void
order_gone(struct scheduler *sc, uint64_t id)
{
	for (unsigned int i = 0; i < sc->norders; i++) {
		if (sc->order[i].id != id)
			continue;
		order_uncount(
		    partner_of(sc, sc->order[i].partner), sc->order[i].bytes);
		sc->order[i] = sc->order[--sc->norders];
		break;
	}
	sc->orders_idle = false;
}

static void
flight_gone(struct scheduler *sc, uint64_t id)
{
	struct partner_now *p;

	for (unsigned int i = 0; i < sc->nflights; i++) {
		if (sc->flight[i].id != id)
			continue;
		p = partner_of(sc, sc->flight[i].partner);
		if (p != NULL && p->flying > 0)
			p->flying--;
		sc->flight[i] = sc->flight[--sc->nflights];
		return;
	}
}

static void
wake(struct scheduler *sc, int partner)
{
	for (unsigned int i = 0; i < sc->npartners; i++)
		if (partner < 0 || (unsigned int)partner == i)
			sc->partner[i].idle = false;
	sc->orders_idle = false;
}

void
scheduler_after(struct spool *s, const struct after *a)
{
	struct scheduler *sc = s->sched;
	struct partner_now *p = NULL;

	if (sc == NULL)
		return;
	p = partner_of(sc, a->partner);
	switch (a->kind) {
	case AFTER_ORDER_GONE:
		order_gone(sc, a->id);
		break;
	case AFTER_FLIGHT_GONE:
		flight_gone(sc, a->id);
		break;
	case AFTER_STANDS:
		if (p != NULL)
			p->standing++;
		flight_gone(sc, a->id); /* the folder's window counts it */
		break;
	case AFTER_FREED:
		if (p != NULL && p->standing > 0)
			p->standing--;
		if (p != NULL)
			p->full_t = 0; /* somebody picks up */
		break;
	case AFTER_WELL:
		if (p != NULL && p->gate != 0) {
			p->gate = 0;
			wake(sc, a->partner);
		}
		break;
	case AFTER_WAKE:
		wake(sc, a->partner);
		break;
	}
}

/* Kept in memory and in the row's next_t: a restart does not forget it. */
void
partner_gate(struct spool *s, int partner, int64_t at, uint64_t probe)
{
	struct partner_now *p = &s->sched->partner[partner];

	if ((unsigned int)partner >= s->sched->npartners)
		return; /* read from the rows before the next one goes out */
	p->gate = at;
	p->probe = probe;
	if (s->sched->due == 0 || at < s->sched->due)
		s->sched->due = at;
}
