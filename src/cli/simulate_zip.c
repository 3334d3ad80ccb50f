/*
 * cli/simulate_zip.c - packages as the simulated agency opens and makes them.
 *
 * The one place outside src/envelope that uses libarchive: a simulator that
 * opened our packages with our own reader would find them good by definition.
 * It trusts nothing about them but their size. Called by verb_simulate.c.
 */
#include "src/cli/simulate.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#define ENTRIES_MAX 100000
#define ENTRY_BYTES (64u << 20)
#define ZIP_BYTES   (256u << 20)

bool
sim_is_zip(struct slice s)
{
	return slice_starts(s, "PK\003\004");
}

static enum rc
entry_read(struct archive *a, struct buf *out, struct err *err)
{
	char part[65536];
	la_ssize_t n;

	buf_reset(out);
	while ((n = archive_read_data(a, part, sizeof(part))) > 0)
		buf_add(out, part, (size_t)n);
	if (n < 0)
		return err_set(
		    err, RC_REFUSED, "package: %s", archive_error_string(a));
	if (buf_failed(out))
		return err_set(err, RC_REFUSED,
		    "package: an entry is over %u bytes", ENTRY_BYTES);
	return RC_OK;
}

static enum rc
entries_read(struct archive *a, sim_entry_fn *fn, void *arg, struct err *err)
{
	struct archive_entry *e;
	struct buf body;
	enum rc rc = RC_OK;
	int said = ARCHIVE_OK;

	buf_init(&body, ENTRY_BYTES);
	for (unsigned int n = 0; rc == RC_OK; n++) {
		said = archive_read_next_header(a, &e);
		if (said != ARCHIVE_OK)
			break;
		if (n >= ENTRIES_MAX)
			rc = err_set(err, RC_REFUSED,
			    "package: over %u entries", ENTRIES_MAX);
		else
			rc = entry_read(a, &body, err);
		if (rc == RC_OK)
			fn(arg, slice_of(archive_entry_pathname(e)),
			    buf_look(&body));
	}
	if (rc == RC_OK && said != ARCHIVE_EOF)
		rc = err_set(
		    err, RC_REFUSED, "package: %s", archive_error_string(a));
	buf_clear(&body);
	return rc;
}

enum rc
sim_zip_read(struct slice s, sim_entry_fn *fn, void *arg, struct err *err)
{
	struct archive *a = archive_read_new();
	enum rc rc;

	if (a == NULL)
		return err_set(err, RC_LATER, "out of memory");
	if (archive_read_support_format_zip(a) != ARCHIVE_OK ||
	    archive_read_open_memory(a, s.p, s.len) != ARCHIVE_OK)
		rc = err_set(
		    err, RC_REFUSED, "package: %s", archive_error_string(a));
	else
		rc = entries_read(a, fn, arg, err);
	(void)archive_read_free(a);
	return rc;
}

struct sim_zip {
	struct archive *a;
	struct buf *out;
	bool failed;
};

static la_ssize_t
zip_write(struct archive *a, void *arg, const void *p, size_t n)
{
	struct sim_zip *z = arg;

	(void)a;
	buf_add(z->out, p, n);
	return buf_failed(z->out) ? -1 : (la_ssize_t)n;
}

struct sim_zip *
sim_zip_new(struct buf *out)
{
	struct sim_zip *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->out = out;
	z->a = archive_write_new();
	if (z->a == NULL || archive_write_set_format_zip(z->a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(z->a, 0) != ARCHIVE_OK ||
	    archive_write_open(z->a, z, NULL, zip_write, NULL) != ARCHIVE_OK)
		z->failed = true;
	return z;
}

void
sim_zip_add(struct sim_zip *z, const char *name, struct slice body)
{
	struct archive_entry *e;

	if (z == NULL || z->failed)
		return;
	e = archive_entry_new();
	if (e == NULL) {
		z->failed = true;
		return;
	}
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)body.len);
	if (archive_write_header(z->a, e) != ARCHIVE_OK ||
	    archive_write_data(z->a, body.p, body.len) != (la_ssize_t)body.len)
		z->failed = true;
	archive_entry_free(e);
}

enum rc
sim_zip_end(struct sim_zip *z, struct err *err)
{
	bool fine;

	if (z == NULL)
		return err_set(err, RC_LATER, "out of memory");
	fine = !z->failed && archive_write_close(z->a) == ARCHIVE_OK &&
	       !buf_failed(z->out);
	if (z->a != NULL)
		(void)archive_write_free(z->a);
	free(z);
	if (!fine)
		return err_set(err, RC_REFUSED, "a package cannot be made");
	return RC_OK;
}
