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
#include "tests/crash/world.h"
#include "src/base/log.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_MS INT64_C(1700000000000)
#define AGAIN_MS 3600000
#define FILES    4
#define OFFERS   8 /* each file twice */
#define BYTES    65536
#define NUMBER   "510120241120000001"

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
		world_die(path, strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	number_set(text, i % FILES);
	f = fopen(world_path(w, "w", file_name(i)), "w");
	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0)
		world_die("declaration", strerror(errno));
}

static int
prepare(struct world *w)
{
	static const char *const folders[] = { "w", "got", "a", "a/in", "a/out",
		"b", "b/OutBox", "b/InBox", "spool" };
	const char *top = getenv("ENTREPOT_SRC");
	FILE *f;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(world_path(w, folders[i], ""), 0700) != 0)
			world_die(folders[i], strerror(errno));
	f = fopen(world_path(w, "e.conf", ""), "w");
	if (f == NULL)
		world_die("e.conf", strerror(errno));
	fprintf(f,
	    "spool \"%s/spool\" { reserve 1K }\nmappings \"%s/mappings\"\n"
	    "filer acme { folder \"%s/a\"; accept un-cusdec-d96b\n"
	    "reply taken, findings as csv-status }\n"
	    "agency customs { folder \"%s/b\" layout import-client\n"
	    "submit declaration as cn-dec window 10 batch 1 zip }\n",
	    w->dir, top == NULL ? "/" : top, w->dir, w->dir);
	if (fclose(f) != 0)
		world_die("e.conf", strerror(errno));
	for (unsigned int i = 0; i < OFFERS; i++)
		declaration_write(w, i);
	return 0;
}

static void
pick_up(struct world *w)
{
	world_names(w, "a/out", world_pick, NULL);
	world_names(w, "b/OutBox", world_pick, NULL);
}

/* What was offered before stands in w/ no more. */
static void
offer(struct world *w, unsigned int from, unsigned int upto)
{
	for (unsigned int i = from; i < upto; i++)
		(void)rename(world_path(w, "w", file_name(i)),
		    world_path(w, "a/in", file_name(i)));
}

static void
offer_again(struct world *w)
{
	offer(w, FILES, OFFERS);
}

static int
run(struct world *w)
{
	struct err err = { "" };
	enum rc rc;

	offer(w, 0, FILES);
	w->later = offer_again;
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
		world_names(w, "got", count_one, &t);
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
		world_die("usage", "declare prepare|run|check DIR");
	w.dir = argv[2];
	w.pick_up = pick_up;
	log_open("declare", LOG_NOTE, STDERR_FILENO);
	(void)umask(077);
	if (strcmp(argv[1], "prepare") == 0)
		return prepare(&w);
	if (strcmp(argv[1], "check") == 0)
		return check(&w);
	bug_plant();
	return run(&w);
}
