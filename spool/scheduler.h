/*
 * spool/scheduler.h - what is handed out, to whom, and what is out now. The
 * journal knows what waits; only what is out is kept in memory, so a restart
 * hands everything out again. Inside spool/ only.
 */
#ifndef SPOOL_SCHEDULER_H
#define SPOOL_SCHEDULER_H

#include "spool/inner.h"

#define ORDERS_MAX          192
#define ORDERS_PARTNER      64           /* of one partner at once */
#define ORDERS_LARGE        4            /* when they are larger than */
#define ORDERS_BYTES        (1u << 20)   /* all together */
#define ORDERS_BYTES_ALL    (256u << 20) /* of all partners: then one of each */
#define ORDER_GUESS         (16u << 10)  /* bytes of one not yet looked at */
#define WRAP_GUESS          (64u << 10)  /* of a package */
#define FLIGHTS_MAX         256
#define FLIGHTS_PARTNER     64
#define ORDER_ATTEMPTS_TOLD 12 /* handed out, end unknown: whole crashes */

struct order_out {
	uint64_t id, subject, ids;
	uint32_t nids;
	enum order_kind kind;
	int partner;
	uint64_t generation; /* that does it */
	int64_t mapping;     /* with this bundle */
	uint64_t wake;       /* REPLAN: the answer that asked for it */
	uint64_t bytes;      /* of its input */
};

/* An order that was found, before it is counted. */
struct pick {
	bool over;      /* tried too often: to be held */
	uint64_t bytes; /* of its input, or a guess until it is loaded */
};

struct flight {
	uint64_t id;
	int partner;
};

struct partner_now {
	uint32_t standing; /* staged or published, not picked */
	uint32_t flying;
	uint32_t orders;
	uint64_t order_bytes;
	uint64_t read_from, write_from; /* looked at by this pick already */
	int64_t gate;    /* spool time of the next probe; 0: it is well */
	uint64_t probe;  /* the delivery that may go as the probe */
	uint64_t cursor; /* ready ones up to here were looked at */
	bool paused;     /* by an operator */
	int32_t listed;  /* the day of its last list; 0: none yet */
	bool idle;       /* nothing ready was found since the last change */
	int64_t full_t;  /* its window is full since then; 0: it is not */
	bool told_full;
};

struct scheduler {
	struct order_out order[ORDERS_MAX];
	unsigned int norders;
	struct flight flight[FLIGHTS_MAX];
	unsigned int nflights;
	struct partner_now *partner; /* as conf->partner */
	unsigned int npartners;
	unsigned int turn_read, turn_write, turn_replan, turn_deliver;
	bool stale;
	bool orders_idle;
	int64_t due; /* when due.c looks again */
};

enum rc scheduler_new(struct spool *, struct err *) MUST_USE;
/* Read the numbers again if they may be wrong. */
enum rc scheduler_fresh(struct spool *, struct err *) MUST_USE;
void scheduler_free(struct spool *);
/* Partners have other places in a new configuration. */
void scheduler_reconf(struct spool *, const struct conf *next);
void scheduler_after(struct spool *, const struct after *);
int partner_index(const struct spool *, struct slice);
struct order_out *order_find(struct spool *, uint64_t id);
bool flight_is(const struct scheduler *, uint64_t id);

/* order_pick.c */
void order_mapping(
    struct spool *, struct order *, int64_t before, int64_t wall_ms);

/* delivery_pick.c */
bool partner_full(const struct spool *, unsigned int i); /* its window */
void partner_gate(struct spool *, int partner, int64_t at, uint64_t probe);

#endif
