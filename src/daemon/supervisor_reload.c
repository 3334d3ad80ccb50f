/*
 * daemon/supervisor_reload.c - a new generation of every role but the spool:
 * started beside the old one, turned over when all are ready, given up whole
 * when one is not. Called by supervisor.c.
 */
#include "src/daemon/supervisor_in.h"
#include "src/base/log.h"
#include "src/wire/msg.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READY_MS 120000 /* for the new ones to start; the old ones work on */
#define DRAIN_MS 20000  /* for the old ones to finish */

static void
asker_tell(struct supervisor *s, uint64_t id, enum rc rc, const char *why)
{
	struct proc *query = &s->now[ROLE_QUERY];
	struct err err;

	if (query->wire != NULL &&
	    wire_send(query->wire, ROLE_QUERY, MSG_RELOADED,
		&(struct msg_RELOADED){ .asked = id,
		    .rc = (uint32_t)rc,
		    .generation = s->generation,
		    .why = slice_of(why) },
		-1, &err) != RC_OK)
		log_rc("daemon.reload", RC_LATER, &err);
}

/* Whoever asked is told when it is decided, not before. */
static void
answer(struct supervisor *s, enum rc rc, const char *why)
{
	log_event(rc == RC_OK ? LOG_NOTE : LOG_ERROR, "daemon.reload",
	    "rc=%s gen=%ju why=\"%s\"", rc_name(rc), (uintmax_t)s->generation,
	    why);
	if (s->asked)
		asker_tell(s, s->asked_id, rc, why);
	s->asked = false;
}

/*
 * No role takes up again what it was told to finish, and one that ended
 * meanwhile had a successor: each begins anew. The death of those that live is
 * told by the kernel, like any other.
 */
static void
drained_revive(struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES && s->phase == PHASE_RUN; i++) {
		struct proc *p = &s->now[i];

		if (!set_has((enum role_id)i) ||
		    (p->state != PROC_DRAINING && p->state != PROC_DRAINED))
			continue;
		if (p->pidfd >= 0)
			proc_kill(p);
		else
			set_wait(s, p);
	}
}

void
reload_fail(struct supervisor *s, const char *why)
{
	bool draining = s->reload == RELOAD_DRAINING;

	if (s->reload == RELOAD_NO)
		return;
	for (unsigned int i = 0; i < ROLES; i++) {
		struct proc *p = &s->next[i];

		if (p->pidfd >= 0) {
			set_unwatch(s, p);
			proc_kill(p);
			(void)proc_reap(p);
		}
		proc_close(p); /* of one that did not start, its link */
	}
	(void)close(s->next_conf);
	s->reload = RELOAD_NO;
	if (draining)
		drained_revive(s);
	answer(s, RC_REFUSED, why);
}

static enum rc
next_start(struct supervisor *s, struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < ROLES && rc == RC_OK; i++) {
		struct proc_start start = { .file = s->start->file,
			.conf = s->next_conf };
		struct proc *p = &s->next[i];
		int pair[2];

		if (!set_has((enum role_id)i))
			continue;
		*p = (struct proc){ .id = (enum role_id)i,
			.pidfd = -1,
			.spool_end = -1,
			.generation = s->generation + 1 };
		rc = proc_pair(pair, err);
		if (rc != RC_OK)
			break;
		memset(start.link, 0xff, sizeof(start.link));
		start.link[ROLE_SPOOL] = pair[1];
		p->spool_end = pair[0];
		rc = proc_spawn(p, &start, clock_mono(&s->clock), err);
		if (rc == RC_OK)
			set_watch(s, p);
	}
	return rc;
}

void
reload_begin(struct supervisor *s, bool asked, uint64_t id)
{
	struct err err = { "" };
	enum rc rc;

	if (s->reload != RELOAD_NO || s->phase != PHASE_RUN || !s->was_ready) {
		log_event(LOG_WARN, "daemon.reload",
		    "why=\"not now: starting, ending or reloading\"");
		if (asked) /* the one who asked before waits on */
			asker_tell(s, id, RC_LATER,
			    "not now: the daemon is starting, ending or "
			    "reloading");
		return;
	}
	s->asked = asked;
	s->asked_id = id;
	rc = conf_load(s->start->file, &s->next_conf, &err);
	if (rc == RC_OK) {
		rc = proc_check(s->start->file, s->next_conf, s->conf, &err);
		if (rc != RC_OK)
			(void)close(s->next_conf);
	}
	if (rc != RC_OK) {
		answer(s, rc, err.text);
		return;
	}
	s->reload = RELOAD_STARTING;
	s->reload_until = clock_mono(&s->clock) + READY_MS;
	if (next_start(s, &err) != RC_OK)
		reload_fail(s, err.text);
}

static bool
next_ready(const struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i) && s->next[i].state != PROC_READY)
			return false;
	return true;
}

/*
 * The old one has nothing in hand that counts, or had its time. A new one of
 * which the spool cannot be told now ends: it is started again, with a link of
 * which it is.
 */
static void
role_turn(struct supervisor *s, unsigned int i)
{
	struct proc *old = &s->now[i], *p = &s->next[i];
	struct err err;
	bool told;

	told = wire_send(s->now[ROLE_SPOOL].wire, ROLE_SPOOL, MSG_LINK,
		   &(struct msg_LINK){
		       .role = (uint32_t)i, .generation = p->generation },
		   p->spool_end, &err) == RC_OK;
	if (told)
		p->spool_end = -1;
	else
		proc_kill(p);
	set_unwatch(s, old);
	set_unwatch(s, p);
	if (old->pidfd >= 0) {
		proc_kill(old);
		(void)proc_reap(old);
	}
	proc_close(old);
	*old = *p;
	*p = (struct proc){ .pidfd = -1, .spool_end = -1 };
	set_watch(s, old);
}

static void
turn_over(struct supervisor *s)
{
	int copy = dup(s->next_conf);
	struct err err;

	if (copy < 0 ||
	    wire_send(s->now[ROLE_SPOOL].wire, ROLE_SPOOL, MSG_GENERATION,
		&(struct msg_GENERATION){ .generation = s->generation + 1,
		    .mapping_version =
			slice_of(s->next[ROLE_CONVERT].mapping) },
		copy, &err) != RC_OK) {
		if (copy >= 0)
			(void)close(copy);
		reload_fail(s, "the spool's link is full");
		return;
	}
	memcpy(s->mapping, s->next[ROLE_CONVERT].mapping, sizeof(s->mapping));
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i))
			role_turn(s, i);
	(void)close(s->conf);
	s->conf = s->next_conf;
	s->generation++;
	s->reload = RELOAD_NO;
	answer(s, RC_OK, "");
	for (unsigned int i = 0; i < ROLES; i++)
		if (s->now[i].state == PROC_READY)
			proc_tell_query(s, &s->now[i]);
}

/* Query holds no work: it answers until the new one does. */
static void
old_drain(struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i) && i != ROLE_QUERY)
			set_drain(s, &s->now[i]);
	s->reload = RELOAD_DRAINING;
	s->reload_until = clock_mono(&s->clock) + DRAIN_MS;
}

void
reload_step(struct supervisor *s)
{
	bool late = clock_mono(&s->clock) >= s->reload_until;

	if (s->reload == RELOAD_STARTING && next_ready(s))
		old_drain(s);
	else if (s->reload == RELOAD_STARTING && late)
		reload_fail(s, "a role of the new generation is not ready");
	if (s->reload == RELOAD_DRAINING && (set_drained(s) || late))
		turn_over(s);
}
