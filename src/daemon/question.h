/*
 * daemon/question.h - how the tools ask and are answered: lines of text.
 *
 * A question is one line: a word, then NAME=VALUE with blanks between, bytes
 * that would end a word as %XX. An answer is rows, one JSON object a line,
 * then its end. The same on the control socket and inside one process, so a
 * tool prints one thing, whether the daemon runs or not.
 *
 *	queue state=held partner=acme after=0A3F9Q2-7MBXPTC
 *	{"what":"arrival","id":"0A3F9Q3-0000000", ...}
 *	.ok after=0A3F9Q3-0000000
 *
 * "#N" is followed by N bytes as they are (a body). The end is the outcome's
 * word and, unless it is ok, a sentence; "after" says where the next page
 * begins.
 */
#ifndef DAEMON_QUESTION_H
#define DAEMON_QUESTION_H

#include <stdbool.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"

#define QUESTION_MAX  4096 /* bytes of the line */
#define QUESTION_ARGS 8
#define ANSWER_MAX    (16u << 20) /* bytes of one page */
#define ANSWER_ROW    (4u << 20)  /* of one row, or of one "#N" */

struct question {
	struct slice word;
	struct {
		struct slice name, value;
	} arg[QUESTION_ARGS];
	unsigned int n;
};

/* question_begin(b, "show"); question_arg(b, "id", ...); question_end(b); */
void question_begin(struct buf *, const char *word);
void question_arg(struct buf *, const char *name, struct slice value);
void question_end(struct buf *);
/* RC_REFUSED: not a question. Values live in the arena. */
enum rc question_read(struct question *, struct slice line, struct arena *,
    struct err *) MUST_USE;
/* Empty: not given. */
struct slice question_value(const struct question *, const char *name);

/* The end of an answer; after: empty when there is no further page. */
void answer_end(struct buf *, enum rc, struct slice after, const struct err *);
void answer_bytes(struct buf *, struct slice);

enum piece_kind {
	PIECE_ROW,
	PIECE_BYTES,
	PIECE_END,
	PIECE_PART, /* more must come before it can be told */
	PIECE_NONE, /* this is no answer */
};

struct piece {
	enum piece_kind kind;
	struct slice text; /* row; bytes; the end's `after` */
	enum rc rc;        /* END */
	struct err err;
};

/* The next piece of *rest, which is taken off unless PART or NONE. */
void piece_next(struct slice *rest, struct piece *);

#endif
