/*
 * format/pick.h - the lines that may take a wire node, made fast to ask.
 */
#ifndef FORMAT_PICK_H
#define FORMAT_PICK_H

#include "src/format/plan.h"

/*
 * The lines below parent that hold the node's tag and that its guard leaf does
 * not rule out, in file order, NULL at the end; NULL: no line has the tag.
 * Their guards are still to be asked.
 */
const struct line *const *lines_for(
    const struct line *parent, const struct wnode *);

#endif
