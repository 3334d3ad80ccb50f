/*
 * tests/unit/test_spool_view.c - what can be asked while the writer is up and
 * when it is down: one thing, lists, track, bodies, the chain, the state.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "spool/view_in.h"

#define R(...)                                                                 \
	&(struct a_receipt)                                                    \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

struct look {
	struct box x;
	struct view *v;
	uint64_t arrival, filing, leg;
};

static void
look_new(struct look *l)
{
	struct a_filing f = { .key = "K1",
		.content = "one",
		.lane = "K1",
		.file_name = "I_K1_t-1.zip" };
	struct delivery_out d;
	struct err err;

	box_new(&l->x);
	l->arrival = box_file(&l->x, "dec.edi", &f);
	clock_move(&l->x.clock, 1000);
	while (box_deliver(&l->x, &d))
		box_publish(&l->x, d.id);
	clock_move(&l->x.clock, 1000);
	box_receipt(&l->x, "customs",
	    R(.filer = "K1", .platform = "P1", .status = "0",
		.level = "technical", .outcome = "received", .rank = 10,
		.event_ms = 777, .text = "welcome"));
	l->filing = (uint64_t)box_sql(&l->x, "SELECT id FROM filing");
	l->leg = (uint64_t)box_sql(&l->x, "SELECT id FROM leg");
	if (view_open(&l->v, l->x.dir, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void
look_free(struct look *l)
{
	view_close(l->v);
	box_free(&l->x);
}

static void
test_a_leg_shows_its_states_with_times_and_its_answers(void **state)
{
	static const enum state want[] = { STATE_leg_WRITTEN, STATE_leg_BOUND,
		STATE_leg_ANSWERED };
	struct view_thing t;
	struct look l;
	struct err err;

	(void)state;
	look_new(&l);
	assert_int_equal(view_show(l.v, l.leg, l.x.mem, &t, &err), RC_OK);
	assert_int_equal(t.machine, MACHINE_leg);
	assert_int_equal(t.state, STATE_leg_ANSWERED);
	test_slice_is(t.partner, "customs");
	assert_int_equal(t.ntimes, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(t.time[i].state, want[i]);
	assert_int_equal(t.time[2].at_ms, WALL0 + 2000);
	assert_int_equal(t.nanswers, 1);
	test_slice_is(t.answer[0].outcome, "received");
	test_slice_is(t.answer[0].status, "0");
	test_slice_is(t.answer[0].text, "welcome");
	assert_int_equal(t.answer[0].event_ms, 777);
	assert_string_equal(t.answer[0].effect, "new");
	test_slice_is(view_field_text(&t, "keys"), "filer=K1, platform=P1");
	assert_int_equal(view_field_number(&t, "filing"), (int64_t)l.filing);
	test_slice_is(t.why_en, "the agency answered: received");
	test_slice_is(t.why_zh, "机构已答复：已接收");
	look_free(&l);
}

static void
test_every_kind_of_thing_can_be_shown(void **state)
{
	struct view_row rows[10];
	struct view_thing t;
	struct look l;
	struct err err;
	unsigned int n;

	(void)state;
	look_new(&l);
	assert_int_equal(view_show(l.v, l.arrival, l.x.mem, &t, &err), RC_OK);
	assert_int_equal(t.state, STATE_arrival_DONE);
	assert_int_equal(t.ntimes, 3);
	test_slice_is(view_field_text(&t, "file_name"), "dec.edi");
	assert_int_equal(view_show(l.v, l.filing, l.x.mem, &t, &err), RC_OK);
	assert_int_equal(t.state, STATE_filing_TAKEN);
	test_slice_is(view_field_text(&t, "label"), "K1");
	assert_int_equal(
	    view_parts(l.v, l.arrival, 0, 10, l.x.mem, rows, &n, &err), RC_OK);
	assert_int_equal(n, 3); /* the filing, taken, status */
	assert_int_equal(rows[0].id, l.filing);
	assert_int_equal(rows[1].machine, MACHINE_delivery);
	assert_int_equal(view_show(l.v, rows[1].id, l.x.mem, &t, &err), RC_OK);
	test_slice_is(view_field_text(&t, "kind"), "taken");
	assert_int_equal(
	    view_parts(l.v, l.filing, 0, 10, l.x.mem, rows, &n, &err), RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, l.leg);
	test_slice_is(rows[0].outcome, "received");
	assert_int_equal(view_show(l.v, 4711, l.x.mem, &t, &err), RC_REFUSED);
	assert_non_null(strstr(err.text, "nothing has the id"));
	look_free(&l);
}

static bool
tracked(struct look *l, const char *text, uint64_t want)
{
	struct view_row rows[10];
	struct err err;
	unsigned int n;
	bool more;

	if (view_track(l->v, slice_of(text), (struct slice){ NULL, 0 }, 10,
		l->x.mem, rows, &n, &more, &err) != RC_OK)
		fail_msg("%s", err.text);
	for (unsigned int i = 0; i < n; i++)
		if (rows[i].id == want)
			return true;
	return false;
}

static void
test_things_are_found_by_any_text_people_have(void **state)
{
	char id[ID_TEXT];
	struct look l;

	(void)state;
	look_new(&l);
	assert_true(tracked(&l, id_print(l.leg, id), l.leg));
	assert_true(tracked(&l, "K1", l.filing));
	assert_true(tracked(&l, "K1", l.leg));
	assert_true(tracked(&l, "P1", l.leg)); /* learned from the agency */
	assert_true(tracked(&l, " dec.edi\n", l.arrival));
	assert_false(tracked(&l, "nobody's", l.leg));
	look_free(&l);
}

/* Not written yet, it has no number of its own: its filing's is what people
 * have. */
static void
test_a_leg_that_waits_is_found_by_the_number_of_its_filing(void **state)
{
	struct look l;

	(void)state;
	look_new(&l);
	assert_int_equal(
	    sqlite3_exec(l.x.s->j.db,
		"UPDATE leg SET state = 'waiting', key1 = NULL, keys = '',"
		" body_len = 0; DELETE FROM legkey",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_true(tracked(&l, "K1", l.filing));
	assert_true(tracked(&l, "K1", l.leg));
	assert_true(tracked(&l, "K*", l.leg));
	assert_false(tracked(&l, "K2", l.leg));
	look_free(&l);
}

/* What of this text is a partner's; *more: not all was looked at. */
static unsigned int
tracked_of(struct look *l, const char *text, const char *partner, bool *more)
{
	struct view_row rows[10];
	struct err err;
	unsigned int n;

	if (view_track(l->v, slice_of(text), slice_of(partner), 10, l->x.mem,
		rows, &n, more, &err) != RC_OK)
		fail_msg("%s", err.text);
	return n;
}

/* Younger files of the same name, and legs with the same number. */
static void
others_make(struct look *l, const char *partner, int n)
{
	char sql[700];

	(void)snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO arrival(id, partner, channel, name,"
	    " sha256, size, dev, ino, mtime, body, t, taken_ms, state) SELECT"
	    " (SELECT max(id) FROM arrival) + i, '%s', 'folder', 'dec.edi',"
	    " x'00', 1, 1, 1, 1, 0, 1, 1, 'taken' FROM n",
	    n, partner);
	assert_int_equal(
	    sqlite3_exec(l->x.s->j.db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
test_what_others_have_stands_in_no_partners_way(void **state)
{
	struct look l;
	bool more;

	(void)state;
	look_new(&l);
	others_make(&l, "other", 1000);
	assert_int_equal(tracked_of(&l, "dec.edi", "acme", &more), 1);
	assert_false(more);
	/* the leg is its filer's and its agency's */
	assert_int_equal(tracked_of(&l, "P1", "acme", &more), 1);
	assert_int_equal(tracked_of(&l, "P1", "customs", &more), 1);
	assert_int_equal(tracked_of(&l, "P1", "other", &more), 0);
	assert_false(more);
	assert_int_equal(tracked_of(&l, "dec.edi", "other", &more), 10);
	assert_true(more);
	/* there is an end to it, and it says so */
	others_make(&l, "other", 4000);
	assert_int_equal(tracked_of(&l, "dec.edi", "acme", &more), 0);
	assert_true(more);
	look_free(&l);
}

/* A window has hundreds of filers, and a file of each may be asked for. */
static void
test_what_was_delivered_to_the_last_of_many_partners_is_found(void **state)
{
	struct look l;

	(void)state;
	look_new(&l);
	assert_int_equal(
	    sqlite3_exec(l.x.s->j.db,
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		" c WHERE i < 600) INSERT INTO delivery(id, partner, channel,"
		" kind, arrival, name, format, state, test, number, body,"
		" body_at, body_len, legs, generation, t, planned_ms) SELECT"
		" 1000 + i, printf('f%04d', i), 'folder', 'status', 0,"
		" printf('r%04d.status', i), 'csv', 'picked', 0, 0, 0, 0, 0,"
		" 0, 1, 1, 1 FROM c",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_true(tracked(&l, "r0001.status", 1001));
	assert_true(tracked(&l, "r0600.status", 1600));
	look_free(&l);
}

static void
test_bodies_come_back_byte_for_byte(void **state)
{
	struct slice body;
	struct look l;
	struct err err;

	(void)state;
	look_new(&l);
	assert_int_equal(
	    view_cat(l.v, l.arrival, VIEW_BODY, l.x.mem, &body, &err), RC_OK);
	test_slice_is(body, "dec.edi K1 one");
	assert_int_equal(
	    view_cat(l.v, l.leg, VIEW_BODY, l.x.mem, &body, &err), RC_OK);
	test_slice_is(body, "<Dec>K1 one</Dec>");
	assert_int_equal(
	    view_cat(l.v, l.filing, VIEW_TRACE, l.x.mem, &body, &err),
	    RC_REFUSED);
	look_free(&l);
}

static void
test_pages_go_on_behind_the_last_id(void **state)
{
	struct view_row a[2], b[2];
	struct filter f;
	unsigned int n;
	uint64_t next;
	struct look l;
	struct err err;
	size_t at;

	(void)state;
	look_new(&l);
	box_arrive(&l.x, "acme", "a", "a");
	box_arrive(&l.x, "acme", "b", "b");
	box_arrive(&l.x, "acme", "c", "c");
	assert_int_equal(
	    filter_parse(&f, SLICE_LIT("what=arrival"), l.x.mem, &at, &err),
	    RC_OK);
	assert_int_equal(view_select(l.v, &f, MACHINE_arrival, 0, 2, WALL0,
			     l.x.mem, a, &n, &next, &err),
	    RC_OK);
	assert_int_equal(n, 2);
	test_slice_is(a[0].name, "a");
	assert_int_equal(next, a[1].id);
	assert_int_equal(view_select(l.v, &f, MACHINE_arrival, next, 2, WALL0,
			     l.x.mem, b, &n, &next, &err),
	    RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(next, 0);
	test_slice_is(b[0].name, "c");
	assert_int_equal(view_select(l.v, &f, MACHINE_leg, 0, 2, WALL0, l.x.mem,
			     b, &n, &next, &err),
	    RC_OK);
	assert_int_equal(n, 0);
	assert_int_equal(
	    filter_parse(&f, SLICE_LIT("partner=customs state=done age<2h"),
		l.x.mem, &at, &err),
	    RC_OK);
	assert_int_equal(view_select(l.v, &f, MACHINE_arrival, 0, 2, WALL0,
			     l.x.mem, a, &n, &next, &err),
	    RC_OK);
	assert_int_equal(n, 1);
	look_free(&l);
}

/* 5,000 of each, all before what look_new() made. */
static void
crowd_make(struct box *x)
{
#define N5000                                                                  \
	" WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"      \
	" WHERE n < 5000) SELECT "
#define RETURNED " FROM c RETURNING id"
	box_text(x,
	    "INSERT INTO arrival(id, partner, channel, name, state, sha256,"
	    " size, dev, ino, mtime, body, t, taken_ms)" N5000
	    "n, 'acme', 'folder', 'f' || n, 'done', x'', 0, 0, n, 0, 0, 0,"
	    " 0" RETURNED);
	box_text(x,
	    "INSERT INTO filing(id, arrival, number, partner, kind, key,"
	    " version, label, content, state, holds, test, cas, prev, format,"
	    " at, len, claim_at, claim_len, errors, warnings, hints, keys,"
	    " why, t, made_ms, changed_ms)" N5000
	    "n, n, 1, 'acme', 'declaration', 'k' || n, '', 'k' || n, x'',"
	    " 'taken', 0, 0, n, 0, '', 0, 0, 0, 0, 0, 0, 0, '', '', 0, 0,"
	    " 0" RETURNED);
	box_text(x,
	    "INSERT INTO leg(id, filing, name, edition, gates, joint, items,"
	    " wake, arrival, filer, agency, lane, format, file_name, state,"
	    " test, generation, cas, claims, claim_at, claim_len, body_at,"
	    " body_len, segments, keys, delivery, t, written_ms)" N5000
	    "n, n, '', '', 1, 0, 0, 0, n, 'acme', 'customs', 'k' || n,"
	    " 'cn-dec', '', 'answered', 0, 1, n, 0, 0, 0, 0, 1, 0, '', n, 0,"
	    " 0" RETURNED);
	box_text(x,
	    "INSERT INTO delivery(id, partner, channel, kind, arrival, name,"
	    " format, state, test, number, body, body_at, body_len, legs,"
	    " generation, t, planned_ms)" N5000
	    "n, CASE n % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'customs' ELSE 'z' END,"
	    " 'folder', 'legs', 0, 'd' || n, '', 'picked', 0, n, 0, 0, 1, 1,"
	    " 1, 0, 0" RETURNED);
}

/* On the first page, though more stand before it than a page looks at. */
static void
number_found(
    struct look *l, const char *text, enum machine m, unsigned int want)
{
	struct view_row row[16];
	struct filter f;
	unsigned int n;
	uint64_t next;
	struct err err;
	size_t at;

	assert_int_equal(
	    filter_parse(&f, slice_of(text), l->x.mem, &at, &err), RC_OK);
	assert_int_equal(view_select(l->v, &f, m, 0, 16, WALL0, l->x.mem, row,
			     &n, &next, &err),
	    RC_OK);
	assert_int_equal(n, want);
	assert_int_equal(next, 0);
}

static void
test_a_whole_number_is_found_whatever_stands_before_it(void **state)
{
	struct look l;

	(void)state;
	look_new(&l);
	crowd_make(&l.x);
	number_found(&l, "number=dec.edi state=done", MACHINE_arrival, 1);
	number_found(&l, "number=K1 state=taken", MACHINE_filing, 1);
	number_found(&l, "number=K1", MACHINE_leg, 1);
	number_found(&l, "number=I_K1_t-1.xml state=picked,published",
	    MACHINE_delivery, 1);
	number_found(&l,
	    "number=d4999,d5000,nothing,I_K1_t-1.xml "
	    "state=picked,published",
	    MACHINE_delivery, 3);
	number_found(&l, "number=d4999 partner=nobody state=picked",
	    MACHINE_delivery, 0);
	number_found(&l, "number=k4999,K1 age<1h", MACHINE_leg, 2);
	number_found(&l, "number=K1 number!=K1", MACHINE_leg, 0);
	number_found(&l, "number=nothing state=done", MACHINE_arrival, 0);
	number_found(&l, "number=dec* state=done", MACHINE_arrival, 1);
	number_found(&l, "number=K* state=taken", MACHINE_filing, 1);
	number_found(&l, "number=K?", MACHINE_leg, 1);
	number_found(&l, "number=K2*", MACHINE_leg, 0);
	number_found(&l, "number=k499?", MACHINE_leg, 10);
	number_found(
	    &l, "number=I_K* state=picked,published", MACHINE_delivery, 1);
	number_found(
	    &l, "number=d49*9 state=picked,published", MACHINE_delivery, 11);
	look_free(&l);
}

static void
test_the_state_counts_what_waits(void **state)
{
	struct view_count c[20];
	struct view_status s;
	uint64_t events;
	uint8_t head[32];
	unsigned int n;
	struct look l;
	struct err err;

	(void)state;
	look_new(&l);
	box_arrive(&l.x, "acme", "a", "a");
	assert_int_equal(view_status(l.v, l.x.mem, &s, &err), RC_OK);
	assert_int_equal(s.backlog, 3); /* it, and two replies */
	assert_true(s.free_bytes > 0 && s.body_bytes > 0);
	assert_int_equal(s.held, 0);
	assert_true(s.oldest_ms > 0);
	assert_int_equal(
	    view_counts(l.v, WALL0, l.x.mem, c, 20, &n, &err), RC_OK);
	assert_true(n >= 3);
	assert_int_equal(view_verify(l.v, &events, head, &err), RC_OK);
	assert_int_equal(events, s.events);
	look_free(&l);
}

/* What the counters say, against what the rows say. */
static void
counters_agree(struct box *x)
{
	static const char *const of[][2] = { { "arrival", "partner" },
		{ "filing", "partner" }, { "leg", "agency" },
		{ "delivery", "partner" }, { "receipt", "partner" } };
	char sql[512];

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM (SELECT %s AS p, state AS s, t /"
		    " 300000 AS slot, count(*) AS n FROM %s WHERE (state NOT IN"
		    " ('done', 'dropped', 'refused', 'repeat', 'final',"
		    " 'expired', 'cancelled', 'picked', 'matched',"
		    " 'discarded')) AND NOT ('%s' = 'filing' AND"
		    " state = 'taken') GROUP BY 1, 2, 3) a FULL JOIN (SELECT *"
		    " FROM tally WHERE what = '%s') b ON b.partner = a.p AND"
		    " b.state = a.s AND b.slot = a.slot WHERE a.n IS NOT b.n",
		    of[i][1], of[i][0], of[i][0], of[i][0]);
		if (box_sql(x, sql) != 0)
			fail_msg("the counters of %s are wrong", of[i][0]);
	}
}

static void
test_the_counters_agree_with_the_rows_at_each_step(void **state)
{
	struct delivery_out d;
	struct look l;

	(void)state;
	look_new(&l);
	counters_agree(&l.x);
	for (int i = 0; i < 2; i++) {
		char name[16], key[16];

		snprintf(name, sizeof(name), "f%d", i);
		snprintf(key, sizeof(key), "K-%d", i);
		box_file(&l.x, name,
		    &(struct a_filing){ .key = key, .content = key });
		counters_agree(&l.x);
		clock_move(&l.x.clock, 70000);
		spool_orders_lost(l.x.s);
		if (box_deliver(&l.x, &d))
			box_publish(&l.x, d.id);
		counters_agree(&l.x);
	}
	assert_int_equal(box_receipt(&l.x, "customs",
			     &(struct a_receipt){ .filer = "nobody" }),
	    RC_OK);
	counters_agree(&l.x);
	box_again(&l.x, 3600000);
	counters_agree(&l.x);
	view_close(l.v);
	box_free(&l.x);
}

/* Ten times as many wait: the same work, by SQLite's own count. */
static void
test_counting_what_waits_costs_the_same_whatever_waits(void **state)
{
	struct view_count c[64];
	int steps[2];
	uint64_t sum = 0;
	unsigned int n;
	struct look l;
	struct err err;

	(void)state;
	look_new(&l);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < (round == 0 ? 20 : 200); i++) {
			char name[16];

			snprintf(name, sizeof(name), "%d-%d", round, i);
			box_arrive(&l.x, "acme", name, name);
		}
		assert_int_equal(
		    view_counts(l.v, WALL0, l.x.mem, c, 64, &n, &err), RC_OK);
		steps[round] = sqlite3_stmt_status(
		    l.v->j.stmt[SQL_VIEW_COUNTS], SQLITE_STMTSTATUS_VM_STEP, 1);
	}
	for (unsigned int i = 0; i < n; i++)
		if (c[i].state == STATE_arrival_ACCEPTED)
			sum += c[i].age[0];
	assert_int_equal(sum, 220);
	assert_int_equal(steps[0], steps[1]);
	assert_int_equal(box_sql(&l.x, "SELECT count(*) FROM arrival WHERE"
				       " state = 'accepted'"),
	    220);
	look_free(&l);
}

static void
test_a_stopped_spool_can_be_looked_at(void **state)
{
	struct view_thing t;
	struct look l;
	struct err err;

	(void)state;
	look_new(&l);
	view_close(l.v);
	batch_free(l.x.b);
	spool_close(l.x.s);
	assert_int_equal(view_open(&l.v, l.x.dir, &err), RC_OK);
	assert_int_equal(view_show(l.v, l.leg, l.x.mem, &t, &err), RC_OK);
	assert_int_equal(t.state, STATE_leg_ANSWERED);
	view_close(l.v);
	arena_free(l.x.mem);
	test_dir_gone(l.x.dir);
}

static void
test_tools_may_look_together_but_not_beside_a_writer(void **state)
{
	struct err err;
	struct box x;
	int one = -1, two = -1;

	(void)state;
	box_new(&x);
	assert_int_equal(view_lock(x.dir, &one, &err), RC_REFUSED);
	assert_non_null(strstr(err.text, "in use by another process"));
	box_shut(&x);
	assert_int_equal(view_lock(x.dir, &one, &err), RC_OK);
	assert_int_equal(view_lock(x.dir, &two, &err), RC_OK);
	view_unlock(one);
	view_unlock(two);
	arena_free(x.mem);
	test_dir_gone(x.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_leg_shows_its_states_with_times_and_its_answers),
		T(test_every_kind_of_thing_can_be_shown),
		T(test_a_leg_that_waits_is_found_by_the_number_of_its_filing),
		T(test_things_are_found_by_any_text_people_have),
		T(test_what_others_have_stands_in_no_partners_way),
		T(test_what_was_delivered_to_the_last_of_many_partners_is_found),
		T(test_bodies_come_back_byte_for_byte),
		T(test_pages_go_on_behind_the_last_id),
		T(test_a_whole_number_is_found_whatever_stands_before_it),
		T(test_the_state_counts_what_waits),
		T(test_the_counters_agree_with_the_rows_at_each_step),
		T(test_counting_what_waits_costs_the_same_whatever_waits),
		T(test_tools_may_look_together_but_not_beside_a_writer),
		T(test_a_stopped_spool_can_be_looked_at),
	};

	return TESTS_RUN(tests);
}
