/*
 * spool/amend.c - what a further filing under the same number does to each leg
 * of the one before: a leg is touched only where it is concerned. The table is
 * in entrepot-status(7). Trusts src/status for what an answer means. Called by
 * filing.c.
 */
#include "spool/joint.h"
#include <string.h>

#define CHAIN_MAX 1000 /* submissions of one leg that are looked back at */
#define KEPT_MAX  8192 /* names of legs in a verdict */

static bool
content_same(const struct leg_row *old, const struct claim_leg *l)
{
	return old->content.len == DIGEST_LEN &&
	       memcmp(old->content.p, l->content, DIGEST_LEN) == 0;
}

/* Ended before it went out, by a person or by its time: it never was. */
static bool
never_sent(const struct leg_row *r)
{
	return r->state == STATE_leg_CANCELLED ||
	       (r->state == STATE_leg_EXPIRED && r->delivery == 0);
}

/*
 * Does the agency have anything of this leg, or of those it follows? What it
 * gave back or took back it has not, and what never went out.
 */
static bool
agency_has(struct spool *s, uint64_t leg)
{
	struct leg_row r;
	struct err ignored;

	for (unsigned int n = 0; n < CHAIN_MAX && leg != 0; n++) {
		if (leg_get(s, leg, &r, &ignored) != RC_OK ||
		    outcome_undone(r.now.outcome))
			return false;
		if (!never_sent(&r) && !leg_reopened(s, &r))
			return true;
		leg = r.prev;
	}
	return false;
}

/* Nothing of it is to stand any more. */
static enum leg_action
action_end(struct spool *s, const struct leg_row *old, bool tells)
{
	if (!agency_has(s, old->prev))
		return LEG_DROP;
	if (!tells)
		return LEG_BLOCKED;
	return leg_is_in(s, old) ? LEG_REPLACE : LEG_SEND;
}

enum leg_action
amend_action(struct spool *s, struct slice amends, const struct leg_row *old,
    const struct claim_leg *l)
{
	bool cancels = slice_is(amends, "cancel");
	bool ends = cancels || l == NULL, tells = l != NULL && l->tells;

	if (old == NULL || never_sent(old))
		return ends ? LEG_SKIP : LEG_NEW;
	if (leg_is_in(s, old) && !ends && amends.len > 0 &&
	    content_same(old, l))
		return LEG_KEEP;
	if (leg_is_in(s, old))
		return ends ? action_end(s, old, tells) : LEG_REPLACE;
	if (outcome_undone(old->now.outcome) ||
	    (ends && old->state == STATE_leg_FINAL && leg_reopened(s, old)))
		return LEG_KEEP;
	if (leg_reopened(s, old))
		return ends ? action_end(s, old, tells) : LEG_SEND;
	if (amends.len == 0 || (!ends && content_same(old, l)))
		return LEG_KEEP;
	return tells ? LEG_SEND : LEG_BLOCKED;
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
		    (leg_reopened(s, &r) ||
			(r.state == STATE_leg_EXPIRED && never_sent(&r))))
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
			undone +=
			    never_sent(&r) || outcome_undone(r.now.outcome);
	return undone == n;
}

/* --- the verdict --- */

struct weighing {
	struct spool *s;
	uint64_t before; /* the filing that is amended */
	const struct claim_filing *f;
	struct slice seen[JOINT_LEGS]; /* legs of the new one */
	unsigned int nseen;
	bool acts;       /* something is done to some leg */
	struct buf kept; /* names of those that it cannot be told to */
};

static void
action_weigh(struct weighing *w, enum leg_action todo, struct slice name)
{
	w->acts |= todo != LEG_KEEP && todo != LEG_SKIP && todo != LEG_BLOCKED;
	if (todo != LEG_BLOCKED)
		return;
	buf_str(&w->kept, w->kept.len > 0 ? ", " : " ");
	buf_slice(&w->kept, name);
}

static void
claims_weigh(struct weighing *w, struct slice rest)
{
	struct err ignored;
	struct claim c;

	while (rest.len > 0 && w->nseen < JOINT_LEGS &&
	       claim_next(&rest, &c, &ignored) == RC_OK &&
	       c.kind == CLAIM_LEG && c.u.leg.filing == w->f->number) {
		struct slice name =
		    c.u.leg.name.len > 0 ? c.u.leg.name : c.u.leg.agency;
		struct leg_row old;
		bool there = amend_before(w->s, w->before, name, &old,
				 &ignored) == RC_OK;

		w->seen[w->nseen++] = name;
		action_weigh(w,
		    amend_action(
			w->s, w->f->amends, there ? &old : NULL, &c.u.leg),
		    name);
	}
}

static bool
is_seen(const struct weighing *w, struct slice name)
{
	for (unsigned int i = 0; i < w->nseen; i++)
		if (slice_eq(w->seen[i], name))
			return true;
	return false;
}

/* Those of the one before that the new one has not. */
static enum rc
left_each(struct weighing *w, struct batch *b, struct err *err)
{
	uint64_t legs[JOINT_LEGS];
	unsigned int n = joint_legs(w->s, w->before, legs);
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < n && rc == RC_OK; i++) {
		enum leg_action todo;
		struct leg_row r;

		rc = leg_get(w->s, legs[i], &r, err);
		if (rc != RC_OK || is_seen(w, r.name))
			continue;
		todo = amend_action(w->s, w->f->amends, &r, NULL);
		action_weigh(w, todo, r.name);
		if (b != NULL && todo == LEG_DROP)
			rc = leg_drop(b, &r, err);
	}
	return rc;
}

enum rc
amend_left(struct batch *b, uint64_t before, const struct claim_filing *f,
    struct slice rest, struct err *err)
{
	struct weighing w = { .s = b->s, .before = before, .f = f };
	enum rc rc;

	buf_init(&w.kept, KEPT_MAX);
	claims_weigh(&w, rest);
	rc = left_each(&w, b, err);
	buf_clear(&w.kept);
	return rc;
}

const char *
amend_verdict(struct spool *s, uint64_t before, const struct claim_filing *f,
    struct slice rest, bool *taken)
{
	struct weighing w = { .s = s, .before = before, .f = f };
	const char *why = "";
	struct err ignored;
	struct buf text;

	*taken = !all_undone(s, before);
	if (!*taken)
		return "nothing-to-amend";
	buf_init(&w.kept, KEPT_MAX);
	claims_weigh(&w, rest);
	(void)left_each(&w, NULL, &ignored);
	*taken = w.acts || w.kept.len == 0;
	buf_init(&text, KEPT_MAX + 16);
	if (w.kept.len > 0) {
		buf_str(&text, *taken ? "legs-kept" : "cannot-amend");
		buf_slice(&text, buf_look(&w.kept));
		why = arena_str(s->mem, buf_look(&text));
	}
	buf_clear(&text);
	buf_clear(&w.kept);
	return why == NULL ? "" : why;
}
