/*
 * crash/shim.c - numbers the steps and decides what happens at which; trusts
 * the environment that the test gave. Called by the wrappers in shim_calls.c.
 */
#include "tests/crash/shim.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_ROOM   4096
#define DEAD_STATUS 137

static struct {
	bool ready;
	long (*real)(long, ...);
	_Atomic uint64_t own;
	_Atomic uint64_t *count; /* own, or the one that is shared */
	uint64_t crash_at;
	enum act crash_how; /* ACT_PLAIN: die before */
	bool crash_group;
	uint64_t fail_at;
	int fail_errno; /* 0: short */
	unsigned int fail_kinds;
	bool fail_forever;
	char under[PATH_ROOM];
	size_t under_len;
	const char *count_file;
	int log_fd;
	pid_t pid;
} shim = { .log_fd = -1 };

static const struct {
	const char *name;
	enum kind kind;
} calls[] = {
#define CALL(name, kind) { #name, KIND_##kind },
#include "tests/crash/calls.def"
#undef CALL
};

/* What can go wrong in which kind of call, and so go wrong for ever. */
static const struct {
	const char *name;
	int value;
	unsigned int kinds;
} errors[] = {
	{ "SHORT", 0, KIND_WRITE },
	{ "ENOSPC", ENOSPC, KIND_OPEN | KIND_WRITE | KIND_SIZE | KIND_NAME },
	{ "EDQUOT", EDQUOT, KIND_OPEN | KIND_WRITE | KIND_SIZE | KIND_NAME },
	{ "EMFILE", EMFILE, KIND_OPEN }, { "ENFILE", ENFILE, KIND_OPEN },
	{ "ENOMEM", ENOMEM, KIND_OPEN | KIND_NAME },
	{ "EROFS", EROFS, 127 & ~KIND_SYNC }, { "EIO", EIO, 127 },
	{ "EACCES", EACCES, KIND_OPEN | KIND_NAME | KIND_GONE | KIND_MODE },
	{ "EINTR", EINTR, 0 }, /* for ever would be a loop without end */
};

static void
complain(const char *what, const char *value)
{
	fprintf(stderr, "shim: %s '%s' is not understood\n", what, value);
	(void)fflush(stderr);
	(void)shim_real(SYS_exit_group, 2, 0, 0, 0, 0, 0);
}

static void
crash_parse(const char *s)
{
	char *end;

	shim.crash_at = strtoull(s, &end, 10);
	if (strcmp(end, ":half") == 0)
		shim.crash_how = ACT_HALF;
	else if (strcmp(end, ":after") == 0)
		shim.crash_how = ACT_AFTER;
	else if (*end != '\0' || end == s)
		complain("ENTREPOT_CRASH_AT", s);
}

static void
fail_parse(const char *s)
{
	char *end;
	size_t n;

	shim.fail_at = strtoull(s, &end, 10);
	if (*end != ':' || end == s)
		complain("ENTREPOT_FAIL_AT", s);
	end++;
	n = strcspn(end, ":");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strlen(errors[i].name) == n &&
		    memcmp(errors[i].name, end, n) == 0) {
			shim.fail_errno = errors[i].value;
			shim.fail_kinds = errors[i].kinds;
			shim.fail_forever = strcmp(end + n, ":forever") == 0;
			if (end[n] == '\0' || shim.fail_forever)
				return;
		}
	complain("ENTREPOT_FAIL_AT", s);
}

static void
counter_share(const char *path)
{
	long fd = shim_real(SYS_openat, AT_FDCWD, (long)path,
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600, 0, 0);
	void *p = MAP_FAILED;

	if (fd >= 0 &&
	    shim_real(SYS_ftruncate, fd, sizeof(uint64_t), 0, 0, 0, 0) == 0)
		p = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE,
		    MAP_SHARED, (int)fd, 0);
	if (p == MAP_FAILED)
		complain("ENTREPOT_CRASH_COUNTER", path);
	shim.count = p;
	(void)close((int)fd);
}

static void __attribute__((constructor)) shim_start(void)
{
	const char *s;

	if (shim.ready)
		return;
	shim.ready = true;
	shim.count = &shim.own;
	shim.pid = getpid();
	if ((s = getenv("ENTREPOT_CRASH_AT")) != NULL)
		crash_parse(s);
	if ((s = getenv("ENTREPOT_FAIL_AT")) != NULL)
		fail_parse(s);
	if ((s = getenv("ENTREPOT_CRASH_COUNTER")) != NULL)
		counter_share(s);
	if ((s = getenv("ENTREPOT_CRASH_UNDER")) != NULL) {
		if (realpath(s, shim.under) == NULL)
			complain("ENTREPOT_CRASH_UNDER", s);
		shim.under_len = strlen(shim.under);
	}
	if ((s = getenv("ENTREPOT_CRASH_LOG")) != NULL)
		shim.log_fd = (int)shim_real(SYS_openat, AT_FDCWD, (long)s,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600, 0, 0);
	shim.crash_group = getenv("ENTREPOT_CRASH_GROUP") != NULL;
	power_start(shim.under);
	shim.count_file = getenv("ENTREPOT_CRASH_COUNT");
}

/* A forked child counts on, but its parent writes the sum. */
static void __attribute__((destructor)) shim_end(void)
{
	char text[32];
	long fd;
	int n;

	if (!shim.ready || shim.count_file == NULL || getpid() != shim.pid)
		return;
	fd = shim_real(SYS_openat, AT_FDCWD, (long)shim.count_file,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600, 0, 0);
	n = snprintf(
	    text, sizeof(text), "%ju\n", (uintmax_t)atomic_load(shim.count));
	(void)shim_real(SYS_write, fd, (long)text, n, 0, 0, 0);
	(void)shim_real(SYS_close, fd, 0, 0, 0, 0, 0);
}

/* The ways to end without destructors. */
void
_exit(int status)
{
	shim_end();
	for (;;)
		(void)shim_real(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

void
_Exit(int status)
{
	_exit(status);
}

long
shim_real(long nr, long a, long b, long c, long d, long e, long f)
{
	if (shim.real == NULL) {
		void *p = dlsym(RTLD_NEXT, "syscall");

		memcpy(&shim.real, &p, sizeof(p));
	}
	return shim.real(nr, a, b, c, d, e, f);
}

void
shim_die(void)
{
	power_cut();
	if (shim.crash_group)
		(void)kill(0, SIGKILL);
	for (;;)
		(void)shim_real(SYS_exit_group, DEAD_STATUS, 0, 0, 0, 0, 0);
}

static bool
is_under(const char *path)
{
	return strncmp(path, shim.under, shim.under_len) == 0 &&
	       (path[shim.under_len] == '/' || path[shim.under_len] == '\0');
}

/* Where an open descriptor leads, or "?". */
static void
fd_path(int fd, char out[PATH_ROOM])
{
	char link[64];
	ssize_t n;

	if (fd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/self/cwd");
	else
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_ROOM - 1);
	if (n < 0) {
		out[0] = '?';
		n = 1;
	}
	out[n] = '\0';
}

/*
 * Not 0 to 2: where a test sends its words is not what is tested. Not a file
 * without a name (a memfd, a file removed while open): it ends with us.
 */
static bool
fd_counts(int fd)
{
	struct stat st;
	char path[PATH_ROOM];
	int e = errno;
	bool counts;

	shim_start();
	counts = fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		 st.st_nlink > 0 && fd != shim.log_fd;
	if (counts && shim.under_len > 0) {
		fd_path(fd, path);
		counts = is_under(path);
	}
	errno = e;
	return counts;
}

bool
shim_name_counts(int dirfd, const char *name)
{
	char path[PATH_ROOM];
	size_t n;
	int e = errno;

	shim_start();
	if (shim.under_len == 0)
		return true;
	if (name == NULL || name[0] == '\0') {
		fd_path(dirfd, path);
	} else if (name[0] == '/') {
		(void)snprintf(path, sizeof(path), "%s", name);
	} else {
		fd_path(dirfd, path);
		n = strlen(path);
		(void)snprintf(path + n, sizeof(path) - n, "/%s", name);
	}
	errno = e;
	return is_under(path);
}

static void
step_log(uint64_t n, const char *call, int fd, const char *name)
{
	char path[PATH_ROOM];
	char line[PATH_ROOM * 2];
	int len;

	if (shim.log_fd < 0)
		return;
	fd_path(fd, path);
	if (name != NULL && name[0] == '/')
		path[0] = '\0';
	len = snprintf(line, sizeof(line), "%ju %s %s%s%s\n", (uintmax_t)n,
	    call, path, name == NULL || name[0] == '/' ? "" : "/",
	    name == NULL ? "" : name);
	(void)shim_real(SYS_write, shim.log_fd, (long)line, len, 0, 0, 0);
}

static bool
step_fails(uint64_t n, enum kind kind)
{
	if (shim.fail_at == 0 || n < shim.fail_at)
		return false;
	return n == shim.fail_at ||
	       (shim.fail_forever && (shim.fail_kinds & kind) != 0);
}

enum act
shim_step(enum call call, int fd, const char *name)
{
	int e = errno;
	uint64_t n = atomic_fetch_add(shim.count, 1) + 1;

	step_log(n, calls[call].name, fd, name);
	errno = e;
	if (n == shim.crash_at) {
		if (shim.crash_how == ACT_HALF &&
		    calls[call].kind == KIND_WRITE)
			return ACT_HALF;
		if (shim.crash_how == ACT_AFTER)
			return ACT_AFTER;
		shim_die();
	}
	if (!step_fails(n, calls[call].kind))
		return ACT_PLAIN;
	if (shim.fail_errno == 0)
		return calls[call].kind == KIND_WRITE ? ACT_SHORT : ACT_PLAIN;
	errno = shim.fail_errno;
	return ACT_FAIL;
}

enum act
shim_name_step(enum call call, int dirfd, const char *name)
{
	return shim_name_counts(dirfd, name) ? shim_step(call, dirfd, name)
					     : ACT_PLAIN;
}

enum act
shim_fd_step(enum call call, int fd)
{
	return fd_counts(fd) ? shim_step(call, fd, NULL) : ACT_PLAIN;
}

long
shim_carry(
    enum act act, long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[6] = { a, b, c, d, e, f };
	long r;

	if (act == ACT_FAIL)
		return -1;
	if (!power_before(nr, args, &r))
		r = shim_real(nr, a, b, c, d, e, f);
	power_after(nr, args, r);
	if (act == ACT_HALF || act == ACT_AFTER)
		shim_die();
	return r;
}
