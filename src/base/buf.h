/*
 * base/buf.h - a buffer owns bytes that grow up to a named ceiling.
 *
 * A call on a buffer that has failed (out of memory, over its ceiling) does
 * nothing, so a run of them is checked once, with buf_failed().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	size_t max; /* ceiling in bytes */
	bool failed;
};

void buf_init(struct buf *, size_t max);
void buf_clear(struct buf *); /* frees; the buffer may be used again */
void buf_reset(struct buf *); /* keeps the memory, len 0, not failed */
void buf_add(struct buf *, const void *, size_t);
void buf_slice(struct buf *, struct slice);
void buf_str(struct buf *, const char *);
void buf_byte(struct buf *, char);
void buf_fmt(struct buf *, const char *, ...) PRINTF(2, 3);
/* Room for n more bytes at p + len, NULL when failed; then add to len. */
char *buf_room(struct buf *, size_t n);
void buf_cut(struct buf *, size_t len); /* back to an earlier length */
bool buf_failed(const struct buf *);
struct slice buf_look(const struct buf *);
/* NUL behind the bytes (not counted in len); NULL when failed. */
const char *buf_cstr(struct buf *);

#endif
