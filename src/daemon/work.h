/*
 * daemon/work.h - what the convert role does with one order, and nothing of
 * how it is run: by a child with limits, or in the role's own process.
 *
 * Bytes in, claims out. The bytes may be anybody's: what comes out is a claim
 * that the spool checks again.
 */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/hash.h"
#include "src/base/rc.h"
#include "src/conf/conf.h"
#include "src/daemon/mappings.h"
#include "src/wire/claim.h"

#define WORK_SKIPS      16 /* filings of one arrival that are left out */
#define WORK_CLAIMS_MAX (1u << 30)

struct work_order {
	enum order_kind kind;
	struct slice partner, name;
	/* WRAP, REPLY: what to write; READ: numbers of filings to leave out,
	 * "3,17", because they killed their reader */
	struct slice format;
	struct slice mapping; /* version; empty: the first that there is */
	uint64_t ids, number;
	uint32_t nids;
	bool test; /* WRAP, REPLY: the envelope says so */
	int64_t now;
	struct slice input;
};

struct work; /* memory and tables that are kept from order to order */

/* Both are read-only and outlive it. RC_LATER: no memory. */
enum rc work_new(struct work **, const struct mappings *, const struct conf *,
    struct err *) MUST_USE;
void work_free(struct work *); /* accepts NULL */
/*
 * The claims of this order, appended to *out. *at always says which filing is
 * being read, so that a death can be told from its neighbours.
 * RC_REFUSED: this can never be done as the order says (no such format).
 * RC_LATER: no memory, or the version of mappings is not loaded here.
 */
enum rc work_run(struct work *, const struct work_order *, struct buf *out,
    volatile uint32_t *at, struct err *) MUST_USE;

#endif
