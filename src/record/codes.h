/*
 * record/codes.h - code lists: one row a meaning, one column a scheme.
 *
 * Loaded from mappings/codes (*.tsv, entrepot-codes(5)). Label columns (en,
 * zh) are schemes too; further columns are attributes (level, outcome, rank,
 * final, pattern, factor).
 */
#ifndef RECORD_CODES_H
#define RECORD_CODES_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

struct complaints;

struct code_row {
	struct slice code;        /* ours */
	const struct slice *cell; /* one a column, as written in the file */
	const struct slice *best; /* one a column: what is written, or empty */
	uint32_t from, to;        /* YYYYMMDD, 0: open */
};

struct codelist {
	const char *name;
	bool complete; /* an unknown code is an error, else a hint */
	bool timed;    /* a row holds only for a time */
	const struct slice *head;
	uint16_t nheads;
	const struct code_row *row;
	uint32_t nrows;
	struct codelist_index *index; /* private to codes.c */
};

struct codelists;

enum rc codelists_load(struct codelists **, const char *folder,
    struct complaints *, struct err *) MUST_USE;
void codelists_free(struct codelists *);
const struct codelist *codelist_find(const struct codelists *, struct slice);
/* The column of a scheme or attribute, -1 if there is none. */
int codelist_column(const struct codelist *, struct slice);
/* Is it looked up, or a note about the row (from, rank, pattern)? */
bool codelist_is_scheme(const struct codelist *, int column);
/* Our code -> row. Day is YYYYMMDD, 0: any. NULL: not in the list. */
const struct code_row *code_find(
    const struct codelist *, struct slice code, uint32_t day);
/* What the wire says in this scheme -> row; prefix rows (-*) last. */
const struct code_row *code_read(
    const struct codelist *, int column, struct slice wire, uint32_t day);
/* The scheme's preferred value; empty when the row has none. */
struct slice code_write(const struct code_row *, int column);

#endif
