/*
 * spool/joint.h - the legs of one filing among each other: which stand for it,
 * what a further filing under its number does to each, which are planned again
 * when another was answered. Inside spool/ only.
 */
#ifndef SPOOL_JOINT_H
#define SPOOL_JOINT_H

#include "spool/leg.h"
#include "spool/order.h"

#define JOINT_LEGS 32

/*
 * The legs that stand for a filing, each name once: its own, and of the
 * filings before it under its number those that were not sent again.
 */
unsigned int joint_legs(
    struct spool *, uint64_t filing, uint64_t out[JOINT_LEGS]);
/* What wakes a leg by itself: no answer's number, and none that was before. */
int64_t wake_now(const struct spool *);
/* This leg was answered: those of its filing that wait look again. */
enum rc joint_wake(
    struct batch *, const struct leg_row *, struct err *) MUST_USE;

/* --- amend.c --- */

enum leg_action {
	LEG_NEW,     /* it had no such leg */
	LEG_SEND,    /* once more: its answer reopened it, or it concerns it */
	LEG_REPLACE, /* the one before is not out: this one instead */
	LEG_KEEP,    /* the one before stands */
	LEG_DROP,    /* not with its agency: ended, nothing is sent */
	LEG_BLOCKED, /* it stands: its format cannot say what is done to it */
	LEG_SKIP,    /* nothing to cancel there */
};

/*
 * old: the leg of this name that stands; NULL: none. The claim is that of the
 * new filing, NULL when it has no such leg any more.
 */
enum leg_action amend_action(struct spool *, struct slice amends,
    const struct leg_row *old, const struct claim_leg *);
/* May this number be filed again as a filing of its own? */
bool amend_reopened(struct spool *, uint64_t filing);
/*
 * May the filing change or cancel the one before? A word and the legs that it
 * does not reach, or "". rest: the claims behind it, its legs first.
 */
const char *amend_verdict(struct spool *, uint64_t before,
    const struct claim_filing *, struct slice rest, bool *taken);
/* What it does to legs that it has not any more. */
enum rc amend_left(struct batch *, uint64_t before, const struct claim_filing *,
    struct slice rest, struct err *) MUST_USE;
/* The leg of this name that stands for a filing. RC_REFUSED: none. */
enum rc amend_before(struct spool *, uint64_t filing, struct slice name,
    struct leg_row *, struct err *) MUST_USE;

/* --- take_back.c --- */

/* Deliveries of the legs that stand for a filing: as the rows, see bind.c. */
enum rc legs_settle(struct reading *, uint64_t filing, struct err *) MUST_USE;
/* Is it with us still, so that it may be taken back? */
bool leg_is_in(struct spool *, const struct leg_row *);
/* Out of the delivery that it is bound into, which ends when it was all. */
enum rc leg_unbind(
    struct batch *, const struct leg_row *, struct err *) MUST_USE;
/*
 * Does its answer open it for its number again? None that came before it went
 * out does while it goes or when it went, nor our own word that it could not be
 * delivered once it goes or went after all.
 */
bool leg_reopened(struct spool *, const struct leg_row *);
/*
 * It is ended or sent anew: a delivery of it alone that failed is not tried
 * again, and from one that is tried again it is taken out.
 */
enum rc leg_spent(
    struct batch *, const struct leg_row *, struct err *) MUST_USE;
/* Its filer ends it; he is told. */
enum rc leg_drop(struct batch *, const struct leg_row *, struct err *) MUST_USE;

/* --- replan.c --- */

/* The next leg of this filer that is to be planned again. */
bool replan_find(struct spool *, unsigned int partner, struct order *,
    struct arena *, struct pick *);
enum rc replan_load(struct spool *, uint64_t leg, struct arena *,
    struct slice *, struct err *) MUST_USE;
enum rc replan_done(struct batch *, struct order_out *, struct slice claims,
    struct err *) MUST_USE;
/* It cannot be written: for the operator. */
enum rc replan_hold(
    struct batch *, uint64_t leg, const char *why, struct err *) MUST_USE;

#endif
