/*
 * format/check.h - the load checks of a plan (LANGUAGE section 7); private to
 * src/format.
 */
#ifndef FORMAT_CHECK_H
#define FORMAT_CHECK_H

#include "src/format/build.h"

/* check_when.c: numbers 2 and 6 */
void check_alternatives(struct builder *, const struct line *parent);
void check_conditions(struct builder *);
/* check_ways.c: number 5, every "<" has its ">" */
void check_ways(struct builder *);
/* check_repeat.c: number 1, repetition; number 8 */
void check_repeats(struct builder *, const struct line *parent);
void check_filings(struct builder *);
/* check_table.c: numbers 4 and 7, segments in their order */
void check_table(struct builder *);

/* Do the guards of two lines exclude each other? */
bool guards_exclude(const struct line *, const struct line *);
/* Does a hold whenever b holds: is a the stricter one or the same? */
bool guards_stricter(const struct line *a, const struct line *b);

#endif
