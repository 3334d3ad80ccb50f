/*
 * syntax/csv.h - RFC 4180 and what spreadsheets really write.
 *
 * Quotes doubled, CR LF or LF, BOM, separator given or sniffed from the
 * heading (comma, semicolon, tab). Ceilings: 1,000 columns, 64 KiB a field.
 */
#ifndef SYNTAX_CSV_H
#define SYNTAX_CSV_H

#include "src/syntax/wire.h"

struct csv_style {
	char delimiter; /* 0: sniff on reading, comma on writing */
	bool header;
	const struct slice *heading; /* without header: names in column order */
	uint32_t nheadings;
	bool neutralise; /* writing: cells that a spreadsheet would run get ' */
};

/* The separator that the first line uses most: comma, semicolon or tab. */
char csv_sniff(struct slice head);
/* The cells of the first line, up to `most`; returns how many there are. */
uint32_t csv_head(
    struct slice utf8, char delimiter, struct slice *cell, uint32_t most);
/*
 * Rows below a nameless root, cells by heading; empty cells and lines are left
 * out, a row's number is that of a spreadsheet. Rows with another number of
 * cells than the heading stay: the reader finds that cells is not the root's.
 * NULL: the table is refused (finding), or mem is full.
 */
struct wnode *csv_tree(const struct text *, const struct csv_style *,
    const struct tags *, struct arena *, struct findings *);
/* heading must be given, in the order of the columns; cells that get no leaf
 * are empty. */
struct wire_out *csv_out(
    struct buf *, const struct csv_style *, struct arena *);

#endif
