/*
 * cli/table.c - cells are kept as shown, and printed when the last one tells
 * how wide its column is. Trusts no byte of a cell. Called by the verbs.
 */
#include "src/cli/table.h"
#include <string.h>
#include "src/base/utf8.h"

#define SPAN_MAX 0xffffu
#define BETWEEN  2 /* blanks */

void
table_init(struct table *t, const char *const *heads)
{
	*t = (struct table){ .ncolumns = 0 };
	buf_init(&t->text, TABLE_ROOM);
	buf_init(&t->spans, TABLE_ROOM);
	for (; heads[t->ncolumns] != NULL && t->ncolumns < TABLE_COLUMNS;
	     t->ncolumns++) {
		const char *h = heads[t->ncolumns];
		bool right = h[0] == '>';

		t->right[t->ncolumns] = right;
		t->head[t->ncolumns] = h + (right ? 1 : 0);
		t->width[t->ncolumns] =
		    (unsigned int)strlen(t->head[t->ncolumns]);
	}
}

void
table_clear(struct table *t)
{
	buf_clear(&t->text);
	buf_clear(&t->spans);
}

void
table_cell(struct table *t, struct slice s)
{
	unsigned int columns =
	    utf8_show(s.len == 0 ? SLICE_LIT("-") : s, &t->text);

	if (columns > SPAN_MAX)
		columns = SPAN_MAX;
	buf_byte(&t->text, '\0');
	buf_byte(&t->spans, (char)(columns >> 8));
	buf_byte(&t->spans, (char)(columns & 0xff));
	if (columns > t->width[t->at])
		t->width[t->at] = columns;
	if (++t->at == t->ncolumns) {
		t->at = 0;
		t->rows++;
	}
}

static void
cell_print(const struct table *t, unsigned int column, const char *text,
    unsigned int columns, FILE *out)
{
	unsigned int pad = t->width[column] - columns;
	bool last = column + 1 == t->ncolumns;

	if (t->right[column])
		fprintf(out, "%*s%s", (int)pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : (int)pad, "");
	if (last)
		fputc('\n', out);
	else
		fprintf(out, "%*s", BETWEEN, "");
}

bool
table_print(const struct table *t, FILE *out)
{
	const char *text = t->text.p;
	const unsigned char *span = (const unsigned char *)t->spans.p;

	if (buf_failed(&t->text) || buf_failed(&t->spans))
		return false;
	if (t->rows == 0)
		return true;
	for (unsigned int c = 0; c < t->ncolumns; c++)
		cell_print(
		    t, c, t->head[c], (unsigned int)strlen(t->head[c]), out);
	for (size_t i = 0; i < t->rows * t->ncolumns; i++) {
		cell_print(t, (unsigned int)(i % t->ncolumns), text,
		    (unsigned int)span[0] << 8 | span[1], out);
		text += strlen(text) + 1;
		span += 2;
	}
	return true;
}
