/*
 * tests/unit/test_spool_mapping.c - which bundle of mappings does an order: the
 * newest valid when the file came, and for what follows from it the same again.
 */
#include "tests/unit/spool_test.h"

#define HOUR INT64_C(3600000)
#define LIST "old new@1795003600000" /* WALL0 and an hour */

static void
told(struct box *x, uint64_t generation, const char *list)
{
	struct err err;

	if (spool_generation(
		x->s, &x->conf, generation, slice_of(list), &err) != RC_OK)
		fail_msg("%s", err.text);
}

/* Whoever gets packages has them wrapped. */
static void
packed_new(struct box *x)
{
	box_new(x);
	for (unsigned int i = 0; i < x->conf.npartners; i++)
		if (x->partner[i].agency)
			x->partner[i].submit[0].zip = true;
}

static void
order_is(struct box *x, enum order_kind kind, const char *mapping)
{
	box_order(x);
	assert_int_equal(x->o.kind, kind);
	test_slice_is(x->o.mapping, mapping);
}

static void
body_done(struct box *x)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("written") } };
	struct err err;
	struct buf b;

	buf_init(&b, 4096);
	claim_put(&b, &body);
	assert_int_equal(box_done(x, &b, &err), RC_OK);
}

/* The package and the reply that wait, whichever comes first. */
static void
written(struct box *x, const char *mapping, bool done)
{
	unsigned int kinds = 0;

	for (int i = 0; i < 2; i++) {
		box_order(x);
		test_slice_is(x->o.mapping, mapping);
		kinds |= 1u << x->o.kind;
		if (done)
			body_done(x);
	}
	assert_int_equal(kinds, 1u << ORDER_WRAP | 1u << ORDER_REPLY);
}

static void
read_done(struct box *x, const char *key)
{
	struct a_filing f = { .key = key, .content = key, .segments = 5 };
	struct err err;
	struct buf b;

	claims_arrival(&b, 1, 0);
	claims_filing(x, &b, 1, &f);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

#define USED(table)                                                            \
	box_text(x,                                                            \
	    "SELECT group_concat(version, ' ') FROM (SELECT m.version FROM "   \
	    "mapping m JOIN " table " t ON t.mapping = m.id ORDER BY t.id)")
#define TURNS "SELECT count(*) FROM event WHERE line LIKE '%mapping.turned%'"

static void
test_the_time_of_arrival_says_which_bundle_reads_it(void **state)
{
	struct box box, *x = &box;

	(void)state;
	packed_new(x);
	told(x, 1, LIST);
	box_arrive(x, "acme", "1.edi", "one");
	order_is(x, ORDER_READ, "old");
	read_done(x, "A");
	box_arrive(x, "acme", "2.edi", "two");
	/* in its hands when the date comes, and when it dies: the same again */
	clock_move(&x->clock, 2 * HOUR);
	for (int i = 0; i < 2; i++) {
		written(x, "old", false);
		order_is(x, ORDER_READ, "old");
		box_again(x, 0);
		told(x, 1, LIST);
	}
	written(x, "old", true);
	order_is(x, ORDER_READ, "old");
	read_done(x, "B");
	box_arrive(x, "acme", "3.edi", "three");
	written(x, "old", true);
	order_is(x, ORDER_READ, "new");
	read_done(x, "C");
	assert_string_equal(USED("arrival"), "old old new");
	assert_string_equal(USED("leg"), "old old new");
	written(x, "new", true);
	assert_true(box_no_order(x));
	box_free(x);
}

static void
test_the_turn_is_an_event_and_needs_nobody(void **state)
{
	struct box box, *x = &box;

	(void)state;
	box_new(x);
	told(x, 1, LIST);
	box_file(x, "1.edi", &(struct a_filing){ .key = "A", .content = "A" });
	clock_move(&x->clock, 2 * HOUR);
	assert_int_equal(box_sql(x, TURNS), 0);
	for (int i = 0; i < 2; i++) {
		char name[8] = "2.edi";

		name[0] = (char)('2' + i);
		box_arrive(x, "acme", name, name);
		do
			box_order(x);
		while (x->o.kind != ORDER_READ);
	}
	assert_int_equal(box_sql(x, TURNS), 1);
	/* who starts later has no turn to tell */
	box_again(x, HOUR);
	told(x, 2, LIST);
	box_arrive(x, "acme", "4.edi", "four");
	while (!box_no_order(x))
		;
	assert_int_equal(box_sql(x, TURNS), 1);
	box_free(x);
}

static void
test_a_bundle_that_is_gone_is_replaced_by_the_one_of_that_time(void **state)
{
	struct box box, *x = &box;

	(void)state;
	packed_new(x);
	told(x, 1, "first");
	box_arrive(x, "acme", "1.edi", "one");
	order_is(x, ORDER_READ, "first");
	read_done(x, "A");
	clock_move(&x->clock, 2 * HOUR);
	told(x, 2, LIST);
	written(x, "old", false); /* planned before the date */
	box_again(x, 0);
	told(x, 3, "first new@1795003600000"); /* it is back */
	written(x, "first", true);
	assert_string_equal(USED("leg"), "first");
	assert_int_equal(box_sql(x, "SELECT count(*) FROM mapping"), 3);
	box_free(x);
}

static void
test_a_list_that_makes_no_sense_changes_nothing(void **state)
{
	struct box box, *x = &box;
	struct err err;

	(void)state;
	box_new(x);
	told(x, 1, "one");
	assert_int_equal(
	    spool_generation(x->s, &x->conf, 2, SLICE_LIT("a b"), &err),
	    RC_REFUSED);
	assert_string_equal(err.text, "'a b' is no list of bundles");
	assert_int_equal(spool_generation_last(x->s), 1);
	box_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_time_of_arrival_says_which_bundle_reads_it),
		T(test_the_turn_is_an_event_and_needs_nobody),
		T(test_a_bundle_that_is_gone_is_replaced_by_the_one_of_that_time),
		T(test_a_list_that_makes_no_sense_changes_nothing),
	};

	return TESTS_RUN(tests);
}
