/*
 * format/check.h - the load checks of a plan (LANGUAGE section 7); private to
 * src/format.
 */
#ifndef FORMAT_CHECK_H
#define FORMAT_CHECK_H

#include "src/format/build.h"

/* check_same.c: number 2, lines of one tag */
void check_alternatives(struct builder *, const struct line *parent);
/* check_bound.c: numbers 5 ("<" and ">", dates), 6 and 8 (by, filing) */
void check_bound(struct builder *);
/* check_repeat.c: number 1, what can stand how often */
void check_repeats(struct builder *, const struct line *parent);
/* check_table.c: numbers 4 and 7, segments in their order */
void check_table(struct builder *);

/*
 * "DecLists/DecList" of the container that a line stands in, "ROOT@": as
 * tables of XML documents name blocks. In out.
 */
struct slice line_block(const struct line *, char *out, size_t size);
/* Do the guards of two lines exclude each other? (check_root.c) */
bool guards_exclude(const struct line *, const struct line *);
/* Is a tag of the one a tag of the other, too? (check_same.c) */
bool tags_meet(const struct line *, const struct line *);
/* Do two tests ask the same leaf? */
bool guard_leaf_same(const struct guard *, const struct guard *);

/*
 * Every path that a line reads into or writes from the record: its element,
 * the holes of its pattern. Conditions are not among them.
 */
typedef void bound_fn(void *arg, const struct line *, const struct path *);
void line_bound(const struct line *, bound_fn *, void *arg);
/* The same for all lines below. */
void lines_bound(const struct line *parent, bound_fn *, void *arg);
/* Do both end in the same element of the same group? */
bool path_alike(const struct path *, const struct path *);
/* "twice", "999 times": how often something can stand. */
const char *times_text(uint32_t most, char out[24]);

static inline bool
line_leaf(const struct line *l)
{
	return l->kind != LINE_STRUCTURE && l->kind != LINE_GROUP;
}

#endif
