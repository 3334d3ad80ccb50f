/*
 * read/gather.c - rows of one filing that do not stand together in their table
 * are brought together, where the first of them stands: a table may be sorted
 * by anything. Trusts the plan; nothing in the tree. Called by read.c.
 *
 * Rows are moved in the tree only; each keeps its own place in the text, so a
 * finding is told where the filer finds it.
 */
#include "src/read/reader.h"

/* The last row so far of one key. */
struct bin {
	uint64_t hash;
	struct wnode *last;
};

struct gathering {
	const struct line *virt;
	struct bin *bin;
	size_t mask; /* bins - 1, a power of two with room to spare */
};

static struct bin *
bin_find(struct gathering *g, const struct wnode *w, uint64_t hash)
{
	size_t i = hash & g->mask;

	while (
	    g->bin[i].last != NULL &&
	    (g->bin[i].hash != hash || !group_same(g->virt, g->bin[i].last, w)))
		i = (i + 1) & g->mask;
	return &g->bin[i];
}

static size_t
rows_of(const struct line *virt, const struct wnode *parent)
{
	size_t n = 0;

	for (const struct wnode *c = parent->child; c != NULL; c = c->next)
		n += line_first(virt, c->tag) != NULL;
	return n;
}

void
gather(const struct line *virt, struct wnode *parent, struct arena *mem)
{
	struct gathering g = { .virt = virt, .mask = 15 };
	size_t n = rows_of(virt, parent);
	struct wnode *before = NULL, *next;
	uint64_t hash;

	while (g.mask < 2 * n)
		g.mask = 2 * g.mask + 1;
	g.bin = n < 3 ? NULL : arena_get(mem, (g.mask + 1) * sizeof(*g.bin));
	for (struct wnode *c = g.bin == NULL ? NULL : parent->child; c != NULL;
	     c = next) {
		struct bin *s;

		next = c->next;
		if (line_first(virt, c->tag) == NULL ||
		    !group_hash(virt, c, &hash)) {
			before = c;
			continue;
		}
		s = bin_find(&g, c, hash);
		if (s->last != NULL && s->last != before) {
			before->next = next;
			c->next = s->last->next;
			s->last->next = c;
		} else {
			before = c;
		}
		s->hash = hash;
		s->last = c;
	}
	parent->last_child = before == NULL ? parent->last_child : before;
}
