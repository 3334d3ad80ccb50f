/*
 * spool/journal.c - SQLite behind one small door; trusts the folder it is
 * given (0700, ours). Called by spool/ only.
 *
 * A commit is one sync of the log (WAL, FULL). The log is written back by us
 * and not by the library, so that its syncs are counted like all others.
 */
#include "spool/journal.h"
#include "spool/journal_inner.h"
#include "spool/schema.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>

#define BUSY_MS       5000
#define WAL_PAGES     4000 /* 16 MiB: then it is written back */
#define WAL_LIMIT     "67108864"
#define CACHE_KIB     "12288"
#define JOURNAL_PATH  4096
#define MEM_LENGTH    (128 << 20)
#define MEM_STATEMENT (64 << 10)

static const char *const texts[SQLS] = {
#define SQL(name, text) text,
#include "spool/sql.def"
#define SQL(name, text) text,
#include "spool/view_sql.def"
};

/*
 * Full disks and busy files pass; a contradiction is told to who asked; a
 * failed sync or a damaged page stops the process (I4).
 */
static enum rc
rc_of(sqlite3 *db, int code)
{
	int sys = db == NULL ? 0 : sqlite3_system_errno(db);

	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return RC_OK;
	case SQLITE_FULL:
	case SQLITE_NOMEM:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RC_LATER;
	case SQLITE_IOERR:
		if (code != SQLITE_IOERR_FSYNC &&
		    code != SQLITE_IOERR_DIR_FSYNC &&
		    (sys == ENOSPC || sys == EDQUOT || sys == ENOMEM))
			return RC_LATER;
		return RC_BROKEN;
	case SQLITE_CANTOPEN:
		if (sys == EMFILE || sys == ENFILE || sys == ENOSPC)
			return RC_LATER;
		return RC_BROKEN;
	case SQLITE_CONSTRAINT:
		return RC_REFUSED;
	default:
		return RC_BROKEN;
	}
}

static enum rc
journal_fail(struct journal *j, int code, const char *what)
{
	if (j->rc == RC_OK)
		j->rc = err_set(&j->why, rc_of(j->db, code),
		    "journal: %s: %s (%d)", what,
		    j->db == NULL ? "out of memory" : sqlite3_errmsg(j->db),
		    code);
	return j->rc;
}

static void
journal_text(struct journal *j, const char *sql)
{
	int code;

	if (j->rc != RC_OK)
		return;
	code = sqlite3_exec(j->db, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		journal_fail(j, code, "statement");
}

static void
pragmas_set(struct journal *j)
{
	sqlite3_busy_timeout(j->db, BUSY_MS);
	sqlite3_extended_result_codes(j->db, 1);
	sqlite3_db_config(j->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(
	    j->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
	sqlite3_limit(j->db, SQLITE_LIMIT_LENGTH, MEM_LENGTH);
	sqlite3_limit(j->db, SQLITE_LIMIT_SQL_LENGTH, MEM_STATEMENT);
	sqlite3_limit(j->db, SQLITE_LIMIT_ATTACHED, 0);
	if (j->writer)
		journal_text(j, "PRAGMA journal_mode=WAL;"
				"PRAGMA synchronous=FULL;"
				"PRAGMA wal_autocheckpoint=0;"
				"PRAGMA journal_size_limit=" WAL_LIMIT ";");
	else
		journal_text(j, "PRAGMA query_only=ON;");
	journal_text(j, "PRAGMA trusted_schema=OFF;"
			"PRAGMA cell_size_check=ON;"
			"PRAGMA temp_store=MEMORY;"
			"PRAGMA secure_delete=OFF;"
			"PRAGMA cache_size=-" CACHE_KIB ";");
}

static int
wal_grew(void *arg, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	((struct journal *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

/* The number in the file's head says which schema it holds; 0: none yet. */
static void
schema_ready(struct journal *j)
{
	sqlite3_stmt *st = NULL;
	int64_t have = -1;
	int code;

	if (j->rc != RC_OK)
		return;
	code = sqlite3_prepare_v2(j->db, "PRAGMA user_version", -1, &st, NULL);
	if (code == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		have = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (code != SQLITE_OK || have < 0)
		journal_fail(j, code, "reading its version");
	else if (have == 0 && j->writer)
		journal_text(j, schema_text());
	else if (have != JOURNAL_SCHEMA)
		j->rc = err_set(&j->why, RC_REFUSED,
		    "journal has schema %lld, this program wants %d",
		    (long long)have, JOURNAL_SCHEMA);
}

/*
 * A role is one thread, and asks for no figures of the library's memory: each
 * of its allocations would take a lock and count itself.
 */
static void
library_ready(void)
{
	static bool ready;

	if (ready)
		return;
	ready = true;
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	library_memory();
}

enum rc
journal_open(
    struct journal *j, const char *folder, bool writer, struct err *err)
{
	char path[JOURNAL_PATH];
	int flags = writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
			   : SQLITE_OPEN_READONLY;
	int n = snprintf(path, sizeof(path), "%s/journal", folder);
	int code;

	*j = (struct journal){ .writer = writer };
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(
		    err, RC_REFUSED, "spool '%s': path too long", folder);
	library_ready();
	code = sqlite3_open_v2(path, &j->db,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
	    writer ? joined_files() : NULL);
	if (code != SQLITE_OK)
		journal_fail(j, code, "opening it");
	if (j->rc == RC_OK) {
		pragmas_set(j);
		schema_ready(j);
		if (writer)
			sqlite3_wal_hook(j->db, wal_grew, j);
	}
	if (j->rc == RC_OK)
		return RC_OK;
	*err = j->why;
	code = (int)j->rc;
	journal_close(j);
	return (enum rc)code;
}

void
journal_close(struct journal *j)
{
	for (int i = 0; i < SQLS; i++)
		sqlite3_finalize(j->stmt[i]);
	sqlite3_close(j->db);
	*j = (struct journal){ 0 };
}

enum rc
journal_rc(const struct journal *j, struct err *err)
{
	if (j->rc != RC_OK)
		*err = j->why;
	return j->rc;
}

void
journal_clear(struct journal *j)
{
	j->rc = RC_OK;
}

/* A failure is told by the questions, which can be asked without it, too. */
void
journal_read(struct journal *j, bool on)
{
	enum rc rc = j->rc;

	if (on == j->reading || j->in)
		return;
	j->rc = RC_OK;
	if (on == (sqlite3_get_autocommit(j->db) != 0))
		journal_run(j, on ? SQL_READ : SQL_COMMIT, "");
	j->reading = on;
	j->rc = rc;
}

enum rc
journal_begin(struct journal *j, struct err *err)
{
	journal_read(j, false);
	journal_run(j, SQL_BEGIN, "");
	j->in = j->rc == RC_OK;
	return journal_rc(j, err);
}

enum rc
journal_commit(struct journal *j, struct err *err)
{
	enum rc rc;

	journal_run(j, SQL_COMMIT, "");
	rc = journal_rc(j, err);
	j->in = false;
	if (rc != RC_OK)
		journal_rollback(j);
	return rc;
}

void
journal_rollback(struct journal *j)
{
	j->in = false;
	j->rc = RC_OK;
	/* A full disk may have rolled it back already. */
	if (!sqlite3_get_autocommit(j->db))
		journal_run(j, SQL_ROLLBACK, "");
	j->rc = RC_OK;
}

void
journal_savepoint(struct journal *j)
{
	journal_run(j, SQL_SAVEPOINT, "");
}

bool
journal_lives(struct journal *j)
{
	j->rc = RC_OK;
	if (sqlite3_get_autocommit(j->db))
		j->rc = err_set(&j->why, RC_LATER,
		    "journal: the transaction was rolled back");
	return j->rc == RC_OK;
}

void
journal_release(struct journal *j, bool keep)
{
	if (!journal_lives(j))
		return;
	if (!keep)
		journal_run(j, SQL_UNDO, "");
	journal_run(j, SQL_RELEASE, "");
}

enum rc
journal_tidy(struct journal *j, bool all, struct err *err)
{
	int code;

	if (j->wal_pages < WAL_PAGES && !(all && j->wal_pages > 0))
		return RC_OK;
	code = sqlite3_wal_checkpoint_v2(
	    j->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (code == SQLITE_BUSY)
		return RC_OK; /* a reader is in the way: at the next commit */
	j->checkpoints++;
	j->wal_pages = 0;
	if (code == SQLITE_OK || rc_of(j->db, code) == RC_LATER)
		return RC_OK;
	return err_set(err, rc_of(j->db, code), "journal: write back: %s",
	    sqlite3_errmsg(j->db));
}

uint64_t
journal_changes(const struct journal *j)
{
	return (uint64_t)sqlite3_total_changes64(j->db);
}

static int
bind_one(sqlite3_stmt *st, int at, char kind, va_list *ap)
{
	struct slice s;

	if (kind == 'i')
		return sqlite3_bind_int64(st, at, va_arg(*ap, int64_t));
	s = va_arg(*ap, struct slice);
	if (kind == 'z' && s.len == 0)
		return sqlite3_bind_null(st, at);
	if (s.p == NULL)
		s.p = "";
	if (kind == 'b')
		return sqlite3_bind_blob64(st, at, s.p, s.len, SQLITE_STATIC);
	assert(kind == 't' || kind == 'z');
	return sqlite3_bind_text64(
	    st, at, s.p, s.len, SQLITE_STATIC, SQLITE_UTF8);
}

static sqlite3_stmt *
stmt_ready(struct journal *j, enum sql which, const char *format, va_list *ap)
{
	sqlite3_stmt *st;
	int code = SQLITE_OK;

	if (j->rc != RC_OK)
		return NULL;
	if (j->stmt[which] == NULL)
		code = sqlite3_prepare_v3(j->db, texts[which], -1,
		    SQLITE_PREPARE_PERSISTENT, &j->stmt[which], NULL);
	st = j->stmt[which];
	assert(st == NULL ||
	       (size_t)sqlite3_bind_parameter_count(st) == strlen(format));
	for (int i = 0; code == SQLITE_OK && format[i] != '\0'; i++)
		code = bind_one(st, i + 1, format[i], ap);
	if (code == SQLITE_OK)
		return st;
	journal_fail(j, code, texts[which]);
	return NULL;
}

/* true: it stands on a row. */
static bool
stmt_step(struct journal *j, sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		journal_fail(j, code, sqlite3_sql(st));
	sqlite3_reset(st);
	return false;
}

void
journal_run(struct journal *j, enum sql which, const char *format, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, format);
	st = stmt_ready(j, which, format, &ap);
	va_end(ap);
	if (st != NULL && stmt_step(j, st))
		sqlite3_reset(st);
}

sqlite3_stmt *
journal_ask(struct journal *j, enum sql which, const char *format, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, format);
	st = stmt_ready(j, which, format, &ap);
	va_end(ap);
	return st != NULL && stmt_step(j, st) ? st : NULL;
}

bool
journal_more(struct journal *j, sqlite3_stmt *st)
{
	return stmt_step(j, st);
}

void
journal_end(sqlite3_stmt *st)
{
	if (st != NULL)
		sqlite3_reset(st);
}

int
journal_changed(const struct journal *j)
{
	return sqlite3_changes(j->db);
}

int64_t
journal_number(
    struct journal *j, enum sql which, int64_t other, const char *format, ...)
{
	int64_t n = other;
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, format);
	st = stmt_ready(j, which, format, &ap);
	va_end(ap);
	if (st != NULL && stmt_step(j, st)) {
		if (sqlite3_column_type(st, 0) != SQLITE_NULL)
			n = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	return n;
}

int64_t
column_int(sqlite3_stmt *st, int at)
{
	return sqlite3_column_int64(st, at);
}

uint64_t
column_id(sqlite3_stmt *st, int at)
{
	return (uint64_t)sqlite3_column_int64(st, at);
}

struct slice
column_slice(sqlite3_stmt *st, int at)
{
	const void *p = sqlite3_column_blob(st, at);

	return (struct slice){ p, (size_t)sqlite3_column_bytes(st, at) };
}

struct slice
column_dup(sqlite3_stmt *st, int at, struct arena *mem)
{
	return arena_dup(mem, column_slice(st, at));
}
