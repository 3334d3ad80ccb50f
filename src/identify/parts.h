/*
 * identify/parts.h - what the parts of this stage share; nobody else's.
 */
#ifndef IDENTIFY_PARTS_H
#define IDENTIFY_PARTS_H

#include "src/identify/identify.h"

#define CANDIDATES_MAX 256 /* formats of one syntax that a channel takes */

/* One layer: the arrival, or an entry of an archive in it. */
struct layer {
	const struct identify_in *in;
	struct arena *mem, *doc;
	document_fn *fn;
	void *arg;
	struct err *err;
	struct slice raw, file_name;
	uint32_t depth;
	const struct plan *envelope; /* the archive's format; NULL: none */
	struct text *text;           /* once it is decoded */
};

bool plan_is_envelope(const struct plan *);
bool plan_accepted(const struct identify_in *, const struct plan *);
/* The format's root is this element, row or segment. */
bool plan_has_root(const struct plan *, struct slice name);
/* May this format travel in that envelope? NULL: bare. */
bool plan_travels(const struct plan *, const struct plan *envelope);

/* A document with fresh findings; RC_LATER: mem is full. */
enum rc document_start(struct layer *, struct document *);
enum rc document_give(struct layer *, const struct document *);
/*
 * Decode by what the accepted formats of the syntax allow: into layer->text.
 * RC_REFUSED: one document with the findings has been given.
 */
enum rc layer_decode(struct layer *, enum syntax_kind, struct slice label,
    const struct plan *only, struct document *);
/*
 * No format fits: known is one that would but is not accepted, or NULL. The
 * sentence says what was found and what would do.
 */
void unknown_add(struct layer *, const struct plan *known, struct slice found,
    struct document *);
/* The envelope is not one that the format travels in: a finding. */
void travel_check(struct layer *, struct document *);

enum rc identify_edifact(struct layer *);
enum rc identify_xml(struct layer *);
enum rc identify_csv(struct layer *);

#endif
