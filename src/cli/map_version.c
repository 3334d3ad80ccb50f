/*
 * cli/map_version.c - entrepot map version: what legs record as the version of
 * the mappings they were written with. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/base/json.h"
#include "src/format/version.h"
#include <stdio.h>

#define LINE_ROOM 65536

/* As sha256sum prints it, so that it can be held against it. */
static void
file_say(
    void *arg, const char *below, struct slice name, const struct digest *d)
{
	const struct map *m = arg;
	char hex[DIGEST_TEXT], path[512];
	struct buf b;

	(void)snprintf(path, sizeof(path), "%s/%.*s", below, SLICE_ARG(name));
	(void)digest_print(d, hex);
	buf_init(&b, LINE_ROOM);
	if (m->json) {
		json_open(&b);
		json_text(&b, "file", slice_of(path));
		json_text(&b, "sha256", slice_of(hex));
		json_close(&b);
	} else {
		buf_fmt(&b, "%s  %s", hex, path);
	}
	map_line(&b);
	buf_clear(&b);
}

int
map_version(struct map *m)
{
	char version[DIGEST_TEXT];
	struct err err;
	struct buf b;

	if (mappings_version(m->mappings, m->files ? file_say : NULL, m,
		version, &err) != RC_OK)
		return map_wrong(EXIT_USAGE, "%s", err.text);
	buf_init(&b, LINE_ROOM);
	if (m->json) {
		json_open(&b);
		json_text(&b, "version", slice_of(version));
		json_text(&b, "mappings", slice_of(m->mappings));
		json_close(&b);
	} else {
		buf_str(&b, version);
	}
	map_line(&b);
	buf_clear(&b);
	return 0;
}
