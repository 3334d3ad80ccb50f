/*
 * spool/due.h - ends that time brings about. Inside spool/ only.
 */
#ifndef SPOOL_DUE_H
#define SPOOL_DUE_H

#include "spool/inner.h"

/* A receipt that waited is matched, held or discarded. */
enum rc parked_end(struct batch *, uint64_t id, enum state to, uint64_t leg,
    const char *why, struct err *) MUST_USE;

#endif
