/*
 * format/formats.c - a mappings folder becomes plans.
 *
 * Called once in each role before it gives up its files; everything afterwards
 * only reads. All mistakes of all files are told in one run.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/format/formats.h"
#include "src/format/version.h"

#define PATH_BYTES 4096

static enum rc
folder_name(char *out, const char *folder, const char *below, struct err *err)
{
	if (snprintf(out, PATH_BYTES, "%s/%s", folder, below) >= PATH_BYTES)
		return err_set(
		    err, RC_REFUSED, "the path '%s' is too long", folder);
	return RC_OK;
}

static struct form_file *
file_find(const struct formats *all, struct slice name)
{
	for (struct form_file *f = all->file; f != NULL; f = f->next)
		if (slice_eq(f->name, name))
			return f;
	return NULL;
}

static void PRINTF(4, 5) file_wrong(struct complaints *to,
    const struct form_file *f, size_t at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complaints_add(to, false, f->src->name, f->src->text, at, "%s", text);
}

/* Parents first; false: memory. */
static bool
file_merge(struct formats *all, struct form_file *f, struct complaints *to,
    unsigned int depth)
{
	struct form_file *parent;

	if (f->merged || f->extends.len == 0) {
		f->merged = true;
		return true;
	}
	f->merging = true;
	parent = file_find(all, f->extends);
	if (parent == NULL) {
		file_wrong(to, f, f->extends_at, "there is no format '%.*s'",
		    SLICE_ARG(f->extends));
		f->broken = true;
	} else if (parent->merging || depth > FORM_EXTENDS) {
		file_wrong(to, f, f->extends_at,
		    "'%.*s' extends itself, or "
		    "more than %d formats one above the other",
		    SLICE_ARG(f->extends), FORM_EXTENDS);
		f->broken = true;
	} else {
		if (!file_merge(all, parent, to, depth + 1))
			return false;
		f->broken |= parent->broken;
		if (!f->broken && !form_extend(f, parent, all->mem, to))
			return false;
	}
	f->merging = false;
	f->merged = true;
	return true;
}

static void
names_check(
    const struct formats *all, const struct form_file *f, struct complaints *to)
{
	struct slice base = f->src->base;

	for (const struct form_file *o = all->file; o != f; o = o->next)
		if (slice_eq(o->name, f->name))
			file_wrong(to, f, f->name_at,
			    "format '%.*s' is there "
			    "already, in %s",
			    SLICE_ARG(f->name), o->src->name);
	if (base.len > 4 &&
	    !slice_eq(slice_sub(base, 0, base.len - 4), f->name))
		file_wrong(to, f, f->name_at,
		    "format '%.*s' stands in '%.*s', "
		    "want %.*s.fmt",
		    SLICE_ARG(f->name), SLICE_ARG(base), SLICE_ARG(f->name));
	if (f->edition.len > 0) {
		const struct form_file *of = file_find(all, f->edition);

		if (of == NULL || of->edition.len > 0)
			file_wrong(to, f, f->edition_at,
			    "there is no format '%.*s' that is no edition "
			    "itself",
			    SLICE_ARG(f->edition));
	}
	for (uint8_t i = 0; i < f->nin; i++)
		if (!slice_is(f->in[i], "-") &&
		    file_find(all, f->in[i]) == NULL)
			file_wrong(to, f, f->in_at[i],
			    "there is no format "
			    "'%.*s'",
			    SLICE_ARG(f->in[i]));
	if (f->nanswers > 0 && f->document.len > 0 &&
	    !slice_is(f->document, "receipt"))
		file_wrong(to, f, f->answers_at[0],
		    "format '%.*s' is of document '%.*s' and answers nothing, "
		    "want a receipt",
		    SLICE_ARG(f->name), SLICE_ARG(f->document));
	for (uint8_t i = 0; i < f->nanswers; i++)
		if (file_find(all, f->answers[i]) == NULL)
			file_wrong(to, f, f->answers_at[i],
			    "there is no "
			    "format '%.*s'",
			    SLICE_ARG(f->answers[i]));
}

static bool
file_build(struct formats *all, const struct form_file *f, const char *tables,
    struct complaints *to)
{
	struct builder *b = arena_get(all->mem, sizeof(*b));
	struct plan *p = arena_get(all->mem, sizeof(*p));
	uint32_t before = to->errors;

	if (b == NULL || p == NULL || all->nplans == FORMATS_MAX)
		return false;
	*b = (struct builder){ .file = f,
		.plan = p,
		.dir = all->dir,
		.codes = all->codes,
		.mem = all->mem,
		.to = to,
		.tags = tags_new() };
	all->builder[all->nplans] = b;
	p->number = all->nplans;
	all->plan[all->nplans++] = p;
	if (b->tags == NULL)
		return false;
	if (!plan_head(all, b, tables))
		return !b->failed;
	if (!build_plan(b))
		return false;
	check_plan(b);
	b->sound = to->errors == before;
	return !b->failed;
}

static enum rc
files_parse(struct formats *all, const char *folder, struct complaints *to,
    struct err *err)
{
	struct form_file **end = &all->file;
	struct sources files;
	char path[PATH_BYTES];
	enum rc rc = folder_name(path, folder, "formats", err);

	if (rc == RC_OK)
		rc = sources_load(&files, path, ".fmt", all->mem, err);
	if (rc != RC_OK)
		return rc;
	for (uint32_t i = 0; i < files.n; i++) {
		*end = form_parse(&files.file[i], all->mem, to);
		if (*end != NULL)
			end = &(*end)->next;
	}
	return swxml_derive(all, end, to, err);
}

static bool
carries(const struct line *l)
{
	for (; l != NULL; l = l->next)
		if (l->carries || carries(l->child))
			return true;
	return false;
}

/* Each format that it may travel in carries something. */
static void
envelopes_check(
    const struct formats *all, const struct builder *b, struct complaints *to)
{
	for (uint8_t i = 0; i < b->file->nin; i++) {
		struct slice name = b->file->in[i];
		const struct plan *in = format_find(all, name);

		if (in != NULL && in->root != NULL && !carries(in->root->child))
			file_wrong(to, b->file, b->file->in_at[i],
			    "format '%.*s' carries nothing, want an envelope",
			    SLICE_ARG(name));
	}
}

static enum rc
files_build(struct formats *all, const char *folder, struct complaints *to,
    struct err *err)
{
	char tables[PATH_BYTES];
	enum rc rc = folder_name(tables, folder, "tables", err);
	bool ok = rc == RC_OK;

	for (struct form_file *f = all->file; ok && f != NULL; f = f->next)
		ok = file_merge(all, f, to, 0);
	for (struct form_file *f = all->file; ok && f != NULL; f = f->next) {
		if (!f->derived)
			names_check(all, f, to);
		if (!f->broken)
			ok = file_build(all, f, tables, to);
	}
	if (!ok)
		return rc != RC_OK
			   ? rc
			   : err_set(err, RC_LATER,
				 "the formats in %s do not fit", folder);
	for (uint32_t i = 0; i < all->nplans; i++)
		envelopes_check(all, all->builder[i], to);
	check_roots(all, to);
	return RC_OK;
}

static enum rc
formats_fill(struct formats *all, const char *folder, struct complaints *to,
    struct err *err)
{
	char path[PATH_BYTES];
	enum rc rc = mappings_version(folder, NULL, NULL, all->version, err);

	if (rc == RC_OK)
		rc = folder_name(path, folder, "codes", err);
	if (rc == RC_OK)
		rc = codelists_load(&all->codes, path, to, err);
	if (rc == RC_OK)
		rc = folder_name(path, folder, "directory", err);
	if (rc == RC_OK)
		rc = directory_load(&all->dir, path, all->codes, to, err);
	if (rc == RC_OK)
		rc = folder_name(path, folder, "tables", err);
	if (rc == RC_OK) {
		all->tables = wire_tables_new(path);
		if (all->tables == NULL)
			rc = err_set(err, RC_LATER, "out of memory");
	}
	if (rc == RC_OK)
		rc = files_parse(all, folder, to, err);
	if (rc == RC_OK)
		rc = files_build(all, folder, to, err);
	return rc;
}

enum rc
formats_load(struct formats **out, const char *folder, struct complaints *to,
    struct err *err)
{
	struct formats *all = calloc(1, sizeof(*all));
	struct complaints own;
	enum rc rc = RC_LATER;

	complaints_init(&own);
	if (all != NULL)
		all->mem = arena_new(FORMATS_BYTES);
	if (all == NULL || all->mem == NULL)
		err_set(err, RC_LATER, "out of memory");
	else
		rc = formats_fill(all, folder, &own, err);
	if (rc == RC_OK && own.errors > 0)
		rc = err_set(err, RC_REFUSED, "%u %s in the formats in %s",
		    own.errors, complaints_word(own.errors), folder);
	complaints_move(to, &own);
	if (rc != RC_OK) {
		formats_free(all);
		return rc;
	}
	*out = all;
	return RC_OK;
}

void
formats_free(struct formats *all)
{
	if (all == NULL)
		return;
	for (uint32_t i = 0; i < all->nplans; i++)
		tags_free(all->builder[i]->tags);
	wire_tables_free(all->tables);
	directory_free(all->dir);
	codelists_free(all->codes);
	arena_free(all->mem);
	free(all);
}

const struct plan *
format_find(const struct formats *all, struct slice name)
{
	for (uint32_t i = 0; i < all->nplans; i++)
		if (slice_is(name, all->plan[i]->name))
			return all->plan[i];
	return NULL;
}

const struct plan *
format_nth(const struct formats *all, unsigned int n)
{
	return n < all->nplans ? all->plan[n] : NULL;
}

const struct directory *
formats_directory(const struct formats *all)
{
	return all->dir;
}

const struct codelists *
formats_codes(const struct formats *all)
{
	return all->codes;
}

struct wire_tables *
formats_tables(const struct formats *all)
{
	return all->tables;
}

const char *
formats_version(const struct formats *all)
{
	return all->version;
}
