/*
 * daemon/convert_child.c - one fork for some orders of one partner. The child
 * is not trusted from its first byte of input on: all that counts of it is
 * its exit, its memfds (sealed after its death) and a page of words about
 * itself. Called by role_convert.c.
 */
#include "src/daemon/convert_child.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/base/fsx.h"

#define INPUT_MAX    ((size_t)1 << 30) /* DESIGN 8: the largest arrival */
#define MEMORY_BYTES ((uint64_t)64 << 20)
#define MEMORY_TIMES 12 /* of the input: decoded, claims, their growth */
#define CPU_S        2u /* and 0.2 s for each MiB */
#define WALL_MS      60000
#define HEAP_PIECE   (1 << 20)
#define HEAP_KEEP    (64 << 20)
#define SEALS        (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

struct child_page {
	volatile uint32_t at;   /* the filing being read, from 1 */
	volatile uint32_t done; /* jobs finished */
	struct {
		uint32_t rc;
		uint32_t at; /* where page->at stood when it gave up */
		char why[CHILD_WHY];
	} job[CHILD_JOBS];
};

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
static enum rc
job_work(struct job *j, struct work *w, struct buf *out, volatile uint32_t *at,
    struct err *err)
{
	struct work_order o = { .kind = j->kind,
		.partner = slice_of(j->partner),
		.name = slice_of(j->name),
		.format = slice_of(j->format),
		.ids = j->ids,
		.number = j->number,
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

/* --- in the child --- */

static uint64_t
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

static void
limit_set(__rlimit_resource_t what, uint64_t n)
{
	struct rlimit r = { .rlim_cur = n, .rlim_max = n };

	if (setrlimit(what, &r) != 0)
		_exit(3);
}

static uint64_t
cpu_seconds(uint64_t bytes, unsigned int n)
{
	return CPU_S * n + (bytes >> 20) * n / 5 + 1;
}

static void
child_limit(struct job *const *job, unsigned int n, uint64_t base)
{
	uint64_t bytes = input_bytes(job, n);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	limit_set(RLIMIT_CORE, 0);
	limit_set(RLIMIT_CPU, cpu_seconds(bytes, n));
#ifndef ENTREPOT_SANITIZED /* its shadow alone is terabytes of addresses */
	limit_set(RLIMIT_AS, base + MEMORY_BYTES + MEMORY_TIMES * bytes);
#else
	(void)base;
#endif
}

static int
fd_order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Nothing of the parent's stays open but what the jobs need. */
static void
fds_close(struct job *const *job, unsigned int n)
{
	int keep[2 * CHILD_JOBS + 1];
	unsigned int k = 0, from = 3;

	for (unsigned int i = 0; i < n; i++) {
		keep[k++] = job[i]->input;
		keep[k++] = job[i]->result;
	}
	qsort(keep, k, sizeof(keep[0]), fd_order);
	for (unsigned int i = 0; i < k; i++) {
		if ((unsigned int)keep[i] > from)
			(void)close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}

static void __attribute__((noreturn)) child_main(struct child_page *page,
    struct job *const *job, unsigned int n, struct work *w, uint64_t base)
{
	struct buf out;
	struct err err;

	fds_close(job, n);
	child_limit(job, n, base);
	/*
	 * What is freed stays for the next entry of a package: each needs a
	 * quarter of a MiB to be packed or unpacked, and fresh pages cost more
	 * than the packing. The process is gone in a moment anyway.
	 */
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_PIECE);
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP);
	(void)mallopt(M_TOP_PAD, HEAP_PIECE);
	/* Archives ask for the time zone's file at each of their entries. */
	(void)setenv("TZ", "UTC0", 1);
	buf_init(&out, WORK_CLAIMS_MAX);
	for (unsigned int i = 0; i < n; i++) {
		enum rc rc;

		err.text[0] = '\0';
		buf_reset(&out);
		rc = job_work(job[i], w, &out, &page->at, &err);
		if (rc == RC_OK)
			rc = fsx_write(job[i]->result, out.p, out.len, &err);
		page->job[i].rc = (uint32_t)rc;
		page->job[i].at = page->at;
		(void)snprintf(page->job[i].why, CHILD_WHY, "%.*s",
		    CHILD_WHY - 1, err.text);
		page->at = 0;
		page->done = i + 1;
	}
	_exit(0);
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

enum rc
child_start(struct child *c, struct job *const *job, unsigned int n,
    struct work *w, uint64_t base, int64_t mono_ms, struct err *err)
{
	enum rc rc = results_make(job, n, err);
	void *page;

	if (rc != RC_OK)
		return RC_LATER;
	page = mmap(NULL, sizeof(struct child_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED) {
		results_drop(job, n);
		return err_errno(err, RC_LATER, "page of a child");
	}
	*c = (struct child){ .n = n, .page = page };
	c->pid = fork();
	if (c->pid == 0)
		child_main(page, job, n, w, base);
	c->pidfd = c->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		(void)err_errno(err, RC_LATER, "a child to convert");
		if (c->pid > 0) {
			child_kill(c);
			(void)waitpid(c->pid, NULL, 0);
		}
		(void)munmap(page, sizeof(struct child_page));
		results_drop(job, n);
		return RC_LATER;
	}
	c->deadline = mono_ms + WALL_MS +
		      20 * 1000 * (int64_t)cpu_seconds(input_bytes(job, n), n);
	for (unsigned int i = 0; i < n; i++) {
		c->job[i] = job[i];
		job[i]->state = JOB_RUNS;
	}
	return RC_OK;
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

/* Sealed only now: nobody lives who could still map it for writing. */
static void
job_close(struct job *j, const struct child_page *page, unsigned int i)
{
	uint32_t rc = page->job[i].rc;

	memcpy(j->why, page->job[i].why, CHILD_WHY);
	j->why[CHILD_WHY - 1] = '\0';
	j->rc = rc > RC_BROKEN ? RC_BROKEN : (enum rc)rc;
	j->state = JOB_DONE;
	if (j->rc == RC_LATER)
		job_gave_up(j, page->job[i].at);
	if (j->rc == RC_OK && fcntl(j->result, F_ADD_SEALS, SEALS) != 0) {
		j->state = JOB_DIED;
		(void)snprintf(j->why, sizeof(j->why),
		    "its claims cannot be sealed: %s", strerror(errno));
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

void
child_reap(struct child *c)
{
	int status = 0;
	uint32_t done = c->page->done, at = c->page->at;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	done = done > c->n ? c->n : done;
	for (unsigned int i = 0; i < c->n; i++) {
		struct job *j = c->job[i];

		if (i < done)
			job_close(j, c->page, i);
		else if (i == done)
			job_died(j, status, at);
		else
			j->state = JOB_WAITS;
		if (j->state != JOB_DONE || j->rc != RC_OK)
			results_drop(&c->job[i], 1);
	}
	(void)close(c->pidfd);
	(void)munmap(c->page, sizeof(*c->page));
	c->pid = 0;
	c->page = NULL;
}
