/*
 * sandbox/try.c - from inside a role, what must not be possible any more;
 * trusts nothing. Called by role_process.c when the test asks for it.
 */
#include "src/sandbox/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each returns true if the act worked. */

static bool
try_open_outside(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool
try_list_outside(void)
{
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
}

static bool
try_make_outside(void)
{
	return open("/tmp/entrepot-was-here", O_WRONLY | O_CREAT | O_CLOEXEC,
		   0600) >= 0;
}

static bool
try_proc(void)
{
	return open("/proc/1/environ", O_RDONLY | O_CLOEXEC) >= 0 ||
	       open("/proc/self/mem", O_RDWR | O_CLOEXEC) >= 0;
}

static bool
try_connect(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 &&
	       (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0 ||
		   errno == ECONNREFUSED);
}

static bool
try_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool
try_ptrace(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
}

static bool
try_kill(void)
{
	return kill(getppid(), 0) == 0;
}

static bool
try_exec(void)
{
	char *argv[] = { "true", NULL };
	char *envp[] = { NULL };

	(void)execve("/bin/true", argv, envp);
	return false; /* if it works, nobody comes back to say it was refused */
}

static bool
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED;
}

static bool
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool
try_root(void)
{
	return setuid(0) == 0 || mkdir("/entrepot-was-here", 0700) == 0;
}

static bool
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static const struct {
	const char *act;
	bool (*fn)(void);
	unsigned int unless; /* enum sandbox_may */
} acts[] = {
	{ "open-outside", try_open_outside, 0 },
	{ "list-outside", try_list_outside, 0 },
	{ "make-outside", try_make_outside, 0 },
	{ "proc", try_proc, 0 },
	{ "connect", try_connect, 0 },
	{ "unix-socket", try_unix_socket, 0 },
	{ "ptrace", try_ptrace, 0 },
	{ "kill", try_kill, 0 },
	{ "code", try_code, 0 },
	{ "dumpable", try_dumpable, 0 },
	{ "root", try_root, 0 },
	{ "fork", try_fork, SANDBOX_FORK },
	{ "exec", try_exec, 0 },
};

unsigned int
sandbox_try(unsigned int may, sandbox_try_fn *fn, void *arg)
{
	unsigned int worked = 0;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		bool did;

		if ((acts[i].unless & may) != 0)
			continue;
		did = acts[i].fn();
		worked += did;
		fn(arg, acts[i].act, !did);
	}
	return worked;
}
