/*
 * spool/lock.h - one writer a spool: the lock file. Inside spool/ only.
 */
#ifndef SPOOL_LOCK_H
#define SPOOL_LOCK_H

#include "src/base/rc.h"

/*
 * The descriptor that holds it; -1: RC_REFUSED in *rc when another does. For
 * one that only looks it waits a while.
 */
int lock_take(int spoolfd, enum rc *rc, struct err *);
/* For a tool: others may look as well, a daemon waits. */
int lock_look(int spoolfd, enum rc *rc, struct err *);
void lock_leave(int fd);

#endif
