/*
 * bench/message.h - declarations for the benches: valid for the clean mapping,
 * each with a number of its own, 5 goods lines.
 */
#ifndef TESTS_BENCH_MESSAGE_H
#define TESTS_BENCH_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

#define NUMBER_LEN 18 /* ClientSeqNo has no more room */

/* One interchange of the declarations number from .. from + n - 1. */
void message_interchange(
    struct buf *, uint32_t interchange, uint32_t from, uint32_t n);
/* The declaration's count again; false: not one of these numbers. */
bool message_number(struct slice, uint32_t *number);

#endif
