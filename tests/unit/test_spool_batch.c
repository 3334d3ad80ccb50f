/*
 * Legs into deliveries: batches that wait for more, and control numbers.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include "spool/operate.h"

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
	assert_string_equal(books(&x), "planned cn-dec-1.edi 1 3");
	assert_int_equal(box_order(&x)->kind, ORDER_WRAP);
	box_key(&x, "D");
	assert_string_equal(books(&x), "planned cn-dec-1.edi 1 3,open  0 1");
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
	    books(&x), "planned cn-dec-1.zip 1 2,planned C.zip 2 1");
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
	assert_string_equal(books(&x), "planned cn-dec-1.edi 1 2");
	box_free(&x);
}

static unsigned int
by_hand(struct box *x, const char *verb, const char *filter)
{
	struct operate_asked asked = { .verb = slice_of(verb),
		.filter = slice_of(filter),
		.by = SLICE_LIT("uid=0") };
	struct operate_told told;

	operate_answer(x->s, x->b, &asked, &told);
	if (told.rc != RC_OK)
		fail_msg("%s", told.why.text);
	return told.n.done;
}

static void
cannot_be_made(struct box *x)
{
	struct step st;

	for (int i = 0; i < SPOOL_ATTEMPTS; i++) {
		assert_int_equal(box_order(x)->kind, ORDER_WRAP);
		order_failed(x->b, x->order,
		    "the archive is over 4294967295 bytes", &st);
		box_commit(x);
		assert_int_equal(st.rc, RC_OK);
	}
	assert_true(box_no_order(x));
}

/* It says why, hinders none behind it, and its filers hear of its end. */
static void
test_a_package_that_cannot_be_made_is_held_until_it_is_let_go_or_given_up(
    void **state)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("package") } };
	struct buf b;
	struct err err;
	struct box x;

	(void)state;
	box_new(&x);
	batch_conf(&x, 2, 5000)->zip = true;
	box_key(&x, "A");
	box_key(&x, "B");
	cannot_be_made(&x);
	assert_string_equal(books(&x), "held cn-dec-1.zip 1 2");
	assert_string_equal(box_text(&x, "SELECT why FROM delivery"),
	    "the archive is over 4294967295 bytes");
	box_key(&x, "C");
	box_key(&x, "D");
	assert_int_equal(box_order(&x)->kind, ORDER_WRAP);
	buf_init(&b, 1u << 20);
	claim_put(&b, &body);
	assert_int_equal(box_done(&x, &b, &err), RC_OK);
	assert_string_equal(
	    books(&x), "held cn-dec-1.zip 1 2,ready cn-dec-2.zip 2 2");
	assert_int_equal(by_hand(&x, "release", "state=held"), 1);
	assert_string_equal(
	    books(&x), "planned cn-dec-1.zip 1 2,ready cn-dec-2.zip 2 2");
	cannot_be_made(&x);
	x.partner[0].replies = REPLY_STATUS;
	assert_int_equal(
	    by_hand(&x, "cancel", "state=held partner=customs"), 1);
	assert_string_equal(box_text(&x, "SELECT group_concat(state) FROM leg"),
	    "cancelled,cancelled,bound,bound");
	assert_int_equal(box_order(&x)->kind, ORDER_REPLY);
	assert_non_null(memmem(x.o.input.p, x.o.input.len, "cancelled", 9));
	box_key(&x, "A"); /* may be filed again */
	assert_string_equal(
	    box_text(&x, "SELECT state FROM leg ORDER BY id DESC LIMIT 1"),
	    "bound");
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

/* --- answers named after what we sent --- */

static uint64_t
answer(struct box *x, const char *name, const struct a_receipt *r)
{
	uint64_t id = box_arrive(x, "customs", name, name);
	struct buf b;
	struct err err;

	do
		box_order(x);
	while (x->o.kind != ORDER_READ);
	claims_arrival(&b, 0, 1);
	claims_receipt(&b, 1, r);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
	return id;
}

/* Three in one package, published. */
static void
package(struct box *x)
{
	struct claim body = { .kind = CLAIM_BODY,
		.u.body = { .body = SLICE_LIT("package") } };
	struct delivery_out d;
	struct buf b;
	struct err err;

	batch_conf(x, 3, 5000)->zip = true;
	box_key(x, "A");
	box_key(x, "B");
	box_key(x, "C");
	assert_int_equal(box_order(x)->kind, ORDER_WRAP);
	buf_init(&b, 1u << 20);
	claim_put(&b, &body);
	assert_int_equal(box_done(x, &b, &err), RC_OK);
	assert_true(box_deliver(x, &d));
	test_slice_is(d.name, "cn-dec-1.zip");
	box_publish(x, d.id);
}

static void
test_an_answer_named_after_a_package_is_of_all_in_it(void **state)
{
	static const struct a_receipt failed = { .status = "C134",
		.level = "technical",
		.outcome = "failed",
		.platform = "shared",
		.text = "no card" };
	struct box x;

	(void)state;
	box_new(&x);
	package(&x);
	answer(&x, "Failed_cn-dec-1_202408191442314383412.xml", &failed);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "failed,failed,failed");
	/* what they share is nobody's own key */
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM legkey"), 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM receipt"), 0);
	box_free(&x);
}

static void
test_only_the_clients_names_tie_an_answer(void **state)
{
	static const char *const names[] = {
		"Failed_cn-dec-2_202408191442314383412.xml",
		"Failed_cn-dec-1_2024.xml",
		"Failed_cn-dec-1.xml",
		"Failed__202408191442314383412.xml",
		"cn-dec-1_202408191442314383412.xml",
		"Receipt_cn-dec-1_202408191442314383412.xml",
		"Failed_cn-dec-1_202408191442314383412.txt",
	};
	static const struct a_receipt failed = {
		.status = "1", .level = "technical", .outcome = "failed"
	};
	struct box x;

	(void)state;
	box_new(&x);
	package(&x);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		answer(&x, names[i], &failed);
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 0);
	assert_int_equal(
	    box_sql(&x, "SELECT count(*) FROM receipt WHERE state = 'held'"),
	    sizeof(names) / sizeof(names[0]));
	box_free(&x);
}

static void
test_an_answer_with_a_key_is_of_that_key_whatever_its_name(void **state)
{
	static const struct a_receipt one = { .filer = "B",
		.status = "0",
		.level = "technical",
		.outcome = "received" };
	struct box x;

	(void)state;
	box_new(&x);
	package(&x);
	answer(&x, "Successed_cn-dec-1_202408191442314383412.xml", &one);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(answers) FROM leg"), "0,1,0");
	box_free(&x);
}

/* Two filers number alike: their files have one name, one behind the other. */
static void
test_an_answer_named_after_two_that_wait_is_nobodys(void **state)
{
	static const struct a_receipt failed = { .status = "C134",
		.level = "technical",
		.outcome = "failed",
		.platform = "P7" };
	static const struct a_receipt first = { .filer = "K1",
		.status = "0",
		.level = "technical",
		.outcome = "received" };
	struct delivery_out d;
	struct step st;
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	for (int i = 1; i <= 2; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "K%d", i);
		box_file(&x, key,
		    &(struct a_filing){ .key = key,
			.content = key,
			.lane = key,
			.file_name = "twin.xml" });
	}
	for (int i = 0; i < 2; i++) {
		assert_true(box_deliver(&x, &d));
		box_publish(&x, d.id);
		delivery_picked(x.b, d.id, &st);
		box_commit(&x);
	}
	answer(&x, "Failed_twin_202408191442314383412.xml", &failed);
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 0);
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM legkey"), 0);
	assert_string_equal(box_text(&x, "SELECT state || ': ' || why FROM"
					 " receipt"),
	    "held: two files of ours that wait have its name");
	/* once the first has its answer, the name is the second's */
	answer(&x, "other.xml", &first);
	answer(&x, "Failed_twin_202408191442314383413.xml", &failed);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "received,failed");
	box_free(&x);
}

/* --- numbers --- */

static void
control(struct box *x, const char *name)
{
	struct claim c = { .kind = CLAIM_RECEIPT };
	struct buf b;
	struct err err;

	box_arrive(x, "customs", name, name);
	joint_order(x, ORDER_READ);
	claims_arrival(&b, 0, 1);
	c.u.receipt = (struct claim_receipt){ .number = 1,
		.format = SLICE_LIT("un-contrl"),
		.status = SLICE_LIT("4"),
		.level = SLICE_LIT("format"),
		.outcome = SLICE_LIT("refused"),
		.key_of = { { SLICE_LIT("interchange"),
		    SLICE_LIT("US\x1fTHEM\x1f"
			      "1") } },
		.nkeys = 1 };
	claim_put(&b, &c);
	if (box_done(x, &b, &err) != RC_OK)
		fail_msg("%s", err.text);
}

/* Each format of an agency may number its interchanges from 1. */
static void
test_a_number_of_two_interchanges_that_wait_is_nobodys(void **state)
{
	static const struct a_receipt second = { .filer = "K2",
		.status = "0",
		.level = "technical",
		.outcome = "received" };
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	for (int i = 1; i <= 2; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "K%d", i);
		box_file(&x, key,
		    &(struct a_filing){ .key = key,
			.content = key,
			.file_name = key,
			.segments = 12 });
	}
	assert_int_equal(box_sql(&x, "UPDATE delivery SET number = 1, format ="
				     " 'other' WHERE number = 2 RETURNING 1"),
	    1);
	control(&x, "one.edi");
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 0);
	assert_string_equal(box_text(&x, "SELECT state || ': ' || why FROM"
					 " receipt"),
	    "held: two interchanges of ours have that number");
	answer(&x, "other.xml", &second);
	control(&x, "two.edi");
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "refused,received");
	box_free(&x);
}

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
		T(test_a_package_that_cannot_be_made_is_held_until_it_is_let_go_or_given_up),
		T(test_a_lone_message_needs_its_interchange),
		T(test_an_answer_named_after_a_package_is_of_all_in_it),
		T(test_an_answer_named_after_two_that_wait_is_nobodys),
		T(test_a_number_of_two_interchanges_that_wait_is_nobodys),
		T(test_only_the_clients_names_tie_an_answer),
		T(test_an_answer_with_a_key_is_of_that_key_whatever_its_name),
		T(test_no_file_overtakes_the_number_before_it),
	};

	return TESTS_RUN(tests);
}
