/*
 * syntax/edifact_walk.h - where in its message table a segment stands; for
 * edifact_tree.c alone.
 */
#ifndef SYNTAX_EDIFACT_WALK_H
#define SYNTAX_EDIFACT_WALK_H

#include "src/syntax/edifact_parts.h"
#include "src/syntax/wire_table.h"

#define WALK_DEPTH 24 /* groups inside groups; tables have up to 9 */

struct walk_level {
	const struct table_place *group;
	const struct table_place *at; /* matched last */
	uint32_t count;               /* how often, in this group */
	struct wnode *node;           /* what stands in it hangs below */
};

struct walk {
	const struct wire_table *table;
	const struct edifact_chars *chars;
	struct slice text; /* from where to where the message is, see end */
	uint32_t end;
	struct findings *findings;
	struct walk_level level[WALK_DEPTH];
	uint32_t depth;
	uint32_t *last; /* of each segment kind: where the last one stands */
	struct arena *mem;
};

void walk_start(struct walk *, struct wnode *root);
/*
 * Move to the place of this segment; findings for what is missing, too often
 * or not expected. Returns the node it hangs below; *segment is what the table
 * says of its elements, NULL: the table has no such segment; *opens: its own
 * node takes what follows, with walk_open().
 */
struct wnode *walk_to(struct walk *, const struct segment *, uint32_t number,
    const struct table_segment **segment, bool *opens);
void walk_open(struct walk *, struct wnode *);

#endif
