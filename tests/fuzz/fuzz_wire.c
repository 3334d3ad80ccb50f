/*
 * tests/fuzz/fuzz_wire.c - any bytes on any link are refused, or are a message
 * that may go there and encodes to the same bytes again. The first two bytes
 * choose the link.
 */
#include <string.h>
#include "src/wire/msg.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct buf again;
	enum role_id from, to;
	struct msg *m = NULL;
	struct err err;
	struct slice raw;
	enum rc rc;

	if (n < 2)
		return 0;
	if (again.max == 0)
		buf_init(&again, WIRE_MAX * 2);
	from = (enum role_id)(p[0] % ROLES);
	to = (enum role_id)(p[1] % ROLES);
	raw = (struct slice){ (const char *)p + 2, n - 2 };
	rc = msg_decode(&m, from, to, raw, -1, &err);
	MUST(rc == RC_OK || rc == RC_REFUSED);
	if (rc != RC_OK) {
		MUST(m == NULL && err.text[0] != '\0');
		return 0;
	}
	MUST(msg_may_go(m->type, from, to) && m->from == from && m->to == to);
	buf_reset(&again);
	MUST(msg_encode(&again, m->type, from, to, m->body, m->fd, &err) ==
	     RC_OK);
	MUST(m->bytes.len == 0 ||
	     msg_encode_bytes(&again, m->type, m->bytes, &err) == RC_OK);
	MUST(slice_eq(buf_look(&again), raw));
	PLANTED(m->type == MSG_RESULT &&
		((const struct msg_RESULT *)m->body)->why.len == 5);
	msg_free(m);
	return 0;
}
