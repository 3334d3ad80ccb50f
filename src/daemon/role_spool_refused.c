/*
 * daemon/role_spool_refused.c - a file among the refused ones, from when it is
 * seen to when it is known whose it is: its bytes are asked for only where they
 * can tell, and what stands of its delivery is taken back before that has
 * failed; and one among the sent ones. Keeps nothing between but what a
 * shortage kept from being judged: who starts again tells or asks anew. Called
 * by role_spool.c.
 */
#include "src/daemon/role_spool.h"

/* In a shortage nobody knows whose it is: asked again, as it was told. */
static enum rc
question_keep(struct role *r, struct msg *m, uint64_t id, struct err *err)
{
	struct spool_role *self = r->self;
	struct pending p = { .type = m->type, .id = id, .said = msg_hold(m) };

	self->again_at = clock_mono(r->clock) + AGAIN_MS;
	if (spool_later_put(self, &p))
		return RC_OK;
	msg_free(p.said);
	return err_set(err, RC_BROKEN, "too much to do again");
}

static void
refused_step(
    struct role *r, uint64_t id, uint32_t part, uint64_t mark, enum rc how)
{
	spool_step(r->self, &(struct pending){ .type = MSG_REJECTED,
				.id = id,
				.part = part,
				.mark = mark,
				.how = how });
}

static enum rc
rejected(struct role *r, struct msg *m, struct err *err)
{
	struct spool_role *self = r->self;
	const struct msg_REJECTED *t = m->body;
	struct refused_file f = { .partner = t->partner,
		.name = t->name,
		.mark = t->mark,
		.size = t->size,
		.asked = t->asked != 0,
		.read = t->read != 0,
		.sha256 = t->sha256 };
	uint64_t id;
	uint32_t part;

	switch (spool_refused(self->s, &f, &id, &part)) {
	case REFUSED_NOBODYS:
		break;
	case REFUSED_ASKS:
		return spool_say(r, ROLE_DELIVER, MSG_WHOSE,
		    &(struct msg_WHOSE){ .partner = t->partner,
			.name = t->name,
			.mark = t->mark },
		    -1, err);
	case REFUSED_STANDS:
		return spool_say(r, ROLE_DELIVER, MSG_WITHDRAW,
		    &(struct msg_WITHDRAW){
			.delivery = id, .part = part, .mark = t->mark },
		    -1, err);
	case REFUSED_IS:
		refused_step(r, id, part, t->mark, RC_OK);
		break;
	case REFUSED_UNCLEAR: /* a person is called */
		refused_step(r, id, part, t->mark, RC_REFUSED);
		break;
	case REFUSED_LATER:
		return question_keep(r, m, 0, err);
	}
	return RC_OK;
}

enum rc
spool_refusal(struct role *r, struct msg *m, struct err *err)
{
	const struct msg_WITHDRAWN *w = m->body;

	if (m->type == MSG_REJECTED)
		return rejected(r, m, err);
	if (w->delivery != 0)
		refused_step(r, w->delivery, w->part, w->mark, RC_OK);
	return RC_OK;
}

/* Only what is picked up can be sent: so it waits behind that. */
enum rc
spool_sent(struct role *r, struct msg *m, struct err *err)
{
	struct spool_role *self = r->self;
	const struct msg_SENT *t = m->body;
	uint64_t id = t->delivery;
	struct pending sent = { .type = MSG_SENT, .id = id };
	bool is = true;

	if (t->read != 0 &&
	    spool_delivery_is(self->s, id, &t->sha256, &is) == RC_LATER)
		return question_keep(r, m, id, err);
	if (!is)
		return RC_OK; /* another one of its name */
	if (!spool_pick_waits(self, 0, self->nlater, id)) {
		spool_step(self, &sent);
		return RC_OK;
	}
	return spool_later_put(self, &sent)
		   ? RC_OK
		   : err_set(err, RC_BROKEN, "too much to do again");
}
