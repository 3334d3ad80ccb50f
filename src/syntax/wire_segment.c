/*
 * syntax/wire_segment.c - one segment of a directory: its elements, their
 * components and formats. The files are ours, yet every mistake in them is
 * refused with file and line. Called by wire_load.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include "src/syntax/wire_rows.h"

#define LEAVES_MAX 400 /* rows of one segment */

static bool
format_make(struct slice s, struct leaf_format *f)
{
	uint64_t n;

	*f = (struct leaf_format){ .text = s };
	if (s.len == 0)
		return true;
	if (slice_starts(s, "an")) {
		f->kind = 'x';
		s = slice_sub(s, 2, s.len);
	} else if (s.p[0] == 'a' || s.p[0] == 'n') {
		f->kind = s.p[0];
		s = slice_sub(s, 1, s.len);
	}
	if (slice_starts(s, "..")) {
		f->most = true;
		s = slice_sub(s, 2, s.len);
	}
	if (f->kind == 0 || !slice_u64(s, &n) || n == 0 || n > UINT16_MAX)
		return false;
	f->length = (uint16_t)n;
	return true;
}

/* Columns of the two kinds of segment files; the service one has no names. */
struct columns {
	uint32_t position, component, element, status, format, repeat;
	uint32_t values, fault; /* 0: there are none; else they may be left out
				 */
};

static const struct columns columns_directory = { 3, 4, 5, 7, 8, 9, 0, 0 };
static const struct columns columns_service = { 2, 3, 4, 6, 7, 8, 9, 10 };

struct building {
	struct table_element element[LEAVES_MAX];
	struct table_leaf leaf[LEAVES_MAX];
	uint16_t nelements, nleaves;
	uint64_t position;
};

static enum rc
element_begin(struct building *b, const struct rows *r, const struct columns *c,
    struct err *err)
{
	struct table_element *e;
	uint64_t most;

	if (b->nelements == LEAVES_MAX)
		return row_wrong(r, "too many elements", "at most 400", err);
	if (!slice_u64(r->cell[c->repeat], &most) || most == 0 ||
	    most > UINT16_MAX)
		return row_wrong(r, "an odd repeat", "a number", err);
	e = &b->element[b->nelements++];
	*e = (struct table_element){
		.must = slice_is(r->cell[c->status], "M"),
		.most = (uint16_t)most,
		.first = b->nleaves,
		.id = r->cell[c->element],
		.nth = 1,
		.alone = true,
	};
	for (uint16_t i = 0; i + 1 < b->nelements; i++)
		if (slice_eq(b->element[i].id, e->id)) {
			b->element[i].alone = false;
			e->alone = false;
			e->nth++;
		}
	return RC_OK;
}

/* "date", "time" or the values themselves, and what another one is called. */
static enum rc
values_make(struct table_leaf *l, const struct rows *r, const struct columns *c,
    struct err *err)
{
	struct slice values;
	uint64_t fault;

	if (c->values == 0 || r->ncells <= c->values)
		return RC_OK;
	values = r->cell[c->values];
	if (r->ncells <= c->fault || !slice_u64(r->cell[c->fault], &fault) ||
	    fault == 0 || fault > UINT8_MAX || values.len == 0)
		return row_wrong(
		    r, "values without a fault", "both or neither", err);
	l->fault = (uint8_t)fault;
	l->listed = values;
	l->values = slice_is(values, "date")   ? VALUES_DATE
		    : slice_is(values, "time") ? VALUES_TIME
					       : VALUES_LISTED;
	return RC_OK;
}

static enum rc
leaf_add(struct building *b, const struct rows *r, const struct columns *c,
    uint64_t component, struct err *err)
{
	struct table_element *e = &b->element[b->nelements - 1];
	struct table_leaf *l;

	if (b->nleaves == LEAVES_MAX)
		return row_wrong(r, "too many elements", "at most 400", err);
	l = &b->leaf[b->nleaves++];
	*l = (struct table_leaf){
		.element = b->nelements,
		.component = (uint16_t)component,
		.must = slice_is(r->cell[c->status], "M"),
		.id = r->cell[c->element],
	};
	e->ncomponents++;
	e->inner_must = e->inner_must || (component > 0 && l->must);
	if (!format_make(r->cell[c->format], &l->format))
		return row_wrong(r, "an odd format", "as in an..35", err);
	return values_make(l, r, c, err);
}

/* One row is an element, a composite, or a component of the one before. */
static enum rc
segment_row(struct building *b, const struct rows *r, const struct columns *c,
    struct err *err)
{
	struct slice component = r->cell[c->component];
	uint64_t position, number = 0;
	enum rc rc = RC_OK;

	if (r->ncells <= c->repeat ||
	    !slice_u64(r->cell[c->position], &position))
		return row_wrong(r, "a short row", "all columns", err);
	if (component.len > 0 && (!slice_u64(component, &number) ||
				     number == 0 || number >= TAG_COMPONENTS))
		return row_wrong(r, "an odd component", "1 to 127", err);
	if (number > 0) {
		struct table_element *e =
		    b->nelements == 0 ? NULL : &b->element[b->nelements - 1];

		if (e == NULL || position != b->position ||
		    number != (uint64_t)e->ncomponents + 1)
			return row_wrong(r, "a component out of order",
			    "composites before their components", err);
		e->composite = true;
		return leaf_add(b, r, c, number, err);
	}
	if (b->nelements > 0 && position <= b->position)
		return row_wrong(
		    r, "an element out of order", "positions that grow", err);
	b->position = position;
	rc = element_begin(b, r, c, err);
	if (rc == RC_OK && r->cell[c->format].len > 0)
		rc = leaf_add(b, r, c, 0, err);
	return rc;
}

/* "C506.1154", "C246#2.7361", "1004": the name that formats use. */
static struct slice
leaf_name(struct arena *mem, const struct table_element *e,
    const struct table_leaf *l)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%.*s", SLICE_ARG(e->id));

	if (!e->alone)
		n +=
		    snprintf(text + n, sizeof(text) - (size_t)n, "#%u", e->nth);
	if (l->component > 0 && n < 40)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ".%.*s",
		    SLICE_ARG(l->id));
	return arena_dup(mem, slice_of(text));
}

static struct table_segment *
segment_make(struct arena *mem, struct slice tag, const struct building *b)
{
	struct table_segment *s = arena_get(mem, sizeof(*s));
	size_t e = sizeof(b->element[0]) * b->nelements;
	size_t l = sizeof(b->leaf[0]) * b->nleaves;

	if (s == NULL)
		return NULL;
	s->tag = tag;
	s->key = tag_pack(tag.p, tag.len);
	s->element = arena_raw(mem, e);
	s->leaf = arena_raw(mem, l);
	if (s->element == NULL || s->leaf == NULL)
		return NULL;
	memcpy(s->element, b->element, e);
	memcpy(s->leaf, b->leaf, l);
	s->nelements = b->nelements;
	s->nleaves = b->nleaves;
	for (uint16_t i = 0; i < s->nleaves; i++)
		s->leaf[i].name = leaf_name(
		    mem, &s->element[s->leaf[i].element - 1], &s->leaf[i]);
	return s;
}

/* Rows of a segment stand together. */
enum rc
segment_load(struct wire_tables *w, const char *file, const char *directory,
    struct slice tag, struct table_segment **out, struct err *err)
{
	const struct columns *c = slice_starts(slice_of(directory), "syntax")
				      ? &columns_service
				      : &columns_directory;
	struct rows r;
	struct building *b;
	enum rc rc = rows_open(w, file, &r, err);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return err_set(err, RC_LATER, "no memory for '%s'", file);
	while (rc == RC_OK && rows_next(&r))
		if (r.ncells > 2 && slice_eq(r.cell[1], tag) &&
		    slice_is(r.cell[0], directory))
			rc = segment_row(b, &r, c, err);
		else if (b->nelements > 0)
			break;
	if (rc == RC_OK && b->nelements > 0) {
		*out = segment_make(w->mem, tag, b);
		if (*out == NULL)
			rc = err_set(err, RC_LATER, "no memory for '%s'", file);
	}
	free(b);
	return rc;
}
