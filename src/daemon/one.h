/*
 * daemon/one.h - all roles in one process: entrepotd --one, crash tests,
 * simulation.
 *
 * The roles and their messages are those of the set of processes; only the
 * wire is a queue. With a fake clock nothing sleeps: time goes on when nobody
 * has anything left to do.
 */
#ifndef DAEMON_ONE_H
#define DAEMON_ONE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"
#include "src/base/rc.h"
#include "src/daemon/role.h"

struct one;

/*
 * Start the roles in this order. The configuration and the clock must outlive
 * it. Not RC_OK: nothing runs.
 */
enum rc one_new(struct one **, const struct conf *, struct clock *,
    const struct role_ops *const *roles, unsigned int n, struct err *) MUST_USE;
/* Each role takes what waits for it and does what is due, once. */
enum rc one_step(struct one *, bool *worked, struct err *) MUST_USE;
/*
 * Real clock: until SIGTERM or SIGINT, then drained: nothing new is taken,
 * what is in hand is finished, for at most 30 s.
 */
enum rc one_run(struct one *, struct err *) MUST_USE;
/* When the next thing is due (monotonic), after a step; 0: never. */
int64_t one_due(const struct one *);
/* The role's own data, for tests; NULL: no such role. */
struct role *one_role(struct one *, enum role_id);
void one_free(struct one *); /* accepts NULL */

#endif
