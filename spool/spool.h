/*
 * spool/spool.h - the promise: journal, bodies, states, scheduler, audit chain.
 *
 * Steps are collected in a batch and committed together; one that fails is
 * undone alone. Outcomes are known after the commit. Answer the outside world
 * only after RC_OK. The caller owns what it passes in; the spool keeps copies.
 * One process is the only writer. Row writes, syncs and bytes are counted
 * (spool_counters) so that budgets can be shown.
 *
 * Outcomes of a step after batch_commit():
 *   RC_OK      the new state is on disk
 *   RC_LATER   disk full, journal busy, or given up with another one of the
 *              batch: nothing changed, ask again
 *   RC_REFUSED the step contradicts what is there (told in *why)
 *   RC_BROKEN  no such edge in states.def: the caller has a bug
 * A failed sync is RC_BROKEN of the whole batch: the process stops, recovers.
 */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/clock.h"
#include "src/base/fsx.h"
#include "src/base/hash.h"
#include "src/base/id.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/conf/conf.h"
#include "spool/states.h"
#include "src/wire/claim.h"

#define SPOOL_BATCH_STEPS 1000
#define SPOOL_BATCH_BYTES (4u << 20)
#define SPOOL_ATTEMPTS    3 /* deaths at one message before it is held */

struct spool;
struct batch;

struct step { /* one per step, owned by the caller until after the commit */
	enum rc rc;
	struct err why;
};

/*
 * Take the lock, open or create the journal, recover: the tail of the last
 * body segment, half-done batches, spool time. RC_REFUSED: another process
 * holds it. RC_BROKEN: damaged beyond what recovery may decide.
 */
enum rc spool_open(struct spool **, const char *folder, const struct conf *,
    struct clock *, struct err *) MUST_USE;
void spool_close(struct spool *);
int64_t spool_time(const struct spool *); /* ms, never goes back */
struct idgen *spool_ids(struct spool *);

/* The number of the last generation; 0: there was none. */
uint64_t spool_generation_last(const struct spool *);
/*
 * A configuration (the old one may be freed afterwards) or mappings, a list of
 * bundles.h, are in force. Told again, nothing is written.
 */
enum rc spool_generation(struct spool *, const struct conf *,
    uint64_t generation, struct slice mapping, struct err *) MUST_USE;

struct batch *batch_begin(struct spool *);
bool batch_full(const struct batch *);
unsigned int batch_steps(const struct batch *);
size_t batch_bytes(const struct batch *); /* of bodies */
/* All or nothing on disk; afterwards the batch is empty and may be reused. */
enum rc batch_commit(struct batch *, struct err *) MUST_USE;
void batch_free(struct batch *);

/* --- intake --- */

struct arrival_in {
	uint64_t id;
	struct slice partner, channel, name;
	struct fsx_mark mark;
	uint8_t sha256[32];
	struct slice body;
};
void arrival_take(struct batch *, const struct arrival_in *, struct step *);
void arrival_accept(struct batch *, uint64_t id, struct step *);
void arrival_drop(struct batch *, uint64_t id, struct step *);

/* --- convert --- */

struct order { /* what the scheduler wants done next; see spool_next_order */
	uint64_t id;
	enum order_kind kind;
	uint64_t subject;
	struct slice partner, name, format;
	struct slice mapping; /* the version of the bundle that does it */
	uint32_t attempt;
	uint64_t ids, number;
	uint32_t nids;
	bool test;
	struct slice input; /* READ: arrival; WRAP, REPLY: made from rows */
};
/*
 * The next order that may go out, attempts counted and committed before it is
 * handed out (RC_OK), or none now (RC_LATER). mem holds its slices.
 */
enum rc spool_next_order(
    struct spool *, struct order *, struct arena *mem, struct err *) MUST_USE;
/*
 * The same in two halves, so that counting shares the commit of other steps:
 * choose up to max and count them in this batch; after its commit load the
 * input of each. RC_LATER: it was put back or held, do not hand it out.
 * order.format of a READ is empty or "3,17": messages to leave out, they
 * killed their reader.
 */
void spool_reading(struct spool *, bool on); /* many loads and choices come */
unsigned int spool_pick_orders(
    struct batch *, struct order *, unsigned int max, struct arena *mem);
enum rc spool_load_order(
    struct spool *, struct order *, struct arena *mem, struct err *) MUST_USE;
/*
 * Has its turn come? Results of one partner are applied in the order of its
 * arrivals, whichever was read first; keep one that is early.
 */
bool spool_order_turn(struct spool *, uint64_t order);
/* It could not be handed out after all; its attempt stays counted. */
void spool_order_back(struct spool *, uint64_t order);
/* Convert started again: what was out with it is handed out anew. */
void spool_orders_lost(struct spool *);
/*
 * Apply the claims of a result: filings, legs, receipts, bodies; verdicts
 * (new, repeat, key used) fall here, by unique indexes.
 */
void order_done(
    struct batch *, uint64_t order, struct slice claims, struct step *);
/* It was not begun (no memory, no process): it goes out again, uncounted. */
void order_put_back(struct batch *, uint64_t order, struct step *);
/* The child died or gave up; after SPOOL_ATTEMPTS the subject is held. */
void order_failed(
    struct batch *, uint64_t order, const char *why, struct step *);

/* --- deliver --- */

/* A part of a body that belongs to a delivery. */
struct delivery_piece {
	uint32_t file;     /* 0: of the message; else of the file beside it */
	struct slice name; /* of the file beside */
	uint64_t body, at, len;
};

struct delivery_out {
	uint64_t id;
	struct slice partner, channel, name, body;
	uint32_t attempt;
	bool reply;
	uint64_t size; /* of its message, told of what stands */
	/* What is large or put together is no body, but pieces in their order;
	 * of what stands already only the names beside it are told. */
	const struct delivery_piece *piece;
	uint32_t npieces;
};
/* The next delivery that may be staged now (window, lanes, retry times). */
enum rc spool_next_delivery(struct spool *, struct delivery_out *,
    struct arena *mem, struct err *) MUST_USE;
/* To read a piece with, from *pos on; -1: not now. */
int spool_piece_fd(
    struct spool *, const struct delivery_piece *, uint64_t *pos, struct err *);
/* It could not be handed out after all. */
void spool_delivery_back(struct spool *, uint64_t delivery);
/* Deliver started again: what it had not staged is handed out anew. */
void spool_flights_lost(struct spool *);
void delivery_staged(struct batch *, uint64_t id, struct step *);
void delivery_published(struct batch *, uint64_t id, struct step *);
/* RC_LATER: its publishing was not told yet. */
void delivery_picked(struct batch *, uint64_t id, struct step *);
/* Its client says that it has sent it: it stands among the sent ones. */
void delivery_sent(struct batch *, uint64_t id, struct step *);
/* Are these the bytes of its message? RC_LATER: not to be known now. */
enum rc spool_delivery_is(
    struct spool *, uint64_t id, const struct digest *, bool *is) MUST_USE;
/*
 * Whose is a file that the partner put among the refused ones? A name may be
 * that of several deliveries, one behind the other: the bytes say which one it
 * is, so it is asked twice, the second time with them. mark tells one refusal
 * from the next.
 */
struct refused_file {
	struct slice partner, name;
	uint64_t mark, size;
	bool asked, read; /* for its bytes; and they are those of sha256 */
	struct digest sha256;
};
enum refused_is {
	REFUSED_NOBODYS, /* or nothing new */
	REFUSED_ASKS,    /* its bytes are wanted */
	REFUSED_STANDS,  /* one's that is out: first take it back */
	REFUSED_IS,      /* one's that was picked up */
	REFUSED_UNCLEAR, /* one's of its name, and nobody knows whose */
	REFUSED_LATER, /* a shortage: ask again, it says nothing of the file */
};
/* *part: which file beside the message of *id it is, 0 for the message. */
enum refused_is spool_refused(struct spool *, const struct refused_file *,
    uint64_t *id, uint32_t *part) MUST_USE;
/* It has failed, and the filers of its legs are told. */
void delivery_rejected(
    struct batch *, uint64_t id, uint32_t part, uint64_t mark, struct step *);
/* No filer is told on a guess: an alarm calls a person. */
void delivery_unclear(
    struct batch *, uint64_t id, uint32_t part, uint64_t mark, struct step *);
/*
 * Once more, as it is: same name, numbers and bytes, for a partner that lost
 * it. Only one that is over; RC_REFUSED says why another is not.
 */
void delivery_again(struct batch *, uint64_t id, struct step *);
/* rc says retry (LATER) or hold (REFUSED); the retry time is retry.h's. */
void delivery_failed(
    struct batch *, uint64_t id, enum rc rc, const char *why, struct step *);

/* --- time --- */

/* Expiries, parked receipts, retention; *due: next spool time to look. */
void spool_due(struct spool *, struct batch *, int64_t *due);

/* --- recovery --- */

typedef void half_fn(void *arg, uint64_t arrival, struct slice partner,
    struct slice channel, struct slice name, bool accepted,
    const struct fsx_mark *);
/* TAKEN arrivals, and ACCEPTED ones whose .taken/ID may still be there. */
enum rc spool_half_taken(
    struct spool *, half_fn *, void *arg, struct err *) MUST_USE;
typedef void standing_fn(void *arg, const struct delivery_out *, bool staged);
enum rc spool_standing(
    struct spool *, standing_fn *, void *arg, struct err *) MUST_USE;

/* --- counters --- */

struct spool_counters {
	uint64_t commits, steps, syncs, row_writes, body_bytes, events;
	uint64_t filings, legs, receipts;
};
void spool_counters(const struct spool *, struct spool_counters *);

#endif
