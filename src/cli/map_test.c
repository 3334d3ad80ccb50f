/*
 * cli/map_test.c - entrepot map test: a user's own cases, run and shown as a
 * difference; --accept writes what they give now as what they should. Called
 * by verb_map.
 */
#include "src/cli/cases.h"
#include "src/cli/cli.h"
#include "src/cli/map.h"
#include "src/base/json.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MAX (512u << 20)
#define NAME_ROOM  512
#define SAID_MAX   (1u << 20)

struct test {
	const struct map *m;
	struct cases on;
	const char *folder, *format;
	char stem[NAME_ROOM];
	struct one_case *c;
	unsigned int ncases, passed, failed, accepted;
	bool broken; /* a file that could not be read or written */
};

/* ---- one file of a case ---- */

static void
file_say(struct test *t, const char *file, const char *what, struct slice told)
{
	char path[MAP_PLACE];
	struct buf b;

	(void)snprintf(path, sizeof(path), "%s/%s", t->folder, file);
	if (!t->m->json) {
		printf("%s: %s\n", path, what);
		if (told.len > 0)
			(void)fwrite(told.p, 1, told.len, stdout);
		return;
	}
	buf_init(&b, 2 * SAID_MAX + 4096);
	json_open(&b);
	json_text(&b, "file", slice_of(path));
	json_text(&b, "result", slice_of(what));
	json_text(&b, "difference", told);
	json_close(&b);
	map_line(&b);
	buf_clear(&b);
}

/* What stands there is right, or is made so, or differs. */
static void
file_judge(struct test *t, const char *file, bool same, bool can,
    const struct buf *now, const struct buf *told)
{
	struct err err;

	if (same) {
		t->passed++;
		if (t->m->json)
			file_say(t, file, "same", (struct slice){ NULL, 0 });
	} else if (!t->m->accept || !can) {
		t->failed++;
		file_say(t, file, can ? "differs" : "cannot be made",
		    buf_look(told));
	} else if (buf_failed(now) ||
		   map_replace(t->folder, file, buf_look(now), &err) != RC_OK) {
		t->broken = true;
		(void)map_wrong(
		    0, "%s", buf_failed(now) ? "out of memory" : err.text);
	} else {
		t->accepted++;
		file_say(t, file, "written", (struct slice){ NULL, 0 });
	}
}

static void
findings_file(struct test *t, const char *file, const struct buf *want)
{
	struct buf now, told;

	buf_init(&now, CASE_FILE);
	buf_init(&told, SAID_MAX);
	case_findings_print(t->c, &now);
	file_judge(t, file, case_findings(t->c, buf_look(want), &told), true,
	    &now, &told);
	buf_clear(&now);
	buf_clear(&told);
}

static void
values_file(struct test *t, const char *file, const struct buf *want)
{
	struct buf now, told;

	buf_init(&now, CASE_FILE);
	buf_init(&told, SAID_MAX);
	case_values_print(t->c, &now);
	file_judge(t, file, case_values(t->c, buf_look(want), &told), true,
	    &now, &told);
	buf_clear(&now);
	buf_clear(&told);
}

static void
output_file(struct test *t, const char *file, const char *target,
    const struct buf *want)
{
	const struct filing *f = &t->c->filing[0];
	bool read = t->c->nfilings > 0 && f->record != NULL;
	const struct plan *p = read ? case_target(&t->on, f, target) : NULL;
	struct buf now, told;
	bool can = false;

	buf_init(&now, CASE_FILE);
	buf_init(&told, SAID_MAX);
	if (p == NULL)
		buf_fmt(&told, "  %s%s%s\n",
		    !read            ? "no filing was read"
		    : target == NULL ? "it has no standard form"
				     : "there is no format '",
		    read && target != NULL ? target : "",
		    read && target != NULL ? "'" : "");
	else
		can = case_message(&t->on, f, p, &now, NULL, false, &told);
	file_judge(t, file,
	    can && case_text(buf_look(want), buf_look(&now), &told), can, &now,
	    &told);
	buf_clear(&now);
	buf_clear(&told);
}

/* ---- one case ---- */

static bool
beside(const struct test *t, const char *end, char file[NAME_ROOM])
{
	char path[4096];

	(void)snprintf(file, NAME_ROOM, "%s%s", t->stem, end);
	(void)snprintf(path, sizeof(path), "%s/%s", t->folder, file);
	return access(path, F_OK) == 0;
}

/* A file of the folder as it is; false: told. */
static bool
file_take(struct test *t, const char *file, struct buf *b)
{
	char path[4096];

	buf_init(b, CASE_FILE);
	(void)snprintf(path, sizeof(path), "%s/%s", t->folder, file);
	if (case_file(path, b))
		return true;
	t->broken = true;
	(void)map_wrong(
	    0, "%s: cannot be read, or is over %u bytes", path, CASE_FILE);
	return false;
}

static void
file_run(struct test *t, const char *file)
{
	const char *end = file + strlen(t->stem);
	size_t n = strlen(end);
	char target[NAME_ROOM];
	struct buf want;

	if (!file_take(t, file, &want)) {
		buf_clear(&want);
		return;
	}
	if (strcmp(end, ".find") == 0) {
		findings_file(t, file, &want);
	} else if (strcmp(end, ".values") == 0) {
		values_file(t, file, &want);
	} else if (n == 4) { /* NAME.out */
		output_file(t, file, NULL, &want);
	} else {
		(void)snprintf(
		    target, sizeof(target), "%.*s", (int)(n - 5), end + 1);
		output_file(t, file, target, &want);
	}
	buf_clear(&want);
}

/* NAME.find, NAME.values, NAME.out, NAME.TARGET.out: not another case's. */
static bool
file_expected(const struct test *t, const char *file)
{
	size_t n = strlen(t->stem), len = strlen(file);
	char other[4096];

	if (len < n + 4 || strncmp(file, t->stem, n) != 0 || file[n] != '.')
		return false;
	if (strcmp(file + n, ".find") == 0 ||
	    strcmp(file + n, ".values") == 0 || strcmp(file + n, ".out") == 0)
		return true;
	if (len < n + 6 || strcmp(file + len - 4, ".out") != 0)
		return false;
	(void)snprintf(other, sizeof(other), "%s/%.*s.in", t->folder,
	    (int)(len - 4), file);
	return access(other, F_OK) != 0;
}

/* What the record is told in: an answer about an interchange has no form. */
static void
record_expected(struct test *t, char file[NAME_ROOM], struct buf *none)
{
	const struct filing *f = &t->c->filing[0];

	if (t->c->nfilings == 0 || f->record == NULL)
		return;
	if (case_target(&t->on, f, NULL) != NULL) {
		(void)beside(t, ".out", file);
		output_file(t, file, NULL, none);
	} else {
		(void)beside(t, ".values", file);
		values_file(t, file, none);
	}
}

/* The first time: findings and the standard form. */
static void
nothing_expected(struct test *t)
{
	char file[NAME_ROOM];
	struct buf none;

	buf_init(&none, 1);
	(void)beside(t, ".find", file);
	if (!t->m->accept) {
		t->failed++;
		file_say(t, file,
		    "nothing is expected yet, --accept writes what it gives",
		    (struct slice){ NULL, 0 });
	} else {
		findings_file(t, file, &none);
		record_expected(t, file, &none);
	}
	buf_clear(&none);
}

static int
entry_any(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void
expected_run(struct test *t)
{
	struct dirent **all = NULL;
	int n = scandir(t->folder, &all, entry_any, alphasort), found = 0;

	for (int i = 0; i < n; i++) {
		if (file_expected(t, all[i]->d_name)) {
			found++;
			file_run(t, all[i]->d_name);
		}
		free(all[i]);
	}
	free(all);
	if (found == 0)
		nothing_expected(t);
}

static void
case_run(struct test *t)
{
	char file[NAME_ROOM];
	struct buf raw, name;
	struct err err;

	arena_rewind(t->on.mem);
	t->ncases++;
	t->c->format = t->format;
	(void)snprintf(t->c->name, sizeof(t->c->name), "%s", t->stem);
	buf_init(&name, CASE_FILE);
	if (beside(t, ".name", file))
		(void)file_take(t, file, &name);
	(void)beside(t, ".in", file);
	if (!file_take(t, file, &raw)) {
		/* told */
	} else if (!case_read(&t->on, t->c, buf_look(&raw),
		       slice_trim(buf_look(&name)), &err)) {
		t->failed++;
		file_say(t, file, err.text, (struct slice){ NULL, 0 });
	} else {
		expected_run(t);
	}
	buf_clear(&raw);
	buf_clear(&name);
}

/* ---- folders ---- */

/* The last part of the folder's name, when a format has it. */
static const char *
folder_format(const struct test *t, char *real)
{
	const char *last;

	if (real == NULL)
		return NULL;
	last = strrchr(real, '/');
	last = last == NULL ? real : last + 1;
	return pipeline_format(t->on.pipeline, last) == NULL ? NULL : last;
}

static void folder_run(struct test *, const char *folder, int depth);

static void
entry_run(struct test *t, const char *folder, const char *name, int depth)
{
	size_t n = strlen(name);
	char path[4096];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (depth == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		folder_run(t, path, 1);
	} else if (n > 3 && n < NAME_ROOM - 100 &&
		   strcmp(name + n - 3, ".in") == 0) {
		(void)snprintf(
		    t->stem, sizeof(t->stem), "%.*s", (int)(n - 3), name);
		case_run(t);
	}
}

/* Its own cases and those of the folders in it. */
static void
folder_run(struct test *t, const char *folder, int depth)
{
	const char *up = t->folder, *up_format = t->format;
	char *real = realpath(folder, NULL);
	struct dirent **all = NULL;
	int n = scandir(folder, &all, entry_any, alphasort);

	if (n < 0) {
		t->broken = true;
		(void)map_wrong(0, "%s: no such folder", folder);
	}
	for (int i = 0; i < n; i++) {
		t->folder = folder;
		t->format = folder_format(t, real);
		entry_run(t, folder, all[i]->d_name, depth);
		free(all[i]);
	}
	t->folder = up;
	t->format = up_format;
	free(all);
	free(real);
}

static int
total_say(const struct test *t)
{
	if (t->ncases == 0 && !t->broken)
		return map_wrong(EXIT_USAGE,
		    "no case in '%s', want files NAME.in", t->m->argv[0]);
	if (t->m->json)
		printf("{\"passed\":%u,\"failed\":%u,\"written\":%u}\n",
		    t->passed, t->failed, t->accepted);
	else if (t->m->accept)
		printf("%u passed, %u failed, %u written\n", t->passed,
		    t->failed, t->accepted);
	else
		printf("%u passed, %u failed\n", t->passed, t->failed);
	return t->broken ? EXIT_USAGE : t->failed > 0;
}

int
map_test(struct map *m)
{
	struct test t = { .m = m,
		.on = { .pipeline = m->pipeline, .mem = arena_new(MEMORY_MAX) },
		.c = calloc(1, sizeof(*t.c)) };
	int status = EXIT_USAGE;

	if (t.on.mem == NULL || t.c == NULL) {
		(void)map_wrong(0, "out of memory");
	} else {
		folder_run(&t, m->argv[0], 0);
		status = total_say(&t);
	}
	arena_free(t.on.mem);
	free(t.c);
	return status;
}
