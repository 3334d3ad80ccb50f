/*
 * syntax/text_place.c - from a place in the decoded text back to byte, line
 * and column as received; characters of UTF-8. Trusts decoded texts only;
 * called when findings are told to people.
 */
#include "src/syntax/text.h"
#include <stdlib.h>
#include <string.h>
#include "src/syntax/encoding.h"

uint32_t
utf8_count(struct slice s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct slice
utf8_head(struct slice s, uint32_t n)
{
	size_t i = 0;

	while (i < s.len && n > 0) {
		i += utf8_length((unsigned char)s.p[i]);
		n--;
	}
	return slice_sub(s, 0, i);
}

/* The last mark that is not behind `at`. */
static struct text_mark
mark_before(const struct text_map *map, uint32_t at)
{
	uint32_t low = 0, high = map->n;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (map->mark[mid].at <= at)
			low = mid;
		else
			high = mid;
	}
	return map->mark[low];
}

static uint64_t
raw_of(const struct text *t, uint32_t at)
{
	const unsigned char *raw = (const unsigned char *)t->raw.p;
	struct text_mark m;

	if (at >= t->utf8.len)
		return t->raw.len;
	if (t->map == NULL)
		return at + (uint64_t)bom_length(t);
	m = mark_before(t->map, at);
	while (m.at < at) {
		m.raw += raw_length(t->encoding, raw + m.raw);
		m.at += utf8_length((unsigned char)t->utf8.p[m.at]);
	}
	return m.raw;
}

/* Lines counted so far: on through the text, never back. */
struct cursor {
	uint32_t at, line, start;
};

/* CR LF, LF, and a CR that stands alone, end a line. */
static void
cursor_move(struct cursor *c, struct slice utf8, uint32_t at)
{
	for (; c->at < at && c->at < utf8.len; c->at++) {
		char b = utf8.p[c->at];

		if (b != '\n' && b != '\r')
			continue;
		if (b == '\r' && c->at + 1 < utf8.len &&
		    utf8.p[c->at + 1] == '\n')
			continue;
		c->line++;
		c->start = c->at + 1;
	}
}

static void
place_at(const struct text *t, struct cursor *c, uint32_t at, uint32_t span,
    struct place *p)
{
	cursor_move(c, t->utf8, at);
	p->at = raw_of(t, at);
	p->span = (uint32_t)(raw_of(t, at + span) - p->at);
	p->line = c->line;
	p->column =
	    1 + utf8_count(slice_sub(t->utf8, c->start, c->at - c->start));
}

void
text_place(const struct text *t, uint32_t at, uint32_t span, struct place *p)
{
	struct cursor c = { .line = 1 };

	place_at(t, &c, at, span, p);
}

static int
by_place(const void *a, const void *b)
{
	const struct finding *const *x = a, *const *y = b;

	return ((*x)->text_at > (*y)->text_at) -
	       ((*x)->text_at < (*y)->text_at);
}

/* Sorted by place first, so that lines are counted once for all of them. */
void
text_place_all(const struct text *t, struct findings *f)
{
	struct finding *list[FINDINGS_MAX];
	struct cursor c = { .line = 1 };
	size_t n = 0;

	for (struct finding *x = f->first; x != NULL; x = x->next)
		if ((x->text_span > 0 || x->text_at > 0) &&
		    x->place.line == 0 && n < FINDINGS_MAX)
			list[n++] = x;
	qsort(list, n, sizeof(struct finding *), by_place);
	for (size_t i = 0; i < n; i++)
		place_at(t, &c, list[i]->text_at, list[i]->text_span,
		    &list[i]->place);
}
