/*
 * daemon/supervisor.c - watches over the set: who is ready, who died, when all
 * end. Trusts the kernel's word about processes, and of the roles' words only
 * READY, DRAINED and a wish to reload. Called by main.c.
 */
#include "src/daemon/supervisor_in.h"
#include "src/base/log.h"
#include "src/daemon/notify.h"
#include "src/wire/msg.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#define WAIT_FIRST_MS 100
#define WAIT_LAST_MS  30000
#define STEADY_MS     2000 /* lived so long: the back-off begins anew */
#define DRAIN_MS      25000
#define DRAIN_ALL_MS  30000 /* I36 */

static void supervisor_tick(void *);

static struct proc *
proc_of(struct supervisor *s, int fd, bool by_pidfd)
{
	for (unsigned int i = 0; i < 2 * ROLES; i++) {
		struct proc *p = i < ROLES ? &s->now[i] : &s->next[i - ROLES];

		if (by_pidfd ? p->pidfd == fd
			     : p->wire != NULL && wire_fd(p->wire, p->id) == fd)
			return p;
	}
	return NULL;
}

/* --- what the roles say --- */

static bool
all_ready(const struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if ((i == ROLE_SPOOL || set_has((enum role_id)i)) &&
		    s->now[i].state != PROC_READY)
			return false;
	return true;
}

static void
ended(struct supervisor *s, enum rc rc, const struct err *err)
{
	s->rc = rc;
	if (err != NULL)
		s->err = *err;
	s->phase = PHASE_END;
	loop_stop(s->loop);
}

static void
ready(struct supervisor *s, struct proc *p, const struct msg_READY *m)
{
	struct err err;

	p->state = PROC_READY;
	p->seen_ready = true;
	(void)snprintf(
	    p->sandbox, sizeof(p->sandbox), "%.*s", SLICE_ARG(m->sandbox));
	(void)snprintf(
	    p->mapping, sizeof(p->mapping), "%.*s", SLICE_ARG(m->mapping));
	if (p == &s->now[ROLE_SPOOL])
		p->generation = s->generation = m->generation + 1;
	if (p == &s->now[ROLE_CONVERT] && set_generation(s, &err) != RC_OK)
		ended(s, RC_LATER, &err);
	log_event(LOG_NOTE, "role.ready", "role=%s pid=%d gen=%ju %s",
	    role_name(p->id), (int)p->pid, (uintmax_t)p->generation,
	    p->sandbox);
	if (p == &s->now[ROLE_SPOOL] && set_start_others(s, &err) != RC_OK)
		ended(s, RC_LATER, &err);
	if (p->id == ROLE_QUERY)
		for (unsigned int i = 0; i < ROLES; i++)
			proc_tell_query(s, &s->now[i]);
	else if (p == &s->now[p->id]) /* the next ones may never hold */
		proc_tell_query(s, p);
	if (!s->was_ready && all_ready(s)) {
		s->was_ready = true;
		log_event(
		    LOG_NOTE, "daemon.ready", "mode=set pid=%d", (int)getpid());
		notify_service("READY=1");
	}
}

static void
heard(struct supervisor *s, struct proc *p, const struct msg *m)
{
	if (m->type == MSG_READY)
		ready(s, p, m->body);
	else if (m->type == MSG_DRAINED)
		p->state = PROC_DRAINED;
	else if (m->type == MSG_RELOAD)
		reload_begin(
		    s, true, ((const struct msg_RELOAD *)m->body)->asked);
}

static void
link_event(void *arg, int fd, uint32_t events)
{
	struct supervisor *s = arg;
	struct proc *p = proc_of(s, fd, false);
	struct err err;
	struct msg *m;

	(void)events;
	if (p == NULL)
		return;
	if (wire_fill(p->wire, fd, &err) != RC_OK)
		loop_unwatch(s->loop, fd); /* its end is told by the kernel */
	while (p->wire != NULL && (m = wire_next(p->wire)) != NULL) {
		heard(s, p, m);
		msg_free(m);
	}
	supervisor_tick(s);
}

/* --- who died --- */

void
set_wait(struct supervisor *s, struct proc *p)
{
	int64_t now = clock_mono(&s->clock);

	p->wait_ms = now - p->started > STEADY_MS || p->wait_ms == 0
			 ? WAIT_FIRST_MS
			 : p->wait_ms * 2;
	if (p->wait_ms > WAIT_LAST_MS)
		p->wait_ms = WAIT_LAST_MS;
	p->again_at = now + p->wait_ms;
	p->restarts++;
	p->state = PROC_WAITING;
}

/* Without the spool nobody has a promise to keep: all begin anew. */
static void
spool_died(struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES; i++) {
		struct proc *p = &s->now[i];

		if (!set_has((enum role_id)i) || p->pidfd < 0)
			continue;
		set_unwatch(s, p);
		proc_kill(p);
		(void)proc_reap(p);
		proc_close(p);
	}
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i))
			proc_close(&s->now[i]);
	set_wait(s, &s->now[ROLE_SPOOL]);
}

static void
now_died(struct supervisor *s, struct proc *p, int status)
{
	struct err err;

	if (s->phase != PHASE_RUN) {
		p->state = PROC_DRAINED;
		return;
	}
	if (status == ROLE_REFUSED && !s->was_ready) {
		(void)err_set(
		    &err, RC_REFUSED, "role %s cannot start", role_name(p->id));
		ended(s, RC_REFUSED, &err);
		return;
	}
	if (p->id == ROLE_SPOOL) {
		reload_fail(s, "the spool ended");
		spool_died(s);
	} else if (s->reload == RELOAD_DRAINING) {
		p->state = PROC_DRAINED; /* its successor is there */
	} else {
		set_wait(s, p);
	}
}

static void
death_event(void *arg, int fd, uint32_t events)
{
	struct supervisor *s = arg;
	struct proc *p = proc_of(s, fd, true);
	bool next = p >= s->next && p < s->next + ROLES;
	int status;

	(void)events;
	if (p == NULL)
		return;
	set_unwatch(s, p);
	status = proc_reap(p);
	log_event(s->phase == PHASE_RUN ? LOG_ERROR : LOG_NOTE, "role.ended",
	    "role=%s pid=%d gen=%ju status=%d", role_name(p->id), (int)p->pid,
	    (uintmax_t)p->generation, status);
	proc_close(p);
	if (next)
		reload_fail(s, "a role of the new generation ended");
	else
		now_died(s, p, status);
	if (!next)
		proc_tell_query(s, p);
	supervisor_tick(s);
}

void
set_watch(struct supervisor *s, struct proc *p)
{
	struct err err;

	if (loop_watch(s->loop, wire_fd(p->wire, p->id), EPOLLIN, link_event, s,
		&err) != RC_OK ||
	    loop_watch(s->loop, p->pidfd, EPOLLIN, death_event, s, &err) !=
		RC_OK)
		ended(s, RC_BROKEN, &err);
}

void
set_unwatch(struct supervisor *s, struct proc *p)
{
	if (s->loop == NULL)
		return;
	if (p->wire != NULL && wire_fd(p->wire, p->id) >= 0)
		loop_unwatch(s->loop, wire_fd(p->wire, p->id));
	if (p->pidfd >= 0)
		loop_unwatch(s->loop, p->pidfd);
}

/* --- time --- */

static void
again(struct supervisor *s, struct proc *p)
{
	struct err err = { "" };
	enum rc rc;

	if (p->id == ROLE_SPOOL)
		rc = set_start(s, &err);
	else if (s->now[ROLE_SPOOL].state == PROC_READY)
		rc = set_start_again(s, p, &err);
	else
		return; /* the spool's start brings it along */
	if (rc != RC_OK) {
		log_rc("role.start", rc, &err);
		set_wait(s, p);
	}
}

static void
drain_step(struct supervisor *s)
{
	int64_t now = clock_mono(&s->clock);
	struct proc *spool = &s->now[ROLE_SPOOL];

	if (s->phase == PHASE_DRAIN &&
	    (set_drained(s) || now >= s->phase_until)) {
		s->phase = PHASE_DRAIN_SPOOL;
		s->phase_until += DRAIN_ALL_MS - DRAIN_MS;
		set_drain(s, spool);
	}
	if (s->phase == PHASE_DRAIN_SPOOL &&
	    (spool->state != PROC_DRAINING || now >= s->phase_until))
		ended(s, RC_OK, NULL);
}

static void
supervisor_tick(void *arg)
{
	struct supervisor *s = arg;
	int64_t now = clock_mono(&s->clock), due = now + DRAIN_ALL_MS;
	struct err ignored;

	for (unsigned int i = 0; i < ROLES && s->phase == PHASE_RUN; i++) {
		struct proc *p = &s->now[i];

		if (p->state == PROC_WAITING && now >= p->again_at)
			again(s, p);
		if (p->state == PROC_WAITING && p->again_at < due)
			due = p->again_at > now ? p->again_at
						: now + WAIT_FIRST_MS;
	}
	reload_step(s);
	drain_step(s);
	for (unsigned int i = 0; i < ROLES; i++)
		if (s->now[i].wire != NULL)
			(void)!wire_flush(s->now[i].wire, &ignored);
	if (s->reload != RELOAD_NO && s->reload_until < due)
		due = s->reload_until;
	if (s->phase != PHASE_RUN && s->phase_until < due)
		due = s->phase_until;
	loop_at(
	    s->loop, due > now ? due : now + WAIT_FIRST_MS, supervisor_tick, s);
}

static void
drain_begin(struct supervisor *s)
{
	if (s->phase != PHASE_RUN)
		return;
	log_event(
	    LOG_NOTE, "daemon.draining", "gen=%ju", (uintmax_t)s->generation);
	notify_service("STOPPING=1");
	s->phase = PHASE_DRAIN;
	reload_fail(s, "the daemon ends");
	s->phase_until = clock_mono(&s->clock) + DRAIN_MS;
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i))
			set_drain(s, &s->now[i]);
}

static void
signalled(void *arg, int signo)
{
	struct supervisor *s = arg;

	if (signo == SIGHUP)
		reload_begin(s, false, 0);
	else
		drain_begin(s);
	supervisor_tick(s);
}

/* --- the test: each role tries, one after the other --- */

static enum rc
try_all(struct supervisor *s, struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < ROLES && rc == RC_OK; i++) {
		struct proc_start start = { .file = s->start->file,
			.conf = s->conf,
			.try_sandbox = true };
		struct proc *p = &s->now[i];

		if (i != ROLE_SPOOL && !set_has((enum role_id)i))
			continue;
		memset(start.link, 0xff, sizeof(start.link));
		p->id = (enum role_id)i;
		rc = proc_spawn(p, &start, clock_mono(&s->clock), err);
		if (rc == RC_OK && proc_reap(p) != 0)
			rc = err_set(err, RC_BROKEN,
			    "the sandbox of role %s has a hole",
			    role_name(p->id));
		proc_close(p);
	}
	return rc;
}

static enum rc
watch_over(struct supervisor *s, struct err *err)
{
	static const int signos[] = { SIGTERM, SIGINT, SIGHUP };
	enum rc rc;

	s->loop = loop_new(&s->clock, err);
	if (s->loop == NULL)
		return RC_LATER;
	rc = loop_signals(s->loop, signos, 3, signalled, s, err);
	if (rc == RC_OK)
		rc = set_start(s, err);
	if (rc == RC_OK) {
		supervisor_tick(s);
		rc = loop_run(s->loop, err);
	}
	set_end(s);
	loop_free(s->loop);
	s->loop = NULL;
	if (rc == RC_OK && s->rc != RC_OK) {
		*err = s->err;
		rc = s->rc;
	}
	return rc;
}

enum rc
supervisor_run(const struct supervisor_start *start, struct err *err)
{
	static struct supervisor s;
	enum rc rc;

	s = (struct supervisor){ .start = start, .conf = -1 };
	for (unsigned int i = 0; i < ROLES; i++)
		s.now[i].pidfd = s.now[i].spool_end = s.next[i].pidfd =
		    s.next[i].spool_end = -1;
	clock_init(&s.clock);
	/* What a role writes to a file too large is an error, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	rc = conf_load(start->file, &s.conf, err);
	if (rc == RC_OK)
		rc = proc_check(start->file, s.conf, -1, err);
	if (rc == RC_OK)
		rc =
		    start->try_sandbox ? try_all(&s, err) : watch_over(&s, err);
	if (s.conf >= 0)
		(void)close(s.conf);
	log_event(LOG_NOTE, "daemon.ended", "rc=%s", rc_name(rc));
	return rc;
}
