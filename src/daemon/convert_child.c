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

struct job *
job_new(struct msg *m)
{
	struct job *j = calloc(1, sizeof(*j));
	struct fsx_mark mark;
	struct err ignored; /* who reads it says so */

	if (j == NULL)
		return NULL;
	j->from = msg_hold(m);
	j->o = m->body;
	j->size = m->bytes.len;
	j->result = -1;
	if (m->fd >= 0 && fsx_mark_fd(m->fd, &mark, &ignored) == RC_OK)
		j->size = mark.size;
	return j;
}

static void
results_drop(struct job *const *job, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (job[i]->result >= 0)
			(void)close(job[i]->result);
		free((void *)(uintptr_t)job[i]->claims.p);
		job[i]->result = -1;
		job[i]->claims = (struct slice){ NULL, 0 };
	}
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	results_drop(&j, 1);
	msg_free(j->from);
	free(j);
}

/* The claims of one job, in out. */
enum rc
job_work(struct job *j, struct work *w, struct buf *out, volatile uint32_t *at,
    struct err *err)
{
	struct work_order o = { .kind = (enum order_kind)j->o->kind,
		.partner = j->o->partner,
		.name = j->o->name,
		.format = j->o->format,
		.mapping = j->o->mapping,
		.ids = j->o->ids,
		.number = j->o->number,
		.test = j->o->test == 1,
		.nids = j->o->nids,
		.now = j->o->now };
	enum rc rc = msg_bytes(j->from, INPUT_MAX, &o.input, err);

	return rc == RC_OK ? work_run(w, &o, out, at, err) : rc;
}

static enum rc
claims_keep(struct job *j, struct slice s)
{
	char *p = malloc(s.len + 1);

	if (p == NULL)
		return RC_LATER;
	memcpy(p, s.p, s.len);
	j->claims = (struct slice){ p, s.len };
	return RC_OK;
}

void
job_run_here(struct job *j, struct work *w)
{
	volatile uint32_t at = 0;
	struct buf out;
	struct err err = { "" };

	buf_init(&out, WORK_CLAIMS_MAX);
	j->rc = job_work(j, w, &out, &at, &err);
	if (j->rc == RC_OK && out.len <= WIRE_INLINE) {
		j->rc = claims_keep(j, buf_look(&out));
	} else if (j->rc == RC_OK) {
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
jobs_bytes(struct job *const *job, unsigned int n)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < n; i++)
		if (job[i]->size > most)
			most = job[i]->size;
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
	uint64_t most = jobs_bytes(job, n);

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
		      20 * 1000 * (int64_t)cpu_seconds(jobs_bytes(job, n), n);
	c->busy_at = mono_ms;
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
	for (unsigned int i = 0; i < CHILD_JOBS; i++)
		c->large[i] = -1;
	return RC_OK;
}

void
child_clear(struct child *c)
{
	child_dismiss(c);
	if (c->pidfd >= 0)
		(void)close(c->pidfd);
	for (unsigned int i = 0; i < CHILD_JOBS; i++)
		if (c->large[i] >= 0)
			(void)close(c->large[i]);
	(void)munmap(c->page, sizeof(*c->page));
	c->pid = 0;
	c->page = NULL;
}

enum rc
child_start(struct child *c, struct job *const *job, unsigned int n,
    struct work *w, uint64_t base, int64_t mono_ms, struct err *err)
{
	int pair[2];
	enum rc rc = child_prepare(c, pair, err);

	if (rc != RC_OK)
		return rc;
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
		return RC_LATER;
	}
	(void)snprintf(c->partner, sizeof(c->partner), "%.*s",
	    SLICE_ARG(job[0]->o->partner));
	c->bytes = child_bytes(job, n);
	c->first = n;
	jobs_note(c, job, n, mono_ms);
	return RC_OK;
}

bool
child_over(const struct child *c)
{
	return c->spent || c->given + CHILD_JOBS > CHILD_LIFE;
}

bool
child_may(const struct child *c, const struct job *j)
{
	return c->pid > 0 && c->link >= 0 && c->n == 0 && !child_over(c) &&
	       j->size <= c->bytes && slice_is(j->o->partner, c->partner);
}

bool
link_send(int link, unsigned char byte, int fd, int flags)
{
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fd))];
	} control;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		mh.msg_control = &control;
		mh.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(link, &mh, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

bool
link_receive(int link, unsigned char *byte, int *fd, int flags)
{
	struct iovec iov = { .iov_base = byte, .iov_len = 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(*fd))];
	} control;
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(link, &mh, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&mh) : NULL;
	if (c != NULL && c->cmsg_len == CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	if (n == 0)
		errno = EPIPE;
	return n == 1;
}

/*
 * By the page, however many bytes they are: a link has room for a few only, and
 * one that is full would be taken for a child that hangs.
 */
bool
child_give(
    struct child *c, struct job *const *job, unsigned int n, int64_t mono_ms)
{
	bool fine = true;

	for (unsigned int i = 0; i < n && fine; i++) {
		unsigned int place = (c->given + i) % CHILD_JOBS;
		const struct msg *m = job[i]->from;

		c->page->order[place].len = (uint32_t)m->len;
		c->page->order[place].beside = m->fd >= 0;
		memcpy(c->page->order[place].raw, m->raw, m->len);
		if (m->fd >= 0)
			fine =
			    link_send(c->link, HANDED_FD, m->fd, MSG_DONTWAIT);
	}
	if (fine && link_send(c->link, (unsigned char)n, -1, MSG_DONTWAIT)) {
		jobs_note(c, job, n, mono_ms);
		return true;
	}
	child_kill(c);
	return false;
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

/*
 * The claims that it left on its page, or sent before: copied, or in a memfd
 * that the spool takes only when it is sealed.
 */
static bool
claims_take(struct child *c, struct job *j, unsigned int place)
{
	uint32_t len = c->page->job[place].len;

	if (len == CLAIMS_LARGE) {
		j->result = c->large[place];
		c->large[place] = -1;
		return j->result >= 0;
	}
	return len <= WIRE_INLINE &&
	       claims_keep(j, (struct slice){ c->page->claims[place], len }) ==
		   RC_OK;
}

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
	if (j->rc == RC_OK && !claims_take(c, j, place)) {
		j->state = JOB_DIED;
		(void)snprintf(
		    j->why, sizeof(j->why), "its claims did not come");
	}
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
	unsigned char byte;
	int fd;

	if (c->link < 0)
		return true;
	if (!link_receive(c->link, &byte, &fd, MSG_DONTWAIT))
		return errno == EAGAIN;
	if (fd >= 0 && byte < CHILD_JOBS) {
		if (c->large[byte] >= 0)
			(void)close(c->large[byte]);
		c->large[byte] = fd;
		fd = -1;
	}
	if (fd >= 0)
		(void)close(fd);
	if (byte == DONE_ALL)
		done_close(c);
	return true;
}

/* What it sent before it ended; it may have said more than is to be heard. */
static void
rest_hear(struct child *c)
{
	for (unsigned int i = 0; i <= CHILD_JOBS; i++)
		if (!child_hear(c))
			return;
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
	rest_hear(c);
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
