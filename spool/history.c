/*
 * spool/history.c - entries as fixed little-endian bytes; trusts the journal
 * for whole ones only. Called by leg.c, tell.c and the views.
 */
#include "spool/history.h"

static void
put(struct buf *b, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_byte(b, (char)(v >> (8 * i)));
}

static uint64_t
get(const char **p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (uint64_t)(unsigned char)(*p)[i] << (8 * i);
	*p += bytes;
	return v;
}

void
history_put(struct buf *b, const struct entry *e)
{
	put(b, e->kind, 1);
	put(b, e->answer.level, 1);
	put(b, e->answer.outcome, 1);
	put(b, e->effect, 1);
	put(b,
	    (e->answer.final ? 1u : 0u) | (e->earlier ? 2u : 0u) |
		(e->copied ? 4u : 0u),
	    1);
	put(b, 0, 3);
	put(b, (uint32_t)e->answer.rank, 4);
	put(b, e->number, 4);
	put(b, (uint64_t)e->answer.event_ms, 8);
	put(b, e->answer.seq, 8);
	put(b, (uint64_t)e->wall_ms, 8);
	put(b, e->arrival, 8);
	put(b, e->claims, 8);
	put(b, e->claim_at, 4);
	put(b, e->claim_len, 4);
	put(b, e->digest, 8);
	put(b, 0, 8); /* room for what a later version wants to say */
	put(b, 0, 8);
}

bool
history_next(struct slice *rest, struct entry *e)
{
	const char *p = rest->p;
	unsigned int flags;

	if (rest->len < HISTORY_ENTRY)
		return false;
	*e = (struct entry){ .kind = (enum entry_kind)get(&p, 1) };
	e->answer.level = (enum level)get(&p, 1);
	e->answer.outcome = (enum outcome)get(&p, 1);
	e->effect = (enum answer_effect)get(&p, 1);
	flags = (unsigned int)get(&p, 1);
	e->answer.final = (flags & 1) != 0;
	e->earlier = (flags & 2) != 0;
	e->copied = (flags & 4) != 0;
	p += 3;
	e->answer.rank = (int32_t)(uint32_t)get(&p, 4);
	e->number = (uint32_t)get(&p, 4);
	e->answer.event_ms = (int64_t)get(&p, 8);
	e->answer.seq = get(&p, 8);
	e->wall_ms = (int64_t)get(&p, 8);
	e->arrival = get(&p, 8);
	e->claims = get(&p, 8);
	e->claim_at = (uint32_t)get(&p, 4);
	e->claim_len = (uint32_t)get(&p, 4);
	e->digest = get(&p, 8);
	*rest = slice_sub(*rest, HISTORY_ENTRY, rest->len);
	return e->answer.level <= LEVEL_DECISION &&
	       e->answer.outcome < OUTCOMES;
}
