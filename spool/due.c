/*
 * spool/due.c - what time does: answers that are overdue, receipts nobody
 * claims, segments past their keep. All by spool time, so a clock that jumps
 * expires nothing (I34). Called by the role spool when nothing else waits.
 */
#include "spool/due.h"
#include "spool/attach.h"
#include "spool/delivery.h"
#include "spool/joint.h"
#include "spool/list.h"
#include "spool/retention.h"
#include "spool/scheduler.h"
#include "spool/tell.h"
#include <string.h>
#include "src/base/log.h"

#define GRACE_MS  60000 /* after a start: receipts that lie there come first */
#define FILES_MS  2000  /* and files that documents wait for */
#define FULL_MS   60000 /* a window stands full so long: it is told */
#define PAGE      100
#define PARKED_MS (INT64_C(30) * 24 * 3600 * 1000)
#define LOOK_MS   3600000 /* the longest until the next look */
#define BAD_MS    1000    /* what could not be done is not tried before */

/* The leg's row and, when it was never answered, its state. */
static enum rc
leg_overdue(
    struct batch *b, const struct leg_row *r, bool decision, struct err *err)
{
	struct spool *s = b->s;
	bool silent = r->state == STATE_leg_BOUND;
	struct entry e = { .kind = silent ? ENTRY_EXPIRED : ENTRY_OVERDUE,
		.effect = ANSWER_LATE,
		.wall_ms = spool_wall(s) };
	char id[ID_TEXT];
	struct buf h;
	enum rc rc = RC_OK;

	if (silent)
		rc = edge_check(r->state, STATE_leg_EXPIRED, err);
	if (rc != RC_OK)
		return rc;
	e.answer.seq = (uint64_t)++s->answer;
	rc = leg_history(&h, r, &e, err);
	journal_run(&s->j, SQL_LEG_OVERDUE, "tbii",
	    slice_of(state_name(silent ? STATE_leg_EXPIRED : r->state)),
	    buf_look(&h), silent ? spool_wall(s) : (int64_t)0, (int64_t)r->id);
	buf_clear(&h);
	if (rc != RC_OK)
		return rc;
	event_add(s, "leg.overdue leg=%s agency=%.*s level=%s",
	    id_print(r->id, id), SLICE_ARG(r->agency),
	    decision ? "decision" : "technical");
	return tell_status(b, r->arrival, r->filer, r->test, err);
}

/* It waits for another leg as long as it may: told, and perhaps given up. */
static enum rc
leg_waited(struct batch *b, uint64_t leg, struct err *err)
{
	struct spool *s = b->s;
	struct entry e = { .effect = ANSWER_LATE, .wall_ms = spool_wall(s) };
	struct leg_row r;
	char id[ID_TEXT];
	struct buf h;
	enum rc rc = leg_get(s, leg, &r, err);

	if (rc == RC_OK && r.wait_ends)
		rc = edge_check(r.state, STATE_leg_EXPIRED, err);
	if (rc != RC_OK)
		return rc;
	e.kind = r.wait_ends ? ENTRY_GIVEN_UP : ENTRY_WAITS;
	e.answer.seq = (uint64_t)++s->answer;
	rc = leg_history(&h, &r, &e, err);
	journal_run(&s->j, SQL_LEG_OVERDUE, "tbii",
	    slice_of(state_name(r.wait_ends ? STATE_leg_EXPIRED : r.state)),
	    buf_look(&h), r.wait_ends ? spool_wall(s) : (int64_t)0,
	    (int64_t)leg);
	buf_clear(&h);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_LEG_WAITED, "ii", (int64_t)r.wait_ends, (int64_t)leg);
	event_add(s, "leg.waited leg=%s agency=%.*s for=\"%.300s\" then=%s",
	    id_print(leg, id), SLICE_ARG(r.agency),
	    arena_str(s->mem, r.waits_for), r.wait_ends ? "end" : "wait");
	if (r.wait_ends && r.joint)
		rc = joint_wake(b, &r, err);
	if (rc == RC_OK)
		rc = tell_status(b, r.arrival, r.filer, r.test, err);
	if (rc == RC_OK && r.wait_ends) /* who stood behind it may go */
		rc = legs_bind_waiting(b, r.agency, leg, err);
	return rc;
}

/* Does it still lack the answer that is due now? */
static bool
leg_lacks(const struct leg_row *r, bool decision)
{
	if (r->next != 0 || r->answers >= HISTORY_MAX)
		return false;
	/* the last it heard of us was that it could not be delivered */
	if (r->state == STATE_leg_BOUND ||
	    (r->state == STATE_leg_ANSWERED &&
		r->now.level == LEVEL_TRANSPORT &&
		r->now.outcome == OUTCOME_FAILED))
		return true;
	return decision && r->state == STATE_leg_ANSWERED &&
	       r->now.level < LEVEL_DECISION &&
	       !outcome_reopens(r->now.outcome);
}

static enum rc
delivery_overdue(
    struct batch *b, uint64_t id, int64_t due, int64_t late, struct err *err)
{
	struct spool *s = b->s;
	bool decision = late != 0 && due >= late;
	enum rc rc = RC_OK;
	int64_t leg = 0;

	while (rc == RC_OK) {
		struct leg_row r;

		leg = journal_number(
		    &s->j, SQL_LEG_OF_DELIVERY, 0, "ii", (int64_t)id, leg);
		if (leg == 0)
			break;
		rc = leg_get(s, (uint64_t)leg, &r, err);
		if (rc == RC_OK && leg_lacks(&r, decision))
			rc = leg_overdue(b, &r, decision, err);
	}
	journal_run(&s->j, SQL_DELIVERY_DUE, "ii", decision ? (int64_t)0 : late,
	    (int64_t)id);
	return rc;
}

struct found {
	uint64_t id[PAGE];
	int64_t due[PAGE], late[PAGE];
	unsigned int n;
};

enum kind { KIND_OPEN, KIND_FILES, KIND_ANSWERS, KIND_LEGS, KIND_PARKED };

/* A page of them, behind those that could not be done a moment ago. */
static void
found_get(struct spool *s, enum kind k, int64_t upto, struct found *f)
{
	static const enum sql which[DUE_KINDS] = {
		[KIND_OPEN] = SQL_DELIVERY_OPEN_DUE,
		[KIND_FILES] = SQL_WAITING_DUES,
		[KIND_ANSWERS] = SQL_DELIVERY_DUES,
		[KIND_LEGS] = SQL_LEG_WAIT_DUES,
		[KIND_PARKED] = SQL_PARKED_OLD,
	};
	sqlite3_stmt *st;

	f->n = 0;
	st = journal_ask(&s->j, which[k], "iii", upto, (int64_t)PAGE,
	    (int64_t)s->due_past[k]);
	while (st != NULL) {
		f->id[f->n] = column_id(st, 0);
		f->due[f->n] = column_int(st, 1);
		f->late[f->n++] = column_int(st, 2);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	if (f->n > 0 || s->due_past[k] == 0)
		return;
	s->due_past[k] = 0; /* those were the last: from the front */
	found_get(s, k, upto, f);
}

typedef enum rc due_fn(
    struct batch *, const struct found *, unsigned int, struct err *);

static enum rc
delivery_one(
    struct batch *b, const struct found *f, unsigned int i, struct err *err)
{
	return delivery_overdue(b, f->id[i], f->due[i], f->late[i], err);
}

static enum rc
waited_one(
    struct batch *b, const struct found *f, unsigned int i, struct err *err)
{
	return leg_waited(b, f->id[i], err);
}

static enum rc
parked_one(
    struct batch *b, const struct found *f, unsigned int i, struct err *err)
{
	char id[ID_TEXT];
	enum rc rc = parked_end(b, f->id[i], STATE_receipt_DISCARDED, 0,
	    "nobody's for too long", err);

	if (rc == RC_OK)
		event_add(b->s, "receipt.discarded receipt=%s",
		    id_print(f->id[i], id));
	return rc;
}

static enum rc
open_one(
    struct batch *b, const struct found *f, unsigned int i, struct err *err)
{
	/* due: is it a status? */
	return f->due[i] != 0 ? gather_tell(b, f->id[i], err)
			      : bind_end(b, f->id[i], err);
}

/* Its window stands full and nobody picks up: told once. */
static void
full_tell(struct spool *s, int64_t now)
{
	for (unsigned int i = 0; i < s->sched->npartners; i++) {
		struct partner_now *p = &s->sched->partner[i];

		if (!partner_full(s, i)) {
			p->full_t = 0;
			p->told_full = false;
			continue;
		}
		if (p->full_t == 0)
			p->full_t = now;
		if (!p->told_full && now - p->full_t >= FULL_MS) {
			log_event(LOG_WARN, "delivery.full",
			    "partner=%s standing=%u", s->conf->partner[i].name,
			    p->standing);
			p->told_full = true;
		}
	}
}

/* It stays due: told, and tried again after a pause. */
static void
due_told(struct spool *s, const struct step *st)
{
	s->due_done |= st->rc == RC_OK;
	if (st->rc == RC_OK)
		return;
	log_rc("due", st->rc, &st->why);
	if (st->rc > s->due_rc)
		s->due_rc = st->rc;
}

/* A partner that makes no room: what waits for it longest is given up. */
static bool
stale_some(struct spool *s, struct batch *b)
{
	bool any = false, done = false;

	for (unsigned int i = 0; i < s->sched->npartners && !batch_full(b);
	     i++) {
		struct slice name = slice_of(s->conf->partner[i].name);
		struct step *st = &s->due_step[DUE_STEPS - 2];
		bool some = false;

		if (!partner_full(s, i) || s->sched->partner[i].paused || done)
			continue;
		if (step_begin(b, st))
			step_end(
			    b, st, delivery_stale(b, name, &some, &st->why));
		if (!some && st->rc == RC_OK)
			continue;
		due_told(s, st);
		done = st->rc == RC_OK;
		any = true;
	}
	return any;
}

static enum rc
waiting_one(
    struct batch *b, const struct found *f, unsigned int i, struct err *err)
{
	return attach_due(b, f->id[i], err);
}

/*
 * Each thing that is due is a step of its own; one bad one stops no other. A
 * page full of bad ones does not either: the next begins behind them, and after
 * the last it begins anew.
 */
static bool
due_some(struct spool *s, struct batch *b, struct step *steps, enum kind k,
    const struct found *f, due_fn *fn)
{
	unsigned int i = 0;

	for (; i < f->n && !batch_full(b); i++) {
		struct step *st = &steps[i];

		if (step_begin(b, st))
			step_end(b, st, fn(b, f, i, &st->why));
		due_told(s, st);
		s->due_past[k] += st->rc != RC_OK;
	}
	if (i == f->n && f->n < PAGE)
		s->due_past[k] = 0;
	return f->n > 0;
}

/* Lists whose time has come; *next: the first that is to come. */
static bool
lists_some(struct spool *s, struct batch *b, int64_t *next)
{
	int64_t wall = spool_wall(s), first = 0;
	struct step *st = &s->due_step[DUE_STEPS - 1];
	bool any = false, done = false;

	for (unsigned int i = 0; i < s->sched->npartners; i++) {
		int64_t at = 0;

		if (list_is_due(s, i, &at) && !done && !batch_full(b)) {
			if (step_begin(b, st))
				step_end(b, st, list_give(b, i, &st->why));
			due_told(s, st);
			done = st->rc == RC_OK;
			any = true;
		}
		if (at > wall && (first == 0 || at < first))
			first = at;
	}
	*next = first == 0 ? 0 : spool_time(s) + first - wall;
	return any;
}

static int64_t
due_next(struct spool *s, int64_t now)
{
	int64_t next = journal_number(&s->j, SQL_DUE_NEXT, now + LOOK_MS, "");
	int64_t open = journal_number(&s->j, SQL_DELIVERY_OPEN_NEXT, next, "");
	int64_t wait;

	if (open < next)
		next = open;
	if (s->conf->keep_days != 0 && s->retention_t < next)
		next =
		    s->retention_t < s->grace_t ? s->grace_t : s->retention_t;
	if (s->sched->due != 0 && s->sched->due < next)
		next = s->sched->due;
	wait = journal_number(&s->j, SQL_WAITING_NEXT, 0, "");
	if (wait != 0 && wait <= now)
		wait = now + 500; /* what may name it is still to be read */
	if (wait != 0 && wait < next)
		next = wait;
	wait = journal_number(&s->j, SQL_LEG_WAIT_NEXT, 0, "");
	if (wait != 0 && wait < next)
		next = wait;
	for (unsigned int i = 0; i < s->sched->npartners; i++) {
		const struct partner_now *p = &s->sched->partner[i];

		if (p->full_t != 0 && !p->told_full &&
		    p->full_t + FULL_MS < next)
			next = p->full_t + FULL_MS;
	}
	for (unsigned int i = 0; i < s->sched->npartners; i++)
		if (s->sched->partner[i].gate > now &&
		    s->sched->partner[i].gate < next)
			next = s->sched->due = s->sched->partner[i].gate;
	return next <= now ? now + 1 : next;
}

/* What cannot be done now keeps no other kind from its turn; our bug does. */
static bool
goes_on(const struct spool *s, const struct batch *b)
{
	return b->rc == RC_OK && s->due_rc != RC_BROKEN && !batch_full(b);
}

void
spool_due(struct spool *s, struct batch *b, int64_t *due)
{
	int64_t now = spool_time(s);
	struct found f;
	bool some = false, look;
	int64_t list = 0;

	*due = s->due_t;
	if (s->due_rc != RC_OK && now < s->due_t)
		return; /* the pause */
	s->due_rc = RC_OK;
	s->due_done = false;
	look = batch_steps(b) == 0 && now >= s->due_t;
	if (s->grace_t == 0)
		s->grace_t = now + GRACE_MS;
	if (s->sched->due != 0 && now >= s->sched->due) {
		struct after wake = { AFTER_WAKE, 0, -1 };

		s->sched->due = 0;
		scheduler_after(s, &wake);
	}
	full_tell(s, now);
	if (look) {
		found_get(s, KIND_OPEN, now, &f);
		some |= due_some(s, b, s->due_step, KIND_OPEN, &f, open_one);
		some |= lists_some(s, b, &list);
		if (list != 0 && (s->sched->due == 0 || list < s->sched->due))
			s->sched->due = list;
	}
	if (look && goes_on(s, b) && now >= s->grace_t - GRACE_MS + FILES_MS) {
		found_get(s, KIND_FILES, now, &f);
		some |=
		    due_some(s, b, s->due_step, KIND_FILES, &f, waiting_one);
	}
	if (look && goes_on(s, b) && now >= s->grace_t) {
		found_get(s, KIND_ANSWERS, now, &f);
		some |=
		    due_some(s, b, s->due_step, KIND_ANSWERS, &f, delivery_one);
		found_get(s, KIND_LEGS, now, &f);
		some |= due_some(s, b, s->due_step, KIND_LEGS, &f, waited_one);
		found_get(s, KIND_PARKED, now - PARKED_MS, &f);
		some |= due_some(
		    s, b, s->due_step + PAGE, KIND_PARKED, &f, parked_one);
		some |= stale_some(s, b);
		if (goes_on(s, b) && !s->due_done)
			some |= retention_some(s, b, &s->due_step[2 * PAGE]);
	}
	if (some)
		s->due_t = s->due_rc != RC_OK ? now + BAD_MS : now;
	else
		s->due_t = due_next(s, now);
	journal_clear(&s->j);
	*due = s->due_t;
}
