/*
 * match/match.h - from a receipt's record to what it claims about which leg.
 *
 * Pure. The keys of the directory inside `about` say which leg is meant (the
 * same elements that were written into it), the code's row says what the
 * status amounts to. The spool finds the leg; here nothing is looked up.
 */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include "src/base/arena.h"
#include "src/format/plan.h"
#include "src/record/codes.h"
#include "src/record/finding.h"
#include "src/record/record.h"
#include "src/wire/claim.h"

struct receipt_in {
	const struct plan *plan;     /* that read it */
	const struct record *record; /* document receipt */
	struct slice text;           /* decoded; the values' ranges are in it */
	const struct codelists *codes;
};

/* The texts of *r live in the record, the lists and mem. */
typedef void receipt_fn(void *arg, const struct claim_receipt *r);

/*
 * Calls fn once for the receipt, or once for each `part` that it has: parts
 * speak for themselves, with the receipt's code and keys where they have none
 * of their own. At the levels transport and format the whole receipt speaks
 * besides, behind them. number, findings, at and len are the caller's to fill.
 * A status that no list knows adds a finding, a key too long to be one, too.
 * RC_LATER: mem is full.
 */
enum rc receipt_match(const struct receipt_in *, struct arena *mem,
    struct findings *, receipt_fn *, void *arg, struct err *) MUST_USE;

#define SEARCH_VALUES 500 /* of one document */

/*
 * What people look for a document by: its n keys and whatever the directory
 * marks, each value once, of a moment its date; as claim_filing.search, made
 * in mem. *left_out: values beyond SEARCH_VALUES and CLAIM_SEARCH.
 */
struct slice search_collect(const struct node *document,
    const struct claim_key *, uint32_t n, struct arena *mem,
    uint32_t *left_out);
/*
 * The keys that the directory declares for this document, those that have a
 * value; parts of a compound one are joined by 0x1f. Returns how many.
 */
uint32_t keys_collect(const struct node *document, struct claim_key *,
    uint32_t max, struct arena *mem);
/* The text of the key with this name; empty if it is not there. */
struct slice key_text(const struct claim_key *, uint32_t n, const char *name);

#endif
