/*
 * base/id.h - ids are 64 bits, made by the caller, unique without asking.
 *
 * 42 bits milliseconds since 2020-01-01 UTC, 10 bits node, 12 bits counter.
 * They grow with time on one node. Printed in Crockford's base 32 (no I, L,
 * O, U): 13 symbols and one check letter, "0A3F9Q2-7MBXPTC". 0 is no id.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"
#include "src/base/slice.h"

#define ID_TEXT 16 /* 7 + '-' + 7 + NUL */

struct idgen {
	struct clock *clock;
	uint64_t last; /* the last one given; the next is always greater */
	uint32_t node; /* 0..1023 */
};

void idgen_init(struct idgen *, struct clock *, uint32_t node);
uint64_t id_new(struct idgen *);
#define ID_BLOCK_MAX 4096
/* The first of n consecutive ids, 1 to ID_BLOCK_MAX; the caller hands them out.
 */
uint64_t id_block(struct idgen *, uint32_t n);
const char *id_print(uint64_t, char out[ID_TEXT]); /* returns out */
/* Either case, with or without the dash; false: wrong letter or check. */
bool id_parse(struct slice, uint64_t *);

#endif
