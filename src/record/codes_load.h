/*
 * record/codes_load.h - a code list while it is loaded; private to codes_load.c
 * and codes_index.c.
 */
#ifndef RECORD_CODES_LOAD_H
#define RECORD_CODES_LOAD_H

#include "src/record/codes_index.h"
#include "src/record/complaints.h"
#include "src/record/source.h"

enum column_kind { COLUMN_SCHEME, COLUMN_LABEL, COLUMN_NOTE };

struct codes_load {
	const struct source *src;
	struct arena *mem;
	struct complaints *to;
	struct codelist *list;
	struct code_row *row;
	struct slice *head;
	size_t rest; /* where the next line begins */
	int from, until;
};

/* A complaint about what: a piece of the file. */
void codes_wrong(struct codes_load *, struct slice what, const char *, ...)
    PRINTF(3, 4);
enum column_kind codes_kind(struct slice head);
/* "A*" */
bool codes_prefix(struct slice value);
/* Of all columns that are looked up; false: no memory. */
bool codes_index_make(struct codes_load *);

#endif
