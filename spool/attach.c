/*
 * spool/attach.c - files that documents name and that come beside them. A
 * filing waits until its files are there, or long enough, and its neighbours go
 * on; a file waits for who names it, and is reported when nobody does. Trusts
 * order.c to have checked the claims. Called by order.c, filing.c, arrival.c
 * and due.c.
 *
 * A file is one document's: found by its name among those of the same filer
 * that nobody has, and then his, so that the next invoice.pdf is not taken for
 * this one. Which it was stands in its row before any leg is bound.
 */
#include "spool/attach.h"
#include "spool/retention.h"
#include "spool/tell.h"
#include <stdio.h>

#define NAME_TEXT 255
#define NEVER     "never-came " /* and the names, a line each */

static void
name_beside(
    const struct reading *r, struct slice name, char text[2 * NAME_TEXT + 2])
{
	size_t stem = r->file.len;

	while (stem > 0 && r->file.p[stem - 1] != '.')
		stem--;
	if (stem == 0)
		stem = r->file.len + 1;
	(void)snprintf(text, 2 * NAME_TEXT + 2, "%.*s.%.*s", (int)(stem - 1),
	    r->file.p, SLICE_ARG(name));
}

/* NAME as it is, or STEM.NAME with the stem of the document's own name. */
static uint64_t
file_find(struct reading *r, struct slice name)
{
	struct spool *s = r->b->s;
	struct slice partner = slice_of(r->partner->name);
	int64_t since = r->t - (int64_t)r->partner->attachments_within_ms;
	char text[2 * NAME_TEXT + 2];
	int64_t id;

	name_beside(r, name, text);
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

/* --- filings --- */

/* None goes without the others: if one waits, all do. */
static enum rc
all_look(struct reading *r, struct err *err)
{
	struct slice rest = r->claims;
	struct claim c;
	enum rc rc = RC_OK;

	while (rc == RC_OK && rest.len > 0) {
		rc = claim_next(&rest, &c, err);
		if (rc == RC_OK && c.kind == CLAIM_FILING)
			r->all_wait |= files_take(r, c.u.filing.lacks).len > 0;
	}
	return rc == RC_OK ? journal_rc(&r->b->s->j, err) : rc;
}

enum rc
attach_begin(struct reading *r, struct err *err)
{
	struct spool *s = r->b->s;

	r->upto = journal_number(
	    &s->j, SQL_ARRIVAL_WAITED, 0, "i", (int64_t)r->o->subject);
	r->late = r->again && journal_number(&s->j, SQL_ARRIVAL_LATE, 0, "i",
				  (int64_t)r->o->subject) != 0;
	if (r->redo || r->again)
		journal_run(&s->j, SQL_LACK_CLEAR, "i", (int64_t)r->o->subject);
	if (r->lacking && r->partner->hold_all && !r->any_refused)
		return all_look(r, err);
	return journal_rc(&s->j, err);
}

/* By both names under which it may come. */
static void
lacks_note(struct reading *r, uint32_t number, struct slice missing)
{
	struct spool *s = r->b->s;
	char text[2 * NAME_TEXT + 2];

	while (missing.len > 0) {
		struct slice name = slice_cut(&missing, '\n');

		name_beside(r, name, text);
		journal_run(&s->j, SQL_LACK_ADD, "ttiit",
		    slice_of(r->partner->name), name, (int64_t)r->o->subject,
		    (int64_t)number, name);
		journal_run(&s->j, SQL_LACK_ADD, "ttiit",
		    slice_of(r->partner->name), slice_of(text),
		    (int64_t)r->o->subject, (int64_t)number, name);
	}
}

/* No file has such a name: one of them was told first, whatever came. */
static enum rc
names_check(struct slice lacks, struct err *err)
{
	while (lacks.len > 0) {
		struct slice name = slice_cut(&lacks, '\n');

		if (name.len > NAME_TEXT)
			return err_set(err, RC_REFUSED,
			    "claims: a file's name of %zu bytes, limit is %d",
			    name.len, NAME_TEXT);
	}
	return RC_OK;
}

/* It has waited: refused, with the names that convert was not told of. */
static enum rc
never_came(
    struct reading *r, struct slice missing, struct verdict *v, struct err *err)
{
	size_t room = sizeof(NEVER) + missing.len;
	char *why = arena_get(r->b->s->mem, room);

	if (why == NULL)
		return err_set(err, RC_LATER, "no memory");
	(void)snprintf(why, room, NEVER "%.*s", SLICE_ARG(missing));
	*v = (struct verdict){ .state = STATE_filing_REFUSED, .why = why };
	return RC_OK;
}

enum rc
attach_look(struct reading *r, const struct claim_filing *f, struct verdict *v,
    struct err *err)
{
	struct spool *s = r->b->s;
	struct slice missing = { 0 };
	enum rc rc = names_check(f->lacks, err);

	if (rc != RC_OK)
		return rc;
	if (f->lacks.len > 0 && r->partner->nattachments == 0)
		return err_set(err, RC_REFUSED,
		    "claims: files of '%s', who has none", r->partner->name);
	if (f->lacks.len > 0)
		missing = files_take(r, f->lacks);
	if (r->late && missing.len > 0)
		return never_came(r, missing, v, err);
	lacks_note(r, f->number, missing);
	if (missing.len > 0 || r->all_wait) {
		*v = (struct verdict){ .state = STATE_filing_WAITING,
			.why = "" };
		r->waiting++;
	}
	return journal_rc(&s->j, err);
}

enum rc
attach_end(struct reading *r, struct err *err)
{
	struct spool *s = r->b->s;
	char id[ID_TEXT];

	if (r->waiting == 0 && r->upto == 0)
		return RC_OK;
	if (r->waiting > 0 && r->upto == 0) {
		r->upto = spool_time(s) + r->partner->attachments_within_ms;
		event_add(s, "arrival.waits arrival=%s partner=%s filings=%u",
		    id_print(r->o->subject, id), r->partner->name, r->waiting);
	}
	journal_run(&s->j, SQL_ARRIVAL_WAITS, "ii",
	    r->waiting > 0 ? r->upto : (int64_t)0, (int64_t)r->o->subject);
	s->due_t = 0; /* it may be the next that is due */
	return journal_rc(&s->j, err);
}

static enum rc
arrival_again(
    struct batch *b, uint64_t arrival, struct slice late, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc =
	    edge_check(STATE_arrival_DONE, STATE_arrival_ACCEPTED, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_ARRIVAL_AGAIN, "ti", late, (int64_t)arrival);
	batch_after(b, AFTER_WAKE, 0, -1);
	return journal_rc(&s->j, err);
}

/* --- files --- */

enum rc
attach_came(struct batch *b, uint64_t id, const struct conf_partner *p,
    struct slice name, struct err *err)
{
	struct spool *s = b->s;
	int64_t upto = spool_time(s) + p->attachments_within_ms;
	sqlite3_stmt *st;
	uint64_t arrival;
	struct slice as;
	bool last;

	journal_run(
	    &s->j, SQL_ARRIVAL_FILE, "iii", spool_wall(s), upto, (int64_t)id);
	if (journal_number(&s->j, SQL_FILE_TAKEN, 0, "i", (int64_t)id) != 0)
		return journal_rc(&s->j, err); /* read again by an operator */
	s->due_t = 0;
	st = journal_ask(&s->j, SQL_LACK_FIND, "tt", slice_of(p->name), name);
	if (st == NULL)
		return journal_rc(&s->j, err);
	arrival = column_id(st, 0);
	as = column_dup(st, 1, s->mem);
	journal_end(st);
	last = journal_number(
		   &s->j, SQL_LACK_LAST, 0, "it", (int64_t)arrival, as) != 0;
	journal_run(&s->j, SQL_LACK_DONE, "it", (int64_t)arrival, as);
	journal_run(
	    &s->j, SQL_FILE_USE, "iti", (int64_t)arrival, as, (int64_t)id);
	sweep_mark(&s->sweep, (uint64_t)journal_number(&s->j, SQL_FILE_ADD, 0,
				  "iti", (int64_t)arrival, as, (int64_t)id));
	return last ? arrival_again(b, arrival, (struct slice){ 0 }, err)
		    : journal_rc(&s->j, err);
}

/* As far as an order has room for; attach_look() tells of the others. */
static struct slice
late_names(struct spool *s, uint64_t arrival)
{
	struct slice out;
	struct buf b;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_LACKS_OF, "ii", (int64_t)arrival, (int64_t)0);

	buf_init(&b, LACKS_TEXT);
	while (st != NULL) {
		struct slice name = column_slice(st, 0);

		if (b.len + name.len + 1 <= LACKS_TEXT) {
			if (b.len > 0)
				buf_byte(&b, '\n');
			buf_slice(&b, name);
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	out = arena_dup(s->mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

/*
 * A repeat takes no file: until now this one was free for whoever names it.
 * That its document was filed before is told of the document.
 */
static bool
came_again(struct spool *s, uint64_t file, struct slice partner)
{
	const struct conf_partner *p = conf_partner(s->conf, partner);

	return p != NULL &&
	       journal_number(&s->j, SQL_FILE_AGAIN, 0, "ii", (int64_t)file,
		   (int64_t)p->attachments_within_ms) != 0;
}

enum rc
attach_due(struct batch *b, uint64_t arrival, struct err *err)
{
	struct spool *s = b->s;
	char id[ID_TEXT];
	bool file;
	struct slice partner;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_FORMAT, "i", (int64_t)arrival);

	if (st == NULL)
		return err_set(err, RC_BROKEN, "what is due has no row");
	file = slice_is(column_slice(st, 0), "attachment");
	partner = column_dup(st, 1, s->mem);
	journal_end(st);
	if (!file)
		return arrival_again(b, arrival, late_names(s, arrival), err);
	if (came_again(s, arrival, partner)) {
		journal_run(&s->j, SQL_FILE_END, "ti",
		    SLICE_LIT("its document was filed before, with this file"),
		    (int64_t)arrival);
		event_add(s, "arrival.repeated arrival=%s partner=%.*s",
		    id_print(arrival, id), SLICE_ARG(partner));
		return journal_rc(&s->j, err);
	}
	journal_run(&s->j, SQL_FILE_END, "ti",
	    SLICE_LIT("no document named it in time"), (int64_t)arrival);
	event_add(s, "arrival.unclaimed arrival=%s partner=%.*s",
	    id_print(arrival, id), SLICE_ARG(partner));
	return tell_unclaimed(b, arrival, err);
}
