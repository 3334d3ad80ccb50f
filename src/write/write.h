/*
 * write/write.h - a record becomes one message, by one plan, with a trace.
 *
 * Pure and deterministic: the same record, plan and numbers give the same
 * bytes. What does not fit is a finding and nothing is written. Envelopes are
 * the wrap stage's, numbers are drawn by the spool.
 */
#ifndef WRITE_WRITE_H
#define WRITE_WRITE_H

#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/format/plan.h"
#include "src/record/finding.h"
#include "src/record/record.h"

/* One written leaf: where it went, which line, where it came from. */
struct trace_entry {
	uint32_t out_at, out_len; /* in the UTF-8 output */
	const struct line *line;
	const struct value *value; /* NULL: a constant, computed or default */
	const struct node *node;   /* the record node it was written for */
	const struct node *home;   /* that holds it; NULL: none does ("$now") */
	const struct element *el;  /* which of its values it is */
};

struct trace {
	struct trace_entry *entry;
	uint32_t n;
};

struct write_key { /* a written value of a key element (3.8 rule 1) */
	const struct key *key;
	uint8_t part;
	struct slice text; /* as written, alias included */
};

struct write_out {
	struct buf *body;       /* the message in the plan's first encoding */
	struct trace *trace;    /* NULL: not wanted */
	struct slice file_name; /* from the plan's file pattern, or empty */
	uint32_t segments;      /* EDIFACT: written, UNH included, no UNT */
	struct write_key *keys;
	uint32_t nkeys;
};

struct write_in {
	const struct plan *plan;
	struct record *const *record; /* several only where `filing` allows */
	uint32_t nrecords;
	struct slice alias; /* for values that do not fit (alias n); or empty */
	struct slice now;   /* "$now", canonical moment */
	bool indent;        /* XML for people and tests: always the same */
};

/* RC_REFUSED: findings tell why, body is empty. */
enum rc write_message(const struct write_in *, struct write_out *,
    struct arena *mem, struct findings *, struct err *) MUST_USE;

#endif
