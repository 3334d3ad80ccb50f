/*
 * daemon/convert_child_in.h - what the two sides of a convert child share; for
 * convert_child*.c alone.
 */
#ifndef DAEMON_CONVERT_CHILD_IN_H
#define DAEMON_CONVERT_CHILD_IN_H

#include "src/daemon/convert_child.h"

#define INPUT_MAX ((size_t)1 << 30) /* DESIGN 8: the largest arrival */

/* Orders are numbered from 0 in the child's life; theirs is a place in turn. */
struct child_page {
	volatile uint32_t at;   /* the filing being read, from 1 */
	volatile uint32_t done; /* orders finished */
	struct {
		uint32_t rc;
		uint32_t at; /* where page->at stood when it gave up */
		char why[CHILD_WHY];
	} job[CHILD_JOBS];
};

/* A further order on its way to a child that lives; its two files beside it. */
struct handed {
	enum order_kind kind;
	uint32_t nids;
	bool test;
	uint64_t ids, number;
	int64_t now;
	bool last; /* of those that were handed out together */
	char partner[JOB_TEXT + 1], name[JOB_TEXT + 1], format[JOB_TEXT + 1];
	char mapping[BUNDLE_TEXT];
};

/* convert_child.c: the claims of one order, in out */
enum rc job_work(struct job *, struct work *, struct buf *out,
    volatile uint32_t *at, struct err *);
uint64_t input_bytes(struct job *const *, unsigned int n); /* the most */
uint64_t cpu_seconds(uint64_t bytes, unsigned int n);

/* convert_child_work.c: the child's side of child_start() */
void child_main(struct child_page *, int link, struct job *const *,
    unsigned int n, struct work *, uint64_t base_bytes)
    __attribute__((noreturn));

#endif
