/*
 * spool/tell_record.c - a reply's facts, collected from rows and from the
 * claims that the segments keep, in the order they became known. Trusts
 * src/reply for the form. Called when a reply is handed to convert; the same
 * delivery gives the same record at every try.
 */
#include "spool/tell.h"
#include "spool/arrival.h"
#include "spool/body.h"
#include "spool/leg.h"
#include "spool/release.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/record/finding.h"
#include "src/reply/reply.h"

#define RECORD_MAX  (32u << 20)
#define ANSWERS_MAX (1u << 20) /* in one status reply: an arrival's, all */

struct telling {
	struct spool *s;
	struct arena *mem;
	struct buf out;
	struct slice file, kind, filer, encoding, interchange;
	uint64_t arrival, claims, delivery;
	int64_t planned_ms;
	bool unclaimed; /* a file that nobody named */
	struct slice partner;
	uint64_t from, upto;
	bool alone; /* one filing or answer a file */
};

/* A claim's own words; a damaged body is told, not guessed. */
static enum rc
claim_read(struct telling *t, uint64_t claims, uint64_t at, uint64_t len,
    struct claim *c, struct err *err)
{
	struct slice raw;
	enum rc rc = body_part(t->s, claims, at, len, t->mem, &raw, err);

	return rc == RC_OK ? claim_next(&raw, c, err) : rc;
}

struct filing_now {
	uint64_t id, prev, at, len;
	struct slice label, kind, state, why;
	int64_t complaints;
};

static enum rc
filing_fact(struct telling *t, const struct filing_now *f, bool findings,
    struct err *err)
{
	char id[ID_TEXT];
	enum state st = state_find(MACHINE_filing, f->state);
	struct reply_fact fact = { .label = f->label,
		.kind = f->kind,
		.state = f->state,
		.en = slice_of(state_en(st)),
		.zh = slice_of(state_zh(st)) };
	struct claim c;
	enum rc rc = RC_OK;

	/* A repeat is told under the number it had the first time. */
	fact.filing = arena_dup(
	    t->mem, slice_of(id_print(f->prev != 0 ? f->prev : f->id, id)));
	if (findings && f->len > 0) {
		rc = claim_read(t, t->claims, f->at, f->len, &c, err);
		if (rc == RC_OK && c.kind == CLAIM_FILING)
			fact.findings = c.u.filing.findings;
	}
	fact.findings =
	    tell_verdict(t->mem, conf_partner(t->s->conf, t->partner), f->why,
		f->label, fact.findings);
	if (slice_is(f->why, "neighbour")) {
		fact.en = SLICE_LIT("not taken: another message of this file "
				    "has errors");
		fact.zh = SLICE_LIT("同一文件中另有报文出错，本报文未受理");
	}
	if (rc == RC_OK)
		reply_add(&t->out, &fact);
	return rc;
}

static enum rc
filings_tell(struct telling *t, bool findings, struct err *err)
{
	struct spool *s = t->s;
	enum rc rc = RC_OK;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_FILINGS_OF, "ii", (int64_t)t->arrival, (int64_t)t->from);

	while (st != NULL && rc == RC_OK) {
		struct filing_now f = { .id = column_id(st, 0),
			.prev = column_id(st, 1),
			.label = column_dup(st, 2, t->mem),
			.kind = column_dup(st, 3, t->mem),
			.state = column_dup(st, 4, t->mem),
			.why = column_dup(st, 5, t->mem),
			.at = column_id(st, 6),
			.len = column_id(st, 7),
			.complaints = column_int(st, 8) };
		bool refused = slice_is(f.state, "refused");
		bool held = slice_is(f.state, "held");
		bool waits = slice_is(f.state, "waiting");

		if (!slice_is(f.state, "repeat"))
			f.prev = 0;
		if (t->upto != 0 && column_id(st, 9) > t->upto)
			break;
		/* it is told of when it is decided */
		if (!waits && (findings ? refused || held || f.complaints > 0
					: !refused && !held))
			rc = filing_fact(t, &f, findings, err);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return rc;
}

/* The envelope's own complaints, or that nobody could read it. */
static enum rc
arrival_tell(struct telling *t, bool refused, bool held, struct err *err)
{
	struct reply_fact fact = { .state = SLICE_LIT("refused"),
		.label = t->file };
	struct slice raw;
	struct claim c;
	enum rc rc = RC_OK;

	if (held) {
		fact.state = SLICE_LIT("held");
		fact.en = slice_of(state_en(STATE_arrival_HELD));
		fact.zh = slice_of(state_zh(STATE_arrival_HELD));
		fact.findings = tell_finding(t->mem, FIND_POISON, t->file,
		    (struct slice){ 0 }, (struct slice){ 0 });
		reply_add(&t->out, &fact);
	}
	if (t->unclaimed) {
		char within[40];
		const struct conf_partner *p =
		    conf_partner(t->s->conf, t->partner);

		(void)snprintf(within, sizeof(within), "%u s",
		    p == NULL ? 0
			      : (unsigned)(p->attachments_within_ms / 1000));
		fact.en = SLICE_LIT("no document named it in time");
		fact.zh = SLICE_LIT("未被任何报文列出");
		fact.findings = tell_finding(t->mem, FIND_FILE_UNCLAIMED,
		    t->file, arena_dup(t->mem, slice_of(within)),
		    (struct slice){ 0 });
		reply_add(&t->out, &fact);
	}
	if (!refused || t->claims == 0)
		return RC_OK;
	fact.state = SLICE_LIT("refused");
	fact.en = slice_of(state_en(STATE_filing_REFUSED));
	fact.zh = slice_of(state_zh(STATE_filing_REFUSED));
	rc = body_whole(t->s, t->claims, t->mem, &raw, err);
	if (rc == RC_OK)
		rc = claim_next(&raw, &c, err);
	if (rc != RC_OK)
		return rc;
	if (c.kind == CLAIM_ARRIVAL)
		fact.findings = c.u.arrival.findings;
	reply_add(&t->out, &fact);
	return RC_OK;
}

/* What convert made of the syntax, as it is: a record for each interchange. */
static enum rc
control_tell(struct telling *t, struct err *err)
{
	struct slice raw;
	struct claim c;
	enum rc rc = body_whole(t->s, t->claims, t->mem, &raw, err);

	if (rc == RC_OK)
		rc = claim_next(&raw, &c, err);
	if (rc == RC_OK && c.kind == CLAIM_ARRIVAL)
		buf_slice(&t->out, c.u.arrival.control);
	return rc;
}

struct told {
	struct entry e;
	uint64_t leg, filing;
	struct slice agency, keys, label, kind, waits_for;
	enum outcome state; /* of the leg, once this was heard */
	bool joint;
};

static int
told_order(const void *x, const void *y)
{
	const struct told *a = x, *b = y;

	return a->e.answer.seq < b->e.answer.seq ? -1 : 1;
}

struct tolds {
	struct told *p;
	size_t n, cap;
	bool failed;
};

static void
told_put(struct tolds *l, const struct told *row)
{
	size_t cap = l->cap == 0 ? 64 : l->cap * 2;
	struct told *p = l->p;

	if (l->n == l->cap) {
		p = cap > ANSWERS_MAX ? NULL : realloc(p, cap * sizeof(*p));
		if (p == NULL) {
			l->failed = true;
			return;
		}
		l->p = p;
		l->cap = cap;
	}
	p[l->n++] = *row;
}

static void
leg_collect(struct telling *t, sqlite3_stmt *st, struct tolds *list)
{
	struct slice rest = column_slice(st, 6);
	struct entry e;
	enum outcome state = OUTCOME_NONE;
	bool dup = false;
	struct told row = { 0 };

	while (history_next(&rest, &e)) {
		if (!e.copied && e.effect == ANSWER_NEW)
			state = e.answer.outcome;
		if (e.copied || e.effect == ANSWER_CONTRADICTS ||
		    e.answer.seq <= t->from || e.answer.seq > t->upto)
			continue;
		if (!dup) {
			row = (struct told){ .leg = column_id(st, 0),
				.filing = column_id(st, 1),
				.agency = column_dup(st, 2, t->mem),
				.keys = column_dup(st, 3, t->mem),
				.label = column_dup(st, 4, t->mem),
				.kind = column_dup(st, 5, t->mem),
				.joint = column_int(st, 7) != 0,
				.waits_for = column_dup(st, 8, t->mem) };
			dup = true;
		}
		row.e = e;
		row.state = state;
		told_put(list, &row);
	}
}

static struct slice
sentence(
    struct telling *t, const char *before, struct slice list, const char *alone)
{
	struct slice out;
	struct buf b;

	buf_init(&b, 4096);
	buf_str(&b, list.len > 0 ? before : alone);
	buf_slice(&b, list);
	out = arena_dup(t->mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

/* What we say ourselves, when no agency did. */
static void
own_words(const struct entry *e, struct reply_fact *f)
{
	switch (e->kind) {
	case ENTRY_EXPIRED:
	case ENTRY_OVERDUE:
		f->state = SLICE_LIT("expired");
		f->en = slice_of(state_en(STATE_leg_EXPIRED));
		f->zh = slice_of(state_zh(STATE_leg_EXPIRED));
		break;
	case ENTRY_UNDELIVERABLE:
		f->state = SLICE_LIT("undeliverable");
		f->en = slice_of(state_en(STATE_delivery_FAILED));
		f->zh = slice_of(state_zh(STATE_delivery_FAILED));
		break;
	case ENTRY_REJECTED:
		f->state = SLICE_LIT("undeliverable");
		f->en = SLICE_LIT("returned by the agency's client, not sent");
		f->zh = SLICE_LIT("申报客户端退回，未发送");
		break;
	case ENTRY_CANCELLED:
		f->state = SLICE_LIT("cancelled");
		f->en = slice_of(state_en(STATE_leg_CANCELLED));
		f->zh = slice_of(state_zh(STATE_leg_CANCELLED));
		break;
	case ENTRY_WAITS:
	case ENTRY_GIVEN_UP:
	case ENTRY_RECEIPT:
		break;
	}
}

/* Whom it waits for, when that is what is told. */
static void
wait_words(struct telling *t, const struct told *o, struct reply_fact *f)
{
	bool ends = o->e.kind == ENTRY_GIVEN_UP;

	if (!ends && o->e.kind != ENTRY_WAITS)
		return;
	f->state = ends ? SLICE_LIT("expired") : SLICE_LIT("overdue");
	f->en = sentence(t,
	    ends ? "not sent, given up after its time, without an answer of: "
		 : "not sent yet, its time is over, it waits for: ",
	    o->waits_for, "not sent, what it waits for did not come");
	f->zh = sentence(t,
	    ends ? "未发送，等待超时已放弃，未获回执："
		 : "尚未发送，等待已超时，仍待：",
	    o->waits_for, "未发送，所待回执未到");
}

/* In a file about this answer alone: who holds the filing besides. */
static void
held_append(struct telling *t, const struct told *o, struct reply_fact *f)
{
	struct release now;
	struct buf b;

	release_of(&t->s->j,
	    (uint64_t)journal_number(&t->s->j, SQL_FILING_YOUNGEST,
		(int64_t)o->filing, "i", (int64_t)o->filing),
	    (int64_t)t->upto, t->mem, &now);
	if (now.legs < 2)
		return;
	buf_init(&b, CLAIM_TEXT_MAX + 8192);
	buf_slice(&b, f->text);
	if (f->text.len == 0 && f->en.len + f->zh.len > 0)
		buf_fmt(&b, "%.*s / %.*s", SLICE_ARG(f->en), SLICE_ARG(f->zh));
	else if (f->text.len == 0) /* a code without a list says no more */
		buf_fmt(&b, "%s / %s", outcome_en(o->e.answer.outcome),
		    outcome_zh(o->e.answer.outcome));
	buf_fmt(&b, " [%.*s: ", SLICE_ARG(o->agency));
	if (now.held_by.len > 0)
		buf_fmt(&b, "held by: %.*s / 尚待：%.*s]",
		    SLICE_ARG(now.held_by), SLICE_ARG(now.held_by));
	else
		buf_fmt(&b, "%s / %s]", now.v.en, now.v.zh);
	f->text = arena_dup(t->mem, buf_look(&b));
	buf_clear(&b);
}

static enum rc
told_add(struct telling *t, const struct told *o, struct err *err)
{
	char id[ID_TEXT];
	enum outcome outcome = o->e.answer.outcome;
	struct reply_fact f = { .label = o->label,
		.kind = o->kind,
		.agency = o->agency,
		.platform_number = key_value(o->keys, "platform"),
		.customs_number = key_value(o->keys, "customs"),
		.level = slice_of(level_name(o->e.answer.level)),
		.outcome = slice_of(
		    outcome == OUTCOME_NONE ? "" : outcome_word(outcome)),
		.event_ms = o->e.answer.event_ms };
	struct claim c;
	enum rc rc = RC_OK;

	f.filing = arena_dup(t->mem, slice_of(id_print(o->filing, id)));
	/* A late answer is told, and the filing stays where it was. */
	f.state = o->state == OUTCOME_NONE ? SLICE_LIT("noted")
					   : slice_of(outcome_word(o->state));
	own_words(&o->e, &f);
	wait_words(t, o, &f);
	if (o->e.claim_len > 0) {
		rc = claim_read(
		    t, o->e.claims, o->e.claim_at, o->e.claim_len, &c, err);
		if (rc != RC_OK)
			return rc;
		if (c.kind == CLAIM_RECEIPT) {
			f.status = c.u.receipt.status;
			f.en = c.u.receipt.en;
			f.zh = c.u.receipt.zh;
			f.text = c.u.receipt.text;
			f.findings = c.u.receipt.complaints;
		}
	}
	if (t->alone && o->joint)
		held_append(t, o, &f);
	reply_add(&t->out, &f);
	return RC_OK;
}

/* --- what the legs of a filing amount to together --- */

/* Told when its word or those who hold it changed with these answers. */
static void
release_tell(struct telling *t, const struct told *o, uint64_t filing)
{
	struct release was, now;
	char id[ID_TEXT];
	struct reply_fact f = { .label = o->label, .kind = o->kind };

	release_of(&t->s->j, filing, (int64_t)t->from, t->mem, &was);
	release_of(&t->s->j, filing, (int64_t)t->upto, t->mem, &now);
	f.filing = arena_dup(t->mem, slice_of(id_print(filing, id)));
	if (now.legs < 2)
		return; /* its leg has said it all */
	/* One notice for all, once none will follow. */
	if (now.decided && now.inspected.len > 0 &&
	    (!was.decided || !slice_eq(was.inspected, now.inspected))) {
		f.state = f.outcome =
		    slice_of(outcome_word(OUTCOME_INSPECTION));
		f.en = sentence(
		    t, "notice of inspection, by: ", now.inspected, "");
		f.zh = sentence(t, "查验通知，查验机构：", now.inspected, "");
		reply_add(&t->out, &f);
	}
	if (strcmp(was.v.word, now.v.word) == 0 &&
	    slice_eq(was.held_by, now.held_by))
		return;
	f.state = slice_of(now.v.word);
	f.outcome = now.v.outcome == OUTCOME_NONE ? (struct slice){ 0 }
						  : slice_of(now.v.word);
	f.en = sentence(t, "held by: ", now.held_by, now.v.en);
	f.zh = sentence(t, "尚待：", now.held_by, now.v.zh);
	reply_add(&t->out, &f);
}

struct joint_filing {
	uint64_t id;
	size_t at; /* its first answer here */
};

static int
by_filing(const void *x, const void *y)
{
	const struct joint_filing *a = x, *b = y;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static int
by_answer(const void *x, const void *y)
{
	const struct joint_filing *a = x, *b = y;

	return (a->at > b->at) - (a->at < b->at);
}

/* Of each filing once, where its first answer stands. */
static size_t
joint_filings(
    struct telling *t, const struct tolds *list, struct joint_filing *out)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->p[i].joint)
			out[n++] = (struct joint_filing){
				(uint64_t)journal_number(&t->s->j,
				    SQL_FILING_YOUNGEST,
				    (int64_t)list->p[i].filing, "i",
				    (int64_t)list->p[i].filing),
				i
			};
	qsort(out, n, sizeof(*out), by_filing);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || out[i].id != out[i - 1].id)
			out[kept++] = out[i];
	qsort(out, kept, sizeof(*out), by_answer);
	return kept;
}

static enum rc
releases_tell(struct telling *t, const struct tolds *list, struct err *err)
{
	struct joint_filing *of = calloc(list->n + 1, sizeof(*of));
	size_t n;

	if (of == NULL)
		return err_set(err, RC_LATER, "no memory for a status");
	n = joint_filings(t, list, of);
	for (size_t i = 0; i < n; i++)
		release_tell(t, &list->p[of[i].at], of[i].id);
	free(of);
	return RC_OK;
}

static enum rc
status_tell(struct telling *t, struct err *err)
{
	struct tolds list = { 0 };
	struct spool *s = t->s;
	enum rc rc = RC_OK;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_ANSWERS_OF, "ii", (int64_t)t->arrival, (int64_t)t->from);
	while (st != NULL) {
		leg_collect(t, st, &list);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	if (list.failed)
		rc = err_set(err, RC_LATER, "no memory for a status");
	if (list.n > 1)
		qsort(list.p, list.n, sizeof(*list.p), told_order);
	for (size_t i = 0; i < list.n && rc == RC_OK; i++)
		rc = told_add(t, &list.p[i], err);
	if (rc == RC_OK && !t->alone)
		rc = releases_tell(t, &list, err);
	free(list.p);
	return rc;
}

static enum rc
record_write(struct telling *t, bool refused, bool held, struct err *err)
{
	char id[ID_TEXT], number[ID_TEXT];
	const char *kind = arena_str(t->mem, t->kind);
	enum rc rc;

	if (kind == NULL)
		return err_set(err, RC_LATER, "no memory for a reply");
	reply_begin(
	    &t->out, &(struct reply_head){ .kind = kind,
			 .number = slice_of(id_print(t->delivery, number)),
			 .arrival = slice_of(id_print(t->arrival, id)),
			 .file_name = t->file,
			 .encoding = t->encoding,
			 .interchange = t->interchange,
			 .now_ms = t->planned_ms });
	if (slice_is(t->kind, "status"))
		rc = status_tell(t, err);
	else if (slice_is(t->kind, "control"))
		rc = control_tell(t, err);
	else if (slice_is(t->kind, "taken"))
		rc = filings_tell(t, false, err);
	else
		rc = arrival_tell(t, refused, held, err);
	if (rc == RC_OK && slice_is(t->kind, "findings"))
		rc = filings_tell(t, true, err);
	reply_end(&t->out);
	return rc;
}

enum rc
tell_record(struct spool *s, uint64_t delivery, struct arena *mem,
    struct slice *out, struct err *err)
{
	struct telling t = { .s = s, .mem = mem, .delivery = delivery };
	const struct conf_partner *p;
	bool refused, held;
	enum rc rc;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_REPLY_GET, "i", (int64_t)delivery);

	if (st == NULL)
		return err_set(err, RC_REFUSED, "no such reply");
	t.kind = column_dup(st, 0, mem);
	t.arrival = column_id(st, 1);
	p = conf_partner(s->conf, column_slice(st, 11));
	t.alone = p != NULL && p->decision_format != NULL;
	t.planned_ms = column_int(st, 2);
	t.from = column_id(st, 3);
	t.upto = column_id(st, 4);
	t.file = column_dup(st, 5, mem);
	t.claims = column_id(st, 6);
	refused = column_int(st, 7) != 0;
	held = column_int(st, 8) != 0;
	t.encoding = column_dup(st, 9, mem);
	t.interchange = column_dup(st, 10, mem);
	t.partner = column_dup(st, 11, mem);
	t.unclaimed = column_int(st, 12) < 0;
	journal_end(st);
	buf_init(&t.out, RECORD_MAX);
	rc = record_write(&t, refused, held, err);
	if (rc == RC_OK && (buf_failed(&t.out) || arena_failed(mem)))
		rc = err_set(err, RC_LATER, "no memory for a reply");
	if (rc == RC_OK)
		*out = arena_dup(mem, buf_look(&t.out));
	buf_clear(&t.out);
	if (rc == RC_OK)
		rc = journal_rc(&s->j, err);
	journal_clear(&s->j);
	return rc;
}
