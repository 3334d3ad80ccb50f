/*
 * crash/daemon_bugs.c - the shipped daemon's own objects with faults behind the
 * linker's back (--wrap), for tests of what must then happen; none is active
 * unless its sign is seen. Linked into tests/crash/bad_daemon only.
 *
 * A message whose contract number begins so meets its end where it is checked:
 *   POISON-ABORT   the child aborts
 *   POISON-SPIN    it never ends: the limit on its time does
 *   POISON-EAT     it takes memory until there is none
 *
 * And those of bugs.c, by SCENARIO_BUG.
 */
#include "tests/crash/scenario.h"
#include <stdlib.h>
#include <string.h>
#include "src/check/check.h"

#define PIECE ((size_t)1 << 20)

void __real_check_record(const struct rules *, struct record *,
    const char *const *, unsigned int, struct findings *);
void __wrap_check_record(const struct rules *, struct record *,
    const char *const *, unsigned int, struct findings *);

__attribute__((constructor)) static void
bug_first(void)
{
	bug_plant();
}

static void
memory_eat(void)
{
	volatile char *p;

	while ((p = malloc(PIECE)) != NULL)
		p[0] = 1;
	abort();
}

void
__wrap_check_record(const struct rules *rules, struct record *r,
    const char *const *legs, unsigned int nlegs, struct findings *found)
{
	const struct value *v = record_get(r->root, "contract_number");
	volatile bool on = true;

	if (v != NULL && slice_starts(v->text, "POISON-ABORT"))
		abort();
	if (v != NULL && slice_starts(v->text, "POISON-EAT"))
		memory_eat();
	while (v != NULL && slice_starts(v->text, "POISON-SPIN") && on)
		;
	__real_check_record(rules, r, legs, nlegs, found);
}
