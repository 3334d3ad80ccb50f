/*
 * cli/verb_check.c - entrepot check: the configuration and the mappings it
 * names, all mistakes in one run. Opens what the daemon would open and starts
 * nothing. Trusts neither. Called by dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/base/utf8.h"
#include "src/conf/conf.h"
#include "src/daemon/mappings.h"
#include "src/record/complaints.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_ROOM 65536

struct check {
	const char *conf;
	bool json, verbose;
};

static const struct opt opts[] = {
	{ .letter = 'v',
	    .at = offsetof(struct check, verbose),
	    .what = "each mistake with its line and a caret",
	    .with = 'v' },
	{ .word = "json",
	    .at = offsetof(struct check, json),
	    .what = "one JSON object a line, for programs",
	    .with = 'v' },
	OPT_CONF(struct check, conf),
	{ 0 },
};

static const struct usage usage = { .verb = "check", .opt = opts };

static int
complaint_order(const void *a, const void *b)
{
	const struct complaint *x = *(const struct complaint *const *)a;
	const struct complaint *y = *(const struct complaint *const *)b;
	int by_file = strcmp(x->file, y->file);

	if (by_file != 0)
		return by_file;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

static void
complaint_line(const struct complaint *c, bool json, struct buf *b)
{
	if (!json) {
		(void)utf8_show(slice_of(c->file), b);
		if (c->line > 0)
			buf_fmt(b, ":%u:%u", c->line, c->column);
		buf_str(b, c->warning ? ": warning: " : ": error: ");
		(void)utf8_show(slice_of(c->text), b);
		buf_byte(b, '\n');
		return;
	}
	json_open(b);
	json_text(b, "severity", slice_of(c->warning ? "warning" : "error"));
	json_text(b, "file", slice_of(c->file));
	json_number(b, "line", c->line);
	json_number(b, "column", c->column);
	json_text(b, "text", slice_of(c->text));
	json_text(b, "source", slice_of(c->source));
	json_close(b);
	buf_byte(b, '\n');
}

/* One line a mistake, in the order of files and lines. */
static void
complaints_lines(const struct complaints *c, bool json)
{
	const struct complaint **all = calloc(c->n + 1, sizeof(*all));
	struct buf b;

	if (all == NULL)
		return;
	for (uint32_t i = 0; i < c->n; i++)
		all[i] = &c->item[i];
	qsort(all, c->n, sizeof(*all), complaint_order);
	buf_init(&b, LINE_ROOM);
	for (uint32_t i = 0; i < c->n; i++) {
		/* A warning is no mistake: -v and programs hear of it. */
		if (all[i]->warning && !json)
			continue;
		buf_reset(&b);
		complaint_line(all[i], json, &b);
		(void)fwrite(b.p, 1, b.len, stdout);
	}
	buf_clear(&b);
	free(all);
}

/* What was found good: those who ask for more than yes or no are told. */
static void
version_say(const struct check *o, const struct mappings *m, unsigned int i)
{
	const struct bundle *one = &m->list.one[i];
	char from[CLOCK_TEXT] = "";
	struct buf b;

	if (one->from_ms != 0)
		(void)clock_print(one->from_ms, from);
	buf_init(&b, LINE_ROOM);
	if (o->json) {
		json_open(&b);
		json_text(&b, "mappings", slice_of(one->version));
		if (from[0] != '\0')
			json_text(&b, "from", slice_of(from));
		json_text(&b, "folder", slice_of(m->folder[i]));
		json_close(&b);
		buf_byte(&b, '\n');
	} else if (o->verbose) {
		buf_fmt(&b, "mappings %s", one->version);
		if (m->list.n > 1 || from[0] != '\0')
			buf_fmt(&b, " in %s%s%s", m->folder[i],
			    from[0] == '\0' ? "" : " from ", from);
		buf_byte(&b, '\n');
	}
	if (b.len > 0)
		(void)fwrite(b.p, 1, b.len, stdout);
	buf_clear(&b);
}

/* The formats that it names are in each bundle: one day each will hold. */
static enum rc
whole_open(const char *file, struct conf **conf, struct mappings **m,
    struct complaints *c, struct err *err)
{
	struct clock clock;
	enum rc rc = conf_read(conf, ask_conf(file), c, err);

	clock_init(&clock);
	/* Without a configuration nobody knows which mappings. */
	if (rc == RC_OK)
		rc = mappings_open(m, *conf, clock_wall(&clock), c, err);
	for (unsigned int i = 0; *m != NULL && i < (*m)->list.n; i++)
		if (conf_check_formats(*conf,
			pipeline_formats((*m)->pipeline[i]), (*m)->folder[i],
			c) != RC_OK)
			rc = RC_REFUSED;
	return rc;
}

void
check_tell(const char *file)
{
	struct conf *conf = NULL;
	struct mappings *m = NULL;
	struct complaints c;
	struct err err;

	complaints_init(&c);
	if (whole_open(file, &conf, &m, &c, &err) != RC_OK)
		complaints_print(&c, stderr);
	mappings_free(m);
	conf_free(conf);
	complaints_clear(&c);
}

static enum rc
check_all(const struct check *o, struct complaints *c, struct err *err)
{
	struct conf *conf = NULL;
	struct mappings *m = NULL;
	enum rc rc = whole_open(o->conf, &conf, &m, c, err);

	if (o->verbose)
		complaints_print(c, stdout);
	else
		complaints_lines(c, o->json);
	for (unsigned int i = 0; rc == RC_OK && i < m->list.n; i++)
		version_say(o, m, i);
	mappings_free(m);
	conf_free(conf);
	return rc;
}

int
verb_check(int argc, char **argv)
{
	struct check o = { .conf = NULL };
	struct complaints c;
	struct err err = { "" };
	int status;
	enum rc rc;

	if (!options_read(&usage, argc, argv, &o, &status))
		return status;
	complaints_init(&c);
	rc = check_all(&o, &c, &err);
	/* Nothing to point at: the file cannot be opened. */
	if (rc != RC_OK && c.errors == 0)
		fprintf(stderr, "entrepot check: %s\n", err.text);
	else if (c.errors > c.n)
		fprintf(stderr, "entrepot check: %u mistakes more\n",
		    c.errors - c.n);
	complaints_clear(&c);
	return rc == RC_OK ? EXIT_SUCCESS : EXIT_NO;
}
