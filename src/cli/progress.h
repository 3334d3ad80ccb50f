/*
 * cli/progress.h - a line that tells how far long work has come, for somebody
 * who sits at a terminal: nothing in the first second, nothing elsewhere, and
 * gone before anything else is printed.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"

struct progress {
	int fd;      /* -1: nobody looks */
	bool shown;  /* the line stands there now */
	int64_t due; /* when it is written next */
	const struct clock *clock;
};

/* fd: standard error's, in the tools. The clock outlives it. */
void progress_init(struct progress *, int fd, const struct clock *);
/* So many `what` are done; of: 0 when nobody knows how many there are. */
void progress_say(struct progress *, const char *what, uint64_t n, uint64_t of);
/* Take the line away; before other words, and at the end. */
void progress_hide(struct progress *);

#endif
