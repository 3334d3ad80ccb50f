/*
 * tests/unit/test_seek.c - filings found by what people know of them: every
 * value that was written is found again, whatever was merged since; what was
 * taken back is not; and what a commit costs does not grow.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "spool/seek.h"

#define COMMITS 600
#define EACH    40

static void
value_of(char out[32], unsigned int n)
{
	(void)snprintf(out, 32, "MSKU%07u", n);
}

static bool
finds(struct journal *j, const char *text, uint64_t id)
{
	static uint64_t ids[4096];
	struct seek_for f = seek_parse(slice_of(text));
	unsigned int n;

	(void)seek_find(j, &f, ids, &n, 4096);
	for (unsigned int i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* A value of many: all of them, the newest first, wherever they stand. */
static void
newest_are_told(struct journal *j)
{
	struct seek_for f = seek_parse(SLICE_LIT("20261128"));
	uint64_t ids[100];
	unsigned int n;

	assert_false(seek_find(j, &f, ids, &n, 100)); /* there are more */
	assert_int_equal(n, 100);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(ids[i], 1000000 + COMMITS - 1 - i);
}

static void
test_every_value_is_found_after_any_number_of_merges(void **state)
{
	struct box x;
	struct seek k;
	struct err err;
	uint64_t rows, before;
	char text[32];

	(void)state;
	box_new(&x);
	seek_init(&k);
	before = journal_changes(&x.s->j);
	for (unsigned int c = 0; c < COMMITS; c++) {
		assert_int_equal(journal_begin(&x.s->j, &err), RC_OK);
		for (unsigned int i = 0; i < EACH; i++) {
			value_of(text, c * EACH + i);
			seek_add(&k, slice_of(text), c * EACH + i + 1);
		}
		seek_add(&k, SLICE_LIT("2026-11-28"), c + 1000000);
		seek_write(&k, &x.s->j);
		assert_int_equal(journal_commit(&x.s->j, &err), RC_OK);
		if (c % 97 == 0)
			seek_forget(&k); /* as after a stop: counted anew */
	}
	rows = journal_changes(&x.s->j) - before;
	if (rows > 3 * COMMITS)
		fail_msg("%llu rows for %d commits", (unsigned long long)rows,
		    COMMITS);
	assert_true(box_sql(&x, "SELECT count(DISTINCT run) FROM seek") < 40);
	assert_true(box_sql(&x, "SELECT max(length(entries)) FROM seek") <=
		    SEEK_PART * SEEK_ENTRY);
	for (unsigned int n = 0; n < COMMITS * EACH; n += 7) {
		value_of(text, n);
		if (!finds(&x.s->j, text, n + 1))
			fail_msg("%s is not found", text);
	}
	assert_true(finds(&x.s->j, " msku0000005 ", 6));
	assert_false(finds(&x.s->j, "MSKU9999999", 1));
	newest_are_told(&x.s->j);
	/* Twelve bytes stand in order; the rest is the filing's to say. */
	assert_true(finds(&x.s->j, "msku 00000*", 6));
	assert_true(finds(&x.s->j, "MSKU000000*", 10));
	assert_false(finds(&x.s->j, "MSKU000001*", 10));
	assert_true(finds(&x.s->j, "MSKU0000005..MSKU0000007", 7));
	assert_false(finds(&x.s->j, "MSKU0000005..MSKU0000007", 9));
	assert_true(finds(&x.s->j, "MSKU0000005..MSKU000001", 20));
	assert_false(finds(&x.s->j, "MSKU0000005..MSKU000001", 21));
	seek_clear(&k);
	box_free(&x);
}

static void
test_what_a_step_took_back_is_not_found(void **state)
{
	struct box x;
	struct seek k;
	struct err err;
	size_t mark;

	(void)state;
	box_new(&x);
	seek_init(&k);
	assert_int_equal(journal_begin(&x.s->j, &err), RC_OK);
	seek_add(&k, SLICE_LIT("kept"), 1);
	mark = seek_mark(&k);
	seek_add(&k, SLICE_LIT("gone"), 2);
	seek_cut(&k, mark);
	seek_add(&k, SLICE_LIT("late"), 3);
	seek_write(&k, &x.s->j);
	assert_int_equal(journal_commit(&x.s->j, &err), RC_OK);
	assert_true(finds(&x.s->j, "kept", 1));
	assert_false(finds(&x.s->j, "gone", 2));
	assert_true(finds(&x.s->j, "LATE", 3));
	seek_clear(&k);
	box_free(&x);
}

static bool
meant(const char *typed, const char *value)
{
	struct seek_for f = seek_parse(slice_of(typed));

	return seek_meant(&f, slice_of(value));
}

static void
test_a_value_is_compared_as_people_read_it(void **state)
{
	(void)state;
	assert_true(meant("msku 123456-7", "MSKU1234567"));
	assert_true(meant("999-00001111", "99900001111"));
	assert_true(meant("MSKU12*", "msku-1234567"));
	assert_false(meant("MSKU12*", "MSKU1"));
	assert_false(meant("MSKU1234567", "MSKU12345678"));
	assert_true(meant("2026-11-01..2026-11-30", "2026-11-30"));
	assert_true(meant("2026-11..2026-11", "2026-11-30"));
	assert_false(meant("2026-11-01..2026-11-30", "2026-12-01"));
	assert_false(meant("2026-11-01..2026-11-30", "2026-10-31"));
	/* One alone is a value like any other. */
	assert_true(meant("*", "*"));
	assert_false(meant("..", "A"));
}

static void
test_runs_of_any_size_are_found_in(void **state)
{
	struct box x;
	struct seek k;
	struct err err;
	uint64_t id = 0;
	char text[32];

	(void)state;
	box_new(&x);
	seek_init(&k);
	/* 1, 3000 (two rows), 1, 3000 ...: short ones go past long ones */
	for (unsigned int c = 0; c < 40; c++) {
		assert_int_equal(journal_begin(&x.s->j, &err), RC_OK);
		for (unsigned int i = 0; i < (c % 2 ? 3000 : 1); i++) {
			value_of(text, (unsigned int)id);
			seek_add(&k, slice_of(text), ++id);
			seek_add(&k, slice_of(text), id); /* twice is once */
		}
		seek_write(&k, &x.s->j);
		assert_int_equal(journal_commit(&x.s->j, &err), RC_OK);
	}
	assert_int_equal(box_sql(&x, "SELECT sum(length(entries)) FROM seek"),
	    id * SEEK_ENTRY);
	for (unsigned int n = 0; n < id; n += 13) {
		value_of(text, n);
		if (!finds(&x.s->j, text, n + 1))
			fail_msg("%s is not found", text);
	}
	seek_clear(&k);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_value_is_found_after_any_number_of_merges),
		T(test_what_a_step_took_back_is_not_found),
		T(test_a_value_is_compared_as_people_read_it),
		T(test_runs_of_any_size_are_found_in),
	};

	return TESTS_RUN(tests);
}
