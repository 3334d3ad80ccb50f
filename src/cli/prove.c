/*
 * cli/prove.c - asks for the walk and adds it up. Called by the verbs spool
 * and audit.
 */
#include "src/cli/prove.h"
#include "src/base/utf8.h"
#include "src/cli/cli.h"
#include "src/cli/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WHATS 16

struct proving {
	bool json;
	struct clock clock;
	struct progress progress;
	uint64_t done; /* of all kinds */
	char what[WHATS][24];
	uint64_t n[WHATS];
	unsigned int whats;
	char head[80];
	uint64_t faults;
};

static void
checked_add(struct proving *p, const struct row *r)
{
	struct slice what = row_text(r, "what");
	unsigned int i = 0;

	while (i < p->whats && !slice_is(what, p->what[i]))
		i++;
	if (i == WHATS)
		return;
	if (i == p->whats) {
		(void)snprintf(
		    p->what[i], sizeof(p->what[i]), "%.*s", SLICE_ARG(what));
		p->whats++;
	}
	p->n[i] += row_number(r, "n");
	if (row_text(r, "head").len > 0)
		(void)snprintf(p->head, sizeof(p->head), "%.*s",
		    SLICE_ARG(row_text(r, "head")));
}

static void
fault_print(const struct row *r)
{
	struct buf shown;

	buf_init(&shown, 4096);
	(void)utf8_show(row_text(r, "why"), &shown);
	printf("%.*s%s%.*s: %s\n", SLICE_ARG(row_text(r, "what")),
	    row_text(r, "id").len > 0 ? " " : "", SLICE_ARG(row_text(r, "id")),
	    buf_cstr(&shown));
	buf_clear(&shown);
}

static enum rc
proving_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct proving *p = arg;

	if (row_is(r, "row", "fault")) {
		p->faults++;
		progress_hide(&p->progress);
		if (!p->json)
			fault_print(r);
	} else {
		checked_add(p, r);
		p->done += row_number(r, "n");
		progress_say(&p->progress, "things proved", p->done, 0);
	}
	if (!p->json)
		return RC_OK;
	progress_hide(&p->progress);
	return ask_print_json(NULL, line, r, err);
}

static void
sum_print(const struct proving *p)
{
	for (unsigned int i = 0; i < p->whats; i++)
		printf("%s%llu %s", i == 0 ? "" : ", ",
		    (unsigned long long)p->n[i], p->what[i]);
	if (p->faults == 0)
		printf(": all agree\n");
	else
		printf(": %llu fault%s\n", (unsigned long long)p->faults,
		    p->faults == 1 ? "" : "s");
	for (unsigned int i = 0; i < p->whats && p->faults == 0; i++)
		if (strcmp(p->what[i], "events") == 0)
			printf("head %llu:%s\n", (unsigned long long)p->n[i],
			    p->head);
}

int
prove_run(struct ask *a, const char *verb, const char *from, bool json)
{
	struct proving p = { .json = json };
	struct ask_for to = { .row = proving_row, .arg = &p };
	struct err err;
	enum rc rc;

	clock_init(&p.clock);
	progress_init(&p.progress, STDERR_FILENO, &p.clock);
	rc = ask_say(a, &to, &err, "verify", "from", from, NULL);
	progress_hide(&p.progress);
	if (rc != RC_OK)
		return ask_failed(verb, rc, &err);
	if (!json)
		sum_print(&p);
	return p.faults == 0 ? 0 : EXIT_NO;
}
