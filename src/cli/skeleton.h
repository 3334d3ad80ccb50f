/*
 * cli/skeleton.h - every wire line of a sample message, once, with what the
 * mappings know of such a name.
 */
#ifndef CLI_SKELETON_H
#define CLI_SKELETON_H

#include "src/cli/map.h"
#include "src/syntax/wire_table.h"

struct skel {
	struct slice name;
	bool leaf;            /* nothing was ever below it */
	wtag tag;             /* EDIFACT: of a leaf */
	struct slice by, is;  /* EDIFACT: the qualifier that parts segments */
	uint32_t most, now;   /* how often below one parent */
	struct slice example; /* the first text it had */
	struct skel *parent, *child, *next;
	uint32_t order; /* EDIFACT: place in the table */
};

struct skeleton {
	const struct map *m;
	struct arena *mem;
	enum syntax_kind syntax;
	const struct group *document;
	const char *name;        /* of the format to be */
	const char *encoding;    /* that the sample is in */
	struct slice space;      /* XML */
	struct slice table_name; /* EDIFACT: "CUSDEC:D:96B" */
	const struct wire_table *table;
	struct slice type, version, release, agency; /* EDIFACT: of UNH */
	struct skel *root;
};

/* map_sample.c: the sample as a skeleton; RC_REFUSED: it cannot be read. */
enum rc skeleton_read(
    struct skeleton *, struct slice raw, struct err *) MUST_USE;
/* map_new.c: the format file. */
void skeleton_print(const struct skeleton *, struct buf *);

#endif
