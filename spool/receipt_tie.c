/*
 * spool/receipt_tie.c - one filing may have two legs at one agency, or was
 * filed anew: both bear the filer's number, and an answer that says no more
 * names both. Then what never went out is none, a number that one of them has
 * otherwise rules that one out, the answer's format says what it answers, and
 * its file's name what that was called. Trusts neither further than to choose
 * among legs that its keys name. Called by receipt.c.
 */
#include "spool/receipt.h"
#include <string.h>

#define STEM_MIN 4 /* shorter names stand in too many others */

/* What a leg went out as, in which file, and its numbers. */
struct way {
	struct slice format, file, keys;
	bool ended; /* before it went out */
};

static struct way
way_of(struct spool *s, uint64_t leg)
{
	struct way w = { .ended = false };
	sqlite3_stmt *st = journal_ask(&s->j, SQL_LEG_WAY, "i", (int64_t)leg);

	if (st != NULL) {
		w.format = column_dup(st, 0, s->mem);
		w.file = column_dup(st, 1, s->mem);
		w.keys = column_dup(st, 2, s->mem);
		w.ended = column_int(st, 3) != 0;
	}
	journal_end(st);
	return w;
}

struct tie {
	struct spool *s;
	const struct incoming *in;
	struct slice file;
};

/* What was cancelled and filed anew has the numbers of the new one. */
static bool
went_out(const struct tie *t, const struct way *w)
{
	(void)t;
	return !w->ended;
}

/* Has it no other value for one of the answer's numbers? */
static bool
numbers_agree(const struct tie *t, const struct way *w)
{
	for (uint32_t i = 0; i < t->in->c->nkeys; i++) {
		const struct claim_key *k = &t->in->c->key_of[i];
		struct slice have =
		    key_value(w->keys, arena_str(t->s->mem, k->name));

		if (have.len > 0 && k->text.len > 0 && !slice_eq(have, k->text))
			return false;
	}
	return true;
}

static bool
answers_format(const struct tie *t, const struct way *w)
{
	struct slice answers = t->in->c->answers;

	while (answers.len > 0)
		if (slice_eq(slice_cut(&answers, ','), w->format))
			return true;
	return false;
}

static bool
is_word(struct slice s, size_t at)
{
	unsigned char c = at < s.len ? (unsigned char)s.p[at] : '.';

	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* The stem of ours stands in its name, and not as part of a longer one. */
static bool
named_after(const struct tie *t, const struct way *w)
{
	struct slice stem = w->file, name = t->file;

	for (size_t i = stem.len; i > 1; i--)
		if (stem.p[i - 1] == '.') {
			stem.len = i - 1;
			break;
		}
	if (stem.len < STEM_MIN)
		return false;
	for (size_t at = 0; at + stem.len <= name.len; at++)
		if (memcmp(name.p + at, stem.p, stem.len) == 0 &&
		    (at == 0 || !is_word(name, at - 1)) &&
		    !is_word(name, at + stem.len))
			return true;
	return false;
}

/* Those that pass, if any does: what says nothing rules nothing out. */
static unsigned int
keep_those(const struct tie *t, uint64_t *leg, unsigned int n,
    bool (*is)(const struct tie *, const struct way *))
{
	uint64_t kept[TIE_LEGS];
	unsigned int k = 0;

	for (unsigned int i = 0; i < n && i < TIE_LEGS; i++) {
		struct way w = way_of(t->s, leg[i]);

		if (is(t, &w))
			kept[k++] = leg[i];
	}
	if (k == 0)
		return n;
	memcpy(leg, kept, k * sizeof(*leg));
	return k;
}

unsigned int
receipt_tie(
    struct spool *s, const struct incoming *in, uint64_t *leg, unsigned int n)
{
	struct tie t = { s, in, { 0 } };

	if (n > 1)
		n = keep_those(&t, leg, n, went_out);
	if (n > 1)
		n = keep_those(&t, leg, n, numbers_agree);
	if (n > 1)
		n = keep_those(&t, leg, n, answers_format);
	if (n < 2)
		return n;
	t.file = arrival_named(s, in->arrival);
	return keep_those(&t, leg, n, named_after);
}
