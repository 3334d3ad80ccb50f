/*
 * spool/seek.c - runs of what filings are known by; trusts the rows that the
 * batch itself wrote, checks their length. Called by filing.c for what is
 * filed, by the batch for its commit and by seek_find.c for what is asked.
 */
#include "spool/seek_in.h"
#include <stdlib.h>
#include <string.h>

#define ADD_ROOM ((size_t)64 << 20)

void
seek_init(struct seek *k)
{
	*k = (struct seek){ .stale = true };
	buf_init(&k->add, ADD_ROOM);
}

void
seek_clear(struct seek *k)
{
	buf_clear(&k->add);
}

void
seek_add(struct seek *k, struct slice text, uint64_t filing)
{
	unsigned char e[SEEK_ENTRY];

	if (!entry_begin(e, text))
		return;
	for (int i = 0; i < 8; i++)
		e[16 + i] = (unsigned char)(filing >> (56 - 8 * i));
	buf_add(&k->add, e, sizeof(e));
}

size_t
seek_mark(const struct seek *k)
{
	return k->add.len;
}

void
seek_cut(struct seek *k, size_t mark)
{
	if (k->add.len > mark)
		buf_cut(&k->add, mark);
	k->stale = true;
}

void
seek_forget(struct seek *k)
{
	buf_reset(&k->add);
	k->stale = true;
}

static int
entry_order(const void *a, const void *b)
{
	return memcmp(a, b, SEEK_ENTRY);
}

/* Sixteen of a level are of the next one, whatever they are. */
static unsigned int
level_of(size_t n)
{
	return n < 64 ? 0 : n < 1024 ? 1 : n < 16384 ? 2 : 3;
}

static size_t
same_drop(char *e, size_t n)
{
	size_t kept = n == 0 ? 0 : 1;

	for (size_t i = 1; i < n; i++)
		if (memcmp(e + SEEK_ENTRY * i, e + SEEK_ENTRY * (kept - 1),
			SEEK_ENTRY) != 0)
			memmove(e + SEEK_ENTRY * kept++, e + SEEK_ENTRY * i,
			    SEEK_ENTRY);
	return kept;
}

/* A run, sorted here, in rows of SEEK_PART. */
static void
run_write(struct seek *k, struct journal *j, struct buf *all)
{
	size_t n = all->len / SEEK_ENTRY;
	unsigned int level;

	qsort(all->p, n, SEEK_ENTRY, entry_order);
	n = same_drop(all->p, n);
	level = level_of(n);
	k->run++;
	for (size_t at = 0; at < n; at += SEEK_PART) {
		size_t m = n - at < SEEK_PART ? n - at : SEEK_PART;
		const char *first = all->p + SEEK_ENTRY * at;

		journal_run(j, SQL_SEEK_ADD, "ibib", k->run,
		    (struct slice){ first, SEEK_ENTRY }, (int64_t)level,
		    (struct slice){ first, m * SEEK_ENTRY });
	}
	k->runs[level]++;
}

static void
level_merge(struct seek *k, struct journal *j, unsigned int level)
{
	struct buf all;
	sqlite3_stmt *st;

	buf_init(&all, ADD_ROOM);
	st = journal_ask(j, SQL_SEEK_LEVEL, "i", (int64_t)level);
	while (st != NULL) {
		struct slice s = column_slice(st, 0);

		buf_add(&all, s.p, s.len - s.len % SEEK_ENTRY);
		if (!journal_more(j, st))
			st = NULL;
	}
	journal_run(j, SQL_SEEK_DROP, "i", (int64_t)level);
	k->runs[level] = 0;
	if (buf_failed(&all) && j->rc == RC_OK)
		j->rc = err_set(&j->why, RC_LATER, "no memory to merge");
	else if (j->rc == RC_OK && all.len > 0)
		run_write(k, j, &all);
	buf_clear(&all);
}

/* The last level is never merged, so nobody counts it. */
static void
numbers_read(struct seek *k, struct journal *j)
{
	memset(k->runs, 0, sizeof(k->runs));
	k->run = journal_number(j, SQL_SEEK_LAST, 0, "");
	for (int64_t level = 0; level + 1 < SEEK_LEVELS; level++)
		k->runs[level] = (unsigned int)journal_number(
		    j, SQL_SEEK_COUNT, 0, "i", level);
	k->stale = false;
}

void
seek_write(struct seek *k, struct journal *j)
{
	if (k->add.len == 0)
		return;
	if (buf_failed(&k->add)) {
		if (j->rc == RC_OK)
			j->rc =
			    err_set(&j->why, RC_LATER, "no memory for keys");
		return;
	}
	if (k->stale)
		numbers_read(k, j);
	run_write(k, j, &k->add);
	for (unsigned int level = 0; level + 1 < SEEK_LEVELS; level++)
		if (k->runs[level] >= SEEK_RUNS)
			level_merge(k, j, level);
	if (j->rc != RC_OK)
		k->stale = true;
	buf_reset(&k->add);
}
