/*
 * spool/order.c - what convert says about bytes is a claim: all of a result is
 * checked against the order, the routes and the partner before any of it is
 * applied (DESIGN 4). Called by the role spool with results and deaths.
 */
#include "spool/receipt.h"
#include "spool/body.h"
#include "spool/arrival.h"
#include "spool/attach.h"
#include "spool/claims.h"
#include "spool/joint.h"
#include "spool/delivery.h"
#include "spool/tell.h"
#include <stdio.h>
#include <string.h>
#include "src/base/log.h"

#define LIE(err, ...) err_set(err, RC_REFUSED, "claims: " __VA_ARGS__)

struct filing_seen *
seen_find(struct reading *r, uint32_t number)
{
	uint32_t lo = 0, hi = r->nseen;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (r->seen[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->nseen && r->seen[lo].number == number ? &r->seen[lo]
							     : NULL;
}

static bool
id_of_order(const struct order_out *o, uint64_t id)
{
	return id == 0 || (id >= o->ids && id - o->ids < o->nids);
}

static enum rc
filing_check(struct reading *r, const struct claim_filing *f, struct err *err)
{
	const struct conf_partner *p = r->partner;
	uint32_t last = r->nseen == 0 ? 0 : r->seen[r->nseen - 1].number;

	if (!p->filer && !p->subscriber && !p->peer)
		return LIE(
		    err, "a filing from '%s', who files nothing", p->name);
	if (f->number <= last || r->nseen == r->cap)
		return LIE(
		    err, "filing %u behind %u of %u", f->number, last, r->cap);
	if (!id_of_order(r->o, f->id))
		return LIE(
		    err, "filing %u: its id is not of the order", f->number);
	r->seen[r->nseen++] = (struct filing_seen){ .number = f->number,
		.kind = f->kind,
		.test = f->test,
		.state =
		    f->refused ? STATE_filing_REFUSED : STATE_filing_TAKEN };
	r->any_refused |= f->refused;
	r->lacking |= !f->refused && f->lacks.len > 0;
	r->test |= f->test;
	return RC_OK;
}

/* A leg of a filing is known by its name. */
static bool
name_new(struct reading *r, const struct claim_leg *l)
{
	struct slice name = l->name.len > 0 ? l->name : l->agency;

	if (l->filing != r->leg_filing)
		r->nleg = 0;
	r->leg_filing = l->filing;
	for (uint32_t i = 0; i < r->nleg; i++)
		if (slice_eq(r->leg[i], name))
			return false;
	if (r->nleg == CLAIM_LEGS)
		return false;
	r->leg[r->nleg++] = name;
	return true;
}

static enum rc
leg_check(struct reading *r, const struct claim_leg *l, struct err *err)
{
	struct filing_seen *f = seen_find(r, l->filing);

	if (f == NULL || f->state != STATE_filing_TAKEN)
		return LIE(
		    err, "a leg of filing %u, which has none", l->filing);
	if (!id_of_order(r->o, l->id))
		return LIE(err,
		    "a leg of filing %u: its id is not of the "
		    "order",
		    l->filing);
	if (!name_new(r, l))
		return LIE(err,
		    "two legs of filing %u have one name, or more than %d",
		    l->filing, CLAIM_LEGS);
	if (conf_route(r->b->s->conf, l->agency, f->kind, l->format, f->test) ==
	    NULL)
		return LIE(err,
		    "'%.*s' as '%.*s' for '%.*s' is not a row of the routes",
		    SLICE_ARG(f->kind), SLICE_ARG(l->format),
		    SLICE_ARG(l->agency));
	return RC_OK;
}

static enum rc
claim_check(struct reading *r, const struct claim *c, uint32_t n,
    uint32_t *receipts, struct err *err)
{
	if ((n == 0) != (c->kind == CLAIM_ARRIVAL))
		return LIE(err, "the arrival's verdict comes first, once");
	switch (c->kind) {
	case CLAIM_ARRIVAL:
		if (c->u.arrival.filings > CLAIMS_FILINGS)
			return LIE(err, "%u filings, limit is %u",
			    c->u.arrival.filings, CLAIMS_FILINGS);
		r->cap = c->u.arrival.refused ? 0 : c->u.arrival.filings;
		r->seen =
		    arena_get(r->b->s->mem, (r->cap + 1) * sizeof(*r->seen));
		return r->seen == NULL ? err_set(err, RC_LATER, "no memory")
				       : RC_OK;
	case CLAIM_FILING:
		return filing_check(r, &c->u.filing, err);
	case CLAIM_LEG:
		return leg_check(r, &c->u.leg, err);
	case CLAIM_RECEIPT:
		if (!r->partner->agency && !receipt_numbered(&c->u.receipt))
			return LIE(err, "a receipt from '%s', no agency",
			    r->partner->name);
		++*receipts;
		return RC_OK;
	default:
		return LIE(err, "a body nobody asked for");
	}
}

/* The whole result, before anything of it is believed. */
static enum rc
claims_check(struct reading *r, struct claim_arrival *a, struct err *err)
{
	struct slice rest = r->claims;
	uint32_t n = 0, receipts = 0;
	struct claim c;
	enum rc rc = RC_OK;

	while (rc == RC_OK && rest.len > 0) {
		rc = claim_next(&rest, &c, err);
		if (rc == RC_OK)
			rc = claim_check(r, &c, n, &receipts, err);
		if (rc == RC_OK && n++ == 0)
			*a = c.u.arrival;
	}
	if (rc != RC_OK)
		return rc;
	if (n == 0)
		return LIE(err, "nothing");
	if (a->refused && n > 1)
		return LIE(err, "a refused arrival with things in it");
	if (!a->refused && (r->nseen != a->filings || receipts != a->receipts))
		return LIE(err, "%u filings and %u receipts, %u and %u told",
		    r->nseen, receipts, a->filings, a->receipts);
	return RC_OK;
}

enum rc
claims_keep(struct batch *b, uint64_t subject, struct slice claims,
    uint64_t *ref, struct err *err)
{
	struct spool *s = b->s;
	struct body_head h = { .kind = BODY_CLAIMS,
		.len = claims.len,
		.subject = subject,
		.event = s->audit_committed,
		.wall_ms = spool_wall(s) };
	enum rc rc = hash_of(claims, &h.sha256, err);

	if (rc == RC_OK)
		rc = body_add(s, &h, claims, ref, err);
	b->bytes += claims.len;
	return rc;
}

static enum rc
claims_apply(struct reading *r, struct err *err)
{
	struct slice rest = r->claims;
	enum rc rc = RC_OK;

	while (rc == RC_OK && rest.len > 0) {
		struct claim_at at = { .at = r->claims.len - rest.len };
		struct claim c;

		rc = claim_next(&rest, &c, err);
		at.len = r->claims.len - rest.len - at.at;
		r->behind = rest;
		if (rc != RC_OK)
			break;
		if (c.kind == CLAIM_FILING)
			rc = filing_apply(r, &c.u.filing, at, err);
		else if (c.kind == CLAIM_LEG)
			rc = leg_apply(r, &c.u.leg, at, err);
		else if (c.kind == CLAIM_RECEIPT && !r->again)
			rc = receipt_apply(r, &c.u.receipt, at, err);
	}
	return rc == RC_OK ? bind_close(r->b, r->bind, err) : rc;
}

/* Messages that killed their reader stand in the list, and are told. */
static enum rc
skipped_apply(struct reading *r, struct err *err)
{
	struct slice rest = r->skip;
	enum rc rc = RC_OK;

	while (rc == RC_OK && rest.len > 0) {
		uint64_t n;

		if (slice_u64(slice_cut(&rest, ','), &n))
			rc = filing_skipped(r, (uint32_t)n, err);
	}
	return rc;
}

static void
arrival_done(struct reading *r, const struct claim_arrival *a)
{
	struct spool *s = r->b->s;
	bool clean = !a->refused && r->taken > 0 && r->refused == 0 &&
		     r->repeats == 0 && r->held == 0 && r->waiting == 0;

	journal_run(&s->j, SQL_ARRIVAL_DONE, "itttiiiiiii", (int64_t)r->ref,
	    a->format, a->encoding, a->interchange, (int64_t)a->refused,
	    (int64_t)clean, (int64_t)(r->nseen + r->skipped),
	    (int64_t)r->receipts, (int64_t)r->test, spool_wall(s),
	    (int64_t)r->o->subject);
}

static void
done_event(struct reading *r, const struct claim_arrival *a)
{
	struct spool *s = r->b->s;
	char id[ID_TEXT];

	event_add(s,
	    "arrival.done arrival=%s partner=%s refused=%d filings=%u"
	    " taken=%u bad=%u repeats=%u held=%u waiting=%u legs=%u receipts=%u"
	    " matched=%u parked=%u aside=%u gen=%llu",
	    id_print(r->o->subject, id), r->partner->name, a->refused, r->nseen,
	    r->taken, r->refused, r->repeats, r->held, r->waiting, r->legs,
	    r->receipts, r->matched, r->parked, r->put_aside,
	    (unsigned long long)r->o->generation);
	s->c.filings += r->taken;
	s->c.legs += r->legs;
	s->c.receipts += r->receipts;
}

static enum rc
reading_begin(struct reading *r, struct err *err)
{
	struct spool *s = r->b->s;
	enum state state;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)r->o->subject);

	if (st == NULL)
		return err_set(err, RC_REFUSED, "no such arrival");
	state = state_find(MACHINE_arrival, column_slice(st, ARRIVAL_STATE));
	r->partner = conf_partner(s->conf, column_slice(st, ARRIVAL_PARTNER));
	r->sha = column_dup(st, ARRIVAL_SHA256, s->mem);
	r->skip = column_dup(st, ARRIVAL_SKIP, s->mem);
	r->t = column_int(st, ARRIVAL_T);
	r->file = column_dup(st, ARRIVAL_NAME, s->mem);
	r->again = column_int(st, ARRIVAL_AGAIN) != 0;
	r->redo = column_int(st, ARRIVAL_REDO) != 0 && !r->again;
	journal_end(st);
	if (r->partner == NULL)
		return err_set(err, RC_REFUSED, "its partner is gone");
	r->bind = arena_get(s->mem, sizeof(*r->bind));
	if (r->bind == NULL)
		return err_set(err, RC_LATER, "no memory");
	r->repeat_of = (uint64_t)journal_number(&s->j, SQL_ARRIVAL_SAME, 0,
	    "tbi", slice_of(r->partner->name), r->sha,
	    r->t - INT64_C(24) * 3600 * 1000);
	return edge_check(state, STATE_arrival_DONE, err);
}

static enum rc
read_done(
    struct batch *b, struct order_out *o, struct slice claims, struct err *err)
{
	struct reading r = { .b = b, .o = o, .claims = claims };
	struct claim_arrival a = { 0 };
	enum rc rc = reading_begin(&r, err);

	if (rc == RC_OK)
		rc = claims_check(&r, &a, err);
	if (rc == RC_OK)
		rc = attach_begin(&r, err);
	if (rc == RC_OK)
		rc = claims_keep(b, o->subject, claims, &r.ref, err);
	if (rc == RC_OK && (r.redo || r.again))
		journal_run(
		    &b->s->j, SQL_FILING_UNPLACE, "i", (int64_t)o->subject);
	if (rc == RC_OK)
		rc = claims_apply(&r, err);
	if (rc == RC_OK)
		rc = skipped_apply(&r, err);
	if (rc == RC_OK && (r.again || r.redo))
		rc = filings_unread(&r, err);
	if (rc == RC_OK)
		rc = attach_end(&r, err);
	if (rc != RC_OK)
		return rc;
	arrival_done(&r, &a);
	if (slice_is(a.format, "attachment") &&
	    conf_is_attachment(r.partner, r.file))
		rc = attach_came(b, o->subject, r.partner, r.file, err);
	if (rc != RC_OK)
		return rc;
	if (r.partner->filer)
		rc = tell_first(
		    b, o->subject, a.control.len > 0 && !r.again, err);
	if (rc == RC_OK)
		done_event(&r, &a);
	return rc;
}

static enum rc
body_done(
    struct batch *b, struct order_out *o, struct slice claims, struct err *err)
{
	struct claim c;
	enum rc rc = claim_next(&claims, &c, err);

	if (rc != RC_OK)
		return rc;
	if (c.kind != CLAIM_BODY)
		return LIE(err, "one body was asked for");
	return delivery_wrapped(b, o->subject, c.u.body.body, claims, err);
}

void
order_done(
    struct batch *b, uint64_t order, struct slice claims, struct step *st)
{
	struct order_out *o = order_find(b->s, order);
	enum rc rc;

	if (!step_begin_bare(b, st))
		return;
	if (o == NULL)
		rc = err_set(&st->why, RC_REFUSED, "no such order is out");
	else if (o->kind == ORDER_READ)
		rc = read_done(b, o, claims, &st->why);
	else if (o->kind == ORDER_REPLAN)
		rc = replan_done(b, o, claims, &st->why);
	else
		rc = body_done(b, o, claims, &st->why);
	if (rc == RC_OK)
		batch_after(b, AFTER_ORDER_GONE, order, -1);
	step_end(b, st, rc);
}

enum rc
subject_hold(struct batch *b, enum order_kind kind, uint64_t subject,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	char id[ID_TEXT];
	enum rc rc;

	if (kind == ORDER_REPLAN)
		return replan_hold(b, subject, why, err);
	if (kind != ORDER_READ)
		return delivery_hold(b, subject, why, err);
	rc = edge_check(STATE_arrival_ACCEPTED, STATE_arrival_HELD, err);
	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_ARRIVAL_HOLD, "tii", slice_of(why),
	    spool_wall(s), (int64_t)subject);
	event_add(s, "arrival.held arrival=%s why=\"%.300s\"",
	    id_print(subject, id), why);
	return tell_first(b, subject, false, err);
}

/* "... at filing 7 ...": the message that was being read; 0: not told. */
static uint32_t
filing_named(const char *why)
{
	const char *p = strstr(why, "at filing ");
	unsigned int n = 0;

	return p != NULL && sscanf(p, "at filing %9u", &n) == 1 ? n : 0;
}

/* Leave this message out from now on; its neighbours go on. */
static bool
skip_add(struct spool *s, uint64_t arrival, struct slice skip, const char *why)
{
	uint32_t n = filing_named(why);
	char text[SKIPS_TEXT];
	struct slice rest = skip;
	unsigned int have = 0;

	while (rest.len > 0) {
		uint64_t known;

		/* Left out already, and named again: that is not its place. */
		if (slice_u64(slice_cut(&rest, ','), &known) && known == n)
			return false;
		have++;
	}
	if (n == 0 || have >= SKIPS_MAX)
		return false;
	snprintf(text, sizeof(text), "%.*s%s%u", SLICE_ARG(skip),
	    skip.len > 0 ? "," : "", n);
	journal_run(&s->j, SQL_ARRIVAL_SKIP, "tti", slice_of(text),
	    slice_of(why), (int64_t)arrival);
	return true;
}

static enum rc
died(struct batch *b, struct order_out *o, const char *why, struct err *err)
{
	struct spool *s = b->s;
	bool reading = o->kind == ORDER_READ;
	struct slice skip = { 0 };
	char id[ID_TEXT];
	int64_t deaths;
	sqlite3_stmt *st;

	event_add(s, "order.failed subject=%s why=\"%.300s\"",
	    id_print(o->subject, id), why);
	deaths = journal_number(&s->j,
	    reading                   ? SQL_ARRIVAL_DEATH
	    : o->kind == ORDER_REPLAN ? SQL_LEG_DEATH
				      : SQL_DELIVERY_DEATH,
	    0, "ii", (int64_t)filing_named(why), (int64_t)o->subject);
	if (deaths < SPOOL_ATTEMPTS)
		return RC_OK;
	if (!reading)
		return subject_hold(b, o->kind, o->subject, why, err);
	st = journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)o->subject);
	if (st != NULL) {
		skip = column_dup(st, ARRIVAL_SKIP, s->mem);
		journal_end(st);
	}
	if (skip_add(s, o->subject, skip, why))
		return RC_OK;
	return subject_hold(b, o->kind, o->subject, why, err);
}

void
order_put_back(struct batch *b, uint64_t order, struct step *st)
{
	struct order_out *o = order_find(b->s, order);
	enum rc rc = RC_OK;

	if (!step_begin(b, st))
		return;
	if (o == NULL) {
		rc = err_set(&st->why, RC_REFUSED, "no such order is out");
	} else {
		journal_run(&b->s->j,
		    o->kind == ORDER_READ     ? SQL_ARRIVAL_BACK
		    : o->kind == ORDER_REPLAN ? SQL_LEG_BACK
					      : SQL_DELIVERY_BACK,
		    "i", (int64_t)o->subject);
		batch_after(b, AFTER_ORDER_GONE, order, -1);
	}
	step_end(b, st, rc);
}

void
order_failed(struct batch *b, uint64_t order, const char *why, struct step *st)
{
	struct order_out *o = order_find(b->s, order);
	enum rc rc;

	if (!step_begin(b, st))
		return;
	if (o == NULL) {
		rc = err_set(&st->why, RC_REFUSED, "no such order is out");
	} else {
		rc = died(b, o, why, &st->why);
		batch_after(b, AFTER_ORDER_GONE, order, -1);
	}
	step_end(b, st, rc);
}
