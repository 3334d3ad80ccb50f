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
	uint64_t ids[64];
	unsigned int n = seek_find(j, slice_of(text), ids, 64);

	for (unsigned int i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
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
	assert_true(
	    box_sql(&x, "SELECT max(length(entries)) FROM seek") <= 64000);
	for (unsigned int n = 0; n < COMMITS * EACH; n += 7) {
		value_of(text, n);
		if (!finds(&x.s->j, text, n + 1))
			fail_msg("%s is not found", text);
	}
	assert_true(finds(&x.s->j, " msku0000005 ", 6));
	assert_false(finds(&x.s->j, "MSKU9999999", 1));
	/* A value of many: the newest of the newest run are among them. */
	assert_true(finds(&x.s->j, "2026-11-28", COMMITS - 1 + 1000000));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_value_is_found_after_any_number_of_merges),
		T(test_what_a_step_took_back_is_not_found),
	};

	return TESTS_RUN(tests);
}
