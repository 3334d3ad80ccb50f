/*
 * daemon/refusals.h - what the spool asks deliver about files among the refused
 * ones: which bytes they are, and that what stands beside one is taken back. A
 * question waits here until its turn, so that a full link loses none.
 */
#ifndef DAEMON_REFUSALS_H
#define DAEMON_REFUSALS_H

#include "src/daemon/role.h"
#include "src/deliver/gate.h"

struct refusals {         /* all zero: none */
	struct msg **ask; /* WHOSE and WITHDRAW, in order */
	unsigned int n, room;
};

void refusals_clear(struct refusals *);
/* Holds the message. RC_LATER: no memory. */
enum rc refusals_put(struct refusals *, struct msg *, struct err *) MUST_USE;
/*
 * The first of them, its answer sent. RC_BROKEN is returned: the process stops;
 * what cannot be answered now stays.
 */
enum rc refusals_answer(struct role *, struct refusals *, struct gate *,
    unsigned int gates, bool *worked, struct err *) MUST_USE;

#endif
