/*
 * syntax/wire_rows.h - the table files, row by row; for wire_load.c and
 * wire_segment.c alone.
 */
#ifndef SYNTAX_WIRE_ROWS_H
#define SYNTAX_WIRE_ROWS_H

#include "src/syntax/wire_table.h"

#define COLUMNS_MAX 16

struct wire_tables {
	char *folder;
	struct arena *mem;
	struct wire_table *table;
	struct table_file *file;
};

struct rows {
	const char *file;
	struct slice rest;
	uint32_t line;
	struct slice cell[COLUMNS_MAX];
	uint32_t ncells;
	bool headed;
};

/* The rows of a file in the folder; it is read once and kept. */
enum rc rows_open(
    struct wire_tables *, const char *file, struct rows *, struct err *);
/* On to the next row; comment lines and the heading are stepped over. */
bool rows_next(struct rows *);
/* "FILE:LINE: found, want wanted", RC_REFUSED. */
enum rc row_wrong(
    const struct rows *, const char *found, const char *wanted, struct err *);
/*
 * A segment as a directory ("D96B", "syntax-3") in a segment file has it;
 * *out NULL: not there.
 */
enum rc segment_load(struct wire_tables *, const char *file,
    const char *directory, struct slice tag, struct table_segment **out,
    struct err *);

#endif
