/*
 * daemon/role_spool.h - the role spool between its files: messages in
 * (role_spool.c), messages that a full link put off (role_spool_say.c), when a
 * batch waits (role_spool_hold.c), files among the refused ones
 * (role_spool_refused.c), others that come and go (role_spool_peer.c).
 */
#ifndef DAEMON_ROLE_SPOOL_H
#define DAEMON_ROLE_SPOOL_H

#include "spool/spool.h"
#include "src/daemon/role.h"
#include "src/wire/msg.h"

#define BODY_LIMIT   (1u << 30)
#define ORDER_MEMORY (1u << 30)
#define ORDERS_HAND  128 /* handed out in one go */
#define LATER_MAX    (1u << 20)
#define ROOM         128 /* steps the spool adds to a batch by itself */
#define WHY_MAX      512
#define AGAIN_MS     1000 /* a full disk, a shortage: the same once more */

/*
 * While others work on much, a batch waits for what they will say so soon: one
 * commit for all of it. With little under way there is nothing to wait for.
 */
#define HOLD_MS    5
#define HOLD_OWED  6            /* answers that are to come, at least */
#define HOLD_STEPS 256          /* enough for one commit */
#define HOLD_BYTES (256u << 10) /* and so much work is worth one at once */

struct pending { /* a step whose answer waits for the commit */
	enum msg_type type;
	uint64_t id;
	struct msg *said; /* with the claims */
	uint64_t mark;    /* REJECTED, and the file beside the message, or 0 */
	uint32_t part;
	enum rc how; /* what the other role said of it */
	char why[WHY_MAX];
	struct step step;
};

/*
 * A result that waits for its turn, or a step that is done again. While the
 * disk is full there may be as many as files of ours stand outside.
 */
struct later {
	enum msg_type type;
	enum rc how;
	uint32_t part;
	uint64_t id, mark;
	struct msg *said; /* a result; or a question that none could answer */
	char *why;        /* NULL: nothing */
};

struct spool_role {
	struct spool *s;
	struct batch *b;
	struct conf *conf; /* from a reload; NULL: the first one */
	struct pending pending[SPOOL_BATCH_STEPS];
	unsigned int npending;
	struct later *later; /* in order */
	unsigned int nlater, later_cap;
	int64_t again_at;
	struct msg **out; /* what a full link put off, in order */
	unsigned int nout, out_cap;
	struct arena *mem;
	bool draining, drained;
	bool open; /* convert's generation is known: orders may go out */
	bool lost; /* the last commit did not happen: disk full */
	unsigned int owed[ROLES]; /* answers to come from each */
	unsigned int heard;       /* messages that came while it held */
	int64_t hold_until;       /* monotonic; 0: it does not hold */
};

/* A message came. */
void spool_heard(struct spool_role *, const struct msg *);
/* The batch waits until hold_until; true again and again, then false. */
bool spool_holds(struct role *);

/* A step of the open batch, whose answer waits for the commit. */
void spool_step(struct spool_role *, const struct pending *);
/*
 * REJECTED and WITHDRAWN: deliver is asked what is still to be known or done,
 * or it is a step. SENT. In a shortage each is kept, to be asked again.
 */
enum rc spool_refusal(struct role *, struct msg *, struct err *) MUST_USE;
enum rc spool_sent(struct role *, struct msg *, struct err *) MUST_USE;

/* Once more, later; false: no memory, or more than there can be. */
bool spool_later_put(struct spool_role *, const struct pending *) MUST_USE;
/* Is it still to be written that this was picked up? Looks at later[from, upto)
 * and at what was just put off. */
bool spool_pick_waits(const struct spool_role *, unsigned int from,
    unsigned int upto, uint64_t id);
/* Who gave them is gone. */
void spool_results_forget(struct spool_role *);
void spool_later_free(struct spool_role *);

/* Commit the open batch and answer. */
enum rc spool_commit(struct role *, struct err *) MUST_USE;
enum rc spool_operate(struct role *, struct msg *, struct err *) MUST_USE;
enum rc spool_reload(struct role *, struct msg *, struct err *) MUST_USE;

/* What stands outside, told at a start: theirs or ours. */
enum rc spool_greet_intake(struct role *, struct err *) MUST_USE;
enum rc spool_greet_deliver(struct role *, struct err *) MUST_USE;
enum rc spool_peer(struct role *, enum role_id, struct err *) MUST_USE;

/* RC_LATER: it was put back. */
enum rc spool_hand_delivery(
    struct role *, const struct delivery_out *, struct err *) MUST_USE;

/* Send, or keep until the link has room; takes over fd in any case. */
enum rc spool_say(struct role *, enum role_id to, enum msg_type,
    const void *body, int fd, struct err *) MUST_USE;
/* The same with bytes beside it, which are copied. */
enum rc spool_say_bytes(struct role *, enum role_id to, enum msg_type,
    const void *body, struct slice, struct err *) MUST_USE;
enum rc spool_flush(struct role *, struct err *) MUST_USE;
/* Forget what was meant for a role that started again. */
void spool_unsay(struct role *, enum role_id to);

#endif
