/*
 * spool/arrival.c - steps of taking a file in: the copy and its row, the file
 * moved aside, or put back. Trusts intake for names and marks, not for the
 * digest: that is made again from the bytes that are kept. Called by the role
 * spool with what intake says.
 */
#include "spool/arrival.h"
#include "spool/attach.h"
#include "spool/body.h"
#include "spool/delivery.h"
#include "spool/inner.h"
#include "spool/scheduler.h"
#include <string.h>

#define NAME_MAX_BYTES 255

/* The same again, when intake asks twice, is answered as the first time. */
static enum rc
taken_before(
    struct spool *s, const struct arrival_in *in, bool *before, struct err *err)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)in->id);
	struct slice sum;
	bool same;

	*before = st != NULL;
	if (st == NULL)
		return RC_OK;
	sum = column_slice(st, ARRIVAL_SHA256);
	same =
	    sum.len == DIGEST_LEN && memcmp(sum.p, in->sha256, DIGEST_LEN) == 0;
	journal_end(st);
	if (same)
		return RC_OK;
	return err_set(err, RC_REFUSED, "arrival is there with other bytes");
}

static enum rc
body_keep(struct spool *s, const struct arrival_in *in, uint64_t *ref,
    struct err *err)
{
	struct body_head h = { .kind = BODY_ARRIVAL,
		.len = in->body.len,
		.subject = in->id,
		.event = s->audit_committed,
		.wall_ms = spool_wall(s) };
	enum rc rc = hash_of(in->body, &h.sha256, err);

	if (rc != RC_OK)
		return rc;
	if (memcmp(h.sha256.b, in->sha256, DIGEST_LEN) != 0)
		return err_set(err, RC_REFUSED,
		    "the bytes are not those that were announced");
	return body_add(s, &h, in->body, ref, err);
}

static enum rc
take(struct batch *b, const struct arrival_in *in, struct err *err)
{
	struct spool *s = b->s;
	bool before;
	uint64_t ref;
	enum rc rc;

	if (in->id == 0 || in->name.len == 0 || in->name.len > NAME_MAX_BYTES)
		return err_set(err, RC_BROKEN, "arrival without id or name");
	rc = taken_before(s, in, &before, err);
	if (rc != RC_OK || before)
		return rc;
	rc = space_check(s, err);
	if (rc == RC_OK)
		rc = body_keep(s, in, &ref, err);
	if (rc != RC_OK)
		return rc;
	b->bytes += in->body.len;
	journal_run(&s->j, SQL_ARRIVAL_ADD, "itttbiiiiiii", (int64_t)in->id,
	    in->partner, in->channel, in->name,
	    (struct slice){ (const char *)in->sha256, DIGEST_LEN },
	    (int64_t)in->body.len, (int64_t)in->mark.dev, (int64_t)in->mark.ino,
	    in->mark.mtime_ns, (int64_t)ref, spool_time(s), spool_wall(s));
	event_note(b, "arrival.taken", in->partner, in->id);
	return RC_OK;
}

void
arrival_take(struct batch *b, const struct arrival_in *in, struct step *st)
{
	if (step_begin_bare(b, st))
		step_end(b, st, take(b, in, &st->why));
}

struct arrival_row {
	enum state state;
	struct slice partner, channel, name;
	uint64_t body, size;
};

static enum rc
row_get(struct spool *s, uint64_t id, struct arrival_row *r, struct err *err)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)id);
	char text[ID_TEXT];

	if (st == NULL)
		return err_set(
		    err, RC_REFUSED, "no arrival '%s'", id_print(id, text));
	r->state = state_find(MACHINE_arrival, column_slice(st, ARRIVAL_STATE));
	r->partner = column_dup(st, ARRIVAL_PARTNER, s->mem);
	r->channel = column_dup(st, ARRIVAL_CHANNEL, s->mem);
	r->name = column_dup(st, ARRIVAL_NAME, s->mem);
	r->body = column_id(st, ARRIVAL_BODY);
	r->size = column_id(st, ARRIVAL_SIZE);
	journal_end(st);
	return RC_OK;
}

/* Nothing to read: the bytes themselves go on, under their own name. */
static enum rc
forward(struct batch *b, uint64_t id, const struct arrival_row *r,
    const char *to, struct err *err)
{
	struct spool *s = b->s;
	struct delivery_new d = { .partner = slice_of(to),
		.kind = "forward",
		.arrival = id,
		.name = r->name,
		.state = STATE_delivery_READY,
		.body = r->body,
		.body_len = r->size };
	enum rc rc =
	    edge_check(STATE_arrival_ACCEPTED, STATE_arrival_DONE, err);

	if (rc == RC_OK)
		rc = delivery_add(b, &d, err);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_ARRIVAL_FORWARDED, "ii", spool_wall(s), (int64_t)id);
	event_note(b, "arrival.forwarded", r->partner, id);
	return RC_OK;
}

static enum rc
accept(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	const struct conf_partner *p;
	struct arrival_row r;
	enum rc rc = row_get(s, id, &r, err);

	if (rc != RC_OK)
		return rc;
	if (r.state == STATE_arrival_ACCEPTED ||
	    r.state == STATE_arrival_DONE || r.state == STATE_arrival_HELD)
		return RC_OK; /* asked again after intake started again */
	rc = edge_check(r.state, STATE_arrival_ACCEPTED, err);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_ARRIVAL_ACCEPT, "ii", spool_wall(s), (int64_t)id);
	batch_after(b, AFTER_WAKE, 0, -1);
	p = conf_partner(s->conf, r.partner);
	if (p != NULL && p->forward != NULL) {
		rc = forward(b, id, &r, p->forward, err);
	} else if (p != NULL && conf_is_attachment(p, r.name)) {
		rc =
		    edge_check(STATE_arrival_ACCEPTED, STATE_arrival_DONE, err);
		if (rc == RC_OK)
			rc = attach_came(b, id, p, r.name, err);
	}
	if (rc == RC_OK)
		event_note(b, "arrival.accepted", r.partner, id);
	return rc;
}

void
arrival_accept(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin_bare(b, st))
		step_end(b, st, accept(b, id, &st->why));
}

static enum rc
drop(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	struct arrival_row r;
	enum rc rc = row_get(s, id, &r, err);

	if (rc != RC_OK || r.state == STATE_arrival_DROPPED)
		return rc;
	rc = edge_check(r.state, STATE_arrival_DROPPED, err);
	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_ARRIVAL_DROP, "ii", spool_wall(s), (int64_t)id);
	event_note(b, "arrival.dropped", r.partner, id);
	return RC_OK;
}

void
arrival_drop(struct batch *b, uint64_t id, struct step *st)
{
	if (step_begin(b, st))
		step_end(b, st, drop(b, id, &st->why));
}
