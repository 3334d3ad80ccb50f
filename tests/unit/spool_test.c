/*
 * tests/unit/spool_test.c - the spool's box for tests; called by the unit
 * tests of spool/ only.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "src/base/hash.h"

static void
conf_fill(struct box *x)
{
	x->partner[0] = (struct conf_partner){ .name = "acme",
		.filer = true,
		.replies = REPLY_TAKEN | REPLY_FINDINGS | REPLY_STATUS,
		.reply_format = "csv-status" };
	x->partner[1] = (struct conf_partner){ .name = "customs",
		.agency = true,
		.submit = { { .document = "declaration",
		    .format = "cn-dec",
		    .batch = 1 } },
		.nsubmit = 1,
		.technical_within_ms = 1800000,
		.decision_within_ms = 172800000,
		.retry_every_ms = 60000,
		.retry_doubling = true,
		.retry_upto_ms = 3600000,
		.retry_for_ms = 86400000 };
	x->partner[2] = (struct conf_partner){ .name = "port",
		.agency = true,
		.submit = { { .document = "declaration",
		    .format = "cn-dec",
		    .batch = 2,
		    .test = true } },
		.nsubmit = 1 };
	x->partner[3] = (struct conf_partner){
		.name = "fwd", .filer = true, .forward = "customs"
	};
	x->partner[4] = (struct conf_partner){ .name = "other", .filer = true };
	x->conf = (struct conf){ .file = "test.conf",
		.spool = x->dir,
		.node = 1,
		.partner = x->partner,
		.npartners = 5 };
}

static void
box_open(struct box *x)
{
	struct err err;

	if (spool_open(&x->s, x->dir, &x->conf, &x->clock, &err) != RC_OK)
		fail_msg("spool_open: %s", err.text);
	x->b = batch_begin(x->s);
	assert_non_null(x->b);
}

void
box_new(struct box *x)
{
	box_at(x, test_dir());
}

void
box_at(struct box *x, char *dir)
{
	*x = (struct box){ .dir = dir };
	conf_fill(x);
	clock_fake(&x->clock, WALL0);
	x->mem = arena_new(64u << 20);
	box_open(x);
}

void
box_shut(struct box *x)
{
	batch_free(x->b);
	spool_close(x->s);
}

void
box_free(struct box *x)
{
	box_shut(x);
	arena_free(x->mem);
	test_dir_gone(x->dir);
}

void
box_again(struct box *x, int64_t ms)
{
	box_shut(x);
	clock_move(&x->clock, ms);
	box_open(x);
}

void
box_commit(struct box *x)
{
	struct err err;

	if (batch_commit(x->b, &err) != RC_OK)
		fail_msg("batch_commit: %s", err.text);
}

uint64_t
box_arrive(
    struct box *x, const char *partner, const char *name, const char *bytes)
{
	struct arrival_in in = { .id = id_new(spool_ids(x->s)),
		.partner = slice_of(partner),
		.channel = SLICE_LIT("folder"),
		.name = slice_of(name),
		.mark = { 1, 2, strlen(bytes), 4 },
		.body = slice_of(bytes) };
	struct step take, accept;
	struct digest d;
	struct err err;

	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, sizeof(in.sha256));
	arrival_take(x->b, &in, &take);
	arrival_accept(x->b, in.id, &accept);
	box_commit(x);
	if (take.rc != RC_OK || accept.rc != RC_OK)
		fail_msg(
		    "take: %s; accept: %s", take.why.text, accept.why.text);
	return in.id;
}

struct order *
box_order(struct box *x)
{
	struct err err;

	if (spool_next_order(x->s, &x->o, x->mem, &err) != RC_OK)
		fail_msg("spool_next_order: %s", err.text);
	x->order = x->o.id;
	return &x->o;
}

bool
box_no_order(struct box *x)
{
	struct err err;
	struct order o;

	return spool_next_order(x->s, &o, x->mem, &err) == RC_LATER;
}

enum rc
box_done(struct box *x, struct buf *claims, struct err *err)
{
	struct step st;

	order_done(x->b, x->order, buf_look(claims), &st);
	box_commit(x);
	*err = st.why;
	buf_clear(claims);
	return st.rc;
}

bool
box_deliver(struct box *x, struct delivery_out *d)
{
	struct err err;
	enum rc rc = spool_next_delivery(x->s, d, x->mem, &err);

	if (rc != RC_OK && rc != RC_LATER)
		fail_msg("spool_next_delivery: %s", err.text);
	return rc == RC_OK;
}

void
box_publish(struct box *x, uint64_t delivery)
{
	struct step staged, published;

	delivery_staged(x->b, delivery, &staged);
	delivery_published(x->b, delivery, &published);
	box_commit(x);
	if (staged.rc != RC_OK || published.rc != RC_OK)
		fail_msg("staged: %s; published: %s", staged.why.text,
		    published.why.text);
}

static enum refused_is
refuse(struct box *x, const char *name, const char *bytes, uint64_t mark,
    bool readable)
{
	struct refused_file f = { .partner = SLICE_LIT("customs"),
		.name = slice_of(name),
		.mark = mark,
		.size = strlen(bytes) };
	struct step st = { RC_OK, { "" } };
	enum refused_is is;
	struct err err;
	uint64_t id;
	uint32_t part;

	is = spool_refused(x->s, &f, &id, &part);
	if (is == REFUSED_ASKS) {
		f.asked = true;
		f.read = readable;
		if (hash_of(slice_of(bytes), &f.sha256, &err) != RC_OK)
			fail_msg("%s", err.text);
		is = spool_refused(x->s, &f, &id, &part);
		assert_true(is != REFUSED_ASKS);
	}
	if (is == REFUSED_UNCLEAR)
		delivery_unclear(x->b, id, part, mark, &st);
	else if (is != REFUSED_NOBODYS)
		delivery_rejected(x->b, id, part, mark, &st);
	box_commit(x);
	if (st.rc != RC_OK)
		fail_msg("%s", st.why.text);
	return is;
}

enum refused_is
box_refuse(struct box *x, const char *name, const char *bytes, uint64_t mark)
{
	return refuse(x, name, bytes, mark, true);
}

enum refused_is
box_refuse_unread(
    struct box *x, const char *name, const char *bytes, uint64_t mark)
{
	return refuse(x, name, bytes, mark, false);
}

static sqlite3_stmt *
sql_ask(struct box *x, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(x->s->j.db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(x->s->j.db));
	return st;
}

int64_t
box_sql(struct box *x, const char *sql)
{
	sqlite3_stmt *st = sql_ask(x, sql);
	int64_t n = sqlite3_column_int64(st, 0);

	sqlite3_finalize(st);
	return n;
}

const char *
box_text(struct box *x, const char *sql)
{
	sqlite3_stmt *st = sql_ask(x, sql);
	const char *text = arena_str(
	    x->mem, slice_of((const char *)sqlite3_column_text(st, 0)));

	sqlite3_finalize(st);
	return text;
}

static void
commit_ends(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct full *f = sqlite3_user_data(c);

	(void)n;
	(void)v;
	if (f->tried++ >= f->after && f->times > 0) {
		f->times--;
		sqlite3_result_error_code(c, SQLITE_FULL);
	}
}

struct rlimit
descriptors_leave(rlim_t n)
{
	struct rlimit was, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return was;
}

void
commits_full(struct spool *s, struct full *f)
{
	*f = (struct full){ 0 };
	assert_int_equal(sqlite3_create_function_v2(s->j.db, "commit_ends", 0,
			     SQLITE_UTF8, f, commit_ends, NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(s->j.db,
		"CREATE TEMP TRIGGER full BEFORE UPDATE ON main.now BEGIN"
		" SELECT commit_ends(); END",
		NULL, NULL, NULL),
	    SQLITE_OK);
}

void
claims_arrival(struct buf *b, uint32_t filings, uint32_t receipts)
{
	struct claim c = { .kind = CLAIM_ARRIVAL,
		.u.arrival = { .format = SLICE_LIT("un-interchange"),
		    .encoding = SLICE_LIT("UTF-8"),
		    .filings = filings,
		    .receipts = receipts } };

	buf_init(b, 1u << 24);
	claim_put(b, &c);
}

/* 0 when the order has no more: the spool draws one. */
static uint64_t
id_of(const struct box *x, uint32_t n)
{
	return n < x->o.nids ? x->o.ids + n : 0;
}

void
claims_filing(
    struct box *x, struct buf *b, uint32_t number, const struct a_filing *f)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct claim l = { .kind = CLAIM_LEG };
	struct digest d;
	struct err err;
	char body[256];

	assert_int_equal(hash_of(slice_of(f->content), &d, &err), RC_OK);
	c.u.filing = (struct claim_filing){ .number = number,
		.id = id_of(x, 2 * number),
		.format = SLICE_LIT("un-cusdec-d96b"),
		.kind = SLICE_LIT("declaration"),
		.key = slice_of(f->key),
		.version = slice_of(f->version),
		.label = slice_of(f->key),
		.test = f->test,
		.refused = f->refused,
		.errors = f->refused };
	memcpy(c.u.filing.content, d.b, sizeof(c.u.filing.content));
	claim_put(b, &c);
	if (f->refused || f->no_leg)
		return;
	snprintf(body, sizeof(body), "<Dec>%s %s</Dec>", f->key, f->content);
	l.u.leg = (struct claim_leg){ .filing = number,
		.id = id_of(x, 2 * number + 1),
		.agency = SLICE_LIT("customs"),
		.format = SLICE_LIT("cn-dec"),
		.file_name = slice_of(f->file_name),
		.lane = slice_of(f->lane),
		.key_of = { { SLICE_LIT("filer"), slice_of(f->key) } },
		.nkeys = f->key == NULL ? 0 : 1,
		.body = slice_of(body),
		.together = f->together,
		.gates = true,
		.segments = f->segments };
	if (f->test)
		l.u.leg.agency = SLICE_LIT("port");
	claim_put(b, &l);
}

static void
key_put(struct claim_receipt *r, const char *name, const char *text)
{
	if (text != NULL)
		r->key_of[r->nkeys++] =
		    (struct claim_key){ slice_of(name), slice_of(text) };
}

void
claims_receipt(struct buf *b, uint32_t number, const struct a_receipt *r)
{
	struct claim c = { .kind = CLAIM_RECEIPT };

	c.u.receipt = (struct claim_receipt){ .number = number,
		.format = SLICE_LIT("cn-dec-result"),
		.status = slice_of(r->status),
		.level = slice_of(r->level),
		.outcome = slice_of(r->outcome),
		.text = slice_of(r->text),
		.rank = r->rank,
		.final = r->final,
		.event_ms = r->event_ms,
		.unreadable = r->unreadable };
	key_put(&c.u.receipt, "filer", r->filer);
	key_put(&c.u.receipt, "platform", r->platform);
	key_put(&c.u.receipt, "customs", r->customs);
	claim_put(b, &c);
}

/* Each receipt file has other bytes, as in life. */
enum rc
box_receipt(struct box *x, const char *partner, const struct a_receipt *r)
{
	char name[64];
	struct buf b;
	struct err err;
	enum rc rc;

	snprintf(name, sizeof(name), "Receipt_%llu.xml",
	    (unsigned long long)x->s->audit.seq);
	box_arrive(x, partner, name, name);
	do
		box_order(x);
	while (x->o.kind != ORDER_READ);
	claims_arrival(&b, 0, 1);
	claims_receipt(&b, 1, r);
	rc = box_done(x, &b, &err);
	if (rc != RC_OK)
		fail_msg("receipt: %s", err.text);
	return rc;
}

uint64_t
box_file(struct box *x, const char *name, const struct a_filing *f)
{
	char bytes[256];
	struct buf b;
	struct err err;
	uint64_t id;

	snprintf(bytes, sizeof(bytes), "%s %s %s", name, f->key, f->content);
	id = box_arrive(x, "acme", name, bytes);
	do
		box_order(x);
	while (x->o.kind != ORDER_READ);
	claims_arrival(&b, 1, 0);
	claims_filing(x, &b, 1, f);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("file: %s", err.text);
	return id;
}

uint64_t
box_key(struct box *x, const char *key)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.edi", key);
	return box_file(x, name,
	    &(struct a_filing){
		.key = key, .content = key, .file_name = name });
}

void
box_due(struct box *x, int64_t ms)
{
	int64_t at;

	clock_move(&x->clock, ms);
	for (int i = 0; i < 32; i++) { /* more than a sweep's slices */
		spool_due(x->s, x->b, &at);
		box_commit(x);
		if (at > spool_time(x->s))
			break;
	}
}
