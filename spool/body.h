/*
 * spool/body.h - parts of bodies, each body's digest checked when it is first
 * read. Inside spool/ only.
 */
#ifndef SPOOL_BODY_H
#define SPOOL_BODY_H

#include "spool/inner.h"

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
