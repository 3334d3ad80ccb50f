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
 * another format loses of it is what is known of the two at load; and each
 * field of customs' page is tried (golden_fields.c). An argument "FORMAT/NAME"
 * runs one case; "-t FORMAT FILE" only prints what is around the first message.
 * Closes with "N passed, N failed". With "-w" it waits for other mappings to
 * try (golden_trial.c).
 */
#include "tests/golden/golden.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MAX  (256u << 20)
#define CASES_MAX   1000
#define FORMATS_MAX 200

bool
golden_read(struct golden *g, struct one_case *c, const char *format,
    struct slice raw, struct slice file_name)
{
	struct err err;

	c->format = format;
	if (case_read(&g->on, c, raw, file_name, &err))
		return true;
	printf("%s: %s\n", c->name, err.text);
	return false;
}

/* Said as it was told. */
static bool
said(bool holds, struct buf *b)
{
	if (b->len > 0)
		(void)fwrite(b->p, 1, b->len, stdout);
	buf_clear(b);
	return holds;
}

/* One more thing that holds, or not; said in either case of a failure. */
void
golden_count(
    struct golden *g, const struct one_case *c, const char *what, bool holds)
{
	if (holds)
		g->passed++;
	else
		g->failed++;
	if (!holds)
		printf("FAILED %s: %s\n", c->name, what);
	if (!holds && g->first_ends)
		_exit(TRIAL_CASES);
}

static void
case_outputs(
    struct golden *g, struct one_case *c, const char *folder, const char *stem)
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
	struct one_case c = { .format = format };
	char path[4096];
	struct buf raw, want, told;

	(void)snprintf(c.name, sizeof(c.name), "%s/%s", format, stem);
	buf_init(&raw, CASE_FILE);
	buf_init(&want, CASE_FILE);
	buf_init(&told, CASE_FILE);
	arena_rewind(g->on.mem);
	(void)snprintf(path, sizeof(path), "%s/%s.in", folder, stem);
	(void)case_file(path, &raw);
	(void)snprintf(path, sizeof(path), "%s/%s.name", folder, stem);
	if (!case_file(path, &want))
		buf_reset(&want);
	golden_count(g, &c, "it is read",
	    golden_read(
		g, &c, format, buf_look(&raw), slice_trim(buf_look(&want))));
	buf_reset(&want);
	(void)snprintf(path, sizeof(path), "%s/%s.find", folder, stem);
	if (case_file(path, &want))
		golden_count(g, &c, "its findings are those of .find",
		    said(case_findings(&c, buf_look(&want), &told), &told));
	buf_reset(&want);
	(void)snprintf(path, sizeof(path), "%s/%s.values", folder, stem);
	if (case_file(path, &want))
		golden_count(g, &c, "its record is that of .values",
		    said(case_values(&c, buf_look(&want), &told), &told));
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

void
golden_format(
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

/*
 * A file's first message, or what stands around it, as path TAB value: for what
 * the standard form has no place for.
 */
static int
record_show(struct golden *g, const char *format, const char *path, bool around)
{
	static struct one_case c;
	const struct record *r;
	struct buf raw, out;
	struct slice none = { NULL, 0 };
	bool shown;

	c.format = format;
	buf_init(&raw, CASE_FILE);
	buf_init(&out, CASE_FILE);
	shown = case_file(path, &raw) &&
		golden_read(g, &c, format, buf_look(&raw), none) &&
		c.nfilings > 0 && (r = c.filing[0].record) != NULL &&
		(!around || r->transmission != NULL);
	if (shown) {
		record_print(around ? r->transmission : r->root, &out);
		(void)fwrite(out.p, 1, out.len, stdout);
	}
	buf_clear(&raw);
	buf_clear(&out);
	return shown ? 0 : 1;
}

static void
golden_clear(struct golden *g, struct complaints *to)
{
	pipeline_free(g->on.pipeline);
	complaints_clear(to);
	arena_free(g->on.mem);
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
	g.on.mem = arena_new(MEMORY_MAX);
	if (g.on.mem == NULL ||
	    pipeline_open(&g.on.pipeline, mappings, &to, &err) != RC_OK) {
		complaints_print(&to, stdout);
		printf("%s\n0 passed, 1 failed\n", err.text);
		return 1;
	}
	if (argc == 4 &&
	    (strcmp(argv[1], "-t") == 0 || strcmp(argv[1], "-r") == 0)) {
		int status =
		    record_show(&g, argv[2], argv[3], argv[1][1] == 't');

		golden_clear(&g, &to);
		return status;
	}
	if (argc == 2 && strcmp(argv[1], "-w") == 0)
		return golden_trials(&g);
	n = names_in(cases, "", formats, FORMATS_MAX);
	for (size_t i = 0; i < n; i++) {
		golden_format(&g, cases, formats[i], argc > 1 ? argv[1] : NULL);
		free(formats[i]);
	}
	if (argc == 1) {
		golden_fields(
		    &g, mappings, "dec-4.8", "cn-dec", "every-import");
		golden_fields(
		    &g, mappings, "dec-4.8", "cn-dec", "every-export");
	}
	golden_clear(&g, &to);
	printf("%u passed, %u failed\n", g.passed, g.failed);
	return g.failed > 0 || g.passed == 0;
}
