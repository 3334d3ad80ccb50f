/*
 * spool/seek.h - filings by what people know of them: bill, container, party,
 * date. A filing's row has its keys; here stands where to look, as sorted runs
 * of (hash of the value, filing), so that a commit of a hundred filings costs
 * one row and not a thousand. Runs are merged, sixteen into one, twice.
 *
 * A find is only a hint: the filing's own keys decide. Inside spool/ only.
 */
#ifndef SPOOL_SEEK_H
#define SPOOL_SEEK_H

#include "spool/journal.h"
#include "src/base/buf.h"

#define SEEK_LEVELS 3
#define SEEK_RUNS   16   /* of one level, then they are merged */
#define SEEK_PART   4000 /* entries of one row */

struct seek {
	struct buf add; /* of the open batch */
	int64_t run;    /* the last number given */
	unsigned int runs[SEEK_LEVELS];
	bool stale; /* the numbers are read again before they are used */
};

void seek_init(struct seek *);
void seek_clear(struct seek *);
/* The batch's; cut to an earlier mark with a step that fails. */
void seek_add(struct seek *, struct slice text, uint64_t filing);
size_t seek_mark(const struct seek *);
void seek_cut(struct seek *, size_t mark);
/* As rows, part of the batch's commit. */
void seek_write(struct seek *, struct journal *);
void seek_forget(struct seek *);

/* The value as it is compared: without blanks around it, in capitals. */
bool seek_same(struct slice a, struct slice b);
/* Newest first in each run; up to max in all. */
unsigned int seek_find(
    struct journal *, struct slice text, uint64_t *ids, unsigned int max);

#endif
