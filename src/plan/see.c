/*
 * plan/see.c - what an agency may see of a filing. Nothing is taken out of the
 * record: the leg gets a tree of its own with what is allowed. Called when a
 * leg is written.
 */
#include "src/plan/legs.h"
#include <string.h>

#define SEE_DEPTH 64 /* groups in groups, as deep as a directory may go */

struct seeing {
	const struct rule *first;
	struct slice leg;
	struct arena *mem;
	bool listed; /* the leg has a `see`: all else is hidden */
	const struct element *step[SEE_DEPTH]; /* where the walk stands */
	uint8_t n;
	bool failed;
};

enum sight { HIDDEN, ON_THE_WAY, SEEN, NAMED };

/* A path against where the walk stands: it ends here, above, or below. */
static enum sight
path_sight(const struct seeing *s, const struct path *p)
{
	uint8_t n = p->nsteps < s->n ? p->nsteps : s->n;

	for (uint8_t i = 0; i < n; i++)
		if (p->step[i] != s->step[i])
			return HIDDEN;
	if (p->nsteps == s->n)
		return NAMED;
	return p->nsteps < s->n ? SEEN : ON_THE_WAY;
}

static enum sight
rules_sight(const struct seeing *s)
{
	enum sight best = HIDDEN;

	for (const struct rule *r = s->first; r != NULL; r = r->next) {
		if (r->kind != RULE_SEE || !slice_eq(r->leg, s->leg))
			continue;
		for (uint8_t i = 0; i < r->nsee; i++) {
			enum sight one = path_sight(s, &r->see[i]);

			best = one > best ? one : best;
		}
	}
	return best;
}

/* Without its keys no answer would find it. */
static bool
of_every_leg(const struct seeing *s, const struct group *document)
{
	if (s->n == 1 && strcmp(s->step[0]->name, "function") == 0)
		return true;
	for (uint16_t i = 0; i < document->nkeys; i++)
		for (uint8_t k = 0; k < document->key[i].nparts; k++) {
			struct path p = { .nsteps =
					      document->key[i].part[k].n };

			memcpy(p.step, document->key[i].part[k].step,
			    p.nsteps * sizeof(p.step[0]));
			if (path_sight(s, &p) == NAMED ||
			    path_sight(s, &p) == ON_THE_WAY)
				return true;
		}
	return false;
}

static bool
element_seen(const struct seeing *s, const struct group *document)
{
	const struct element *e = s->step[s->n - 1];
	enum sight sight = rules_sight(s);

	if (e->secret)
		return sight == NAMED;
	return !s->listed || sight != HIDDEN || of_every_leg(s, document);
}

static struct node *node_copy(struct seeing *, const struct node *,
    struct node *parent, const struct group *document);

static void
slot_copy(struct seeing *s, const struct node *from, struct node *to,
    uint16_t i, const struct group *document)
{
	struct node **at = &to->slot[i].node, *head = NULL;

	for (const struct node *n = from->slot[i].node; n != NULL;
	     n = n->next) {
		struct node *c = node_copy(s, n, to, document);

		if (c == NULL)
			return;
		*at = c;
		at = &c->next;
		head = head == NULL ? c : head;
		head->last = c;
	}
}

static struct node *
node_copy(struct seeing *s, const struct node *from, struct node *parent,
    const struct group *document)
{
	struct node *to = node_new(s->mem, from->group, parent);

	if (to == NULL || s->n == SEE_DEPTH) {
		s->failed = true;
		return NULL;
	}
	to->place = from->place;
	to->at = from->at;
	to->span = from->span;
	for (uint16_t i = 0; i < from->group->nslots; i++) {
		const struct element *e = &from->group->element[i];
		bool group = e->type == EL_GROUP || e->type == EL_ABOUT;

		if (group ? from->slot[i].node == NULL
			  : from->slot[i].value == NULL)
			continue;
		s->step[s->n++] = e;
		if (!element_seen(s, document))
			;
		else if (group)
			slot_copy(s, from, to, i, document);
		else
			to->slot[i].value = from->slot[i].value;
		s->n--;
	}
	return to;
}

static bool
secrets_in(const struct node *n)
{
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];

		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *c = n->slot[i].node; c != NULL;
			     c = c->next)
				if (e->secret || secrets_in(c))
					return true;
		} else if (e->secret && n->slot[i].value != NULL) {
			return true;
		}
	}
	return false;
}

struct record *
leg_view(const struct rules *rules, struct record *record, struct slice leg,
    struct arena *mem)
{
	struct seeing s = { .first = rules_first(rules, record->root->group),
		.leg = leg,
		.mem = mem };
	struct record *view;

	for (const struct rule *r = s.first; r != NULL; r = r->next)
		s.listed |= r->kind == RULE_SEE && slice_eq(r->leg, leg);
	if (!s.listed && !secrets_in(record->root))
		return record;
	view = arena_get(mem, sizeof(*view));
	if (view == NULL)
		return NULL;
	*view = *record;
	view->root = node_copy(&s, record->root, NULL, record->root->group);
	return s.failed ? NULL : view;
}
