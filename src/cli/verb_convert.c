/*
 * cli/verb_convert.c - entrepot convert: one file from one format to another,
 * through the same pipeline as the convert role. Trusts the mappings; nothing
 * in the file. Called by dispatch.
 */
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/convert.h"
#include "src/base/clock.h"
#include "src/format/date.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARRIVAL_MAX  (64u << 20)   /* DESIGN 8 */
#define MEMORY_MAX   (1024u << 20) /* all filings of a file at once */
#define EXIT_REFUSED 1

static const struct opt opts[] = {
	{ .letter = 'm',
	    .word = "mappings",
	    .value = "MAPPINGS",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct convert, mappings),
	    .what = "the folder of mappings" },
	{ .word = "from",
	    .value = "FORMAT",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct convert, from),
	    .what = "what it is; without: what it looks like" },
	{ .word = "to",
	    .value = "FORMAT",
	    .kind = OPT_TEXT,
	    .at = offsetof(struct convert, to),
	    .what = "what it becomes",
	    .must = true },
	{ .word = "trace",
	    .at = offsetof(struct convert, want_trace),
	    .what = "where each field came from" },
	OPT_JSON(struct convert, json),
	{ 0 },
};

static const struct usage usage = { .verb = "convert",
	.opt = opts,
	.operands = "FILE",
	.least = 1,
	.most = 1 };

/* The whole file, or standard input; at most what an arrival may be. */
static bool
file_read(const char *path, struct buf *b)
{
	bool in = strcmp(path, "-") == 0;
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (fd >= 0 && !buf_failed(b)) {
		char *room = buf_room(b, 65536);

		if (room == NULL)
			break;
		n = read(fd, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b->len += (size_t)n;
	}
	if (fd < 0 || n < 0)
		fprintf(stderr, "entrepot convert: %s: %s\n", path,
		    strerror(errno));
	else if (buf_failed(b))
		fprintf(stderr, "entrepot convert: %s: more than %u bytes\n",
		    path, ARRIVAL_MAX);
	if (fd >= 0 && !in)
		(void)close(fd);
	return fd >= 0 && n >= 0 && !buf_failed(b);
}

static const struct plan *
format_known(const struct convert *c, const char *name)
{
	const struct plan *plan = pipeline_format(c->pipeline, name);

	if (plan == NULL)
		fprintf(stderr, "entrepot convert: no format '%s' in %s\n",
		    name, c->mappings);
	return plan;
}

static enum rc
filing_take(void *arg, const struct filing *f, struct err *err)
{
	struct convert *c = arg;

	if (c->nfilings == CONVERT_FILINGS)
		return err_set(err, RC_REFUSED,
		    "more than %u filings in one file", CONVERT_FILINGS);
	c->filing[c->nfilings++] = *f;
	progress_say(&c->progress, "messages read", c->nfilings, 0);
	if (f->record == NULL || f->findings->errors > 0)
		c->refused = true;
	return RC_OK;
}

static int
year_of(int64_t wall)
{
	char text[CLOCK_TEXT];

	return atoi(clock_print(wall, text));
}

static int
arrival_run(struct convert *c, struct slice raw)
{
	const char *slash = strrchr(c->file, '/');
	const char *const accept[] = { c->from };
	struct arrival a = { .raw = raw,
		.file_name = slice_of(slash == NULL ? c->file : slash + 1),
		.accept = accept,
		.naccept = c->from == NULL ? 0 : 1 };
	struct err err;
	enum rc rc;

	a.base_year = year_of(clock_wall(&c->clock));
	(void)clock_print(clock_wall(&c->clock), c->now);
	if (strcmp(c->file, "-") == 0)
		a.file_name = (struct slice){ NULL, 0 };
	rc = pipeline_arrival(
	    c->pipeline, &a, c->mem, NULL, filing_take, c, &err);
	progress_hide(&c->progress);
	if (rc != RC_OK) {
		fprintf(
		    stderr, "entrepot convert: %s: %s\n", c->file, err.text);
		return EXIT_REFUSED;
	}
	if (!c->refused)
		c->refused = !convert_write(c);
	progress_hide(&c->progress);
	convert_findings(c);
	if (c->refused)
		return EXIT_REFUSED;
	if (c->want_trace)
		convert_trace(c);
	if (fwrite(c->out.p, 1, c->out.len, stdout) != c->out.len ||
	    fflush(stdout) != 0) {
		fprintf(stderr, "entrepot convert: standard output: %s\n",
		    strerror(errno));
		return EXIT_USAGE;
	}
	return EXIT_SUCCESS;
}

static int
convert_run(struct convert *c)
{
	struct buf raw;
	int status = EXIT_USAGE;

	buf_init(&raw, ARRIVAL_MAX);
	c->target = format_known(c, c->to);
	if (c->target != NULL &&
	    (c->from == NULL || format_known(c, c->from) != NULL) &&
	    file_read(c->file, &raw)) {
		c->mem = arena_new(MEMORY_MAX);
		c->filing = calloc(CONVERT_FILINGS, sizeof(*c->filing));
		buf_init(&c->out, MEMORY_MAX);
		if (c->mem != NULL && c->filing != NULL)
			status = arrival_run(c, buf_look(&raw));
		buf_clear(&c->out);
		arena_free(c->mem);
		free(c->filing);
		free(c->part);
	}
	buf_clear(&raw);
	return status;
}

int
verb_convert(int argc, char **argv)
{
	struct convert c = { .mappings = getenv("ENTREPOT_MAPPINGS") };
	struct complaints complaints;
	struct err err;
	int status = EXIT_USAGE;

	if (!options_read(&usage, argc, argv, &c, &status))
		return status;
	c.file = argv[optind];
	status = EXIT_USAGE;
	clock_init(&c.clock);
	progress_init(&c.progress, STDERR_FILENO, &c.clock);
	if (c.mappings == NULL || c.mappings[0] == '\0')
		c.mappings = ENTREPOT_MAPPINGS;
	complaints_init(&complaints);
	if (pipeline_open(&c.pipeline, c.mappings, &complaints, &err) ==
	    RC_OK) {
		status = convert_run(&c);
	} else {
		complaints_print(&complaints, stderr);
		fprintf(stderr, "entrepot convert: %s\n", err.text);
	}
	complaints_clear(&complaints);
	pipeline_free(c.pipeline);
	return status;
}
