/*
 * cli/verb_help.c - entrepot help [VERB]: the list of verbs, or one verb's
 * manual page. Trusts the caller's MANPATH. Called by dispatch.
 */
#include "src/cli/cli.h"
#include <stdio.h>
#include <unistd.h>

static int
verbs_list(void)
{
	const struct verb *v;

	for (unsigned int i = 0; (v = verb_at(i)) != NULL; i++)
		printf("%-10s %s\n", v->name, v->what);
	return 0;
}

int
verb_help(int argc, char **argv)
{
	char page[64];
	const struct verb *v;

	if (argc < 2)
		return verbs_list();
	v = verb_find(argv[1]);
	if (v == NULL) {
		fprintf(stderr,
		    "entrepot help: no verb '%s', 'entrepot help' lists them\n",
		    argv[1]);
		return EXIT_USAGE;
	}
	if (v->run == verb_help)
		(void)snprintf(page, sizeof(page), "entrepot");
	else
		(void)snprintf(page, sizeof(page), "entrepot-%s", v->name);
	(void)fflush(stdout);
	execlp("man", "man", "8", page, (char *)NULL);
	execlp(
	    "mman", "mman", "8", page, (char *)NULL); /* mandoc's, in Debian */
	fprintf(
	    stderr, "entrepot help: cannot run man: no page '%s(8)'\n", page);
	return EXIT_USAGE;
}
