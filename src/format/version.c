/*
 * format/version.c - the hash over a mappings folder. Called before its files
 * are parsed and again when the last was: what changed in between is no
 * version. Trusts the folder's owner.
 */
#include <stdio.h>
#include <sys/stat.h>
#include "src/format/version.h"
#include "src/record/source.h"

#define VERSION_BYTES (1024u << 20)
#define PATH_BYTES    4096

static const char *const below[] = { "codes", "directory", "formats", "rules",
	"tables" };

#define NBELOW (sizeof(below) / sizeof(below[0]))

struct version {
	struct arena *mem;
	struct hash *hash;
	mappings_file_fn *each;
	void *arg;
	uint32_t nfiles;
};

static enum rc
file_add(struct version *v, const char *folder, const struct source *s,
    struct err *err)
{
	char head[400];
	int n = snprintf(head, sizeof(head), "%s/%.*s %zu\n", folder,
	    SLICE_ARG(s->base), s->text.len);
	struct digest d;

	/* The length parts name from bytes, and one file from the next. */
	hash_add(v->hash, head, (size_t)n);
	hash_add(v->hash, s->text.p, s->text.len);
	v->nfiles++;
	if (v->each == NULL)
		return RC_OK;
	if (hash_of(s->text, &d, err) != RC_OK)
		return RC_LATER;
	v->each(v->arg, folder, s->base, &d);
	return RC_OK;
}

static enum rc
folder_add(
    struct version *v, const char *folder, const char *name, struct err *err)
{
	struct sources files = { 0 };
	char path[PATH_BYTES];
	enum rc rc;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_BYTES)
		return err_set(
		    err, RC_REFUSED, "the path '%s' is too long", folder);
	rc = sources_load(&files, path, "", v->mem, err);
	for (uint32_t i = 0; rc == RC_OK && i < files.n; i++)
		rc = file_add(v, name, &files.file[i], err);
	arena_rewind(v->mem);
	return rc;
}

enum rc
mappings_version(const char *folder, mappings_file_fn *each, void *arg,
    char out[DIGEST_TEXT], struct err *err)
{
	struct version v = { arena_new(VERSION_BYTES), hash_new(), each, arg,
		0 };
	struct digest d;
	enum rc rc = RC_OK;

	if (v.mem == NULL || v.hash == NULL)
		rc = err_set(err, RC_LATER, "out of memory");
	for (size_t i = 0; rc == RC_OK && i < NBELOW; i++)
		rc = folder_add(&v, folder, below[i], err);
	if (rc == RC_OK && v.nfiles == 0)
		rc = err_set(
		    err, RC_REFUSED, "there are no mappings in '%s'", folder);
	if (rc == RC_OK)
		rc = hash_end(v.hash, &d, err);
	if (rc == RC_OK)
		(void)digest_print(&d, out);
	hash_free(v.hash);
	arena_free(v.mem);
	return rc;
}
