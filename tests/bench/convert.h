/*
 * bench/convert.h - what a conversion is held against: the same translation
 * written by hand, and libxslt where the machine has it.
 */
#ifndef TESTS_BENCH_CONVERT_H
#define TESTS_BENCH_CONVERT_H

#include <stdbool.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/slice.h"

/* hand.c: CUSDEC of this bench to DecMessage; now as DecMessage has it. */
void hand_convert(
    struct slice in, struct slice now, struct arena *, struct buf *);

/* xslt.c: false: no libxslt here, or the stylesheet cannot be read (told). */
bool xslt_open(const char *stylesheet);
/* The standard form to DecMessage, into b; false: it failed. */
bool xslt_convert(struct slice xml, struct slice now, struct buf *b);

#endif
