/*
 * syntax/wire_table.h - a message table in memory, for edifact.c; what others
 * may ask of it stands in wire.h.
 */
#ifndef SYNTAX_WIRE_TABLE_H
#define SYNTAX_WIRE_TABLE_H

#include "src/syntax/wire.h"

/* "an..35" taken apart. */
struct leaf_format {
	char kind;         /* 'a' letters, 'n' number, 'x' anything, 0 none */
	bool most;         /* ..: up to; else exactly */
	uint16_t length;   /* characters */
	struct slice text; /* as in the table */
};

/* Which values a service segment's leaf may have, beyond its format. */
enum leaf_values { VALUES_ANY, VALUES_LISTED, VALUES_DATE, VALUES_TIME };

struct table_leaf {
	uint16_t element, component; /* from 1; component 0: simple */
	uint8_t fault;               /* 0085 of another value */
	enum leaf_values values;
	struct slice listed; /* VALUES_LISTED: words with blanks between */
	bool must;
	struct slice id;   /* "1154": as in the table */
	struct slice name; /* "C506.1154", "C246#2.7361" */
	struct leaf_format format;
};

struct table_element {
	bool must, composite;
	bool inner_must;             /* a component is mandatory */
	uint16_t most;               /* repeats, 1 without */
	uint16_t first, ncomponents; /* its leaves in the segment */
	struct slice id;             /* "C506" or "1004" */
	uint16_t nth;                /* among those of the same id, from 1 */
	bool alone;                  /* the only one of its id */
};

struct table_segment {
	uint32_t key; /* the tag packed */
	struct slice tag;
	struct table_element *element;
	struct table_leaf *leaf;
	uint16_t nelements, nleaves;
	uint16_t index; /* in the table */
};

/* One place in a message: a segment, or a group known by its trigger. */
struct table_place {
	uint32_t key; /* of the segment, or of the group's trigger */
	bool group, must;
	uint32_t most;
	struct slice tag; /* "RFF", or "SG1" */
	const struct table_segment *segment;
	struct table_place *up, *first, *next; /* group, places in it, beside */
};

struct wire_table {
	struct slice name; /* "CUSDEC:D:96B" */
	struct table_place *root;
	struct table_segment **segment;
	uint32_t nsegments;
	struct wire_table *next;
};

/* Up to four letters and digits as one number; 0: not a tag. */
static inline uint32_t
tag_pack(const char *p, size_t n)
{
	uint32_t key = 0;

	if (n == 0 || n > 4)
		return 0;
	for (size_t i = 0; i < n; i++)
		key = key << 8 | (unsigned char)p[i];
	return key;
}

const struct table_segment *table_segment_find(
    const struct wire_table *, uint32_t key);
/* The leaf of an element and component; NULL: the segment has none there. */
const struct table_leaf *table_leaf_at(
    const struct table_segment *, uint32_t element, uint32_t component);

#endif
