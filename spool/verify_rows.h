/*
 * spool/verify_rows.h - what the walk carries from row to row, and the
 * question about counters that is made from states.def. Inside spool/ only.
 */
#ifndef SPOOL_VERIFY_ROWS_H
#define SPOOL_VERIFY_ROWS_H

#include "spool/verify.h"
#include "spool/view_in.h"

struct verifying {
	struct view *view;
	fault_fn *fault;
	void *arg;
	uint64_t n;
	uint64_t ref; /* the last body, for the rows that share it */
	bool ref_fine;
	struct body_head head;
};

struct verify_row {
	enum machine machine;
	uint64_t id, ref, at, len;
	struct slice state, sha;
	bool orphan;
};

/*
 * Rows: partner, state, slot, counted, there; where both are the same, too.
 * One statement, so one look: a commit in between makes no difference.
 */
sqlite3_stmt *verify_counters(struct view *, enum machine, struct err *);

#endif
