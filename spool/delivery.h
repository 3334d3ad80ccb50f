/*
 * spool/delivery.h - one body on its way to one partner. Inside spool/ only.
 */
#ifndef SPOOL_DELIVERY_H
#define SPOOL_DELIVERY_H

#include "spool/inner.h"

enum wrapping { WRAP_NONE, WRAP_SHARED, WRAP_ZIP }; /* kept in rows */

struct delivery_new {
	uint64_t id; /* 0: one is drawn and put here */
	struct slice partner;
	const char *kind; /* legs, forward, taken, findings, status */
	uint64_t arrival; /* replies, forward: of which */
	struct slice name, format;
	enum state state; /* PLANNED or READY */
	bool test, gapless;
	enum wrapping wrap;
	int64_t open_t; /* OPEN: when it is closed */
	uint64_t number;
	uint64_t body, body_at, body_len;
	uint32_t legs;
	uint64_t from_answer, upto_answer;
};

/* As its row stands; slices are in the step's memory. */
struct delivery_row {
	enum state state;
	struct slice partner, kind, name;
	enum wrapping wrap;
	uint64_t arrival;
	uint32_t legs, tries;
	int64_t first_t;
	int index; /* of the partner */
};

/* RC_REFUSED: there is none. */
enum rc delivery_get(
    struct spool *, uint64_t id, struct delivery_row *, struct err *) MUST_USE;
enum rc delivery_add(
    struct batch *, struct delivery_new *, struct err *) MUST_USE;
/* The next number of this kind for a partner: 1, 2, ...; never the same. */
uint64_t number_draw(struct spool *, struct slice partner, const char *what);
/* Its wrapped body is here, and claims of files: PLANNED -> READY. */
enum rc delivery_wrapped(struct batch *, uint64_t id, struct slice body,
    struct slice files, struct err *) MUST_USE;
/*
 * The oldest delivery that waits for room in its partner's folder is given up
 * when it has waited long enough; *some: one was.
 */
enum rc delivery_stale(
    struct batch *, struct slice partner, bool *some, struct err *err) MUST_USE;
/* Once more as it is, see delivery_again() of spool.h. */
enum rc delivery_same(struct batch *, uint64_t id, struct err *) MUST_USE;
enum rc delivery_hold(
    struct batch *, uint64_t id, const char *why, struct err *) MUST_USE;

#endif
