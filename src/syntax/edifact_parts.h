/*
 * syntax/edifact_parts.h - what the parts of the EDIFACT syntax share: one
 * segment after the other. Nobody else includes it.
 */
#ifndef SYNTAX_EDIFACT_PARTS_H
#define SYNTAX_EDIFACT_PARTS_H

#include "src/syntax/edifact.h"

#define SEGMENT_MAX    (64u << 10)
#define ELEMENTS_MAX   500u
#define COMPONENTS_MAX 100u
#define MESSAGE_MAX    (8u << 20)
#define MESSAGES_MAX   100000u

struct segment {
	uint32_t at;   /* its first letter */
	uint32_t end;  /* its terminator */
	uint32_t next; /* behind the terminator */
	struct slice tag;
};

enum segment_found {
	SEGMENT_HERE,
	SEGMENT_NONE, /* only blanks and line ends are left */
	SEGMENT_OPEN, /* no terminator: at to the end of the text */
	SEGMENT_LONG, /* over its ceiling */
};

/* The segment at or behind `at`, with line ends and blanks stepped over. */
enum segment_found segment_next(struct slice text, uint32_t at,
    const struct edifact_chars *, struct segment *);
/* Release characters taken out; the slice itself when there are none. */
struct slice segment_unescape(
    struct slice, const struct edifact_chars *, struct arena *);
/* Leaf or element breaks its format: a finding with its place. */
struct table_leaf;
struct leaf_place {
	const struct table_leaf *leaf;
	struct slice tag; /* of the segment */
	uint32_t number;  /* of the segment */
	uint32_t at, span;
	char decimal;
};
void leaf_check(
    const struct leaf_place *, struct slice text, struct findings *);
/* Elements and components of a service segment, released; [0][0] the tag. */
#define PARTS_E 14
#define PARTS_C 8
struct parts {
	struct slice p[PARTS_E][PARTS_C];
	uint32_t at[PARTS_E][PARTS_C]; /* decoded offsets */
	uint32_t elements;             /* counted, over the ceiling, too */
};
void parts_read(const struct segment *, struct slice text,
    const struct edifact_chars *, struct arena *, struct parts *);
/*
 * A service segment against its table. Returns the elements that have a
 * finding now, bit n for element n; number: of the segment in its message, 0
 * outside.
 */
struct table_segment;
uint32_t parts_check(const struct parts *, const struct segment *,
    const struct table_segment *, const struct edifact_chars *, uint32_t number,
    struct findings *);
/* "LOC/C517.3225" into out. */
struct slice leaf_path(struct slice segment, struct slice leaf, char out[64]);

#endif
