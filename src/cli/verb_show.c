/*
 * cli/verb_show.c - entrepot show: a thing with all that belongs to it, and
 * when each state was reached. Called by dispatch.
 *
 * From whatever was named one goes up to the arrival it came with, then down:
 * the filing, its legs, their deliveries, the replies. Each is asked for by
 * itself: the daemon never holds more than one of them for us.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/show.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_WHOLE 20    /* more of them are one line each, for people */
#define PARTS_MAX   20000 /* shown at once */

struct part {
	char id[FIND_TEXT], what[16], line[200];
};

struct parts {
	struct part *part;
	size_t n, room;
	bool lost;
};

struct links { /* what a thing's row names: where it came from, where to */
	char id[FIND_TEXT], what[16], arrival[FIND_TEXT], filing[FIND_TEXT],
	    delivery[FIND_TEXT];
};

struct show_verb {
	const char *conf;
	struct ask *a;
	struct show show;
	char delivery[FIND_TEXT]; /* told already, above its legs */
};

static const struct opt opts[] = {
	OPT_JSON(struct show_verb, show.json),
	OPT_CONF(struct show_verb, conf),
	{ 0 },
};

static const struct usage usage = {
	.verb = "show", .opt = opts, .operands = "ID", .least = 1, .most = 1
};

static void
copy(char *out, size_t size, struct slice s)
{
	(void)snprintf(out, size, "%.*s", SLICE_ARG(s));
}

/* --- what belongs to a thing --- */

static enum rc
part_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct parts *p = arg;
	struct part *x;

	(void)line;
	if (!row_is(r, "row", "item"))
		return RC_OK;
	if (p->n == p->room) {
		size_t room = p->room == 0 ? 64 : p->room * 2;
		struct part *more =
		    room > 2 * PARTS_MAX
			? NULL
			: realloc(p->part, room * sizeof(*more));

		if (more == NULL)
			return err_set(err, RC_REFUSED,
			    "more than %d things belong to it", PARTS_MAX);
		p->part = more;
		p->room = room;
	}
	x = &p->part[p->n++];
	copy(x->id, FIND_TEXT, row_text(r, "id"));
	copy(x->what, sizeof(x->what), row_text(r, "what"));
	show_short(r, x->line, sizeof(x->line));
	return RC_OK;
}

static enum rc
links_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct links *l = arg;

	(void)line;
	(void)err;
	if (!row_is(r, "row", "thing"))
		return RC_OK;
	copy(l->id, FIND_TEXT, row_text(r, "id"));
	copy(l->what, sizeof(l->what), row_text(r, "what"));
	copy(l->arrival, FIND_TEXT, row_text(r, "arrival"));
	copy(l->filing, FIND_TEXT, row_text(r, "filing"));
	copy(l->delivery, FIND_TEXT, row_text(r, "delivery"));
	return RC_OK;
}

/* --- showing --- */

struct both {
	struct show *show;
	struct links *links;
};

static enum rc
thing_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct both *b = arg;

	(void)links_row(b->links, line, r, err);
	return show_row(b->show, line, r, err);
}

static enum rc tree_show(
    struct show_verb *, const char *id, unsigned int depth, struct err *);

/* only: NULL, or the kind that is wanted. */
static enum rc
parts_show(struct show_verb *v, const char *id, const char *only,
    unsigned int depth, struct err *err)
{
	struct parts p = { NULL, 0, 0, false };
	struct ask_for to = { .row = part_row, .arg = &p };
	enum rc rc = ask_say(v->a, &to, err, "parts", "id", id, NULL);
	size_t n = 0;

	for (size_t i = 0; i < p.n; i++)
		n += only == NULL || strcmp(p.part[i].what, only) == 0;
	for (size_t i = 0; i < p.n && rc == RC_OK; i++) {
		if (only != NULL && strcmp(p.part[i].what, only) != 0)
			continue;
		if (n > PARTS_WHOLE && !v->show.json)
			printf("%*s%s\n", (int)(2 * depth), "", p.part[i].line);
		else
			rc = tree_show(v, p.part[i].id, depth, err);
	}
	free(p.part);
	return rc;
}

static enum rc
tree_show(
    struct show_verb *v, const char *id, unsigned int depth, struct err *err)
{
	struct links l = { "", "", "", "", "" };
	struct both b = { &v->show, &l };
	struct ask_for to = { .row = thing_row, .arg = &b };
	enum rc rc;

	v->show.depth = depth;
	rc = ask_say(v->a, &to, err, "show", "id", id, NULL);
	if (rc != RC_OK)
		return rc;
	if (strcmp(l.what, "leg") == 0 && l.delivery[0] != '\0' &&
	    strcmp(l.delivery, v->delivery) != 0)
		return tree_show(v, l.delivery, depth + 1, err);
	if (strcmp(l.what, "arrival") == 0 || strcmp(l.what, "filing") == 0)
		return parts_show(v, id, NULL, depth + 1, err);
	return RC_OK;
}

/* Everything about one filing, of an arrival that may hold hundreds. */
static enum rc
filing_show(struct show_verb *v, const char *filing, const char *arrival,
    struct err *err)
{
	struct ask_for to = { .row = show_row, .arg = &v->show };
	enum rc rc = RC_OK;

	v->show.depth = 0;
	if (arrival[0] != '\0')
		rc = ask_say(v->a, &to, err, "show", "id", arrival, NULL);
	if (rc == RC_OK)
		rc = tree_show(v, filing, 1, err);
	if (rc == RC_OK && arrival[0] != '\0')
		rc = parts_show(v, arrival, "delivery", 1, err);
	return rc;
}

static enum rc
show_from(struct show_verb *v, const char *id, struct err *err)
{
	struct links l = { "", "", "", "", "" };
	struct ask_for look = { .row = links_row, .arg = &l };
	enum rc rc = ask_say(v->a, &look, err, "show", "id", id, NULL);

	if (rc != RC_OK)
		return rc;
	if (strcmp(l.what, "filing") == 0)
		return filing_show(v, l.id, l.arrival, err);
	if (strcmp(l.what, "leg") == 0 && l.filing[0] != '\0')
		return filing_show(v, l.filing, l.arrival, err);
	if (strcmp(l.what, "delivery") == 0)
		copy(v->delivery, FIND_TEXT, slice_of(l.id));
	rc = tree_show(v, id, 0, err);
	/* Which legs it carries. */
	if (rc == RC_OK && strcmp(l.what, "delivery") == 0)
		rc = parts_show(v, id, NULL, 1, err);
	return rc;
}

int
verb_show(int argc, char **argv)
{
	struct show_verb v = { .a = NULL };
	char id[FIND_TEXT];
	struct err err;
	enum rc rc;
	int status;

	if (!options_read(&usage, argc, argv, &v, &status))
		return status;
	v.a = ask_open("show", v.conf);
	if (v.a == NULL)
		return EXIT_USAGE;
	rc = ask_find(v.a, argv[optind], id, &err);
	if (rc == RC_OK)
		rc = show_from(&v, id, &err);
	ask_close(v.a);
	return rc == RC_OK ? 0 : ask_failed("show", rc, &err);
}
