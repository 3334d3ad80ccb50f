/*
 * tests/unit/test_journal_log.c - what the writer's log keeps back is nothing
 * that anybody may see: a commit is whole for readers, and a transaction that
 * is larger than memory reads its own pages.
 */
#include "tests/unit/spool_test.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define ROWS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"

static void
does(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static int64_t
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* The writer's, with memory for ten pages, and a reader's. */
static void
both_open(const struct box *x, sqlite3 **to, struct journal *from)
{
	struct err err;

	*to = x->s->j.db;
	does(*to, "PRAGMA cache_size = 10; CREATE TABLE main.big(i INTEGER"
		  " PRIMARY KEY, b BLOB NOT NULL)");
	assert_int_equal(journal_open(from, x->dir, false, &err), RC_OK);
}

static void
test_a_transaction_beyond_memory_reads_its_own_pages(void **state)
{
	struct journal from;
	struct box x;
	sqlite3 *to;

	(void)state;
	box_new(&x);
	both_open(&x, &to, &from);
	does(to, "BEGIN; INSERT INTO big " ROWS " WHERE i < 2000) SELECT i,"
		 " zeroblob(3000) FROM n");
	assert_int_equal(number(to, "SELECT count(*) FROM big"), 2000);
	assert_int_equal(number(from.db, "SELECT count(*) FROM big"), 0);
	does(to, "SAVEPOINT one; UPDATE big SET b = x'01' WHERE i % 3 = 0");
	assert_int_equal(
	    number(to, "SELECT count(*) FROM big WHERE b = x'01'"), 666);
	does(to, "ROLLBACK TO one; RELEASE one");
	assert_int_equal(number(to, "SELECT sum(length(b)) FROM big"), 6000000);
	does(to, "COMMIT");
	assert_int_equal(
	    number(from.db, "SELECT sum(length(b)) FROM big"), 6000000);
	does(to, "BEGIN; DELETE FROM big WHERE i > 10; ROLLBACK");
	does(to, "BEGIN; UPDATE big SET b = x'02' WHERE i > 1000; COMMIT");
	assert_int_equal(
	    number(from.db, "SELECT count(*) FROM big WHERE b = x'02'"), 1000);
	assert_int_equal(
	    number(from.db, "SELECT count(*) FROM pragma_integrity_check"
			    " WHERE integrity_check = 'ok'"),
	    1);
	journal_close(&from);
	box_free(&x);
}

/* Also one that is not synced: it is seen as soon as it is told. */
static void
test_a_commit_is_whole_for_readers_when_it_is_told(void **state)
{
	struct journal from;
	struct box x;
	sqlite3 *to;

	(void)state;
	box_new(&x);
	both_open(&x, &to, &from);
	does(to, "PRAGMA synchronous = OFF");
	for (int i = 1; i <= 50; i++) {
		does(to, "BEGIN; INSERT INTO big SELECT coalesce(max(i), 0) +"
			 " 1, randomblob(20000) FROM big; COMMIT");
		assert_int_equal(
		    number(from.db, "SELECT sum(length(b)) / 20000 FROM big"),
		    i);
	}
	journal_close(&from);
	box_free(&x);
}

/* The log's size after the commit of a large row, or of none. */
static off_t
log_grew(const struct box *x, int *code)
{
	struct stat st;
	char path[256];

	*code = sqlite3_exec(x->s->j.db,
	    "BEGIN; INSERT INTO big SELECT coalesce(max(i), 0) + 1,"
	    " randomblob(200000) FROM big; COMMIT",
	    NULL, NULL, NULL);
	snprintf(path, sizeof(path), "%s/journal-wal", x->dir);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
test_a_write_that_fails_is_told_and_made_good_later(void **state)
{
	struct rlimit was, is;
	struct journal from;
	struct box x;
	sqlite3 *to;
	int code;
	off_t size;

	(void)state;
	box_new(&x);
	both_open(&x, &to, &from);
	size = log_grew(&x, &code);
	assert_int_equal(code, SQLITE_OK);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	is = was;
	is.rlim_cur = (rlim_t)size + 9000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &is), 0);
	(void)log_grew(&x, &code);
	assert_int_not_equal(code, SQLITE_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	if (!sqlite3_get_autocommit(to))
		does(to, "ROLLBACK");
	assert_int_equal(number(from.db, "SELECT count(*) FROM big"), 1);
	(void)log_grew(&x, &code);
	assert_int_equal(code, SQLITE_OK);
	assert_int_equal(
	    number(from.db, "SELECT sum(length(b)) FROM big"), 400000);
	assert_int_equal(
	    number(from.db, "SELECT count(*) FROM pragma_integrity_check"
			    " WHERE integrity_check = 'ok'"),
	    1);
	journal_close(&from);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_transaction_beyond_memory_reads_its_own_pages),
		cmocka_unit_test(
		    test_a_commit_is_whole_for_readers_when_it_is_told),
		cmocka_unit_test(
		    test_a_write_that_fails_is_told_and_made_good_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
