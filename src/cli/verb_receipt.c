/*
 * cli/verb_receipt.c - entrepot receipt: what could not be matched, attached
 * to a leg or discarded; a refused file said to be of a delivery. Called by
 * dispatch.
 */
#include "src/cli/act.h"
#include "src/cli/cli.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "src/base/id.h"

static const struct opt opts[] = { ACT_OPTIONS, { 0 } };

static const struct usage usage = { .verb = "receipt",
	.opt = opts,
	.operands = "attach RECEIPT LEG | refuse DELIVERY | discard ID ... "
		    "| discard FILTER ... | discard all",
	.least = 1,
	.most = -1 };

static int
attach(struct act *v, char **words, int n)
{
	uint64_t id, leg;

	if (n != 2 || !id_parse(slice_of(words[0]), &id) ||
	    !id_parse(slice_of(words[1]), &leg)) {
		fprintf(stderr, "entrepot receipt: attach wants the id of a "
				"receipt and the id of a leg\n");
		return EXIT_USAGE;
	}
	v->what = OPERATE_attach;
	v->to = words[1];
	return meant_read(&v->meant, v->verb, words, 1) ? act_run(v)
							: EXIT_USAGE;
}

static int
refuse(struct act *v, char **words, int n)
{
	uint64_t id;

	if (n != 1 || !id_parse(slice_of(words[0]), &id)) {
		fprintf(stderr, "entrepot receipt: refuse wants the id of a "
				"delivery\n");
		return EXIT_USAGE;
	}
	v->what = OPERATE_refuse;
	return meant_read(&v->meant, v->verb, words, 1) ? act_run(v)
							: EXIT_USAGE;
}

static int
discard(struct act *v, char **words, int n)
{
	v->what = OPERATE_discard;
	if (n == 0) {
		fprintf(stderr, "entrepot receipt: say which: an id, a filter "
				"(entrepot-filter(7)) or all\n");
		return EXIT_USAGE;
	}
	return meant_read(&v->meant, v->verb, words, n) ? act_run(v)
							: EXIT_USAGE;
}

int
verb_receipt(int argc, char **argv)
{
	struct act v = { .verb = argv[0] };
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (strcmp(argv[optind], "attach") == 0)
		status = attach(&v, argv + optind + 1, argc - optind - 1);
	else if (strcmp(argv[optind], "refuse") == 0)
		status = refuse(&v, argv + optind + 1, argc - optind - 1);
	else if (strcmp(argv[optind], "discard") == 0)
		status = discard(&v, argv + optind + 1, argc - optind - 1);
	else
		status = options_wrong(&usage, "receipt",
		    "want attach, refuse or discard", argv[optind]);
	meant_clear(&v.meant);
	return status;
}
