/*
 * crash/shim_names.c - the wrappers of calls that make, move, remove or change
 * names. Called by everybody.
 */
#include "tests/crash/shim.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Two names, either of which may be the one that counts. */
static enum act
two_step(int dira, const char *a, int dirb, const char *b)
{
	if (!shim_name_counts(dira, a) && !shim_name_counts(dirb, b))
		return ACT_PLAIN;
	return shim_step(CALL_renameat2, dirb, b);
}

int
rename(const char *a, const char *b)
{
	return (int)shim_carry(two_step(AT_FDCWD, a, AT_FDCWD, b),
	    SYS_renameat2, AT_FDCWD, (long)a, AT_FDCWD, (long)b, 0, 0);
}

int
renameat(int dira, const char *a, int dirb, const char *b)
{
	return (int)shim_carry(two_step(dira, a, dirb, b), SYS_renameat2, dira,
	    (long)a, dirb, (long)b, 0, 0);
}

int
renameat2(int dira, const char *a, int dirb, const char *b, unsigned int flags)
{
	return (int)shim_carry(two_step(dira, a, dirb, b), SYS_renameat2, dira,
	    (long)a, dirb, (long)b, flags, 0);
}

int
link(const char *a, const char *b)
{
	return (int)shim_carry(shim_name_step(CALL_linkat, AT_FDCWD, b),
	    SYS_linkat, AT_FDCWD, (long)a, AT_FDCWD, (long)b, 0, 0);
}

int
linkat(int dira, const char *a, int dirb, const char *b, int flags)
{
	return (int)shim_carry(shim_name_step(CALL_linkat, dirb, b), SYS_linkat,
	    dira, (long)a, dirb, (long)b, flags, 0);
}

int
symlink(const char *to, const char *name)
{
	return (int)shim_carry(shim_name_step(CALL_symlinkat, AT_FDCWD, name),
	    SYS_symlinkat, (long)to, AT_FDCWD, (long)name, 0, 0, 0);
}

int
symlinkat(const char *to, int dirfd, const char *name)
{
	return (int)shim_carry(shim_name_step(CALL_symlinkat, dirfd, name),
	    SYS_symlinkat, (long)to, dirfd, (long)name, 0, 0, 0);
}

int
mkdir(const char *name, mode_t mode)
{
	return (int)shim_carry(shim_name_step(CALL_mkdirat, AT_FDCWD, name),
	    SYS_mkdirat, AT_FDCWD, (long)name, mode, 0, 0, 0);
}

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	return (int)shim_carry(shim_name_step(CALL_mkdirat, dirfd, name),
	    SYS_mkdirat, dirfd, (long)name, mode, 0, 0, 0);
}

int
mknod(const char *name, mode_t mode, dev_t dev)
{
	return (int)shim_carry(shim_name_step(CALL_mknodat, AT_FDCWD, name),
	    SYS_mknodat, AT_FDCWD, (long)name, mode, (long)dev, 0, 0);
}

int
mknodat(int dirfd, const char *name, mode_t mode, dev_t dev)
{
	return (int)shim_carry(shim_name_step(CALL_mknodat, dirfd, name),
	    SYS_mknodat, dirfd, (long)name, mode, (long)dev, 0, 0);
}

int
mkfifo(const char *name, mode_t mode)
{
	return mknod(name, mode | S_IFIFO, 0);
}

int
mkfifoat(int dirfd, const char *name, mode_t mode)
{
	return mknodat(dirfd, name, mode | S_IFIFO, 0);
}

int
unlink(const char *name)
{
	return (int)shim_carry(shim_name_step(CALL_unlinkat, AT_FDCWD, name),
	    SYS_unlinkat, AT_FDCWD, (long)name, 0, 0, 0, 0);
}

int
unlinkat(int dirfd, const char *name, int flags)
{
	return (int)shim_carry(shim_name_step(CALL_unlinkat, dirfd, name),
	    SYS_unlinkat, dirfd, (long)name, flags, 0, 0, 0);
}

int
rmdir(const char *name)
{
	return (int)shim_carry(shim_name_step(CALL_unlinkat, AT_FDCWD, name),
	    SYS_unlinkat, AT_FDCWD, (long)name, AT_REMOVEDIR, 0, 0, 0);
}

int
remove(const char *name)
{
	struct stat st;

	if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
		return rmdir(name);
	return unlink(name);
}

int
chmod(const char *name, mode_t mode)
{
	return (int)shim_carry(shim_name_step(CALL_fchmodat, AT_FDCWD, name),
	    SYS_fchmodat, AT_FDCWD, (long)name, mode, 0, 0, 0);
}

int
fchmod(int fd, mode_t mode)
{
	return (int)shim_carry(shim_name_step(CALL_fchmod, fd, NULL),
	    SYS_fchmod, fd, mode, 0, 0, 0, 0);
}

/* The flags are libc's own business: the kernel's call has none. */
int
fchmodat(int dirfd, const char *name, mode_t mode, int flags)
{
	int (*libc)(int, const char *, mode_t, int);
	void *p;

	if (flags == 0)
		return (int)shim_carry(
		    shim_name_step(CALL_fchmodat, dirfd, name), SYS_fchmodat,
		    dirfd, (long)name, mode, 0, 0, 0);
	p = dlsym(RTLD_NEXT, "fchmodat");
	memcpy(&libc, &p, sizeof(p));
	return libc(dirfd, name, mode, flags);
}

int
chown(const char *name, uid_t uid, gid_t gid)
{
	return (int)shim_carry(shim_name_step(CALL_fchownat, AT_FDCWD, name),
	    SYS_fchownat, AT_FDCWD, (long)name, uid, gid, 0, 0);
}

int
fchown(int fd, uid_t uid, gid_t gid)
{
	return (int)shim_carry(shim_name_step(CALL_fchown, fd, NULL),
	    SYS_fchown, fd, uid, gid, 0, 0, 0);
}

int
fchownat(int dirfd, const char *name, uid_t uid, gid_t gid, int flags)
{
	return (int)shim_carry(shim_name_step(CALL_fchownat, dirfd, name),
	    SYS_fchownat, dirfd, (long)name, uid, gid, flags, 0);
}

int
utimensat(int dirfd, const char *name, const struct timespec ts[2], int flags)
{
	return (int)shim_carry(shim_name_step(CALL_utimensat, dirfd, name),
	    SYS_utimensat, dirfd, (long)name, (long)ts, flags, 0, 0);
}

int
futimens(int fd, const struct timespec ts[2])
{
	return (int)shim_carry(shim_name_step(CALL_utimensat, fd, NULL),
	    SYS_utimensat, fd, 0, (long)ts, 0, 0, 0);
}
