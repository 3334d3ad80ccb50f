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
#include <sys/resource.h>
#include <sys/types.h>
#include "spool/spool.h"
#include "tests/bench/count.h"

#define PATH_AGENCIES 2
#define PATH_LONE     10000 /* waits that are kept */
#define FILINGS_MAX   1000000
#define SYNC_PLACES   32
#define SYNC_NAME     64
#define ROOT_MAX      512
#define PATH_ROOM     (ROOT_MAX + 300)

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
	_Atomic uint32_t reply_files, status_files, delivery_files;
	_Atomic bool stop, agency_away;
	_Atomic double first_offer, last_told; /* monotonic seconds */
	/* the gateway, of itself */
	_Atomic double start_at, ready_at;
	struct spool_counters counters;
	struct sync_place place[SYNC_PLACES];
	_Atomic unsigned int nplaces;
	_Atomic uint64_t renames, unlinks; /* in one process */
	double waited[PATH_LONE];          /* seconds, of lone filings */
	_Atomic unsigned int nwaited;
	_Atomic unsigned char seen[PATH_AGENCIES][FILINGS_MAX + 1];
};

/* What one filing makes of the file system, all processes together. */
struct path_calls {
	double creates, log_syncs;
	double file_syncs, folder_syncs, renames; /* of one created file */
};

struct path {
	struct shared *sh;
	struct count *count; /* NULL: this run is not counted */
	bool lax;            /* the journal is not synced fully */
	char root[ROOT_MAX];
	const char *mappings;
	const char *daemon; /* NULL: in this process, and counted */
	uint32_t filings, ahead;
	uint32_t batch;        /* declarations in an interchange, a delivery */
	bool together;         /* one status file for an interchange */
	unsigned int agencies; /* each gets every declaration and answers it */
	unsigned int agency;   /* the one that this process is */
};

/* The one takes cn-dec as an import client, the other CUSDEC D.21A. */
extern const struct path_box {
	const char *name, *format;
	bool edifact;
	const char *out, *in; /* its folders, as we see them */
} path_box[PATH_AGENCIES];

double path_now(void);
double path_cpu(const struct rusage *); /* seconds */
bool path_names(
    const char *folder, void (*fn)(void *arg, const char *name), void *arg);
/* Write under name.tmp, then rename: the partners' side of `on rename`. */
bool path_put(const char *folder, const char *name, struct slice);
bool path_get(const char *folder, const char *name, struct buf *);
/* Once; a second time the declaration counts as doubled. */
void path_saw(struct shared *, unsigned int agency, uint32_t number, enum seen,
    _Atomic uint32_t *);

/* path_place.c: false and a sentence: not on a disk */
bool place_check(const char *folder);
bool place_make(struct path *); /* folders below root, a template of a name */
bool place_conf(const struct path *, uint32_t window);
void place_gone(const char *root);
/* path_memory.c: prints; KiB in all */
unsigned long path_memory(const struct path *, pid_t gateway, const char *when);

/* Each returns an exit status; run in a child. */
int path_agency(struct path *);
int path_gateway(struct path *);
/* path_limit.c: what the run that was counted made, for each filing */
void path_calls(const struct path *, struct path_calls *);
/*
 * As many for as many filings, and nothing else: filings a second, or 0; and
 * the seconds of processor time that it took.
 */
double path_limit(const struct path *, const struct path_calls *, double *cpu);
/* path_gateway.c: a file below the root, mapped, to be counted in. */
bool path_count_open(struct path *);
/* Offer all, read every reply; returns when all is told, or none is left. */
bool path_filer(struct path *, bool until_told);
/* One declaration at a time, the next when the agency has it. */
bool path_lone(struct path *);

#endif
