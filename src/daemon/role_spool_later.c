/*
 * daemon/role_spool_later.c - what the role spool does once more, or in its
 * turn: kept small, since a full disk may put off as many steps as files of
 * ours stand outside. Called by role_spool.c and role_spool_peer.c.
 */
#include "src/daemon/role_spool.h"
#include <stdlib.h>
#include <string.h>

#define LATER_LEAST 256

static bool
later_grow(struct spool_role *self)
{
	unsigned int cap =
	    self->later_cap == 0 ? LATER_LEAST : self->later_cap * 2;
	struct later *more = NULL;

	if (self->nlater < self->later_cap)
		return true;
	if (cap <= LATER_MAX)
		more = realloc(self->later, cap * sizeof(*more));
	if (more == NULL)
		return false;
	self->later = more;
	self->later_cap = cap;
	return true;
}

bool
spool_later_put(struct spool_role *self, const struct pending *p)
{
	char *why = p->why[0] == '\0' ? NULL : strdup(p->why);

	if ((why == NULL && p->why[0] != '\0') || !later_grow(self)) {
		free(why);
		return false;
	}
	self->later[self->nlater++] = (struct later){ .type = p->type,
		.how = p->how,
		.part = p->part,
		.id = p->id,
		.mark = p->mark,
		.said = p->said,
		.why = why };
	return true;
}

bool
spool_pick_waits(const struct spool_role *self, unsigned int from,
    unsigned int upto, uint64_t id)
{
	for (unsigned int i = 0; i < self->npending; i++)
		if (self->pending[i].type == MSG_PICKED &&
		    self->pending[i].id == id &&
		    self->pending[i].step.rc == RC_LATER)
			return true;
	for (unsigned int i = from; i < upto; i++)
		if (self->later[i].type == MSG_PICKED &&
		    self->later[i].id == id)
			return true;
	return false;
}

static bool
is_result(const struct later *l)
{
	return l->type == MSG_RESULT || l->type == MSG_DIED;
}

static void
later_drop(struct later *l)
{
	msg_free(l->said);
	free(l->why);
}

void
spool_results_forget(struct spool_role *self)
{
	unsigned int n = self->nlater;

	self->nlater = 0;
	for (unsigned int i = 0; i < n; i++)
		if (is_result(&self->later[i]))
			later_drop(&self->later[i]);
		else
			self->later[self->nlater++] = self->later[i];
}

void
spool_later_free(struct spool_role *self)
{
	for (unsigned int i = 0; i < self->nlater; i++)
		later_drop(&self->later[i]);
	free(self->later);
	self->later = NULL;
	self->nlater = self->later_cap = 0;
}
