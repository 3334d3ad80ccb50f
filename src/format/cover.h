/*
 * format/cover.h - what of a format's table its lines bind.
 *
 * The table is the one that the format names: every element of every block of
 * an interface page, or every leaf of every segment at every place of an
 * EDIFACT message. For a format without one it is the document in the
 * directory: every element of it, and of a receipt's "about" those that keys
 * are made of.
 */
#ifndef FORMAT_COVER_H
#define FORMAT_COVER_H

#include "src/format/plan.h"

enum cover {
	COVER_UNBOUND, /* no line: met in a message it is `unmapped` */
	COVER_DROPPED, /* "-": known and carried nowhere */
	COVER_BOUND,   /* an element, a constant, a count, a signature */
};

struct cover_row {
	enum cover how;
	struct slice block;  /* "DecLists/DecList", "SG7/RFF", "item" */
	struct slice name;   /* "GName", "C506.1153", "quantity" */
	struct slice format; /* "an..20"; may be empty */
	const char *file;    /* of the table or the directory, or NULL */
	uint32_t line;
	const struct line *by; /* what binds or drops it; NULL */
};

/* Rows of one block follow each other; they go after the call. */
typedef void cover_fn(void *arg, const struct cover_row *);
/* RC_LATER: no memory. */
enum rc plan_cover(const struct formats *, const struct plan *, cover_fn *,
    void *arg, struct err *) MUST_USE;

#endif
