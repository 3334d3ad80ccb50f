/*
 * base/fsx.h - durable file steps, each one call that a crash test can stop at.
 *
 * The order is always: write aside, sync the file, give it its name, sync the
 * folder, commit the row, then answer. All names are relative to an open
 * folder; nothing follows a link below it (openat2 RESOLVE_BENEATH |
 * RESOLVE_NO_SYMLINKS). EINTR is dealt with inside. A failed sync is believed:
 * RC_BROKEN, the caller stops and recovers. Full disk, inodes, descriptors:
 * RC_LATER. Other refusals by the system: RC_REFUSED. A device error while
 * writing or a bad descriptor: RC_BROKEN. errno is kept for the caller.
 *
 * Where a name is made, moved, removed or marked it is one name in that
 * folder: never a path, "." or "..".
 */
#ifndef BASE_FSX_H
#define BASE_FSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

/* What a file is, to know it again. */
struct fsx_mark {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime_ns;
};

/* Open a folder by path, links in the path itself allowed; -1 on failure. */
int fsx_opendir(const char *path, struct err *);
/* Make NAME below dirfd if missing, mode as given, then open it; -1. */
int fsx_subdir(int dirfd, const char *name, mode_t, struct err *);
/* Open beneath dirfd for reading, O_NOFOLLOW O_NONBLOCK O_CLOEXEC; -1. */
int fsx_open(int dirfd, const char *name, struct err *);
/* The same for reading and writing, without making or emptying it; -1. */
int fsx_open_rw(int dirfd, const char *name, struct err *);
/* Create a new file (O_EXCL) for reading and writing, beneath dirfd; -1. */
int fsx_create(int dirfd, const char *name, mode_t, struct err *);
enum rc fsx_write(int fd, const void *, size_t, struct err *) MUST_USE;
enum rc fsx_pwrite(
    int fd, const void *, size_t, uint64_t at, struct err *) MUST_USE;
/* Exactly n bytes at a place; a shorter file is RC_REFUSED. */
enum rc fsx_pread(int fd, void *, size_t n, uint64_t at, struct err *) MUST_USE;
/* Cut off what stands behind len: a torn end after a crash. */
enum rc fsx_cut(int fd, uint64_t len, struct err *) MUST_USE;
enum rc fsx_sync(int fd, struct err *) MUST_USE; /* fdatasync */
/*
 * Many at once, in any order: each has its own outcome, as fsx_sync() would
 * give it. Faster than one behind the other: they wait together.
 */
#define FSX_SYNCS 65 /* at once; more go in turns */
struct fsx_syncing {
	int fd;
	bool folder; /* of names, as fsx_syncdir() */
	enum rc rc;
	struct err *err;
};
void fsx_sync_all(struct fsx_syncing *, size_t n);
enum rc fsx_syncdir(int dirfd, struct err *) MUST_USE; /* fsync */
/* renameat2 RENAME_NOREPLACE; an existing target is RC_REFUSED, EEXIST. */
enum rc fsx_rename(
    int fromdir, const char *, int todir, const char *, struct err *) MUST_USE;
enum rc fsx_unlink(int dirfd, const char *, struct err *) MUST_USE;
/*
 * RC_REFUSED, and why, unless it is a regular file with one link that belongs
 * to owner ((uid_t)-1: to anybody).
 */
enum rc fsx_plain(int fd, uid_t owner, struct err *) MUST_USE;
/* The same of anybody's, told with its mark: one look for both. */
enum rc fsx_plain_mark(
    int fd, uid_t *owner, struct fsx_mark *, struct err *) MUST_USE;
/* The mark of an open file; of a name (RC_REFUSED and *there false: none).
 * A link is marked itself. */
enum rc fsx_mark_fd(int fd, struct fsx_mark *, struct err *) MUST_USE;
enum rc fsx_mark_name(int dirfd, const char *, struct fsx_mark *, bool *there,
    struct err *) MUST_USE;
bool fsx_mark_same(const struct fsx_mark *, const struct fsx_mark *);
/*
 * The names in a folder, sorted, without "." and "..", at most max of them;
 * *out is one allocation to free(), *n how many, *more whether some were left.
 */
enum rc fsx_list(int dirfd, size_t max, char ***out, size_t *n, bool *more,
    struct err *) MUST_USE;
/* A sealed memfd holding these bytes (shrink, grow, write, seal); -1. */
int fsx_memfd(const char *name, struct slice, struct err *);
/* Check it is a sealed memfd of at most max bytes, map it read-only. */
enum rc fsx_memfd_map(
    int fd, size_t max, struct slice *, struct err *) MUST_USE;
void fsx_unmap(struct slice);

#endif
