/*
 * daemon/convert_child.c - one fork for some orders of one partner, and for
 * those that come while it lives. The child is not trusted from its first byte
 * of input on: all that counts of it is its exit, its memfds (sealed when it
 * says that it is done: nobody writes them after that) and a page of words
 * about itself. Called by role_convert.c.
 */
#include "src/daemon/convert_child_in.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/base/fsx.h"

#define INPUT_SMALL ((uint64_t)1 << 20) /* any child may have that */
#define CPU_S       2u                  /* and 0.2 s for each MiB */
#define WALL_MS     60000
#define SEALS       (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

struct job *
job_new(void)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j != NULL)
		j->input = j->result = -1;
	return j;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->input >= 0)
		(void)close(j->input);
	if (j->result >= 0)
		(void)close(j->result);
	free(j);
}

/* The claims of one job, in out; the input is mapped only meanwhile. */
enum rc
job_work(struct job *j, struct work *w, struct buf *out, volatile uint32_t *at,
    struct err *err)
{
	struct work_order o = { .kind = j->kind,
		.partner = slice_of(j->partner),
		.name = slice_of(j->name),
		.format = slice_of(j->format),
		.mapping = slice_of(j->mapping),
		.ids = j->ids,
		.number = j->number,
		.test = j->test,
		.nids = j->nids,
		.now = j->now };
	enum rc rc = fsx_memfd_map(j->input, INPUT_MAX, &o.input, err);

	if (rc != RC_OK)
		return rc;
	rc = work_run(w, &o, out, at, err);
	fsx_unmap(o.input);
	return rc;
}

void
job_run_here(struct job *j, struct work *w)
{
	volatile uint32_t at = 0;
	struct buf out;
	struct err err = { "" };

	buf_init(&out, WORK_CLAIMS_MAX);
	j->rc = job_work(j, w, &out, &at, &err);
	if (j->rc == RC_OK) {
		j->result = fsx_memfd("claims", buf_look(&out), &err);
		if (j->result < 0)
			j->rc = RC_LATER;
	}
	buf_clear(&out);
	if (j->rc != RC_OK)
		(void)snprintf(
		    j->why, sizeof(j->why), "%.*s", CHILD_WHY - 1, err.text);
	j->state = JOB_DONE;
}

uint64_t
input_bytes(struct job *const *job, unsigned int n)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < n; i++) {
		struct fsx_mark m;
		struct err err;

		if (fsx_mark_fd(job[i]->input, &m, &err) == RC_OK &&
		    m.size > most)
			most = m.size;
	}
	return most;
}

uint64_t
cpu_seconds(uint64_t bytes, unsigned int n)
{
	return CPU_S * n + (bytes >> 20) * n / 5 + 1;
}

/* Limits are for this much, so that a small order does not shut out others. */
uint64_t
child_bytes(struct job *const *job, unsigned int n)
{
	uint64_t most = input_bytes(job, n);

	return most < INPUT_SMALL ? INPUT_SMALL : most;
}

/* --- in the parent --- */

uint64_t
child_base_bytes(void)
{
	char text[64] = "";
	uint64_t pages = 0;
	struct slice rest;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof(text) - 1);

		(void)close(fd);
		text[n > 0 ? n : 0] = '\0';
	}
	rest = slice_of(text);
	if (!slice_u64(slice_cut(&rest, ' '), &pages))
		pages = (UINT64_C(1) << 30) / 4096; /* not told: be generous */
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
results_drop(struct job *const *job, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (job[i]->result >= 0) {
			(void)close(job[i]->result);
			job[i]->result = -1;
		}
}

static enum rc
results_make(struct job *const *job, unsigned int n, struct err *err)
{
	for (unsigned int i = 0; i < n; i++) {
		job[i]->result =
		    memfd_create("claims", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (job[i]->result < 0) {
			enum rc rc = err_errno(err, RC_LATER, "memfd");

			results_drop(job, i);
			return rc;
		}
	}
	return RC_OK;
}

/*
 * By the child's own descriptor: in the sandbox nobody signals by number. A
 * child without one is still to be killed where that is allowed.
 */
void
child_kill(struct child *c)
{
	if (c->pidfd < 0 ||
	    syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0) != 0)
		(void)kill(c->pid, SIGKILL);
}

static void
jobs_note(
    struct child *c, struct job *const *job, unsigned int n, int64_t mono_ms)
{
	c->deadline = mono_ms + WALL_MS +
		      20 * 1000 * (int64_t)cpu_seconds(input_bytes(job, n), n);
	c->given += n;
	c->n = n;
	for (unsigned int i = 0; i < n; i++) {
		c->job[i] = job[i];
		job[i]->state = JOB_RUNS;
	}
}

/* Its page and its link; RC_LATER: none to be had. */
static enum rc
child_prepare(struct child *c, int pair[2], struct err *err)
{
	void *page = mmap(NULL, sizeof(struct child_page),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return err_errno(err, RC_LATER, "page of a child");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		enum rc rc = err_errno(err, RC_LATER, "link to a child");

		(void)munmap(page, sizeof(struct child_page));
		return rc;
	}
	*c = (struct child){ .page = page, .link = pair[0] };
	return RC_OK;
}

void
child_clear(struct child *c)
{
	child_dismiss(c);
	if (c->pidfd >= 0)
		(void)close(c->pidfd);
	(void)munmap(c->page, sizeof(*c->page));
	c->pid = 0;
	c->page = NULL;
}

enum rc
child_start(struct child *c, struct job *const *job, unsigned int n,
    struct work *w, uint64_t base, int64_t mono_ms, struct err *err)
{
	enum rc rc = results_make(job, n, err);
	int pair[2];

	if (rc != RC_OK)
		return RC_LATER;
	rc = child_prepare(c, pair, err);
	if (rc != RC_OK) {
		results_drop(job, n);
		return rc;
	}
	c->pid = fork();
	if (c->pid == 0)
		child_main(c->page, pair[1], job, n, w, base);
	(void)close(pair[1]);
	c->pidfd = c->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		(void)err_errno(err, RC_LATER, "a child to convert");
		if (c->pid > 0) {
			child_kill(c);
			(void)waitpid(c->pid, NULL, 0);
		}
		child_clear(c);
		results_drop(job, n);
		return RC_LATER;
	}
	(void)strcpy(c->partner, job[0]->partner);
	c->bytes = child_bytes(job, n);
	c->first = n;
	jobs_note(c, job, n, mono_ms);
	return RC_OK;
}

bool
child_may(const struct child *c, const struct job *j)
{
	return c->pid > 0 && c->link >= 0 && c->n == 0 && !c->spent &&
	       c->given + CHILD_JOBS <= CHILD_LIFE &&
	       input_bytes((struct job *const[]){ (struct job *)j }, 1) <=
		   c->bytes &&
	       strcmp(c->partner, j->partner) == 0;
}

static bool
job_hand(const struct child *c, const struct job *j, bool last)
{
	static struct handed h;
	struct iovec iov = { .iov_base = &h, .iov_len = sizeof(h) };
	int fd[2] = { j->input, j->result };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fd))];
	} control;
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cm;

	h = (struct handed){ .kind = j->kind,
		.nids = j->nids,
		.ids = j->ids,
		.number = j->number,
		.test = j->test,
		.now = j->now,
		.last = last };
	memcpy(h.partner, j->partner, sizeof(h.partner));
	memcpy(h.name, j->name, sizeof(h.name));
	memcpy(h.format, j->format, sizeof(h.format));
	memcpy(h.mapping, j->mapping, sizeof(h.mapping));
	memset(&control, 0, sizeof(control));
	cm = CMSG_FIRSTHDR(&mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cm), fd, sizeof(fd));
	return sendmsg(c->link, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(h);
}

/*
 * What cannot be handed out (it has died, or its link is full) is left to
 * its end: then those orders wait again.
 */
enum rc
child_give(struct child *c, struct job *const *job, unsigned int n,
    int64_t mono_ms, struct err *err)
{
	enum rc rc = results_make(job, n, err);
	bool fine = true;

	if (rc != RC_OK)
		return RC_LATER;
	for (unsigned int i = 0; i < n && fine; i++)
		fine = job_hand(c, job[i], i + 1 == n);
	jobs_note(c, job, n, mono_ms);
	if (!fine)
		child_kill(c);
	return RC_OK;
}

void
child_dismiss(struct child *c)
{
	if (c->link >= 0)
		(void)close(c->link);
	c->link = -1;
}

/*
 * "Later" from behind its own walls: the memory that ran out is what the limit
 * gave it, and the next child gets no more. That is a death like others, or
 * the message would be tried for ever and nobody told.
 */
static void
job_gave_up(struct job *j, uint32_t at)
{
	size_t n = strlen(j->why);

	j->state = JOB_DIED;
	j->rc = RC_REFUSED;
	if (at > 0)
		(void)snprintf(
		    j->why + n, sizeof(j->why) - n, " at filing %u", at);
}

/* Sealed: what the child may still hold writes nothing any more. */
static void
job_close(struct child *c, struct job *j, unsigned int number)
{
	const struct child_page *page = c->page;
	unsigned int place = number % CHILD_JOBS;
	uint32_t rc = page->job[place].rc;

	memcpy(j->why, page->job[place].why, CHILD_WHY);
	j->why[CHILD_WHY - 1] = '\0';
	j->rc = rc > RC_BROKEN ? RC_BROKEN : (enum rc)rc;
	j->state = JOB_DONE;
	if (j->rc == RC_LATER) {
		c->spent = true;
		if (number >= c->first) /* what came before it took the room */
			j->state = JOB_WAITS;
		else
			job_gave_up(j, page->job[place].at);
	}
	if (j->rc == RC_OK && fcntl(j->result, F_ADD_SEALS, SEALS) != 0) {
		j->state = JOB_DIED;
		(void)snprintf(j->why, sizeof(j->why),
		    "its claims cannot be sealed: %s", strerror(errno));
	}
	if (j->state != JOB_DONE || j->rc != RC_OK)
		results_drop(&j, 1);
}

static void
job_died(struct job *j, int status, uint32_t at)
{
	char how[64];

	if (WIFSIGNALED(status))
		(void)snprintf(
		    how, sizeof(how), "killed by signal %d", WTERMSIG(status));
	else
		(void)snprintf(
		    how, sizeof(how), "left with %d", WEXITSTATUS(status));
	if (at > 0)
		(void)snprintf(
		    j->why, sizeof(j->why), "%s at filing %u", how, at);
	else
		(void)snprintf(j->why, sizeof(j->why), "%s", how);
	j->state = JOB_DIED;
	j->rc = RC_REFUSED;
}

/* Orders that it says are done, the first of those in hand. */
static void
done_close(struct child *c)
{
	uint32_t before = c->given - c->n;
	uint32_t done = c->page->done - before;

	if (done > c->n)
		done = c->n;
	for (unsigned int i = 0; i < done; i++)
		job_close(c, c->job[i], before + i);
	c->n -= done;
	memmove(c->job, c->job + done, c->n * sizeof(c->job[0]));
}

bool
child_hear(struct child *c)
{
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (c->link < 0)
		return true;
	n = recvmsg(c->link, &mh, MSG_DONTWAIT);
	if (n > 0)
		done_close(c);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool
child_reap(struct child *c, bool wait)
{
	uint32_t at = c->page->at;
	int status = 0;
	pid_t pid;

	do
		pid = waitpid(c->pid, &status, wait ? 0 : WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return false;
	done_close(c);
	for (unsigned int i = 0; i < c->n; i++) {
		if (i == 0)
			job_died(c->job[i], status, at);
		else
			c->job[i]->state = JOB_WAITS;
		results_drop(&c->job[i], 1);
	}
	c->n = 0;
	return true;
}
