/*
 * Questions asked of a view, without a daemon: what is told of a thing at this
 * moment, and what is refused before it is counted.
 */
#include "tests/unit/spool_test.h"
#include <stdio.h>
#include <string.h>
#include "src/daemon/query.h"

#define MAX (1u << 20)

struct asking {
	struct box x;
	struct query q;
	uint64_t filing;
};

static void
asking_new(struct asking *a)
{
	struct a_filing f = { .key = "K1", .content = "one", .lane = "K1" };

	box_new(&a->x);
	(void)box_file(&a->x, "dec.edi", &f);
	a->filing = (uint64_t)box_sql(&a->x, "SELECT id FROM filing");
	query_init(&a->q, &a->x.conf, &a->x.clock, false);
}

static void
asking_free(struct asking *a)
{
	query_clear(&a->q);
	box_free(&a->x);
}

static void
answer_has(struct asking *a, const char *question, const char *want)
{
	struct buf out;

	buf_init(&out, MAX);
	assert_int_equal(query_answer(&a->q, RIGHTS, slice_of(question), &out),
	    QUERY_ANSWERED);
	if (strstr(buf_cstr(&out), want) == NULL)
		fail_msg("%s: answered with %swant %s", question,
		    buf_cstr(&out), want);
	buf_clear(&out);
}

static void
shown_has(struct asking *a, uint64_t id, const char *want)
{
	char line[64], text[ID_TEXT];

	(void)snprintf(line, sizeof(line), "show id=%s", id_print(id, text));
	answer_has(a, line, want);
}

static void
test_a_leg_that_waits_tells_whether_for_its_turn_or_for_a_route(void **state)
{
	struct a_filing next = { .key = "K1",
		.version = "2",
		.content = "two",
		.lane = "K1",
		.file_name = "next.xml" };
	struct asking a;
	uint64_t leg;

	(void)state;
	asking_new(&a);
	(void)box_file(&a.x, "next.edi", &next);
	leg = (uint64_t)box_sql(
	    &a.x, "SELECT id FROM leg WHERE state = 'written'");
	assert_int_not_equal(leg, 0);
	shown_has(&a, leg,
	    "\"why_en\":\"an earlier filing under the same number is not out "
	    "yet\"");
	a.x.partner[1].submit[0].format = "sw-xml";
	shown_has(&a, leg,
	    "\"why_en\":\"the configuration has no route for it any more: "
	    "'customs' is submitted no declaration as cn-dec; ");
	shown_has(&a, leg, "\"why_zh\":\"配置中已无其投递路由：customs ");
	a.x.partner[1].agency = false;
	shown_has(&a, leg, "no route for it any more");
	asking_free(&a);
}

/* Attach this receipt to that thing: how many would be met. */
static void
attach_has(struct asking *a, uint64_t receipt, uint64_t to, const char *want)
{
	char line[160], id[ID_TEXT], leg[ID_TEXT];

	(void)snprintf(line, sizeof(line),
	    "matching verb=attach filter=id%%3D%s to=%s", id_print(receipt, id),
	    id_print(to, leg));
	answer_has(a, line, want);
}

static void
test_a_receipt_that_cannot_be_attached_is_not_counted(void **state)
{
	static const struct a_receipt unknown = { .filer = "K9",
		.status = "0",
		.level = "technical",
		.outcome = "received" },
				      bytes = { .unreadable = true };
	struct asking a;
	uint64_t leg, ours, theirs, held;

	(void)state;
	asking_new(&a);
	leg = (uint64_t)box_sql(&a.x, "SELECT id FROM leg");
	assert_int_equal(box_receipt(&a.x, "customs", &unknown), RC_OK);
	ours = (uint64_t)box_sql(&a.x, "SELECT max(id) FROM receipt");
	assert_int_equal(box_receipt(&a.x, "port", &unknown), RC_OK);
	theirs = (uint64_t)box_sql(&a.x, "SELECT max(id) FROM receipt");
	assert_int_equal(box_receipt(&a.x, "customs", &bytes), RC_OK);
	held = (uint64_t)box_sql(&a.x, "SELECT max(id) FROM receipt");
	attach_has(&a, ours, leg, "\"row\":\"matching\",\"what\":\"receipt\"");
	attach_has(&a, theirs, leg,
	    "is one of 'customs', the receipt came from 'port'\n");
	attach_has(&a, held, leg, "could not be read: it says nothing of a");
	attach_has(&a, ours, a.filing, "is a filing, want a leg\n");
	attach_has(&a, ours, ours + 4711, ".refused ");
	asking_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_leg_that_waits_tells_whether_for_its_turn_or_for_a_route),
		T(test_a_receipt_that_cannot_be_attached_is_not_counted),
	};

	return TESTS_RUN(tests);
}
