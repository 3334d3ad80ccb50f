/*
 * daemon/one.c - all roles in one process; trusts them to return soon. Called
 * by main.c and by the tests.
 *
 * Whatever a role cannot go on with ends the process: it is started afresh
 * and recovers, which is the same code as after a power cut.
 */
#include "src/daemon/one.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/wire/msg.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define STEP_MESSAGES 64    /* of one role before the next has its turn */
#define DRAIN_MS      30000 /* I36 */
#define NAP_MS        20    /* a due time that is past, and nothing done */

struct one {
	struct exchange *x;
	struct clock *clock;
	struct role role[ROLES];
	unsigned int n;
	uint64_t generation;
	int64_t due; /* the soonest of all roles, 0: none */
	/* one_run() */
	struct loop *loop;
	bool draining;
	unsigned int drained;
	int64_t drain_until;
	enum rc rc;
	struct err err;
};

/* The spool hears, as from a supervisor, which mappings do the work. */
static enum rc
generation_tell(struct one *o, struct err *err)
{
	struct role *spool = one_role(o, ROLE_SPOOL);
	struct role *convert = one_role(o, ROLE_CONVERT);
	const char *mapping = convert == NULL ? NULL : convert->mapping;

	if (spool == NULL)
		return RC_OK;
	o->generation = spool->generation + 1;
	return wire_send(exchange_wire(o->x, ROLE_SUPERVISOR), ROLE_SPOOL,
	    MSG_GENERATION,
	    &(struct msg_GENERATION){ .generation = o->generation,
		.mapping_version = slice_of(mapping == NULL ? "" : mapping) },
	    -1, err);
}

enum rc
one_new(struct one **out, const struct conf *conf, struct clock *clock,
    const struct role_ops *const *roles, unsigned int n, struct err *err)
{
	struct one *o = calloc(1, sizeof(*o));
	enum rc rc = RC_OK;

	if (o == NULL || (o->x = exchange_new()) == NULL) {
		free(o);
		return err_set(err, RC_LATER, "no memory for the roles");
	}
	o->clock = clock;
	for (unsigned int i = 0; i < n && rc == RC_OK; i++) {
		struct role *r = &o->role[o->n++];

		*r = (struct role){ .ops = roles[i],
			.wire = exchange_wire(o->x, roles[i]->id),
			.clock = clock,
			.conf = conf,
			.inline_work = clock->fake };
		rc = r->ops->start(r, err);
	}
	if (rc == RC_OK)
		rc = generation_tell(o, err);
	if (rc != RC_OK) {
		one_free(o);
		return rc;
	}
	*out = o;
	return RC_OK;
}

void
one_free(struct one *o)
{
	if (o == NULL)
		return;
	while (o->n > 0) {
		struct role *r = &o->role[--o->n];

		if (r->ops->stop != NULL)
			r->ops->stop(r);
	}
	exchange_free(o->x);
	free(o);
}

int64_t
one_due(const struct one *o)
{
	return o->due;
}

struct role *
one_role(struct one *o, enum role_id id)
{
	for (unsigned int i = 0; i < o->n; i++)
		if (o->role[i].ops->id == id)
			return &o->role[i];
	return NULL;
}

static enum rc
role_step(struct one *o, struct role *r, bool *worked, struct err *err)
{
	int64_t due = 0;
	bool some = false;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < STEP_MESSAGES && rc == RC_OK; i++) {
		struct msg *m = wire_next(r->wire);

		if (m == NULL)
			break;
		rc = r->ops->take(r, m, err);
		msg_free(m);
		some = true;
	}
	if (rc == RC_OK)
		rc = r->ops->idle(r, &due, &some, err);
	if (due != 0 && (o->due == 0 || due < o->due))
		o->due = due;
	*worked = *worked || some;
	if (rc != RC_OK)
		(void)err_prefix(err, rc, "%s", role_name(r->ops->id));
	return rc;
}

/* One process has no second one to turn over to: told at once. */
static void
reload_refuse(struct wire *w, const struct msg_RELOAD *m, uint64_t generation)
{
	struct err err;

	if (wire_send(w, ROLE_QUERY, MSG_RELOADED,
		&(struct msg_RELOADED){ .asked = m->asked,
		    .rc = RC_REFUSED,
		    .generation = generation,
		    .why = SLICE_LIT("the daemon runs as one process, which "
				     "cannot reload: start it again") },
		-1, &err) != RC_OK)
		log_rc("daemon.reload", RC_LATER, &err);
}

/* The supervisor's part: it hears who is drained, and does not reload. */
static void
supervisor_step(struct one *o, bool *worked)
{
	struct wire *w = exchange_wire(o->x, ROLE_SUPERVISOR);
	struct msg *m;

	while ((m = wire_next(w)) != NULL) {
		o->drained += m->type == MSG_DRAINED;
		if (m->type == MSG_RELOAD) {
			reload_refuse(w, m->body, o->generation);
			*worked = true; /* query has an answer to hand on */
		}
		msg_free(m);
	}
}

enum rc
one_step(struct one *o, bool *worked, struct err *err)
{
	enum rc rc = RC_OK;

	*worked = false;
	o->due = 0;
	for (unsigned int i = 0; i < o->n && rc == RC_OK; i++)
		rc = role_step(o, &o->role[i], worked, err);
	supervisor_step(o, worked);
	return rc;
}

/* --- real time --- */

static void
drain_begin(struct one *o)
{
	struct wire *w = exchange_wire(o->x, ROLE_SUPERVISOR);
	struct err ignored;

	if (o->draining)
		return;
	o->draining = true;
	o->drain_until = clock_mono(o->clock) + DRAIN_MS;
	log_event(LOG_NOTE, "daemon.draining", "roles=%u", o->n);
	for (unsigned int i = 0; i < o->n; i++)
		if (wire_send(w, o->role[i].ops->id, MSG_DRAIN,
			&(struct msg_DRAIN){ 0 }, -1, &ignored) != RC_OK)
			o->drained++;
}

static void
one_tick(void *arg)
{
	struct one *o = arg;
	int64_t now = 0, due;
	bool worked = true;

	while (worked && o->rc == RC_OK) {
		now = clock_mono(o->clock);
		o->rc = one_step(o, &worked, &o->err);
	}
	if (o->rc != RC_OK ||
	    (o->draining && (o->drained >= o->n || now >= o->drain_until))) {
		loop_stop(o->loop);
		return;
	}
	due = o->due == 0 ? now + DRAIN_MS : o->due;
	if (o->draining && due > o->drain_until)
		due = o->drain_until;
	/* what was still to come when it was asked may have come by now */
	loop_at(o->loop, due > now ? due : now + NAP_MS, one_tick, o);
}

static void
one_event(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	one_tick(arg);
}

static void
one_signal(void *arg, int signo)
{
	struct one *o = arg;

	if (signo == SIGTERM || signo == SIGINT)
		drain_begin(o);
	one_tick(o);
}

static enum rc
watches_set(struct one *o, struct err *err)
{
	static const int signos[] = { SIGTERM, SIGINT, SIGHUP };
	enum rc rc = loop_signals(o->loop, signos, 3, one_signal, o, err);

	for (unsigned int i = 0; i < o->n && rc == RC_OK; i++) {
		struct role *r = &o->role[i];
		int fd = r->ops->fd == NULL ? -1 : r->ops->fd(r);

		if (fd >= 0)
			rc =
			    loop_watch(o->loop, fd, EPOLLIN, one_event, o, err);
	}
	return rc;
}

enum rc
one_run(struct one *o, struct err *err)
{
	enum rc rc;

	o->loop = loop_new(o->clock, err);
	if (o->loop == NULL)
		return RC_LATER;
	rc = watches_set(o, err);
	if (rc == RC_OK) {
		one_tick(o);
		if (o->rc == RC_OK)
			rc = loop_run(o->loop, err);
	}
	loop_free(o->loop);
	o->loop = NULL;
	if (rc == RC_OK && o->rc != RC_OK) {
		*err = o->err;
		rc = o->rc;
	}
	return rc;
}
