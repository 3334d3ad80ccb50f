/*
 * cli/verb_spool.c - entrepot spool verify: do journal, bodies, counters and
 * chain agree? Called by dispatch.
 */
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/prove.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct spool_verb {
	const char *conf;
	bool json;
};

static const struct opt opts[] = {
	OPT_JSON(struct spool_verb, json),
	OPT_CONF(struct spool_verb, conf),
	{ 0 },
};

static const struct usage usage = { .verb = "spool",
	.opt = opts,
	.operands = "verify",
	.least = 1,
	.most = 1 };

int
verb_spool(int argc, char **argv)
{
	struct spool_verb v = { .conf = NULL };
	struct ask *a;
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (strcmp(argv[optind], "verify") != 0)
		return options_wrong(
		    &usage, "spool", "want verify", argv[optind]);
	a = ask_open("spool", v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	status = prove_run(a, "spool", NULL, v.json);
	ask_close(a);
	return status;
}
