/*
 * spool/lock.h - one writer a spool: the lock file. Inside spool/ only.
 */
#ifndef SPOOL_LOCK_H
#define SPOOL_LOCK_H

#include "src/base/rc.h"

/* The descriptor that holds it; -1: RC_REFUSED in *rc when another does. */
int lock_take(int spoolfd, enum rc *rc, struct err *);
void lock_leave(int fd);

#endif
