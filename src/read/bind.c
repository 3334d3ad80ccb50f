/*
 * read/bind.c - values go into the record: said twice they must agree, moments
 * come together from their parts, references must name something. Called by
 * leaf.c, wrap.c, pattern.c and value.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

#define MOMENT_TEXT 48

/* "$": filings of one envelope share it; a bare one gets its own. */
static void
transmission_need(struct reader *r, const struct path *p)
{
	if (r->record->transmission == NULL && p->nsteps > 0)
		r->record->transmission =
		    node_new(r->mem, p->step[0]->owner, NULL);
}

struct node *
bind_where(struct reader *r, const struct path *p, struct node *here)
{
	struct scope scope = { .record = r->record, .here = here };

	if (p->base == PATH_HERE && p->nsteps == 1)
		return here;
	if (p->base == PATH_TRANSMISSION)
		transmission_need(r, p);
	return path_node(p, &scope, r->mem, true);
}

static struct partial *
partial_of(struct reader *r, const struct value *v)
{
	struct partial *p = r->partial;

	while (p != NULL && p->value != v)
		p = p->next;
	return p;
}

static void
partial_add(struct reader *r, const struct value *v, const struct moment *m)
{
	struct partial *p = arena_get(r->mem, sizeof(*p));

	if (p == NULL)
		return;
	p->value = v;
	p->moment = *m;
	p->next = r->partial;
	r->partial = p;
}

static bool
moment_of(struct reader *r, const struct value *v, struct moment *m)
{
	const struct partial *p = partial_of(r, v);

	if (p != NULL)
		*m = p->moment;
	return p != NULL || moment_parse(v->text, m);
}

static bool
dates_agree(const struct moment *a, const struct moment *b)
{
	return a->year == 0 || b->year == 0 ||
	       (a->year == b->year && a->month == b->month && a->day == b->day);
}

static bool
times_agree(const struct moment *a, const struct moment *b)
{
	if (a->hour < 0 || b->hour < 0)
		return true;
	if (a->hour != b->hour || a->minute != b->minute)
		return false;
	if (a->precision < 3 || b->precision < 3)
		return true;
	return a->second == b->second &&
	       (a->milli < 0 || b->milli < 0 || a->milli == b->milli);
}

/* The parts of two moments that agree, each from whoever has it finer. */
static struct moment
moment_join(const struct moment *a, const struct moment *b)
{
	struct moment m = *a;
	const struct moment *t =
	    b->hour >= 0 && (a->hour < 0 || b->precision > a->precision) ? b
									 : a;

	if (m.year == 0) {
		m.year = b->year;
		m.month = b->month;
		m.day = b->day;
	}
	m.hour = t->hour;
	m.minute = t->minute;
	m.second = t->second;
	m.milli = t->milli;
	m.has_zone = t->has_zone;
	m.zone = t->zone;
	m.precision = t->precision > m.precision ? t->precision : m.precision;
	return m;
}

/* True: they agree, and v now says all that is known of the moment. */
static bool
moment_agree(struct reader *r, struct value *v, const struct got *got)
{
	struct moment a, m;
	struct partial *p;
	char *out;

	if (!moment_of(r, v, &a) || !dates_agree(&a, &got->moment) ||
	    !times_agree(&a, &got->moment))
		return false;
	m = moment_join(&a, &got->moment);
	p = partial_of(r, v);
	if (p != NULL)
		p->moment = m;
	out = arena_raw(r->mem, MOMENT_TEXT);
	if (out != NULL)
		v->text =
		    (struct slice){ out, moment_print(&m, out, MOMENT_TEXT) };
	return true;
}

static struct slice
zeros_cut(struct slice s)
{
	if (memchr(s.p, '.', s.len) == NULL)
		return s;
	while (s.p[s.len - 1] == '0')
		s.len--;
	if (s.p[s.len - 1] == '.')
		s.len--;
	return s;
}

static bool
values_agree(struct reader *r, const struct element *el, struct value *v,
    const struct got *got)
{
	if (slice_eq(v->text, got->text))
		return true;
	if ((v->flags | got->flags) & VALUE_RAW)
		return false;
	if (el->type == EL_DEC && v->text.len > 0 && got->text.len > 0)
		return slice_eq(zeros_cut(v->text), zeros_cut(got->text));
	return got->dated && moment_agree(r, v, got);
}

static void
agree(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, struct value *v, const struct got *got)
{
	struct spot at = { s->line, s->w, node, node };
	char wanted[160];
	struct slice shown;

	if (values_agree(r, el, v, got))
		return;
	shown = utf8_head(v->text, 40);
	(void)snprintf(wanted, sizeof(wanted), "%.*s%s", SLICE_ARG(shown),
	    shown.len < v->text.len ? "..." : "");
	(void)complain(r, FIND_DISAGREE, &at, el, got->text, wanted);
}

/* Is there room for one more? Said once, then the rest is left out. */
static bool
room_for(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el)
{
	const struct value *v = node->slot[el->slot].value;
	char wanted[16], found[16];
	uint32_t n = 0;

	if (el->most == 0)
		return true;
	for (; v != NULL && n < el->most; v = v->next)
		n++;
	if (n < el->most)
		return true;
	(void)snprintf(wanted, sizeof(wanted), "%u", (unsigned)el->most);
	(void)snprintf(found, sizeof(found), "%u", (unsigned)n + 1);
	(void)complain(r, FIND_TOO_MANY, s, el,
	    arena_dup(r->mem, slice_of(found)), wanted);
	return false;
}

static void
reference_add(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, struct value *v)
{
	struct ending *e = arena_get(r->mem, sizeof(*e));

	if (e == NULL)
		return;
	e->spot = *s;
	e->spot.here = node;
	e->el = el;
	e->value = v;
	*r->ending_end = e;
	r->ending_end = &e->next;
}

bool
bind_value(struct reader *r, const struct spot *s, struct node *node,
    const struct element *el, struct got *got)
{
	struct value *v = node->slot[el->slot].value;

	if (v != NULL && !el->repeats) {
		agree(r, s, node, el, v, got);
		return true;
	}
	if (v != NULL && !room_for(r, s, node, el))
		return false;
	v = value_add(r->mem, node, el, got->text);
	if (v == NULL)
		return false;
	v->row = got->row;
	v->scheme = got->scheme;
	v->at = got->at;
	v->span = got->span;
	v->flags = got->flags;
	if (got->dated && got->moment.year == 0)
		partial_add(r, v, &got->moment);
	if (el->type == EL_REF && !(got->flags & VALUE_RAW) &&
	    got->text.len > 0)
		reference_add(r, s, node, el, v);
	return true;
}

struct node *
bind_list(struct node *node, const struct group *g, struct node **owner,
    const struct element **list)
{
	for (*owner = node; *owner != NULL; *owner = (*owner)->parent) {
		const struct group *at = (*owner)->group;

		for (uint16_t i = 0; i < at->nslots; i++)
			if (at->element[i].type == EL_GROUP &&
			    at->element[i].repeats &&
			    at->element[i].group == g) {
				*list = &at->element[i];
				return (*owner)->slot[i].node;
			}
	}
	return NULL;
}

/* A node is named by its sequence, or by its place when it has none. */
static bool
node_is(const struct node *n, const struct element *number, struct slice text)
{
	const struct value *v =
	    number == NULL ? NULL : n->slot[number->slot].value;
	char place[16];

	if (v != NULL)
		return slice_eq(v->text, text);
	(void)snprintf(place, sizeof(place), "%u", (unsigned)n->place);
	return slice_is(text, place);
}

void
bind_reference(struct reader *r, const struct ending *e)
{
	const struct element *list;
	struct node *owner;
	struct node *n = bind_list(e->spot.here, e->el->group, &owner, &list);
	const struct element *number =
	    group_element(e->el->group, SLICE_LIT("sequence"));

	if (r->found->n >= FINDINGS_MAX)
		return;
	/* lists of references mostly go up: look behind the last one first */
	if (r->target != NULL && r->target->parent == owner &&
	    r->target->group == e->el->group && r->target->next != NULL &&
	    node_is(r->target->next, number, e->value->text))
		n = r->target->next;
	while (n != NULL && !node_is(n, number, e->value->text))
		n = n->next;
	r->target = n;
	if (n == NULL) {
		struct finding *f = complain(r, FIND_NO_TARGET, &e->spot, e->el,
		    e->value->text, e->el->group->name);

		f->text_at = e->value->at;
		f->text_span = e->value->span;
	}
}
