/*
 * spool/select.h - things that pass a filter, page by page, for who looks and
 * for who acts. The cheapest way in is chosen by what the filter names (one
 * id, whole numbers, one that begins so as few do, one partner, states with an
 * index); everything else is measured row by row, and never more than
 * SELECT_LOOKED rows for one page. Inside spool/ only.
 */
#ifndef SPOOL_SELECT_H
#define SPOOL_SELECT_H

#include "spool/journal.h"
#include "spool/view.h"

#define SELECT_LOOKED 4000

struct select {
	const struct filter *filter;
	enum machine machine;
	uint64_t after;
	unsigned int max;
	int64_t now;   /* spool time */
	uint64_t next; /* out: where the next page begins; 0: that was all */
};

enum rc select_page(struct journal *, struct select *, struct arena *,
    struct view_row *, unsigned int *n, struct err *) MUST_USE;

#endif
