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

struct finding *
complain_out(struct writer *w, enum finding_kind kind, const struct leaf *leaf,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice found, const char *wanted, const char *zh)
{
	char path[256], tag[512];
	struct slice element = { NULL, 0 };
	struct finding *f;
	size_t n = line_path(leaf->line, tag, sizeof(tag));

	if (el != NULL && node != NULL)
		element = arena_dup(w->mem,
		    slice_of(record_path(node, el, path, sizeof(path))));
	f = finding_add(w->found, kind, element,
	    arena_dup(w->mem, (struct slice){ tag, n }),
	    arena_dup(w->mem, utf8_head(found, FOUND_MAX)),
	    arena_dup(w->mem, slice_of(wanted)));
	f->zh = replaced(w->mem, f->zh, wanted, zh);
	if (v != NULL && v->span > 0) {
		f->text_at = v->at;
		f->text_span = v->span;
	} else if (node != NULL && node->span > 0) {
		f->text_at = node->at;
		f->text_span = node->span > 80 ? 80 : node->span;
	}
	return f;
}
