/*
 * cli/map_accept.c - a file of the user's is replaced, whole or not at all.
 * Called by map test --accept.
 */
#include "src/cli/map.h"
#include "src/base/fsx.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum rc
file_put(int dir, const char *temp, const char *name, struct slice text,
    struct err *err)
{
	int fd = fsx_create(dir, temp, 0644, err);
	enum rc rc;

	if (fd < 0)
		return RC_REFUSED;
	rc = fsx_write(fd, text.p, text.len, err);
	if (rc == RC_OK)
		rc = fsx_sync(fd, err);
	(void)close(fd);
	/* Replaces on purpose: fsx_rename() would not. */
	if (rc == RC_OK && renameat(dir, temp, dir, name) != 0)
		rc = err_errno(err, RC_REFUSED, "%s", name);
	if (rc != RC_OK)
		(void)unlinkat(dir, temp, 0);
	return rc == RC_OK ? fsx_syncdir(dir, err) : rc;
}

enum rc
map_replace(
    const char *folder, const char *name, struct slice text, struct err *err)
{
	char temp[300];
	int dir = fsx_opendir(folder, err);
	enum rc rc;

	if (dir < 0)
		return RC_REFUSED;
	(void)snprintf(temp, sizeof(temp), ".%.200s.%ld", name, (long)getpid());
	rc = file_put(dir, temp, name, text, err);
	(void)close(dir);
	return rc;
}
