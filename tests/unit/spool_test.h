/*
 * tests/unit/spool_test.h - a spool in a temporary folder with a fake clock,
 * three partners, and short ways to put things in and get things out.
 */
#ifndef TESTS_UNIT_SPOOL_TEST_H
#define TESTS_UNIT_SPOOL_TEST_H

#include "tests/unit/test.h"
#include <stdlib.h>
#include <sys/resource.h>
#include "spool/inner.h"
#include "src/base/arena.h"

#define WALL0 INT64_C(1795000000000)

struct box {
	char *dir;
	struct clock clock;
	struct conf conf;
	struct conf_partner partner[5];
	struct spool *s;
	struct batch *b;
	struct arena *mem;
	uint64_t order; /* the last one handed out */
	struct order o;
};

/* acme files (all replies), customs and port are agencies, fwd passes on. */
void box_new(struct box *);
/* In a folder that is there already, with what is in it. */
void box_at(struct box *, char *dir);
void box_shut(struct box *); /* closed, the folder stays */
void box_free(struct box *);
/* Close it and open it again, as after a stop; time goes on by ms. */
void box_again(struct box *, int64_t ms);
void box_commit(struct box *);
/* One arrival taken and accepted, committed. */
uint64_t box_arrive(
    struct box *, const char *partner, const char *name, const char *bytes);
/* The next order; fails the test if there is none. */
struct order *box_order(struct box *);
bool box_no_order(struct box *);
/* Apply claims to the order handed out last; returns the step's outcome. */
enum rc box_done(struct box *, struct buf *claims, struct err *);
/* Read the next delivery, stage and publish it; its text, to free(). */
bool box_deliver(struct box *, struct delivery_out *);
void box_publish(struct box *, uint64_t delivery);
/*
 * A file of these bytes stands among customs' refused ones: what deliver and
 * the role spool make of it, with their questions. unread: it cannot be read.
 */
enum refused_is box_refuse(
    struct box *, const char *name, const char *bytes, uint64_t mark);
enum refused_is box_refuse_unread(
    struct box *, const char *name, const char *bytes, uint64_t mark);
/* One number from the journal. */
int64_t box_sql(struct box *, const char *sql);
/* One text, valid until the next call. */
const char *box_text(struct box *, const char *sql);

/* The disk is full at the very end of a commit: so many times, from then on. */
struct full {
	unsigned int after, times, tried;
};
void commits_full(struct spool *, struct full *);

/* 0: none can be opened any more. What the limit was. */
struct rlimit descriptors_leave(rlim_t n);

struct a_filing {
	const char *key, *content, *version;
	bool refused, test, no_leg;
	bool together; /* it has other legs besides */
	const char *lane, *file_name;
	uint32_t segments; /* EDIFACT: of the leg */
};
void claims_arrival(struct buf *, uint32_t filings, uint32_t receipts);
/* A filing with one leg to customs, its key written as "filer". */
void claims_filing(
    struct box *, struct buf *, uint32_t number, const struct a_filing *);

struct a_receipt {
	const char *filer, *platform, *customs; /* keys, NULL: not there */
	const char *status, *level, *outcome, *text;
	int rank;
	bool final, unreadable;
	int64_t event_ms;
};
void claims_receipt(struct buf *, uint32_t number, const struct a_receipt *);
/* Take a file from customs with one receipt in it and apply it. */
enum rc box_receipt(
    struct box *, const char *partner, const struct a_receipt *);
/* A filer's file with one filing, read and applied. */
uint64_t box_file(struct box *, const char *name, const struct a_filing *);
/* The same with KEY.edi, key, content and the leg's file name all alike. */
uint64_t box_key(struct box *, const char *key);
/* Time goes on, and what is due by then is done. */
void box_due(struct box *, int64_t ms);

#endif
