/*
 * identify/identify_in.h - the compiled table, for identify's own files.
 */
#ifndef IDENTIFY_IDENTIFY_IN_H
#define IDENTIFY_IDENTIFY_IN_H

#include "src/identify/identify.h"

#define IDENTIFY_DELIMITERS 16

enum identify_kind {
	KEY_MESSAGE, /* type and release of UNH, "" for any */
	KEY_ROOT,    /* an outermost element's local name */
	KEY_HEADING, /* of a table */
	KEY_COLUMNS, /* how many, of a table without headings */
	KEY_MEMBER,  /* that a JSON object must have; "": of any */
	KEY_JSON,    /* all that are JSON */
};

/* A format that has the word, in the order in which they are tried. */
struct identify_link {
	const struct plan *plan;
	uint32_t order;
	const struct identify_link *next;
};

struct identify_key {
	enum identify_kind kind;
	struct slice word;
	struct identify_link *first, *last; /* NULL: a free place */
};

struct identify {
	struct arena *mem;
	struct identify_key *key; /* open addressing, mask + 1 of them */
	uint32_t mask;
	char delimiter[IDENTIFY_DELIMITERS]; /* of tables; 0: sniffed */
	unsigned int ndelimiters;
};

/* NULL: no format has it. */
const struct identify_link *identify_find(
    const struct identify *, enum identify_kind, struct slice word);
struct slice identify_message_word(
    struct slice type, struct slice release, char out[64]);

#endif
