/*
 * spool/attach.h - arrivals that wait for files their documents name. Inside
 * spool/ only.
 */
#ifndef SPOOL_ATTACH_H
#define SPOOL_ATTACH_H

#include "spool/order.h"

/*
 * The arrival's documents lack these files, a name a line. What is there
 * becomes its own. *waits: something is missing, nothing of the result is to
 * be applied: it waits for more, or is read again and told what never came.
 */
enum rc attach_await(
    struct reading *, struct slice lacks, bool *waits, struct err *) MUST_USE;
/* A file came: the filer's waiting arrivals are read again. */
enum rc attach_came(struct reading *, struct err *) MUST_USE;
/* It has waited long enough: it is read once more, and then decided. */
enum rc attach_due(struct batch *, uint64_t arrival, struct err *) MUST_USE;

#endif
