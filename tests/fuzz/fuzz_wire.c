/*
 * tests/fuzz/fuzz_wire.c - any bytes on any link are refused, or are a message
 * that may go there and encodes to the same bytes again. The first two bytes
 * choose the link. Messages are made here, too, from the table: seeds of a
 * corpus, and half of libFuzzer's changes.
 */
#include <string.h>
#include "src/wire/msg.h"
#include "tests/fuzz/fuzz.h"

#define SEEDS_EACH 8
#define LINK_BYTES 2 /* bytes before the message */

const unsigned int fuzz_kinds = MSG_TYPES - 1;

static union {
#define MSG(name, from, to, size, fds) struct msg_##name name;
#include "src/wire/msg.def"
} body;

static void
make_u64(uint64_t *to, struct dice *d)
{
	uint64_t v = dice_next(d);

	*to = v % 4 == 0 ? v : v % 4 == 1 ? UINT64_MAX : v >> 8 & 0xff;
}

static void
make_i64(int64_t *to, struct dice *d)
{
	make_u64((uint64_t *)to, d);
}

static void
make_u32(uint32_t *to, struct dice *d)
{
	uint64_t v;

	make_u64(&v, d);
	*to = (uint32_t)v;
}

static void
make_dig(struct digest *to, struct dice *d)
{
	memset(to, (int)(dice_next(d) % 256), sizeof(*to));
}

static void
make_str(struct slice *to, struct dice *d)
{
	*to = dice_text(d, MSG_STR_MAX);
}

/* Each field of that type's struct. */
static void
body_make(enum msg_type t, struct dice *d)
{
	memset(&body, 0, sizeof(body));
#define FIELD(name, type, field)                                               \
	if (t == MSG_##name)                                                   \
		make_##type(&body.name.field, d);
#include "src/wire/msg.def"
}

/* On one of the links that it may go by. */
static size_t
message_make(enum msg_type t, struct dice *d, uint8_t *p, size_t max)
{
	static struct buf b;
	enum role_id from, to;
	struct err err;
	size_t n;

	if (b.max == 0)
		buf_init(&b, WIRE_MAX);
	do {
		from = (enum role_id)(dice_next(d) % ROLES);
		to = (enum role_id)(dice_next(d) % ROLES);
	} while (!msg_may_go(t, from, to));
	do {
		buf_reset(&b);
		body_make(t, d);
	} while (msg_encode(&b, t, from, to, &body, -1, &err) != RC_OK);
	n = buf_look(&b).len;
	if (n + LINK_BYTES > max)
		return 0;
	p[0] = (uint8_t)from;
	p[1] = (uint8_t)to;
	memcpy(p + LINK_BYTES, buf_look(&b).p, n);
	return n + LINK_BYTES;
}

size_t
fuzz_seed(unsigned int n, uint8_t *p, size_t max)
{
	struct dice d = { n + 1 };

	if (n >= (MSG_TYPES - 1) * SEEDS_EACH)
		return 0;
	return message_make((enum msg_type)(1 + n / SEEDS_EACH), &d, p, max);
}

#ifdef FUZZING
size_t LLVMFuzzerMutate(uint8_t *, size_t, size_t);
size_t LLVMFuzzerCustomMutator(uint8_t *, size_t, size_t, unsigned int);

size_t
LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned int seed)
{
	struct dice d = { seed };
	size_t made = 0;

	if (dice_next(&d) % 2 == 0)
		made = message_make(
		    (enum msg_type)(1 + dice_next(&d) % (MSG_TYPES - 1)), &d, p,
		    max);
	return made > 0 ? made : LLVMFuzzerMutate(p, n, max);
}
#endif

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct buf again;
	enum role_id from, to;
	struct msg *m = NULL;
	struct err err;
	struct slice raw;
	enum rc rc;

	if (n < LINK_BYTES)
		return 0;
	if (again.max == 0)
		buf_init(&again, WIRE_MAX * 2);
	from = (enum role_id)(p[0] % ROLES);
	to = (enum role_id)(p[1] % ROLES);
	raw = (struct slice){ (const char *)p + LINK_BYTES, n - LINK_BYTES };
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
	fuzz_reached(m->type - 1);
	PLANTED(m->type == MSG_RESULT &&
		((const struct msg_RESULT *)m->body)->why.len == MSG_STR_MAX);
	msg_free(m);
	return 0;
}
