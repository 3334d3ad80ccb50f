/*
 * daemon/role_spool_hold.c - whether the open batch of the role spool waits:
 * as long as others will soon say more that the same commit can carry. Trusts
 * nobody to answer. Called by role_spool.c.
 */
#include "src/daemon/role_spool.h"
#include <string.h>

/* Does it answer something that was counted in owed? */
static bool
answers(enum msg_type type)
{
	return type == MSG_ACCEPT || type == MSG_UNTAKE || type == MSG_RESULT ||
	       type == MSG_DIED || type == MSG_STAGED || type == MSG_PUBLISHED;
}

void
spool_heard(struct spool_role *self, const struct msg *m)
{
	self->heard++;
	if (answers(m->type) && self->owed[m->from] > 0)
		self->owed[m->from]--;
}

/* Who says nothing while we hold is not waited for again. */
bool
spool_holds(struct role *r)
{
	struct spool_role *self = r->self;
	unsigned int n = batch_steps(self->b), owed = 0;
	int64_t now = clock_mono(r->clock);

	for (unsigned int i = 0; i < ROLES; i++)
		owed += self->owed[i];
	if (n == 0 || n >= HOLD_STEPS || owed < HOLD_OWED ||
	    batch_bytes(self->b) >= HOLD_BYTES || self->draining) {
		self->hold_until = 0;
		return false;
	}
	if (self->hold_until == 0) {
		self->hold_until = now + HOLD_MS;
		self->heard = 0;
	}
	if (now < self->hold_until)
		return true;
	if (self->heard == 0)
		memset(self->owed, 0, sizeof(self->owed));
	self->hold_until = 0;
	return false;
}
