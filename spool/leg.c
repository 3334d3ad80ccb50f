/*
 * spool/leg.c - what happens to a leg after it was written: its turn in the
 * lane, its answers. Trusts src/status for what an answer does; nothing else
 * moves a leg. Called by delivery.c, receipt.c and due.c.
 */
#include "spool/leg.h"
#include "spool/delivery.h"
#include "spool/joint.h"
#include "spool/tell.h"
#include <string.h>

#define WAITING_PAGE 200  /* looked at for each delivery that is out */
#define WAITING_MOST 2000 /* go in one step, and bring the others */

enum rc
leg_get(struct spool *s, uint64_t id, struct leg_row *r, struct err *err)
{
	sqlite3_stmt *st = journal_ask(&s->j, SQL_LEG_GET, "i", (int64_t)id);
	char text[ID_TEXT];

	if (st == NULL)
		return err_set(
		    err, RC_REFUSED, "no leg '%s'", id_print(id, text));
	*r = (struct leg_row){ .id = id, .filing = column_id(st, 0) };
	r->arrival = column_id(st, 1);
	r->filer = column_dup(st, 2, s->mem);
	r->agency = column_dup(st, 3, s->mem);
	r->lane = column_dup(st, 4, s->mem);
	r->format = column_dup(st, 5, s->mem);
	r->state = state_find(MACHINE_leg, column_slice(st, 6));
	r->key1 = column_dup(st, 7, s->mem);
	r->keys = column_dup(st, 8, s->mem);
	r->delivery = column_id(st, 9);
	r->now.level = (enum level)column_int(st, 10);
	r->outcome = column_dup(st, 11, s->mem);
	r->now.outcome = outcome_find(r->outcome);
	r->now.rank = (int32_t)column_int(st, 12);
	r->now.final = column_int(st, 13) != 0;
	r->now.event_ms = column_int(st, 14);
	r->now.seq = column_id(st, 15);
	r->answers = (uint32_t)column_int(st, 16);
	r->again = (uint32_t)column_int(st, 17);
	r->history = column_dup(st, 18, s->mem);
	r->prev = column_id(st, 19);
	r->prev_event_ms = column_int(st, 20);
	r->next = column_id(st, 21);
	r->cas = column_id(st, 22);
	r->test = column_int(st, 23) != 0;
	r->name = column_dup(st, 24, s->mem);
	r->gates = column_int(st, 25) != 0;
	r->joint = column_int(st, 26) != 0;
	r->content = column_dup(st, 27, s->mem);
	r->waits_for = column_dup(st, 28, s->mem);
	r->wait_ends = column_int(st, 29) != 0;
	journal_end(st);
	return RC_OK;
}

struct slice
key_value(struct slice keys, const char *name)
{
	struct slice rest = keys;

	while (rest.len > 0) {
		struct slice value = slice_cut(&rest, KEY_SEP);
		struct slice is = slice_cut(&value, KEY_IS);

		if (slice_is(is, name))
			return value;
	}
	return (struct slice){ 0 };
}

bool
lane_busy(struct spool *s, struct slice agency, struct slice lane,
    struct slice filer, uint64_t id)
{
	if (lane.len == 0)
		return false;
	return journal_number(&s->j, SQL_LANE_BUSY, 0, "ttti", agency, lane,
		   filer, (int64_t)id) != 0;
}

/* A page of those that wait: whose turn it is goes, whoever stands before. */
struct waiting {
	struct batch *b;
	struct slice agency;
	struct bind *bind;
	uint64_t ready[WAITING_PAGE],
	    last; /* last: the next page is behind it */
	unsigned int seen, bound;
};

/* One that waited: into a delivery of its own batch, if its turn has come. */
static enum rc
waiting_bind(struct waiting *w, uint64_t id, struct err *err)
{
	struct batch *b = w->b;
	struct spool *s = b->s;
	struct bind_leg l;
	uint64_t delivery;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_LEG_WAITING_GET, "i", (int64_t)id);
	enum rc rc;

	if (st == NULL)
		return RC_OK;
	l = (struct bind_leg){ .agency = column_dup(st, 0, s->mem),
		.kind = column_dup(st, 1, s->mem),
		.format = column_dup(st, 2, s->mem),
		.file_name = column_dup(st, 3, s->mem),
		.test = column_int(st, 4) != 0,
		.claims = column_id(st, 5),
		.body_at = column_id(st, 6),
		.body_len = column_id(st, 7),
		.message = column_int(st, 8) > 0,
		.files = column_int(st, 9) > 0 };
	journal_end(st);
	rc = edge_check(STATE_leg_WRITTEN, STATE_leg_BOUND, err);
	if (rc == RC_OK)
		rc = bind_leg(b, w->bind, &l, &delivery, err);
	if (rc == RC_REFUSED)
		return RC_OK; /* no route any more: it waits for one */
	if (rc == RC_OK)
		journal_run(&s->j, SQL_LEG_BIND, "iii", (int64_t)delivery,
		    spool_wall(s), (int64_t)id);
	w->bound++;
	return rc;
}

static enum rc
page_bind(struct waiting *w, sqlite3_stmt *st, struct err *err)
{
	struct spool *s = w->b->s;
	unsigned int n = 0;
	enum rc rc = RC_OK;

	w->seen = 0;
	while (st != NULL) {
		uint64_t id = column_id(st, 1);

		w->last = column_id(st, 0);
		w->seen++;
		if (!lane_busy(s, w->agency, column_slice(st, 2),
			column_slice(st, 3), id))
			w->ready[n++] = id;
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	if (n > 0 && w->bind == NULL)
		w->bind = arena_get(s->mem, sizeof(*w->bind));
	if (n > 0 && w->bind == NULL)
		return err_set(err, RC_LATER, "no memory");
	for (unsigned int i = 0; i < n && rc == RC_OK; i++)
		rc = waiting_bind(w, w->ready[i], err);
	return rc;
}

/*
 * Mostly few wait, and one look finds who may go. Where many do, they may all
 * wait for something else: then it is asked who stands behind what is over, and
 * when that is not one thing all are looked at.
 */
enum rc
legs_bind_waiting(
    struct batch *b, struct slice agency, uint64_t over, struct err *err)
{
	struct journal *j = &b->s->j;
	struct waiting w = { .b = b, .agency = agency };
	const int64_t most = WAITING_PAGE;
	enum rc rc = page_bind(&w,
	    journal_ask(j, SQL_LEG_WAITING, "tii", agency, (int64_t)0, most),
	    err);

	if (over != 0 && w.seen == WAITING_PAGE)
		w.last = 0;
	while (rc == RC_OK && w.seen == WAITING_PAGE && w.bound < WAITING_MOST)
		rc = page_bind(&w,
		    over != 0 ? journal_ask(j, SQL_LEG_BEHIND, "iii",
				    (int64_t)over, (int64_t)w.last, most)
			      : journal_ask(j, SQL_LEG_WAITING, "tii", agency,
				    (int64_t)w.last, most),
		    err);
	return rc == RC_OK && w.bind != NULL ? bind_close(b, w.bind, err) : rc;
}

static bool
effect_moves(enum answer_effect effect)
{
	return effect == ANSWER_NEW || effect == ANSWER_UNKNOWN;
}

/* Not out yet, or ended before it was. */
static bool
never_out(const struct leg_row *r)
{
	return r->state == STATE_leg_WAITING || r->state == STATE_leg_WRITTEN ||
	       r->state == STATE_leg_HELD || r->state == STATE_leg_CANCELLED ||
	       (r->state == STATE_leg_EXPIRED && r->delivery == 0);
}

/*
 * The state after an answer. A leg that never went out keeps its own: the
 * answer is recorded all the same.
 */
static enum rc
state_after(const struct leg_row *r, const struct answer *next,
    enum answer_effect effect, enum state *to, struct err *err)
{
	*to = r->state;
	if (!effect_moves(effect) || never_out(r))
		return RC_OK;
	if (r->state == STATE_leg_FINAL && !next->final)
		return RC_OK;
	*to = next->final ? STATE_leg_FINAL : STATE_leg_ANSWERED;
	return edge_check(r->state, *to, err);
}

static void
answer_write(struct spool *s, const struct leg_row *r, const struct entry *e,
    const struct answer *next, enum state to, struct slice history)
{
	int64_t wall = spool_wall(s);

	journal_run(&s->j, SQL_LEG_ANSWER, "titiiiibiiti",
	    slice_of(state_name(to)), (int64_t)next->level,
	    slice_of(next->outcome == OUTCOME_NONE
			 ? ""
			 : outcome_word(next->outcome)),
	    (int64_t)next->rank, (int64_t)next->final, next->event_ms,
	    (int64_t)e->answer.seq, history,
	    to == STATE_leg_ANSWERED || to == STATE_leg_FINAL ? wall
							      : (int64_t)0,
	    to == STATE_leg_FINAL ? wall : (int64_t)0, r->keys, (int64_t)r->id);
}

enum rc
leg_history(struct buf *h, const struct leg_row *r, const struct entry *e,
    struct err *err)
{
	buf_init(h, HISTORY_ROOM);
	buf_slice(h, r->history);
	history_put(h, e);
	return buf_failed(h) ? err_set(err, RC_LATER, "no memory for an answer")
			     : RC_OK;
}

enum rc
leg_answer(
    struct batch *b, const struct leg_row *r, struct entry *e, struct err *err)
{
	struct spool *s = b->s;
	struct answer next = r->now;
	struct buf h;
	enum state to;
	enum rc rc;

	e->answer.seq = (uint64_t)s->answer + 1;
	e->wall_ms = spool_wall(s);
	e->effect = ANSWER_LATE;
	if (!e->earlier)
		e->effect = answer_take(&r->now, &e->answer, &next);
	rc = state_after(r, &next, e->effect, &to, err);
	if (rc != RC_OK)
		return rc;
	if (r->answers >= HISTORY_MAX &&
	    (to != STATE_leg_FINAL || r->state == STATE_leg_FINAL)) {
		journal_run(
		    &s->j, SQL_LEG_AGAIN, "ti", r->keys, (int64_t)r->id);
		return RC_OK;
	}
	s->answer++;
	rc = leg_history(&h, r, e, err);
	if (rc == RC_OK)
		answer_write(s, r, e, &next, to, buf_look(&h));
	buf_clear(&h);
	if (rc == RC_OK && r->joint && effect_moves(e->effect))
		rc = joint_wake(b, r, err);
	if (rc == RC_OK && e->effect != ANSWER_CONTRADICTS)
		rc = tell_answer(b, r, e, err);
	return rc;
}

enum rc
legs_undeliverable(
    struct batch *b, uint64_t delivery, enum entry_kind kind, struct err *err)
{
	struct spool *s = b->s;
	enum rc rc = RC_OK;
	int64_t id = 0;

	while (rc == RC_OK) {
		struct entry e = { .kind = kind,
			.answer = { .level = LEVEL_TRANSPORT,
			    .outcome = OUTCOME_FAILED } };
		struct leg_row r;

		id = journal_number(
		    &s->j, SQL_LEG_OF_DELIVERY, 0, "ii", (int64_t)delivery, id);
		if (id == 0)
			break;
		rc = leg_get(s, (uint64_t)id, &r, err);
		if (rc == RC_OK)
			rc = leg_answer(b, &r, &e, err);
	}
	return rc;
}
