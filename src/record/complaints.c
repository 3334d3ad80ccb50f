/*
 * record/complaints.c - mistakes in our own text files, kept and printed.
 *
 * The texts come from whoever runs the gateway; they may be shown as they
 * are, but for control bytes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include "src/record/complaints.h"

#define SENTENCE_MAX 1024
#define SHOWN_MAX    240 /* bytes of a source line that are shown */

void
complaints_init(struct complaints *c)
{
	*c = (struct complaints){ 0 };
}

void
complaints_clear(struct complaints *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		free(c->item[i].file);
		free(c->item[i].text);
		free(c->item[i].source);
	}
	free(c->item);
	complaints_init(c);
}

static char *
text_dup(const char *p, size_t n)
{
	char *s = malloc(n + 1);

	if (s != NULL) {
		memcpy(s, p, n);
		s[n] = '\0';
	}
	return s;
}

/* Line and column of an offset, and the line itself. */
static void
place_find(struct complaint *c, struct slice text, size_t at)
{
	size_t from = 0, end, shown;

	c->line = 1;
	c->column = 1;
	if (at > text.len)
		at = text.len;
	for (size_t i = 0; i < at; i++)
		if (text.p[i] == '\n') {
			c->line++;
			from = i + 1;
		}
	for (size_t i = from; i < at; i++)
		if (((unsigned char)text.p[i] & 0xC0) != 0x80)
			c->column++;
	for (end = from; end < text.len && text.p[end] != '\n'; end++)
		;
	if (end > from && text.p[end - 1] == '\r')
		end--;
	shown = end - from;
	if (shown > SHOWN_MAX) { /* never in the middle of a character */
		shown = SHOWN_MAX;
		while (shown > 0 &&
		       ((unsigned char)text.p[from + shown] & 0xC0) == 0x80)
			shown--;
	}
	c->source = text_dup(text.p == NULL ? "" : text.p + from, shown);
}

/* A shape used twice, a format extended: one mistake is one complaint. */
static bool
said_before(
    const struct complaints *c, const char *file, size_t at, const char *text)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->item[i].at == at && c->item[i].file != NULL &&
		    c->item[i].text != NULL &&
		    strcmp(c->item[i].text, text) == 0 &&
		    strcmp(c->item[i].file, file) == 0)
			return true;
	return false;
}

void
complaints_add(struct complaints *c, bool warning, const char *file,
    struct slice source, size_t at, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	struct complaint *item;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (said_before(c, file, at, text))
		return;
	if (!warning)
		c->errors++;
	if (c->n >= COMPLAINTS_MAX)
		return;
	if (c->item == NULL)
		c->item = calloc(COMPLAINTS_MAX, sizeof(*c->item));
	if (c->item == NULL)
		return;
	item = &c->item[c->n++];
	item->warning = warning;
	item->at = at;
	item->file = text_dup(file, strlen(file));
	item->text = text_dup(text, strlen(text));
	place_find(item, source, at);
}

void
complaints_move(struct complaints *to, struct complaints *from)
{
	if (to->item == NULL && from->n > 0)
		to->item = calloc(COMPLAINTS_MAX, sizeof(*to->item));
	to->errors += from->errors;
	for (uint32_t i = 0; i < from->n; i++) {
		if (to->item == NULL || to->n == COMPLAINTS_MAX)
			break;
		to->item[to->n++] = from->item[i];
		from->item[i] = (struct complaint){ 0 };
	}
	complaints_clear(from);
}

static int
item_order(const void *a, const void *b)
{
	const struct complaint *x = *(struct complaint *const *)a;
	const struct complaint *y = *(struct complaint *const *)b;
	int by = strcmp(x->file, y->file);

	if (by == 0)
		by = (x->line > y->line) - (x->line < y->line);
	if (by == 0)
		by = (x->column > y->column) - (x->column < y->column);
	return by != 0 ? by : (x > y) - (x < y);
}

/* East Asian characters take two columns on a terminal. */
static bool
char_wide(const char *p)
{
	unsigned char c = (unsigned char)p[0];

	return c >= 0xE3 && c <= 0xEF && c != 0xEE;
}

static void
caret_print(const struct complaint *c, FILE *to)
{
	const char *p = c->source;

	fprintf(to, "    ");
	for (; *p != '\0'; p++)
		fputc(*p == '\t' || (unsigned char)*p >= ' ' ? *p : '?', to);
	fprintf(to, "\n    ");
	p = c->source;
	for (uint32_t i = 1; i < c->column && *p != '\0'; i++) {
		fputs(*p == '\t' ? "\t" : char_wide(p) ? "  " : " ", to);
		do
			p++;
		while (((unsigned char)*p & 0xC0) == 0x80);
	}
	fprintf(to, "^\n");
}

const char *
complaints_word(uint32_t n)
{
	return n == 1 ? "mistake" : "mistakes";
}

void
complaints_print(const struct complaints *c, FILE *to)
{
	const struct complaint *order[COMPLAINTS_MAX];
	uint32_t n = 0, kept = 0;

	for (uint32_t i = 0; i < c->n; i++)
		if (c->item[i].file != NULL && c->item[i].text != NULL &&
		    c->item[i].source != NULL)
			order[n++] = &c->item[i];
	qsort(order, n, sizeof(*order), item_order);
	for (uint32_t i = 0; i < n; i++) {
		fprintf(to, "%s:%u:%u: %s: %s\n", order[i]->file,
		    order[i]->line, order[i]->column,
		    order[i]->warning ? "warning" : "error", order[i]->text);
		caret_print(order[i], to);
		kept += !order[i]->warning;
	}
	if (c->errors > kept)
		fprintf(to, "and %u more errors\n", c->errors - kept);
}
