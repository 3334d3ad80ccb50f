/*
 * spool/attach.c - files that documents name and that come beside them: an
 * arrival waits until they are there, or long enough. Trusts order.c to have
 * checked the claims. Called by order.c, order_pick.c and due.c.
 *
 * A file is one document's: found by its name among those of the same filer
 * that nobody has, and then his, so that the next invoice.pdf is not taken for
 * this one. Which it was stands in its row before any leg is bound.
 */
#include "spool/attach.h"
#include "spool/retention.h"
#include <stdio.h>

#define NAME_TEXT 255
#define TOLD_MAX  800 /* of names that an order can tell */

/* NAME as it is, or STEM.NAME with the stem of the document's own name. */
static uint64_t
file_find(struct reading *r, struct slice name)
{
	struct spool *s = r->b->s;
	struct slice partner = slice_of(r->partner->name);
	int64_t since = r->t - (int64_t)r->partner->attachments_within_ms;
	char text[2 * NAME_TEXT + 2];
	size_t stem = r->file.len;
	int64_t id;

	while (stem > 0 && r->file.p[stem - 1] != '.')
		stem--;
	if (stem == 0)
		stem = r->file.len + 1;
	(void)snprintf(text, sizeof(text), "%.*s.%.*s", (int)(stem - 1),
	    r->file.p, SLICE_ARG(name));
	id = journal_number(
	    &s->j, SQL_FILE_FIND, 0, "tti", partner, slice_of(text), since);
	if (id == 0)
		id = journal_number(
		    &s->j, SQL_FILE_FIND, 0, "tti", partner, name, since);
	return (uint64_t)id;
}

/* Those that are there become this arrival's; returns the others. */
static struct slice
files_take(struct reading *r, struct slice lacks)
{
	struct spool *s = r->b->s;
	struct slice out;
	struct buf missing;

	buf_init(&missing, CLAIM_TEXT_MAX);
	while (lacks.len > 0) {
		struct slice name = slice_cut(&lacks, '\n');
		uint64_t id = (uint64_t)journal_number(&s->j, SQL_FILE_USED, 0,
		    "it", (int64_t)r->o->subject, name);

		if (id == 0)
			id = file_find(r, name);
		if (id == 0) {
			if (missing.len > 0)
				buf_byte(&missing, '\n');
			buf_slice(&missing, name);
			continue;
		}
		journal_run(&s->j, SQL_FILE_USE, "iti", (int64_t)r->o->subject,
		    name, (int64_t)id);
		sweep_mark(&s->sweep,
		    (uint64_t)journal_number(&s->j, SQL_FILE_ADD, 0, "iti",
			(int64_t)r->o->subject, name, (int64_t)id));
	}
	out = arena_dup(s->mem, buf_look(&missing));
	buf_clear(&missing);
	return out;
}

/* The next reading is told which will not come, as far as there is room. */
static void
missing_tell(struct reading *r, struct slice missing)
{
	struct slice all = missing, told = slice_sub(missing, 0, 0);

	while (all.len > 0) {
		struct slice name = slice_cut(&all, '\n');
		size_t end = (size_t)(name.p + name.len - missing.p);

		if (end <= TOLD_MAX)
			told = slice_sub(missing, 0, end);
	}
	journal_run(
	    &r->b->s->j, SQL_ARRIVAL_LATE, "ti", told, (int64_t)r->o->subject);
	batch_after(r->b, AFTER_WAKE, 0, -1);
}

enum rc
attach_await(
    struct reading *r, struct slice lacks, bool *waits, struct err *err)
{
	struct spool *s = r->b->s;
	int64_t upto = journal_number(
	    &s->j, SQL_ARRIVAL_WAITED, 0, "i", (int64_t)r->o->subject);
	struct slice missing;
	char id[ID_TEXT];
	enum rc rc;

	*waits = false;
	if (lacks.len == 0 || r->repeat_of != 0)
		return RC_OK;
	if (r->partner->nattachments == 0)
		return err_set(err, RC_REFUSED,
		    "claims: files of '%s', who has none", r->partner->name);
	missing = files_take(r, lacks);
	if (missing.len == 0)
		return journal_rc(&s->j, err);
	*waits = true;
	if (upto != 0 && spool_time(s) >= upto) {
		missing_tell(r, missing);
		return journal_rc(&s->j, err);
	}
	rc = edge_check(STATE_arrival_ACCEPTED, STATE_arrival_WAITING, err);
	if (rc != RC_OK)
		return rc;
	if (upto == 0)
		upto = spool_time(s) + r->partner->attachments_within_ms;
	journal_run(
	    &s->j, SQL_ARRIVAL_AWAIT, "ii", upto, (int64_t)r->o->subject);
	s->due_t = 0; /* it may be the next that is due */
	event_add(s, "arrival.waits arrival=%s partner=%s",
	    id_print(r->o->subject, id), r->partner->name);
	return journal_rc(&s->j, err);
}

enum rc
attach_came(struct reading *r, struct err *err)
{
	struct spool *s = r->b->s;

	journal_run(&s->j, SQL_ARRIVAL_WAKE, "t", slice_of(r->partner->name));
	batch_after(r->b, AFTER_WAKE, 0, -1);
	return journal_rc(&s->j, err);
}

enum rc
attach_due(struct batch *b, uint64_t arrival, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc =
	    edge_check(STATE_arrival_WAITING, STATE_arrival_ACCEPTED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_ARRIVAL_LATE, "ti", SLICE_LIT(""), (int64_t)arrival);
	batch_after(b, AFTER_WAKE, 0, -1);
	return journal_rc(&s->j, err);
}
