/*
 * cli/map_coverage.c - entrepot map coverage: how much of a format's table is
 * bound, and what is not. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/cli/table.h"
#include "src/base/json.h"
#include "src/format/bound.h"
#include "src/format/cover.h"
#include <stdio.h>
#include <stdlib.h>

#define LINE_ROOM 65536

/* A row that is kept until its block is whole. */
struct kept {
	enum cover how;
	struct slice name, format;
	const char *file;
	uint32_t line;
};

struct coverage {
	const struct map *m;
	struct arena *mem;
	struct table table;
	struct slice block; /* of the rows kept */
	struct kept *row;
	uint32_t nrows, room;
	uint32_t count[COVER_BOUND + 1];
	bool failed;
};

static const char *const hows[] = { "unbound", "dropped", "bound" };

static void
row_print(struct coverage *c, const char *how, struct slice name,
    struct slice format, const char *file, uint32_t line)
{
	char place[MAP_PLACE];

	table_cell(&c->table, slice_of(how));
	table_cell(&c->table, c->block);
	table_cell(&c->table, name);
	table_cell(&c->table, format);
	table_cell(&c->table, slice_of(map_place(c->m, file, line, place)));
}

/* Nothing of the block is bound, or one line drops it all. */
static bool
block_alike(const struct coverage *c)
{
	const struct kept *first = &c->row[0];

	for (uint32_t i = 0; i < c->nrows; i++) {
		const struct kept *k = &c->row[i];

		if (k->how != first->how || k->how == COVER_BOUND ||
		    (k->how == COVER_DROPPED &&
			(k->line != first->line || k->file != first->file)))
			return false;
	}
	return c->nrows > 1 && !c->m->all;
}

/* Such a block takes one line, not forty. */
static void
block_print(struct coverage *c)
{
	char text[40];

	if (block_alike(c)) {
		(void)snprintf(
		    text, sizeof(text), "(all %u)", (unsigned)c->nrows);
		row_print(c, hows[c->row[0].how], slice_of(text), SLICE_LIT(""),
		    c->row[0].file, c->row[0].line);
		c->nrows = 0;
	}
	for (uint32_t i = 0; i < c->nrows; i++) {
		const struct kept *k = &c->row[i];

		if (k->how != COVER_BOUND || c->m->all)
			row_print(c, hows[k->how], k->name, k->format, k->file,
			    k->line);
	}
	c->nrows = 0;
}

static void
row_json(const struct coverage *c, const struct cover_row *r)
{
	char place[MAP_PLACE], by[MAP_PLACE];
	struct buf b;

	buf_init(&b, LINE_ROOM);
	json_open(&b);
	json_text(&b, "how", slice_of(hows[r->how]));
	json_text(&b, "block", r->block);
	json_text(&b, "name", r->name);
	json_text(&b, "format", r->format);
	json_text(
	    &b, "place", slice_of(map_place(c->m, r->file, r->line, place)));
	json_text(&b, "by",
	    slice_of(r->by == NULL ? ""
				   : map_place(c->m, line_file(r->by),
					 r->by->file_line, by)));
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
}

static void
row_keep(void *arg, const struct cover_row *r)
{
	struct coverage *c = arg;
	struct kept *k;

	c->count[r->how]++;
	if (c->m->json) {
		row_json(c, r);
		return;
	}
	if (!slice_eq(r->block, c->block)) {
		block_print(c);
		c->block = arena_dup(c->mem, r->block);
	}
	if (c->nrows == c->room) {
		uint32_t room = c->room == 0 ? 128 : c->room * 2;

		k = realloc(c->row, room * sizeof(*k));
		c->failed |= k == NULL;
		if (k == NULL)
			return;
		c->row = k;
		c->room = room;
	}
	/* What is bound or dropped is, where; else where it should be. */
	c->row[c->nrows++] = (struct kept){ r->how, arena_dup(c->mem, r->name),
		r->format, r->by == NULL ? r->file : line_file(r->by),
		r->by == NULL ? r->line : r->by->file_line };
}

static int
total_say(const struct coverage *c, const struct plan *p)
{
	uint32_t unbound = c->count[COVER_UNBOUND];
	uint32_t dropped = c->count[COVER_DROPPED];
	uint32_t bound = c->count[COVER_BOUND];
	uint32_t of = bound + dropped + unbound;
	struct buf b;

	buf_init(&b, LINE_ROOM);
	if (c->m->json) {
		json_open(&b);
		json_text(&b, "mapping", slice_of(p->name));
		json_text(&b, "table", slice_of(p->table_name));
		json_number(&b, "of", of);
		json_number(&b, "bound", bound);
		json_number(&b, "dropped", dropped);
		json_number(&b, "unbound", unbound);
		json_close(&b);
	} else {
		if (unbound > 0)
			buf_fmt(&b,
			    "unbound: no line of %s knows it; what a message "
			    "says there is told (E0101) and goes no further\n",
			    p->name);
		buf_fmt(&b, "%s: %u of %u in ", p->name,
		    (unsigned)(bound + dropped), (unsigned)of);
		if (p->table_name[0] != '\0')
			buf_fmt(&b, "table %s", p->table_name);
		else
			buf_fmt(&b, "document %s", p->document->name);
		buf_fmt(&b, ": %u bound, %u dropped, %u unbound",
		    (unsigned)bound, (unsigned)dropped, (unsigned)unbound);
	}
	map_line(&b);
	buf_clear(&b);
	return unbound > 0 || (c->m->strict && dropped > 0) || of == 0;
}

int
map_coverage(struct map *m)
{
	static const char *const heads[] = { "what", "block", "name", "format",
		"place", NULL };
	const struct plan *p = map_format(m, m->argv[0]);
	struct coverage c = { .m = m };
	struct err err;
	int status = EXIT_USAGE;

	if (p == NULL)
		return EXIT_USAGE;
	c.mem = arena_new(64u << 20);
	table_init(&c.table, heads);
	if (c.mem == NULL ||
	    plan_cover(m->formats, p, row_keep, &c, &err) != RC_OK || c.failed)
		status = map_wrong(EXIT_USAGE, "out of memory");
	else {
		block_print(&c);
		(void)table_print(&c.table, stdout);
		status = total_say(&c, p);
	}
	table_clear(&c.table);
	free(c.row);
	arena_free(c.mem);
	return status;
}
