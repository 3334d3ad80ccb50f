/*
 * cli/verb_track.c - entrepot track: what is known by a text that people have:
 * a file name, the filer's number, a customs number, a container. Called by
 * dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/table.h"
#include "src/daemon/question.h"
#include <getopt.h>
#include <stdio.h>

struct track {
	const char *conf, *partner;
	bool json, more;
	unsigned int n;
	struct table t;
};

static int
usage(void)
{
	fprintf(stderr, "usage: entrepot track [--json] [-f CONF] "
			"[-p PARTNER] KEY\n");
	return EXIT_USAGE;
}

static bool
options(int argc, char **argv, struct track *v)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 1;
	while ((ch = getopt_long(argc, argv, "f:p:", longs, NULL)) != -1)
		if (ch == 'f')
			v->conf = optarg;
		else if (ch == 'p')
			v->partner = optarg;
		else if (ch == 'j')
			v->json = true;
		else
			return false;
	return optind + 1 == argc && argv[optind][0] != '\0';
}

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

int
verb_track(int argc, char **argv)
{
	static const char *const heads[] = { "ID", "WHAT", "STATE", "PARTNER",
		"SINCE", "NAME", NULL };
	struct track v = { .conf = NULL };
	struct ask_for to = { .row = row_seen, .arg = &v };
	struct ask *a;
	struct buf q;
	struct err err;
	enum rc rc;

	if (!options(argc, argv, &v))
		return usage();
	a = ask_open("track", v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	table_init(&v.t, heads);
	buf_init(&q, QUESTION_MAX);
	question_begin(&q, "track");
	question_arg(&q, "key", slice_of(argv[optind]));
	if (v.partner != NULL)
		question_arg(&q, "partner", slice_of(v.partner));
	rc = ask_question(a, &q, &to, &err);
	if (rc == RC_OK)
		(void)table_print(&v.t, stdout);
	if (rc == RC_OK && v.more)
		puts("and others, older");
	buf_clear(&q);
	table_clear(&v.t);
	ask_close(a);
	if (rc != RC_OK)
		return ask_failed("track", rc, &err);
	return v.n > 0 ? 0 : EXIT_NO;
}
