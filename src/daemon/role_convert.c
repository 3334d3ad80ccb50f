/*
 * daemon/role_convert.c - the role that reads, writes and wraps: a zygote with
 * the mappings loaded, one child for some orders of one partner (DESIGN 4).
 * Trusts the spool's orders; an order's bytes are looked at by children only.
 * Driven by one.c or role_process.c.
 */
#include "src/daemon/role.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "src/base/id.h"
#include "src/base/log.h"
#include "src/conf/conf.h"
#include "src/daemon/convert_child.h"
#include "src/envelope/zip.h"
#include "src/syntax/text.h"
#include "src/wire/msg.h"

#define CHILDREN  4   /* at once; the machine's cores are fewer or not ours */
#define JOBS_MAX  256 /* orders here; the spool hands out fewer */
#define AGAIN_MS  200 /* until the next try when no process was to be had */
#define LINGER_MS 250 /* a child waits for more of its partner */
#define BUSY_MS   100 /* a partner's orders wait for a child of its own */

struct convert {
	struct mappings *mappings;
	struct work *work;
	struct child child[CHILDREN];
	struct job *first, *last; /* in the order they came */
	unsigned int njobs;
	uint64_t base_bytes;
	int epoll;
	int64_t again_at; /* monotonic; 0: nothing waits for a process */
	int64_t room_at;  /* the same, for another's place */
	/* partners who wait for that now; in their orders, which wait here */
	struct slice starved[CHILDREN];
	unsigned int nstarved;
	bool draining, drained;
};

static enum rc
mappings_load(struct role *r, struct convert *c, struct err *err)
{
	enum rc rc;

	if (!mappings_needed(r->conf))
		return RC_OK;
	rc = mappings_hold(
	    &c->mappings, r->conf, clock_wall(r->clock), r->may_end, err);
	if (rc == RC_OK)
		r->mapping = c->mappings->text;
	return rc;
}

static enum rc
convert_start(struct role *r, struct err *err)
{
	struct convert *c = calloc(1, sizeof(*c));
	enum rc rc;

	if (c == NULL)
		return err_set(err, RC_LATER, "no memory for convert");
	r->self = c;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll < 0)
		return err_errno(err, RC_BROKEN, "epoll of convert");
	rc = hash_ready(err);
	if (rc == RC_OK)
		rc = encodings_ready(err); /* its modules are files */
	if (rc == RC_OK)
		rc = zip_ready(err);
	if (rc == RC_OK)
		rc = mappings_load(r, c, err);
	if (rc == RC_OK)
		rc = work_new(&c->work, c->mappings, r->conf, err);
	c->base_bytes = child_base_bytes();
	return rc;
}

/*
 * Closing them would not do: a younger child may hold a copy of the descriptor
 * until it gets to closing what is not its own.
 */
static void
link_unwatch(const struct convert *c, const struct child *k)
{
	if (k->link >= 0)
		(void)epoll_ctl(c->epoll, EPOLL_CTL_DEL, k->link, NULL);
}

static void
child_end(const struct convert *c, struct child *k)
{
	link_unwatch(c, k);
	(void)epoll_ctl(c->epoll, EPOLL_CTL_DEL, k->pidfd, NULL);
	child_clear(k);
}

static void
all_drop(struct convert *c)
{
	for (unsigned int i = 0; i < CHILDREN; i++)
		if (c->child[i].pid > 0) {
			child_kill(&c->child[i]);
			(void)child_reap(&c->child[i], true);
			child_end(c, &c->child[i]);
		}
	while (c->first != NULL) {
		struct job *j = c->first;

		c->first = j->next;
		job_free(j);
	}
	c->last = NULL;
	c->njobs = 0;
}

static void
convert_stop(struct role *r)
{
	struct convert *c = r->self;

	if (c == NULL)
		return;
	all_drop(c);
	work_free(c->work);
	mappings_free(c->mappings);
	if (c->epoll >= 0)
		(void)close(c->epoll);
	free(c);
	r->self = NULL;
}

static int
convert_fd(struct role *r)
{
	return ((struct convert *)r->self)->epoll;
}

/* --- orders come in --- */

static bool
order_makes_sense(const struct msg_ORDER *o)
{
	return o->kind <= ORDER_REPLAN && o->partner.len > 0 &&
	       memchr(o->partner.p, '\0', o->partner.len) == NULL;
}

static enum rc
order_take(struct role *r, struct msg *m, struct err *err)
{
	struct convert *c = r->self;
	struct job *j;

	if (c->draining)
		return RC_OK; /* the spool hands it out again */
	if (c->njobs >= JOBS_MAX)
		return err_set(err, RC_BROKEN, "more than %u orders", JOBS_MAX);
	j = job_new(m);
	if (j == NULL)
		return err_set(err, RC_LATER, "no memory for an order");
	if (!order_makes_sense(j->o) || c->mappings == NULL) {
		j->state = JOB_DONE;
		j->rc = RC_REFUSED;
		(void)snprintf(j->why, sizeof(j->why), "%s",
		    c->mappings == NULL ? "nothing is to be read here"
					: "an order that makes no sense");
	}
	if (c->last == NULL)
		c->first = j;
	else
		c->last->next = j;
	c->last = j;
	c->njobs++;
	return RC_OK;
}

static enum rc
convert_take(struct role *r, struct msg *m, struct err *err)
{
	switch (m->type) {
	case MSG_ORDER:
		return order_take(r, m, err);
	case MSG_DRAIN:
		((struct convert *)r->self)->draining = true;
		return RC_OK;
	default:
		return err_set(err, RC_BROKEN, "convert: message %s from %s",
		    msg_name(m->type), role_name(m->from));
	}
}

/* The spool began anew: it will ask again for all that is here. */
static enum rc
convert_peer(struct role *r, enum role_id peer, struct err *err)
{
	(void)err;
	if (peer == ROLE_SPOOL)
		all_drop(r->self);
	return RC_OK;
}

/* --- children --- */

static bool
child_has(const struct child *c, const struct job *j)
{
	return c->pid > 0 && c->n > 0 && slice_is(j->o->partner, c->partner);
}

/* One that waits for this job's partner; else a place for a new one. */
static struct child *
child_for(struct convert *c, const struct job *j)
{
	struct child *place = NULL;

	for (unsigned int i = 0; i < CHILDREN; i++) {
		if (child_may(&c->child[i], j))
			return &c->child[i];
		if (place == NULL && c->child[i].pid <= 0)
			place = &c->child[i];
	}
	return place;
}

/* How many are at work for its partner? */
static unsigned int
partner_busy(const struct convert *c, const struct job *j)
{
	unsigned int busy = 0;

	for (unsigned int i = 0; i < CHILDREN; i++)
		busy += child_has(&c->child[i], j);
	return busy;
}

/*
 * No child is to be had for this job. Its partner's own are done in a moment,
 * and a fork for each order that finds another's child idle costs more than
 * the orders: whoever has one at work waits, but not behind a large one.
 */
static void
job_starves(struct convert *c, const struct job *j, int64_t now)
{
	int64_t at = now;

	for (unsigned int i = 0; i < CHILDREN; i++)
		if (child_has(&c->child[i], j) &&
		    c->child[i].busy_at + BUSY_MS > at)
			at = c->child[i].busy_at + BUSY_MS;
	if (at > now) {
		if (c->room_at == 0 || at < c->room_at)
			c->room_at = at;
		return;
	}
	for (unsigned int i = 0; i < c->nstarved; i++)
		if (slice_eq(c->starved[i], j->o->partner))
			return;
	if (c->nstarved < CHILDREN)
		c->starved[c->nstarved++] = j->o->partner;
}

/*
 * The jobs for the next child: the first that waits and finds one, and those
 * of the same partner behind it, unless others would then find no child: a
 * partner with much to do must not keep the rest waiting.
 */
static unsigned int
jobs_pick(struct convert *c, struct job **out, struct child **to, int64_t now)
{
	unsigned int n = 0, busy = 0;

	c->nstarved = 0;
	c->room_at = 0;
	for (struct job *j = c->first; j != NULL; j = j->next) {
		if (j->state != JOB_WAITS)
			continue;
		if (n == 0) {
			busy = partner_busy(c, j);
			*to = busy < CHILDREN - 1 ? child_for(c, j) : NULL;
			if (*to == NULL && busy < CHILDREN - 1)
				job_starves(c, j, now);
			if (*to == NULL)
				continue;
		}
		if (n < CHILD_JOBS &&
		    (n == 0 || slice_eq(out[0]->o->partner, j->o->partner)))
			out[n++] = j;
	}
	/* Half of a lone partner's work waits for a second core. */
	return busy == 0 && n > 1 ? (n + 1) / 2 : n;
}

static void
child_let_go(const struct convert *c, struct child *k)
{
	link_unwatch(c, k);
	child_dismiss(k);
}

static bool
child_idle(const struct child *k)
{
	return k->pid > 0 && k->link >= 0 && k->n == 0;
}

static struct child *
idle_longest(struct convert *c)
{
	struct child *idle = NULL;

	for (unsigned int i = 0; i < CHILDREN; i++)
		if (child_idle(&c->child[i]) &&
		    (idle == NULL || c->child[i].idle_at < idle->idle_at))
			idle = &c->child[i];
	return idle;
}

/* For each partner who needs a place one that waits goes, or is about to. */
static void
room_make(struct convert *c)
{
	unsigned int leave = 0;
	struct child *k;

	for (unsigned int i = 0; i < CHILDREN; i++)
		leave += c->child[i].pid > 0 && c->child[i].link < 0;
	for (; leave < c->nstarved && (k = idle_longest(c)) != NULL; leave++)
		child_let_go(c, k);
}

/* Which of its two descriptors it was: its end, or a word on its link. */
enum { EVENT_END, EVENT_LINK, EVENTS };

static enum rc
child_watch(const struct convert *c, struct child *k, struct err *err)
{
	uint32_t place = (uint32_t)(k - c->child) * EVENTS;
	struct epoll_event end = { .events = EPOLLIN,
		.data.u32 = place + EVENT_END };
	struct epoll_event link = { .events = EPOLLIN,
		.data.u32 = place + EVENT_LINK };

	if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, k->pidfd, &end) != 0 ||
	    epoll_ctl(c->epoll, EPOLL_CTL_ADD, k->link, &link) != 0)
		return err_errno(err, RC_BROKEN, "watching a child");
	return RC_OK;
}

static enum rc
jobs_give(struct role *r, struct child *to, struct job *const *job,
    unsigned int n, struct err *err)
{
	struct convert *c = r->self;
	int64_t now = clock_mono(r->clock);
	unsigned int may = 1;
	enum rc rc;

	if (to->pid > 0) { /* it waits for this partner */
		while (may < n && child_may(to, job[may]))
			may++;
		if (!child_give(to, job, may, now))
			child_let_go(c, to); /* they go to another */
		return RC_OK;
	}
	rc = child_start(to, job, n, c->work, c->base_bytes, now, err);
	return rc == RC_OK ? child_watch(c, to, err) : rc;
}

static enum rc
children_start(struct role *r, bool *worked, struct err *err)
{
	struct convert *c = r->self;
	struct job *job[CHILD_JOBS];
	struct child *to = NULL;
	unsigned int n;

	while ((n = jobs_pick(c, job, &to, clock_mono(r->clock))) > 0) {
		enum rc rc = jobs_give(r, to, job, n, err);

		if (rc != RC_OK)
			return rc;
		*worked = true;
	}
	room_make(c);
	return RC_OK;
}

static void
child_event(struct role *r, struct child *k, unsigned int what)
{
	struct convert *c = r->self;
	unsigned int had = k->n;

	if (k->pid <= 0)
		return; /* its other descriptor has told */
	if (what == EVENT_END) {
		if (child_reap(k, false))
			child_end(c, k);
		return;
	}
	if (!child_hear(k))
		child_let_go(c, k);
	if (had > 0 && k->n == 0)
		k->idle_at = clock_mono(r->clock);
}

static void
children_hear(struct role *r, bool *worked)
{
	struct convert *c = r->self;
	struct epoll_event e[EVENTS * CHILDREN];
	int n = epoll_wait(c->epoll, e, EVENTS * CHILDREN, 0);

	for (int i = 0; i < n; i++)
		child_event(r, &c->child[e[i].data.u32 / EVENTS],
		    e[i].data.u32 % EVENTS);
	*worked = *worked || n > 0;
}

/* Who has nothing to do goes after a while, who does not end is made to. */
static void
children_part(struct role *r)
{
	struct convert *c = r->self;
	int64_t now = clock_mono(r->clock);

	for (unsigned int i = 0; i < CHILDREN; i++) {
		struct child *k = &c->child[i];

		if (k->pid <= 0)
			continue;
		if (child_idle(k) && (child_over(k) || c->draining ||
					 now >= k->idle_at + LINGER_MS))
			child_let_go(c, k);
		if (k->n > 0 && k->deadline <= now)
			child_kill(k);
	}
}

static void
jobs_run_here(struct role *r, bool *worked)
{
	struct convert *c = r->self;

	for (struct job *j = c->first; j != NULL; j = j->next)
		if (j->state == JOB_WAITS) {
			job_run_here(j, c->work);
			*worked = true;
		}
}

/* --- results go out --- */

static enum rc
result_send(struct role *r, struct job *j, struct err *err)
{
	struct msg_RESULT said;
	enum rc rc;

	if (j->state == JOB_DIED)
		return wire_send(r->wire, ROLE_SPOOL, MSG_DIED,
		    &(struct msg_DIED){
			.order = j->o->order, .why = slice_of(j->why) },
		    -1, err);
	said = (struct msg_RESULT){ .order = j->o->order,
		.rc = (uint32_t)j->rc,
		.why = slice_of(j->why) };
	if (j->result < 0)
		return wire_send_bytes(
		    r->wire, ROLE_SPOOL, MSG_RESULT, &said, j->claims, err);
	rc = wire_send(r->wire, ROLE_SPOOL, MSG_RESULT, &said, j->result, err);
	if (rc == RC_OK)
		j->result = -1; /* the wire's now */
	return rc;
}

static void
died_log(const struct job *j)
{
	char id[ID_TEXT];

	log_event(LOG_ALARM, "convert.died",
	    "subject=%s partner=%.*s why=\"%s\"", id_print(j->o->subject, id),
	    SLICE_ARG(j->o->partner), j->why);
}

/* RC_LATER: the link is full, the rest waits for the next round. */
static enum rc
results_send(struct role *r, bool *worked, struct err *err)
{
	struct convert *c = r->self;
	struct job **at = &c->first, *before = NULL, *j;
	enum rc rc = RC_OK;

	while ((j = *at) != NULL && rc == RC_OK) {
		if (j->state == JOB_WAITS || j->state == JOB_RUNS) {
			before = j;
			at = &j->next;
			continue;
		}
		rc = result_send(r, j, err);
		if (rc != RC_OK)
			break;
		if (j->state == JOB_DIED)
			died_log(j);
		*at = j->next;
		if (c->last == j)
			c->last = before;
		c->njobs--;
		job_free(j);
		*worked = true;
	}
	return rc == RC_LATER ? RC_OK : rc;
}

/* While draining, what has not begun is left: the successor gets it. */
static void
waiting_drop(struct convert *c)
{
	struct job **at = &c->first, *before = NULL, *j;

	while ((j = *at) != NULL) {
		if (j->state != JOB_WAITS) {
			before = j;
			at = &j->next;
			continue;
		}
		*at = j->next;
		c->njobs--;
		job_free(j);
	}
	c->last = before;
}

static int64_t
due_next(const struct convert *c)
{
	int64_t due = c->again_at;

	if (c->room_at != 0 && (due == 0 || c->room_at < due))
		due = c->room_at;
	for (unsigned int i = 0; i < CHILDREN; i++) {
		const struct child *k = &c->child[i];
		int64_t at = k->pid <= 0     ? 0
			     : k->n > 0      ? k->deadline
			     : child_idle(k) ? k->idle_at + LINGER_MS
					     : 0;

		if (at != 0 && (due == 0 || at < due))
			due = at;
	}
	return due;
}

static enum rc
convert_idle(struct role *r, int64_t *due, bool *worked, struct err *err)
{
	struct convert *c = r->self;
	enum rc rc = RC_OK;

	c->room_at = 0;
	children_hear(r, worked);
	children_part(r);
	if (c->draining)
		waiting_drop(c);
	else if (r->inline_work)
		jobs_run_here(r, worked);
	else
		rc = children_start(r, worked, err);
	c->again_at = 0;
	if (rc == RC_LATER) { /* no process or descriptor to be had */
		log_rc("convert.waits", rc, err);
		c->again_at = clock_mono(r->clock) + AGAIN_MS;
		rc = RC_OK;
	}
	if (rc == RC_OK)
		rc = results_send(r, worked, err);
	if (rc == RC_OK && c->draining && !c->drained && c->first == NULL)
		c->drained = wire_send(r->wire, ROLE_SUPERVISOR, MSG_DRAINED,
				 &(struct msg_DRAINED){ 0 }, -1, err) == RC_OK;
	*due = due_next(c);
	return rc;
}

const struct role_ops role_convert = {
	.id = ROLE_CONVERT,
	.start = convert_start,
	.take = convert_take,
	.idle = convert_idle,
	.fd = convert_fd,
	.stop = convert_stop,
	.peer = convert_peer,
};
