/*
 * cli/table.h - a list that aligns for people.
 *
 * Columns are as wide as their widest cell on a terminal (East Asian text
 * counts double), cells are shown with control bytes escaped, and blanks at
 * the end of a line are left out. A cell that is empty shows as "-".
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

#define TABLE_COLUMNS 16
#define TABLE_ROOM    (64u << 20) /* bytes of all cells */

struct table {
	unsigned int ncolumns;
	const char *head[TABLE_COLUMNS]; /* without the mark */
	bool right[TABLE_COLUMNS];
	unsigned int width[TABLE_COLUMNS];
	unsigned int at; /* the next cell's column */
	size_t rows;
	struct buf text;  /* the cells as shown, each ended by NUL */
	struct buf spans; /* their columns on the terminal, two bytes each */
};

/* Heads, the last one NULL; one that begins with '>' is set to the right. */
void table_init(struct table *, const char *const *heads);
void table_clear(struct table *);
void table_cell(struct table *, struct slice);
/* All rows; the heads first, unless there is no row. false: too long. */
bool table_print(const struct table *, FILE *);

#endif
