/*
 * write/pattern.c - fills the holes of a pattern. A bracketed part is written
 * when its holes have values; without any value outside of brackets there is no
 * text. Called by leaf.c and write.c.
 */
#include "src/write/writer.h"

#define PATTERN_TEXT 8192
#define PARTS_MAX    8

struct fill {
	struct writer *w;
	const struct leaf *leaf;
	const struct piece *piece;
	uint16_t n;
	char text[PATTERN_TEXT];
	size_t len;
	bool refused, overflow;
	unsigned int values,
	    outside; /* of all holes; of those outside brackets */
	bool inside;
	const struct path *part[PARTS_MAX]; /* holes inside that have values */
	unsigned int nparts;
	struct origin first;
	const struct path *missing; /* a hole outside brackets */
};

static const struct value *
hole_value(struct fill *f, const struct piece *p, struct node **node,
    const struct path **at)
{
	struct scope scope = { .record = f->w->record, .here = f->leaf->here };
	const struct path *path = choice_path(&p->choice, &scope);

	*node = NULL;
	*at = NULL;
	if (path == NULL || path->nsteps == 0 || f->leaf->here == NULL)
		return NULL;
	*at = path;
	return value_get(f->w, path, f->leaf->here, node);
}

static void
text_add(struct fill *f, struct slice s)
{
	if (s.len > sizeof(f->text) - f->len) {
		f->overflow = true;
		return;
	}
	if (s.len > 0)
		memcpy(f->text + f->len, s.p, s.len);
	f->len += s.len;
}

/* Have all holes up to the closing bracket values? */
static bool
part_full(struct fill *f, uint16_t i, uint16_t end)
{
	for (; i < end; i++) {
		struct node *node;
		const struct path *at;

		if (f->piece[i].kind == PIECE_HOLE &&
		    hole_value(f, &f->piece[i], &node, &at) == NULL)
			return false;
	}
	return true;
}

static void
hole_fill(struct fill *f, const struct piece *p)
{
	struct node *node;
	const struct path *at;
	const struct value *v = hole_value(f, p, &node, &at);
	const struct element *el = at == NULL ? NULL : at->step[at->nsteps - 1];
	struct slice text;

	if (v == NULL) {
		if (p->fallback.p != NULL)
			text_add(f, p->fallback);
		else if (f->missing == NULL)
			f->missing = at;
		return;
	}
	f->values++;
	f->outside += !f->inside;
	if (f->inside && f->nparts < PARTS_MAX)
		f->part[f->nparts] = at;
	f->nparts += f->inside;
	if (f->first.value == NULL)
		f->first = (struct origin){ v, node, el };
	if (!value_encode(f->w, f->leaf, p->codec, node, el, v, &text)) {
		f->refused = true;
		return;
	}
	if (p->width > 0 && utf8_count(text) != p->width) {
		(void)complain_out(f->w, FIND_NOT_WRITABLE, f->leaf, node, el,
		    v, v->text, "the width of its place", "固定长度");
		f->refused = true;
	}
	text_add(f, text);
}

static void
pieces_fill(struct fill *f)
{
	for (uint16_t i = 0; i < f->n; i++) {
		const struct piece *p = &f->piece[i];

		if (p->kind == PIECE_TEXT)
			text_add(f, p->text);
		else if (p->kind == PIECE_HOLE)
			hole_fill(f, p);
		else if (p->kind == PIECE_OPEN && !part_full(f, i, p->match))
			i = p->match;
		else
			f->inside = p->kind == PIECE_OPEN;
	}
}

static bool
line_carries(const struct line *parent, const struct element *el)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		for (int i = 0; i < l->choice.narms; i++) {
			const struct path *p = &l->choice.arm[i].path;

			if (l->kind == LINE_ELEMENT && p->nsteps > 0 &&
			    p->step[p->nsteps - 1] == el)
				return true;
		}
		if (line_carries(l, el))
			return true;
	}
	return false;
}

/*
 * Only parts in brackets have values: the text is left out where it may be and
 * those values have a line of their own (a voyage without a ship's name).
 */
static bool
may_be_absent(const struct fill *f)
{
	if (f->outside > 0 || f->leaf->line->bang || f->nparts > PARTS_MAX)
		return false;
	for (unsigned int i = 0; i < f->nparts; i++)
		if (!line_carries(f->w->plan->root,
			f->part[i]->step[f->part[i]->nsteps - 1]))
			return false;
	return true;
}

int
pattern_fill(struct writer *w, const struct leaf *leaf,
    const struct piece *piece, uint16_t n, struct slice *out,
    struct origin *first)
{
	struct fill f;

	f.w = w;
	f.leaf = leaf;
	f.piece = piece;
	f.n = n;
	f.len = 0;
	f.refused = f.overflow = false;
	f.values = f.outside = 0;
	f.inside = false;
	f.nparts = 0;
	f.first = (struct origin){ NULL, NULL, NULL };
	f.missing = NULL;
	pieces_fill(&f);
	*first = f.first;
	*out = (struct slice){ "", 0 };
	if (f.refused || f.overflow)
		return -1;
	if (f.missing != NULL) {
		if (f.values == 0 || may_be_absent(&f))
			return 0;
		missing_out(w, leaf, f.missing);
		return -1;
	}
	*out = arena_dup(w->mem, (struct slice){ f.text, f.len });
	return f.values > 0 ? 1 : 0;
}
