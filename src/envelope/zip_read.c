/*
 * envelope/zip_read.c - archives opened by libarchive, in memory. Trusts
 * nothing: sizes are counted as bytes come out, what the archive says of them
 * is never believed. Called by the pipeline.
 *
 * libarchive hands on entry names only in a UTF-8 locale; one is put on around
 * its calls and taken off again, so that no process has to have one.
 */
#include "src/envelope/zip.h"
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 1000u
#define RATIO_MAX   100u
#define BYTES_MAX   ((size_t)100 << 20)
#define NAME_MOST   255u
#define PIECE       65536u

struct reading {
	struct archive *a;
	struct arena *mem;
	struct findings *findings;
	struct err *err;
	struct zip_entry **link;
	struct buf body; /* of the entry in hand */
	uint32_t entries;
	size_t total, most;
	zip_want *want; /* NULL: all */
	void *want_arg;
};

bool
zip_probe(struct slice head)
{
	return slice_starts(head, "PK\003\004") ||
	       slice_starts(head, "PK\005\006");
}

struct slice
zip_name_last(struct slice name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.p[i - 1] == '/')
			return slice_sub(name, i, name.len);
	return name;
}

static enum rc
refuse(struct reading *r, enum finding_kind kind, const char *tag,
    const char *found, const char *wanted)
{
	struct slice none = { NULL, 0 };
	struct finding *f = finding_add(r->findings, kind, none, slice_of(tag),
	    slice_of(found), slice_of(wanted));

	return err_set(
	    r->err, RC_REFUSED, "archive refused: %.*s", SLICE_ARG(f->en));
}

static enum rc
damaged(struct reading *r)
{
	char found[200];
	const char *why = archive_error_string(r->a);

	(void)snprintf(found, sizeof(found), "the archive is damaged (%s)",
	    why == NULL ? "no reason given" : why);
	return refuse(r, FIND_SYNTAX, "", found, "a whole zip archive");
}

/* The entry's bytes into r->body, counted. */
static enum rc
body_take(struct reading *r)
{
	for (;;) {
		char *room = buf_room(&r->body, PIECE);
		la_ssize_t n;

		if (room == NULL)
			return err_set(
			    r->err, RC_LATER, "no memory for the archive");
		n = archive_read_data(r->a, room, PIECE);
		if (n < 0)
			return damaged(r);
		if (n == 0)
			return RC_OK;
		r->body.len += (size_t)n;
		r->total += (size_t)n;
		if (r->total > BYTES_MAX)
			return refuse(r, FIND_LIMIT, "the archive",
			    "more than 100 MiB unpacked", "100 MiB");
		if (r->total > r->most)
			return refuse(r, FIND_LIMIT, "the archive",
			    "more than 100 times its size unpacked",
			    "100 times");
	}
}

static enum rc
entry_add(struct reading *r, const char *name)
{
	struct zip_entry *e = arena_get(r->mem, sizeof(*e));
	bool left;
	enum rc rc;

	if (++r->entries > ENTRIES_MAX)
		return refuse(r, FIND_LIMIT, "the archive",
		    "more than 1000 entries", "1000");
	if (strlen(name) > NAME_MOST)
		return refuse(r, FIND_LIMIT, "a name in the archive",
		    "more than 255 bytes", "255");
	buf_reset(&r->body);
	left = r->want != NULL && !r->want(r->want_arg, slice_of(name));
	rc = left ? RC_OK : body_take(r);
	if (rc != RC_OK)
		return rc;
	if (e != NULL) {
		e->left = left;
		e->name = arena_dup(r->mem, slice_of(name));
		e->body = arena_dup(r->mem, buf_look(&r->body));
		*r->link = e;
		r->link = &e->next;
	}
	return arena_failed(r->mem)
		   ? err_set(r->err, RC_LATER, "no memory for the archive")
		   : RC_OK;
}

static enum rc
entry_take(struct reading *r, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);

	if (archive_entry_filetype(e) == AE_IFDIR)
		return RC_OK;
	if (archive_entry_filetype(e) != AE_IFREG ||
	    archive_entry_hardlink(e) != NULL)
		return refuse(r, FIND_FORBIDDEN, "",
		    "an archive entry that is a link or no file", "");
	if (archive_entry_is_encrypted(e))
		return refuse(
		    r, FIND_FORBIDDEN, "", "an encrypted archive entry", "");
	if (name == NULL)
		return refuse(r, FIND_SYNTAX, "",
		    "an archive entry without name", "a name");
	return entry_add(r, name);
}

#define END_LEN  22u     /* of the record behind the central directory */
#define END_AWAY 0xffffu /* of its comment, the longest that there is */
#define MANY     0xffffu /* more than its two bytes can say */

/* How many entries the archive says it has; MANY: it does not say. */
static uint32_t
entries_said(struct slice raw)
{
	size_t least =
	    raw.len > END_LEN + END_AWAY ? raw.len - END_LEN - END_AWAY : 0;

	for (size_t i = raw.len < END_LEN ? 0 : raw.len - END_LEN + 1;
	     i > least; i--) {
		const unsigned char *p = (const unsigned char *)raw.p + i - 1;

		if (memcmp(p, "PK\005\006", 4) == 0)
			return p[10] | (uint32_t)p[11] << 8;
	}
	return MANY;
}

/* A directory that breaks off looks to libarchive like one that ends. */
static enum rc
entries_count(struct reading *r, struct slice raw, uint32_t seen)
{
	uint32_t said = entries_said(raw);
	char found[120];

	if (said == MANY || seen >= said)
		return RC_OK;
	(void)snprintf(found, sizeof(found),
	    "the archive's directory is damaged: of %u entries %u can be read",
	    said, seen);
	return refuse(r, FIND_SYNTAX, "", found, "a whole zip archive");
}

static enum rc
entries_take(struct reading *r, struct slice raw)
{
	enum rc rc = RC_OK;
	uint32_t seen = 0;

	if (entries_said(raw) == 0 && slice_starts(raw, "PK\005\006"))
		return RC_OK; /* empty, which libarchive does not know */

	/* The central directory counts; a cut archive has none. */
	if (archive_read_support_format_zip_seekable(r->a) != ARCHIVE_OK)
		return err_set(r->err, RC_BROKEN, "no zip in libarchive");
	if (archive_read_open_memory(r->a, raw.p, raw.len) != ARCHIVE_OK)
		return damaged(r);
	while (rc == RC_OK) {
		struct archive_entry *e;
		int got = archive_read_next_header(r->a, &e);

		if (got == ARCHIVE_EOF)
			return entries_count(r, raw, seen);
		seen++;
		rc = got == ARCHIVE_OK || got == ARCHIVE_WARN ? entry_take(r, e)
							      : damaged(r);
	}
	return rc;
}

/* Kept from the first call on: it is a file, and files are given up. */
static locale_t utf8;

enum rc
zip_ready(struct err *err)
{
	if (utf8 == (locale_t)0)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (utf8 == (locale_t)0)
		return err_set(err, RC_BROKEN, "no locale C.UTF-8");
	return RC_OK;
}

enum rc
zip_read(struct slice raw, struct zip_entry **first, struct arena *mem,
    struct findings *findings, struct err *err)
{
	return zip_read_some(raw, NULL, NULL, first, mem, findings, err);
}

enum rc
zip_read_some(struct slice raw, zip_want *want, void *arg,
    struct zip_entry **first, struct arena *mem, struct findings *findings,
    struct err *err)
{
	struct reading r = { .mem = mem,
		.want = want,
		.want_arg = arg,
		.findings = findings,
		.err = err,
		.most = raw.len < BYTES_MAX ? raw.len * RATIO_MAX : BYTES_MAX };
	struct zip_entry *list = NULL;
	locale_t before;
	enum rc rc;

	rc = zip_ready(err);
	if (rc != RC_OK)
		return rc;
	before = uselocale(utf8);
	r.link = &list;
	r.a = archive_read_new();
	buf_init(&r.body, BYTES_MAX + PIECE);
	rc = r.a == NULL ? err_set(err, RC_LATER, "no memory for the archive")
			 : entries_take(&r, raw);
	buf_clear(&r.body);
	(void)archive_read_free(r.a);
	(void)uselocale(before);
	if (rc == RC_OK)
		*first = list;
	return rc;
}
