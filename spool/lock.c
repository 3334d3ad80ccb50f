/*
 * spool/lock.c - a lock that goes with its open file, so a process that dies
 * leaves it, and a second one in the same process does not share it (I36).
 * Called by spool_open() and, for what goes with a process, by its roles.
 */
#include "spool/lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "src/base/fsx.h"

#define NAP_NS 20000000 /* between two tries */
#define NAPS   500      /* a question of a tool takes much less */
#define ENDING 150      /* a process that was killed is gone by then */
#define JOINED 250      /* and they, who end by themselves */

enum { SPOOL_BYTE, ROLES_BYTE };

static struct flock
lock_of(short type, int byte)
{
	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1 };
}

/*
 * So many naps for whoever holds it: a tool that looks must not keep a daemon
 * from starting; a daemon that was killed holds it until the kernel has taken
 * it apart, which is after whoever killed it may have started the next one.
 */
static int
patience(int fd, short type)
{
	struct flock lock = lock_of(type, SPOOL_BYTE);

	if (fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return NAPS; /* let go of just now: another may be as quick */
	return lock.l_type == F_RDLCK ? NAPS : ENDING;
}

static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
}

/* Tried at each turn: between a look and a try tools that ask come and go. */
static int
lock_set(int fd, short type, enum rc *rc, struct err *err)
{
	struct flock lock = lock_of(type, SPOOL_BYTE);

	for (int i = 0; fcntl(fd, F_OFD_SETLK, &lock) != 0; i++) {
		bool held = errno == EAGAIN || errno == EACCES;

		if (!held || i >= patience(fd, type)) {
			*rc = held ? err_set(err, RC_REFUSED,
					 "the spool is in use by another "
					 "process: does a daemon run on it?")
				   : err_errno(err, RC_BROKEN, "lock");
			close(fd);
			return -1;
		}
		nap();
	}
	*rc = RC_OK;
	return fd;
}

/*
 * Roles whose supervisor was killed end by themselves, a moment later: until
 * then they publish, take files and answer for a spool that is not ours yet.
 */
static enum rc
roles_await(int fd, struct err *err)
{
	struct flock lock;

	for (int i = 0; i < JOINED; i++) {
		lock = lock_of(F_WRLCK, ROLES_BYTE);
		if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
			return err_errno(err, RC_BROKEN, "lock");
		if (lock.l_type == F_UNLCK)
			return RC_OK;
		nap();
	}
	return err_set(err, RC_LATER,
	    "process %d works for this spool still, of a set whose supervisor "
	    "has ended: it must end first",
	    (int)lock.l_pid);
}

int
lock_take(int spoolfd, enum rc *rc, struct err *err)
{
	int fd = fsx_open_rw(spoolfd, "lock", err);

	if (fd < 0 && errno == ENOENT)
		fd = fsx_create(spoolfd, "lock", 0600, err);
	if (fd < 0) {
		*rc = err_prefix(err, RC_BROKEN, "lock");
		return -1;
	}
	fd = lock_set(fd, F_WRLCK, rc, err);
	if (fd >= 0)
		*rc = roles_await(fd, err);
	if (fd >= 0 && *rc != RC_OK) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The process's own, for its number is told: no child of it holds it, too. */
enum rc
lock_join(const char *folder, struct err *err)
{
	struct flock lock = lock_of(F_RDLCK, ROLES_BYTE);
	int fd, dirfd = fsx_opendir(folder, err);

	if (dirfd < 0)
		return err_prefix(err, RC_LATER, "spool '%s'", folder);
	fd = fsx_open(dirfd, "lock", err);
	(void)close(dirfd);
	if (fd < 0)
		return err_prefix(err, RC_LATER, "spool '%s'", folder);
	/* left open for good: closing it would let go of the lock */
	return fcntl(fd, F_SETLK, &lock) == 0
		   ? RC_OK
		   : err_errno(err, RC_LATER, "lock of spool '%s'", folder);
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
