/*
 * tests/unit/deliver_test.h - deliver with one delivery, and what the spool
 * says to it and hears of it.
 */
#ifndef TESTS_UNIT_DELIVER_TEST_H
#define TESTS_UNIT_DELIVER_TEST_H

#include "tests/unit/role_test.h"

#define ID 4711

static inline void
order(struct stage *s, const char *name, const char *body)
{
	struct err err;

	stage_say(s, MSG_DELIVER,
	    &(struct msg_DELIVER){ .delivery = ID,
		.partner = slice_of("acme"),
		.channel = slice_of("folder"),
		.name = slice_of(name),
		.attempt = 1 },
	    fsx_memfd("body", slice_of(body), &err));
}

static inline void
heard(struct stage *s, enum msg_type type, enum rc rc, const char *why)
{
	struct msg *m = stage_heard(s, type);
	const struct msg_STAGED *a = m->body; /* PUBLISHED is alike */

	assert_int_equal(a->delivery, ID);
	assert_int_equal(a->rc, rc);
	test_slice_is(a->why, why);
	msg_free(m);
}

static inline void
picked(struct stage *s)
{
	struct msg *m = stage_heard(s, MSG_PICKED);

	assert_int_equal(((const struct msg_PICKED *)m->body)->delivery, ID);
	msg_free(m);
}

static inline void
publish(struct stage *s)
{
	stage_say(s, MSG_PUBLISH, &(struct msg_PUBLISH){ .delivery = ID }, -1);
}

static inline void
published(struct stage *s)
{
	order(s, "a.xml", "body");
	heard(s, MSG_STAGED, RC_OK, "");
	publish(s);
	heard(s, MSG_PUBLISHED, RC_OK, "");
}

static inline void
standing(struct stage *s, uint64_t id, bool staged)
{
	stage_say(s, MSG_STANDING,
	    &(struct msg_STANDING){ .delivery = id,
		.partner = slice_of(id == 0 ? "" : "acme"),
		.channel = slice_of("folder"),
		.name = slice_of("a.xml"),
		.staged = staged,
		.size = 4 },
	    -1);
}

#endif
