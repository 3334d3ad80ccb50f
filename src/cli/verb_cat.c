/*
 * cli/verb_cat.c - entrepot cat: bytes as they came or went, unchanged, on
 * standard output. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum wanted { ORIGINAL, SENT, REPLY, TRACE, FINDINGS };

struct cat {
	const char *conf, *kind; /* of the reply: taken, findings, status */
	enum wanted wanted;
	bool sent, trace, findings;
	/* looking for the leg or reply */
	struct ask *a;
	char id[FIND_TEXT];
	unsigned int n;
};

static const struct opt opts[] = {
	OPT_CONF(struct cat, conf),
	{ .word = "sent",
	    .at = offsetof(struct cat, sent),
	    .what = "what a leg or delivery sends",
	    .with = 'w' },
	{ .word = "reply",
	    .value = "KIND",
	    .kind = OPT_MAYBE,
	    .at = offsetof(struct cat, kind),
	    .what = "the newest reply: taken, findings or status",
	    .with = 'w' },
	{ .word = "trace",
	    .at = offsetof(struct cat, trace),
	    .what = "where each field of a leg came from",
	    .with = 'w' },
	{ .word = "findings",
	    .at = offsetof(struct cat, findings),
	    .what = "the complaints about a filing, an answer or an envelope",
	    .with = 'w' },
	{ 0 },
};

static const struct usage usage = {
	.verb = "cat", .opt = opts, .operands = "ID", .least = 1, .most = 1
};

/* --- which of a filing's parts --- */

static enum rc
part_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct cat *v = arg;
	const char *want = v->wanted == REPLY      ? "delivery"
			   : v->wanted == FINDINGS ? "filing"
						   : "leg";

	(void)line;
	(void)err;
	if (!row_is(r, "row", "item") ||
	    (!row_is(r, "what", want) &&
		(v->wanted != FINDINGS || !row_is(r, "what", "receipt"))))
		return RC_OK;
	if (v->wanted == REPLY && v->kind != NULL &&
	    !row_is(r, "carries", v->kind))
		return RC_OK;
	v->n++; /* the last one is the newest */
	(void)snprintf(
	    v->id, sizeof(v->id), "%.*s", SLICE_ARG(row_text(r, "id")));
	return RC_OK;
}

struct links {
	char what[16], arrival[FIND_TEXT];
};

static enum rc
links_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct links *l = arg;

	(void)line;
	(void)err;
	if (!row_is(r, "row", "thing"))
		return RC_OK;
	(void)snprintf(
	    l->what, sizeof(l->what), "%.*s", SLICE_ARG(row_text(r, "what")));
	(void)snprintf(l->arrival, sizeof(l->arrival), "%.*s",
	    SLICE_ARG(row_text(r, "arrival")));
	return RC_OK;
}

/* Is it what is wanted, or does that belong to it? */
static bool
part_itself(const struct cat *v, const char *what)
{
	if (v->wanted == REPLY || strcmp(what, "delivery") == 0)
		return strcmp(what, "delivery") == 0;
	if (v->wanted == FINDINGS)
		return strcmp(what, "filing") == 0 ||
		       strcmp(what, "receipt") == 0;
	return strcmp(what, "leg") == 0;
}

/*
 * A filing's leg, its newest reply; a leg or delivery is itself. Replies are
 * written for the file that came, so they belong to the arrival.
 */
static enum rc
part_find(struct cat *v, const char *id, struct err *err)
{
	static const char *const names[] = { [SENT] = "leg",
		[REPLY] = "reply",
		[TRACE] = "leg",
		[FINDINGS] = "filing" };
	struct links l = { "", "" };
	struct ask_for to = { .row = links_row, .arg = &l };
	struct ask_for parts = { .row = part_row, .arg = v };
	enum rc rc = ask_say(v->a, &to, err, "show", "id", id, NULL);
	bool reply = v->wanted == REPLY;

	(void)snprintf(v->id, sizeof(v->id), "%s", id);
	if (rc != RC_OK || part_itself(v, l.what))
		return rc;
	rc = ask_say(v->a, &parts, err, "parts", "id",
	    reply && l.arrival[0] != '\0' ? l.arrival : id, NULL);
	if (rc == RC_OK && v->n == 0 && v->wanted == FINDINGS &&
	    strcmp(l.what, "arrival") == 0)
		return RC_OK; /* those of its envelope */
	if (rc == RC_OK && v->n == 0)
		return err_set(err, RC_REFUSED, "%s '%s' has no %s%s%s", l.what,
		    id, names[v->wanted], v->kind == NULL ? "" : " of kind ",
		    v->kind == NULL ? "" : v->kind);
	if (rc == RC_OK && v->n > 1 && !reply)
		return err_set(err, RC_REFUSED,
		    "%s '%s' has %u of them, 'entrepot show' names each",
		    l.what, id, v->n);
	return rc;
}

static enum rc
bytes_out(void *arg, struct slice s, struct err *err)
{
	struct cat *v = arg;

	if (fwrite(s.p, 1, s.len, stdout) != s.len)
		return err_errno(err, RC_REFUSED, "standard output");
	v->n++;
	return RC_OK;
}

static enum rc
cat_run(struct cat *v, const char *typed, struct err *err)
{
	static const char *const bodies[] = { [ORIGINAL] = "body",
		[SENT] = "body",
		[REPLY] = "body",
		[TRACE] = "trace",
		[FINDINGS] = "findings" };
	struct ask_for to = { .bytes = bytes_out, .arg = v };
	enum rc rc = ask_find(v->a, typed, v->id, err);
	char id[FIND_TEXT];

	(void)snprintf(id, sizeof(id), "%s", v->id);
	if (rc == RC_OK && v->wanted != ORIGINAL)
		rc = part_find(v, id, err);
	if (rc != RC_OK)
		return rc;
	rc = ask_say(v->a, &to, err, "cat", "id", v->id, "body",
	    bodies[v->wanted], NULL);
	if (rc == RC_OK && fflush(stdout) != 0)
		rc = err_errno(err, RC_REFUSED, "standard output");
	return rc;
}

int
verb_cat(int argc, char **argv)
{
	struct cat v = { .wanted = ORIGINAL };
	struct err err;
	int status;
	enum rc rc;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	if (v.kind != NULL)
		v.wanted = REPLY;
	else
		v.wanted = v.sent       ? SENT
			   : v.trace    ? TRACE
			   : v.findings ? FINDINGS
					: ORIGINAL;
	if (v.kind != NULL && v.kind[0] == '\0')
		v.kind = NULL;
	v.a = ask_open("cat", v.conf);
	if (v.a == NULL)
		return EXIT_USAGE;
	rc = cat_run(&v, argv[optind], &err);
	ask_close(v.a);
	return rc == RC_OK ? 0 : ask_failed("cat", rc, &err);
}
