/*
 * daemon/convert_child.h - a child that does some orders of one partner, under
 * limits, and then is gone.
 *
 * A fork costs more than most orders: a child that is done waits a moment for
 * more of the same partner, and of no other. The parent never looks at a
 * partner's bytes. When the child dies, the orders behind it are done, the one
 * it died at is told, and those before it are the caller's to give out again.
 */
#ifndef DAEMON_CONVERT_CHILD_H
#define DAEMON_CONVERT_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "src/daemon/work.h"
#include "src/wire/msg.h"

#define CHILD_JOBS 16
#define CHILD_LIFE 1024 /* orders, then it goes */
#define CHILD_WHY  512

enum job_state { JOB_WAITS, JOB_RUNS, JOB_DONE, JOB_DIED };

struct job {
	struct msg *from;          /* its order, and what is to be read */
	const struct msg_ORDER *o; /* in it */
	uint64_t size;             /* of what is to be read */
	struct slice claims;       /* ours, up to WIRE_INLINE; or */
	int result;                /* a memfd with more of them, -1: none */
	enum job_state state;
	enum rc rc;
	char why[CHILD_WHY];
	struct job *next;
};

struct child {
	pid_t pid;
	int pidfd;
	int link;       /* orders go in, "done" comes out; -1: dismissed */
	unsigned int n; /* orders in its hands */
	uint32_t given; /* ... since it was born, and when it was */
	uint32_t first;
	uint64_t bytes; /* no larger input than this */
	bool spent;     /* it ran out of memory: nothing more for it */
	struct job *job[CHILD_JOBS];
	int large[CHILD_JOBS]; /* memfds that came before "done", -1 */
	char partner[MSG_STR_MAX + 1];
	struct child_page *page; /* shared: what the child says of itself */
	int64_t deadline;        /* monotonic; then it is killed */
	int64_t busy_at;         /* since when it does what it does */
	int64_t idle_at;         /* since when it has nothing to do */
};

/* The largest input that a child's limits are for. */
uint64_t child_bytes(struct job *const *, unsigned int n);
/* What the limits leave to the zygote itself, taken once at its start. */
uint64_t child_base_bytes(void);
/*
 * Start a child for n jobs of one partner (their state is JOB_RUNS then).
 * RC_LATER: no process or descriptor to be had, the jobs still wait.
 */
enum rc child_start(struct child *, struct job *const *, unsigned int n,
    struct work *, uint64_t base_bytes, int64_t mono_ms, struct err *) MUST_USE;
/* Has it nothing to do, and may it have this order? */
bool child_may(const struct child *, const struct job *);
bool child_over(const struct child *); /* No order is for it any more. */
/*
 * More orders for a child that child_may(). False: it has died meanwhile, or
 * cannot be told and is killed; it has begun none of them.
 */
bool child_give(struct child *, struct job *const *, unsigned int n,
    int64_t mono_ms) MUST_USE;
/* Its link is readable: orders that are done have their outcome. False: it is
 * about to end. */
bool child_hear(struct child *);
/* It may go when it has done what it has; its end comes by its pidfd. */
void child_dismiss(struct child *);
/*
 * Has its end come? Then each job is done, died or waits again. wait: until it
 * has.
 */
bool child_reap(struct child *, bool wait);
void child_clear(struct child *); /* behind it: its place is free */
/* At the deadline, or when the role stops. */
void child_kill(struct child *);

/* The same in this process, for tests and a fake clock. */
void job_run_here(struct job *, struct work *);
/* Holds the message, an order; NULL: no memory. */
struct job *job_new(struct msg *);
void job_free(struct job *);

#endif
