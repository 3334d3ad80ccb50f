/*
 * format/form.c - lines of a format file: steps, counts, guards.
 *
 * Nothing here knows the directory or a table. Called by formats_load().
 */
#include "src/format/form.h"

/* What ends a tag; "#" belongs to it (C246#1.7361). */
#define TAG_STOPS ";[]!*+/|\","

static struct form *
form_new(struct arena *mem, enum form_kind kind, const struct source_line *src)
{
	struct form *f = arena_get(mem, sizeof(*f));

	if (f != NULL) {
		f->kind = kind;
		f->src = src;
	}
	return f;
}

static void
form_append(struct form *parent, struct form *f)
{
	f->parent = parent;
	if (parent->last != NULL)
		parent->last->next = f;
	else
		parent->child = f;
	parent->last = f;
}

struct slice
name_local(struct slice name, struct slice *prefix)
{
	const char *colon =
	    name.len == 0 ? NULL : memchr(name.p, ':', name.len);
	size_t n = colon == NULL ? 0 : (size_t)(colon - name.p);

	if (prefix != NULL)
		*prefix = (struct slice){ name.p, n };
	return colon == NULL ? name : slice_sub(name, n + 1, name.len - n - 1);
}

/* One name of a tag, bare or as a string; false: complained. */
static bool
tag_take(struct lex *lx, struct slice *out, bool *quoted)
{
	*quoted = lex_peek(lx) == '"';
	if (*quoted) {
		if (!lex_text(lx, out))
			return false;
	} else
		*out = lex_bare(lx, TAG_STOPS);
	if (out->len == 0)
		return lex_want(lx, "a wire name");
	return true;
}

/* Directly behind what was read, without a blank. */
static bool
close_char(struct lex *lx, char c)
{
	if (lx->at >= lx->end || lx->src->text.p[lx->at] != c)
		return false;
	lx->at++;
	return true;
}

static bool
test_constants(struct lex *lx, struct form_test *t)
{
	struct slice c[FORM_CONSTANTS];

	do {
		if (t->nconstants == FORM_CONSTANTS)
			return lex_want(lx, "at most 24 constants");
		if (!lex_text(lx, &c[t->nconstants]))
			return lex_want(lx, "a string, present or absent");
		t->nconstants++;
	} while (lex_char(lx, '|'));
	t->constant = arena_get(lx->mem, t->nconstants * sizeof(c[0]));
	if (t->constant == NULL)
		return false;
	memcpy(t->constant, c, t->nconstants * sizeof(c[0]));
	return true;
}

static bool
test_take(struct lex *lx, struct form_test *t)
{
	bool quoted;

	lex_end(lx);
	*t = (struct form_test){ .at = lx->at };
	do {
		if (t->nsteps == GUARD_STEPS)
			return lex_want(lx, "at most 4 steps");
		if (!tag_take(lx, &t->step[t->nsteps++], &quoted))
			return false;
	} while (close_char(lx, '/'));
	if (lex_take(lx, "present")) {
		t->kind = GUARD_PRESENT;
	} else if (lex_take(lx, "absent")) {
		t->kind = GUARD_ABSENT;
	} else
		return test_constants(lx, t);
	return true;
}

static bool
guard_take(struct lex *lx, struct form *f)
{
	struct form_test t[FORM_TESTS];

	do {
		if (f->ntests == FORM_TESTS)
			return lex_want(lx, "at most 6 tests");
		if (!test_take(lx, &t[f->ntests]))
			return false;
		f->ntests++;
	} while (lex_char(lx, ','));
	if (!lex_char(lx, ']'))
		return lex_want(lx, "',' or ']'");
	f->test = arena_get(lx->mem, f->ntests * sizeof(t[0]));
	if (f->test == NULL)
		return false;
	memcpy(f->test, t, f->ntests * sizeof(t[0]));
	return true;
}

static bool
count_take(struct lex *lx, struct form *f)
{
	char c = lx->at < lx->end ? lx->src->text.p[lx->at] : '\0';

	if (c != '!' && c != '*' && c != '+')
		return true;
	if (f->count != 0)
		return lex_want(lx, "one count");
	lx->at++;
	f->count = c;
	c = lx->at < lx->end ? lx->src->text.p[lx->at] : '\0';
	if (f->count != '!' && c >= '0' && c <= '9' &&
	    !lex_number(lx, 1, UINT32_MAX, &f->most))
		return lex_want(lx, "a number from 1 to 1000000000");
	return true;
}

/* tag { "|" tag } [count] ["[" tests "]"] [count]: both orders are in use */
static bool
step_take(struct lex *lx, struct form *f)
{
	bool quoted;

	lex_end(lx);
	f->at = lx->at;
	do {
		if (f->nnames == TAG_NAMES)
			return lex_want(lx, "at most 4 names");
		if (!tag_take(lx, &f->name[f->nnames], &quoted))
			return false;
		f->quoted |= quoted;
		f->nnames++;
	} while (close_char(lx, '|'));
	if (!count_take(lx, f))
		return false;
	if (close_char(lx, '[') && !guard_take(lx, f))
		return false;
	return count_take(lx, f);
}

static bool
test_same(const struct form_test *a, const struct form_test *b)
{
	if (a->kind != b->kind || a->nsteps != b->nsteps ||
	    a->nconstants != b->nconstants)
		return false;
	for (uint8_t i = 0; i < a->nsteps; i++)
		if (!slice_eq(a->step[i], b->step[i]))
			return false;
	for (uint8_t i = 0; i < a->nconstants; i++)
		if (!slice_eq(a->constant[i], b->constant[i]))
			return false;
	return true;
}

bool
form_guard_same(const struct form *a, const struct form *b)
{
	if (a->ntests != b->ntests)
		return false;
	for (uint8_t i = 0; i < a->ntests; i++) {
		bool found = false;

		for (uint8_t k = 0; k < b->ntests; k++)
			found |= test_same(&a->test[i], &b->test[k]);
		if (!found)
			return false;
	}
	return true;
}

static bool
names_same(const struct form *a, const struct form *b)
{
	if (a->nnames != b->nnames)
		return false;
	for (uint8_t i = 0; i < a->nnames; i++)
		if (!slice_eq(a->name[i], b->name[i]))
			return false;
	return true;
}

/*
 * The line that a step before "/" shares: same tag and guard, no value of its
 * own, and nothing but lines of that tag in between where order matters.
 */
static struct form *
form_shared(const struct form *parent, const struct form *f, bool ordered)
{
	struct form *found = NULL;

	for (struct form *o = parent->child; o != NULL; o = o->next) {
		struct lex rest = o->rest;

		if (o->kind != FORM_LINE)
			continue;
		if (ordered && !slice_eq(o->name[0], f->name[0]))
			found = NULL;
		if (names_same(o, f) && form_guard_same(o, f) && o->way == 0 &&
		    (o->folded || lex_end(&rest)))
			found = o;
	}
	return found;
}

/* A step before "/" takes its place; the line that goes on below it. */
static struct form *
form_fold(struct form *parent, struct form *f, struct lex *lx, bool ordered)
{
	struct form *old = form_shared(parent, f, ordered);

	f->folded = true;
	f->rest = (struct lex){ .src = lx->src,
		.at = lx->at,
		.end = lx->at,
		.mem = lx->mem,
		.to = lx->to };
	if (old == NULL) {
		form_append(parent, f);
		return f;
	}
	if (f->count != 0 && old->count == 0) {
		old->count = f->count;
		old->most = f->most;
	} else if (f->count != 0 &&
		   (f->count != old->count || f->most != old->most))
		lex_wrong(lx, f->at, "'%.*s' stands above with another count",
		    SLICE_ARG(f->name[0]));
	return old;
}

/* The steps of a line, each below the one before; NULL: complained. */
static struct form *
form_steps(struct form *parent, const struct source_line *src, char way,
    struct lex *lx, bool ordered)
{
	for (int depth = 0;; depth++) {
		struct form *f = form_new(lx->mem, FORM_LINE, src);

		if (f == NULL)
			return NULL;
		if (depth == FORM_STEPS) {
			lex_want(lx, "at most 8 steps");
			break;
		}
		if (!step_take(lx, f))
			break;
		if (close_char(lx, '/')) {
			parent = form_fold(parent, f, lx, ordered);
			continue;
		}
		if (lx->at < lx->end &&
		    strchr(" \t", lx->src->text.p[lx->at]) == NULL) {
			lex_want(lx, "a blank behind the wire name");
			break;
		}
		f->way = way;
		f->rest = *lx;
		form_append(parent, f);
		return f;
	}
	parent->broken = true; /* the step before, which leads nowhere now */
	return NULL;
}

static struct form *
form_let(struct form *parent, const struct source_line *src, struct lex *lx)
{
	struct form *f = form_new(lx->mem, FORM_LET, src);

	if (f == NULL)
		return NULL;
	lex_end(lx);
	f->at = lx->at;
	f->name[0] = lex_name(lx);
	f->nnames = 1;
	if (f->name[0].len == 0 || !lex_char(lx, '=')) {
		lex_want(lx, "let NAME = PATH when CONDITION else PATH");
		return NULL;
	}
	f->rest = *lx;
	form_append(parent, f);
	return f;
}

static struct form *
form_remove(struct form *parent, const struct source_line *src, struct lex *lx)
{
	struct form *f = form_new(lx->mem, FORM_REMOVE, src);

	if (f == NULL || !step_take(lx, f))
		return NULL;
	if (!lex_end(lx)) {
		lex_want(lx, "nothing behind '- TAG'");
		return NULL;
	}
	form_append(parent, f);
	return f;
}

/* "- TAG": a dash alone in front. */
static bool
dash_take(struct lex *lx)
{
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (!lex_char(lx, '-'))
		return false;
	if (lx->at < lx->end && lx->src->text.p[lx->at] == ' ')
		return true;
	lx->at = at;
	return false;
}

static struct form *
form_line(struct form *parent, const struct source_line *src, struct lex *lx,
    bool ordered)
{
	char way = 0;

	if (dash_take(lx))
		return form_remove(parent, src, lx);
	if (lex_char(lx, '<'))
		way = '<';
	else if (lex_char(lx, '>'))
		way = '>';
	if (way == 0 && lex_take(lx, "let"))
		return form_let(parent, src, lx);
	return form_steps(parent, src, way, lx, ordered);
}

static void
form_lines(struct form *parent, const struct source_line *first,
    struct arena *mem, struct complaints *to, bool ordered)
{
	for (const struct source_line *l = first; l != NULL; l = l->next) {
		struct form *f;
		struct lex lx;

		lex_init(&lx, l, mem, to);
		f = form_line(parent, l, &lx, ordered);
		parent->broken |= f == NULL;
		if (f == NULL || l->child == NULL)
			continue;
		if (f->kind != FORM_LINE)
			lex_wrong(&lx, l->child->at,
			    "no lines stand below "
			    "this one");
		else
			form_lines(f, l->child, mem, to, ordered);
	}
}

static bool
shape_line(struct form_file *file, const struct source_line *l, struct lex *lx,
    bool ordered)
{
	struct form_shape *s = arena_get(lx->mem, sizeof(*s)), **end;

	if (s == NULL)
		return false;
	lex_end(lx);
	s->at = lx->at;
	s->src = lx->src;
	s->name = lex_bare(lx, "");
	if (s->name.len == 0 || !lex_end(lx))
		return lex_want(lx, "shape NAME");
	if (l->child == NULL) {
		lex_wrong(
		    lx, s->at, "shape '%.*s' has no lines", SLICE_ARG(s->name));
		return true;
	}
	for (end = &file->shape; *end != NULL; end = &(*end)->next)
		if (slice_eq((*end)->name, s->name))
			lex_wrong(lx, s->at, "shape '%.*s' stands here twice",
			    SLICE_ARG(s->name));
	*end = s;
	s->root = form_new(lx->mem, FORM_LINE, l);
	if (s->root == NULL)
		return false;
	form_lines(s->root, l->child, lx->mem, lx->to, ordered);
	return true;
}

static bool
syntax_ordered(const struct form_file *f)
{
	return slice_is(f->syntax, "edifact") || slice_is(f->syntax, "x12") ||
	       slice_is(f->syntax, "flat") ||
	       slice_is(f->syntax, "fixed")
	       /* it follows its parent, which is read later */
	       || !f->has_syntax;
}

/* Everything behind the first line. */
static void
form_body(struct form_file *f, struct source_line *first, struct arena *mem,
    struct complaints *to)
{
	bool ordered = syntax_ordered(f);

	for (struct source_line *l = first; l != NULL; l = l->next) {
		bool known = true;
		struct lex lx;

		lex_init(&lx, l, mem, to);
		if (lex_take(&lx, "shape")) {
			shape_line(f, l, &lx, ordered);
			continue;
		}
		if (head_line(f, &lx, &known) && known && l->child != NULL)
			lex_wrong(&lx, l->child->at,
			    "no lines stand below "
			    "this one");
		if (!known) {
			struct source_line *next = l->next;

			l->next = NULL; /* this one and those below it */
			form_lines(f->root, l, mem, to, ordered);
			l->next = next;
		}
	}
}

struct form_file *
form_parse(const struct source *src, struct arena *mem, struct complaints *to)
{
	uint32_t before = to->errors;
	struct source_line *root = source_tree(src, mem, to), *first;
	struct form_file *f = arena_get(mem, sizeof(*f));
	bool known;
	struct lex lx;

	if (root == NULL || f == NULL)
		return NULL;
	f->src = src;
	f->root = form_new(mem, FORM_LINE, root);
	first = root->child;
	if (f->root == NULL)
		return NULL;
	if (first == NULL && to->errors == before)
		complaints_add(to, false, src->name, src->text, 0,
		    "the file has no format, want 'format NAME ...' first");
	if (first == NULL)
		return NULL;
	lex_init(&lx, first, mem, to);
	if (!lex_is(&lx, "format")) {
		lex_want(&lx, "'format NAME ...' first");
		return NULL;
	}
	if (!head_line(f, &lx, &known))
		f->broken = true;
	if (f->name.len == 0)
		return NULL;
	form_body(f, first->next, mem, to);
	return f;
}
