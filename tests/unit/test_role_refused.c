/*
 * tests/unit/test_role_refused.c - the role spool and deliver about a file
 * among the refused ones: what is asked, and what is done before it has failed.
 */
#include "tests/unit/desk_test.h"
#include <string.h>

#define SIZE 5

/* A message of "first", which stands in customs' folder. */
static uint64_t
stands(struct desk *w)
{
	struct delivery_out d;

	box_new(&w->x);
	(void)box_arrive(&w->x, "fwd", "1.txt", "first");
	assert_true(box_deliver(&w->x, &d));
	box_publish(&w->x, d.id);
	desk_begin(w);
	desk_step(w);
	return d.id;
}

/* bytes NULL: nobody asked for them; "": they cannot be read. */
static void
rejected(struct desk *w, const char *name, uint64_t size, const char *bytes)
{
	struct msg_REJECTED m = { .partner = SLICE_LIT("customs"),
		.name = slice_of(name),
		.mark = 77,
		.size = size,
		.asked = bytes != NULL,
		.read = bytes != NULL && bytes[0] != '\0' };
	struct err err;

	if (m.read)
		assert_int_equal(
		    hash_of(slice_of(bytes), &m.sha256, &err), RC_OK);
	desk_say(w, ROLE_DELIVER, MSG_REJECTED, &m, -1);
	desk_step(w);
}

/* What the spool says to deliver of it; MSG_NONE: nothing. */
static enum msg_type
asked(struct desk *w)
{
	enum msg_type type = MSG_NONE;
	struct msg *m;

	while ((m = wire_next(exchange_wire(w->ex, ROLE_DELIVER))) != NULL) {
		if (m->type == MSG_WHOSE || m->type == MSG_WITHDRAW) {
			const struct msg_WITHDRAW *d = m->body;
			const struct msg_WHOSE *q = m->body;

			type = m->type;
			assert_int_equal(
			    type == MSG_WHOSE ? q->mark : d->mark, 77);
			if (type == MSG_WHOSE)
				test_slice_is(q->name, "1.txt");
		}
		msg_free(m);
	}
	return type;
}

static const char *
state_of(struct desk *w)
{
	return desk_text(w, "SELECT state FROM delivery");
}

static void
test_bytes_are_asked_for_only_where_they_can_tell(void **state)
{
	struct desk w;

	(void)state;
	(void)stands(&w);
	rejected(&w, "other.txt", SIZE, NULL);
	assert_int_equal(asked(&w), MSG_NONE);
	rejected(&w, "1.txt", SIZE + 1, NULL);
	assert_int_equal(asked(&w), MSG_NONE);
	assert_int_equal(desk_sql(&w, "SELECT refused FROM delivery"), 77);
	assert_string_equal(state_of(&w), "published");
	desk_end(&w);
}

static void
test_a_refused_delivery_fails_when_nothing_of_it_stands_any_more(void **state)
{
	struct desk w;
	uint64_t id;

	(void)state;
	id = stands(&w);
	rejected(&w, "1.txt", SIZE, NULL);
	assert_int_equal(asked(&w), MSG_WHOSE);
	rejected(&w, "1.txt", SIZE, "first");
	assert_int_equal(asked(&w), MSG_WITHDRAW);
	assert_string_equal(state_of(&w), "published");
	desk_say(&w, ROLE_DELIVER, MSG_WITHDRAWN,
	    &(struct msg_WITHDRAWN){ .delivery = id, .mark = 77 }, -1);
	desk_step(&w);
	assert_string_equal(state_of(&w), "failed");
	/* told again after a start: it is known */
	rejected(&w, "1.txt", SIZE, NULL);
	assert_int_equal(asked(&w), MSG_NONE);
	desk_end(&w);
}

static void
test_one_that_was_picked_up_fails_at_once_also_while_the_disk_is_full(
    void **state)
{
	struct full f;
	struct desk w;
	uint64_t id;

	(void)state;
	id = stands(&w);
	desk_say(&w, ROLE_DELIVER, MSG_PICKED,
	    &(struct msg_PICKED){ .delivery = id }, -1);
	desk_step(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 1;
	rejected(&w, "1.txt", SIZE, "first");
	assert_int_equal(asked(&w), MSG_NONE);
	assert_string_equal(state_of(&w), "picked");
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_string_equal(state_of(&w), "failed");
	desk_end(&w);
}

/* What cannot be read is of the only one that it may be. */
static void
test_other_bytes_fail_nothing(void **state)
{
	struct full f;
	struct desk w;

	(void)state;
	(void)stands(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 1;
	rejected(&w, "1.txt", SIZE, "FIRST");
	assert_int_equal(asked(&w), MSG_NONE);
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_string_equal(state_of(&w), "published");
	assert_int_equal(desk_sql(&w, "SELECT refused FROM delivery"), 77);
	desk_end(&w);
	(void)stands(&w);
	rejected(&w, "1.txt", SIZE, "");
	assert_int_equal(asked(&w), MSG_WITHDRAW);
	desk_end(&w);
}

/* Nothing can be read of what went out: none is refused or missed for that. */
static void
test_in_a_shortage_a_refused_file_is_judged_when_it_has_passed(void **state)
{
	struct rlimit was;
	struct desk w;

	(void)state;
	(void)stands(&w);
	was = descriptors_leave(0);
	rejected(&w, "1.txt", SIZE, "first");
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(asked(&w), MSG_NONE);
	assert_int_equal(desk_sql(&w, "SELECT refused FROM delivery"), 0);
	desk_step(&w); /* not at once */
	assert_int_equal(asked(&w), MSG_NONE);
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(asked(&w), MSG_WITHDRAW);
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(asked(&w), MSG_NONE);
	desk_end(&w);
}

static int64_t
sent_told(struct desk *w)
{
	return desk_sql(
	    w, "SELECT count(*) FROM event WHERE line LIKE '%delivery.sent%'");
}

static void
test_in_a_shortage_a_sent_file_is_judged_when_it_has_passed(void **state)
{
	struct msg_SENT m = { .read = 1 };
	struct rlimit was;
	struct desk w;
	struct err err;

	(void)state;
	m.delivery = stands(&w);
	assert_int_equal(hash_of(SLICE_LIT("first"), &m.sha256, &err), RC_OK);
	desk_say(&w, ROLE_DELIVER, MSG_PICKED,
	    &(struct msg_PICKED){ .delivery = m.delivery }, -1);
	desk_step(&w);
	was = descriptors_leave(0);
	desk_say(&w, ROLE_DELIVER, MSG_SENT, &m, -1);
	desk_step(&w);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(sent_told(&w), 0);
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(sent_told(&w), 1);
	desk_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_bytes_are_asked_for_only_where_they_can_tell),
		T(test_a_refused_delivery_fails_when_nothing_of_it_stands_any_more),
		T(test_one_that_was_picked_up_fails_at_once_also_while_the_disk_is_full),
		T(test_other_bytes_fail_nothing),
		T(test_in_a_shortage_a_refused_file_is_judged_when_it_has_passed),
		T(test_in_a_shortage_a_sent_file_is_judged_when_it_has_passed),
	};

	return TESTS_RUN(tests);
}
