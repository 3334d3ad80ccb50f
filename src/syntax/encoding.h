/*
 * syntax/encoding.h - what text.h keeps to itself: converters and the map back.
 */
#ifndef SYNTAX_ENCODING_H
#define SYNTAX_ENCODING_H

#include <iconv.h>
#include "src/syntax/text.h"

/*
 * The process's converter from (writing: to) this encoding and UTF-8, in its
 * first state; NULL with a sentence. Not for UTF-8 and latin 1: those are ours.
 */
iconv_t *encoding_converter(enum encoding, bool writing, struct err *);

#define TEXT_STRIDE 1024u /* characters between two marks */

struct text_mark {
	uint32_t at, raw;
};

/* Where each 1,024th character stands, decoded and raw. */
struct text_map {
	uint32_t n;
	struct text_mark mark[];
};

/* The length of the raw character at p, which is known to be valid. */
uint32_t raw_length(enum encoding, const unsigned char *p);
/* Bytes of the byte order mark in front. */
uint32_t bom_length(const struct text *);

/*
 * The length of one character that is known to be valid UTF-8.
 */
static inline uint32_t
utf8_length(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

#endif
