/*
 * spool/filing.c - one filing's row, as verdict.c judged it, and those of its
 * legs. Trusts order.c to have checked the claims. Called by order.c.
 */
#include "spool/order.h"
#include "spool/attach.h"
#include "spool/claims.h"
#include "spool/file.h"
#include "spool/joint.h"

#define NAME_TEXT 255
#define WAIT_MOST (UINT64_C(1) << 52) /* ms; a claim is not believed more */
#define KEYS_TEXT 4096                /* of one filing or leg, in its row */

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
		buf_slice(&b, cut_at(k[i].text, CLAIM_KEY));
	}
	out = arena_dup(s->mem, buf_look(&b));
	buf_clear(&b);
	return out;
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
	if (was == STATE_filing_WAITING ||
	    (r->redo &&
		(was == STATE_filing_REFUSED || was == STATE_filing_HELD))) {
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

/* The one before gives up its number; its legs know that they are not alone. */
static enum rc
filing_takes_over(struct reading *r, uint64_t prev,
    const struct claim_filing *f, struct err *err)
{
	struct spool *s = r->b->s;
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, prev, legs);

	journal_run(&s->j, SQL_FILING_YIELD, "i", (int64_t)prev);
	for (unsigned int i = 0; i < n; i++)
		journal_run(&s->j, SQL_LEG_JOIN, "i", (int64_t)legs[i]);
	return amend_left(r->b, prev, f, r->behind, err);
}

enum rc
filing_apply(struct reading *r, const struct claim_filing *f,
    struct claim_at at, struct err *err)
{
	struct spool *s = r->b->s;
	struct slice searched = f->search;
	struct filing_seen *seen = seen_find(r, f->number);
	uint64_t id = f->id != 0 ? f->id : id_new(&s->ids);
	struct verdict v;
	enum rc rc = RC_OK;

	if ((r->redo || r->again) && filing_again(r, f, at, seen, &id))
		return RC_OK;
	rc = verdict_of(r, f, &v, err);
	if (rc == RC_OK && v.state == STATE_filing_TAKEN)
		rc = attach_look(r, f, &v, err);
	if (rc == RC_OK)
		rc = edge_check(STATE_NONE, v.state, err);
	if (rc != RC_OK)
		return rc;
	if (v.takes_over)
		rc = filing_takes_over(r, v.prev, f, err);
	if (rc != RC_OK)
		return rc;
	if (v.cas != 0 && v.state == STATE_filing_TAKEN)
		journal_run(
		    &s->j, SQL_CASE_JOIN, "ii", (int64_t)v.cas, spool_wall(s));
	journal_run(&s->j, SQL_FILING_ADD,
	    "iittttt"
	    "btiiii"
	    "tiiii"
	    "iiitt"
	    "iiitii",
	    (int64_t)id, (int64_t)r->o->subject, slice_of(r->partner->name),
	    f->kind, f->key, f->version, cut_at(f->label, NAME_TEXT),
	    (struct slice){ (const char *)f->content, DIGEST_LEN },
	    slice_of(state_name(v.state)),
	    (int64_t)(v.state == STATE_filing_TAKEN && f->key.len > 0),
	    (int64_t)f->test, (int64_t)(v.cas != 0 ? v.cas : id),
	    (int64_t)v.prev, f->format, (int64_t)f->at, (int64_t)f->len,
	    (int64_t)at.at, (int64_t)at.len, (int64_t)f->errors,
	    (int64_t)f->warnings + (v.takes_over && v.why[0] != '\0'),
	    (int64_t)f->hints, f->search, slice_of(v.why), spool_time(s),
	    spool_wall(s), (int64_t)f->number, f->amends, (int64_t)f->keyed,
	    (int64_t)f->unsearched);
	while (searched.len > 0) {
		struct slice text = slice_cut(&searched, KEY_SEP);

		(void)slice_cut(&text, KEY_IS);
		seek_add(&s->seek, text, id);
	}
	verdict_count(r, v.state);
	seen->id = id;
	seen->state = v.state;
	seen->cas = v.cas != 0 ? v.cas : id;
	seen->prev = v.takes_over ? v.prev : 0;
	seen->amends = f->amends;
	return RC_OK;
}

/*
 * One that an earlier reading left in a row: if it waited it goes no further;
 * what an operator's reading judges anew is held, under its id; else the
 * earlier word stands.
 */
static enum rc
skipped_again(struct reading *r, uint32_t number, uint64_t *id, bool *there,
    struct err *err)
{
	struct spool *s = r->b->s;
	uint64_t old;
	enum state was;
	enum rc rc;
	sqlite3_stmt *st = journal_ask(&s->j, SQL_FILING_AT, "ii",
	    (int64_t)r->o->subject, (int64_t)number);

	*there = st != NULL;
	if (st == NULL)
		return journal_rc(&s->j, err);
	old = column_id(st, 0);
	was = state_find(MACHINE_filing, column_slice(st, 1));
	journal_end(st);
	if (r->redo &&
	    (was == STATE_filing_REFUSED || was == STATE_filing_HELD)) {
		journal_run(&s->j, SQL_FILING_GONE, "i", (int64_t)old);
		*id = old;
		*there = false;
		return journal_rc(&s->j, err);
	}
	if (was != STATE_filing_WAITING) {
		verdict_count(r, was);
		return RC_OK;
	}
	rc = edge_check(was, STATE_filing_HELD, err);
	if (rc != RC_OK)
		return rc;
	journal_run(
	    &s->j, SQL_FILING_POISON, "ii", spool_wall(s), (int64_t)old);
	verdict_count(r, STATE_filing_HELD);
	return journal_rc(&s->j, err);
}

enum rc
filing_skipped(struct reading *r, uint32_t number, struct err *err)
{
	static const char none[DIGEST_LEN];
	struct spool *s = r->b->s;
	uint64_t id = id_new(&s->ids);
	struct slice e = { "", 0 };
	bool there = false;
	enum rc rc = edge_check(STATE_NONE, STATE_filing_HELD, err);

	if (rc != RC_OK)
		return rc;
	if (seen_find(r, number) != NULL)
		return RC_OK; /* it was read after all */
	r->skipped++;
	if (r->redo || r->again)
		rc = skipped_again(r, number, &id, &there, err);
	if (rc != RC_OK || there)
		return rc;
	journal_run(&s->j, SQL_FILING_ADD,
	    "iittttt"
	    "btiiii"
	    "tiiii"
	    "iiitt"
	    "iiitii",
	    (int64_t)id, (int64_t)r->o->subject, slice_of(r->partner->name), e,
	    e, e, e, (struct slice){ none, DIGEST_LEN },
	    slice_of(state_name(STATE_filing_HELD)), (int64_t)0, (int64_t)0,
	    (int64_t)id, (int64_t)0, e, (int64_t)0, (int64_t)0, (int64_t)0,
	    (int64_t)0, (int64_t)1, (int64_t)0, (int64_t)0, e,
	    SLICE_LIT("poison"), spool_time(s), spool_wall(s), (int64_t)number,
	    e, (int64_t)0, (int64_t)0);
	verdict_count(r, STATE_filing_HELD);
	return RC_OK;
}

/* With other mappings it may be refused whole, or fall into other messages. */
enum rc
filings_unread(struct reading *r, struct err *err)
{
	struct spool *s = r->b->s;
	uint32_t n;
	enum rc rc = edge_check(STATE_filing_WAITING, STATE_filing_HELD, err);

	if (rc != RC_OK)
		return rc;
	journal_run(&s->j, SQL_FILING_UNREAD, "ii", spool_wall(s),
	    (int64_t)r->o->subject);
	n = (uint32_t)journal_changed(&s->j);
	r->held += n;
	r->skipped += n;
	return journal_rc(&s->j, err);
}

/* --- legs --- */

static struct slice
key_text(struct spool *s, const struct claim_key *k)
{
	return keys_list(s, k, 1);
}

static enum rc
key_add(struct batch *b, struct slice agency, struct slice key, uint64_t leg,
    struct err *err)
{
	struct spool *s = b->s;

	journal_run(&s->j, SQL_LEGKEY_ADD, "tti", agency, key, (int64_t)leg);
	if (journal_rc(&s->j, err) != RC_OK)
		return s->j.rc;
	return parked_retry(b, agency, key, err);
}

struct slice
leg_keys_text(struct spool *s, const struct claim_leg *l)
{
	return keys_list(s, l->key_of, l->nkeys);
}

enum rc
leg_keys_add(
    struct batch *b, const struct claim_leg *l, uint64_t id, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = RC_OK;
	bool first = true;

	for (uint32_t i = 0; i < l->nkeys && rc == RC_OK; i++) {
		struct slice key = key_text(s, &l->key_of[i]);

		if (key.len == 0)
			continue;
		if (first) /* it stands in the row itself */
			rc = parked_retry(b, l->agency, key, err);
		else
			rc = key_add(b, l->agency, key, id, err);
		first = false;
	}
	return rc;
}

struct slice
leg_key_first(struct spool *s, const struct claim_leg *l)
{
	for (uint32_t i = 0; i < l->nkeys; i++)
		if (l->key_of[i].text.len > 0)
			return key_text(s, &l->key_of[i]);
	return (struct slice){ 0 };
}

struct leg_add {
	struct reading *r;
	const struct claim_leg *l;
	struct filing_seen *f;
	struct claim_at at;
	uint64_t id, delivery, prev;
	int64_t prev_ms;
	struct slice keys, history;
	enum state state;
	bool wake;
	bool first; /* its agency gets an original, whatever its filer says */
};

/*
 * Sent again: what the agency told us about the leg before is known of the new
 * one, its answers are old, and receipts find the new one. One that was not
 * out (it was sent again itself) only hands on what it knew.
 */
static void
leg_succeed(struct leg_add *n, const struct leg_row *old, bool out)
{
	struct spool *s = n->r->b->s;
	struct slice rest;
	struct buf history;
	struct entry e;

	n->prev = out ? old->id : old->prev;
	n->prev_ms = out ? old->now.event_ms : old->prev_event_ms;
	buf_init(&history, HISTORY_ROOM);
	rest = old->history;
	if (rest.len > (size_t)HISTORY_COPIED * HISTORY_ENTRY)
		rest = slice_sub(rest,
		    rest.len - (size_t)HISTORY_COPIED * HISTORY_ENTRY,
		    rest.len);
	while (history_next(&rest, &e)) {
		e.copied = true;
		history_put(&history, &e);
	}
	n->history = arena_dup(s->mem, buf_look(&history));
	buf_clear(&history);
	journal_run(
	    &s->j, SQL_LEG_SUCCEEDED, "ii", (int64_t)n->id, (int64_t)old->id);
	for (rest = old->keys; rest.len > 0;) {
		struct slice one = slice_cut(&rest, KEY_SEP);
		struct slice value = one;
		struct slice name = slice_cut(&value, KEY_IS);

		journal_run(&s->j, SQL_LEGKEY_DROP, "tti", old->agency, one,
		    (int64_t)old->id);
		if (key_value(n->keys, arena_str(s->mem, name)).len > 0)
			continue;
		journal_run(&s->j, SQL_LEGKEY_ADD, "tti", old->agency, one,
		    (int64_t)n->id);
		n->keys = key_join(s, n->keys, one);
	}
}

/* The agency told a number that the filer left out: the message takes it. */
static bool
number_known(struct spool *s, const struct claim_leg *l, struct slice keys)
{
	struct slice rest = l->wants;

	while (rest.len > 0) {
		struct slice name = slice_cut(&rest, ',');

		if (key_value(keys, arena_str(s->mem, name)).len > 0)
			return true;
	}
	return false;
}

/* Not out yet: the new filing's stands in its place. */
static enum rc
leg_outdate(struct leg_add *n, const struct leg_row *old, struct err *err)
{
	struct spool *s = n->r->b->s;
	char id[ID_TEXT];
	enum rc rc = edge_check(old->state, STATE_leg_CANCELLED, err);

	if (rc == RC_OK)
		rc = leg_unbind(n->r->b, old, err);
	if (rc != RC_OK)
		return rc;
	if (old->prev != 0)
		leg_succeed(n, old, false);
	journal_run(&s->j, SQL_LEG_OUTDATED, "iiti", (int64_t)n->id,
	    spool_wall(s), SLICE_LIT("filed anew before it was sent"),
	    (int64_t)old->id);
	event_add(s, "leg.outdated leg=%s agency=%.*s by=filer",
	    id_print(old->id, id), SLICE_ARG(old->agency));
	rc = journal_rc(&s->j, err);
	/* who stood behind it stands before what is in its place */
	return rc == RC_OK
		   ? legs_bind_waiting(n->r->b, old->agency, old->id, err)
		   : rc;
}

static struct slice
leg_name(const struct claim_leg *l)
{
	return l->name.len > 0 ? l->name : l->agency;
}

/* What is done with the leg before. *made: there is a new one. */
static enum rc
leg_before(struct leg_add *n, bool *made, struct err *err)
{
	struct spool *s = n->r->b->s;
	struct leg_row old;
	bool there =
	    amend_before(s, n->f->prev, leg_name(n->l), &old, err) == RC_OK;
	enum leg_action todo;
	enum rc rc = RC_OK;

	if (there) /* the filing's other legs may have gone in beside it */
		rc = bind_settle(n->r->b, n->r->bind, &old, err);
	if (rc != RC_OK)
		return rc;
	todo = amend_action(s, n->f->amends, there ? &old : NULL, n->l);
	*made = todo == LEG_NEW || todo == LEG_SEND || todo == LEG_REPLACE;
	if (todo == LEG_SEND) {
		leg_succeed(n, &old, true);
		rc = leg_spent(n->r->b, &old, err);
	} else if (todo == LEG_REPLACE) {
		rc = leg_outdate(n, &old, err);
	} else if (todo == LEG_DROP) {
		rc = leg_drop(n->r->b, &old, err);
	}
	n->first = n->f->amends.len > 0 && n->l->tells && n->prev == 0;
	n->wake = true; /* answers may be there already */
	if (todo == LEG_REPLACE && old.state == STATE_leg_HELD)
		n->state = STATE_leg_HELD;
	return rc == RC_OK ? journal_rc(&s->j, err) : rc;
}

/* By spool time; it holds on while nobody is there to tell the time. */
static int64_t
wait_until(struct spool *s, const struct claim_leg *l)
{
	bool limited = l->waits && l->wait_ms > 0 && l->wait_ms < WAIT_MOST;

	return limited ? spool_time(s) + (int64_t)l->wait_ms : 0;
}

/* What was answered before its row, or in this very step, is not lost on it. */
static int64_t
wake_first(const struct leg_add *n)
{
	const struct batch *b = n->r->b;

	return n->wake || b->s->answer != b->answer_mark ? wake_now(b->s)
							 : (int64_t)0;
}

static void
leg_row_add(const struct leg_add *n)
{
	struct reading *r = n->r;
	const struct claim_leg *l = n->l;
	const struct filing_seen *f = n->f;
	struct spool *s = r->b->s;
	bool body = n->state != STATE_leg_WAITING && !n->first;
	int64_t wall = spool_wall(s);

	journal_run(&s->j, SQL_LEG_ADD,
	    "iiittttt"
	    "tiiiii"
	    "iiiztibii"
	    "iiiittiiibii"
	    "tiii",
	    (int64_t)n->id, (int64_t)f->id, (int64_t)r->o->subject,
	    slice_of(r->partner->name), l->agency, l->lane, l->format,
	    cut_at(l->file_name, NAME_TEXT), slice_of(state_name(n->state)),
	    (int64_t)f->test, (int64_t)f->cas, (int64_t)r->ref,
	    (int64_t)n->at.at, (int64_t)n->at.len,
	    body ? (int64_t)(l->body.p - r->claims.p) : (int64_t)0,
	    body ? (int64_t)l->body.len : (int64_t)0, (int64_t)l->segments,
	    body ? leg_key_first(s, l) : (struct slice){ 0 }, n->keys,
	    (int64_t)n->delivery, n->history, (int64_t)n->prev, n->prev_ms,
	    spool_time(s), wall,
	    n->state == STATE_leg_BOUND ? wall : (int64_t)0,
	    (int64_t)r->o->generation, leg_name(l), l->edition,
	    (int64_t)l->gates, (int64_t)(l->together || f->prev != 0),
	    body ? (int64_t)l->items : (int64_t)0,
	    (struct slice){
		(const char *)l->content, l->together ? DIGEST_LEN : 0 },
	    n->state == STATE_leg_WAITING ? wake_first(n) : (int64_t)0,
	    r->o->mapping, l->waits_for, wait_until(s, l),
	    (int64_t)l->wait_ends, (int64_t)files_count(l));
}

/* One that is not out yet is written anew, where it stands. */
static enum rc
leg_again(struct reading *r, const struct claim_leg *l,
    const struct filing_seen *f, struct claim_at at, struct err *err)
{
	struct spool *s = r->b->s;
	int64_t id = journal_number(&s->j, SQL_LEG_AT, 0, "iitt",
	    (int64_t)r->o->subject, (int64_t)f->id, l->agency, leg_name(l));

	if (id == 0 || l->body.len == 0)
		return journal_rc(&s->j, err);
	journal_run(&s->j, SQL_LEG_REWRITE, "iiiiiittiiii", (int64_t)r->ref,
	    (int64_t)at.at, (int64_t)at.len, (int64_t)(l->body.p - r->claims.p),
	    (int64_t)l->body.len, (int64_t)l->segments, l->format,
	    cut_at(l->file_name, NAME_TEXT), (int64_t)r->o->generation,
	    r->o->mapping, id, (int64_t)files_count(l));
	r->legs++;
	return journal_rc(&s->j, err);
}

static enum rc
leg_turn(struct leg_add *n, struct err *err)
{
	struct reading *r = n->r;
	const struct claim_leg *l = n->l;
	struct bind_leg bl = { .agency = l->agency,
		.kind = n->f->kind,
		.format = l->format,
		.file_name = cut_at(l->file_name, NAME_TEXT),
		.test = n->f->test,
		.message = l->segments > 0,
		.files = files_count(l) > 0,
		.claims = r->ref,
		.body_at = (uint64_t)(l->body.p - r->claims.p),
		.body_len = l->body.len };

	if (n->state != STATE_NONE)
		return edge_check(STATE_leg_WRITTEN, n->state, err);
	n->state = STATE_leg_WAITING;
	if (l->waits || n->first || number_known(r->b->s, l, n->keys))
		return edge_check(STATE_NONE, n->state, err);
	n->state = STATE_leg_WRITTEN;
	if (lane_busy(
		r->b->s, l->agency, l->lane, slice_of(r->partner->name), n->id))
		return RC_OK;
	n->state = STATE_leg_BOUND;
	return bind_leg(r->b, r->bind, &bl, &n->delivery, err);
}

enum rc
leg_apply(struct reading *r, const struct claim_leg *l, struct claim_at at,
    struct err *err)
{
	struct spool *s = r->b->s;
	struct filing_seen *f = seen_find(r, l->filing);
	struct leg_add n = { .r = r,
		.l = l,
		.f = f,
		.at = at,
		.id = l->id != 0 ? l->id : id_new(&s->ids) };
	bool made = f->amends.len == 0;
	enum rc rc = RC_OK;

	if (f->state != STATE_filing_TAKEN || (f->kept && r->again))
		return RC_OK; /* a repeat is answered, not repeated */
	if (l->body.len == 0 && !l->waits)
		return err_set(err, RC_REFUSED, "claims: a leg without body");
	if (f->kept)
		return leg_again(r, l, f, at, err);
	n.keys = leg_keys_text(s, l);
	if (f->prev != 0)
		rc = leg_before(&n, &made, err);
	if (rc != RC_OK || !made)
		return rc;
	rc = leg_turn(&n, err);
	if (rc != RC_OK)
		return rc;
	leg_row_add(&n);
	f->legs++;
	r->legs++;
	if (n.state == STATE_leg_WAITING) {
		batch_after(r->b, AFTER_WAKE, 0, -1);
		return RC_OK; /* its keys are those of its message */
	}
	return leg_keys_add(r->b, l, n.id, err);
}
