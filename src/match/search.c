/*
 * match/search.c - what people look for a document by, out of its record:
 * pure. Called when a filing's claim is made.
 */
#include "src/match/match.h"
#include <string.h>

#define TEXT_BYTES 440 /* longer is nobody's number */
#define DATE_BYTES 10  /* of a moment */

struct searching {
	const struct key *search;
	struct claim_key seen[SEARCH_VALUES];
	uint32_t n, left_out;
	size_t len; /* of all, as they will stand in one text */
};

static bool
is_seen(const struct searching *s, struct slice name, struct slice text)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (slice_eq(s->seen[i].text, text) &&
		    slice_eq(s->seen[i].name, name))
			return true;
	return false;
}

/* What would end it among the others cannot stand there. */
static bool
is_plain(struct slice text)
{
	return memchr(text.p, CLAIM_SEP, text.len) == NULL &&
	       memchr(text.p, CLAIM_IS, text.len) == NULL;
}

static void
search_add(struct searching *s, struct slice name, struct slice text)
{
	if (text.len == 0 || text.len > TEXT_BYTES || is_seen(s, name, text))
		return;
	if (s->n == SEARCH_VALUES || !is_plain(text) ||
	    s->len + name.len + text.len + 2 > CLAIM_SEARCH) {
		s->left_out++;
		return;
	}
	s->seen[s->n++] = (struct claim_key){ .name = name, .text = text };
	s->len += name.len + text.len + 2;
}

/* No deeper than KEY_DEPTH steps. */
static void
search_walk(struct searching *s, const struct node *n, uint8_t step)
{
	const struct element *e = s->search->part[0].step[step];

	if (step + 1 == s->search->part[0].n) {
		for (const struct value *v = n->slot[e->slot].value; v != NULL;
		     v = v->next)
			search_add(s, slice_of(s->search->name),
			    slice_sub(v->text, 0,
				e->type == EL_MOMENT ? DATE_BYTES
						     : v->text.len));
		return;
	}
	for (const struct node *c = n->slot[e->slot].node; c != NULL;
	     c = c->next)
		search_walk(s, c, step + 1);
}

static char *
piece_put(char *p, struct slice s, char end)
{
	memcpy(p, s.p, s.len);
	p[s.len] = end;
	return p + s.len + 1;
}

static struct slice
search_text(const struct searching *s, struct arena *mem)
{
	char *text = s->n == 0 ? NULL : arena_raw(mem, s->len), *p = text;

	if (text == NULL)
		return (struct slice){ NULL, 0 };
	for (uint32_t i = 0; i < s->n; i++) {
		p = piece_put(p, s->seen[i].name, CLAIM_IS);
		p = piece_put(p, s->seen[i].text, CLAIM_SEP);
	}
	return (struct slice){ text, s->len - 1 };
}

struct slice
search_collect(const struct node *doc, const struct claim_key *key, uint32_t n,
    struct arena *mem, uint32_t *left_out)
{
	struct searching s;

	s.n = s.left_out = 0;
	s.len = 0;
	for (uint32_t i = 0; i < n; i++)
		search_add(&s, key[i].name, key[i].text);
	for (uint16_t i = 0; doc != NULL && i < doc->group->nsearch; i++) {
		s.search = &doc->group->search[i];
		search_walk(&s, doc, 0);
	}
	*left_out = s.left_out;
	return search_text(&s, mem);
}
