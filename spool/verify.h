/*
 * spool/verify.h - do the journal, the bodies, the counters and the chain
 * agree? A walk over everything, a page at a time, that reads and never
 * writes; what it finds is told, one sentence a fault (I5, I28).
 */
#ifndef SPOOL_VERIFY_H
#define SPOOL_VERIFY_H

#include "spool/view.h"
#include "src/base/hash.h"

enum verify_phase {
	VERIFY_COUNTERS, /* against the rows: one page a kind of thing */
	VERIFY_ARRIVALS, /* originals, whole, their digest as received */
	VERIFY_LEGS,     /* in the claims that were read out of them */
	VERIFY_FILES,    /* that they name, unpacked or beside */
	VERIFY_DELIVERIES,
	VERIFY_RECEIPTS,
	VERIFY_CHAIN,
	VERIFY_LOCKS,
	VERIFY_PHASES
};

const char *verify_name(enum verify_phase);

/* Where the walk stands; all zero: at its beginning. */
struct verify_place {
	int phase; /* VERIFY_PHASES: all was walked */
	uint64_t after;
	struct digest head; /* CHAIN: the hash of event `after` */
};

typedef void fault_fn(
    void *arg, const char *what, uint64_t id, const char *why);

/* One page; *n: things looked at in it. */
enum rc verify_page(struct view *, struct verify_place *, fault_fn *, void *arg,
    uint64_t *n, struct err *) MUST_USE;
bool verify_place_read(struct slice, struct verify_place *);
void verify_place_print(const struct verify_place *, char out[96]);

#endif
