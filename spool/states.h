/*
 * spool/states.h - the enums and questions made from states.def.
 */
#ifndef SPOOL_STATES_H
#define SPOOL_STATES_H

#include <stdbool.h>
#include "src/base/slice.h"

enum machine {
	MACHINE_arrival,
	MACHINE_filing,
	MACHINE_leg,
	MACHINE_delivery,
	MACHINE_receipt,
	MACHINES
};

/* All states of all machines, dense: STATE_arrival_TAKEN ... */
enum state {
	STATE_NONE,
#define STATE(machine, name, final, en, zh) STATE_##machine##_##name,
#include "spool/states.def"
	STATES
};

const char *state_name(enum state); /* "taken", as the journal keeps it */
/* STATE_NONE for a word that the machine does not have. */
enum state state_find(enum machine, struct slice word);
const char *machine_name(enum machine);
const char *state_en(enum state);
const char *state_zh(enum state);
bool state_final(enum state);
/* Does somebody still have something to do about it? */
bool state_waits(enum state);
enum machine state_machine(enum state);
/* Is there an edge? from STATE_NONE: the machine's first states only. */
bool state_may_move(enum state from, enum state to);
/* The n-th edge of the table, for the manual's check; false past the last. */
bool state_edge(
    unsigned int n, enum state *from, enum state *to, const char **why);

#endif
