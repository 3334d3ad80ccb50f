/*
 * tests/fuzz/fuzz_control.c - any line as a question to a spool with a filing
 * in it: the answer is whole, ends in an outcome, and no line written by us
 * holds a byte that a terminal would obey.
 */
#include <string.h>
#include "src/daemon/query.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/spool_test.h"

static struct box box;
static struct query query;
static struct buf out;

static void
box_gone(void)
{
	query_clear(&query);
	box_free(&box);
	buf_clear(&out);
}

static void
spool_make(void)
{
	struct a_filing f = { .key = "K1", .content = "one", .lane = "K1" };

	box_new(&box);
	(void)box_file(&box, "dec.edi", &f);
	query_init(&query, &box.conf, &box.clock, true);
	buf_init(&out, ANSWER_MAX + ANSWER_ROW);
	MUST(atexit(box_gone) == 0);
}

static void
answer_look(struct slice rest)
{
	struct piece piece;
	unsigned int ends = 0;

	while (rest.len > 0) {
		MUST(ends == 0);
		piece_next(&rest, &piece);
		MUST(piece.kind != PIECE_PART && piece.kind != PIECE_NONE);
		ends += piece.kind == PIECE_END;
		for (size_t i = 0;
		     piece.kind == PIECE_ROW && i < piece.text.len; i++)
			MUST((unsigned char)piece.text.p[i] >= 0x20);
	}
	MUST(ends == 1);
}

enum { REACHED_ASKED, REACHED_ANSWERED, REACHED_PASSED_ON, REACHED };
const unsigned int fuzz_kinds = REACHED;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice line = { (const char *)p, n };
	struct fuzz *f = fuzz_start();
	struct question q;
	struct piece piece;

	if (out.max == 0)
		spool_make();
	for (unsigned int rights = 0; rights <= RIGHTS; rights += RIGHTS) {
		buf_reset(&out);
		if (!query_answer(&query, rights, line, &out)) {
			answer_look(buf_look(&out));
			fuzz_reached(REACHED_ANSWERED);
		} else {
			MUST(rights != 0 && out.len == 0);
			fuzz_reached(REACHED_PASSED_ON);
		}
	}
	if (question_read(&q, line, f->mem, &f->err) == RC_OK) {
		MUST(q.n <= QUESTION_ARGS && q.word.len > 0);
		fuzz_reached(REACHED_ASKED);
		PLANTED(q.n == 7);
	}
	/* The same bytes as an answer that a tool reads. */
	while (line.len > 0) {
		piece_next(&line, &piece);
		if (piece.kind == PIECE_PART || piece.kind == PIECE_NONE)
			break;
	}
	return 0;
}
