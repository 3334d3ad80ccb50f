/*
 * daemon/role_deliver.c - the role that delivers: stages, publishes when the
 * spool has the row, tells what was picked up. Trusts the spool's orders.
 * Driven by one.c or role_process.c.
 */
#include "src/daemon/refusals.h"
#include "src/base/id.h"
#include "src/base/log.h"
#include "src/conf/conf.h"
#include "src/deliver/gate.h"
#include "src/wire/msg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define BODY_MAX   ((size_t)1 << 30)
#define EVENT_ROOM 65536

struct deliver {
	struct gate *gate;
	unsigned int gates;
	int inotify;
	bool told; /* all that stands outside was told */
	bool draining, drained;
	struct refusals refusals; /* that the spool asks about */
	int64_t reopen_at;        /* monotonic */
	int64_t started;
};

static enum rc
deliver_start(struct role *r, struct err *err)
{
	struct deliver *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return err_set(err, RC_LATER, "no memory for deliver");
	r->self = d;
	d->started = clock_mono(r->clock);
	d->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (d->inotify < 0)
		return err_errno(err, RC_BROKEN, "inotify");
	d->gate = calloc(r->conf->npartners + 1, sizeof(*d->gate));
	if (d->gate == NULL)
		return err_set(err, RC_LATER, "no memory for deliver");
	for (unsigned int i = 0; i < r->conf->npartners; i++)
		if (r->conf->partner[i].folder != NULL)
			gate_init(&d->gate[d->gates++], &r->conf->partner[i]);
	for (unsigned int i = 0; i < d->gates; i++) {
		enum rc rc = gate_open(&d->gate[i], d->inotify, err);

		if (rc == RC_BROKEN)
			return rc;
		if (rc != RC_OK)
			log_rc("deliver.closed", rc, err);
		d->gate[i].first =
		    folder_named(d->gate[i].partner, FOLDER_GIVES);
	}
	return RC_OK;
}

static void
deliver_stop(struct role *r)
{
	struct deliver *d = r->self;

	if (d == NULL)
		return;
	for (unsigned int i = 0; i < d->gates; i++)
		gate_clear(&d->gate[i]);
	free(d->gate);
	refusals_clear(&d->refusals);
	if (d->inotify >= 0)
		(void)close(d->inotify);
	free(d);
	r->self = NULL;
}

static int
deliver_fd(struct role *r)
{
	return ((struct deliver *)r->self)->inotify;
}

static struct gate *
gate_of(struct deliver *d, struct slice partner)
{
	for (unsigned int i = 0; i < d->gates; i++)
		if (slice_is(partner, d->gate[i].partner->name))
			return &d->gate[i];
	return NULL;
}

/* --- messages --- */

/* An order that cannot even be begun is answered at once. */
static enum rc
staged_answer(struct role *r, uint64_t delivery, enum rc rc, const char *why,
    struct err *err)
{
	return wire_send(r->wire, ROLE_SPOOL, MSG_STAGED,
	    &(struct msg_STAGED){ .delivery = delivery,
		.rc = (uint32_t)rc,
		.why = slice_sub(slice_of(why), 0, MSG_STR_MAX) },
	    -1, err);
}

/*
 * Nothing is answered before its DELIVER: what is missing of it then, because
 * the folder was away for example, is told there. The first piece begins anew;
 * what stands already needs no names told again.
 */
static enum rc
piece_take(struct role *r, struct msg *m, struct err *err)
{
	struct deliver *d = r->self;
	const struct msg_PIECE *o = m->body;
	struct gate *g = gate_of(d, o->partner);
	struct job *j;
	enum rc rc;

	if (d->draining || g == NULL)
		return RC_OK;
	rc = m->fd < 0 ? RC_OK : gate_open(g, d->inotify, err);
	if (rc != RC_OK)
		return rc == RC_BROKEN ? rc : RC_OK;
	j = gate_job(g, o->delivery);
	if (j != NULL && j->state != JOB_COLLECT && m->fd < 0)
		return RC_OK;
	if (j != NULL && o->number == 0) {
		gate_job_end(g, j);
		j = NULL;
	}
	if (j == NULL && o->number == 0)
		j = gate_job_collect(g, o->delivery);
	if (j == NULL || j->state != JOB_COLLECT || j->pieces != o->number)
		return RC_OK;
	return gate_piece(g, j, o->file, o->name, m->fd, o->at, o->len, err);
}

/*
 * While draining, orders are dropped: this role's successor gets them again.
 * The same order twice (the spool asks after our restart) begins anew.
 */
static enum rc
order_take(struct role *r, struct msg *m, struct err *err)
{
	struct deliver *d = r->self;
	const struct msg_DELIVER *o = m->body;
	struct gate *g = gate_of(d, o->partner);
	struct slice body;
	struct job *j;
	enum rc rc;

	if (d->draining)
		return RC_OK;
	if (g == NULL)
		return staged_answer(r, o->delivery, RC_REFUSED,
		    "no folder of its partner", err);
	rc = gate_open(g, d->inotify, err);
	if (rc == RC_BROKEN)
		return rc;
	if (rc != RC_OK)
		return staged_answer(r, o->delivery, rc, err->text, err);
	j = gate_job(g, o->delivery);
	if (j != NULL && j->state == JOB_COLLECT && o->pieces > 0)
		return gate_stage_group(g, j, o->pieces, o->name, err);
	if (j != NULL)
		gate_job_end(g, j);
	if (o->pieces > 0)
		return staged_answer(
		    r, o->delivery, RC_LATER, "its pieces did not come", err);
	rc = msg_bytes(m, BODY_MAX, &body, err);
	if (rc != RC_OK)
		return rc;
	j = gate_job_new(g, o->delivery, o->name);
	if (j == NULL)
		return staged_answer(
		    r, o->delivery, RC_LATER, "no memory for a delivery", err);
	gate_job_order(j, m, body);
	return RC_OK;
}

static enum rc
publish_told(struct role *r, const struct msg_PUBLISH *m)
{
	struct deliver *d = r->self;

	for (unsigned int i = 0; i < d->gates; i++) {
		struct job *j = gate_job(&d->gate[i], m->delivery);

		if (j != NULL && j->state == JOB_STAGED)
			j->state = JOB_PUBLISH;
	}
	return RC_OK;
}

/* What a start finds outside; the last one has delivery 0. */
static enum rc
standing_told(struct role *r, const struct msg_STANDING *m, struct err *err)
{
	struct deliver *d = r->self;
	struct gate *g = gate_of(d, m->partner);
	struct job *j;
	enum rc rc = RC_OK;

	if (m->delivery == 0) {
		d->told = true;
		for (unsigned int i = 0; i < d->gates && rc == RC_OK; i++)
			rc = gate_sweep(&d->gate[i], err);
		return rc;
	}
	if (g == NULL) {
		char id[ID_TEXT];

		log_event(LOG_ALARM, "deliver.orphan",
		    "delivery=%s why=\"no folder of its partner\"",
		    id_print(m->delivery, id));
		return RC_OK;
	}
	j = gate_job(g, m->delivery);
	if (j != NULL && j->state != JOB_COLLECT)
		return RC_OK;
	if (j == NULL)
		j = gate_job_new(g, m->delivery, m->name);
	if (j == NULL)
		return err_set(err, RC_LATER, "no memory for a delivery");
	gate_job_name(g, j, m->name);
	j->size = m->size;
	j->state = m->staged != 0 ? JOB_PUBLISH : JOB_PUBLISHED;
	j->look = g->dirty = true;
	gate_check(g);
	return RC_OK;
}

static enum rc
deliver_take(struct role *r, struct msg *m, struct err *err)
{
	struct deliver *d = r->self;

	switch (m->type) {
	case MSG_DELIVER:
		return order_take(r, m, err);
	case MSG_PIECE:
		return piece_take(r, m, err);
	case MSG_PUBLISH:
		return publish_told(r, m->body);
	case MSG_STANDING:
		return standing_told(r, m->body, err);
	case MSG_WHOSE:
	case MSG_WITHDRAW:
		return refusals_put(&d->refusals, m, err);
	case MSG_DRAIN:
		d->draining = true;
		return RC_OK;
	default:
		return err_set(err, RC_BROKEN, "deliver: message %s from %s",
		    msg_name(m->type), role_name(m->from));
	}
}

/* --- time --- */

static enum rc
answers_send(struct role *r, struct job *j, struct err *err)
{
	struct slice why = slice_of(j->why);
	enum rc rc = RC_OK;

	if (j->tell_staged) {
		rc = staged_answer(r, j->delivery, j->rc, j->why, err);
		j->tell_staged = rc != RC_OK;
	}
	if (rc == RC_OK && j->tell_published) {
		rc = wire_send(r->wire, ROLE_SPOOL, MSG_PUBLISHED,
		    &(struct msg_PUBLISHED){ .delivery = j->delivery,
			.rc = (uint32_t)j->rc,
			.why = why },
		    -1, err);
		j->tell_published = rc != RC_OK;
	}
	if (rc == RC_OK && j->tell_picked) {
		rc = wire_send(r->wire, ROLE_SPOOL, MSG_PICKED,
		    &(struct msg_PICKED){ .delivery = j->delivery }, -1, err);
		j->tell_picked = rc != RC_OK;
	}
	if (rc == RC_OK && j->tell_sent) {
		rc = wire_send(r->wire, ROLE_SPOOL, MSG_SENT,
		    &(struct msg_SENT){ .delivery = j->delivery,
			.read = j->number == 0,
			.sha256 = j->sha256 },
		    -1, err);
		j->tell_sent = rc != RC_OK;
	}
	return rc;
}

static bool
has_answer(const struct job *j)
{
	return j->tell_staged || j->tell_published || j->tell_picked ||
	       j->tell_sent;
}

/*
 * What is staged already goes out first. RC_LATER: the link is full, the rest
 * waits for the next round.
 */
static enum rc
jobs_step(struct role *r, struct gate *g, bool *worked, struct err *err)
{
	int64_t now = clock_mono(r->clock);
	struct job *next;
	enum rc rc = gate_publish(g, now, worked, err);

	if (rc == RC_OK)
		rc = gate_stage(g, worked, err);
	for (struct job *j = g->jobs; j != NULL && rc == RC_OK; j = next) {
		next = j->next;
		if (has_answer(j)) {
			rc = answers_send(r, j, err);
			*worked = *worked || rc == RC_OK;
		}
		if (rc != RC_OK || has_answer(j))
			continue;
		if (j->state == JOB_END)
			gate_job_end(g, j);
		else if (j->state == JOB_GONE && !j->look)
			gate_job_gone(g, j);
	}
	return rc;
}

struct refusing {
	struct role *r;
	struct gate *g;
	struct err *err;
};

static enum rc
refused_tell(void *arg, const char *name, uint64_t mark, uint64_t size)
{
	struct refusing *f = arg;

	return wire_send(f->r->wire, ROLE_SPOOL, MSG_REJECTED,
	    &(struct msg_REJECTED){ .partner = slice_of(f->g->partner->name),
		.name = slice_of(name),
		.mark = mark,
		.size = size },
	    -1, f->err);
}

/* It waits for its name, and has not been there: nobody can refuse it. */
static bool
waits_outside(const struct job *j)
{
	return j->state == JOB_PUBLISH && j->told_waiting && j->nbeside == 0;
}

/* Only when the spool knows of every file of ours that stood there. */
static enum rc
refused_look(struct role *r, struct gate *g, bool *worked, struct err *err)
{
	struct refusing f = { r, g, err };

	if (((const struct deliver *)r->self)->refusals.n > 0)
		return RC_OK; /* first what is asked of those before */
	for (const struct job *j = g->jobs; j != NULL; j = j->next)
		if ((j->state == JOB_PUBLISH && !waits_outside(j)) ||
		    has_answer(j))
			return RC_OK;
	return gate_refused(
	    g, clock_mono(r->clock), worked, refused_tell, &f, err);
}

static void
events_read(struct deliver *d)
{
	char room[EVENT_ROOM]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(d->inotify, room, sizeof(room))) > 0)
		for (char *p = room; p < room + n;) {
			const struct inotify_event *e = (const void *)p;

			for (unsigned int i = 0; i < d->gates; i++)
				gate_event(&d->gate[i], e->wd,
				    e->len > 0 ? e->name : "");
			p += sizeof(*e) + e->len;
		}
}

/*
 * RC_LATER: a folder is another one than at our start, and our walls keep us
 * from it. Not again and again: whoever moves folders about stops nobody.
 */
static enum rc
gates_reopen(struct role *r, struct err *err)
{
	struct deliver *d = r->self;
	int64_t now = clock_mono(r->clock);
	struct err ignored; /* told at start, and in every answer */

	if (now < d->reopen_at)
		return RC_OK;
	d->reopen_at = now + GATE_REOPEN;
	for (unsigned int i = 0; i < d->gates; i++)
		if (gate_open(&d->gate[i], d->inotify, &ignored) != RC_OK &&
		    r->may_end && gate_other(&d->gate[i]) &&
		    now - d->started >= GATE_REOPEN)
			return err_set(err, RC_LATER,
			    "the folder of '%s' is another one now",
			    d->gate[i].partner->name);
	return RC_OK;
}

static bool
jobs_rest(const struct deliver *d)
{
	for (unsigned int i = 0; i < d->gates; i++)
		for (struct job *j = d->gate[i].jobs; j != NULL; j = j->next)
			if (j->state == JOB_ORDERED || j->state == JOB_STAGED ||
			    j->state == JOB_PUBLISH || has_answer(j))
				return false;
	return true;
}

static int64_t
due_next(const struct role *r)
{
	const struct deliver *d = r->self;
	int64_t now = clock_mono(r->clock);
	int64_t due = d->refusals.n > 0 ? now + GATE_REOPEN : 0;

	for (unsigned int i = 0; i < d->gates; i++) {
		const struct gate *g = &d->gate[i];
		int64_t at = g->folder == NULL ? d->reopen_at
			     : g->njobs > 0 || g->watch_refused >= 0
				 ? g->look_at
				 : 0;

		if (at != 0 && (due == 0 || at < due))
			due = at;
		at = g->folder != NULL && g->refused ? g->refused_at : 0;
		if (at > now && (due == 0 || at < due))
			due = at;
		for (const struct job *j = g->jobs; j != NULL; j = j->next)
			if (j->state == JOB_PUBLISH && g->folder != NULL &&
			    (due == 0 || j->not_before < due))
				due = j->not_before;
	}
	return due;
}

static enum rc
deliver_idle(struct role *r, int64_t *due, bool *worked, struct err *err)
{
	struct deliver *d = r->self;
	enum rc rc;

	events_read(d);
	rc = gates_reopen(r, err);
	if (rc != RC_OK)
		return rc;
	for (unsigned int i = 0; i < d->gates && rc == RC_OK; i++) {
		gate_turn(&d->gate[i]); /* the one before it took its time */
		rc = gate_look(&d->gate[i], clock_mono(r->clock), err);
		if (rc == RC_OK)
			rc = jobs_step(r, &d->gate[i], worked, err);
		if (rc == RC_OK && d->told && !d->draining)
			rc = refused_look(r, &d->gate[i], worked, err);
		if (rc == RC_LATER) /* one that cannot stops no other */
			rc = RC_OK;
		gate_turn(&d->gate[i]);
	}
	if (rc == RC_OK)
		rc = refusals_answer(
		    r, &d->refusals, d->gate, d->gates, worked, err);
	if (rc == RC_OK && d->draining && !d->drained && jobs_rest(d)) {
		d->drained = wire_send(r->wire, ROLE_SUPERVISOR, MSG_DRAINED,
				 &(struct msg_DRAINED){ 0 }, -1, err) == RC_OK;
	}
	*due = due_next(r);
	return rc;
}

const struct role_ops role_deliver = {
	.id = ROLE_DELIVER,
	.start = deliver_start,
	.take = deliver_take,
	.idle = deliver_idle,
	.fd = deliver_fd,
	.stop = deliver_stop,
};
