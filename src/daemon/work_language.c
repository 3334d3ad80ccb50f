/*
 * daemon/work_language.c - a reply in one language: of each sentence that its
 * record has in English and in Chinese one stays. What was said in one language
 * only, an agency's own words for one, is told as it is. Called by work_reply.c
 * before anything is written; pure.
 */
#include <string.h>
#include "src/daemon/work_parts.h"

static const struct {
	const char *en, *zh;
} pairs[] = {
	{ "status_en", "status_zh" },
	{ "text", "text_zh" },
};

#define NPAIRS (sizeof(pairs) / sizeof(pairs[0]))

struct choosing {
	enum conf_language language;
	const struct reply_places *places;
};

bool
work_is_zh(const struct element *e)
{
	for (size_t i = 0; i < NPAIRS; i++)
		if (strcmp(e->name, pairs[i].zh) == 0)
			return true;
	return false;
}

static bool
has_place(const struct choosing *c, const struct element *e)
{
	for (unsigned int i = 0; i < c->places->nzh; i++)
		if (c->places->zh[i] == e)
			return true;
	return false;
}

/*
 * Where a format has one place for both, Chinese stands in that of the English.
 */
static void
pair_choose(const struct choosing *c, struct node *n, size_t i)
{
	const struct element *en =
	    group_element(n->group, slice_of(pairs[i].en));
	const struct element *zh =
	    group_element(n->group, slice_of(pairs[i].zh));

	if (en == NULL || zh == NULL || n->slot[en->slot].value == NULL ||
	    n->slot[zh->slot].value == NULL)
		return;
	if (c->language == LANGUAGE_EN) {
		n->slot[zh->slot].value = NULL;
	} else if (has_place(c, zh)) {
		n->slot[en->slot].value = NULL;
	} else {
		n->slot[en->slot].value->text = n->slot[zh->slot].value->text;
		n->slot[zh->slot].value = NULL;
	}
}

static void
node_choose(const struct choosing *c, struct node *n)
{
	for (size_t i = 0; i < NPAIRS; i++)
		pair_choose(c, n, i);
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];

		if (e->type != EL_GROUP)
			continue;
		for (struct node *k = n->slot[e->slot].node; k != NULL;
		     k = k->next)
			node_choose(c, k);
	}
}

bool
work_language(enum conf_language language, const struct reply_places *places,
    struct node *root)
{
	struct choosing c = { language, places };

	if (language == LANGUAGE_BOTH)
		return false;
	node_choose(&c, root);
	return true;
}
