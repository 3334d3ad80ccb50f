/*
 * format/cond.h - conditions and expressions of formats and rules.
 *
 * Compiled by the format and rule parsers (LANGUAGE grammar: cond, expr),
 * evaluated against a record. A missing value makes a comparison false;
 * "absent" and "present" ask for it. Arithmetic is decimal and exact.
 */
#ifndef FORMAT_COND_H
#define FORMAT_COND_H

#include <stdbool.h>
#include "src/format/plan.h"
#include "src/record/record.h"

/* What an evaluation may look at; leg answers only in rules. */
struct scope {
	const struct record *record;
	const struct node *here;
};

struct cond;
struct expr;

bool cond_holds(const struct cond *, const struct scope *);
/* The result as text in mem; false: absent. */
bool expr_value(const struct expr *, const struct scope *, struct arena *,
    struct slice *out);
/* The value that a path names; NULL. `up` and bases are relative to here. */
const struct value *path_value(const struct path *, const struct scope *);
/* The node that holds the path's last step, made on the way when make. */
struct node *path_node(
    const struct path *, const struct scope *, struct arena *mem, bool make);
/* The arm of a choice that holds; NULL: none. */
const struct path *choice_path(const struct choice *, const struct scope *);

#endif
