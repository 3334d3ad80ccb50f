/*
 * tests/golden/golden_look.c - findings and values against what a person wrote
 * down; a .values file that begins "# some" need not say all. Called by
 * golden.c.
 */
#include "tests/golden/golden.h"
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS  7
#define ROWS_MAX 5000

struct row {
	struct slice cell[COLUMNS];
	bool met;
};

static unsigned int
rows_cut(struct slice text, struct row *rows)
{
	unsigned int n = 0;

	while (text.len > 0 && n < ROWS_MAX) {
		struct slice line = slice_cut(&text, '\n');

		if (line.len == 0 || line.p[0] == '#')
			continue;
		memset(&rows[n], 0, sizeof(rows[n]));
		for (int i = 0; i < COLUMNS && line.len > 0; i++)
			rows[n].cell[i] = slice_cut(&line, '\t');
		n++;
	}
	return n;
}

static bool
cell_is(struct slice cell, struct slice found)
{
	return cell.len == 0 || slice_eq(cell, found);
}

static bool
cell_number(struct slice cell, uint32_t found)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", (unsigned)found);
	return cell.len == 0 || slice_is(cell, text);
}

static bool
row_is(const struct row *r, const struct finding *f)
{
	return cell_is(r->cell[0], f->code) &&
	       cell_is(r->cell[1], slice_of(severity_name(f->severity))) &&
	       cell_number(r->cell[2], f->place.line) &&
	       cell_number(r->cell[3], f->place.column) &&
	       cell_number(r->cell[4], f->place.segment) &&
	       cell_is(r->cell[5], f->element) && cell_is(r->cell[6], f->found);
}

static void
finding_show(const char *mark, const struct finding *f)
{
	printf("  %s %.*s\t%s\t%u\t%u\t%u\t%.*s\t%.*s\t(%.*s)\n", mark,
	    SLICE_ARG(f->code), severity_name(f->severity),
	    (unsigned)f->place.line, (unsigned)f->place.column,
	    (unsigned)f->place.segment, SLICE_ARG(f->element),
	    SLICE_ARG(f->found), SLICE_ARG(f->en));
}

bool
golden_findings(const struct golden_case *c, struct slice want)
{
	struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
	unsigned int n = rows == NULL ? 0 : rows_cut(want, rows);
	bool same = n > 0;

	for (uint32_t i = 0; i < c->nfilings; i++)
		for (const struct finding *f = c->filing[i].findings->first;
		     f != NULL; f = f->next) {
			unsigned int k = 1; /* the first row heads */

			while (k < n && (rows[k].met || !row_is(&rows[k], f)))
				k++;
			if (k < n) {
				rows[k].met = true;
				continue;
			}
			finding_show("+", f);
			same = false;
		}
	for (unsigned int k = 1; k < n; k++)
		if (!rows[k].met) {
			printf("  - ");
			for (int i = 0; i < COLUMNS; i++)
				printf("%.*s\t", SLICE_ARG(rows[k].cell[i]));
			printf("\n");
			same = false;
		}
	free(rows);
	return same;
}

struct looker {
	struct golden *g;
	const struct filing *f;
	struct row *rows;
	unsigned int n;
	uint32_t number; /* of the filing */
	bool some, same;
};

/* \n, \t and \\ of the file. */
static struct slice
unescape(struct slice s, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < size; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len) {
			i++;
			out[n++] = s.p[i] == 'n'   ? '\n'
				   : s.p[i] == 't' ? '\t'
						   : s.p[i];
		} else {
			out[n++] = s.p[i];
		}
	}
	return (struct slice){ out, n };
}

/* "2024-06-15T10:30" and the same with the format's zone are one. */
static bool
text_is(const struct element *el, struct slice want, struct slice found)
{
	char plain[4096];

	want = unescape(want, plain, sizeof(plain));
	if (el->type == EL_MOMENT && found.len > want.len && want.len > 10)
		return slice_eq(want, slice_sub(found, 0, want.len));
	return slice_eq(want, found);
}

static void
value_look(struct looker *l, const struct node *node, const struct element *el,
    const struct value *v, uint32_t place)
{
	char path[300], full[320];
	struct place p = { .line = 0 };
	size_t n;

	(void)record_path(node, el, path, sizeof(path));
	n = (size_t)snprintf(full, sizeof(full), "%s", path);
	if (el->repeats && n < sizeof(full))
		(void)snprintf(
		    full + n, sizeof(full) - n, "[%u]", (unsigned)place);
	if (v->span > 0)
		text_place(l->f->text, v->at, v->span, &p);
	for (unsigned int i = 0; i < l->n; i++) {
		struct row *r = &l->rows[i];

		if (r->met || !slice_is(r->cell[0], full) ||
		    !text_is(el, r->cell[1], v->text) ||
		    !cell_number(r->cell[2], p.line))
			continue;
		r->met = true;
		return;
	}
	if (l->some)
		return;
	printf(
	    "  + %s\t%.*s\t%u\n", full, SLICE_ARG(v->text), (unsigned)p.line);
	l->same = false;
}

static void
node_look(struct looker *l, const struct node *node)
{
	for (uint16_t i = 0; i < node->group->nslots; i++) {
		const struct element *el = &node->group->element[i];
		uint32_t place = 1;

		if (el->type == EL_GROUP || el->type == EL_ABOUT) {
			for (const struct node *x = node->slot[i].node;
			     x != NULL; x = x->next)
				node_look(l, x);
			continue;
		}
		for (const struct value *v = node->slot[i].value; v != NULL;
		     v = v->next, place++)
			value_look(l, node, el, v, place);
	}
}

bool
golden_values(struct golden *g, const struct golden_case *c, struct slice want)
{
	struct looker l = { .g = g, .same = true };

	l.some = slice_starts(want, "# some");
	l.rows = calloc(ROWS_MAX, sizeof(*l.rows));
	l.n = l.rows == NULL ? 0 : rows_cut(want, l.rows);
	for (uint32_t i = 0; i < c->nfilings; i++) {
		l.f = &c->filing[i];
		if (l.f->record != NULL)
			node_look(&l, l.f->record->root);
	}
	for (unsigned int i = 0; i < l.n; i++)
		if (!l.rows[i].met) {
			printf("  - %.*s\t%.*s\t%.*s\n",
			    SLICE_ARG(l.rows[i].cell[0]),
			    SLICE_ARG(l.rows[i].cell[1]),
			    SLICE_ARG(l.rows[i].cell[2]));
			l.same = false;
		}
	free(l.rows);
	return l.same && l.n > 0;
}
