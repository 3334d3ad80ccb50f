/*
 * status/status.h - what a filing's answers amount to: a published function.
 *
 * Pure. The table of states, levels and outcomes is in entrepot-status(7);
 * every channel code with its level, outcome and rank comes from the code
 * lists. A leg's state is, within its latest submission and at the highest
 * level heard of, the outcome with the latest event time; equal or missing
 * times go by rank; a final one yields only to a higher rank.
 */
#ifndef STATUS_STATUS_H
#define STATUS_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/slice.h"

enum level {
	LEVEL_NONE,
	LEVEL_TRANSPORT,
	LEVEL_FORMAT,
	LEVEL_TECHNICAL,
	LEVEL_DECISION
};

/* OUTCOME(name, "word", "english", "chinese", undoing) in status.def */
enum outcome {
#define OUTCOME(name, word, en, zh, group) OUTCOME_##name,
#include "src/status/status.def"
#undef OUTCOME
	OUTCOMES
};

struct answer { /* one receipt, or what a leg says so far */
	enum level level;
	enum outcome outcome;
	int32_t rank;
	bool final;
	int64_t event_ms; /* 0: not told */
	uint64_t seq;     /* order of arrival; breaks the last tie */
};

enum answer_effect {
	ANSWER_NEW,         /* it is the state now */
	ANSWER_LATE,        /* recorded, changes nothing, no alarm */
	ANSWER_AGAIN,       /* the same receipt again */
	ANSWER_UNKNOWN,     /* no outcome: told to the filer, state kept */
	ANSWER_CONTRADICTS, /* a decision against a decision: alarm */
};

/* What `receipt` does to `now`; *next is the state after it. */
enum answer_effect answer_take(const struct answer *now,
    const struct answer *receipt, struct answer *next);

enum level level_find(struct slice word);
const char *level_name(enum level);
/* OUTCOME_NONE for a word that is not in the table. */
enum outcome outcome_find(struct slice word);
const char *outcome_word(enum outcome);
const char *outcome_en(enum outcome);
const char *outcome_zh(enum outcome);
/* Of a filing's status or a leg's outcome; the word itself: none of ours. */
struct slice status_word_zh(struct slice word);
/* Open for the same number again: refused, returned, failed. */
bool outcome_reopens(enum outcome);
/* Taken back: deleted, withdrawn. */
bool outcome_undone(enum outcome);

/* It has let go, refused or taken back: nothing more is expected. */
bool outcome_settles(enum outcome);

/* One filing's state from its legs', for the filer. */
struct leg_view {
	bool sent, expired, held, cancelled;
	bool gates; /* the filing is released only when it says so */
	struct answer answer;
};
struct filing_view {
	enum outcome outcome; /* of the leg that decides */
	const char *word;     /* "sent", "accepted", "released", "held" ... */
	const char *en, *zh;
	uint32_t by; /* index of that leg */
};
/* Of the legs that gate; where none does, of all. */
void filing_status(const struct leg_view *, uint32_t n, struct filing_view *);
/* Does this leg hold the filing: it gates and has not let go? */
bool filing_held_by(const struct leg_view *, uint32_t n, uint32_t leg);
/*
 * Has each leg that counts said whether it inspects? Then the filer gets one
 * notice for all that do.
 */
bool filing_decided(const struct leg_view *, uint32_t n);

#endif
