/*
 * spool/audit.h - the chain of events: hash = sha256(hash before || line).
 *
 * One line a batch step. The last event's number also stands in the head of
 * every body, so a journal cut at its end is found by the bodies. Inside
 * spool/ only.
 */
#ifndef SPOOL_AUDIT_H
#define SPOOL_AUDIT_H

#include <stdint.h>
#include "src/base/hash.h"
#include "src/base/clock.h"
#include "spool/journal.h"

#define AUDIT_LINE_MAX 4096

struct audit {
	uint64_t seq; /* of the last event; 0: none yet */
	struct digest head;
};

enum rc audit_open(struct audit *, struct journal *, struct err *) MUST_USE;
/* Add a line; the number and the wall time are put before it. */
void audit_add(
    struct audit *, struct journal *, int64_t wall_ms, struct slice line);
/*
 * Up to max events behind `after`, whose hash is *head; *head goes on with
 * each. RC_REFUSED: *err says which is changed, missing or out of place, *n
 * were fine before it.
 */
enum rc audit_page(struct journal *, uint64_t after, struct digest *head,
    unsigned int max, uint64_t *n, struct err *) MUST_USE;
/*
 * Walk the whole chain. RC_REFUSED: *err says which event is changed, missing
 * or out of place. `upto`: the highest event that is known from elsewhere
 * (bodies, a head kept off the host); 0: nothing is.
 */
enum rc audit_verify(struct journal *, uint64_t upto, uint64_t *events,
    struct digest *head, struct err *) MUST_USE;

#endif
