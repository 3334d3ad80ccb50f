/*
 * spool/receipt.h - what the two ways to find a receipt's leg share: by its
 * keys (receipt.c), by the numbers of our own envelope (receipt_numbered.c).
 * Inside spool/ only.
 */
#ifndef SPOOL_RECEIPT_H
#define SPOOL_RECEIPT_H

#include "spool/order.h"

struct incoming { /* a receipt, from a claim just read or from a parked one */
	const struct claim_receipt *c;
	struct slice partner;
	uint64_t arrival, claims;
	struct claim_at at;
	uint64_t parked; /* its row, 0: none yet */
};

/* It speaks of this leg. */
enum rc receipt_matched(struct batch *, const struct incoming *, uint64_t leg,
    struct err *) MUST_USE;
/* A row of its own, for one that waits or that a person must look at. */
enum rc receipt_aside(struct batch *, const struct incoming *, enum state,
    const char *why, struct err *) MUST_USE;

#define TIE_LEGS 8 /* that one key may name */

/*
 * Its keys name n legs: those stay that did not end before they went out, then
 * those that have no other number than it tells, then those that its format
 * answers, then those that its file is named after. How many are left.
 */
unsigned int receipt_tie(
    struct spool *, const struct incoming *, uint64_t *leg, unsigned int n);
/* The name of the file it came in. */
struct slice arrival_named(struct spool *, uint64_t arrival);

/* Does it name an interchange of ours, and not a filing? */
bool receipt_numbered(const struct claim_receipt *);
/*
 * The legs of that delivery, or the one whose message is named, hear of it. A
 * whole interchange's verdict passes by those that the same file named
 * already. *found 0: nothing of ours to this partner has the number, or it is
 * not one thing alone: *why says so.
 */
enum rc numbered_apply(struct batch *, const struct incoming *,
    unsigned int *found, const char **why, struct err *) MUST_USE;
/*
 * No key of it is known, but its file is named after one that we sent: the
 * legs of that delivery hear of it. *found 0: it is named after nothing; or
 * after two that wait for an answer, which *why, else NULL, says.
 */
enum rc named_apply(struct batch *, const struct incoming *, struct slice file,
    unsigned int *found, const char **why, struct err *) MUST_USE;
/* A filer's verdict about a reply of ours: noted, and never answered (I26). */
enum rc numbered_reply(
    struct batch *, const struct incoming *, struct err *) MUST_USE;

#endif
