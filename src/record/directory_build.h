/*
 * record/directory_build.h - the directory while it is made.
 *
 * Private to directory.c and directory_parse.c. The parser leaves groups as
 * they are written; the builder copies shared groups that hold references to
 * where they are used, resolves references and keys, and types the receipts.
 */
#ifndef RECORD_DIRECTORY_BUILD_H
#define RECORD_DIRECTORY_BUILD_H

#include "src/record/directory.h"
#include "src/record/source.h"

#define DIRECTORY_BYTES  (64u << 20)
#define DIRECTORY_GROUPS 400  /* documents and shared groups */
#define DIRECTORY_SLOTS  1000 /* elements of one group */
#define DIRECTORY_DEPTH  16   /* groups in groups */
#define DIRECTORY_KEYS   8
#define DIRECTORY_SEARCH 24
#define DIRECTORY_COPIES 20000 /* groups after copying */

/* A group as declared, and what is still words in it. */
struct draft_element {
	struct element *made;
	struct slice uses;   /* ": NAME" */
	struct slice target; /* ref NAME */
	struct draft *own;   /* its lines stand below it */
	struct source_line *line;
	size_t at; /* of the word to complain about */
};

struct draft {
	struct group *made;
	struct draft_element *element;
	struct source_line *line;
	struct slice dated;
	size_t dated_at;
	bool checked, open; /* against groups that contain themselves */
};

struct directory {
	struct arena *mem;
	struct draft **draft; /* at the left margin */
	uint32_t ndrafts;
	const struct group **document;
	uint32_t ndocuments;
	/* receipts, typed: one row a receipt, one column a document */
	const struct group **receipt;
	uint32_t copies;
	const struct codelists *codes;
	struct complaints *to;
};

/* False: memory is short. Mistakes are complaints. */
bool directory_parse(struct directory *, const struct source *);
bool word_reserved(struct slice);

#endif
