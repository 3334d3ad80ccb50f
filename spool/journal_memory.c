/*
 * spool/journal_memory.c - the library's memory: a role is one thread, and a
 * step asks for hundreds of small pieces that the next one asks for again. So
 * what is freed stays in a row of its size, and nothing is locked, joined or
 * given back. Called by the library.
 *
 * Debian builds it without its own such store (OMIT_LOOKASIDE). Under
 * sanitizers each piece is the C library's, so that they see what becomes of
 * it.
 */
#include "spool/journal_inner.h"
#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#ifndef ENTREPOT_SANITIZED

#define PIECE_STEP  64u
#define PIECE_MAX   8192u /* a page with what is kept of it, and more */
#define PIECES      (PIECE_MAX / PIECE_STEP + 1)
#define STORE_BYTES (128u << 10)

/* Before each piece; as long as what malloc() aligns to. */
struct head {
	_Alignas(max_align_t) size_t room;
};

struct piece {
	struct piece *next;
};

static struct {
	struct piece *free[PIECES]; /* by room */
	char *p;                    /* where new ones come from */
	size_t left;
} store;

static struct head *
head_of(void *p)
{
	return (struct head *)p - 1;
}

static int
memory_round(int n)
{
	return (
	    int)(((unsigned int)n + PIECE_STEP - 1) / PIECE_STEP * PIECE_STEP);
}

/* The rest of the last one is lost: less than a piece. */
static void *
piece_new(size_t room)
{
	size_t all = sizeof(struct head) + room;
	struct head *h;

	if (store.left < all) {
		char *p = malloc(STORE_BYTES);

		if (p == NULL)
			return NULL;
		store.p = p;
		store.left = STORE_BYTES;
	}
	h = (struct head *)(void *)store.p;
	store.p += all;
	store.left -= all;
	h->room = room;
	return h + 1;
}

static void *
memory_get(int n)
{
	size_t room = (size_t)memory_round(n);
	struct piece *p;
	struct head *h;

	if (room <= PIECE_MAX) {
		p = store.free[room / PIECE_STEP];
		if (p == NULL)
			return piece_new(room);
		store.free[room / PIECE_STEP] = p->next;
		return p;
	}
	h = malloc(sizeof(*h) + room);
	if (h == NULL)
		return NULL;
	h->room = room;
	return h + 1;
}

static void
memory_free(void *p)
{
	size_t room = head_of(p)->room;
	struct piece *piece = p;

	if (room > PIECE_MAX) {
		free(head_of(p));
		return;
	}
	piece->next = store.free[room / PIECE_STEP];
	store.free[room / PIECE_STEP] = piece;
}

static int
memory_size(void *p)
{
	return p == NULL ? 0 : (int)head_of(p)->room;
}

static void *
memory_resize(void *p, int n)
{
	size_t had = head_of(p)->room;
	size_t room = (size_t)memory_round(n);
	void *to;

	if (room == had)
		return p;
	to = memory_get(n);
	if (to == NULL)
		return NULL;
	memcpy(to, p, had < room ? had : room);
	memory_free(p);
	return to;
}

static int
memory_start(void *arg)
{
	(void)arg;
	return SQLITE_OK;
}

static void
memory_stop(void *arg)
{
	(void)arg;
}

void
library_memory(void)
{
	static const sqlite3_mem_methods calls = {
		memory_get,
		memory_free,
		memory_resize,
		memory_size,
		memory_round,
		memory_start,
		memory_stop,
		NULL,
	};

	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &calls);
}

#else

void
library_memory(void)
{
}

#endif
