/*
 * record/decimal.h - exact decimal numbers, by value and by digits.
 *
 * Used by types, codecs, "= sum" and rules. A number is m / 10^scale with up
 * to 37 digits; whatever does not fit is refused, nothing rounds (but for
 * decimal_div, which says so). The scale is kept: "1.50" prints as "1.50".
 */
#ifndef RECORD_DECIMAL_H
#define RECORD_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/slice.h"

#define DECIMAL_DIGITS 37
#define DECIMAL_TEXT   44 /* sign, mark, leading zero, digits, NUL */

struct decimal {
	__int128 m;
	uint32_t scale; /* 0..37 */
};

/* [+-]digits[.digits], nothing around; false: no number, or too long. */
bool decimal_parse(struct slice, struct decimal *);
/* The same with another mark, as the wire writes it. */
bool decimal_parse_mark(struct slice, char mark, struct decimal *);
/* Writes all decimals of the scale; returns the length, NUL behind it. */
size_t decimal_print(const struct decimal *, char out[DECIMAL_TEXT]);
int decimal_cmp(const struct decimal *, const struct decimal *);
/* False: more than 37 digits. out may be one of the operands. */
bool decimal_add(
    struct decimal *out, const struct decimal *, const struct decimal *);
bool decimal_sub(
    struct decimal *out, const struct decimal *, const struct decimal *);
bool decimal_mul(
    struct decimal *out, const struct decimal *, const struct decimal *);
/* Half up at 12 decimals where it does not come out even; false: by zero. */
bool decimal_div(
    struct decimal *out, const struct decimal *, const struct decimal *);
/* a * b / c where that comes out even, else false: nothing rounds. */
bool decimal_ratio(struct decimal *out, const struct decimal *a,
    const struct decimal *b, const struct decimal *c);
struct decimal decimal_int(int64_t);
/* Zeros behind the mark are taken off. */
void decimal_strip(struct decimal *);
/* Exactly n decimals: zeros are added; false: digits would be lost. */
bool decimal_rescale(struct decimal *, uint32_t n);
/* Digits before the mark (at least 1) and in all. */
uint32_t decimal_digits(const struct decimal *, uint32_t *whole);

#endif
