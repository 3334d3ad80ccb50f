/*
 * deliver/gate.h - one partner's outgoing folder, and what of ours is on its
 * way there or stands there. Knows the steps of publishing, not who asks for
 * them: the role hands in orders and collects answers.
 */
#ifndef DELIVER_GATE_H
#define DELIVER_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/transport/folder.h"
#include "src/wire/msg.h"

#define GATE_REOPEN 5000    /* ms until a closed folder is tried again */
#define GATE_LOOK   10000   /* ms; a pick-up may go untold */
#define GATE_SENT   3600000 /* ms that a client has to say it was sent */
#define GATE_GONE   10000   /* files that are looked for at once */
#define GATE_REST   100     /* ms between two walks, for each slice of one */
#define GATE_READ   16384   /* bytes read of what stands there, for 1 ms more */

#define GATE_BESIDE 999 /* files beside one message */

enum job_state {
	JOB_COLLECT,   /* its pieces come */
	JOB_ORDERED,   /* to be staged */
	JOB_STAGED,    /* whole beside out/, the spool has not ordered more */
	JOB_PUBLISH,   /* to be renamed into out/ */
	JOB_PUBLISHED, /* stands there, or was picked up */
	JOB_GONE,      /* picked up: does it come among the sent ones? */
	JOB_END,       /* nothing more, once its answer is out */
};

/* A file that goes with the message, and stands there before it does. */
struct beside {
	char name[256];
	bool begun; /* something of it is staged */
};

struct job {
	struct job *next, **at;          /* of its list, and who points at it */
	struct job *same_id, *same_name; /* of its buckets */
	uint64_t delivery;
	enum job_state state;
	bool look;          /* something was told of its name */
	int64_t not_before; /* monotonic: of the next try to publish; GONE: it
			       is not looked for any more */
	/* what the spool is still to be told, in this order */
	bool tell_staged, tell_published, tell_picked, tell_sent;
	bool told_waiting; /* that its name is taken */
	uint64_t number;   /* of its file, when its client may move it */
	/* where that is not known: what it is by its name and size */
	uint64_t size;
	struct digest sha256;
	enum rc rc; /* of STAGED, PUBLISHED */
	char why[512];
	char name[256];
	/* what came in pieces: how many, and the files beside the message */
	uint32_t pieces;
	bool begun;
	struct beside *beside;
	uint32_t nbeside;
	struct msg *order; /* until it is staged; with its */
	struct slice body;
};

#define GATE_BUCKETS 1024

struct gate {
	const struct conf_partner *partner;
	struct folder *folder; /* NULL: cannot be opened now */
	struct folder *aside;  /* open, but not the one delivered to */
	int inotify;
	int watch, watch_refused, watch_sent;
	bool dirty;             /* something went: look */
	bool look_all;          /* at all, as it is not known what it was */
	bool refused;           /* something may stand among the refused ones */
	bool there;             /* it was, when it was asked in this turn */
	int64_t refused_at;     /* monotonic: they are not walked before */
	unsigned int slices;    /* of the walk through them, but the last */
	struct folder_id first; /* what its name meant at the start */
	bool told_other;  /* that it is not the folder that was delivered to */
	int64_t look_at;  /* monotonic */
	struct job *jobs; /* in the order they came */
	struct job **end; /* where the next one goes */
	struct job *gone; /* picked up, told, and looked for: JOB_GONE */
	unsigned int njobs;
	struct job *by_id[GATE_BUCKETS], *by_name[GATE_BUCKETS];
};

void gate_init(struct gate *, const struct conf_partner *);
void gate_clear(struct gate *);
/*
 * Open the folder if it is not; RC_LATER: not now. One in which nothing was
 * ever staged is not the one where deliveries stand, be it that its disk is
 * not mounted: nothing is concluded from it, nothing is put into it.
 */
enum rc gate_open(struct gate *, int inotify_fd, struct err *) MUST_USE;
/*
 * Another folder has its name now: close it, to be opened anew. Asked once
 * until gate_turn(): nothing of ours keeps it waiting between.
 */
void gate_there(struct gate *);
void gate_turn(struct gate *);
/* Does the name mean another folder than at the start, or again one that was
 * moved away? */
bool gate_other(const struct gate *);
/* A delivery is said to stand there: left aside if it is another one. */
void gate_check(struct gate *);
struct job *gate_job(struct gate *, uint64_t delivery); /* NULL: none */
/* NULL: no memory. */
struct job *gate_job_new(struct gate *, uint64_t delivery, struct slice name);
struct job *gate_job_collect(struct gate *, uint64_t delivery);
/* A longer one is refused when it is published. */
void gate_job_name(struct gate *, struct job *, struct slice name);
void gate_job_end(struct gate *, struct job *);
/* JOB_GONE, and all of it told: out of the way until its name is heard of. */
void gate_job_gone(struct gate *, struct job *);
/* Holds the message until what is in it, body, is staged. */
void gate_job_order(struct job *, struct msg *, struct slice body);
/*
 * Stage what is ordered, publish what is due (or find out that a crash came
 * after it): several at once, with one sync of the folder for all, the rest at
 * the next call. The outcomes are in the jobs, and are to be told. RC_BROKEN
 * is returned: the process stops.
 */
enum rc gate_stage(struct gate *, bool *worked, struct err *) MUST_USE;
enum rc gate_publish(
    struct gate *, int64_t mono_ms, bool *worked, struct err *) MUST_USE;
/*
 * len bytes at `at` of fd go behind what is staged of the message (file 0) or
 * of a file beside it, from 1 on in their order; fd -1: only its name is told.
 * A failure is kept for gate_stage_group().
 */
enum rc gate_piece(struct gate *, struct job *, uint32_t file,
    struct slice name, int fd, uint64_t at, uint64_t len,
    struct err *) MUST_USE;
/* Stage what came in so many pieces. */
enum rc gate_stage_group(struct gate *, struct job *, uint32_t pieces,
    struct slice name, struct err *) MUST_USE;
/*
 * An event of the folder's instance; name "": of the folder itself. Overflow
 * and the like: -1, all of them may have happened.
 */
void gate_event(struct gate *, int watch, const char *name);
/* Which of the published ones have been picked up? */
enum rc gate_look(struct gate *, int64_t mono_ms, struct err *) MUST_USE;
/*
 * Tell of files that the partner put among the refused ones, when that may be
 * so; RC_LATER from the callback ends it until the next call. Call it after
 * the answers of all jobs are out: the spool learns what stood there first.
 * *worked: there are more of them than one call looks at, call it again.
 */
enum rc gate_refused(struct gate *, int64_t mono_ms, bool *worked,
    folder_refused_fn *, void *arg, struct err *) MUST_USE;
/*
 * So many bytes of a file there were read: the next walk waits for it, so that
 * one that is changed again and again does not keep the others of the role.
 */
void gate_refused_read(struct gate *, int64_t mono_ms, uint64_t bytes);
/*
 * The partner refused a file of this one: what stands of its message and of the
 * files beside it is taken back. A message alone is left where it is. The
 * folder is open.
 */
enum rc gate_withdraw(struct gate *, struct job *, struct err *) MUST_USE;
/* Remove what is staged and belongs to no job. */
enum rc gate_sweep(struct gate *, struct err *) MUST_USE;

/* --- between gate.c, group.c and jobs.c --- */

/* All that are gone are looked at again. */
void gate_gone_back(struct gate *);

/* The outcome of a staging, to be told. */
void job_staged(struct job *, enum rc, const struct err *);
/* ID, or ID.N of the Nth file beside; room for an id and a number. */
#define GATE_STAGE_NAME 40
void stage_name(const struct job *, uint32_t file, char out[GATE_STAGE_NAME]);
/* The files beside go into out/, and are there whatever happens then. */
enum rc group_publish(
    struct gate *, struct job *, bool *taken, struct err *) MUST_USE;
/* Is none of the files beside there any more? */
enum rc group_picked(
    struct gate *, const struct job *, bool *picked, struct err *) MUST_USE;
/* Out of the way for the next try, as far as that goes; RC_BROKEN: a sync. */
enum rc group_back(struct gate *, struct job *, struct err *) MUST_USE;

#endif
