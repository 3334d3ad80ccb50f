/*
 * cli/map_uses.c - entrepot map uses: every line that an element moves through:
 * of formats, of rules, of code lists, of keys. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/cli/table.h"
#include "src/base/json.h"
#include "src/format/rules.h"
#include "src/format/elements.h"
#include <stdio.h>
#include <stdlib.h>

#define LINE_ROOM  65536
#define MEANT_MAX  2000
#define COLUMN_MAX 200

/* A scheme of a code list that a line uses: one row for all of them. */
struct column {
	const struct codelist *list;
	int column;
};

struct uses {
	const struct map *m;
	struct slice name;
	struct chain *meant; /* each place that the name means */
	uint32_t nmeant;
	const struct plan *plan; /* being walked */
	struct column column[COLUMN_MAX];
	uint32_t ncolumns, nrows;
	struct table table;
};

static void
meant_keep(void *arg, const struct group *document, const struct chain *c)
{
	struct uses *u = arg;

	if (u->nmeant < MEANT_MAX && element_meant(document, c, u->name))
		u->meant[u->nmeant++] = *c;
}

static bool
chain_meant(const struct uses *u, const struct chain *c)
{
	for (uint32_t i = 0; i < u->nmeant; i++)
		if (chain_alike(&u->meant[i], c))
			return true;
	return false;
}

static void
row_say(struct uses *u, const char *what, const char *place,
    const struct chain *c, const char *way, struct slice how)
{
	char path[600];
	struct buf b;

	path[0] = '\0';
	if (c != NULL)
		(void)chain_print(c, path, sizeof(path));
	u->nrows++;
	if (!u->m->json) {
		table_cell(&u->table, slice_of(what));
		table_cell(&u->table, slice_of(place));
		table_cell(&u->table, slice_of(path));
		table_cell(&u->table, slice_of(way));
		table_cell(&u->table, how);
		return;
	}
	buf_init(&b, LINE_ROOM);
	json_open(&b);
	json_text(&b, "what", slice_of(what));
	json_text(&b, "place", slice_of(place));
	json_text(&b, "element", slice_of(path));
	json_text(&b, "way", slice_of(way));
	json_text(&b, "how", how);
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
}

static void
column_add(struct uses *u, const struct codelist *l, int column)
{
	for (uint32_t i = 0; i < u->ncolumns; i++)
		if (u->column[i].list == l && u->column[i].column == column)
			return;
	if (u->ncolumns < COLUMN_MAX)
		u->column[u->ncolumns++] = (struct column){ l, column };
}

static const char *
way_of(const struct binding *b)
{
	if (b->gives)
		return "gives";
	return b->read && b->write ? "both" : b->read ? "read" : "write";
}

static void
binding_use(void *arg, const struct binding *b)
{
	struct uses *u = arg;
	char place[MAP_PLACE], path[600];
	struct buf how;

	if (!chain_meant(u, &b->at))
		return;
	buf_init(&how, LINE_ROOM);
	buf_str(&how, line_path(b->line, path, sizeof(path)));
	for (const struct codec *c = b->codec; c != NULL; c = c->next)
		if (c->kind == CODEC_CODE) {
			buf_fmt(&how, " code %s", c->u.code.scheme);
			column_add(u, c->u.code.list, c->u.code.column);
		}
	row_say(u, u->plan->name,
	    map_place(u->m, line_file(b->line), b->line->file_line, place),
	    &b->at, way_of(b), buf_look(&how));
	buf_clear(&how);
}

static void
reads_use(
    void *arg, const struct line *l, const struct chain *c, const char *how)
{
	struct uses *u = arg;
	char place[MAP_PLACE], path[600], text[700];

	if (!chain_meant(u, c))
		return;
	(void)snprintf(
	    text, sizeof(text), "%s %s", line_path(l, path, sizeof(path)), how);
	row_say(u, u->plan->name,
	    map_place(u->m, line_file(l), l->file_line, place), c, "looks",
	    slice_of(text));
}

static void
formats_use(struct uses *u)
{
	for (unsigned int i = 0;
	     (u->plan = format_nth(u->m->formats, i)) != NULL; i++) {
		if (u->plan->derived) /* they bind all there is */
			continue;
		plan_bindings(u->plan, binding_use, u);
		plan_reads(u->plan, reads_use, u);
	}
}

struct rule_use {
	struct uses *u;
	const struct rule *rule;
	const char *way;
};

static void
rule_path(void *arg, const struct path *p, bool each_node)
{
	static const char *const kinds[] = { "check", "require", "set", "leg",
		"hold", "release", "see" };
	static const struct chain top;
	struct rule_use *r = arg;
	struct chain c = chain_follow(&top, p);
	char place[MAP_PLACE], text[200];

	(void)each_node;
	if (p->nsteps == 0 || !chain_meant(r->u, &c))
		return;
	(void)snprintf(text, sizeof(text), "%s%s%.*s%s%.*s",
	    kinds[r->rule->kind], r->rule->code.len > 0 ? " " : "",
	    SLICE_ARG(r->rule->code), r->rule->leg.len > 0 ? " " : "",
	    SLICE_ARG(r->rule->leg));
	row_say(r->u, "rule",
	    map_place(r->u->m, r->rule->file, r->rule->line, place), &c, r->way,
	    slice_of(text));
}

static void
rules_use(struct uses *u)
{
	const struct rules *rules = pipeline_rules(u->m->pipeline);
	const struct group *g;

	for (unsigned int i = 0;
	     (g = directory_nth(formats_directory(u->m->formats), i)) != NULL;
	     i++)
		for (const struct rule *r = rules_first(rules, g); r != NULL;
		     r = r->next) {
			struct rule_use k = { u, r, "looks" };

			cond_paths(r->when, rule_path, &k);
			cond_paths(r->until, rule_path, &k);
			expr_paths(r->expr, rule_path, &k);
			k.way = r->kind == RULE_SET ? "sets" : "at";
			rule_path(&k, &r->path, false);
			k.way = "shows";
			for (uint8_t n = 0; n < r->nsee; n++)
				rule_path(&k, &r->see[n], false);
		}
}

/* The line of a code list that heads it. */
static uint32_t
head_line(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	uint32_t n = 0;

	while (f != NULL && getline(&line, &room, f) > 0) {
		n++;
		if (line[0] != '#')
			break;
	}
	free(line);
	if (f != NULL)
		(void)fclose(f);
	return n;
}

static void
columns_use(struct uses *u)
{
	for (uint32_t i = 0; i < u->ncolumns; i++) {
		const struct column *c = &u->column[i];
		char path[MAP_PLACE], place[MAP_PLACE], text[100];

		(void)snprintf(path, sizeof(path), "%s/codes/%s.tsv",
		    u->m->mappings, c->list->name);
		(void)snprintf(text, sizeof(text), "column %.*s",
		    SLICE_ARG(c->list->head[c->column]));
		row_say(u, "codes",
		    map_place(u->m, path, head_line(path), place), NULL, "both",
		    slice_of(text));
	}
}

int
map_uses(struct map *m)
{
	static const char *const heads[] = { "what", "place", "element", "way",
		"how", NULL };
	struct uses *u = calloc(1, sizeof(*u));
	int status = 0;

	if (u != NULL)
		u->meant = calloc(MEANT_MAX, sizeof(*u->meant));
	if (u == NULL || u->meant == NULL) {
		free(u);
		return map_wrong(EXIT_USAGE, "out of memory");
	}
	u->m = m;
	u->name = slice_of(m->argv[0]);
	table_init(&u->table, heads);
	directory_elements(formats_directory(m->formats), meant_keep, u);
	if (u->nmeant == 0) {
		status = map_wrong(
		    1, "the directory has no element '%s'", m->argv[0]);
	} else {
		formats_use(u);
		rules_use(u);
		columns_use(u);
		(void)table_print(&u->table, stdout);
		if (u->nrows == 0)
			status = map_wrong(1,
			    "nothing uses '%s' but the standard form",
			    m->argv[0]);
	}
	table_clear(&u->table);
	free(u->meant);
	free(u);
	return status;
}
