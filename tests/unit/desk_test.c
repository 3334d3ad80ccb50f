/*
 * tests/unit/desk_test.c - the role spool for tests; called by those of it.
 */
#include "tests/unit/desk_test.h"

void
desk_begin(struct desk *d)
{
	struct err err;

	box_shut(&d->x);
	d->ex = exchange_new();
	d->role = (struct role){ .ops = &role_spool,
		.wire = exchange_wire(d->ex, ROLE_SPOOL),
		.clock = &d->x.clock,
		.conf = &d->x.conf };
	if (role_spool.start(&d->role, &err) != RC_OK)
		fail_msg("%s", err.text);
}

void
desk_end(struct desk *d)
{
	role_spool.stop(&d->role);
	exchange_free(d->ex);
	arena_free(d->x.mem);
	test_dir_gone(d->x.dir);
}

void
desk_say(struct desk *d, enum role_id from, enum msg_type type,
    const void *body, int fd)
{
	struct err err;

	if (wire_send(exchange_wire(d->ex, from), ROLE_SPOOL, type, body, fd,
		&err) != RC_OK)
		fail_msg("%s: %s", msg_name(type), err.text);
}

int64_t
desk_step(struct desk *d)
{
	struct err err;
	struct msg *m;
	bool worked = false;
	int64_t due;

	while ((m = wire_next(d->role.wire)) != NULL) {
		assert_int_equal(role_spool.take(&d->role, m, &err), RC_OK);
		msg_free(m);
	}
	assert_int_equal(role_spool.idle(&d->role, &due, &worked, &err), RC_OK);
	return due;
}

struct spool *
desk_spool(struct desk *d)
{
	return ((struct spool_role *)d->role.self)->s;
}

int64_t
desk_sql(struct desk *d, const char *sql)
{
	struct box x = { .s = desk_spool(d) };

	return box_sql(&x, sql);
}

const char *
desk_text(struct desk *d, const char *sql)
{
	struct box x = { .s = desk_spool(d), .mem = d->x.mem };

	return box_text(&x, sql);
}
