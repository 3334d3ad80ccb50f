/*
 * transport/folder_take.c - a file leaves the drop folder: copied first, moved
 * aside when its row is on disk, looked at again, unlinked when it is
 * accepted. Trusts that .taken/ is ours alone. Called by intake.
 *
 * Renaming before the row is there loses the file in a crash; unlinking by
 * name after it loses a file that was renamed over it meanwhile.
 */
#include "src/transport/folder_in.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COPY_BYTES ((size_t)256 << 10)
#define SEALS      (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* What was listed may be something else by now: everything is asked again. */
static enum rc
file_check(struct folder *f, int fd, uint64_t limit, struct fsx_mark *mark,
    struct err *err)
{
	uid_t owner;
	enum rc rc = fsx_plain_mark(fd, &owner, mark, err);

	if (rc != RC_OK)
		return rc;
	if (owner != f->owner && owner != f->other)
		return err_set(err, RC_REFUSED,
		    "file belongs to user %ju, want user %ju", (uintmax_t)owner,
		    (uintmax_t)f->owner);
	if (mark->size > limit)
		return err_set(err, RC_REFUSED,
		    "file is %ju bytes, limit is %ju", (uintmax_t)mark->size,
		    (uintmax_t)limit);
	return RC_OK;
}

static enum rc
bytes_copy(int fd, int to, uint64_t size, struct hash *h, struct err *err)
{
	char *chunk = malloc(COPY_BYTES);
	enum rc rc = RC_OK;

	if (chunk == NULL)
		return err_set(err, RC_LATER, "no memory to copy a file");
	for (uint64_t at = 0; at < size && rc == RC_OK;) {
		size_t n =
		    size - at < COPY_BYTES ? (size_t)(size - at) : COPY_BYTES;

		rc = fsx_pread(fd, chunk, n, at, err);
		if (rc == RC_OK)
			rc = fsx_write(to, chunk, n, err);
		hash_add(h, chunk, n);
		at += n;
	}
	free(chunk);
	return rc;
}

/* A file that is shorter or longer now is one that somebody writes. */
static enum rc
copy_settle(int fd, const struct fsx_mark *before, enum rc rc, struct err *err)
{
	struct fsx_mark after;
	struct err second;

	if (rc == RC_BROKEN || rc == RC_LATER)
		return rc;
	if (fsx_mark_fd(fd, &after, &second) == RC_OK &&
	    !fsx_mark_same(before, &after))
		return err_set(err, RC_LATER, "changed while it was read");
	return rc;
}

static enum rc
small_copy(int fd, size_t n, struct buf *to, struct hash *h, struct err *err)
{
	enum rc rc;

	buf_reset(to);
	if (n > 0 && buf_more(to, n) == NULL)
		return err_set(err, RC_LATER, "no memory to copy a file");
	rc = n == 0 ? RC_OK : fsx_pread(fd, to->p, n, 0, err);
	to->len = n;
	if (rc == RC_OK)
		hash_add(h, to->p, n);
	return rc;
}

static enum rc
large_copy(int fd, uint64_t size, int *memfd, struct hash *h, struct err *err)
{
	int to = memfd_create("arrival", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	enum rc rc;

	if (to < 0)
		return err_set(err, RC_LATER, "no memory to copy a file");
	rc = bytes_copy(fd, to, size, h, err);
	if (rc == RC_OK && fcntl(to, F_ADD_SEALS, SEALS) != 0)
		rc = err_errno(err, RC_BROKEN, "seal memfd");
	if (rc == RC_OK)
		*memfd = to;
	else
		(void)close(to);
	return rc;
}

enum rc
folder_copy(struct folder *f, const char *name, uint64_t limit,
    struct buf *small, int *memfd, struct fsx_mark *mark, struct digest *sha256,
    struct err *err)
{
	int fd = fsx_open(f->box, name, err);
	struct hash *h;
	int to = -1;
	enum rc rc;

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM
			   ? RC_LATER
			   : RC_REFUSED;
	h = hash_new();
	rc = h == NULL ? err_set(err, RC_LATER, "no memory to copy a file")
		       : file_check(f, fd, limit, mark, err);
	if (rc == RC_OK) {
		rc = small != NULL && mark->size <= small->max
			 ? small_copy(fd, (size_t)mark->size, small, h, err)
			 : large_copy(fd, mark->size, &to, h, err);
		rc = copy_settle(fd, mark, rc, err);
	}
	if (rc == RC_OK)
		rc = hash_end(h, sha256, err);
	hash_free(h);
	(void)close(fd);
	if (rc != RC_OK && to >= 0)
		(void)close(to);
	if (rc == RC_OK)
		*memfd = to;
	return rc;
}

static void
marker_names(const struct folder *f, const char *id, const char *name,
    char aside[ID_NAME_MAX], char marker[NAME_ROOM])
{
	(void)snprintf(aside, ID_NAME_MAX, "%s%s", id, MARKER_SUFFIX);
	(void)snprintf(marker, NAME_ROOM, "%s%s", name, f->conf->marker);
}

/* A rename whose source is not there is done, or was never to be done. */
static enum rc
rename_if_there(int from, const char *name, int to, const char *as, bool *there,
    struct err *err)
{
	enum rc rc = fsx_rename(from, name, to, as, err);

	*there = rc == RC_OK;
	if (rc == RC_REFUSED && errno == ENOENT)
		return RC_OK;
	return rc;
}

static enum rc
both_sync(struct folder *f, struct err *err)
{
	enum rc rc = fsx_syncdir(f->side_dir, err);

	if (rc == RC_OK)
		rc = fsx_syncdir(f->box, err);
	return rc;
}

/*
 * The file stays, for want of room or right: without its marker nobody would
 * look at it again. One that stands there by now does as well. RC_REFUSED.
 */
static enum rc
marker_return(
    struct folder *f, const char *aside, const char *marker, struct err *err)
{
	struct err second; /* the first sentence is the one to tell */
	enum rc rc = fsx_rename(f->side_dir, aside, f->box, marker, &second);

	if (rc == RC_REFUSED && errno == EEXIST)
		rc = unlink_if_there(f->side_dir, aside, &second);
	if (rc == RC_OK)
		rc = both_sync(f, &second);
	if (rc == RC_BROKEN)
		*err = second;
	return rc == RC_BROKEN ? rc : RC_REFUSED;
}

/*
 * The marker goes first: a crash between the two leaves the file in the
 * folder without one, and put_back returns it. The other way round a marker
 * without its file would bless the next file of that name before it is whole.
 */
static enum rc
move_aside(struct folder *f, const char *name, const char *id, struct err *err)
{
	char aside[ID_NAME_MAX], marker[NAME_ROOM];
	bool ignored, marked = false;
	enum rc rc = RC_OK;

	if (f->conf->complete == COMPLETE_MARKER) {
		marker_names(f, id, name, aside, marker);
		rc = rename_if_there(
		    f->box, marker, f->side_dir, aside, &marked, err);
	}
	if (rc == RC_OK)
		rc = rename_if_there(
		    f->box, name, f->side_dir, id, &ignored, err);
	/* an earlier try came this far: aside_look() says with what */
	if (rc == RC_REFUSED && errno == EEXIST)
		rc = RC_OK;
	if (rc == RC_REFUSED && marked)
		rc = marker_return(f, aside, marker, err);
	return rc;
}

static enum rc
aside_look(struct folder *f, const char *id, const struct fsx_mark *mark,
    enum folder_aside_is *is, struct err *err)
{
	struct fsx_mark now;
	bool there;
	enum rc rc = fsx_mark_name(f->side_dir, id, &now, &there, err);

	if (rc == RC_REFUSED && !there) {
		*is = ASIDE_GONE;
		return RC_OK;
	}
	if (rc == RC_OK)
		*is = fsx_mark_same(&now, mark) ? ASIDE_SAME : ASIDE_OTHER;
	return rc;
}

/* Synced: was it the file that was read? */
static void
aside_check(struct folder *f, struct folder_take *t)
{
	enum folder_aside_is is = ASIDE_GONE;

	t->rc = aside_look(f, t->id, &t->mark, &is, &t->why);
	if (t->rc == RC_OK && is != ASIDE_SAME)
		t->rc = folder_put_back(f, t->id, t->name, &t->why);
	t->same = t->rc == RC_OK && is == ASIDE_SAME;
}

static enum rc
broken_find(const struct folder_take *t, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].rc == RC_BROKEN) {
			*err = t[i].why;
			return RC_BROKEN;
		}
	return RC_OK;
}

enum rc
folder_aside(struct folder *f, struct folder_take *t, size_t n, struct err *err)
{
	bool any = false;
	enum rc rc;

	for (size_t i = 0; i < n; i++) {
		t[i].same = false;
		t[i].rc = move_aside(f, t[i].name, t[i].id, &t[i].why);
		any |= t[i].rc == RC_OK;
	}
	rc = broken_find(t, n, err);
	if (rc == RC_OK && any)
		rc = both_sync(f, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (t[i].rc == RC_OK)
			aside_check(f, &t[i]);
	return rc == RC_OK ? broken_find(t, n, err) : rc;
}

enum rc
folder_is_aside(struct folder *f, const char *id, const struct fsx_mark *mark,
    enum folder_aside_is *is, struct err *err)
{
	return aside_look(f, id, mark, is, err);
}

/* The name itself if it is free, else one with the id behind it. */
static enum rc
moved_as(struct folder *f, const char *from, int to, const char *name,
    const char *id, const char *suffix, char used[NAME_ROOM], bool *there,
    struct err *err)
{
	int keep = 255 - (int)strlen(id) - 1 - (int)strlen(suffix);
	enum rc rc;

	(void)snprintf(used, NAME_ROOM, "%s%s", name, suffix);
	rc = rename_if_there(f->side_dir, from, to, used, there, err);
	if (rc != RC_REFUSED || errno != EEXIST)
		return rc;
	(void)snprintf(used, NAME_ROOM, "%.*s.%s%s", keep, name, id, suffix);
	return rename_if_there(f->side_dir, from, to, used, there, err);
}

/*
 * Not synced: if a power cut brings the name back, the journal knows that it
 * was accepted and it is forgotten again.
 */
enum rc
folder_forget(
    struct folder *f, const char *id, const char *name, struct err *err)
{
	char aside[ID_NAME_MAX], used[NAME_ROOM];
	bool ignored;
	enum rc rc;

	if (f->sent >= 0)
		rc =
		    moved_as(f, id, f->sent, name, id, "", used, &ignored, err);
	else
		rc = unlink_if_there(f->side_dir, id, err);
	if (rc == RC_OK && f->conf->complete == COMPLETE_MARKER) {
		(void)snprintf(aside, sizeof(aside), "%s%s", id, MARKER_SUFFIX);
		rc = unlink_if_there(f->side_dir, aside, err);
	}
	return rc;
}

/* First the file, then its marker: never a marker over a foreign file. */
enum rc
folder_put_back(
    struct folder *f, const char *id, const char *name, struct err *err)
{
	char used[NAME_ROOM], aside[ID_NAME_MAX], marker[NAME_ROOM];
	bool there;
	enum rc rc = moved_as(f, id, f->box, name, id, "", used, &there, err);

	if (rc == RC_OK && f->conf->complete == COMPLETE_MARKER) {
		char as[NAME_ROOM];
		bool ignored;

		marker_names(f, id, used, aside, marker);
		rc = moved_as(f, aside, f->box, there ? used : name, id,
		    f->conf->marker, as, &ignored, err);
	}
	if (rc == RC_OK)
		rc = both_sync(f, err);
	return rc;
}
