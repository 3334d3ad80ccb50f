/*
 * wire/trace_pack.h - where each written leaf came from, small enough to be
 * kept with every leg.
 *
 * Names stand once an arrival, with its claim: a tree, so that a path costs
 * its last step alone. A leg's trace refers to them by number and says places
 * as distances from the leaf before. It needs nothing else to be read: no
 * mapping that may have changed since. Both come from a child that parsed a
 * stranger's file, so who reads trusts neither.
 */
#ifndef WIRE_TRACE_PACK_H
#define WIRE_TRACE_PACK_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"

struct trace_leaf {
	uint64_t out_at, out_len; /* in what was written; out_len 0: nothing */
	uint32_t wire;            /* name of its path there; 0: none */
	uint32_t element;         /* 0: a constant, a count, a default */
	uint64_t raw_at, raw_len; /* in the arrival; raw_len 0: no place */
};

/* What the leaf before was; starts as zeros, for both directions. */
struct trace_pen {
	uint64_t out, raw;
	uint32_t wire, element;
};

/* The next name, 1 being the first: `own` behind the one it stands below. */
void trace_name_put(struct buf *names, uint32_t above, struct slice own);
void trace_leaf_put(
    struct trace_pen *, const struct trace_leaf *, struct buf *);
/* False: nothing is left, or what is left is no leaf (rest keeps its length).
 */
bool trace_leaf_next(
    struct slice *rest, struct trace_pen *, struct trace_leaf *);
/*
 * "out_at out_len<TAB>wire path<TAB>element path<TAB>raw_at raw_len", one line
 * a leaf; a constant has no element and no place. RC_REFUSED: these bytes are
 * no trace.
 */
enum rc trace_print(struct slice names, struct slice trace, struct arena *,
    struct buf *out, struct err *) MUST_USE;

#endif
