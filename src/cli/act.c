/*
 * cli/act.c - counting, being sure, doing page by page; trusts the spool to
 * judge each thing again. Called by the verbs that act.
 */
#include "src/cli/act.h"
#include "src/cli/cli.h"
#include "src/cli/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct sums {
	uint64_t n[MACHINES], legs, busy, all;
};

struct doing {
	struct act *act;
	struct sums sums;
	struct progress *progress;
	uint64_t of; /* will be met; 0: not counted yet */
};

static enum machine
machine_of(const struct row *r)
{
	int m = 0;

	while (m < MACHINES - 1 &&
	       !row_is(r, "what", machine_name((enum machine)m)))
		m++;
	return (enum machine)m;
}

static enum rc
matching_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct doing *d = arg;

	(void)line;
	(void)err;
	if (!row_is(r, "row", "matching"))
		return RC_OK;
	d->sums.n[machine_of(r)] += row_number(r, "n");
	d->sums.all += row_number(r, "n");
	d->sums.legs += row_number(r, "legs");
	progress_say(d->progress, "counted", d->sums.all, 0);
	return RC_OK;
}

static enum rc
operated_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct doing *d = arg;

	if (!row_is(r, "row", "operated"))
		return RC_OK;
	d->sums.all += row_number(r, "n");
	d->sums.legs += row_number(r, "legs");
	d->sums.busy += row_number(r, "busy");
	progress_say(
	    d->progress, operate_past(d->act->what), d->sums.all, d->of);
	if (!d->act->json)
		return RC_OK;
	progress_hide(d->progress);
	return ask_print_json(NULL, line, r, err);
}

static enum rc
word_ask(struct ask *a, const char *word, struct doing *d, ask_row_fn *fn,
    struct err *err)
{
	struct act *v = d->act;
	struct ask_for to = { .row = fn, .arg = d };

	return ask_say(a, &to, err, word, "verb", operate_name(v->what),
	    "filter", meant_text(&v->meant), "words", v->words, "to", v->to,
	    NULL);
}

/* "2 legs and 1 delivery (37 legs)" */
static void
sums_print(const struct sums *s, FILE *to)
{
	static const char *const many[MACHINES] = {
		[MACHINE_arrival] = "arrivals",
		[MACHINE_filing] = "filings",
		[MACHINE_leg] = "legs",
		[MACHINE_delivery] = "deliveries",
		[MACHINE_receipt] = "receipts",
	};
	bool first = true;

	for (int m = 0; m < MACHINES; m++) {
		if (s->n[m] == 0)
			continue;
		fprintf(to, "%s%llu %s", first ? "" : ", ",
		    (unsigned long long)s->n[m],
		    s->n[m] == 1 ? machine_name((enum machine)m) : many[m]);
		if (m == MACHINE_delivery && s->legs > 0)
			fprintf(to, " of %llu leg%s",
			    (unsigned long long)s->legs,
			    s->legs == 1 ? "" : "s");
		first = false;
	}
}

/* `all` wants its number typed: whoever saw it means it. */
static bool
is_sure(const struct act *v, const struct sums *s)
{
	char word[40];

	if (!v->meant.all)
		return v->sure != NULL;
	(void)snprintf(
	    word, sizeof(word), "all-%llu", (unsigned long long)s->all);
	return v->sure != NULL && strcmp(v->sure, word) == 0;
}

static void
would_print(const struct act *v, const struct sums *s)
{
	if (v->json) {
		printf("{\"row\":\"would\",\"verb\":\"%s\",\"n\":%llu,"
		       "\"legs\":%llu}\n",
		    operate_name(v->what), (unsigned long long)s->all,
		    (unsigned long long)s->legs);
		return;
	}
	sums_print(s, stdout);
	if (v->meant.all)
		printf(" would be %s: --yes=all-%llu does it\n",
		    operate_past(v->what), (unsigned long long)s->all);
	else
		printf(" would be %s: --yes does it\n", operate_past(v->what));
}

static void
done_print(const struct act *v, const struct sums *met, const struct sums *done)
{
	struct sums shown = *met;

	if (v->json)
		return;
	/* Between the two counts something may have moved by itself. */
	if (done->all == met->all) {
		sums_print(&shown, stdout);
		printf(" %s\n", operate_past(v->what));
	} else
		printf("%llu %s\n", (unsigned long long)done->all,
		    operate_past(v->what));
	if (done->busy > 0)
		printf("%llu on the way out at this moment, left alone\n",
		    (unsigned long long)done->busy);
}

static int
run(struct act *v, struct ask *a)
{
	struct clock clock;
	struct progress progress;
	struct doing met = { .act = v, .progress = &progress };
	struct doing done = { .act = v, .progress = &progress };
	struct err err;
	enum rc rc;

	clock_init(&clock);
	progress_init(&progress, STDERR_FILENO, &clock);
	rc = word_ask(a, "matching", &met, matching_row, &err);
	progress_hide(&progress);
	if (rc != RC_OK)
		return ask_failed(v->verb, rc, &err);
	if (met.sums.all == 0) {
		if (!v->json)
			printf("nothing to be %s\n", operate_past(v->what));
		return EXIT_NO;
	}
	if (!is_sure(v, &met.sums)) {
		would_print(v, &met.sums);
		return EXIT_NO;
	}
	done.of = met.sums.all;
	rc = word_ask(a, "operate", &done, operated_row, &err);
	progress_hide(&progress);
	if (rc != RC_OK)
		return ask_failed(v->verb, rc, &err);
	done_print(v, &met.sums, &done.sums);
	return done.sums.all > 0 ? 0 : EXIT_NO;
}

int
act_run(struct act *v)
{
	struct ask *a = ask_open(v->verb, v->conf);
	int status;

	if (a == NULL)
		return EXIT_USAGE;
	status = run(v, a);
	ask_close(a);
	return status;
}
