/*
 * spool/order_pick.c - work for convert: arrivals to read, deliveries to wrap,
 * replies to write; partners take turns, a few of each at once. An attempt is
 * counted in the journal before it is handed out, so that a message that
 * kills us is found out also when we die with it. Called by the role spool.
 */
#include "spool/arrival.h"
#include "spool/claims.h"
#include "spool/joint.h"
#include "spool/body.h"
#include "spool/delivery.h"
#include "spool/file.h"
#include "spool/order.h"
#include "spool/scheduler.h"
#include "spool/tell.h"
#include <stdio.h>
#include <string.h>
#include "src/base/log.h"
#include "src/wire/msg.h"

_Static_assert(SKIPS_TEXT + 1 + LACKS_TEXT <= MSG_STR_MAX,
    "what is left out and what never came go in one text");

#define BYTES_AN_ID 24 /* no filing with its legs is shorter, or so we hope */
#define WRAP_MAX    (128u << 20)

bool
subject_out(const struct scheduler *sc, uint64_t subject)
{
	for (unsigned int i = 0; i < sc->norders; i++)
		if (sc->order[i].subject == subject)
			return true;
	return false;
}

/* Ids for one arrival are drawn once: each try makes the same filings. */
static uint64_t
ids_for(struct spool *s, uint64_t have, uint64_t size, uint32_t *n)
{
	uint64_t want = 16 + size / BYTES_AN_ID;

	*n = want > ID_BLOCK_MAX ? ID_BLOCK_MAX : (uint32_t)want;
	return have != 0 ? have : id_block(&s->ids, *n);
}

/* Handed out again and again and nobody lived to tell: whole crashes. */
static bool
attempts_over(int64_t attempts)
{
	return attempts >= ORDER_ATTEMPTS_TOLD;
}

/* What to leave out, and which files will not come. */
static struct slice
read_words(sqlite3_stmt *st, struct arena *mem)
{
	struct slice skip = column_slice(st, 5), lacks = column_slice(st, 7);
	struct slice out;
	struct buf b;

	buf_init(&b, MSG_STR_MAX);
	buf_slice(&b, skip);
	if (lacks.len > 0) {
		buf_byte(&b, '\n');
		buf_slice(&b, slice_sub(lacks, 0, LACKS_TEXT));
	}
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

/*
 * The bundle that did it before, if it is still there; else the newest that was
 * valid at that time.
 */
void
order_mapping(struct spool *s, struct order *o, int64_t before, int64_t wall_ms)
{
	const struct bundles *b = &s->bundles;
	unsigned int at = bundles_at(b, wall_ms);

	for (unsigned int i = 0; before != 0 && i < b->n; i++)
		if (s->bundle[i] == before)
			at = i;
	o->mapping = at < b->n ? slice_of(b->one[at].version) : SLICE_LIT("");
}

/* A date has come: this one takes the place of the one before. */
static void
mapping_turn(struct spool *s, const struct order *o)
{
	unsigned int at = bundles_find(&s->bundles, o->mapping);

	if (o->kind != ORDER_READ || at == BUNDLES_MAX || at <= s->bundle_now)
		return;
	s->bundle_now = at;
	event_add(s, "mapping.turned mapping=%s gen=%llu",
	    s->bundles.one[at].version, (unsigned long long)s->generation);
}

static bool
read_find(struct spool *s, unsigned int i, struct order *o, struct arena *mem,
    struct pick *pick)
{
	struct slice partner = slice_of(s->conf->partner[i].name);
	uint64_t *from = &s->sched->partner[i].read_from;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_ARRIVAL_NEXT, "ti", partner, (int64_t)*from);
	bool found = false;

	while (st != NULL && !found) {
		*from = column_id(st, 0);
		found = !subject_out(s->sched, column_id(st, 0));
		if (found) {
			*o = (struct order){ .kind = ORDER_READ,
				.subject = column_id(st, 0),
				.partner = partner,
				.name = column_dup(st, 1, mem),
				.attempt = (uint32_t)(column_int(st, 2) +
						      column_int(st, 6)) +
					   1,
				.format = read_words(st, mem) };
			order_mapping(
			    s, o, column_int(st, 8), column_int(st, 9));
			pick->bytes = column_id(st, 4);
			o->ids =
			    ids_for(s, column_id(st, 3), pick->bytes, &o->nids);
			pick->over = attempts_over(column_int(st, 2));
			journal_end(st);
			break;
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return found;
}

static bool
write_find(struct spool *s, unsigned int i, struct order *o, struct arena *mem,
    struct pick *pick)
{
	struct slice partner = slice_of(s->conf->partner[i].name);
	uint64_t *from = &s->sched->partner[i].write_from;
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_DELIVERY_NEXT, "ti", partner, (int64_t)*from);
	bool found = false;

	while (st != NULL && !found) {
		*from = column_id(st, 0);
		found = !subject_out(s->sched, column_id(st, 0));
		if (found) {
			*o = (struct order){ .kind = ORDER_REPLY,
				.subject = column_id(st, 0),
				.partner = partner,
				.name = column_dup(st, 1, mem),
				.format = column_dup(st, 2, mem),
				.number = column_id(st, 3),
				.test = column_int(st, 7) != 0,
				.attempt = (uint32_t)(column_int(st, 4) +
						      column_int(st, 6)) +
					   1 };
			if (slice_is(column_slice(st, 5), "legs")) {
				o->kind = ORDER_WRAP;
				pick->bytes = WRAP_GUESS;
			}
			order_mapping(
			    s, o, column_int(st, 8), column_int(st, 9));
			pick->over = attempts_over(column_int(st, 4));
			journal_end(st);
			break;
		}
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	return found;
}

static enum rc
order_count(struct batch *b, const struct order *o, struct err *err)
{
	struct spool *s = b->s;

	if (o->kind == ORDER_READ) {
		mapping_turn(s, o);
		journal_run(&s->j, SQL_ARRIVAL_ATTEMPT, "iiii", (int64_t)o->ids,
		    (int64_t)s->generation, spool_mapping(s, o->mapping),
		    (int64_t)o->subject);
		return RC_OK;
	}
	if (o->kind == ORDER_REPLAN) {
		journal_run(&s->j, SQL_LEG_ATTEMPT, "i", (int64_t)o->subject);
		return RC_OK;
	}
	journal_run(&s->j, SQL_DELIVERY_ATTEMPT, "i", (int64_t)o->subject);
	return o->kind == ORDER_REPLY ? tell_freeze(b, o->subject, err) : RC_OK;
}

/* Count it, or hold it when it was tried too often. */
static bool
order_enter(
    struct batch *b, struct order *o, int partner, const struct pick *pick)
{
	struct spool *s = b->s;
	struct scheduler *sc = s->sched;
	struct step *st = arena_get(b->steps_mem, sizeof(*st));
	enum rc rc;

	if (st == NULL || !step_begin_bare(b, st))
		return false;
	if (pick->over) {
		rc = subject_hold(b, o->kind, o->subject,
		    "tried too often, nobody lived to tell", &st->why);
		step_end(b, st, rc);
		return false;
	}
	rc = order_count(b, o, &st->why);
	step_end(b, st, rc);
	if (st->rc != RC_OK)
		return false;
	o->id = id_new(&s->ids);
	sc->order[sc->norders++] = (struct order_out){ .id = o->id,
		.subject = o->subject,
		.ids = o->ids,
		.nids = o->nids,
		.kind = o->kind,
		.generation = s->generation,
		.mapping = spool_mapping(s, o->mapping),
		.wake = o->kind == ORDER_REPLAN ? o->number : 0,
		.partner = partner,
		.bytes = pick->bytes };
	sc->partner[partner].orders++;
	sc->partner[partner].order_bytes += pick->bytes;
	return true;
}

static uint64_t
orders_bytes(const struct scheduler *sc)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < sc->norders; i++)
		n += sc->order[i].bytes;
	return n;
}

/* Many small ones go together; of large ones the memory is the limit. */
static bool
orders_enough(const struct scheduler *sc, const struct partner_now *p)
{
	return p->orders >= ORDERS_PARTNER ||
	       (p->orders >= ORDERS_LARGE && p->order_bytes > ORDERS_BYTES) ||
	       (p->orders > 0 && orders_bytes(sc) > ORDERS_BYTES_ALL);
}

/*
 * Results are applied in the order of arrivals: those that are out wait for
 * the oldest, which died or came back to be read again. It always goes, and one
 * place is kept for such.
 */
static bool
oldest_waits(struct spool *s, unsigned int i)
{
	sqlite3_stmt *st = journal_ask(&s->j, SQL_ARRIVAL_NEXT, "ti",
	    slice_of(s->conf->partner[i].name), (int64_t)0);
	bool waits = st != NULL && !subject_out(s->sched, column_id(st, 0));

	journal_end(st);
	if (waits)
		s->sched->partner[i].read_from = 0;
	return waits;
}

typedef bool find_fn(struct spool *, unsigned int, struct order *,
    struct arena *, struct pick *);

static unsigned int
pick_some(struct batch *b, find_fn *find, unsigned int *turn, struct order *out,
    unsigned int max, struct arena *mem)
{
	struct spool *s = b->s;
	struct scheduler *sc = s->sched;
	unsigned int n = 0, empty = 0;

	while (n < max && sc->norders < ORDERS_MAX && !batch_full(b) &&
	       empty < sc->npartners) {
		unsigned int i = *turn % sc->npartners;
		struct pick pick = { .bytes = ORDER_GUESS };
		bool full;

		*turn = i + 1;
		full = sc->norders >= ORDERS_MAX - 1 ||
		       orders_enough(sc, &sc->partner[i]);
		if ((full && (find != read_find || !oldest_waits(s, i))) ||
		    !find(s, i, &out[n], mem, &pick)) {
			empty++;
			continue;
		}
		empty = 0;
		if (order_enter(b, &out[n], (int)i, &pick))
			n++;
		else if (!pick.over)
			break;
	}
	return n;
}

unsigned int
spool_pick_orders(
    struct batch *b, struct order *out, unsigned int max, struct arena *mem)
{
	struct spool *s = b->s;
	struct scheduler *sc = s->sched;
	struct err err;
	unsigned int n;

	/* what this very batch made ready needs no commit of its own */
	if (scheduler_fresh(s, &err) != RC_OK ||
	    (sc->orders_idle && b->steps == 0))
		return 0;
	b->steps_mem = mem;
	for (unsigned int i = 0; i < sc->npartners; i++)
		sc->partner[i].read_from = sc->partner[i].write_from = 0;
	/* What goes out is finished before more is begun. */
	n = pick_some(b, write_find, &sc->turn_write, out, max, mem);
	n += pick_some(b, replan_find, &sc->turn_replan, out + n, max - n, mem);
	n += pick_some(b, read_find, &sc->turn_read, out + n, max - n, mem);
	/* what could not be asked is not known to be nothing */
	if (n == 0 && sc->norders == 0)
		sc->orders_idle = s->j.rc == RC_OK;
	if (!b->begun)
		journal_clear(&s->j);
	return n;
}

static enum rc
wrap_load(struct spool *s, struct order *o, struct arena *mem, struct err *err)
{
	struct buf in;
	enum rc rc = RC_OK;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_WRAP_PARTS, "i", (int64_t)o->subject);

	buf_init(&in, WRAP_MAX);
	while (st != NULL && rc == RC_OK) {
		struct slice name = column_slice(st, 0);
		struct wrap_part part = { .segments =
					      (uint32_t)column_int(st, 1) };
		struct slice claim;
		char text[256];

		/* Inside a package stands the document, not the package. */
		if (name.len > 4 && name.len < sizeof(text) &&
		    memcmp(name.p + name.len - 4, ".zip", 4) == 0) {
			snprintf(text, sizeof(text), "%.*s.xml",
			    (int)name.len - 4, name.p);
			name = slice_of(text);
		}
		part.name = name;
		rc = body_part(s, column_id(st, 2), column_id(st, 3),
		    column_id(st, 4), mem, &part.body, err);
		if (rc == RC_OK)
			wrap_put(&in, &part);
		if (rc == RC_OK && column_int(st, 8) > 0)
			rc = body_part(s, column_id(st, 2), column_id(st, 5),
			    column_id(st, 6), mem, &claim, err);
		if (rc == RC_OK && column_int(st, 8) > 0)
			rc = files_load(
			    s, claim, column_id(st, 7), mem, &in, err);
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	journal_end(st);
	if (rc == RC_OK && buf_failed(&in))
		rc = err_set(err, RC_LATER, "no memory to wrap");
	if (rc == RC_OK)
		o->input = arena_dup(mem, buf_look(&in));
	buf_clear(&in);
	return rc;
}

static enum rc
input_load(struct spool *s, struct order *o, struct arena *mem, struct err *err)
{
	uint64_t ref;

	if (o->kind == ORDER_WRAP)
		return wrap_load(s, o, mem, err);
	if (o->kind == ORDER_REPLAN)
		return replan_load(s, o->subject, mem, &o->input, err);
	if (o->kind == ORDER_REPLY)
		return tell_record(s, o->subject, mem, &o->input, err);
	ref = (uint64_t)journal_number(
	    &s->j, SQL_ARRIVAL_BODY, 0, "i", (int64_t)o->subject);
	return body_whole(s, ref, mem, &o->input, err);
}

static void
order_weigh(struct spool *s, const struct order *o)
{
	struct order_out *out = order_find(s, o->id);

	if (out == NULL || out->partner < 0)
		return;
	s->sched->partner[out->partner].order_bytes +=
	    o->input.len - out->bytes; /* it was counted with a guess */
	out->bytes = o->input.len;
}

/* Nobody has it: it is handed out again, or it was held. */
static void
order_drop(struct spool *s, uint64_t order)
{
	struct after gone = { AFTER_ORDER_GONE, order, -1 };

	scheduler_after(s, &gone);
}

/* A damaged body holds its subject; anything else is tried again. */
enum rc
spool_load_order(
    struct spool *s, struct order *o, struct arena *mem, struct err *err)
{
	struct batch *b = s->own;
	enum rc rc = input_load(s, o, mem, err);
	enum rc held = RC_OK;
	struct err why = *err;
	struct step st;

	if (rc == RC_OK && arena_failed(mem))
		rc = err_set(&why, RC_LATER, "no memory for an order");
	journal_clear(&s->j);
	if (rc == RC_OK) {
		order_weigh(s, o);
		return RC_OK;
	}
	log_rc("order.input", rc, &why);
	if (rc == RC_REFUSED) {
		if (step_begin(b, &st))
			step_end(b, &st,
			    subject_hold(
				b, o->kind, o->subject, why.text, &st.why));
		held = batch_commit(b, err);
	}
	order_drop(s, o->id);
	if (held != RC_OK)
		return held;
	*err = why;
	return rc == RC_BROKEN ? rc : RC_LATER;
}

enum rc
spool_next_order(
    struct spool *s, struct order *o, struct arena *mem, struct err *err)
{
	unsigned int n = spool_pick_orders(s->own, o, 1, mem);
	enum rc rc = batch_commit(s->own, err);

	if (rc != RC_OK) {
		spool_orders_lost(s);
		return rc;
	}
	if (n == 0)
		return err_set(err, RC_LATER, "nothing to convert");
	return spool_load_order(s, o, mem, err);
}

bool
spool_order_turn(struct spool *s, uint64_t order)
{
	struct order_out *o = order_find(s, order);
	bool earlier;

	if (o == NULL || o->kind != ORDER_READ || o->partner < 0)
		return true;
	earlier = journal_number(&s->j, SQL_ARRIVAL_EARLIER, 0, "ti",
		      slice_of(s->conf->partner[o->partner].name),
		      (int64_t)o->subject) != 0 ||
		  s->j.rc != RC_OK; /* asked again */
	journal_clear(&s->j);
	return !earlier;
}

void
spool_order_back(struct spool *s, uint64_t order)
{
	order_drop(s, order);
}

void
spool_orders_lost(struct spool *s)
{
	struct scheduler *sc = s->sched;

	sc->norders = 0;
	for (unsigned int i = 0; i < sc->npartners; i++) {
		sc->partner[i].orders = 0;
		sc->partner[i].order_bytes = 0;
	}
	sc->orders_idle = false;
}
