/*
 * cli/map_lost.c - entrepot map lost: what a filing in one format leaves behind
 * when it is written in another. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/cli/table.h"
#include "src/base/json.h"
#include "src/format/lost.h"
#include <stdio.h>

#define LINE_ROOM 65536

struct lost {
	const struct map *m;
	struct table table;
	uint32_t count[LOSS_REFUSED + 1];
};

static const char *const kinds[] = { "lost", "lost", "cut", "refused" };

static const char *
place_of(const struct lost *x, const struct line *l, char out[MAP_PLACE])
{
	return l == NULL ? ""
			 : map_place(x->m, line_file(l), l->file_line, out);
}

static void
loss_say(void *arg, const struct loss *l)
{
	struct lost *x = arg;
	const struct element *e = l->at.step[l->at.n - 1];
	char path[600], from[MAP_PLACE], to[MAP_PLACE];
	struct buf b;

	x->count[l->kind]++;
	(void)chain_print(&l->at, path, sizeof(path));
	if (!x->m->json) {
		table_cell(&x->table, slice_of(kinds[l->kind]));
		table_cell(&x->table, slice_of(path));
		table_cell(&x->table, slice_of(e->en));
		table_cell(&x->table, l->words);
		table_cell(&x->table, slice_of(place_of(x, l->from, from)));
		return;
	}
	buf_init(&b, LINE_ROOM);
	json_open(&b);
	json_text(&b, "what", slice_of(kinds[l->kind]));
	json_text(&b, "element", slice_of(path));
	json_text(&b, "en", slice_of(e->en));
	json_text(&b, "zh", slice_of(e->zh));
	json_text(&b, "detail", l->words);
	json_text(&b, "from", slice_of(place_of(x, l->from, from)));
	json_text(&b, "to", slice_of(place_of(x, l->to, to)));
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
}

int
map_lost(struct map *m)
{
	static const char *const heads[] = { "what", "element", "name",
		"detail", "read", NULL };
	const struct plan *from = map_format(m, m->argv[0]);
	const struct plan *to = from == NULL ? NULL : map_format(m, m->argv[1]);
	struct lost x = { .m = m };
	struct err err;
	int status;

	if (to == NULL)
		return EXIT_USAGE;
	table_init(&x.table, heads);
	if (plans_lost(from, to, loss_say, &x, &err) != RC_OK) {
		table_clear(&x.table);
		return map_wrong(EXIT_USAGE, "%s", err.text);
	}
	(void)table_print(&x.table, stdout);
	table_clear(&x.table);
	status =
	    x.count[LOSS_GONE] + x.count[LOSS_WHEN] + x.count[LOSS_CUT] > 0;
	if (!m->json)
		printf("%s to %s: %u lost, %u lost in some cases, %u cut, "
		       "%u refused beyond a limit\n",
		    from->name, to->name, (unsigned)x.count[LOSS_GONE],
		    (unsigned)x.count[LOSS_WHEN], (unsigned)x.count[LOSS_CUT],
		    (unsigned)x.count[LOSS_REFUSED]);
	return status;
}
