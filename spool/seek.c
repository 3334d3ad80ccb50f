/*
 * spool/seek.c - runs of hashes; trusts the rows that the batch itself wrote,
 * checks their length. Called by filing.c for what is filed, by the batch for
 * its commit and by the views for what is asked.
 */
#include "spool/seek.h"
#include <stdlib.h>
#include <string.h>

#define ADD_ROOM ((size_t)64 << 20)
#define FNV_BASE UINT64_C(0xcbf29ce484222325)
#define FNV_STEP UINT64_C(0x100000001b3)
#define RUN_MAX  64 /* newest of one run */

struct entry_at {
	int64_t hash;
	uint64_t id;
};

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

static unsigned char
capital(char c)
{
	return (unsigned char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Not negative: SQLite's numbers have a sign. */
static int64_t
hash_text(struct slice s)
{
	uint64_t h = FNV_BASE;

	s = slice_trim(s);
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ capital(s.p[i])) * FNV_STEP;
	return (int64_t)(h >> 1);
}

bool
seek_same(struct slice a, struct slice b)
{
	a = slice_trim(a);
	b = slice_trim(b);
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (capital(a.p[i]) != capital(b.p[i]))
			return false;
	return true;
}

void
seek_add(struct seek *k, struct slice text, uint64_t filing)
{
	struct entry_at e = { hash_text(text), filing };

	if (text.len > 0)
		buf_add(&k->add, &e, sizeof(e));
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

/* --- rows --- */

static void
put_u64(char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (char)(v >> (8 * i));
}

static uint64_t
get_u64(const char *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

static int
entry_order(const void *a, const void *b)
{
	const struct entry_at *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* A run of n entries, sorted here, in rows of SEEK_PART. */
static void
run_write(struct seek *k, struct journal *j, unsigned int level,
    struct entry_at *e, size_t n)
{
	static const size_t most = SEEK_PART;
	char *bytes = malloc((n < most ? n : most) * 16 + 1);

	if (bytes == NULL) {
		if (j->rc == RC_OK)
			j->rc = err_set(&j->why, RC_LATER, "no memory");
		return;
	}
	qsort(e, n, sizeof(*e), entry_order);
	k->run++;
	for (size_t at = 0, part = 0; at < n; at += most, part++) {
		size_t m = n - at < most ? n - at : most;

		for (size_t i = 0; i < m; i++) {
			put_u64(bytes + 16 * i, (uint64_t)e[at + i].hash);
			put_u64(bytes + 16 * i + 8, e[at + i].id);
		}
		journal_run(j, SQL_SEEK_ADD, "iiiib", k->run, (int64_t)part,
		    (int64_t)level, e[at].hash,
		    (struct slice){ bytes, m * 16 });
	}
	free(bytes);
	k->runs[level]++;
}

/* Sixteen of a level become one of the next; the last level only grows. */
static void
level_merge(struct seek *k, struct journal *j, unsigned int level)
{
	struct buf all;
	sqlite3_stmt *st;

	buf_init(&all, ADD_ROOM);
	st = journal_ask(j, SQL_SEEK_LEVEL, "i", (int64_t)level);
	while (st != NULL) {
		struct slice s = column_slice(st, 0);

		for (size_t i = 0; i + 16 <= s.len; i += 16) {
			struct entry_at e = { (int64_t)get_u64(s.p + i),
				get_u64(s.p + i + 8) };

			buf_add(&all, &e, sizeof(e));
		}
		if (!journal_more(j, st))
			st = NULL;
	}
	journal_run(j, SQL_SEEK_DROP, "i", (int64_t)level);
	k->runs[level] = 0;
	if (buf_failed(&all) && j->rc == RC_OK)
		j->rc = err_set(&j->why, RC_LATER, "no memory to merge");
	else if (j->rc == RC_OK)
		run_write(k, j, level + 1, (struct entry_at *)(void *)all.p,
		    all.len / sizeof(struct entry_at));
	buf_clear(&all);
}

static void
numbers_read(struct seek *k, struct journal *j)
{
	sqlite3_stmt *st;

	memset(k->runs, 0, sizeof(k->runs));
	k->run = journal_number(j, SQL_SEEK_LAST, 0, "");
	st = journal_ask(j, SQL_SEEK_COUNTS, "");
	while (st != NULL) {
		int64_t level = column_int(st, 0);

		if (level >= 0 && level < SEEK_LEVELS)
			k->runs[level] = (unsigned int)column_int(st, 1);
		if (!journal_more(j, st))
			st = NULL;
	}
	k->stale = false;
}

void
seek_write(struct seek *k, struct journal *j)
{
	if (k->add.len == 0)
		return;
	if (buf_failed(&k->add) && j->rc == RC_OK)
		j->rc = err_set(&j->why, RC_LATER, "no memory for keys");
	if (k->stale)
		numbers_read(k, j);
	run_write(k, j, 0, (struct entry_at *)(void *)k->add.p,
	    k->add.len / sizeof(struct entry_at));
	for (unsigned int level = 0; level + 1 < SEEK_LEVELS; level++)
		if (k->runs[level] >= SEEK_RUNS)
			level_merge(k, j, level);
	if (j->rc != RC_OK)
		k->stale = true;
	buf_reset(&k->add);
}

/* --- finding --- */

/* The end of the equal ones in a row; its newest are before it. */
static size_t
upper(struct slice s, int64_t hash)
{
	size_t lo = 0, hi = s.len / 16;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((int64_t)get_u64(s.p + 16 * mid) <= hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static unsigned int
run_find(struct journal *j, int64_t run, int64_t hash, uint64_t *ids,
    unsigned int max)
{
	unsigned int n = 0;
	bool more = true;
	sqlite3_stmt *st = journal_ask(j, SQL_SEEK_RUN, "ii", run, hash);

	while (st != NULL && more) {
		struct slice s = column_slice(st, 0);
		size_t at = upper(s, hash);

		while (at > 0 && n < max &&
		       (int64_t)get_u64(s.p + 16 * (at - 1)) == hash)
			ids[n++] = get_u64(s.p + 16 * --at + 8);
		/* All of this row were it: the row before may have others. */
		more = at == 0 && n < max;
		if (!more)
			break;
		if (!journal_more(j, st))
			st = NULL;
	}
	journal_end(st);
	return n;
}

unsigned int
seek_find(struct journal *j, struct slice text, uint64_t *ids, unsigned int max)
{
	int64_t hash = hash_text(text), run = INT64_MAX;
	unsigned int n = 0;

	/* The newest run first: what is full of old ones has the new ones. */
	while (n < max) {
		unsigned int room = max - n < RUN_MAX ? max - n : RUN_MAX;

		run = journal_number(j, SQL_SEEK_BEFORE, 0, "i", run);
		if (run == 0)
			break;
		n += run_find(j, run, hash, ids + n, room);
	}
	return n;
}
