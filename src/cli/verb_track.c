/*
 * cli/verb_track.c - entrepot track: what is known by a text that people have:
 * a file name, the filer's number, a customs number, a container. Called by
 * dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/table.h"
#include "src/cli/track_keys.h"
#include <getopt.h>
#include <stdio.h>

struct track {
	const char *conf, *partner;
	bool json, more;
	unsigned int n;
	struct table t;
};

static const struct opt opts[] = {
	OPT_JSON(struct track, json),
	OPT_CONF(struct track, conf),
	{ .letter = 'p',
	    .value = "PARTNER",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct track, partner),
	    .what = "only what is his" },
	{ 0 },
};

static void
keys_print(FILE *to, const void *v)
{
	track_keys_print(to, ((const struct track *)v)->conf);
}

static const struct usage usage = { .verb = "track",
	.opt = opts,
	.operands = "KEY",
	.least = 1,
	.most = 1,
	.more = keys_print };

static enum rc
track_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct track *v = arg;
	char since[ROW_TEXT];
	struct slice outcome = row_text(r, "outcome");

	if (v->json)
		return ask_print_json(NULL, line, r, err);
	if (!row_is(r, "row", "item")) {
		v->more = true;
		return RC_OK;
	}
	table_cell(&v->t, row_text(r, "id"));
	table_cell(&v->t, row_text(r, "what"));
	table_cell(&v->t, outcome.len > 0 ? outcome : row_text(r, "state"));
	table_cell(&v->t, row_text(r, "partner"));
	table_cell(&v->t, slice_of(time_shown(row_text(r, "since"), since)));
	table_cell(&v->t, row_text(r, "name"));
	return RC_OK;
}

static enum rc
row_seen(void *arg, struct slice line, const struct row *r, struct err *err)
{
	((struct track *)arg)->n++;
	return track_row(arg, line, r, err);
}

/* Nothing there: a name that is none is why. */
static int
nothing_found(const struct track *v, const char *key)
{
	struct slice value = slice_of(key), name = slice_cut(&value, '=');

	if (value.len == 0 || track_key_may(name, v->conf))
		return EXIT_NO;
	fprintf(stderr,
	    "entrepot track: no key has the name '%.*s': 'entrepot track "
	    "--help' lists them\n",
	    SLICE_ARG(name));
	return EXIT_USAGE;
}

int
verb_track(int argc, char **argv)
{
	static const char *const heads[] = { "ID", "WHAT", "STATE", "PARTNER",
		"SINCE", "NAME", NULL };
	struct track v = { .conf = NULL };
	struct ask_for to = { .row = row_seen, .arg = &v };
	struct ask *a;
	struct err err;
	int status;
	enum rc rc;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	a = ask_open("track", v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	table_init(&v.t, heads);
	rc = ask_say(a, &to, &err, "track", "key", argv[optind], "partner",
	    v.partner, NULL);
	if (rc == RC_OK)
		(void)table_print(&v.t, stdout);
	if (rc == RC_OK && v.more)
		puts("and others, older");
	table_clear(&v.t);
	ask_close(a);
	if (rc != RC_OK)
		return ask_failed("track", rc, &err);
	return v.n > 0 ? 0 : nothing_found(&v, argv[optind]);
}
