/*
 * format/build.c - lines of a form become lines of a plan.
 *
 * Each line is looked up in the directory where it stands; shapes are copied
 * in place. One mistake costs one line, the rest goes on, so that a run tells
 * them all.
 */
#include <stdarg.h>
#include <stdio.h>
#include "src/format/build.h"

void
build_wrong(
    struct builder *b, const struct form *f, size_t at, const char *fmt, ...)
{
	const struct source *src = f->src->src;
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(b->to, false, src->name, src->text, at, "%s", text);
}

void
build_warn(
    struct builder *b, const struct form *f, size_t at, const char *fmt, ...)
{
	const struct source *src = f->src->src;
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(b->to, true, src->name, src->text, at, "%s", text);
}

struct path_env
build_env(const struct builder *b, const struct place_of *at)
{
	struct path_env env = b->env;

	env.here = at->scope;
	env.lets = at->lets;
	env.through = at->through;
	return env;
}

static void
line_counts(struct line *l, const struct form *f)
{
	l->least = f->count == '!' || f->count == '+' ? 1 : 0;
	l->most = f->count == '*' || f->count == '+' ? f->most : 1;
	l->bang = f->count == '!';
	l->read = f->way != '>';
	l->write = f->way != '<';
}

static struct line_store *
line_new(struct builder *b, const struct form *f, struct line_store *parent)
{
	struct line_store *s;

	if (b->nlines >= BUILD_LINES) {
		build_wrong(b, f, f->at,
		    "more than %d lines with shapes "
		    "copied",
		    BUILD_LINES);
		return NULL;
	}
	s = arena_get(b->mem, sizeof(*s));
	if (s == NULL) {
		b->failed = true;
		return NULL;
	}
	s->form = f;
	s->line.number = b->nlines++;
	s->line.plan = b->plan;
	s->line.parent = parent == NULL ? NULL : &parent->line;
	s->line.file_line = f->src == NULL ? 0 : f->src->number;
	line_counts(&s->line, f);
	return s;
}

static void
line_append(
    struct line_store *parent, struct line_store **last, struct line_store *s)
{
	if (*last == NULL)
		parent->line.child = &s->line;
	else
		(*last)->line.next = &s->line;
	*last = s;
}

/* "else": the negation of the condition of the line before, of the same tag. */
static void
line_else(struct builder *b, struct line_store *s, struct line_store *last)
{
	if (last == NULL || last->line.when == NULL || last->shared_when ||
	    last->line.tag[0] != s->line.tag[0]) {
		build_wrong(b, s->form, s->when_at,
		    "'else' without a line of "
		    "the same tag with 'when' just above");
		return;
	}
	s->line.when = cond_negate(b->mem, last->line.when);
	s->shared_when = true;
	b->failed |= s->line.when == NULL;
}

/* How far the parents lead from the bound node to the node around the line. */
static uint8_t
group_hops(const struct choice *c, const struct path_scope *here)
{
	const struct path *p = &c->arm[0].path;

	for (uint8_t i = 1; i < c->narms; i++)
		if (c->arm[i].path.base != p->base ||
		    c->arm[i].path.nsteps != p->nsteps)
			return 0;
	if (path_last(p)->type == EL_REF)
		return 0;
	if (p->base == PATH_HERE ||
	    (p->base == PATH_DOCUMENT && here->up == NULL))
		return p->nsteps;
	return 0;
}

static const struct path_scope *
group_scope(struct builder *b, const struct line_store *s,
    const struct path_scope *here)
{
	const struct element *e = path_last(&s->line.choice.arm[0].path);
	struct path_scope *scope = arena_get(b->mem, sizeof(*scope));

	if (scope == NULL) {
		b->failed = true;
		return here;
	}
	scope->group = e->group;
	scope->up = here;
	scope->hops = group_hops(&s->line.choice, here);
	return scope;
}

static struct line_store *lines_build(struct builder *, const struct form *,
    struct line_store *parent, struct line_store *last, struct place_of *);

static const struct form_shape *
shape_find(struct builder *b, const struct form *f, const struct rest *r)
{
	const struct form_shape *s = b->file->shape;

	while (s != NULL && !slice_eq(s->name, r->shape))
		s = s->next;
	if (s == NULL) {
		build_wrong(b, f, r->shape_at, "there is no shape '%.*s'",
		    SLICE_ARG(r->shape));
		return NULL;
	}
	for (uint8_t i = 0; i < b->nopen; i++)
		if (b->open[i] == s) {
			build_wrong(b, f, r->shape_at,
			    "shape '%.*s' contains itself", SLICE_ARG(s->name));
			return NULL;
		}
	return s;
}

/* The lines below: those of the shape, then its own. */
static void
line_children(struct builder *b, struct line_store *s, const struct rest *r,
    const struct place_of *at)
{
	struct place_of inner = *at;
	struct line_store *last = NULL;
	const struct form_shape *shape;

	if (s->line.kind == LINE_GROUP)
		inner.scope = group_scope(b, s, at->scope);
	if (s->in_segment)
		inner.segment = s->line.name[0];
	inner.through =
	    at->through || (s->line.nby > 0 && s->line.kind != LINE_GROUP);
	inner.depth++;
	if (!build_guards(b, s, &inner))
		return;
	if (inner.depth > BUILD_DEPTH) {
		build_wrong(b, s->form, s->form->at,
		    "lines in lines more than %d deep", BUILD_DEPTH);
		return;
	}
	if (r->shape.len > 0 && b->nopen < BUILD_DEPTH) {
		shape = shape_find(b, s->form, r);
		s->broken |= shape == NULL;
		if (shape != NULL) {
			b->open[b->nopen++] = shape;
			last =
			    lines_build(b, shape->root->child, s, last, &inner);
			b->nopen--;
		}
	}
	lines_build(b, s->form->child, s, last, &inner);
}

static bool
leaf_kind(const struct line *l)
{
	return l->kind != LINE_STRUCTURE && l->kind != LINE_GROUP;
}

/* What a line must and must not have below it. */
static void
line_shape_check(struct builder *b, const struct line_store *s)
{
	const struct line *l = &s->line;

	if (l->kind == LINE_GROUP && l->child == NULL && !l->carries &&
	    !s->broken)
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' binds a group and has no lines below it",
		    SLICE_ARG(l->name[0]));
	if (leaf_kind(l) && l->child != NULL)
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' has a value and "
		    "lines below it, want '.' for its own text",
		    SLICE_ARG(l->name[0]));
	if (l->kind == LINE_STRUCTURE && l->child == NULL && !l->carries &&
	    !s->broken && s->form->ntests == 0)
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' has neither a "
		    "value nor lines below it",
		    SLICE_ARG(l->name[0]));
	if (leaf_kind(l) && (l->blank || l->filing || l->nby > 0))
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' is a leaf; blank, "
		    "filing and by stand on containers",
		    SLICE_ARG(l->name[0]));
	if (!leaf_kind(l) && l->fallback.p != NULL)
		build_wrong(b, s->form, s->form->at,
		    "'%.*s' is a container "
		    "and has no default",
		    SLICE_ARG(l->name[0]));
}

static struct line_store *
line_build(struct builder *b, const struct form *f, struct line_store *parent,
    struct line_store *last, const struct place_of *at)
{
	struct line_store *s = line_new(b, f, parent);
	struct rest r = { 0 };
	bool has_below;

	if (s == NULL)
		return NULL;
	s->scope = at->scope;
	s->broken = f->broken;
	s->segment = at->segment;
	if (!build_tags(b, s, at) || !build_rest(b, s, at, &r))
		return NULL;
	if (s->composite && s->line.kind != LINE_DROP) {
		build_wrong(b, f, f->at,
		    "'%.*s' is a composite, want one of its components or '-'",
		    SLICE_ARG(s->line.name[0]));
		return NULL;
	}
	has_below = f->child != NULL || r.shape.len > 0;
	if (s->line.kind == LINE_ELEMENT && has_below &&
	    path_last(&s->line.choice.arm[0].path)->type == EL_REF &&
	    path_last(&s->line.choice.arm[0].path)->group != NULL)
		s->line.kind = LINE_GROUP;
	s->line.virtual_ =
	    s->line.nby > 0 && (s->line.kind == LINE_GROUP || s->line.filing);
	if (r.is_else)
		line_else(b, s, last);
	line_children(b, s, &r, at);
	line_shape_check(b, s);
	return s;
}

static bool
one_kind(const struct element *a, const struct element *b)
{
	return element_group(a) == element_group(b) && a->list == b->list &&
	       (a->type == EL_MOMENT) == (b->type == EL_MOMENT) &&
	       (a->type == EL_FLAG) == (b->type == EL_FLAG);
}

const struct element *
choice_other(const struct choice *c)
{
	for (uint8_t i = 1; i < c->narms; i++)
		if (!one_kind(
			path_last(&c->arm[0].path), path_last(&c->arm[i].path)))
			return path_last(&c->arm[i].path);
	return NULL;
}

/* What reads and writes one of them would do something else to another. */
static void
let_arms_check(struct builder *b, const struct form *f, const struct choice *c)
{
	const struct element *e = path_last(&c->arm[0].path);
	const struct element *other = choice_other(c);

	if (other != NULL)
		build_wrong(b, f, f->at,
		    "'%.*s' is now '%s' and now '%s', want groups of one "
		    "kind, codes of one list, or values of one kind",
		    SLICE_ARG(f->name[0]), e->name, other->name);
}

static void
let_build(struct builder *b, const struct form *f, struct place_of *at)
{
	struct let *let = arena_get(b->mem, sizeof(*let));
	struct path_env env = build_env(b, at);
	struct choice tried;
	struct lex lx;

	if (let == NULL) {
		b->failed = true;
		return;
	}
	if (group_element(at->scope->group, f->name[0]) != NULL) {
		build_wrong(b, f, f->at,
		    "'%.*s' is an element of '%s', want "
		    "another name",
		    SLICE_ARG(f->name[0]), at->scope->group->name);
		return;
	}
	*let = (struct let){ .name = f->name[0],
		.value = f->rest,
		.scope = at->scope,
		.next = at->lets };
	let->value.to = b->to;
	at->lets = let;
	/* once here, so that its own mistakes are told even if nobody uses it
	 */
	env.lets = let;
	lx = let->value;
	lx.at = f->at;
	if (choice_parse(&lx, &env, &tried))
		let_arms_check(b, f, &tried);
}

/* Lines of one container from f on; the last one made. */
static struct line_store *
lines_build(struct builder *b, const struct form *f, struct line_store *parent,
    struct line_store *last, struct place_of *at)
{
	for (; f != NULL && !b->failed; f = f->next) {
		struct line_store *s;

		if (f->kind == FORM_REMOVE) {
			build_wrong(b, f, f->at,
			    "'- %.*s' removes a line of a "
			    "parent, and there is none",
			    SLICE_ARG(f->name[0]));
			continue;
		}
		if (f->kind == FORM_LET) {
			let_build(b, f, at);
			continue;
		}
		s = line_build(b, f, parent, last, at);
		if (s == NULL) {
			parent->broken = true;
			continue;
		}
		line_append(parent, &last, s);
	}
	return last;
}

/* CSV: one column a leaf, in the order of the lines. */
static void
headings_collect(const struct line *l, struct slice *to, uint32_t *n)
{
	for (; l != NULL; l = l->next) {
		bool seen = false;

		if (l->kind == LINE_STRUCTURE || l->kind == LINE_GROUP) {
			headings_collect(l->child, to, n);
			continue;
		}
		for (uint32_t i = 0; i < *n; i++)
			seen |= slice_eq(to[i], l->name[0]);
		if (!seen)
			to[(*n)++] = l->name[0];
	}
}

static bool
plan_headings(struct builder *b)
{
	struct slice *h = arena_get(b->mem, (b->nlines + 1) * sizeof(*h));

	if (h == NULL)
		return false;
	headings_collect(b->root->line.child, h, &b->plan->nheadings);
	b->plan->heading = h;
	return true;
}

/* The record node that the root's lines start from. */
static const struct path_scope *
root_scope(struct builder *b)
{
	struct path_scope *document = arena_get(b->mem, sizeof(*document));
	struct path_scope *each = arena_get(b->mem, sizeof(*each));

	if (document == NULL || each == NULL) {
		b->failed = true;
		return NULL;
	}
	document->group = b->plan->document;
	if (b->plan->each.nsteps == 0)
		return document;
	each->group = element_group(path_last(&b->plan->each));
	each->up = document;
	each->hops = b->plan->each.nsteps;
	return each;
}

/* A format has lines, and an XML document one element around all. */
static void
root_check(struct builder *b)
{
	const struct line *root = b->root->line.child, *first = NULL;
	const struct form_file *f = b->file;

	if (root == NULL && !b->root->broken && !f->root->broken)
		complaints_add(b->to, false, f->src->name, f->src->text,
		    f->name_at, "format '%s' has no lines", b->plan->name);
	if (b->plan->syntax != SYN_XML)
		return;
	for (const struct line *l = root; l != NULL; l = l->next) {
		const struct form *form = ((const struct line_store *)l)->form;

		if (first != NULL && l->write && l->when == NULL)
			build_wrong(b, form, form->at,
			    "'%.*s' stands beside '%.*s', and an XML document "
			    "has one root",
			    SLICE_ARG(l->name[0]), SLICE_ARG(first->name[0]));
		if (first == NULL && l->write && l->when == NULL)
			first = l;
	}
}

bool
build_plan(struct builder *b)
{
	struct place_of at = { .depth = 0 };

	b->root = line_new(b, b->file->root, NULL);
	at.scope = root_scope(b);
	if (b->root == NULL || at.scope == NULL)
		return false;
	b->root->line.kind = LINE_STRUCTURE;
	b->root->line.read = b->root->line.write = true;
	b->root->scope = at.scope;
	b->plan->root = &b->root->line;
	lines_build(b, b->file->root->child, b->root, NULL, &at);
	if (b->failed)
		return false;
	root_check(b);
	b->plan->nlines = b->nlines;
	if (b->plan->syntax == SYN_CSV && !plan_headings(b))
		return false;
	return plan_index(b->mem, b->root);
}
