/*
 * bench/count.c - stands before libc in every process of a gateway and counts
 * the calls that the limit of path_limit.c makes as many of: in the very run
 * that is measured, since how many there are is a matter of how much comes
 * together. Preloaded by path_gateway.c; does nothing where it is not told to.
 */
#include "tests/bench/count.h"
#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE 4096

int renameat2(int, const char *, int, const char *, unsigned int);

static struct count *count;
static bool spool; /* in this process files are the spool's */

/* "entrepotd --role spool ...", a word behind the other. */
static bool
is_spool(void)
{
	char line[LINE];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line));

	if (fd >= 0)
		(void)close(fd);
	return n > 0 && memmem(line, (size_t)n, "--role\0spool", 13) != NULL;
}

/* Before the process is behind its walls. */
static void __attribute__((constructor)) count_open(void)
{
	const char *path = getenv(COUNT_FILE);
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(
	    NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return;
	count = p;
	count->processes++;
	spool = is_spool();
}

static void
sync_count(int fd)
{
	struct stat st;

	if (count == NULL || fstat(fd, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode))
		count->folder_syncs++;
	else if (spool)
		count->log_syncs++;
	else
		count->file_syncs++;
}

int
fsync(int fd)
{
	sync_count(fd);
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	sync_count(fd);
	return (int)syscall(SYS_fdatasync, fd);
}

/* Syncs that wait together; libaio's own call goes to the kernel. */
int
io_submit(io_context_t queue, long n, struct iocb **call)
{
	long did = syscall(SYS_io_submit, queue, n, call);

	for (long i = 0; i < did; i++)
		sync_count(call[i]->aio_fildes);
	return did < 0 ? -errno : (int)did;
}

int
renameat2(int from, const char *a, int to, const char *b, unsigned int flags)
{
	if (count != NULL)
		count->renames++;
	return (int)syscall(SYS_renameat2, from, a, to, b, flags);
}

int
unlinkat(int dir, const char *name, int flags)
{
	if (count != NULL)
		count->unlinks++;
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}
