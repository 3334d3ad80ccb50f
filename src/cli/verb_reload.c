/*
 * cli/verb_reload.c - entrepot reload: a new generation of the configuration
 * and the mappings, whole or not at all; waits and tells. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include <stdio.h>
#include <time.h>

#define NAP_NS 100000000 /* between two looks */
#define NAPS   100

struct reload {
	const char *conf;
	bool json;
	uint64_t generation; /* of the roles, as status tells */
};

static const struct opt opts[] = {
	OPT_JSON(struct reload, json),
	OPT_CONF(struct reload, conf),
	{ 0 },
};

static const struct usage usage = { .verb = "reload", .opt = opts };

static enum rc
role_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct reload *v = arg;
	uint64_t generation = row_number(r, "generation");

	(void)line;
	(void)err;
	if (row_is(r, "row", "role") && generation > v->generation)
		v->generation = generation;
	return RC_OK;
}

/*
 * Who answered goes with the old generation, mostly before he can say so: the
 * one that answers then tells which generation holds.
 */
static bool
newer_holds(struct reload *v)
{
	uint64_t before = v->generation;
	struct ask_for to = { .row = role_row, .arg = v };
	struct timespec nap = { .tv_nsec = NAP_NS };
	struct err err;

	for (int i = 0; i < NAPS && v->generation == before; i++) {
		struct ask *a = ask_again("reload", v->conf);

		if (a != NULL && ask_say(a, &to, &err, "status", NULL) != RC_OK)
			v->generation = before;
		ask_close(a);
		if (v->generation == before)
			(void)nanosleep(&nap, NULL);
	}
	return v->generation > before;
}

static int
reload_run(struct reload *v)
{
	struct ask_for to = { .row = role_row, .arg = v };
	struct ask_for none = { .row = NULL };
	struct ask *a = ask_open("reload", v->conf);
	struct err err;
	enum rc rc;

	if (a == NULL)
		return EXIT_USAGE;
	rc = ask_daemon(a) ? ask_say(a, &to, &err, "status", NULL) : RC_OK;
	if (rc == RC_OK)
		rc = ask_say(a, &none, &err, "reload", NULL);
	ask_close(a);
	if ((rc == RC_OK || rc == RC_LATER) && newer_holds(v)) {
		printf(v->json ? "{\"row\":\"reload\",\"generation\":%llu}\n"
			       : "generation %llu holds\n",
		    (unsigned long long)v->generation);
		return 0;
	}
	if (rc == RC_OK)
		rc = err_set(&err, RC_LATER, "no new generation answers");
	(void)ask_failed("reload", rc, &err);
	if (rc == RC_REFUSED) /* most often there is a mistake in a file */
		check_tell(v->conf);
	return EXIT_NO;
}

int
verb_reload(int argc, char **argv)
{
	struct reload v = { .conf = NULL };
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	return reload_run(&v);
}
