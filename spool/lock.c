/*
 * spool/lock.c - a lock that goes with its open file, so a process that dies
 * leaves it, and a second one in the same process does not share it (I36).
 * Called by spool_open().
 */
#include "spool/lock.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <errno.h>
#include "src/base/fsx.h"

int
lock_take(int spoolfd, enum rc *rc, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = fsx_open_rw(spoolfd, "lock", err);

	if (fd < 0)
		fd = fsx_create(spoolfd, "lock", 0600, err);
	if (fd < 0) {
		*rc = err_prefix(err, RC_BROKEN, "lock");
		return -1;
	}
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
		*rc = RC_OK;
		return fd;
	}
	*rc = errno == EAGAIN || errno == EACCES
		  ? err_set(err, RC_REFUSED,
			"the spool is in use by another process")
		  : err_errno(err, RC_BROKEN, "lock");
	close(fd);
	return -1;
}

void
lock_leave(int fd)
{
	if (fd >= 0)
		close(fd);
}
