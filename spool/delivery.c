/*
 * spool/delivery.c - steps of a body on its way: staged, published, picked
 * up, failed, held. Trusts deliver for what it saw in the partner's folder.
 * Called by the role spool; new deliveries come from arrival.c, leg.c and
 * tell.c. A step that is told twice (after a restart) answers as before.
 */
#include "spool/delivery.h"
#include "spool/list.h"
#include "spool/body.h"
#include "spool/file.h"
#include "spool/leg.h"
#include "spool/scheduler.h"
#include <stdio.h>
#include <string.h>
#include "src/base/log.h"
#include "src/deliver/retry.h"

#define WHY_MAX 400

uint64_t
number_draw(struct spool *s, struct slice partner, const char *what)
{
	journal_run(&s->j, SQL_DRAW, "tt", partner, slice_of(what));
	return (uint64_t)journal_number(
	    &s->j, SQL_DRAWN, 0, "tt", partner, slice_of(what));
}

enum rc
delivery_add(struct batch *b, struct delivery_new *d, struct err *err)
{
	struct spool *s = b->s;
	int64_t ready = d->state == STATE_delivery_READY ? spool_wall(s) : 0;
	enum rc rc = edge_check(STATE_NONE, d->state, err);

	if (rc != RC_OK)
		return rc;
	if (d->id == 0)
		d->id = id_new(&s->ids);
	journal_run(&s->j, SQL_DELIVERY_ADD,
	    "ittittt"
	    "iiiiii"
	    "iiiii"
	    "iiii",
	    (int64_t)d->id, d->partner, slice_of(d->kind), (int64_t)d->arrival,
	    d->name, d->format, slice_of(state_name(d->state)),
	    (int64_t)d->test, (int64_t)d->number, (int64_t)d->body,
	    (int64_t)d->body_at, (int64_t)d->body_len, (int64_t)d->legs,
	    (int64_t)d->wrap, (int64_t)d->from_answer, (int64_t)d->upto_answer,
	    (int64_t)s->generation, spool_time(s), spool_wall(s), ready,
	    (int64_t)d->gapless, d->open_t);
	batch_after(b, AFTER_WAKE, d->id, partner_index(s, d->partner));
	return RC_OK;
}

enum rc
delivery_get(
    struct spool *s, uint64_t id, struct delivery_row *r, struct err *err)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_DELIVERY_GET, "i", (int64_t)id);
	char text[ID_TEXT];

	if (st == NULL)
		return err_set(
		    err, RC_REFUSED, "no delivery '%s'", id_print(id, text));
	r->state = state_find(MACHINE_delivery, column_slice(st, 0));
	r->partner = column_dup(st, 1, s->mem);
	r->kind = column_dup(st, 2, s->mem);
	r->arrival = column_id(st, 3);
	r->legs = (uint32_t)column_int(st, 4);
	r->tries = (uint32_t)column_int(st, 5);
	r->first_t = column_int(st, 6);
	r->wrap = (enum wrapping)column_int(st, 7);
	r->name = column_dup(st, 8, s->mem);
	journal_end(st);
	r->index = partner_index(s, r->partner);
	return RC_OK;
}

static enum rc
staged(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK || r.state == STATE_delivery_STAGED)
		return rc;
	rc = edge_check(r.state, STATE_delivery_STAGED, err);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_DELIVERY_STAGED, "ii", spool_wall(s), (int64_t)id);
	batch_after(b, AFTER_STANDS, id, r.index);
	batch_after(b, AFTER_WELL, id, r.index);
	event_note(b, "delivery.staged", r.partner, id);
	return RC_OK;
}

void
delivery_staged(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin_bare(b, st))
		step_end(b, st, staged(b, id, &st->why));
}

/* When so much time has passed, in the partner's hours if it is by them. */
static int64_t
due_in(struct spool *s, const struct conf_partner *p, int64_t ms, bool by_hours)
{
	int64_t wall = spool_wall(s);

	if (ms == 0)
		return 0;
	if (by_hours && p->hours != NULL)
		ms = hours_after(p->hours, wall, ms) - wall;
	return spool_time(s) + ms;
}

/* Only deliveries of legs are answered, so only they fall due. */
static void
dues_of(
    struct spool *s, const struct delivery_row *r, int64_t *due, int64_t *late)
{
	const struct conf_partner *p = conf_partner(s->conf, r->partner);
	int64_t technical;

	*due = *late = 0;
	if (p == NULL || r->legs == 0)
		return;
	*due = *late =
	    due_in(s, p, p->decision_within_ms, p->decision_by_hours);
	technical = due_in(s, p, p->technical_within_ms, p->technical_by_hours);
	if (technical != 0)
		*due = technical;
}

static enum rc
published(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	int64_t due, late;
	bool listed;
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK)
		return rc;
	batch_after(b, AFTER_FLIGHT_GONE, id, r.index);
	if (r.state == STATE_delivery_PUBLISHED ||
	    r.state == STATE_delivery_PICKED)
		return RC_OK;
	rc = edge_check(r.state, STATE_delivery_PUBLISHED, err);
	if (rc != RC_OK)
		return rc;
	dues_of(s, &r, &due, &late);
	listed = r.index >= 0 && s->conf->partner[r.index].list_at > 0 &&
		 !slice_is(r.kind, "list");
	journal_run(&s->j, SQL_DELIVERY_PUBLISHED, "iiiii", spool_wall(s), due,
	    late, (int64_t)id,
	    listed ? list_stamp(s, (unsigned int)r.index) : (int64_t)0);
	if (r.legs > 0)
		rc = legs_bind_waiting(b, r.partner, id, err);
	if (rc != RC_OK)
		return rc;
	batch_after(b, AFTER_WAKE, id, r.index);
	event_note(b, "delivery.published", r.partner, id);
	return RC_OK;
}

void
delivery_published(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin_bare(b, st))
		step_end(b, st, published(b, id, &st->why));
}

/*
 * A file that was refused may go from where it stood afterwards, when its
 * filing came anew perhaps; a copy of one that is delivered again may go: none
 * of it says anything new.
 */
static enum rc
picked(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK || r.state == STATE_delivery_PICKED ||
	    r.state == STATE_delivery_FAILED ||
	    r.state == STATE_delivery_CANCELLED ||
	    r.state == STATE_delivery_READY || r.state == STATE_delivery_HELD)
		return rc;
	if (r.state == STATE_delivery_STAGED) /* its row is on its way */
		return err_set(err, RC_LATER, "not told yet that it is out");
	rc = edge_check(r.state, STATE_delivery_PICKED, err);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_DELIVERY_PICKED, "ii", spool_wall(s), (int64_t)id);
	batch_after(b, AFTER_FREED, id, r.index);
	batch_after(b, AFTER_WAKE, id, r.index);
	event_note(b, "delivery.picked", r.partner, id);
	return RC_OK;
}

void
delivery_picked(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin_bare(b, st))
		step_end(b, st, picked(b, id, &st->why));
}

void
delivery_sent(struct batch *b, uint64_t id, struct step *st)
{
	struct delivery_row r;
	enum rc rc;

	if (!step_begin(b, st))
		return;
	rc = delivery_get(b->s, id, &r, &st->why);
	if (rc == RC_OK && r.state == STATE_delivery_PICKED) {
		journal_run(&b->s->j, SQL_DELIVERY_SENT, "ii", spool_wall(b->s),
		    (int64_t)id);
		event_note(b, "delivery.sent", r.partner, id);
	}
	step_end(b, st, rc);
}

static enum rc
held(struct batch *b, uint64_t id, const struct delivery_row *r,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	char text[ID_TEXT];
	enum rc rc = edge_check(r->state, STATE_delivery_HELD, err);

	if (rc != RC_OK)
		return rc;
	if (r->state == STATE_delivery_STAGED)
		batch_after(b, AFTER_FREED, id, r->index);
	batch_after(b, AFTER_WAKE, id, r->index); /* of its arrival the next */
	journal_run(&s->j, SQL_DELIVERY_HELD, "tii", slice_of(why),
	    spool_wall(s), (int64_t)id);
	event_add(s, "delivery.held delivery=%s partner=%.*s why=\"%.*s\"",
	    id_print(id, text), SLICE_ARG(r->partner), WHY_MAX, why);
	return RC_OK;
}

enum rc
delivery_hold(struct batch *b, uint64_t id, const char *why, struct err *err)
{
	struct delivery_row r;
	enum rc rc = delivery_get(b->s, id, &r, err);

	return rc != RC_OK ? rc : held(b, id, &r, why, err);
}

/* Out of time: the filers of its legs are told, the rest goes on. */
static enum rc
given_up(struct batch *b, uint64_t id, const struct delivery_row *r,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	char text[ID_TEXT];
	enum rc rc = edge_check(r->state, STATE_delivery_FAILED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_DELIVERY_FAILED, "tii", slice_of(why),
	    spool_wall(s), (int64_t)id);
	batch_after(b, AFTER_WAKE, id, r->index); /* of its name the next */
	event_add(s, "delivery.failed delivery=%s partner=%.*s why=\"%.*s\"",
	    id_print(id, text), SLICE_ARG(r->partner), WHY_MAX, why);
	if (r->legs > 0)
		rc = legs_undeliverable(b, id, ENTRY_UNDELIVERABLE, err);
	if (rc == RC_OK && r->legs > 0)
		rc = legs_bind_waiting(b, r->partner, id, err);
	return rc;
}

/* Message and files, all there yet? */
static enum rc
bodies_there(struct spool *s, uint64_t id, struct err *err)
{
	struct body_head h;
	enum rc rc = segments_head(&s->seg,
	    (uint64_t)journal_number(
		&s->j, SQL_DELIVERY_BODY, 0, "i", (int64_t)id),
	    &h, err);
	sqlite3_stmt *st =
	    rc == RC_OK ? journal_ask(&s->j, SQL_PARTS_OF, "i", (int64_t)id)
			: NULL;

	while (st != NULL && rc == RC_OK) {
		rc = segments_head(&s->seg, column_id(st, 2), &h, err);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return rc;
}

enum rc
delivery_same(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	char text[ID_TEXT];
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK)
		return rc;
	if (r.state != STATE_delivery_PICKED &&
	    r.state != STATE_delivery_FAILED)
		return err_set(err, RC_REFUSED,
		    "delivery '%s' is %s, want one that is over",
		    id_print(id, text), state_name(r.state));
	rc = bodies_there(s, id, err);
	if (rc != RC_OK)
		return rc;
	rc = edge_check(r.state, STATE_delivery_READY, err);
	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_DELIVERY_AGAIN, "iii", spool_time(s),
	    spool_wall(s), (int64_t)id);
	batch_after(b, AFTER_WAKE, id, r.index);
	event_add(s, "delivery.again delivery=%s partner=%.*s",
	    id_print(id, text), SLICE_ARG(r.partner));
	return RC_OK;
}

void
delivery_again(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin(b, st))
		step_end(b, st, delivery_same(b, id, &st->why));
}

static struct retry_plan
plan_of(const struct spool *s, struct slice partner)
{
	const struct conf_partner *p = conf_partner(s->conf, partner);
	struct retry_plan plan = { 0 };

	if (p != NULL)
		plan = (struct retry_plan){ p->retry_every_ms,
			p->retry_doubling, p->retry_upto_ms, p->retry_for_ms };
	return plan;
}

/*
 * Has it waited for as long as its partner's plan goes? From when it might
 * have gone, whoever was tried in its place; closed hours do not count.
 */
static bool
waited_out(struct spool *s, struct slice partner, int64_t first_t)
{
	const struct conf_partner *p = conf_partner(s->conf, partner);
	struct retry_plan plan = plan_of(s, partner);
	int64_t now = spool_time(s), wall = spool_wall(s);

	if (first_t == 0 || !retry_over(&plan, first_t, now))
		return false;
	if (p == NULL || p->hours == NULL)
		return true;
	return hours_after(p->hours, wall - (now - first_t),
		   retry_length(&plan)) <= wall;
}

/* Try again later. A staged file that is gone is staged once more. */
static enum rc
retried(struct batch *b, uint64_t id, const struct delivery_row *r,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	struct retry_plan plan = plan_of(s, r->partner);
	int64_t next = spool_time(s) + retry_after(&plan, id, r->tries + 1);
	char text[ID_TEXT];
	enum rc rc;

	if (r->state == STATE_delivery_READY &&
	    waited_out(s, r->partner, r->first_t))
		return given_up(b, id, r, why, err);
	rc = edge_check(r->state, STATE_delivery_READY, err);
	if (rc != RC_OK)
		return rc;
	if (r->state == STATE_delivery_STAGED)
		batch_after(b, AFTER_FREED, id, r->index);
	journal_run(
	    &s->j, SQL_DELIVERY_RETRY, "iti", next, slice_of(why), (int64_t)id);
	event_add(s,
	    "delivery.retry delivery=%s partner=%.*s try=%u why=\"%.*s\"",
	    id_print(id, text), SLICE_ARG(r->partner), r->tries + 1, WHY_MAX,
	    why);
	if (r->index >= 0)
		partner_gate(s, r->index, next, id);
	return RC_OK;
}

enum rc
delivery_stale(
    struct batch *b, struct slice partner, bool *some, struct err *err)
{
	struct spool *s = b->s;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_DELIVERY_OLDEST, "t", partner);
	uint64_t id = st == NULL ? 0 : column_id(st, 0);
	int64_t first_t = st == NULL ? 0 : column_int(st, 1);
	struct delivery_row r;
	enum rc rc;

	journal_end(st);
	*some = id != 0 && !flight_is(s->sched, id) &&
		waited_out(s, partner, first_t);
	if (!*some)
		return RC_OK;
	rc = delivery_get(s, id, &r, err);
	if (rc != RC_OK)
		return rc;
	return given_up(b, id, &r,
	    "its partner's folder was full for as long as it may wait", err);
}

static enum rc
failed(
    struct batch *b, uint64_t id, enum rc how, const char *why, struct err *err)
{
	struct delivery_row r;
	enum rc rc = delivery_get(b->s, id, &r, err);

	if (rc != RC_OK)
		return rc;
	batch_after(b, AFTER_FLIGHT_GONE, id, r.index);
	if (r.state != STATE_delivery_READY && r.state != STATE_delivery_STAGED)
		return edge_check(r.state, STATE_delivery_READY, err);
	return how == RC_LATER ? retried(b, id, &r, why, err)
			       : held(b, id, &r, why, err);
}

void
delivery_failed(
    struct batch *b, uint64_t id, enum rc how, const char *why, struct step *st)
{
	char cut[WHY_MAX + 1];

	snprintf(cut, sizeof(cut), "%s", why);
	if (step_begin(b, st))
		step_end(b, st, failed(b, id, how, cut, &st->why));
}

enum rc
delivery_wrapped(struct batch *b, uint64_t id, struct slice body,
    struct slice files, struct err *err)
{
	struct spool *s = b->s;
	struct body_head h = { .kind = BODY_WRAPPED,
		.len = body.len,
		.subject = id,
		.event = s->audit_committed,
		.wall_ms = spool_wall(s) };
	struct delivery_row r;
	uint64_t ref;
	uint32_t parts = 0;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc == RC_OK)
		rc = edge_check(r.state, STATE_delivery_READY, err);
	if (rc == RC_OK)
		rc = parts_keep(b,
		    &(struct parts_in){ .delivery = id,
			.name = r.name,
			.zip = r.wrap == WRAP_ZIP,
			.legs = r.legs > 0,
			.len = body.len,
			.claims = files },
		    &parts, err);
	if (rc == RC_OK)
		rc = hash_of(body, &h.sha256, err);
	if (rc == RC_OK)
		rc = body_add(s, &h, body, &ref, err);
	if (rc != RC_OK)
		return rc;
	b->bytes += body.len;
	journal_run(&s->j, SQL_DELIVERY_WRAPPED, "iiiiii", (int64_t)ref,
	    (int64_t)body.len, spool_wall(s), (int64_t)id, spool_time(s),
	    (int64_t)parts);
	batch_after(b, AFTER_WAKE, id, r.index);
	event_note(b, "delivery.ready", r.partner, id);
	return RC_OK;
}
