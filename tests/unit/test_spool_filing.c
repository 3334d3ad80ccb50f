/*
 * tests/unit/test_spool_filing.c - verdicts, legs, lanes, batches, repeats,
 * poison: what happens to a filing between its claims and its delivery.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

#define A(k, c)                                                                \
	&(struct a_filing)                                                     \
	{                                                                      \
		.key = k, .content = c, .file_name = "I_" k "_t-1.zip",        \
		.lane = k                                                      \
	}

static void
test_a_clean_filing_becomes_a_leg_and_a_delivery(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "dec.edi", A("K1", "one"));
	assert_string_equal(box_text(&x, "SELECT state FROM filing"), "taken");
	assert_string_equal(box_text(&x, "SELECT state FROM leg"), "bound");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.partner, "customs");
	test_slice_is(d.name, "I_K1_t-1.xml");
	test_slice_is(d.body, "<Dec>K1 one</Dec>");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery"
				     " WHERE kind = 'taken'"),
	    1);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery"
				     " WHERE kind = 'findings'"),
	    0);
	box_free(&x);
}

static void
test_an_edifact_message_is_not_delivered_without_its_envelope(void **state)
{
	static const struct a_filing message = {
		.key = "K1", .content = "one", .lane = "K1", .segments = 5
	};
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "dec.edi", &message);
	assert_false(box_deliver(&x, &d));
	assert_string_equal(box_text(&x, "SELECT state FROM delivery"
					 " WHERE kind = 'legs' AND wrap = 1"
					 " AND number = 1"),
	    "planned");
	box_free(&x);
}

/* The reply as it is given to convert, and a body for it. */
static void
reply_write(struct box *x, const char *want, const char *body)
{
	struct claim c = { .kind = CLAIM_BODY,
		.u.body = { .body = slice_of(body) } };
	struct buf b;
	struct err err;

	box_order(x);
	assert_int_equal(x->o.kind, ORDER_REPLY);
	if (want != NULL &&
	    memmem(x->o.input.p, x->o.input.len, want, strlen(want)) == NULL)
		fail_msg("no '%s' in: %.*s", want, SLICE_ARG(x->o.input));
	buf_init(&b, 1u << 20);
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
test_a_repeat_gets_the_earlier_reply_and_no_leg(void **state)
{
	struct delivery_out d;
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "dec.edi", A("K1", "one"));
	reply_write(&x, "K1", "the reply");
	box_file(&x, "dec2.edi", A("K1", "one"));
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	assert_string_equal(box_text(&x, "SELECT state FROM filing"
					 " ORDER BY id DESC"),
	    "repeat");
	while (box_deliver(&x, &d) && !slice_is(d.name, "dec2.001.taken"))
		;
	test_slice_is(d.name, "dec2.001.taken");
	test_slice_is(d.body, "the reply");
	box_free(&x);
}

static void
test_a_used_key_with_other_content_is_refused(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "dec.edi", A("K1", "one"));
	reply_write(&x, NULL, "taken");
	box_file(&x, "dec2.edi", A("K1", "other"));
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	assert_string_equal(box_text(&x, "SELECT why FROM filing"
					 " ORDER BY id DESC"),
	    "key-used");
	reply_write(&x, "E0402", "findings");
	box_free(&x);
}

static void
test_a_refused_filing_leaves_its_key_free(void **state)
{
	struct a_filing bad = {
		.key = "K1", .content = "one", .refused = true
	};
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "dec.edi", &bad);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM filing"), "refused");
	reply_write(&x, "refused", "findings");
	box_file(&x, "dec.edi", A("K1", "one"));
	assert_string_equal(box_text(&x, "SELECT state FROM filing"
					 " ORDER BY id DESC"),
	    "taken");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	box_free(&x);
}

static void
test_a_test_filing_does_not_use_up_a_key(void **state)
{
	struct a_filing try = { .key = "K1", .content = "one", .test = true };
	struct box x;

	(void)state;
	box_new(&x);
	box_file(&x, "try.edi", &try);
	assert_string_equal(box_text(&x, "SELECT agency FROM leg"), "port");
	box_file(&x, "dec.edi", A("K1", "one"));
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM filing WHERE"
				     " state = 'taken'"),
	    2);
	box_free(&x);
}

static enum rc
lie(struct box *x, const struct claim *extra, struct err *err)
{
	struct buf b;

	box_arrive(x, "acme", "lie", "lie");
	do
		box_order(x);
	while (x->o.kind != ORDER_READ);
	claims_arrival(&b, 1, extra->kind == CLAIM_RECEIPT);
	claims_filing(x, &b, 1, A("K1", "one"));
	claim_put(&b, extra);
	return box_done(x, &b, err);
}

static void
test_claims_that_lie_are_refused_whole(void **state)
{
	struct claim receipt = { .kind = CLAIM_RECEIPT };
	struct claim leg = { .kind = CLAIM_LEG,
		.u.leg = { .filing = 1,
		    .agency = SLICE_LIT("acme"),
		    .format = SLICE_LIT("cn-dec"),
		    .body = SLICE_LIT("b") } };
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("b") } };
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	assert_int_equal(lie(&x, &receipt, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claims: a receipt from 'acme', no agency");
	box_again(&x, 0);
	assert_int_equal(lie(&x, &leg, &err), RC_REFUSED);
	assert_string_equal(err.text, "claims: 'declaration' as 'cn-dec' for "
				      "'acme' is not a row of the routes");
	box_again(&x, 0);
	leg.u.leg.agency = SLICE_LIT("customs");
	leg.u.leg.id = 5;
	assert_int_equal(lie(&x, &leg, &err), RC_REFUSED);
	assert_string_equal(
	    err.text, "claims: a leg of filing 1: its id is not of the order");
	box_again(&x, 0);
	assert_int_equal(lie(&x, &body, &err), RC_REFUSED);
	assert_string_equal(err.text, "claims: a body nobody asked for");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM filing"), 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 0);
	box_free(&x);
}

static void
test_a_lane_leaves_in_order(void **state)
{
	struct a_filing one = { .key = "K",
		.version = "1",
		.content = "one",
		.lane = "K",
		.file_name = "one" };
	struct a_filing two = { .key = "K",
		.version = "2",
		.content = "two",
		.lane = "K",
		.file_name = "two" };
	struct delivery_out d, other;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "one.edi", &one);
	box_file(&x, "two.edi", &two);
	box_file(&x, "free.edi", A("F", "free"));
	assert_string_equal(box_text(&x, "SELECT state FROM leg WHERE"
					 " file_name = 'two'"),
	    "written");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "one");
	assert_true(box_deliver(&x, &other)); /* another lane waits for none */
	test_slice_is(other.name, "I_F_t-1.xml");
	assert_false(box_deliver(&x, &other));
	box_publish(&x, d.id);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "two");
	assert_int_equal(
	    box_sql(&x, "SELECT count(DISTINCT cas) FROM filing"), 2);
	box_free(&x);
}

static void
test_at_most_window_files_stand_in_a_folder(void **state)
{
	struct delivery_out d, e;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].submit[0].window = 1;
	box_file(&x, "a", A("A", "a"));
	box_file(&x, "b", A("B", "b"));
	assert_true(box_deliver(&x, &d));
	assert_false(box_deliver(&x, &e));
	box_publish(&x, d.id);
	assert_false(box_deliver(&x, &e));
	box_again(&x, 0);
	assert_false(box_deliver(&x, &e));
	delivery_picked(x.b, d.id, &st);
	box_commit(&x);
	assert_true(box_deliver(&x, &e));
	test_slice_is(e.name, "I_B_t-1.xml");
	box_free(&x);
}

static void
test_a_dead_partner_costs_one_probe(void **state)
{
	struct delivery_out d;
	struct step st;
	struct box x;
	int64_t due;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "a", A("A", "a"));
	box_file(&x, "b", A("B", "b"));
	assert_true(box_deliver(&x, &d));
	delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	assert_false(box_deliver(&x, &d)); /* the other one waits as well */
	box_again(&x, 1000);
	assert_false(box_deliver(&x, &d)); /* a restart is no reason to try */
	clock_move(&x.clock, 70000);
	spool_due(x.s, x.b, &due);
	assert_true(box_deliver(&x, &d));
	assert_false(box_deliver(&x, &(struct delivery_out){ 0 }));
	box_publish(&x, d.id);
	assert_true(box_deliver(&x, &d));
	box_free(&x);
}

static void
test_retries_end_and_the_filer_is_told(void **state)
{
	struct delivery_out d;
	struct step st;
	struct box x;
	int64_t due;

	(void)state;
	box_new(&x);
	x.partner[1].retry_for_ms = 1;
	box_file(&x, "a", A("A", "a"));
	reply_write(&x, "taken", "taken");
	for (int i = 0; i < 2; i++) {
		do
			assert_true(box_deliver(&x, &d));
		while (!slice_is(d.partner, "customs"));
		delivery_failed(x.b, d.id, RC_LATER, "no route", &st);
		box_commit(&x);
		assert_string_equal(st.why.text, "");
		clock_move(&x.clock, 700000);
		spool_due(x.s, x.b, &due);
		box_commit(&x);
	}
	assert_string_equal(box_text(&x, "SELECT state FROM delivery WHERE"
					 " kind = 'legs'"),
	    "failed");
	reply_write(&x, "undeliverable", "status");
	box_free(&x);
}

static void
test_the_third_death_holds_the_message_and_its_neighbours_go_on(void **state)
{
	struct buf b;
	struct step st;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "three.edi", "one two three");
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		box_order(&x);
		test_slice_is(x.o.format, "");
		order_failed(x.b, x.order, "killed at filing 2", &st);
		box_commit(&x);
		assert_int_equal(st.rc, RC_OK);
	}
	box_order(&x);
	test_slice_is(x.o.format, "2");
	claims_arrival(&b, 2, 0);
	claims_filing(&x, &b, 1, A("K1", "one"));
	claims_filing(&x, &b, 3, A("K3", "three"));
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	assert_string_equal(box_text(&x, "SELECT group_concat(state) FROM"
					 " (SELECT state FROM filing"
					 " ORDER BY number)"),
	    "taken,held,taken");
	reply_write(&x, "K3", "taken");
	reply_write(&x, "E0404", "findings");
	box_free(&x);
}

static void
test_an_arrival_that_kills_its_reader_is_held(void **state)
{
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "bad.edi", "boom");
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		box_order(&x);
		assert_int_equal(x.o.attempt, i + 1);
		order_failed(x.b, x.order, "killed", &st);
		box_commit(&x);
	}
	assert_string_equal(box_text(&x, "SELECT state FROM arrival"), "held");
	reply_write(&x, "held", "findings");
	assert_true(box_no_order(&x));
	box_free(&x);
}

/* Its time to wait for files is over, and it is not read: a person is due. */
static void
test_what_is_held_wakes_nobody(void **state)
{
	struct box x;
	int64_t due;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "a.edi", "poison");
	assert_int_equal(sqlite3_exec(x.s->j.db,
			     "UPDATE arrival SET state = 'held', wait_t = 1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	box_due(&x, 120000);
	x.s->due_t = 0;
	spool_due(x.s, x.b, &due);
	assert_in_range(due - spool_time(x.s), 3000, 3600000);
	box_free(&x);
}

static void
test_orders_go_out_again_after_a_stop_and_are_counted(void **state)
{
	struct box x;
	uint64_t ids;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "a.edi", "a");
	box_order(&x);
	ids = x.o.ids;
	assert_int_equal(x.o.attempt, 1);
	assert_true(box_no_order(&x));
	box_again(&x, 0);
	box_order(&x);
	assert_int_equal(x.o.attempt, 2);
	assert_int_equal(x.o.ids, ids); /* the same filings as before */
	box_free(&x);
}

static void
test_results_of_one_partner_wait_for_their_turn(void **state)
{
	struct order first, second;
	struct box x;
	struct buf b;
	struct err err;

	(void)state;
	box_new(&x);
	box_arrive(&x, "acme", "a.edi", "a");
	box_arrive(&x, "acme", "b.edi", "b");
	first = *box_order(&x);
	second = *box_order(&x);
	assert_true(spool_order_turn(x.s, first.id));
	assert_false(spool_order_turn(x.s, second.id));
	x.o = first;
	x.order = first.id;
	claims_arrival(&b, 0, 0);
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	assert_true(spool_order_turn(x.s, second.id));
	box_free(&x);
}

static void
test_a_hundred_filings_stay_within_their_budget(void **state)
{
	struct spool_counters a, c;
	struct wrap_part part;
	struct delivery_out d;
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("wrapped") } };
	struct err err;
	struct slice in;
	struct buf b;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].batch = 100;
	spool_counters(x.s, &a);
	box_arrive(&x, "acme", "hundred.edi", "hundred");
	box_order(&x);
	claims_arrival(&b, 100, 0);
	for (uint32_t i = 1; i <= 100; i++) {
		char key[16];
		struct a_filing f = { .key = key,
			.content = key,
			.lane = key,
			.file_name = "n.xml" };

		snprintf(key, sizeof(key), "K%u", i);
		claims_filing(&x, &b, i, &f);
	}
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	do
		box_order(&x);
	while (x.o.kind != ORDER_WRAP);
	assert_int_equal(x.o.number, 1);
	in = x.o.input;
	for (int i = 0; i < 100; i++)
		assert_int_equal(wrap_next(&in, &part, &err), RC_OK);
	test_slice_is(part.body, "<Dec>K100 K100</Dec>");
	test_slice_is(part.name, "n.xml");
	assert_int_equal(in.len, 0);
	buf_init(&b, 1u << 20);
	claim_put(&b, &body);
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.body, "wrapped");
	test_slice_is(d.name, "cn-dec-1.xml");
	box_publish(&x, d.id);
	spool_counters(x.s, &c);
	assert_int_equal(c.filings - a.filings, 100);
	assert_in_range(c.row_writes - a.row_writes, 200, 260);
	assert_in_range(c.syncs - a.syncs, 5, 11);
	assert_in_range(c.events - a.events, 1, 10);
	box_free(&x);
}

/* Files of one partner until no more go out, after the first one. */
static void
hand_all(struct box *x, size_t size)
{
	char name[16], *bytes = malloc(size + 1);
	struct err err;

	assert_non_null(bytes);
	memset(bytes, 'b', size);
	bytes[size] = '\0';
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "%d.edi", i);
		box_arrive(x, "acme", name, bytes);
	}
	free(bytes);
	while (spool_next_order(x->s, &x->o, x->mem, &err) == RC_OK)
		continue;
}

/*
 * All that is out waits for the turn of the first file, and that one is to be
 * read once more: were there no place for it, nobody would ever go on.
 */
static void
test_the_oldest_file_is_read_again_however_many_wait_for_it(void **state)
{
	static const size_t sizes[] = { 10, 300000 }; /* by number, by bytes */

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct box x;
		struct step st;
		struct err err;
		uint64_t first;

		box_new(&x);
		first = box_arrive(&x, "acme", "first.edi", "small");
		box_order(&x);
		hand_all(&x, sizes[i]);
		order_failed(x.b, x.order, "killed", &st);
		box_commit(&x);
		assert_int_equal(
		    spool_next_order(x.s, &x.o, x.mem, &err), RC_OK);
		assert_int_equal(x.o.subject, first);
		assert_int_equal(
		    spool_next_order(x.s, &x.o, x.mem, &err), RC_LATER);
		box_free(&x);
		box_new(&x);
		box_key(&x, "K1");
		hand_all(&x, sizes[i]);
		box_sql(&x, "UPDATE arrival SET state = 'accepted', redo = 1"
			    " WHERE name = 'K1.edi' RETURNING 1");
		assert_int_equal(
		    spool_next_order(x.s, &x.o, x.mem, &err), RC_OK);
		test_slice_is(x.o.name, "K1.edi");
		box_free(&x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_clean_filing_becomes_a_leg_and_a_delivery),
		T(test_an_edifact_message_is_not_delivered_without_its_envelope),
		T(test_a_repeat_gets_the_earlier_reply_and_no_leg),
		T(test_a_used_key_with_other_content_is_refused),
		T(test_a_refused_filing_leaves_its_key_free),
		T(test_a_test_filing_does_not_use_up_a_key),
		T(test_claims_that_lie_are_refused_whole),
		T(test_a_lane_leaves_in_order),
		T(test_at_most_window_files_stand_in_a_folder),
		T(test_a_dead_partner_costs_one_probe),
		T(test_retries_end_and_the_filer_is_told),
		T(test_the_third_death_holds_the_message_and_its_neighbours_go_on),
		T(test_an_arrival_that_kills_its_reader_is_held),
		T(test_what_is_held_wakes_nobody),
		T(test_orders_go_out_again_after_a_stop_and_are_counted),
		T(test_results_of_one_partner_wait_for_their_turn),
		T(test_a_hundred_filings_stay_within_their_budget),
		T(test_the_oldest_file_is_read_again_however_many_wait_for_it),
	};

	return TESTS_RUN(tests);
}
