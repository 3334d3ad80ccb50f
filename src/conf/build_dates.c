/*
 * conf/build_dates.c - a calendar's further dates from a file of their own:
 * "2026-10-01..2026-10-07", "2026-12-31 closed", "2026-10-10 open
 * 09:00-17:00", one a line, "#" begins a comment. Trusts no byte. Called by the
 * grammar; the text came with the configuration's (pack.c).
 */
#include "src/conf/parser.h"
#include <string.h>

static bool
is_end(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

/* The next word of the line as the grammar's actions take it. */
static struct conf_text
word_cut(struct conf_parser *p, size_t *at, size_t end)
{
	struct conf_text t = { .p = NULL };
	const char *s = p->other.p;
	size_t from;

	while (*at < end && is_end(s[*at]))
		++*at;
	from = *at;
	while (*at < end && !is_end(s[*at]) && s[*at] != '#')
		++*at;
	t.at = from;
	if (*at < end && s[*at] == '#')
		end = *at;
	if (*at > from)
		t.p = arena_str(
		    p->w->mem, (struct slice){ s + from, *at - from });
	return t;
}

static void
line_read(struct conf_parser *p, size_t at, size_t end)
{
	struct conf_text date, how, span;
	const char *hash = memchr(p->other.p + at, '#', end - at);

	if (hash != NULL)
		end = (size_t)(hash - p->other.p);
	date = word_cut(p, &at, end);
	if (date.p == NULL)
		return;
	how = word_cut(p, &at, end);
	if (how.p == NULL || strcmp(how.p, "closed") == 0) {
		conf_hours_closed(p, date);
		span = word_cut(p, &at, end);
		if (span.p != NULL)
			conf_wrong(p, span.at,
			    "found '%s', want the end of the line", span.p);
		return;
	}
	if (strcmp(how.p, "open") != 0) {
		conf_wrong(p, how.at,
		    "found '%s', want closed, or open and times", how.p);
		return;
	}
	conf_hours_days(p, date);
	span = word_cut(p, &at, end);
	if (span.p == NULL)
		conf_wrong(p, span.at,
		    "found the end of the line, want times like 08:30-12:00");
	for (; span.p != NULL; span = word_cut(p, &at, end))
		conf_hours_open(p, span);
}

void
conf_hours_file(struct conf_parser *p, struct conf_text path)
{
	const char *name = conf_path(p, path);
	struct slice text, why;
	size_t at = 0;

	if (name == NULL || p->failed)
		return;
	if (!conf_packed(p->w->files, name, &text, &why)) {
		conf_wrong(p, path.at, "the calendar '%s' was not read", name);
		return;
	}
	if (why.len > 0) {
		conf_wrong(p, path.at, "'%s': %.*s", name, SLICE_ARG(why));
		return;
	}
	p->other_name = name;
	p->other = text;
	while (at < text.len) {
		const char *nl = memchr(text.p + at, '\n', text.len - at);
		size_t end = nl == NULL ? text.len : (size_t)(nl - text.p);

		line_read(p, at, end);
		at = end + 1;
	}
	p->other_name = NULL;
}
