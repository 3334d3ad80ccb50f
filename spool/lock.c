/*
 * spool/lock.c - a lock that goes with its open file, so a process that dies
 * leaves it, and a second one in the same process does not share it (I36).
 * Called by spool_open().
 */
#include "spool/lock.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <errno.h>
#include "src/base/fsx.h"

#define NAP_NS 20000000 /* between two tries */
#define NAPS   250      /* a question of a tool takes much less */

static int
lock_set(int fd, short type, enum rc *rc, struct err *err)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

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

/* A tool holds it: a monitoring check must not keep a daemon from starting. */
static bool
only_looked_at(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

int
lock_take(int spoolfd, enum rc *rc, struct err *err)
{
	int fd = fsx_open_rw(spoolfd, "lock", err);

	if (fd < 0)
		fd = fsx_create(spoolfd, "lock", 0600, err);
	if (fd < 0) {
		*rc = err_prefix(err, RC_BROKEN, "lock");
		return -1;
	}
	for (int i = 0; i < NAPS && only_looked_at(fd); i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	return lock_set(fd, F_WRLCK, rc, err);
}

int
lock_look(int spoolfd, enum rc *rc, struct err *err)
{
	int fd = fsx_open(spoolfd, "lock", err);

	if (fd < 0) {
		*rc = err_prefix(err, RC_REFUSED, "lock");
		return -1;
	}
	return lock_set(fd, F_RDLCK, rc, err);
}

void
lock_leave(int fd)
{
	if (fd >= 0)
		close(fd);
}
