/*
 * format/path_parse.c - paths are resolved against the directory.
 *
 * Nothing is searched outwards: a path means what it says from the node of
 * the nearest line that binds one, so a new element in the directory never
 * changes what an existing file means.
 */
#include "src/format/lex.h"

/* A path as words. */
struct words {
	enum path_base base;
	uint8_t up;
	struct slice leg;
	struct slice name[PATH_STEPS];
	size_t at[PATH_STEPS];
	uint8_t n;
	size_t from;
	struct slice text;
};

const struct group *
element_group(const struct element *e)
{
	return e->type == EL_GROUP || e->type == EL_ABOUT ? e->group : NULL;
}

const struct element *
path_last(const struct path *p)
{
	return p->nsteps == 0 ? NULL : p->step[p->nsteps - 1];
}

bool
path_next(struct lex *lx)
{
	char c = lex_peek(lx);

	return c == '/' || c == '^' || c == '$' || c == '@' ||
	       (c >= 'a' && c <= 'z');
}

static bool
words_base(struct lex *lx, const struct path_env *env, struct words *w)
{
	if (lex_char(lx, '/')) {
		w->base = PATH_DOCUMENT;
	} else if (lex_char(lx, '$')) {
		w->base = PATH_TRANSMISSION;
	} else if (env->rules && lex_char(lx, '@')) {
		w->base = PATH_LEG;
		w->leg = lex_name(lx);
		if (w->leg.len == 0 || lx->at >= lx->end ||
		    lx->src->text.p[lx->at] != '.')
			return lex_want(lx, "@LEG.ELEMENT");
		lx->at++;
	} else {
		while (lx->at < lx->end && lex_char(lx, '^'))
			w->up++;
		if (w->up > 0)
			w->base = PATH_UP;
	}
	return true;
}

static bool
words_take(struct lex *lx, const struct path_env *env, struct words *w)
{
	*w = (struct words){ .base = PATH_HERE };
	lex_end(lx);
	w->from = lx->at;
	if (!words_base(lx, env, w))
		return false;
	do {
		if (w->n == PATH_STEPS) {
			lex_wrong(lx, w->from, "a path of more than %d steps",
			    PATH_STEPS);
			return false;
		}
		if (lx->at < lx->end && lx->src->text.p[lx->at] == ' ')
			return lex_want(lx, "the name of an element");
		w->at[w->n] = lx->at;
		w->name[w->n] = lex_name(lx);
		if (w->name[w->n].len == 0)
			return lex_want(lx, "the name of an element");
		w->n++;
	} while (lx->at < lx->end && lx->src->text.p[lx->at] == '.' &&
		 ++lx->at <= lx->end);
	w->text = (struct slice){ lx->src->text.p + w->from, lx->at - w->from };
	return true;
}

/* Steps from word i on, starting in g. */
static bool
steps_resolve(struct lex *lx, const struct path_env *env, struct words *w,
    uint8_t i, const struct group *g, struct path *p)
{
	bool about = false;

	for (uint8_t k = 0; k < p->nsteps; k++)
		about |= p->step[k]->type == EL_ABOUT;
	for (; i < w->n; i++) {
		const struct element *e =
		    g == NULL ? NULL : group_element(g, w->name[i]);

		if (g == NULL) {
			lex_wrong(lx, w->at[i],
			    "'%s' is an element and has "
			    "no '%.*s' in it",
			    path_last(p)->name, SLICE_ARG(w->name[i]));
			return false;
		}
		if (e == NULL) {
			lex_wrong(lx, w->at[i],
			    "there is no element '%.*s' in "
			    "'%s'",
			    SLICE_ARG(w->name[i]), g->name);
			return false;
		}
		if (p->nsteps == PATH_STEPS) {
			lex_wrong(lx, w->from, "a path of more than %d steps",
			    PATH_STEPS);
			return false;
		}
		about |= e->type == EL_ABOUT;
		if (i + 1 < w->n && e->repeats && element_group(e) != NULL &&
		    !about && !env->through) {
			lex_wrong(lx, w->at[i],
			    "'%s' repeats and is not bound "
			    "here, want a line that binds it",
			    e->name);
			return false;
		}
		p->step[p->nsteps++] = e;
		g = element_group(e);
	}
	return true;
}

/* Where the base leads; NULL: complained. */
static const struct group *
base_group(struct lex *lx, const struct path_env *env, const struct words *w,
    struct path *p)
{
	const struct path_scope *s = env->here;
	uint32_t hops = 0;

	switch (w->base) {
	case PATH_DOCUMENT:
		return env->document;
	case PATH_TRANSMISSION:
		if (env->transmission == NULL)
			lex_wrong(lx, w->from,
			    "the directory has no document "
			    "'transmission'");
		return env->transmission;
	case PATH_UP:
		for (uint8_t i = 0; i < w->up; i++) {
			if (s->up == NULL || s->hops == 0) {
				lex_wrong(lx, w->from,
				    "'%.*s' goes up farther "
				    "than there are record nodes",
				    SLICE_ARG(w->text));
				return NULL;
			}
			hops += s->hops;
			s = s->up;
		}
		break;
	default:
		break;
	}
	if (hops + env->shift > UINT8_MAX)
		return NULL;
	p->up = (uint8_t)(hops + env->shift);
	if (p->up > 0)
		p->base = PATH_UP;
	return s->group;
}

/* "@leg.": what receipts say, then what they say about the document. */
static bool
leg_resolve(
    struct lex *lx, const struct path_env *env, struct words *w, struct path *p)
{
	const struct group *receipt =
	    directory_receipt(env->dir, env->document);

	p->leg = w->leg;
	if (receipt != NULL && group_element(receipt, w->name[0]) != NULL)
		return steps_resolve(lx, env, w, 0, receipt, p);
	return steps_resolve(lx, env, w, 0, env->document, p);
}

static bool
words_resolve(
    struct lex *lx, const struct path_env *env, struct words *w, struct path *p)
{
	const struct group *g;

	*p = (struct path){ .base = w->base, .text = w->text };
	if (w->base == PATH_LEG)
		return leg_resolve(lx, env, w, p);
	g = base_group(lx, env, w, p);
	return g != NULL && steps_resolve(lx, env, w, 0, g, p);
}

static bool
choice_one(const struct path_env *env, const struct path *p, struct choice *out)
{
	out->arm = arena_get(env->mem, sizeof(*out->arm));
	if (out->arm == NULL)
		return false;
	out->arm[0].path = *p;
	out->narms = 1;
	return true;
}

/* How far the let's own scope is above; false: there is no way. */
static bool
let_env(struct lex *lx, const struct path_env *env, const struct words *w,
    const struct let *let, struct path_env *out)
{
	uint32_t hops = 0;

	*out = *env;
	out->lets = let->next; /* a let sees only those before it */
	for (const struct path_scope *s = env->here; s != let->scope;
	     s = s->up) {
		if (s->up == NULL || s->hops == 0 || hops + s->hops > 200) {
			lex_wrong(lx, w->from,
			    "'%.*s' cannot be reached from "
			    "here",
			    SLICE_ARG(let->name));
			return false;
		}
		hops += s->hops;
	}
	out->shift = (uint8_t)hops;
	out->here = let->scope;
	return true;
}

/* PATH when COND { , PATH when COND } else PATH */
static bool
let_arms(struct lex *lx, const struct path_env *env, struct choice *out)
{
	struct path path[PATH_ARMS];
	const struct cond *when[PATH_ARMS];
	uint8_t n = 0;

	do {
		if (n + 1 == PATH_ARMS)
			return lex_want(lx, "at most 8 paths");
		if (!path_parse(lx, env, &path[n]))
			return false;
		if (!lex_take(lx, "when"))
			return lex_want(lx, "when CONDITION");
		if (!cond_parse(lx, env, &when[n]))
			return false;
		n++;
	} while (lex_char(lx, ','));
	if (!lex_take(lx, "else"))
		return lex_want(lx, "else PATH");
	if (!path_parse(lx, env, &path[n]))
		return false;
	if (!lex_end(lx))
		return lex_want(lx, "the end of the line");
	when[n++] = NULL;
	out->arm = arena_get(env->mem, n * sizeof(*out->arm));
	if (out->arm == NULL)
		return false;
	for (uint8_t i = 0; i < n; i++) {
		out->arm[i].path = path[i];
		out->arm[i].when = when[i];
	}
	out->narms = n;
	return true;
}

static const struct let *
let_find(const struct path_env *env, const struct words *w)
{
	if (w->base != PATH_HERE)
		return NULL;
	for (const struct let *l = env->lets; l != NULL; l = l->next)
		if (slice_eq(l->name, w->name[0]))
			return l;
	return NULL;
}

bool
choice_parse(struct lex *lx, const struct path_env *env, struct choice *out)
{
	const struct let *let;
	struct path_env inner;
	struct words w;
	struct path p;
	struct lex value;

	if (!words_take(lx, env, &w))
		return false;
	let = let_find(env, &w);
	if (let == NULL)
		return words_resolve(lx, env, &w, &p) &&
		       choice_one(env, &p, out);
	value = let->value;
	if (!let_env(lx, env, &w, let, &inner) ||
	    !let_arms(&value, &inner, out))
		return false;
	for (uint8_t i = 0; i < out->narms; i++) {
		struct path *a = &out->arm[i].path;
		const struct element *last = path_last(a);

		a->text = w.text;
		if (w.n > 1 &&
		    !steps_resolve(lx, env, &w, 1, element_group(last), a))
			return false;
	}
	return true;
}

bool
path_parse(struct lex *lx, const struct path_env *env, struct path *out)
{
	struct words w;

	if (!words_take(lx, env, &w))
		return false;
	if (let_find(env, &w) != NULL) {
		lex_wrong(lx, w.from,
		    "'%.*s' is a let, want a path of the "
		    "record",
		    SLICE_ARG(w.name[0]));
		return false;
	}
	return words_resolve(lx, env, &w, out);
}
