/*
 * cli/verb_queue.c - entrepot queue: what waits, counted by partner and state,
 * or one line each. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/progress.h"
#include "src/cli/meant.h"
#include "src/cli/table.h"
#include "src/base/utf8.h"
#include "spool/states.h"
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#define PAUSES_ROOM (1u << 20)

struct queue_verb {
	const char *conf;
	bool json, list;
	struct meant meant;
	struct table t;
	struct buf pauses; /* lines */
	struct clock clock;
	struct progress progress;
	uint64_t found;
};

static const struct opt opts[] = {
	OPT_JSON(struct queue_verb, json),
	OPT_CONF(struct queue_verb, conf),
	{ .letter = 'l',
	    .at = offsetof(struct queue_verb, list),
	    .what = "each thing, not the numbers" },
	{ 0 },
};

static const struct usage usage = {
	.verb = "queue", .opt = opts, .operands = "[FILTER ...]", .most = -1
};

/* Counters know no more than whose, which and where. */
static bool
wants_list(const struct filter *f)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->term[i].word != FILTER_what &&
		    f->term[i].word != FILTER_partner &&
		    f->term[i].word != FILTER_state)
			return true;
	return false;
}

static bool
wanted(const struct queue_verb *v, const struct row *r)
{
	struct filter_facts x = { .partner = row_text(r, "partner") };
	struct slice what = row_text(r, "what");
	int m = 0;

	while (
	    m < MACHINES - 1 && !slice_is(what, machine_name((enum machine)m)))
		m++;
	x.machine = (enum machine)m;
	x.state = state_find(x.machine, row_text(r, "state"));
	return filter_passes(&v->meant.filter, &x);
}

/* A line behind the numbers: why they may grow. */
static enum rc
pause_row(struct queue_verb *v, struct slice line, const struct row *r,
    struct err *err)
{
	struct filter_facts x = { .partner = row_text(r, "partner") };
	char since[ROW_TEXT];

	for (unsigned int i = 0; i < v->meant.filter.n; i++)
		if (v->meant.filter.term[i].word == FILTER_partner &&
		    !filter_passes(
			&(struct filter){
			    .term = { v->meant.filter.term[i] }, .n = 1 },
			&x))
			return RC_OK;
	if (v->json)
		return ask_print_json(NULL, line, r, err);
	buf_fmt(&v->pauses, "%.*s: %.*s is paused since %s by ",
	    SLICE_ARG(row_text(r, "partner")), SLICE_ARG(row_text(r, "what")),
	    time_shown(row_text(r, "since"), since));
	(void)utf8_show(row_text(r, "by"), &v->pauses);
	buf_str(&v->pauses, row_text(r, "why").len > 0 ? ": " : "");
	(void)utf8_show(row_text(r, "why"), &v->pauses);
	buf_byte(&v->pauses, '\n');
	return RC_OK;
}

static enum rc
count_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct queue_verb *v = arg;
	static const char *const ages[] = { "age_15m", "age_1h", "age_4h",
		"age_1d", "age_3d", "age_more" };
	char age[ROW_TEXT] = "";

	if (row_is(r, "row", "pause"))
		return pause_row(v, line, r, err);
	if (!wanted(v, r))
		return RC_OK;
	if (v->json)
		return ask_print_json(NULL, line, r, err);
	if (row_text(r, "age").len > 0)
		(void)age_shown(row_number(r, "age"), age);
	table_cell(&v->t, row_text(r, "partner"));
	table_cell(&v->t, row_text(r, "what"));
	table_cell(&v->t, row_text(r, "state"));
	table_cell(&v->t, row_text(r, "n"));
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		table_cell(&v->t, row_number(r, ages[i]) == 0
				      ? (struct slice){ NULL, 0 }
				      : row_text(r, ages[i]));
	table_cell(&v->t, slice_of(age));
	return RC_OK;
}

static enum rc
item_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct queue_verb *v = arg;
	char age[ROW_TEXT] = "";
	struct slice more = row_text(r, "why");

	if (v->json)
		return ask_print_json(NULL, line, r, err);
	if (row_text(r, "age").len > 0)
		(void)age_shown(row_number(r, "age"), age);
	progress_say(&v->progress, "found", ++v->found, 0);
	table_cell(&v->t, row_text(r, "id"));
	table_cell(&v->t, row_text(r, "what"));
	table_cell(&v->t, row_text(r, "state"));
	table_cell(&v->t, row_text(r, "partner"));
	table_cell(&v->t, slice_of(age));
	table_cell(&v->t, row_text(r, "name"));
	table_cell(&v->t, more.len > 0 ? more : row_text(r, "outcome"));
	return RC_OK;
}

static enum rc
queue_list(struct ask *a, struct queue_verb *v, struct err *err)
{
	struct ask_for to = { .row = item_row, .arg = v };

	return ask_say(
	    a, &to, err, "queue", "filter", meant_text(&v->meant), NULL);
}

static enum rc
queue_counts(struct ask *a, struct queue_verb *v, struct err *err)
{
	struct ask_for to = { .row = count_row, .arg = v };

	return ask_say(a, &to, err, "counts", NULL);
}

int
verb_queue(int argc, char **argv)
{
	static const char *const counts[] = { "PARTNER", "WHAT", "STATE", ">N",
		">-15m", ">-1h", ">-4h", ">-1d", ">-3d", ">OLDER", ">OLDEST",
		NULL };
	static const char *const list[] = { "ID", "WHAT", "STATE", "PARTNER",
		">AGE", "NAME", "WHY", NULL };
	struct queue_verb v = { .conf = NULL };
	struct ask *a = NULL;
	struct err err;
	enum rc rc = RC_REFUSED;
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (meant_read(&v.meant, "queue", argv + optind, argc - optind))
		a = ask_open("queue", v.conf);
	if (a != NULL) {
		clock_init(&v.clock);
		progress_init(&v.progress, STDERR_FILENO, &v.clock);
		v.list = v.list || wants_list(&v.meant.filter);
		buf_init(&v.pauses, PAUSES_ROOM);
		table_init(&v.t, v.list ? list : counts);
		rc = v.list ? queue_list(a, &v, &err)
			    : queue_counts(a, &v, &err);
		progress_hide(&v.progress);
		if (rc == RC_OK)
			(void)table_print(&v.t, stdout);
		if (rc == RC_OK && v.pauses.len > 0)
			(void)fwrite(v.pauses.p, 1, v.pauses.len, stdout);
		buf_clear(&v.pauses);
		table_clear(&v.t);
		ask_close(a);
	}
	meant_clear(&v.meant);
	if (a == NULL)
		return EXIT_USAGE;
	return rc == RC_OK ? 0 : ask_failed("queue", rc, &err);
}
