/*
 * cli/show.c - rows of one thing, set in under what it belongs to. Escapes
 * every text, as names and words come from outside. Called by verb_show.c.
 */
#include "src/cli/show.h"
#include <stdio.h>
#include <string.h>
#include "src/base/utf8.h"

#define INDENT     2
#define NAME_WIDTH 15
#define LINE_ROOM  (1u << 20)

/* Told in the thing's own line. */
static bool
field_told(struct slice name)
{
	static const char *const told[] = { "row", "what", "id", "state", "en",
		"zh", "partner", "why_zh" };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (slice_is(name, told[i]))
			return true;
	return false;
}

static void
put(struct buf *b, struct slice s)
{
	char text[ROW_TEXT];

	if (time_is(s))
		buf_str(b, time_shown(s, text));
	else
		(void)utf8_show(s, b);
}

static void
fields_put(struct buf *b, int in, const struct row *r)
{
	for (unsigned int i = 0; i < r->n; i++) {
		struct slice name = r->member[i].name;
		struct slice value = slice_sub(
		    buf_look(&r->text), r->member[i].at, r->member[i].len);

		/* A zero or a "no" is worth a line only to a program. */
		if (field_told(name) || value.len == 0 ||
		    slice_is(value, "0") || slice_is(value, "false"))
			continue;
		/* the sentence has it, where it still holds */
		if (slice_is(name, "why") && row_text(r, "why_en").len > 0)
			continue;
		/* "done: it is done" says nothing twice. */
		if (slice_is(name, "why_en") &&
		    slice_eq(value, row_text(r, "en")))
			continue;
		if (slice_is(name, "why_en"))
			name = SLICE_LIT("why");
		buf_fmt(b, "%*s%-*.*s ", in, "", NAME_WIDTH, SLICE_ARG(name));
		if (slice_is(name, "why"))
			stamps_shown(value, b);
		else
			put(b, value);
		buf_byte(b, '\n');
	}
}

static void
thing_put(struct buf *b, int in, const struct row *r)
{
	buf_fmt(b, "%*s%.*s %.*s: ", in, "", SLICE_ARG(row_text(r, "what")),
	    SLICE_ARG(row_text(r, "id")));
	put(b, row_text(r, "state"));
	buf_str(b, " (");
	put(b, row_text(r, "en"));
	buf_str(b, ")");
	if (row_text(r, "partner").len > 0) {
		buf_str(b, ", ");
		put(b, row_text(r, "partner"));
	}
	buf_byte(b, '\n');
	fields_put(b, in + INDENT, r);
}

static void
state_put(struct buf *b, int in, const struct row *r)
{
	char text[ROW_TEXT];

	buf_fmt(b, "%*s%s  %.*s\n", in, "", time_shown(row_text(r, "at"), text),
	    SLICE_ARG(row_text(r, "state")));
}

static void
answer_put(struct buf *b, int in, const struct row *r)
{
	char text[ROW_TEXT];
	struct slice words = row_text(r, "text");

	buf_fmt(b, "%*s%s  ", in, "", time_shown(row_text(r, "at"), text));
	put(b, row_text(r, "answer"));
	if (row_text(r, "status").len > 0) {
		buf_byte(b, ' ');
		put(b, row_text(r, "status"));
	}
	if (row_text(r, "outcome").len > 0) {
		buf_str(b, ": ");
		put(b, row_text(r, "outcome"));
	}
	if (!row_is(r, "effect", "new") && row_text(r, "effect").len > 0) {
		buf_str(b, " (");
		put(b, row_text(r, "effect"));
		buf_byte(b, ')');
	}
	if (words.len > 0) {
		buf_str(b, " \"");
		put(b, words);
		buf_byte(b, '"');
	}
	buf_byte(b, '\n');
}

enum rc
show_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	const struct show *s = arg;
	int in = (int)s->depth * INDENT;
	struct buf b;

	if (s->json)
		return ask_print_json(NULL, line, r, err);
	buf_init(&b, LINE_ROOM);
	if (row_is(r, "row", "thing"))
		thing_put(&b, in, r);
	else if (row_is(r, "row", "state"))
		state_put(&b, in + INDENT, r);
	else if (row_is(r, "row", "answer"))
		answer_put(&b, in + INDENT, r);
	(void)fwrite(b.p, 1, b.len, stdout);
	buf_clear(&b);
	return RC_OK;
}

void
show_short(const struct row *r, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, LINE_ROOM);
	buf_fmt(&b, "%.*s %.*s: ", SLICE_ARG(row_text(r, "what")),
	    SLICE_ARG(row_text(r, "id")));
	put(&b, row_text(r, "state"));
	if (row_text(r, "outcome").len > 0) {
		buf_str(&b, ", ");
		put(&b, row_text(r, "outcome"));
	}
	if (row_text(r, "name").len > 0) {
		buf_byte(&b, ' ');
		put(&b, row_text(r, "name"));
	}
	(void)snprintf(out, size, "%s", buf_cstr(&b));
	buf_clear(&b);
}
