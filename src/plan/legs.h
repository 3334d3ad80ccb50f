/*
 * plan/legs.h - which legs a filing has: routes allow them, rules propose.
 *
 * Pure. A route is a row of the configuration: this partner takes this kind of
 * document in this format. Where no `leg` rule speaks of a route the leg is
 * there, called after the partner. Where rules speak of it the first whose
 * condition holds gives the leg its name; when none holds there is no leg. A
 * rule for which there is no route proposes nothing: what the configuration
 * does not allow cannot be said in rules. See entrepot-rules(5).
 */
#ifndef PLAN_LEGS_H
#define PLAN_LEGS_H

#include <stdbool.h>
#include "src/base/arena.h"
#include "src/format/rules.h"
#include "src/record/record.h"

#define LEGS_MAX  32 /* of one filing */
#define LEGS_ROOM (LEGS_MAX + 1)

struct route {
	const char *partner, *format;
};

struct leg_plan {
	struct slice name;
	const char *partner, *format;
	uint32_t route;         /* its place among those given */
	bool waits;             /* a `hold` for what other legs answer */
	struct slice waits_for; /* names of those legs, ", " between them */
	uint64_t wait_ms;       /* at most; 0: as long as it takes */
	bool wait_ends;         /* then it is given up */
	bool gates; /* the filing is released only when it says so */
};

/*
 * How many legs; each has a name of its own, a second one "PARTNER.FORMAT".
 * There is room for LEGS_ROOM: over LEGS_MAX it has more than it may.
 */
unsigned int legs_plan(const struct rules *, struct record *,
    const struct route *, unsigned int nroutes, struct leg_plan *);

/* What a leg has answered by now. */
struct leg_said {
	struct slice name, outcome, level, status, number, text;
	const struct leg_key {
		struct slice name, text;
	} * key;
	uint32_t nkeys;
};

/* The `set` rules that read legs, with what they said. */
void legs_derive(const struct rules *, struct record *, const struct leg_said *,
    unsigned int n);
/*
 * Does the leg that waited wait on, for whom, how long from when it was first
 * planned? After legs_derive().
 */
void leg_wait(const struct rules *, struct record *, struct leg_plan *,
    const struct leg_said *, unsigned int n);

/*
 * What the leg's partner may see: the record itself, or a copy of its tree in
 * mem that shares the values. `private` elements are left out unless a `see`
 * of the leg names the very element; where the leg has a `see`, all else is,
 * but for the document's keys and its function. NULL: no memory.
 */
struct record *leg_view(
    const struct rules *, struct record *, struct slice leg, struct arena *mem);

#endif
