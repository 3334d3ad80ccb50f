/*
 * syntax/wire_rows.c - files of mappings/tables as rows of cells. Trusts the
 * folder's name; files are ours, yet bounded. Called when formats are loaded.
 */
#include "src/syntax/wire_rows.h"
#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)16 << 20)

struct table_file {
	char *name;
	struct slice text;
	struct table_file *next;
};

static enum rc
file_take(struct wire_tables *w, FILE *f, const char *path, struct slice *text,
    struct err *err)
{
	long n = -1;
	char *p;

	if (fseek(f, 0, SEEK_END) == 0)
		n = ftell(f);
	if (n < 0 || (size_t)n > FILE_MAX)
		return err_set(err, RC_REFUSED,
		    "table '%s' is %ld bytes, the limit is %zu", path, n,
		    FILE_MAX);
	p = arena_raw(w->mem, (size_t)n + 1);
	if (p == NULL)
		return err_set(err, RC_LATER, "no memory for '%s'", path);
	rewind(f);
	if (fread(p, 1, (size_t)n, f) != (size_t)n)
		return err_errno(err, RC_REFUSED, "cannot read '%s'", path);
	*text = (struct slice){ p, (size_t)n };
	return RC_OK;
}

static enum rc
file_open(struct wire_tables *w, const char *name, struct slice *text,
    struct err *err)
{
	char path[4096];
	struct table_file *kept;
	FILE *f;
	enum rc rc;

	for (kept = w->file; kept != NULL; kept = kept->next)
		if (strcmp(kept->name, name) == 0) {
			*text = kept->text;
			return RC_OK;
		}
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", w->folder, name) >=
	    sizeof(path))
		return err_set(
		    err, RC_REFUSED, "path of '%s' is too long", name);
	f = fopen(path, "rbe");
	if (f == NULL)
		return err_errno(err, RC_REFUSED, "cannot open '%s'", path);
	rc = file_take(w, f, path, text, err);
	(void)fclose(f);
	kept = rc == RC_OK ? arena_get(w->mem, sizeof(*kept)) : NULL;
	if (kept != NULL) {
		kept->name = arena_str(w->mem, slice_of(name));
		kept->text = *text;
		kept->next = w->file;
		if (kept->name != NULL)
			w->file = kept;
	}
	return rc;
}

enum rc
rows_open(
    struct wire_tables *w, const char *file, struct rows *r, struct err *err)
{
	*r = (struct rows){ .file = file };
	return file_open(w, file, &r->rest, err);
}

bool
rows_next(struct rows *r)
{
	while (r->rest.len > 0) {
		struct slice line = slice_cut(&r->rest, '\n');

		r->line++;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0 || line.p[0] == '#')
			continue;
		if (!r->headed) {
			r->headed = true;
			continue;
		}
		r->ncells = 0;
		for (;;) {
			bool last = memchr(line.p, '\t', line.len) == NULL;

			r->cell[r->ncells++] = slice_cut(&line, '\t');
			if (last || r->ncells == COLUMNS_MAX)
				break;
		}
		return true;
	}
	return false;
}

enum rc
row_wrong(const struct rows *r, const char *found, const char *wanted,
    struct err *err)
{
	return err_set(err, RC_REFUSED, "%s:%u: %s, want %s", r->file, r->line,
	    found, wanted);
}
