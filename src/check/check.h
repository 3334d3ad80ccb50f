/*
 * check/check.h - a record is held against types, lists and rules, in one pass.
 *
 * Rules are loaded from mappings/rules (*.rules, entrepot-rules(5)). Checking
 * also carries out `set` rules first. Pure.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "src/base/rc.h"
#include "src/format/plan.h"
#include "src/record/finding.h"
#include "src/record/record.h"

struct rules;

enum rc rules_load(struct rules **, const char *folder, const struct formats *,
    struct complaints *, struct err *) MUST_USE;
void rules_free(struct rules *);
/*
 * legs: names of the legs that the filing would have ("customs"), for
 * `require ... for`. Adds findings with the place of the element's value.
 */
void check_record(const struct rules *, struct record *,
    const char *const *legs, unsigned int nlegs, struct findings *);

#endif
