/*
 * cli/verb_map.c - entrepot map VERB: what the mappings say, without a daemon.
 * Trusts the mappings' owner. Called by dispatch.
 */
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/cli/options.h"
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct map_verb verbs[] = {
#define MAP(name, run, least, most, loads, operands, what)                     \
	{ name, run, least, most, loads, operands, what },
#include "src/cli/map.def"
#undef MAP
};

#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

const struct map_verb *
map_at(unsigned int i)
{
	return i < NVERBS ? &verbs[i] : NULL;
}

int
map_wrong(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("entrepot map: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

const struct plan *
map_format(const struct map *m, const char *name)
{
	const struct plan *p = format_find(m->formats, slice_of(name));

	if (p == NULL)
		(void)map_wrong(0, "no format '%s' in %s", name, m->mappings);
	return p;
}

const char *
map_place(
    const struct map *m, const char *file, uint32_t line, char out[MAP_PLACE])
{
	size_t n = strlen(m->mappings);

	out[0] = '\0';
	if (file == NULL)
		return out;
	if (strncmp(file, m->mappings, n) == 0)
		for (file += n; *file == '/';)
			file++;
	(void)snprintf(
	    out, MAP_PLACE, line == 0 ? "%s" : "%s:%u", file, (unsigned)line);
	return out;
}

void
map_line(struct buf *b)
{
	buf_byte(b, '\n');
	(void)fwrite(b->p, 1, b->len, stdout);
	buf_reset(b);
}

#define OF_VERB(word_, kind_, member, value_)                                  \
	{                                                                      \
		.word = word_, .kind = kind_,                                  \
		.at = offsetof(struct map, member), .value = value_,           \
		.hidden = true                                                 \
	}

static const struct opt opts[] = {
	{ .letter = 'm',
	    .word = "mappings",
	    .value = "MAPPINGS",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct map, mappings),
	    .what = "the folder of mappings" },
	OPT_JSON(struct map, json),
	{ .letter = 'f',
	    .value = "CONF",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct map, conf),
	    .what = "version: of the mappings that this one names",
	    .hidden = true },
	OF_VERB("files", OPT_FLAG, files, NULL),
	OF_VERB("all", OPT_FLAG, all, NULL),
	OF_VERB("from", OPT_TEXT, from, "SAMPLE"),
	OF_VERB("document", OPT_TEXT, document, "KIND"),
	OF_VERB("accept", OPT_FLAG, accept, NULL),
	OF_VERB("strict", OPT_FLAG, strict, NULL),
	{ 0 },
};

static void
verbs_print(FILE *to, const void *v)
{
	(void)v;
	for (size_t i = 0; i < NVERBS; i++)
		fprintf(to, "  %-9s %-39s %s\n", verbs[i].name,
		    verbs[i].operands, verbs[i].what);
}

static const struct usage usage = { .verb = "map",
	.opt = opts,
	.operands = "VERB [argument ...]",
	.least = 1,
	.most = -1,
	.more = verbs_print };

static const struct map_verb *
verb_named(const char *name)
{
	for (size_t i = 0; i < NVERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* The mappings loaded; false: their mistakes are told. */
static bool
map_load(struct map *m)
{
	struct complaints complaints;
	struct err err;
	bool loaded;

	complaints_init(&complaints);
	loaded = pipeline_open(&m->pipeline, m->mappings, &complaints, &err) ==
		 RC_OK;
	if (loaded) {
		m->formats = pipeline_formats(m->pipeline);
	} else {
		complaints_print(&complaints, stderr);
		(void)map_wrong(0, "%s", err.text);
	}
	complaints_clear(&complaints);
	return loaded;
}

static int
output_end(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	return map_wrong(EXIT_USAGE, "standard output cannot be written");
}

int
verb_map(int argc, char **argv)
{
	struct map m = { .mappings = getenv("ENTREPOT_MAPPINGS") };
	const struct map_verb *v;
	int status = EXIT_USAGE;

	if (!options_read(&usage, argc, argv, &m, &status)) {
		if (status != 0)
			verbs_print(stderr, NULL);
		return status;
	}
	m.argc = argc - optind;
	m.argv = argv + optind;
	status = EXIT_USAGE;
	v = verb_named(m.argv[0]);
	if (v == NULL)
		return map_wrong(EXIT_USAGE,
		    "no verb '%s', 'entrepot map' lists them", m.argv[0]);
	m.argc--;
	m.argv++;
	if (m.argc < v->least || (v->most >= 0 && m.argc > v->most)) {
		fprintf(stderr, "usage: entrepot map %s%s%s\n", v->name,
		    v->operands[0] == '\0' ? "" : " ", v->operands);
		return EXIT_USAGE;
	}
	if (m.mappings == NULL || m.mappings[0] == '\0')
		m.mappings = ENTREPOT_MAPPINGS;
	if (!v->loads || map_load(&m))
		status = output_end(v->run(&m));
	pipeline_free(m.pipeline);
	return status;
}
