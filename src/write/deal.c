/*
 * write/deal.c - a long text is cut at n characters and dealt out over the
 * lines that bind it, in wire order. Called by leaf.c, repeat.c and write.c.
 */
#include "src/write/writer.h"
#include <stdio.h>

static struct deal *
deal_of(struct writer *w, const struct leaf *leaf, const struct node *node,
    const struct element *el)
{
	for (struct deal *d = w->deal; d != NULL; d = d->next)
		if (d->node == node && d->el == el &&
		    line_below(leaf->line, d->line->parent))
			return d;
	return NULL;
}

static struct deal *
deal_new(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	struct deal *d = arena_get(w->mem, sizeof(*d));
	struct slice text = v->text;

	if (d == NULL)
		return NULL;
	/* a list is joined before it is cut */
	if (codec_of(leaf->line->codec, CODEC_LIST) != NULL &&
	    !list_join(w, leaf, node, el, v, &text))
		text.len = 0;
	*d = (struct deal){ w->deal, leaf->line, node, el, v, text };
	w->deal = d;
	w->open_deals++;
	return d;
}

/* The next piece of at most n characters; a line's end ends it earlier. */
static struct slice
piece_next(
    struct writer *w, const struct leaf *leaf, struct deal *d, uint32_t n)
{
	const char *end =
	    d->rest.len == 0 ? NULL : memchr(d->rest.p, '\n', d->rest.len);
	struct slice line = d->rest, piece;
	char wanted[16];

	if (end != NULL)
		line.len = (size_t)(end - d->rest.p);
	piece = utf8_head(line, n);
	if (piece.len < line.len || end == NULL) {
		d->rest = slice_sub(d->rest, piece.len, d->rest.len);
		return piece;
	}
	d->rest = slice_sub(d->rest, line.len + 1, d->rest.len);
	if (utf8_count(line) == n) {
		(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)n);
		(void)complain_out(w, FIND_WRAP_FULL, leaf, d->node, d->el,
		    d->value, piece, wanted, "");
	}
	return piece;
}

bool
deal_write(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	const struct line *l = leaf->line;
	uint32_t n = codec_of(l->codec, CODEC_WRAP)->u.width;
	uint32_t room = l->span > 1 ? l->span : l->most;
	struct deal *d = deal_of(w, leaf, node, el);
	bool carried = false;

	if (d == NULL && (d = deal_new(w, leaf, node, el, v)) != NULL &&
	    d->rest.len == 0)
		w->open_deals--;
	for (uint32_t k = 0;
	     d != NULL && d->rest.len > 0 && (room == 0 || k < room); k++) {
		struct slice piece = piece_next(w, leaf, d, n);

		if (d->rest.len == 0)
			w->open_deals--;
		if (value_fits(w, leaf, node, el, v, piece))
			leaf_put(w, leaf, l->name[0],
			    l->tag[0] + (l->span > 1 ? k : 0), piece,
			    &(struct origin){ v, node, el });
		carried = true;
	}
	return carried;
}

/* Is there a text, begun below this line, that has pieces left? */
bool
deals_open(const struct writer *w, const struct line *l)
{
	uint32_t left = w->open_deals;

	for (const struct deal *d = w->deal; d != NULL && left > 0; d = d->next)
		if (d->rest.len > 0) {
			if (line_below(d->line, l))
				return true;
			left--;
		}
	return false;
}

/* What found no line: nothing is cut in silence. */
void
deals_check(struct writer *w)
{
	for (const struct deal *d = w->deal; d != NULL && w->open_deals > 0;
	     d = d->next) {
		struct leaf leaf = { d->line, NULL };
		uint32_t n = codec_of(d->line->codec, CODEC_WRAP)->u.width;
		char wanted[64];

		if (d->rest.len == 0)
			continue;
		(void)snprintf(wanted, sizeof(wanted),
		    "%u characters less, in lines of %u",
		    (unsigned)utf8_count(d->rest), (unsigned)n);
		(void)complain_out(w, FIND_NOT_WRITABLE, &leaf, d->node, d->el,
		    d->value, d->value->text, wanted, "");
	}
}
