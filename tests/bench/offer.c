/*
 * bench/offer.c - prints one interchange of N declarations of 5 goods lines,
 * numbers from FROM on: the input of the benches, for other tools as well.
 *
 *   offer [N [FROM]]
 */
#include "tests/bench/message.h"
#include <stdio.h>
#include <stdlib.h>

#define OFFER_MAX (1u << 30)

int
main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
	uint32_t from = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;
	struct buf b;

	buf_init(&b, OFFER_MAX);
	message_interchange(&b, from, from, n);
	if (buf_failed(&b) || fwrite(b.p, 1, b.len, stdout) != b.len) {
		fprintf(stderr, "offer: %u messages cannot be written\n", n);
		return 1;
	}
	buf_clear(&b);
	return 0;
}
