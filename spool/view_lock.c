/*
 * spool/view_lock.c - a spool without a daemon is held while a tool looks at
 * it. Called by the tools.
 */
#include "spool/view.h"
#include <unistd.h>
#include "src/base/fsx.h"
#include "spool/lock.h"

enum rc
view_lock(const char *folder, int *fd, struct err *err)
{
	int dirfd = fsx_opendir(folder, err);
	enum rc rc = RC_REFUSED;

	if (dirfd < 0)
		return err_prefix(err, RC_REFUSED, "spool '%s'", folder);
	*fd = lock_look(dirfd, &rc, err);
	(void)close(dirfd);
	return rc == RC_OK ? rc : err_prefix(err, rc, "spool '%s'", folder);
}

void
view_unlock(int fd)
{
	lock_leave(fd);
}
