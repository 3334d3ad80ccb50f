/*
 * status/status.c - which answer counts, and what a filing's legs amount to.
 *
 * Pure: answers in, an answer out. It trusts the levels, ranks and outcomes,
 * which come from our own code lists, and nothing about the order or the
 * number of times they come in. Called by spool when a receipt is matched,
 * by query and the replies for the word people read.
 */
#include "src/status/status.h"

enum answer_group { WAITING, GOING, GOOD, REOPEN, UNDONE };

static const struct {
	const char *word, *en, *zh;
	enum answer_group group;
} outcomes[] = {
#define OUTCOME(name, word, en, zh, group) { word, en, zh, group },
#include "src/status/status.def"
#undef OUTCOME
};

enum phase {
#define PHASE(name, word, en, zh) PHASE_##name,
#include "src/status/phase.def"
#undef PHASE
};

static const struct {
	const char *word, *en, *zh;
} phases[] = {
#define PHASE(name, word, en, zh) { word, en, zh },
#include "src/status/phase.def"
#undef PHASE
};

static const char *const levels[] = {
	[LEVEL_NONE] = "none",
	[LEVEL_TRANSPORT] = "transport",
	[LEVEL_FORMAT] = "format",
	[LEVEL_TECHNICAL] = "technical",
	[LEVEL_DECISION] = "decision",
};

enum level
level_find(struct slice word)
{
	for (int i = LEVEL_TRANSPORT; i <= LEVEL_DECISION; i++)
		if (slice_is(word, levels[i]))
			return (enum level)i;
	return LEVEL_NONE;
}

const char *
level_name(enum level l)
{
	return levels[l];
}

enum outcome
outcome_find(struct slice word)
{
	for (int i = 0; i < OUTCOMES; i++)
		if (slice_is(word, outcomes[i].word))
			return (enum outcome)i;
	return OUTCOME_NONE;
}

const char *
outcome_word(enum outcome o)
{
	return outcomes[o].word;
}

const char *
outcome_en(enum outcome o)
{
	return outcomes[o].en;
}

const char *
outcome_zh(enum outcome o)
{
	return outcomes[o].zh;
}

struct slice
status_word_zh(struct slice word)
{
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (slice_is(word, phases[i].word))
			return slice_of(phases[i].zh);
	for (int i = 0; i < OUTCOMES; i++)
		if (slice_is(word, outcomes[i].word))
			return slice_of(outcomes[i].zh);
	return word;
}

bool
outcome_reopens(enum outcome o)
{
	return outcomes[o].group == REOPEN;
}

bool
outcome_undone(enum outcome o)
{
	return outcomes[o].group == UNDONE;
}

bool
outcome_settles(enum outcome o)
{
	return outcomes[o].group != WAITING && outcomes[o].group != GOING;
}

/* Two decisions of one level that cannot both stand: the later one alarms. */
static bool
answers_contradict(const struct answer *now, const struct answer *r)
{
	enum answer_group was = outcomes[now->outcome].group;
	enum answer_group is = outcomes[r->outcome].group;
	bool timed = now->event_ms != 0 && r->event_ms != 0;
	bool newer = !timed || r->event_ms > now->event_ms;
	bool older = !timed || r->event_ms < now->event_ms;

	if (now->level != LEVEL_DECISION || r->level != LEVEL_DECISION)
		return false;
	/*
	 * What was let go cannot be refused afterwards, in whichever order
	 * the two are heard. The other way round (refused, then released) is
	 * no contradiction: it was corrected at the agency's own desk.
	 */
	if (was == GOOD && is == REOPEN)
		return newer;
	if (was == REOPEN && is == GOOD)
		return older;
	return was == UNDONE && is == GOOD && timed && newer;
}

/* Does r stand above now, at the same level? */
static bool
answer_outranks(const struct answer *now, const struct answer *r)
{
	/* A final one yields only to a higher rank. */
	if (now->final != r->final)
		return r->final ? r->rank >= now->rank : r->rank > now->rank;
	if (r->final && r->rank != now->rank)
		return r->rank > now->rank;
	if (now->event_ms != 0 && r->event_ms != 0 &&
	    r->event_ms != now->event_ms)
		return r->event_ms > now->event_ms;
	if (r->rank != now->rank)
		return r->rank > now->rank;
	return r->seq > now->seq;
}

static bool
answer_same(const struct answer *a, const struct answer *b)
{
	return a->level == b->level && a->outcome == b->outcome &&
	       a->rank == b->rank && a->final == b->final &&
	       a->event_ms == b->event_ms;
}

enum answer_effect
answer_take(
    const struct answer *now, const struct answer *r, struct answer *next)
{
	struct answer kept = *now;

	*next = kept;
	if (r->outcome == OUTCOME_NONE || r->level == LEVEL_NONE)
		return ANSWER_UNKNOWN;
	if (kept.outcome == OUTCOME_NONE) {
		*next = *r;
		return ANSWER_NEW;
	}
	if (answer_same(&kept, r))
		return ANSWER_AGAIN;
	if (answers_contradict(&kept, r))
		return ANSWER_CONTRADICTS;
	if (r->level < kept.level ||
	    (r->level == kept.level && !answer_outranks(&kept, r)))
		return ANSWER_LATE;
	*next = *r;
	return ANSWER_NEW;
}

/*
 * How urgently a leg speaks for its filing: what the filer must act on first,
 * then what an operator must, then the leg that is furthest from its end.
 */
#define URGENT_REOPEN    0u
#define URGENT_UNDONE    1u
#define URGENT_HELD      2u
#define URGENT_EXPIRED   3u
#define URGENT_WAITING   4u
#define URGENT_SENT      5u
#define URGENT_GOING     6u /* + the outcome: outcomes stand in order */
#define URGENT_GOOD      100u
#define URGENT_CANCELLED 200u

static unsigned int
leg_urgency(const struct leg_view *l, enum phase *phase)
{
	enum outcome o = l->answer.outcome;

	*phase = PHASE_CANCELLED;
	if (l->cancelled)
		return URGENT_CANCELLED;
	*phase = PHASE_HELD;
	if (l->held)
		return URGENT_HELD;
	switch (outcomes[o].group) {
	case REOPEN:
		return URGENT_REOPEN;
	case UNDONE:
		return URGENT_UNDONE;
	case GOING:
		return URGENT_GOING + (unsigned int)o;
	case GOOD:
		return URGENT_GOOD + (unsigned int)o;
	case WAITING:
		break;
	}
	*phase = l->expired ? PHASE_EXPIRED
		 : l->sent  ? PHASE_SENT
			    : PHASE_WAITING;
	return l->expired ? URGENT_EXPIRED
	       : l->sent  ? URGENT_SENT
			  : URGENT_WAITING;
}

static void
view_phase(struct filing_view *v, enum phase p)
{
	v->word = phases[p].word;
	v->en = phases[p].en;
	v->zh = phases[p].zh;
}

/* Where nobody gates everybody does. */
static bool
leg_counts(const struct leg_view *leg, uint32_t n, uint32_t which)
{
	for (uint32_t i = 0; i < n; i++)
		if (leg[i].gates)
			return leg[which].gates;
	return true;
}

bool
filing_held_by(const struct leg_view *leg, uint32_t n, uint32_t i)
{
	return leg_counts(leg, n, i) && !leg[i].cancelled &&
	       outcomes[leg[i].answer.outcome].group != GOOD;
}

bool
filing_decided(const struct leg_view *leg, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		enum outcome o = leg[i].answer.outcome;

		if (leg_counts(leg, n, i) && !leg[i].cancelled &&
		    (o == OUTCOME_NONE || o == OUTCOME_RECEIVED ||
			o == OUTCOME_ACCEPTED))
			return false;
	}
	return n > 0;
}

void
filing_status(const struct leg_view *leg, uint32_t n, struct filing_view *v)
{
	unsigned int best = UINT32_MAX;

	memset(v, 0, sizeof(*v));
	view_phase(v, PHASE_TAKEN);
	for (uint32_t i = 0; i < n; i++) {
		enum phase phase;
		unsigned int u = leg_urgency(&leg[i], &phase);
		enum outcome o = leg[i].answer.outcome;

		if (u >= best || !leg_counts(leg, n, i))
			continue;
		best = u;
		v->by = i;
		v->outcome = o;
		view_phase(v, phase);
		if (o == OUTCOME_NONE || u == URGENT_HELD ||
		    u == URGENT_CANCELLED)
			continue;
		v->word = outcomes[o].word;
		v->en = outcomes[o].en;
		v->zh = outcomes[o].zh;
	}
}
