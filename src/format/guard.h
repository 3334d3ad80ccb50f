/*
 * format/guard.h - does a wire node pass a guard, does a tree fit a plan?
 *
 * One place for identify, which chooses the plan, and read, which walks it.
 */
#ifndef FORMAT_GUARD_H
#define FORMAT_GUARD_H

#include <stdbool.h>
#include "src/format/plan.h"

/* The leaf below the node that the guard looks at and that passes; NULL. */
struct wnode *guard_leaf(const struct guard *, const struct wnode *);
bool guard_holds(const struct guard *, const struct wnode *);
/* All guards of the line. */
bool line_holds(const struct line *, const struct wnode *);
/* Its tag is one of the line's, and the guards hold. */
bool line_takes(const struct line *, const struct wnode *);
/*
 * The plan's identity: a line of its root has the tag of the tree's first node
 * and guards that hold. For tables that is any: their headings decide.
 */
bool plan_fits(const struct plan *, const struct wnode *tree);

#endif
