/*
 * spool/tell.h - what the filer is told: replies planned in the transaction
 * that makes them due, written by convert afterwards. Inside spool/ only.
 */
#ifndef SPOOL_TELL_H
#define SPOOL_TELL_H

#include "spool/history.h"
#include "spool/leg.h"
#include "src/record/finding.h"

/*
 * A status is owed for this arrival. Answers that come before it is handed
 * out join it; later ones make the next. None is skipped (I26).
 */
enum rc tell_status(struct batch *, uint64_t arrival, struct slice filer,
    bool test, struct err *) MUST_USE;
/*
 * gather.c: a filer may have the statuses of an arrival told together. Such a
 * status is open until all legs of the arrival are over, or until the time
 * that its row names; this step touched one of them.
 */
enum rc gather_touch(struct batch *, uint64_t arrival, struct err *) MUST_USE;
/* The end of a step: tell of the arrivals that are through. */
enum rc gather_end(struct batch *, struct err *) MUST_USE;
/* It has waited long enough. */
enum rc gather_tell(struct batch *, uint64_t delivery, struct err *) MUST_USE;
/*
 * The same for an answer to this leg that was just recorded. A filer who gets a
 * file for each is owed one now, unless it says nothing that such a file could.
 */
enum rc tell_answer(struct batch *, const struct leg_row *,
    const struct entry *, struct err *) MUST_USE;
/*
 * The first replies: control (when its claims have one), taken, findings; or
 * the earlier ones once more.
 */
enum rc tell_first(
    struct batch *, uint64_t arrival, bool control, struct err *) MUST_USE;
/* Fix which answers a status tells; before it is handed out. */
enum rc tell_freeze(struct batch *, uint64_t delivery, struct err *) MUST_USE;
/* The reply's record as text, for convert. */
enum rc tell_record(struct spool *, uint64_t delivery, struct arena *,
    struct slice *, struct err *) MUST_USE;

/* tell_finding.c: a finding that the spool itself makes, a line of JSON behind
 * those before it; and what a filing's row says is wrong with it. */
struct slice tell_finding(struct arena *, enum finding_kind, struct slice found,
    struct slice wanted, struct slice before);
struct slice tell_verdict(struct arena *, const struct conf_partner *,
    struct slice why, struct slice label, struct slice before);

/* Nobody named this file in time: its filer is to hear of it. */
enum rc tell_unclaimed(struct batch *, uint64_t arrival, struct err *) MUST_USE;

#endif
