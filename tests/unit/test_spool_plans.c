/*
 * How SQLite finds what is asked for: no statement of the steps or the views
 * walks through a table that grows, or each step would cost more the more
 * waits. A partial index is used only where the statement says its condition
 * again; an open range of ids is a walk, too.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *text;
} statements[] = {
#define SQL(name, text) { #name, text },
#include "spool/sql.def"
#define SQL(name, text) { #name, text },
#include "spool/view_sql.def"
};

#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/* A walk that is meant, and what bounds it. */
static const struct {
	const char *name, *detail, *why;
} meant[] = {
	{ "EVENT_LAST", "SCAN event", "the last one, LIMIT 1" },
	{ "VIEW_EVENT_LAST", "SEARCH event", "the last one, by its number" },
	{ "EVENT_PAGE", "SEARCH event USING INTEGER PRIMARY KEY (rowid>?)",
	    "the chain in pages" },
	{ "VIEW_EVENTS", "SEARCH event USING INTEGER PRIMARY KEY (rowid>?)",
	    "the chain in pages" },
	{ "HALF_TAKEN", "SCAN arrival USING INDEX arrival_half",
	    "files in hand at a stop, LIMIT" },
	{ "HALF_ACCEPTED", "SCAN arrival", "the youngest, LIMIT, at a start" },
	{ "SWEEP_ARRIVALS",
	    "SEARCH arrival USING INTEGER PRIMARY KEY (rowid>?)", "a slice" },
	{ "SEGMENT_LAST", "SEARCH segment", "the last one, by its number" },
	{ "SEGMENT_GONE", "SCAN segment",
	    "one a 64 MiB of bodies, once at a start" },
	{ "SWEEP_RECEIPTS",
	    "SEARCH receipt USING INTEGER PRIMARY KEY (rowid>?)", "a slice" },
	{ "SWEEP_LEGS", "SEARCH leg USING INTEGER PRIMARY KEY (rowid>?)",
	    "a slice" },
	{ "SWEEP_DELIVERIES",
	    "SEARCH delivery USING INTEGER PRIMARY KEY (rowid>?)", "a slice" },
	{ "SWEEP_FILES", "SEARCH file USING INTEGER PRIMARY KEY (rowid>?)",
	    "a slice" },
	{ "SWEEP_PARTS", "SEARCH part USING INTEGER PRIMARY KEY (rowid>?)",
	    "a slice" },
	{ "VERIFY_ARRIVALS",
	    "SEARCH arrival USING INTEGER PRIMARY KEY (rowid>?)", "a page" },
	{ "VERIFY_LEGS", "SEARCH leg USING INTEGER PRIMARY KEY (rowid>?)",
	    "a page" },
	{ "VERIFY_DELIVERIES",
	    "SEARCH delivery USING INTEGER PRIMARY KEY (rowid>?)", "a page" },
	{ "VERIFY_FILES", "SEARCH f USING INTEGER PRIMARY KEY (rowid>?)",
	    "a page" },
	{ "VERIFY_RECEIPTS",
	    "SEARCH receipt USING INTEGER PRIMARY KEY (rowid>?)", "a page" },
	{ "STANDING", "SCAN delivery USING INDEX delivery_standing",
	    "what stands in folders, when deliver starts" },
	{ "VIEW_SEGMENTS", "SCAN segment USING INDEX segment_kept",
	    "one a 64 MiB of bodies, for the space they take" },
};

#define MEANT (sizeof(meant) / sizeof(meant[0]))

/* They stay small: rows of the configuration, counters, a query's own. */
static const char *const small[] = { "now", "tally", "pause", "drawn", "lease",
	"generation", "g", "CONSTANT" };

static bool
is_small(const char *detail)
{
	const char *table = strchr(detail, ' ');
	size_t len = table == NULL ? 0 : strcspn(table + 1, " ");

	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (strlen(small[i]) == len &&
		    memcmp(table + 1, small[i], len) == 0)
			return true;
	return false;
}

/* A table of the schema, under its name or the one the statement gives it. */
static bool
is_walk(const char *detail)
{
	const char *range = strstr(detail, "USING INTEGER PRIMARY KEY (rowid");

	if (is_small(detail))
		return false;
	if (range != NULL && strncmp(detail, "SEARCH ", 7) == 0)
		return strstr(range, "rowid=?") == NULL;
	/* least or greatest of a column, without an index: until one is found
	 */
	if (strncmp(detail, "SEARCH ", 7) == 0)
		return strstr(detail, " USING ") == NULL &&
		       strstr(detail, "subquery") == NULL;
	return strncmp(detail, "SCAN ", 5) == 0 &&
	       strstr(detail, "subquery") == NULL;
}

/* What a recursive part has found so far is scanned, as it must be. */
static bool
is_recursive(const char *text, const char *detail)
{
	char cte[32];

	(void)snprintf(cte, sizeof(cte), " %.20s(", detail + 5);
	return strstr(text, "WITH RECURSIVE") != NULL &&
	       strstr(text, cte) != NULL;
}

static bool
is_meant(const char *name, const char *detail, bool used[MEANT])
{
	for (size_t i = 0; i < MEANT; i++)
		if (strcmp(meant[i].name, name) == 0 &&
		    strcmp(meant[i].detail, detail) == 0)
			return used[i] = true;
	return false;
}

static unsigned int
plan_check(sqlite3 *db, const char *name, const char *text, bool used[MEANT])
{
	unsigned int wrong = 0;
	sqlite3_stmt *st = NULL;
	char sql[8192];

	(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", text);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(st, 3);

		if (!is_walk(detail) || is_recursive(text, detail) ||
		    is_meant(name, detail, used))
			continue;
		print_error("%s: %s\n", name, detail);
		wrong++;
	}
	(void)sqlite3_finalize(st);
	return wrong;
}

static void
test_no_statement_walks_through_a_table_that_grows(void **state)
{
	unsigned int wrong = 0;
	bool used[MEANT] = { false };
	struct box b;

	(void)state;
	box_new(&b);
	for (size_t i = 0; i < STATEMENTS; i++)
		wrong += plan_check(
		    b.s->j.db, statements[i].name, statements[i].text, used);
	assert_int_equal(wrong, 0);
	for (size_t i = 0; i < MEANT; i++)
		if (!used[i])
			fail_msg("%s: no longer '%s' (%s)", meant[i].name,
			    meant[i].detail, meant[i].why);
	box_free(&b);
}

/* The test above, of statements that it must find. */
static void
test_a_walk_is_found(void **state)
{
	static const struct {
		const char *text;
		unsigned int walks;
	} cases[] = {
		{ "SELECT count(*) FROM leg WHERE why = ?1", 1 },
		{ "SELECT id FROM leg WHERE delivery = ?1 AND id > ?2"
		  " ORDER BY id",
		    1 },
		{ "SELECT id FROM leg WHERE delivery = ?1 AND delivery <> 0"
		  " AND id > ?2 ORDER BY id",
		    0 },
		{ "SELECT min(id) FROM delivery WHERE state = 'ready'", 1 },
		{ "SELECT f.id FROM filing f, arrival a WHERE a.id = f.arrival",
		    1 },
		{ "SELECT n FROM drawn", 0 },
	};
	bool used[MEANT] = { false };
	struct box b;

	(void)state;
	box_new(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (plan_check(b.s->j.db, "planted", cases[i].text, used) !=
		    cases[i].walks)
			fail_msg("%s", cases[i].text);
	box_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_no_statement_walks_through_a_table_that_grows),
		T(test_a_walk_is_found),
	};

	return TESTS_RUN(tests);
}
