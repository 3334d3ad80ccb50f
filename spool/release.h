/*
 * spool/release.h - what the legs of a filing amount to together, now or when
 * an answer was given its number. Inside spool/ only.
 */
#ifndef SPOOL_RELEASE_H
#define SPOOL_RELEASE_H

#include "src/base/arena.h"
#include "src/status/status.h"
#include "spool/journal.h"

#define RELEASE_NOW INT64_MAX

struct release {
	struct filing_view v;
	uint32_t legs;          /* that stand for it; 0: the rest is empty */
	struct slice held_by;   /* names of legs, ", " between */
	struct slice inspected; /* agencies that inspect */
	bool decided;           /* no further one will say so */
	uint64_t items;         /* written over all of them */
};

/* The answers up to this number count. */
void release_of(struct journal *, uint64_t filing, int64_t upto, struct arena *,
    struct release *);

#endif
