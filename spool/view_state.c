/*
 * spool/view_state.c - the chain of events page by page, its proof, and how
 * the spool as a whole goes. Trusts nothing in the chain that it does not
 * compute again. Called by the role query.
 */
#include "spool/view_in.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "src/base/fsx.h"
#include "spool/audit.h"
#include "spool/tally.h"

enum rc
view_events(struct view *v, uint64_t after, unsigned int max, struct arena *mem,
    struct view_event *out, unsigned int *n, struct err *err)
{
	unsigned int have = 0;
	sqlite3_stmt *st = journal_ask(
	    &v->j, SQL_VIEW_EVENTS, "ii", (int64_t)after, (int64_t)max);

	while (st != NULL && have < max) {
		struct slice hash = column_slice(st, 2);

		out[have] = (struct view_event){ .seq = column_id(st, 0),
			.line = column_dup(st, 1, mem) };
		if (hash.len == sizeof(out[have].hash))
			memcpy(out[have].hash, hash.p, hash.len);
		have++;
		if (!journal_more(&v->j, st))
			st = NULL;
	}
	journal_end(st);
	*n = have;
	return view_end(v, err);
}

static bool
head_highest(void *arg, uint64_t ref, const struct body_head *h, uint64_t next)
{
	uint64_t *event = arg;

	(void)ref;
	(void)next;
	if (h->event > *event)
		*event = h->event;
	return true;
}

enum rc
view_tail_event(struct view *v, uint64_t *known, struct err *err)
{
	uint64_t tail = (uint64_t)journal_number(&v->j, SQL_VIEW_TAIL, 0, "");
	uint64_t end;
	enum rc rc = view_end(v, err);

	*known = 0;
	if (rc == RC_OK && segments_of(tail) != 0)
		rc = segments_walk(&v->seg, segments_of(tail), 0, head_highest,
		    known, &end, err);
	return rc;
}

/* The last segment's heads name the last events: a cut tail shows there. */
enum rc
view_verify(struct view *v, uint64_t *events, uint8_t head[32], struct err *err)
{
	uint64_t known;
	struct digest d;
	enum rc rc = view_tail_event(v, &known, err);

	if (rc == RC_OK)
		rc = audit_verify(&v->j, known, events, &d, err);
	journal_clear(&v->j);
	if (rc == RC_OK)
		memcpy(head, d.b, sizeof(d.b));
	return rc;
}

static uint64_t
file_size(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0
		   ? (uint64_t)st.st_size
		   : 0;
}

static uint64_t
bodies_size(struct view *v)
{
	uint64_t sum = 0;
	sqlite3_stmt *st = journal_ask(&v->j, SQL_VIEW_SEGMENTS, "");

	while (st != NULL) {
		char name[32];

		snprintf(name, sizeof(name), "%06lld.seg",
		    (long long)column_int(st, 0));
		sum += file_size(v->seg.dirfd, name);
		if (!journal_more(&v->j, st))
			st = NULL;
	}
	return sum;
}

enum rc
view_status(
    struct view *v, struct arena *mem, struct view_status *out, struct err *err)
{
	struct view_status s = { 0 };
	struct statvfs fs;
	sqlite3_stmt *st;

	if (fstatvfs(v->dirfd, &fs) == 0) {
		s.free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		s.total_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
		s.free_inodes = fs.f_favail;
	}
	s.journal_bytes =
	    file_size(v->dirfd, "journal") + file_size(v->dirfd, "journal-wal");
	s.body_bytes = bodies_size(v);
	st = journal_ask(&v->j, SQL_VIEW_NOW, "");
	if (st != NULL) {
		s.spool_ms = column_int(st, 0);
		s.wall_ms = column_int(st, 1);
		journal_end(st);
	}
	st = journal_ask(&v->j, SQL_VIEW_GENERATION, "");
	if (st != NULL) {
		s.generation = column_id(st, 0);
		s.mapping = column_dup(st, 1, mem);
		journal_end(st);
	}
	s.events = (uint64_t)journal_number(&v->j, SQL_VIEW_EVENT_LAST, 0, "");
	s.backlog = (uint64_t)journal_number(&v->j, SQL_VIEW_BACKLOG, 0, "");
	s.oldest_ms = journal_number(&v->j, SQL_VIEW_OLDEST, 0, "");
	s.held = (uint64_t)journal_number(&v->j, SQL_VIEW_HELD, 0, "");
	*out = s;
	return view_end(v, err);
}

static enum machine
machine_of(struct slice word)
{
	for (int m = 0; m < MACHINES; m++)
		if (slice_is(word, machine_name((enum machine)m)))
			return (enum machine)m;
	return MACHINES;
}

#define HOUR_MS INT64_C(3600000)

const int64_t view_age_below[VIEW_AGES] = { HOUR_MS / 4, HOUR_MS, 4 * HOUR_MS,
	24 * HOUR_MS, 72 * HOUR_MS, INT64_MAX };

int64_t
view_time(struct view *v, int64_t wall_ms)
{
	sqlite3_stmt *st = journal_ask(&v->j, SQL_VIEW_NOW, "");
	int64_t t = 0, wall = 0;

	if (st != NULL) {
		t = column_int(st, 0);
		wall = column_int(st, 1);
		journal_end(st);
	}
	/* Since its last commit it went on like the wall, if that is sane. */
	if (wall_ms > wall && wall_ms - wall < 24 * HOUR_MS)
		t += wall_ms - wall;
	return t;
}

/* Columns 5 and on: how many are younger than each bound. */
static void
count_read(sqlite3_stmt *st, int64_t now, int64_t wall_ms, struct arena *mem,
    struct view_count *c)
{
	int64_t oldest = column_int(st, 4);
	uint64_t below = 0;

	*c = (struct view_count){ .partner = column_dup(st, 1, mem),
		.state = state_find(
		    machine_of(column_slice(st, 0)), column_slice(st, 2)),
		.n = column_id(st, 3),
		.oldest_ms = wall_ms - (now > oldest ? now - oldest : 0) };
	for (int i = 0; i < VIEW_AGES - 1; i++) {
		uint64_t younger = column_id(st, 5 + i);

		c->age[i] = younger - below;
		below = younger;
	}
	c->age[VIEW_AGES - 1] = c->n - below;
}

enum rc
view_counts(struct view *v, int64_t wall_ms, struct arena *mem,
    struct view_count *out, unsigned int max, unsigned int *n, struct err *err)
{
	int64_t now = view_time(v, wall_ms), slot[VIEW_AGES - 1];
	unsigned int have = 0;
	sqlite3_stmt *st;

	for (int i = 0; i < VIEW_AGES - 1; i++)
		slot[i] = (now - view_age_below[i]) / TALLY_SLOT_MS;
	st = journal_ask(&v->j, SQL_VIEW_COUNTS, "iiiii", slot[0], slot[1],
	    slot[2], slot[3], slot[4]);
	while (st != NULL && have < max) {
		count_read(st, now, wall_ms, mem, &out[have++]);
		if (!journal_more(&v->j, st))
			st = NULL;
	}
	journal_end(st);
	*n = have;
	return view_end(v, err);
}

enum rc
view_pauses(struct view *v, struct arena *mem, struct view_pause *out,
    unsigned int max, unsigned int *n, struct err *err)
{
	unsigned int have = 0;
	sqlite3_stmt *st = journal_ask(&v->j, SQL_VIEW_PAUSES, "");

	while (st != NULL && have < max) {
		out[have++] =
		    (struct view_pause){ .partner = column_dup(st, 0, mem),
			    .what = column_dup(st, 1, mem),
			    .since_ms = column_int(st, 2),
			    .by = column_dup(st, 3, mem),
			    .why = column_dup(st, 4, mem) };
		if (!journal_more(&v->j, st))
			st = NULL;
	}
	journal_end(st);
	*n = have;
	return view_end(v, err);
}

static void
pause_find(struct view *v, const struct view_thing *t, struct arena *mem,
    struct view_pause *out)
{
	sqlite3_stmt *st = journal_ask(&v->j, SQL_VIEW_PAUSES, "");

	while (st != NULL) {
		if (slice_eq(column_slice(st, 0), t->partner) &&
		    slice_is(column_slice(st, 1), "delivery"))
			*out = (struct view_pause){
				.partner = t->partner,
				.what = SLICE_LIT("delivery"),
				.since_ms = column_int(st, 2),
				.by = column_dup(st, 3, mem),
				.why = column_dup(st, 4, mem),
			};
		if (!journal_more(&v->j, st))
			st = NULL;
	}
}

enum rc
view_hinder(struct view *v, const struct view_thing *t, struct arena *mem,
    struct view_hinder *out, struct err *err)
{
	sqlite3_stmt *st;

	*out = (struct view_hinder){ .gate_t = 0 };
	pause_find(v, t, mem, &out->pause);
	out->standing = (uint32_t)journal_number(
	    &v->j, SQL_DELIVERY_STANDING_COUNT, 0, "t", t->partner);
	out->same_name =
	    journal_number(&v->j, SQL_DELIVERY_SAME_NAME, 0, "tti", t->partner,
		view_field_text(t, "file_name"), (int64_t)t->id) != 0;
	st = journal_ask(&v->j, SQL_VIEW_GATE, "t", t->partner);
	if (st != NULL) {
		out->gate_t = column_int(st, 0);
		out->gate_why = column_dup(st, 1, mem);
		journal_end(st);
	}
	return view_end(v, err);
}
