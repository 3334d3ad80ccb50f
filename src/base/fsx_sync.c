/*
 * base/fsx_sync.c - files synced: one, or many together. Trusts the kernel's
 * word that it is done, and no file after it said otherwise. Called by the
 * spool and the transports.
 *
 * Together through the kernel's own asynchronous calls (io_submit(2)), without
 * threads: one behind the other, each would wait for a write of its own and
 * empty the disk's cache again. Where they are not to be had, and for one
 * alone, it is fdatasync(2).
 */
#include "src/base/fsx.h"
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * Never RC_LATER: the kernel may have dropped the pages that it could not
 * write, and a second sync would then succeed without them.
 */
static enum rc
sync_failed(struct err *err, const char *what)
{
	(void)err_errno(err, RC_BROKEN, "%s", what);
	return RC_BROKEN;
}

enum rc
fsx_sync(int fd, struct err *err)
{
	while (fdatasync(fd) != 0)
		if (errno != EINTR)
			return sync_failed(err, "sync file");
	return RC_OK;
}

enum rc
fsx_syncdir(int dirfd, struct err *err)
{
	while (fsync(dirfd) != 0)
		if (errno != EINTR)
			return sync_failed(err, "sync folder");
	return RC_OK;
}

/* NULL: not here. */
static io_context_t
queue(void)
{
	static io_context_t q;
	static bool asked;

	if (!asked && io_setup(FSX_SYNCS, &q) != 0)
		q = NULL;
	asked = true;
	return q;
}

static void
outcome_set(struct fsx_syncing *f, long res)
{
	if (res >= 0) {
		f->rc = RC_OK;
		return;
	}
	errno = (int)-res;
	f->rc = sync_failed(f->err, f->folder ? "sync folder" : "sync file");
}

/* How many of the first ones were synced, or could not be. */
static size_t
sync_together(struct fsx_syncing *f, size_t n)
{
	struct iocb call[FSX_SYNCS], *list[FSX_SYNCS];
	struct io_event done[FSX_SYNCS];
	io_context_t q = queue();
	int sent = 0, got = 0;

	for (size_t i = 0; i < n; i++) {
		if (f[i].folder)
			io_prep_fsync(&call[i], f[i].fd);
		else
			io_prep_fdsync(&call[i], f[i].fd);
		call[i].data = &f[i];
		list[i] = &call[i];
		outcome_set(&f[i], -EIO); /* until it is told */
	}
	if (q != NULL)
		sent = io_submit(q, (long)n, list);
	while (got < sent) {
		int k = io_getevents(q, 1, sent - got, done, NULL);

		if (k < 0 && k != -EINTR)
			break; /* of the others nothing is known */
		for (int i = 0; i < k; i++)
			outcome_set(done[i].data, (long)done[i].res);
		got += k > 0 ? k : 0;
	}
	return sent > 0 ? (size_t)sent : 0;
}

/* The first one that is synced waits for what is on its way with it. */
static void
sync_each(struct fsx_syncing *f, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		(void)sync_file_range(f[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	for (size_t i = n; i-- > 0;)
		f[i].rc = f[i].folder ? fsx_syncdir(f[i].fd, f[i].err)
				      : fsx_sync(f[i].fd, f[i].err);
}

void
fsx_sync_all(struct fsx_syncing *f, size_t n)
{
	size_t did = 0, more = 1;

	while (n - did > 1 && more > 0) {
		more = n - did < FSX_SYNCS ? n - did : FSX_SYNCS;
		more = sync_together(&f[did], more);
		did += more;
	}
	sync_each(&f[did], n - did);
}
