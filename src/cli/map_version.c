/*
 * cli/map_version.c - entrepot map version: what legs record as the version of
 * the mappings they were written with. Called by verb_map.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/conf/conf.h"
#include "src/format/bundle.h"
#include "src/format/version.h"
#include <stdio.h>
#include <stdlib.h>

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

struct dated {
	char version[DIGEST_TEXT], from[CLOCK_TEXT];
	int64_t from_ms;
	const char *folder;
};

static int
dated_order(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

static bool
dated_read(
    struct dated *d, const char *folder, mappings_file_fn *each, struct map *m)
{
	struct complaints to;
	struct err err;
	bool fine;

	complaints_init(&to);
	d->folder = folder;
	d->from[0] = '\0';
	fine = bundle_from(folder, &d->from_ms, &to, &err) == RC_OK &&
	       mappings_version(folder, each, m, d->version, &err) == RC_OK;
	complaints_print(&to, stderr);
	complaints_clear(&to);
	if (!fine)
		(void)map_wrong(0, "%s", err.text);
	else if (d->from_ms != 0)
		(void)clock_print(d->from_ms, d->from);
	return fine;
}

/* use: "now", "later", "before", or NULL for a lone folder. */
static void
dated_say(const struct map *m, const struct dated *d, const char *use)
{
	struct buf b;

	buf_init(&b, LINE_ROOM);
	if (m->json) {
		json_open(&b);
		json_text(&b, "version", slice_of(d->version));
		json_text(&b, "mappings", slice_of(d->folder));
		if (d->from[0] != '\0')
			json_text(&b, "from", slice_of(d->from));
		if (use != NULL)
			json_text(&b, "use", slice_of(use));
		json_close(&b);
	} else {
		buf_str(&b, d->version);
		if (use != NULL)
			buf_fmt(&b, "  %-6s  %-24s  %s", use,
			    d->from[0] == '\0' ? "-" : d->from, d->folder);
		else if (d->from[0] != '\0')
			buf_fmt(&b, " from %s", d->from);
	}
	map_line(&b);
	buf_clear(&b);
}

/* Those that a configuration names, the oldest first. */
static int
versions_say(struct map *m)
{
	struct dated d[CONF_BUNDLES];
	struct complaints to;
	struct conf *conf = NULL;
	struct clock clock;
	struct err err;
	unsigned int n, now = 0;
	bool fine = true;

	complaints_init(&to);
	if (conf_read(&conf, m->conf, &to, &err) != RC_OK) {
		complaints_print(&to, stderr);
		complaints_clear(&to);
		return map_wrong(EXIT_USAGE, "%s", err.text);
	}
	complaints_clear(&to);
	n = conf->nmappings;
	for (unsigned int i = 0; i < n; i++)
		fine = dated_read(&d[i], conf->mappings[i],
			   m->files ? file_say : NULL, m) &&
		       fine;
	if (fine)
		qsort(d, n, sizeof(d[0]), dated_order);
	clock_init(&clock);
	while (fine && now + 1 < n && d[now + 1].from_ms <= clock_wall(&clock))
		now++;
	for (unsigned int i = 0; fine && i < n; i++)
		dated_say(m, &d[i],
		    i < now                                        ? "before"
		    : i > now || d[i].from_ms > clock_wall(&clock) ? "later"
								   : "now");
	conf_free(conf);
	return fine ? 0 : EXIT_USAGE;
}

int
map_version(struct map *m)
{
	struct dated d;

	if (m->conf != NULL)
		return versions_say(m);
	if (!dated_read(&d, m->mappings, m->files ? file_say : NULL, m))
		return EXIT_USAGE;
	dated_say(m, &d, NULL);
	return 0;
}
