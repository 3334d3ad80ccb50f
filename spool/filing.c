/*
 * spool/filing.c - the verdict on one filing, and its legs' rows: new, a
 * repeat, or a key that is used; by the unique index, at the commit (I11).
 * Trusts order.c to have checked the claims. Called by order.c.
 */
#include "spool/order.h"
#include <string.h>

#define NAME_TEXT 255
#define KEYS_TEXT 4096 /* of one filing or leg, in its row */

static struct slice
cut_at(struct slice s, size_t max)
{
	return slice_sub(s, 0, max);
}

/* name<is>value<sep>name<is>value ... */
static struct slice
keys_list(struct spool *s, const struct claim_key *k, uint32_t n)
{
	struct buf b;
	struct slice out;

	buf_init(&b, KEYS_TEXT);
	for (uint32_t i = 0; i < n && b.len < KEYS_TEXT - KEY_TEXT - 2; i++) {
		if (k[i].text.len == 0)
			continue;
		if (b.len > 0)
			buf_byte(&b, KEY_SEP);
		buf_slice(&b, cut_at(k[i].name, 64));
		buf_byte(&b, KEY_IS);
		buf_slice(&b, cut_at(k[i].text, KEY_TEXT - 66));
	}
	out = arena_dup(s->mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

struct verdict {
	enum state state;
	const char *why;
	uint64_t cas, prev;
	bool takes_over; /* the earlier one's key */
};

/* May the same number be filed again? All its legs say so. */
static bool
reopened(struct spool *s, uint64_t arrival, uint64_t filing)
{
	unsigned int legs = 0;
	bool open = true;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_LEG_OUTCOMES, "ii", (int64_t)arrival, (int64_t)filing);

	while (st != NULL) {
		legs++;
		open &= outcome_reopens(outcome_find(column_slice(st, 0)));
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return legs > 0 && open;
}

static void
verdict_by_key(
    struct reading *r, const struct claim_filing *f, struct verdict *v)
{
	struct spool *s = r->b->s;
	uint64_t id, arrival, cas;
	bool same;
	sqlite3_stmt *st = journal_ask(&s->j, SQL_FILING_HOLDER, "tttti",
	    slice_of(r->partner->name), f->kind, f->key, f->version,
	    (int64_t)f->test);

	if (st == NULL) {
		if (f->version.len > 0)
			v->cas = (uint64_t)journal_number(&s->j,
			    SQL_FILING_CASE, 0, "ttt",
			    slice_of(r->partner->name), f->kind, f->key);
		return;
	}
	id = column_id(st, 0);
	arrival = column_id(st, 1);
	cas = column_id(st, 3);
	same = column_slice(st, 2).len == DIGEST_LEN &&
	       memcmp(column_slice(st, 2).p, f->content, DIGEST_LEN) == 0;
	journal_end(st);
	if (reopened(s, arrival, id))
		*v = (struct verdict){ STATE_filing_TAKEN, "", cas, id, true };
	else if (same)
		*v = (struct verdict){ STATE_filing_REPEAT, "repeat", cas, id,
			false };
	else
		*v = (struct verdict){ STATE_filing_REFUSED, "key-used", cas,
			id, false };
}

/* Kinds without a key repeat only as whole files, for a day. */
static void
verdict_by_file(
    struct reading *r, const struct claim_filing *f, struct verdict *v)
{
	uint64_t id;

	if (r->repeat_of == 0)
		return;
	id = (uint64_t)journal_number(&r->b->s->j, SQL_FILING_SAME, 0, "iib",
	    (int64_t)r->repeat_of, (int64_t)f->number,
	    (struct slice){ (const char *)f->content, DIGEST_LEN });
	if (id != 0)
		*v = (struct verdict){ STATE_filing_REPEAT, "repeat", 0, id,
			false };
}

static struct verdict
verdict_of(struct reading *r, const struct claim_filing *f)
{
	struct verdict v = { .state = STATE_filing_TAKEN, .why = "" };

	if (f->refused) {
		v.state = STATE_filing_REFUSED;
	} else if (r->partner->hold_all &&
		   (r->any_refused || r->skip.len > 0)) {
		v.state = STATE_filing_REFUSED;
		v.why = "neighbour";
	} else if (f->key.len > 0) {
		verdict_by_key(r, f, &v);
	} else {
		verdict_by_file(r, f, &v);
	}
	return v;
}

static void
case_join(struct spool *s, uint64_t cas)
{
	journal_run(&s->j, SQL_CASE_JOIN, "ii", (int64_t)cas, spool_wall(s));
}

static void
verdict_count(struct reading *r, enum state st)
{
	r->taken += st == STATE_filing_TAKEN;
	r->refused += st == STATE_filing_REFUSED;
	r->repeats += st == STATE_filing_REPEAT;
	r->held += st == STATE_filing_HELD;
}

/*
 * The same arrival was read before. What was taken then stays as it is, its
 * words now stand in the new claims; what was refused or held goes, and the
 * new verdict has its id.
 */
static bool
filing_again(struct reading *r, const struct claim_filing *f,
    struct claim_at at, struct filing_seen *seen, uint64_t *id)
{
	struct spool *s = r->b->s;
	enum state was;
	uint64_t old, cas;
	sqlite3_stmt *st = journal_ask(&s->j, SQL_FILING_AT, "ii",
	    (int64_t)r->o->subject, (int64_t)f->number);

	if (st == NULL)
		return false;
	old = column_id(st, 0);
	was = state_find(MACHINE_filing, column_slice(st, 1));
	cas = column_id(st, 2);
	journal_end(st);
	if (was == STATE_filing_REFUSED || was == STATE_filing_HELD) {
		journal_run(&s->j, SQL_FILING_GONE, "i", (int64_t)old);
		*id = old;
		return false;
	}
	journal_run(&s->j, SQL_FILING_PLACE, "iiiii", (int64_t)f->at,
	    (int64_t)f->len, (int64_t)at.at, (int64_t)at.len, (int64_t)old);
	seen->id = old;
	seen->state = was;
	seen->cas = cas;
	seen->kept = true;
	verdict_count(r, was);
	return true;
}

enum rc
filing_apply(struct reading *r, const struct claim_filing *f,
    struct claim_at at, struct err *err)
{
	struct spool *s = r->b->s;
	struct filing_seen *seen = seen_find(r, f->number);
	uint64_t id = f->id != 0 ? f->id : id_new(&s->ids);
	struct verdict v;
	enum rc rc;

	if (r->redo && filing_again(r, f, at, seen, &id))
		return RC_OK;
	v = verdict_of(r, f);
	rc = edge_check(STATE_NONE, v.state, err);
	if (rc != RC_OK)
		return rc;
	if (v.takes_over)
		journal_run(&s->j, SQL_FILING_YIELD, "i", (int64_t)v.prev);
	if (v.cas != 0 && v.state == STATE_filing_TAKEN)
		case_join(s, v.cas);
	journal_run(&s->j, SQL_FILING_ADD,
	    "iittttt"
	    "btiiii"
	    "tiiii"
	    "iiitt"
	    "iii",
	    (int64_t)id, (int64_t)r->o->subject, slice_of(r->partner->name),
	    f->kind, f->key, f->version, cut_at(f->label, NAME_TEXT),
	    (struct slice){ (const char *)f->content, DIGEST_LEN },
	    slice_of(state_name(v.state)),
	    (int64_t)(v.state == STATE_filing_TAKEN && f->key.len > 0),
	    (int64_t)f->test, (int64_t)(v.cas != 0 ? v.cas : id),
	    (int64_t)v.prev, f->format, (int64_t)f->at, (int64_t)f->len,
	    (int64_t)at.at, (int64_t)at.len, (int64_t)f->errors,
	    (int64_t)f->warnings, (int64_t)f->hints,
	    keys_list(s, f->key_of, f->nkeys), slice_of(v.why), spool_time(s),
	    spool_wall(s), (int64_t)f->number);
	verdict_count(r, v.state);
	seen->id = id;
	seen->state = v.state;
	seen->cas = v.cas != 0 ? v.cas : id;
	seen->prev = v.takes_over ? v.prev : 0;
	return RC_OK;
}

enum rc
filing_skipped(struct reading *r, uint32_t number, struct err *err)
{
	static const char none[DIGEST_LEN];
	struct spool *s = r->b->s;
	uint64_t id = id_new(&s->ids);
	struct slice e = { "", 0 };
	enum rc rc = edge_check(STATE_NONE, STATE_filing_HELD, err);

	if (rc != RC_OK)
		return rc;
	if (seen_find(r, number) != NULL)
		return RC_OK; /* it was read after all */
	journal_run(&s->j, SQL_FILING_ADD,
	    "iittttt"
	    "btiiii"
	    "tiiii"
	    "iiitt"
	    "iii",
	    (int64_t)id, (int64_t)r->o->subject, slice_of(r->partner->name), e,
	    e, e, e, (struct slice){ none, DIGEST_LEN },
	    slice_of(state_name(STATE_filing_HELD)), (int64_t)0, (int64_t)0,
	    (int64_t)id, (int64_t)0, e, (int64_t)0, (int64_t)0, (int64_t)0,
	    (int64_t)0, (int64_t)1, (int64_t)0, (int64_t)0, e,
	    SLICE_LIT("poison"), spool_time(s), spool_wall(s), (int64_t)number);
	verdict_count(r, STATE_filing_HELD);
	return RC_OK;
}

/* --- legs --- */

static struct slice
key_text(struct spool *s, const struct claim_key *k)
{
	return keys_list(s, k, 1);
}

static enum rc
key_add(struct reading *r, struct slice agency, struct slice key, uint64_t leg,
    struct err *err)
{
	struct spool *s = r->b->s;

	journal_run(&s->j, SQL_LEGKEY_ADD, "tti", agency, key, (int64_t)leg);
	if (journal_rc(&s->j, err) != RC_OK)
		return s->j.rc;
	return parked_retry(r->b, agency, key, err);
}

/*
 * Sent again after a return: what the agency told us about the leg before is
 * known of the new one, its answers are old, and receipts find the new one.
 */
static enum rc
leg_succeed(struct reading *r, struct filing_seen *f, struct slice agency,
    uint64_t id, struct slice *keys, struct buf *history, uint64_t *prev,
    int64_t *prev_ms, struct err *err)
{
	struct spool *s = r->b->s;
	struct leg_row old;
	struct slice rest;
	struct entry e;
	enum rc rc;

	*prev = (uint64_t)journal_number(
	    &s->j, SQL_LEG_BEFORE, 0, "it", (int64_t)f->prev, agency);
	if (*prev == 0)
		return RC_OK;
	rc = leg_get(s, *prev, &old, err);
	if (rc != RC_OK)
		return rc;
	*prev_ms = old.now.event_ms;
	for (rest = old.history; history_next(&rest, &e);) {
		e.copied = true;
		history_put(history, &e);
	}
	journal_run(
	    &s->j, SQL_LEG_SUCCEEDED, "ii", (int64_t)id, (int64_t)*prev);
	for (rest = old.keys; rest.len > 0;) {
		struct slice one = slice_cut(&rest, KEY_SEP);
		struct slice value = one;
		struct slice name = slice_cut(&value, KEY_IS);

		journal_run(
		    &s->j, SQL_LEGKEY_DROP, "tti", agency, one, (int64_t)*prev);
		if (key_value(*keys, arena_str(s->mem, name)).len > 0)
			continue;
		journal_run(
		    &s->j, SQL_LEGKEY_ADD, "tti", agency, one, (int64_t)id);
		*keys = key_join(s, *keys, one);
	}
	return journal_rc(&s->j, err);
}

static enum rc
leg_keys_add(
    struct reading *r, const struct claim_leg *l, uint64_t id, struct err *err)
{
	struct spool *s = r->b->s;
	enum rc rc = RC_OK;
	bool first = true;

	for (uint32_t i = 0; i < l->nkeys && rc == RC_OK; i++) {
		struct slice key = key_text(s, &l->key_of[i]);

		if (key.len == 0)
			continue;
		if (first) /* it stands in the row itself */
			rc = parked_retry(r->b, l->agency, key, err);
		else
			rc = key_add(r, l->agency, key, id, err);
		first = false;
	}
	return rc;
}

static struct slice
key_first(struct spool *s, const struct claim_leg *l)
{
	for (uint32_t i = 0; i < l->nkeys; i++)
		if (l->key_of[i].text.len > 0)
			return key_text(s, &l->key_of[i]);
	return (struct slice){ 0 };
}

struct leg_add {
	uint64_t id, delivery, prev;
	int64_t prev_ms;
	struct slice keys, history;
	bool busy;
};

static void
leg_row_add(struct reading *r, const struct claim_leg *l,
    const struct filing_seen *f, struct claim_at at, const struct leg_add *n)
{
	struct spool *s = r->b->s;
	enum state st = n->busy ? STATE_leg_WRITTEN : STATE_leg_BOUND;
	int64_t wall = spool_wall(s);

	journal_run(&s->j, SQL_LEG_ADD,
	    "iiittttt"
	    "tiiiii"
	    "iiiztibii"
	    "iiii",
	    (int64_t)n->id, (int64_t)f->id, (int64_t)r->o->subject,
	    slice_of(r->partner->name), l->agency, l->lane, l->format,
	    cut_at(l->file_name, NAME_TEXT), slice_of(state_name(st)),
	    (int64_t)f->test, (int64_t)f->cas, (int64_t)r->ref, (int64_t)at.at,
	    (int64_t)at.len, (int64_t)(l->body.p - r->claims.p),
	    (int64_t)l->body.len, (int64_t)l->segments, key_first(s, l),
	    n->keys, (int64_t)n->delivery, n->history, (int64_t)n->prev,
	    n->prev_ms, spool_time(s), wall, n->busy ? (int64_t)0 : wall,
	    (int64_t)r->o->generation);
}

/* One that is not out yet is written anew, where it stands. */
static enum rc
leg_again(struct reading *r, const struct claim_leg *l,
    const struct filing_seen *f, struct claim_at at, struct err *err)
{
	struct spool *s = r->b->s;
	int64_t id = journal_number(&s->j, SQL_LEG_AT, 0, "iit",
	    (int64_t)r->o->subject, (int64_t)f->id, l->agency);

	if (id == 0)
		return journal_rc(&s->j, err);
	journal_run(&s->j, SQL_LEG_REWRITE, "iiiiiitti", (int64_t)r->ref,
	    (int64_t)at.at, (int64_t)at.len, (int64_t)(l->body.p - r->claims.p),
	    (int64_t)l->body.len, (int64_t)l->segments, l->format,
	    cut_at(l->file_name, NAME_TEXT), id);
	r->legs++;
	return journal_rc(&s->j, err);
}

enum rc
leg_apply(struct reading *r, const struct claim_leg *l, struct claim_at at,
    struct err *err)
{
	struct spool *s = r->b->s;
	struct filing_seen *f = seen_find(r, l->filing);
	struct leg_add n = { .id = l->id != 0 ? l->id : id_new(&s->ids) };
	struct bind_leg bl = { .agency = l->agency,
		.kind = f->kind,
		.format = l->format,
		.file_name = cut_at(l->file_name, NAME_TEXT),
		.test = f->test,
		.message = l->segments > 0,
		.claims = r->ref,
		.body_at = (uint64_t)(l->body.p - r->claims.p),
		.body_len = l->body.len };
	struct buf history;
	enum rc rc = RC_OK;

	if (f->state != STATE_filing_TAKEN)
		return RC_OK; /* a repeat is answered, not repeated */
	if (l->body.len == 0)
		return err_set(err, RC_REFUSED, "claims: a leg without body");
	if (f->kept)
		return leg_again(r, l, f, at, err);
	n.keys = keys_list(s, l->key_of, l->nkeys);
	buf_init(&history, HISTORY_MAX * HISTORY_ENTRY);
	if (f->prev != 0)
		rc = leg_succeed(r, f, l->agency, n.id, &n.keys, &history,
		    &n.prev, &n.prev_ms, err);
	n.history = arena_dup(s->mem, buf_look(&history));
	buf_clear(&history);
	if (rc != RC_OK)
		return rc;
	n.busy =
	    lane_busy(s, l->agency, l->lane, slice_of(r->partner->name), n.id);
	if (!n.busy)
		rc = bind_leg(r->b, r->bind, &bl, &n.delivery, err);
	if (rc != RC_OK)
		return rc;
	leg_row_add(r, l, f, at, &n);
	f->legs++;
	r->legs++;
	return leg_keys_add(r, l, n.id, err);
}
