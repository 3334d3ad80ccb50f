/*
 * syntax/wire_load.c - message tables from mappings/tables. Trusts the folder's
 * name; the files are ours, yet every mistake in them is refused with file and
 * line. Called when formats are loaded.
 *
 * "CUSDEC:D:96B" is message CUSDEC of edifact-d96b-*.tsv; "CONTRL:3" and
 * "service:3" come from edifact-service-*.tsv, which also give every message
 * its UNH, UNS and UNT.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/syntax/wire_rows.h"

#define ALL_MAX          ((size_t)256 << 20) /* every table a folder can hold */
#define PLACES_MAX       4000                /* rows of one message */
#define SEGMENTS_MAX     400 /* kinds of segments in one message */
#define REPEAT_MAX       9999999
#define WORD_MAX         64
#define SERVICE_MESSAGES "edifact-service-messages.tsv"
#define SERVICE_SEGMENTS "edifact-service-segments.tsv"

struct wire_tables *
wire_tables_new(const char *folder)
{
	struct wire_tables *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->mem = arena_new(ALL_MAX);
	w->folder = w->mem == NULL ? NULL : arena_str(w->mem, slice_of(folder));
	if (w->folder == NULL) {
		wire_tables_free(w);
		return NULL;
	}
	return w;
}

void
wire_tables_free(struct wire_tables *w)
{
	if (w == NULL)
		return;
	arena_free(w->mem);
	free(w);
}

/* Where a table's rows are found. */
struct source {
	char messages[96], segments[96];             /* files */
	char message[WORD_MAX], directory[WORD_MAX]; /* in their columns */
	const char *service; /* directory of UNH, UNS, UNT */
};

static bool
is_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]))
			return false;
	return s.len > 0 && s.len <= 8;
}

/* A name goes into a path: only letters and digits, and the colons between. */
static enum rc
source_of(struct slice name, struct source *s, struct err *err)
{
	struct slice rest = name;
	struct slice message = slice_cut(&rest, ':');
	struct slice version = slice_cut(&rest, ':');
	struct slice release = rest;
	bool four = slice_is(version, "4");

	*s = (struct source){ .service = "syntax-4.02" };
	if (!is_word(message) || !is_word(version) ||
	    (release.len > 0 && !is_word(release)))
		return err_set(err, RC_REFUSED,
		    "table '%.*s', want a name as CUSDEC:D:96B or service:3",
		    SLICE_ARG(name));
	(void)snprintf(s->message, WORD_MAX, "%.*s", SLICE_ARG(message));
	if (release.len == 0) {
		if (!four && !slice_is(version, "3"))
			return err_set(err, RC_REFUSED,
			    "table '%.*s', want syntax 3 or 4",
			    SLICE_ARG(name));
		(void)snprintf(s->message, WORD_MAX, "%.*s-S%.*s",
		    SLICE_ARG(message), SLICE_ARG(version));
		(void)snprintf(
		    s->messages, sizeof(s->messages), SERVICE_MESSAGES);
		(void)snprintf(
		    s->segments, sizeof(s->segments), SERVICE_SEGMENTS);
		(void)snprintf(s->directory, WORD_MAX, "%s",
		    four ? "syntax-4.02" : "syntax-3");
		s->service = four ? "syntax-4.02" : "syntax-3";
		return RC_OK;
	}
	(void)snprintf(s->directory, WORD_MAX, "%.*s%.*s", SLICE_ARG(version),
	    SLICE_ARG(release));
	(void)snprintf(s->segments, sizeof(s->segments),
	    "edifact-%s-segments.tsv", s->directory);
	(void)snprintf(s->messages, sizeof(s->messages),
	    "edifact-%s-messages.tsv", s->directory);
	for (char *p = s->segments; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	for (char *p = s->messages; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return RC_OK;
}

/* --- a message --- */

/* A table while it is made. */
struct making {
	struct wire_tables *all;
	const struct source *source;
	struct wire_table *table;
	struct table_segment *segment[SEGMENTS_MAX];
	struct {
		char path[128]; /* "SG1/SG2" */
		struct table_place *place;
	} group[PLACES_MAX];
	uint32_t ngroups, nsegments, nplaces;
};

/* The table's segment of this tag, loaded the first time; NULL: an error. */
static const struct table_segment *
segment_need(struct making *m, struct slice tag, struct err *err)
{
	uint32_t key = tag_pack(tag.p, tag.len);
	struct table_segment *s = NULL;

	for (uint32_t i = 0; i < m->nsegments; i++)
		if (m->segment[i]->key == key)
			return m->segment[i];
	if (key == 0 || m->nsegments == SEGMENTS_MAX) {
		(void)err_set(err, RC_REFUSED,
		    "table '%.*s': segment '%.*s', want at most %u of 2 to 4 "
		    "letters",
		    SLICE_ARG(m->table->name), SLICE_ARG(tag), SEGMENTS_MAX);
		return NULL;
	}
	if (segment_load(m->all, m->source->segments, m->source->directory, tag,
		&s, err) != RC_OK)
		return NULL;
	if (s == NULL && segment_load(m->all, SERVICE_SEGMENTS,
			     m->source->service, tag, &s, err) != RC_OK)
		return NULL;
	if (s == NULL) {
		(void)err_set(err, RC_REFUSED,
		    "table '%.*s': segment '%.*s' is not in %s",
		    SLICE_ARG(m->table->name), SLICE_ARG(tag),
		    m->source->segments);
		return NULL;
	}
	s->index = (uint16_t)m->nsegments;
	m->segment[m->nsegments++] = s;
	return s;
}

static struct table_place *
place_add(struct making *m, struct table_place *up, struct slice tag)
{
	struct table_place *p = arena_get(m->all->mem, sizeof(*p));
	struct table_place **link = &up->first;

	if (p == NULL || m->nplaces++ == PLACES_MAX)
		return NULL;
	while (*link != NULL)
		link = &(*link)->next;
	*link = p;
	p->tag = tag;
	p->up = up;
	return p;
}

/* A group is known by its first segment. */
static void
trigger_set(struct table_place *p)
{
	struct table_place *up = p->up;

	while (up != NULL && up->group && up->key == 0 && up->first == p) {
		up->key = p->key;
		up->segment = p->segment;
		p = up;
		up = p->up;
	}
}

static struct table_place *
group_find(struct making *m, struct slice path)
{
	if (slice_is(path, "-"))
		return m->table->root;
	for (uint32_t i = 0; i < m->ngroups; i++)
		if (slice_is(path, m->group[i].path))
			return m->group[i].place;
	return NULL;
}

static enum rc
group_enter(struct making *m, const struct rows *r, struct table_place *p,
    struct err *err)
{
	char *path = m->group[m->ngroups].path;
	bool top = slice_is(r->cell[2], "-");
	int n = snprintf(path, sizeof(m->group[0].path), "%.*s%s%.*s",
	    top ? 0 : (int)r->cell[2].len, r->cell[2].p, top ? "" : "/",
	    SLICE_ARG(r->cell[3]));

	if (n >= (int)sizeof(m->group[0].path))
		return row_wrong(r, "a group too deep", "a shorter path", err);
	p->group = true;
	m->group[m->ngroups++].place = p;
	return RC_OK;
}

/* message seq parent tag kind status max_repeat */
static enum rc
message_row(struct making *m, const struct rows *r, struct err *err)
{
	struct table_place *up, *p;
	uint64_t most;

	if (r->ncells < 7)
		return row_wrong(r, "a short row", "seven columns", err);
	up = group_find(m, r->cell[2]);
	if (up == NULL)
		return row_wrong(
		    r, "an unknown parent", "a group of a row above", err);
	if (!slice_u64(r->cell[6], &most) || most == 0 || most > REPEAT_MAX)
		return row_wrong(r, "an odd max_repeat", "a number", err);
	p = place_add(m, up, r->cell[3]);
	if (p == NULL)
		return row_wrong(r, "too many rows", "at most 4000", err);
	p->most = (uint32_t)most;
	p->must = slice_is(r->cell[5], "M");
	if (slice_is(r->cell[4], "group"))
		return group_enter(m, r, p, err);
	p->segment = segment_need(m, p->tag, err);
	if (p->segment == NULL)
		return err_prefix(err, RC_REFUSED, "%s:%u", r->file, r->line);
	p->key = p->segment->key;
	trigger_set(p);
	return RC_OK;
}

static enum rc
message_load(struct making *m, struct err *err)
{
	struct rows r;
	enum rc rc = rows_open(m->all, m->source->messages, &r, err);

	while (rc == RC_OK && rows_next(&r)) /* its rows stand together */
		if (slice_is(r.cell[0], m->source->message))
			rc = message_row(m, &r, err);
		else if (m->nplaces > 0)
			break;
	if (rc == RC_OK && m->nplaces == 0)
		rc = err_set(err, RC_REFUSED, "%s has no message '%s'",
		    m->source->messages, m->source->message);
	for (uint32_t i = 0; rc == RC_OK && i < m->ngroups; i++)
		if (m->group[i].place->key == 0)
			rc = err_set(err, RC_REFUSED,
			    "%s: group '%s' of '%s' has no segments",
			    m->source->messages, m->group[i].path,
			    m->source->message);
	return rc;
}

/* "service:3": what an envelope is made of, one beside the other. */
static enum rc
service_load(struct making *m, struct err *err)
{
	static const char *const tag[] = { "UNB", "UNG", "UNH", "UNT", "UNE",
		"UNZ" };

	for (size_t i = 0; i < sizeof(tag) / sizeof(tag[0]); i++) {
		struct table_place *p =
		    place_add(m, m->table->root, slice_of(tag[i]));

		if (p == NULL)
			return err_set(err, RC_LATER, "no memory for tables");
		p->segment = segment_need(m, p->tag, err);
		if (p->segment == NULL)
			return RC_REFUSED;
		p->key = p->segment->key;
		p->most = i == 0 ? 1 : REPEAT_MAX;
		p->must = i == 0;
	}
	return RC_OK;
}

static enum rc
table_make(struct making *m, struct slice name, struct err *err)
{
	struct arena *mem = m->all->mem;
	struct wire_table *t = arena_get(mem, sizeof(*t));
	size_t size;
	enum rc rc;

	if (t == NULL || (t->root = arena_get(mem, sizeof(*t->root))) == NULL)
		return err_set(err, RC_LATER, "no memory for tables");
	m->table = t;
	t->name = arena_dup(mem, name);
	t->root->group = true;
	t->root->most = 1;
	rc = slice_starts(name, "service:") ? service_load(m, err)
					    : message_load(m, err);
	if (rc != RC_OK)
		return rc;
	size = m->nsegments * sizeof(struct table_segment *);
	t->segment = arena_raw(mem, size);
	if (t->segment == NULL)
		return err_set(err, RC_LATER, "no memory for tables");
	memcpy(t->segment, m->segment, size);
	t->nsegments = m->nsegments;
	return RC_OK;
}

const struct wire_table *
wire_table_find(struct wire_tables *w, struct slice name, struct err *err)
{
	struct source source;
	struct making *m;
	struct wire_table *t;
	enum rc rc;

	for (t = w->table; t != NULL; t = t->next)
		if (slice_eq(t->name, name))
			return t;
	if (source_of(name, &source, err) != RC_OK)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (m == NULL) {
		(void)err_set(err, RC_LATER, "no memory for tables");
		return NULL;
	}
	m->all = w;
	m->source = &source;
	rc = table_make(m, name, err);
	t = rc == RC_OK ? m->table : NULL;
	free(m);
	if (t != NULL) {
		t->next = w->table;
		w->table = t;
	}
	return t;
}
