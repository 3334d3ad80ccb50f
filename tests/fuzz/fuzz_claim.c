/*
 * tests/fuzz/fuzz_claim.c - bytes that pretend to be claims: each is refused,
 * or decodes to a claim that encodes to the same bytes again.
 *
 * With libFuzzer (clang -fsanitize=fuzzer -DFUZZING): entry below. Without it
 * the program makes real claims and changes them at random:
 *
 *   fuzz_claim [-n TRIES [-s SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include "src/wire/claim.h"

#define CLAIM_BYTES (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct buf again;
static unsigned long decoded, refused;

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

		if (claim_next(&rest, &c, &err) != RC_OK) {
			refused++;
			break;
		}
		decoded++;
		buf_reset(&again);
		claim_put(&again, &c);
		if (!slice_eq(buf_look(&again),
			slice_sub(before, 0, before.len - rest.len)))
			abort(); /* the two directions do not agree */
	}
	rest = (struct slice){ (const char *)p, n };
	while (rest.len > 0 && wrap_next(&rest, &part, &err) == RC_OK)
		;
	return 0;
}

#ifndef FUZZING
static uint64_t seed = 1;

static uint32_t
random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

static void
claims_make(struct buf *b)
{
	struct claim all[5] = { { .kind = CLAIM_ARRIVAL },
		{ .kind = CLAIM_FILING }, { .kind = CLAIM_LEG },
		{ .kind = CLAIM_RECEIPT }, { .kind = CLAIM_BODY } };

	all[0].u.arrival.format = SLICE_LIT("un-interchange");
	all[0].u.arrival.filings = 1;
	all[1].u.filing.key = SLICE_LIT("510120240615000001");
	all[1].u.filing.key_of[0].name = SLICE_LIT("filer");
	all[1].u.filing.nkeys = 1;
	all[2].u.leg.body = SLICE_LIT("<DecMessage/>");
	all[2].u.leg.nkeys = 2;
	all[3].u.receipt.status = SLICE_LIT("L");
	all[3].u.receipt.nkeys = 3;
	all[4].u.body.body = SLICE_LIT("PK");
	buf_reset(b);
	for (unsigned int i = random_below(4) + 1; i > 0; i--)
		claim_put(b, &all[random_below(5)]);
}

/* A few bytes overwritten, some taken out, or the end cut off. */
static void
claims_change(struct buf *b)
{
	for (unsigned int i = random_below(4); i > 0 && b->len > 0; i--) {
		uint32_t at = random_below((uint32_t)b->len);

		switch (random_below(3)) {
		case 0:
			b->p[at] = (char)random_below(256);
			break;
		case 1:
			b->p[at] = (char)(random_below(2) == 0 ? 0 : 0xff);
			break;
		default:
			buf_cut(b, at);
		}
	}
}

int
main(int argc, char **argv)
{
	unsigned long tries = 200000;
	struct buf b;

	if (argc > 2 && argv[1][0] == '-' && argv[1][1] == 'n')
		tries = strtoul(argv[2], NULL, 10);
	if (argc > 4)
		seed = strtoull(argv[4], NULL, 10) | 1;
	buf_init(&b, CLAIM_BYTES);
	for (unsigned long i = 0; i < tries; i++) {
		claims_make(&b);
		claims_change(&b);
		(void)LLVMFuzzerTestOneInput((const uint8_t *)b.p, b.len);
	}
	buf_clear(&b);
	buf_clear(&again);
	printf("%lu tries, %lu claims decoded, %lu refused\n", tries, decoded,
	    refused);
	/* All refused or none: then nothing was tried. */
	printf("%d passed, %d failed\n", decoded > 0 && refused > 0,
	    !(decoded > 0 && refused > 0));
	return decoded > 0 && refused > 0 ? 0 : 1;
}
#endif
