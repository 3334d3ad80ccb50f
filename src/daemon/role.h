/*
 * daemon/role.h - a role is a function over wire.
 *
 * The same code runs as a process of its own (role_process.c) and linked
 * with all others into one (one.c: entrepotd --one, crash tests, simulation).
 * A role never waits: it is called with a message, or when its time has come.
 */
#ifndef DAEMON_ROLE_H
#define DAEMON_ROLE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"
#include "src/base/rc.h"
#include "src/wire/wire.h"

struct conf;

struct role {
	const struct role_ops *ops;
	struct wire *wire;
	struct clock *clock;
	const struct conf *conf;
	uint64_t generation; /* the spool's start sets it: the journal's last */
	const char *mapping; /* convert's start: what it loaded, bundles.h */
	uint64_t peer_generation; /* of whom peer() tells; 0: not known yet */
	/* A process of its own, behind walls that were built around the folders
	 * of its start: with RC_LATER it ends, to see those of now. */
	bool may_end;
	bool inline_work; /* convert: no child processes (tests, fake clock) */
	void *self;
};

struct role_ops {
	enum role_id id;
	/* Open what is needed, recover, say what was left half done. */
	enum rc (*start)(struct role *, struct err *);
	/* One message; the caller frees it. */
	enum rc (*take)(struct role *, struct msg *, struct err *);
	/*
	 * Nothing waits, or *due came: do what is due, set *due to the next
	 * monotonic time to be called at the latest (0: only on messages).
	 * *worked: something was done, call again before sleeping.
	 */
	enum rc (*idle)(
	    struct role *, int64_t *due, bool *worked, struct err *);
	/* A descriptor to sleep on (inotify, children, control), or -1. */
	int (*fd)(struct role *);
	void (*stop)(struct role *);
	/*
	 * May be NULL. That role was started again (it died, or a new
	 * generation took over): what was in flight with it is unknown, what
	 * is told at start (HALF, STANDING) must be told again.
	 */
	enum rc (*peer)(struct role *, enum role_id, struct err *);
};

extern const struct role_ops role_intake, role_convert, role_deliver,
    role_spool, role_query;

#endif
