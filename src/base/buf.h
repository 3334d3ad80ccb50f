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
void buf_fmt(struct buf *, const char *, ...) PRINTF(2, 3);
/* Room for n more bytes at p + len, NULL when failed; then add to len. */
char *buf_more(struct buf *, size_t n); /* buf_room() when it must grow */

static inline char *
buf_room(struct buf *b, size_t n)
{
	if (!b->failed && b->p != NULL && n <= b->cap - b->len)
		return b->p + b->len;
	return buf_more(b, n);
}

static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *at = n == 0 ? NULL : buf_room(b, n);

	if (at == NULL)
		return;
	memcpy(at, p, n);
	b->len += n;
}

static inline void
buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.len);
}

static inline void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void
buf_byte(struct buf *b, char c)
{
	char *at = buf_room(b, 1);

	if (at == NULL)
		return;
	*at = c;
	b->len++;
}

void buf_cut(struct buf *, size_t len); /* back to an earlier length */
bool buf_failed(const struct buf *);
struct slice buf_look(const struct buf *);
/* NUL behind the bytes (not counted in len); NULL when failed. */
const char *buf_cstr(struct buf *);

#endif
