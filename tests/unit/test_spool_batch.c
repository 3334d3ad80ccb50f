/*
 * Legs into deliveries: batches that wait for more, and control numbers.
 */
#include "tests/unit/spool_test.h"

/* --- batches that wait --- */

static struct conf_submit *
batch_conf(struct box *x, uint32_t n, uint32_t ms)
{
	struct conf_submit *sub = &x->partner[1].submit[0];

	x->partner[0].replies = 0;
	sub->batch = n;
	sub->batch_within_ms = ms;
	return sub;
}

static const char *
books(struct box *x)
{
	return box_text(x, "SELECT coalesce(group_concat(state || ' ' || name"
			   " || ' ' || number || ' ' || legs, ','), '')"
			   " FROM (SELECT * FROM delivery ORDER BY id)");
}

static void
test_a_batch_takes_what_several_arrivals_bring(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 3, 5000);
	box_key(&x, "A");
	assert_string_equal(books(&x), "open  0 1");
	assert_true(box_no_order(&x));
	box_key(&x, "B");
	assert_string_equal(books(&x), "open  0 2");
	box_key(&x, "C");
	assert_string_equal(books(&x), "planned cn-dec-1 1 3");
	assert_int_equal(box_order(&x)->kind, ORDER_WRAP);
	box_key(&x, "D");
	assert_string_equal(books(&x), "planned cn-dec-1 1 3,open  0 1");
	assert_int_equal(
	    box_sql(&x, "SELECT count(DISTINCT delivery) FROM leg"), 2);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'bound'"), 4);
	box_free(&x);
}

static void
test_a_batch_that_is_not_full_goes_when_it_is_old(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 3, 5000)->zip = true;
	box_key(&x, "A");
	box_due(&x, 4999);
	assert_string_equal(books(&x), "open  0 1");
	box_key(&x, "B"); /* makes it no younger */
	box_due(&x, 1);
	assert_string_equal(books(&x), "planned cn-dec-1.zip 1 2");
	/* one alone goes under its own name, also after a start */
	box_key(&x, "C");
	box_again(&x, 5000);
	box_due(&x, 0);
	assert_string_equal(
	    books(&x), "planned cn-dec-1.zip 1 2,planned C.edi.zip 2 1");
	box_free(&x);
}

static void
test_a_batch_that_grows_too_large_is_closed(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 100, 5000);
	box_key(&x, "A");
	assert_int_equal(
	    box_sql(&x, "UPDATE delivery SET body_len = (32 << 20) - 1"
			" RETURNING 1"),
	    1);
	box_key(&x, "B");
	assert_string_equal(books(&x), "planned cn-dec-1 1 2");
	box_free(&x);
}

static void
test_a_lone_message_needs_its_interchange(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	box_file(&x, "A.edi",
	    &(struct a_filing){ .key = "A",
		.content = "A",
		.file_name = "A.edi",
		.segments = 12 });
	assert_string_equal(books(&x), "planned A.edi 1 1");
	assert_int_equal(box_order(&x)->number, 1);
	box_free(&x);
}

/* --- numbers --- */

static void
test_no_file_overtakes_the_number_before_it(void **state)
{
	struct delivery_out d, e;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 1, 0)->gapless = true;
	x.partner[2].submit[0].batch = 1;
	box_key(&x, "A");
	box_key(&x, "B");
	assert_string_equal(books(&x), "ready A.edi 1 1,ready B.edi 2 1");
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "A.edi");
	assert_false(box_deliver(&x, &e)); /* in flight is not out */
	delivery_failed(x.b, d.id, RC_REFUSED, "no", &st);
	box_commit(&x);
	assert_false(box_deliver(&x, &e)); /* held: its number is missing */
	assert_int_equal(box_sql(&x, "UPDATE delivery SET state = 'ready' WHERE"
				     " number = 1 RETURNING 1"),
	    1);
	box_again(&x, 1);
	assert_true(box_deliver(&x, &d));
	test_slice_is(d.name, "A.edi");
	box_publish(&x, d.id);
	assert_true(box_deliver(&x, &e));
	test_slice_is(e.name, "B.edi");
	/* numbers of a format are its own */
	assert_int_equal(
	    box_sql(&x, "SELECT n FROM drawn WHERE what = 'gapless cn-dec'"),
	    2);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_batch_takes_what_several_arrivals_bring),
		T(test_a_batch_that_is_not_full_goes_when_it_is_old),
		T(test_a_batch_that_grows_too_large_is_closed),
		T(test_a_lone_message_needs_its_interchange),
		T(test_no_file_overtakes_the_number_before_it),
	};

	return TESTS_RUN(tests);
}
