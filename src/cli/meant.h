/*
 * cli/meant.h - which things a person means: the words of a command line as
 * one filter (entrepot-filter(7)), ids as they are, or `all`.
 */
#ifndef CLI_MEANT_H
#define CLI_MEANT_H

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "spool/filter.h"

struct meant {
	struct arena *mem;
	struct buf text; /* the filter as it is asked */
	struct filter filter;
	bool all; /* the one word `all`: what waits, of everybody */
};

/*
 * false: told on standard error, the line with a caret under the mistake.
 * meant_clear() in any case. No word at all is no mistake here.
 */
bool meant_read(struct meant *, const char *verb, char **words, int n);
/* The filter as it is asked; empty: none. */
const char *meant_text(struct meant *);
void meant_clear(struct meant *);

#endif
