/*
 * spool/order.h - a result's claims, applied. Inside spool/ only.
 */
#ifndef SPOOL_ORDER_H
#define SPOOL_ORDER_H

#include "spool/leg.h"
#include "spool/scheduler.h"

#define CLAIMS_FILINGS (1u << 17) /* in one arrival */
#define CLAIM_LEGS     32         /* of one filing */
#define SKIPS_MAX      16         /* messages of one arrival left out */
/*
 * Both go in one text of an order, MSG_STR_MAX: the numbers of messages left
 * out, and names of files that never came; attach.c tells of the others.
 */
#define SKIPS_TEXT (SKIPS_MAX * 12)
#define LACKS_TEXT 800

struct filing_seen { /* by its number */
	uint32_t number;
	uint64_t id, cas, prev;
	enum state state;
	struct slice kind;
	bool test;
	uint32_t legs;
	struct slice amends;
	bool kept; /* taken by an earlier reading of the same arrival */
};

struct reading { /* one READ result being applied */
	struct batch *b;
	struct order_out *o;
	const struct conf_partner *partner;
	struct slice claims;
	struct slice behind;          /* those behind the one being applied */
	uint64_t ref;                 /* of the claims in the segments */
	struct slice sha, skip, file; /* file: its name */
	int64_t t;
	bool any_refused, test;
	bool redo;     /* by an operator: parts of it may be there already */
	bool again;    /* for those of its filings alone that wait for files */
	bool late;     /* whose time is over */
	bool lacking;  /* a filing names files that come beside it */
	bool all_wait; /* one waits, and none goes without the others */
	int64_t upto;  /* so long they wait; spool time */
	uint32_t waiting;
	uint64_t repeat_of; /* an earlier arrival of the same bytes, clean */
	struct filing_seen *seen;
	uint32_t nseen, cap;
	struct bind *bind;
	uint32_t taken, refused, repeats, held, legs;
	uint32_t skipped; /* not read: they kill their reader */
	uint32_t receipts, matched, parked, put_aside;
	bool parked_any;              /* this partner has parked receipts */
	struct slice leg[CLAIM_LEGS]; /* names of the filing being checked */
	uint32_t nleg, leg_filing;
};

/* Where a claim stands in the result. */
struct claim_at {
	uint64_t at, len;
};

struct verdict { /* on one filing */
	enum state state;
	const char *why;
	uint64_t cas, prev;
	bool takes_over; /* the earlier one's key */
};

enum rc verdict_of(struct reading *, const struct claim_filing *,
    struct verdict *, struct err *) MUST_USE;
enum rc filing_apply(struct reading *, const struct claim_filing *,
    struct claim_at, struct err *) MUST_USE;
enum rc filing_skipped(
    struct reading *, uint32_t number, struct err *) MUST_USE;
/* Those that waited, and that this reading did not find: held. */
enum rc filings_unread(struct reading *, struct err *) MUST_USE;
enum rc leg_apply(struct reading *, const struct claim_leg *, struct claim_at,
    struct err *) MUST_USE;
enum rc receipt_apply(struct reading *, const struct claim_receipt *,
    struct claim_at, struct err *) MUST_USE;
/* A key of this agency became known: who waited for it? */
enum rc parked_retry(struct batch *, struct slice agency, struct slice key,
    struct err *) MUST_USE;

/* An arrival, or a delivery that waits to be written, goes to the operator. */
enum rc subject_hold(struct batch *, enum order_kind, uint64_t subject,
    const char *why, struct err *) MUST_USE;

/* keys<sep>one; as it was when the row would be too long. */
struct slice key_join(struct spool *, struct slice keys, struct slice one);
struct filing_seen *seen_find(struct reading *, uint32_t number);

#endif
