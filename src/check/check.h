/*
 * check/check.h - a record is held against types, lists and rules, in one pass.
 *
 * Rules are those of src/format/rules.h; their `set` was carried out before.
 * Pure.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "src/base/rc.h"
#include "src/format/rules.h"
#include "src/record/finding.h"
#include "src/record/record.h"

/*
 * legs: names of the legs that the filing would have ("customs"), for
 * `require ... for`. Adds findings with the place of the element's value.
 */
void check_record(const struct rules *, struct record *,
    const char *const *legs, unsigned int nlegs, struct findings *);

#endif
