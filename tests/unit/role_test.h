/*
 * tests/unit/role_test.h - one role and a spool played by the test, on an
 * exchange with a fake clock.
 */
#ifndef TESTS_UNIT_ROLE_TEST_H
#define TESTS_UNIT_ROLE_TEST_H

#include "tests/unit/folder_test.h"
#include "src/base/id.h"
#include "src/base/log.h"
#include "src/daemon/role.h"
#include "src/wire/msg.h"

struct stage {
	struct bench b; /* dir and conf of the one partner */
	struct conf conf;
	struct clock clock;
	struct exchange *x;
	struct wire *spool;
	struct role role;
};

static inline void
stage_start(struct stage *s, const struct role_ops *ops)
{
	struct err err = { "" };

	s->x = exchange_new();
	s->spool = exchange_wire(s->x, ROLE_SPOOL);
	s->role = (struct role){ .ops = ops,
		.wire = exchange_wire(s->x, ops->id),
		.clock = &s->clock,
		.conf = &s->conf };
	if (ops->start(&s->role, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static inline void
stage_stop(struct stage *s)
{
	s->role.ops->stop(&s->role);
	exchange_free(s->x);
}

static inline struct stage *
stage_new(const struct role_ops *ops)
{
	struct stage *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	log_open("test", LOG_ALARM, -1);
	s->b.dir = test_dir();
	s->b.conf = (struct conf_partner){ .name = "acme",
		.folder = s->b.dir,
		.in = "in",
		.out = "out",
		.marker = ".ok",
		.limit = 1 << 20 };
	s->conf = (struct conf){ .partner = &s->b.conf, .npartners = 1 };
	clock_fake(&s->clock, INT64_C(1700000000000));
	stage_start(s, ops);
	return s;
}

static inline void
stage_free(struct stage *s)
{
	stage_stop(s);
	test_dir_gone(s->b.dir);
	free(s);
}

/* The process ends without a word and is started again. */
static inline void
stage_again(struct stage *s)
{
	const struct role_ops *ops = s->role.ops;

	stage_stop(s);
	clock_move(&s->clock, 1000);
	stage_start(s, ops);
}

/* Let the role work until it has nothing left to do. */
static inline void
stage_run(struct stage *s)
{
	bool worked = true;
	struct err err = { "" };
	int64_t due;

	while (worked) {
		struct msg *m;

		worked = false;
		while ((m = wire_next(s->role.wire)) != NULL) {
			if (s->role.ops->take(&s->role, m, &err) != RC_OK)
				fail_msg("%s", err.text);
			msg_free(m);
			worked = true;
		}
		if (s->role.ops->idle(&s->role, &due, &worked, &err) != RC_OK)
			fail_msg("%s", err.text);
	}
}

/* The next message to the spool, of this type; to msg_free(). */
static inline struct msg *
stage_heard(struct stage *s, enum msg_type want)
{
	struct msg *m = wire_next(s->spool);

	if (m == NULL)
		fail_msg("nothing was said, want %s", msg_name(want));
	if (m->type != want)
		fail_msg(
		    "%s was said, want %s", msg_name(m->type), msg_name(want));
	return m;
}

static inline void
stage_silent(struct stage *s)
{
	struct msg *m = wire_next(s->spool);

	if (m != NULL)
		fail_msg("%s was said", msg_name(m->type));
}

static inline void
stage_say(struct stage *s, enum msg_type type, const void *body, int fd)
{
	struct err err = { "" };

	if (wire_send(s->spool, s->role.ops->id, type, body, fd, &err) != RC_OK)
		fail_msg("%s", err.text);
	stage_run(s);
}

#endif
