/*
 * identify/identify.h - what is this arrival, and which of our formats is each
 * message in it?
 *
 * Pure: bytes and the formats in, documents out. Who sent it is not asked
 * here: identity is the channel's, never what the data claims. The envelope's
 * verdict comes first: of an interchange whose envelope is bad no message is
 * handed out. Archives are opened, one level deep, at most four layers in all.
 */
#ifndef IDENTIFY_IDENTIFY_H
#define IDENTIFY_IDENTIFY_H

#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/format/plan.h"
#include "src/record/finding.h"
#include "src/syntax/text.h"

struct identify_in {
	struct slice raw;
	struct slice file_name; /* last part only; may be empty */
	/* Every format, envelopes too, in the order they are tried. */
	const struct plan *const *all;
	unsigned int nall;
	/* What the channel takes; naccept 0: all. Envelopes come with them. */
	const struct plan *const *accept;
	unsigned int naccept;
};

/* One message, ready to be read; or why there is none. */
struct document {
	const struct plan *plan; /* NULL: none fits, findings tell why */
	const struct text *text; /* decoded; NULL: it never became text */
	/* The message; NULL: refused by its syntax, or plan is NULL. */
	struct wnode *tree;
	struct findings *findings; /* the syntax's; for the reader to go on */
	struct slice raw;          /* whose places text tells: one layer */
	struct slice file_name;    /* inside an archive: the entry's, UTF-8 */
	uint32_t at, span;         /* in the decoded text */
	uint32_t layer;            /* 0: the arrival itself, 1: in an archive */
	/* What is around it: NULL bare; tree is the UNB's, or NULL. */
	const struct plan *envelope;
	struct wnode *envelope_tree;
};

/* What it returns other than RC_OK ends the arrival and is returned. */
typedef enum rc document_fn(void *arg, const struct document *, struct err *);

/*
 * Calls fn for each document in order; an arrival that is nothing of ours is
 * one document without plan. mem: lives as long as the arrival (texts,
 * envelopes); doc: is rewound before each document (its tree and findings),
 * and may be mem itself, then all of them stay.
 */
enum rc identify_arrival(const struct identify_in *, struct arena *mem,
    struct arena *doc, document_fn *, void *arg, struct err *) MUST_USE;

#endif
