/*
 * spool/receipt.c - whose leg is it? Keys that stand together name one leg of
 * the partner on whose channel the receipt came, never another's (I24). What
 * is new among them is learned; when none is known the receipt waits. Trusts
 * src/status for what it does then. Called by order.c.
 */
#include "spool/receipt.h"
#include "spool/arrival.h"
#include "spool/operate_act.h"
#include "spool/due.h"
#include <string.h>
#include "src/base/log.h"

#define CANDIDATES   (TIE_LEGS + 1) /* so many: it tells none apart */
#define RETRIES_MAX  1000           /* parked ones one key may wake */
#define KEYS_ROW_MAX 8192

enum match { MATCH_ONE, MATCH_NONE, MATCH_DISAGREE };

struct slice
arrival_named(struct spool *s, uint64_t arrival)
{
	struct slice name = { 0 };
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_GET, "i", (int64_t)arrival);

	if (st != NULL)
		name = column_dup(st, ARRIVAL_NAME, s->mem);
	journal_end(st);
	return name;
}

struct slice
key_join(struct spool *s, struct slice keys, struct slice one)
{
	size_t need = keys.len + 1 + one.len;
	char *p;

	if (need > KEYS_ROW_MAX)
		return keys;
	p = arena_raw(s->mem, need + 1);
	if (p == NULL)
		return keys;
	memcpy(p, keys.p == NULL ? "" : keys.p, keys.len);
	if (keys.len == 0) {
		memcpy(p, one.p, one.len);
		return (struct slice){ p, one.len };
	}
	p[keys.len] = KEY_SEP;
	memcpy(p + keys.len + 1, one.p, one.len);
	return (struct slice){ p, need };
}

/* "name<is>value", as rows and lists have it. */
static struct slice
key_whole(struct spool *s, const struct claim_key *k)
{
	struct slice name = slice_sub(k->name, 0, 64);
	struct slice text = slice_sub(k->text, 0, CLAIM_KEY);
	char *p = arena_raw(s->mem, name.len + text.len + 2);

	if (p == NULL || text.len == 0)
		return (struct slice){ 0 };
	memcpy(p, name.p, name.len);
	p[name.len] = KEY_IS;
	memcpy(p + name.len + 1, text.p, text.len);
	return (struct slice){ p, name.len + 1 + text.len };
}

static unsigned int
legs_of_key(struct spool *s, struct slice agency, struct slice key,
    uint64_t out[CANDIDATES])
{
	unsigned int n = 0;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_LEG_BY_KEY, "tti", agency, key, (int64_t)CANDIDATES);

	while (st != NULL && n < CANDIDATES) {
		out[n++] = column_id(st, 0);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return n;
}

static unsigned int
legs_common(uint64_t *a, unsigned int na, const uint64_t *b, unsigned int nb)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < na; i++)
		for (unsigned int k = 0; k < nb; k++)
			if (a[i] == b[k]) {
				a[n++] = a[i];
				break;
			}
	return n;
}

static enum match
leg_match(struct spool *s, const struct incoming *in, uint64_t *leg)
{
	uint64_t legs[CANDIDATES], more[CANDIDATES];
	unsigned int n = 0;
	bool any = false, shared = false;

	for (uint32_t i = 0; i < in->c->nkeys; i++) {
		struct slice key = key_whole(s, &in->c->key_of[i]);
		unsigned int k;

		if (key.len == 0)
			continue;
		k = legs_of_key(s, in->partner, key, more);
		shared |= k == CANDIDATES;
		if (k == 0 || k == CANDIDATES)
			continue;
		if (!any)
			memcpy(legs, more, sizeof(legs));
		n = any ? legs_common(legs, n, more, k) : k;
		any = true;
	}
	if (!any)
		return shared ? MATCH_DISAGREE : MATCH_NONE;
	n = receipt_tie(s, in, legs, n);
	*leg = legs[0];
	return n == 1 ? MATCH_ONE : MATCH_DISAGREE;
}

/* The same receipt again has the same code, time, level and words. */
static uint64_t
digest_of(const struct claim_receipt *c)
{
	struct digest d = { { 0 } };
	struct err ignored;
	uint64_t v = 0;
	struct buf b;

	buf_init(&b, CLAIM_TEXT_MAX + 4096);
	buf_slice(&b, c->format);
	buf_byte(&b, 0);
	buf_slice(&b, c->level);
	buf_byte(&b, 0);
	buf_slice(&b, c->status);
	buf_fmt(&b, " %lld ", (long long)c->event_ms);
	buf_slice(&b, c->text);
	if (buf_failed(&b) || hash_of(buf_look(&b), &d, &ignored) != RC_OK)
		v = 0; /* never taken for a repeat */
	else
		memcpy(&v, d.b, sizeof(v));
	buf_clear(&b);
	return v;
}

static bool
told_before(const struct leg_row *leg, uint64_t digest)
{
	struct slice rest = leg->history;
	struct entry e;

	while (digest != 0 && history_next(&rest, &e))
		if (e.digest == digest)
			return true;
	return false;
}

/*
 * Keys that came with it and are new: they are the leg's from now on. A
 * second value for a learned name is told, and not put in its place.
 */
static unsigned int
keys_learn(struct batch *b, const struct incoming *in, struct leg_row *leg,
    struct slice learned[CLAIM_KEYS])
{
	struct spool *s = b->s;
	unsigned int n = 0;
	char id[ID_TEXT];

	for (uint32_t i = 0; i < in->c->nkeys; i++) {
		const struct claim_key *k = &in->c->key_of[i];
		struct slice key = key_whole(s, k);
		char *name = arena_str(s->mem, slice_sub(k->name, 0, 64));
		struct slice have;

		if (key.len == 0 || name == NULL)
			continue;
		have = key_value(leg->keys, name);
		if (have.len > 0) {
			if (!slice_eq(have, slice_sub(k->text, 0, CLAIM_KEY)))
				event_add(s,
				    "receipt.key leg=%s name=%s is=known"
				    " other=refused",
				    id_print(leg->id, id), name);
			continue;
		}
		journal_run(&s->j, SQL_LEGKEY_ADD, "tti", in->partner, key,
		    (int64_t)leg->id);
		leg->keys = key_join(s, leg->keys, key);
		learned[n++] = key;
	}
	return n;
}

static struct entry
entry_of(const struct incoming *in, const struct leg_row *leg)
{
	const struct claim_receipt *c = in->c;
	struct entry e = { .kind = ENTRY_RECEIPT,
		.answer = { .level = level_find(c->level),
		    .outcome = outcome_find(c->outcome),
		    .rank = c->rank,
		    .final = c->final,
		    .event_ms = c->event_ms },
		.arrival = in->arrival,
		.number = c->number,
		.claims = in->claims,
		.claim_at = (uint32_t)in->at.at,
		.claim_len = (uint32_t)in->at.len,
		.digest = digest_of(c) };

	/* What happened before the leg was sent again speaks of the old one. */
	e.earlier = leg->prev != 0 &&
		    (leg->delivery == 0 ||
			(c->event_ms != 0 && leg->prev_event_ms != 0 &&
			    c->event_ms <= leg->prev_event_ms));
	return e;
}

enum rc
receipt_matched(
    struct batch *b, const struct incoming *in, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	struct slice learned[CLAIM_KEYS];
	struct leg_row leg;
	struct entry e;
	unsigned int n;
	char text[ID_TEXT], from[ID_TEXT];
	enum rc rc = leg_get(s, id, &leg, err);

	if (rc != RC_OK)
		return rc;
	n = keys_learn(b, in, &leg, learned);
	e = entry_of(in, &leg);
	if (told_before(&leg, e.digest)) {
		journal_run(
		    &s->j, SQL_LEG_AGAIN, "ti", leg.keys, (int64_t)leg.id);
	} else {
		rc = leg_answer(b, &leg, &e, err);
		if (rc == RC_OK && e.effect == ANSWER_CONTRADICTS) {
			event_add(s,
			    "receipt.contradicts leg=%s agency=%.*s"
			    " status=%.*s",
			    id_print(leg.id, text), SLICE_ARG(in->partner),
			    SLICE_ARG(in->c->status));
			log_event(LOG_ALARM, "receipt.contradicts",
			    "leg=%s agency=%.*s arrival=%s", text,
			    SLICE_ARG(in->partner),
			    id_print(in->arrival, from));
		}
	}
	for (unsigned int i = 0; i < n && rc == RC_OK; i++)
		rc = parked_retry(b, in->partner, learned[i], err);
	return rc;
}

static struct slice
keys_text(struct spool *s, const struct claim_receipt *c)
{
	struct slice all = { 0 };

	for (uint32_t i = 0; i < c->nkeys; i++) {
		struct slice key = key_whole(s, &c->key_of[i]);

		if (key.len > 0)
			all = key_join(s, all, key);
	}
	return all;
}

enum rc
receipt_aside(struct batch *b, const struct incoming *in, enum state st,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	uint64_t id = id_new(&s->ids);
	char text[ID_TEXT], from[ID_TEXT];
	enum rc rc = edge_check(STATE_NONE, st, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_RECEIPT_ADD, "itiitiiittiii", (int64_t)id,
	    in->partner, (int64_t)in->arrival, (int64_t)in->c->number,
	    slice_of(state_name(st)), (int64_t)in->claims, (int64_t)in->at.at,
	    (int64_t)in->at.len, keys_text(s, in->c), slice_of(why),
	    spool_time(s), spool_wall(s),
	    st == STATE_receipt_HELD ? spool_wall(s) : (int64_t)0);
	for (uint32_t i = 0; i < in->c->nkeys && st == STATE_receipt_PARKED;
	     i++) {
		struct slice key = key_whole(s, &in->c->key_of[i]);

		if (key.len > 0)
			journal_run(&s->j, SQL_PARKED_ADD, "tti", in->partner,
			    key, (int64_t)id);
	}
	if (st == STATE_receipt_PARKED)
		return RC_OK;
	event_add(s, "receipt.held receipt=%s partner=%.*s why=\"%s\"",
	    id_print(id, text), SLICE_ARG(in->partner), why);
	log_event(LOG_ALARM, "receipt.held",
	    "receipt=%s partner=%.*s arrival=%s why=\"%s\"", text,
	    SLICE_ARG(in->partner), id_print(in->arrival, from), why);
	return RC_OK;
}

static enum rc
numbered_take(struct reading *r, const struct incoming *in, struct err *err)
{
	const char *why;
	unsigned int found;
	enum rc rc;

	if (!r->partner->agency)
		return numbered_reply(r->b, in, err);
	rc = numbered_apply(r->b, in, &found, &why, err);
	if (rc != RC_OK || found > 0) {
		r->matched += rc == RC_OK;
		return rc;
	}
	r->put_aside++;
	return receipt_aside(r->b, in, STATE_receipt_HELD, why, err);
}

/*
 * Its name may say what its keys do not; else it waits for one of them to be
 * learned, and what has none would wait in vain.
 */
static enum rc
unknown_take(struct reading *r, const struct incoming *in, struct err *err)
{
	const char *why;
	unsigned int found;
	enum rc rc = named_apply(
	    r->b, in, arrival_named(r->b->s, in->arrival), &found, &why, err);

	if (rc != RC_OK || found > 0) {
		r->matched += rc == RC_OK;
		return rc;
	}
	if (why != NULL) {
		r->put_aside++;
		return receipt_aside(r->b, in, STATE_receipt_HELD, why, err);
	}
	if (keys_text(r->b->s, in->c).len == 0) {
		r->put_aside++;
		return receipt_aside(r->b, in, STATE_receipt_HELD,
		    "it has no key that says whose it is", err);
	}
	r->parked++;
	return receipt_aside(
	    r->b, in, STATE_receipt_PARKED, "its keys are unknown", err);
}

enum rc
receipt_apply(struct reading *r, const struct claim_receipt *c,
    struct claim_at at, struct err *err)
{
	struct incoming in = { .c = c,
		.partner = slice_of(r->partner->name),
		.arrival = r->o->subject,
		.claims = r->ref,
		.at = at };
	uint64_t leg;

	r->receipts++;
	if (c->unreadable) {
		r->put_aside++;
		return receipt_aside(
		    r->b, &in, STATE_receipt_HELD, RECEIPT_UNREADABLE, err);
	}
	if (receipt_numbered(c))
		return numbered_take(r, &in, err);
	switch (leg_match(r->b->s, &in, &leg)) {
	case MATCH_ONE:
		r->matched++;
		return receipt_matched(r->b, &in, leg, err);
	case MATCH_DISAGREE:
		r->put_aside++;
		return receipt_aside(r->b, &in, STATE_receipt_HELD,
		    "its keys do not name one leg", err);
	case MATCH_NONE:
		break;
	}
	return unknown_take(r, &in, err);
}

/* --- parked ones --- */

static void
parked_keys_drop(
    struct spool *s, struct slice partner, struct slice keys, uint64_t id)
{
	while (keys.len > 0)
		journal_run(&s->j, SQL_PARKED_DROP, "tti", partner,
		    slice_cut(&keys, KEY_SEP), (int64_t)id);
}

enum rc
parked_end(struct batch *b, uint64_t id, enum state to, uint64_t leg,
    const char *why, struct err *err)
{
	struct spool *s = b->s;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_RECEIPT_GET, "i", (int64_t)id);
	struct slice partner, keys;
	enum state from;
	enum rc rc;

	if (st == NULL)
		return err_set(err, RC_REFUSED, "no such receipt");
	partner = column_dup(st, 0, s->mem);
	from = state_find(MACHINE_receipt, column_slice(st, 1));
	keys = column_dup(st, 7, s->mem);
	journal_end(st);
	rc = edge_check(from, to, err);
	if (rc != RC_OK)
		return rc;
	parked_keys_drop(s, partner, keys, id);
	journal_run(&s->j, SQL_RECEIPT_END, "titiii", slice_of(state_name(to)),
	    (int64_t)leg, slice_of(why),
	    to == STATE_receipt_HELD ? spool_wall(s) : (int64_t)0,
	    to == STATE_receipt_HELD ? (int64_t)0 : spool_wall(s), (int64_t)id);
	return RC_OK;
}

/* One that waits, from its row and the claim that holds its words. */
static enum rc
incoming_get(struct spool *s, uint64_t id, struct incoming *in,
    struct slice *raw, struct claim *c, struct err *err)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_RECEIPT_GET, "i", (int64_t)id);
	enum rc rc;

	*in = (struct incoming){ .parked = id };
	if (st == NULL)
		return err_set(err, RC_REFUSED, "no such receipt");
	in->partner = column_dup(st, 0, s->mem);
	in->arrival = column_id(st, 2);
	in->claims = column_id(st, 4);
	in->at = (struct claim_at){ column_id(st, 5), column_id(st, 6) };
	journal_end(st);
	rc = segments_part(
	    &s->seg, in->claims, in->at.at, in->at.len, s->mem, raw, err);
	if (rc == RC_OK)
		rc = claim_next(raw, c, err);
	if (rc == RC_OK && c->kind != CLAIM_RECEIPT)
		rc = err_set(err, RC_REFUSED, "its bytes are no receipt");
	in->c = &c->u.receipt;
	return rc;
}

/* One that waited, against the keys as they are known now. */
static enum rc
parked_one(struct batch *b, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	struct incoming in;
	struct slice raw;
	struct claim c;
	uint64_t leg;
	enum match m;
	enum rc rc = incoming_get(s, id, &in, &raw, &c, err);

	if (rc == RC_LATER)
		return rc;
	if (rc != RC_OK)
		return parked_end(
		    b, id, STATE_receipt_HELD, 0, "its bytes are damaged", err);
	m = leg_match(s, &in, &leg);
	if (m == MATCH_NONE)
		return RC_OK;
	if (m == MATCH_DISAGREE)
		return parked_end(b, id, STATE_receipt_HELD, 0,
		    "its keys do not name one leg", err);
	rc = parked_end(b, id, STATE_receipt_MATCHED, leg, "", err);
	return rc == RC_OK ? receipt_matched(b, &in, leg, err) : rc;
}

/* A person says whose it is; the partner's it must be all the same (I24). */
enum rc
receipt_attach(struct batch *b, uint64_t id, uint64_t leg, struct err *err)
{
	struct spool *s = b->s;
	struct incoming in;
	struct leg_row row;
	struct slice raw;
	struct claim c;
	enum rc rc = incoming_get(s, id, &in, &raw, &c, err);

	if (rc == RC_OK)
		rc = leg_get(s, leg, &row, err);
	if (rc == RC_OK)
		rc = attach_may(id, in.partner, c.u.receipt.unreadable, leg,
		    row.agency, err);
	if (rc == RC_OK)
		rc = parked_end(b, id, STATE_receipt_MATCHED, leg, "", err);
	return rc == RC_OK ? receipt_matched(b, &in, leg, err) : rc;
}

enum rc
parked_retry(
    struct batch *b, struct slice agency, struct slice key, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = RC_OK;

	for (unsigned int n = 0; rc == RC_OK && n < RETRIES_MAX; n++) {
		/* Each one that matched is no longer in the table. */
		int64_t id = journal_number(
		    &s->j, SQL_PARKED_BY_KEY, 0, "tt", agency, key);

		if (id == 0)
			break;
		rc = parked_one(b, (uint64_t)id, err);
		if (rc == RC_OK && journal_number(&s->j, SQL_PARKED_BY_KEY, 0,
				       "tt", agency, key) == id)
			break; /* it still waits for another key */
	}
	return rc;
}
