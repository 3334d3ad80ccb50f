/*
 * tests/fuzz/seeds.h - inputs written by hand, and what each of them must come
 * to: tests/fuzz/seeds/NAME, the languages and readers whose inputs chance does
 * not make. Without libFuzzer only.
 *
 * A line that begins with "%" is a mark; "#" behind it, a comment:
 *
 *	%frame		the lines below stand around the inputs that follow,
 *			which come in place of the "%%" in one of them, all of
 *			their lines as far indented
 *	%ok WHAT	the lines below are an input, and it is taken
 *	%each WHAT	each of the lines below is an input, and is taken
 *	%no LINE:COLUMN: SENTENCE
 *			the lines below are an input that has just this mistake
 *
 * In an input "\xHH" is a byte and "\\x" is "\x"; its last line may end in
 * "\c": no end of line behind it. %frame without lines: none from there on.
 */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "tests/fuzz/fuzz.h"

#define FUZZ_INPUT (1u << 20)

/* What an input came to, as nobody changed it. */
struct fuzz_came {
	bool taken;
	unsigned int wrong; /* mistakes told */
	char first[700];    /* of them */
};

const struct fuzz_came *fuzz_input(const uint8_t *, size_t);
/* How many came to something else; each is told on standard error. */
unsigned long seeds_run(const char *name, struct slice);

#endif
