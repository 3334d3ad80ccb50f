/*
 * tests/fuzz/fuzz_claim.c - bytes that pretend to be claims: each is refused,
 * or decodes to a claim that encodes to the same bytes again.
 */
#include "src/wire/claim.h"
#include "tests/fuzz/fuzz.h"

#define CLAIM_BYTES (4u << 20)

static struct buf again;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice rest = { (const char *)p, n };
	struct claim c;
	struct wrap_part part;
	struct err err;

	if (again.max == 0)
		buf_init(&again, CLAIM_BYTES);
	while (rest.len > 0) {
		struct slice before = rest;

		if (claim_next(&rest, &c, &err) != RC_OK)
			break;
		PLANTED(c.kind == CLAIM_LEG && c.u.leg.segments == 7);
		buf_reset(&again);
		claim_put(&again, &c);
		/* the two directions agree */
		MUST(slice_eq(buf_look(&again),
		    slice_sub(before, 0, before.len - rest.len)));
	}
	rest = (struct slice){ (const char *)p, n };
	while (rest.len > 0 && wrap_next(&rest, &part, &err) == RC_OK)
		;
	return 0;
}
