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

/* What an evaluation may look at. */
struct scope {
	const struct record *record;
	const struct node *here;
	/*
	 * The rest is for rules. each: where a path goes through a repeated
	 * group of which this node or one around it is a member, it is that
	 * member that is meant and not the first.
	 */
	const struct node *each;
	/* The value that "@leg.path" names; NULL: none. */
	const struct value *(*leg_value)(void *arg, const struct path *);
	bool (*leg_planned)(void *arg, struct slice leg);
	void *arg;
	const struct path *target; /* of "absent" alone */
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

/*
 * Every path that a condition or an expression reads, those of conditions of
 * its choices among them. each_node: it stands in any, all, no, count, sum,
 * min or max and runs over all nodes by itself.
 */
typedef void path_fn(void *arg, const struct path *, bool each_node);
void cond_paths(const struct cond *, path_fn *, void *arg);
void expr_paths(const struct expr *, path_fn *, void *arg);
void choice_paths(const struct choice *, path_fn *, void *arg);
/* fn for each part of "X and Y and ...". */
typedef bool clause_fn(void *arg, const struct cond *);
bool cond_clauses(const struct cond *, clause_fn *, void *arg);
/* Do two conditions exclude each other, as far as one can tell? */
bool cond_excludes(const struct cond *, const struct cond *);

#endif
