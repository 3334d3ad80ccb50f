/*
 * syntax/csv_out.c - rows written as RFC 4180: CR LF, quotes only where needed.
 * Trusts the writer for the columns. Called by write and reply.
 *
 * Cells wait until their row is complete, since the format's lines may come in
 * another order than the heading. A cell that a spreadsheet would run as a
 * formula gets an apostrophe in front where that is asked for.
 */
#include <assert.h>
#include "src/syntax/csv.h"

#define COLUMNS_MAX 1000u
#define FIELD_MAX   (64u << 10)
#define PENDING_MAX 4096u /* cells said in one row, fallen back ones too */

struct pending {
	uint32_t column, number;
	struct slice text;
};

struct state {
	struct csv_style style;
	uint32_t guess; /* the column after the last one: mostly right */
	struct pending *pending;
	uint32_t npending, leaves, rows;
	uint32_t depth;
	struct arena *mem;
};

/* Formulas start so; a plain number with a sign is none. */
static bool
would_run(struct slice s)
{
	bool digit = false;

	if (s.len == 0 || memchr("=+-@\t\r", s.p[0], 6) == NULL)
		return false;
	if (s.p[0] != '+' && s.p[0] != '-')
		return true;
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digit = true;
		else if (s.p[i] != '.' && s.p[i] != ',')
			return true;
	}
	return !digit;
}

static bool
needs_quotes(struct slice s, char delimiter)
{
	if (s.len > 0 && (s.p[0] == ' ' || s.p[s.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == delimiter || s.p[i] == '"' || s.p[i] == '\r' ||
		    s.p[i] == '\n')
			return true;
	return false;
}

/* The cell; *at and *len are where its text went. */
static void
cell_put(struct buf *b, const struct csv_style *style, struct slice s,
    size_t *at, size_t *len)
{
	bool quotes = needs_quotes(s, style->delimiter);

	if (quotes)
		buf_byte(b, '"');
	if (style->neutralise && would_run(s))
		buf_byte(b, '\'');
	*at = b->len;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, s.p[i]);
	}
	*len = b->len - *at;
	if (quotes)
		buf_byte(b, '"');
}

static void
heading_put(struct buf *b, const struct csv_style *style)
{
	size_t at, len;

	for (uint32_t i = 0; i < style->nheadings; i++) {
		if (i > 0)
			buf_byte(b, style->delimiter);
		cell_put(b, style, style->heading[i], &at, &len);
	}
	buf_add(b, "\r\n", 2);
}

static void
out_begin(struct wire_out *o, struct slice name, wtag tag)
{
	struct state *s = o->state;

	(void)name;
	(void)tag;
	s->depth++;
	if (s->depth == 1)
		s->npending = 0;
	s->guess = 0;
}

static int
column_find(struct state *s, struct slice name)
{
	for (uint32_t i = 0; i < s->style.nheadings; i++) {
		uint32_t k = (s->guess + i) % s->style.nheadings;

		if (slice_eq(s->style.heading[k], name)) {
			s->guess = k + 1;
			return (int)k;
		}
	}
	return -1;
}

static void
out_leaf(struct wire_out *o, struct slice name, wtag tag, struct slice text)
{
	struct state *s = o->state;
	int column = column_find(s, name);

	(void)tag;
	s->leaves++;
	if (text.len == 0)
		return;
	if (column < 0 || text.len > FIELD_MAX || s->npending == PENDING_MAX) {
		o->buf->failed = true;
		return;
	}
	s->pending[s->npending] = (struct pending){
		.column = (uint32_t)column,
		.number = s->leaves - 1,
		.text = arena_dup(s->mem, text),
	};
	o->buf->failed =
	    o->buf->failed || s->pending[s->npending].text.p == NULL;
	s->npending++;
}

/* The last that was said of a column counts; a row is short, so is looking. */
static const struct pending *
pending_of(const struct state *s, uint32_t column)
{
	for (uint32_t i = s->npending; i > 0; i--)
		if (s->pending[i - 1].column == column)
			return &s->pending[i - 1];
	return NULL;
}

static void
row_put(struct wire_out *o, struct state *s)
{
	for (uint32_t i = 0; i < s->style.nheadings; i++) {
		const struct pending *p = pending_of(s, i);
		size_t at, len;

		if (i > 0)
			buf_byte(o->buf, s->style.delimiter);
		if (p == NULL)
			continue;
		cell_put(o->buf, &s->style, p->text, &at, &len);
		if (o->placed != NULL && !buf_failed(o->buf))
			o->placed(o->placed_arg, p->number, at, len);
	}
	buf_add(o->buf, "\r\n", 2);
	s->rows++;
}

static void
out_end(struct wire_out *o)
{
	struct state *s = o->state;

	assert(s->depth > 0);
	if (--s->depth == 0)
		row_put(o, s);
}

static void
out_mark(const struct wire_out *o, struct wire_mark *m)
{
	const struct state *s = o->state;

	*m = (struct wire_mark){
		.len = o->buf->len,
		.depth = s->depth,
		.pending = s->npending,
		.count = s->rows,
		.leaves = s->leaves,
	};
}

static void
out_back(struct wire_out *o, const struct wire_mark *m)
{
	struct state *s = o->state;

	buf_cut(o->buf, m->len);
	s->depth = m->depth;
	s->npending = m->pending;
	s->rows = m->count;
	s->leaves = m->leaves;
}

static struct slice
out_finish(struct wire_out *o)
{
	return buf_look(o->buf);
}

struct wire_out *
csv_out(struct buf *buf, const struct csv_style *style, struct arena *mem)
{
	struct wire_out *o = arena_get(mem, sizeof(*o));
	struct state *s = arena_get(mem, sizeof(*s));

	if (o == NULL || s == NULL || style->nheadings == 0 ||
	    style->nheadings > COLUMNS_MAX)
		return NULL;
	s->pending = arena_raw(mem, PENDING_MAX * sizeof(*s->pending));
	if (s->pending == NULL)
		return NULL;
	s->style = *style;
	if (s->style.delimiter == '\0')
		s->style.delimiter = ',';
	s->mem = mem;
	*o = (struct wire_out){
		.buf = buf,
		.begin = out_begin,
		.leaf = out_leaf,
		.end = out_end,
		.mark = out_mark,
		.back = out_back,
		.finish = out_finish,
		.state = s,
	};
	if (style->header)
		heading_put(buf, &s->style);
	return o;
}
