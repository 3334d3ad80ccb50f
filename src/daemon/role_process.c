/*
 * daemon/role_process.c - one role, alone: takes its links, gives up its
 * rights, says READY and works until the supervisor lets go of it. Trusts the
 * supervisor. Called by main.c.
 *
 * The order: configuration, its hold on the spool, user, what the role opens,
 * sandbox, READY. Only
 * then does anything from outside reach it.
 */
#include "src/daemon/role_process.h"
#include "src/base/arena.h"
#include "src/base/fsx.h"
#include "src/base/hash.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/conf/conf.h"
#include "src/daemon/roles.h"
#include "src/record/complaints.h"
#include "src/wire/msg.h"
#include "spool/lock.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SANDBOX_MEM   (4u << 20)
#define STEP_MESSAGES 256
#define NAP_MS        20
#define LONG_MS       60000

struct process {
	struct role role;
	struct clock clock;
	struct conf *conf;
	struct arena *mem;
	struct loop *loop;
	uint32_t watched[ROLES]; /* what epoll was asked for, 0: not yet */
	bool ended;              /* the supervisor let go */
	enum rc rc;
	struct err err;
};

/* 0 to 2 and the links are all that was meant for us. */
static struct wire *
links_take(enum role_id self)
{
	int fds[ROLES];

	for (unsigned int i = 0; i < ROLES; i++) {
		fds[i] = FD_LINKS + (int)i;
		if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) != 0)
			fds[i] = -1;
	}
	return wire_sockets(self, fds);
}

static enum rc
conf_take(struct conf **conf, const char *file, struct err *err)
{
	struct complaints c;
	struct slice text;
	enum rc rc = fsx_memfd_map(FD_CONF, CONF_BYTES_MAX, &text, err);

	if (rc != RC_OK)
		return rc;
	complaints_init(&c);
	rc = conf_parse(conf, file, text, &c, err);
	complaints_clear(&c); /* told when the supervisor had it checked */
	fsx_unmap(text);
	(void)close(FD_CONF);
	return rc;
}

/*
 * No other set begins while we live. As who started us: the spool's folder is
 * closed to our user. If our supervisor ended before that, another may have
 * begun.
 */
static enum rc
set_join(const char *spool, struct err *err)
{
	struct pollfd above = { .fd = FD_LINKS + ROLE_SUPERVISOR };
	enum rc rc = lock_join(spool, err);

	if (rc == RC_OK && poll(&above, 1, 0) > 0)
		rc = err_set(err, RC_LATER, "the supervisor has ended");
	return rc;
}

/* --- giving up --- */

static void
tried(void *arg, const char *act, bool refused)
{
	log_event(refused ? LOG_NOTE : LOG_ALARM, "sandbox.try",
	    "role=%s act=%s result=%s", (const char *)arg, act,
	    refused ? "refused" : "WORKED");
}

static enum rc
rights_drop(struct process *p, char *truth, size_t size, struct err *err)
{
	struct sandbox s;
	struct sandbox_truth t;
	enum rc rc = role_sandbox(&s, p->role.ops->id, p->conf, p->mem, err);

	if (rc == RC_OK)
		rc = sandbox_enter(&s, &t, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(truth, size, "uid=%u landlock=%d seccomp=%s",
	    (unsigned int)geteuid(), t.landlock, t.seccomp ? "yes" : "no");
	return RC_OK;
}

static enum rc
process_begin(
    struct process *p, const struct role_start *start, struct err *err)
{
	enum rc rc;

	clock_init(&p->clock);
	p->mem = arena_new(SANDBOX_MEM);
	p->role = (struct role){ .ops = start->ops,
		.clock = &p->clock,
		.generation = start->generation,
		.may_end = true };
	p->role.wire = links_take(start->ops->id);
	if (p->mem == NULL || p->role.wire == NULL)
		return err_set(err, RC_LATER, "no memory for a role");
	rc = conf_take(&p->conf, start->file, err);
	if (rc != RC_OK)
		return rc;
	p->role.conf = p->conf;
	if (start->ops->id != ROLE_SPOOL && !start->try_sandbox)
		rc = set_join(p->conf->spool, err);
	if (rc != RC_OK)
		return rc;
	rc = sandbox_user(role_user(start->ops->id, p->conf), err);
	if (rc == RC_OK)
		rc = hash_ready(err);
	return rc == RC_OK ? start->ops->start(&p->role, err) : rc;
}

/* --- messages --- */

static void watch_links(struct process *p);

static enum rc
link_new(struct process *p, struct msg *m, struct err *err)
{
	const struct msg_LINK *l = m->body;
	enum role_id id = (enum role_id)l->role;
	int old;

	if (l->role >= ROLES || id == ROLE_SUPERVISOR || m->fd < 0)
		return err_set(err, RC_BROKEN, "a link to role %u", l->role);
	old = wire_fd(p->role.wire, id);
	if (old >= 0)
		loop_unwatch(p->loop, old);
	wire_relink(p->role.wire, id, m->fd);
	m->fd = -1;
	p->watched[id] = 0;
	watch_links(p);
	if (p->role.ops->peer == NULL)
		return RC_OK;
	p->role.peer_generation = l->generation;
	return p->role.ops->peer(&p->role, id, err);
}

static enum rc
message_take(struct process *p, struct msg *m, struct err *err)
{
	if (m->type == MSG_LINK)
		return link_new(p, m, err);
	return p->role.ops->take(&p->role, m, err);
}

static enum rc
role_work(struct process *p, int64_t *due, bool *worked, struct err *err)
{
	enum rc rc = RC_OK;

	*worked = false;
	*due = 0;
	for (unsigned int i = 0; i < STEP_MESSAGES && rc == RC_OK; i++) {
		struct msg *m = wire_next(p->role.wire);

		if (m == NULL)
			break;
		rc = message_take(p, m, err);
		msg_free(m);
		*worked = true;
	}
	if (rc == RC_OK)
		rc = p->role.ops->idle(&p->role, due, worked, err);
	return rc;
}

/* --- the loop --- */

/*
 * Without its supervisor a role has no business; without the spool only the
 * supervisor can help, and it ends all of us.
 */
static void
link_lost(struct process *p, enum role_id id, int fd, const struct err *err)
{
	loop_unwatch(p->loop, fd);
	if (id == ROLE_SUPERVISOR || p->role.ops->id != ROLE_SPOOL)
		p->ended = true;
	else
		log_event(LOG_WARN, "role.link", "to=%s why=\"%s\"",
		    role_name(id), err->text);
}

/*
 * All that was said meanwhile, by whomever: what came together is done
 * together. The supervisor last: a link that it replaces was heard out.
 */
static void
links_fill(struct process *p)
{
	for (unsigned int i = ROLES; i-- > 0;) {
		int fd = wire_fd(p->role.wire, (enum role_id)i);
		struct err err;

		if (fd >= 0 && wire_fill(p->role.wire, fd, &err) != RC_OK)
			link_lost(p, (enum role_id)i, fd, &err);
	}
}

static void
process_tick(void *arg)
{
	struct process *p = arg;
	bool worked = true;
	int64_t due = 0, now = 0;
	struct err ignored;
	enum rc flushed;

	while (worked && p->rc == RC_OK && !p->ended) {
		links_fill(p);
		now = clock_mono(&p->clock);
		p->rc = role_work(p, &due, &worked, &p->err);
		flushed = wire_flush(p->role.wire, &ignored);
		if (p->rc == RC_OK && flushed != RC_OK) {
			p->rc = flushed;
			p->err = ignored;
		}
	}
	if (p->rc != RC_OK || p->ended) {
		loop_stop(p->loop);
		return;
	}
	watch_links(p);
	if (due == 0)
		due = now + LONG_MS;
	/* what was still to come when it was asked may have come by now */
	loop_at(p->loop, due > now ? due : now + NAP_MS, process_tick, p);
}

/* Once for all that is ready: behind the last of these events. */
static void
link_event(void *arg, int fd, uint32_t events)
{
	struct process *p = arg;

	(void)fd;
	(void)events;
	loop_at(p->loop, clock_mono(&p->clock), process_tick, p);
}

static void
watch_links(struct process *p)
{
	for (unsigned int i = 0; i < ROLES && p->rc == RC_OK; i++) {
		int fd = wire_fd(p->role.wire, (enum role_id)i);
		uint32_t want = EPOLLIN;

		if (wire_waiting(p->role.wire, (enum role_id)i) > 0)
			want |= EPOLLOUT;
		if (fd < 0 || p->watched[i] == want)
			continue;
		p->watched[i] = want;
		p->rc = loop_watch(p->loop, fd, want, link_event, p, &p->err);
	}
}

static enum rc
process_loop(struct process *p, struct err *err)
{
	int fd = p->role.ops->fd == NULL ? -1 : p->role.ops->fd(&p->role);
	enum rc rc = RC_OK;

	wire_gather(p->role.wire);
	watch_links(p);
	if (fd >= 0)
		rc = loop_watch(p->loop, fd, EPOLLIN, link_event, p, err);
	loop_at(p->loop, clock_mono(&p->clock), process_tick, p);
	if (rc == RC_OK && p->rc == RC_OK)
		rc = loop_run(p->loop, err);
	if (rc == RC_OK && p->rc != RC_OK) {
		*err = p->err;
		rc = p->rc;
	}
	return rc;
}

static enum rc
process_run(struct process *p, const struct role_start *start, struct err *err)
{
	char truth[128];
	enum rc rc = process_begin(p, start, err);

	if (rc != RC_OK)
		return rc;
	p->loop = loop_new(&p->clock, err);
	if (p->loop == NULL)
		return RC_LATER;
	rc = rights_drop(p, truth, sizeof(truth), err);
	if (rc != RC_OK)
		return rc;
	if (start->try_sandbox) {
		struct sandbox s;

		rc = role_sandbox(&s, start->ops->id, p->conf, p->mem, err);
		if (rc == RC_OK &&
		    sandbox_try(s.may, tried,
			(void *)(uintptr_t)role_name(start->ops->id)) > 0)
			rc = err_set(err, RC_BROKEN, "the sandbox has a hole");
		return rc;
	}
	rc = wire_send(p->role.wire, ROLE_SUPERVISOR, MSG_READY,
	    &(struct msg_READY){ .sandbox = slice_of(truth),
		.generation = p->role.generation,
		.mapping =
		    slice_of(p->role.mapping == NULL ? "" : p->role.mapping) },
	    -1, err);
	return rc == RC_OK ? process_loop(p, err) : rc;
}

static int
exit_of(enum rc rc)
{
	return rc == RC_OK        ? 0
	       : rc == RC_REFUSED ? ROLE_REFUSED
	       : rc == RC_LATER   ? 75
				  : 70;
}

int
role_process(const struct role_start *start)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ };
	static struct process p;
	struct err err = { "" };
	enum rc rc;

	/* the supervisor hears them and tells us; the files' limit is EFBIG */
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)signal(ours[i], SIG_IGN);
	rc = process_run(&p, start, &err);
	if (rc != RC_OK)
		log_event(rc == RC_REFUSED ? LOG_ERROR : LOG_ALARM, "role.ends",
		    "role=%s rc=%s why=\"%s\"", role_name(start->ops->id),
		    rc_name(rc), err.text);
	if (start->ops->stop != NULL)
		start->ops->stop(&p.role);
	loop_free(p.loop);
	wire_free(p.role.wire);
	conf_free(p.conf);
	arena_free(p.mem);
	return exit_of(rc);
}
