/*
 * deliver/retry.h - when to try again: a pure function of the plan.
 *
 * The same failure gives the same time on every machine and after every
 * restart (I15); the jitter comes from the delivery's id, so that a thousand
 * deliveries that failed together do not come back together.
 */
#ifndef DELIVER_RETRY_H
#define DELIVER_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry_plan { /* zeros: a minute, the same each time, for three days */
	uint32_t every_ms;
	bool doubling;
	uint32_t upto_ms; /* 0: no ceiling but an hour */
	uint64_t for_ms;
};

/* How long to wait after this many failed tries (1 and more). */
int64_t retry_after(const struct retry_plan *, uint64_t id, uint32_t tries);
/* How long it is tried. */
int64_t retry_length(const struct retry_plan *);
/* Is the plan used up for what was first tried at first_ms? */
bool retry_over(const struct retry_plan *, int64_t first_ms, int64_t now_ms);

#endif
