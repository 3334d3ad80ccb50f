/*
 * spool/seek_find.c - what is asked for, as people type it, and the filings it
 * may mean; trusts the rows of seek.c. Called by the views.
 */
#include "spool/seek_in.h"
#include <string.h>

#define FNV_BASE UINT64_C(0xcbf29ce484222325)
#define FNV_STEP UINT64_C(0x100000001b3)
#define LOOKED   2000000 /* entries of one question */

/* The next byte of a value that counts, as it counts; -1: its end. */
static int
next_byte(struct slice *s)
{
	while (s->len > 0) {
		unsigned char c = (unsigned char)*s->p;

		s->p++;
		s->len--;
		if (c >= 'a' && c <= 'z')
			return c - 'a' + 'A';
		if (!slice_blank((char)c) && c != '-' && c != '.' && c != '/' &&
		    c != '_')
			return c;
	}
	return -1;
}

struct slice
seek_plain(struct slice s, struct arena *mem)
{
	char *p = s.len == 0 ? NULL : arena_raw(mem, s.len);
	size_t n = 0;
	int c;

	while (p != NULL && (c = next_byte(&s)) >= 0)
		p[n++] = (char)c;
	return (struct slice){ p, n };
}

bool
entry_begin(unsigned char e[SEEK_ENTRY], struct slice text)
{
	uint64_t h = FNV_BASE;
	size_t n = 0;
	int c;

	memset(e, 0, SEEK_ENTRY);
	while ((c = next_byte(&text)) >= 0) {
		if (n < SEEK_BEGIN)
			e[n++] = (unsigned char)c;
		h = (h ^ (unsigned int)c) * FNV_STEP;
	}
	h ^= h >> 32;
	for (int i = 0; i < 4; i++)
		e[SEEK_BEGIN + i] = (unsigned char)(h >> (24 - 8 * i));
	return n > 0;
}

/* <0, 0, >0; with begins, what begins with b is the same. */
static int
compare(struct slice a, struct slice b, bool begins)
{
	int x, y;

	do {
		x = next_byte(&a);
		y = next_byte(&b);
		if (y < 0 && begins)
			return 0;
	} while (x == y && x >= 0);
	return x - y;
}

bool
seek_meant(const struct seek_for *f, struct slice value)
{
	switch (f->how) {
	case SEEK_IS:
		return compare(value, f->text, false) == 0;
	case SEEK_BEGINS:
		return compare(value, f->text, true) == 0;
	case SEEK_BETWEEN:
		break;
	}
	return compare(value, f->text, false) >= 0 &&
	       compare(value, f->upto, true) <= 0;
}

struct seek_for
seek_parse(struct slice typed)
{
	struct seek_for f = { .how = SEEK_IS, .text = slice_trim(typed) };
	const char *dots = memmem(f.text.p, f.text.len, "..", 2);

	if (f.text.len > 1 && f.text.p[f.text.len - 1] == '*') {
		f.how = SEEK_BEGINS;
		f.text.len--;
	} else if (dots != NULL && dots > f.text.p &&
		   dots + 2 < f.text.p + f.text.len) {
		f.how = SEEK_BETWEEN;
		f.upto = slice_sub(
		    f.text, (size_t)(dots + 2 - f.text.p), f.text.len);
		f.text.len = (size_t)(dots - f.text.p);
	}
	return f;
}

/* --- runs --- */

struct looking {
	unsigned char from[SEEK_ENTRY], upto[SEEK_ENTRY];
	bool one; /* one value: its newest filing stands last */
	uint64_t *ids;
	unsigned int n, max;
	uint64_t looked;
};

/* Behind every entry whose value begins so. */
static void
entry_end(unsigned char e[SEEK_ENTRY], struct slice text)
{
	size_t n = 0;
	int c;

	memset(e, 0xff, SEEK_ENTRY);
	while (n < SEEK_BEGIN && (c = next_byte(&text)) >= 0)
		e[n++] = (unsigned char)c;
}

static bool
range_set(struct looking *l, const struct seek_for *f)
{
	if (!entry_begin(l->from, f->text))
		return false;
	l->one = f->how == SEEK_IS;
	if (l->one) {
		memcpy(l->upto, l->from, 16);
		memset(l->upto + 16, 0xff, 8);
		return true;
	}
	/* Longer ones with this beginning have hashes of their own. */
	memset(l->from + SEEK_BEGIN, 0, 4);
	entry_end(l->upto, f->how == SEEK_BEGINS ? f->text : f->upto);
	return true;
}

static uint64_t
id_of(const char *e)
{
	uint64_t v = 0;

	for (int i = 16; i < SEEK_ENTRY; i++)
		v = v << 8 | (unsigned char)e[i];
	return v;
}

/* Among the newest max; false: older than all of them. */
static bool
newest_add(struct looking *l, uint64_t id)
{
	unsigned int lo = 0, hi = l->n;

	if (l->n == l->max && id < l->ids[l->n - 1])
		return false;
	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (l->ids[mid] > id)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < l->n && l->ids[lo] == id)
		return true;
	l->n -= l->n == l->max;
	memmove(l->ids + lo + 1, l->ids + lo, (l->n - lo) * sizeof(l->ids[0]));
	l->ids[lo] = id;
	l->n++;
	return true;
}

static size_t
behind(struct slice s, const unsigned char e[SEEK_ENTRY])
{
	size_t lo = 0, hi = s.len / SEEK_ENTRY;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (memcmp(s.p + SEEK_ENTRY * mid, e, SEEK_ENTRY) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* From the end on; false: the run has no more that counts. */
static bool
row_look(struct looking *l, struct slice s)
{
	for (size_t at = behind(s, l->upto); at > 0; at--) {
		const char *e = s.p + SEEK_ENTRY * (at - 1);

		if (memcmp(e, l->from, SEEK_ENTRY) < 0)
			return false;
		l->looked++;
		if (!newest_add(l, id_of(e)) && l->one)
			return false;
	}
	return true;
}

static void
run_look(struct looking *l, struct journal *j, int64_t run)
{
	sqlite3_stmt *st = journal_ask(j, SQL_SEEK_RUN, "ibb", run,
	    (struct slice){ (const char *)l->from, SEEK_ENTRY },
	    (struct slice){ (const char *)l->upto, SEEK_ENTRY });

	while (st != NULL && row_look(l, column_slice(st, 0)) &&
	       l->looked < LOOKED)
		if (!journal_more(j, st))
			st = NULL;
	journal_end(st);
}

bool
seek_find(struct journal *j, const struct seek_for *f, uint64_t *ids,
    unsigned int *n, unsigned int max)
{
	struct looking l = { .ids = ids, .max = max };
	int64_t run = INT64_MAX;

	*n = 0;
	if (max == 0 || !range_set(&l, f))
		return true;
	/* The newest run first: where much is left out, the old ones are. */
	while (l.looked < LOOKED &&
	       (run = journal_number(j, SQL_SEEK_BEFORE, 0, "i", run)) != 0)
		run_look(&l, j, run);
	*n = l.n;
	return l.n < max && l.looked < LOOKED;
}
