/*
 * cli/map_element.c - entrepot map element: what the directory says of an
 * element, and where it stands. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/base/json.h"
#include "src/base/utf8.h"
#include "src/format/elements.h"
#include <stdio.h>
#include <stdlib.h>

#define LINE_ROOM   65536
#define FOUND_MAX   500 /* definitions that one name means */
#define PLACES_SHOW 8   /* of a shared group's many */

/* One line of the directory, and all places where it stands. */
struct found {
	const struct element *e;
	struct buf places, keys;
	uint32_t nplaces;
};

struct search {
	struct slice name;
	struct found *found;
	uint32_t n;
};

/* The keys of the document that this is part of. */
static void
keys_add(const struct group *document, const struct chain *c, struct buf *out)
{
	for (uint16_t k = 0; k < document->nkeys; k++) {
		const struct key *key = &document->key[k];

		for (uint8_t p = 0; p < key->nparts; p++) {
			bool same = key->part[p].n == c->n;

			for (uint8_t i = 0; same && i < c->n; i++)
				same = element_same(
				    key->part[p].step[i], c->step[i]);
			if (same)
				buf_fmt(out, "%s%s.%s", out->len > 0 ? " " : "",
				    document->name, key->name);
		}
	}
}

static void
element_look(void *arg, const struct group *document, const struct chain *c)
{
	struct search *s = arg;
	const struct element *e = c->step[c->n - 1];
	char path[600];
	uint32_t i = 0;

	if (!element_meant(document, c, s->name))
		return;
	while (i < s->n && !element_same(s->found[i].e, e))
		i++;
	if (i == FOUND_MAX)
		return;
	if (i == s->n) {
		s->n++;
		s->found[i].e = e;
		buf_init(&s->found[i].places, LINE_ROOM);
		buf_init(&s->found[i].keys, LINE_ROOM);
	}
	(void)chain_print(c, path, sizeof(path));
	buf_fmt(&s->found[i].places, "%s%s%s%s",
	    s->found[i].places.len > 0 ? " " : "",
	    c->transmission ? "" : document->name, c->transmission ? "" : ".",
	    path);
	s->found[i].nplaces++;
	keys_add(document, c, &s->found[i].keys);
}

static void
codes_text(const struct element *e, struct buf *b)
{
	const struct codelist *l = e->list;

	buf_fmt(b, "%s, %u rows, %s; columns", l->name, (unsigned)l->nrows,
	    l->complete && !e->open ? "complete" : "open");
	for (uint16_t i = 0; i < l->nheads; i++)
		buf_fmt(b, " %.*s", SLICE_ARG(l->head[i]));
}

static void
row_say(const char *what, struct slice text)
{
	struct buf b;

	if (text.len == 0)
		return;
	buf_init(&b, LINE_ROOM);
	buf_fmt(&b, "  %-8s ", what);
	(void)utf8_show(text, &b);
	map_line(&b);
	buf_clear(&b);
}

/* "item.quantity declaration.x and 12 more" */
static void
places_say(const struct found *f, bool all)
{
	struct slice rest = buf_look(&f->places);
	struct buf b;

	buf_init(&b, LINE_ROOM);
	for (uint32_t i = 0; rest.len > 0; i++) {
		struct slice one = slice_cut(&rest, ' ');

		if (i == PLACES_SHOW && f->nplaces > PLACES_SHOW + 1 && !all) {
			buf_fmt(&b, "and %u more", (unsigned)(f->nplaces - i));
			break;
		}
		buf_fmt(&b, "%.*s ", SLICE_ARG(one));
	}
	row_say("in", slice_trim(buf_look(&b)));
	buf_clear(&b);
}

static void
how_often(const struct element *e, struct buf *b)
{
	if (!e->repeats)
		return;
	if (e->most == 0)
		buf_str(b, ", any number of times");
	else
		buf_fmt(b, ", up to %u times", (unsigned)e->most);
}

static void
found_say(const struct map *m, const struct found *f)
{
	const struct element *e = f->e;
	char place[MAP_PLACE];
	struct buf b;

	buf_init(&b, LINE_ROOM);
	buf_str(&b, e->name);
	map_line(&b);
	row_say("english", slice_of(e->en));
	row_say("chinese", slice_of(e->zh));
	element_type_print(e, &b);
	how_often(e, &b);
	row_say("type", buf_look(&b));
	row_say("unit", slice_of(e->unit));
	buf_reset(&b);
	if (e->type == EL_CODE)
		codes_text(e, &b);
	row_say("codes", buf_look(&b));
	row_say("key", buf_look(&f->keys));
	row_say("private", slice_of(e->secret ? "yes" : ""));
	row_say("was", slice_of(e->was));
	row_say("source", slice_of(e->source));
	places_say(f, m->all);
	row_say("said", slice_of(map_place(m, e->file, e->line, place)));
	buf_clear(&b);
}

static void
found_json(const struct map *m, const struct found *f)
{
	const struct element *e = f->e;
	char place[MAP_PLACE];
	struct buf b, t;

	buf_init(&b, LINE_ROOM * 4);
	buf_init(&t, LINE_ROOM);
	element_type_print(e, &t);
	json_open(&b);
	json_text(&b, "element", slice_of(e->name));
	json_text(&b, "en", slice_of(e->en));
	json_text(&b, "zh", slice_of(e->zh));
	json_text(&b, "type", buf_look(&t));
	json_number(&b, "most", e->repeats ? e->most : 1);
	json_text(&b, "unit", slice_of(e->unit));
	json_text(&b, "codes", slice_of(e->list == NULL ? "" : e->list->name));
	json_text(&b, "keys", buf_look(&f->keys));
	json_flag(&b, "private", e->secret);
	json_text(&b, "was", slice_of(e->was));
	json_text(&b, "source", slice_of(e->source));
	json_text(&b, "in", buf_look(&f->places));
	json_text(&b, "said", slice_of(map_place(m, e->file, e->line, place)));
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
	buf_clear(&t);
}

int
map_element(struct map *m)
{
	struct search s = { .name = slice_of(m->argv[0]) };
	int status = 0;

	s.found = calloc(FOUND_MAX, sizeof(*s.found));
	if (s.found == NULL)
		return map_wrong(EXIT_USAGE, "out of memory");
	directory_elements(formats_directory(m->formats), element_look, &s);
	for (uint32_t i = 0; i < s.n; i++) {
		if (m->json)
			found_json(m, &s.found[i]);
		else
			found_say(m, &s.found[i]);
		buf_clear(&s.found[i].places);
		buf_clear(&s.found[i].keys);
	}
	if (s.n == 0)
		status = map_wrong(
		    1, "the directory has no element '%s'", m->argv[0]);
	free(s.found);
	return status;
}
