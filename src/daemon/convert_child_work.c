/*
 * daemon/convert_child_work.c - the child's side: behind the limits, one order
 * after the other of one partner, until its parent wants no more. Nothing that
 * it says is trusted. Forked by convert_child.c.
 */
#include "src/daemon/convert_child_in.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "src/base/fsx.h"

#define MEMORY_BYTES ((uint64_t)64 << 20)
#define MEMORY_TIMES 12 /* of the input: decoded, claims, their growth */
#define HEAP_PIECE   (1 << 20)
#define HEAP_KEEP    (64 << 20)

static void
limit_set(__rlimit_resource_t what, uint64_t soft, uint64_t hard)
{
	struct rlimit r = { .rlim_cur = soft, .rlim_max = hard };

	if (setrlimit(what, &r) != 0)
		_exit(3);
}

static void
child_limit(struct job *const *job, unsigned int n, uint64_t base)
{
	uint64_t bytes = child_bytes(job, n), most;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_DUMPABLE, 0);
	limit_set(RLIMIT_CORE, 0, 0);
#ifndef ENTREPOT_SANITIZED /* its shadow alone is terabytes of addresses */
	most = base + MEMORY_BYTES + MEMORY_TIMES * bytes;
	limit_set(RLIMIT_AS, most, most);
#else
	(void)base;
	(void)most;
	(void)bytes;
#endif
}

/*
 * Each order has its own time. The limit is the soft one, since a process
 * cannot raise the other again: who breaks out of his parser may raise it up
 * to what all orders of a child's life may take, and is killed by the clock on
 * the wall before.
 */
static void
job_limit(uint64_t bytes, uint64_t life)
{
	struct timespec used = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	limit_set(RLIMIT_CPU, (uint64_t)used.tv_sec + cpu_seconds(bytes, 1),
	    cpu_seconds(life, CHILD_LIFE));
}

static int
fd_order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A child that keeps what is not its own would speak for the whole role. */
static void
range_close(unsigned int from, unsigned int upto)
{
	if (from < upto && close_range(from, upto - 1, 0) != 0)
		_exit(3);
}

/* Nothing of the parent's stays open but the link and what the jobs need. */
static void
fds_close(int link, struct job *const *job, unsigned int n)
{
	int keep[2 * CHILD_JOBS + 1];
	unsigned int k = 0, from = 3;

	keep[k++] = link;
	for (unsigned int i = 0; i < n; i++) {
		keep[k++] = job[i]->input;
		keep[k++] = job[i]->result;
	}
	qsort(keep, k, sizeof(keep[0]), fd_order);
	for (unsigned int i = 0; i < k; i++) {
		range_close(from, (unsigned int)keep[i]);
		from = (unsigned int)keep[i] + 1;
	}
	range_close(from, UINT_MAX);
}

struct at_work {
	struct child_page *page;
	struct work *w;
	struct buf out;
	uint32_t done;
	uint64_t bytes; /* the largest input that the limits are for */
};

static void
job_do(struct at_work *c, struct job *j)
{
	unsigned int place = c->done % CHILD_JOBS;
	struct err err = { "" };
	enum rc rc;

	job_limit(input_bytes(&j, 1), c->bytes);
	buf_reset(&c->out);
	rc = job_work(j, c->w, &c->out, &c->page->at, &err);
	if (rc == RC_OK)
		rc = fsx_write(j->result, c->out.p, c->out.len, &err);
	c->page->job[place].rc = (uint32_t)rc;
	c->page->job[place].at = c->page->at;
	(void)snprintf(c->page->job[place].why, CHILD_WHY, "%.*s",
	    CHILD_WHY - 1, err.text);
	c->page->at = 0;
	c->page->done = ++c->done;
}

/* The next order and its two files; false: the parent wants no more. */
static bool
job_receive(int link, struct handed *h, struct job *j)
{
	struct iovec iov = { .iov_base = h, .iov_len = sizeof(*h) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	int fd[2];
	ssize_t n;

	do
		n = recvmsg(link, &mh, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n == (ssize_t)sizeof(*h) ? CMSG_FIRSTHDR(&mh) : NULL;
	if (c == NULL || c->cmsg_len != CMSG_LEN(sizeof(fd)))
		return false;
	memcpy(fd, CMSG_DATA(c), sizeof(fd));
	*j = (struct job){ .kind = h->kind,
		.nids = h->nids,
		.ids = h->ids,
		.number = h->number,
		.test = h->test,
		.now = h->now,
		.input = fd[0],
		.result = fd[1] };
	memcpy(j->partner, h->partner, sizeof(j->partner));
	memcpy(j->name, h->name, sizeof(j->name));
	memcpy(j->format, h->format, sizeof(j->format));
	memcpy(j->mapping, h->mapping, sizeof(j->mapping));
	return true;
}

/* All that was handed out is done: the parent looks at the page. */
static bool
done_tell(int link)
{
	return write(link, "", 1) == 1;
}

void
child_main(struct child_page *page, int link, struct job *const *job,
    unsigned int n, struct work *w, uint64_t base)
{
	static struct handed h;
	static struct job next;
	struct at_work c = { .page = page, .w = w };
	bool go;

	fds_close(link, job, n);
	child_limit(job, n, base);
	c.bytes = child_bytes(job, n);
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
	buf_init(&c.out, WORK_CLAIMS_MAX);
	for (unsigned int i = 0; i < n; i++)
		job_do(&c, job[i]);
	go = done_tell(link);
	while (go && job_receive(link, &h, &next)) {
		job_do(&c, &next);
		(void)close(next.input);
		(void)close(next.result);
		go = !h.last || done_tell(link);
	}
	_exit(0);
}
