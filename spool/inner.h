/*
 * spool/inner.h - what the files of spool/ share and nobody else sees: the
 * spool, the open batch, and the steps' common beginning and end.
 */
#ifndef SPOOL_INNER_H
#define SPOOL_INNER_H

#include "spool/audit.h"
#include "spool/journal.h"
#include "spool/retention.h"
#include "spool/segments.h"
#include "spool/spool.h"
#include "spool/seek.h"
#include "spool/tally.h"
#include "src/wire/bundles.h"

#define BODIES_CHECKED 1024
#define DUE_STEPS      204
#define DUE_KINDS      5
#define BATCH_NOTES    64 /* kinds of coalesced lines in one commit */
#define GATHERED_MAX   64
#define MADE_MAX       64
#define GATHER_HINTS   64

/* Facts for memory that hold only once the commit is on disk. */
enum after_kind {
	AFTER_ORDER_GONE,
	AFTER_FLIGHT_GONE,
	AFTER_STANDS, /* one more in the partner's folder */
	AFTER_FREED,  /* one less */
	AFTER_WELL,   /* the partner took something: no gate */
	AFTER_WAKE,   /* look again: something became ready */
};

struct after {
	enum after_kind kind;
	uint64_t id;
	int partner; /* its index, or -1: all */
};

/* "delivery.staged partner=x ids=A,B,C": one line a kind and partner. */
struct note {
	const char *event;
	char partner[33];
	unsigned int n;
	struct buf ids;
};

struct batch {
	struct spool *s;
	bool begun;
	enum rc rc; /* of the whole, once it cannot be saved */
	struct err why;
	unsigned int steps;
	struct step *step[SPOOL_BATCH_STEPS];
	size_t bytes;
	uint64_t changes; /* the journal's count when it began */
	bool marked;      /* the step has a savepoint; else, the count then: */
	uint64_t changes_mark;
	/* what a step that fails goes back to */
	struct segments_mark seg_mark;
	size_t tally_mark, seek_mark;
	struct audit audit_mark;
	int64_t answer_mark;
	unsigned int after_mark;
	struct spool_counters counters_mark;
	unsigned int bundle_mark, bundle_first; /* bundle_now; at its begin */
	struct after after[4 * SPOOL_BATCH_STEPS];
	unsigned int nafter;
	struct note note[BATCH_NOTES];
	unsigned int nnotes;
	struct arena *steps_mem; /* order_pick.c: its own steps */
	/* arrivals whose status this step found open: told now? gather.c */
	uint64_t gathered[GATHERED_MAX];
	unsigned int ngathered;
};

struct scheduler;

struct spool {
	const struct conf *conf;
	struct clock *clock;
	char *folder;
	int dirfd, lockfd;
	struct journal j;
	struct segments seg;
	struct audit audit;
	struct tally tally;
	struct seek seek;
	uint64_t audit_committed; /* the last event that is on disk */
	struct idgen ids;
	int64_t spool_base, mono_base; /* spool time runs from here */
	int64_t answer;                /* the last number given to one */
	uint64_t generation;
	struct bundles bundles;      /* that convert has loaded */
	int64_t bundle[BUNDLES_MAX]; /* their rows in mapping */
	unsigned int bundle_now;     /* the youngest that was used */
	bool broken;                 /* a failed sync is believed */
	unsigned int careful; /* steps to come that all have a savepoint */
	int64_t space_at;
	bool space_short;
	struct spool_counters c;
	struct scheduler *sched;
	uint32_t seg_known; /* the last segment with a row */
	struct sweep sweep;
	int64_t grace_t, due_t,
	    retention_t; /* due.c, retention.c; spool time */
	struct step due_step[DUE_STEPS];
	enum rc due_rc; /* the worst of what is due and could not be done */
	bool due_done;  /* something that was due is done in this round */
	unsigned int
	    due_past[DUE_KINDS]; /* of each, that failed before these */
	struct batch *own;       /* for what the spool itself commits */
	struct {
		uint64_t ref, len;
	} checked[BODIES_CHECKED]; /* body.c */
	struct arena *mem; /* one step's scratch, rewound at its beginning */
	struct made {
		uint64_t id, part, body, at;
		struct digest sum;
	} made[MADE_MAX]; /* refused.c */
	struct gather_hint {
		uint64_t arrival, filing;
	} gather_hint[GATHER_HINTS];
};

/* --- steps --- */

/* false: the batch is beyond saving; the step has its outcome. */
bool step_begin(struct batch *, struct step *);
/*
 * The same without a savepoint, for the steps that come by the thousand and
 * hardly ever fail once they have written: SQLite copies each page that is
 * changed behind one. Should it fail then, and not be the batch's first, the
 * batch is given up (RC_LATER to all) and the next steps have savepoints.
 */
bool step_begin_bare(struct batch *, struct step *);
/* Keep the step when rc and the journal are well, else undo it. */
void step_end(struct batch *, struct step *, enum rc rc);
/* Do it in memory after the commit; forgotten with the step. */
void batch_after(struct batch *, enum after_kind, uint64_t id, int partner);
/* The step's event line. */
void event_add(struct spool *, const char *, ...) PRINTF(2, 3);
/* A line shared by the steps of this commit; the last act of a step. */
void event_note(
    struct batch *, const char *event, struct slice partner, uint64_t id);
/* "RC_BROKEN no such edge", unless states.def has it. */
enum rc edge_check(enum state from, enum state to, struct err *) MUST_USE;

int64_t spool_wall(const struct spool *);
/* spool.c: the row of the bundle that this order is done with */
int64_t spool_mapping(const struct spool *, struct slice version);
enum rc space_check(struct spool *, struct err *) MUST_USE;
/* Loads what is kept in memory again; after anything was rolled back. */
void scheduler_stale(struct spool *);

/* recovery.c */
/* The head of the chain and the counters, as the journal has them. */
enum rc spool_reread(struct spool *, struct err *) MUST_USE;
enum rc spool_recover(struct spool *, struct err *) MUST_USE;

#endif
