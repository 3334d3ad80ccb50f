/*
 * wrap/wrap.h - messages that were written go into one envelope.
 *
 * Pure: numbers, names and times were drawn by the spool in the transaction
 * that made the delivery; the same parts give the same bytes. The bodies are
 * our own writer's.
 */
#ifndef WRAP_WRAP_H
#define WRAP_WRAP_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/base/slice.h"
#include "src/syntax/text.h"

struct wrap_body {
	struct slice name; /* an entry's, without folder */
	struct slice body;
	uint32_t segments; /* EDIFACT: UNH included, no UNT */
	/* a file whose bytes are elsewhere: len of them belong at `at` of what
	 * wrap_zip() made */
	bool absent;
	bool fresh; /* the caller's own mark */
	uint64_t len;
	uint32_t crc;
	size_t at;
	struct wrap_body *next;
};

#define WRAP_NAME 256

struct wrap_head {
	const char *sender, *receiver;
	const char *sender_qual, *receiver_qual; /* 0007; "": none */
	enum encoding encoding; /* that the bytes will have: UNB names it */
	bool version_4;         /* of the syntax, also where 3 would do */
	uint64_t number;        /* control number of the interchange */
	bool test;              /* UNB 0035 */
	const char *reference;  /* in its place, 14 at most; NULL: none */
	int year, month, day, hour, minute, second;
};

/* One archive; equal names get "-2", "-3" before their ending. */
enum rc wrap_zip(struct wrap_body *, const struct wrap_head *, struct arena *,
    struct buf *out, struct err *) MUST_USE;
/*
 * UNB, each message with its own reference and UNT, UNZ. RC_REFUSED: a part
 * is no message (does not begin with UNH).
 */
enum rc wrap_interchange(const struct wrap_body *, const struct wrap_head *,
    struct buf *out, struct err *) MUST_USE;

#endif
