/*
 * base/fsx_memfd.c - bytes that cross between roles in a sealed memfd; trusts
 * nothing about a descriptor that came from another role. Called through
 * base/fsx.h.
 */
#include "src/base/fsx.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

int
fsx_memfd(const char *name, struct slice s, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		(void)err_errno(err, RC_REFUSED, "memfd '%s'", name);
		return -1;
	}
	if (fsx_write(fd, s.p, s.len, err) != RC_OK) {
		(void)close(fd);
		return -1;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) != 0) {
		(void)err_errno(err, RC_REFUSED, "seal memfd '%s'", name);
		(void)close(fd);
		return -1;
	}
	return fd;
}

/*
 * Seals before size: once they are seen, neither size nor bytes can change
 * under our eyes, whatever the sender still holds.
 */
enum rc
fsx_memfd_map(int fd, size_t max, struct slice *out, struct err *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *p;

	if (seals < 0 && errno == EBADF)
		return err_errno(err, RC_BROKEN, "memfd");
	if (seals < 0)
		return err_set(err, RC_REFUSED,
		    "descriptor is not a memfd, want a sealed memfd");
	if ((seals & SEALS) != SEALS)
		return err_set(err, RC_REFUSED,
		    "memfd has seals 0x%x, want 0x%x", (unsigned int)seals,
		    (unsigned int)SEALS);
	if (fstat(fd, &st) != 0)
		return err_errno(err, RC_BROKEN, "stat memfd");
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return err_set(
		    err, RC_REFUSED, "descriptor is not a regular memfd");
	if ((uint64_t)st.st_size > max)
		return err_set(err, RC_REFUSED,
		    "memfd is %ju bytes, limit is %zu", (uintmax_t)st.st_size,
		    max);
	if (st.st_size == 0) {
		*out = (struct slice){ NULL, 0 };
		return RC_OK;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(err, RC_REFUSED, "map memfd");
	*out = (struct slice){ p, (size_t)st.st_size };
	return RC_OK;
}

void
fsx_unmap(struct slice s)
{
	if (s.len > 0)
		(void)munmap((void *)(uintptr_t)s.p, s.len);
}
