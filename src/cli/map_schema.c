/*
 * cli/map_schema.c - entrepot map schema: the standard form of a document kind
 * as an XML Schema. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/format/schema.h"
#include <stdio.h>

#define SCHEMA_MAX (64u << 20)

/* The kinds that have a standard form, for the sentence. */
static void
kinds_list(const struct map *m, struct buf *b)
{
	const struct plan *p;

	for (unsigned int i = 0; (p = format_nth(m->formats, i)) != NULL; i++)
		if (p->derived)
			buf_fmt(b, "%s%s", b->len > 0 ? ", " : "",
			    p->document->name);
}

static const struct plan *
kind_find(const struct map *m, const char *kind)
{
	const struct plan *p;

	for (unsigned int i = 0; (p = format_nth(m->formats, i)) != NULL; i++)
		if (p->derived && slice_is(slice_of(p->document->name), kind))
			return p;
	return NULL;
}

int
map_schema(struct map *m)
{
	const struct plan *p = kind_find(m, m->argv[0]);
	struct buf b;
	int status = 0;

	buf_init(&b, SCHEMA_MAX);
	if (p == NULL) {
		kinds_list(m, &b);
		status = map_wrong(1, "no document kind '%s', want one of %.*s",
		    m->argv[0], SLICE_ARG(buf_look(&b)));
	} else {
		plan_schema(p, &b);
		if (buf_failed(&b))
			status = map_wrong(EXIT_USAGE, "out of memory");
		else
			(void)fwrite(b.p, 1, b.len, stdout);
	}
	buf_clear(&b);
	return status;
}
