/*
 * spool/tell.c - which replies a filer is owed, and when; trusts the rows
 * alone. Called while claims are applied, by leg.c for each answer, and by the
 * scheduler before a status is handed out. Their words are in tell_record.c.
 */
#include "spool/tell.h"
#include "spool/arrival.h"
#include "spool/delivery.h"
#include "spool/scheduler.h"
#include <stdio.h>
#include <string.h>
#include "src/reply/reply.h"
#include "src/status/status.h"

#define STEM_MAX 200

/* By the format's family; an import client's files are XML but for these. */
static const char *
suffix_of(struct slice format)
{
	return slice_starts(format, "csv-")  ? ".csv"
	       : slice_starts(format, "un-") ? ".edi"
					     : ".xml";
}

/* STEM.NNN.KIND: NNN is drawn for each stem of a partner, never again. */
static struct slice
name_draw(struct spool *s, const struct conf_partner *p, struct slice file,
    struct slice format, const char *kind)
{
	struct slice filer = slice_of(p->name);
	char what[STEM_MAX + 8], out[256];
	struct slice stem = file;
	uint64_t n;

	for (size_t i = file.len; i > 1; i--)
		if (file.p[i - 1] == '.') {
			stem.len = i - 1;
			break;
		}
	if (stem.len > STEM_MAX)
		stem.len = STEM_MAX;
	snprintf(what, sizeof(what), "stem %.*s", SLICE_ARG(stem));
	n = number_draw(s, filer, what);
	if (p->layout == LAYOUT_IMPORT_CLIENT && !p->agency && !p->peer)
		reply_name_client(file, (uint32_t)n, kind, suffix_of(format),
		    spool_wall(s), out, sizeof(out));
	else
		reply_name(file, (uint32_t)n, kind, out, sizeof(out));
	return arena_dup(s->mem, slice_of(out));
}

/* A file of its own for each: what it tells of, and as what it is named. */
struct alone {
	const char *format, *named;
	uint64_t from, upto;
};

static enum rc
reply_plan(struct batch *b, uint64_t arrival, struct slice file,
    const struct conf_partner *p, const char *kind, const struct alone *alone,
    bool test, struct err *err)
{
	struct spool *s = b->s;
	bool waits =
	    p->together_ms > 0 && alone == NULL && strcmp(kind, "status") == 0;
	struct slice filer = slice_of(p->name);
	struct delivery_new d = { .partner = filer,
		.kind = kind,
		.arrival = arrival,
		.format =
		    slice_of(strcmp(kind, "control") == 0 ? p->control_format
							  : p->reply_format),
		.state = STATE_delivery_PLANNED,
		.wrap = WRAP_SHARED,
		.test = test };

	if (waits) {
		d.state = STATE_delivery_OPEN;
		d.open_t = spool_time(s) + p->together_ms;
		if (s->sched->due == 0 || d.open_t < s->sched->due)
			s->sched->due = d.open_t;
	}
	if (alone != NULL) {
		d.from_answer = alone->from;
		d.upto_answer = alone->upto;
		if (alone->format != NULL)
			d.format = slice_of(alone->format);
	}
	d.name = name_draw(s, p, file, d.format,
	    alone != NULL && alone->named != NULL ? alone->named : kind);
	return delivery_add(b, &d, err);
}

static struct slice
arrival_name(struct spool *s, uint64_t arrival)
{
	struct slice name = { 0 };
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)arrival);

	if (st == NULL)
		return name;
	name = column_dup(st, ARRIVAL_NAME, s->mem);
	journal_end(st);
	return name;
}

enum rc
tell_status(struct batch *b, uint64_t arrival, struct slice filer, bool test,
    struct err *err)
{
	struct spool *s = b->s;
	const struct conf_partner *p = conf_partner(s->conf, filer);
	enum rc rc = RC_OK;

	if (p == NULL || (p->replies & REPLY_STATUS) == 0 ||
	    p->decision_format != NULL)
		return RC_OK;
	if (p->together_ms > 0)
		rc = gather_touch(b, arrival, err);
	if (rc != RC_OK)
		return rc;
	if (journal_number(&s->j, SQL_STATUS_OPEN, 0, "i", (int64_t)arrival) !=
	    0)
		return RC_OK;
	return reply_plan(
	    b, arrival, arrival_name(s, arrival), p, "status", NULL, test, err);
}

enum rc
tell_answer(struct batch *b, const struct leg_row *r, const struct entry *e,
    struct err *err)
{
	const struct conf_partner *p = conf_partner(b->s->conf, r->filer);
	struct alone one = { .from = e->answer.seq - 1, .upto = e->answer.seq };

	if (p == NULL || p->decision_format == NULL)
		return tell_status(b, r->arrival, r->filer, r->test, err);
	if ((p->replies & REPLY_STATUS) == 0 ||
	    e->answer.outcome == OUTCOME_NONE)
		return RC_OK;
	if (e->answer.level == LEVEL_DECISION)
		one.format = p->decision_format;
	else /* as a client says that it went, or did not */
		one.named =
		    outcome_reopens(e->answer.outcome) ? "findings" : "taken";
	return reply_plan(b, r->arrival, arrival_name(b->s, r->arrival), p,
	    "status", &one, r->test, err);
}

enum rc
tell_freeze(struct batch *b, uint64_t delivery, struct err *err)
{
	struct spool *s = b->s;

	journal_run(
	    &s->j, SQL_STATUS_FREEZE, "ii", s->answer, (int64_t)delivery);
	return journal_rc(&s->j, err);
}

/* What the filings of an arrival came to. */
struct sums {
	int64_t all, taken, repeats, told, earlier, earliest;
};

static void
sums_get(struct spool *s, uint64_t arrival, struct sums *n)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_FILING_SUMS, "i", (int64_t)arrival);

	*n = (struct sums){ 0 };
	if (st == NULL)
		return;
	n->all = column_int(st, 0);
	n->taken = column_int(st, 1);
	n->repeats = column_int(st, 2);
	n->told = column_int(st, 3);
	n->earlier = column_int(st, 4);
	n->earliest = column_int(st, 5);
	journal_end(st);
}

/* The next of the replies to an arrival. */
static bool
reply_after(struct spool *s, uint64_t earlier, uint64_t *after,
    struct delivery_new *d, const char **named)
{
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_REPLIES_OF, "ii", (int64_t)earlier, (int64_t)*after);

	if (st == NULL)
		return false;
	*d = (struct delivery_new){ .kind =
					arena_str(s->mem, column_slice(st, 0)),
		.format = column_dup(st, 1, s->mem),
		.state = STATE_delivery_READY,
		.test = column_int(st, 2) != 0,
		.body = column_id(st, 3),
		.body_at = column_id(st, 4),
		.body_len = column_id(st, 5),
		.from_answer = column_id(st, 6),
		.upto_answer = column_id(st, 7) };
	*after = column_id(st, 8);
	*named = reply_kind(column_slice(st, 9));
	journal_end(st);
	return true;
}

/* Retention takes them, too: then the repeat is told in new words. */
static bool
replies_there(struct spool *s, uint64_t earlier)
{
	struct delivery_new d;
	struct body_head h;
	struct err ignored;
	const char *named;
	uint64_t after = 0;

	while (reply_after(s, earlier, &after, &d, &named))
		if (segments_head(&s->seg, d.body, &h, &ignored) != RC_OK)
			return false;
	return true;
}

/* The earlier replies' own bytes, under the new file's name. */
static enum rc
answers_again(struct batch *b, uint64_t arrival, uint64_t earlier,
    struct slice file, const struct conf_partner *p, unsigned int *n,
    struct err *err)
{
	struct spool *s = b->s;
	struct delivery_new d;
	const char *named;
	uint64_t after = 0;
	enum rc rc = RC_OK;

	*n = 0;
	if (!replies_there(s, earlier))
		return RC_OK;
	while (rc == RC_OK && reply_after(s, earlier, &after, &d, &named)) {
		d.partner = slice_of(p->name);
		d.arrival = arrival;
		d.name = name_draw(
		    s, p, file, d.format, named != NULL ? named : d.kind);
		rc = delivery_add(b, &d, err);
		++*n;
	}
	return rc;
}

/* One filing a file: taken, or what is wrong with it. */
static enum rc
each_first(struct batch *b, uint64_t arrival, struct slice file,
    const struct conf_partner *p, bool test, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = RC_OK;
	uint64_t n = 0;

	while (rc == RC_OK) {
		sqlite3_stmt *st = journal_ask(
		    &s->j, SQL_FILINGS_OF, "ii", (int64_t)arrival, (int64_t)n);
		struct alone one = { .from = n };
		bool taken, waits;

		if (st == NULL)
			break;
		n = one.upto = column_id(st, 9);
		one.from = n - 1;
		taken = slice_is(column_slice(st, 4), "taken") ||
			slice_is(column_slice(st, 4), "repeat");
		waits = slice_is(column_slice(st, 4), "waiting");
		journal_end(st);
		if (taken && (p->replies & REPLY_TAKEN) != 0)
			rc = reply_plan(
			    b, arrival, file, p, "taken", &one, test, err);
		else if (!taken && !waits && (p->replies & REPLY_FINDINGS) != 0)
			rc = reply_plan(
			    b, arrival, file, p, "findings", &one, test, err);
	}
	return rc;
}

enum rc
tell_first(struct batch *b, uint64_t arrival, bool control, struct err *err)
{
	struct spool *s = b->s;
	const struct conf_partner *p;
	struct slice file;
	bool refused, test;
	struct sums n;
	unsigned int again = 0;
	enum rc rc = RC_OK;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)arrival);

	if (st == NULL)
		return RC_OK;
	p = conf_partner(s->conf, column_slice(st, ARRIVAL_PARTNER));
	file = column_dup(st, ARRIVAL_NAME, s->mem);
	refused = column_int(st, ARRIVAL_REFUSED) != 0 ||
		  state_find(MACHINE_arrival,
		      column_slice(st, ARRIVAL_STATE)) == STATE_arrival_HELD;
	test = column_int(st, ARRIVAL_TEST) != 0;
	journal_end(st);
	if (p == NULL)
		return RC_OK;
	sums_get(s, arrival, &n);
	if (n.all > 0 && n.repeats == n.all && n.earlier == n.earliest &&
	    journal_number(&s->j, SQL_FILING_COUNT, 0, "i", n.earlier) == n.all)
		rc = answers_again(
		    b, arrival, (uint64_t)n.earlier, file, p, &again, err);
	if (rc != RC_OK || again > 0)
		return rc;
	if (control && (p->replies & REPLY_CONTROL) != 0)
		rc =
		    reply_plan(b, arrival, file, p, "control", NULL, test, err);
	if (rc == RC_OK && p->decision_format != NULL && n.all > 0)
		return each_first(b, arrival, file, p, test, err);
	if (rc == RC_OK && n.taken + n.repeats > 0 &&
	    (p->replies & REPLY_TAKEN) != 0)
		rc = reply_plan(b, arrival, file, p, "taken", NULL, test, err);
	if (rc == RC_OK && (refused || n.told > 0) &&
	    (p->replies & REPLY_FINDINGS) != 0)
		rc = reply_plan(
		    b, arrival, file, p, "findings", NULL, test, err);
	return rc;
}

enum rc
tell_unclaimed(struct batch *b, uint64_t arrival, struct err *err)
{
	struct spool *s = b->s;
	const struct conf_partner *p;
	struct slice file;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)arrival);

	if (st == NULL)
		return RC_OK;
	p = conf_partner(s->conf, column_slice(st, ARRIVAL_PARTNER));
	file = column_dup(st, ARRIVAL_NAME, s->mem);
	journal_end(st);
	if (p == NULL || (p->replies & REPLY_FINDINGS) == 0)
		return RC_OK;
	return reply_plan(b, arrival, file, p, "findings", NULL, false, err);
}
