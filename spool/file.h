/*
 * spool/file.h - files that documents name: whose bytes they are, and how they
 * go along with a delivery. Inside spool/ only.
 *
 * A file has one body, whichever legs and agencies get it: its arrival's own
 * when it came beside its document, else one that was unpacked once. A
 * delivery's parts name it: at a place in the package, or beside the message.
 */
#ifndef SPOOL_FILE_H
#define SPOOL_FILE_H

#include "spool/inner.h"
#include "src/wire/claim.h"

/* How many files go along with this leg's message. */
uint32_t files_count(const struct claim_leg *);
/*
 * For ORDER_WRAP, behind the message: the files of this leg's claim. Those
 * that nobody has unpacked yet come with their package.
 */
enum rc files_load(struct spool *, struct slice claim, uint64_t arrival,
    struct arena *, struct buf *in, struct err *) MUST_USE;

struct parts_in {
	uint64_t delivery;
	struct slice name; /* of the delivery */
	bool zip, legs;
	uint64_t len;        /* of its body */
	struct slice claims; /* CLAIM_FILE one behind the other */
};
/*
 * What convert says of a delivery's files: checked against its leg's claim,
 * kept once, and made its parts. *n: how many. RC_REFUSED: it lied.
 */
enum rc parts_keep(struct batch *, const struct parts_in *, uint32_t *n,
    struct err *) MUST_USE;
/* The pieces of a delivery, by its id, with this body: unchecked. */
enum rc pieces_of(struct journal *, const struct delivery_piece *body,
    struct delivery_out *, struct arena *, struct err *) MUST_USE;
/* The same, all whole. RC_REFUSED: damaged. */
enum rc pieces_load(struct spool *, const struct delivery_piece *body,
    struct delivery_out *, struct arena *, struct err *) MUST_USE;
/*
 * Length and digest of its message (file 0) or of a file beside it. RC_LATER: a
 * shortage; all else is of its body.
 */
enum rc pieces_sum(struct segments *, const struct delivery_out *,
    uint32_t file, uint64_t *len, struct digest *) MUST_USE;
/*
 * The same for a reader: what `cat` shows of a delivery, its message whole.
 */
enum rc pieces_whole(struct journal *, struct segments *, uint64_t delivery,
    const struct delivery_piece *body, struct arena *, struct slice *out,
    struct err *) MUST_USE;
/* Only the names beside its message. */
enum rc parts_beside(struct spool *, struct delivery_out *, struct arena *,
    struct err *) MUST_USE;

#endif
