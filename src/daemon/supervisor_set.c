/*
 * daemon/supervisor_set.c - starting, linking and ending the processes of the
 * set. Trusts them to end when their links close, and kills them if not.
 * Called by supervisor.c and supervisor_reload.c.
 */
#include "src/daemon/supervisor_in.h"
#include "src/conf/conf.h"
#include "src/base/buf.h"
#include "src/base/fsx.h"
#include "src/base/log.h"
#include "src/daemon/roles.h"
#include "src/wire/msg.h"
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define END_MS 2000 /* to end by themselves */

bool
set_has(enum role_id id)
{
	const struct role_ops *const *all;
	unsigned int n;

	all = roles_all(&n);
	for (unsigned int i = 0; i < n; i++)
		if (all[i]->id == id)
			return id != ROLE_SPOOL;
	return false;
}

enum rc
conf_load(const char *file, int *memfd, struct err *err)
{
	struct buf b;
	enum rc rc;

	buf_init(&b, CONF_BYTES_MAX + 4096);
	rc = conf_pack(file, &b, err);
	if (rc == RC_OK && b.len > CONF_BYTES_MAX)
		rc = err_set(err, RC_REFUSED,
		    "configuration '%s' and its calendars are over %u bytes",
		    file, CONF_BYTES_MAX);
	if (rc == RC_OK && (*memfd = fsx_memfd("conf", buf_look(&b), err)) < 0)
		rc = RC_LATER;
	buf_clear(&b);
	return rc;
}

static void
proc_prepare(struct supervisor *s, struct proc *p, enum role_id id)
{
	p->id = id;
	p->pidfd = p->spool_end = -1;
	p->generation = s->generation;
	p->wire = NULL;
	p->state = PROC_NONE;
}

static struct proc_start
start_of(const struct supervisor *s)
{
	struct proc_start start = { .file = s->start->file,
		.conf = s->conf,
		.try_sandbox = s->start->try_sandbox };

	memset(start.link, 0xff, sizeof(start.link));
	return start;
}

static void
fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* It is tried again, and again: nothing of this try stays open. */
static void
start_undo(struct supervisor *s, struct proc_start *start, bool spawned)
{
	for (unsigned int i = 0; i < ROLES; i++) {
		fd_close(&s->now[i].spool_end);
		if (!spawned) /* else they are closed by then */
			fd_close(&start->link[i]);
	}
}

/* Both ends are made now: what the spool says early waits in the socket. */
enum rc
set_start(struct supervisor *s, struct err *err)
{
	struct proc_start start = start_of(s);
	struct proc *spool = &s->now[ROLE_SPOOL];
	uint32_t restarts = spool->restarts;
	bool spawned;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < ROLES && rc == RC_OK; i++) {
		struct proc *p = &s->now[i];
		int pair[2];

		proc_prepare(s, p, (enum role_id)i);
		if (!set_has((enum role_id)i))
			continue;
		rc = proc_pair(pair, err);
		if (rc != RC_OK)
			break;
		start.link[i] = pair[0];
		p->spool_end = pair[1];
	}
	spool->restarts = restarts;
	s->mapping[0] = '\0'; /* the set begins a generation */
	spawned = rc == RC_OK;
	if (spawned)
		rc = proc_spawn(spool, &start, clock_mono(&s->clock), err);
	if (rc == RC_OK)
		set_watch(s, spool);
	else
		start_undo(s, &start, spawned);
	return rc;
}

static enum rc
other_start(struct supervisor *s, struct proc *p, struct err *err)
{
	struct proc_start start = start_of(s);
	enum rc rc;

	start.link[ROLE_SPOOL] = p->spool_end;
	p->spool_end = -1;
	p->generation = s->generation;
	rc = proc_spawn(p, &start, clock_mono(&s->clock), err);
	if (rc == RC_OK)
		set_watch(s, p);
	return rc;
}

enum rc
set_start_others(struct supervisor *s, struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < ROLES && rc == RC_OK; i++)
		if (set_has((enum role_id)i) && s->now[i].state == PROC_NONE &&
		    s->now[i].spool_end >= 0)
			rc = other_start(s, &s->now[i], err);
	return rc;
}

enum rc
set_start_again(struct supervisor *s, struct proc *p, struct err *err)
{
	int pair[2];
	enum rc rc = proc_pair(pair, err);

	if (rc != RC_OK)
		return rc;
	rc = wire_send(s->now[ROLE_SPOOL].wire, ROLE_SPOOL, MSG_LINK,
	    &(struct msg_LINK){ .role = (uint32_t)p->id,
		.generation = p->id == ROLE_CONVERT ? 0 : s->generation },
	    pair[0], err);
	if (rc != RC_OK) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return rc;
	}
	p->spool_end = pair[1];
	return other_start(s, p, err);
}

enum rc
set_generation(struct supervisor *s, struct err *err)
{
	struct proc *p = &s->now[ROLE_CONVERT];

	if (s->mapping[0] != '\0' && strcmp(s->mapping, p->mapping) != 0)
		p->generation = ++s->generation;
	memcpy(s->mapping, p->mapping, sizeof(s->mapping));
	return wire_send(s->now[ROLE_SPOOL].wire, ROLE_SPOOL, MSG_GENERATION,
	    &(struct msg_GENERATION){ .generation = s->generation,
		.mapping_version = slice_of(s->mapping) },
	    -1, err);
}

void
set_drain(struct supervisor *s, struct proc *p)
{
	struct err err;

	(void)s;
	if (p->state != PROC_READY)
		return;
	p->state = wire_send(p->wire, p->id, MSG_DRAIN,
		       &(struct msg_DRAIN){ 0 }, -1, &err) == RC_OK
		       ? PROC_DRAINING
		       : PROC_DRAINED;
}

bool
set_drained(struct supervisor *s)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i) &&
		    s->now[i].state == PROC_DRAINING)
			return false;
	return true;
}

static void
proc_end(struct supervisor *s, struct proc *p, int64_t until)
{
	struct pollfd pfd = { .fd = p->pidfd, .events = POLLIN };
	int64_t left = until - clock_mono(&s->clock);

	if (p->pidfd < 0) {
		proc_close(p);
		return;
	}
	if (left < 0 || poll(&pfd, 1, (int)left) != 1)
		proc_kill(p);
	(void)proc_reap(p);
	proc_close(p);
}

/* Closing its link is how a role is told to go. */
static void
link_drop(struct supervisor *s, struct proc *p)
{
	set_unwatch(s, p);
	if (p->wire != NULL)
		wire_relink(p->wire, p->id, -1);
}

void
set_end(struct supervisor *s)
{
	int64_t until = clock_mono(&s->clock) + END_MS;

	for (unsigned int i = 0; i < ROLES; i++) {
		link_drop(s, &s->now[i]);
		link_drop(s, &s->next[i]);
	}
	for (unsigned int i = 0; i < ROLES; i++) {
		proc_end(s, &s->now[i], until);
		proc_end(s, &s->next[i], until);
	}
}

void
proc_tell_query(struct supervisor *s, const struct proc *p)
{
	static const char *const names[] = { "gone", "starting", "ready",
		"draining", "drained", "waiting" };
	struct proc *query = &s->now[ROLE_QUERY];
	struct err err;

	if (query->state != PROC_READY || query->wire == NULL)
		return;
	if (wire_send(query->wire, ROLE_QUERY, MSG_ROLE,
		&(struct msg_ROLE){ .role = (uint32_t)p->id,
		    .pid = (uint32_t)p->pid,
		    .generation = p->generation,
		    .state = slice_of(names[p->state]),
		    .sandbox = slice_of(p->sandbox),
		    .restarts = p->restarts },
		-1, &err) != RC_OK)
		log_rc("supervisor.query", RC_LATER, &err);
}
