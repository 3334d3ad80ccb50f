/*
 * spool/lock.h - one writer a spool, and one set of roles: the lock file.
 * Inside spool/ only, but for lock_join().
 */
#ifndef SPOOL_LOCK_H
#define SPOOL_LOCK_H

#include "src/base/rc.h"

/*
 * The descriptor that holds it; -1: RC_REFUSED in *rc when another does. For
 * one that only looks it waits a while, as for roles of the set before: with
 * RC_LATER one of them has not ended yet.
 */
int lock_take(int spoolfd, enum rc *rc, struct err *);
/* For a tool: others may look as well, a daemon waits. */
int lock_look(int spoolfd, enum rc *rc, struct err *);
void lock_leave(int fd);
/*
 * A role that works for the spool, from the spool's own process apart: as long
 * as this process lives, nobody takes the spool anew. RC_LATER: somebody does,
 * or its file cannot be opened.
 */
enum rc lock_join(const char *folder, struct err *) MUST_USE;

#endif
