/*
 * read/pattern.c - texts with holes: "[<{agreement}>]{number}". The first
 * occurrence of a literal splits; an optional part is read when it is there.
 * Trusts the plan; texts and file names are anybody's. Called by leaf.c and
 * read.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

/* Tries of one match: patterns are short, a bad text must not take long. */
#define MATCH_STEPS 20000

struct match {
	const struct piece *piece;
	uint16_t n;
	struct slice text;
	struct hole *hole;
	unsigned int steps;
};

static bool match_from(struct match *, uint16_t, size_t at, unsigned int *);

static bool
match_hole(struct match *m, uint16_t i, size_t at, unsigned int *nholes)
{
	const struct piece *p = &m->piece[i];
	struct slice rest = slice_sub(m->text, at, m->text.len);
	unsigned int mine = *nholes;
	size_t len = 1;

	if (rest.len == 0 || mine >= PATTERN_HOLES)
		return false;
	if (p->width > 0)
		len = utf8_head(rest, p->width).len;
	for (; len <= rest.len; len++) {
		if (len < rest.len && (rest.p[len] & 0xC0) == 0x80)
			continue; /* inside a character */
		m->hole[mine] = (struct hole){ p, { rest.p, len } };
		*nholes = mine + 1;
		if (match_from(m, (uint16_t)(i + 1), at + len, nholes))
			return true;
		if (p->width > 0)
			break;
	}
	*nholes = mine;
	return false;
}

static bool
match_from(struct match *m, uint16_t i, size_t at, unsigned int *nholes)
{
	unsigned int held = *nholes;

	if (++m->steps > MATCH_STEPS)
		return false;
	if (i >= m->n)
		return at == m->text.len;
	const struct piece *p = &m->piece[i];
	switch (p->kind) {
	case PIECE_TEXT:
		return m->text.len - at >= p->text.len &&
		       memcmp(m->text.p + at, p->text.p, p->text.len) == 0 &&
		       match_from(
			   m, (uint16_t)(i + 1), at + p->text.len, nholes);
	case PIECE_HOLE:
		return match_hole(m, i, at, nholes);
	case PIECE_OPEN:
		if (match_from(m, (uint16_t)(i + 1), at, nholes))
			return true;
		*nholes = held;
		return match_from(m, (uint16_t)(p->match + 1), at, nholes);
	default:
		return match_from(m, (uint16_t)(i + 1), at, nholes);
	}
}

bool
pattern_match(const struct piece *piece, uint16_t n, struct slice text,
    struct hole *hole, unsigned int *nholes)
{
	struct match m = { piece, n, text, hole, 0 };

	*nholes = 0;
	return text.len > 0 && match_from(&m, 0, 0, nholes);
}

/* What people call what stands in a hole. */
static const char *
hole_label(const struct piece *p, bool chinese)
{
	const struct path *path = &p->choice.arm[0].path;
	const struct element *el =
	    path->nsteps == 0 ? NULL : path->step[path->nsteps - 1];
	const char *label = el == NULL ? "" : chinese ? el->zh : el->en;

	return el != NULL && label[0] == '\0' ? el->name : label;
}

void
pattern_text(
    const struct piece *piece, uint16_t n, bool chinese, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (uint16_t i = 0; i < n && at < size - 1; i++) {
		const struct piece *p = &piece[i];
		int len = 0;

		if (p->kind == PIECE_TEXT)
			len = snprintf(
			    out + at, size - at, "%.*s", SLICE_ARG(p->text));
		else if (p->kind == PIECE_HOLE)
			len = snprintf(out + at, size - at,
			    p->width > 0 ? "{%s:%u}" : "{%s}",
			    hole_label(p, chinese), (unsigned)p->width);
		else
			len = snprintf(out + at, size - at, "%c",
			    p->kind == PIECE_OPEN ? '[' : ']');
		at += len > 0 ? (size_t)len : 0;
	}
}

static void
hole_bind(struct reader *r, const struct spot *s, const struct hole *h,
    bool only_absent)
{
	struct scope scope = { .record = r->record, .here = s->here };
	const struct path *p = choice_path(&h->piece->choice, &scope);
	const struct element *el;
	struct node *node;
	struct spot at = *s;
	struct got got = { .at = s->w->tat, .span = s->w->tspan };

	if (p == NULL || p->nsteps == 0 ||
	    (node = bind_where(r, p, s->here)) == NULL)
		return;
	el = p->step[p->nsteps - 1];
	if (only_absent && node->slot[el->slot].value != NULL)
		return;
	if (s->w->tspan == s->w->text.len && h->text.p >= s->w->text.p &&
	    h->text.p < s->w->text.p + s->w->text.len) {
		got.at = s->w->tat + (uint32_t)(h->text.p - s->w->text.p);
		got.span = (uint32_t)h->text.len;
	}
	at.home = node;
	if (value_decode(r, &at, h->piece->codec, el, h->text, &got))
		(void)bind_value(r, s, node, el, &got);
}

void
pattern_read(struct reader *r, const struct spot *s)
{
	const struct line *l = s->line;
	struct slice text = slice_trim(s->w->text);
	struct hole hole[PATTERN_HOLES];
	unsigned int n;
	char en[PATTERN_SHOWN], zh[PATTERN_SHOWN];

	if (!pattern_match(l->piece, l->npieces, text, hole, &n)) {
		pattern_text(l->piece, l->npieces, false, en, sizeof(en));
		pattern_text(l->piece, l->npieces, true, zh, sizeof(zh));
		complain_zh(
		    r, complain(r, FIND_PATTERN, s, NULL, text, en), en, zh);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		hole_bind(r, s, &hole[i], false);
}

/*
 * What the name of the file tells, where the content says nothing. A name that
 * fits no pattern is no mistake: people name files as they like.
 */
void
pattern_file(struct reader *r, struct node *root, struct slice name)
{
	static const struct line nowhere = { .kind = LINE_PATTERN };
	struct wnode w = {
		.text = name, .leaf = true, .name = SLICE_LIT("file name")
	};
	struct spot s = { &nowhere, &w, root, NULL };
	struct hole hole[PATTERN_HOLES];
	unsigned int n;

	for (uint8_t i = 0; i < r->plan->nfiles; i++) {
		if (!pattern_match(r->plan->file[i].piece,
			r->plan->file[i].npieces, name, hole, &n))
			continue;
		for (unsigned int k = 0; k < n; k++)
			hole_bind(r, &s, &hole[k], true);
		return;
	}
}
