/*
 * spool/attach.h - filings that wait for files they name, and files that wait
 * for them. Inside spool/ only.
 */
#ifndef SPOOL_ATTACH_H
#define SPOOL_ATTACH_H

#include "spool/order.h"

/* Before its claims are applied: what an earlier reading lacked is forgotten.
 */
enum rc attach_begin(struct reading *, struct err *) MUST_USE;
/*
 * This filing would be taken. What is there of the files that it lacks becomes
 * its arrival's; when something is missing the verdict is that it waits or, at
 * the end of its time, that they never came.
 */
enum rc attach_look(struct reading *, const struct claim_filing *,
    struct verdict *, struct err *) MUST_USE;
/* Behind the claims: how long its filings wait. */
enum rc attach_end(struct reading *, struct err *) MUST_USE;
/* An attachment was accepted: who waits for it has it, or it waits. */
enum rc attach_came(struct batch *, uint64_t arrival,
    const struct conf_partner *, struct slice name, struct err *) MUST_USE;
/*
 * Time is over: filings are read once more and told what never came, a file
 * that nobody named is its filer's to hear of.
 */
enum rc attach_due(struct batch *, uint64_t arrival, struct err *) MUST_USE;

#endif
