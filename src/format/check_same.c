/*
 * format/check_same.c - LANGUAGE section 7 number 2: lines of one tag.
 *
 * An occurrence goes to the first line that fits. Two lines must exclude each
 * other, or the later one must ask less; otherwise what one of them writes
 * would be read by the other.
 */
#include "src/format/check.h"

static bool
ordered(const struct builder *b)
{
	return b->plan->syntax == SYN_EDIFACT || b->plan->syntax == SYN_X12 ||
	       b->plan->syntax == SYN_FLAT || b->plan->syntax == SYN_FIXED;
}

bool
tags_meet(const struct line *a, const struct line *b)
{
	for (uint8_t i = 0; i < a->ntags; i++)
		for (uint8_t k = 0; k < b->ntags; k++)
			if (a->tag[i] == b->tag[k])
				return true;
	return false;
}

/* Does b ask every leaf that a asks? */
static bool
leaves_within(const struct line *a, const struct line *b)
{
	for (uint8_t i = 0; i < a->nguards; i++) {
		bool found = false;

		for (uint8_t k = 0; k < b->nguards; k++)
			found |= guard_leaf_same(&a->guard[i], &b->guard[k]);
		if (!found)
			return false;
	}
	return true;
}

/* a asks all that b asks, and more: it may stand first. */
static bool
asks_more(const struct line *a, const struct line *b)
{
	if (!leaves_within(b, a))
		return false;
	return !leaves_within(a, b) || (a->when != NULL && b->when == NULL);
}

static void
pair_check(struct builder *b, const struct line *x, const struct line *y)
{
	const struct form *f = store_of(y)->form;

	if (guards_exclude(x, y) || cond_excludes(x->when, y->when) ||
	    asks_more(x, y))
		return;
	if (asks_more(y, x))
		build_wrong(b, f, f->at,
		    "'%.*s' is never reached: the line "
		    "%u takes all of it, want the looser line last",
		    SLICE_ARG(y->name[0]), x->file_line);
	else
		build_wrong(b, f, f->at,
		    "nothing tells this '%.*s' from that "
		    "of line %u, want guards or conditions that exclude each "
		    "other",
		    SLICE_ARG(y->name[0]), x->file_line);
}

void
check_alternatives(struct builder *b, const struct line *parent)
{
	for (const struct line *x = parent->child; x != NULL; x = x->next) {
		for (const struct line *y = x->next; y != NULL; y = y->next) {
			bool meet = tags_meet(x, y);

			if (!meet && ordered(b) &&
			    !store_of(parent)->in_segment)
				break; /* later ones are of a later place */
			if (!meet && ordered(b) && store_of(y)->in_segment)
				break;
			if (meet && x->read && y->read && !x->virtual_ &&
			    !y->virtual_)
				pair_check(b, x, y);
		}
		check_alternatives(b, x);
	}
}
