/*
 * tests/unit/test_spool_verify.c - the walk over the spool finds what was
 * changed behind our back: a line of the chain, a counter, a byte of a body, a
 * row that belongs to nothing; and nothing where nothing was.
 */
#include "tests/unit/spool_test.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "spool/operate.h"
#include "spool/verify.h"

struct walk {
	struct box x;
	struct view *v;
	unsigned int faults;
	char why[4096]; /* of all */
};

static void
fault_take(void *arg, const char *what, uint64_t id, const char *why)
{
	struct walk *w = arg;
	size_t len = strlen(w->why);

	(void)id;
	w->faults++;
	(void)snprintf(w->why + len, sizeof(w->why) - len, "%s%s: %s",
	    len == 0 ? "" : "; ", what, why);
}

static void
walk_all(struct walk *w)
{
	struct verify_place p = { 0 };
	struct err err;

	w->faults = 0;
	w->why[0] = '\0';
	for (int pages = 0; p.phase < VERIFY_PHASES; pages++) {
		char text[96];
		uint64_t n;

		if (verify_page(w->v, &p, fault_take, w, &n, &err) != RC_OK)
			fail_msg("%s", err.text);
		assert_true(pages < 1000); /* it ends */
		verify_place_print(&p, text);
		/* As it goes to a tool and comes back. */
		if (p.phase < VERIFY_PHASES)
			assert_true(verify_place_read(slice_of(text), &p));
	}
}

static void
run(struct walk *w, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(w->x.s->j.db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static void
walk_new(struct walk *w)
{
	struct a_filing f = { .key = "K1", .content = "one" };
	struct delivery_out d;
	struct err err;

	box_new(&w->x);
	box_file(&w->x, "dec.edi", &f);
	while (box_deliver(&w->x, &d))
		box_publish(&w->x, d.id);
	box_receipt(&w->x, "customs",
	    &(struct a_receipt){ .filer = "K1", .status = "0" });
	box_receipt(&w->x, "customs", &(struct a_receipt){ .filer = "nobody" });
	if (view_open(&w->v, w->x.dir, &err) != RC_OK)
		fail_msg("%s", err.text);
	walk_all(w);
	if (w->faults != 0)
		fail_msg("a sound spool: %s", w->why);
}

static void
walk_free(struct walk *w)
{
	view_close(w->v);
	box_free(&w->x);
}

static void
found(struct walk *w, const char *sql, const char *want)
{
	run(w, "SAVEPOINT tamper");
	run(w, sql);
	run(w, "RELEASE tamper");
	walk_all(w);
	if (w->faults == 0)
		fail_msg("not found: %s", sql);
	if (strstr(w->why, want) == NULL)
		fail_msg("%s: said '%s', want '%s'", sql, w->why, want);
}

static void
test_a_chain_that_was_touched_is_found(void **state)
{
	static const struct {
		const char *sql, *back, *want;
	} cases[] = {
		{ "UPDATE event SET line = replace(line, 'acme', 'acne')"
		  " WHERE seq = 3",
		    "UPDATE event SET line = replace(line, 'acne', 'acme')"
		    " WHERE seq = 3",
		    "event 3 is changed" },
		{ "UPDATE event SET hash = zeroblob(32) WHERE seq = 4", NULL,
		    "event 4 is changed" },
		{ "DELETE FROM event WHERE seq = 5", NULL,
		    "event 5 is missing, event 6 follows" },
		{ "UPDATE event SET seq = 0 - seq WHERE seq IN (2, 3);"
		  " UPDATE event SET seq = 5 + seq WHERE seq IN (-2, -3)",
		    NULL, "event 2 is out of place" },
		{ "DELETE FROM event WHERE seq > 6", NULL,
		    "the chain ends at event 6, event " },
		{ "DELETE FROM event", NULL, "the chain ends at event 0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk w;

		walk_new(&w);
		found(&w, cases[i].sql, cases[i].want);
		if (cases[i].back != NULL) {
			run(&w, cases[i].back);
			walk_all(&w);
			assert_int_equal(w.faults, 0);
		}
		walk_free(&w);
	}
}

/* Any bit of any line, T21: 500 changes, all found. */
static void
test_any_bit_of_the_chain_counts(void **state)
{
	struct walk w;
	unsigned int changes = 0;

	(void)state;
	walk_new(&w);
	for (unsigned int n = 0; changes < 500; n++) {
		int64_t events = box_sql(&w.x, "SELECT max(seq) FROM event");
		int64_t seq = 1 + (int64_t)n % events;
		struct verify_place p = { .phase = VERIFY_CHAIN };
		uint64_t looked;
		struct err err;
		char sql[400];

		(void)snprintf(sql, sizeof(sql),
		    "UPDATE event SET line = CAST(substr(CAST(line AS BLOB), 1,"
		    " %u %% length(line)) || char((unicode(substr(line, 1 + %u"
		    " %% length(line), 1)) | 1) - (unicode(substr(line, 1 + %u"
		    " %% length(line), 1)) & 1)) || substr(CAST(line AS BLOB),"
		    " 2 + %u %% length(line)) AS TEXT) WHERE seq = %lld",
		    n, n, n, n, (long long)seq);
		run(&w, sql);
		w.faults = 0;
		assert_int_equal(
		    verify_page(w.v, &p, fault_take, &w, &looked, &err), RC_OK);
		if (w.faults == 0)
			fail_msg("not found: byte %u of event %lld", n,
			    (long long)seq);
		run(&w, sql); /* the same bit back */
		changes++;
	}
	walk_all(&w);
	assert_int_equal(w.faults, 0);
	walk_free(&w);
}

static void
test_what_does_not_agree_with_the_rows_is_found(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE tally SET n = n + 1 WHERE what = 'leg'",
		    "leg: customs is 'answered'" },
		{ "DELETE FROM tally WHERE what = 'receipt'",
		    "receipt: customs is 'parked'" },
		{ "UPDATE arrival SET sha256 = zeroblob(32) WHERE id ="
		  " (SELECT min(id) FROM arrival)",
		    "arrival: the original is not what was received" },
		{ "UPDATE leg SET body_len = 1000000",
		    "leg: its body ends before its part" },
		{ "DELETE FROM filing", "leg: what it belongs to is not" },
		{ "DELETE FROM delivery WHERE kind = 'legs'",
		    "leg: what it belongs to is not there" },
		{ "DELETE FROM leg",
		    "delivery: what it belongs to is not there" },
		{ "DELETE FROM arrival WHERE partner = 'customs'",
		    "receipt: what it belongs to is not there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk w;

		walk_new(&w);
		found(&w, cases[i].sql, cases[i].want);
		walk_free(&w);
	}
}

static void
test_a_byte_of_a_body_that_rotted_is_found(void **state)
{
	struct walk w;
	char path[512];
	uint64_t at;
	char c;
	int fd;

	(void)state;
	walk_new(&w);
	at = (uint64_t)box_sql(&w.x, "SELECT min(body) FROM arrival") &
	     ((UINT64_C(1) << 40) - 1);
	(void)snprintf(path, sizeof(path), "%s/bodies/000001.seg", w.x.dir);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, (off_t)at + 97), 1);
	c ^= 4;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at + 97), 1);
	walk_all(&w);
	assert_true(w.faults > 0);
	assert_non_null(strstr(w.why, "arrival: "));
	c ^= 4;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at + 97), 1);
	(void)close(fd);
	walk_all(&w);
	assert_int_equal(w.faults, 0);
	walk_free(&w);
}

/* One body is a file of its own and past its time. */
static void
test_a_large_body_that_retention_dropped_is_no_fault(void **state)
{
	struct walk w;

	(void)state;
	walk_new(&w);
	run(&w, "UPDATE arrival SET body = -1 WHERE name = 'dec.edi'");
	walk_all(&w);
	assert_int_equal(w.faults, 0);
	run(&w, "INSERT INTO bodyfile VALUES(-1, 1)");
	walk_all(&w);
	assert_int_equal(w.faults, 1);
	walk_free(&w);
}

/* More than a page has, of one arrival. */
static void
test_the_walk_ends_though_one_arrival_has_a_thousand_files(void **state)
{
	struct walk w;

	(void)state;
	walk_new(&w);
	run(&w, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 1200) INSERT INTO file SELECT i, a.id, 'f' || i,"
		" a.body, 1 FROM n, arrival a WHERE a.name = 'dec.edi'");
	walk_all(&w);
	assert_int_equal(w.faults, 0);
	run(&w, "UPDATE file SET arrival = 7 WHERE id = 1100");
	walk_all(&w);
	assert_int_equal(w.faults, 1);
	walk_free(&w);
}

static void
test_a_lock_that_others_may_take_is_found(void **state)
{
	struct walk w;
	char path[512];

	(void)state;
	walk_new(&w);
	(void)snprintf(path, sizeof(path), "%s/lock", w.x.dir);
	assert_int_equal(chmod(path, 0666), 0);
	walk_all(&w);
	assert_int_equal(w.faults, 1);
	assert_string_equal(
	    w.why, "lock: 'lock' may be used by others: mode 0666, want 0600");
	walk_free(&w);
}

/* What is not committed is not told, and what is told is committed (I30). */
static void
test_an_act_and_who_it_was_are_one_commit(void **state)
{
	struct operate_asked asked = { .verb = SLICE_LIT("discard"),
		.filter = SLICE_LIT("what=receipt"),
		.by = SLICE_LIT("uid=7"),
		.words = SLICE_LIT("no \"use\"\nevent=forged") };
	struct operate_told told;
	struct walk w;

	(void)state;
	walk_new(&w);
	operate_answer(w.x.s, w.x.b, &asked, &told);
	assert_int_equal(told.rc, RC_OK);
	assert_int_equal(told.n.done, 1);
	assert_int_equal(box_sql(&w.x, "SELECT count(*) FROM event WHERE line"
				       " LIKE '%operator.discard by=uid=7"
				       " what=receipt n=1 why=\"no ''use''?"
				       "event=forged\" ids=%'"),
	    1);
	operate_answer(w.x.s, w.x.b, &asked, &told);
	assert_int_equal(told.n.done, 0);
	assert_int_equal(box_sql(&w.x, "SELECT count(*) FROM event WHERE line"
				       " LIKE '%operator.discard%'"),
	    1);
	walk_all(&w);
	assert_int_equal(w.faults, 0);
	walk_free(&w);
}

static void
test_an_act_that_is_none_changes_nothing(void **state)
{
	static const struct {
		const char *verb, *filter, *to, *want;
	} cases[] = {
		{ "drown", "what=leg", "", "'drown' is no act" },
		{ "hold", "stat=x", "", "'stat' is no word of a filter" },
		{ "attach", "what=receipt", "", "attach wants the id" },
		{ "pause", "nobody", "intake", "no partner 'nobody'" },
		{ "pause", "acme", "window", "'window' is no door" },
	};
	struct walk w;

	(void)state;
	walk_new(&w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct operate_asked a = { .verb = slice_of(cases[i].verb),
			.filter = slice_of(cases[i].filter),
			.to = slice_of(cases[i].to),
			.by = SLICE_LIT("uid=7") };
		int64_t before = box_sql(&w.x, "SELECT max(seq) FROM event");
		struct operate_told told;

		operate_answer(w.x.s, w.x.b, &a, &told);
		assert_int_equal(told.rc, RC_REFUSED);
		if (strstr(told.why.text, cases[i].want) == NULL)
			fail_msg("%s", told.why.text);
		assert_int_equal(
		    box_sql(&w.x, "SELECT max(seq) FROM event"), before);
	}
	walk_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_chain_that_was_touched_is_found),
		T(test_any_bit_of_the_chain_counts),
		T(test_what_does_not_agree_with_the_rows_is_found),
		T(test_a_byte_of_a_body_that_rotted_is_found),
		T(test_a_large_body_that_retention_dropped_is_no_fault),
		T(test_the_walk_ends_though_one_arrival_has_a_thousand_files),
		T(test_a_lock_that_others_may_take_is_found),
		T(test_an_act_and_who_it_was_are_one_commit),
		T(test_an_act_that_is_none_changes_nothing),
	};

	return TESTS_RUN(tests);
}
