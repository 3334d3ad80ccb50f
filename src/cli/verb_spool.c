/*
 * cli/verb_spool.c - entrepot spool verify: do journal, bodies, counters and
 * chain agree? Called by dispatch.
 */
#include "src/cli/cli.h"
#include "src/cli/prove.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int
usage(void)
{
	fprintf(stderr, "usage: entrepot spool [--json] [-f CONF] verify\n");
	return EXIT_USAGE;
}

int
verb_spool(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	const char *conf = NULL;
	bool json = false;
	struct ask *a;
	int ch, status;

	optind = 1;
	while ((ch = getopt_long(argc, argv, "f:", longs, NULL)) != -1)
		if (ch == 'f')
			conf = optarg;
		else if (ch == 'j')
			json = true;
		else
			return usage();
	if (optind + 1 != argc || strcmp(argv[optind], "verify") != 0)
		return usage();
	a = ask_open("spool", conf);
	if (a == NULL)
		return EXIT_USAGE;
	status = prove_run(a, "spool", NULL, json);
	ask_close(a);
	return status;
}
