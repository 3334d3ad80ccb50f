/*
 * format/form_extend.c - "extends": the parent's lines with the child's over
 * them (entrepot-format(5), Extending a format).
 *
 * The parent's tree is copied, never changed: several may extend it.
 */
#include "src/format/form.h"

#define COPIES_MAX 20000

static struct form *
form_copy(const struct form *f, struct form *parent, struct arena *mem,
    uint32_t *left)
{
	struct form *c = *left == 0 ? NULL : arena_get(mem, sizeof(*c));

	if (c == NULL)
		return NULL;
	(*left)--;
	*c = *f;
	c->parent = parent;
	c->child = c->last = c->next = NULL;
	c->mine = false;
	for (const struct form *k = f->child; k != NULL; k = k->next) {
		struct form *kc = form_copy(k, c, mem, left);

		if (kc == NULL)
			return NULL;
		if (c->last != NULL)
			c->last->next = kc;
		else
			c->child = kc;
		c->last = kc;
	}
	return c;
}

struct merge {
	struct arena *mem;
	struct complaints *to;
	uint32_t left; /* lines that may still be copied */
};

static bool
tag_same(const struct form *a, const struct form *b)
{
	return a->kind != FORM_LET && b->kind != FORM_LET &&
	       slice_eq(a->name[0], b->name[0]);
}

static struct form *
let_match(const struct form *in, const struct form *c)
{
	for (struct form *p = in->child; p != NULL; p = p->next)
		if (p->kind == FORM_LET && slice_eq(p->name[0], c->name[0]))
			return p;
	return NULL;
}

/* The parent's line that a child's one stands for; NULL: it is new. */
static struct form *
line_match(const struct form *in, const struct form *c)
{
	struct form *only = NULL;
	unsigned int n = 0;

	if (c->kind == FORM_LET)
		return let_match(in, c);
	for (struct form *p = in->child; p != NULL; p = p->next) {
		if (p->kind != FORM_LINE || p->mine || !tag_same(p, c))
			continue;
		if (form_guard_same(p, c))
			return p;
		only = p;
		n++;
	}
	return n == 1 ? only : NULL;
}

static void
line_unlink(struct form *in, struct form *gone)
{
	struct form **link = &in->child;

	in->last = NULL;
	while (*link != NULL) {
		if (*link == gone) {
			*link = gone->next;
			continue;
		}
		in->last = *link;
		link = &(*link)->next;
	}
}

/* Take out all lines of that tag (and guard); where the first stood. */
static struct form *
lines_remove(
    struct merge *m, struct form *in, const struct form *c, struct form *after)
{
	struct form *before = NULL, *p, *next;
	bool any = false;

	for (p = in->child; p != NULL; p = next) {
		next = p->next;
		if (p->kind == FORM_LINE && tag_same(p, c) &&
		    (c->ntests == 0 || form_guard_same(p, c))) {
			if (!any)
				after = before;
			any = true;
			line_unlink(in, p);
		} else
			before = p;
	}
	if (!any)
		complaints_add(m->to, false, c->src->src->name,
		    c->src->src->text, c->at,
		    "there is no '%.*s' here to "
		    "remove",
		    SLICE_ARG(c->name[0]));
	return after;
}

static void
line_insert(struct form *in, struct form *after, struct form *f)
{
	f->parent = in;
	if (after == NULL) {
		f->next = in->child;
		in->child = f;
	} else {
		f->next = after->next;
		after->next = f;
	}
	if (f->next == NULL)
		in->last = f;
}

/* The child's line says all of it: count, guard, value, codecs, marks. */
static void
line_replace(struct form *p, const struct form *c)
{
	struct form keep = *p;

	if (c->folded) { /* "A/" only leads to what is below */
		if (c->count != 0) {
			p->count = c->count;
			p->most = c->most;
		}
		return;
	}
	*p = *c;
	p->parent = keep.parent;
	p->child = keep.child;
	p->last = keep.last;
	p->next = keep.next;
}

static bool
form_merge(struct merge *m, struct form *into, const struct form *child)
{
	struct form *after = NULL;

	for (const struct form *c = child->child; c != NULL; c = c->next) {
		struct form *p;

		if (c->kind == FORM_REMOVE) {
			after = lines_remove(m, into, c, after);
			continue;
		}
		p = line_match(into, c);
		if (p == NULL) {
			p = form_copy(c, into, m->mem, &m->left);
			if (p == NULL)
				return false;
			line_insert(into, after, p);
		} else {
			line_replace(p, c);
			if (!form_merge(m, p, c))
				return false;
		}
		p->mine = true;
		after = p;
	}
	return true;
}

static void
head_take(struct form_file *c, const struct form_file *p)
{
	if (!c->has_syntax) {
		c->syntax = p->syntax;
		c->has_syntax = p->has_syntax;
	}
	if (c->delimiter == 0)
		c->delimiter = p->delimiter;
	if (!c->has_header) {
		c->header = p->header;
		c->has_header = p->has_header;
	}
	if (c->table.len == 0)
		c->table = p->table;
	if (c->document.len == 0)
		c->document = p->document;
	if (c->about.len == 0)
		c->about = p->about;
	if (c->each.len == 0)
		c->each = p->each;
	c->one_way |= p->one_way;
	if (c->space.p == NULL) {
		c->space = p->space;
		c->prefix = p->prefix;
	}
	if (c->nencodings == 0) {
		memcpy(c->encoding, p->encoding, sizeof(c->encoding));
		c->nencodings = p->nencodings;
	}
	if (!c->has_zone) {
		c->zone = p->zone;
		c->has_zone = p->has_zone;
	}
	if (c->nin == 0) {
		memcpy(c->in, p->in, sizeof(c->in));
		memcpy(c->in_at, p->in_at, sizeof(c->in_at));
		c->nin = p->nin;
	}
	if (c->nanswers == 0) {
		memcpy(c->answers, p->answers, sizeof(c->answers));
		memcpy(c->answers_at, p->answers_at, sizeof(c->answers_at));
		c->nanswers = p->nanswers;
	}
	if (c->nfiles == 0) {
		memcpy(c->file, p->file, sizeof(c->file));
		memcpy(c->file_at, p->file_at, sizeof(c->file_at));
		c->nfiles = p->nfiles;
	}
}

static void
shapes_take(struct form_file *c, const struct form_file *p, struct merge *m)
{
	for (const struct form_shape *s = p->shape; s != NULL; s = s->next) {
		struct form_shape **end = &c->shape, *copy;

		while (*end != NULL && !slice_eq((*end)->name, s->name))
			end = &(*end)->next;
		if (*end != NULL)
			continue;
		copy = arena_get(m->mem, sizeof(*copy));
		if (copy == NULL)
			return;
		*copy = *s;
		copy->next = NULL;
		*end = copy;
	}
}

bool
form_extend(struct form_file *child, const struct form_file *parent,
    struct arena *mem, struct complaints *to)
{
	struct merge m = { .mem = mem, .to = to, .left = COPIES_MAX };
	struct form *root;

	root = form_copy(parent->root, NULL, mem, &m.left);
	if (root == NULL || !form_merge(&m, root, child->root))
		return false;
	child->root = root;
	head_take(child, parent);
	shapes_take(child, parent, &m);
	return true;
}
