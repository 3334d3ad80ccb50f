/*
 * spool/claims.h - what reading and planning again share: where a result is
 * kept, and the keys that a leg's message bears. Inside spool/ only.
 */
#ifndef SPOOL_CLAIMS_H
#define SPOOL_CLAIMS_H

#include "spool/inner.h"
#include "spool/scheduler.h"

/* All bodies, texts and findings of a result are kept in one write. */
enum rc claims_keep(struct batch *, uint64_t subject, struct slice claims,
    uint64_t *ref, struct err *) MUST_USE;
/* name<is>value<sep>...; the first of them stands in the leg's row. */
struct slice leg_keys_text(struct spool *, const struct claim_leg *);
struct slice leg_key_first(struct spool *, const struct claim_leg *);
/* The others beside it; who waited for any of them is tried. */
enum rc leg_keys_add(struct batch *, const struct claim_leg *, uint64_t leg,
    struct err *) MUST_USE;
/* Is an order for it out? order_pick.c */
bool subject_out(const struct scheduler *, uint64_t subject);

#endif
