/*
 * cli/verb_act.c - entrepot hold, release, retry, cancel, redo: one of them to
 * everything a filter means. Called by dispatch, which gives the verb's name.
 */
#include "src/cli/act.h"
#include "src/cli/cli.h"
#include <getopt.h>
#include <stdio.h>

/* redo --deliver --same: both words, so that nobody files twice by a slip. */
static bool
delivery_meant(struct act *v)
{
	if (!v->deliver && !v->same)
		return true;
	if (v->what == OPERATE_redo && v->deliver && v->same) {
		v->what = OPERATE_again;
		return true;
	}
	fprintf(stderr,
	    "entrepot %s: --deliver and --same go together, with "
	    "redo: a file is delivered again as it was\n",
	    v->verb);
	return false;
}

static const struct opt opts[] = { ACT_OPTIONS, { 0 } };

static const struct opt redo_opts[] = { ACT_OPTIONS, REDO_OPTIONS, { 0 } };

int
verb_act(int argc, char **argv)
{
	struct act v = { .verb = argv[0],
		.what = operate_find(slice_of(argv[0])) };
	const struct usage usage = { .opt = v.what == OPERATE_redo ? redo_opts
								   : opts,
		.operands = "ID ... | FILTER ... | all",
		.most = -1 };
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	status = EXIT_USAGE;
	if (!delivery_meant(&v))
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
