/*
 * format/expr_parse.c - expressions are parsed: "*" and "/" bind tighter.
 */
#include "src/format/cond_tree.h"
#include "src/format/lex.h"

static bool expr_sum(struct lex *, const struct path_env *,
    const struct element *, int depth, const struct expr **out);

const struct element *
expr_element(const struct expr *e)
{
	return e->kind == EXPR_PATH ? path_last(&e->choice.arm[0].path) : NULL;
}

static bool
number_take(struct lex *lx, struct expr *e)
{
	size_t at;

	lex_end(lx);
	at = lx->at;
	e->kind = EXPR_NUMBER;
	e->text = lex_bare(lx, ")|,+*/");
	if (decimal_parse(e->text, &e->number))
		return true;
	lx->at = at;
	return lex_want(lx, "a number");
}

static bool
fold_take(struct lex *lx, const struct path_env *env, enum expr_kind kind,
    struct expr *e)
{
	struct path_env wide = *env;
	const struct element *last;
	size_t at;

	wide.through = true;
	lex_end(lx);
	at = lx->at;
	e->kind = kind;
	if (!choice_parse(lx, &wide, &e->choice))
		return false;
	last = path_last(&e->choice.arm[0].path);
	if (kind == EXPR_COUNT || last->type == EL_DEC ||
	    last->type == EL_INT || last->type == EL_N)
		return true;
	lex_wrong(lx, at, "'%s' is no number", last->name);
	return false;
}

/* A bare name that is a code of the element which gets the result. */
static bool
code_next(struct lex *lx, const struct element *expect, struct expr *e)
{
	struct lex ahead = *lx;
	struct slice word = lex_bare(&ahead, ")|,");

	if (expect == NULL ||
	    (expect->type == EL_FLAG && !slice_is(word, "yes") &&
		!slice_is(word, "no")) ||
	    (expect->type == EL_CODE &&
		code_find(expect->list, word, 0) == NULL) ||
	    (expect->type != EL_FLAG && expect->type != EL_CODE))
		return false;
	e->kind = EXPR_TEXT;
	e->text = word;
	*lx = ahead;
	return true;
}

/* A bare name that is neither a code nor an element beside it. */
static bool
code_misspelt(
    struct lex *lx, const struct path_env *env, const struct element *expect)
{
	struct lex ahead = *lx;
	struct slice word = lex_name(&ahead);

	if (expect == NULL || expect->type != EL_CODE || word.len == 0 ||
	    (ahead.at < ahead.end && ahead.src->text.p[ahead.at] == '.') ||
	    group_element(env->here->group, word) != NULL)
		return false;
	lex_wrong(lx, ahead.at - word.len,
	    "'%.*s' is no code of list '%s' and no element of '%s'",
	    SLICE_ARG(word), expect->list->name, env->here->group->name);
	return true;
}

static bool
path_take(struct lex *lx, const struct path_env *env, struct expr *e)
{
	const struct element *last;
	size_t at;

	lex_end(lx);
	at = lx->at;
	e->kind = EXPR_PATH;
	if (!choice_parse(lx, env, &e->choice))
		return false;
	last = path_last(&e->choice.arm[0].path);
	if (lex_is(lx, "present") || lex_is(lx, "absent"))
		return true; /* of a group, too */
	if (element_group(last) == NULL)
		return true;
	lex_wrong(lx, at, "'%s' is a group, want an element", last->name);
	return false;
}

static bool
expr_term(struct lex *lx, const struct path_env *env,
    const struct element *expect, int depth, const struct expr **out)
{
	static const struct {
		const char *word;
		enum expr_kind kind;
	} folds[] = { { "count", EXPR_COUNT }, { "sum", EXPR_SUM },
		{ "min", EXPR_MIN }, { "max", EXPR_MAX } };
	struct expr *e = arena_get(env->mem, sizeof(*e));
	char c = lex_peek(lx);

	if (e == NULL)
		return false;
	*out = e;
	if (depth > COND_DEPTH)
		return lex_want(lx, "fewer brackets in brackets");
	if (code_next(lx, expect, e))
		return true;
	if (c == '"') {
		e->kind = EXPR_TEXT;
		return lex_text(lx, &e->text);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return number_take(lx, e);
	if (lex_char(lx, '('))
		return expr_sum(lx, env, NULL, depth + 1, out) &&
		       (lex_char(lx, ')') || lex_want(lx, "')'"));
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
		if (lex_take(lx, folds[i].word))
			return fold_take(lx, env, folds[i].kind, e);
	if (lex_take(lx, "abs")) {
		e->kind = EXPR_ABS;
		if (!lex_char(lx, '('))
			return lex_want(lx, "abs (");
		return expr_sum(lx, env, NULL, depth + 1, &e->a) &&
		       (lex_char(lx, ')') || lex_want(lx, "')'"));
	}
	if (!path_next(lx))
		return lex_want(lx, "an element, a number or a text");
	if (code_misspelt(lx, env, expect))
		return false;
	return path_take(lx, env, e);
}

static bool
expr_pair(const struct path_env *env, enum expr_kind kind, const struct expr *a,
    const struct expr *b, const struct expr **out)
{
	struct expr *e = arena_get(env->mem, sizeof(*e));

	if (e == NULL)
		return false;
	e->kind = kind;
	e->a = a;
	e->b = b;
	*out = e;
	return true;
}

static bool
expr_product(struct lex *lx, const struct path_env *env,
    const struct element *expect, int depth, const struct expr **out)
{
	if (!expr_term(lx, env, expect, depth, out))
		return false;
	for (;;) {
		const struct expr *b;
		enum expr_kind kind;

		if (lex_char(lx, '*'))
			kind = EXPR_MUL;
		else if (lex_char(lx, '/'))
			kind = EXPR_DIV;
		else
			return true;
		if (!expr_term(lx, env, NULL, depth, &b) ||
		    !expr_pair(env, kind, *out, b, out))
			return false;
	}
}

static bool
expr_sum(struct lex *lx, const struct path_env *env,
    const struct element *expect, int depth, const struct expr **out)
{
	if (!expr_product(lx, env, expect, depth, out))
		return false;
	for (;;) {
		const struct expr *b;
		enum expr_kind kind;

		if (lex_char(lx, '+'))
			kind = EXPR_ADD;
		else if (lex_char(lx, '-'))
			kind = EXPR_SUB;
		else
			return true;
		if (!expr_product(lx, env, NULL, depth, &b) ||
		    !expr_pair(env, kind, *out, b, out))
			return false;
	}
}

bool
expr_parse(struct lex *lx, const struct path_env *env,
    const struct element *expect, const struct expr **out)
{
	return expr_sum(lx, env, expect, 0, out);
}
