/*
 * How SQLite finds what the steps ask for: no statement goes through a whole
 * table, or each step would cost more the more waits. A partial index is used
 * only where the statement says its condition again.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *text;
} statements[] = {
#define SQL(name, text) { #name, text },
#include "spool/sql.def"
#undef SQL
};

/* Asked at a start, or once a day by retention. */
static const char *const rare[] = { "SEGMENT_LIVE", "BODYFILE_OLD",
	"HALF_ACCEPTED", "EVENT_LAST" };

/* They grow with what was ever taken in. */
static const char *const tables[] = { "arrival", "filing", "leg", "delivery",
	"receipt", "event", "a", "f", "l", "d", "r" };

static bool
is_rare(const char *name)
{
	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++)
		if (strcmp(name, rare[i]) == 0)
			return true;
	return false;
}

/* "SCAN leg" alone; with an index it is in order, or of what waits. */
static bool
goes_through(const char *detail)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char scan[32];

		(void)snprintf(scan, sizeof(scan), "SCAN %s", tables[i]);
		if (strcmp(detail, scan) == 0)
			return true;
	}
	return false;
}

static unsigned int
plan_check(sqlite3 *db, const char *name, const char *text)
{
	unsigned int wrong = 0;
	sqlite3_stmt *st = NULL;
	char sql[4096];

	(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", text);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(st, 3);

		if (!goes_through(detail))
			continue;
		print_error("%s: %s\n", name, detail);
		wrong++;
	}
	(void)sqlite3_finalize(st);
	return wrong;
}

static void
test_no_step_goes_through_a_whole_table(void **state)
{
	unsigned int wrong = 0, asked = 0;
	struct box b;

	(void)state;
	box_new(&b);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		if (is_rare(statements[i].name))
			continue;
		asked++;
		wrong += plan_check(
		    b.s->j.db, statements[i].name, statements[i].text);
	}
	assert_true(asked > 100);
	assert_int_equal(wrong, 0);
	box_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_no_step_goes_through_a_whole_table),
	};

	return TESTS_RUN(tests);
}
