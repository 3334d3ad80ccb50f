/*
 * spool/operate.h - what a person does to things: held, released, tried
 * again, cancelled, read again, discarded, attached, told as refused; partners
 * paused. Each page of things is one step of a batch: the change and the line
 * that says who did it are committed together, or neither (I30).
 *
 * Safe to repeat: what is so already does not pass (operate_may) and is not
 * counted. What is on its way out at this moment is left alone and told.
 */
#ifndef SPOOL_OPERATE_H
#define SPOOL_OPERATE_H

#include "src/base/id.h"
#include "spool/filter.h"
#include "spool/spool.h"
#include "spool/view.h"

enum operate_verb {
#define ACT(verb, past) OPERATE_##verb,
#include "spool/operate.def"
	OPERATE_VERBS
};

const char *operate_name(enum operate_verb);
const char *operate_past(enum operate_verb);
/* OPERATE_VERBS: no such verb. */
enum operate_verb operate_find(struct slice word);

/*
 * Is this a thing the verb is for, as the filter means it? Replies and files
 * that go on unchanged are not cancelled by the way: only when the filter
 * names their kind or id is it meant that the filer never hears of it.
 */
bool operate_may(
    enum operate_verb, const struct filter *, const struct view_row *);

#define OPERATE_PAGE 100 /* things of one step */

struct operation {
	enum operate_verb verb;
	const struct filter *filter;
	struct slice by;  /* "uid=0": who asked */
	struct slice why; /* his words; empty: none */
	uint64_t leg;     /* attach: to this one */
	/* Where to begin; set to where the next page begins. */
	enum machine machine; /* MACHINES: that was all */
	uint64_t after;
};

struct operated {
	uint32_t done, legs; /* legs: in the deliveries */
	uint32_t busy;       /* on their way out, left alone */
};

/* One page; *op says how to go on. Outcomes as of every step. */
void operate(
    struct batch *, struct operation *, struct operated *, struct step *);

/* Why a receipt is held of which nothing is known but its bytes. */
#define RECEIPT_UNREADABLE "it could not be read"
/*
 * attach: a person says whose an answer is; the partner's it must be all the
 * same. Asked when it is counted and when it is done; RC_REFUSED tells why not.
 */
enum rc attach_may(uint64_t receipt, struct slice from, bool unreadable,
    uint64_t leg, struct slice agency, struct err *) MUST_USE;

/* --- one question, as it comes over wire or from a tool --- */

struct operate_asked {
	struct slice verb;   /* operate.def, or pause, resume */
	struct slice filter; /* pause, resume: the partner */
	struct slice by, words;
	struct slice place; /* where the last page said to go on */
	struct slice to;    /* attach: the leg; pause, resume: which door */
};

struct operate_told {
	enum rc rc;
	struct err why;
	struct operated n;
	char place[32];      /* empty: that was all */
	unsigned int paused; /* pause, resume: bits, as they are now */
};

/* Makes its page in this (empty) batch and commits it. */
void operate_answer(struct spool *, struct batch *,
    const struct operate_asked *, struct operate_told *);
/* "leg.0A3F9Q3-0000000", or empty for the front; false: it is neither. */
bool place_read(struct slice, int *machine, uint64_t *after);
void place_print(int machine, uint64_t after, char out[32]);

/* --- a partner's doors --- */

enum pause_what { PAUSE_INTAKE = 1, PAUSE_DELIVERY = 2 };

/* Closed or open from this commit on, a restart does not forget it. */
void partner_pause(struct batch *, struct slice partner, enum pause_what,
    bool on, struct slice by, struct slice why, struct step *);
/* Bits of enum pause_what. */
unsigned int partner_paused(const struct spool *, struct slice partner);

#endif
