/*
 * read/leaf.c - one leaf of the wire and the line that knows it. Trusts the
 * plan. Called by lines.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

static bool
holes_wait(const struct line *l)
{
	for (uint16_t i = 0; i < l->npieces; i++)
		if (l->piece[i].choice.narms > 1)
			return true;
	return false;
}

bool
leaf_waits(const struct line *l)
{
	return l->choice.narms > 1 ||
	       (l->kind == LINE_PATTERN && holes_wait(l));
}

const struct codec *
codec_look(const struct codec *c, enum codec_kind kind)
{
	while (c != NULL && c->kind != kind)
		c = c->next;
	return c;
}

/* The range of a part of the node's text, when the bytes are the same. */
static void
range_set(const struct spot *s, struct slice part, struct got *got)
{
	const struct wnode *w = s->w;

	got->at = w->tat;
	got->span = w->tspan;
	if (w->tspan == w->text.len && part.p >= w->text.p &&
	    part.p + part.len <= w->text.p + w->text.len) {
		got->at = w->tat + (uint32_t)(part.p - w->text.p);
		got->span = (uint32_t)part.len;
	}
}

static bool
piece_bind(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, struct slice text)
{
	struct got got = { .flags = 0 };
	struct spot at = *s;

	at.home = node;
	range_set(s, text, &got);
	if (!value_decode(r, &at, s->line->codec, el, text, &got)) {
		if (!el->placed)
			return true;
		got.text = (struct slice){ "", 0 };
	}
	return bind_value(r, s, node, el, &got);
}

/* "1|0||x": empty parts between separators are parts where places count. */
void
list_read(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, struct slice text)
{
	struct slice separator =
	    codec_look(s->line->codec, CODEC_LIST)->u.separator;
	struct slice rest = slice_trim(text);

	for (bool room = true; room;) {
		const char *at =
		    separator.len == 0
			? NULL
			: memmem(rest.p, rest.len, separator.p, separator.len);
		struct slice part = rest;

		if (at != NULL)
			part.len = (size_t)(at - rest.p);
		room = piece_bind(r, s, node, el, part);
		if (at == NULL)
			return;
		rest = slice_sub(rest, part.len + separator.len, rest.len);
	}
}

static void
element_read(struct reader *r, const struct spot *s)
{
	const struct line *l = s->line;
	struct scope scope = { .record = r->record, .here = s->here };
	const struct path *p = l->choice.narms == 1
				   ? &l->choice.arm[0].path
				   : choice_path(&l->choice, &scope);
	const struct codec *c = l->codec;
	struct node *node;
	const struct element *el;

	if (p == NULL || p->nsteps == 0)
		return;
	node = bind_where(r, p, s->here);
	if (node == NULL)
		return;
	el = p->step[p->nsteps - 1];
	if (c != NULL && codec_look(c, CODEC_WRAP) != NULL)
		wrap_add(r, s, node, el, codec_look(c, CODEC_WRAP)->u.width);
	else if (c != NULL && codec_look(c, CODEC_LIST) != NULL)
		list_read(r, s, node, el, s->w->text);
	else
		(void)piece_bind(r, s, node, el, s->w->text);
}

/* X12 pads its constants: they are held against the unpadded text, too. */
static void
constant_read(struct reader *r, const struct spot *s)
{
	struct slice text = slice_trim(s->w->text);
	struct finding *f;
	char wanted[80];

	for (int i = 0; i < s->line->nconstants; i++)
		if (slice_eq(text, slice_trim(s->line->constant[i])))
			return;
	(void)snprintf(
	    wanted, sizeof(wanted), "%.*s", SLICE_ARG(s->line->constant[0]));
	f = complain(r, FIND_CONSTANT, s, NULL, text, wanted);
	(void)f;
}

static void
ending_add(struct reader *r, const struct spot *s)
{
	struct ending *e = arena_get(r->mem, sizeof(*e));

	if (e == NULL)
		return;
	e->spot = *s;
	*r->ending_end = e;
	r->ending_end = &e->next;
}

void
leaf_read(struct reader *r, const struct spot *s)
{
	switch (s->line->kind) {
	case LINE_ELEMENT:
		element_read(r, s);
		break;
	case LINE_CONSTANT:
		constant_read(r, s);
		break;
	case LINE_PATTERN:
		pattern_read(r, s);
		break;
	case LINE_COMPUTED:
		ending_add(r, s);
		break;
	case LINE_SIGN: /* evidence: the arrival's bytes keep it */
		type_format(r, s, NULL, slice_trim(s->w->text));
		break;
	default:
		break;
	}
}

/* "05" and "5.0" say five. */
static struct slice
plain_number(struct slice s)
{
	while (s.len > 1 && s.p[0] == '0' && s.p[1] != '.')
		s = slice_sub(s, 1, s.len);
	if (s.len > 0 && memchr(s.p, '.', s.len) != NULL) {
		while (s.p[s.len - 1] == '0')
			s.len--;
		if (s.p[s.len - 1] == '.')
			s.len--;
	}
	return s;
}

void
leaf_computed(struct reader *r, const struct spot *s)
{
	struct scope scope = { .record = r->record, .here = s->here };
	struct slice want, found = slice_trim(s->w->text);
	char text[64];

	if (!expr_value(s->line->expr, &scope, r->mem, &want) ||
	    slice_eq(plain_number(found), plain_number(want)))
		return;
	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(want));
	(void)complain(r, FIND_COMPUTED, s, NULL, found, text);
}
