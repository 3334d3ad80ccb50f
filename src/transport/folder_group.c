/*
 * transport/folder_group.c - a message and the files beside it: staged piece by
 * piece, so that nothing large is held in memory, and published before the
 * message, so that nobody sees it without them. Trusts that .entrepot/ is ours
 * alone, and nothing in out/. Called by deliver.
 */
#include "src/transport/folder_in.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)128 << 10)

static int
piece_open(struct folder *f, const char *id, bool begin, struct err *err)
{
	int fd;

	if (!begin) {
		fd = fsx_open_rw(f->side_dir, id, err);
		if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
			(void)err_errno(err, RC_BROKEN, "end of '%s'", id);
			(void)close(fd);
			fd = -1;
		}
		return fd;
	}
	if (mark_leave(f, err) != RC_OK ||
	    unlink_if_there(f->side_dir, id, err) != RC_OK)
		return -1;
	fd = fsx_create(f->side_dir, id, FILE_MODE, err);
	/* whatever the umask: the folder's group is who picks it up */
	if (fd >= 0 && fchmod(fd, FILE_MODE) != 0) {
		(void)err_errno(err, RC_REFUSED, "mode of '%s'", id);
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static enum rc
piece_copy(int from, int to, uint64_t at, uint64_t len, struct err *err)
{
	char *room = malloc(PIECE);
	enum rc rc = RC_OK;

	if (room == NULL)
		return err_set(err, RC_LATER, "no memory to copy a file");
	while (len > 0 && rc == RC_OK) {
		size_t n = len < PIECE ? (size_t)len : PIECE;

		rc = fsx_pread(from, room, n, at, err);
		if (rc == RC_OK)
			rc = fsx_write(to, room, n, err);
		at += n;
		len -= n;
	}
	free(room);
	return rc;
}

enum rc
folder_stage_piece(struct folder *f, const char *id, bool begin, int fd,
    uint64_t at, uint64_t len, struct err *err)
{
	int to = piece_open(f, id, begin, err);
	enum rc rc;

	if (to < 0)
		return later_or(RC_REFUSED);
	rc = piece_copy(fd, to, at, len, err);
	/* a late write error is told here */
	if (close(to) != 0 && rc == RC_OK && errno != EINTR)
		rc = err_errno(err, RC_BROKEN, "close '%s'", id);
	return rc;
}

enum rc
folder_stage_end(struct folder *f, const char *id, struct err *err)
{
	int fd = fsx_open_rw(f->side_dir, id, err);
	enum rc rc;

	if (fd < 0)
		return later_or(RC_REFUSED);
	rc = fsx_sync(fd, err);
	(void)close(fd);
	return rc;
}

enum rc
folder_settle(struct folder *f, struct err *err)
{
	enum rc rc = fsx_syncdir(f->box, err);

	return rc == RC_OK ? fsx_syncdir(f->side_dir, err) : rc;
}

/* The bytes of both, as long as neither can be told from the other. */
static bool
bytes_same(int a, int b)
{
	char *room = malloc(2 * PIECE);
	struct fsx_mark x, y;
	struct err ignored;
	bool same = room != NULL && fsx_mark_fd(a, &x, &ignored) == RC_OK &&
		    fsx_mark_fd(b, &y, &ignored) == RC_OK && x.size == y.size;

	for (uint64_t at = 0; same && at < x.size; at += PIECE) {
		size_t n = x.size - at < PIECE ? (size_t)(x.size - at) : PIECE;

		same = fsx_pread(a, room, n, at, &ignored) == RC_OK &&
		       fsx_pread(b, room + PIECE, n, at, &ignored) == RC_OK &&
		       memcmp(room, room + PIECE, n) == 0;
	}
	free(room);
	return same;
}

static bool
stands_same(struct folder *f, const char *id, const char *name)
{
	struct err ignored;
	int a = fsx_open(f->side_dir, id, &ignored);
	int b = fsx_open(f->box, name, &ignored);
	bool same = a >= 0 && b >= 0 &&
		    fsx_plain(b, (uid_t)-1, &ignored) == RC_OK &&
		    bytes_same(a, b);

	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
	return same;
}

enum rc
folder_beside_check(
    struct folder *f, const char *id, const char *name, struct err *err)
{
	enum rc rc = name_check(name, err);

	if (rc != RC_OK)
		return rc;
	rc = folder_free(f, name, err);
	return rc == RC_REFUSED && stands_same(f, id, name) ? RC_OK : rc;
}

enum rc
folder_publish_beside(struct folder *f, const char *id, const char *name,
    bool *taken_name, struct err *err)
{
	enum rc rc = name_check(name, err);

	*taken_name = false;
	if (rc != RC_OK)
		return rc;
	rc = fsx_rename(f->side_dir, id, f->box, name, err);
	if (rc != RC_REFUSED || errno != EEXIST)
		return rc;
	if (stands_same(f, id, name))
		return fsx_unlink(f->side_dir, id, err);
	*taken_name = true;
	return name_taken(name, err);
}

enum rc
folder_withdraw(
    struct folder *f, const char *name, bool *removed, struct err *err)
{
	enum rc rc = name_check(name, err);

	if (rc != RC_OK)
		return rc;
	rc = fsx_unlink(f->box, name, err);
	*removed |= rc == RC_OK;
	return rc == RC_REFUSED && errno == ENOENT ? RC_OK : rc;
}
