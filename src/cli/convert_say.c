/*
 * cli/convert_say.c - findings in the order of their places, and the way of
 * each output field: place, wire path, element, place and bytes of the input.
 * Trusts the record; escapes what came from outside. Called by verb_convert.
 */
#include "src/cli/convert.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/utf8.h"
#include "src/format/bound.h"
#include <stdio.h>
#include <stdlib.h>

#define SHOWN_BYTES 60 /* of the input that a trace line shows */

static int
finding_order(const void *a, const void *b)
{
	const struct finding *const *x = a, *const *y = b;
	uint64_t p = (*x)->place.at, q = (*y)->place.at;

	if (p != q)
		return p < q ? -1 : 1;
	return slice_cmp((*x)->code, (*y)->code);
}

/* What a line has from outside leads no terminal. */
static void
finding_line(const struct convert *c, const struct finding *f, struct buf *b)
{
	struct buf one;
	struct slice line;

	buf_init(&one, 256u << 20);
	finding_print(f, c->file, &one);
	line = buf_look(&one);
	if (line.len > 0)
		(void)utf8_show(slice_sub(line, 0, line.len - 1), b);
	buf_byte(b, '\n');
	buf_clear(&one);
}

static void
filing_findings(const struct convert *c, const struct filing *f, struct buf *b)
{
	uint32_t n = 0, i = 0;
	const struct finding **all =
	    calloc(f->findings->n + 1, sizeof(const struct finding *));

	if (all == NULL)
		return;
	for (const struct finding *x = f->findings->first; x != NULL;
	     x = x->next)
		if (n < f->findings->n)
			all[n++] = x;
	qsort(all, n, sizeof(const struct finding *), finding_order);
	for (i = 0; i < n; i++)
		if (c->json) {
			finding_json(all[i], b);
			buf_byte(b, '\n');
		} else {
			finding_line(c, all[i], b);
		}
	if (f->findings->dropped > 0 && !c->json)
		buf_fmt(b, "%s: %u findings more\n", c->file,
		    (unsigned)f->findings->dropped);
	free(all);
}

void
convert_findings(struct convert *c)
{
	struct buf b;

	buf_init(&b, 256u << 20);
	for (uint32_t i = 0; i < c->nfilings; i++)
		filing_findings(c, &c->filing[i], &b);
	if (b.len > 0)
		(void)fwrite(b.p, 1, b.len, stderr);
	buf_clear(&b);
}

struct cursor { /* lines and columns of the output, going forward */
	size_t at;
	uint32_t line, column;
};

static void
cursor_move(struct cursor *k, const struct buf *out, size_t to)
{
	if (to < k->at)
		*k = (struct cursor){ 0, 1, 1 };
	for (; k->at < to && k->at < out->len; k->at++) {
		unsigned char c = (unsigned char)out->p[k->at];

		if (c == '\n') {
			k->line++;
			k->column = 1;
		} else if ((c & 0xC0) != 0x80) {
			k->column++;
		}
	}
}

static void
entry_say(struct convert *c, const struct convert_part *part,
    const struct trace_entry *e, struct cursor *k, struct buf *b)
{
	char path[512], element[256], bytes[SHOWN_BYTES * 4 + 1];
	const char *from;
	struct place p = { .line = 0 };
	const struct text *t = part->filing->text;

	(void)line_path(e->line, path, sizeof(path));
	cursor_move(k, &c->out, part->at + e->out_at);
	from = e->value == NULL ? ""
	       : e->home == NULL
		   ? "$"
		   : record_path(e->home, e->el, element, sizeof(element));
	bytes[0] = '\0';
	if (e->value != NULL && e->value->span > 0 && t != NULL) {
		text_place(t, e->value->at, e->value->span, &p);
		(void)log_quote(
		    slice_sub(t->utf8, e->value->at,
			e->value->span < SHOWN_BYTES ? e->value->span
						     : SHOWN_BYTES),
		    bytes, sizeof(bytes));
	}
	if (c->json) {
		json_open(b);
		json_number(b, "line", k->line);
		json_number(b, "column", k->column);
		json_number(b, "length", e->out_len);
		json_text(b, "path", slice_of(path));
		json_text(b, "element", slice_of(from));
		json_number(b, "from_line", p.line);
		json_number(b, "from_column", p.column);
		json_number(b, "from_byte", p.at);
		json_number(b, "from_span", p.span);
		json_close(b);
		buf_byte(b, '\n');
		return;
	}
	buf_fmt(b, "%u:%u %s", (unsigned)k->line, (unsigned)k->column, path);
	if (e->value == NULL)
		buf_str(b, " <- the format");
	else
		buf_fmt(b, " <- %s", from);
	if (p.line > 0)
		buf_fmt(b, " <- %s:%u:%u '%s'", c->file, (unsigned)p.line,
		    (unsigned)p.column, bytes);
	buf_byte(b, '\n');
}

void
convert_trace(struct convert *c)
{
	struct cursor k = { 0, 1, 1 };
	struct buf b;

	buf_init(&b, 256u << 20);
	for (uint32_t i = 0; i < c->nparts; i++) {
		const struct convert_part *part = &c->part[i];

		for (uint32_t x = 0; x < part->trace.n; x++)
			if (part->trace.entry[x].out_len > 0)
				entry_say(
				    c, part, &part->trace.entry[x], &k, &b);
	}
	convert_lost(c, &b);
	if (b.len > 0)
		(void)fwrite(b.p, 1, b.len, stderr);
	buf_clear(&b);
}
