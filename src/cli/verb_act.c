/*
 * cli/verb_act.c - entrepot hold, release, retry, cancel, redo: one of them to
 * everything a filter means. Called by dispatch, which gives the verb's name.
 */
#include "src/cli/act.h"
#include "src/cli/cli.h"
#include <getopt.h>
#include <stdio.h>

int
verb_act(int argc, char **argv)
{
	struct act v = { .verb = argv[0],
		.what = operate_find(slice_of(argv[0])) };
	int status = EXIT_USAGE;

	if (!act_options(argc, argv, &v, "ID ... | FILTER ... | all"))
		return EXIT_USAGE;
	if (optind == argc) {
		fprintf(stderr,
		    "entrepot %s: say which: an id, a filter "
		    "(entrepot-filter(7)) or all\n",
		    v.verb);
		return EXIT_USAGE;
	}
	if (meant_read(&v.meant, v.verb, argv + optind, argc - optind))
		status = act_run(&v);
	meant_clear(&v.meant);
	return status;
}
