/*
 * The convert role over an exchange: orders in, claims or deaths out, with
 * children and without. The pipeline is a fake: an arrival is lines, a line is
 * a filing, and its word says what happens while it is read.
 */
#include "tests/unit/test.h"
#include "tests/unit/convert_world.h"
#include "tests/unit/fake_pipeline.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/base/fsx.h"
#include "src/base/id.h"
#include "src/daemon/role.h"
#include "src/wire/claim.h"
#include "src/wire/msg.h"

static void
test_an_arrival_comes_back_as_filings_with_their_legs(void **state)
{
	struct world *w = *state;
	struct claims c;
	char id[ID_TEXT];

	order_send(w, 7, "f1", "", "good A-1\nbad A-2\ngood A-3\n");
	result_take(answer_wait(w), 7, &c);
	assert_int_equal(c.n, 6); /* verdict, three filings, two legs */
	assert_int_equal(c.c[0].kind, CLAIM_ARRIVAL);
	assert_false(c.c[0].u.arrival.refused);
	assert_int_equal(c.c[0].u.arrival.filings, 3);
	test_slice_is(c.c[0].u.arrival.format, "un-cusdec-d96b");
	assert_int_equal(c.c[1].kind, CLAIM_FILING);
	test_slice_is(c.c[1].u.filing.key, "A-1");
	test_slice_is(c.c[1].u.filing.label, "A-1");
	test_slice_is(c.c[1].u.filing.kind, "declaration");
	assert_int_equal(c.c[1].u.filing.id, FIRST);
	assert_int_equal(c.c[2].kind, CLAIM_LEG);
	assert_int_equal(c.c[2].u.leg.filing, 1);
	assert_int_equal(c.c[2].u.leg.id, FIRST + 1);
	test_slice_is(c.c[2].u.leg.agency, "customs");
	test_slice_is(c.c[2].u.leg.body, "<A-1/>");
	test_slice_is(c.c[2].u.leg.lane, "A-1");
	assert_int_equal(c.c[2].u.leg.nkeys, 1);
	test_slice_is(c.c[2].u.leg.key_of[0].name, "filer");
	test_slice_is(c.c[2].u.leg.key_of[0].text, id_print(FIRST + 1, id));
	assert_int_equal(c.c[3].kind, CLAIM_FILING);
	assert_true(c.c[3].u.filing.refused);
	assert_int_equal(c.c[3].u.filing.errors, 1);
	assert_true(c.c[3].u.filing.findings.len > 0);
	assert_int_equal(c.c[4].u.filing.number, 3);
	assert_int_equal(c.c[4].u.filing.at, 17);
	msg_free(c.m);
}

static void
test_the_same_content_has_the_same_digest_and_other_content_another(
    void **state)
{
	struct world *w = *state;
	struct claims c;

	order_send(w, 7, "f1", "", "bad A\nbad A\nbad B\n");
	result_take(answer_wait(w), 7, &c);
	assert_memory_equal(
	    c.c[1].u.filing.content, c.c[2].u.filing.content, 32);
	assert_memory_not_equal(
	    c.c[1].u.filing.content, c.c[3].u.filing.content, 32);
	msg_free(c.m);
}

static void
test_an_arrival_that_is_no_message_is_refused_as_a_whole(void **state)
{
	struct world *w = *state;
	struct claims c;

	order_send(w, 7, "f1", "", "unknown\n");
	result_take(answer_wait(w), 7, &c);
	assert_int_equal(c.n, 1);
	assert_true(c.c[0].u.arrival.refused);
	assert_int_equal(c.c[0].u.arrival.filings, 0);
	assert_true(c.c[0].u.arrival.findings.len > 0);
	msg_free(c.m);
	/* with neighbours it is one refused filing */
	order_send(w, 8, "f1", "", "unknown\ngood A\n");
	result_take(answer_wait(w), 8, &c);
	assert_false(c.c[0].u.arrival.refused);
	test_slice_is(c.c[0].u.arrival.findings, "");
	assert_int_equal(c.c[0].u.arrival.filings, 2);
	assert_true(c.c[1].u.filing.refused);
	test_slice_is(c.c[1].u.filing.label, "x.edi#1");
	msg_free(c.m);
}

static void
test_filings_to_be_left_out_are_left_out(void **state)
{
	struct world *w = *state;
	struct claims c;

	order_send(w, 7, "f1", "2,3", "bad A\nbad B\nbad C\nbad D\n");
	result_take(answer_wait(w), 7, &c);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.c[0].u.arrival.filings, 2);
	assert_int_equal(c.c[1].u.filing.number, 1);
	assert_int_equal(c.c[2].u.filing.number, 4);
	msg_free(c.m);
}

static void
death_is(struct msg *m, uint64_t order, const char *why)
{
	const struct msg_DIED *d = m->body;

	assert_int_equal(m->type, MSG_DIED);
	assert_int_equal(d->order, order);
	test_slice_is(d->why, why);
	msg_free(m);
}

static void
test_a_death_is_told_with_the_filing_and_its_neighbours_go_on(void **state)
{
	struct world *w = *state;
	struct claims c;
	struct msg *m[3];

	order_send(w, 1, "f1", "", "bad A\n");
	order_send(w, 2, "f1", "", "bad B\ndie now\nbad C\n");
	order_send(w, 3, "f1", "", "bad D\n");
	for (int i = 0; i < 3; i++) {
		struct msg *got = answer_wait(w);
		uint64_t order =
		    got->type == MSG_DIED
			? ((const struct msg_DIED *)got->body)->order
			: ((const struct msg_RESULT *)got->body)->order;

		m[order - 1] = got;
	}
	result_take(m[0], 1, &c);
	msg_free(c.m);
	death_is(m[1], 2, "killed by signal 9 at filing 2");
	result_take(m[2], 3, &c);
	test_slice_is(c.c[1].u.filing.label, "D");
	msg_free(c.m);
}

static void
test_a_message_that_reads_for_ever_is_stopped(void **state)
{
	struct world *w = *state;

	order_send(w, 1, "f1", "", "spin\n");
	death_is(answer_wait(w), 1, "killed by signal 24 at filing 1");
}

#ifndef ENTREPOT_SANITIZED
static void
test_a_message_that_eats_memory_is_told_and_nothing_else_is_hurt(void **state)
{
	struct world *w = *state;
	struct claims c;

	/* Not "later": the next child has no more, and would be the next. */
	order_send(w, 1, "f1", "", "eat\n");
	death_is(answer_wait(w), 1, "the memory is eaten at filing 1");
	order_send(w, 2, "f1", "", "bad A\n");
	result_take(answer_wait(w), 2, &c);
	msg_free(c.m);
}
#endif

static void
test_four_partners_are_read_at_once(void **state)
{
	static const char *const who[] = { "f1", "f2", "f3", "f4" };
	struct world *w = *state;
	struct claims c;

	for (uint64_t i = 0; i < 4; i++)
		order_send(w, i + 1, who[i], "", "together A\n");
	for (int i = 0; i < 4; i++) {
		struct msg *m = answer_wait(w);

		result_take(m, ((const struct msg_RESULT *)m->body)->order, &c);
		msg_free(c.m);
	}
	assert_int_equal(shared->most, 4);
}

static void
test_a_child_holds_no_descriptor_but_its_link_and_a_large_file(void **state)
{
	struct world *w = *state;
	struct msg_ORDER o = order_of(2, "f2", "");
	struct claims c;
	struct err err;
	int fd = fsx_memfd("order", SLICE_LIT("count A\n"), &err);

	order_send(w, 1, "f1", "", "count A\n");
	result_take(answer_wait(w), 1, &c);
	assert_int_equal(shared->descriptors, 1);
	msg_free(c.m);
	assert_int_equal(
	    wire_send(w->spool, ROLE_CONVERT, MSG_ORDER, &o, fd, &err), RC_OK);
	result_take(answer_wait(w), 2, &c);
	assert_int_equal(shared->descriptors, 2);
	msg_free(c.m);
}

/* Claims that have no room on the child's page, between some that have. */
static void
test_many_claims_come_whole_and_are_not_taken_for_others(void **state)
{
	struct world *w = *state;
	uint64_t seen = 0;
	struct buf many;

	buf_init(&many, 1 << 20);
	for (unsigned int i = 0; i < 45; i++)
		buf_fmt(&many, "good A%0500u\n", i);
	order_send(w, 1, "f1", "", "good A-1\n");
	order_send(w, 2, "f1", "", buf_cstr(&many));
	order_send(w, 3, "f1", "", "good A-3\n");
	order_send(w, 4, "f1", "", buf_cstr(&many));
	for (int i = 0; i < 4; i++) {
		struct msg *m = answer_wait(w);
		const struct msg_RESULT *r = m->body;
		bool large = r->order % 2 == 0;
		struct claim c;
		struct slice rest;
		struct err err;
		unsigned int n = 0;

		seen |= UINT64_C(1) << r->order;
		assert_int_equal(r->rc, RC_OK);
		assert_int_equal(m->fd >= 0, large);
		assert_int_equal(msg_bytes(m, 1 << 20, &rest, &err), RC_OK);
		for (; rest.len > 0; n++)
			assert_int_equal(claim_next(&rest, &c, &err), RC_OK);
		assert_int_equal(n, large ? 91 : 3);
		msg_free(m);
	}
	assert_int_equal(seen, 0x1e);
	buf_clear(&many);
}

/* Its answer is the next one. */
static void
answered(struct world *w, uint64_t order)
{
	struct claims c;

	result_take(answer_wait(w), order, &c);
	msg_free(c.m);
}

/* Who read the only line of this order? */
static int
reader_of(struct world *w, uint64_t order, const char *partner)
{
	order_send(w, order, partner, "", "who A\n");
	answered(w, order);
	return shared->reader;
}

static void
test_a_child_has_more_orders_of_its_partner_and_of_no_other(void **state)
{
	struct world *w = *state;
	int first = reader_of(w, 1, "f1");

	assert_int_equal(reader_of(w, 2, "f1"), first);
	assert_int_not_equal(reader_of(w, 3, "f2"), first);
	assert_int_equal(reader_of(w, 4, "f1"), first);
}

static void
four_wait(struct world *w, int reader[4])
{
	static const char *const who[] = { "f1", "f2", "f3", "f4" };

	for (uint64_t i = 0; i < 4; i++)
		reader[i] = reader_of(w, i + 1, who[i]);
}

/* Four wait for more of theirs: the fifth partner is not kept waiting. */
static void
test_children_that_wait_make_room_for_another_partner(void **state)
{
	struct world *w = *state;
	int reader[4];

	four_wait(w, reader);
	(void)reader_of(w, 5, "f5");
}

/* Its second order waits for the first, and sends nobody's child home. */
static void
test_a_partner_whose_child_is_at_work_takes_no_other_s_place(void **state)
{
	struct world *w = *state;
	int reader[4];

	four_wait(w, reader);
	order_send(w, 5, "f1", "", "who A\n");
	order_send(w, 6, "f1", "", "who A\n");
	for (uint64_t i = 5; i <= 6; i++) {
		answered(w, i);
		assert_int_equal(shared->reader, reader[0]);
	}
	assert_int_equal(reader_of(w, 7, "f2"), reader[1]);
	assert_int_equal(reader_of(w, 8, "f3"), reader[2]);
	assert_int_equal(reader_of(w, 9, "f4"), reader[3]);
}

/* A large message keeps small ones of its partner waiting for a moment only. */
static void
test_a_partner_whose_child_is_long_at_work_takes_a_place_that_waits(
    void **state)
{
	struct world *w = *state;
	bool worked = false;
	int64_t due = 0;
	int reader[4];

	four_wait(w, reader);
	order_send(w, 5, "f1", "", "wait A\n");
	order_send(w, 6, "f1", "", "who A\n");
	role_step(w, &due, &worked);
	assert_int_equal(due, 100);
	clock_move(&w->clock, due);
	answered(w, 6);
	shared->go = 1;
	answered(w, 5);
}

/* More bytes than a link has room for, while the child is at the first. */
static void
test_large_orders_go_to_a_child_that_waits(void **state)
{
	struct world *w = *state;
	bool worked = false;
	int64_t due = 0;
	struct buf many;

	buf_init(&many, 1 << 20);
	buf_str(&many, "wait A\n");
	for (unsigned int i = 0; i < 60; i++)
		buf_fmt(&many, "bad A%0500u\n", i);
	(void)reader_of(w, 1, "f1");
	for (uint64_t i = 2; i <= 17; i++)
		order_send(w, i, "f1", "", buf_cstr(&many));
	role_step(w, &due, &worked);
	shared->go = 1;
	for (uint64_t i = 2; i <= 17; i++) {
		struct msg *m = answer_wait(w);

		assert_int_equal(m->type, MSG_RESULT);
		assert_int_equal(
		    ((const struct msg_RESULT *)m->body)->rc, RC_OK);
		msg_free(m);
	}
	buf_clear(&many);
}

/* It died while it waited: it has begun nothing, and nothing is its fault. */
static void
test_orders_for_a_child_that_has_died_go_to_another(void **state)
{
	struct world *w = *state;
	int first = reader_of(w, 1, "f1");
	siginfo_t si;

	assert_int_equal(kill(first, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)first, &si, WEXITED | WNOWAIT), 0);
	assert_int_not_equal(reader_of(w, 2, "f1"), first);
}

static void
test_a_death_among_later_orders_is_told_like_any_other(void **state)
{
	struct world *w = *state;
	int first = reader_of(w, 1, "f1");

	order_send(w, 2, "f1", "", "bad A\nbad B\ndie now\n");
	death_is(answer_wait(w), 2, "killed by signal 9 at filing 3");
	assert_int_not_equal(reader_of(w, 3, "f1"), first);
}

#ifndef ENTREPOT_SANITIZED
/* What earlier orders took is no fault of this one: it has a child of its own.
 */
static void
test_memory_that_ran_out_late_is_tried_in_a_fresh_child(void **state)
{
	struct world *w = *state;
	int first = reader_of(w, 1, "f1");

	order_send(w, 2, "f1", "", "who A\neat\n");
	death_is(answer_wait(w), 2, "the memory is eaten at filing 2");
	assert_int_not_equal(shared->reader, first);
}
#endif

static void
test_claims_are_the_same_with_and_without_a_child(void **state)
{
	static const char lines[] = "good A\nbad B\nunknown\ngood C\n";
	struct world *w = *state;
	struct claims child, here;

	order_send(w, 1, "f1", "", lines);
	result_take(answer_wait(w), 1, &child);
	w->role.inline_work = true;
	order_send(w, 2, "f1", "", lines);
	result_take(answer_wait(w), 2, &here);
	assert_int_equal(child.bytes.len, here.bytes.len);
	assert_memory_equal(child.bytes.p, here.bytes.p, here.bytes.len);
	msg_free(child.m);
	msg_free(here.m);
}

static void
test_an_order_for_a_partner_nobody_knows_is_refused(void **state)
{
	struct world *w = *state;
	const struct msg_RESULT *r;
	struct msg *m;

	order_send(w, 1, "stranger", "", "good A\n");
	m = answer_wait(w);
	r = m->body;
	assert_int_equal(r->rc, RC_REFUSED);
	test_slice_is(r->why, "no partner 'stranger'");
	msg_free(m);
}

static void
test_while_draining_nothing_new_is_begun(void **state)
{
	struct world *w = *state;
	struct wire *boss = exchange_wire(w->x, ROLE_SUPERVISOR);
	struct err err;
	struct msg *m;
	int64_t due;
	bool worked = false;

	order_send(w, 1, "f1", "", "good A\n");
	assert_int_equal(wire_send(boss, ROLE_CONVERT, MSG_DRAIN,
			     &(struct msg_DRAIN){ 0 }, -1, &err),
	    RC_OK);
	while ((m = wire_next(w->role.wire)) != NULL) {
		assert_int_equal(role_convert.take(&w->role, m, &err), RC_OK);
		msg_free(m);
	}
	assert_int_equal(
	    role_convert.idle(&w->role, &due, &worked, &err), RC_OK);
	assert_null(wire_next(w->spool));
	m = wire_next(boss);
	assert_non_null(m);
	assert_int_equal(m->type, MSG_DRAINED);
	msg_free(m);
}

#define W(name) cmocka_unit_test_setup_teardown(name, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		W(test_an_arrival_comes_back_as_filings_with_their_legs),
		W(test_the_same_content_has_the_same_digest_and_other_content_another),
		W(test_an_arrival_that_is_no_message_is_refused_as_a_whole),
		W(test_filings_to_be_left_out_are_left_out),
		W(test_a_death_is_told_with_the_filing_and_its_neighbours_go_on),
		W(test_a_message_that_reads_for_ever_is_stopped),
#ifndef ENTREPOT_SANITIZED
		W(test_a_message_that_eats_memory_is_told_and_nothing_else_is_hurt),
#endif
		W(test_four_partners_are_read_at_once),
		W(test_many_claims_come_whole_and_are_not_taken_for_others),
		W(test_a_child_holds_no_descriptor_but_its_link_and_a_large_file),
		W(test_a_child_has_more_orders_of_its_partner_and_of_no_other),
		W(test_children_that_wait_make_room_for_another_partner),
		W(test_a_partner_whose_child_is_at_work_takes_no_other_s_place),
		W(test_a_partner_whose_child_is_long_at_work_takes_a_place_that_waits),
		W(test_large_orders_go_to_a_child_that_waits),
		W(test_orders_for_a_child_that_has_died_go_to_another),
		W(test_a_death_among_later_orders_is_told_like_any_other),
#ifndef ENTREPOT_SANITIZED
		W(test_memory_that_ran_out_late_is_tried_in_a_fresh_child),
#endif
		W(test_claims_are_the_same_with_and_without_a_child),
		W(test_an_order_for_a_partner_nobody_knows_is_refused),
		W(test_while_draining_nothing_new_is_begun),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return TESTS_RUN(tests);
}
