/*
 * cli/dispatch.c - from a word to its function; trusts nobody. Called by main.
 */
#include "src/cli/cli.h"
#include <stdio.h>
#include <string.h>

static const struct verb verbs[] = {
#define VERB(name, run, what) { name, run, what },
#include "src/cli/verbs.def"
#undef VERB
};

#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

const struct verb *
verb_at(unsigned int i)
{
	return i < NVERBS ? &verbs[i] : NULL;
}

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < NVERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int
cli_run(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2) {
		fprintf(stderr, "usage: entrepot VERB [argument ...]\n"
				"       entrepot help lists the verbs\n");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("entrepot %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0)
		return verb_help(1, argv + 1);
	v = verb_find(argv[1]);
	if (v == NULL) {
		fprintf(stderr,
		    "entrepot: no verb '%s', 'entrepot help' lists them\n",
		    argv[1]);
		return EXIT_USAGE;
	}
	return v->run(argc - 1, argv + 1);
}
