/*
 * Deliveries in the spool: refused by the partner's folder, delivered again,
 * given up, batches that wait, numbers, hours.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t
file(struct box *x, const char *key)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.edi", key);
	return box_file(x, name,
	    &(struct a_filing){
		.key = key, .content = key, .file_name = name });
}

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

static void
reject(struct box *x, const char *name, uint64_t mark)
{
	uint64_t id =
	    spool_rejected(x->s, SLICE_LIT("customs"), slice_of(name));
	struct step st;

	assert_true(id != 0);
	delivery_rejected(x->b, id, mark, &st);
	box_commit(x);
	if (st.rc != RC_OK)
		fail_msg("%s", st.why.text);
}

static void
test_a_file_among_the_refused_fails_its_legs_and_tells(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	file(&x, "K1");
	pick(&x, deliver(&x));
	assert_int_equal(
	    spool_rejected(x.s, SLICE_LIT("customs"), SLICE_LIT("no")), 0);
	assert_int_equal(
	    spool_rejected(x.s, SLICE_LIT("port"), SLICE_LIT("K1.edi")), 0);
	reject(&x, "K1.edi", 77);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_string_equal(
	    box_text(&x, "SELECT state || outcome FROM leg"), "answeredfailed");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM delivery WHERE kind = 'status'"),
	    1);
	/* told again after a restart: nothing more */
	reject(&x, "K1.edi", 77);
	assert_int_equal(box_sql(&x, "SELECT answers FROM leg"), 1);
	box_free(&x);
}

static void
test_a_file_that_stands_may_be_refused_at_once(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[1].submit[0].window = 1;
	file(&x, "K1");
	file(&x, "K2");
	deliver(&x);
	reject(&x, "K1.edi", 77);
	deliver(&x); /* its place in the window is free */
	box_free(&x);
}

static void
test_what_is_over_is_delivered_again_as_it_was(void **state)
{
	struct delivery_out d;
	struct step st;
	uint64_t id;
	struct box x;

	(void)state;
	box_new(&x);
	file(&x, "K1");
	id = deliver(&x);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_REFUSED);
	assert_non_null(strstr(st.why.text, "is published, want one that is"));
	pick(&x, id);
	reject(&x, "K1.edi", 77);
	delivery_again(x.b, id, &st);
	box_commit(&x);
	assert_int_equal(st.rc, RC_OK);
	do
		assert_true(box_deliver(&x, &d));
	while (d.id != id);
	test_slice_is(d.name, "K1.edi");
	test_slice_is(d.body, "<Dec>K1 K1</Dec>");
	/* what stands among the refused from before says nothing of it */
	reject(&x, "K1.edi", 77);
	box_publish(&x, id);
	reject(&x, "K1.edi", 77);
	pick(&x, id);
	reject(&x, "K1.edi", 77);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "picked");
	reject(&x, "K1.edi", 78);
	assert_string_equal(
	    box_text(&x, "SELECT state FROM delivery WHERE kind = 'legs'"),
	    "failed");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg"), 1);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_file_among_the_refused_fails_its_legs_and_tells),
		T(test_a_file_that_stands_may_be_refused_at_once),
		T(test_what_is_over_is_delivered_again_as_it_was),
	};

	return TESTS_RUN(tests);
}
