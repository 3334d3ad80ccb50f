/*
 * tests/golden/golden.c - the mappings' cases: mappings/cases/FORMAT/NAME.in is
 * read by FORMAT and held against what stands beside it:
 *
 *   NAME.values       path TAB value TAB line: the whole record
 *   NAME.find         code, severity, line, column, segment, element, found:
 *                     all findings; an empty cell is not compared
 *   NAME.TARGET.out   what is written for the first filing in that format
 *
 * Then the law: what FORMAT writes it reads back as the same record. And what
 * another format loses of it is what is known of the two at load. An
 * argument "FORMAT/NAME" runs one case. Closes with "N passed, N failed".
 */
#include "tests/golden/golden.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_MAX    (16u << 20)
#define MEMORY_MAX  (256u << 20)
#define CASES_MAX   1000
#define FORMATS_MAX 200

bool
golden_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char part[8192];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	(void)fclose(f);
	return !buf_failed(b);
}

static enum rc
case_filing(void *arg, const struct filing *f, struct err *err)
{
	struct golden_case *c = arg;

	(void)err;
	if (c->nfilings < GOLDEN_FILINGS)
		c->filing[c->nfilings++] = *f;
	return RC_OK;
}

bool
golden_read(struct golden *g, struct golden_case *c, const char *format,
    struct slice raw, struct slice file_name)
{
	const char *const accept[] = { format };
	struct arrival a = { .raw = raw,
		.file_name = file_name,
		.accept = accept,
		.naccept = 1,
		.base_year = 2024,
		.unchecked = true };
	struct err err;

	c->nfilings = 0;
	if (pipeline_arrival(
		g->pipeline, &a, g->mem, NULL, case_filing, c, &err) == RC_OK)
		return true;
	printf("%s: %s\n", c->name, err.text);
	return false;
}

/* One more thing that holds, or not; said in either case of a failure. */
void
golden_count(
    struct golden *g, const struct golden_case *c, const char *what, bool holds)
{
	if (holds)
		g->passed++;
	else
		g->failed++;
	if (!holds)
		printf("FAILED %s: %s\n", c->name, what);
}

static void
case_outputs(struct golden *g, struct golden_case *c, const char *folder,
    const char *stem)
{
	size_t n = strlen(stem);
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char target[128];

		if (len < n + 6 || strncmp(e->d_name, stem, n) != 0 ||
		    e->d_name[n] != '.' ||
		    strcmp(e->d_name + len - 4, ".out") != 0)
			continue;
		(void)snprintf(target, sizeof(target), "%.*s",
		    (int)(len - n - 5), e->d_name + n + 1);
		golden_output(g, c, folder, e->d_name, target);
	}
	if (d != NULL)
		(void)closedir(d);
}

static void
case_run(
    struct golden *g, const char *format, const char *folder, const char *stem)
{
	struct golden_case c = { .format = format };
	char path[4096];
	struct buf raw, want;

	(void)snprintf(c.name, sizeof(c.name), "%s/%s", format, stem);
	buf_init(&raw, FILE_MAX);
	buf_init(&want, FILE_MAX);
	arena_rewind(g->mem);
	(void)snprintf(path, sizeof(path), "%s/%s.in", folder, stem);
	(void)golden_file(path, &raw);
	(void)snprintf(path, sizeof(path), "%s/%s.name", folder, stem);
	if (!golden_file(path, &want))
		buf_reset(&want);
	golden_count(g, &c, "it is read",
	    golden_read(
		g, &c, format, buf_look(&raw), slice_trim(buf_look(&want))));
	buf_reset(&want);
	(void)snprintf(path, sizeof(path), "%s/%s.find", folder, stem);
	if (golden_file(path, &want))
		golden_count(g, &c, "its findings are those of .find",
		    golden_findings(&c, buf_look(&want)));
	buf_reset(&want);
	(void)snprintf(path, sizeof(path), "%s/%s.values", folder, stem);
	if (golden_file(path, &want))
		golden_count(g, &c, "its record is that of .values",
		    golden_values(g, &c, buf_look(&want)));
	case_outputs(g, &c, folder, stem);
	golden_law(g, &c);
	golden_lost(g, &c);
	buf_clear(&raw);
	buf_clear(&want);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder that end so, without the end, sorted. */
static size_t
names_in(const char *folder, const char *end, char **names, size_t most)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0, tail = strlen(end);

	while (d != NULL && (e = readdir(d)) != NULL && n < most) {
		size_t len = strlen(e->d_name);

		if (e->d_name[0] == '.' || len <= tail ||
		    strcmp(e->d_name + len - tail, end) != 0)
			continue;
		names[n++] = strndup(e->d_name, len - tail);
	}
	if (d != NULL)
		(void)closedir(d);
	qsort(names, n, sizeof(char *), by_name);
	return n;
}

static void
format_run(
    struct golden *g, const char *cases, const char *format, const char *only)
{
	char folder[2048], name[512];
	char *names[CASES_MAX];
	size_t n;

	(void)snprintf(folder, sizeof(folder), "%s/%s", cases, format);
	n = names_in(folder, ".in", names, CASES_MAX);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", format, names[i]);
		if (only == NULL || strcmp(only, name) == 0)
			case_run(g, format, folder, names[i]);
		free(names[i]);
	}
}

int
main(int argc, char **argv)
{
	const char *src = getenv("ENTREPOT_SRC");
	struct golden g = { .passed = 0 };
	struct complaints to;
	struct err err;
	char mappings[1024], cases[1100];
	char *formats[FORMATS_MAX];
	size_t n;

	(void)snprintf(
	    mappings, sizeof(mappings), "%s/mappings", src == NULL ? "." : src);
	(void)snprintf(cases, sizeof(cases), "%s/cases", mappings);
	complaints_init(&to);
	g.mem = arena_new(MEMORY_MAX);
	if (g.mem == NULL ||
	    pipeline_open(&g.pipeline, mappings, &to, &err) != RC_OK) {
		complaints_print(&to, stdout);
		printf("%s\n0 passed, 1 failed\n", err.text);
		return 1;
	}
	n = names_in(cases, "", formats, FORMATS_MAX);
	for (size_t i = 0; i < n; i++) {
		format_run(&g, cases, formats[i], argc > 1 ? argv[1] : NULL);
		free(formats[i]);
	}
	pipeline_free(g.pipeline);
	complaints_clear(&to);
	arena_free(g.mem);
	printf("%u passed, %u failed\n", g.passed, g.failed);
	return g.failed > 0 || g.passed == 0;
}
