/*
 * cli/verb_audit.c - entrepot audit: the chain of events, line by line, or
 * proved, against a head that was kept elsewhere too. Called by dispatch.
 */
#include "src/base/hash.h"
#include "src/base/utf8.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/progress.h"
#include "src/cli/prove.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALL UINT64_MAX

struct audit_verb {
	const char *conf, *text, *kept;
	bool json;
	uint64_t last, after, events, looked;
	struct clock clock;
	struct progress progress;
	/* a head kept elsewhere */
	uint64_t seq;
	char head[DIGEST_TEXT];
	bool found;
};

static const struct opt opts[] = {
	OPT_JSON(struct audit_verb, json),
	OPT_CONF(struct audit_verb, conf),
	{ .letter = 'n',
	    .value = "LAST",
	    .kind = OPT_NUMBER,
	    .at = offsetof(struct audit_verb, last),
	    .what = "the last so many events" },
	{ .word = "head",
	    .value = "SEQ:HASH",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct audit_verb, kept),
	    .what = "verify: a head that was kept elsewhere" },
	{ 0 },
};

static const struct usage usage = {
	.verb = "audit", .opt = opts, .operands = "[TEXT | verify]", .most = 1
};

static bool
head_read(struct audit_verb *v, const char *arg)
{
	struct slice s = slice_of(arg), seq = slice_cut(&s, ':');
	struct digest d;

	return slice_u64(seq, &v->seq) && v->seq > 0 && digest_parse(s, &d) &&
	       digest_print(&d, v->head) != NULL;
}

static enum rc
event_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct audit_verb *v = arg;
	struct slice text = row_text(r, "line");
	struct buf shown;

	v->looked++;
	if (v->text != NULL)
		progress_say(&v->progress, "events looked at", v->looked, 0);
	if (v->text != NULL &&
	    memmem(text.p, text.len, v->text, strlen(v->text)) == NULL)
		return RC_OK;
	progress_hide(&v->progress);
	if (v->json)
		return ask_print_json(NULL, line, r, err);
	buf_init(&shown, 65536);
	(void)utf8_show(text, &shown);
	puts(buf_cstr(&shown));
	buf_clear(&shown);
	return RC_OK;
}

static enum rc
status_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct audit_verb *v = arg;

	(void)line;
	(void)err;
	if (row_is(r, "row", "status"))
		v->events = row_number(r, "events");
	return RC_OK;
}

static enum rc
head_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct audit_verb *v = arg;

	(void)line;
	(void)err;
	v->found = row_number(r, "seq") == v->seq && row_is(r, "hash", v->head);
	return RC_OK;
}

static enum rc
events_ask(struct ask *a, struct audit_verb *v, ask_row_fn *fn, uint64_t after,
    bool one, struct err *err)
{
	struct ask_for to = { .row = fn, .arg = v };
	char number[24];

	(void)snprintf(
	    number, sizeof(number), "%llu", (unsigned long long)after);
	return ask_say(a, &to, err, "events", "limit", one ? "1" : NULL,
	    "since", number, NULL);
}

/* The last ones: behind all but so many. */
static enum rc
last_find(struct ask *a, struct audit_verb *v, struct err *err)
{
	struct ask_for to = { .row = status_row, .arg = v };
	enum rc rc;

	if (v->last == ALL)
		return RC_OK;
	rc = ask_say(a, &to, err, "status", NULL);
	v->after = v->events > v->last ? v->events - v->last : 0;
	return rc;
}

static int
head_check(struct ask *a, struct audit_verb *v)
{
	struct err err;
	enum rc rc = events_ask(a, v, head_row, v->seq - 1, true, &err);

	if (rc != RC_OK)
		return ask_failed("audit", rc, &err);
	if (v->found)
		return 0;
	printf("event: event %llu is not the one whose hash was kept: the "
	       "chain was cut or written anew\n",
	    (unsigned long long)v->seq);
	return EXIT_NO;
}

int
verb_audit(int argc, char **argv)
{
	struct audit_verb v = { .last = ALL };
	struct ask *a;
	struct err err;
	bool verify;
	int status;
	enum rc rc;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (v.kept != NULL && !head_read(&v, v.kept))
		return options_wrong(&usage, "audit",
		    "--head wants SEQ:HASH as verify printed it", v.kept);
	v.text = argv[optind];
	if (v.kept != NULL && (v.text == NULL || strcmp(v.text, "verify") != 0))
		return options_wrong(
		    &usage, "audit", "--head goes with verify", NULL);
	clock_init(&v.clock);
	progress_init(&v.progress, STDERR_FILENO, &v.clock);
	verify = v.text != NULL && strcmp(v.text, "verify") == 0;
	a = ask_open("audit", v.conf);
	if (a == NULL)
		return EXIT_USAGE;
	if (verify) {
		status = prove_run(a, "audit", "chain", v.json);
		if (status == 0 && v.seq != 0)
			status = head_check(a, &v);
	} else {
		rc = last_find(a, &v, &err);
		if (rc == RC_OK)
			rc = events_ask(a, &v, event_row, v.after, false, &err);
		progress_hide(&v.progress);
		status = rc == RC_OK ? 0 : ask_failed("audit", rc, &err);
	}
	ask_close(a);
	return status;
}
