/*
 * record/codes_index.h - how values of a code list are found; private to
 * codes.c, codes_load.c and codes_index.c.
 */
#ifndef RECORD_CODES_INDEX_H
#define RECORD_CODES_INDEX_H

#include "src/base/arena.h"
#include "src/record/codes.h"

#define CODES_BYTES   (512u << 20)
#define CODES_COLUMNS 64
#define CODES_ROWS    200000

/* One value of one cell. */
struct entry {
	struct slice value;
	uint32_t row;
	uint32_t hash;
	uint32_t next; /* index + 1 of the next entry with the same value */
	bool marked;   /* "!" */
};

struct column {
	struct entry *entry;
	uint32_t n;
	uint32_t *slot; /* entry index + 1; NULL: not looked up */
	uint32_t mask;
	struct entry *prefix; /* longest first */
	uint32_t nprefix;
};

struct codelist_index {
	struct column code; /* our own */
	struct column column[CODES_COLUMNS];
};

struct codelists {
	struct arena *mem;
	struct codelist *list;
	uint32_t n;
};

#endif
