/*
 * identify/table.c - what all formats look like from outside, compiled once:
 * a message's type and release, a root's name, a table's headings, a JSON
 * object's members, each with the formats that have it. What arrives is looked
 * up, so that the number of formats does not matter. Trusts the formats, which
 * were checked when loaded. Called when the mappings are opened and by
 * identify.c.
 */
#include "src/identify/identify_in.h"
#include "src/base/arena.h"
#include <stdio.h>
#include <stdlib.h>

#define MEM_MAX  ((size_t)64 << 20)
#define WORD_MAX 40 /* of a type and a release */

/* A format's words, one after the other; false from fn ends them. */
typedef bool word_fn(void *arg, enum identify_kind, struct slice word);

static const struct guard *
unh_guard(const struct line *unh, wtag leaf)
{
	for (uint8_t i = 0; i < unh->nguards; i++)
		if (unh->guard[i].kind == GUARD_IS &&
		    unh->guard[i].nsteps == 1 && unh->guard[i].step[0] == leaf)
			return &unh->guard[i];
	return NULL;
}

struct slice
identify_message_word(struct slice type, struct slice release, char out[64])
{
	int n = snprintf(out, 64, "%.*s\x1f%.*s",
	    SLICE_ARG(slice_sub(type, 0, WORD_MAX / 2)),
	    SLICE_ARG(slice_sub(release, 0, WORD_MAX / 2)));

	return (struct slice){ out, (size_t)n };
}

/* Each type with each release; "" stands for any. */
static bool
message_words(const struct plan *plan, word_fn *fn, void *arg)
{
	const struct line *unh = plan->root->child;
	const struct guard *type, *release;
	int types, releases;

	if (unh == NULL || unh->nguards == 0)
		return true; /* it never fits, see message_is() */
	type = unh_guard(unh, tag_leaf(2, 1));
	release = unh_guard(unh, tag_leaf(2, 3));
	types = type == NULL ? 1 : type->nconstants;
	releases = release == NULL ? 1 : release->nconstants;
	for (int i = 0; i < types; i++)
		for (int k = 0; k < releases; k++) {
			char word[64];

			if (!fn(arg, KEY_MESSAGE,
				identify_message_word(type == NULL
							  ? SLICE_LIT("")
							  : type->constant[i],
				    release == NULL ? SLICE_LIT("")
						    : release->constant[k],
				    word)))
				return false;
		}
	return true;
}

static bool
root_words(const struct plan *plan, word_fn *fn, void *arg)
{
	for (const struct line *l = plan->root->child; l != NULL; l = l->next)
		for (uint8_t i = 0; i < l->ntags; i++) {
			struct slice local = l->name[i], rest = local;

			(void)slice_cut(&rest, ':');
			if (rest.len > 0)
				local = rest; /* "ceb:Message" */
			if (!fn(arg, KEY_ROOT, local))
				return false;
		}
	return true;
}

static bool
member_words(const struct plan *plan, word_fn *fn, void *arg)
{
	for (const struct line *l = plan->root->child; l != NULL; l = l->next) {
		if (l->nguards == 0 && !fn(arg, KEY_MEMBER, SLICE_LIT("")))
			return false;
		for (uint8_t i = 0; i < l->nguards; i++)
			if (!fn(arg, KEY_MEMBER,
				l->guard[i].kind == GUARD_ABSENT
				    ? SLICE_LIT("")
				    : l->guard[i].name[0]))
				return false;
	}
	return fn(arg, KEY_JSON, SLICE_LIT(""));
}

static bool
table_words(const struct plan *plan, word_fn *fn, void *arg)
{
	char text[16];

	if (!plan->header) {
		(void)snprintf(text, sizeof(text), "%u", plan->nheadings);
		return fn(arg, KEY_COLUMNS, slice_of(text));
	}
	for (uint32_t i = 0; i < plan->nheadings; i++)
		if (!fn(arg, KEY_HEADING, plan->heading[i]))
			return false;
	return true;
}

static bool
plan_words(const struct plan *plan, word_fn *fn, void *arg)
{
	switch (plan->syntax) {
	case SYN_EDIFACT:
		return message_words(plan, fn, arg);
	case SYN_XML:
		return root_words(plan, fn, arg);
	case SYN_JSON:
		return member_words(plan, fn, arg);
	case SYN_CSV:
		return table_words(plan, fn, arg);
	default:
		return true;
	}
}

/* --- the table --- */

static bool
word_count(void *arg, enum identify_kind kind, struct slice word)
{
	(void)kind;
	(void)word;
	++*(uint32_t *)arg;
	return true;
}

static struct identify_key *
place_of(const struct identify *t, enum identify_kind kind, struct slice word)
{
	uint32_t i =
	    (slice_hash(word) ^ (uint32_t)kind * 0x9e3779b9u) & t->mask;

	while (t->key[i].first != NULL &&
	       (t->key[i].kind != kind || !slice_eq(t->key[i].word, word)))
		i = (i + 1) & t->mask;
	return &t->key[i];
}

struct adding {
	struct identify *t;
	const struct plan *plan;
	uint32_t order;
};

static bool
word_add(void *arg, enum identify_kind kind, struct slice word)
{
	struct adding *a = arg;
	struct identify_key *k = place_of(a->t, kind, word);
	struct identify_link *l = arena_get(a->t->mem, sizeof(*l));

	if (k->first != NULL && k->last->plan == a->plan)
		return true; /* the same word again */
	if (l == NULL)
		return false;
	*l = (struct identify_link){ a->plan, a->order, NULL };
	if (k->first == NULL) {
		k->kind = kind;
		k->word = arena_dup(a->t->mem, word);
		k->first = l;
	} else {
		k->last->next = l;
	}
	k->last = l;
	return true;
}

/* Which separators tables are to be looked at with. */
static void
delimiter_add(struct identify *t, const struct plan *plan)
{
	unsigned int i = 0;

	if (plan->syntax != SYN_CSV)
		return;
	while (i < t->ndelimiters && t->delimiter[i] != plan->delimiter)
		i++;
	if (i == t->ndelimiters && i < IDENTIFY_DELIMITERS)
		t->delimiter[t->ndelimiters++] = plan->delimiter;
}

const struct identify_link *
identify_find(
    const struct identify *t, enum identify_kind kind, struct slice word)
{
	return place_of(t, kind, word)->first;
}

enum rc
identify_new(struct identify **out, const struct plan *const *plan,
    unsigned int n, struct err *err)
{
	struct identify *t = calloc(1, sizeof(*t));
	uint32_t words = 0, size = 16;

	if (t == NULL || (t->mem = arena_new(MEM_MAX)) == NULL) {
		free(t);
		return err_set(err, RC_LATER, "no memory to identify by");
	}
	for (unsigned int i = 0; i < n; i++)
		(void)plan_words(plan[i], word_count, &words);
	while (size < 2 * words)
		size *= 2;
	t->mask = size - 1;
	t->key = arena_get(t->mem, size * sizeof(*t->key));
	for (unsigned int i = 0; t->key != NULL && i < n; i++) {
		struct adding a = { t, plan[i], i };

		if (plan[i]->number >= IDENTIFY_PLANS ||
		    !plan_words(plan[i], word_add, &a))
			break;
		delimiter_add(t, plan[i]);
	}
	if (arena_failed(t->mem) || t->key == NULL) {
		identify_free(t);
		return err_set(err, RC_LATER, "no memory to identify by");
	}
	*out = t;
	return RC_OK;
}

void
identify_free(struct identify *t)
{
	if (t == NULL)
		return;
	arena_free(t->mem);
	free(t);
}
