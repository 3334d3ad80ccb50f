/*
 * match/search.c - what people look for a document by, out of its record:
 * pure. Called when a filing's claim is made.
 */
#include "src/match/match.h"

#define TEXT_BYTES 1024 /* longer is nobody's number */
#define DATE_BYTES 10   /* of a moment */

struct searching {
	const struct key *search;
	struct claim_key *key;
	uint32_t n, max;
};

static void
search_add(struct searching *s, const struct element *e, struct slice text)
{
	if (e->type == EL_MOMENT)
		text = slice_sub(text, 0, DATE_BYTES);
	if (text.len == 0 || text.len > TEXT_BYTES || s->n == s->max)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		if (slice_eq(s->key[i].text, text) &&
		    slice_is(s->key[i].name, s->search->name))
			return;
	s->key[s->n++] = (struct claim_key){ .name = slice_of(s->search->name),
		.text = text };
}

/* No deeper than KEY_DEPTH steps. */
static void
search_walk(struct searching *s, const struct node *n, uint8_t step)
{
	const struct element *e = s->search->part[0].step[step];

	if (step + 1 == s->search->part[0].n) {
		for (const struct value *v = n->slot[e->slot].value; v != NULL;
		     v = v->next)
			search_add(s, e, v->text);
		return;
	}
	for (const struct node *c = n->slot[e->slot].node; c != NULL;
	     c = c->next)
		search_walk(s, c, step + 1);
}

uint32_t
search_collect(
    const struct node *doc, struct claim_key *key, uint32_t n, uint32_t max)
{
	struct searching s = { .key = key, .n = n, .max = max };

	for (uint16_t i = 0; doc != NULL && i < doc->group->nsearch; i++) {
		s.search = &doc->group->search[i];
		search_walk(&s, doc, 0);
	}
	return s.n;
}
