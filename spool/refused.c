/*
 * spool/refused.c - a file that a partner put among the refused ones: whose it
 * is, and what then becomes of its delivery; or among the sent ones. One name
 * may have been given to several deliveries, one behind the other; the bytes
 * tell which one is meant. Trusts deliver for what it read in the partner's
 * folder. Called by the role spool.
 */
#include "spool/delivery.h"
#include "spool/file.h"
#include "spool/leg.h"
#include "spool/scheduler.h"
#include "src/base/log.h"

#define SAME_NAME  64 /* deliveries of one name that are looked at */
#define ROOM_BYTES (1u << 20)

/* A file of ours of that name that was out, or was to be. */
struct maybe {
	uint64_t id, body, at, len, mark;
	uint32_t part, parts;
	enum state state;
	bool waits; /* a leg in it, for its answer */
};

static bool
is_out(const struct maybe *m)
{
	return m->state == STATE_delivery_STAGED ||
	       m->state == STATE_delivery_PUBLISHED;
}

static struct maybe
maybe_read(sqlite3_stmt *st)
{
	return (struct maybe){ .id = column_id(st, 0),
		.part = (uint32_t)column_int(st, 1),
		.state = state_find(MACHINE_delivery, column_slice(st, 2)),
		.body = column_id(st, 3),
		.at = column_id(st, 4),
		.len = column_id(st, 5),
		.parts = (uint32_t)column_int(st, 6),
		.mark = column_id(st, 7),
		.waits = column_int(st, 8) != 0 };
}

/* Those of one name, the youngest first. */
static unsigned int
maybes_find(struct spool *s, const struct refused_file *f, struct maybe *m)
{
	sqlite3_stmt *st = journal_ask(&s->j, SQL_REFUSED_MAYBE, "tti",
	    f->partner, f->name, (int64_t)SAME_NAME);
	unsigned int n = 0;

	while (st != NULL && n < SAME_NAME) {
		m[n++] = maybe_read(st);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	return n;
}

/* As it went: its body, or what was put together of it and of others. */
static enum rc
pieces_get(struct spool *s, const struct maybe *m, struct delivery_out *d,
    struct arena *mem)
{
	struct delivery_piece *one = arena_get(mem, sizeof(*one));
	struct err ignored;

	*d = (struct delivery_out){ .id = m->id, .piece = one, .npieces = 1 };
	if (one == NULL)
		return RC_LATER;
	*one = (struct delivery_piece){
		.body = m->body, .at = m->at, .len = m->len
	};
	return m->part > 0 || m->parts == 0
		   ? RC_OK
		   : pieces_of(&s->j, one, d, mem, &ignored);
}

/*
 * What went out as this never changes: its digest is made once, though a
 * partner changes a large file among the refused ones again and again.
 */
static enum rc
made_sum(struct spool *s, const struct maybe *m, const struct delivery_out *d,
    struct digest *sum)
{
	struct made *known = &s->made[m->id % MADE_MAX];
	bool same = known->id == m->id && known->part == m->part &&
		    known->body == m->body && known->at == m->at;
	uint64_t len;
	enum rc rc;

	if (!same) {
		*known = (struct made){ 0 };
		rc = pieces_sum(&s->seg, d, 0, &len, sum);
		if (rc != RC_OK)
			return rc;
		*known = (struct made){ m->id, m->part, m->body, m->at, *sum };
	}
	*sum = known->sum;
	return RC_OK;
}

/*
 * With its bytes unread: might it be? One that is gone here is no match; of one
 * that cannot be read for a shortage nothing is known (RC_LATER).
 */
static enum rc
may_be(struct spool *s, const struct maybe *m, const struct refused_file *f,
    struct arena *mem, bool *is)
{
	struct delivery_out d;
	struct digest sum;
	uint64_t len = 0;
	enum rc rc = pieces_get(s, m, &d, mem);

	for (uint32_t i = 0; rc == RC_OK && i < d.npieces; i++)
		len += d.piece[i].file == 0 ? d.piece[i].len : 0;
	*is = rc == RC_OK && len == f->size;
	if (*is && f->asked) {
		rc = made_sum(s, m, &d, &sum);
		*is = rc == RC_OK && digest_eq(&sum, &f->sha256);
	}
	return rc == RC_LATER ? RC_LATER : RC_OK;
}

/*
 * Of those with the same bytes one that waits is meant before one that has its
 * answer, what was picked up before what stands, and both before what is over.
 */
static const struct maybe *
best_of(const struct maybe *m, unsigned int n, unsigned int *waiting)
{
	const struct maybe *best = NULL;
	int rank = -1;

	*waiting = 0;
	for (unsigned int i = 0; i < n; i++) {
		bool lives =
		    is_out(&m[i]) || m[i].state == STATE_delivery_PICKED;
		int own = !lives ? 0 : (m[i].waits ? 4 : 2) - is_out(&m[i]);

		*waiting += lives && m[i].waits;
		if (own > rank) {
			best = &m[i];
			rank = own;
		}
	}
	return best;
}

/* No bytes to judge by: of its only one, or nobody's. */
static enum refused_is
unread_is(const struct maybe *m, unsigned int n, bool unreadable)
{
	unsigned int waiting;
	const struct maybe *best = best_of(m, n, &waiting);

	if (unreadable && n == 1)
		return is_out(best) ? REFUSED_STANDS : REFUSED_IS;
	return waiting > 0 || is_out(best) ? REFUSED_UNCLEAR : REFUSED_NOBODYS;
}

static enum refused_is
whose(struct spool *s, const struct refused_file *f, struct maybe *m,
    unsigned int n, struct maybe *of, struct arena *mem)
{
	unsigned int same = 0, waiting;
	const struct maybe *best;
	bool is;

	if (n == 0)
		return REFUSED_NOBODYS;
	*of = m[0];
	if (f->asked && !f->read)
		return unread_is(m, n, true);
	for (unsigned int i = 0; i < n; i++) {
		arena_rewind(mem);
		if (may_be(s, &m[i], f, mem, &is) == RC_LATER)
			return REFUSED_LATER;
		if (!is)
			continue;
		if (!f->asked)
			return REFUSED_ASKS;
		m[same++] = m[i];
	}
	if (same == 0)
		return unread_is(m, n, false);
	best = best_of(m, same, &waiting);
	*of = *best;
	return waiting > 1    ? REFUSED_UNCLEAR
	       : is_out(best) ? REFUSED_STANDS
			      : REFUSED_IS;
}

/*
 * What stood among the refused ones when it was told before stands there
 * still, with its mark, and is told again after each start.
 */
enum refused_is
spool_refused(
    struct spool *s, const struct refused_file *f, uint64_t *id, uint32_t *part)
{
	struct arena *mem = arena_new(ROOM_BYTES);
	struct maybe m[SAME_NAME], of = { 0 };
	enum refused_is is = REFUSED_NOBODYS;
	unsigned int n = mem == NULL ? 0 : maybes_find(s, f, m);
	bool known = false;

	for (unsigned int i = 0; i < n; i++)
		known |= m[i].mark == f->mark;
	if (!known)
		is = whose(s, f, m, n, &of, mem);
	if (mem == NULL || s->j.rc != RC_OK)
		is = REFUSED_LATER; /* what was asked had no true answer */
	journal_clear(&s->j);
	arena_free(mem);
	*id = of.id;
	*part = of.part;
	return is;
}

enum rc
spool_delivery_is(
    struct spool *s, uint64_t id, const struct digest *sum, bool *is)
{
	struct arena *mem = arena_new(ROOM_BYTES);
	sqlite3_stmt *st = mem == NULL ? NULL
				       : journal_ask(&s->j, SQL_DELIVERY_MADE,
					     "i", (int64_t)id);
	struct delivery_out d;
	struct digest made;
	enum rc rc = mem == NULL ? RC_LATER : RC_OK;

	*is = false;
	if (st != NULL) {
		struct maybe m = maybe_read(st);

		journal_end(st);
		rc = pieces_get(s, &m, &d, mem);
		if (rc == RC_OK)
			rc = made_sum(s, &m, &d, &made);
		*is = rc == RC_OK && digest_eq(&made, sum);
	}
	if (s->j.rc != RC_OK)
		rc = RC_LATER;
	journal_clear(&s->j);
	arena_free(mem);
	return rc == RC_LATER ? RC_LATER : RC_OK;
}

/* --- steps --- */

/* Both a message and what stood beside it may be refused. */
static bool
mark_known(struct spool *s, const struct delivery_row *r, uint64_t id,
    uint32_t part, uint64_t mark)
{
	int64_t had = part == 0 ? journal_number(&s->j, SQL_DELIVERY_REFUSED, 0,
				      "tti", r->partner, r->name, (int64_t)mark)
				: journal_number(&s->j, SQL_PART_REFUSED, 0,
				      "tiii", r->partner, (int64_t)id,
				      (int64_t)part, (int64_t)mark);

	return had != 0;
}

static void
mark_keep(struct spool *s, uint64_t id, uint32_t part, uint64_t mark)
{
	journal_run(&s->j, part == 0 ? SQL_DELIVERY_REFUSE : SQL_PART_REFUSE,
	    "iii", (int64_t)mark, (int64_t)id, (int64_t)part);
}

static enum rc
rejected(
    struct batch *b, uint64_t id, uint32_t part, uint64_t mark, struct err *err)
{
	static const char why[] = "the partner put it among the refused";
	struct spool *s = b->s;
	char text[ID_TEXT];
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK || mark_known(s, &r, id, part, mark))
		return rc;
	if (r.state == STATE_delivery_STAGED) /* its row is on its way */
		return err_set(err, RC_LATER, "not told yet that it is out");
	mark_keep(s, id, part, mark);
	if (r.state != STATE_delivery_PUBLISHED &&
	    r.state != STATE_delivery_PICKED)
		return RC_OK;
	rc = edge_check(r.state, STATE_delivery_FAILED, err);
	if (rc != RC_OK)
		return rc;
	if (r.state == STATE_delivery_PUBLISHED)
		batch_after(b, AFTER_FREED, id, r.index);
	batch_after(b, AFTER_WAKE, id, r.index);
	journal_run(&s->j, SQL_DELIVERY_REJECTED, "tii", slice_of(why),
	    spool_wall(s), (int64_t)id);
	event_add(s, "delivery.rejected delivery=%s partner=%.*s",
	    id_print(id, text), SLICE_ARG(r.partner));
	if (r.legs > 0)
		rc = legs_undeliverable(b, id, ENTRY_REJECTED, err);
	return rc;
}

void
delivery_rejected(
    struct batch *b, uint64_t id, uint32_t part, uint64_t mark, struct step *st)
{
	if (step_begin(b, st))
		step_end(b, st, rejected(b, id, part, mark, &st->why));
}

static enum rc
unclear(
    struct batch *b, uint64_t id, uint32_t part, uint64_t mark, struct err *err)
{
	struct spool *s = b->s;
	char text[ID_TEXT];
	struct delivery_row r;
	enum rc rc = delivery_get(s, id, &r, err);

	if (rc != RC_OK || mark_known(s, &r, id, part, mark))
		return rc;
	mark_keep(s, id, part, mark);
	log_event(LOG_ALARM, "delivery.unclear",
	    "delivery=%s partner=%.*s name=\"%.*s\"", id_print(id, text),
	    SLICE_ARG(r.partner), SLICE_ARG(r.name));
	return RC_OK;
}

void
delivery_unclear(
    struct batch *b, uint64_t id, uint32_t part, uint64_t mark, struct step *st)
{
	if (step_begin(b, st))
		step_end(b, st, unclear(b, id, part, mark, &st->why));
}
