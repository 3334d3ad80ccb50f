/*
 * spool/view_in.h - what the files of the views share. Inside spool/ only.
 */
#ifndef SPOOL_VIEW_IN_H
#define SPOOL_VIEW_IN_H

#include "spool/journal.h"
#include "spool/segments.h"
#include "spool/view.h"

struct view {
	struct journal j;
	struct segments seg;
	int dirfd;
};

/* Ends every question: what went wrong with it, and a clean slate. */
enum rc view_end(struct view *, struct err *) MUST_USE;
/* A row from where the statement stands. */
void view_row_read(sqlite3_stmt *, struct arena *, struct view_row *);
/* The machine of an id; MACHINES: nothing has it. */
enum machine view_find(
    struct view *, uint64_t id, struct view_row *, struct arena *);
/* A leg's answers, from its history and the claims it names. */
enum rc view_answers(struct view *, struct slice history, struct arena *,
    struct view_answer **, unsigned int *n, struct err *) MUST_USE;
/* The highest event that a body of the last segment names. */
enum rc view_tail_event(struct view *, uint64_t *, struct err *) MUST_USE;
/* Why it stands where it does, for people. */
void view_why(struct view_thing *, struct arena *);

#endif
