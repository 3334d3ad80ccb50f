/*
 * format/check_bound.c - what is bound where: LANGUAGE section 7 numbers 5
 * (both ways, dates), 6 (conditions) and 8 (by, filing).
 */
#include "src/format/check.h"
#include "src/format/date.h"

/* ---- looking for a path among all lines ---- */

struct search {
	const struct path *path;
	const struct line *not_this;
	bool unconditioned; /* only lines that always hold */
	bool read, write;   /* only lines that go this way */
	bool timed;         /* only lines whose date has a time */
	bool found;
};

static bool
goes(const struct line *l, bool read, bool write)
{
	for (; l->parent != NULL; l = l->parent)
		if ((read && !l->read) || (write && !l->write))
			return false;
	return true;
}

static bool
always(const struct line *l)
{
	if (l->choice.narms > 1)
		return false;
	for (; l->parent != NULL; l = l->parent)
		if (l->when != NULL ||
		    (l->kind == LINE_GROUP && l->choice.narms > 1))
			return false;
	return true;
}

static bool
codecs_timed(const struct line *l)
{
	bool dated = false;

	for (const struct codec *c = l->codec; c != NULL; c = c->next) {
		if (c->kind == CODEC_DATE_WITH)
			return true;
		if (c->kind != CODEC_DATE)
			continue;
		dated = true;
		for (uint8_t i = 0; i < c->u.date.n; i++)
			if (c->u.date.pattern[i]->has_time)
				return true;
	}
	return !dated; /* ISO as it is */
}

static void
search_one(void *arg, const struct line *l, const struct path *p)
{
	struct search *s = arg;

	if (s->found || l == s->not_this || !path_alike(p, s->path) ||
	    !goes(l, s->read, s->write) || (s->unconditioned && !always(l)) ||
	    (s->timed && !codecs_timed(l)))
		return;
	s->found = true;
}

static bool
search(const struct builder *b, struct search *s)
{
	lines_bound(&b->root->line, search_one, s);
	return s->found;
}

/* ---- 6: conditions ---- */

struct cond_check {
	struct builder *b;
	const struct line *line;
};

static void
cond_path(void *arg, const struct path *p, bool each_node)
{
	struct cond_check *c = arg;
	struct search s = { .path = p, .unconditioned = true, .read = true };
	const struct line_store *st = store_of(c->line);

	(void)each_node;
	if (p->base == PATH_TRANSMISSION || p->nsteps == 0 || search(c->b, &s))
		return;
	build_wrong(c->b, st->form,
	    st->when_at != 0 ? st->when_at : st->value_at,
	    "the condition needs '%.*s', and no line binds it without a "
	    "condition",
	    SLICE_ARG(p->text));
}

static void
choice_conditions(struct cond_check *c, const struct choice *choice)
{
	for (uint8_t i = 0; i < choice->narms; i++)
		if (choice->arm[i].when != NULL)
			cond_paths(choice->arm[i].when, cond_path, c);
}

static void
line_conditions(struct builder *b, const struct line *l)
{
	struct cond_check c = { .b = b, .line = l };

	if (l->when != NULL && !store_of(l)->shared_when)
		cond_paths(l->when, cond_path, &c);
	choice_conditions(&c, &l->choice);
	for (uint16_t i = 0; i < l->npieces; i++)
		choice_conditions(&c, &l->piece[i].choice);
}

/* ---- what is computed is made of what the message holds ---- */

static void
computed_path(void *arg, const struct path *p, bool each_node)
{
	struct cond_check *c = arg;
	struct search s = { .path = p };

	(void)each_node;
	if (p->base == PATH_TRANSMISSION || p->nsteps == 0 || search(c->b, &s))
		return;
	build_wrong(c->b, store_of(c->line)->form, store_of(c->line)->value_at,
	    "'%.*s' is made of '%.*s', and no line binds it",
	    SLICE_ARG(c->line->name[0]), SLICE_ARG(p->text));
}

static void
line_computed(struct builder *b, const struct line *l)
{
	struct cond_check c = { .b = b, .line = l };

	if (l->kind == LINE_COMPUTED)
		expr_paths(l->expr, computed_path, &c);
}

/* ---- 5: every "<" has its ">" ---- */

/* A line of the same tag beside it that goes the other way. */
static bool
other_way(const struct line *l)
{
	for (const struct line *o = l->parent->child; o != NULL; o = o->next)
		if (o != l && o->tag[0] == l->tag[0] &&
		    (l->read ? o->write : o->read))
			return true;
	return false;
}

struct way_check {
	struct builder *b;
	const struct line *top; /* the one that says "<" or ">" */
};

static void
way_path(void *arg, const struct line *l, const struct path *p)
{
	struct way_check *w = arg;
	struct search s = { .path = p,
		.not_this = l,
		.read = !w->top->read,
		.write = !w->top->write };
	const struct form *f = store_of(w->top)->form;

	if (p->base == PATH_TRANSMISSION || l->kind == LINE_GROUP ||
	    search(w->b, &s))
		return;
	build_wrong(w->b, f, f->at,
	    w->top->read
		? "'%.*s' is read here and written nowhere, want its '>' or "
		  "'one way'"
		: "'%.*s' is written here and read nowhere, want its '<'",
	    SLICE_ARG(p->text));
}

static void
line_ways(struct builder *b, const struct line *l)
{
	struct way_check w = { .b = b, .top = l };

	if ((l->read && l->write) || b->plan->one_way || other_way(l))
		return;
	line_bound(l, way_path, &w);
	lines_bound(l, way_path, &w);
}

/* ---- 5: a moment whose time no line carries ---- */

static void
line_time(struct builder *b, const struct line *l)
{
	const struct element *e;
	struct search s = { .timed = true, .write = true };
	const struct form *f = store_of(l)->form;

	if (l->kind != LINE_ELEMENT || !l->write || b->plan->one_way)
		return;
	s.path = &l->choice.arm[0].path;
	e = path_last(s.path);
	if (e->type != EL_MOMENT || codecs_timed(l) || search(b, &s))
		return;
	build_warn(b, f, store_of(l)->value_at,
	    "'%s' is a moment, and no line "
	    "carries its time: it is lost on writing",
	    e->name);
}

/* ---- 8: by and filing ---- */

struct by_check {
	const struct path *path;
	const struct line *first; /* the reader knows it by its tags */
	bool found;
};

static void
by_path(void *arg, const struct line *l, const struct path *p)
{
	struct by_check *c = arg;

	if (path_last(p) != path_last(c->path))
		return;
	if (c->first == NULL)
		c->first = l;
	c->found |= tags_meet(l, c->first);
}

/*
 * The line itself is not on the wire: of the nodes that are, each is looked
 * into for what brings it together with the next one.
 */
static void
by_below(struct builder *b, const struct line *l, struct by_check *c)
{
	for (const struct line *w = l->child; w != NULL; w = w->next) {
		if (!w->read || w->kind == LINE_DROP)
			continue;
		c->found = false;
		lines_bound(w, by_path, c);
		if (!c->found)
			build_wrong(b, store_of(w)->form, store_of(w)->form->at,
			    "'%.*s' cannot be brought together by '%.*s', want "
			    "a container with a line '%.*s' that binds it",
			    SLICE_ARG(w->name[0]), SLICE_ARG(c->path->text),
			    SLICE_ARG(c->first->name[0]));
	}
}

/* That "by" cannot stand on a leaf was told. */
static void
line_by(struct builder *b, const struct line *l)
{
	for (uint8_t i = 0; i < l->nby && !line_leaf(l); i++) {
		struct by_check c = { .path = &l->by[i] };

		lines_bound(l, by_path, &c);
		if (!c.found)
			build_wrong(b, store_of(l)->form, store_of(l)->by_at,
			    "'by %.*s' needs a line below that binds it",
			    SLICE_ARG(l->by[i].text));
		else if (l->virtual_)
			by_below(b, l, &c);
	}
}

static void
line_filing(struct builder *b, const struct line *l)
{
	const struct form *f = store_of(l)->form;

	if (!l->filing || line_leaf(l))
		return;
	for (const struct line *up = l->parent; up != NULL; up = up->parent)
		if (up->filing)
			build_wrong(b, f, f->at,
			    "'%.*s' is a filing inside "
			    "the filing '%.*s', want one of them",
			    SLICE_ARG(l->name[0]), SLICE_ARG(up->name[0]));
	if (b->plan->each.nsteps > 0)
		build_wrong(b, f, f->at,
		    "'filing' in a format that says "
		    "'each %.*s', want one of them",
		    SLICE_ARG(b->plan->each.text));
	if (l->most == 1 && !l->virtual_)
		build_wrong(b, f, f->at,
		    "'%.*s' is a filing and stands once, "
		    "want '%.*s*' or no mark",
		    SLICE_ARG(l->name[0]), SLICE_ARG(l->name[0]));
}

static void
line_carries(struct builder *b, const struct line *l)
{
	const struct form *f = store_of(l)->form;

	if (!l->carries)
		return;
	if (l->kind != LINE_STRUCTURE)
		build_wrong(b, f, store_of(l)->value_at,
		    "'%.*s' carries "
		    "another arrival and has no value of its own",
		    SLICE_ARG(l->name[0]));
	for (const struct line *up = l->parent; up != NULL; up = up->parent)
		if (up->carries)
			build_wrong(b, f, f->at,
			    "'%.*s' carries inside what "
			    "'%.*s' carries",
			    SLICE_ARG(l->name[0]), SLICE_ARG(up->name[0]));
}

static void
lines_check(struct builder *b, const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		line_conditions(b, l);
		line_computed(b, l);
		line_ways(b, l);
		line_time(b, l);
		line_by(b, l);
		line_filing(b, l);
		line_carries(b, l);
		lines_check(b, l);
	}
}

void
check_bound(struct builder *b)
{
	lines_check(b, &b->root->line);
}
