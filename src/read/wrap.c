/*
 * read/wrap.c - one text over several leaves: a full piece continues, a
 * shorter one ends a line. Pieces belong together when they were said by one
 * branch of the format; another branch that says the text again must agree.
 * Called by leaf.c and lines.c.
 */
#include "src/read/reader.h"

/* Is line at or below top? */
static bool
line_below(const struct line *line, const struct line *top)
{
	while (line != NULL && line != top)
		line = line->parent;
	return line != NULL;
}

static struct run *
run_of(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el)
{
	for (struct run *x = r->run; x != NULL; x = x->next)
		if (x->node == node && x->el == el && !x->bound &&
		    line_below(s->line, x->spot.line->parent))
			return x;
	return NULL;
}

static struct run *
run_new(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el)
{
	struct run *x = arena_get(r->mem, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->spot = *s;
	x->node = node;
	x->el = el;
	x->at = s->w->tat;
	*r->run_end = x;
	r->run_end = &x->next;
	return x;
}

void
wrap_add(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, uint32_t width)
{
	struct run *x = run_of(r, s, node, el);
	struct piece_got *p = arena_get(r->mem, sizeof(*p));

	if (x == NULL)
		x = run_new(r, s, node, el);
	if (x == NULL || p == NULL)
		return;
	p->text = s->w->text;
	p->width = width;
	if (x->last == NULL)
		x->piece = p;
	else
		x->last->next = p;
	x->last = p;
	x->end = s->w->tat + s->w->tspan;
}

static bool
piece_full(const struct piece_got *p)
{
	return p->text.len >= p->width && utf8_count(p->text) >= p->width;
}

static struct slice
run_text(struct reader *r, const struct run *x)
{
	size_t len = 0;
	char end = x->el->type == EL_TEXT ? '\n' : ' ';
	char *p, *o;

	if (x->piece->next == NULL)
		return x->piece->text;
	for (const struct piece_got *g = x->piece; g != NULL; g = g->next)
		len += g->text.len + 1;
	p = o = arena_raw(r->mem, len);
	if (p == NULL)
		return (struct slice){ NULL, 0 };
	for (const struct piece_got *g = x->piece; g != NULL; g = g->next) {
		o = mempcpy(o, g->text.p, g->text.len);
		if (g->next != NULL && !piece_full(g))
			*o++ = end;
	}
	return (struct slice){ p, (size_t)(o - p) };
}

void
wrap_finish(struct reader *r)
{
	for (struct run *x = r->run; x != NULL; x = x->next) {
		struct got got = { .at = x->at, .span = x->end - x->at };

		if (x->bound)
			continue;
		x->bound = true;
		x->spot.home = x->node;
		if (codec_look(x->spot.line->codec, CODEC_LIST) != NULL) {
			list_read(r, &x->spot, x->node, x->el, run_text(r, x));
			continue;
		}
		if (value_decode(r, &x->spot, x->spot.line->codec, x->el,
			run_text(r, x), &got))
			(void)bind_value(r, &x->spot, x->node, x->el, &got);
	}
}
