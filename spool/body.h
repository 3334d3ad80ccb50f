/*
 * spool/body.h - bodies and parts of them, each body's digest checked when it
 * is first read. Inside spool/ only.
 */
#ifndef SPOOL_BODY_H
#define SPOOL_BODY_H

#include "spool/inner.h"

/*
 * The bytes of a body, all or a part; RC_REFUSED: not whole any more. Its
 * digest is made when it is read, unless it was made a while ago.
 */
enum rc body_whole(struct spool *, uint64_t ref, struct arena *, struct slice *,
    struct err *) MUST_USE;
enum rc body_part(struct spool *, uint64_t ref, uint64_t at, uint64_t len,
    struct arena *, struct slice *, struct err *) MUST_USE;

/* Is it whole? Its digest is made as with body_part(), in pieces. */
enum rc body_check(struct spool *, uint64_t ref, struct err *) MUST_USE;
/*
 * Add a body to the open batch; *ref is its place. One that is a file of its
 * own has a row, or it could never be dropped.
 */
enum rc body_add(struct spool *, const struct body_head *, struct slice,
    uint64_t *ref, struct err *) MUST_USE;

#endif
