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

/* Rows with another number of cells than the heading are findings. */
struct wnode *csv_tree(const struct text *, const struct csv_style *,
    const struct tags *, struct arena *, struct findings *);
/* heading must be given; cells that get no leaf are empty. */
struct wire_out *csv_out(
    struct buf *, const struct csv_style *, struct arena *);

#endif
