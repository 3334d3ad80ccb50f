/*
 * format/plan_head.c - the head of a format finds its document and table.
 */
#include <stdarg.h>
#include <stdio.h>
#include "src/format/formats.h"

static void PRINTF(3, 4)
    head_wrong(struct builder *b, size_t at, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(b->to, false, b->file->src->name, b->file->src->text, at,
	    "%s", text);
}

static bool
head_syntax(struct builder *b)
{
	static const struct {
		const char *word;
		enum syntax_kind kind;
	} kinds[] = { { "xml", SYN_XML }, { "edifact", SYN_EDIFACT },
		{ "csv", SYN_CSV }, { "json", SYN_JSON }, { "x12", SYN_X12 },
		{ "flat", SYN_FLAT }, { "fixed", SYN_FIXED },
		{ "zip", SYN_ZIP } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_is(b->file->syntax, kinds[i].word)) {
			b->plan->syntax = kinds[i].kind;
			return true;
		}
	if (!b->file->has_syntax)
		head_wrong(b, b->file->name_at, "format '%s' says no syntax",
		    b->plan->name);
	return false;
}

static bool
head_document(struct builder *b)
{
	const struct form_file *f = b->file;
	struct plan *p = b->plan;
	const struct group *receipt;

	if (f->document.len == 0) {
		head_wrong(
		    b, f->name_at, "format '%s' says no document", p->name);
		return false;
	}
	p->document = directory_document(b->dir, f->document);
	if (p->document == NULL) {
		head_wrong(b, f->document_at,
		    "the directory has no document "
		    "'%.*s'",
		    SLICE_ARG(f->document));
		return false;
	}
	if (f->about.len == 0)
		return true;
	p->about = directory_document(b->dir, f->about);
	if (p->about == NULL) {
		head_wrong(b, f->about_at,
		    "the directory has no document "
		    "'%.*s'",
		    SLICE_ARG(f->about));
		return false;
	}
	receipt = directory_receipt(b->dir, p->about);
	if (receipt == NULL || !slice_is(f->document, "receipt")) {
		head_wrong(b, f->about_at,
		    "'%s' has no 'about', want document "
		    "receipt about %.*s",
		    p->document->name, SLICE_ARG(f->about));
		return false;
	}
	p->document = receipt;
	return true;
}

/* each PATH: a repeated group of the document. */
static bool
head_each(struct builder *b)
{
	struct slice rest = b->file->each;
	const struct group *g = b->plan->document;
	struct path *p = &b->plan->each;

	p->base = PATH_DOCUMENT;
	p->text = rest;
	while (rest.len > 0) {
		struct slice name = slice_cut(&rest, '.');
		const struct element *e =
		    g == NULL ? NULL : group_element(g, name);

		if (e == NULL || element_group(e) == NULL ||
		    p->nsteps == PATH_STEPS) {
			head_wrong(b, b->file->each_at,
			    "'%.*s' is no group of "
			    "document '%s'",
			    SLICE_ARG(b->file->each), b->plan->document->name);
			return false;
		}
		p->step[p->nsteps++] = e;
		g = e->group;
	}
	if (p->nsteps > 0 && !p->step[p->nsteps - 1]->repeats) {
		head_wrong(b, b->file->each_at, "'%.*s' does not repeat",
		    SLICE_ARG(b->file->each));
		return false;
	}
	return true;
}

static bool
head_table(struct formats *all, struct builder *b, const char *tables)
{
	const struct form_file *f = b->file;
	struct err err = { "" };

	b->plan->table_name = arena_str(b->mem, f->table);
	if (b->plan->syntax == SYN_EDIFACT) {
		if (f->table.len == 0) {
			head_wrong(b, f->name_at,
			    "format '%s' is edifact and "
			    "says no table",
			    b->plan->name);
			return false;
		}
		b->plan->table = wire_table_find(all->tables, f->table, &err);
		if (b->plan->table != NULL)
			return true;
	} else {
		if (f->table.len == 0)
			return true;
		b->limits = limits_load(tables, f->table, b->mem, &err);
		if (b->limits != NULL)
			return true;
	}
	head_wrong(b, f->table_at, "%s", err.text);
	return false;
}

static bool
names_keep(
    struct builder *b, const struct slice *from, uint8_t n, const char **to)
{
	for (uint8_t i = 0; i < n; i++) {
		to[i] = arena_str(b->mem, from[i]);
		if (to[i] == NULL)
			return false;
	}
	return true;
}

/* Patterns of file names, with the document as their only scope. */
static bool
head_files(struct builder *b)
{
	const struct form_file *f = b->file;
	struct path_scope scope = { .group = b->plan->document };
	struct place_of at = { .scope = &scope };

	for (uint8_t i = 0; i < f->nfiles; i++) {
		struct source_line *line = arena_get(b->mem, sizeof(*line));
		struct form *form = arena_get(b->mem, sizeof(*form));
		struct lex lx = f->file_at[i];

		if (line == NULL || form == NULL)
			return false;
		line->src = lx.src;
		form->src = line;
		form->folded = true; /* no warnings: others name such files */
		lx.to = b->to;
		lx.mem = b->mem;
		if (!pattern_is(f->file[i])) {
			head_wrong(b, lx.at,
			    "a file name without a hole "
			    "cannot name two messages");
			continue;
		}
		if (build_pattern(b, &lx, form, &at,
			&b->plan->file[b->plan->nfiles].piece,
			&b->plan->file[b->plan->nfiles].npieces))
			b->plan->nfiles++;
	}
	return true;
}

bool
plan_head(struct formats *all, struct builder *b, const char *tables)
{
	const struct form_file *f = b->file;
	struct plan *p = b->plan;
	bool ok;

	p->name = arena_str(b->mem, f->name);
	p->en = arena_str(b->mem, f->en);
	p->zh = arena_str(b->mem, f->zh);
	p->tags = b->tags;
	p->one_way = f->one_way;
	p->derived = f->derived;
	p->space = f->space;
	p->prefix = f->prefix;
	p->zone_minutes = f->zone;
	p->has_zone = f->has_zone;
	p->delimiter = f->delimiter;
	p->header = f->has_header ? f->header : true;
	p->nin = f->nin;
	p->nanswers = f->nanswers;
	p->from = f->from;
	if (f->edition.len > 0)
		p->edition_of = arena_str(b->mem, f->edition);
	p->nencodings = f->nencodings;
	for (uint8_t i = 0; i < f->nencodings; i++)
		p->encoding[i] = (enum encoding)f->encoding[i];
	if (p->name == NULL || p->en == NULL || p->zh == NULL ||
	    !names_keep(b, f->in, f->nin, p->in) ||
	    !names_keep(b, f->answers, f->nanswers, p->answers)) {
		b->failed = true;
		return false;
	}
	ok = head_syntax(b);
	ok &= head_document(b);
	if (!ok)
		return false;
	ok = head_each(b);
	ok &= head_table(all, b, tables);
	if (!ok)
		return false;
	b->env = (struct path_env){ .dir = b->dir,
		.mem = b->mem,
		.document = p->document,
		.transmission =
		    directory_document(b->dir, SLICE_LIT("transmission")) };
	return head_files(b);
}
