/*
 * cli/track_keys.h - the names that `track` may be given before a value, from
 * the directory that the configuration names.
 */
#ifndef CLI_TRACK_KEYS_H
#define CLI_TRACK_KEYS_H

#include <stdbool.h>
#include <stdio.h>
#include "src/base/slice.h"

/* A line for each; of a configuration that does not load, that it does not. */
void track_keys_print(FILE *, const char *conf);
/* false: the directory is there and no key or search of it has this name. */
bool track_key_may(struct slice name, const char *conf);

#endif
