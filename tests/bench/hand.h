/*
 * bench/hand.h - what the translation by hand keeps of a message; for its two
 * files alone.
 */
#ifndef TESTS_BENCH_HAND_H
#define TESTS_BENCH_HAND_H

#include <stdint.h>
#include "tests/bench/convert.h"

#define GOODS 64

struct party {
	struct slice id, name, foreign, street, code, clerk, clerk_id;
};

struct goods {
	struct slice number, code, name, foreign, model, ciq_name;
	struct slice origin, destination, dest, district;
	struct slice quantity, unit, quantity1, unit1, quantity2, unit2;
	struct slice total, currency, price, duty, attributes, purpose, ciq;
};

struct message {
	struct slice number, regime, levy, via, loading, entry, place;
	struct slice office, border, destination, dispatch, trade;
	struct slice border_date, departure, gross, net, note, bill, contract;
	struct slice packages, packing, marks, mode, voyage, terms;
	struct slice freight, freight_currency, freight_mark;
	struct slice insurance, insurance_currency, insurance_mark;
	struct slice operation, special, influence, royalty, formula;
	struct slice provisional, other_pack;
	struct party cn, cz, go, dt, ms, *last;
	struct goods goods[GOODS], *item;
	unsigned int ngoods;
};

/* Up to four letters as one number. */
static inline uint32_t
word(struct slice s)
{
	uint32_t w = 0;

	for (size_t i = 0; i < s.len && i < 4; i++)
		w = w << 8 | (unsigned char)s.p[i];
	return w;
}

#define W2(a, b)    ((uint32_t)(a) << 8 | (b))
#define W3(a, b, c) ((uint32_t)(a) << 16 | (b) << 8 | (c))

/* hand_read.c */
void hand_read(struct message *, struct slice in, struct arena *);

#endif
