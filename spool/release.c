/*
 * spool/release.c - the published function of the legs, over rows; trusts them
 * and src/status. Called for replies by tell_release.c, for tools by view.c.
 */
#include "spool/release.h"
#include "spool/history.h"
#include "spool/states.h"

#define LEGS_MAX 32
#define LIST_MAX 2048

struct standing {
	struct leg_view view[LEGS_MAX];
	struct slice name[LEGS_MAX], agency[LEGS_MAX];
	uint32_t n;
};

static struct answer
answer_at(struct slice history, int64_t upto)
{
	struct answer now = { .level = LEVEL_NONE };
	struct entry e;

	while (history_next(&history, &e))
		if (!e.copied && e.effect == ANSWER_NEW &&
		    e.answer.seq <= (uint64_t)upto)
			now = e.answer;
	return now;
}

/* The youngest of each name; those before it were filed anew. */
static void
leg_take(struct standing *s, sqlite3_stmt *st, int64_t upto, struct arena *mem,
    struct release *out)
{
	struct slice name = column_slice(st, 0);
	enum state state = state_find(MACHINE_leg, column_slice(st, 2));

	for (uint32_t i = 0; i < s->n; i++)
		if (slice_eq(s->name[i], name))
			return;
	if (s->n == LEGS_MAX)
		return;
	s->view[s->n] = (struct leg_view){ .sent = state != STATE_leg_WAITING &&
						   state != STATE_leg_WRITTEN,
		.expired = state == STATE_leg_EXPIRED,
		.held = state == STATE_leg_HELD,
		.cancelled = state == STATE_leg_CANCELLED,
		.gates = column_int(st, 3) != 0,
		.answer = answer_at(column_slice(st, 4), upto) };
	out->items += column_id(st, 5);
	s->name[s->n] = column_dup(st, 0, mem);
	s->agency[s->n++] = column_dup(st, 1, mem);
}

static struct slice
list_make(const struct standing *s, const struct slice *word,
    bool (*is)(const struct standing *, uint32_t), struct arena *mem)
{
	struct slice out;
	struct buf b;

	buf_init(&b, LIST_MAX);
	for (uint32_t i = 0; i < s->n; i++) {
		if (!is(s, i))
			continue;
		if (b.len > 0)
			buf_str(&b, ", ");
		buf_slice(&b, word[i]);
	}
	out = arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

static bool
holds(const struct standing *s, uint32_t i)
{
	return filing_held_by(s->view, s->n, i);
}

static bool
inspects(const struct standing *s, uint32_t i)
{
	return !s->view[i].cancelled &&
	       s->view[i].answer.outcome == OUTCOME_INSPECTION;
}

void
release_of(struct journal *j, uint64_t filing, int64_t upto, struct arena *mem,
    struct release *out)
{
	struct standing s = { .n = 0 };
	sqlite3_stmt *st =
	    journal_ask(j, SQL_RELEASE_LEGS, "i", (int64_t)filing);

	*out = (struct release){ .legs = 0 };
	while (st != NULL) {
		leg_take(&s, st, upto, mem, out);
		if (!journal_more(j, st))
			st = NULL;
	}
	journal_end(st);
	out->legs = s.n;
	filing_status(s.view, s.n, &out->v);
	out->held_by = list_make(&s, s.name, holds, mem);
	out->inspected = list_make(&s, s.agency, inspects, mem);
	out->decided = filing_decided(s.view, s.n);
}
