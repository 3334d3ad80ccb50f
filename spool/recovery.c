/*
 * spool/recovery.c - from whatever a crash left to one truth: the journal's
 * last commit, the bodies it names, spool time that went on. Trusts the
 * journal over the segments, and stops when the segments name events that the
 * journal does not have: going on would draw numbers a second time. Called by
 * spool_open().
 */
#include "spool/body.h"
#include "spool/file.h"
#include "spool/inner.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/log.h"

#define AHEAD_MAX (INT64_C(24) * 3600 * 1000)
#define HALF_MAX  2048 /* accepted last: their .taken/ID may still be there */

struct now_row {
	int64_t spool_ms, wall_ms, answer;
	uint64_t tail, last_id;
};

static enum rc
now_get(struct spool *s, struct now_row *n, struct err *err)
{
	sqlite3_stmt *st = journal_ask(&s->j, SQL_NOW_GET, "");

	if (st == NULL) {
		enum rc rc = journal_rc(&s->j, err);

		return rc != RC_OK ? rc
				   : err_set(err, RC_BROKEN,
					 "journal has lost its first row");
	}
	*n = (struct now_row){ .spool_ms = column_int(st, 0),
		.wall_ms = column_int(st, 1),
		.tail = column_id(st, 2),
		.answer = column_int(st, 3),
		.last_id = column_id(st, 4) };
	journal_end(st);
	return RC_OK;
}

enum rc
spool_reread(struct spool *s, struct err *err)
{
	struct now_row n;
	enum rc rc = now_get(s, &n, err);

	if (rc == RC_OK)
		rc = audit_open(&s->audit, &s->j, err);
	if (rc != RC_OK)
		return rc;
	s->answer = n.answer;
	s->audit_committed = s->audit.seq;
	return RC_OK;
}

/* Spool time goes on by what the wall says passed, 0 to 24 hours of it. */
static void
time_resume(struct spool *s, const struct now_row *n)
{
	int64_t passed = n->wall_ms == 0 ? 0 : spool_wall(s) - n->wall_ms;

	if (passed < 0)
		passed = 0;
	if (passed > AHEAD_MAX)
		passed = AHEAD_MAX;
	/* It begins at 1: 0 stands for "never" in every row. */
	s->spool_base = (n->spool_ms == 0 ? 1 : n->spool_ms) + passed;
	s->mono_base = clock_mono(s->clock);
}

static enum rc
bodies_mend(struct spool *s, const struct now_row *n, struct err *err)
{
	uint64_t orphans, event;
	enum rc rc = segments_recover(&s->seg, n->tail, &orphans, &event, err);

	if (rc != RC_OK)
		return rc;
	if (event > s->audit.seq)
		return err_set(err, RC_BROKEN,
		    "the journal ends at event %llu, a body names event %llu:"
		    " the journal is older than the bodies",
		    (unsigned long long)s->audit.seq,
		    (unsigned long long)event);
	if (orphans > 0)
		log_event(LOG_WARN, "bodies.unnamed", "n=%llu",
		    (unsigned long long)orphans);
	return RC_OK;
}

/*
 * Files of their own that no row names: the commit did not happen, or it was
 * the one that dropped them. Nobody was answered by the one, all by the other.
 */
static enum rc
files_mend(struct spool *s, struct err *err)
{
	uint64_t *ref = NULL;
	size_t n = 0, gone = 0;
	enum rc rc = segments_files(&s->seg, &ref, &n, err);

	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		if (journal_number(
			&s->j, SQL_BODYFILE_HAS, 0, "i", (int64_t)ref[i]) != 0)
			continue;
		rc = journal_rc(&s->j, err);
		if (rc == RC_OK)
			rc = segments_drop_file(&s->seg, ref[i], err);
		gone++;
	}
	if (gone > 0)
		log_event(LOG_WARN, "bodies.unnamed", "n=%zu files=yes", gone);
	free(ref);
	return rc;
}

/* Segments whose last commit dropped them, and that a crash left there. */
static enum rc
segments_gone(struct spool *s, struct err *err)
{
	enum rc rc = RC_OK;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_SEGMENT_GONE, "i", (int64_t)SWEEP_DROPS);

	while (st != NULL && rc == RC_OK) {
		rc = segments_drop(&s->seg, (uint32_t)column_int(st, 0), err);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return rc == RC_OK ? journal_rc(&s->j, err) : rc;
}

/* A new lease: who wrote under the last one, writes no more. */
static enum rc
lease_take(struct spool *s, struct err *err)
{
	struct batch *b = s->own;
	struct step st;
	enum rc rc;

	if (step_begin(b, &st)) {
		int64_t epoch = journal_number(&s->j, SQL_LEASE_TAKE, 0, "ii",
		    (int64_t)s->conf->node, spool_wall(s));

		event_add(s, "spool.opened node=%u epoch=%lld", s->conf->node,
		    (long long)epoch);
		step_end(b, &st, RC_OK);
	}
	rc = batch_commit(b, err);
	return rc;
}

enum rc
spool_recover(struct spool *s, struct err *err)
{
	struct now_row n;
	enum rc rc = now_get(s, &n, err);

	if (rc != RC_OK)
		return rc;
	s->answer = n.answer;
	s->generation =
	    (uint64_t)journal_number(&s->j, SQL_GENERATION_LAST, 0, "");
	if (n.last_id > s->ids.last)
		s->ids.last = n.last_id;
	s->seg_known = (uint32_t)journal_number(&s->j, SQL_SEGMENT_LAST, 0, "");
	time_resume(s, &n);
	rc = audit_open(&s->audit, &s->j, err);
	if (rc != RC_OK)
		return rc;
	s->audit_committed = s->audit.seq;
	rc = bodies_mend(s, &n, err);
	if (rc == RC_OK)
		rc = files_mend(s, err);
	if (rc == RC_OK)
		rc = segments_gone(s, err);
	return rc == RC_OK ? lease_take(s, err) : rc;
}

static void
half_tell(sqlite3_stmt *st, half_fn *fn, void *arg)
{
	struct fsx_mark mark = { .dev = column_id(st, 5),
		.ino = column_id(st, 6),
		.size = column_id(st, 7),
		.mtime_ns = column_int(st, 8) };

	fn(arg, column_id(st, 0), column_slice(st, 1), column_slice(st, 2),
	    column_slice(st, 3), column_int(st, 4) != 0, &mark);
}

enum rc
spool_half_taken(struct spool *s, half_fn *fn, void *arg, struct err *err)
{
	static const enum sql which[] = { SQL_HALF_TAKEN, SQL_HALF_ACCEPTED };
	enum rc rc;

	for (unsigned int i = 0; i < 2; i++) {
		sqlite3_stmt *st =
		    journal_ask(&s->j, which[i], "i", (int64_t)HALF_MAX);

		while (st != NULL) {
			half_tell(st, fn, arg);
			if (!journal_more(&s->j, st))
				st = NULL;
		}
	}
	rc = journal_rc(&s->j, err);
	journal_clear(&s->j);
	return rc;
}

static enum rc
standing_tell(struct spool *s, sqlite3_stmt *st, struct arena *mem,
    standing_fn *fn, void *arg, struct err *err)
{
	struct delivery_out d = { .id = column_id(st, 0),
		.name = column_dup(st, 1, mem),
		.partner = column_dup(st, 2, mem),
		.attempt = (uint32_t)column_int(st, 4) + 1 };
	bool staged = column_int(st, 5) != 0;
	struct slice kind = column_slice(st, 3);
	enum rc rc = RC_OK;

	d.size = column_id(st, 7);
	d.reply = !slice_is(kind, "legs") && !slice_is(kind, "forward");
	if (column_int(st, 6) > 0)
		rc = parts_beside(s, &d, mem, err);
	if (rc == RC_OK)
		fn(arg, &d, staged);
	return rc;
}

enum rc
spool_standing(struct spool *s, standing_fn *fn, void *arg, struct err *err)
{
	struct arena *mem = arena_new(BODY_MAX);
	enum rc rc = RC_OK, jrc;
	sqlite3_stmt *st;

	if (mem == NULL)
		return err_set(err, RC_LATER, "no memory");
	st = journal_ask(&s->j, SQL_STANDING, "");
	while (st != NULL) {
		rc = standing_tell(s, st, mem, fn, arg, err);
		if (rc != RC_OK) /* a damaged one is told of, no more */
			log_rc("delivery.standing", rc, err);
		arena_rewind(mem);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	arena_free(mem);
	jrc = journal_rc(&s->j, err);
	journal_clear(&s->j);
	return jrc;
}
