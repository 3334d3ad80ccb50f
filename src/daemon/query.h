/*
 * daemon/query.h - questions about the spool and their answers, for the role
 * query and for a tool on a stopped spool alike.
 *
 * The table of questions, with who may ask them, is query.def. Each is narrow
 * and answered in one go: no statement stays open between two pages.
 */
#ifndef DAEMON_QUERY_H
#define DAEMON_QUERY_H

#include "spool/verify.h"
#include "spool/view.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/conf/conf.h"
#include "src/daemon/question.h"
#include "src/wire/msg.h"
#include "src/wire/wire.h"

#define QUERY_TEXT 128

struct query_role { /* as the supervisor told it last */
	bool known;
	uint32_t pid, restarts;
	uint64_t generation;
	char state[QUERY_TEXT], sandbox[QUERY_TEXT];
};

struct query {
	const struct conf *conf;
	struct clock *clock;
	struct view *view;  /* opened with the first question */
	bool daemon;        /* it runs; else a tool asks by itself */
	int64_t started_ms; /* wall */
	struct query_role role[ROLES];
	struct arena *asked; /* holds what QUERY_OPERATE brings */
	struct msg_OPERATE operate;
};

/* What is to be done with a question that was looked at. */
enum query_next {
	QUERY_ANSWERED, /* the whole answer is in out */
	QUERY_RELOAD,   /* to be brought to the supervisor; out as it was */
	QUERY_OPERATE   /* query->operate, to the spool; the same */
};

void query_init(
    struct query *, const struct conf *, struct clock *, bool daemon);
void query_clear(struct query *);
/*
 * The whole answer into out, its end included; or, when the right is there,
 * what only another role can do. The caller adds who asks.
 */
enum query_next query_answer(
    struct query *, unsigned int rights, struct slice line, struct buf *out);
/* What the spool said to query->operate, with the answer's end. */
void query_operated(
    const struct msg_OPERATED *, struct slice verb, struct buf *out);

/* --- query_rows.c: what view.h tells, as rows --- */

struct query_page {
	struct query *q;
	const struct question *asked;
	struct arena *mem;
	struct buf *out;
	char after[96]; /* where the next page begins, or empty */
	enum rc (*fn)(struct query_page *, struct err *);
};

typedef enum rc query_fn(struct query_page *, struct err *);

#define QUESTION(word, right, fn, what) query_fn fn;
#include "src/daemon/query.def"
#undef QUESTION

void row_thing(struct buf *, const struct view_thing *);
void row_item(struct buf *, const struct view_row *, int64_t now_ms);
void row_matching(
    struct buf *, enum machine, unsigned int n, unsigned int legs);
void row_operated(struct buf *, struct slice verb, const struct msg_OPERATED *);
/* query_why.c */
enum rc query_hindered(
    struct query_page *, struct view_thing *, struct err *) MUST_USE;

void row_event(struct buf *, const struct view_event *);
void row_fault(struct buf *, const char *what, uint64_t id, const char *why);
void row_checked(
    struct buf *, enum verify_phase, uint64_t n, const struct verify_place *);
void row_pause(struct buf *, const struct view_pause *);
void row_count(struct buf *, const struct view_count *, int64_t now_ms);

#endif
