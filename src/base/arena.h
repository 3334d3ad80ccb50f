/*
 * base/arena.h - memory that goes in one call.
 *
 * Everything one filing needs comes from its arena. Pieces are aligned for
 * any type and zeroed. An arena over its ceiling returns NULL for good, until
 * it is rewound; callers may check once at the end with arena_failed().
 * Rewinding keeps the pages: a page touched first costs more than its use.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include "src/base/slice.h"

struct arena;

struct arena *arena_new(size_t max_bytes); /* NULL: out of memory */
void arena_free(struct arena *);           /* accepts NULL */
void *arena_get(struct arena *, size_t n);
/* The same without zeroing, for text. */
void *arena_raw(struct arena *, size_t n);
struct slice arena_dup(struct arena *, struct slice); /* adds a hidden NUL */
char *arena_str(struct arena *, struct slice);        /* NUL at the end */
void arena_rewind(struct arena *); /* all pieces are gone, pages are kept */
bool arena_failed(const struct arena *);
size_t arena_used(const struct arena *);

#endif
