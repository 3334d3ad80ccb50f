/*
 * cli/track_keys.c - what the directory marks, by name, for people; trusts the
 * mappings' owner. Called by verb_track.c.
 */
#include "src/cli/track_keys.h"
#include <string.h>
#include "src/cli/ask.h"
#include "src/conf/conf.h"
#include "src/base/clock.h"
#include "src/daemon/mappings.h"
#include "src/record/complaints.h"

#define NAMES_MAX 64

struct names {
	char name[NAMES_MAX][64];
	char where[NAMES_MAX][160]; /* its elements */
	unsigned int n;
};

static void
name_add(struct names *to, const struct key *key)
{
	char *at;
	size_t room = sizeof(to->where[0]), n = 0;

	for (unsigned int i = 0; i < to->n; i++)
		if (strcmp(to->name[i], key->name) == 0)
			return;
	if (to->n == NAMES_MAX)
		return;
	at = to->where[to->n];
	for (uint8_t p = 0; p < key->nparts; p++)
		for (uint8_t i = 0; i < key->part[p].n && n < room; i++)
			n += (size_t)snprintf(at + n, room - n, "%s%s",
			    i > 0   ? "."
			    : p > 0 ? " + "
				    : "",
			    key->part[p].step[i]->name);
	(void)snprintf(to->name[to->n++], sizeof(to->name[0]), "%s", key->name);
}

static void
names_collect(const struct directory *d, struct names *to)
{
	const struct group *g;

	for (unsigned int n = 0; (g = directory_nth(d, n)) != NULL; n++) {
		for (uint16_t i = 0; i < g->nkeys; i++)
			name_add(to, &g->key[i]);
		for (uint16_t i = 0; i < g->nsearch; i++)
			name_add(to, &g->search[i]);
	}
}

static bool
names_load(const char *file, struct names *to)
{
	struct conf *conf = NULL;
	struct mappings *m = NULL;
	struct complaints c;
	struct clock clock;
	struct err err;
	bool loaded;

	complaints_init(&c);
	clock_init(&clock);
	loaded = conf_read(&conf, ask_conf(file), &c, &err) == RC_OK &&
		 mappings_open(&m, conf, clock_wall(&clock), &c, &err) == RC_OK;
	for (unsigned int i = 0; loaded && i < m->list.n; i++)
		names_collect(
		    formats_directory(pipeline_formats(m->pipeline[i])), to);
	mappings_free(m);
	conf_free(conf);
	complaints_clear(&c);
	return loaded;
}

void
track_keys_print(FILE *to, const char *file)
{
	struct names names = { .n = 0 };

	if (names_load(file, &names)) {
		fputs("KEY is VALUE, BEGIN*, FROM..UPTO, or NAME= and one of "
		      "them. NAME is:\n",
		    to);
		for (unsigned int i = 0; i < names.n; i++)
			fprintf(
			    to, "  %-20s %s\n", names.name[i], names.where[i]);
	} else
		fprintf(to,
		    "The names of keys are told when '%s' and its mappings "
		    "load.\n",
		    ask_conf(file));
}

bool
track_key_may(struct slice name, const char *file)
{
	struct names names = { .n = 0 };
	bool known = true;

	if (names_load(file, &names)) {
		known = false;
		for (unsigned int i = 0; i < names.n; i++)
			known = known || slice_is(name, names.name[i]);
	}
	return known;
}
