/*
 * record/complaints.h - mistakes in text files of ours, all in one run.
 *
 * For the directory, formats, codes, rules and the configuration: file, line,
 * column, the line itself and a caret under it. (What is wrong with partner
 * data is a finding, see finding.h.)
 */
#ifndef RECORD_COMPLAINTS_H
#define RECORD_COMPLAINTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

#define COMPLAINTS_MAX 200 /* after that they are only counted */

struct complaint {
	char *file;
	char *text;            /* the sentence */
	char *source;          /* the line, without its end */
	uint32_t line, column; /* from 1, column in characters */
	size_t at;             /* byte in the file */
	bool warning;
};

struct complaints {
	struct complaint *item;
	uint32_t n;      /* kept */
	uint32_t errors; /* counted, warnings not among them */
};

void complaints_init(struct complaints *);
void complaints_clear(struct complaints *);
/* source: the whole text of the file, at: byte offset of the mistake. */
void complaints_add(struct complaints *, bool warning, const char *file,
    struct slice source, size_t at, const char *, ...) PRINTF(6, 7);
/* All of from behind those of to; from is empty afterwards. */
void complaints_move(struct complaints *to, struct complaints *from);
/* "mistake" for one, "mistakes" for any other number of them. */
const char *complaints_word(uint32_t n);
/* In order of file and line; with the source line and the caret. */
void complaints_print(const struct complaints *, FILE *);

#endif
