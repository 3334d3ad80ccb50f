/*
 * crash/shim_calls.c - a wrapper for each call of calls.def, under the names
 * by which programs and libraries call it. Each goes to the kernel by itself,
 * so it makes no difference what else is preloaded. Called by everybody.
 */
#include "tests/crash/shim.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long
open_any(int dirfd, const char *name, int flags, long mode)
{
	enum act act = ACT_PLAIN;

	if ((flags & (O_CREAT | O_TRUNC)) != 0)
		act = shim_name_step(CALL_openat, dirfd, name);
	return shim_carry(
	    act, SYS_openat, dirfd, (long)name, flags, mode, 0, 0);
}

static int
open_va(int dirfd, const char *name, int flags, va_list ap)
{
	long mode = 0;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, int);
	return (int)open_any(dirfd, name, flags, mode);
}

int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);

int
open(const char *name, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_va(AT_FDCWD, name, flags, ap);
	va_end(ap);
	return fd;
}

int
open64(const char *name, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_va(AT_FDCWD, name, flags, ap);
	va_end(ap);
	return fd;
}

int
openat(int dirfd, const char *name, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_va(dirfd, name, flags, ap);
	va_end(ap);
	return fd;
}

int
openat64(int dirfd, const char *name, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_va(dirfd, name, flags, ap);
	va_end(ap);
	return fd;
}

/* What fortified programs call instead, when no mode is given. */
int
__open_2(const char *name, int flags)
{
	return open(name, flags, 0);
}

int
__open64_2(const char *name, int flags)
{
	return open(name, flags, 0);
}

int
__openat_2(int dirfd, const char *name, int flags)
{
	return openat(dirfd, name, flags, 0);
}

int
__openat64_2(int dirfd, const char *name, int flags)
{
	return openat(dirfd, name, flags, 0);
}

int
creat(const char *name, mode_t mode)
{
	return open(name, O_CREAT | O_TRUNC | O_WRONLY, mode);
}

int
creat64(const char *name, mode_t mode)
{
	return creat(name, mode);
}

/* libc has no openat2 of its own: it comes through syscall(2). */
static long
openat2_counted(long dirfd, long name, long how, long size)
{
	const struct open_how *h = (const struct open_how *)how;
	enum act act = ACT_PLAIN;

	if ((h->flags & (O_CREAT | O_TRUNC)) != 0)
		act = shim_name_step(
		    CALL_openat2, (int)dirfd, (const char *)name);
	return shim_carry(act, SYS_openat2, dirfd, name, how, size, 0, 0);
}

long
syscall(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_openat2)
		return openat2_counted(a[0], a[1], a[2], a[3]);
	if (nr == SYS_renameat2)
		return renameat2((int)a[0], (const char *)a[1], (int)a[2],
		    (const char *)a[3], (unsigned int)a[4]);
	return shim_real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static enum act
write_step(enum call call, int fd, size_t *n)
{
	enum act act = shim_fd_step(call, fd);

	if (act == ACT_HALF)
		*n /= 2;
	if (act == ACT_SHORT)
		*n = (*n + 1) / 2; /* a short write is never none */
	return act;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	enum act act = write_step(CALL_write, fd, &n);

	return shim_carry(act, SYS_write, fd, (long)p, (long)n, 0, 0, 0);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	enum act act = write_step(CALL_pwrite64, fd, &n);

	return shim_carry(act, SYS_pwrite64, fd, (long)p, (long)n, at, 0, 0);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}

/*
 * Half of a vector is its first half of pieces and half of the one behind
 * them, so that a single piece is cut, too.
 */
static int
vector_half(const struct iovec *v, int n, struct iovec half[IOV_MAX])
{
	int keep = n / 2;

	for (int i = 0; i <= keep && i < n; i++)
		half[i] = v[i];
	if (n > 0)
		half[keep].iov_len = (half[keep].iov_len + 1) / 2;
	return n > 0 ? keep + 1 : 0;
}

static ssize_t
writev_any(
    enum call call, int fd, const struct iovec *v, int n, off_t at, int flags)
{
	struct iovec half[IOV_MAX];
	enum act act = shim_fd_step(call, fd);

	if (n > 0 && n <= IOV_MAX && (act == ACT_HALF || act == ACT_SHORT)) {
		n = vector_half(v, n, half);
		v = half;
	}
	if (call == CALL_writev)
		return shim_carry(act, SYS_writev, fd, (long)v, n, 0, 0, 0);
	if (call == CALL_pwritev)
		return shim_carry(act, SYS_pwritev, fd, (long)v, n, at, 0, 0);
	return shim_carry(act, SYS_pwritev2, fd, (long)v, n, at, 0, flags);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	return writev_any(CALL_writev, fd, v, n, 0, 0);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	return writev_any(CALL_pwritev, fd, v, n, at, 0);
}

ssize_t
pwritev64(int fd, const struct iovec *v, int n, off64_t at)
{
	return writev_any(CALL_pwritev, fd, v, n, at, 0);
}

ssize_t
pwritev2(int fd, const struct iovec *v, int n, off_t at, int flags)
{
	return writev_any(CALL_pwritev2, fd, v, n, at, flags);
}

ssize_t
pwritev64v2(int fd, const struct iovec *v, int n, off64_t at, int flags)
{
	return writev_any(CALL_pwritev2, fd, v, n, at, flags);
}

ssize_t
copy_file_range(int in, off64_t *inat, int out, off64_t *outat, size_t n,
    unsigned int flags)
{
	enum act act = write_step(CALL_copy_file_range, out, &n);

	return shim_carry(act, SYS_copy_file_range, in, (long)inat, out,
	    (long)outat, (long)n, flags);
}

ssize_t
sendfile(int out, int in, off_t *at, size_t n)
{
	enum act act = write_step(CALL_sendfile, out, &n);

	return shim_carry(act, SYS_sendfile, out, in, (long)at, (long)n, 0, 0);
}

ssize_t
sendfile64(int out, int in, off64_t *at, size_t n)
{
	return sendfile(out, in, at, n);
}

int
truncate(const char *name, off_t len)
{
	return (int)shim_carry(shim_name_step(CALL_truncate, AT_FDCWD, name),
	    SYS_truncate, (long)name, len, 0, 0, 0, 0);
}

int
truncate64(const char *name, off64_t len)
{
	return truncate(name, len);
}

int
ftruncate(int fd, off_t len)
{
	return (int)shim_carry(shim_fd_step(CALL_ftruncate, fd), SYS_ftruncate,
	    fd, len, 0, 0, 0, 0);
}

int
ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

int
fallocate(int fd, int mode, off_t at, off_t len)
{
	return (int)shim_carry(shim_fd_step(CALL_fallocate, fd), SYS_fallocate,
	    fd, mode, at, len, 0, 0);
}

int
fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	return fallocate(fd, mode, at, len);
}

int
posix_fallocate(int fd, off_t at, off_t len)
{
	int e = errno;
	int r = fallocate(fd, 0, at, len) == 0 ? 0 : errno;

	errno = e;
	return r;
}

int
posix_fallocate64(int fd, off64_t at, off64_t len)
{
	return posix_fallocate(fd, at, len);
}

/* A folder is synced as well as a file; what has no name is nobody's loss. */
static enum act
sync_step(enum call call, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return shim_name_step(call, fd, NULL);
	return shim_fd_step(call, fd);
}

int
fsync(int fd)
{
	return (int)shim_carry(
	    sync_step(CALL_fsync, fd), SYS_fsync, fd, 0, 0, 0, 0, 0);
}

int
fdatasync(int fd)
{
	return (int)shim_carry(
	    sync_step(CALL_fdatasync, fd), SYS_fdatasync, fd, 0, 0, 0, 0, 0);
}

/* As a kernel without it: files are synced one by one then, each a step. */
int io_setup(int, void *);

int
io_setup(int n, void *queue)
{
	(void)n;
	(void)queue;
	return -ENOSYS;
}

int
syncfs(int fd)
{
	return (int)shim_carry(
	    sync_step(CALL_syncfs, fd), SYS_syncfs, fd, 0, 0, 0, 0, 0);
}

int
sync_file_range(int fd, off64_t at, off64_t len, unsigned int flags)
{
	return (int)shim_carry(sync_step(CALL_sync_file_range, fd),
	    SYS_sync_file_range, fd, at, len, flags, 0, 0);
}
