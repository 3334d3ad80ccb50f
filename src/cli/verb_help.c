/*
 * cli/verb_help.c - entrepot help [VERB]: the list of verbs, one verb's
 * manual page, or the words of filters and the states. Trusts the caller's
 * MANPATH. Called by dispatch.
 */
#include "src/cli/cli.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "spool/states.h"

static int
verbs_list(void)
{
	const struct verb *v;

	for (unsigned int i = 0; (v = verb_at(i)) != NULL; i++)
		printf("%-10s %s\n", v->name, v->what);
	return 0;
}

/* Words that several verbs share, from their tables. */
static int
filter_list(void)
{
#define FILTER(word, operators, what)                                          \
	printf("%-10s %-4s %s\n", #word, operators, what);
#include "spool/filter.def"
#undef FILTER
	return 0;
}

static int
states_list(void)
{
	for (int s = STATE_NONE + 1; s < STATES; s++)
		printf("%-9s %-10s %s\n",
		    machine_name(state_machine((enum state)s)),
		    state_name((enum state)s), state_en((enum state)s));
	return 0;
}

int
verb_help(int argc, char **argv)
{
	char page[64];
	const struct verb *v;

	if (argc < 2 || strcmp(argv[1], "--help") == 0)
		return verbs_list();
	if (strcmp(argv[1], "filter") == 0)
		return filter_list();
	if (strcmp(argv[1], "states") == 0)
		return states_list();
	v = verb_find(argv[1]);
	if (v == NULL) {
		fprintf(stderr,
		    "entrepot help: no verb '%s', 'entrepot help' lists them\n",
		    argv[1]);
		return EXIT_USAGE;
	}
	(void)snprintf(page, sizeof(page), "entrepot-%s", v->name);
	(void)fflush(stdout);
	execlp("man", "man", "8", page, (char *)NULL);
	execlp(
	    "mman", "mman", "8", page, (char *)NULL); /* mandoc's, in Debian */
	fprintf(
	    stderr, "entrepot help: cannot run man: no page '%s(8)'\n", page);
	return EXIT_USAGE;
}
