/*
 * spool/batch.c - steps and their group commit; trusts the steps to say what
 * they do in memory to batch_after(). Called by the role spool, tools on a
 * stopped spool, and tests.
 *
 * A batch is one transaction. A step that fails is undone alone, by a savepoint
 * or because it has not written yet, and everything it put into memory (bodies
 * waiting, the chain's head, counters) is taken back with it.
 */
#include "spool/inner.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spool/scheduler.h"
#include "spool/tell.h"

#define CAREFUL 10000 /* steps after one that could not be undone alone */

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

/*
 * A question between two steps may cost the transaction: nothing is written
 * behind it as if the steps before it still stood.
 */
static enum rc
gone_check(struct spool *s, struct err *err)
{
	if (s->j.rc != RC_OK || journal_lives(&s->j))
		return RC_OK; /* one that failed is told by its step */
	return journal_rc(&s->j, err);
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
	if (b->rc == RC_OK && b->begun)
		b->rc = gone_check(s, &b->why);
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
		rc = gone_check(s, err);
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
