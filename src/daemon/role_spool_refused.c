/*
 * daemon/role_spool_refused.c - a file among the refused ones, from when it is
 * seen to when it is known whose it is: its bytes are asked for only where they
 * can tell, and what stands of its delivery is taken back before that has
 * failed. Keeps nothing between: who starts again tells or asks anew. Called by
 * role_spool.c.
 */
#include "src/daemon/role_spool.h"

static enum rc
rejected(struct role *r, const struct msg_REJECTED *t, struct refusal *out,
    struct err *err)
{
	struct spool_role *self = r->self;
	struct refused_file f = { .partner = t->partner,
		.name = t->name,
		.mark = t->mark,
		.size = t->size,
		.asked = t->asked != 0,
		.read = t->read != 0,
		.sha256 = t->sha256 };
	uint64_t id;
	uint32_t part;
	enum refused_is is = spool_refused(self->s, &f, &id, &part);

	if (is == REFUSED_ASKS)
		return spool_say(r, ROLE_DELIVER, MSG_WHOSE,
		    &(struct msg_WHOSE){ .partner = t->partner,
			.name = t->name,
			.mark = t->mark },
		    -1, err);
	if (is == REFUSED_STANDS)
		return spool_say(r, ROLE_DELIVER, MSG_WITHDRAW,
		    &(struct msg_WITHDRAW){
			.delivery = id, .part = part, .mark = t->mark },
		    -1, err);
	if (is != REFUSED_NOBODYS)
		*out = (struct refusal){ id, t->mark, part, is == REFUSED_IS };
	return RC_OK;
}

enum rc
spool_refusal(
    struct role *r, const struct msg *m, struct refusal *out, struct err *err)
{
	const struct msg_WITHDRAWN *w = m->body;

	*out = (struct refusal){ 0 };
	if (m->type == MSG_REJECTED)
		return rejected(r, m->body, out, err);
	*out = (struct refusal){ w->delivery, w->mark, w->part, true };
	return RC_OK;
}
