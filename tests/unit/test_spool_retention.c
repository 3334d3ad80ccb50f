/*
 * tests/unit/test_spool_retention.c - what keeps a body past its time: each
 * thing that waits, is held, or comes to life again. Old bodies are rows of
 * bodyfile here, as if of files of their own; who refers to one keeps it.
 */
#include "tests/unit/joint_test.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "spool/history.h"
#include "spool/segments_head.h"
#include "src/base/hash.h"

#define KEEP_DAYS 2
#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define NEVER_MS  (INT64_C(40) * DAY_MS)

static void
old_new(struct box *x)
{
	box_new(x);
	x->conf.keep_days = KEEP_DAYS;
	x->partner[0].attachment[0] = "pdf";
	x->partner[0].nattachments = 1;
	x->partner[0].attachments_within_ms = NEVER_MS;
	x->partner[1].technical_within_ms = 0;
	x->partner[1].decision_within_ms = 0;
	x->partner[1].retry_for_ms = 0;
}

static int64_t
ref_of(unsigned int n)
{
	return (int64_t)(REF_FILE | (1000u + n));
}

/* An old body, and FORMAT (one %lld) that makes something refer to it. */
static void
old_body(struct box *x, unsigned int n, const char *refer)
{
	char sql[600];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO bodyfile VALUES(%lld, 1) RETURNING 1",
	    (long long)ref_of(n));
	assert_int_equal(box_sql(x, sql), 1);
	if (refer == NULL)
		return;
	(void)snprintf(sql, sizeof(sql), refer, (long long)ref_of(n));
	assert_int_equal(box_sql(x, sql), 1);
}

static bool
is_kept(struct box *x, unsigned int n)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM bodyfile WHERE ref = %lld",
	    (long long)ref_of(n));
	return box_sql(x, sql) == 1;
}

static void
step_on(struct box *x)
{
	int64_t at;

	spool_due(x->s, x->b, &at);
	box_commit(x);
}

/* A whole sweep: what nobody refers to goes, or the test says nothing. */
static void
sweep(struct box *x)
{
	old_body(x, 99, NULL);
	box_due(x, 1);
	clock_move(&x->clock, KEEP_DAYS * DAY_MS + 61000);
	for (int i = 0; i < 500 && is_kept(x, 99); i++)
		step_on(x);
	assert_false(is_kept(x, 99));
}

/* A sweep that has looked at every row, and has not dropped yet. */
static void
sweep_almost(struct box *x)
{
	old_body(x, 99, NULL);
	box_due(x, 1);
	clock_move(&x->clock, KEEP_DAYS * DAY_MS + 61000);
	for (int i = 0; i < 500 && x->s->sweep.at < 7; i++)
		step_on(x);
	assert_int_equal(x->s->sweep.at, 7);
	x->s->sweep.after = INT64_MAX;
}

static void
sweep_end(struct box *x)
{
	for (int i = 0; i < 500 && is_kept(x, 99); i++)
		step_on(x);
	assert_false(is_kept(x, 99));
}

static uint64_t
files_wait(struct box *x, const char *lacks)
{
	struct claim c = { .kind = CLAIM_FILING };
	struct buf b;
	struct err err;
	uint64_t id = box_arrive(x, "acme", "w.edi", "w");

	joint_order(x, ORDER_READ);
	claims_arrival(&b, 1, 0);
	c.u.filing = (struct claim_filing){ .number = 1,
		.format = SLICE_LIT("un-cusdec-d96b"),
		.kind = SLICE_LIT("declaration"),
		.key = SLICE_LIT("W"),
		.label = SLICE_LIT("W"),
		.lacks = slice_of(lacks) };
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	return id;
}

static void
test_a_file_stays_while_its_document_waits_for_another(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_arrive(&x, "acme", "a.pdf", "a");
	files_wait(&x, "a.pdf\nb.pdf");
	old_body(&x, 1, "UPDATE file SET body = %lld RETURNING 1");
	old_body(&x, 2,
	    "UPDATE arrival SET body = %lld WHERE name = 'w.edi' RETURNING 1");
	sweep(&x);
	assert_true(is_kept(&x, 1) && is_kept(&x, 2));
	box_sql(&x, "UPDATE arrival SET state = 'held', wait_t = 0 WHERE"
		    " name = 'w.edi' RETURNING 1");
	sweep(&x);
	assert_true(is_kept(&x, 1) && is_kept(&x, 2));
	box_sql(&x, "UPDATE arrival SET state = 'done' WHERE name = 'w.edi'"
		    " RETURNING 1");
	box_sql(&x, "UPDATE filing SET state = 'refused' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1) || is_kept(&x, 2));
	box_free(&x);
}

static void
test_a_held_filing_keeps_its_original_and_its_files(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	box_sql(&x, "UPDATE filing SET state = 'held' RETURNING 1");
	old_body(&x, 1,
	    "UPDATE arrival SET body = %lld WHERE name = 'K1.edi' RETURNING 1");
	old_body(&x, 2,
	    "INSERT INTO file SELECT 1, id, 'f', %lld, 1 FROM arrival"
	    " RETURNING 1");
	sweep(&x);
	assert_true(is_kept(&x, 1) && is_kept(&x, 2));
	box_sql(&x, "UPDATE filing SET state = 'refused' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1) || is_kept(&x, 2));
	box_free(&x);
}

/* I7: the original stays until the last of its legs is decided. */
static void
test_a_leg_that_is_not_over_keeps_its_original(void **state)
{
	static const char *const live[] = { "waiting", "written", "bound",
		"answered", "held" };
	char sql[100];
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	old_body(&x, 1,
	    "UPDATE arrival SET body = %lld WHERE name = 'K1.edi' RETURNING 1");
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
		(void)snprintf(sql, sizeof(sql),
		    "UPDATE leg SET state = '%s' RETURNING 1", live[i]);
		assert_int_equal(box_sql(&x, sql), 1);
		sweep(&x);
		assert_true(is_kept(&x, 1));
	}
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1));
	box_free(&x);
}

static void
test_a_reply_that_is_held_unwritten_keeps_its_words(void **state)
{
	struct box x;
	struct step st;

	(void)state;
	old_new(&x);
	box_file(
	    &x, "r.edi", &(struct a_filing){ .key = "R", .refused = true });
	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		joint_order(&x, ORDER_REPLY);
		order_failed(x.b, x.order, "killed", &st);
		box_commit(&x);
	}
	assert_string_equal(box_text(&x, "SELECT state FROM delivery"), "held");
	old_body(&x, 1, "UPDATE arrival SET claims = %lld RETURNING 1");
	sweep(&x);
	assert_true(is_kept(&x, 1));
	box_sql(&x, "UPDATE delivery SET state = 'cancelled' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1));
	box_free(&x);
}

/* The words of a leg's only answer lie in this body. */
static void
history_put_in(struct box *x, unsigned int n, const char *where)
{
	struct entry e = { .kind = ENTRY_RECEIPT,
		.answer = { .level = LEVEL_DECISION, .seq = 1000 },
		.claims = (uint64_t)ref_of(n),
		.claim_len = 1 };
	char sql[300];
	sqlite3_stmt *st;
	struct buf b;

	buf_init(&b, HISTORY_ENTRY);
	history_put(&b, &e);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE leg SET history = ?1, answers = 1 WHERE %s", where);
	assert_int_equal(
	    sqlite3_prepare_v2(x->s->j.db, sql, -1, &st, NULL), SQLITE_OK);
	sqlite3_bind_blob(st, 1, b.p, (int)b.len, SQLITE_TRANSIENT);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_changes(x->s->j.db), 1);
	sqlite3_finalize(st);
	buf_clear(&b);
}

static void
test_a_status_that_is_not_written_keeps_the_answers_it_tells(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	box_sql(&x, "UPDATE delivery SET state = 'cancelled' RETURNING 1");
	box_sql(&x, "INSERT INTO delivery(id, partner, channel, kind, arrival,"
		    " name, format, state, test, number, body, body_at,"
		    " body_len, legs, generation, t, planned_ms) SELECT 7,"
		    " 'acme', 'folder', 'status', id, 'n', 'csv-status',"
		    " 'held', 0, 0, 0, 0, 0, 0, 1, 1, 1 FROM arrival"
		    " RETURNING 1");
	old_body(&x, 1, NULL);
	history_put_in(&x, 1, "1");
	sweep(&x);
	assert_true(is_kept(&x, 1));
	/* an earlier one has told it */
	box_sql(&x, "UPDATE delivery SET from_answer = 1000 WHERE id = 7"
		    " RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1));
	box_free(&x);
}

static void
test_a_leg_that_waits_keeps_the_words_it_waits_for(void **state)
{
	static const struct a_leg two[] = {
		{ .name = "first", .agency = "port", .body = "<A/>" },
		{ .name = "second", .agency = "customs", .waits = true },
	};
	struct box x;
	struct err err;

	(void)state;
	old_new(&x);
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", two, 2, &err), RC_OK);
	box_sql(&x, "UPDATE leg SET state = 'final' WHERE name = 'first'"
		    " RETURNING 1");
	old_body(&x, 1, NULL);
	history_put_in(&x, 1, "name = 'first'");
	sweep(&x);
	assert_true(is_kept(&x, 1));
	box_sql(&x, "UPDATE leg SET state = 'cancelled' WHERE"
		    " name = 'second' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1));
	box_free(&x);
}

/* --- what comes to life while a sweep is under way --- */

static void
test_what_is_redelivered_during_a_sweep_keeps_its_files(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	box_sql(&x, "UPDATE delivery SET state = 'failed' RETURNING 1");
	old_body(&x, 1,
	    "INSERT INTO part(delivery, n, name, at, body, len) SELECT id, 1,"
	    " 'f', 0, %lld, 1 FROM delivery RETURNING 1");
	sweep_almost(&x);
	box_sql(&x, "UPDATE delivery SET state = 'ready' WHERE kind = 'legs'"
		    " RETURNING 1");
	sweep_end(&x);
	assert_true(is_kept(&x, 1));
	box_sql(&x, "UPDATE delivery SET state = 'cancelled' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1));
	box_free(&x);
}

static void
test_a_late_receipt_during_a_sweep_keeps_original_and_files(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	box_sql(&x, "UPDATE leg SET state = 'expired' RETURNING 1");
	old_body(&x, 1,
	    "INSERT INTO file SELECT 1, id, 'f', %lld, 1 FROM arrival"
	    " RETURNING 1");
	old_body(&x, 2, "UPDATE arrival SET body = %lld RETURNING 1");
	sweep_almost(&x);
	box_sql(&x, "UPDATE leg SET state = 'answered' RETURNING 1");
	sweep_end(&x);
	assert_true(is_kept(&x, 1) && is_kept(&x, 2));
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	sweep(&x);
	assert_false(is_kept(&x, 1) || is_kept(&x, 2));
	box_free(&x);
}

static void
test_what_is_redone_during_a_sweep_keeps_its_files(void **state)
{
	struct box x;

	(void)state;
	old_new(&x);
	box_key(&x, "K1");
	box_sql(&x, "UPDATE leg SET state = 'final' RETURNING 1");
	old_body(&x, 1,
	    "INSERT INTO file SELECT 1, id, 'f', %lld, 1 FROM arrival"
	    " RETURNING 1");
	sweep_almost(&x);
	box_sql(&x, "UPDATE arrival SET state = 'accepted' RETURNING 1");
	sweep_end(&x);
	assert_true(is_kept(&x, 1));
	box_free(&x);
}

/* --- what is in memory when a commit fails --- */

static void
test_nothing_is_unlinked_for_a_commit_that_failed(void **state)
{
	char path[512], name[SEG_NAME];
	struct box x;
	struct err err;
	int64_t at;
	int fd;

	(void)state;
	old_new(&x);
	old_body(&x, 1, NULL);
	body_file_name((uint64_t)ref_of(1), name);
	(void)snprintf(path, sizeof(path), "%s/bodies/%s", x.dir, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	box_due(&x, 1);
	clock_move(&x.clock, KEEP_DAYS * DAY_MS + 61000);
	for (int i = 0; i < 500 && x.s->sweep.ndrop_file == 0; i++)
		spool_due(x.s, x.b, &at);
	assert_int_equal(x.s->sweep.ndrop_file, 1);
	assert_int_equal(access(path, F_OK), 0); /* not before the commit */
	x.b->rc = err_set(&x.b->why, RC_LATER, "the disk is full");
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	spool_due(x.s, x.b, &at);
	box_arrive(&x, "fwd", "a", "a");
	assert_true(is_kept(&x, 1));
	assert_int_equal(access(path, F_OK), 0);
	box_due(&x, 3700000);
	assert_false(is_kept(&x, 1));
	assert_int_equal(access(path, F_OK), -1);
	box_free(&x);
}

static void
disk_full(sqlite3_context *c, int n, sqlite3_value **v)
{
	(void)n;
	(void)v;
	sqlite3_result_error_code(c, SQLITE_FULL);
}

static void
test_a_segment_of_a_commit_that_failed_has_a_row_with_the_next(void **state)
{
	struct arrival_in in = { .id = 9,
		.partner = SLICE_LIT("fwd"),
		.channel = SLICE_LIT("folder"),
		.name = SLICE_LIT("a"),
		.body = SLICE_LIT("a") };
	struct digest d;
	struct step st;
	struct box x;
	struct err err;

	(void)state;
	old_new(&x);
	assert_int_equal(hash_of(in.body, &d, &err), RC_OK);
	memcpy(in.sha256, d.b, DIGEST_LEN);
	arrival_take(x.b, &in, &st);
	assert_int_equal(st.rc, RC_OK);
	assert_int_equal(sqlite3_create_function_v2(x.s->j.db, "disk_full", 0,
			     SQLITE_UTF8, NULL, disk_full, NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(x.s->j.db,
			     "CREATE TEMP TRIGGER stop AFTER UPDATE ON"
			     " main.now BEGIN SELECT disk_full(); END",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(batch_commit(x.b, &err), RC_LATER);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM segment"), 0);
	box_arrive(&x, "fwd", "b", "b"); /* the trigger went with it */
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM segment"), 1);
	box_free(&x);
}

/* What was given back and filed again is over, though nobody decided it. */
static void
test_a_leg_that_was_sent_again_keeps_nothing(void **state)
{
	static const struct a_leg leg = {
		.name = "only", .agency = "customs", .body = "<A/>"
	};
	struct delivery_out d;
	struct err err;
	struct box x;

	(void)state;
	old_new(&x);
	x.partner[0].replies = 0;
	assert_int_equal(
	    joint_file(&x, "acme", "a.edi", "K1", "", &leg, 1, &err), RC_OK);
	while (box_deliver(&x, &d))
		box_publish(&x, d.id);
	joint_answer(&x, "customs", "K1", NULL, "returned", 55);
	old_body(&x, 1,
	    "UPDATE arrival SET body = %lld WHERE name = 'a.edi' RETURNING 1");
	old_body(&x, 2, "UPDATE leg SET claims = %lld RETURNING 1");
	sweep(&x);
	assert_true(is_kept(&x, 1)); /* it may be looked at: nothing came yet */
	assert_int_equal(
	    joint_file(&x, "acme", "b.edi", "K1", "", &leg, 1, &err), RC_OK);
	sweep(&x);
	assert_false(is_kept(&x, 1));
	assert_false(is_kept(&x, 2));
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_leg_that_was_sent_again_keeps_nothing),
		T(test_a_file_stays_while_its_document_waits_for_another),
		T(test_a_held_filing_keeps_its_original_and_its_files),
		T(test_a_leg_that_is_not_over_keeps_its_original),
		T(test_a_reply_that_is_held_unwritten_keeps_its_words),
		T(test_a_status_that_is_not_written_keeps_the_answers_it_tells),
		T(test_a_leg_that_waits_keeps_the_words_it_waits_for),
		T(test_what_is_redelivered_during_a_sweep_keeps_its_files),
		T(test_a_late_receipt_during_a_sweep_keeps_original_and_files),
		T(test_what_is_redone_during_a_sweep_keeps_its_files),
		T(test_nothing_is_unlinked_for_a_commit_that_failed),
		T(test_a_segment_of_a_commit_that_failed_has_a_row_with_the_next),
	};

	return TESTS_RUN(tests);
}
