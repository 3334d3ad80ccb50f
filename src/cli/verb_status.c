/*
 * cli/verb_status.c - entrepot status: how it goes, as people and as
 * monitoring want it. The thresholds are in entrepot-status(8). Called by
 * dispatch.
 */
#include "src/cli/ask.h"
#include "src/cli/cli.h"
#include "src/cli/options.h"
#include "src/cli/table.h"
#include "src/base/json.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGE_WARNING    900   /* s: 15 minutes */
#define AGE_CRITICAL   14400 /* s: 4 hours */
#define INODES_WARNING 10000
#define WORDS_MAX      4096

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_CRITICAL };

struct status {
	const char *conf;
	bool json, daemon;
	uint64_t warning, critical; /* ages in seconds */
	enum level level;
	struct buf words; /* why it is not fine */
	struct table roles;
};

static const struct opt opts[] = {
	OPT_JSON(struct status, json),
	OPT_CONF(struct status, conf),
	{ .letter = 'w',
	    .value = "SECONDS",
	    .kind = OPT_NUMBER,
	    .at = offsetof(struct status, warning),
	    .what = "a warning when the oldest waits so long" },
	{ .letter = 'c',
	    .value = "SECONDS",
	    .kind = OPT_NUMBER,
	    .at = offsetof(struct status, critical),
	    .what = "critical when it waits so long" },
	{ 0 },
};

static const struct usage usage = { .verb = "status", .opt = opts };

PRINTF(3, 4)
static void
not_fine(struct status *s, enum level level, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (level > s->level)
		s->level = level;
	buf_fmt(&s->words, "%s%s", s->words.len > 0 ? "; " : "", text);
}

static void
judge_space(struct status *s, const struct row *r)
{
	uint64_t free_bytes = row_number(r, "free");
	uint64_t reserve = row_number(r, "reserve");
	uint64_t inodes = row_number(r, "inodes");
	char free_text[ROW_TEXT], reserve_text[ROW_TEXT];

	(void)size_shown(free_bytes, free_text);
	(void)size_shown(reserve, reserve_text);
	if (free_bytes < reserve)
		not_fine(s, LEVEL_CRITICAL,
		    "%s free, below the reserve of %s: nothing is taken in",
		    free_text, reserve_text);
	else if (free_bytes / 2 < reserve)
		not_fine(s, LEVEL_WARNING, "%s free, the reserve is %s",
		    free_text, reserve_text);
	/* 0: a file system that does not count them. */
	if (inodes > 0 && inodes < INODES_WARNING)
		not_fine(s, LEVEL_WARNING, "%llu inodes free",
		    (unsigned long long)inodes);
}

static void
judge(struct status *s, const struct row *r)
{
	uint64_t age = row_number(r, "oldest_age");
	uint64_t held = row_number(r, "held");
	char text[ROW_TEXT];

	if (!s->daemon)
		not_fine(s, LEVEL_CRITICAL, "no daemon runs");
	judge_space(s, r);
	if (row_number(r, "backlog") > 0 && age >= s->warning)
		not_fine(s, age >= s->critical ? LEVEL_CRITICAL : LEVEL_WARNING,
		    "the oldest waits %s", age_shown(age, text));
	if (held > 0)
		not_fine(s, LEVEL_WARNING, "%llu held for the operator",
		    (unsigned long long)held);
}

static void
judge_role(struct status *s, const struct row *r)
{
	if (row_is(r, "state", "gone"))
		not_fine(s, LEVEL_CRITICAL, "role %.*s is gone",
		    SLICE_ARG(row_text(r, "role")));
	else if (!row_is(r, "state", "ready"))
		not_fine(s, LEVEL_WARNING, "role %.*s is %.*s",
		    SLICE_ARG(row_text(r, "role")),
		    SLICE_ARG(row_text(r, "state")));
}

static void
print_status(const struct status *s, const struct row *r)
{
	char a[ROW_TEXT], b[ROW_TEXT], c[ROW_TEXT];
	uint64_t backlog = row_number(r, "backlog");

	if (s->daemon)
		printf("daemon   entrepot %.*s, since %s\n",
		    SLICE_ARG(row_text(r, "version")),
		    time_shown(row_text(r, "started"), a));
	else
		printf("daemon   does not run\n");
	printf("plan     generation %llu, mappings %.12s\n",
	    (unsigned long long)row_number(r, "generation"),
	    row_text(r, "mapping").len == 0 ? "-" : row_text(r, "mapping").p);
	if (row_text(r, "mapping_next").len > 0)
		printf("then     mappings %.12s, from %s\n",
		    row_text(r, "mapping_next").p,
		    time_shown(row_text(r, "mapping_from"), a));
	printf("space    %s free of %s, reserve %s\n",
	    size_shown(row_number(r, "free"), a),
	    size_shown(row_number(r, "size"), b),
	    size_shown(row_number(r, "reserve"), c));
	printf("spool    journal %s, bodies %s, %llu events\n",
	    size_shown(row_number(r, "journal"), a),
	    size_shown(row_number(r, "bodies"), b),
	    (unsigned long long)row_number(r, "events"));
	printf("backlog  %llu", (unsigned long long)backlog);
	if (backlog > 0)
		printf(", the oldest for %s",
		    age_shown(row_number(r, "oldest_age"), a));
	printf("\nheld     %llu\n", (unsigned long long)row_number(r, "held"));
}

static void
role_cells(struct status *s, const struct row *r)
{
	static const char *const names[] = { "role", "state", "pid",
		"generation", "restarts", "sandbox" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(&s->roles, row_text(r, names[i]));
}

static enum rc
status_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct status *s = arg;

	if (row_is(r, "row", "status")) {
		s->daemon = row_is(r, "daemon", "true");
		judge(s, r);
		if (!s->json)
			print_status(s, r);
	} else if (row_is(r, "row", "role")) {
		judge_role(s, r);
		if (!s->json)
			role_cells(s, r);
	}
	return s->json ? ask_print_json(NULL, line, r, err) : RC_OK;
}

static void
verdict_print(struct status *s)
{
	static const char *const names[] = { "ok", "warning", "critical" };
	struct buf b;

	if (!s->json) {
		(void)table_print(&s->roles, stdout);
		printf("%s%s%s\n", names[s->level], s->level > 0 ? ": " : "",
		    s->words.len > 0 ? buf_cstr(&s->words) : "");
		return;
	}
	buf_init(&b, 2 * WORDS_MAX);
	json_open(&b);
	json_text(&b, "row", SLICE_LIT("verdict"));
	json_text(&b, "level", slice_of(names[s->level]));
	json_text(&b, "why", buf_look(&s->words));
	json_close(&b);
	puts(buf_cstr(&b));
	buf_clear(&b);
}

static int
status_run(struct status *s)
{
	struct ask_for to = { .row = status_row, .arg = s };
	struct ask *a = ask_open("status", s->conf);
	struct err err;
	enum rc rc;

	if (a == NULL)
		return LEVEL_CRITICAL;
	rc = ask_say(a, &to, &err, "status", NULL);
	ask_close(a);
	if (rc != RC_OK) {
		(void)ask_failed("status", rc, &err);
		return LEVEL_CRITICAL;
	}
	verdict_print(s);
	return (int)s->level;
}

int
verb_status(int argc, char **argv)
{
	static const char *const heads[] = { "ROLE", "STATE", ">PID",
		">GENERATION", ">RESTARTS", "SANDBOX", NULL };
	struct status s = { .warning = AGE_WARNING, .critical = AGE_CRITICAL };
	int status;

	if (!options_read(&usage, argc, argv, &s, &status))
		return status;
	buf_init(&s.words, WORDS_MAX);
	table_init(&s.roles, heads);
	status = status_run(&s);
	buf_clear(&s.words);
	table_clear(&s.roles);
	return status;
}
