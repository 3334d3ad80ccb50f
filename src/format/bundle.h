/*
 * format/bundle.h - what a mappings folder says of itself as a whole, in its
 * file `bundle`:
 *
 *   valid from 2027-01-01 [HH:MM[:SS]] [+08:00]
 *
 * Without the file, or the line, it is valid since ever. The line is no part of
 * the version: it says when the bundle is used, not what it does.
 */
#ifndef FORMAT_BUNDLE_H
#define FORMAT_BUNDLE_H

#include <stdint.h>
#include "src/base/rc.h"
#include "src/record/complaints.h"

/* RC_REFUSED: a mistake, in *complaints with its place. Wall clock, ms. */
enum rc bundle_from(const char *folder, int64_t *from_ms, struct complaints *,
    struct err *) MUST_USE;

#endif
