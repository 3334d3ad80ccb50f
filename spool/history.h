/*
 * spool/history.h - the answers of a leg, one behind the other in one column,
 * so that a receipt costs one row. Inside spool/ only.
 *
 * An entry names the claim in the segments that holds its words; what it says
 * itself is what decides: level, outcome, rank, time.
 */
#ifndef SPOOL_HISTORY_H
#define SPOOL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/status/status.h"

#define HISTORY_ENTRY 88
/* Answers of one leg; then they are only counted, but for one that ends it. */
#define HISTORY_MAX 256
/* The youngest answers of earlier submissions, which a later one remembers. */
#define HISTORY_COPIED 128
#define HISTORY_ROOM                                                           \
	((size_t)(HISTORY_COPIED + HISTORY_MAX + 8) *                          \
	    HISTORY_ENTRY) /* our own */

/* Kept in rows: new kinds are added at the end. */
enum entry_kind {
	ENTRY_RECEIPT = 1,
	ENTRY_EXPIRED,
	ENTRY_OVERDUE,
	ENTRY_UNDELIVERABLE,
	ENTRY_REJECTED, /* the partner put it among the refused ones */
	ENTRY_CANCELLED,
	ENTRY_WAITS,   /* for another leg, longer than it may */
	ENTRY_GIVEN_UP /* the other leg did not answer in time */
};

struct entry {
	enum entry_kind kind;
	struct answer answer;
	enum answer_effect effect;
	int64_t wall_ms;  /* when it came to us */
	uint64_t arrival; /* it came in, 0: our own */
	uint32_t number;  /* in that arrival */
	uint64_t claims;  /* its words: place of the claim */
	uint32_t claim_at, claim_len;
	uint64_t digest; /* of key, code, time and text: the same again? */
	bool earlier;    /* speaks of the submission before this one */
	bool copied;     /* was told there already */
};

void history_put(struct buf *, const struct entry *);
/* The next entry of *rest; false at the end (or where it is damaged). */
bool history_next(struct slice *rest, struct entry *);

#endif
