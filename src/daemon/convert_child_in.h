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
	/* what the parent handed out; it never looks at it again */
	struct {
		uint32_t len;
		bool beside; /* its descriptor came by the link */
		char raw[WIRE_MAX];
	} order[CHILD_JOBS];
};

/*
 * On the link, one byte each. In: HANDED_FD for each order with a descriptor,
 * in their order, then how many orders lie on the page. Out: the place of an
 * order whose claims are large, with their memfd, and DONE_ALL when all that
 * was handed out is done.
 */
#define HANDED_FD 0
#define DONE_ALL  CHILD_JOBS

/* A byte with at most one descriptor; false: nothing came, errno says why. */
bool link_receive(int link, unsigned char *byte, int *fd, int flags);
bool link_send(int link, unsigned char byte, int fd, int flags);

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
