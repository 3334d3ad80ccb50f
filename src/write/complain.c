/*
 * write/complain.c - what cannot be written, with the place in the filer's own
 * bytes that the value came from. Called by the writer's other files.
 */
#include "src/write/writer.h"
#include <stdio.h>

#define FOUND_MAX 120

/* "DecLists/DecList/GQty": lines have no places, the element path tells. */
static size_t
line_path(const struct line *l, char *out, size_t size)
{
	size_t at = 0;
	int n;

	if (l == NULL || l->parent == NULL)
		return 0;
	at = line_path(l->parent, out, size);
	if (l->virtual_ || l->ntags == 0 || at >= size - 1)
		return at;
	n = snprintf(out + at, size - at, "%s%.*s", at == 0 ? "" : "/",
	    SLICE_ARG(l->name[0]));
	at += n > 0 ? (size_t)n : 0;
	return at < size - 1 ? at : size - 1;
}

static struct slice
replaced(
    struct arena *mem, struct slice text, const char *what, const char *with)
{
	size_t n = strlen(what), wn = strlen(with), head;
	const char *at = n == 0 || wn == 0 || text.p == NULL
			     ? NULL
			     : memmem(text.p, text.len, what, n);
	char *p = at == NULL ? NULL : arena_raw(mem, text.len - n + wn);

	if (p == NULL)
		return text;
	head = (size_t)(at - text.p);
	memcpy(p, text.p, head);
	memcpy(p + head, with, wn);
	memcpy(p + head + wn, at + n, text.len - head - n);
	return (struct slice){ p, text.len - n + wn };
}

struct node *
absent_node(struct writer *w, const struct element *el, struct node *parent)
{
	struct node *n = node_new(w->mem, el->group, parent);
	struct absent *a = arena_get(w->mem, sizeof(*a));

	if (n == NULL || a == NULL)
		return NULL;
	*a = (struct absent){ n, el, w->absent };
	w->absent = a;
	return n;
}

/* record_path(), also of nodes that the record does not have. */
static void
path_of(const struct writer *w, const struct node *n, const struct element *el,
    char *out, size_t size)
{
	const struct absent *a = w->absent;
	size_t at;

	while (a != NULL && a->node != n)
		a = a->next;
	if (a == NULL) {
		(void)record_path(n, el, out, size);
		return;
	}
	path_of(w, n->parent, a->el, out, size);
	at = strlen(out);
	if (el != NULL)
		(void)snprintf(out + at, size - at, ".%s", el->name);
}

void
missing_out(struct writer *w, const struct leaf *leaf, const struct path *path)
{
	struct scope scope = { .record = w->record, .here = leaf->here };
	struct path up = *path;
	struct node *n = NULL;

	/* As far as the record goes, then what it would need. */
	for (; up.nsteps > 0; up.nsteps--)
		if ((n = path_node(&up, &scope, w->mem, false)) != NULL)
			break;
	for (uint8_t i = up.nsteps; n != NULL && i > 0 && i < path->nsteps; i++)
		n = absent_node(w, path->step[i - 1], n);
	(void)complain_out(w, FIND_MISSING_OUT, leaf,
	    n == NULL ? leaf->here : n, path->step[path->nsteps - 1], NULL,
	    (struct slice){ NULL, 0 }, "", "");
}

struct finding *
complain_out(struct writer *w, enum finding_kind kind, const struct leaf *leaf,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice found, const char *wanted, const char *zh)
{
	char path[256], tag[512];
	struct slice element = { NULL, 0 };
	struct finding *f;
	size_t n = line_path(leaf->line, tag, sizeof(tag));

	path[0] = '\0';
	if (el != NULL && node != NULL)
		path_of(w, node, el, path, sizeof(path));
	element = arena_dup(w->mem, slice_of(path));
	f = finding_add(w->found, kind, element,
	    arena_dup(w->mem, (struct slice){ tag, n }),
	    arena_dup(w->mem, utf8_head(found, FOUND_MAX)),
	    arena_dup(w->mem, slice_of(wanted)));
	f->zh = replaced(w->mem, f->zh, wanted, zh);
	if (v != NULL && v->span > 0) {
		f->text_at = v->at;
		f->text_span = v->span;
		return f;
	}
	/* What is not there has the place of what it would be in. */
	(void)node_where(node, &f->text_at, &f->text_span);
	return f;
}
