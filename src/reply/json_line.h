/*
 * reply/json_line.h - one flat object of finding_json, member by member.
 *
 * Not JSON in general: no nesting, numbers are unsigned. What is not such a
 * line simply ends; the claims that hold these lines come from a process that
 * parsed a stranger's bytes.
 */
#ifndef REPLY_JSON_LINE_H
#define REPLY_JSON_LINE_H

#include <stdbool.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

/*
 * The next member of *rest: its name, and its value as text in out (reset
 * before). false: no more, or not a member.
 */
bool json_member(struct slice *rest, struct slice *name, struct buf *out);

#endif
