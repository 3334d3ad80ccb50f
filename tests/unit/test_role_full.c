/*
 * tests/unit/test_role_full.c - the role spool when there is more than there is
 * room for: a disk that is full, a result that is larger than a batch.
 */
#include "tests/unit/desk_test.h"
#include <string.h>
#include "src/base/fsx.h"

/* Nothing is tried, and told, without a pause while there is no room. */
static void
test_what_is_due_waits_for_a_full_disk_like_the_rest(void **state)
{
	static const char open[] =
	    "SELECT count(*) FROM delivery WHERE state = 'open'";
	struct full f;
	struct desk w;

	(void)state;
	box_new(&w.x);
	w.x.partner[0].replies = 0;
	w.x.partner[1].submit[0].batch = 5;
	w.x.partner[1].submit[0].batch_within_ms = 60000;
	box_key(&w.x, "K1");
	desk_begin(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 100;
	assert_int_equal(desk_sql(&w, open), 1);
	clock_move(&w.x.clock, 60000);
	desk_step(&w);
	for (int i = 0; i < 5; i++)
		assert_int_equal(desk_step(&w), clock_mono(&w.x.clock) + 1000);
	assert_int_equal(f.tried, 1);
	f.times = 0;
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(desk_sql(&w, open), 0);
	desk_end(&w);
}

static struct msg *
order_next(struct desk *d)
{
	struct msg *m = NULL;

	for (int i = 0; i < 20 && m == NULL; i++) {
		desk_step(d);
		m = wire_next(exchange_wire(d->ex, ROLE_CONVERT));
	}
	assert_non_null(m);
	assert_int_equal(((const struct msg_ORDER *)m->body)->kind, ORDER_READ);
	return m;
}

/* More than a batch carries, and at its end a leg that there cannot be. */
static void
lie_make(struct desk *d, struct buf *b)
{
	static char much[SPOOL_BATCH_BYTES];
	struct a_filing f = { .key = "K1", .content = "c", .no_leg = true };
	struct claim c = { .kind = CLAIM_LEG };

	memset(much, 'x', sizeof(much));
	claims_arrival(b, 1, 0);
	claims_filing(&d->x, b, 1, &f);
	c.u.leg = (struct claim_leg){ .filing = 1,
		.name = SLICE_LIT("much"),
		.agency = SLICE_LIT("customs"),
		.format = SLICE_LIT("cn-dec"),
		.body = { much, sizeof(much) } };
	claim_put(b, &c);
	c.u.leg.name = SLICE_LIT("none");
	c.u.leg.body = (struct slice){ 0 };
	claim_put(b, &c);
}

static void
test_a_large_lie_is_a_death_like_a_small_one(void **state)
{
	struct desk w;
	struct msg *m;
	struct buf b;
	struct err err;
	int fd;

	(void)state;
	box_new(&w.x);
	box_arrive(&w.x, "acme", "1.edi", "1.edi");
	desk_begin(&w);
	desk_say(&w, ROLE_SUPERVISOR, MSG_GENERATION,
	    &(struct msg_GENERATION){ .generation = w.role.generation + 1,
		.mapping_version = SLICE_LIT("abc") },
	    -1);
	m = order_next(&w);
	lie_make(&w, &b);
	fd = fsx_memfd("test", buf_look(&b), &err);
	assert_true(fd >= 0);
	buf_clear(&b);
	desk_say(&w, ROLE_CONVERT, MSG_RESULT,
	    &(struct msg_RESULT){
		.order = ((const struct msg_ORDER *)m->body)->order },
	    fd);
	msg_free(m);
	/* the order comes again all the same */
	msg_free(order_next(&w));
	assert_int_equal(desk_sql(&w, "SELECT deaths FROM arrival"), 1);
	desk_end(&w);
}

/* Its partner sees a file at once, the journal when there is room again. */
static void
test_a_file_may_be_picked_up_before_there_is_room_for_its_publishing(
    void **state)
{
	static const char at[] = "SELECT group_concat(state) FROM delivery "
				 "WHERE partner = 'customs'";
	struct delivery_out d;
	struct step staged;
	struct full f;
	struct desk w;

	(void)state;
	box_new(&w.x);
	(void)box_arrive(&w.x, "fwd", "1.txt", "one");
	assert_true(box_deliver(&w.x, &d));
	delivery_staged(w.x.b, d.id, &staged);
	box_commit(&w.x);
	assert_int_equal(staged.rc, RC_OK);
	desk_begin(&w);
	desk_step(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 1;
	desk_say(&w, ROLE_DELIVER, MSG_PUBLISHED,
	    &(struct msg_PUBLISHED){ .delivery = d.id }, -1);
	desk_step(&w);
	assert_int_equal(f.times, 0);
	desk_say(&w, ROLE_DELIVER, MSG_PICKED,
	    &(struct msg_PICKED){ .delivery = d.id }, -1);
	desk_step(&w);
	assert_string_equal(desk_text(&w, at), "staged");
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_string_equal(desk_text(&w, at), "picked");
	desk_end(&w);
}

/* A delivery of customs that stands in its folder. */
static uint64_t
stands(struct desk *w)
{
	struct delivery_out d;

	box_new(&w->x);
	(void)box_arrive(&w->x, "fwd", "1.txt", "one");
	assert_true(box_deliver(&w->x, &d));
	box_publish(&w->x, d.id);
	desk_begin(w);
	desk_step(w);
	return d.id;
}

static void
test_what_was_sent_is_told_though_its_picking_up_waits_for_room(void **state)
{
	static const char sent[] = "SELECT sent_ms <> 0 FROM delivery";
	struct full f;
	struct desk w;
	uint64_t id;

	(void)state;
	id = stands(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 1;
	desk_say(&w, ROLE_DELIVER, MSG_PICKED,
	    &(struct msg_PICKED){ .delivery = id }, -1);
	desk_step(&w);
	assert_int_equal(f.times, 0);
	desk_say(&w, ROLE_DELIVER, MSG_SENT,
	    &(struct msg_SENT){ .delivery = id }, -1);
	desk_step(&w);
	assert_int_equal(desk_sql(&w, sent), 0);
	clock_move(&w.x.clock, 1000);
	desk_step(&w);
	assert_int_equal(desk_sql(&w, sent), 1);
	desk_end(&w);
}

/* After a start, a file of its name and size: perhaps an earlier one. */
static void
test_what_stands_among_the_sent_is_its_own_by_its_bytes(void **state)
{
	static const char sent[] = "SELECT sent_ms <> 0 FROM delivery";
	struct desk w;
	struct err err;

	(void)state;
	for (int own = 0; own < 2; own++) {
		struct msg_SENT m = { .delivery = stands(&w), .read = 1 };

		desk_say(&w, ROLE_DELIVER, MSG_PICKED,
		    &(struct msg_PICKED){ .delivery = m.delivery }, -1);
		assert_int_equal(
		    hash_of(slice_of(own ? "one" : "two"), &m.sha256, &err),
		    RC_OK);
		desk_say(&w, ROLE_DELIVER, MSG_SENT, &m, -1);
		desk_step(&w);
		assert_int_equal(desk_sql(&w, sent), own);
		desk_end(&w);
	}
}

/* More than one would think: as many as stand outside. */
static void
test_a_full_disk_forgets_nothing_of_thousands_that_are_picked_up(void **state)
{
	static const char at[] = "SELECT state FROM delivery";
	struct full f;
	struct desk w;
	uint64_t id;

	(void)state;
	id = stands(&w);
	commits_full(desk_spool(&w), &f);
	f.times = 1000000;
	for (int i = 0; i < 5000; i++) {
		desk_say(&w, ROLE_DELIVER, MSG_PICKED,
		    &(struct msg_PICKED){ .delivery = id }, -1);
		if (i % 100 == 0)
			desk_step(&w);
	}
	desk_step(&w);
	assert_string_equal(desk_text(&w, at), "published");
	assert_int_equal(
	    ((const struct spool_role *)w.role.self)->nlater, 5000);
	f.times = 0;
	for (int i = 0; i < 20; i++) {
		clock_move(&w.x.clock, 1000);
		desk_step(&w);
	}
	assert_string_equal(desk_text(&w, at), "picked");
	assert_int_equal(((const struct spool_role *)w.role.self)->nlater, 0);
	desk_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_is_due_waits_for_a_full_disk_like_the_rest),
		T(test_a_large_lie_is_a_death_like_a_small_one),
		T(test_a_file_may_be_picked_up_before_there_is_room_for_its_publishing),
		T(test_what_was_sent_is_told_though_its_picking_up_waits_for_room),
		T(test_what_stands_among_the_sent_is_its_own_by_its_bytes),
		T(test_a_full_disk_forgets_nothing_of_thousands_that_are_picked_up),
	};

	return TESTS_RUN(tests);
}
