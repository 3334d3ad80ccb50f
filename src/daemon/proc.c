/*
 * daemon/proc.c - starting and ending one process of the set; trusts this
 * program's own file. Called by supervisor.c.
 */
#include "src/daemon/proc.h"
#include "src/daemon/conf_check.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum rc
proc_pair(int fds[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return err_errno(err, RC_LATER, "socket pair");
	return RC_OK;
}

/* To its place, out of the way of all other places first. */
static bool
fd_place(int fd, int to)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE);

	return high >= 0 && dup2(high, to) == to;
}

static void
child_exec(const struct proc *p, const struct proc_start *start, int top)
{
	char generation[32];
	sigset_t none;
	const char *argv[] = { "entrepotd", "--role", role_name(p->id),
		"--generation", generation, "-f", start->file,
		start->try_sandbox ? "--try-sandbox" : NULL, NULL };

	(void)snprintf(
	    generation, sizeof(generation), "%ju", (uintmax_t)p->generation);
	if (!fd_place(start->conf, FD_CONF) ||
	    !fd_place(top, FD_LINKS + ROLE_SUPERVISOR))
		_exit(75);
	for (unsigned int i = 0; i < ROLES; i++)
		if (start->link[i] >= 0 &&
		    !fd_place(start->link[i], FD_LINKS + (int)i))
			_exit(75);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
	fprintf(stderr, "entrepotd: cannot start role %s: %s\n",
	    role_name(p->id), strerror(errno));
	_exit(75);
}

static void
links_close(const struct proc_start *start)
{
	for (unsigned int i = 0; i < ROLES; i++)
		if (start->link[i] >= 0)
			(void)close(start->link[i]);
}

enum rc
proc_spawn(struct proc *p, const struct proc_start *start, int64_t mono_ms,
    struct err *err)
{
	int pair[2], fds[ROLES];
	enum rc rc = proc_pair(pair, err);

	if (rc != RC_OK) {
		links_close(start);
		return rc;
	}
	memset(fds, 0xff, sizeof(fds));
	fds[p->id] = pair[0];
	p->wire = wire_sockets(ROLE_SUPERVISOR, fds);
	p->pid = p->wire == NULL ? -1 : fork();
	if (p->pid == 0)
		child_exec(p, start, pair[1]);
	p->pidfd = p->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, p->pid, 0);
	(void)close(pair[1]);
	links_close(start);
	if (p->pidfd < 0) {
		rc =
		    err_errno(err, RC_LATER, "start role %s", role_name(p->id));
		if (p->pid > 0) {
			(void)kill(p->pid, SIGKILL);
			(void)waitpid(p->pid, NULL, 0);
		}
		if (p->wire == NULL)
			(void)close(pair[0]);
		proc_close(p);
		return rc;
	}
	(void)fcntl(p->pidfd, F_SETFD, FD_CLOEXEC);
	p->state = PROC_STARTING;
	p->started = mono_ms;
	return RC_OK;
}

void
proc_kill(struct proc *p)
{
	if (p->pidfd >= 0)
		(void)syscall(
		    SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
}

int
proc_reap(struct proc *p)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	while (waitid(P_PIDFD, (id_t)p->pidfd, &si, WEXITED) != 0)
		if (errno != EINTR)
			return 70;
	return si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
}

void
proc_close(struct proc *p)
{
	wire_free(p->wire);
	p->wire = NULL;
	if (p->pidfd >= 0)
		(void)close(p->pidfd);
	if (p->spool_end >= 0)
		(void)close(p->spool_end);
	p->pidfd = p->spool_end = -1;
	p->pid = 0;
	p->state = PROC_NONE;
}

enum rc
proc_check(const char *file, int conf, int before, struct err *err)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return err_errno(err, RC_LATER, "check '%s'", file);
	if (pid == 0)
		_exit(conf_check_child(file, conf, before));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, RC_BROKEN, "check '%s'", file);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return RC_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CONF_CHECK_START)
		return err_set(err, RC_REFUSED,
		    "configuration '%s' is not taken: spool, node or user "
		    "cannot change at a reload, want a new start",
		    file);
	return err_set(err, RC_REFUSED,
	    "configuration '%s' is not taken, its mistakes are told", file);
}
