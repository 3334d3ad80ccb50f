/*
 * cli/verb_queue.c - entrepot queue: what waits, counted by partner and state,
 * or one line each. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/table.h"
#include "src/daemon/question.h"
#include "spool/states.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct queue_verb {
	const char *conf, *what, *state, *partner;
	bool json, list;
	struct table t;
};

static int
usage(void)
{
	fprintf(stderr, "usage: entrepot queue [--json] [-f CONF] [-l] "
			"[-w WHAT] [-s STATE] [-p PARTNER]\n");
	return EXIT_USAGE;
}

static bool
options(int argc, char **argv, struct queue_verb *v)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int ch;

	optind = 1;
	while ((ch = getopt_long(argc, argv, "f:lw:s:p:", longs, NULL)) != -1)
		switch (ch) {
		case 'f':
			v->conf = optarg;
			break;
		case 'l':
			v->list = true;
			break;
		case 'w':
			v->what = optarg;
			break;
		case 's':
			v->state = optarg;
			break;
		case 'p':
			v->partner = optarg;
			break;
		case 'j':
			v->json = true;
			break;
		default:
			return false;
		}
	return optind == argc;
}

static bool
wanted(const struct queue_verb *v, const struct row *r)
{
	return (v->what == NULL || row_is(r, "what", v->what)) &&
	       (v->state == NULL || row_is(r, "state", v->state)) &&
	       (v->partner == NULL || row_is(r, "partner", v->partner));
}

static enum rc
count_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct queue_verb *v = arg;
	static const char *const ages[] = { "age_15m", "age_1h", "age_4h",
		"age_1d", "age_3d", "age_more" };
	char age[ROW_TEXT] = "";

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
list_ask(struct ask *a, struct queue_verb *v, const char *what, struct err *err)
{
	struct ask_for to = { .row = item_row, .arg = v };
	struct buf q;
	enum rc rc;

	buf_init(&q, QUESTION_MAX);
	question_begin(&q, "queue");
	question_arg(&q, "what", slice_of(what));
	if (v->state != NULL)
		question_arg(&q, "state", slice_of(v->state));
	if (v->partner != NULL)
		question_arg(&q, "partner", slice_of(v->partner));
	rc = ask_question(a, &q, &to, err);
	buf_clear(&q);
	return rc;
}

/* A state that no machine has is the caller's mistake, told once. */
static bool
state_of(enum machine m, const char *state)
{
	return state == NULL || state_find(m, slice_of(state)) != STATE_NONE;
}

static enum rc
queue_list(struct ask *a, struct queue_verb *v, struct err *err)
{
	enum rc rc = RC_OK;
	unsigned int asked = 0;

	if (v->what != NULL)
		return list_ask(a, v, v->what, err);
	for (int m = 0; m < MACHINES && rc == RC_OK; m++)
		if (state_of((enum machine)m, v->state)) {
			rc = list_ask(a, v, machine_name((enum machine)m), err);
			asked++;
		}
	if (asked == 0)
		return err_set(err, RC_REFUSED,
		    "no state '%s', entrepot-states(7) lists them", v->state);
	return rc;
}

static enum rc
queue_counts(struct ask *a, struct queue_verb *v, struct err *err)
{
	struct ask_for to = { .row = count_row, .arg = v };
	struct buf q;
	enum rc rc;

	buf_init(&q, QUESTION_MAX);
	question_begin(&q, "counts");
	rc = ask_question(a, &q, &to, err);
	buf_clear(&q);
	return rc;
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
	struct ask *a;
	struct err err;
	enum rc rc;

	if (!options(argc, argv, &v))
		return usage();
	a = ask_open("queue", v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	table_init(&v.t, v.list ? list : counts);
	rc = v.list ? queue_list(a, &v, &err) : queue_counts(a, &v, &err);
	if (rc == RC_OK)
		(void)table_print(&v.t, stdout);
	table_clear(&v.t);
	ask_close(a);
	return rc == RC_OK ? 0 : ask_failed("queue", rc, &err);
}
