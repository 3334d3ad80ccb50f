/*
 * crash/declare.c - the whole path in one process with a fake clock: CUSDEC in
 * a filer's folder, DecMessage in an agency's box, the reply back; and the
 * books kept outside it. Trusts the script that calls it (every.c).
 *
 *   declare prepare DIR    folders, configuration, declarations in DIR/w
 *   declare run DIR        offer, run, pick up; ends where the shim says
 *   declare check DIR      recover, run, then compare the books
 *
 * The filer's software offers each declaration again under another name: while
 * it runs, or after the crash, when it has also offered what it had not before.
 * There must be one file for the agency and one reply to each offer, no more
 * and no less.
 */
#include "tests/crash/scenario.h"
#include "src/base/fsx.h"
#include "src/base/log.h"
#include "src/conf/conf.h"
#include "src/daemon/one.h"
#include "src/record/complaints.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_MS INT64_C(1700000000000)
#define AGAIN_MS 3600000
#define REST_MS  65000
#define MOST_MS  600000
#define FILES    4
#define OFFERS   8 /* each file twice */
#define BYTES    65536
#define NUMBER   "510120241120000001"

struct world {
	const char *dir;
	struct conf *conf;
	struct clock clock;
	struct one *one;
	unsigned int wrong;
	bool again; /* offer once more when those before are through */
};

static const struct role_ops *const roles[] = { &role_spool, &role_intake,
	&role_convert, &role_deliver };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "declare: %s: %s\n", what, why);
	exit(3);
}

static char *
path_of(const struct world *w, const char *below, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	(void)snprintf(p, PATH_MAX, "%s/%s%s%s", w->dir, below,
	    name[0] == '\0' ? "" : "/", name);
	return p;
}

static const char *
file_name(unsigned int i)
{
	static const char *const names[OFFERS] = { "d0.edi", "d1.edi", "d2.edi",
		"d3.edi", "d0-again.edi", "d1-again.edi", "d2-again.edi",
		"d3-again.edi" };

	return names[i];
}

/* The declaration's own number, the last digit by the file's. */
static void
number_set(char *text, unsigned int i)
{
	for (char *at = text; (at = strstr(at, NUMBER)) != NULL; at++)
		at[sizeof(NUMBER) - 2] = (char)('1' + i);
}

static void
declaration_write(struct world *w, unsigned int i)
{
	static char text[BYTES];
	const char *top = getenv("ENTREPOT_SRC");
	char path[PATH_MAX];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path),
	    "%s/tests/data/cusdec-d96b-import.edi", top == NULL ? "." : top);
	f = fopen(path, "r");
	if (f == NULL)
		die(path, strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	number_set(text, i % FILES);
	f = fopen(path_of(w, "w", file_name(i)), "w");
	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0)
		die("declaration", strerror(errno));
}

static int
prepare(struct world *w)
{
	static const char *const folders[] = { "w", "got", "a", "a/in", "a/out",
		"b", "b/OutBox", "b/InBox", "spool" };
	const char *top = getenv("ENTREPOT_SRC");
	FILE *f;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(path_of(w, folders[i], ""), 0700) != 0)
			die(folders[i], strerror(errno));
	f = fopen(path_of(w, "e.conf", ""), "w");
	if (f == NULL)
		die("e.conf", strerror(errno));
	fprintf(f,
	    "spool \"%s/spool\" { reserve 1K }\nmappings \"%s/mappings\"\n"
	    "filer acme { folder \"%s/a\"; accept un-cusdec-d96b\n"
	    "reply taken, findings as csv-status }\n"
	    "agency customs { folder \"%s/b\" layout import-client\n"
	    "submit declaration as cn-dec window 10 batch 1 zip }\n",
	    w->dir, top == NULL ? "/" : top, w->dir, w->dir);
	if (fclose(f) != 0)
		die("e.conf", strerror(errno));
	for (unsigned int i = 0; i < OFFERS; i++)
		declaration_write(w, i);
	return 0;
}

/* Every name that is not hidden; fn gets it. */
static void
names_each(struct world *w, const char *below,
    void (*fn)(struct world *, const char *, const char *, void *), void *arg)
{
	struct err err;
	char **names = NULL;
	size_t n = 0;
	bool more;
	int fd = open(path_of(w, below, ""), O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return;
	if (fsx_list(fd, 1000, &names, &n, &more, &err) == RC_OK) {
		for (size_t i = 0; i < n; i++)
			if (names[i][0] != '.')
				fn(w, below, names[i], arg);
		free(names);
	}
	(void)close(fd);
}

static void
pick_one(struct world *w, const char *below, const char *name, void *arg)
{
	char twice[300];

	(void)arg;
	if (renameat2(AT_FDCWD, path_of(w, below, name), AT_FDCWD,
		path_of(w, "got", name), RENAME_NOREPLACE) == 0 ||
	    errno != EEXIST)
		return;
	(void)snprintf(twice, sizeof(twice), "%s.twice", name);
	(void)rename(path_of(w, below, name), path_of(w, "got", twice));
}

static void
pick_up(struct world *w)
{
	names_each(w, "a/out", pick_one, NULL);
	names_each(w, "b/OutBox", pick_one, NULL);
}

/* What was offered before stands in w/ no more. */
static void
offer(struct world *w, unsigned int from, unsigned int upto)
{
	for (unsigned int i = from; i < upto; i++)
		(void)rename(path_of(w, "w", file_name(i)),
		    path_of(w, "a/in", file_name(i)));
}

static enum rc
go_on(struct world *w, struct err *err)
{
	int64_t begin = clock_mono(&w->clock), last = begin;

	for (;;) {
		int64_t now = clock_mono(&w->clock), due;
		bool worked;
		enum rc rc = one_step(w->one, &worked, err);

		if (rc != RC_OK)
			return rc;
		pick_up(w);
		if (worked)
			last = now;
		if (now - last > REST_MS || now - begin > MOST_MS)
			return RC_OK;
		if (worked)
			continue;
		if (w->again && now - last > 1000)
			offer(w, FILES, OFFERS);
		due = one_due(w->one);
		clock_move(&w->clock, due <= now          ? 500
				      : due - now > 10000 ? 10000
							  : due - now);
	}
}

static enum rc
world_run(struct world *w, int64_t wall_ms, struct err *err)
{
	struct complaints c;
	enum rc rc;

	complaints_init(&c);
	rc = conf_read(&w->conf, path_of(w, "e.conf", ""), &c, err);
	if (rc != RC_OK) {
		complaints_print(&c, stderr);
		die("conf", err->text);
	}
	complaints_clear(&c);
	clock_fake(&w->clock, wall_ms);
	rc = one_new(&w->one, w->conf, &w->clock, roles,
	    sizeof(roles) / sizeof(roles[0]), err);
	if (rc == RC_OK)
		rc = go_on(w, err);
	one_free(w->one);
	conf_free(w->conf);
	return rc;
}

static int
run(struct world *w)
{
	struct err err = { "" };
	enum rc rc;

	offer(w, 0, FILES);
	w->again = true;
	rc = world_run(w, START_MS, &err);
	if (rc != RC_OK)
		fprintf(stderr, "declare: run ends: %s\n", err.text);
	return rc == RC_OK ? 0 : 1;
}

struct tally {
	char number[32], first[16], again[16];
	unsigned int files, replies, repeats;
};

static void
count_one(struct world *w, const char *below, const char *name, void *arg)
{
	struct tally *t = arg;

	(void)w;
	(void)below;
	t->files += strstr(name, t->number) != NULL;
	t->replies += strncmp(name, t->first, strlen(t->first)) == 0;
	t->repeats += strncmp(name, t->again, strlen(t->again)) == 0;
}

static void
books_compare(struct world *w)
{
	for (unsigned int i = 0; i < FILES; i++) {
		struct tally t = { .number = NUMBER };

		number_set(t.number, i);
		(void)snprintf(t.first, sizeof(t.first), "d%u.", i);
		(void)snprintf(t.again, sizeof(t.again), "d%u-again.", i);
		names_each(w, "got", count_one, &t);
		if (t.files == 1 && t.replies == 1 && t.repeats == 1)
			continue;
		printf("%s: %u files, %u and %u replies, want one of each\n",
		    file_name(i), t.files, t.replies, t.repeats);
		w->wrong++;
	}
}

static int
check(struct world *w)
{
	struct err err = { "" };

	offer(w, 0, OFFERS);
	if (world_run(w, START_MS + AGAIN_MS, &err) != RC_OK) {
		printf("does not recover: %s\n", err.text);
		return 1;
	}
	books_compare(w);
	return w->wrong > 0;
}

int
main(int argc, char **argv)
{
	static struct world w;

	if (argc != 3)
		die("usage", "declare prepare|run|check DIR");
	w.dir = argv[2];
	log_open("declare", LOG_NOTE, STDERR_FILENO);
	(void)umask(077);
	if (strcmp(argv[1], "prepare") == 0)
		return prepare(&w);
	if (strcmp(argv[1], "check") == 0)
		return check(&w);
	bug_plant();
	return run(&w);
}
