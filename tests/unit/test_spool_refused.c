/*
 * Files that a partner put among the refused ones: whose they are, by their
 * bytes, and when a person is called.
 */
#include "tests/unit/joint_test.h"
#include <stdio.h>
#include <unistd.h>
#include "spool/operate.h"

/* Of twins, each filer's: customs' files have one name. */
static void
twin(struct box *x, const char *key)
{
	struct a_filing f = {
		.key = key, .content = key, .lane = key, .file_name = "twin.xml"
	};
	struct delivery_out d;
	struct step st;

	box_file(x, key, &f);
	assert_true(box_deliver(x, &d));
	box_publish(x, d.id);
	delivery_picked(x->b, d.id, &st);
	box_commit(x);
}

static const char *
states(struct box *x)
{
	return box_text(x, "SELECT group_concat(state) FROM (SELECT state FROM"
			   " delivery WHERE kind = 'legs' ORDER BY id)");
}

static enum refused_is
reject(struct box *x, const char *key, uint64_t mark)
{
	char bytes[64];

	(void)snprintf(bytes, sizeof(bytes), "<Dec>%s %s</Dec>", key, key);
	return box_refuse(x, "twin.xml", bytes, mark);
}

static const struct a_receipt got_first = { .filer = "K1",
	.status = "0",
	.level = "technical",
	.outcome = "received" };

static void
test_what_stands_among_the_refused_is_not_of_the_next_of_its_name(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	assert_int_equal(reject(&x, "K2", 76), REFUSED_NOBODYS);
	twin(&x, "K1");
	assert_int_equal(reject(&x, "K1", 77), REFUSED_IS);
	twin(&x, "K2");
	/* all are told anew after a start */
	assert_int_equal(reject(&x, "K1", 77), REFUSED_NOBODYS);
	assert_string_equal(states(&x), "failed,picked");
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 1);
	assert_int_equal(reject(&x, "K2", 78), REFUSED_IS);
	assert_string_equal(states(&x), "failed,failed");
	box_free(&x);
}

/* Both wait, or the first has its answer: its bytes are its own all the same.
 */
static void
test_a_refused_file_is_of_the_delivery_whose_bytes_it_has(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct box x;

		box_new(&x);
		x.partner[0].replies = 0;
		twin(&x, "K1");
		twin(&x, "K2");
		if (answered)
			assert_int_equal(
			    box_receipt(&x, "customs", &got_first), RC_OK);
		assert_int_equal(reject(&x, "K1", 77), REFUSED_IS);
		assert_string_equal(states(&x), "failed,picked");
		assert_string_equal(
		    box_text(&x, "SELECT state || answers FROM leg WHERE"
				 " key1 LIKE '%K2'"),
		    "bound0");
		assert_int_equal(reject(&x, "K2", 78), REFUSED_IS);
		assert_string_equal(states(&x), "failed,failed");
		box_free(&x);
	}
}

/* Of the right length or not: while one waits it may be its file, changed. */
static void
test_a_refused_file_with_bytes_of_none_calls_a_person(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twin(&x, "K1");
	assert_int_equal(reject(&x, "K9", 77), REFUSED_UNCLEAR);
	assert_int_equal(reject(&x, "K9", 77), REFUSED_NOBODYS);
	assert_int_equal(reject(&x, "longer", 78), REFUSED_UNCLEAR);
	assert_string_equal(states(&x), "picked");
	assert_int_equal(box_receipt(&x, "customs", &got_first), RC_OK);
	assert_int_equal(reject(&x, "K9", 79), REFUSED_NOBODYS);
	assert_int_equal(reject(&x, "K1", 80), REFUSED_IS);
	box_free(&x);
}

static void
test_what_went_out_is_read_once_whatever_is_refused(void **state)
{
	char path[512];
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twin(&x, "K1");
	assert_int_equal(reject(&x, "K9", 77), REFUSED_UNCLEAR);
	(void)snprintf(
	    path, sizeof(path), "%.400s/bodies/000001.seg", x.s->folder);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(reject(&x, "K1", 78), REFUSED_IS);
	assert_string_equal(states(&x), "failed");
	box_free(&x);
}

static void
test_a_refused_file_that_cannot_be_read_is_of_the_only_one(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twin(&x, "K1");
	assert_int_equal(
	    box_refuse_unread(&x, "twin.xml", "<Dec>K1 K1</Dec>", 77),
	    REFUSED_IS);
	assert_string_equal(states(&x), "failed");
	twin(&x, "K2");
	assert_int_equal(
	    box_refuse_unread(&x, "twin.xml", "<Dec>K2 K2</Dec>", 78),
	    REFUSED_UNCLEAR);
	assert_string_equal(states(&x), "failed,picked");
	box_free(&x);
}

/* Two filings, and the same bytes; the second one goes, or stands there. */
static void
twins_alike(struct box *x, bool stands)
{
	static const struct a_filing f[] = {
		{ .key = "K1", .content = "A B", .lane = "1" },
		{ .key = "K1 A", .content = "B", .lane = "2" },
	};

	for (int i = 0; i < 2; i++) {
		struct a_filing one = f[i];
		struct delivery_out d;
		struct step st;

		one.file_name = "twin.xml";
		box_file(x, one.key, &one);
		assert_true(box_deliver(x, &d));
		test_slice_is(d.body, "<Dec>K1 A B</Dec>");
		box_publish(x, d.id);
		if (i == 1 && stands)
			continue;
		delivery_picked(x->b, d.id, &st);
		box_commit(x);
	}
}

static enum refused_is
reject_alike(struct box *x, uint64_t mark)
{
	return box_refuse(x, "twin.xml", "<Dec>K1 A B</Dec>", mark);
}

static void
test_what_is_refused_with_the_bytes_of_two_that_wait_is_nobodys(void **state)
{
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twins_alike(&x, false);
	assert_int_equal(reject_alike(&x, 77), REFUSED_UNCLEAR);
	assert_string_equal(states(&x), "picked,picked");
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 0);
	/* once the first has its answer they are the second's: from now on */
	assert_int_equal(box_receipt(&x, "customs", &got_first), RC_OK);
	assert_int_equal(reject_alike(&x, 77), REFUSED_NOBODYS);
	assert_int_equal(box_sql(&x, "SELECT sum(answers) FROM leg"), 1);
	assert_int_equal(reject_alike(&x, 78), REFUSED_IS);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "received,failed");
	box_free(&x);
}

static unsigned int
refuse_by_hand(struct box *x, const char *filter)
{
	struct operate_asked asked = { .verb = SLICE_LIT("refuse"),
		.filter = slice_of(filter),
		.by = SLICE_LIT("uid=0"),
		.words = SLICE_LIT("they telephoned") };
	struct operate_told told;

	operate_answer(x->s, x->b, &asked, &told);
	if (told.rc != RC_OK)
		fail_msg("%s", told.why.text);
	assert_int_equal(told.n.legs, told.n.done);
	return told.n.done;
}

/* The alarm calls a person: whatever of the two he names, the other waits. */
static void
test_of_two_alike_that_are_answered_the_one_that_went_is_refused(void **state)
{
	static const struct a_receipt second = { .filer = "K1 A",
		.status = "0",
		.level = "technical",
		.outcome = "received" };
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twins_alike(&x, true);
	assert_int_equal(box_receipt(&x, "customs", &got_first), RC_OK);
	assert_int_equal(box_receipt(&x, "customs", &second), RC_OK);
	assert_int_equal(reject_alike(&x, 77), REFUSED_IS);
	assert_string_equal(states(&x), "failed,published");
	box_free(&x);
}

static void
test_a_person_says_whose_a_refused_file_is(void **state)
{
	char one[40], id[ID_TEXT];
	unsigned int replies;
	struct box x;

	(void)state;
	box_new(&x);
	replies = x.partner[0].replies;
	x.partner[0].replies = 0;
	twins_alike(&x, false);
	x.partner[0].replies = replies;
	assert_int_equal(reject_alike(&x, 77), REFUSED_UNCLEAR);
	assert_int_equal(refuse_by_hand(&x, "partner=customs state=picked"), 0);
	(void)snprintf(one, sizeof(one), "id=%s",
	    id_print((uint64_t)box_sql(&x, "SELECT min(id) FROM delivery WHERE"
					   " kind = 'legs'"),
		id));
	assert_int_equal(refuse_by_hand(&x, one), 1);
	assert_int_equal(refuse_by_hand(&x, one), 0);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(state || ' ' || why) FROM"
			 " delivery WHERE kind = 'legs'"),
	    "failed refused by uid=0: they telephoned,picked ");
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(state || outcome) FROM leg"),
	    "answeredfailed,bound");
	assert_int_equal(box_sql(&x, "SELECT count(*) FROM delivery WHERE kind"
				     " = 'status'"),
	    1);
	/* and the next of the name is the other's */
	assert_int_equal(reject_alike(&x, 78), REFUSED_IS);
	assert_string_equal(
	    box_text(&x, "SELECT group_concat(outcome) FROM leg"),
	    "failed,failed");
	box_free(&x);
}

/* Bytes that a delivery is also made of: those of a file from port. */
static void
part_add(struct box *x, const char *name, const char *bytes, unsigned int at)
{
	char sql[512];

	box_arrive(x, "port", name, bytes);
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO part(delivery, n, name, at, body, len) SELECT "
	    "max(d.id),"
	    " (SELECT count(*) + 1 FROM part), '%s', %u, a.body, %zu FROM"
	    " delivery d JOIN arrival a ON a.id = (SELECT max(id) FROM arrival)"
	    " RETURNING 1",
	    at > 0 ? "" : name, at, strlen(bytes));
	assert_int_equal(box_sql(x, sql), 1);
	assert_int_equal(box_sql(x, "UPDATE delivery SET parts = 1 WHERE id ="
				    " (SELECT max(id) FROM delivery)"
				    " RETURNING 1"),
	    1);
}

/* A message that was put together, and a file beside it, of one that stands. */
static void
test_a_refused_file_is_known_by_all_that_it_was_made_of(void **state)
{
	struct a_filing f = { .key = "K2",
		.content = "K2",
		.lane = "K2",
		.file_name = "twin.xml" };
	struct box x;

	(void)state;
	box_new(&x);
	x.partner[0].replies = 0;
	twin(&x, "K1");
	box_file(&x, "K2", &f);
	part_add(&x, "within", "-PDF-", 5);
	part_add(&x, "twin.a.pdf", "a pdf", 0);
	box_publish(&x, (uint64_t)box_sql(&x, "SELECT max(id) FROM delivery"));
	assert_int_equal(reject(&x, "K2", 76), REFUSED_UNCLEAR);
	assert_int_equal(
	    box_refuse(&x, "twin.a.pdf", "b pdf", 77), REFUSED_UNCLEAR);
	assert_int_equal(reject(&x, "K1", 78), REFUSED_IS);
	assert_string_equal(states(&x), "failed,published");
	assert_int_equal(
	    box_refuse(&x, "twin.a.pdf", "a pdf", 79), REFUSED_STANDS);
	assert_string_equal(states(&x), "failed,failed");
	assert_int_equal(
	    box_refuse(&x, "twin.a.pdf", "a pdf", 79), REFUSED_NOBODYS);
	/* the message, too: of what has failed already */
	assert_int_equal(
	    box_refuse(&x, "twin.xml", "<Dec>-PDF-K2 K2</Dec>", 80),
	    REFUSED_IS);
	assert_int_equal(
	    box_refuse(&x, "twin.xml", "<Dec>-PDF-K2 K2</Dec>", 80),
	    REFUSED_NOBODYS);
	box_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_stands_among_the_refused_is_not_of_the_next_of_its_name),
		T(test_a_refused_file_is_of_the_delivery_whose_bytes_it_has),
		T(test_a_refused_file_with_bytes_of_none_calls_a_person),
		T(test_what_went_out_is_read_once_whatever_is_refused),
		T(test_a_refused_file_that_cannot_be_read_is_of_the_only_one),
		T(test_what_is_refused_with_the_bytes_of_two_that_wait_is_nobodys),
		T(test_of_two_alike_that_are_answered_the_one_that_went_is_refused),
		T(test_a_person_says_whose_a_refused_file_is),
		T(test_a_refused_file_is_known_by_all_that_it_was_made_of),
	};

	return TESTS_RUN(tests);
}
