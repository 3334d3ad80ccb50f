/*
 * daemon/convert_child.h - a child that does some orders of one partner, under
 * limits, and then is gone.
 *
 * The parent never looks at a partner's bytes. Orders come back one by one:
 * when the child dies, those behind it are done, the one it died at is told,
 * and those before it are the caller's to give out again.
 */
#ifndef DAEMON_CONVERT_CHILD_H
#define DAEMON_CONVERT_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "src/daemon/work.h"

#define CHILD_JOBS 16
#define CHILD_WHY  512
#define JOB_TEXT   1024 /* of a partner, a name, a format: as on the wire */

enum job_state { JOB_WAITS, JOB_RUNS, JOB_DONE, JOB_DIED };

struct job {
	uint64_t order, subject;
	enum order_kind kind;
	uint64_t ids, number;
	uint32_t nids;
	int64_t now;
	char partner[JOB_TEXT + 1], name[JOB_TEXT + 1], format[JOB_TEXT + 1];
	int input;  /* sealed memfd */
	int result; /* sealed memfd with claims, -1: none */
	enum job_state state;
	enum rc rc;
	char why[CHILD_WHY];
	struct job *next;
};

struct child {
	pid_t pid;
	int pidfd;
	unsigned int n;
	struct job *job[CHILD_JOBS];
	struct child_page *page; /* shared: what the child says of itself */
	int64_t deadline;        /* monotonic; then it is killed */
};

/* What the limits leave to the zygote itself, taken once at its start. */
uint64_t child_base_bytes(void);
/*
 * Start a child for n jobs of one partner (their state is JOB_RUNS then).
 * RC_LATER: no process or descriptor to be had, the jobs still wait.
 */
enum rc child_start(struct child *, struct job *const *, unsigned int n,
    struct work *, uint64_t base_bytes, int64_t mono_ms, struct err *) MUST_USE;
/* Its end has come (pidfd readable): each job is done, died or waits again. */
void child_reap(struct child *);
/* At the deadline, or when the role stops. */
void child_kill(struct child *);

/* The same in this process, for tests and a fake clock. */
void job_run_here(struct job *, struct work *);
struct job *job_new(void); /* NULL: no memory */
void job_free(struct job *);

#endif
