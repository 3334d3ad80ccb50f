/*
 * wire/bundles.h - the mapping bundles that convert has loaded, as it tells the
 * spool: "VERSION", or several, each from a moment on:
 * "VERSION VERSION@1798732800000" (wall clock, ms). The spool says in each
 * order which of them does it; what a row was made with stays its own.
 */
#ifndef WIRE_BUNDLES_H
#define WIRE_BUNDLES_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/slice.h"

#define BUNDLES_MAX   8
#define BUNDLE_TEXT   65 /* SHA-256 in hexadecimal */
#define BUNDLES_BYTES 700

struct bundle {
	char version[BUNDLE_TEXT];
	int64_t from_ms; /* 0: since ever */
};

struct bundles { /* in the order of their beginnings */
	unsigned int n;
	struct bundle one[BUNDLES_MAX];
};

/* False: too many, a version too long, or not in order. */
bool bundles_parse(struct bundles *, struct slice);
void bundles_print(const struct bundles *, char out[BUNDLES_BYTES]);
/* Sorted in; false: there is no place, or one begins at that moment. */
bool bundles_add(struct bundles *, struct slice version, int64_t from_ms);
/*
 * The newest that has begun by then; before the first has begun it is that one
 * all the same. BUNDLES_MAX: there is none at all.
 */
unsigned int bundles_at(const struct bundles *, int64_t wall_ms);
unsigned int bundles_find(const struct bundles *, struct slice version);

#endif
