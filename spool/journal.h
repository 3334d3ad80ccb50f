/*
 * spool/journal.h - the journal file: SQLite in WAL mode, synchronous=FULL,
 * one writer, every statement prepared once from sql.def.
 *
 * Inside spool/ only. A statement that fails marks the journal: what follows
 * in the same step does nothing, and the step asks once, with journal_rc().
 */
#ifndef SPOOL_JOURNAL_H
#define SPOOL_JOURNAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/rc.h"
#include "src/base/slice.h"

#define JOURNAL_SCHEMA 1

enum sql {
#define SQL(name, text) SQL_##name,
#include "spool/sql.def"
#define SQL(name, text) SQL_##name,
#include "spool/view_sql.def"
	SQLS
};

struct journal {
	sqlite3 *db;
	sqlite3_stmt *stmt[SQLS];
	bool writer;
	bool in;      /* a transaction is open */
	bool reading; /* one that only reads is */
	enum rc rc;
	struct err why;
	uint64_t checkpoints;
	int wal_pages;
};

/* Open or create FOLDER/journal; a reader never writes. */
enum rc journal_open(
    struct journal *, const char *folder, bool writer, struct err *) MUST_USE;
void journal_close(struct journal *);

/*
 * Questions to come are asked of one state, with one lock for all of them;
 * false: no more. Ends by itself at journal_begin().
 */
void journal_read(struct journal *, bool on);
enum rc journal_begin(struct journal *, struct err *) MUST_USE;
enum rc journal_commit(struct journal *, struct err *) MUST_USE;
void journal_rollback(struct journal *);
void journal_savepoint(struct journal *);
/* Clears the mark; false, marked: the library gave up the transaction. */
bool journal_lives(struct journal *);
/* Keep or undo what was done since the savepoint; clears the mark. */
void journal_release(struct journal *, bool keep);
/* What went wrong since the mark was last cleared. */
enum rc journal_rc(const struct journal *, struct err *);
void journal_clear(struct journal *);
/* Write back the log when it has grown; two syncs when it does. */
enum rc journal_tidy(struct journal *, bool all, struct err *) MUST_USE;
uint64_t journal_changes(const struct journal *);

/*
 * Arguments by a format: 'i' int64_t, 't' struct slice as text, 'b' as blob,
 * 'z' struct slice as text or NULL when empty.
 * journal_run() runs to the end; journal_ask() stands on the first row or
 * returns NULL; ask again with journal_more(), end early with journal_end().
 */
void journal_run(struct journal *, enum sql, const char *format, ...);
sqlite3_stmt *journal_ask(struct journal *, enum sql, const char *format, ...);
bool journal_more(struct journal *, sqlite3_stmt *);
void journal_end(sqlite3_stmt *);
/* Rows changed by the last statement run. */
int journal_changed(const struct journal *);
/* One number: the first column of the first row, or other if there is none. */
int64_t journal_number(
    struct journal *, enum sql, int64_t other, const char *format, ...);

int64_t column_int(sqlite3_stmt *, int);
uint64_t column_id(sqlite3_stmt *, int);
/* Valid until the statement moves on. */
struct slice column_slice(sqlite3_stmt *, int);
struct slice column_dup(sqlite3_stmt *, int, struct arena *);

#endif
