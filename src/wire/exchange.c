/*
 * wire/exchange.c - all roles in one process: a queue for each inbox. The
 * bytes are encoded and decoded as between processes, so that one program
 * tests both. Called by one.c and the tests.
 */
#include "src/wire/wire_in.h"
#include "src/wire/msg.h"
#include <assert.h>
#include <stdlib.h>

struct exchange {
	struct wire wire[ROLES];
};

struct exchange *
exchange_new(void)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	for (unsigned int i = 0; i < ROLES; i++) {
		x->wire[i].self = (enum role_id)i;
		x->wire[i].exchange = x;
		queue_init(&x->wire[i].in);
	}
	return x;
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	for (unsigned int i = 0; i < ROLES; i++) {
		struct msg *m;

		while ((m = wire_next(&x->wire[i])) != NULL)
			msg_free(m);
	}
	free(x);
}

struct wire *
exchange_wire(struct exchange *x, enum role_id role)
{
	assert((unsigned int)role < ROLES);
	return &x->wire[role];
}

bool
exchange_quiet(const struct exchange *x)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if (x->wire[i].in.n > 0)
			return false;
	return true;
}

enum rc
exchange_send(
    struct wire *w, enum role_id to, struct slice raw, int fd, struct err *err)
{
	struct wire *peer = &w->exchange->wire[to];
	struct msg *m;
	enum rc rc;

	if (peer->from[w->self] >= LINK_MAX)
		return err_set(err, RC_LATER, "%u messages wait for %s",
		    peer->from[w->self], role_name(to));
	rc = msg_decode(&m, w->self, to, raw, fd, err);
	if (rc == RC_REFUSED) /* what we have just encoded */
		return RC_BROKEN;
	if (rc == RC_OK) {
		rc = inbox_add(peer, m, err);
		if (rc != RC_OK) { /* the descriptor stays the caller's */
			m->fd = -1;
			msg_free(m);
		}
	}
	return rc;
}
