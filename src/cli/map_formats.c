/*
 * cli/map_formats.c - entrepot map formats: which there are. Called by
 * verb_map, and so by whoever completes a command line.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/cli/table.h"
#include "src/base/json.h"
#include <stdio.h>
#include <stdlib.h>

#define FORMATS_MAX 500
#define LINE_ROOM   65536

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(const struct plan *const *)a)->name,
	    (*(const struct plan *const *)b)->name);
}

static const char *
syntax_word(enum syntax_kind k)
{
	static const char *const words[] = { "xml", "edifact", "csv", "json",
		"x12", "flat", "fixed", "zip" };

	return words[k];
}

static void
format_json(const struct plan *p)
{
	struct buf b;

	buf_init(&b, LINE_ROOM);
	json_open(&b);
	json_text(&b, "name", slice_of(p->name));
	json_text(&b, "document", slice_of(p->document->name));
	json_text(&b, "syntax", slice_of(syntax_word(p->syntax)));
	json_text(&b, "table", slice_of(p->table_name));
	json_text(&b, "en", slice_of(p->en));
	json_text(&b, "zh", slice_of(p->zh));
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
}

static void
format_row(struct table *t, const struct plan *p)
{
	table_cell(t, slice_of(p->name));
	table_cell(t, slice_of(p->document->name));
	table_cell(t, slice_of(syntax_word(p->syntax)));
	table_cell(t, slice_of(p->table_name));
	table_cell(t, slice_of(p->en));
	table_cell(t, slice_of(p->zh));
}

int
map_formats(struct map *m)
{
	static const char *const heads[] = { "format", "document", "syntax",
		"table", "english", "chinese", NULL };
	const struct plan *all[FORMATS_MAX], *p;
	struct table t;
	size_t n = 0;

	for (unsigned int i = 0;
	     n < FORMATS_MAX && (p = format_nth(m->formats, i)) != NULL; i++)
		all[n++] = p;
	qsort(all, n, sizeof(*all), by_name);
	table_init(&t, heads);
	for (size_t i = 0; i < n; i++)
		if (m->json)
			format_json(all[i]);
		else
			format_row(&t, all[i]);
	(void)table_print(&t, stdout);
	table_clear(&t);
	return 0;
}
