/*
 * transport/folder_give.c - a file appears in a partner's folder whole or not
 * at all: staged beside it, synced, renamed without replacing. Trusts that
 * .entrepot/ is ours alone. Called by deliver.
 */
#include "src/transport/folder_in.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK_MODE  0600
#define STAGED_MAX 100000 /* names listed in .entrepot/ */

enum rc
unlink_if_there(int dirfd, const char *name, struct err *err)
{
	enum rc rc = fsx_unlink(dirfd, name, err);

	return rc == RC_REFUSED && errno == ENOENT ? RC_OK : rc;
}

enum rc
later_or(enum rc rc)
{
	return rc == RC_OK ? RC_OK
	       : errno == ENOSPC || errno == EDQUOT || errno == EMFILE ||
		       errno == ENFILE || errno == ENOMEM || errno == EROFS ||
		       errno == ENOENT
		   ? RC_LATER
	       : errno == EIO ? RC_BROKEN
			      : rc;
}

bool
folder_unused(struct folder *f)
{
	if (f->unused &&
	    faccessat(f->side_dir, FOLDER_MARK, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		f->unused = false;
	return f->unused;
}

enum rc
mark_leave(struct folder *f, struct err *err)
{
	int fd;

	if (!f->unused)
		return RC_OK;
	fd = fsx_create(f->side_dir, FOLDER_MARK, MARK_MODE, err);
	if (fd < 0 && errno != EEXIST)
		return later_or(RC_REFUSED);
	if (fd >= 0)
		(void)close(fd);
	f->unused = false;
	return RC_OK;
}

/* A name there is a crash's, or was staged for a try before. */
static int
body_create(struct folder *f, const struct folder_give *g, struct err *err)
{
	int fd = fsx_create(f->side_dir, g->id, FILE_MODE, err);

	if (fd < 0 && errno == EEXIST &&
	    unlink_if_there(f->side_dir, g->id, err) == RC_OK)
		fd = fsx_create(f->side_dir, g->id, FILE_MODE, err);
	return fd;
}

/* Written; the descriptor, -1: see g. */
static int
body_write(struct folder *f, struct folder_give *g)
{
	int fd = -1;

	g->rc = mark_leave(f, &g->why);
	if (g->rc != RC_OK)
		return -1;
	fd = body_create(f, g, &g->why);
	if (fd < 0) {
		g->rc = later_or(RC_REFUSED);
		return -1;
	}
	g->rc = later_or(fsx_write(fd, g->body.p, g->body.len, &g->why));
	/* whatever the umask: the folder's group is who picks it up */
	if (g->rc == RC_OK && fchmod(fd, FILE_MODE) != 0)
		g->rc =
		    err_errno(&g->why, errno == EIO ? RC_BROKEN : RC_REFUSED,
			"mode of '%s'", g->id);
	return fd;
}

static void
body_close(struct folder *f, struct folder_give *g, int fd)
{
	/* a late write error is told here */
	if (close(fd) != 0 && g->rc == RC_OK && errno != EINTR)
		g->rc = err_errno(&g->why, RC_BROKEN, "close '%s'", g->id);
	if (g->rc != RC_OK && g->rc != RC_BROKEN) {
		struct err second; /* the first sentence is the one to tell */

		(void)unlink_if_there(f->side_dir, g->id, &second);
	}
}

static enum rc
broken_find(const struct folder_give *g, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (g[i].rc == RC_BROKEN) {
			*err = g[i].why;
			return RC_BROKEN;
		}
	return RC_OK;
}

/* The bodies, and the folder of their names. */
static enum rc
bodies_sync(struct folder *f, struct folder_give *g, const int *fd, size_t n,
    struct err *err)
{
	struct fsx_syncing s[FOLDER_GROUP + 1];
	size_t of[FOLDER_GROUP], k = 0;

	for (size_t i = 0; i < n; i++)
		if (g[i].rc == RC_OK) {
			s[k] = (struct fsx_syncing){ .fd = fd[i],
				.err = &g[i].why };
			of[k++] = i;
		}
	if (k == 0)
		return RC_OK;
	s[k] = (struct fsx_syncing){
		.fd = f->side_dir, .folder = true, .err = err
	};
	fsx_sync_all(s, k + 1);
	for (size_t i = 0; i < k; i++)
		g[of[i]].rc = s[i].rc;
	return s[k].rc;
}

enum rc
folder_stage(struct folder *f, struct folder_give *g, size_t n, struct err *err)
{
	int fd[FOLDER_GROUP];
	struct err why;
	enum rc rc;

	assert(n <= FOLDER_GROUP);
	for (size_t i = 0; i < n; i++)
		fd[i] = body_write(f, &g[i]);
	rc = bodies_sync(f, g, fd, n, &why);
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			body_close(f, &g[i], fd[i]);
	if (rc == RC_OK)
		return broken_find(g, n, err);
	*err = why;
	return rc;
}

enum rc
name_check(const char *name, struct err *err)
{
	if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
	    strlen(name) <= 255)
		return RC_OK;
	return err_set(err, RC_REFUSED,
	    "file name '%s': want 1 to 255 bytes, no '/', no '.' in front",
	    name);
}

enum rc
name_taken(const char *name, struct err *err)
{
	return err_set(
	    err, RC_REFUSED, "another file stands under the name '%s'", name);
}

enum rc
folder_free(struct folder *f, const char *name, struct err *err)
{
	bool there_not;
	enum rc rc = folder_picked(f, name, &there_not, err);

	return rc == RC_OK && !there_not ? name_taken(name, err) : rc;
}

static void
staged_rename(struct folder *f, struct folder_give *g)
{
	struct err ignored;
	bool there, taken;

	g->taken_name = false;
	g->rc = name_check(g->name, &g->why);
	if (g->rc != RC_OK)
		return;
	g->rc = fsx_rename(f->side_dir, g->id, f->box, g->name, &g->why);
	if (g->rc != RC_REFUSED || (errno != EEXIST && errno != ENOENT))
		return;
	taken = errno == EEXIST;
	if (folder_staged(f, g->id, &there, &ignored) == RC_OK && !there) {
		g->rc = RC_OK; /* it was renamed before */
	} else if (taken) {
		g->taken_name = true;
		(void)name_taken(g->name, &g->why);
	}
}

/* Synced also when all were renamed before: perhaps only the process died. */
enum rc
folder_publish(
    struct folder *f, struct folder_give *g, size_t n, struct err *err)
{
	bool any = false;
	enum rc rc;

	for (size_t i = 0; i < n; i++) {
		staged_rename(f, &g[i]);
		any |= g[i].rc == RC_OK;
	}
	rc = broken_find(g, n, err);
	if (rc == RC_OK && any)
		rc = fsx_syncdir(f->box, err);
	if (rc == RC_OK && any)
		rc = fsx_syncdir(f->side_dir, err);
	return rc;
}

enum rc
folder_staged(struct folder *f, const char *id, bool *there, struct err *err)
{
	struct fsx_mark ignored;
	enum rc rc = fsx_mark_name(f->side_dir, id, &ignored, there, err);

	return rc == RC_REFUSED && !*there ? RC_OK : rc;
}

enum rc
folder_unstage(struct folder *f, const char *id, struct err *err)
{
	return unlink_if_there(f->side_dir, id, err);
}

enum rc
folder_stages(struct folder *f, char ***names, size_t *n, struct err *err)
{
	bool more;
	size_t kept = 0;
	enum rc rc = fsx_list(f->side_dir, STAGED_MAX, names, n, &more, err);

	for (size_t i = 0; rc == RC_OK && i < *n; i++)
		if (strcmp((*names)[i], FOLDER_MARK) != 0)
			(*names)[kept++] = (*names)[i];
	if (rc == RC_OK)
		*n = kept;
	return rc;
}

enum rc
folder_picked(struct folder *f, const char *name, bool *picked, struct err *err)
{
	struct fsx_mark ignored;
	bool there;
	enum rc rc = fsx_mark_name(f->box, name, &ignored, &there, err);

	if (rc == RC_OK || !there) {
		*picked = !there;
		return RC_OK;
	}
	return rc;
}

static uint64_t
number_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
		   ? (uint64_t)st.st_ino
		   : 0;
}

uint64_t
folder_number(struct folder *f, const char *id)
{
	return number_of(f->side_dir, id);
}

uint64_t
folder_number_out(struct folder *f, const char *name)
{
	return number_of(f->box, name);
}

bool
folder_sent(struct folder *f, const char *name, uint64_t number)
{
	char path[1024];
	struct stat st;

	if (f->conf->sent == NULL || number == 0)
		return false;
	(void)snprintf(path, sizeof(path), "../%s/%s", f->conf->sent, name);
	return fstatat(f->box, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && (uint64_t)st.st_ino == number;
}

/* By names that lead nowhere else: both are theirs. */
static int
sent_open(struct folder *f, const char *name)
{
	char path[1024];
	struct err ignored;
	int dir, fd;

	(void)snprintf(path, sizeof(path), "../%s", f->conf->sent);
	dir =
	    openat(f->box, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -1;
	fd = fsx_open(dir, name, &ignored);
	(void)close(dir);
	return fd;
}

bool
folder_sent_sum(
    struct folder *f, const char *name, uint64_t size, struct digest *sum)
{
	struct stat st;
	struct err ignored;
	int fd = f->conf->sent == NULL || name_check(name, &ignored) != RC_OK
		     ? -1
		     : sent_open(f, name);
	bool is;

	if (fd < 0)
		return false;
	is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	     (uint64_t)st.st_size == size &&
	     fd_sum(fd, size, sum, &ignored) == RC_OK;
	(void)close(fd);
	return is;
}
