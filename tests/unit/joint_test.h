/*
 * tests/unit/joint_test.h - filings of several legs put into a box's spool, and
 * what agencies answer to them. For the tests of spool/joint.h.
 */
#ifndef TESTS_UNIT_JOINT_TEST_H
#define TESTS_UNIT_JOINT_TEST_H

#include "tests/unit/spool_test.h"

struct a_leg {
	const char *name, *agency, *body, *wants;
	const char *format, *file; /* NULL: cn-dec, its name */
	const char *lane;          /* NULL: its filing's key */
	bool waits, tells;
	uint8_t content;
};

struct a_part { /* one filing of a file */
	const char *key, *amends;
	const struct a_leg *leg;
	unsigned int n;
	const char *kind; /* NULL: declaration */
};

/* The next order of this kind; packages and replies before it are made. */
void joint_order(struct box *, enum order_kind);
/* A file of one filing with these legs; what applying it came to. */
enum rc joint_file(struct box *, const char *partner, const char *name,
    const char *key, const char *amends, const struct a_leg *, unsigned int n,
    struct err *);
/* The same with several filings. */
enum rc joint_parts(struct box *, const char *partner, const char *name,
    const struct a_part *, unsigned int n, struct err *);
/* A decision of this agency; keys that are NULL are not told. */
void joint_answer(struct box *, const char *agency, const char *key,
    const char *platform, const char *outcome, int rank);

#endif
