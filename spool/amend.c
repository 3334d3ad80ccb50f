/*
 * spool/amend.c - what a further filing under the same number does to each leg
 * of the one before: a leg is touched only where it is concerned. Trusts
 * src/status for what an answer means. Called by filing.c.
 */
#include "spool/joint.h"
#include <string.h>

static bool
not_out(enum state st)
{
	return st == STATE_leg_WAITING || st == STATE_leg_WRITTEN ||
	       st == STATE_leg_HELD;
}

static bool
content_same(const struct leg_row *old, const struct claim_leg *l)
{
	return old->content.len == DIGEST_LEN &&
	       memcmp(old->content.p, l->content, DIGEST_LEN) == 0;
}

enum leg_action
amend_action(
    struct slice amends, const struct leg_row *old, const struct claim_leg *l)
{
	bool cancels = slice_is(amends, "cancel");

	if (old == NULL || old->state == STATE_leg_CANCELLED)
		return cancels ? LEG_SKIP : LEG_NEW;
	if (not_out(old->state))
		return cancels ? LEG_DROP : LEG_REPLACE;
	if (outcome_undone(old->now.outcome))
		return LEG_KEEP;
	if (outcome_reopens(old->now.outcome))
		return cancels ? LEG_KEEP : LEG_SEND;
	if (cancels)
		return LEG_SEND;
	return amends.len > 0 && !content_same(old, l) ? LEG_SEND : LEG_KEEP;
}

enum rc
amend_before(struct spool *s, uint64_t filing, struct slice name,
    struct leg_row *r, struct err *err)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, filing, legs);

	for (unsigned int i = 0; i < n; i++) {
		enum rc rc = leg_get(s, legs[i], r, err);

		if (rc != RC_OK || slice_eq(r->name, name))
			return rc;
	}
	return err_set(err, RC_REFUSED, "no leg '%.*s'", SLICE_ARG(name));
}

bool
amend_reopened(struct spool *s, uint64_t filing)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, filing, legs);
	struct leg_row r;
	struct err ignored;

	for (unsigned int i = 0; i < n; i++)
		if (leg_get(s, legs[i], &r, &ignored) == RC_OK &&
		    outcome_reopens(r.now.outcome))
			return true;
	return false;
}

static bool
all_undone(struct spool *s, uint64_t filing)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(s, filing, legs), undone = 0;
	struct leg_row r;
	struct err ignored;

	for (unsigned int i = 0; i < n; i++)
		if (leg_get(s, legs[i], &r, &ignored) == RC_OK)
			undone += r.state == STATE_leg_CANCELLED ||
				  outcome_undone(r.now.outcome);
	return undone == n;
}

const char *
amend_refused(struct spool *s, uint64_t filing, const struct claim_filing *f,
    struct slice rest)
{
	struct claim c;
	struct err ignored;

	if (all_undone(s, filing))
		return "nothing-to-amend";
	/* An agency must be told what is done to it, not given a new one. */
	while (rest.len > 0 && claim_next(&rest, &c, &ignored) == RC_OK &&
	       c.kind == CLAIM_LEG && c.u.leg.filing == f->number) {
		struct leg_row old;
		enum rc rc = amend_before(s, filing,
		    c.u.leg.name.len > 0 ? c.u.leg.name : c.u.leg.agency, &old,
		    &ignored);

		if (rc == RC_OK && !c.u.leg.tells &&
		    amend_action(f->amends, &old, &c.u.leg) == LEG_SEND &&
		    !outcome_reopens(old.now.outcome))
			return "cannot-amend";
	}
	return "";
}
