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
	most = base + sizeof(struct child_page) + MEMORY_BYTES +
	       MEMORY_TIMES * bytes;
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
job_limit(uint64_t bytes, uint64_t life, uint64_t *set)
{
	struct timespec used = { 0 };
	uint64_t soft;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	soft = (uint64_t)used.tv_sec + cpu_seconds(bytes, 1);
	if (soft !=
	    *set) /* in whole seconds: most orders have the last one's */
		limit_set(RLIMIT_CPU, soft, cpu_seconds(life, CHILD_LIFE));
	*set = soft;
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
	int keep[CHILD_JOBS + 1];
	unsigned int k = 0, from = 3;

	keep[k++] = link;
	for (unsigned int i = 0; i < n; i++)
		if (job[i]->from->fd >= 0)
			keep[k++] = job[i]->from->fd;
	qsort(keep, k, sizeof(keep[0]), fd_order);
	for (unsigned int i = 0; i < k; i++) {
		range_close(from, (unsigned int)keep[i]);
		from = (unsigned int)keep[i] + 1;
	}
	range_close(from, UINT_MAX);
}

struct at_work {
	struct child_page *page;
	int link;
	struct work *w;
	struct buf out;
	uint32_t done;
	uint64_t bytes;   /* the largest input that the limits are for */
	uint64_t cpu_set; /* the limit of processor time, in s; 0: none yet */
};

/* Few go to the page; more than that are worth a memfd. */
static enum rc
claims_give(struct at_work *c, unsigned int place, struct err *err)
{
	enum rc rc = RC_OK;
	int fd;

	if (c->out.len <= WIRE_INLINE) {
		memcpy(c->page->claims[place], c->out.p, c->out.len);
		c->page->job[place].len = (uint32_t)c->out.len;
		return RC_OK;
	}
	c->page->job[place].len = CLAIMS_LARGE;
	fd = fsx_memfd("claims", buf_look(&c->out), err);
	if (fd < 0)
		return RC_LATER;
	if (!link_send(c->link, (unsigned char)place, fd, 0))
		rc = err_errno(err, RC_LATER, "claims");
	(void)close(fd);
	return rc;
}

static void
job_do(struct at_work *c, struct job *j)
{
	unsigned int place = c->done % CHILD_JOBS;
	struct err err = { "" };
	enum rc rc;

	job_limit(j->size, c->bytes, &c->cpu_set);
	buf_reset(&c->out);
	rc = job_work(j, c->w, &c->out, &c->page->at, &err);
	if (rc == RC_OK)
		rc = claims_give(c, place, &err);
	c->page->job[place].rc = (uint32_t)rc;
	c->page->job[place].at = c->page->at;
	(void)snprintf(c->page->job[place].why, CHILD_WHY, "%.*s",
	    CHILD_WHY - 1, err.text);
	c->page->at = 0;
	c->page->done = ++c->done;
	job_free(j); /* its bytes are not held while the next ones are read */
}

/*
 * How many more orders lie on the page, and the descriptors beside them in
 * turn; 0: the parent wants no more.
 */
static unsigned int
orders_receive(int link, int fds[CHILD_JOBS])
{
	unsigned char byte;
	unsigned int n = 0;
	int fd;

	while (link_receive(link, &byte, &fd, 0)) {
		if (byte != HANDED_FD)
			return byte <= CHILD_JOBS ? byte : 0;
		if (n == CHILD_JOBS)
			break;
		fds[n++] = fd;
	}
	return 0;
}

static struct job *
order_take(struct at_work *c, const int **fds)
{
	unsigned int place = c->done % CHILD_JOBS;
	struct slice raw = { c->page->order[place].raw,
		c->page->order[place].len };
	struct job *j = NULL;
	struct msg *m;
	struct err err;
	int fd = c->page->order[place].beside ? *(*fds)++ : -1;

	if (raw.len > WIRE_MAX ||
	    msg_decode(&m, ROLE_SPOOL, ROLE_CONVERT, raw, fd, &err) != RC_OK)
		return NULL;
	if (m->type == MSG_ORDER)
		j = job_new(m);
	msg_free(m);
	return j;
}

/* All that was handed out is done: the parent looks at the page. */
static bool
done_tell(int link)
{
	return link_send(link, DONE_ALL, -1, 0);
}

/* False: no more, or it cannot be read, which is a death like others. */
static bool
orders_do(struct at_work *c)
{
	int fds[CHILD_JOBS];
	const int *next = fds;
	unsigned int n = orders_receive(c->link, fds);

	for (unsigned int i = 0; i < n; i++) {
		struct job *j = order_take(c, &next);

		if (j == NULL)
			return false;
		job_do(c, j);
	}
	return n > 0 && done_tell(c->link);
}

void
child_main(struct child_page *page, int link, struct job *const *job,
    unsigned int n, struct work *w, uint64_t base)
{
	struct at_work c = { .page = page, .link = link, .w = w };

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
	if (done_tell(link))
		while (orders_do(&c))
			;
	_exit(0);
}
