/*
 * spool/spool.c - opening, spool time, batches and their group commit; trusts
 * the caller to be one process. Called by the role spool, tools on a stopped
 * spool, and tests.
 *
 * A batch is one transaction. A step that fails is undone alone, by a savepoint
 * or because it has not written yet, and everything it put into memory (bodies
 * waiting, the chain's head, counters) is taken back with it.
 */
#include "spool/inner.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "src/base/events.h"
#include "src/base/log.h"
#include "spool/leg.h"
#include "spool/lock.h"
#include "spool/scheduler.h"
#include "spool/tell.h"

#define STEP_MEMORY  (256u << 20)
#define SPACE_EVERY  1000 /* ms between two looks at the disk */
#define INODES_SPARE 256
#define CAREFUL      10000 /* steps after one that could not be undone alone */

int64_t
spool_time(const struct spool *s)
{
	return s->spool_base + clock_mono(s->clock) - s->mono_base;
}

int64_t
spool_wall(const struct spool *s)
{
	return clock_wall(s->clock);
}

struct idgen *
spool_ids(struct spool *s)
{
	return &s->ids;
}

void
spool_counters(const struct spool *s, struct spool_counters *c)
{
	*c = s->c;
	c->syncs += s->seg.syncs + 2 * s->j.checkpoints;
	c->body_bytes = s->seg.bytes;
}

uint64_t
spool_generation_last(const struct spool *s)
{
	return s->generation;
}

/* Each version has one row for ever. */
static void
mapping_keep(struct spool *s, struct slice version)
{
	if (journal_number(&s->j, SQL_MAPPING_FIND, 0, "t", version) == 0)
		journal_run(&s->j, SQL_MAPPING_ADD, "t", version);
}

int64_t
spool_mapping(const struct spool *s, struct slice version)
{
	unsigned int i = bundles_find(&s->bundles, version);

	return i < BUNDLES_MAX ? s->bundle[i] : 0;
}

/* A route that was missing may be there now: whoever waited for one goes. */
static enum rc
routes_changed(struct spool *s, struct err *err)
{
	struct batch *b = s->own;
	struct step st;
	enum rc rc = RC_OK;

	if (step_begin(b, &st)) {
		for (unsigned int i = 0; i < s->conf->npartners && rc == RC_OK;
		     i++)
			if (s->conf->partner[i].agency)
				rc = legs_bind_waiting(b,
				    slice_of(s->conf->partner[i].name), 0,
				    &st.why);
		step_end(b, &st, rc);
	}
	rc = batch_commit(b, err);
	if (rc == RC_OK && st.rc != RC_OK) {
		*err = st.why;
		rc = st.rc;
	}
	if (rc == RC_OK || rc == RC_BROKEN)
		return rc;
	log_rc("commit.later", rc, err);
	return RC_OK; /* the configuration holds; the next event takes them */
}

enum rc
spool_generation(struct spool *s, const struct conf *conf, uint64_t generation,
    struct slice mapping, struct err *err)
{
	struct batch *b = s->own;
	struct step st = { .rc = RC_OK };
	struct bundles bundles;

	if (!bundles_parse(&bundles, mapping))
		return err_set(err, RC_REFUSED, "'%.*s' is no list of bundles",
		    SLICE_ARG(mapping));

	if (generation != s->generation && step_begin(b, &st)) {
		journal_run(&s->j, SQL_GENERATION_ADD, "iti",
		    (int64_t)generation, mapping, spool_wall(s));
		event_add(s, "generation.loaded gen=%llu mapping=\"%.*s\"",
		    (unsigned long long)generation, SLICE_ARG(mapping));
		for (unsigned int i = 0; i < bundles.n; i++)
			mapping_keep(s, slice_of(bundles.one[i].version));
		step_end(b, &st, RC_OK);
	}
	if (batch_commit(b, err) != RC_OK || st.rc != RC_OK)
		return st.rc != RC_OK ? st.rc : RC_BROKEN;
	for (unsigned int i = 0; i < bundles.n; i++)
		s->bundle[i] = journal_number(&s->j, SQL_MAPPING_FIND, 0, "t",
		    slice_of(bundles.one[i].version));
	journal_clear(&s->j);
	s->bundles = bundles;
	s->bundle_now = bundles_at(&bundles, spool_wall(s));
	scheduler_reconf(s, conf);
	s->conf = conf;
	s->generation = generation;
	return routes_changed(s, err);
}

enum rc
spool_open(struct spool **out, const char *folder, const struct conf *conf,
    struct clock *clock, struct err *err)
{
	struct spool *s = calloc(1, sizeof(*s));
	enum rc rc = RC_OK;

	if (s == NULL)
		return err_set(err, RC_LATER, "no memory for the spool");
	s->conf = conf;
	s->clock = clock;
	s->lockfd = s->seg.fd = s->seg.dirfd = -1;
	s->folder = strdup(folder);
	s->mem = arena_new(STEP_MEMORY);
	s->own = batch_begin(s);
	tally_init(&s->tally, &s->sweep);
	seek_init(&s->seek);
	idgen_init(&s->ids, clock, conf->node);
	s->dirfd = fsx_opendir(folder, err);
	if (s->dirfd < 0)
		rc = err_prefix(err, RC_REFUSED, "spool '%s'", folder);
	else if (s->folder == NULL || s->mem == NULL || s->own == NULL)
		rc = err_set(err, RC_LATER, "no memory for the spool");
	if (rc == RC_OK)
		s->lockfd = lock_take(s->dirfd, &rc, err);
	if (rc == RC_OK)
		rc = journal_open(&s->j, folder, true, err);
	if (rc == RC_OK)
		rc = tally_attach(&s->tally, &s->j, err);
	if (rc == RC_OK)
		rc = segments_open(&s->seg, s->dirfd, true, err);
	if (rc == RC_OK)
		rc = spool_recover(s, err);
	if (rc == RC_OK)
		rc = scheduler_new(s, err);
	if (rc != RC_OK) {
		spool_close(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void
spool_close(struct spool *s)
{
	struct err err;

	if (s == NULL)
		return;
	batch_free(s->own);
	scheduler_free(s);
	if (s->j.db != NULL && !s->broken && s->j.writer)
		if (journal_tidy(&s->j, true, &err) != RC_OK)
			log_rc("journal.tidy", RC_LATER, &err);
	segments_close(&s->seg);
	if (s->j.db != NULL)
		journal_close(&s->j);
	tally_clear(&s->tally);
	seek_clear(&s->seek);
	lock_leave(s->lockfd);
	if (s->dirfd >= 0)
		close(s->dirfd);
	arena_free(s->mem);
	free(s->folder);
	free(s);
}

/* Only what comes in asks; work in hand goes on when the disk is short. */
enum rc
space_check(struct spool *s, struct err *err)
{
	struct statvfs v;
	int64_t now = clock_mono(s->clock);

	if (s->space_at != 0 && now - s->space_at < SPACE_EVERY &&
	    !s->space_short)
		return RC_OK;
	s->space_at = now;
	s->space_short = false;
	if (fstatvfs(s->dirfd, &v) != 0)
		return err_errno(err, RC_LATER, "spool '%s'", s->folder);
	if ((uint64_t)v.f_bavail * v.f_frsize < s->conf->reserve)
		s->space_short = true;
	if (s->space_short)
		return err_set(err, RC_LATER,
		    "spool has %llu MiB free, the reserve is %llu MiB",
		    (unsigned long long)v.f_bavail * v.f_frsize >> 20,
		    (unsigned long long)s->conf->reserve >> 20);
	if (v.f_files != 0 && v.f_favail < INODES_SPARE) {
		s->space_short = true;
		return err_set(err, RC_LATER,
		    "spool has %llu inodes free, wants %d",
		    (unsigned long long)v.f_favail, INODES_SPARE);
	}
	return RC_OK;
}

enum rc
edge_check(enum state from, enum state to, struct err *err)
{
	if (state_may_move(from, to))
		return RC_OK;
	return err_set(err, RC_BROKEN, "%s may not go from '%s' to '%s'",
	    machine_name(state_machine(to)), state_name(from), state_name(to));
}

void
event_add(struct spool *s, const char *format, ...)
{
	char line[AUDIT_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	if (!event_chained(line))
		n += snprintf(line + n, sizeof(line) - (size_t)n,
		    (size_t)n + 12 < sizeof(line) ? " unlisted=1" : "");
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?'; /* names are data: no line is forged */
	audit_add(
	    &s->audit, &s->j, spool_wall(s), (struct slice){ line, (size_t)n });
	s->c.events++;
}

/* --- batches --- */

struct batch *
batch_begin(struct spool *s)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b != NULL)
		b->s = s;
	return b;
}

static void
batch_empty(struct batch *b)
{
	b->begun = false;
	b->rc = RC_OK;
	b->steps = 0;
	b->bytes = 0;
	b->nafter = 0;
	for (unsigned int i = 0; i < b->nnotes; i++)
		buf_clear(&b->note[i].ids);
	b->nnotes = 0;
}

/*
 * What was in memory of a batch that is given up. A failed sync says nothing of
 * what is on disk: the next start finds out.
 */
static void
memory_forget(struct spool *s)
{
	segments_forget(&s->seg, !s->broken);
	tally_forget(&s->tally);
	seek_forget(&s->seek);
	retention_forget(&s->sweep);
	memset(s->checked, 0, sizeof(s->checked)); /* its places come again */
	s->seg_known = 0; /* its row may not be there */
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	if (b->begun) {
		journal_rollback(&b->s->j);
		b->s->bundle_now = b->bundle_first;
		memory_forget(b->s);
	}
	batch_empty(b);
	free(b);
}

bool
batch_full(const struct batch *b)
{
	return b->steps >= SPOOL_BATCH_STEPS || b->bytes >= SPOOL_BATCH_BYTES;
}

unsigned int
batch_steps(const struct batch *b)
{
	return b->steps;
}

size_t
batch_bytes(const struct batch *b)
{
	return b->bytes;
}

static void
marks_set(struct batch *b)
{
	struct spool *s = b->s;

	b->seg_mark = segments_mark(&s->seg);
	b->tally_mark = tally_mark(&s->tally);
	b->seek_mark = seek_mark(&s->seek);
	b->audit_mark = s->audit;
	b->answer_mark = s->answer;
	b->after_mark = b->nafter;
	b->counters_mark = s->c;
	b->bundle_mark = s->bundle_now;
}

static void
marks_back(struct batch *b)
{
	struct spool *s = b->s;

	segments_cut(&s->seg, b->seg_mark);
	tally_cut(&s->tally, b->tally_mark);
	seek_cut(&s->seek, b->seek_mark);
	s->audit = b->audit_mark;
	s->answer = b->answer_mark;
	b->nafter = b->after_mark;
	s->c = b->counters_mark;
	s->bundle_now = b->bundle_mark;
}

void
spool_reading(struct spool *s, bool on)
{
	journal_read(&s->j, on);
}

static bool
step_enter(struct batch *b, struct step *st, bool bare)
{
	struct spool *s = b->s;

	assert(b->steps < SPOOL_BATCH_STEPS);
	*st = (struct step){ .rc = RC_OK };
	if (s->broken && b->rc == RC_OK)
		b->rc = err_set(&b->why, RC_BROKEN,
		    "the spool stopped after a failed sync");
	if (b->rc == RC_OK && !b->begun) {
		s->j.rc = RC_OK;
		b->changes = journal_changes(&s->j);
		b->bundle_first = s->bundle_now;
		b->rc = journal_begin(&s->j, &b->why);
		b->begun = b->rc == RC_OK;
	}
	b->step[b->steps++] = st;
	if (b->rc != RC_OK) {
		st->rc = b->rc;
		st->why = b->why;
		return false;
	}
	arena_rewind(s->mem);
	b->ngathered = 0;
	marks_set(b);
	b->marked = !bare || s->careful > 0;
	b->changes_mark = journal_changes(&s->j);
	if (b->marked)
		journal_savepoint(&s->j);
	if (s->careful > 0)
		s->careful--;
	return true;
}

bool
step_begin(struct batch *b, struct step *st)
{
	return step_enter(b, st, false);
}

bool
step_begin_bare(struct batch *b, struct step *st)
{
	return step_enter(b, st, true);
}

/* What a step without a savepoint wrote can go with the whole batch only. */
static void
bare_undo(struct batch *b)
{
	struct spool *s = b->s;

	if (!journal_lives(&s->j) || journal_changes(&s->j) == b->changes_mark)
		return;
	if (b->steps == 1) {
		journal_rollback(&s->j);
		b->begun = false;
		return;
	}
	s->careful = CAREFUL;
	s->j.rc = err_set(&s->j.why, RC_LATER,
	    "a step among others was given up when it had written");
}

void
step_end(struct batch *b, struct step *st, enum rc rc)
{
	struct spool *s = b->s;
	enum rc inner;

	if (rc == RC_OK)
		rc = gather_end(b, &st->why);
	inner = journal_rc(&s->j, &st->why);
	if (inner != RC_OK)
		rc = inner;
	st->rc = rc;
	if (b->marked)
		journal_release(&s->j, rc == RC_OK);
	else if (rc != RC_OK)
		bare_undo(b);
	if (rc == RC_OK && s->j.rc == RC_OK) {
		s->c.steps++;
		return;
	}
	marks_back(b);
	scheduler_stale(s);
	if (s->j.rc == RC_OK)
		return;
	/* The whole transaction is gone, and all steps with it. */
	b->rc = journal_rc(&s->j, &b->why);
	st->rc = b->rc;
	st->why = b->why;
}

void
batch_after(struct batch *b, enum after_kind kind, uint64_t id, int partner)
{
	if (b->nafter < sizeof(b->after) / sizeof(b->after[0]))
		b->after[b->nafter++] = (struct after){ kind, id, partner };
	else
		scheduler_stale(b->s);
}

static void
note_write(struct batch *b, struct note *n)
{
	if (n->n > 0)
		event_add(b->s, "%s partner=%s n=%u ids=%.*s", n->event,
		    n->partner, n->n, SLICE_ARG(buf_look(&n->ids)));
	n->n = 0;
	buf_reset(&n->ids);
}

static struct note *
note_find(struct batch *b, const char *event, struct slice partner)
{
	struct note *n;

	for (unsigned int i = 0; i < b->nnotes; i++)
		if (b->note[i].event == event &&
		    slice_is(partner, b->note[i].partner))
			return &b->note[i];
	if (b->nnotes == BATCH_NOTES)
		return NULL;
	n = &b->note[b->nnotes++];
	n->event = event;
	snprintf(n->partner, sizeof(n->partner), "%.*s", SLICE_ARG(partner));
	n->n = 0;
	buf_init(&n->ids, AUDIT_LINE_MAX);
	return n;
}

/* Only after the step is sure of itself: a note is not taken back. */
void
event_note(
    struct batch *b, const char *event, struct slice partner, uint64_t id)
{
	char text[ID_TEXT];
	struct note *n;

	if (b->s->j.rc != RC_OK)
		return;
	n = note_find(b, event, partner);
	if (n == NULL) {
		event_add(b->s, "%s partner=%.*s id=%s", event,
		    SLICE_ARG(partner), id_print(id, text));
		return;
	}
	if (n->ids.len + ID_TEXT > AUDIT_LINE_MAX - 256)
		note_write(b, n);
	if (n->n++ > 0)
		buf_byte(&n->ids, ',');
	buf_str(&n->ids, id_print(id, text));
}

/* Nothing of it is on disk, or we do not know: every step says so. */
static enum rc
batch_lost(struct batch *b, enum rc rc, const struct err *why)
{
	struct spool *s = b->s;

	if (rc == RC_REFUSED)
		rc = RC_BROKEN; /* a commit contradicts nobody but us */
	if (rc == RC_BROKEN)
		s->broken = true;
	for (unsigned int i = 0; i < b->steps; i++) {
		b->step[i]->rc = rc;
		b->step[i]->why = *why;
	}
	if (b->begun) {
		journal_rollback(&s->j);
		s->bundle_now = b->bundle_first;
	}
	memory_forget(s);
	if (!s->broken)
		rc = spool_reread(s, &b->why) == RC_OK ? rc : RC_BROKEN;
	scheduler_stale(s);
	batch_empty(b);
	return rc;
}

static enum rc
batch_write(struct batch *b, struct err *err)
{
	struct spool *s = b->s;
	uint32_t known = s->seg_known;
	enum rc rc;

	for (unsigned int i = 0; i < b->nnotes; i++)
		note_write(b, &b->note[i]);
	tally_write(&s->tally, &s->j);
	seek_write(&s->seek, &s->j);
	rc = journal_rc(&s->j, err);
	if (rc == RC_OK)
		rc = segments_flush(&s->seg, err);
	while (rc == RC_OK && known < segments_number(&s->seg))
		journal_run(&s->j, SQL_SEGMENT_ADD, "iii", (int64_t)++known,
		    spool_wall(s), spool_time(s));
	if (rc == RC_OK && journal_changes(&s->j) != b->changes) {
		journal_run(&s->j, SQL_NOW_SET, "iiiii", spool_time(s),
		    spool_wall(s), (int64_t)segments_tail(&s->seg), s->answer,
		    (int64_t)s->ids.last);
		s->c.commits++;
		s->c.syncs++;
	}
	if (rc == RC_OK)
		rc = journal_commit(&s->j, err);
	if (rc == RC_OK)
		s->seg_known = known; /* not before: its row may be lost */
	return rc;
}

enum rc
batch_commit(struct batch *b, struct err *err)
{
	struct spool *s = b->s;
	uint64_t changes;
	enum rc rc = b->rc;

	*err = b->why;
	if (!b->begun && rc == RC_OK) {
		batch_empty(b);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = batch_write(b, err);
	if (rc != RC_OK)
		return batch_lost(b, rc, err);
	changes = journal_changes(&s->j);
	s->c.row_writes += changes - b->changes;
	s->audit_committed = s->audit.seq;
	segments_kept(&s->seg);
	tally_forget(&s->tally);
	retention_unlink(s);
	for (unsigned int i = 0; i < b->nafter; i++)
		scheduler_after(s, &b->after[i]);
	batch_empty(b);
	rc = journal_tidy(&s->j, false, err);
	if (rc == RC_BROKEN)
		s->broken = true;
	return rc == RC_LATER ? RC_OK : rc;
}
