/*
 * spool/tally.h - how many things of a partner wait in a state, and since
 * when: counted where a row's state changes, written with the batch that
 * changes it, so that nobody ever counts by walking the rows.
 *
 * The writer's connection has a trigger on each table of states.def; it tells
 * the function below the old and the new state. A thing is counted under the
 * five minutes of spool time in which it came to be, so ages can be told
 * without touching it again. Only states that wait for somebody are counted
 * (state_waits). Inside spool/ only.
 */
#ifndef SPOOL_TALLY_H
#define SPOOL_TALLY_H

#include "src/base/buf.h"
#include "spool/journal.h"
#include "spool/retention.h"
#include "spool/states.h"

#define TALLY_SLOT_MS 300000

struct tally_key {
	enum state state;
	char partner[33];
	int64_t slot, n, first_t;
};

struct tally {
	struct buf keys; /* struct tally_key, of this batch */
	struct buf log;  /* uint32_t: the key, and +1 or -1 in its last bit */
	unsigned int last;
	struct sweep *sweep; /* told of what comes to live */
};

void tally_init(struct tally *, struct sweep *);
void tally_clear(struct tally *);
/* Triggers and their function, on the writer's connection. */
enum rc tally_attach(struct tally *, struct journal *, struct err *) MUST_USE;
/* A step that fails takes its changes back. */
size_t tally_mark(const struct tally *);
void tally_cut(struct tally *, size_t mark);
/* The batch's changes as rows; part of its commit. */
void tally_write(struct tally *, struct journal *);
void tally_forget(struct tally *);

#endif
