/*
 * cli/verb_pause.c - entrepot pause, resume: a partner's intake or delivery.
 * Called by dispatch, which gives the verb's name.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct pausing {
	const char *verb, *conf, *words;
	bool json, intake, delivery;
	uint64_t done;
};

static const struct opt opts[] = {
	OPT_JSON(struct pausing, json),
	{ .word = "intake",
	    .at = offsetof(struct pausing, intake),
	    .what = "only what comes from it" },
	{ .word = "delivery",
	    .at = offsetof(struct pausing, delivery),
	    .what = "only what goes to it" },
	{ .word = "why",
	    .value = "TEXT",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct pausing, words),
	    .what = "the reason, told by queue and why" },
	OPT_CONF(struct pausing, conf),
	{ 0 },
};

static const struct usage usage = {
	.opt = opts, .operands = "PARTNER ...", .least = 1, .most = -1
};

static enum rc
operated_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct pausing *v = arg;

	v->done = row_number(r, "n");
	return v->json ? ask_print_json(NULL, line, r, err) : RC_OK;
}

static enum rc
door_ask(struct ask *a, struct pausing *v, const char *partner,
    const char *door, struct err *err)
{
	struct ask_for to = { .row = operated_row, .arg = v };
	enum rc rc;

	rc = ask_say(a, &to, err, "operate", "verb", v->verb, "filter", partner,
	    "to", door, "words", v->words, NULL);
	if (rc == RC_OK && !v->json)
		printf("%s %s: %s%s\n", partner, door,
		    v->done == 0 ? "already " : "",
		    strcmp(v->verb, "pause") == 0 ? "paused" : "open");
	return rc;
}

int
verb_pause(int argc, char **argv)
{
	struct pausing v = { .verb = argv[0] };
	struct ask *a;
	struct err err;
	enum rc rc = RC_OK;
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (!v.intake && !v.delivery)
		v.intake = v.delivery = true;
	a = ask_open(v.verb, v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	for (int i = optind; i < argc && rc == RC_OK; i++) {
		if (v.intake)
			rc = door_ask(a, &v, argv[i], "intake", &err);
		if (rc == RC_OK && v.delivery)
			rc = door_ask(a, &v, argv[i], "delivery", &err);
	}
	ask_close(a);
	return rc == RC_OK ? 0 : ask_failed(v.verb, rc, &err);
}
