/*
 * base/arena.c - bump allocation in chunks; trusts its callers to stay inside
 * their pieces, except in a sanitized build, where the bytes between pieces
 * are poisoned. Called from everywhere.
 *
 * A chunk is used from its start to its end and then the next one is taken;
 * rewinding goes back to the first, so a converter that runs the same kind of
 * filing again touches the same warm pages.
 */
#include "src/base/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef ENTREPOT_SANITIZED
#include <sanitizer/asan_interface.h>
#define GAP        32 /* poisoned bytes behind each piece */
#define HIDE(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define GAP        0
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#endif

#define ALIGN         alignof(max_align_t)
#define FIRST_CHUNK   ((size_t)32 << 10)
#define LARGEST_CHUNK ((size_t)1 << 20)

struct chunk {
	struct chunk *next;
	size_t cap;
	max_align_t bytes[];
};

struct arena {
	char *at;  /* the next free byte */
	char *end; /* of the chunk in use */
	struct chunk *now;
	struct chunk *first;
	size_t left; /* bytes still allowed */
	size_t max;
	size_t next_cap;
	bool failed;
};

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->max = max_bytes;
	a->left = max_bytes;
	a->next_cap = FIRST_CHUNK;
	return a;
}

static void
chunks_free(struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;

		SHOW(c->bytes, c->cap);
		free(c);
		c = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	chunks_free(a->first);
	free(a);
}

static void
chunk_use(struct arena *a, struct chunk *c)
{
	a->now = c;
	a->at = (char *)c->bytes;
	a->end = a->at + c->cap;
	HIDE(c->bytes, c->cap);
}

static struct chunk *
chunk_new(struct arena *a, size_t n)
{
	size_t cap = a->next_cap;
	struct chunk *c;

	if (cap < n)
		cap = (n + ALIGN - 1) & ~(ALIGN - 1);
	else if (a->next_cap < LARGEST_CHUNK)
		a->next_cap *= 2;
	c = malloc(sizeof(*c) + cap);
	if (c == NULL)
		return NULL;
	c->next = NULL;
	c->cap = cap;
	return c;
}

/* On to a chunk with n bytes: one kept from before, or a new one behind it. */
static bool
chunk_next(struct arena *a, size_t n)
{
	struct chunk *last = a->now;
	struct chunk *c = last == NULL ? a->first : last->next;

	while (c != NULL && c->cap < n) {
		last = c;
		c = c->next;
	}
	if (c == NULL) {
		c = chunk_new(a, n);
		if (c == NULL)
			return false;
		if (last == NULL)
			a->first = c;
		else
			last->next = c;
	}
	chunk_use(a, c);
	return true;
}

/* n bytes where "at" stands, or in the next chunk, whose start is aligned. */
static char *
piece(struct arena *a, size_t n, size_t skip)
{
	char *p;

	if (a->failed || n > a->left || n > SIZE_MAX / 2) {
		a->failed = true;
		return NULL;
	}
	if (skip + n + GAP > (size_t)(a->end - a->at)) {
		if (!chunk_next(a, n + GAP)) {
			a->failed = true;
			return NULL;
		}
		skip = 0;
	}
	p = a->at + skip;
	a->at = p + n + GAP;
	a->left -= n;
	SHOW(p, n);
	return p;
}

void *
arena_raw(struct arena *a, size_t n)
{
	size_t skip = -(uintptr_t)a->at & (ALIGN - 1);

	if (n == 0)
		n = 1; /* each piece has an address of its own */
	return piece(a, n, skip);
}

void *
arena_get(struct arena *a, size_t n)
{
	void *p = arena_raw(a, n);

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

char *
arena_str(struct arena *a, struct slice s)
{
	char *p;

	if (s.len == SIZE_MAX) {
		a->failed = true;
		return NULL;
	}
	p = piece(a, s.len + 1, 0); /* text needs no alignment */
	if (p == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

struct slice
arena_dup(struct arena *a, struct slice s)
{
	char *p = arena_str(a, s);

	return (struct slice){ p, p == NULL ? 0 : s.len };
}

/*
 * Chunks are kept up to the ceiling in all: pieces of ever other sizes would
 * else leave chunks behind that nothing fits into.
 */
void
arena_rewind(struct arena *a)
{
	struct chunk **link = &a->first;
	size_t kept = 0;

	while (*link != NULL && kept + (*link)->cap <= a->max) {
		kept += (*link)->cap;
		link = &(*link)->next;
	}
	if (link == &a->first && *link != NULL)
		link =
		    &(*link)->next; /* one stays, however small the ceiling */
	chunks_free(*link);
	*link = NULL;
	a->left = a->max;
	a->failed = false;
	a->now = NULL;
	a->at = NULL;
	a->end = NULL;
	if (a->first != NULL)
		chunk_use(a, a->first);
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}

size_t
arena_used(const struct arena *a)
{
	return a->max - a->left;
}
