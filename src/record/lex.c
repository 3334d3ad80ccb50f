/*
 * record/lex.c - a cursor over one line of a directory, format or rules file.
 */
#include <stdarg.h>
#include <stdio.h>
#include "src/record/source.h"

void
lex_init(struct lex *lx, const struct source_line *l, struct arena *mem,
    struct complaints *to)
{
	*lx = (struct lex){
		.src = l->src, .at = l->at, .end = l->end, .mem = mem, .to = to
	};
}

static bool
name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
name_more(char c)
{
	return name_start(c) || (c >= '0' && c <= '9') || c == '_';
}

static bool
blank_is(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * A rule may go on in the lines below it: then their ends and their comments
 * are blanks, too.
 */
static void
lex_skip(struct lex *lx)
{
	const char *p = lx->src->text.p;
	size_t from = lx->at;

	for (; lx->at < lx->end; lx->at++)
		if (p[lx->at] == '#' && lx->at > from)
			while (lx->at + 1 < lx->end && p[lx->at + 1] != '\n')
				lx->at++;
		else if (!blank_is(p[lx->at]))
			break;
}

bool
lex_end(struct lex *lx)
{
	lex_skip(lx);
	return lx->at >= lx->end;
}

char
lex_peek(struct lex *lx)
{
	return lex_end(lx) ? '\0' : lx->src->text.p[lx->at];
}

bool
lex_char(struct lex *lx, char c)
{
	if (lex_end(lx) || lx->src->text.p[lx->at] != c)
		return false;
	lx->at++;
	return true;
}

struct slice
lex_bare(struct lex *lx, const char *stops)
{
	const char *p = lx->src->text.p;
	size_t from;

	lex_skip(lx);
	from = lx->at;
	while (lx->at < lx->end && !blank_is(p[lx->at]) &&
	       strchr(stops, p[lx->at]) == NULL)
		lx->at++;
	return (struct slice){ p + from, lx->at - from };
}

struct slice
lex_name(struct lex *lx)
{
	const char *p = lx->src->text.p;
	size_t from;

	lex_skip(lx);
	from = lx->at;
	if (lx->at < lx->end && name_start(p[lx->at]))
		while (lx->at < lx->end && name_more(p[lx->at]))
			lx->at++;
	return (struct slice){ p + from, lx->at - from };
}

bool
lex_is(struct lex *lx, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	lex_skip(lx);
	p = lx->src->text.p + lx->at;
	if (lx->end - lx->at < n || memcmp(p, word, n) != 0)
		return false;
	/* "date" is no word in "date2", "origin" none in "origin.kind" */
	return lx->end - lx->at == n ||
	       (!name_more(p[n]) && p[n] != '.' && p[n] != '-');
}

bool
lex_take(struct lex *lx, const char *word)
{
	if (!lex_is(lx, word))
		return false;
	lx->at += strlen(word);
	return true;
}

bool
lex_int(struct lex *lx, uint32_t *out)
{
	const char *p = lx->src->text.p;
	size_t i;
	uint64_t n = 0;

	lex_skip(lx);
	for (i = lx->at; i < lx->end && p[i] >= '0' && p[i] <= '9'; i++) {
		n = n * 10 + (uint64_t)(p[i] - '0');
		if (n > 1000000000)
			return false;
	}
	if (i == lx->at)
		return false;
	lx->at = i;
	*out = (uint32_t)n;
	return true;
}

bool
lex_number(struct lex *lx, uint32_t least, uint32_t most, uint32_t *out)
{
	struct lex ahead = *lx;
	uint32_t n;

	if (!lex_int(&ahead, &n) || n < least || n > most)
		return false;
	*lx = ahead;
	*out = n;
	return true;
}

bool
lex_string(struct lex *lx, struct slice *raw)
{
	const char *p = lx->src->text.p;
	size_t from, i;

	if (!lex_char(lx, '"'))
		return false;
	from = lx->at;
	for (i = from; i < lx->end && p[i] != '"'; i++)
		if (p[i] == '\\')
			i++;
	if (i > lx->end)
		i = lx->end;
	*raw = (struct slice){ p + from, i - from };
	lx->at = i < lx->end ? i + 1 : i;
	return true;
}

bool
lex_text(struct lex *lx, struct slice *out)
{
	struct slice raw;

	if (!lex_string(lx, &raw))
		return false;
	*out = lex_unescape(lx->mem, raw);
	return true;
}

struct slice
lex_unescape(struct arena *mem, struct slice raw)
{
	struct slice out = raw;
	char *to;

	if (memchr(raw.p, '\\', raw.len) == NULL)
		return raw;
	to = arena_raw(mem, raw.len + 1);
	if (to == NULL)
		return raw;
	out = (struct slice){ to, 0 };
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.len)
			i++;
		to[out.len++] = raw.p[i];
	}
	return out;
}

void
lex_wrong(const struct lex *lx, size_t at, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(
	    lx->to, false, lx->src->name, lx->src->text, at, "%s", text);
}

bool
lex_want(struct lex *lx, const char *wanted)
{
	size_t at;
	struct slice got;

	if (lex_end(lx)) {
		lex_wrong(lx, lx->at, "the line ends here, want %s", wanted);
		return false;
	}
	at = lx->at;
	got = lex_bare(lx, "");
	lex_wrong(lx, at, "'%.*s' is not understood, want %s", SLICE_ARG(got),
	    wanted);
	lx->at = at;
	return false;
}
