/*
 * daemon/convert_child_in.h - what the two sides of a convert child share; for
 * convert_child*.c alone.
 */
#ifndef DAEMON_CONVERT_CHILD_IN_H
#define DAEMON_CONVERT_CHILD_IN_H

#include "src/daemon/convert_child.h"

#define INPUT_MAX ((size_t)1 << 30) /* DESIGN 8: the largest arrival */

#define CLAIMS_LARGE UINT32_MAX /* they come in a memfd */

/* Orders are numbered from 0 in the child's life; theirs is a place in turn. */
struct child_page {
	volatile uint32_t at;   /* the filing being read, from 1 */
	volatile uint32_t done; /* orders finished */
	struct {
		uint32_t rc;
		uint32_t at;  /* where page->at stood when it gave up */
		uint32_t len; /* of its claims, or CLAIMS_LARGE */
		char why[CHILD_WHY];
	} job[CHILD_JOBS];
	char claims[CHILD_JOBS][WIRE_INLINE];
};

/*
 * On the link: a further order as it came, behind a byte; back comes a byte
 * when all that was handed out is done, and before it the place of an order
 * whose claims are large, with their memfd.
 */
enum { HANDED_MORE, HANDED_LAST };
#define DONE_ALL CHILD_JOBS

/* One message with at most one descriptor; as recvmsg(). */
ssize_t link_receive(int link, void *p, size_t n, int *fd, int flags);
bool link_send(int link, unsigned char first, struct slice, int fd, int flags);

/* convert_child.c: the claims of one order, in out */
enum rc job_work(struct job *, struct work *, struct buf *out,
    volatile uint32_t *at, struct err *);
uint64_t jobs_bytes(struct job *const *, unsigned int n); /* the most */
uint64_t cpu_seconds(uint64_t bytes, unsigned int n);

/* convert_child_work.c: the child's side of child_start() */
void child_main(struct child_page *, int link, struct job *const *,
    unsigned int n, struct work *, uint64_t base_bytes)
    __attribute__((noreturn));

#endif
