/*
 * cli/case_look.c - findings, values and texts against what a person wrote
 * down, and how those files would have to be. Called by map test and
 * tests/golden.
 */
#include "src/cli/cases.h"
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS     7
#define ROWS_MAX    20000
#define LINES_SHOWN 20 /* of a difference */

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
finding_show(const char *mark, const struct finding *f, struct buf *said)
{
	buf_fmt(said, "  %s %.*s\t%s\t%u\t%u\t%u\t%.*s\t%.*s\t(%.*s)\n", mark,
	    SLICE_ARG(f->code), severity_name(f->severity),
	    (unsigned)f->place.line, (unsigned)f->place.column,
	    (unsigned)f->place.segment, SLICE_ARG(f->element),
	    SLICE_ARG(f->found), SLICE_ARG(f->en));
}

bool
case_findings(const struct one_case *c, struct slice want, struct buf *said)
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
			finding_show("+", f, said);
			same = false;
		}
	for (unsigned int k = 1; k < n; k++)
		if (!rows[k].met) {
			buf_str(said, "  - ");
			for (int i = 0; i < COLUMNS; i++)
				buf_fmt(
				    said, "%.*s\t", SLICE_ARG(rows[k].cell[i]));
			buf_byte(said, '\n');
			same = false;
		}
	free(rows);
	return same;
}

/* A cell of the file: what would end it is left out, and not compared. */
static void
cell_print(struct slice s, struct buf *out)
{
	buf_byte(out, '\t');
	if (s.len > 0 && memchr(s.p, '\t', s.len) == NULL &&
	    memchr(s.p, '\n', s.len) == NULL)
		buf_slice(out, s);
}

void
case_findings_print(const struct one_case *c, struct buf *out)
{
	buf_str(out, "code\tseverity\tline\tcolumn\tsegment\telement\tfound\n");
	for (uint32_t i = 0; i < c->nfilings; i++)
		for (const struct finding *f = c->filing[i].findings->first;
		     f != NULL; f = f->next) {
			buf_fmt(out, "%.*s\t%s\t%u\t%u\t", SLICE_ARG(f->code),
			    severity_name(f->severity), (unsigned)f->place.line,
			    (unsigned)f->place.column);
			if (f->place.segment > 0)
				buf_fmt(out, "%u", (unsigned)f->place.segment);
			cell_print(f->element, out);
			cell_print(f->found, out);
			buf_byte(out, '\n');
		}
}

/* ---- values ---- */

typedef void value_fn(void *arg, const char *path, const struct element *,
    const struct value *, uint32_t line);

struct values_walk {
	const struct filing *f;
	value_fn *fn;
	void *arg;
};

static void
value_tell(const struct values_walk *w, const struct node *node,
    const struct element *el, const struct value *v, uint32_t place)
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
		text_place(w->f->text, v->at, v->span, &p);
	w->fn(w->arg, full, el, v, p.line);
}

static void
node_tell(const struct values_walk *w, const struct node *node)
{
	for (uint16_t i = 0; i < node->group->nslots; i++) {
		const struct element *el = &node->group->element[i];
		uint32_t place = 1;

		if (el->type == EL_GROUP || el->type == EL_ABOUT) {
			for (const struct node *x = node->slot[i].node;
			     x != NULL; x = x->next)
				node_tell(w, x);
			continue;
		}
		for (const struct value *v = node->slot[i].value; v != NULL;
		     v = v->next, place++)
			value_tell(w, node, el, v, place);
	}
}

static void
values_tell(const struct one_case *c, value_fn *fn, void *arg)
{
	for (uint32_t i = 0; i < c->nfilings; i++) {
		struct values_walk w = { &c->filing[i], fn, arg };

		if (w.f->record != NULL)
			node_tell(&w, w.f->record->root);
	}
}

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

static void
value_print(void *arg, const char *path, const struct element *el,
    const struct value *v, uint32_t line)
{
	struct buf *out = arg;

	(void)el;
	buf_fmt(out, "%s\t", path);
	for (size_t i = 0; i < v->text.len; i++)
		switch (v->text.p[i]) {
		case '\n':
			buf_str(out, "\\n");
			break;
		case '\t':
			buf_str(out, "\\t");
			break;
		case '\\':
			buf_str(out, "\\\\");
			break;
		default:
			buf_byte(out, v->text.p[i]);
		}
	if (line > 0)
		buf_fmt(out, "\t%u\n", (unsigned)line);
	else
		buf_byte(out, '\n');
}

void
case_values_print(const struct one_case *c, struct buf *out)
{
	values_tell(c, value_print, out);
}

struct looker {
	struct row *rows;
	unsigned int n;
	struct buf *said;
	bool some, same;
};

/* "2024-06-15T10:30" and the same with the format's zone are one. */
static bool
text_is(const struct element *el, struct slice want, struct slice found)
{
	char plain[8192];

	want = unescape(want, plain, sizeof(plain));
	if (el->type == EL_MOMENT && found.len > want.len && want.len > 10)
		return slice_eq(want, slice_sub(found, 0, want.len));
	return slice_eq(want, found);
}

static void
value_look(void *arg, const char *path, const struct element *el,
    const struct value *v, uint32_t line)
{
	struct looker *l = arg;

	for (unsigned int i = 0; i < l->n; i++) {
		struct row *r = &l->rows[i];

		if (r->met || !slice_is(r->cell[0], path) ||
		    !text_is(el, r->cell[1], v->text) ||
		    !cell_number(r->cell[2], line))
			continue;
		r->met = true;
		return;
	}
	if (l->some)
		return;
	buf_fmt(l->said, "  + ");
	value_print(l->said, path, el, v, line);
	l->same = false;
}

bool
case_values(const struct one_case *c, struct slice want, struct buf *said)
{
	struct looker l = { .said = said, .same = true };

	l.some = slice_starts(want, "# some");
	l.rows = calloc(ROWS_MAX, sizeof(*l.rows));
	l.n = l.rows == NULL ? 0 : rows_cut(want, l.rows);
	values_tell(c, value_look, &l);
	for (unsigned int i = 0; i < l.n; i++)
		if (!l.rows[i].met) {
			buf_fmt(said, "  - %.*s\t%.*s\t%.*s\n",
			    SLICE_ARG(l.rows[i].cell[0]),
			    SLICE_ARG(l.rows[i].cell[1]),
			    SLICE_ARG(l.rows[i].cell[2]));
			l.same = false;
		}
	free(l.rows);
	return l.same && l.n > 0;
}

/* ---- texts ---- */

/* The first line of a text. */
static struct slice
line_first_of(struct slice s)
{
	return slice_cut(&s, '\n');
}

static void
lines_say(const char *mark, struct slice s, struct buf *said)
{
	for (unsigned int n = 0; s.len > 0 && n < LINES_SHOWN; n++) {
		struct slice line = slice_cut(&s, '\n');

		buf_fmt(said, "  %s %.*s\n", mark, SLICE_ARG(line));
	}
	if (s.len > 0)
		buf_fmt(said, "  %s ...\n", mark);
}

/* The same lines at both ends are left out; what is between is shown. */
bool
case_text(struct slice want, struct slice got, struct buf *said)
{
	unsigned int line = 1;

	if (slice_eq(want, got))
		return true;
	while (want.len > 0 && got.len > 0 &&
	       slice_eq(line_first_of(want), line_first_of(got))) {
		(void)slice_cut(&want, '\n');
		(void)slice_cut(&got, '\n');
		line++;
	}
	for (size_t n = 1; n <= want.len && n <= got.len; n++) {
		if (want.p[want.len - n] != got.p[got.len - n])
			break;
		if (want.p[want.len - n] != '\n' || n == 1)
			continue;
		want.len -= n - 1;
		got.len -= n - 1;
		n = 1;
	}
	buf_fmt(said, "  line %u\n", line);
	lines_say("-", want, said);
	lines_say("+", got, said);
	return false;
}
