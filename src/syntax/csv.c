/*
 * syntax/csv.c - rows and cells of RFC 4180 and of what spreadsheets really
 * write. Trusts nothing; called by identify and convert.
 *
 * A row that is too long or too short stays in the tree, marked, so that the
 * reader can refuse the filing it belongs to and no other. What makes the whole
 * table doubtful (a quote that never closes, two columns of one name) refuses
 * it.
 */
#include "src/syntax/csv.h"
#include <stdio.h>

#define DOCUMENT_MAX (8u << 20)
#define COLUMNS_MAX  1000u
#define FIELD_MAX    (64u << 10)
#define NODES_MAX    500000u
#define POOL         64u

struct csv {
	struct slice text;
	const struct tags *tags;
	struct arena *mem;
	struct findings *findings;
	char delimiter;
	struct slice *name; /* of each column */
	wtag *tag;
	uint32_t ncolumns; /* 0: not known yet */
	struct wnode *pool;
	uint32_t pool_left, nodes;
	bool refused;
};

/* One cell as it stands. */
struct cell {
	uint32_t at, span;   /* with its quotes */
	uint32_t tat, tspan; /* between them */
	bool doubled;        /* quotes inside */
};

static struct finding *
csv_finding(struct csv *c, enum finding_kind kind, const char *tag,
    const char *found, const char *wanted, uint32_t at, uint32_t span)
{
	struct slice none = { NULL, 0 };
	struct finding *f = finding_add(c->findings, kind, none, slice_of(tag),
	    slice_of(found), slice_of(wanted));

	f->text_at = at;
	f->text_span = span;
	return f;
}

static void
csv_refuse(struct csv *c, enum finding_kind kind, const char *tag,
    const char *found, const char *wanted, uint32_t at, uint32_t span)
{
	if (!c->refused)
		(void)csv_finding(c, kind, tag, found, wanted, at, span);
	c->refused = true;
}

static struct wnode *
node_make(struct csv *c, struct wnode *parent)
{
	struct wnode *n;

	if (c->pool_left == 0) {
		c->pool = c->nodes < NODES_MAX
			      ? arena_get(c->mem, POOL * sizeof(*n))
			      : NULL;
		if (c->pool == NULL) {
			if (!arena_failed(c->mem))
				csv_refuse(c, FIND_LIMIT, "the table",
				    "more than 500000 cells", "500000", 0, 1);
			c->refused = true;
			return NULL;
		}
		c->pool_left = POOL;
		c->nodes += POOL;
	}
	n = c->pool++;
	c->pool_left--;
	n->parent = parent;
	if (parent->last_child == NULL)
		parent->child = n;
	else
		parent->last_child->next = n;
	parent->last_child = n;
	return n;
}

/* --- cells --- */

/* The quoted cell at `at`; where it goes on, or the end of the text. */
static uint32_t
cell_quoted(struct csv *c, uint32_t at, struct cell *out)
{
	const char *p = c->text.p;
	uint32_t end = (uint32_t)c->text.len, i = at + 1;

	out->tat = i;
	for (;;) {
		const char *q = memchr(p + i, '"', end - i);

		if (q == NULL) {
			csv_refuse(c, FIND_SYNTAX, "",
			    "a quoted cell that never ends", "a closing quote",
			    at, 1);
			return end;
		}
		i = (uint32_t)(q - p);
		if (i + 1 >= end || p[i + 1] != '"')
			break;
		out->doubled = true;
		i += 2;
	}
	out->tspan = i - out->tat;
	return i + 1;
}

static bool
cell_end(const struct csv *c, uint32_t i)
{
	char x = c->text.p[i];

	return x == c->delimiter || x == '\n' || x == '\r';
}

/* The cell at `at`; returns its end: a delimiter, a line end, or the end. */
static uint32_t
cell_read(struct csv *c, uint32_t at, struct cell *out)
{
	uint32_t end = (uint32_t)c->text.len, i = at;
	char found[32];

	*out = (struct cell){ .at = at, .tat = at };
	if (i < end && c->text.p[i] == '"') {
		i = cell_quoted(c, at, out);
		if (i < end && !c->refused && !cell_end(c, i))
			csv_refuse(c, FIND_SYNTAX, "",
			    "text behind a closing quote",
			    "a separator or the end of the line", i, 1);
	} else {
		while (i < end && !cell_end(c, i))
			i++;
		out->tspan = i - at;
	}
	out->span = i - at;
	if (out->tspan > FIELD_MAX) {
		(void)snprintf(
		    found, sizeof(found), "%u bytes", (unsigned)out->tspan);
		csv_refuse(c, FIND_LIMIT, "a cell", found, "65536 bytes", at,
		    out->span);
	}
	return i;
}

static struct slice
cell_text(struct csv *c, const struct cell *cell)
{
	struct slice s = slice_sub(c->text, cell->tat, cell->tspan);
	char *out;
	size_t n = 0;

	if (!cell->doubled || (out = arena_raw(c->mem, s.len)) == NULL)
		return s;
	for (size_t i = 0; i < s.len; i++) {
		out[n++] = s.p[i];
		if (s.p[i] == '"')
			i++;
	}
	return (struct slice){ out, n };
}

/* Behind a line end; CR LF is one. */
static uint32_t
line_end(const struct csv *c, uint32_t i)
{
	if (i + 1 < c->text.len && c->text.p[i] == '\r' &&
	    c->text.p[i + 1] == '\n')
		return i + 2;
	return i < c->text.len ? i + 1 : i;
}

/* --- heading --- */

/*
 * "sep=;" in a line of its own, as spreadsheets write for one another: where
 * the heading begins, 0 without one.
 */
static uint32_t
sep_line(struct slice utf8, char *delimiter)
{
	const char *p = utf8.p;

	if (!slice_starts(utf8, "sep=") || utf8.len < 6 ||
	    strchr(",;\t", p[4]) == NULL || p[4] == '\0')
		return 0;
	if (p[5] != '\n' && (p[5] != '\r' || utf8.len < 7))
		return 0;
	*delimiter = p[4];
	return p[5] == '\r' && p[6] == '\n' ? 7 : 6;
}

char
csv_sniff(struct slice head)
{
	static const char candidate[] = { ',', ';', '\t' };
	uint32_t count[3] = { 0, 0, 0 };
	bool quoted = false;
	size_t best = 0;

	for (size_t i = 0; i < head.len; i++) {
		char x = head.p[i];

		if (x == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (x == '\n' || x == '\r')
			break;
		for (size_t k = 0; k < 3; k++)
			count[k] += x == candidate[k];
	}
	for (size_t k = 1; k < 3; k++)
		if (count[k] > count[best])
			best = k;
	return candidate[best];
}

/* Quotes are taken off; a doubled one inside stays doubled. */
uint32_t
csv_head(struct slice utf8, char delimiter, struct slice *cell, uint32_t most)
{
	struct csv c = { .text = slice_sub(utf8, 0, FIELD_MAX),
		.delimiter = delimiter,
		.refused = true }; /* complains to nobody */
	char said = '\0';
	uint32_t at = sep_line(c.text, &said), n = 0;
	struct cell raw;

	if (said != '\0')
		c.delimiter = said;
	else if (delimiter == '\0')
		c.delimiter = csv_sniff(c.text);
	for (;;) {
		at = cell_read(&c, at, &raw);
		if (n < most)
			cell[n] =
			    slice_trim(slice_sub(c.text, raw.tat, raw.tspan));
		n++;
		if (at >= c.text.len || c.text.p[at] != c.delimiter)
			return n;
		at++;
	}
}

static bool
columns_room(struct csv *c, uint32_t n)
{
	c->name = arena_get(c->mem, n * sizeof(*c->name));
	c->tag = arena_get(c->mem, n * sizeof(*c->tag));
	c->refused = c->refused || c->name == NULL || c->tag == NULL;
	return !c->refused;
}

static void
column_add(struct csv *c, struct slice name, const struct cell *cell)
{
	char found[100];

	for (uint32_t i = 0; i < c->ncolumns; i++)
		if (name.len > 0 && slice_eq(c->name[i], name)) {
			(void)snprintf(found, sizeof(found),
			    "column '%.*s' stands twice",
			    (int)(name.len > 60 ? 60 : name.len), name.p);
			csv_refuse(c, FIND_SYNTAX, "", found,
			    "each heading once", cell->at, cell->span);
			return;
		}
	c->name[c->ncolumns] = name;
	c->tag[c->ncolumns++] = tag_find(c->tags, name);
}

/* The first line is the heading; returns where the rows start. */
static uint32_t
heading_read(struct csv *c, uint32_t at)
{
	struct cell cell;

	if (!columns_room(c, COLUMNS_MAX))
		return 0;
	for (;;) {
		at = cell_read(c, at, &cell);
		if (c->refused)
			return at;
		if (c->ncolumns == COLUMNS_MAX) {
			csv_refuse(c, FIND_LIMIT, "the heading",
			    "more than 1000 columns", "1000", cell.at, 1);
			return at;
		}
		column_add(c, slice_trim(cell_text(c, &cell)), &cell);
		if (at >= c->text.len || c->text.p[at] != c->delimiter)
			return line_end(c, at);
		at++;
	}
}

/* --- rows --- */

static void
cell_add(
    struct csv *c, struct wnode *row, uint32_t column, const struct cell *cell)
{
	struct wnode *n;

	if (cell->tspan == 0)
		return; /* empty: not given */
	n = node_make(c, row);
	if (n == NULL)
		return;
	n->leaf = true;
	n->at = cell->at;
	n->span = cell->span;
	n->tat = cell->tat;
	n->tspan = cell->tspan;
	n->text = cell_text(c, cell);
	if (column < c->ncolumns) {
		n->name = c->name[column];
		n->tag = c->tag[column];
	} else {
		n->name = SLICE_LIT("cell");
		n->tag =
		    c->name == NULL ? tag_leaf(column + 1, 0) : TAG_UNKNOWN;
	}
}

/*
 * The row at `at`; returns where the next one starts. One whose cells are all
 * empty is no row: spreadsheets leave such lines behind.
 */
static uint32_t
row_read(struct csv *c, struct wnode *root, wtag tag, uint32_t at)
{
	struct wnode *before = root->last_child, *row = node_make(c, root);
	uint32_t column = 0;
	struct cell cell;

	if (row == NULL)
		return at;
	row->at = at;
	row->tag = tag;
	row->name = SLICE_LIT("row");
	row->number = root->number++;
	for (;;) {
		at = cell_read(c, at, &cell);
		if (column == COLUMNS_MAX)
			csv_refuse(c, FIND_LIMIT, "a row",
			    "more than 1000 columns", "1000", cell.at, 1);
		if (c->refused)
			return at;
		cell_add(c, row, column++, &cell);
		if (at >= c->text.len || c->text.p[at] != c->delimiter)
			break;
		at++;
	}
	row->span = at - row->at;
	row->cells = c->name == NULL ? 0 : column;
	if (row->child == NULL) {
		root->last_child = before;
		if (before == NULL)
			root->child = NULL;
		else
			before->next = NULL;
	}
	return line_end(c, at);
}

/* *at: where the heading begins, or the first row. */
static bool
csv_start(struct csv *c, const struct csv_style *style, uint32_t *at)
{
	struct cell none = { 0 };

	c->delimiter = style->delimiter;
	*at = sep_line(c->text, &c->delimiter);
	if (c->delimiter == '\0')
		c->delimiter = csv_sniff(slice_sub(c->text, 0, FIELD_MAX));
	if (style->header || style->nheadings == 0)
		return true;
	if (!columns_room(c, style->nheadings))
		return false;
	for (uint32_t i = 0; i < style->nheadings; i++)
		column_add(c, style->heading[i], &none);
	return true;
}

struct wnode *
csv_tree(const struct text *text, const struct csv_style *style,
    const struct tags *tags, struct arena *mem, struct findings *findings)
{
	struct csv c = { .text = text->utf8,
		.tags = tags,
		.mem = mem,
		.findings = findings };
	struct wnode *root = arena_get(mem, sizeof(*root));
	wtag row = tag_find(tags, SLICE_LIT("row"));
	uint32_t at = 0;

	if (root == NULL)
		return NULL;
	if (text->utf8.len > DOCUMENT_MAX) {
		csv_refuse(&c, FIND_LIMIT, "the table", "more than 8 MiB",
		    "8 MiB", 0, 1);
		return NULL;
	}
	if (!csv_start(&c, style, &at))
		return NULL;
	root->span = (uint32_t)text->utf8.len;
	root->number = at > 0 ? 2 : 1; /* as a spreadsheet counts */
	if (style->header) {
		at = heading_read(&c, at);
		root->number++;
	}
	root->cells = c.ncolumns;
	while (at < c.text.len && !c.refused) {
		if (c.text.p[at] == '\n' || c.text.p[at] == '\r') {
			at = line_end(&c, at); /* an empty line */
			root->number++;
			continue;
		}
		at = row_read(&c, root, row, at);
	}
	if (style->header && root->child == NULL && !c.refused)
		csv_refuse(&c, FIND_MISSING, "row", "",
		    "at least one below the heading", at, 0);
	return c.refused || arena_failed(mem) ? NULL : root;
}
