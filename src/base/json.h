/*
 * base/json.h - flat JSON objects, one a line: the one writer and the one
 * reader of the house.
 *
 * Not JSON in general: no nesting, numbers are whole and have no sign. What is
 * written is valid whatever the bytes were: control characters are escaped, and
 * a byte that is no UTF-8 becomes the four characters \xNN.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

void json_open(struct buf *); /* { */
/* Members; the comma before them is put by itself. */
void json_text(struct buf *, const char *name, struct slice);
void json_number(struct buf *, const char *name, uint64_t);
void json_flag(struct buf *, const char *name, bool);
void json_close(struct buf *); /* } */

/*
 * The next member of *rest: its name, and its value as text in out (reset
 * before; a truth value is its word). false: no more, or not a member: what
 * is not such a line simply ends.
 */
bool json_member(struct slice *rest, struct slice *name, struct buf *out);
/* One member's value into out; false and empty: the line does not have it. */
bool json_find(struct slice line, const char *name, struct buf *out);

#endif
