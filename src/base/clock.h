/*
 * base/clock.h - the only way to ask what time it is.
 *
 * Wall time (UTC) is for stamps and calendars; monotonic time is for waiting.
 * Both in milliseconds. A fake clock moves only when told, so that tests and
 * simulation decide what happens when.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

struct clock {
	bool fake;
	int64_t fake_wall; /* used when fake */
	int64_t fake_mono;
};

#define CLOCK_TEXT 32

void clock_init(struct clock *);                  /* the real one */
void clock_fake(struct clock *, int64_t wall_ms); /* mono starts at 0 */
void clock_move(struct clock *, int64_t ms);      /* fake only: both go on */
void clock_jump(struct clock *, int64_t wall_ms); /* fake only: wall jumps */
int64_t clock_wall(const struct clock *);
int64_t clock_mono(const struct clock *);
/* "2026-11-23T22:32:15.120Z"; returns out. */
const char *clock_print(int64_t wall_ms, char out[CLOCK_TEXT]);

#endif
