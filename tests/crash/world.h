/*
 * tests/crash/world.h - a whole gateway in one process with a fake clock and
 * the other side's folders, as the scenarios declare.c and attach.c have it:
 * what stands in w/ is not yet offered, what stands in got/ was picked up.
 */
#ifndef TESTS_CRASH_WORLD_H
#define TESTS_CRASH_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"
#include "src/base/rc.h"
#include "src/conf/conf.h"

struct one;

struct world {
	const char *dir;
	struct conf *conf;
	struct clock clock;
	struct one *one;
	unsigned int wrong;
	/* What the other side does after each step, and, unless NULL, what is
	 * offered once all was quiet for a second. */
	void (*pick_up)(struct world *);
	void (*later)(struct world *);
};

void world_die(const char *what, const char *why);
/* DIR/below/name; the last four that were asked for are there. */
char *world_path(const struct world *, const char *below, const char *name);
/* Every name there that is not hidden; fn gets it. */
void world_names(struct world *, const char *below,
    void (*fn)(struct world *, const char *below, const char *name, void *),
    void *arg);
/* Into got/; what is there already came twice, and is NAME.twice. For
 * world_names(). */
void world_pick(struct world *, const char *below, const char *name, void *);
/* By DIR/e.conf, until nothing happened for a while; what is not RC_OK ends
 * it. */
enum rc world_run(struct world *, int64_t wall_ms, struct err *);

#endif
