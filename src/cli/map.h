/*
 * cli/map.h - entrepot map: questions to the mappings themselves.
 *
 * A sub-verb is one row in map.def, one function here, and its words on
 * entrepot-map(8). It gets the mappings loaded and checked, and its operands.
 */
#ifndef CLI_MAP_H
#define CLI_MAP_H

#include "src/daemon/pipeline.h"

struct map {
	const char *mappings; /* the folder */
	const char *conf;     /* version: those that it names; or NULL */
	bool json;
	bool files;                /* version: each file, too */
	bool all;                  /* what is in order, too */
	bool strict;               /* coverage: dropped is not bound */
	const char *from;          /* new: the sample */
	const char *document;      /* new: its kind, or NULL */
	bool accept;               /* test: write what is given as wanted */
	struct pipeline *pipeline; /* NULL where the row says: not loaded */
	const struct formats *formats;
	int argc; /* operands only */
	char **argv;
};

/* 0, 1 for a "no" that was told, 2 for what cannot be done at all. */
typedef int map_fn(struct map *);

struct map_verb {
	const char *name;
	map_fn *run;
	int least, most; /* operands; most -1: any number */
	bool loads;
	const char *operands, *what; /* for people */
};

/* The i-th row, NULL behind the last. */
const struct map_verb *map_at(unsigned int i);
/* "entrepot map: SENTENCE" on standard error; status, to be returned. */
int map_wrong(int status, const char *, ...) PRINTF(2, 3);

/* The format of this name, or NULL and a sentence. */
const struct plan *map_format(const struct map *, const char *name);
/* "formats/cn-dec.fmt:40": below the folder; out, "" when file is NULL. */
#define MAP_PLACE 512
const char *map_place(
    const struct map *, const char *file, uint32_t line, char out[MAP_PLACE]);
/* The line and its end on standard output; the buffer is empty then. */
void map_line(struct buf *);

/* map_accept.c: the file of this name, whole and synced, or as it was. */
enum rc map_replace(const char *folder, const char *name, struct slice text,
    struct err *) MUST_USE;

#define MAP(name, run, least, most, loads, operands, what) map_fn run;
#include "src/cli/map.def"
#undef MAP

#endif
