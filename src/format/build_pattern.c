/*
 * format/build_pattern.c - texts with holes: "{a:4}[/{b}]_t-1".
 *
 * A pattern must split in one way: what stands between two holes is a text,
 * or the first of them has a width.
 */
#include "src/format/build.h"

struct pattern {
	struct builder *b;
	const struct form *form;
	const struct place_of *place;
	struct lex *lx;
	struct piece piece[BUILD_PIECES];
	size_t at[BUILD_PIECES];
	uint16_t n, open; /* index + 1 of the "[" that is open */
	unsigned int holes;
};

bool
pattern_is(struct slice raw)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\\')
			i++;
		else if (raw.p[i] == '{' || raw.p[i] == '[')
			return true;
	}
	return false;
}

static bool
wrong(struct pattern *p, size_t at, const char *what)
{
	build_wrong(p->b, p->form, at, "%s", what);
	return false;
}

static struct piece *
piece_add(struct pattern *p, enum piece_kind kind, size_t at)
{
	struct piece *x = &p->piece[p->n];

	if (p->n == BUILD_PIECES) {
		wrong(p, at, "a pattern of more than 64 pieces");
		return NULL;
	}
	*x = (struct piece){ .kind = kind };
	p->at[p->n++] = at;
	return x;
}

/* What stands in the braces; lx ends at "}". */
static bool
hole_take(struct pattern *p, struct lex *lx, struct piece *x)
{
	struct path_env env = build_env(p->b, p->place);
	const struct element *e;
	size_t at = lx->at;

	if (!choice_parse(lx, &env, &x->choice))
		return false;
	e = path_last(&x->choice.arm[0].path);
	if (element_group(e) != NULL) {
		build_wrong(p->b, p->form, at,
		    "'%s' is a group, want an "
		    "element",
		    e->name);
		return false;
	}
	if (lx->at < lx->end && lex_char(lx, ':') &&
	    !lex_number(lx, 1, 1000000, &x->width))
		return lex_want(lx, "a width from 1 to 1000000");
	while (!lex_end(lx)) {
		enum took took = build_codec(
		    p->b, lx, p->form, p->place, &x->choice, &x->codec);

		if (took == TOOK_WRONG)
			return false;
		if (took == TOOK_ONE)
			continue;
		if (!lex_take(lx, "default"))
			return lex_want(lx, "a codec or default");
		x->fallback = lex_bare(lx, "");
		if (x->fallback.len == 0)
			return lex_want(lx, "the default");
	}
	return true;
}

static bool
hole_add(struct pattern *p, struct slice raw, size_t *i)
{
	const char *base = p->lx->src->text.p;
	const char *close = memchr(raw.p + *i, '}', raw.len - *i);
	size_t at = (size_t)(raw.p + *i - base);
	struct lex lx = *p->lx;
	struct piece *x;

	if (close == NULL)
		return wrong(p, at, "this '{' has no '}'");
	x = piece_add(p, PIECE_HOLE, at);
	if (x == NULL)
		return false;
	lx.at = at + 1;
	lx.end = (size_t)(close - base);
	*i = (size_t)(close - raw.p) + 1;
	p->holes++;
	return hole_take(p, &lx, x);
}

static bool
text_add(struct pattern *p, struct slice raw, size_t *i)
{
	size_t from = *i;
	struct piece *x;

	while (*i < raw.len && strchr("{[]", raw.p[*i]) == NULL)
		*i += raw.p[*i] == '\\' && *i + 1 < raw.len ? 2 : 1;
	x = piece_add(
	    p, PIECE_TEXT, (size_t)(raw.p + from - p->lx->src->text.p));
	if (x == NULL)
		return false;
	x->text = lex_unescape(p->b->mem, slice_sub(raw, from, *i - from));
	return true;
}

static bool
bracket_add(struct pattern *p, size_t at, bool open)
{
	struct piece *x;

	if (open == (p->open != 0))
		return wrong(p, at,
		    open ? "an optional part in an optional part"
			 : "this ']' has no '['");
	x = piece_add(p, open ? PIECE_OPEN : PIECE_CLOSE, at);
	if (x == NULL)
		return false;
	if (open) {
		p->open = p->n;
	} else {
		p->piece[p->open - 1].match = (uint16_t)(p->n - 1);
		p->open = 0;
	}
	return true;
}

/* May the piece at i begin with a hole? */
static bool
hole_follows(const struct pattern *p, uint16_t i)
{
	while (i < p->n) {
		const struct piece *x = &p->piece[i];

		if (x->kind == PIECE_TEXT)
			return false;
		if (x->kind == PIECE_HOLE)
			return true;
		if (x->kind == PIECE_OPEN && hole_follows(p, (uint16_t)(i + 1)))
			return true;
		i = x->kind == PIECE_OPEN ? (uint16_t)(x->match + 1)
					  : (uint16_t)(i + 1);
	}
	return false;
}

/* Could the element's values hold this text? */
static bool
text_inside(const struct element *e, struct slice text)
{
	if (e->type == EL_AN || e->type == EL_TEXT)
		return true;
	if (e->type != EL_A)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((text.p[i] | 32) < 'a' || (text.p[i] | 32) > 'z')
			return false;
	return true;
}

static void
splits_check(struct pattern *p)
{
	for (uint16_t i = 0; i < p->n; i++) {
		const struct piece *x = &p->piece[i];
		const struct element *e;
		uint16_t k = (uint16_t)(i + 1);

		if (x->kind != PIECE_HOLE || x->width > 0)
			continue;
		e = path_last(&x->choice.arm[0].path);
		if (hole_follows(p, k)) {
			build_wrong(p->b, p->form, p->at[i],
			    "'%.*s' and the "
			    "hole behind it cannot be told apart, want a width "
			    "or a text between them",
			    SLICE_ARG(x->choice.arm[0].path.text));
			continue;
		}
		while (k < p->n && p->piece[k].kind != PIECE_TEXT &&
		       p->piece[k].kind != PIECE_HOLE)
			k++;
		if (k < p->n && !p->form->folded &&
		    text_inside(e, p->piece[k].text))
			build_warn(p->b, p->form, p->at[i],
			    "'%.*s' may hold "
			    "'%.*s' itself; the first one splits",
			    SLICE_ARG(x->choice.arm[0].path.text),
			    SLICE_ARG(p->piece[k].text));
	}
}

bool
build_pattern(struct builder *b, struct lex *lx, const struct form *f,
    const struct place_of *at, const struct piece **out, uint16_t *n)
{
	struct pattern p = { .b = b, .form = f, .place = at, .lx = lx };
	struct slice raw = { NULL, 0 };
	struct piece *keep;
	size_t start;

	lex_end(lx);
	start = lx->at;
	if (!lex_string(lx, &raw))
		return lex_want(lx, "a pattern in quotes");
	for (size_t i = 0; i < raw.len;) {
		bool ok = true;

		if (raw.p[i] == '{')
			ok = hole_add(&p, raw, &i);
		else if (raw.p[i] == '[' || raw.p[i] == ']') {
			ok = bracket_add(&p,
			    (size_t)(raw.p + i - lx->src->text.p),
			    raw.p[i] == '[');
			i++;
		} else
			ok = text_add(&p, raw, &i);
		if (!ok)
			return false;
	}
	if (p.open != 0)
		return wrong(&p, p.at[p.open - 1], "this '[' has no ']'");
	if (p.holes == 0)
		return wrong(&p, start,
		    "a pattern without a hole, want \\[ "
		    "for the bracket itself");
	splits_check(&p);
	keep = arena_get(b->mem, p.n * sizeof(*keep));
	if (keep == NULL) {
		b->failed = true;
		return false;
	}
	memcpy(keep, p.piece, p.n * sizeof(*keep));
	*out = keep;
	*n = p.n;
	return true;
}
