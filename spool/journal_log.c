/*
 * spool/journal_log.c - the log's frames go out in one write up to the one that
 * commits: the library writes a head of 24 bytes and a page for each, and a
 * group commit has dozens. Trusts the library to write the log's format
 * (https://www.sqlite.org/fileformat2.html, section 4.2). Called by it.
 *
 * Nobody sees a frame before the commit it belongs to is in the log's index,
 * and that comes after the frame that commits was written and synced; what is
 * kept here until then is bytes of which nothing was said. A write that fails
 * keeps them, so that a page that the index knows is never taken for lost.
 * All files but the log are the system's own.
 */
#include "spool/journal_inner.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Then it is written: the library's write takes less than 128 KiB. */
#define JOINED_MAX ((sqlite3_int64)126 << 10)
#define FRAME_HEAD 24
#define SIZE_AT    4 /* in it: pages of the file, if it commits */

struct log_file {
	sqlite3_file base;
	sqlite3_file *below; /* behind this one, in the same piece */
	char *bytes;         /* not written yet, in a row */
	sqlite3_int64 at, len;
	bool commits; /* the page that comes ends a commit */
};

static sqlite3_vfs files;
static sqlite3_vfs *system_files;

static struct log_file *
log_of(sqlite3_file *f)
{
	return (struct log_file *)(void *)f;
}

static int
bytes_write(struct log_file *l)
{
	int code;

	if (l->len == 0)
		return SQLITE_OK;
	code =
	    l->below->pMethods->xWrite(l->below, l->bytes, (int)l->len, l->at);
	if (code == SQLITE_OK)
		l->len = 0;
	return code;
}

static int
log_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct log_file *l = log_of(f);
	bool last = l->commits, whole = n > JOINED_MAX;
	static const char none[4];
	int code = SQLITE_OK;

	l->commits =
	    n == FRAME_HEAD && memcmp((const char *)p + SIZE_AT, none, 4) != 0;
	if (whole || at != l->at + l->len || l->len + n > JOINED_MAX)
		code = bytes_write(l);
	if (code == SQLITE_OK && whole)
		return l->below->pMethods->xWrite(l->below, p, n, at);
	if (code != SQLITE_OK)
		return code;
	if (l->len == 0)
		l->at = at;
	memcpy(l->bytes + l->len, p, (size_t)n);
	l->len += n;
	return last ? bytes_write(l) : SQLITE_OK;
}

static int
log_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	struct log_file *l = log_of(f);
	int code = bytes_write(l);

	return code == SQLITE_OK ? l->below->pMethods->xRead(l->below, p, n, at)
				 : code;
}

static int
log_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct log_file *l = log_of(f);
	int code = bytes_write(l);

	return code == SQLITE_OK ? l->below->pMethods->xTruncate(l->below, size)
				 : code;
}

static int
log_sync(sqlite3_file *f, int flags)
{
	struct log_file *l = log_of(f);
	int code = bytes_write(l);

	return code == SQLITE_OK ? l->below->pMethods->xSync(l->below, flags)
				 : code;
}

static int
log_size(sqlite3_file *f, sqlite3_int64 *size)
{
	struct log_file *l = log_of(f);
	int code = bytes_write(l);

	return code == SQLITE_OK ? l->below->pMethods->xFileSize(l->below, size)
				 : code;
}

static int
log_lock(sqlite3_file *f, int lock)
{
	return log_of(f)->below->pMethods->xLock(log_of(f)->below, lock);
}

static int
log_unlock(sqlite3_file *f, int lock)
{
	return log_of(f)->below->pMethods->xUnlock(log_of(f)->below, lock);
}

static int
log_locked(sqlite3_file *f, int *is)
{
	return log_of(f)->below->pMethods->xCheckReservedLock(
	    log_of(f)->below, is);
}

static int
log_control(sqlite3_file *f, int what, void *arg)
{
	return log_of(f)->below->pMethods->xFileControl(
	    log_of(f)->below, what, arg);
}

static int
log_sector(sqlite3_file *f)
{
	return log_of(f)->below->pMethods->xSectorSize(log_of(f)->below);
}

static int
log_device(sqlite3_file *f)
{
	return log_of(f)->below->pMethods->xDeviceCharacteristics(
	    log_of(f)->below);
}

/* What is left belongs to no commit; the next one writes over it. */
static int
log_close(sqlite3_file *f)
{
	struct log_file *l = log_of(f);

	free(l->bytes);
	l->bytes = NULL;
	l->base.pMethods = NULL;
	return l->below->pMethods->xClose(l->below);
}

/* As the library knew it first: nothing of the log is mapped. */
static const sqlite3_io_methods log_calls = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_locked,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_device,
};

static int
file_open(
    sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *got)
{
	struct log_file *l = log_of(f);
	int code;

	(void)v;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system_files->xOpen(system_files, name, f, flags, got);
	*l = (struct log_file){ .below = (sqlite3_file *)(void *)(l + 1) };
	l->below->pMethods = NULL;
	l->bytes = malloc((size_t)JOINED_MAX);
	if (l->bytes == NULL)
		return SQLITE_NOMEM;
	code = system_files->xOpen(system_files, name, l->below, flags, got);
	if (code == SQLITE_OK) {
		l->base.pMethods = &log_calls;
		return code;
	}
	if (l->below->pMethods != NULL)
		(void)l->below->pMethods->xClose(l->below);
	free(l->bytes);
	return code;
}

const char *
joined_files(void)
{
	if (system_files != NULL)
		return files.zName;
	system_files = sqlite3_vfs_find(NULL);
	if (system_files == NULL)
		return NULL;
	/* all but its opening: the system's calls do not look at whose they are
	 */
	files = *system_files;
	files.zName = "entrepot";
	files.szOsFile += (int)sizeof(struct log_file);
	files.pNext = NULL;
	files.xOpen = file_open;
	if (sqlite3_vfs_register(&files, 0) == SQLITE_OK)
		return files.zName;
	system_files = NULL;
	return NULL;
}
