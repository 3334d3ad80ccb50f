/*
 * cli/standing.h - a file that the spool does not know because it still stands
 * in a partner's folder: what keeps it there.
 */
#ifndef CLI_STANDING_H
#define CLI_STANDING_H

#include <stdbool.h>
#include "src/cli/ask.h"

/* Told on standard output, a line for each such file; false: there is none. */
bool standing_tell(struct ask *, const char *name);

#endif
