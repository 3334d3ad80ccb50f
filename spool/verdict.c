/*
 * spool/verdict.c - the verdict on one filing: new, a repeat, or a key that is
 * used; by the unique index, at the commit (I11). Trusts order.c to have
 * checked the claims. Called by filing.c.
 */
#include "spool/joint.h"
#include <string.h>

static enum rc
verdict_by_key(struct reading *r, const struct claim_filing *f,
    struct verdict *v, struct err *err)
{
	struct spool *s = r->b->s;
	uint64_t id, cas;
	const char *why = "key-used";
	bool same, taken = false;
	enum rc rc = RC_OK;
	sqlite3_stmt *st = journal_ask(&s->j, SQL_FILING_HOLDER, "tttti",
	    slice_of(r->partner->name), f->kind, f->key, f->version,
	    (int64_t)f->test);

	if (st == NULL) {
		if (f->amends.len > 0)
			*v = (struct verdict){ STATE_filing_REFUSED,
				"nothing-to-amend", 0, 0, false };
		else if (f->version.len > 0)
			v->cas = (uint64_t)journal_number(&s->j,
			    SQL_FILING_CASE, 0, "ttt",
			    slice_of(r->partner->name), f->kind, f->key);
		return RC_OK;
	}
	id = column_id(st, 0);
	cas = column_id(st, 3);
	same = column_slice(st, 2).len == DIGEST_LEN &&
	       memcmp(column_slice(st, 2).p, f->content, DIGEST_LEN) == 0;
	journal_end(st);
	taken = f->amends.len == 0 && amend_reopened(s, id);
	if (taken)
		why = "";
	if (taken || (f->amends.len > 0 && !same))
		rc = legs_settle(r, id, err);
	if (rc != RC_OK)
		return rc;
	if (f->amends.len > 0 && !same)
		why = amend_verdict(s, id, f, r->behind, &taken);
	if (taken)
		*v = (struct verdict){ STATE_filing_TAKEN, why, cas, id, true };
	else if (same)
		*v = (struct verdict){ STATE_filing_REPEAT, "repeat", cas, id,
			false };
	else
		*v = (struct verdict){ STATE_filing_REFUSED, why, cas, id,
			false };
	return RC_OK;
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

enum rc
verdict_of(struct reading *r, const struct claim_filing *f, struct verdict *v,
    struct err *err)
{
	*v = (struct verdict){ .state = STATE_filing_TAKEN, .why = "" };
	if (f->refused) {
		v->state = STATE_filing_REFUSED;
	} else if (r->partner->hold_all &&
		   (r->any_refused || r->skip.len > 0)) {
		v->state = STATE_filing_REFUSED;
		v->why = "neighbour";
	} else if (f->key.len > 0) {
		return verdict_by_key(r, f, v, err);
	} else {
		verdict_by_file(r, f, v);
	}
	return RC_OK;
}
