/*
 * format/head.c - the head of a format file: one function a word.
 *
 * Head lines stand at the left margin; a wire tag spelled like one of their
 * words is put in quotes. Called by form.c.
 */
#include "src/base/civil.h"
#include "src/format/form.h"
#include "src/syntax/text.h"

static bool
word_take(struct lex *lx, struct slice *out, size_t *at, const char *wanted)
{
	lex_end(lx);
	if (at != NULL)
		*at = lx->at;
	*out = lex_bare(lx, ",");
	return out->len > 0 || lex_want(lx, wanted);
}

/* One character in a string: delimiter ";". */
static bool
char_take(struct lex *lx, char *out)
{
	struct slice s;
	size_t at;

	lex_end(lx);
	at = lx->at;
	if (!lex_text(lx, &s))
		return lex_want(lx, "one character in quotes");
	if (s.len != 1) {
		lex_wrong(lx, at,
		    "\"%.*s\" is not one character, want one in quotes",
		    SLICE_ARG(s));
		return false;
	}
	*out = s.p[0];
	return true;
}

/* Words that belong to a syntax; what flat and fixed say is theirs. */
static bool
syntax_words(struct form_file *f, struct lex *lx)
{
	struct slice skip;

	for (;;) {
		if (lex_take(lx, "delimiter")) {
			if (!char_take(lx, &f->delimiter))
				return false;
		} else if (lex_take(lx, "header")) {
			f->has_header = true;
			f->header = lex_take(lx, "yes");
			if (!f->header && !lex_take(lx, "no"))
				return lex_want(lx, "header yes or header no");
		} else if (lex_is(lx, "field") || lex_is(lx, "end") ||
			   lex_is(lx, "release") || lex_is(lx, "newline") ||
			   lex_is(lx, "trailing") || lex_is(lx, "width")) {
			lex_name(lx);
			if (lex_peek(lx) == '"' ? !lex_text(lx, &skip)
						: lex_bare(lx, "").len == 0)
				return lex_want(lx, "a value");
			lex_take(lx, "bytes");
		} else
			return true;
	}
}

static bool
syntax_take(struct form_file *f, struct lex *lx)
{
	static const char *const names[] = { "xml", "edifact", "csv", "json",
		"x12", "flat", "fixed", "zip" };

	if (!word_take(lx, &f->syntax, &f->syntax_at, "a syntax"))
		return false;
	f->has_syntax = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(f->syntax, names[i]))
			return syntax_words(f, lx);
	lex_wrong(lx, f->syntax_at,
	    "there is no syntax '%.*s', want edifact, "
	    "x12, xml, json, csv, flat, fixed or zip",
	    SLICE_ARG(f->syntax));
	f->syntax = SLICE_LIT("");
	return true;
}

static bool
extends_head(struct form_file *f, struct lex *lx)
{
	if (f->extends.len > 0) {
		lex_wrong(lx, f->extends_at, "'extends' stands here twice");
		return false;
	}
	return word_take(lx, &f->extends, &f->extends_at, "a format");
}

static bool
option_take(struct form_file *f, struct lex *lx)
{
	if (lex_take(lx, "syntax"))
		return syntax_take(f, lx);
	if (lex_take(lx, "table"))
		return word_take(lx, &f->table, &f->table_at, "a table");
	if (lex_take(lx, "document"))
		return word_take(
		    lx, &f->document, &f->document_at, "a document kind");
	if (lex_take(lx, "about"))
		return word_take(
		    lx, &f->about, &f->about_at, "a document kind");
	if (lex_take(lx, "each"))
		return word_take(lx, &f->each, &f->each_at, "a path");
	if (lex_take(lx, "extends"))
		return extends_head(f, lx);
	if (lex_take(lx, "one")) {
		f->one_way = lex_take(lx, "way");
		return f->one_way || lex_want(lx, "one way");
	}
	return lex_want(lx, "syntax, table, document, each, about, extends or "
			    "one way");
}

static bool
format_head(struct form_file *f, struct lex *lx)
{
	if (f->name.len > 0) {
		lex_wrong(lx, lx->at,
		    "a second format in this file, want one "
		    "format a file");
		lx->at = lx->end;
		return true;
	}
	if (!word_take(lx, &f->name, &f->name_at, "the name of the format"))
		return false;
	if (lex_peek(lx) == '"' && lex_text(lx, &f->en) && lex_peek(lx) == '"')
		lex_text(lx, &f->zh);
	while (!lex_end(lx))
		if (!option_take(f, lx))
			return false;
	return true;
}

static bool
encoding_head(struct form_file *f, struct lex *lx)
{
	struct slice w;
	size_t at;
	int e;

	f->nencodings = 0;
	do {
		if (f->nencodings == PLAN_ENCODINGS)
			return lex_want(lx, "at most 4 encodings");
		if (!word_take(lx, &w, &at, "an encoding"))
			return false;
		e = encoding_find(w);
		for (uint8_t i = 0; i < f->nencodings; i++)
			if (e == f->encoding[i])
				lex_wrong(lx, at, "'%.*s' stands here twice",
				    SLICE_ARG(w));
		if (e < 0)
			lex_wrong(lx, at, "there is no encoding '%.*s'",
			    SLICE_ARG(w));
		else
			f->encoding[f->nencodings++] = e;
	} while (lex_char(lx, ','));
	return true;
}

static bool
namespace_head(struct form_file *f, struct lex *lx)
{
	if (lex_peek(lx) != '"')
		f->prefix = lex_bare(lx, "\"");
	return lex_text(lx, &f->space) || lex_want(lx, "a URI in quotes");
}

/* +08:00 */
static bool
zone_head(struct form_file *f, struct lex *lx)
{
	struct slice w;
	size_t at;
	int n[4];

	if (!word_take(lx, &w, &at, "a zone"))
		return false;
	if (w.len == 6 && (w.p[0] == '+' || w.p[0] == '-') && w.p[3] == ':') {
		const char digit[4] = { w.p[1], w.p[2], w.p[4], w.p[5] };
		bool ok = true;

		for (int i = 0; i < 4; i++) {
			n[i] = digit[i] - '0';
			ok &= n[i] >= 0 && n[i] <= 9;
		}
		f->zone = (n[0] * 10 + n[1]) * 60 + n[2] * 10 + n[3];
		if (w.p[0] == '-')
			f->zone = -f->zone;
		f->has_zone =
		    ok && n[2] < 6 && f->zone <= 840 && f->zone >= -840;
	}
	if (!f->has_zone)
		lex_wrong(lx, at, "'%.*s' is no zone, want one like +08:00",
		    SLICE_ARG(w));
	return true;
}

static bool
names_take(struct lex *lx, struct slice *out, size_t *at, uint8_t *n)
{
	*n = 0;
	do {
		if (*n == PLAN_NAMES)
			return lex_want(lx, "at most 8 names");
		if (!word_take(lx, &out[*n], &at[*n], "the name of a format"))
			return false;
		(*n)++;
	} while (lex_char(lx, ','));
	return true;
}

static bool
in_head(struct form_file *f, struct lex *lx)
{
	return names_take(lx, f->in, f->in_at, &f->nin);
}

static bool
answers_head(struct form_file *f, struct lex *lx)
{
	return names_take(lx, f->answers, f->answers_at, &f->nanswers);
}

/* edition of NAME from 2027-01-01 */
static bool
edition_head(struct form_file *f, struct lex *lx)
{
	struct slice day;
	unsigned int y, m, d;
	char text[16];
	size_t at;

	if (!lex_take(lx, "of"))
		return lex_want(lx, "edition of NAME from DAY");
	if (!word_take(lx, &f->edition, &f->edition_at, "the name of a format"))
		return false;
	if (!lex_take(lx, "from"))
		return lex_want(lx, "'from'");
	if (!word_take(lx, &day, &at, "a day"))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", SLICE_ARG(day));
	if (day.len != 10 || sscanf(text, "%4u-%2u-%2u", &y, &m, &d) != 3 ||
	    !civil_is(y, m, d))
		lex_wrong(lx, at, "'%.*s' is no day, want one like 2027-01-01",
		    SLICE_ARG(day));
	else
		f->from = y * 10000 + m * 100 + d;
	return true;
}

static bool
file_head(struct form_file *f, struct lex *lx)
{
	struct slice raw;

	if (f->nfiles == PLAN_NAMES)
		return lex_want(lx, "at most 8 file names");
	lex_end(lx);
	f->file_at[f->nfiles] = *lx;
	if (!lex_string(lx, &raw))
		return lex_want(lx, "a pattern in quotes");
	f->file[f->nfiles++] = raw;
	return true;
}

/* Of each one line, but for format and extends, which look themselves. */
static const struct {
	const char *word;
	bool (*take)(struct form_file *, struct lex *);
	bool several;
} heads[] = {
	{ "format", format_head, true },
	{ "extends", extends_head, true },
	{ "encoding", encoding_head, false },
	{ "namespace", namespace_head, false },
	{ "zone", zone_head, false },
	{ "in", in_head, false },
	{ "file", file_head, true },
	{ "answers", answers_head, false },
	{ "edition", edition_head, false },
};

bool
head_line(struct form_file *f, struct lex *lx, bool *known)
{
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t at = lx->at;

		if (!lex_take(lx, heads[i].word))
			continue;
		*known = true;
		if ((f->heads >> i & 1u) != 0 && !heads[i].several)
			lex_wrong(
			    lx, at, "'%s' stands here twice", heads[i].word);
		f->heads |= (uint16_t)(1u << i);
		if (!heads[i].take(f, lx))
			return false;
		return lex_end(lx) || lex_want(lx, "the end of the line");
	}
	*known = false;
	return true;
}
