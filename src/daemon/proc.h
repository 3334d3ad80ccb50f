/*
 * daemon/proc.h - one process of the set as the supervisor sees it; only for
 * supervisor*.c and proc.c.
 */
#ifndef DAEMON_PROC_H
#define DAEMON_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "src/wire/bundles.h"
#include "src/daemon/role.h"
#include "src/daemon/role_process.h"

enum proc_state {
	PROC_NONE,
	PROC_STARTING,
	PROC_READY,
	PROC_DRAINING,
	PROC_DRAINED,
	PROC_WAITING
};

struct proc {
	enum role_id id;
	enum proc_state state;
	pid_t pid;
	int pidfd;
	struct wire *wire; /* to it alone */
	int spool_end;     /* the other end of its link to the spool, -1 */
	uint64_t generation;
	uint32_t restarts;
	int64_t started, again_at; /* monotonic */
	int64_t wait_ms;           /* back-off */
	bool seen_ready;
	char sandbox[128];
	char mapping[BUNDLES_BYTES]; /* convert: what it loaded */
};

struct proc_start {
	const char *file;
	int conf; /* memfd */
	bool try_sandbox;
	/* links to it beside the supervisor's: fd for a role, -1 */
	int link[ROLES];
};

/*
 * Fork and exec this program as that role. Its links in start are closed here
 * in any case. RC_LATER: no process, no descriptor.
 */
enum rc proc_spawn(struct proc *, const struct proc_start *, int64_t mono_ms,
    struct err *) MUST_USE;
/* Without a word: it is crash-safe by design. */
void proc_kill(struct proc *);
/* Its end has come: reap it. The wait status as of waitid(2): exit or 128+. */
int proc_reap(struct proc *);
void proc_close(struct proc *); /* its link and descriptors */
/* A pair of connected sockets; RC_LATER. */
enum rc proc_pair(int fds[2], struct err *) MUST_USE;
/* Parse the configuration in a child without rights; it tells mistakes. */
enum rc proc_check(
    const char *file, int conf, int before, struct err *) MUST_USE;

#endif
