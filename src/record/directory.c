/*
 * record/directory.c - the directory is put together and looked up.
 *
 * A shared group ("group equipment") is one layout for all its uses, unless it
 * holds a reference that points out of itself (goods ref item): then each
 * place of use gets a copy whose reference means that place's own items.
 */
#include <stdlib.h>
#include "src/record/directory_build.h"

/* The groups around a place, innermost first. */
struct chain {
	const struct group *group;
	const struct chain *up;
};

static void
draft_wrong(struct directory *d, const struct source_line *l, size_t at,
    const char *what, struct slice name)
{
	complaints_add(d->to, false, l->src->name, l->src->text, at,
	    "%s '%.*s'", what, SLICE_ARG(name));
}

static struct draft *
draft_find(const struct directory *d, struct slice name)
{
	for (uint32_t i = 0; i < d->ndrafts; i++)
		if (slice_is(name, d->draft[i]->made->name))
			return d->draft[i];
	return NULL;
}

/* A group may not contain itself. */
static void
draft_cycles(struct directory *d, struct draft *g)
{
	if (g->checked)
		return;
	g->open = true;
	for (uint16_t i = 0; i < g->made->nslots; i++) {
		struct draft_element *de = &g->element[i];
		struct draft *to = de->own;

		if (de->uses.len > 0) {
			to = draft_find(d, de->uses);
			if (to == NULL || to->made->document) {
				draft_wrong(d, de->line, de->at,
				    to == NULL ? "there is no group"
					       : "a document is no group:",
				    de->uses);
				to = NULL;
			} else if (to->open) {
				draft_wrong(d, de->line, de->at,
				    "a group may not contain itself:",
				    de->uses);
				to = NULL;
			}
			if (to == NULL) /* as if it were text, to go on */
				de->uses = SLICE_LIT("");
			if (to == NULL)
				de->made->type = EL_AN;
		}
		if (to != NULL)
			draft_cycles(d, to);
	}
	g->open = false;
	g->checked = true;
}

static const struct element *
chain_target(const struct chain *c, struct slice name)
{
	for (; c != NULL; c = c->up)
		for (uint16_t i = 0; i < c->group->nslots; i++) {
			const struct element *e = &c->group->element[i];

			if (e->type == EL_GROUP && e->repeats &&
			    slice_is(name, e->name))
				return e;
		}
	return NULL;
}

/* Does a reference below point out of the group where the chain ends? */
static bool
draft_reaches(
    const struct directory *d, const struct draft *g, const struct chain *up)
{
	struct chain here = { g->made, up };

	for (uint16_t i = 0; i < g->made->nslots; i++) {
		const struct draft_element *de = &g->element[i];
		const struct draft *below = de->own;

		if (de->target.len > 0 &&
		    chain_target(&here, de->target) == NULL)
			return true;
		if (de->uses.len > 0)
			below = draft_find(d, de->uses);
		if (below != NULL && draft_reaches(d, below, &here))
			return true;
	}
	return false;
}

static struct group *
group_copy(struct directory *d, const struct group *g)
{
	struct group *copy = arena_get(d->mem, sizeof(*copy));
	struct element *e = arena_get(d->mem, (g->nslots + 1u) * sizeof(*e));

	if (copy == NULL || e == NULL || ++d->copies > DIRECTORY_COPIES)
		return NULL;
	*copy = *g;
	copy->element = e;
	for (uint16_t i = 0; i < g->nslots; i++) {
		e[i] = g->element[i];
		e[i].owner = copy;
	}
	return copy;
}

/* Give each group element its group, copies where they are needed. */
static bool
draft_link(struct directory *d, const struct draft *g, struct group *into)
{
	struct element *e = (struct element *)into->element;

	for (uint16_t i = 0; i < into->nslots; i++) {
		const struct draft_element *de = &g->element[i];
		const struct draft *from = de->own;
		struct group *group;
		bool copy = into != g->made;

		if (de->uses.len > 0) {
			from = draft_find(d, de->uses);
			copy = draft_reaches(d, from, NULL);
		}
		if (from == NULL)
			continue;
		group = copy ? group_copy(d, from->made) : from->made;
		if (group == NULL)
			return false;
		e[i].group = group;
		if (e[i].en[0] == '\0')
			e[i].en = group->en;
		if (e[i].zh[0] == '\0')
			e[i].zh = group->zh;
		if ((copy || de->own != NULL) && !draft_link(d, from, group))
			return false;
	}
	return true;
}

/*
 * Does the chain begin at a document? A group of its own that is looked at by
 * itself may point out of it: each copy is resolved where it is used.
 */
static bool
chain_rooted(const struct chain *c)
{
	while (c->up != NULL)
		c = c->up;
	return c->group->document;
}

/* References, now that every group is in its place. */
static void
draft_resolve(struct directory *d, const struct draft *g, struct group *into,
    const struct chain *up)
{
	struct element *e = (struct element *)into->element;
	struct chain here = { into, up };

	for (uint16_t i = 0; i < into->nslots; i++) {
		const struct draft_element *de = &g->element[i];
		const struct element *target;

		if (de->target.len > 0) {
			target = chain_target(&here, de->target);
			if (target != NULL)
				e[i].group = target->group;
			else if (chain_rooted(&here))
				draft_wrong(d, de->line, de->at,
				    "there is no repeated group to refer to:",
				    de->target);
		}
		if (de->own != NULL)
			draft_resolve(
			    d, de->own, (struct group *)e[i].group, &here);
		else if (de->uses.len > 0 &&
			 e[i].group != draft_find(d, de->uses)->made)
			draft_resolve(d, draft_find(d, de->uses),
			    (struct group *)e[i].group, &here);
	}
}

static bool
was_named(const struct element *e, struct slice name)
{
	struct slice rest = slice_of(e->was);

	while (rest.len > 0)
		if (slice_eq(slice_cut(&rest, ' '), name))
			return true;
	return false;
}

static void
draft_names(struct directory *d, const struct draft *g)
{
	for (uint16_t i = 0; i < g->made->nslots; i++) {
		struct slice name = slice_of(g->made->element[i].name);

		for (uint16_t k = 0; k < g->made->nslots; k++)
			if (was_named(&g->made->element[k], name))
				draft_wrong(d, g->element[k].line,
				    g->element[k].line->at,
				    "the earlier name is one of today:", name);
		if (g->element[i].own != NULL)
			draft_names(d, g->element[i].own);
	}
}

/* Where a line of key or search is read. */
struct key_line {
	struct lex lx;
	const struct group *document;
	bool search; /* through lists, every one of them */
};

/* One step: an element of g, which is of the element before; NULL: wrong. */
static const struct element *
step_resolve(
    struct key_line *kl, const struct group *g, const struct element *before)
{
	struct lex *lx = &kl->lx;
	const struct element *e;
	struct slice name;
	size_t at;

	lex_end(lx);
	at = lx->at;
	name = lex_name(lx);
	if (name.len == 0) {
		lex_want(lx, "an element");
		return NULL;
	}
	if (g == NULL) {
		lex_wrong(lx, at, "'%s' is an element and has no '%.*s' in it",
		    before->name, SLICE_ARG(name));
		return NULL;
	}
	e = group_element(g, name);
	if (e == NULL)
		lex_wrong(lx, at, "there is no element '%.*s' in '%s'",
		    SLICE_ARG(name), g->name);
	else if (e->repeats && !kl->search)
		lex_wrong(lx, at,
		    "'%s' repeats and a key is one value, want a line 'search'",
		    e->name);
	else
		return e;
	return NULL;
}

/* A path of names from the document; 0: complained. */
static uint8_t
steps_resolve(struct key_line *kl, const struct element **step)
{
	struct lex *lx = &kl->lx;
	const struct group *g = kl->document;
	uint8_t n = 0;
	size_t from;

	lex_end(lx);
	from = lx->at;
	do {
		if (n == KEY_DEPTH) {
			lex_wrong(lx, from, "a path of more than %d steps",
			    KEY_DEPTH);
			return 0;
		}
		step[n] = step_resolve(kl, g, n == 0 ? NULL : step[n - 1]);
		if (step[n] == NULL)
			return 0;
		g = step[n]->type == EL_GROUP ? step[n]->group : NULL;
		n++;
	} while (lx->at < lx->end && lx->src->text.p[lx->at] == '.' &&
		 lx->at++ < lx->end);
	if (step[n - 1]->type != EL_GROUP)
		return n;
	lex_wrong(
	    lx, from, "'%s' is a group, want an element", step[n - 1]->name);
	return 0;
}

static bool
key_name(struct key_line *kl, const struct key *before, uint16_t n,
    struct slice *name)
{
	struct lex *lx = &kl->lx;
	const char *what = kl->search ? "search" : "key";
	size_t at;

	lex_end(lx);
	at = lx->at;
	*name = lex_name(lx);
	if (name->len == 0 || !lex_char(lx, '='))
		return lex_want(lx, kl->search ? "search NAME = PATH"
					       : "key NAME = PATH + PATH");
	for (uint16_t i = 0; i < n; i++)
		if (before[i].name != NULL && slice_is(*name, before[i].name))
			lex_wrong(lx, at, "%s '%.*s' stands here twice", what,
			    SLICE_ARG(*name));
	return true;
}

/* The n-th of its kind. */
static void
key_take(struct directory *d, struct key_line *kl, struct key *all, uint16_t n)
{
	struct lex *lx = &kl->lx;
	struct key *k = &all[n];
	struct slice name;
	size_t from = lx->at;

	if (!key_name(kl, all, n, &name))
		return;
	*k = (struct key){ .name = arena_str(d->mem, name) };
	do {
		if (k->nparts == KEY_PARTS) {
			lex_want(lx, "at most 6 elements");
			return;
		}
		k->part[k->nparts].n =
		    steps_resolve(kl, k->part[k->nparts].step);
		if (k->part[k->nparts].n == 0)
			return;
		k->nparts++;
	} while (lex_char(lx, '+'));
	k->carried = !kl->search && lex_take(lx, "carried");
	if (!lex_end(lx)) {
		lex_want(lx, kl->search
				 ? "the end of the line"
				 : "'+', 'carried' or the end of the line");
		return;
	}
	if (kl->search && k->nparts > 1)
		lex_wrong(
		    lx, from, "a search is one element, want a line for each");
	if (k->carried && (k->nparts > 1 || k->part[0].n > 1))
		lex_wrong(lx, from,
		    "what is carried is one element of the document itself");
}

/* Lines of one kind into *out. */
static bool
draft_lines(struct directory *d, struct draft *g, bool search, int most,
    const struct key **out, uint16_t *n)
{
	struct key *key = arena_get(d->mem, (size_t)most * sizeof(*key));
	const char *word = search ? "search" : "key";

	if (key == NULL)
		return false;
	*out = key;
	for (struct source_line *l = g->line->child; l != NULL; l = l->next) {
		struct key_line kl = { .document = g->made, .search = search };

		lex_init(&kl.lx, l, d->mem, d->to);
		if (!lex_take(&kl.lx, word))
			continue;
		if (*n == most)
			lex_wrong(&kl.lx, l->at, "more than %d lines of %s",
			    most, word);
		else
			key_take(d, &kl, key, (*n)++);
	}
	return true;
}

static bool
draft_keys(struct directory *d, struct draft *g)
{
	if (!draft_lines(d, g, true, DIRECTORY_SEARCH, &g->made->search,
		&g->made->nsearch) ||
	    !draft_lines(
		d, g, false, DIRECTORY_KEYS, &g->made->key, &g->made->nkeys))
		return false;
	if (g->dated.len > 0) {
		g->made->dated = group_element(g->made, g->dated);
		if (g->made->dated == NULL ||
		    (g->made->dated->type != EL_DATE &&
			g->made->dated->type != EL_MOMENT))
			draft_wrong(d, g->line, g->dated_at,
			    "no date or moment of this document:", g->dated);
	}
	return true;
}

/* Does an "about" stand somewhere in it? */
static bool
group_answers(const struct group *g)
{
	for (uint16_t i = 0; i < g->nslots; i++)
		if (g->element[i].type == EL_ABOUT ||
		    (g->element[i].type == EL_GROUP &&
			g->element[i].group != NULL &&
			group_answers(g->element[i].group)))
			return true;
	return false;
}

static struct group *
receipt_copy(
    struct directory *d, const struct group *g, const struct group *about)
{
	struct group *copy = group_copy(d, g);
	struct element *e;

	if (copy == NULL)
		return NULL;
	e = (struct element *)copy->element;
	for (uint16_t i = 0; i < copy->nslots; i++) {
		if (e[i].type == EL_ABOUT) {
			e[i].group = about;
		} else if (e[i].type == EL_GROUP && e[i].group != NULL &&
			   group_answers(e[i].group)) {
			e[i].group = receipt_copy(d, e[i].group, about);
			if (e[i].group == NULL)
				return NULL;
		}
	}
	return copy;
}

static bool
directory_receipts(struct directory *d)
{
	const struct group *receipt =
	    directory_document(d, SLICE_LIT("receipt"));

	d->receipt =
	    arena_get(d->mem, (d->ndocuments + 1) * sizeof(*d->receipt));
	if (d->receipt == NULL)
		return false;
	for (uint32_t i = 0; receipt != NULL && i < d->ndocuments; i++) {
		if (d->document[i] == receipt)
			continue;
		d->receipt[i] = receipt_copy(d, receipt, d->document[i]);
		if (d->receipt[i] == NULL)
			return false;
	}
	return true;
}

static bool
directory_link(struct directory *d)
{
	d->document =
	    arena_get(d->mem, (d->ndrafts + 1) * sizeof(*d->document));
	if (d->document == NULL)
		return false;
	for (uint32_t i = 0; i < d->ndrafts; i++)
		draft_cycles(d, d->draft[i]);
	if (d->to->errors > 0) /* what follows trusts the names */
		return true;
	for (uint32_t i = 0; i < d->ndrafts; i++)
		if (!draft_link(d, d->draft[i], d->draft[i]->made))
			return false;
	for (uint32_t i = 0; i < d->ndrafts; i++) {
		struct draft *g = d->draft[i];

		draft_resolve(d, g, g->made, NULL);
		draft_names(d, g);
		if (!g->made->document)
			continue;
		d->document[d->ndocuments++] = g->made;
		if (!draft_keys(d, g))
			return false;
	}
	return directory_receipts(d);
}

enum rc
directory_load(struct directory **out, const char *folder,
    const struct codelists *codes, struct complaints *to, struct err *err)
{
	struct directory *d = calloc(1, sizeof(*d));
	struct complaints own;
	struct sources files;
	enum rc rc;

	if (d != NULL)
		d->mem = arena_new(DIRECTORY_BYTES);
	if (d == NULL || d->mem == NULL) {
		directory_free(d);
		return err_set(err, RC_LATER, "out of memory");
	}
	complaints_init(&own);
	d->codes = codes;
	d->to = &own;
	d->draft = arena_get(d->mem, DIRECTORY_GROUPS * sizeof(*d->draft));
	rc = sources_load(&files, folder, ".dir", d->mem, err);
	for (uint32_t i = 0; rc == RC_OK && i < files.n; i++)
		if (d->draft == NULL || !directory_parse(d, &files.file[i]))
			rc = err_set(err, RC_LATER, "out of memory");
	if (rc == RC_OK && !directory_link(d))
		rc = err_set(err, RC_REFUSED,
		    "the directory in %s is too large", folder);
	if (rc == RC_OK && own.errors > 0)
		rc = err_set(err, RC_REFUSED, "%u %s in the directory %s",
		    own.errors, complaints_word(own.errors), folder);
	complaints_move(to, &own);
	d->to = NULL;
	if (rc != RC_OK) {
		directory_free(d);
		return rc;
	}
	*out = d;
	return RC_OK;
}

void
directory_free(struct directory *d)
{
	if (d == NULL)
		return;
	arena_free(d->mem);
	free(d);
}

const struct group *
directory_document(const struct directory *d, struct slice name)
{
	for (uint32_t i = 0; i < d->ndocuments; i++)
		if (slice_is(name, d->document[i]->name))
			return d->document[i];
	return NULL;
}

const struct group *
directory_receipt(const struct directory *d, const struct group *about)
{
	for (uint32_t i = 0; i < d->ndocuments; i++)
		if (d->document[i] == about)
			return d->receipt[i];
	return NULL;
}

const struct element *
group_element(const struct group *g, struct slice name)
{
	for (uint16_t i = 0; i < g->nslots; i++)
		if (slice_is(name, g->element[i].name))
			return &g->element[i];
	for (uint16_t i = 0; i < g->nslots; i++)
		if (g->element[i].was != NULL &&
		    was_named(&g->element[i], name))
			return &g->element[i];
	return NULL;
}

const struct group *
directory_nth(const struct directory *d, unsigned int n)
{
	return n < d->ndocuments ? d->document[n] : NULL;
}
