/*
 * tests/unit/test_spool_take_back.c - a filing takes back what is in a delivery
 * that the same file has put others into: nobody else's leg is lost, and each
 * delivery counts what is in it.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <string.h>

static const struct a_leg one[] = {
	{ .name = "only", .agency = "customs", .body = "<A/>" },
};
static const struct a_leg other[] = {
	{ .name = "only", .agency = "customs", .body = "<Longer/>" },
};
static const struct a_leg changed[] = {
	{ .name = "only",
	    .agency = "customs",
	    .body = "<Changed/>",
	    .content = 7 },
};

static void
books_new(struct box *x, uint32_t batch, uint32_t within_ms)
{
	box_new(x);
	x->partner[0].replies = 0;
	x->partner[1].submit[0].batch = batch;
	x->partner[1].submit[0].batch_within_ms = within_ms;
}

static void
parts(struct box *x, const char *partner, const char *name,
    const struct a_part *p, unsigned int n)
{
	struct err err;

	if (joint_parts(x, partner, name, p, n, &err) != RC_OK)
		fail_msg("%s: %s", name, err.text);
}

static void
filed(struct box *x, const char *partner, const char *key)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s-%s.edi", partner, key);
	parts(x, partner, name, &(struct a_part){ key, "", one, 1, NULL }, 1);
}

/*
 * Each delivery counts the legs that are in it, an open one their bytes; no leg
 * is in one that has ended; and these are those that go, oldest first.
 */
static void
books_are(struct box *x, const char *going)
{
	assert_int_equal(
	    box_sql(x, "SELECT count(*) FROM delivery d WHERE d.kind = 'legs'"
		       " AND d.state <> 'cancelled' AND d.legs <> (SELECT"
		       " count(*) FROM leg l WHERE l.delivery = d.id AND"
		       " l.state = 'bound')"),
	    0);
	assert_int_equal(
	    box_sql(x, "SELECT count(*) FROM delivery d WHERE d.kind = 'legs'"
		       " AND d.state = 'open' AND d.body_len <> (SELECT"
		       " sum(body_len) FROM leg l WHERE l.delivery = d.id)"),
	    0);
	assert_int_equal(
	    box_sql(x, "SELECT count(*) FROM leg l WHERE l.state = 'bound' AND"
		       " NOT EXISTS(SELECT 1 FROM delivery d WHERE"
		       " d.id = l.delivery AND d.state <> 'cancelled')"),
	    0);
	assert_string_equal(
	    box_text(x, "SELECT coalesce(group_concat(t, ','), '') FROM (SELECT"
			" f.partner || ' ' || f.key || ' ' || d.state || ' ' ||"
			" d.legs AS t FROM leg l JOIN filing f ON"
			" f.id = l.filing JOIN delivery d ON d.id = l.delivery"
			" WHERE l.state = 'bound' ORDER BY l.id)"),
	    going);
}

static void
test_a_change_behind_a_new_one_loses_neither(void **state)
{
	struct a_part p[] = { { "K2", "", other, 1, NULL },
		{ "K1", "change", changed, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 5, 5000);
	filed(&x, "acme", "K1");
	parts(&x, "acme", "b.edi", p, 2);
	books_are(&x, "acme K2 open 2,acme K1 open 2");
	box_free(&x);
}

static void
test_a_cancellation_behind_a_new_one_leaves_the_new_one(void **state)
{
	struct a_part p[] = { { "K2", "", other, 1, NULL },
		{ "K1", "cancel", one, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 5, 5000);
	filed(&x, "acme", "K1");
	parts(&x, "acme", "b.edi", p, 2);
	books_are(&x, "acme K2 open 1");
	/* and it goes when it is old */
	box_due(&x, 5000);
	books_are(&x, "acme K2 planned 1");
	box_free(&x);
}

static void
test_a_change_may_fill_the_delivery_it_was_taken_out_of(void **state)
{
	struct a_part p[] = { { "K2", "", other, 1, NULL },
		{ "K1", "change", changed, 1, NULL },
		{ "K3", "", one, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 3, 5000);
	filed(&x, "acme", "K1");
	parts(&x, "acme", "b.edi", p, 3);
	books_are(&x, "acme K2 planned 3,acme K1 planned 3,acme K3 planned 3");
	box_free(&x);
}

static void
test_what_a_file_files_and_cancels_takes_no_other_with_it(void **state)
{
	struct a_part p[] = { { "K2", "", other, 1, NULL },
		{ "K2", "cancel", one, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 5, 5000);
	filed(&x, "other", "K1");
	parts(&x, "acme", "b.edi", p, 2);
	books_are(&x, "other K1 open 1");
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'cancelled'"),
	    1);
	box_free(&x);
}

/* Of several legs one is taken back, and one that waited comes in. */
static void
test_a_delivery_counts_what_is_taken_out_and_what_comes_in(void **state)
{
	static const struct a_leg lane[] = {
		{ .name = "only",
		    .agency = "customs",
		    .body = "<A/>",
		    .lane = "one" },
	};
	struct a_part first[] = { { "K0", "", one, 1, NULL },
		{ "K1", "", lane, 1, NULL } };
	struct a_part behind[] = { { "K2", "", lane, 1, NULL } };
	struct a_part p[] = { { "K3", "", other, 1, NULL },
		{ "K4", "", other, 1, NULL }, { "K1", "cancel", lane, 1, NULL },
		{ "K0", "change", changed, 1, NULL },
		{ "K5", "", one, 1, NULL },
		{ "K3", "cancel", other, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 9, 5000);
	parts(&x, "acme", "a.edi", first, 2);
	parts(&x, "acme", "b.edi", behind, 1);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM leg WHERE state = 'written'"), 1);
	parts(&x, "acme", "c.edi", p, 6);
	books_are(&x, "acme K2 open 4,acme K4 open 4,acme K0 open 4,"
		      "acme K5 open 4");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery WHERE"
				     " kind = 'legs'"),
	    1);
	box_free(&x);
}

/* Its delivery has no row before the end of the reading. */
static void
test_what_a_file_files_it_can_take_back(void **state)
{
	static const uint32_t within[] = { 0, 5000 };
	struct a_part p[] = { { "K1", "", one, 1, NULL },
		{ "K2", "", other, 1, NULL }, { "K1", "cancel", one, 1, NULL },
		{ "K2", "change", changed, 1, NULL } };
	struct box x;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		books_new(&x, 5, within[i]);
		parts(&x, "acme", "a.edi", p, 4);
		assert_string_equal(
		    box_text(&x, "SELECT group_concat(state || why, ',') FROM"
				 " filing"),
		    "taken,taken,taken,taken");
		books_are(&x,
		    within[i] == 0 ? "acme K2 planned 1" : "acme K2 open 1");
		assert_int_equal(box_sql(&x, "SELECT count(*) FROM leg WHERE"
					     " state = 'cancelled'"),
		    2);
		box_free(&x);
	}
}

/* What nobody takes back is counted in memory until the reading ends. */
static void
test_a_change_of_what_is_elsewhere_closes_no_batch(void **state)
{
	struct a_part p[] = { { "K2", "", one, 1, NULL },
		{ "K1", "change", changed, 1, NULL },
		{ "K3", "", one, 1, NULL } };
	struct box x;

	(void)state;
	books_new(&x, 5, 0);
	filed(&x, "acme", "K1");
	parts(&x, "acme", "b.edi", p, 3);
	books_are(&x, "acme K2 planned 3,acme K1 planned 3,acme K3 planned 3");
	box_free(&x);
}

/* Documents of two kinds share a format, and so what is open. */
static void
test_two_kinds_in_one_format_fill_one_delivery(void **state)
{
	struct a_part p[] = { { "K1", "", one, 1, NULL },
		{ "K2", "", other, 1, "transit" }, { "K3", "", other, 1, NULL },
		{ "K4", "", one, 1, "transit" } };
	struct conf_submit *sub;
	struct box x;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		books_new(&x, 5, 5000);
		sub = x.partner[1].submit;
		sub[x.partner[1].nsubmit++] =
		    (struct conf_submit){ .document = "transit",
			    .format = "cn-dec",
			    .batch = 5,
			    .batch_within_ms = 5000 };
		if (i == 0)
			filed(&x, "other", "K9");
		parts(&x, "acme", "a.edi", p, 4);
		books_are(
		    &x, i == 0 ? "other K9 planned 5,acme K1 planned 5,"
				 "acme K2 planned 5,acme K3 planned 5,"
				 "acme K4 planned 5"
			       : "acme K1 open 4,acme K2 open 4,acme K3 open 4,"
				 "acme K4 open 4");
		box_free(&x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_change_behind_a_new_one_loses_neither),
		T(test_a_cancellation_behind_a_new_one_leaves_the_new_one),
		T(test_a_change_may_fill_the_delivery_it_was_taken_out_of),
		T(test_what_a_file_files_and_cancels_takes_no_other_with_it),
		T(test_a_delivery_counts_what_is_taken_out_and_what_comes_in),
		T(test_what_a_file_files_it_can_take_back),
		T(test_a_change_of_what_is_elsewhere_closes_no_batch),
		T(test_two_kinds_in_one_format_fill_one_delivery),
	};

	return TESTS_RUN(tests);
}
