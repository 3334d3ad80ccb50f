/*
 * format/cond_parse.c - conditions are parsed and their names checked.
 *
 * "and" binds tighter than "or". What stands right of a comparison with a
 * code is a code of that list, so a misspelt one is found when the file is
 * loaded and not when a filing is lost.
 */
#include "src/format/cond_tree.h"
#include "src/format/lex.h"

static bool cond_or(
    struct lex *, const struct path_env *, int depth, const struct cond **out);

static struct cond *
cond_new(const struct path_env *env, enum cond_kind kind)
{
	struct cond *c = arena_get(env->mem, sizeof(*c));

	if (c != NULL)
		c->kind = kind;
	return c;
}

const struct cond *
cond_negate(struct arena *mem, const struct cond *a)
{
	struct cond *c = arena_get(mem, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->kind = COND_NOT;
	c->a = a;
	return c;
}

static bool
relation_take(struct lex *lx, enum relation *out)
{
	if (lex_char(lx, '=')) {
		*out = REL_EQ;
	} else if (lex_char(lx, '!')) {
		*out = REL_NE;
		return lex_char(lx, '=');
	} else if (lex_char(lx, '<')) {
		*out = lex_char(lx, '=') ? REL_LE : REL_LT;
	} else if (lex_char(lx, '>')) {
		*out = lex_char(lx, '=') ? REL_GE : REL_GT;
	} else
		return false;
	return true;
}

static bool
relation_next(struct lex *lx)
{
	char c = lex_peek(lx);

	return c == '=' || c == '!' || c == '<' || c == '>';
}

/* A code, or yes and no of a flag. */
static bool
code_take(struct lex *lx, const struct path_env *env, const struct element *e,
    const struct expr **out)
{
	struct expr *x = arena_get(env->mem, sizeof(*x));
	size_t at;

	if (x == NULL)
		return false;
	lex_end(lx);
	at = lx->at;
	x->kind = EXPR_TEXT;
	if (lex_peek(lx) == '"') {
		if (!lex_text(lx, &x->text))
			return false;
	} else
		x->text = lex_bare(lx, "|),");
	if (x->text.len == 0)
		return lex_want(lx, "a code");
	*out = x;
	if (e->type == EL_FLAG) {
		if (slice_is(x->text, "yes") || slice_is(x->text, "no"))
			return true;
		lex_wrong(lx, at, "'%.*s' cannot be '%s', want yes or no",
		    SLICE_ARG(x->text), e->name);
		return false;
	}
	if (e->list == NULL || code_find(e->list, x->text, 0) != NULL)
		return true;
	lex_wrong(lx, at, "'%.*s' is no code of list '%s'", SLICE_ARG(x->text),
	    e->list->name);
	return false;
}

static bool
rights_take(struct lex *lx, const struct path_env *env, struct cond *c,
    const struct element *left)
{
	const struct expr *right[COND_LIST];
	const struct expr **keep;
	uint8_t n = 0;
	char next;
	bool coded =
	    left != NULL && (left->type == EL_CODE || left->type == EL_FLAG);

	do {
		bool ok;

		if (n == COND_LIST)
			return lex_want(lx, "at most 32 values");
		next = lex_peek(lx);
		/* a code may also be compared with what a path says */
		if (coded && next != '/' && next != '$' && next != '^' &&
		    next != '@')
			ok = code_take(lx, env, left, &right[n]);
		else
			ok = expr_parse(lx, env, NULL, &right[n]);
		if (!ok)
			return false;
		n++;
	} while (lex_char(lx, '|'));
	keep = arena_get(env->mem, n * sizeof(*keep));
	if (keep == NULL)
		return false;
	for (uint8_t i = 0; i < n; i++)
		keep[i] = right[i];
	c->right = keep;
	c->nright = n;
	return true;
}

static bool
text_type(const struct element *e)
{
	return e->type == EL_AN || e->type == EL_A || e->type == EL_N ||
	       e->type == EL_TEXT || e->type == EL_CODE || e->type == EL_FLAG ||
	       e->type == EL_BYTES;
}

static enum compare_as
compare_as(
    const struct cond *c, const struct expr *left, const struct element *e)
{
	bool equality = c->relation == REL_EQ || c->relation == REL_NE;

	if (e != NULL && (e->type == EL_DATE || e->type == EL_MOMENT))
		return AS_TIME;
	if (e != NULL && text_type(e) && equality)
		return AS_TEXT;
	if (e == NULL && left != NULL && left->kind == EXPR_TEXT)
		return AS_TEXT;
	return AS_NUMBER;
}

/* What follows a left side: a relation with values. */
static bool
compare_take(struct lex *lx, const struct path_env *env, struct cond *c,
    const struct element *e)
{
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (!relation_take(lx, &c->relation))
		return lex_want(lx, "=, !=, <, <=, > or >=");
	if (!rights_take(lx, env, c, e))
		return false;
	if (c->nright > 1 && c->relation != REL_EQ && c->relation != REL_NE) {
		lex_wrong(lx, at,
		    "several values after '<' or '>', want them "
		    "after = or !=");
		return false;
	}
	c->as = compare_as(c, c->left, e);
	if (e != NULL && c->relation > REL_NE && text_type(e) &&
	    e->type != EL_N && e->type != EL_AN) {
		lex_wrong(lx, at, "'%s' has no order, want = or !=", e->name);
		return false;
	}
	return true;
}

/* "any PATH", "all PATH", "no PATH", each with a comparison if there is one. */
static bool
quantor_take(struct lex *lx, const struct path_env *env, enum cond_kind kind,
    const struct cond **out)
{
	struct cond *c = cond_new(env, kind);
	struct path_env wide = *env;

	if (c == NULL)
		return false;
	wide.through = true;
	if (!choice_parse(lx, &wide, &c->choice))
		return false;
	*out = c;
	c->compared = relation_next(lx);
	return !c->compared ||
	       compare_take(lx, env, c, path_last(&c->choice.arm[0].path));
}

static bool
leg_take(struct lex *lx, const struct path_env *env, bool no,
    const struct cond **out)
{
	struct cond *c = cond_new(env, COND_LEG);

	if (c == NULL)
		return false;
	c->leg = lex_name(lx);
	if (c->leg.len == 0)
		return lex_want(lx, "the name of a leg");
	*out = no ? cond_negate(env->mem, c) : c;
	return *out != NULL;
}

/* Does the bracket that opens here hold an expression or a condition? */
static bool
bracket_expr(const struct lex *lx)
{
	const char *p = lx->src->text.p;
	bool quoted = false;
	int open = 0;

	for (size_t i = lx->at; i < lx->end; i++) {
		if (p[i] == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		open += p[i] == '(' ? 1 : p[i] == ')' ? -1 : 0;
		if (open > 0 || p[i] != ')')
			continue;
		for (i++; i < lx->end && p[i] == ' '; i++)
			;
		return i < lx->end && strchr("=!<>+-*/", p[i]) != NULL;
	}
	return false;
}

/* A comparison, "PATH present", "PATH absent", or a path alone. */
static bool
plain_take(struct lex *lx, const struct path_env *env, const struct cond **out)
{
	struct cond *c = cond_new(env, COND_COMPARE);
	const struct expr *left;
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (c == NULL || !expr_parse(lx, env, NULL, &left))
		return false;
	*out = c;
	c->left = left;
	if (relation_next(lx))
		return compare_take(lx, env, c, expr_element(left));
	if (left->kind != EXPR_PATH)
		return lex_want(lx, "=, !=, <, <=, > or >=");
	c->left = NULL;
	c->choice = left->choice;
	c->kind = lex_take(lx, "present")  ? COND_PRESENT
		  : lex_take(lx, "absent") ? COND_ABSENT
					   : COND_TRUE;
	if (c->kind != COND_TRUE ||
	    path_last(&c->choice.arm[0].path)->type == EL_FLAG)
		return true;
	lex_wrong(lx, at,
	    "'%s' is no flag, want a comparison, present or absent",
	    path_last(&c->choice.arm[0].path)->name);
	return false;
}

static bool
cond_term(struct lex *lx, const struct path_env *env, int depth,
    const struct cond **out)
{
	const struct cond *inner;

	if (depth > COND_DEPTH)
		return lex_want(lx, "fewer brackets in brackets");
	if (lex_take(lx, "not")) {
		if (!cond_term(lx, env, depth + 1, &inner))
			return false;
		*out = cond_negate(env->mem, inner);
		return *out != NULL;
	}
	if (lex_peek(lx) == '(' && !bracket_expr(lx)) {
		lex_char(lx, '(');
		if (!cond_or(lx, env, depth + 1, out))
			return false;
		return lex_char(lx, ')') || lex_want(lx, "')'");
	}
	if (lex_take(lx, "any"))
		return quantor_take(lx, env, COND_ANY, out);
	if (lex_take(lx, "all"))
		return quantor_take(lx, env, COND_ALL, out);
	if (lex_take(lx, "no")) {
		if (env->rules && lex_take(lx, "leg"))
			return leg_take(lx, env, true, out);
		return quantor_take(lx, env, COND_NO, out);
	}
	if (env->rules && lex_take(lx, "leg"))
		return leg_take(lx, env, false, out);
	if (env->rules && lex_take(lx, "absent")) {
		*out = cond_new(env, COND_TARGET);
		return *out != NULL;
	}
	return plain_take(lx, env, out);
}

static bool
cond_pair(const struct path_env *env, enum cond_kind kind, const struct cond *a,
    const struct cond *b, const struct cond **out)
{
	struct cond *c = cond_new(env, kind);

	if (c == NULL)
		return false;
	c->a = a;
	c->b = b;
	*out = c;
	return true;
}

static bool
cond_and(struct lex *lx, const struct path_env *env, int depth,
    const struct cond **out)
{
	const struct cond *b;

	if (!cond_term(lx, env, depth, out))
		return false;
	while (lex_take(lx, "and"))
		if (!cond_term(lx, env, depth, &b) ||
		    !cond_pair(env, COND_AND, *out, b, out))
			return false;
	return true;
}

static bool
cond_or(struct lex *lx, const struct path_env *env, int depth,
    const struct cond **out)
{
	const struct cond *b;

	if (!cond_and(lx, env, depth, out))
		return false;
	while (lex_take(lx, "or"))
		if (!cond_and(lx, env, depth, &b) ||
		    !cond_pair(env, COND_OR, *out, b, out))
			return false;
	return true;
}

bool
cond_parse(struct lex *lx, const struct path_env *env, const struct cond **out)
{
	return cond_or(lx, env, 0, out);
}
