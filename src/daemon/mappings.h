/*
 * daemon/mappings.h - the mapping bundles of a configuration, loaded: one that
 * holds now, and those whose date has yet to come.
 *
 * Read only once they are open, so converters share them. All are checked when
 * they are loaded: what a date will bring is known before it comes.
 */
#ifndef DAEMON_MAPPINGS_H
#define DAEMON_MAPPINGS_H

#include <stdbool.h>
#include "src/conf/conf.h"
#include "src/daemon/pipeline.h"
#include "src/wire/bundles.h"

struct mappings {
	struct bundles list;
	/* beside the list's rows */
	struct pipeline *pipeline[BUNDLES_MAX];
	const char *folder[BUNDLES_MAX]; /* the configuration's */
	char text[BUNDLES_BYTES];        /* the list, for the spool */
};

/* Only folders that pass files on need none. */
bool mappings_needed(const struct conf *);
/*
 * RC_REFUSED: mistakes in their files, all in *complaints; two bundles from one
 * time on, or the same twice; none that holds by now.
 */
enum rc mappings_open(struct mappings **, const struct conf *, int64_t now_ms,
    struct complaints *, struct err *) MUST_USE;
/*
 * The same for a role, which tells each mistake in the log. named: the formats
 * that the configuration names are asked for, in each bundle; the places in it
 * are a parsed file's, which only a process of its own has.
 */
enum rc mappings_hold(struct mappings **, const struct conf *, int64_t now_ms,
    bool named, struct err *) MUST_USE;
void mappings_free(struct mappings *); /* accepts NULL */
/* Of this version, or for an empty one the first; NULL: it is not here. */
const struct pipeline *mappings_pipeline(
    const struct mappings *, struct slice version);

#endif
