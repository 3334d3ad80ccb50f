/*
 * crash/synced.c - many files written and synced together, or not at all, and
 * then their file system dies with all that was not synced. Called by synced.t:
 *
 *	synced FOLDER all | none
 *
 * Status 0: it is dead; 77: not to be had here; else something failed before.
 */
#include "src/base/fsx.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define FILES      69 /* more than go at once */
#define FILE_BYTES 5000

#define EXT4_SHUTDOWN   _IOR('X', 125, __u32)
#define WITHOUT_THE_LOG 2

int
main(int argc, char **argv)
{
	struct fsx_syncing s[FILES];
	static struct err why[FILES];
	char bytes[FILE_BYTES], name[32];
	unsigned int how = WITHOUT_THE_LOG;
	struct err err;
	int dir = argc == 3 ? fsx_opendir(argv[1], &err) : -1;

	if (dir < 0)
		return 2;
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		s[i] = (struct fsx_syncing){ .rc = RC_LATER, .err = &why[i] };
		s[i].fd = fsx_create(dir, name, 0600, &err);
		if (s[i].fd < 0 ||
		    fsx_write(s[i].fd, bytes, sizeof(bytes), &err) != RC_OK)
			return 3;
	}
	if (strcmp(argv[2], "all") == 0)
		fsx_sync_all(s, FILES);
	for (int i = 0; i < FILES && strcmp(argv[2], "all") == 0; i++)
		if (s[i].rc != RC_OK)
			return 4;
	if (fsx_syncdir(dir, &err) != RC_OK)
		return 5;
	if (ioctl(dir, EXT4_SHUTDOWN, &how) == 0)
		return 0;
	return errno == EPERM || errno == ENOTTY || errno == EOPNOTSUPP ? 77
									: 6;
}
