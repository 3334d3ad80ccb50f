/*
 * format/build_value.c - the value of a line, its codecs and its marks.
 */
#include "src/format/build.h"

static bool
mark_next(struct lex *lx)
{
	static const char *const marks[] = { "default", "lenient", "blank",
		"filing", "by", "carries", "when", "else" };

	if (lex_peek(lx) == ':' || lex_end(lx))
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (lex_is(lx, marks[i]))
			return true;
	return false;
}

static bool
constants_take(struct builder *b, struct lex *lx, struct line *l)
{
	struct slice c[FORM_CONSTANTS], *keep;

	do {
		if (l->nconstants == FORM_CONSTANTS)
			return lex_want(lx, "at most 24 constants");
		if (!lex_text(lx, &c[l->nconstants]))
			return lex_want(lx, "a string");
		l->nconstants++;
	} while (lex_char(lx, '|'));
	keep = arena_get(b->mem, l->nconstants * sizeof(*keep));
	if (keep == NULL)
		return false;
	memcpy(keep, c, l->nconstants * sizeof(*keep));
	l->constant = keep;
	l->kind = LINE_CONSTANT;
	return true;
}

static bool
string_value(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at)
{
	struct lex ahead = *lx;
	struct slice raw;

	if (!lex_string(&ahead, &raw))
		return false;
	if (!pattern_is(raw))
		return constants_take(b, lx, &s->line);
	s->line.kind = LINE_PATTERN;
	return build_pattern(
	    b, lx, s->form, at, &s->line.piece, &s->line.npieces);
}

/* "-" alone */
static bool
drop_take(struct lex *lx)
{
	struct lex ahead = *lx;

	if (!lex_char(&ahead, '-') ||
	    (ahead.at < ahead.end && ahead.src->text.p[ahead.at] != ' '))
		return false;
	*lx = ahead;
	return true;
}

static bool
sign_take(struct builder *b, struct lex *lx, struct line *l)
{
	struct slice name = lex_bare(lx, "");

	if (name.len == 0)
		return lex_want(lx, "the name of a signature");
	l->kind = LINE_SIGN;
	l->sign = arena_str(b->mem, name);
	return l->sign != NULL;
}

static bool
path_value_take(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at)
{
	struct path_env env = build_env(b, at);
	struct line *l = &s->line;

	if (!choice_parse(lx, &env, &l->choice))
		return false;
	if (choice_other(&l->choice) != NULL)
		return false; /* told where the let stands */
	l->kind = element_group(path_last(&l->choice.arm[0].path)) != NULL
		      ? LINE_GROUP
		      : LINE_ELEMENT;
	return true;
}

static bool
value_take(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at)
{
	struct path_env env = build_env(b, at);
	struct line *l = &s->line;

	lex_end(lx);
	s->value_at = lx->at;
	if (mark_next(lx)) {
		l->kind = LINE_STRUCTURE;
		return true;
	}
	if (lex_peek(lx) == '"')
		return string_value(b, lx, s, at);
	if (lex_char(lx, '=')) {
		l->kind = LINE_COMPUTED;
		return expr_parse(lx, &env, NULL, &l->expr);
	}
	if (drop_take(lx)) {
		l->kind = LINE_DROP;
		return true;
	}
	if (lex_take(lx, "sign"))
		return sign_take(b, lx, l);
	if (!path_next(lx))
		return lex_want(lx, "a path, a string, = , - or a mark");
	return path_value_take(b, lx, s, at);
}

/* by PATH, PATH: of the node that the line binds, if it binds one. */
static bool
by_take(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at)
{
	struct path_env env = build_env(b, at);
	struct path_scope inner = { .up = at->scope, .hops = 1 };
	struct path by[PLAN_NAMES], *keep;
	struct line *l = &s->line;

	lex_end(lx);
	s->by_at = lx->at;
	env.through = true;
	if (l->kind == LINE_GROUP) {
		inner.group = path_last(&l->choice.arm[0].path)->group;
		env.here = &inner;
	}
	do {
		if (l->nby == PLAN_NAMES)
			return lex_want(lx, "at most 8 paths");
		if (!path_parse(lx, &env, &by[l->nby]))
			return false;
		l->nby++;
	} while (lex_char(lx, ','));
	keep = arena_get(b->mem, l->nby * sizeof(*keep));
	if (keep == NULL)
		return false;
	memcpy(keep, by, l->nby * sizeof(*keep));
	l->by = keep;
	return true;
}

static bool
carries_take(struct lex *lx, struct line *l)
{
	l->carries = true;
	for (;;) {
		if (lex_take(lx, "base64"))
			l->carries_base64 = true;
		else if (lex_take(lx, "zip"))
			l->carries_zip = true;
		else
			return true;
	}
}

static bool
default_take(struct lex *lx, struct line *l)
{
	struct slice s;
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (!lex_text(lx, &s))
		return lex_want(lx, "a text in quotes");
	if (l->fallback.p != NULL) {
		lex_wrong(lx, at, "a second default, want one");
		return false;
	}
	l->fallback = s.p == NULL ? SLICE_LIT("") : s;
	return true;
}

static bool
when_take(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at)
{
	struct path_env env = build_env(b, at);

	lex_end(lx);
	if (s->line.when != NULL) {
		lex_wrong(lx, lx->at, "a second condition, want one");
		return false;
	}
	s->when_at = lx->at;
	return cond_parse(lx, &env, &s->line.when);
}

static bool
shape_take(struct lex *lx, struct rest *r)
{
	lex_end(lx);
	r->shape_at = lx->at;
	r->shape = lex_bare(lx, "");
	return r->shape.len > 0 || lex_want(lx, "the name of a shape");
}

/* One mark; false with *more false: complained. */
static bool
mark_take(struct builder *b, struct lex *lx, struct line_store *s,
    const struct place_of *at, struct rest *r)
{
	struct line *l = &s->line;

	if (lex_take(lx, "default"))
		return default_take(lx, l);
	if (lex_take(lx, "lenient"))
		return l->lenient = true;
	if (lex_take(lx, "blank"))
		return l->blank = true;
	if (lex_take(lx, "filing"))
		return l->filing = true;
	if (lex_take(lx, "by"))
		return by_take(b, lx, s, at);
	if (lex_take(lx, "carries"))
		return carries_take(lx, l);
	if (lex_take(lx, "when"))
		return when_take(b, lx, s, at);
	if (lex_char(lx, ':'))
		return shape_take(lx, r);
	lex_end(lx);
	if (lex_is(lx, "else")) {
		s->when_at = lx->at;
		lex_take(lx, "else");
		return r->is_else = true;
	}
	return lex_want(lx, "a codec, a mark or the end of the line");
}

bool
build_rest(struct builder *b, struct line_store *s, const struct place_of *at,
    struct rest *r)
{
	struct line *l = &s->line;
	struct lex lx = s->form->rest;
	enum took took;

	lx.to = b->to;
	lx.mem = b->mem;
	if (!value_take(b, &lx, s, at))
		return false;
	while (!lex_end(&lx)) {
		size_t from = lx.at;

		took = build_codec(b, &lx, s->form, at,
		    l->kind == LINE_ELEMENT ? &l->choice : NULL, &l->codec);
		if (took == TOOK_WRONG)
			return false;
		if (took == TOOK_ONE) {
			if (l->kind == LINE_ELEMENT ||
			    l->kind == LINE_CONSTANT ||
			    l->kind == LINE_COMPUTED)
				continue;
			build_wrong(b, s->form, from,
			    "a codec stands behind "
			    "the path of an element, a constant or a computed "
			    "value");
			return false;
		}
		if (!mark_take(b, &lx, s, at, r))
			return false;
	}
	return !b->failed;
}
