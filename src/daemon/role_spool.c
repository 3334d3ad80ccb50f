/*
 * daemon/role_spool.c - the role that keeps the promise: what others ask is
 * put into one batch as it comes, committed when nothing more waits, and
 * answered only then. Work for convert and deliver is chosen in the same
 * batch. Trusts messages for their form alone; what they claim is checked by
 * the spool. Driven by one.c or role_process.c.
 */
#include "src/daemon/role_spool.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/log.h"
#include "src/conf/conf.h"

#define CLAIMS_MAX  (256u << 20)
#define HEAP_PIECE  (8 << 20)
#define HEAP_KEEP   (16 << 20)
#define DELIVER_MAX 64 /* messages that may wait with deliver */

/*
 * Each batch needs what the last one freed: pages given back would only be
 * faulted in again.
 */
static void
heap_keep(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_PIECE);
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
}

static enum rc
role_start(struct role *r, struct err *err)
{
	struct spool_role *self = calloc(1, sizeof(*self));
	enum rc rc;

	if (self == NULL)
		return err_set(err, RC_LATER, "no memory for the spool");
	r->self = self;
	heap_keep();
	rc = spool_open(&self->s, r->conf->spool, r->conf, r->clock, err);
	if (rc != RC_OK)
		return rc;
	self->b = batch_begin(self->s);
	if (self->b == NULL)
		return err_set(err, RC_LATER, "no memory for the spool");
	r->generation = spool_generation_last(self->s);
	rc = spool_greet_intake(r, err);
	return rc == RC_OK ? spool_greet_deliver(r, err) : rc;
}

/* --- steps --- */

static struct pending *
pending_new(struct spool_role *self, enum msg_type type, uint64_t id)
{
	struct pending *p = &self->pending[self->npending++];

	p->type = type;
	p->id = id;
	p->said = NULL;
	p->how = RC_OK;
	p->why[0] = '\0';
	return p;
}

static void
take_apply(struct spool_role *self, struct msg *m)
{
	const struct msg_TAKE *t = m->body;
	struct pending *p = pending_new(self, MSG_TAKE, t->arrival);
	struct arrival_in in = { .id = t->arrival,
		.partner = t->partner,
		.channel = t->channel,
		.name = t->name,
		.mark = { t->dev, t->ino, t->size, t->mtime_ns } };
	struct err err;
	enum rc rc;

	memcpy(in.sha256, t->sha256.b, sizeof(in.sha256));
	rc = msg_bytes(m, BODY_LIMIT, &in.body, &err);
	if (rc != RC_OK) {
		/* No step: what was sent is not what was agreed. */
		p->step = (struct step){ rc, err };
		return;
	}
	arrival_take(self->b, &in, &p->step);
}

/* A result whose turn has come, or that is tried again. */
static void
result_apply(struct spool_role *self, struct pending *p)
{
	struct slice claims;
	struct err err;
	enum rc rc;

	if (p->how == RC_LATER) {
		order_put_back(self->b, p->id, &p->step);
		return;
	}
	if (p->how != RC_OK) {
		order_failed(self->b, p->id, p->why, &p->step);
		return;
	}
	rc = msg_bytes(p->said, CLAIMS_MAX, &claims, &err);
	if (rc != RC_OK) {
		order_failed(self->b, p->id, err.text, &p->step);
		return;
	}
	order_done(self->b, p->id, claims, &p->step);
	if (p->step.rc != RC_REFUSED)
		return; /* else one step more, for which there is ROOM */
	/* A lie, or claims that break off: that was a death like others. */
	log_rc("order.refused", RC_REFUSED, &p->step.why);
	snprintf(p->why, sizeof(p->why), "%s", p->step.why.text);
	p->how = RC_REFUSED;
	order_failed(self->b, p->id, p->why, &p->step);
}

static void
step_apply(struct spool_role *self, struct pending *p)
{
	switch (p->type) {
	case MSG_ACCEPT:
		arrival_accept(self->b, p->id, &p->step);
		break;
	case MSG_UNTAKE:
		arrival_drop(self->b, p->id, &p->step);
		break;
	case MSG_RESULT:
	case MSG_DIED:
		result_apply(self, p);
		break;
	case MSG_STAGED:
		if (p->how == RC_OK)
			delivery_staged(self->b, p->id, &p->step);
		else
			delivery_failed(
			    self->b, p->id, p->how, p->why, &p->step);
		break;
	case MSG_PUBLISHED:
		if (p->how == RC_OK)
			delivery_published(self->b, p->id, &p->step);
		else
			delivery_failed(
			    self->b, p->id, p->how, p->why, &p->step);
		break;
	case MSG_SENT:
		delivery_sent(self->b, p->id, &p->step);
		break;
	case MSG_REJECTED:
		if (p->how == RC_OK)
			delivery_rejected(
			    self->b, p->id, p->part, p->mark, &p->step);
		else
			delivery_unclear(
			    self->b, p->id, p->part, p->mark, &p->step);
		break;
	default:
		delivery_picked(self->b, p->id, &p->step);
		break;
	}
}

static void
why_set(struct pending *p, uint32_t rc, struct slice why)
{
	p->how = rc > RC_BROKEN ? RC_BROKEN : (enum rc)rc;
	snprintf(p->why, sizeof(p->why), "%.*s", SLICE_ARG(why));
	if (p->how != RC_OK && p->how != RC_LATER)
		p->how = RC_REFUSED;
}

/* Claims are kept apart: they wait for the results before them. */
static enum rc
result_keep(struct role *r, struct msg *m, struct err *err)
{
	struct spool_role *self = r->self;
	const struct msg_RESULT *t = m->body;
	struct pending p = { .type = MSG_RESULT, .id = t->order };

	why_set(&p, t->rc, t->why);
	if (p.how == RC_LATER) /* it has no room: leave it alone a while */
		self->again_at = clock_mono(r->clock) + AGAIN_MS;
	if (p.how == RC_OK) {
		p.said = msg_hold(m);
		if (m->fd < 0 && m->bytes.len == 0) {
			p.how = RC_REFUSED;
			snprintf(p.why, sizeof(p.why), "result without claims");
		}
	}
	if (spool_later_put(self, &p))
		return RC_OK;
	msg_free(p.said);
	return err_set(err, RC_BROKEN, "more results than orders");
}

void
spool_step(struct spool_role *self, const struct pending *like)
{
	struct pending *p = pending_new(self, like->type, like->id);

	p->part = like->part;
	p->mark = like->mark;
	p->how = like->how;
	step_apply(self, p);
}

static enum rc
spool_take(struct role *r, struct msg *m, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc = RC_OK;
	struct pending *p;

	if (self->npending == SPOOL_BATCH_STEPS - ROOM ||
	    batch_steps(self->b) >= SPOOL_BATCH_STEPS - ROOM ||
	    batch_full(self->b))
		rc = spool_commit(r, err);
	if (rc != RC_OK)
		return rc;
	spool_heard(self, m);
	switch (m->type) {
	case MSG_TAKE:
		take_apply(self, m);
		return RC_OK;
	case MSG_RESULT:
		return result_keep(r, m, err);
	case MSG_DIED:
		p = pending_new(
		    self, m->type, ((const struct msg_DIED *)m->body)->order);
		why_set(p, RC_REFUSED, ((const struct msg_DIED *)m->body)->why);
		break;
	case MSG_ACCEPT:
		p = pending_new(self, m->type,
		    ((const struct msg_ACCEPT *)m->body)->arrival);
		break;
	case MSG_UNTAKE:
		p = pending_new(self, m->type,
		    ((const struct msg_UNTAKE *)m->body)->arrival);
		break;
	case MSG_STAGED: {
		const struct msg_STAGED *t = m->body;

		p = pending_new(self, m->type, t->delivery);
		why_set(p, t->rc, t->why);
		break;
	}
	case MSG_PUBLISHED: {
		const struct msg_PUBLISHED *t = m->body;

		p = pending_new(self, m->type, t->delivery);
		why_set(p, t->rc, t->why);
		break;
	}
	case MSG_PICKED:
		p = pending_new(self, m->type,
		    ((const struct msg_PICKED *)m->body)->delivery);
		break;
	case MSG_SENT:
		return spool_sent(r, m, err);
	case MSG_REJECTED:
	case MSG_WITHDRAWN:
		return spool_refusal(r, m, err);
	case MSG_GENERATION:
		return spool_reload(r, m, err);
	case MSG_OPERATE:
		return spool_operate(r, m, err);
	case MSG_DRAIN:
		self->draining = true;
		return RC_OK;
	default:
		return err_set(err, RC_BROKEN, "spool: message %s from %s",
		    msg_name(m->type), role_name(m->from));
	}
	step_apply(self, p);
	return RC_OK;
}

/* --- after the commit --- */

static enum rc
taken_answer(struct role *r, const struct pending *p, struct err *err)
{
	struct spool_role *self = r->self;
	struct msg_TAKEN m = { .arrival = p->id,
		.rc = p->step.rc,
		.why = slice_of(p->step.why.text) };

	self->owed[ROLE_INTAKE] += p->step.rc == RC_OK;
	return spool_say(r, ROLE_INTAKE, MSG_TAKEN, &m, -1, err);
}

static enum rc
accepted_answer(struct role *r, const struct pending *p, struct err *err)
{
	struct msg_ACCEPTED m = { .arrival = p->id,
		.rc = p->step.rc,
		.why = slice_of(p->step.why.text) };

	return spool_say(r, ROLE_INTAKE, MSG_ACCEPTED, &m, -1, err);
}

/*
 * What could not be done now is done again; what intake waits for it asks again
 * by itself.
 */
static enum rc
pending_answer(struct role *r, struct pending *p, struct err *err)
{
	struct spool_role *self = r->self;
	struct msg_PUBLISH publish = { .delivery = p->id };
	struct msg *said = p->said;

	p->said = NULL;
	if (p->step.rc == RC_BROKEN)
		return err_set(err, RC_BROKEN, "%s", p->step.why.text);
	if (p->type == MSG_TAKE)
		return taken_answer(r, p, err);
	if (p->type == MSG_ACCEPT)
		return accepted_answer(r, p, err);
	if (p->step.rc == RC_LATER) {
		p->said = said;
		self->again_at = clock_mono(r->clock) + AGAIN_MS;
		return spool_later_put(self, p)
			   ? RC_OK
			   : err_set(err, RC_BROKEN, "too much to do again");
	}
	msg_free(said);
	if (p->step.rc != RC_OK)
		log_rc("step.refused", p->step.rc, &p->step.why);
	if (p->type != MSG_STAGED || p->step.rc != RC_OK || p->how != RC_OK)
		return RC_OK;
	self->owed[ROLE_DELIVER]++;
	return spool_say(r, ROLE_DELIVER, MSG_PUBLISH, &publish, -1, err);
}

enum rc
spool_commit(struct role *r, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc = batch_commit(self->b, err);
	unsigned int n = self->npending;

	if (rc == RC_BROKEN)
		return rc;
	self->lost = rc == RC_LATER;
	if (self->lost) {
		log_rc("commit.later", rc, err);
		self->again_at = clock_mono(r->clock) + AGAIN_MS;
	}
	self->npending = 0;
	rc = RC_OK;
	for (unsigned int i = 0; i < n && rc == RC_OK; i++)
		rc = pending_answer(r, &self->pending[i], err);
	return rc;
}

/* Results in their turn, and what a full disk or a shortage put off. */
static enum rc
later_apply(struct role *r, bool *worked, struct err *err)
{
	struct spool_role *self = r->self;
	unsigned int n = self->nlater;
	enum rc rc = RC_OK;

	if (clock_mono(r->clock) < self->again_at)
		return RC_OK;
	self->nlater = 0;
	for (unsigned int i = 0; i < n; i++) {
		struct later p = self->later[i];
		struct pending *to;

		if (rc != RC_OK || batch_full(self->b) ||
		    batch_steps(self->b) >= SPOOL_BATCH_STEPS - ROOM ||
		    self->npending >= SPOOL_BATCH_STEPS - ROOM ||
		    (p.type == MSG_RESULT && p.how == RC_OK &&
			!spool_order_turn(self->s, p.id)) ||
		    (p.type == MSG_SENT &&
			(spool_pick_waits(self, 0, self->nlater, p.id) ||
			    spool_pick_waits(self, i + 1, n, p.id)))) {
			self->later[self->nlater++] = p;
			continue;
		}
		if (p.said != NULL && p.type != MSG_RESULT) {
			rc = p.type == MSG_SENT ? spool_sent(r, p.said, err)
						: spool_refusal(r, p.said, err);
			msg_free(p.said);
			continue;
		}
		to = pending_new(self, p.type, p.id);
		to->said = p.said;
		to->how = p.how;
		to->mark = p.mark;
		to->part = p.part;
		(void)snprintf(
		    to->why, sizeof(to->why), "%s", p.why == NULL ? "" : p.why);
		free(p.why);
		step_apply(self, to);
		*worked = true;
	}
	return rc;
}

/* --- handing out --- */

static enum rc
order_hand(struct role *r, struct order *o, struct err *err)
{
	struct spool_role *self = r->self;
	struct msg_ORDER m = { .order = o->id,
		.kind = o->kind,
		.subject = o->subject,
		.partner = o->partner,
		.attempt = o->attempt,
		.ids = o->ids,
		.nids = o->nids,
		.number = o->number,
		.test = o->test,
		.now = clock_wall(r->clock),
		.name = o->name,
		.format = o->format,
		.mapping = o->mapping };
	enum rc rc = spool_load_order(self->s, o, self->mem, err);

	if (rc != RC_OK)
		return rc == RC_BROKEN ? rc : RC_OK;
	rc = spool_say_bytes(r, ROLE_CONVERT, MSG_ORDER, &m, o->input, err);
	if (rc == RC_LATER) {
		log_rc("order.memfd", RC_LATER, err);
		spool_order_back(self->s, o->id);
		return RC_OK;
	}
	self->owed[ROLE_CONVERT]++;
	return rc;
}

static enum rc
deliveries_hand(struct role *r, bool *worked, struct err *err)
{
	struct spool_role *self = r->self;
	struct delivery_out d;
	enum rc rc = RC_OK;

	while (rc == RC_OK && !self->draining && self->nout == 0 &&
	       wire_waiting(r->wire, ROLE_DELIVER) < DELIVER_MAX) {
		struct arena *mem = arena_new(ORDER_MEMORY);

		if (mem == NULL)
			break;
		rc = spool_next_delivery(self->s, &d, mem, err);
		if (rc == RC_OK) {
			*worked = true;
			rc = spool_hand_delivery(r, &d, err);
		}
		arena_free(mem);
	}
	return rc == RC_LATER ? RC_OK : rc;
}

static enum rc
drained_say(struct role *r, struct err *err)
{
	struct spool_role *self = r->self;
	struct msg_DRAINED m = { 0 };

	if (!self->draining || self->drained || self->nout > 0 ||
	    self->npending > 0)
		return RC_OK;
	self->drained = true;
	return spool_say(r, ROLE_SUPERVISOR, MSG_DRAINED, &m, -1, err);
}

static int64_t
mono_of(struct role *r, int64_t due)
{
	struct spool_role *self = r->self;
	int64_t mono = clock_mono(r->clock) + due - spool_time(self->s);

	if (self->again_at > clock_mono(r->clock) && self->again_at < mono)
		mono = self->again_at;
	return mono;
}

static enum rc
role_idle(struct role *r, int64_t *due, bool *worked, struct err *err)
{
	struct spool_role *self = r->self;
	struct order order[ORDERS_HAND];
	unsigned int n = 0;
	int64_t at = 0;
	enum rc rc = spool_flush(r, err);

	if (rc != RC_OK)
		return rc;
	rc = later_apply(r, worked, err);
	if (rc != RC_OK)
		return rc;
	if (spool_holds(r)) {
		*worked = false;
		*due = self->hold_until;
		return RC_OK;
	}
	at = spool_time(self->s);                  /* once more, soon */
	if (clock_mono(r->clock) < self->again_at) /* what is due, too */
		at += self->again_at - clock_mono(r->clock);
	else if (batch_steps(self->b) == 0)
		spool_due(self->s, self->b, &at);
	self->mem = arena_new(ORDER_MEMORY);
	if (self->mem == NULL)
		return err_set(err, RC_LATER, "no memory for orders");
	if (self->open && !self->draining && self->nout == 0 &&
	    clock_mono(r->clock) >= self->again_at)
		n = spool_pick_orders(self->b, order, ORDERS_HAND, self->mem);
	*worked |= batch_steps(self->b) > 0 || n > 0;
	if (batch_steps(self->b) > 0 || self->npending > 0)
		rc = spool_commit(r, err);
	spool_reading(self->s, true);
	for (unsigned int i = 0; i < n && rc == RC_OK; i++) {
		if (self->lost) /* its attempt was not counted */
			spool_order_back(self->s, order[i].id);
		else
			rc = order_hand(r, &order[i], err);
	}
	if (self->lost) {
		self->lost = false;
		*worked = false;
	}
	arena_free(self->mem);
	self->mem = NULL;
	if (rc == RC_OK)
		rc = deliveries_hand(r, worked, err);
	spool_reading(self->s, false);
	if (rc == RC_OK)
		rc = drained_say(r, err);
	*due = mono_of(r, at);
	return rc;
}

static void
role_stop(struct role *r)
{
	struct spool_role *self = r->self;

	if (self == NULL)
		return;
	for (unsigned int i = 0; i < self->nout; i++)
		msg_free(self->out[i]);
	free(self->out);
	spool_later_free(self);
	arena_free(self->mem);
	batch_free(self->b);
	spool_close(self->s);
	conf_free(self->conf);
	free(self);
	r->self = NULL;
}

static int
role_fd(struct role *r)
{
	(void)r;
	return -1;
}

const struct role_ops role_spool = {
	.id = ROLE_SPOOL,
	.start = role_start,
	.take = spool_take,
	.idle = role_idle,
	.fd = role_fd,
	.stop = role_stop,
	.peer = spool_peer,
};
