/*
 * spool/retention.h - bodies past their keep go, when nothing that lives refers
 * to them. Inside spool/ only.
 *
 * No row says which bodies live, and a spool may have millions of rows: they
 * are looked through in slices between other work, and what is found is noted
 * for all old segments at once. What comes to life behind the place that was
 * reached says so itself: the tally sees each change of a state.
 *
 * What waits, is held, or is not answered finally keeps the original that it
 * came in, the claims that made it, the files that go along with it, and the
 * words that will be told of it.
 */
#ifndef SPOOL_RETENTION_H
#define SPOOL_RETENTION_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "spool/states.h"

#define SWEEP_SLICE    1000 /* rows looked at in one go */
#define SWEEP_SEGMENTS 8192 /* looked for in one sweep */
#define SWEEP_FILES    512
#define SWEEP_DROPS    64 /* of each in one commit; then a new sweep */

struct spool;
struct batch;
struct step;

struct sweep {
	unsigned int at;   /* which table; 0: no sweep is under way */
	uint64_t after;    /* rows up to here were looked at */
	uint32_t first, n; /* the segments */
	unsigned char lives[SWEEP_SEGMENTS / 8];
	uint64_t file[SWEEP_FILES]; /* bodies that are files, by reference */
	bool file_lives[SWEEP_FILES];
	unsigned int nfiles;
	int64_t files_from; /* younger ones are looked at in this sweep */
	uint32_t drop[SWEEP_DROPS]; /* to unlink after their commit */
	uint64_t drop_file[SWEEP_DROPS];
	unsigned int ndrop, ndrop_file;
};

/*
 * A slice of a sweep, or its end, which drops; a step of the batch when it
 * writes. true: there is more to do at once.
 */
bool retention_some(struct spool *, struct batch *, struct step *);
/* Unlink what a commit dropped, after it. */
void retention_unlink(struct spool *);
/* The batch was given up: nothing is dropped, and what was seen may be wrong.
 */
void retention_forget(struct sweep *);
/* A thing came to live that refers to this body; told by the tally. */
void sweep_mark(struct sweep *, uint64_t ref);

#endif
