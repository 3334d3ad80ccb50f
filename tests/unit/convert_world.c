/*
 * tests/unit/convert_world.c - see convert_world.h. Five filers, one agency;
 * the pipeline is a fake: an arrival is lines, a line is a filing, and its
 * word says what happens while it is read.
 */
#include "tests/unit/test.h"
#include "tests/unit/convert_world.h"
#include "tests/unit/fake_pipeline.h"
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_S 600 /* before a test that waits in vain is given up */

int
world_new(void **state)
{
	static const char *const names[] = { "f1", "f2", "f3", "f4", "f5" };
	struct world *w = calloc(1, sizeof(*w));
	struct err err = { "" };

	assert_non_null(w);
	shared->running = shared->most = shared->descriptors = 0;
	shared->go = 0;
	for (int i = 0; i < 5; i++) {
		w->partner[i].name = names[i];
		w->partner[i].filer = true;
		w->partner[i].accept[0] = "un-cusdec-d96b";
		w->partner[i].naccept = 1;
	}
	w->partner[5].name = "customs";
	w->partner[5].agency = true;
	w->partner[5].submit[0].document = "declaration";
	w->partner[5].submit[0].format = "cn-dec";
	w->partner[5].nsubmit = 1;
	w->conf.partner = w->partner;
	w->conf.npartners = 6;
	w->conf.mappings[0] = test_path("mappings");
	w->conf.nmappings = 1;
	/*
	 * Time stands still for the role: a loaded machine neither sends its
	 * waiting children home nor kills the one that reads for ever before
	 * the processor's time is up.
	 */
	clock_fake(&w->clock, WALL_MS);
	w->x = exchange_new();
	w->spool = exchange_wire(w->x, ROLE_SPOOL);
	w->role = (struct role){ .ops = &role_convert,
		.wire = exchange_wire(w->x, ROLE_CONVERT),
		.clock = &w->clock,
		.conf = &w->conf };
	if (role_convert.start(&w->role, &err) != RC_OK)
		fail_msg("%s", err.text);
	*state = w;
	return 0;
}

int
world_free(void **state)
{
	struct world *w = *state;

	role_convert.stop(&w->role);
	exchange_free(w->x);
	free((char *)(uintptr_t)w->conf.mappings[0]);
	free(w);
	return 0;
}

struct msg_ORDER
order_of(uint64_t id, const char *partner, const char *skip)
{
	return (struct msg_ORDER){ .order = id,
		.kind = ORDER_READ,
		.subject = id,
		.partner = slice_of(partner),
		.name = SLICE_LIT("x.edi"),
		.format = slice_of(skip),
		.ids = FIRST,
		.nids = 100,
		.now = WALL_MS };
}

void
order_send(struct world *w, uint64_t id, const char *partner, const char *skip,
    const char *lines)
{
	struct msg_ORDER o = order_of(id, partner, skip);
	struct err err;

	assert_int_equal(wire_send_bytes(w->spool, ROLE_CONVERT, MSG_ORDER, &o,
			     slice_of(lines), &err),
	    RC_OK);
}

void
role_step(struct world *w, int64_t *due, bool *worked)
{
	struct err err = { "" };
	struct msg *m;

	while ((m = wire_next(w->role.wire)) != NULL) {
		assert_int_equal(role_convert.take(&w->role, m, &err), RC_OK);
		msg_free(m);
	}
	if (role_convert.idle(&w->role, due, worked, &err) != RC_OK)
		fail_msg("%s", err.text);
}

struct msg *
answer_wait(struct world *w)
{
	time_t until = time(NULL) + WAIT_S;
	struct msg *m;

	for (;;) {
		bool worked = false;
		int64_t due = 0;

		role_step(w, &due, &worked);
		m = wire_next(w->spool);
		if (m != NULL)
			return m;
		if (!worked) {
			struct pollfd p = { .fd = role_convert.fd(&w->role),
				.events = POLLIN };

			assert_true(time(NULL) < until);
			(void)poll(&p, 1, 1000);
		}
	}
}

void
result_take(struct msg *m, uint64_t order, struct claims *out)
{
	const struct msg_RESULT *r = m->body;
	struct slice rest;
	struct err err;

	assert_int_equal(m->type, MSG_RESULT);
	assert_int_equal(r->order, order);
	test_slice_is(r->why, "");
	assert_int_equal(r->rc, RC_OK);
	assert_int_equal(msg_bytes(m, 1 << 20, &out->bytes, &err), RC_OK);
	rest = out->bytes;
	out->m = m;
	for (out->n = 0; rest.len > 0; out->n++)
		assert_int_equal(
		    claim_next(&rest, &out->c[out->n], &err), RC_OK);
}
