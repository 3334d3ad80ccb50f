/*
 * spool/retention.c - which old bodies nothing refers to any more; trusts the
 * rows alone. Called by due.c when nothing else waits.
 */
#include "spool/retention.h"
#include <stdlib.h>
#include <string.h>
#include "spool/history.h"
#include "spool/inner.h"
#include "spool/joint.h"
#include "src/base/log.h"

#define EVERY_MS  3600000 /* between two sweeps */
#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define REF_SHIFT 40

struct seen_arrival {
	uint64_t id;
	bool lives;
};

enum table {
	TABLE_ARRIVALS = 1,
	TABLE_FILINGS,
	TABLE_RECEIPTS,
	TABLE_LEGS,
	TABLE_FILES,
	TABLE_PARTS,
	TABLE_DELIVERIES, /* last: a new one may refer to an old body */
	TABLES = TABLE_DELIVERIES
};

/* id, state, two references; what else it asks for: row_extra() */
static const struct {
	enum machine machine;
	enum sql page;
} tables[TABLES + 1] = {
	[TABLE_ARRIVALS] = { MACHINE_arrival, SQL_SWEEP_ARRIVALS },
	[TABLE_FILINGS] = { MACHINE_filing, SQL_SWEEP_FILINGS },
	[TABLE_RECEIPTS] = { MACHINE_receipt, SQL_SWEEP_RECEIPTS },
	[TABLE_LEGS] = { MACHINE_leg, SQL_SWEEP_LEGS },
	[TABLE_FILES] = { MACHINE_arrival, SQL_SWEEP_FILES },
	[TABLE_PARTS] = { MACHINE_delivery, SQL_SWEEP_PARTS },
	[TABLE_DELIVERIES] = { MACHINE_delivery, SQL_SWEEP_DELIVERIES },
};

void
sweep_mark(struct sweep *w, uint64_t ref)
{
	uint32_t number = segments_of(ref), i = number - w->first;
	unsigned int lo = 0, hi = w->nfiles;

	if (w->at == 0 || ref == 0)
		return;
	if (number != 0) {
		if (number >= w->first && i < w->n)
			w->lives[i / 8] |= (unsigned char)(1u << i % 8);
		return;
	}
	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (w->file[mid] < ref)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < w->nfiles && w->file[lo] == ref)
		w->file_lives[lo] = true;
}

static int
by_ref(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The old ones; further files come in a later sweep, whatever these are. */
static void
files_choose(struct spool *s, int64_t old)
{
	struct sweep *w = &s->sweep;
	sqlite3_stmt *st = journal_ask(&s->j, SQL_BODYFILE_OLD, "iii",
	    w->files_from, old, (int64_t)SWEEP_FILES);

	w->nfiles = 0;
	while (st != NULL && w->nfiles < SWEEP_FILES) {
		w->file_lives[w->nfiles] = false;
		w->file[w->nfiles++] = column_id(st, 0);
		w->files_from = column_int(st, 1);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	if (w->nfiles < SWEEP_FILES)
		w->files_from = 0;
	qsort(w->file, w->nfiles, sizeof(w->file[0]), by_ref);
}

static bool
sweep_begin(struct spool *s)
{
	struct sweep *w = &s->sweep;
	int64_t old = spool_time(s) - (int64_t)s->conf->keep_days * DAY_MS;
	int64_t first = journal_number(&s->j, SQL_SEGMENT_FIRST, 0, "");
	/* The next one was begun when it was full: so old is its youngest. */
	int64_t next = journal_number(&s->j, SQL_SEGMENT_BEFORE, 0, "i", old);
	uint32_t open = segments_of(segments_tail(&s->seg));

	memset(w->lives, 0, sizeof(w->lives));
	if (next > (int64_t)open)
		next = open;
	w->first = (uint32_t)first;
	w->n = first > 0 && next > first ? (uint32_t)(next - first) : 0;
	if (w->n > SWEEP_SEGMENTS)
		w->n = SWEEP_SEGMENTS;
	files_choose(s, old);
	w->after = 0;
	w->at = w->n > 0 || w->nfiles > 0 ? 1 : 0;
	return w->at != 0;
}

/* The words of answers, from this one on. */
static void
history_mark(struct sweep *w, struct slice history, uint64_t from)
{
	struct entry e;

	while (history_next(&history, &e))
		if (e.answer.seq > from)
			sweep_mark(w, e.claims);
}

/* It is written from what the legs of its filing have answered. */
static void
waiting_look(struct spool *s, uint64_t filing)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, filing, legs);

	for (unsigned int i = 0; i < n; i++) {
		struct leg_row r;
		struct err ignored; /* a journal that fails ends the sweep */

		if (leg_get(s, legs[i], &r, &ignored) == RC_OK)
			history_mark(&s->sweep, r.history, 0);
	}
}

/* A status that is not written yet: the answers that it will tell. */
static void
status_look(struct spool *s, uint64_t arrival, uint64_t from)
{
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_ANSWERS_OF, "ii", (int64_t)arrival, (int64_t)from);

	while (st != NULL) {
		history_mark(&s->sweep, column_slice(st, 6), from);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
}

/* Is something of this arrival not over? Its files come one by one. */
static bool
arrival_lives(struct spool *s, uint64_t arrival, struct seen_arrival *seen)
{
	if (seen->id != arrival)
		*seen = (struct seen_arrival){ arrival,
			journal_number(&s->j, SQL_SWEEP_LIVES, 0, "i",
			    (int64_t)arrival) != 0 };
	return seen->lives;
}

static void
row_look(
    struct spool *s, enum table t, sqlite3_stmt *st, struct seen_arrival *seen)
{
	struct sweep *w = &s->sweep;
	enum state is = state_find(tables[t].machine, column_slice(st, 1));

	if (t == TABLE_FILES) {
		if (arrival_lives(s, column_id(st, 3), seen))
			sweep_mark(w, column_id(st, 2));
		return;
	}
	if (state_final(is))
		return;
	sweep_mark(w, column_id(st, 2));
	sweep_mark(w, column_id(st, 3));
	if (t == TABLE_LEGS && column_int(st, 4) != 0)
		waiting_look(s, column_id(st, 5));
	if (t == TABLE_DELIVERIES && column_int(st, 4) != 0)
		status_look(s, column_id(st, 5), column_id(st, 6));
}

/* false: the table is at its end. */
static bool
slice_look(struct spool *s)
{
	struct sweep *w = &s->sweep;
	struct seen_arrival seen = { 0 };
	unsigned int n = 0;
	sqlite3_stmt *st = journal_ask(&s->j, tables[w->at].page, "ii",
	    (int64_t)w->after, (int64_t)SWEEP_SLICE);

	while (st != NULL) {
		w->after = column_id(st, 0);
		row_look(s, (enum table)w->at, st, &seen);
		arena_rewind(s->mem); /* no step is under way */
		n++;
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return n == SWEEP_SLICE;
}

/* false: not all of them, there were too many for one commit. */
static bool
drops_write(struct spool *s)
{
	struct sweep *w = &s->sweep;

	for (uint32_t i = 0; i < w->n; i++) {
		if ((w->lives[i / 8] >> i % 8 & 1) != 0)
			continue;
		if (w->ndrop == SWEEP_DROPS)
			return false;
		journal_run(&s->j, SQL_SEGMENT_DROP, "ii", spool_wall(s),
		    (int64_t)(w->first + i));
		if (journal_changed(&s->j) == 0)
			continue; /* it was dropped before */
		event_add(s, "segment.dropped number=%u", w->first + i);
		w->drop[w->ndrop++] = w->first + i;
	}
	for (unsigned int i = 0; i < w->nfiles; i++) {
		if (w->file_lives[i])
			continue;
		if (w->ndrop_file == SWEEP_DROPS)
			return false;
		journal_run(&s->j, SQL_BODYFILE_DROP, "i", (int64_t)w->file[i]);
		event_add(s, "body.dropped file=%016llx.body",
		    (unsigned long long)w->file[i] & INT64_MAX);
		w->drop_file[w->ndrop_file++] = w->file[i];
	}
	return true;
}

/* In the very step that saw the last row: nothing may come in between. */
static bool
sweep_end(struct spool *s, struct batch *b, struct step *st)
{
	struct sweep *w = &s->sweep;
	bool all = true;

	w->at = 0;
	if (!step_begin(b, st))
		return false;
	all = drops_write(s);
	step_end(b, st, RC_OK);
	if (st->rc != RC_OK)
		retention_forget(w);
	s->retention_t = all ? spool_time(s) + EVERY_MS : spool_time(s);
	return true;
}

bool
retention_some(struct spool *s, struct batch *b, struct step *st)
{
	struct sweep *w = &s->sweep;

	if (s->conf->keep_days == 0)
		return false;
	if (w->at == 0 && spool_time(s) < s->retention_t)
		return false;
	if (w->at == 0 && !sweep_begin(s)) {
		s->retention_t = spool_time(s) + EVERY_MS;
		return false;
	}
	if (slice_look(s))
		return true;
	if (s->j.rc != RC_OK) {
		w->at = 0; /* what was not read may live */
		return false;
	}
	w->after = 0;
	if (w->at++ < TABLES)
		return true;
	return sweep_end(s, b, st);
}

void
retention_forget(struct sweep *w)
{
	w->at = 0;
	w->ndrop = w->ndrop_file = 0;
}

void
retention_unlink(struct spool *s)
{
	struct sweep *w = &s->sweep;
	struct err err;

	for (; w->ndrop_file > 0; w->ndrop_file--)
		if (segments_drop_file(&s->seg, w->drop_file[w->ndrop_file - 1],
			&err) != RC_OK)
			log_rc("segment.drop", RC_LATER, &err);
	for (; w->ndrop > 0; w->ndrop--)
		if (segments_drop(&s->seg, w->drop[w->ndrop - 1], &err) !=
		    RC_OK)
			log_rc("segment.drop", RC_LATER, &err);
}
