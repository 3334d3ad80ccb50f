/*
 * cli/row.h - one row of an answer, its members by name, and how times, ages
 * and sizes are written for people.
 */
#ifndef CLI_ROW_H
#define CLI_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/slice.h"

#define ROW_MEMBERS 64
#define ROW_TEXT    64 /* room for one time, age or size */

struct row {
	struct buf text; /* the values, escapes taken out */
	struct {
		struct slice name; /* in the line */
		size_t at, len;
	} member[ROW_MEMBERS];
	unsigned int n;
};

void row_init(struct row *);
void row_clear(struct row *);
/* The line must outlive what is looked up in it. */
void row_parse(struct row *, struct slice line);
/* Empty and 0 when it is not there. */
struct slice row_text(const struct row *, const char *name);
uint64_t row_number(const struct row *, const char *name);
bool row_is(const struct row *, const char *name, const char *value);

/* Is it a time as rows have them, "2026-11-23T22:32:15.120Z"? */
bool time_is(struct slice);
/* "2026-11-23 22:32:15Z", or the text escaped; "45s" "12m" "3h" "9d", "1.5
 * GiB"; return out. */
const char *time_shown(struct slice iso, char out[ROW_TEXT]);
/* Where the reader is: "2026-11-24 06:32:15 +0800 (in 12m)", "(3h ago)". */
const char *moment_shown(struct slice iso, char out[ROW_TEXT]);
/* A text for people with each stamp in it shown so; escapes it, too. */
void stamps_shown(struct slice text, struct buf *out);
const char *age_shown(uint64_t seconds, char out[ROW_TEXT]);
const char *size_shown(uint64_t bytes, char out[ROW_TEXT]);

#endif
