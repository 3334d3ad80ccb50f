/*
 * tests/unit/formats_world.h - a small mappings folder for a test: codes and a
 * directory of its own, formats that the test writes.
 */
#ifndef TESTS_UNIT_FORMATS_WORLD_H
#define TESTS_UNIT_FORMATS_WORLD_H

#include "src/format/cond.h"
#include "tests/unit/test.h"
#include "tests/unit/texts.h"

struct world {
	char *dir;
	struct formats *all;
	struct complaints c;
	struct err err;
};

void world_begin(struct world *);
void world_text(struct world *, const char *name, const char *content);
/* The tables of the installed mappings stand in the folder, too. */
void world_tables(struct world *);
void world_run(struct world *, enum rc want);
void world_try(struct world *); /* whatever comes of it */
/* All of it with one format. */
void world_load(
    struct world *, const char *name, const char *content, enum rc want);
void world_gone(struct world *);

/* A format x.fmt with one mistake, and what is said of it. */
struct refused {
	const char *text;
	uint32_t line, column;
	const char *sentence;
};

void each_refused(const struct refused *, size_t n, bool tables);
#define EACH_REFUSED(cases)                                                    \
	each_refused(cases, sizeof(cases) / sizeof(cases[0]), false)
#define EACH_REFUSED_TABLES(cases)                                             \
	each_refused(cases, sizeof(cases) / sizeof(cases[0]), true)

/* Loads without an error. */
void accepted(const char *text, bool tables);
/* A warning and no error. */
void warned(
    const char *text, uint32_t line, uint32_t column, const char *sentence);

#endif
