/*
 * format/elements.c - elements by name, and their types in words. Trusts the
 * directory. Called by the questions of entrepot map.
 */
#include <stdio.h>
#include <string.h>
#include "src/format/elements.h"
#include "src/format/lex.h"

struct elements_walk {
	element_fn *fn;
	void *arg;
	const struct group *document;
};

static void
group_walk(const struct elements_walk *w, const struct group *g, struct chain c)
{
	if (c.n == CHAIN_STEPS)
		return;
	c.n++;
	for (uint16_t i = 0; i < g->nslots; i++) {
		const struct element *e = &g->element[i];

		c.step[c.n - 1] = e;
		w->fn(w->arg, w->document, &c);
		if (e->type == EL_GROUP)
			group_walk(w, e->group, c);
	}
}

void
directory_elements(const struct directory *d, element_fn *fn, void *arg)
{
	struct elements_walk w = { .fn = fn, .arg = arg };

	for (unsigned int i = 0; (w.document = directory_nth(d, i)) != NULL;
	     i++) {
		struct chain top = { .n = 0 };

		top.transmission =
		    strcmp(w.document->name, "transmission") == 0;
		group_walk(&w, w.document, top);
	}
}

bool
element_meant(
    const struct group *document, const struct chain *c, struct slice name)
{
	char path[600], full[700];
	struct slice p = slice_of(chain_print(c, path, sizeof(path)));
	struct slice f;

	if (slice_eq(p, name))
		return true;
	if (p.len > name.len && p.p[p.len - name.len - 1] == '.' &&
	    slice_eq(slice_sub(p, p.len - name.len, name.len), name))
		return true;
	/* the transmission's without its "$", and with the document's name */
	if (c->transmission && slice_eq(slice_sub(p, 1, p.len), name))
		return true;
	(void)snprintf(full, sizeof(full), "%s.%s", document->name,
	    path + (c->transmission ? 1 : 0));
	f = slice_of(full);
	return slice_eq(f, name);
}

static void
size_print(const struct element *e, const char *word, struct buf *b)
{
	buf_str(b, word);
	if (e->max == 0)
		return;
	if (e->min != e->max)
		buf_str(b, "..");
	buf_fmt(b, "%u", (unsigned)e->max);
	if (e->decimals > 0)
		buf_fmt(b, ".%u", (unsigned)e->decimals);
}

void
element_type_print(const struct element *e, struct buf *b)
{
	switch (e->type) {
	case EL_GROUP:
		buf_str(b, "group");
		break;
	case EL_AN:
		size_print(e, "an", b);
		break;
	case EL_A:
		size_print(e, "a", b);
		break;
	case EL_N:
		size_print(e, "n", b);
		break;
	case EL_TEXT:
		size_print(e, "text", b);
		break;
	case EL_INT:
		size_print(e, "int", b);
		break;
	case EL_DEC:
		size_print(e, "dec", b);
		break;
	case EL_DATE:
		buf_str(b, "date");
		break;
	case EL_MOMENT:
		buf_str(b, "moment");
		break;
	case EL_FLAG:
		buf_str(b, "flag");
		break;
	case EL_CODE:
		buf_fmt(b, "code %s%s", e->list->name, e->open ? " open" : "");
		break;
	case EL_BYTES:
		buf_str(b, "bytes");
		break;
	case EL_REF:
		buf_fmt(b, "ref %s", e->group == NULL ? "" : e->group->name);
		break;
	case EL_ABOUT:
		buf_str(b, "about");
		break;
	}
}

bool
element_same(const struct element *a, const struct element *b)
{
	return a == b ||
	       (a->file != NULL && a->file == b->file && a->line == b->line &&
		   strcmp(a->name, b->name) == 0);
}

struct chain
chain_own(const struct chain *c)
{
	struct chain own = { .n = 0, .transmission = c->transmission };

	for (uint8_t i = 0; i < c->n; i++) {
		if (c->step[i]->type == EL_ABOUT) {
			own.n = 0;
			continue;
		}
		own.step[own.n++] = c->step[i];
	}
	return own;
}

bool
chain_alike(const struct chain *a, const struct chain *b)
{
	struct chain x = chain_own(a), y = chain_own(b);

	if (x.n != y.n || x.n == 0 || x.transmission != y.transmission)
		return false;
	for (uint8_t i = 0; i < x.n; i++)
		if (!element_same(x.step[i], y.step[i]))
			return false;
	return true;
}
