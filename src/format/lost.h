/*
 * format/lost.h - what a record loses between two formats, known without one.
 *
 * LANGUAGE's law: nothing is lost but what the target does not bind, and
 * every such cut is known at load. What a target cannot write it refuses with
 * a finding; such limits are told, too, since they decide whether a filing
 * goes through.
 */
#ifndef FORMAT_LOST_H
#define FORMAT_LOST_H

#include "src/base/buf.h"
#include "src/format/bound.h"

enum loss_kind {
	LOSS_GONE,    /* the target has no line for it */
	LOSS_WHEN,    /* it has, but not in the case that words tell */
	LOSS_CUT,     /* a moment keeps less: the day, the minute */
	LOSS_REFUSED, /* a value beyond the limit is a finding, nothing goes */
};

struct loss {
	enum loss_kind kind;
	struct chain at;
	const struct line *from, *to; /* to NULL: none */
	struct slice words; /* "when direction = export", "only the day" */
};

/* Goes after the call. */
typedef void loss_fn(void *arg, const struct loss *);

/*
 * Elements that from reads, in the order of its file, each told for what
 * happens to it when to writes. Both must be of the same document: RC_REFUSED.
 */
enum rc plans_lost(const struct plan *from, const struct plan *to, loss_fn *,
    void *arg, struct err *) MUST_USE;

#endif
