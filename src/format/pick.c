/*
 * format/pick.c - which lines may take a wire node, without asking each.
 *
 * Alternatives of one tag mostly differ by the constant of one leaf (LOC by
 * its 3227, RFF by its 1153). When a format is loaded, the words that its
 * guards compare that leaf with are put into a table, each with the lines that
 * it leaves; when a node is read its leaf is looked up once. Guards are still
 * held against the node: this only leaves out lines that cannot hold.
 */
#include "src/format/build.h"
#include "src/format/pick.h"

#define LINES_MAX 256 /* of one tag below one line: more are asked in turn */
#define WORD_MAX  8

struct pick_word {
	uint64_t word; /* 0: a free place */
	const struct line *const *lines;
};

struct pick {
	wtag leaf;
	const struct line *const *rest; /* lines without that guard */
	struct pick_word *word;         /* open addressing, mask + 1 of them */
	uint32_t mask;
};

/* Up to eight bytes as one number; 0: it is no word. */
static uint64_t
word_of(struct slice s)
{
	uint64_t w = 0;

	if (s.len > WORD_MAX || s.len == 0 || s.p[s.len - 1] == '\0')
		return 0;
	memcpy(&w, s.p, s.len);
	return w;
}

static uint32_t
word_hash(uint64_t w)
{
	return (uint32_t)(w * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

static struct pick_word *
word_place(const struct pick *p, uint64_t w)
{
	uint32_t i = word_hash(w) & p->mask;

	while (p->word[i].word != 0 && p->word[i].word != w)
		i = (i + 1) & p->mask;
	return &p->word[i];
}

/* The only leaf of this tag; false: there are several. */
static bool
leaf_text(const struct wnode *w, wtag leaf, struct slice *text)
{
	bool found = false;

	*text = (struct slice){ NULL, 0 };
	for (const struct wnode *c = w->child; c != NULL; c = c->next) {
		if (c->tag != leaf) {
			if (leaf >= TAG_LEAF && !c->leaf)
				break; /* nested segments come last */
			continue;
		}
		if (found)
			return false;
		found = true;
		*text = slice_trim(c->text);
	}
	return true;
}

const struct line *const *
lines_for(const struct line *parent, const struct wnode *w)
{
	const struct index_slot *s = slot_find(store_of(parent), w->tag);
	struct slice text;
	uint64_t word;

	if (s == NULL)
		return NULL;
	if (s->pick == NULL || !leaf_text(w, s->pick->leaf, &text))
		return s->all;
	word = word_of(text);
	if (word != 0) {
		const struct pick_word *p = word_place(s->pick, word);

		if (p->word != 0)
			return p->lines;
	}
	return s->pick->rest;
}

/* --- made when a format is loaded --- */

/* The guard by which this line looks at the leaf; NULL: it has none. */
static const struct guard *
guard_on(const struct line *l, wtag leaf)
{
	for (uint8_t i = 0; i < l->nguards; i++)
		if (l->guard[i].kind == GUARD_IS && l->guard[i].nsteps == 1 &&
		    l->guard[i].step[0] == leaf)
			return &l->guard[i];
	return NULL;
}

static bool
words_fit(const struct guard *g)
{
	for (uint8_t i = 0; i < g->nconstants; i++)
		if (word_of(g->constant[i]) == 0 ||
		    slice_trim(g->constant[i]).len != g->constant[i].len)
			return false;
	return true;
}

/* The leaf that most of the lines look at; 0: fewer than two. */
static wtag
leaf_choose(const struct line *const *all, unsigned int n)
{
	unsigned int most = 1;
	wtag leaf = 0;

	for (unsigned int i = 0; i < n; i++)
		for (uint8_t k = 0; k < all[i]->nguards; k++) {
			const struct guard *g = &all[i]->guard[k];
			unsigned int have = 0;
			bool fit = g->kind == GUARD_IS && g->nsteps == 1;

			for (unsigned int j = 0; fit && j < n; j++) {
				const struct guard *other =
				    guard_on(all[j], g->step[0]);

				have += other != NULL;
				fit = other == NULL || words_fit(other);
			}
			if (fit && have > most) {
				most = have;
				leaf = g->step[0];
			}
		}
	return leaf;
}

static bool
guard_has(const struct guard *g, uint64_t word)
{
	for (uint8_t i = 0; i < g->nconstants; i++)
		if (word_of(g->constant[i]) == word)
			return true;
	return false;
}

/* In file order: those the word leaves; word 0: those without the guard. */
static const struct line *const *
lines_left(struct arena *mem, const struct line *const *all, unsigned int n,
    wtag leaf, uint64_t word)
{
	const struct line **out = arena_get(mem, (n + 1) * sizeof(*out));
	unsigned int have = 0;

	for (unsigned int i = 0; out != NULL && i < n; i++) {
		const struct guard *g = guard_on(all[i], leaf);

		if (g == NULL || (word != 0 && guard_has(g, word)))
			out[have++] = all[i];
	}
	return out;
}

static bool
words_put(struct arena *mem, struct pick *p, const struct line *const *all,
    unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct guard *g = guard_on(all[i], p->leaf);

		for (uint8_t k = 0; g != NULL && k < g->nconstants; k++) {
			uint64_t word = word_of(g->constant[k]);
			struct pick_word *at = word_place(p, word);

			if (at->word == word)
				continue;
			at->word = word;
			at->lines = lines_left(mem, all, n, p->leaf, word);
			if (at->lines == NULL)
				return false;
		}
	}
	return true;
}

static bool
pick_make(struct arena *mem, struct index_slot *s, unsigned int n)
{
	struct pick *p;
	uint32_t words = 0, size = 4;
	wtag leaf = n < 2 ? 0 : leaf_choose(s->all, n);

	if (leaf == 0)
		return true;
	for (unsigned int i = 0; i < n; i++) {
		const struct guard *g = guard_on(s->all[i], leaf);

		words += g == NULL ? 0 : g->nconstants;
	}
	while (size < 2 * words)
		size *= 2;
	p = arena_get(mem, sizeof(*p));
	if (p == NULL)
		return false;
	p->leaf = leaf;
	p->mask = size - 1;
	p->word = arena_get(mem, size * sizeof(*p->word));
	p->rest = lines_left(mem, s->all, n, leaf, 0);
	if (p->word == NULL || p->rest == NULL || !words_put(mem, p, s->all, n))
		return false;
	s->pick = p;
	return true;
}

bool
pick_index(struct arena *mem, struct index_slot *s)
{
	const struct line **all;
	unsigned int n = 0;

	for (const struct line *l = s->first; l != NULL;
	     l = line_again(l, s->tag))
		n++;
	all = arena_get(mem, (n + 1) * sizeof(*all));
	if (all == NULL)
		return false;
	n = 0;
	for (const struct line *l = s->first; l != NULL;
	     l = line_again(l, s->tag))
		all[n++] = l;
	s->all = all;
	return n > LINES_MAX || pick_make(mem, s, n);
}
