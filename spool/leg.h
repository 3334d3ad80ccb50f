/*
 * spool/leg.h - one agency's share of a filing: its row, its lane, its
 * answers. Inside spool/ only.
 */
#ifndef SPOOL_LEG_H
#define SPOOL_LEG_H

#include "spool/history.h"
#include "spool/inner.h"

#define KEY_SEP  CLAIM_SEP        /* between keys of a list */
#define KEY_IS   CLAIM_IS         /* between a key's name and its value */
#define KEY_TEXT (CLAIM_KEY + 66) /* one key as "name<is>value" */

struct leg_row {
	uint64_t id, filing, arrival, delivery, prev, next;
	struct slice filer, agency, lane, format, key1, keys;
	enum state state;
	struct answer now;
	struct slice outcome; /* its word */
	struct slice history;
	uint32_t answers, again;
	int64_t prev_event_ms;
	uint64_t cas;
	bool test, gates, joint;
	struct slice name, content, waits_for;
	bool wait_ends;
};

/* Columns from the step's scratch memory. RC_REFUSED: there is none. */
enum rc leg_get(
    struct spool *, uint64_t id, struct leg_row *, struct err *) MUST_USE;
/* Its history with one entry more, in *h, which is initialised here. */
enum rc leg_history(struct buf *h, const struct leg_row *, const struct entry *,
    struct err *) MUST_USE;
/*
 * Something is known about the leg that decides or is to be told: append it,
 * let the status function say what it does, plan the filer's reply. The
 * entry's answer.seq and effect are set here.
 */
enum rc leg_answer(struct batch *, const struct leg_row *, struct entry *,
    struct err *) MUST_USE;
/*
 * Legs that waited for their lane go into deliveries where it is free now:
 * behind the leg or the delivery that is over; 0: behind whatever is.
 */
enum rc legs_bind_waiting(
    struct batch *, struct slice agency, uint64_t over, struct err *) MUST_USE;
/* A delivery was given up, or refused: its legs' filers are told. */
enum rc legs_undeliverable(
    struct batch *, uint64_t delivery, enum entry_kind, struct err *) MUST_USE;
/* Is an earlier leg of this lane still on its way out? */
bool lane_busy(struct spool *, struct slice agency, struct slice lane,
    struct slice filer, uint64_t id);

/* The value of one name in a list of keys; empty when it is not there. */
struct slice key_value(struct slice keys, const char *name);

/* --- bind.c: legs into deliveries --- */

#define BIND_GROUPS 32

struct bind_leg {
	struct slice agency, kind, format, file_name;
	bool test;
	bool message; /* it needs an envelope: EDIFACT */
	bool files;   /* files go along: it goes alone, and is wrapped */
	uint64_t claims, body_at, body_len;
};

struct bind {
	struct {
		const struct conf_partner *agency;
		const struct conf_submit *submit;
		bool test;
		uint64_t delivery;
		uint32_t legs;
		uint64_t bytes;
		bool row; /* it was open before, and has one */
		struct bind_leg first;
	} group[BIND_GROUPS];
	unsigned int n;
};

/* The delivery this leg goes into; its row is written when it is closed. */
enum rc bind_leg(struct batch *, struct bind *, const struct bind_leg *,
    uint64_t *delivery, struct err *) MUST_USE;
enum rc bind_close(struct batch *, struct bind *, struct err *) MUST_USE;
/*
 * Before this leg is asked about or taken back: what is known here of the
 * delivery it is in, and of its agency's open ones, stands in their rows.
 * Bound again, they go on; others are not closed early.
 */
enum rc bind_settle(struct batch *, struct bind *, const struct leg_row *,
    struct err *) MUST_USE;
/* An open delivery takes no more: its number and name are drawn. */
enum rc bind_end(struct batch *, uint64_t delivery, struct err *) MUST_USE;

#endif
