/*
 * spool/seek.h - filings by what people know of them: bill, container, party,
 * date. A filing's row has its values; here stands where to look, as sorted
 * runs of (beginning of the value, its hash, filing), so that a commit of a
 * hundred filings costs one row and not a thousand. Sixteen runs of a size are
 * merged into one, until it is so long that one more look costs nothing.
 *
 * A value is compared as people read it: capitals and small letters are the
 * same, blanks and the marks - . / _ count for nothing. A find is only a hint:
 * the filing's own values decide. Inside spool/ only.
 */
#ifndef SPOOL_SEEK_H
#define SPOOL_SEEK_H

#include "spool/journal.h"
#include "src/base/buf.h"

#define SEEK_LEVELS 4    /* by length; runs of the last are not merged */
#define SEEK_RUNS   16   /* of one level, then they are merged */
#define SEEK_PART   2000 /* entries of one row */
#define SEEK_BEGIN  12   /* bytes of a value that stand in order */
#define SEEK_ENTRY  24

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

/* --- asking --- */

enum seek_how { SEEK_IS, SEEK_BEGINS, SEEK_BETWEEN };

struct seek_for {
	enum seek_how how;
	struct slice text, upto; /* upto: BETWEEN, with all that begins so */
};

/* As people type it: "VALUE", "BEGIN*", "FROM..UPTO". */
struct seek_for seek_parse(struct slice typed);
/* Without what counts for nothing, in capitals. */
struct slice seek_plain(struct slice, struct arena *);
/* Is this value meant? */
bool seek_meant(const struct seek_for *, struct slice value);
/*
 * Hints: up to max filings, the newest first, each once. false: more was
 * there than is ever looked at.
 */
bool seek_find(struct journal *, const struct seek_for *, uint64_t *ids,
    unsigned int *n, unsigned int max);

#endif
