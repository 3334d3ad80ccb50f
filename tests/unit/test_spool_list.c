/*
 * The daily list of what a partner was given: each file once, on its day.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>

/* The next delivery to customs, published; its id. */
static uint64_t
deliver(struct box *x)
{
	struct delivery_out d;

	do
		assert_true(box_deliver(x, &d));
	while (!slice_is(d.partner, "customs"));
	box_publish(x, d.id);
	return d.id;
}

static void
pick(struct box *x, uint64_t id)
{
	struct step st;

	delivery_picked(x->b, id, &st);
	box_commit(x);
	assert_int_equal(st.rc, RC_OK);
}

static const char *
delivery_text(struct box *x, const char *name)
{
	struct delivery_out d;

	while (box_deliver(x, &d)) {
		bool is = slice_is(d.name, name);

		box_publish(x, d.id);
		if (is)
			return arena_str(x->mem, d.body);
	}
	return NULL;
}

static void
test_a_partner_gets_a_list_of_its_files_each_day(void **state)
{
	struct box x;
	int64_t at;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	/* in two hours and a bit: 14:00 in Greenwich */
	x.partner[1].list_at = 14 * 60 + 1;
	box_due(&x, 0); /* what was before is not asked for */
	box_key(&x, "A");
	box_file(&x, "B",
	    &(struct a_filing){
		.key = "B", .content = "b", .file_name = "=B\",x" });
	pick(&x, deliver(&x));
	deliver(&x);
	spool_due(x.s, x.b, &at);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'list'"),
	    0);
	box_due(&x, 3 * 3600000);
	assert_string_equal(delivery_text(&x, "LIST-20261118.csv"),
	    "name,bytes,sha256,given,stands\r\n"
	    "\"A.edi\",14,"
	    "c1dd89a286c6bee120b980eaa7a67ec35e9527f5aee0c91c0712f9f238334d43"
	    ",2026-11-18T11:06:40.000Z,no\r\n"
	    "\"'=B\"\",x\",14,"
	    "5f474137cedfedea4f04a2088e45d92472478bb05fc72612a965ac5617839a59"
	    ",2026-11-18T11:06:40.000Z,yes\r\n");
	box_due(&x, 0);
	box_again(&x, 1000);
	box_due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'list'"),
	    1);
	/* the next day: what still stands, and no list of lists */
	box_due(&x, 86400000);
	assert_non_null(strstr(
	    delivery_text(&x, "LIST-20261119.csv"), "given,stands\r\n\"'=B"));
	/* a clock a year ahead, and back */
	clock_jump(&x.clock, clock_wall(&x.clock) + INT64_C(365) * 86400000);
	box_due(&x, 0);
	clock_jump(&x.clock, clock_wall(&x.clock) - INT64_C(365) * 86400000);
	box_due(&x, 86400000);
	box_due(&x, 0);
	assert_non_null(delivery_text(&x, "LIST-20261120.csv"));
	box_free(&x);
}

static unsigned int
times(const char *text, const char *word)
{
	unsigned int n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

/* Given at that moment, and not picked up or picked up. */
static void
given_at(struct box *x, const char *key, int64_t wall, bool picked)
{
	char sql[200];
	uint64_t id;

	box_key(x, key);
	id = deliver(x);
	if (picked)
		pick(x, id);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE delivery SET listed_ms = %lld WHERE id = %llu RETURNING 1",
	    (long long)wall, (unsigned long long)id);
	assert_int_equal(box_sql(x, sql), 1);
}

/*
 * The list of a moment may have been made just before what was given in that
 * same millisecond, or before the clock was set back: the next one names it.
 */
static void
test_what_is_given_at_the_moment_of_a_list_is_in_one(void **state)
{
	const int64_t moment = INT64_C(1795010400000); /* 2026-11-18T14:00 */
	struct box x;
	const char *list;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].list_at = 14 * 60 + 1;
	box_due(&x, 0);
	given_at(&x, "BEFORE", moment - 1, true);
	clock_move(&x.clock, moment - clock_wall(&x.clock));
	box_due(&x, 0);
	list = delivery_text(&x, "LIST-20261118.csv");
	assert_int_equal(times(list, "BEFORE"), 1);
	given_at(&x, "GONE", moment, true);
	given_at(&x, "STANDS", moment, false);
	clock_jump(&x.clock, moment - 3600000);
	box_key(&x, "BACK");
	pick(&x, deliver(&x));
	box_due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'list'"),
	    1);
	clock_jump(&x.clock, moment);
	box_due(&x, 86400000);
	list = delivery_text(&x, "LIST-20261119.csv");
	assert_int_equal(times(list, "BEFORE"), 0);
	assert_int_equal(times(list, "GONE"), 1);
	assert_int_equal(times(list, "STANDS"), 1);
	assert_int_equal(times(list, "BACK"), 1);
	box_due(&x, 86400000);
	list = delivery_text(&x, "LIST-20261120.csv");
	assert_int_equal(times(list, "STANDS"), 1); /* it stands there yet */
	assert_int_equal(times(list, "GONE") + times(list, "BACK"), 0);
	box_free(&x);
}

/* As many as 50,003 files since yesterday's list, of one body. */
static void
given_many(struct box *x)
{
	char sql[1200];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO delivery(id, partner, channel, kind, arrival, name,"
	    " format, state, test, number, body, body_at, body_len, legs,"
	    " generation, t, planned_ms, published_ms, listed_ms)"
	    " WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
	    " WHERE n < 50003) SELECT n, 'customs', 'folder', 'legs', 0,"
	    " printf('d%%05d', n), '', 'picked', 0, n, 0, 0, 1, 1, 1, 0, 0,"
	    " %lld, %lld FROM c RETURNING id",
	    (long long)clock_wall(&x->clock), (long long)clock_wall(&x->clock));
	(void)box_text(x, sql);
}

static unsigned int
lines(const char *text)
{
	unsigned int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* None is cut: what one file does not name the next one does, after a stop
 * between them, too. */
static void
test_a_long_list_comes_in_files_that_name_each_thing_once(void **state)
{
	const char *first, *second;
	struct box x;
	int64_t at;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	x.partner[1].list_at = 14 * 60 + 1;
	box_due(&x, 0);
	given_many(&x);
	clock_move(&x.clock, 3 * 3600000);
	spool_due(x.s, x.b, &at);
	box_commit(&x);
	first = delivery_text(&x, "LIST-20261118.csv");
	assert_non_null(first);
	box_again(&x, 1000);
	box_due(&x, 0);
	second = delivery_text(&x, "LIST-20261118-2.csv");
	assert_non_null(second);
	assert_int_equal(lines(first), 1 + 50000);
	assert_int_equal(lines(second), 1 + 3);
	assert_non_null(strstr(first, "\r\n\"d00001\",1,"));
	assert_non_null(strstr(first, "\r\n\"d50000\",1,"));
	assert_int_equal(
	    strncmp(
		second, "name,bytes,sha256,given,stands\r\n\"d50001\",", 41),
	    0);
	box_due(&x, 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'list'"),
	    2);
	/* that was all of it: the next one is of the next day */
	box_due(&x, 86400000);
	assert_int_equal(lines(delivery_text(&x, "LIST-20261119.csv")), 1);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_partner_gets_a_list_of_its_files_each_day),
		T(test_what_is_given_at_the_moment_of_a_list_is_in_one),
		T(test_a_long_list_comes_in_files_that_name_each_thing_once),
	};

	return TESTS_RUN(tests);
}
