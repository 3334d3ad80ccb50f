/*
 * daemon/supervisor_in.h - the supervisor's own state, shared by its parts:
 * the set (supervisor.c), starting and ending (supervisor_set.c), a new
 * generation (supervisor_reload.c).
 */
#ifndef DAEMON_SUPERVISOR_IN_H
#define DAEMON_SUPERVISOR_IN_H

#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/daemon/proc.h"
#include "src/daemon/supervisor.h"

enum phase {
	PHASE_RUN,
	PHASE_DRAIN,       /* all but the spool finish */
	PHASE_DRAIN_SPOOL, /* then it does */
	PHASE_END,
};

enum reload { RELOAD_NO, RELOAD_STARTING, RELOAD_DRAINING };

struct supervisor {
	const struct supervisor_start *start;
	struct clock clock;
	struct loop *loop;
	int conf;            /* the running one, a memfd */
	uint64_t generation; /* the journal keeps the last: numbers go on */
	char mapping[BUNDLES_BYTES]; /* what it loaded, bundles.h */
	struct proc now[ROLES], next[ROLES];
	enum phase phase;
	int64_t phase_until; /* monotonic */
	bool was_ready;      /* all roles were, once */
	/* reload */
	enum reload reload;
	int next_conf;
	int64_t reload_until;
	bool asked; /* by query, which waits for an answer */
	uint64_t asked_id;
	enum rc rc; /* with which it all ends */
	struct err err;
};

/* Is this a role of the set, and not the spool? */
bool set_has(enum role_id);
void set_watch(struct supervisor *, struct proc *);
void set_unwatch(struct supervisor *, struct proc *);
/* The spool first; the others when it is ready. */
enum rc set_start(struct supervisor *, struct err *) MUST_USE;
enum rc set_start_others(struct supervisor *, struct err *) MUST_USE;
/* One role once more: a new link to the spool, which is told. */
enum rc set_start_again(
    struct supervisor *, struct proc *, struct err *) MUST_USE;
/*
 * Convert is ready: tell the spool which generation holds. One that comes
 * back with other mappings than its predecessor is a generation of its own.
 */
enum rc set_generation(struct supervisor *, struct err *) MUST_USE;
/* It has ended: started again when its back-off is over. */
void set_wait(struct supervisor *, struct proc *);
void set_drain(struct supervisor *, struct proc *);
bool set_drained(struct supervisor *); /* all but the spool */
void set_end(struct supervisor *);     /* links closed, reaped, killed */
void proc_tell_query(struct supervisor *, const struct proc *);
enum rc conf_load(const char *file, int *memfd, struct err *) MUST_USE;

void reload_begin(struct supervisor *, bool asked, uint64_t id);
/* A step of it may be due: somebody is ready, drained, dead, or late. */
void reload_step(struct supervisor *);
/* Whole: the old ones go on, those that were told to finish as new processes.
 */
void reload_fail(struct supervisor *, const char *why);

#endif
