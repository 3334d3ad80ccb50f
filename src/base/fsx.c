/*
 * base/fsx.c - durable file steps; trusts the kernel's answers, and believes a
 * failed sync. Names come from outside and are only ever one name below an
 * open folder. Called by the spool, intake, deliver and the tools.
 */
#include "src/base/fsx.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* RESOLVE_BENEATH gives up when a folder above is renamed meanwhile. */
#define OPEN_TRIES 16

/* One device error is not the file's fault and not the filer's: we stop. */
static enum rc
fail(struct err *err, const char *what, const char *name)
{
	enum rc rc = errno == EIO || errno == EBADF ? RC_BROKEN : RC_REFUSED;

	if (name == NULL)
		return err_errno(err, rc, "%s", what);
	return err_errno(err, rc, "%s '%s'", what, name);
}

static bool
name_is_one(const char *name, struct err *err)
{
	if (name[0] != '\0' && strchr(name, '/') == NULL &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return true;
	errno = EINVAL;
	(void)err_set(err, RC_REFUSED,
	    "name '%s': want one name in the folder, not a path", name);
	return false;
}

static int
open_beneath(int dirfd, const char *name, uint64_t flags, mode_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = -1;

	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int
fsx_opendir(const char *path, struct err *err)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		(void)fail(err, "folder", path);
	return fd;
}

/* The mode is the one asked for, whatever the umask; a folder that was there
 * keeps its own. */
int
fsx_subdir(int dirfd, const char *name, mode_t mode, struct err *err)
{
	bool made;
	int fd;

	if (!name_is_one(name, err))
		return -1;
	made = mkdirat(dirfd, name, mode) == 0;
	if (!made && errno != EEXIST) {
		(void)fail(err, "make folder", name);
		return -1;
	}
	fd = open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0) {
		(void)fail(err, "folder", name);
		return -1;
	}
	if (made && fchmod(fd, mode) != 0) {
		(void)fail(err, "mode of folder", name);
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
open_named(int dirfd, const char *name, uint64_t flags, mode_t mode,
    const char *what, struct err *err)
{
	int fd = open_beneath(dirfd, name, flags, mode);

	if (fd < 0)
		(void)fail(err, what, name);
	return fd;
}

int
fsx_open(int dirfd, const char *name, struct err *err)
{
	return open_named(dirfd, name, O_RDONLY | O_NONBLOCK, 0, "open", err);
}

int
fsx_open_rw(int dirfd, const char *name, struct err *err)
{
	return open_named(dirfd, name, O_RDWR | O_NONBLOCK, 0, "open", err);
}

int
fsx_create(int dirfd, const char *name, mode_t mode, struct err *err)
{
	return open_named(
	    dirfd, name, O_RDWR | O_CREAT | O_EXCL, mode, "create", err);
}

enum rc
fsx_write(int fd, const void *p, size_t n, struct err *err)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return fail(err, "write", NULL);
		at += done;
		n -= (size_t)done;
	}
	return RC_OK;
}

static bool
place_fits(uint64_t at, size_t n)
{
	return at <= INT64_MAX && n <= INT64_MAX - at;
}

enum rc
fsx_pwrite(int fd, const void *p, size_t n, uint64_t at, struct err *err)
{
	const char *from = p;

	if (!place_fits(at, n))
		return err_set(err, RC_REFUSED,
		    "write at byte %ju: beyond any file", (uintmax_t)at);
	while (n > 0) {
		ssize_t done = pwrite(fd, from, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = ENOSPC;
		if (done <= 0)
			return fail(err, "write", NULL);
		from += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return RC_OK;
}

/* A device that cannot read one object is that object's trouble: refused. */
enum rc
fsx_pread(int fd, void *p, size_t n, uint64_t at, struct err *err)
{
	char *to = p;
	size_t got = 0;

	if (!place_fits(at, n))
		return err_set(err, RC_REFUSED,
		    "read at byte %ju: beyond any file", (uintmax_t)at);
	while (got < n) {
		ssize_t now = pread(fd, to + got, n - got, (off_t)(at + got));

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return err_errno(err,
			    errno == EBADF ? RC_BROKEN : RC_REFUSED,
			    "read at byte %ju", (uintmax_t)(at + got));
		if (now == 0)
			return err_set(err, RC_REFUSED,
			    "file ends at byte %ju, want %zu bytes from %ju",
			    (uintmax_t)(at + got), n, (uintmax_t)at);
		got += (size_t)now;
	}
	return RC_OK;
}

enum rc
fsx_cut(int fd, uint64_t len, struct err *err)
{
	if (!place_fits(len, 0))
		return err_set(err, RC_REFUSED,
		    "cut at byte %ju: beyond any file", (uintmax_t)len);
	while (ftruncate(fd, (off_t)len) != 0)
		if (errno != EINTR)
			return fail(err, "cut", NULL);
	return RC_OK;
}

enum rc
fsx_rename(
    int fromdir, const char *from, int todir, const char *to, struct err *err)
{
	if (!name_is_one(from, err) || !name_is_one(to, err))
		return RC_REFUSED;
	while (renameat2(fromdir, from, todir, to, RENAME_NOREPLACE) != 0) {
		enum rc rc =
		    errno == EIO || errno == EBADF ? RC_BROKEN : RC_REFUSED;

		if (errno != EINTR)
			return err_errno(
			    err, rc, "rename '%s' to '%s'", from, to);
	}
	return RC_OK;
}

enum rc
fsx_unlink(int dirfd, const char *name, struct err *err)
{
	if (!name_is_one(name, err))
		return RC_REFUSED;
	while (unlinkat(dirfd, name, 0) != 0)
		if (errno != EINTR)
			return fail(err, "remove", name);
	return RC_OK;
}

static struct fsx_mark
mark_of(const struct stat *st)
{
	return (struct fsx_mark){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			    st->st_mtim.tv_nsec,
	};
}

/* A regular file with one link? */
static enum rc
kind_check(const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, RC_REFUSED,
		    "not a regular file but a %s, want a regular file",
		    S_ISDIR(st->st_mode)    ? "folder"
		    : S_ISFIFO(st->st_mode) ? "pipe"
		    : S_ISSOCK(st->st_mode) ? "socket"
					    : "device");
	if (st->st_nlink != 1)
		return err_set(err, RC_REFUSED, "file has %ju names, want one",
		    (uintmax_t)st->st_nlink);
	return RC_OK;
}

enum rc
fsx_plain(int fd, uid_t owner, struct err *err)
{
	struct stat st;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return fail(err, "stat", NULL);
	rc = kind_check(&st, err);
	if (rc == RC_OK && owner != (uid_t)-1 && st.st_uid != owner)
		return err_set(err, RC_REFUSED,
		    "file belongs to user %ju, want user %ju",
		    (uintmax_t)st.st_uid, (uintmax_t)owner);
	return rc;
}

enum rc
fsx_plain_mark(int fd, uid_t *owner, struct fsx_mark *out, struct err *err)
{
	struct stat st;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return fail(err, "stat", NULL);
	rc = kind_check(&st, err);
	if (rc == RC_OK) {
		*owner = st.st_uid;
		*out = mark_of(&st);
	}
	return rc;
}

enum rc
fsx_mark_fd(int fd, struct fsx_mark *out, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(err, "stat", NULL);
	*out = mark_of(&st);
	return RC_OK;
}

/* Any answer but "no such name" leaves *there true: it proves no absence. */
enum rc
fsx_mark_name(int dirfd, const char *name, struct fsx_mark *out, bool *there,
    struct err *err)
{
	struct stat st;

	*there = true;
	if (!name_is_one(name, err))
		return RC_REFUSED;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		*there = errno != ENOENT;
		return fail(err, "stat", name);
	}
	*out = mark_of(&st);
	return RC_OK;
}

bool
fsx_mark_same(const struct fsx_mark *a, const struct fsx_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}
