/*
 * crash/spool_way.c - the whole way of six filings through the spool, made so
 * that it can be begun again at any point: take, accept, read, gather, wrap,
 * stage, publish, one refused by its partner and delivered again, answers,
 * replies. Each has a second leg that waits until customs has released the
 * first, and is planned again at each of its answers. Run under the shim by
 * spool.t.
 *
 *   spool_way run DIR     prints "accepted N" when the spool has said so
 *   spool_way check DIR   goes on from whatever is there, to the end, then
 *                         compares: nothing lost, nothing twice, none untold
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

#define FILES   2
#define EACH    3
#define ANSWERS 2
#define ROUNDS  400

static void
give(struct box *x, uint64_t id, const char *partner, const char *name)
{
	struct arrival_in in = { .id = id,
		.partner = slice_of(partner),
		.channel = SLICE_LIT("folder"),
		.name = slice_of(name),
		.body = slice_of(name) };
	struct step take, accept;
	struct digest d;
	struct err err;

	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, sizeof(in.sha256));
	arrival_take(x->b, &in, &take);
	box_commit(x);
	assert_int_equal(take.rc, RC_OK);
	arrival_accept(x->b, id, &accept);
	box_commit(x);
	assert_int_equal(accept.rc, RC_OK);
	printf("accepted %llu\n", (unsigned long long)id);
	fflush(stdout);
}

static struct claim
waiting(const char *key, uint32_t number)
{
	return (struct claim){ .kind = CLAIM_LEG,
		.u.leg = { .filing = number,
		    .name = SLICE_LIT("window"),
		    .agency = SLICE_LIT("port"),
		    .format = SLICE_LIT("cn-dec"),
		    .lane = slice_of(key),
		    .waits = true,
		    .gates = true,
		    .together = true } };
}

static void
claims_of(struct box *x, struct buf *b)
{
	unsigned int file = 0, answer = 0;
	struct claim second;
	char key[32], name[64];

	snprintf(name, sizeof(name), "%.*s", SLICE_ARG(x->o.name));
	if (sscanf(name, "answer-%u-%u", &answer, &file) == 2) {
		claims_arrival(b, 0, EACH);
		for (uint32_t i = 1; i <= EACH; i++) {
			struct a_receipt r = { .filer =
						   answer == 0 ? key : NULL,
				.platform = key,
				.status = answer == 0 ? "0" : "P",
				.level = answer == 0 ? "technical" : "decision",
				.outcome =
				    answer == 0 ? "received" : "released",
				.rank = 10 + (int)answer,
				.final = answer == 1,
				.event_ms = 1000 + answer };

			snprintf(key, sizeof(key), "K%u-%u", file, i);
			claims_receipt(b, i, &r);
		}
		return;
	}
	assert_int_equal(sscanf(name, "file-%u", &file), 1);
	claims_arrival(b, EACH, 0);
	for (uint32_t i = 1; i <= EACH; i++) {
		struct a_filing f = { .key = key,
			.content = key,
			.lane = key,
			.file_name = key,
			.together = true };

		snprintf(key, sizeof(key), "K%u-%u", file, i);
		claims_filing(x, b, i, &f);
		second = waiting(key, i);
		claim_put(b, &second);
	}
}

/* Written once customs has released it, and not before. */
static void
replan(struct box *x, struct buf *b)
{
	static struct replan_in in;
	struct claim l = waiting("", 0);
	struct err err;

	if (replan_read(x->o.input, &in, &err) != RC_OK)
		fail_msg("%s", err.text);
	claims_arrival(b, 0, 0);
	l.u.leg.filing = in.filing;
	l.u.leg.id = x->o.ids;
	for (uint32_t i = 0; i < in.nfacts; i++)
		if (slice_is(in.fact[i].name, "customs") &&
		    slice_is(in.fact[i].outcome, "released")) {
			l.u.leg.waits = false;
			l.u.leg.body = in.fact[i].key_of[0].text;
			l.u.leg.file_name = in.fact[i].key_of[0].text;
		}
	claim_put(b, &l);
}

static bool
orders_do(struct box *x)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct buf b;
	struct err err;

	if (spool_next_order(x->s, &x->o, x->mem, &err) != RC_OK)
		return false;
	x->order = x->o.id;
	if (x->o.kind == ORDER_READ) {
		claims_of(x, &b);
	} else if (x->o.kind == ORDER_REPLAN) {
		replan(x, &b);
	} else {
		buf_init(&b, 1u << 20);
		claim_put(&b, &body);
	}
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	return true;
}

struct standing {
	uint64_t id[64];
	bool staged[64];
	unsigned int n;
};

static void
standing_add(void *arg, const struct delivery_out *d, bool staged)
{
	struct standing *s = arg;

	assert_true(s->n < 64);
	s->id[s->n] = d->id;
	s->staged[s->n++] = staged;
}

static void
publish(struct box *x, uint64_t id, bool staged)
{
	struct step st;

	if (!staged) {
		delivery_staged(x->b, id, &st);
		box_commit(x);
		assert_int_equal(st.rc, RC_OK);
	}
	delivery_published(x->b, id, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
}

static bool
deliveries_do(struct box *x)
{
	struct delivery_out d;
	struct step st;

	if (!box_deliver(x, &d))
		return false;
	publish(x, d.id, false);
	delivery_picked(x->b, d.id, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
	return true;
}

/* What stood outside when we died. */
static void
standing_do(struct box *x)
{
	struct standing s = { .n = 0 };
	struct step st;
	struct err err;

	assert_int_equal(spool_standing(x->s, standing_add, &s, &err), RC_OK);
	for (unsigned int i = 0; i < s.n; i++) {
		if (s.staged[i])
			publish(x, s.id[i], true);
		delivery_picked(x->b, s.id[i], &st);
		box_commit(x);
		assert_int_equal(st.rc, RC_OK);
	}
}

static void
go_on(struct box *x)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (orders_do(x) || deliveries_do(x))
			continue;
		box_due(x, 1);
		if (box_sql(x, "SELECT count(*) FROM delivery WHERE state IN"
			       " ('planned', 'ready')") == 0)
			return;
	}
	fail_msg("it never ends");
}

/* The partner puts one file among the refused; it is delivered again. */
static void
refused_do(struct box *x)
{
	uint64_t id = (uint64_t)box_sql(x,
	    "SELECT id FROM delivery WHERE partner = 'customs' AND"
	    " name = 'cn-dec-1'");
	struct step st;

	delivery_rejected(x->b, id, 0, 77, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
	if (box_sql(
		x, "SELECT count(*) FROM delivery WHERE state = 'failed'") == 0)
		return; /* done before we died */
	delivery_again(x->b, id, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
}

static void
way(struct box *x)
{
	char name[32];

	standing_do(x);
	for (unsigned int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file-%u", i);
		give(x, 1000 + i, "acme", name);
	}
	go_on(x);
	refused_do(x);
	go_on(x);
	for (unsigned int k = 0; k < ANSWERS; k++) {
		for (unsigned int i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "answer-%u-%u", k, i);
			give(x, 2000 + 10 * k + i, "customs", name);
		}
		go_on(x);
	}
}

static void
want(struct box *x, const char *sql, int64_t n)
{
	int64_t found = box_sql(x, sql);

	if (found != n) {
		fprintf(stderr, "%s: %lld, want %lld\n", sql, (long long)found,
		    (long long)n);
		exit(1);
	}
}

static void
compare(struct box *x)
{
	struct digest head;
	struct err err;
	uint64_t n;

	want(x, "SELECT count(*) FROM arrival WHERE state = 'done'",
	    FILES + FILES * ANSWERS);
	want(x, "SELECT count(*) FROM arrival WHERE state <> 'done'", 0);
	want(x, "SELECT count(*) FROM filing", FILES * EACH);
	want(x, "SELECT count(*) FROM leg", 2 * FILES * EACH);
	/* those that waited were written once, when they might be */
	want(x,
	    "SELECT count(*) FROM leg WHERE name = 'window' AND"
	    " state = 'bound' AND wake = 0 AND body_len > 0 AND delivery IN"
	    " (SELECT id FROM delivery WHERE state = 'picked')",
	    FILES * EACH);
	want(x,
	    "SELECT count(*) FROM leg WHERE state = 'final' AND"
	    " outcome = 'released' AND again = 0 AND answers = 2 +"
	    " (delivery = (SELECT min(id) FROM delivery WHERE kind = 'legs'))",
	    FILES * EACH);
	want(x, "SELECT count(*) FROM delivery WHERE state <> 'picked'", 0);
	/* two in each, numbered without a gap */
	want(x,
	    "SELECT count(*) FROM delivery WHERE kind = 'legs' AND"
	    " partner = 'customs'",
	    FILES * EACH / 2);
	want(x,
	    "SELECT sum(number) FROM delivery WHERE kind = 'legs' AND"
	    " partner = 'customs'",
	    1 + 2 + 3);
	want(x, "SELECT count(*) FROM delivery WHERE kind = 'taken'", FILES);
	want(x,
	    "SELECT count(*) - count(DISTINCT partner || '/' || name)"
	    " FROM delivery",
	    0);
	/* each answer is in the range of one status, none between two */
	want(x,
	    "SELECT count(*) FROM delivery d WHERE kind = 'status' AND"
	    " from_answer <> (SELECT coalesce(max(upto_answer), 0) FROM"
	    " delivery e WHERE e.arrival = d.arrival AND e.kind = 'status'"
	    " AND e.id < d.id)",
	    0);
	want(x,
	    "SELECT count(*) FROM leg WHERE answer > (SELECT max(upto_answer)"
	    " FROM delivery d WHERE d.arrival = leg.arrival AND"
	    " d.kind = 'status')",
	    0);
	if (audit_verify(&x->s->j, x->s->audit.seq, &n, &head, &err) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

/* Every yes that was heard is there, byte for byte. */
static void
ledger(struct box *x)
{
	unsigned long long id;

	while (scanf(" accepted %llu", &id) == 1) {
		char sql[160];
		uint64_t ref;
		struct slice body;
		struct err err;

		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM arrival WHERE id = %llu AND"
		    " state IN ('accepted', 'done')",
		    id);
		want(x, sql, 1);
		snprintf(sql, sizeof(sql),
		    "SELECT body FROM arrival WHERE id = %llu", id);
		ref = (uint64_t)box_sql(x, sql);
		if (segments_body(&x->s->seg, ref, x->mem, &body, &err) !=
		    RC_OK) {
			fprintf(stderr, "%llu: %s\n", id, err.text);
			exit(1);
		}
	}
}

int
main(int argc, char **argv)
{
	struct box x;

	if (argc != 3 ||
	    (strcmp(argv[1], "run") != 0 && strcmp(argv[1], "check") != 0)) {
		fprintf(stderr, "usage: spool_way run|check DIR\n");
		return 2;
	}
	box_at(&x, argv[2]);
	x.partner[1].submit[0].batch = 2;
	x.partner[1].submit[0].batch_within_ms = 1;
	x.partner[1].submit[0].gapless = true;
	if (strcmp(argv[1], "check") == 0) {
		ledger(&x);
		way(&x);
		compare(&x);
	} else {
		way(&x);
	}
	box_shut(&x);
	arena_free(x.mem);
	return 0;
}
