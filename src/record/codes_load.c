/*
 * record/codes_load.c - code lists are loaded from TSV.
 *
 * A cell may hold several values apart by a blank; "!" before a value marks
 * the row meant on reading where rows share it; a value that ends in "*"
 * matches a prefix, "*" the rest. from and to limit a row in time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/record/codes_index.h"
#include "src/record/complaints.h"
#include "src/record/source.h"

enum column_kind { COLUMN_SCHEME, COLUMN_LABEL, COLUMN_NOTE };

static enum column_kind
column_kind(struct slice head)
{
	static const char *const notes[] = { "amends", "level", "outcome",
		"rank", "final", "pattern", "factor", "from", "to", "note",
		"source" };

	if (slice_is(head, "en") || slice_is(head, "zh"))
		return COLUMN_LABEL;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (slice_is(head, notes[i]))
			return COLUMN_NOTE;
	return COLUMN_SCHEME;
}

struct load {
	const struct source *src;
	struct arena *mem;
	struct complaints *to;
	struct codelist *list;
	struct code_row *row;
	struct slice *head;
	size_t rest; /* where the next line begins */
	int from, until;
};

static void PRINTF(3, 4)
    load_wrong(struct load *ld, struct slice what, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(ld->to, false, ld->src->name, ld->src->text,
	    (size_t)(what.p - ld->src->text.p), "%s", text);
}

/* The next line that says something; comments are given too. */
static bool
load_line(struct load *ld, struct slice *out)
{
	struct slice text = ld->src->text;

	while (ld->rest < text.len) {
		const char *p = text.p + ld->rest;
		const char *nl = memchr(p, '\n', text.len - ld->rest);
		size_t n = nl ? (size_t)(nl - p) : text.len - ld->rest;

		ld->rest += n + 1;
		if (n > 0 && p[n - 1] == '\r')
			n--;
		*out = (struct slice){ p, n };
		if (slice_trim(*out).len > 0)
			return true;
	}
	return false;
}

/* "# list NAME complete|open ..." */
static bool
load_name(struct load *ld)
{
	struct slice line = SLICE_LIT(""), word;
	bool any = load_line(ld, &line), complete;

	if (any && slice_starts(line, "\xEF\xBB\xBF"))
		line = slice_sub(line, 3, line.len);
	if (!any || !slice_starts(line, "# list ")) {
		load_wrong(ld, any ? line : ld->src->text,
		    "the first line is not '# list NAME complete' or "
		    "'# list NAME open'");
		return false;
	}
	line = slice_trim(slice_sub(line, 7, line.len));
	word = slice_cut(&line, ' ');
	line = slice_trim(line);
	ld->list->name = arena_str(ld->mem, word);
	word = slice_cut(&line, ' ');
	complete = slice_is(word, "complete");
	if (!complete && !slice_is(word, "open")) {
		load_wrong(ld, word.p == NULL ? ld->src->text : word,
		    "'%.*s' is not understood, want complete or open",
		    SLICE_ARG(word));
		return false;
	}
	ld->list->complete = complete;
	return ld->list->name != NULL;
}

/* Cells of a line; how many there are, at most CODES_COLUMNS are filled. */
static uint32_t
line_cells(struct slice line, struct slice *cell)
{
	uint32_t n = 0;
	size_t from = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && line.p[i] != '\t')
			continue;
		if (n < CODES_COLUMNS)
			cell[n] = slice_trim(
			    (struct slice){ line.p + from, i - from });
		if (n < CODES_COLUMNS && cell[n].len == 0)
			cell[n] = (struct slice){ line.p + from, 0 };
		n++;
		from = i + 1;
	}
	return n;
}

static bool
load_heads(struct load *ld)
{
	struct slice cell[CODES_COLUMNS], line;
	uint32_t n;

	do
		if (!load_line(ld, &line)) {
			load_wrong(ld, ld->src->text,
			    "the list has no heads, "
			    "want a line 'code', a tab, a scheme ...");
			return false;
		}
	while (line.p[0] == '#');
	n = line_cells(line, cell);
	if (n > CODES_COLUMNS || !slice_is(cell[0], "code")) {
		load_wrong(ld, line,
		    "the heads are %u columns and begin with "
		    "'%.*s', want 'code' first and at most %d",
		    n, SLICE_ARG(cell[0]), CODES_COLUMNS);
		return false;
	}
	ld->head = arena_get(ld->mem, n * sizeof(*ld->head));
	if (ld->head == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < i; k++)
			if (slice_eq(cell[i], cell[k]))
				load_wrong(ld, cell[i],
				    "column '%.*s' stands here twice",
				    SLICE_ARG(cell[i]));
		if (cell[i].len == 0)
			load_wrong(ld, cell[i], "a column without a name");
		ld->head[i] = cell[i];
	}
	ld->list->head = ld->head;
	ld->list->nheads = (uint16_t)n;
	ld->from = codelist_column(ld->list, slice_of("from"));
	ld->until = codelist_column(ld->list, slice_of("to"));
	return true;
}

/* 2024-06-01 or 20240601; empty is open. */
static uint32_t
load_day(struct load *ld, struct slice cell)
{
	char digit[9] = "";
	size_t n = 0;

	for (size_t i = 0; i < cell.len; i++) {
		if (cell.p[i] == '-' && (i == 4 || i == 7))
			continue;
		if (cell.p[i] < '0' || cell.p[i] > '9' || n == 8) {
			n = 0;
			break;
		}
		digit[n++] = cell.p[i];
	}
	if (cell.len == 0)
		return 0;
	if (n == 8)
		return (uint32_t)strtoul(digit, NULL, 10);
	load_wrong(
	    ld, cell, "'%.*s' is no day, want YYYY-MM-DD", SLICE_ARG(cell));
	return 0;
}

static bool
value_prefix(struct slice v)
{
	return v.len > 0 && v.p[v.len - 1] == '*';
}

/* The value that is written: the first one that is no prefix. */
static struct slice
cell_best(struct slice cell, enum column_kind kind)
{
	struct slice rest = cell, v;

	if (kind != COLUMN_SCHEME)
		return cell;
	while (rest.len > 0) {
		v = slice_cut(&rest, ' ');
		if (v.len > 0 && v.p[0] == '!')
			v = slice_sub(v, 1, v.len);
		if (v.len > 0 && !value_prefix(v))
			return v;
	}
	return (struct slice){ NULL, 0 };
}

static void
load_row(struct load *ld, struct slice line)
{
	struct slice cell[CODES_COLUMNS], *keep;
	uint32_t n = line_cells(line, cell), heads = ld->list->nheads;
	struct code_row *row = &ld->row[ld->list->nrows];

	if (n > heads) {
		load_wrong(ld, line, "%u cells under %u heads", n, heads);
		return;
	}
	if (cell[0].len == 0 || memchr(cell[0].p, ' ', cell[0].len) != NULL) {
		load_wrong(ld, cell[0],
		    "'%.*s' cannot be a code, want one "
		    "word",
		    SLICE_ARG(cell[0]));
		return;
	}
	keep = arena_get(ld->mem, 2 * heads * sizeof(*keep));
	if (keep == NULL)
		return;
	row->code = cell[0];
	row->cell = keep;
	row->best = keep + heads;
	for (uint32_t i = 0; i < heads; i++) {
		if (i >= n)
			cell[i] = (struct slice){ line.p + line.len, 0 };
		keep[i] = cell[i];
		keep[heads + i] = cell_best(cell[i], column_kind(ld->head[i]));
	}
	keep[heads] = cell[0];
	if (ld->from >= 0)
		row->from = load_day(ld, cell[ld->from]);
	if (ld->until >= 0)
		row->to = load_day(ld, cell[ld->until]);
	ld->list->timed |= row->from != 0 || row->to != 0;
	ld->list->nrows++;
}

static void
load_rows(struct load *ld)
{
	struct slice line;
	size_t rest = ld->rest;
	uint32_t n = 0;

	while (load_line(ld, &line))
		n++;
	ld->rest = rest;
	if (n > CODES_ROWS) {
		load_wrong(
		    ld, ld->src->text, "%u rows, limit is %d", n, CODES_ROWS);
		return;
	}
	ld->row = arena_get(ld->mem, (n + 1) * sizeof(*ld->row));
	if (ld->row == NULL)
		return;
	ld->list->row = ld->row;
	while (load_line(ld, &line))
		if (line.p[0] != '#')
			load_row(ld, line);
}

/* ---- the index ---- */

static void
entry_add(struct load *ld, struct column *c, struct slice v, uint32_t row)
{
	struct entry e = { .value = v, .row = row };
	uint32_t k;

	if (v.p[0] == '!') {
		e.marked = true;
		e.value = slice_sub(v, 1, v.len);
	}
	if (e.value.len == 0)
		return;
	if (value_prefix(e.value)) {
		e.value.len--;
		for (k = c->nprefix;
		     k > 0 && c->prefix[k - 1].value.len < e.value.len; k--)
			c->prefix[k] = c->prefix[k - 1];
		if (k > 0 && slice_eq(c->prefix[k - 1].value, e.value))
			load_wrong(ld, e.value,
			    "the prefix '%.*s*' stands in "
			    "two rows",
			    SLICE_ARG(e.value));
		c->prefix[k] = e;
		c->nprefix++;
		return;
	}
	e.hash = slice_hash(e.value);
	c->entry[c->n++] = e;
}

static bool
rows_overlap(const struct code_row *a, const struct code_row *b)
{
	return (a->to == 0 || b->from <= a->to) &&
	       (b->to == 0 || a->from <= b->to);
}

/* Equal values in one window of time need one "!". */
static void
chain_check(struct load *ld, const struct column *c, const struct entry *first)
{
	const struct code_row *row = ld->row;

	for (const struct entry *a = first; a != NULL;
	     a = a->next ? &c->entry[a->next - 1] : NULL)
		for (const struct entry *b = a->next ? &c->entry[a->next - 1]
						     : NULL;
		     b != NULL; b = b->next ? &c->entry[b->next - 1] : NULL) {
			bool decided = a->marked != b->marked;

			for (const struct entry *m = first;
			     m != NULL && !a->marked;
			     m = m->next ? &c->entry[m->next - 1] : NULL)
				decided |=
				    m->marked &&
				    rows_overlap(&row[m->row], &row[b->row]);
			if (a->row == b->row || decided ||
			    !rows_overlap(&row[a->row], &row[b->row]))
				continue;
			load_wrong(ld, b->value,
			    "'%.*s' stands for '%.*s' and "
			    "'%.*s', want '!' before one of them",
			    SLICE_ARG(b->value), SLICE_ARG(row[a->row].code),
			    SLICE_ARG(row[b->row].code));
			return;
		}
}

static bool
column_hash(struct load *ld, struct column *c, enum column_kind kind)
{
	uint32_t size = 8;

	while (size < c->n * 2)
		size *= 2;
	c->mask = size - 1;
	c->slot = arena_get(ld->mem, size * sizeof(*c->slot));
	if (c->slot == NULL)
		return false;
	for (uint32_t k = 0; k < c->n; k++) {
		struct entry *e = &c->entry[k], *f = NULL;
		uint32_t i = e->hash & c->mask;

		for (; c->slot[i] != 0; i = (i + 1) & c->mask) {
			f = &c->entry[c->slot[i] - 1];
			if (f->hash == e->hash && slice_eq(f->value, e->value))
				break;
			f = NULL;
		}
		if (f == NULL) {
			c->slot[i] = k + 1;
			continue;
		}
		while (f->next != 0)
			f = &c->entry[f->next - 1];
		f->next = k + 1;
	}
	if (kind == COLUMN_SCHEME)
		for (uint32_t i = 0; i < size; i++)
			if (c->slot[i] != 0)
				chain_check(ld, c, &c->entry[c->slot[i] - 1]);
	return true;
}

/* How many values a column's cells hold at most. */
static uint32_t
column_values(const struct load *ld, uint32_t col, enum column_kind kind)
{
	uint32_t n = 0;

	for (uint32_t r = 0; r < ld->list->nrows; r++) {
		struct slice cell = ld->row[r].cell[col];

		n++;
		for (size_t i = 0; kind == COLUMN_SCHEME && i < cell.len; i++)
			n += cell.p[i] == ' ';
	}
	return n;
}

static bool
column_make(
    struct load *ld, struct column *c, uint32_t col, enum column_kind kind)
{
	uint32_t room = column_values(ld, col, kind) + 1;

	c->entry = arena_get(ld->mem, room * sizeof(*c->entry));
	c->prefix = arena_get(ld->mem, room * sizeof(*c->prefix));
	if (c->entry == NULL || c->prefix == NULL)
		return false;
	for (uint32_t r = 0; r < ld->list->nrows; r++) {
		struct slice rest = ld->row[r].cell[col], v;

		if (kind == COLUMN_LABEL && rest.len > 0) {
			c->entry[c->n++] = (struct entry){ .value = rest,
				.row = r,
				.hash = slice_hash(rest) };
			continue;
		}
		while (rest.len > 0) {
			v = slice_cut(&rest, ' ');
			if (v.len > 0)
				entry_add(ld, c, v, r);
		}
	}
	return column_hash(ld, c, kind);
}

static bool
load_index(struct load *ld)
{
	struct codelist_index *ix = arena_get(ld->mem, sizeof(*ix));

	if (ix == NULL)
		return false;
	ld->list->index = ix;
	/* our own codes: the first column, never split or marked */
	if (!column_make(ld, &ix->code, 0, COLUMN_SCHEME))
		return false;
	ix->column[0] = ix->code;
	for (uint32_t i = 1; i < ld->list->nheads; i++) {
		enum column_kind kind = column_kind(ld->head[i]);

		if (kind != COLUMN_NOTE &&
		    !column_make(ld, &ix->column[i], i, kind))
			return false;
	}
	return true;
}

static bool
list_load(
    struct codelists *all, const struct source *src, struct complaints *to)
{
	struct codelist *list = &all->list[all->n];
	struct load ld = { .src = src,
		.mem = all->mem,
		.to = to,
		.list = list,
		.from = -1,
		.until = -1 };

	if (!load_name(&ld) || !load_heads(&ld))
		return !arena_failed(all->mem);
	if (codelist_find(all, slice_of(list->name)) != NULL)
		load_wrong(
		    &ld, src->text, "list '%s' is there already", list->name);
	load_rows(&ld);
	if (ld.row == NULL || !load_index(&ld))
		return !arena_failed(all->mem);
	all->n++;
	return true;
}

enum rc
codelists_load(struct codelists **out, const char *folder,
    struct complaints *to, struct err *err)
{
	struct codelists *all = calloc(1, sizeof(*all));
	struct sources files;
	uint32_t before = to->errors;
	enum rc rc;

	if (all != NULL)
		all->mem = arena_new(CODES_BYTES);
	if (all == NULL || all->mem == NULL) {
		codelists_free(all);
		return err_set(err, RC_LATER, "out of memory");
	}
	rc = sources_load(&files, folder, ".tsv", all->mem, err);
	if (rc == RC_OK) {
		all->list =
		    arena_get(all->mem, (files.n + 1) * sizeof(*all->list));
		if (all->list == NULL)
			rc = err_set(err, RC_LATER, "out of memory");
	}
	for (uint32_t i = 0; rc == RC_OK && i < files.n; i++)
		if (!list_load(all, &files.file[i], to))
			rc = err_set(err, RC_LATER, "out of memory");
	if (rc == RC_OK && to->errors > before)
		rc = err_set(err, RC_REFUSED, "%u %s in code lists in %s",
		    to->errors - before, complaints_word(to->errors - before),
		    folder);
	if (rc != RC_OK) {
		codelists_free(all);
		return rc;
	}
	*out = all;
	return RC_OK;
}
