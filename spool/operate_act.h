/*
 * spool/operate_act.h - what an operator's verb does to one thing. Inside
 * spool/ only.
 */
#ifndef SPOOL_OPERATE_ACT_H
#define SPOOL_OPERATE_ACT_H

#include "spool/inner.h"
#include "spool/operate.h"

struct acting {
	struct batch *b;
	struct operation *op;
	struct operated *out;
	bool *touched; /* by partner: legs of it may go on now */
};

/* A thing that operate_may() let pass; counts it in a->out. */
enum rc operate_one(
    struct acting *, const struct view_row *, struct err *) MUST_USE;
/* After all of a page. */
enum rc operate_end(struct acting *, struct err *) MUST_USE;
/* receipt.c: a receipt that waits, to the leg a person names. */
enum rc receipt_attach(
    struct batch *, uint64_t receipt, uint64_t leg, struct err *) MUST_USE;

#endif
