/*
 * format/rules_legs.c - what a rule may ask of legs, proved when it is loaded:
 * only what their answers can give, and nothing that could never come. Called
 * by rules.c and rules_parse.c.
 */
#include "src/format/rules_parse.h"

#define HOLD_LEGS 32 /* waiting in a row */

struct looking {
	struct lex *lx;
	const struct group *document;
	struct slice leg; /* the first that is named */
	bool several, sound;
};

/* Of a receipt these are known of every leg. */
static bool
said_by_all(const struct element *e)
{
	static const char *const names[] = { "outcome", "status", "level",
		"number", "text" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(e->name, names[i]) == 0)
			return true;
	return false;
}

/* Of its document the keys: they are what answers teach. */
static bool
key_alone(const struct group *document, const struct element *e)
{
	for (uint16_t i = 0; i < document->nkeys; i++) {
		const struct key *k = &document->key[i];

		if (k->nparts == 1 && k->part[0].n == 1 &&
		    k->part[0].step[0] == e)
			return true;
	}
	return false;
}

static void
leg_path(void *arg, const struct path *p, bool each_node)
{
	struct looking *k = arg;
	const struct element *e = p->nsteps == 1 ? p->step[0] : NULL;

	(void)each_node;
	if (p->base != PATH_LEG)
		return;
	k->several |= k->leg.len > 0 && !slice_eq(k->leg, p->leg);
	if (k->leg.len == 0)
		k->leg = p->leg;
	if (e != NULL && (e->owner == k->document ? key_alone(k->document, e)
						  : said_by_all(e)))
		return;
	k->sound = false;
	lex_wrong(k->lx, (size_t)(p->text.p - k->lx->src->text.p),
	    "no answer gives '%.*s', want outcome, status, level, number, "
	    "text or a key of the document",
	    SLICE_ARG(p->text));
}

/* Each part of a release speaks of one leg: that leg gates. */
static bool
clause_look(void *arg, const struct cond *c)
{
	struct looking *k = arg;

	k->leg = (struct slice){ 0 };
	k->several = false;
	cond_paths(c, leg_path, k);
	if (k->sound && (k->leg.len == 0 || k->several)) {
		k->sound = false;
		lex_wrong(k->lx, k->lx->at,
		    "each part of a release between 'and' speaks of one leg: "
		    "@LEG.outcome = ...");
	}
	return k->sound;
}

bool
rule_legs_check(
    struct lex *lx, const struct group *document, const struct rule *r)
{
	struct looking k = { .lx = lx, .document = document, .sound = true };

	if (r->kind == RULE_RELEASE) {
		if (r->when == NULL)
			return lex_want(lx, "'when'");
		return cond_clauses(r->when, clause_look, &k);
	}
	if (r->when != NULL)
		cond_paths(r->when, leg_path, &k);
	if (r->until != NULL)
		cond_paths(r->until, leg_path, &k);
	if (r->expr != NULL)
		expr_paths(r->expr, leg_path, &k);
	return k.sound;
}

/* --- legs that wait for one another --- */

struct circle {
	const struct rule *first, *hold;
	unsigned int depth;
	bool found;
};

static void
wait_path(void *arg, const struct path *p, bool each_node)
{
	struct circle *c = arg;

	(void)each_node;
	if (p->base != PATH_LEG || c->found)
		return;
	if (slice_eq(p->leg, c->hold->leg) || c->depth == HOLD_LEGS) {
		c->found = true;
		return;
	}
	for (const struct rule *r = c->first; r != NULL; r = r->next)
		if (r->kind == RULE_HOLD && slice_eq(r->leg, p->leg)) {
			c->depth++;
			cond_paths(r->until, wait_path, c);
			c->depth--;
		}
}

bool
rule_hold_circles(const struct rule *first, const struct rule *hold)
{
	struct circle c = { .first = first, .hold = hold };

	cond_paths(hold->until, wait_path, &c);
	return c.found;
}
