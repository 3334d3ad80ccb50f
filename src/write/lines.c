/*
 * write/lines.c - the plan's lines in file order, which is wire order. What
 * carries nothing is taken back: text, trace and findings. Called by write.c.
 */
#include "src/write/writer.h"
#include <stdio.h>

/* All that is undone when a container did not carry. */
struct saved {
	struct wire_mark mark;
	struct findings found;
	uint32_t nentries, nkeys;
	unsigned int nsaid, said_from;
};

static void
save(struct writer *w, struct saved *s)
{
	w->out->mark(w->out, &s->mark);
	s->found = *w->found;
	s->nentries = w->nentries;
	s->nkeys = w->nkeys;
	s->nsaid = w->nsaid;
	s->said_from = w->said_from;
}

static void
restore(struct writer *w, const struct saved *s)
{
	w->out->back(w->out, &s->mark);
	*w->found = s->found;
	if (w->found->last != NULL)
		w->found->last->next = NULL;
	w->nentries = s->nentries;
	w->nkeys = s->nkeys;
}

/*
 * Guard constants that have no line of their own come first: of XML those that
 * are attributes, and the elements behind all attributes.
 */
static void
guards_write(
    struct writer *w, const struct line *l, struct node *here, bool attributes)
{
	struct leaf leaf = { l, here };

	for (int i = 0; i < l->nguards; i++) {
		const struct guard *g = &l->guard[i];
		bool attribute = w->plan->syntax == SYN_XML && g->nsteps == 1 &&
				 g->name[0].len > 0 && g->name[0].p[0] == '@';

		if (g->kind != GUARD_IS || g->line != NULL ||
		    attribute != attributes)
			continue;
		for (int k = 0; k + 1 < g->nsteps; k++)
			w->out->begin(w->out, g->name[k], g->step[k]);
		leaf_put(w, &leaf, g->name[g->nsteps - 1],
		    g->step[g->nsteps - 1], g->constant[0], NULL);
		for (int k = 0; k + 1 < g->nsteps; k++)
			w->out->end(w->out);
	}
}

static const struct said *
said_leaf(const struct writer *w, wtag tag)
{
	for (unsigned int i = w->said_from; i < w->nsaid; i++)
		if (w->said[i].tag == tag && w->said[i].text.len > 0)
			return &w->said[i];
	return NULL;
}

/*
 * Would this line's guard take what stands in the open container? Deeper
 * leaves are compared by the loader: here they say `deeper`.
 */
static bool
guards_take(const struct writer *w, const struct line *l, bool deeper)
{
	for (int i = 0; i < l->nguards; i++) {
		const struct guard *g = &l->guard[i];
		const struct said *s;
		bool is = false;

		if (g->nsteps != 1) {
			if (!deeper)
				return false;
			continue;
		}
		s = said_leaf(w, g->step[0]);
		for (int k = 0; s != NULL && k < g->nconstants; k++)
			is |= slice_eq(s->text, g->constant[k]);
		if (g->kind == GUARD_PRESENT)
			is = s != NULL;
		else if (g->kind == GUARD_ABSENT)
			is = s == NULL;
		if (!is)
			return false;
	}
	return true;
}

/* The first value below a line, to name what cannot be told apart. */
static const struct line *
element_below(const struct line *l)
{
	const struct line *found = l->kind == LINE_ELEMENT ? l : NULL;

	for (const struct line *c = l->child; c != NULL && found == NULL;
	     c = c->next)
		found = element_below(c);
	return found;
}

static void
taken_say(struct writer *w, const struct line *l, const struct line *by,
    struct node *here)
{
	const struct line *e = element_below(l);
	struct leaf leaf = { l, here };
	struct node *node = NULL;
	const struct value *v = NULL;
	const struct element *el = NULL;
	char wanted[160];

	if (e != NULL && e->choice.narms > 0) {
		const struct path *p = &e->choice.arm[0].path;

		el = p->step[p->nsteps - 1];
		v = value_get(w, p, here, &node);
	}
	(void)snprintf(wanted, sizeof(wanted),
	    by == l ? "what tells line %u of %s from others"
		    : "a form that is not read as line %u of %s",
	    (unsigned)by->file_line, w->plan->name);
	(void)complain_out(w, FIND_NOT_WRITABLE, &leaf, node, el, v,
	    v == NULL ? (struct slice){ NULL, 0 } : v->text, wanted,
	    "不会被误读为其他字段的内容");
}

/* Are all lines from a to l of one tag? */
static bool
stand_together(const struct line *a, const struct line *l)
{
	while (a != NULL && a != l && a->tag[0] == l->tag[0])
		a = a->next;
	return a == l;
}

/* "Said the same way, meant otherwise" must not leave the house. */
static void
alternatives_check(struct writer *w, const struct line *l, struct node *outer,
    struct node *here)
{
	const struct line *a = line_first(l->parent, l->tag[0]), *next;
	struct scope scope = { .record = w->record, .here = outer };

	if (l->tag[0] == TAG_UNKNOWN || !l->read)
		return;
	if (!guards_take(w, l, true)) {
		taken_say(w, l, l, here);
		return;
	}
	for (; a != NULL && a != l; a = next) {
		next = line_again(a, l->tag[0]);
		if (w->plan->syntax == SYN_EDIFACT && !stand_together(a, l))
			continue; /* told apart by their places */
		if (!a->read || !guards_take(w, a, false) ||
		    (a->when != NULL && !cond_holds(a->when, &scope)))
			continue;
		taken_say(w, l, a, here);
		return;
	}
}

static bool attributes_write(
    struct writer *, const struct line *, struct node *);
static bool pass_write(
    struct writer *, const struct line *, struct node *, bool attributes);

static bool
container_for(struct writer *w, const struct line *l, struct node *outer,
    struct node *here)
{
	struct saved s;
	bool carried;

	if (l->virtual_)
		return lines_write(w, l, here);
	save(w, &s);
	w->out->begin(w->out, l->name[0], l->tag[0]);
	w->said_from = w->nsaid;
	guards_write(w, l, here, true);
	carried = attributes_write(w, l, here);
	guards_write(w, l, here, false);
	carried |= pass_write(w, l, here, false);
	if (carried || l->bang) {
		alternatives_check(w, l, outer, here);
		w->out->end(w->out);
	} else {
		restore(w, &s);
	}
	w->nsaid = s.nsaid;
	w->said_from = s.said_from;
	return carried;
}

bool
container_write(struct writer *w, const struct line *l, struct node *here)
{
	return container_for(w, l, here, here);
}

/* The nodes that a reference names, where a group is wanted. */
static struct node *
target_of(struct node *node, const struct element *ref, struct slice text)
{
	const struct element *number =
	    group_element(ref->group, SLICE_LIT("sequence"));

	for (; node != NULL; node = node->parent)
		for (uint16_t i = 0; i < node->group->nslots; i++) {
			const struct element *e = &node->group->element[i];
			struct node *n = node->slot[i].node;

			if (e->type != EL_GROUP || !e->repeats ||
			    e->group != ref->group)
				continue;
			for (; n != NULL; n = n->next) {
				const struct value *v =
				    number == NULL
					? NULL
					: n->slot[number->slot].value;
				char place[16];

				(void)snprintf(place, sizeof(place), "%u",
				    (unsigned)n->place);
				if (v != NULL ? slice_eq(v->text, text)
					      : slice_is(text, place))
					return n;
			}
			return NULL;
		}
	return NULL;
}

static void
most_say(struct writer *w, const struct line *l, struct node *node,
    const struct element *el, uint32_t n)
{
	struct leaf leaf = { l, node };
	char found[16], wanted[16];

	(void)snprintf(found, sizeof(found), "%u", (unsigned)n);
	(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)l->most);
	(void)complain_out(w, FIND_TOO_MANY, &leaf, node, el, NULL,
	    slice_of(found), wanted, "");
}

static bool
nodes_write(struct writer *w, const struct line *l, struct node *outer,
    struct node *owner, const struct element *el)
{
	struct node *n = owner->slot[el->slot].node;
	bool carried = false;
	uint32_t count = 0;

	for (; n != NULL; n = n->next) {
		carried |= container_for(w, l, outer, n);
		count++;
	}
	if (l->most > 0 && count > l->most)
		most_say(w, l, owner, el, count);
	return carried;
}

static bool
targets_write(struct writer *w, const struct line *l, struct node *outer,
    struct node *owner, const struct element *el)
{
	const struct value *v = owner->slot[el->slot].value;
	bool carried = false;

	for (; v != NULL; v = v->next) {
		struct node *n = target_of(owner, el, v->text);

		if (n != NULL)
			carried |= container_for(w, l, outer, n);
	}
	return carried;
}

static bool
group_write(struct writer *w, const struct line *l, struct node *here)
{
	struct scope scope = { .record = w->record, .here = here };
	const struct path *p = choice_path(&l->choice, &scope);
	struct leaf leaf = { l, here };
	const struct element *el;
	struct node *owner, *none;

	if (p == NULL)
		return false;
	if (p->nsteps == 0)
		return container_for(w, l, here, here);
	el = p->step[p->nsteps - 1];
	owner = p->base == PATH_HERE && p->nsteps == 1
		    ? here
		    : path_node(p, &scope, w->mem, false);
	if (owner != NULL && el->type == EL_REF &&
	    owner->slot[el->slot].value != NULL)
		return targets_write(w, l, here, owner, el);
	if (owner != NULL && el->type != EL_REF &&
	    owner->slot[el->slot].node != NULL)
		return nodes_write(w, l, here, owner, el);
	if (l->least == 0)
		return false;
	none = absent_node(w, el, owner == NULL ? here : owner);
	if (none == NULL)
		return false;
	if (container_for(w, l, here, none))
		return true;
	if (!l->bang)
		(void)complain_out(w, FIND_MISSING_OUT, &leaf, here, el, NULL,
		    (struct slice){ NULL, 0 }, "", "");
	return false;
}

/* Each record in its own container; lines outside are the first record's. */
static bool
filings_write(struct writer *w, const struct line *l)
{
	struct record *first = w->record;
	bool carried = false;

	for (uint32_t i = 0; i < w->in->nrecords; i++) {
		w->record = w->in->record[i];
		if (l->kind == LINE_GROUP)
			carried |= group_write(w, l, w->record->root);
		else
			carried |= container_write(w, l, w->record->root);
	}
	w->record = first;
	if (l->most > 0 && w->in->nrecords > l->most)
		most_say(w, l, first->root, NULL, w->in->nrecords);
	return carried;
}

static bool
line_write(
    struct writer *w, const struct line *l, struct node *here, bool blank)
{
	struct leaf leaf = { l, here };

	if (l->filing)
		return filings_write(w, l);
	switch (l->kind) {
	case LINE_DROP:
		if (blank)
			leaf_put(w, &leaf, l->name[0], l->tag[0],
			    (struct slice){ "", 0 }, NULL);
		return false;
	case LINE_STRUCTURE:
		if (l->nby > 0 && !l->virtual_)
			return by_write(w, l, here);
		return l->most == 1 ? container_write(w, l, here)
				    : repeat_write(w, l, here);
	case LINE_GROUP:
		return group_write(w, l, here);
	default:
		return !leaf_idle(w, &leaf) && leaf_write(w, &leaf, blank);
	}
}

static bool
is_leaf(const struct line *l)
{
	return l->kind != LINE_STRUCTURE && l->kind != LINE_GROUP &&
	       l->kind != LINE_DROP;
}

/*
 * One pass: attributes of an XML element before all else. An absent leaf of a
 * blank container is written empty, once for all its alternatives.
 */
static bool
pass_write(struct writer *w, const struct line *parent, struct node *here,
    bool attributes)
{
	struct scope scope = { .record = w->record, .here = here };
	bool carried = false, told = false;

	for (const struct line *l = parent->child; l != NULL; l = l->next) {
		bool blank = parent->blank &&
			     (l->next == NULL || l->next->tag[0] != l->tag[0]);

		if (!l->write || l->attribute != attributes)
			continue;
		if (l->when == NULL || cond_holds(l->when, &scope)) {
			told = true;
			carried |= line_write(w, l, here, parent->blank);
		} else if (blank && !told && is_leaf(l)) {
			struct leaf leaf = { l, here };

			leaf_put(w, &leaf, l->name[0], l->tag[0],
			    (struct slice){ "", 0 }, NULL);
		}
		if (l->next != NULL && l->next->tag[0] != l->tag[0])
			told = false;
	}
	return carried;
}

/* Of XML they stand in the start tag, wherever their lines stand. */
static bool
attributes_write(struct writer *w, const struct line *parent, struct node *here)
{
	if (w->plan->syntax == SYN_XML)
		for (const struct line *l = parent->child; l != NULL;
		     l = l->next)
			if (l->attribute)
				return pass_write(w, parent, here, true);
	return false;
}

bool
lines_write(struct writer *w, const struct line *parent, struct node *here)
{
	bool carried = attributes_write(w, parent, here);

	return pass_write(w, parent, here, false) || carried;
}
