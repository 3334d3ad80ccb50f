/*
 * bench/path.h - the whole path, measured from outside: a filer, the gateway
 * and an agency, each a process of its own, and one ledger they share.
 *
 * The ledger is written by the outsiders from what they offered and saw in
 * their own folders; the gateway's own counters stand beside it, never in it.
 */
#ifndef TESTS_BENCH_PATH_H
#define TESTS_BENCH_PATH_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "spool/spool.h"

#define PATH_BATCH  100 /* declarations in an interchange and a delivery */
#define FILINGS_MAX 1000000
#define SYNC_PLACES 16
#define SYNC_NAME   64
#define ROOT_MAX    512
#define PATH_ROOM   (ROOT_MAX + 300)

/* One declaration, as its filer and its agency saw it. */
enum seen {
	SEEN_OFFERED = 1,   /* stood in the filer's in/ */
	SEEN_ACCEPTED = 2,  /* a reply "taken" named it */
	SEEN_DELIVERED = 4, /* the agency found it in its OutBox */
	SEEN_ANSWERED = 8,  /* response and decision stood in the InBox */
	SEEN_STORED = 16,   /* the filer was told of the response */
	SEEN_TOLD = 32,     /* ... and of the decision */
};

struct sync_place {
	char name[SYNC_NAME]; /* folder below the root */
	_Atomic uint64_t n;
};

struct shared {
	/* the ledger */
	_Atomic uint32_t offered, accepted, delivered, answered, told;
	_Atomic uint32_t doubled, strange; /* must stay 0 */
	_Atomic uint32_t reply_files, delivery_files;
	_Atomic bool stop, agency_away;
	_Atomic double first_offer, last_told; /* monotonic seconds */
	/* the gateway, of itself */
	_Atomic double start_at, ready_at;
	struct spool_counters counters;
	struct sync_place place[SYNC_PLACES];
	_Atomic unsigned int nplaces;
	_Atomic unsigned char seen[FILINGS_MAX + 1];
};

struct path {
	struct shared *sh;
	char root[ROOT_MAX];
	const char *mappings, *daemon;
	uint32_t filings, waiting, ahead;
};

double path_now(void);
bool path_names(
    const char *folder, void (*fn)(void *arg, const char *name), void *arg);
/* Write under name.tmp, then rename: the partners' side of `on rename`. */
bool path_put(const char *folder, const char *name, struct slice);
bool path_get(const char *folder, const char *name, struct buf *);
/* Once; a second time the declaration counts as doubled. */
void path_saw(struct shared *, uint32_t number, enum seen, _Atomic uint32_t *);

/* Each returns an exit status; run in a child. */
int path_agency(struct path *);
int path_gateway(struct path *);
/* Offer all, read every reply; returns when all is told, or none is left. */
bool path_filer(struct path *, bool until_told);

#endif
