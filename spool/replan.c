/*
 * spool/replan.c - a leg that waits is handed to convert again: the kept
 * original with what the legs of its filing have answered; what comes back is
 * a claim like all others. Trusts the rows, never the claim. Called by the
 * scheduler and with results.
 */
#include "spool/joint.h"
#include <stdio.h>
#include "spool/body.h"
#include "spool/claims.h"
#include "spool/file.h"

bool
replan_find(struct spool *s, unsigned int i, struct order *o, struct arena *mem,
    struct pick *pick)
{
	struct slice partner = slice_of(s->conf->partner[i].name);
	sqlite3_stmt *st = journal_ask(&s->j, SQL_REPLAN_NEXT, "t", partner);
	bool found = false;

	while (st != NULL && !found) {
		found = !subject_out(s->sched, column_id(st, 0));
		if (found) {
			int64_t attempts = column_int(st, 2);

			*o = (struct order){ .kind = ORDER_REPLAN,
				.subject = column_id(st, 0),
				.ids = column_id(st, 0),
				.nids = 1,
				.partner = partner,
				.name = column_dup(st, 1, mem),
				.attempt =
				    (uint32_t)(attempts + column_int(st, 3)) +
				    1,
				.number = column_id(st, 4) };
			order_mapping(
			    s, o, column_int(st, 5), column_int(st, 6));
			pick->over = attempts >= ORDER_ATTEMPTS_TOLD;
			journal_end(st);
			break;
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return found;
}

/* --- what is known --- */

static uint32_t
keys_take(struct slice keys, struct claim_key *out)
{
	uint32_t n = 0;

	while (keys.len > 0 && n < CLAIM_KEYS) {
		out[n].text = slice_cut(&keys, KEY_SEP);
		out[n].name = slice_cut(&out[n].text, KEY_IS);
		n++;
	}
	return n;
}

/* The words of the answer that counts now stand in its claim. */
static void
fact_words(struct spool *s, const struct leg_row *r, struct arena *mem,
    struct replan_fact *f)
{
	struct slice rest = r->history, raw;
	struct entry e;
	struct claim c;
	struct err ignored;

	while (history_next(&rest, &e)) {
		if (e.answer.seq != r->now.seq || e.claim_len == 0)
			continue;
		if (body_part(s, e.claims, e.claim_at, e.claim_len, mem, &raw,
			&ignored) != RC_OK ||
		    claim_next(&raw, &c, &ignored) != RC_OK ||
		    c.kind != CLAIM_RECEIPT)
			continue;
		f->status = c.u.receipt.status;
		f->number = c.u.receipt.issued;
		f->text = c.u.receipt.text;
	}
}

static enum rc
facts_fill(struct spool *s, uint64_t filing, struct arena *mem,
    struct replan_in *in, struct err *err)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, filing, legs);

	for (unsigned int i = 0; i < n && in->nfacts < REPLAN_LEGS; i++) {
		struct replan_fact *f = &in->fact[in->nfacts++];
		struct leg_row r;
		enum rc rc = leg_get(s, legs[i], &r, err);

		if (rc != RC_OK)
			return rc;
		*f = (struct replan_fact){ .name = r.name,
			.outcome = r.outcome,
			.level = slice_of(level_name(r.now.level)) };
		f->nkeys = keys_take(r.keys, f->key_of);
		fact_words(s, &r, mem, f);
	}
	return RC_OK;
}

enum rc
replan_load(struct spool *s, uint64_t leg, struct arena *mem, struct slice *out,
    struct err *err)
{
	struct replan_in in = { .filing = 0 };
	struct leg_row r;
	struct buf b;
	uint64_t body = 0;
	sqlite3_stmt *st;
	enum rc rc = leg_get(s, leg, &r, err);

	if (rc != RC_OK)
		return rc;
	st = journal_ask(&s->j, SQL_REPLAN_GET, "i", (int64_t)leg);
	if (st != NULL) {
		in.filing = (uint32_t)column_int(st, 0);
		in.file_name = column_dup(st, 1, mem);
		body = column_id(st, 2);
		in.first = column_slice(st, 3).len > 0 && r.prev == 0;
		journal_end(st);
	}
	in.leg = r.name;
	in.agency = r.agency;
	in.format = r.format;
	in.nkeys = keys_take(r.keys, in.key_of);
	rc = facts_fill(s, r.filing, mem, &in, err);
	if (rc == RC_OK)
		rc = body_whole(s, body, mem, &in.original, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&b, in.original.len + (4u << 20));
	replan_put(&b, &in);
	if (buf_failed(&b))
		rc = err_set(err, RC_LATER, "no memory for a leg");
	else
		*out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return rc;
}

/* --- what comes back --- */

struct back {
	struct batch *b;
	struct order_out *o;
	struct slice claims;
	struct claim_leg leg;
	struct claim_at at;
	uint64_t ref;
};

static enum rc
back_read(struct back *k, struct err *err)
{
	struct slice rest = k->claims;
	struct claim c;
	enum rc rc = claim_next(&rest, &c, err);

	if (rc == RC_OK && c.kind != CLAIM_ARRIVAL)
		rc = err_set(err, RC_REFUSED, "claims: no names come first");
	k->at.at = k->claims.len - rest.len;
	if (rc == RC_OK)
		rc = claim_next(&rest, &c, err);
	k->at.len = k->claims.len - rest.len - k->at.at;
	if (rc == RC_OK && (c.kind != CLAIM_LEG || rest.len > 0))
		rc = err_set(err, RC_REFUSED, "claims: one leg was asked for");
	if (rc == RC_OK)
		k->leg = c.u.leg;
	return rc;
}

/* The leg that was asked for, by a route that there is. */
static enum rc
back_check(struct back *k, const struct leg_row *r, struct bind_leg *bl,
    struct err *err)
{
	struct spool *s = k->b->s;
	const struct claim_leg *l = &k->leg;
	sqlite3_stmt *st;

	if (l->id != r->id || !slice_eq(l->name, r->name) ||
	    !slice_eq(l->agency, r->agency) || !slice_eq(l->format, r->format))
		return err_set(err, RC_REFUSED, "claims: another leg");
	st = journal_ask(&s->j, SQL_LEG_WAITING_GET, "i", (int64_t)r->id);
	if (st == NULL)
		return err_set(err, RC_REFUSED, "its filing is gone");
	*bl = (struct bind_leg){ .agency = r->agency,
		.kind = column_dup(st, 1, s->mem),
		.format = r->format,
		.file_name = slice_sub(l->file_name, 0, 255),
		.test = r->test,
		.message = l->segments > 0,
		.files = files_count(l) > 0,
		.body_len = l->body.len };
	journal_end(st);
	if (conf_route(s->conf, r->agency, bl->kind, r->format, r->test) ==
	    NULL)
		return err_set(err, RC_REFUSED,
		    "'%.*s' for '%.*s' is not a row of the routes",
		    SLICE_ARG(r->format), SLICE_ARG(r->agency));
	return !l->waits && l->body.len == 0
		   ? err_set(err, RC_REFUSED, "claims: a leg without body")
		   : RC_OK;
}

/* What was written, and behind it what an earlier submission learned. */
static struct slice
keys_all(struct spool *s, const struct claim_leg *l, struct slice have)
{
	struct slice all = leg_keys_text(s, l);

	while (have.len > 0) {
		struct slice one = slice_cut(&have, KEY_SEP), value = one;
		struct slice name = slice_cut(&value, KEY_IS);

		if (key_value(all, arena_str(s->mem, name)).len == 0)
			all = key_join(s, all, one);
	}
	return all;
}

static void
row_write(struct back *k, const struct leg_row *r, uint64_t delivery)
{
	struct spool *s = k->b->s;
	const struct claim_leg *l = &k->leg;
	int64_t wall = spool_wall(s);

	journal_run(&s->j, SQL_LEG_REPLANNED,
	    "ttt"
	    "iiiiii"
	    "ztiibiiiiii",
	    slice_of(state_name(
		delivery != 0 ? STATE_leg_BOUND : STATE_leg_WRITTEN)),
	    l->edition, slice_sub(l->file_name, 0, 255), (int64_t)k->ref,
	    (int64_t)k->at.at, (int64_t)k->at.len,
	    (int64_t)(l->body.p - k->claims.p), (int64_t)l->body.len,
	    (int64_t)l->segments, leg_key_first(s, l), keys_all(s, l, r->keys),
	    (int64_t)delivery, (int64_t)l->items,
	    (struct slice){ (const char *)l->content, DIGEST_LEN },
	    (int64_t)k->o->generation, wall, delivery != 0 ? wall : (int64_t)0,
	    k->o->mapping, (int64_t)r->id, (int64_t)files_count(l));
}

static enum rc
written(struct back *k, const struct leg_row *r, struct bind_leg *bl,
    struct err *err)
{
	struct spool *s = k->b->s;
	struct bind *bd = arena_get(s->mem, sizeof(*bd));
	uint64_t delivery = 0;
	bool busy = lane_busy(s, r->agency, r->lane, r->filer, r->id);
	char id[ID_TEXT];
	enum rc rc = edge_check(
	    r->state, busy ? STATE_leg_WRITTEN : STATE_leg_BOUND, err);

	if (bd == NULL)
		return err_set(err, RC_LATER, "no memory");
	if (rc == RC_OK)
		rc = claims_keep(k->b, r->arrival, k->claims, &k->ref, err);
	bl->claims = k->ref;
	bl->body_at = (uint64_t)(k->leg.body.p - k->claims.p);
	if (rc == RC_OK && !busy)
		rc = bind_leg(k->b, bd, bl, &delivery, err);
	if (rc == RC_OK)
		rc = bind_close(k->b, bd, err);
	if (rc != RC_OK)
		return rc;
	row_write(k, r, delivery);
	event_add(s, "leg.planned leg=%s name=%.*s agency=%.*s gen=%llu",
	    id_print(r->id, id), SLICE_ARG(r->name), SLICE_ARG(r->agency),
	    (unsigned long long)k->o->generation);
	return leg_keys_add(k->b, &k->leg, r->id, err);
}

enum rc
replan_done(
    struct batch *b, struct order_out *o, struct slice claims, struct err *err)
{
	struct back k = { .b = b, .o = o, .claims = claims };
	struct bind_leg bl;
	struct leg_row r;
	enum rc rc = leg_get(b->s, o->subject, &r, err);

	if (rc == RC_OK)
		rc = back_read(&k, err);
	if (rc != RC_OK)
		return rc;
	/* Held, cancelled or filed anew meanwhile: nobody waits for it. */
	if (r.state != STATE_leg_WAITING)
		return RC_OK;
	rc = back_check(&k, &r, &bl, err);
	if (rc != RC_OK)
		return rc;
	if (!k.leg.waits)
		return written(&k, &r, &bl, err);
	/* What was answered while it was out wakes it once more. */
	journal_run(&b->s->j, SQL_LEG_SLEEP, "iit", (int64_t)r.id,
	    (int64_t)o->wake, k.leg.waits_for);
	return journal_rc(&b->s->j, err);
}

enum rc
replan_hold(struct batch *b, uint64_t leg, const char *why, struct err *err)
{
	struct spool *s = b->s;
	struct leg_row r;
	char id[ID_TEXT];
	enum rc rc = leg_get(s, leg, &r, err);

	/* Ended while it was out: it stays so. */
	if (rc != RC_OK || r.state != STATE_leg_WAITING)
		return rc;
	journal_run(&s->j, SQL_LEG_HOLD, "tii", slice_of(why), spool_wall(s),
	    (int64_t)leg);
	event_add(s, "leg.held leg=%s why=\"%.300s\"", id_print(leg, id), why);
	return RC_OK;
}
