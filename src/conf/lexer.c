/*
 * conf/lexer.c - entrepot.conf(5) as tokens; trusts no byte of the text.
 * Called by the grammar.
 *
 * An end of line and ";" are the same token. A backslash before the end of a
 * line joins the next one, "#" starts a comment.
 */
#include "src/conf/parser.h"
#include "src/conf/parse.h"
#include <string.h>

#define WORD_MAX 1024 /* bytes of one word or quoted text */

static const struct {
	const char *word;
	int token;
} keywords[] = {
#define DIRECTIVE(word, token, where, meaning) { word, token },
#define OPTION(word, token, where, meaning)    { word, token },
#include "src/conf/directives.def"
};

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_-./:@+%", c) != NULL);
}

/* Blanks, comments and joined lines. */
static void
blanks_skip(struct conf_parser *p)
{
	struct slice t = p->w->text;

	for (;;) {
		char c = p->at < t.len ? t.p[p->at] : '\n';

		if (c == ' ' || c == '\t' || c == '\r')
			p->at++;
		else if (c == '\\' && p->at + 1 < t.len &&
			 t.p[p->at + 1] == '\n')
			p->at += 2;
		else if (c == '#')
			while (p->at < t.len && t.p[p->at] != '\n')
				p->at++;
		else
			return;
	}
}

/* Digits with at most one letter behind: 500, 30m, 2G. */
static bool
is_amount(struct slice s)
{
	size_t digits = 0;

	while (digits < s.len && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (digits == 0 || s.len - digits > 1)
		return false;
	return digits == s.len || (s.p[digits] | 0x20) >= 'a';
}

/* "agency peer {": what opens a block is its name, whatever it is called. */
static bool
is_block_name(struct conf_parser *p)
{
	struct slice t = p->w->text;
	size_t at = p->at;
	bool opens;

	if (p->line_ended)
		return false;
	blanks_skip(p);
	opens = p->at < t.len && t.p[p->at] == '{';
	p->at = at;
	return opens;
}

/* A keyword keeps its text, as it may stand for a name: the grammar decides. */
static int
word_token(struct conf_parser *p, struct slice s, CONF_YYSTYPE *value)
{
	value->text.p = arena_str(p->w->mem, s);
	if (value->text.p == NULL) {
		p->failed = true;
		return CONF_YYUNDEF;
	}
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (slice_is(s, keywords[i].word) && !is_block_name(p))
			return keywords[i].token;
	return is_amount(s) ? AMOUNT : WORD;
}

static int
word_read(struct conf_parser *p, CONF_YYSTYPE *value)
{
	struct slice t = p->w->text;
	size_t from = p->at;

	while (p->at < t.len && is_word_byte(t.p[p->at]))
		p->at++;
	if (p->at - from > WORD_MAX) {
		conf_wrong(p, from, "word of %zu bytes, limit is %d",
		    p->at - from, WORD_MAX);
		return CONF_YYUNDEF;
	}
	return word_token(p, slice_sub(t, from, p->at - from), value);
}

/* What stands between the quotes into out; its length, or -1: not good. */
static int
string_copy(struct conf_parser *p, char *out)
{
	struct slice t = p->w->text;
	size_t from = p->at++;
	int n = 0;

	for (; p->at < t.len && t.p[p->at] != '\n'; p->at++) {
		char c = t.p[p->at];

		if (c == '"') {
			p->at++;
			return n;
		}
		if (c == '\\' && p->at + 1 < t.len &&
		    (t.p[p->at + 1] == '"' || t.p[p->at + 1] == '\\'))
			c = t.p[++p->at];
		if ((unsigned char)c < 0x20 || c == 0x7f) {
			conf_wrong(p, p->at,
			    "control byte 0x%02x in a quoted text",
			    (unsigned int)(unsigned char)c);
			c = '?';
		}
		if (n < WORD_MAX)
			out[n] = c;
		n++;
	}
	conf_wrong(p, from, "quoted text has no end in its line");
	return -1;
}

static int
string_read(struct conf_parser *p, CONF_YYSTYPE *value)
{
	char text[WORD_MAX];
	size_t from = p->at;
	int n = string_copy(p, text);

	if (n < 0)
		return CONF_YYUNDEF;
	if (n > WORD_MAX) {
		conf_wrong(p, from, "quoted text of %d bytes, limit is %d", n,
		    WORD_MAX);
		return CONF_YYUNDEF;
	}
	value->text.p = arena_str(p->w->mem, (struct slice){ text, (size_t)n });
	if (value->text.p == NULL) {
		p->failed = true;
		return CONF_YYUNDEF;
	}
	return STRING;
}

static int
bad_byte(struct conf_parser *p)
{
	unsigned char c = (unsigned char)p->w->text.p[p->at];

	if (c > 0x20 && c < 0x7f)
		conf_wrong(p, p->at, "unexpected '%c'", c);
	else if (c >= 0x80)
		conf_wrong(p, p->at,
		    "text other than ASCII, want it in "
		    "quotes");
	else
		conf_wrong(p, p->at, "control byte 0x%02x", c);
	/* all bytes of it, so that it is told once */
	while (p->at < p->w->text.len &&
	       (unsigned char)p->w->text.p[p->at] >= 0x80)
		p->at++;
	if (c < 0x80)
		p->at++;
	return CONF_YYUNDEF;
}

static int
token_read(struct conf_parser *p, CONF_YYSTYPE *value)
{
	struct slice t = p->w->text;
	char c;

	if (p->failed || p->at >= t.len) {
		if (p->line_ended || p->failed)
			return CONF_YYEOF;
		return NL; /* the last line may lack its end */
	}
	c = t.p[p->at];
	if (c == '\n' || c == ';') {
		p->at++;
		return NL;
	}
	if (c == '{' || c == '}' || c == ',') {
		p->at++;
		return c;
	}
	if (c == '"')
		return string_read(p, value);
	if (is_word_byte(c))
		return word_read(p, value);
	return bad_byte(p);
}

int
conf_lex(CONF_YYSTYPE *value, struct conf_place *place, struct conf_parser *p)
{
	int token;

	blanks_skip(p);
	place->at = p->at;
	value->text = (struct conf_text){ .p = NULL, .at = p->at };
	token = token_read(p, value);
	place->end = p->at;
	p->line_ended = token == NL;
	if (p->begins && token != NL)
		p->word =
		    slice_sub(p->w->text, place->at, place->end - place->at);
	p->begins = token == NL || token == '{';
	return token;
}

/*
 * Braces in quotes do not count. The "}" is left for the grammar; without one
 * the rest of the text is gone, which the grammar tells.
 */
void
conf_skip_block(struct conf_parser *p)
{
	struct slice t = p->w->text;
	unsigned int depth = 1;

	while (p->at < t.len) {
		char c = t.p[p->at];

		if (c == '"') {
			while (p->at + 1 < t.len && t.p[p->at + 1] != '"' &&
			       t.p[p->at + 1] != '\n')
				p->at++;
			p->at++;
		} else if (c == '#') {
			while (p->at + 1 < t.len && t.p[p->at + 1] != '\n')
				p->at++;
		} else if (c == '{') {
			depth++;
		} else if (c == '}' && --depth == 0) {
			return;
		}
		p->at++;
	}
}
