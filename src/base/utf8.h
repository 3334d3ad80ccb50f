/*
 * base/utf8.h - UTF-8 one character at a time, and what a terminal does with
 * it: how many columns it takes, and which of it must not be shown as it is.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

/*
 * The next character of *rest, which is not empty. false: the first byte
 * begins none (cut, overlong, a surrogate): it alone is taken off, and stands
 * in *c.
 */
bool utf8_next(struct slice *rest, uint32_t *c);
void utf8_put(struct buf *, uint32_t c);
size_t utf8_make(char out[4], uint32_t c); /* how many bytes it took */

/*
 * Columns on a terminal: 2 for what East Asian text makes wide, 0 for marks
 * that join the character before. -1: a terminal or a reader would be led by
 * it (C0, DEL, C1, line separators, direction marks): show it escaped.
 */
int utf8_width(uint32_t c);
/*
 * The text as it may be shown: what utf8_width() forbids and bytes that are
 * no UTF-8 as \xNN, byte by byte. Returns its columns.
 */
unsigned int utf8_show(struct slice, struct buf *);

#endif
