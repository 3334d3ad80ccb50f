/*
 * base/buf.c - growing bytes up to a ceiling; trusts the ceiling, not the
 * sizes asked for. Called from everywhere.
 */
#include "src/base/buf.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_clear(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

/* One byte more than cap is always there, for the NUL of buf_cstr(). */
static bool
buf_grow(struct buf *b, size_t need)
{
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
	char *p;

	while (cap < need)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	p = cap == SIZE_MAX ? NULL : realloc(b->p, cap + 1);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

char *
buf_more(struct buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (n > b->max - b->len) {
		b->failed = true;
		return NULL;
	}
	if ((n > b->cap - b->len || b->p == NULL) && !buf_grow(b, b->len + n))
		return NULL;
	return b->p + b->len;
}

/* Most texts fit in the room there is; the others are made a second time. */
void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *at = buf_room(b, 0);
	int n;

	if (at == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(at, b->cap - b->len + 1, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n > b->cap - b->len) {
		at = buf_room(b, (size_t)n);
		if (at == NULL)
			return;
		va_start(ap, fmt);
		(void)vsnprintf(at, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

void
buf_cut(struct buf *b, size_t len)
{
	if (b->failed)
		return;
	assert(len <= b->len);
	b->len = len;
}

bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

struct slice
buf_look(const struct buf *b)
{
	if (b->failed)
		return (struct slice){ NULL, 0 };
	return (struct slice){ b->p, b->len };
}

const char *
buf_cstr(struct buf *b)
{
	char *at = buf_room(b, 0);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return b->p;
}
