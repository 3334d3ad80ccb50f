/*
 * crash/scenario.c - the whole gateway in one process with a fake clock, from
 * a folder to a folder, and the books kept outside it: what was offered, what
 * was picked up. Trusts the script that calls it (every.c).
 *
 *   scenario prepare DIR   folders, configuration, files not yet offered
 *   scenario run DIR       offer, run, pick up; ends where the shim says
 *   scenario check DIR     recover, run, then compare the books
 *   scenario sanitized     exit 0: built so, and slow
 *
 * A file is offered by renaming it into in/: it stands in DIR/w before, so
 * the books need no word of the program that died. Picked up is what the
 * other side renamed from out/ into DIR/got. Each file offered must then be
 * there once, with its bytes.
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
#define AGAIN_MS 3600000 /* between the crash and the next start */
#define REST_MS  65000   /* quiet for longer than the first retry */
#define MOST_MS  600000  /* of fake time in one go */
#define FILES    8
#define FIRST    5 /* of them at once, the others when those are through */
#define LATE     "late"

struct world {
	const char *dir;
	struct conf *conf;
	struct clock clock;
	struct one *one;
	unsigned int wrong;
	bool offer;        /* files are offered as time goes on */
	unsigned int next; /* file to be offered */
};

static const struct role_ops *const roles[] = { &role_spool, &role_intake,
	&role_deliver };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "scenario: %s: %s\n", what, why);
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

/* Sizes around what is special: empty, small, over a page, over a chunk. */
static struct slice
file_bytes(unsigned int i)
{
	static const size_t sizes[FILES] = { 0, 1, 5000, 100, 70000, 20, 4096,
		300000 };
	static char bytes[300000];

	for (size_t k = 0; k < sizes[i]; k++)
		bytes[k] = (char)(unsigned char)(k * 31 + i * 7 + k / 251);
	return (struct slice){ bytes, sizes[i] };
}

static const char *
file_name(unsigned int i)
{
	static const char *const names[FILES] = { "empty.edi", "one", "b.xml",
		"成都 $(x);'\".edi", "large", "f6", "\xb3\xc9", "g.zip" };

	return names[i];
}

static void
file_write(const char *path, struct slice s)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(s.p, 1, s.len, f) != s.len || fclose(f) != 0)
		die(path, strerror(errno));
}

static int
prepare(struct world *w)
{
	static const char *const folders[] = { "w", "got", "a", "a/in", "b",
		"b/out", "spool" };
	char text[PATH_MAX * 4];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(path_of(w, folders[i], ""), 0700) != 0)
			die(folders[i], strerror(errno));
	(void)snprintf(text, sizeof(text),
	    "spool \"%s/spool\" { reserve 1K }\n"
	    "filer here { folder \"%s/a\" sent kept; forward to there }\n"
	    "agency there { folder \"%s/b\" }\n",
	    w->dir, w->dir, w->dir);
	file_write(path_of(w, "e.conf", ""), slice_of(text));
	for (unsigned int i = 0; i < FILES; i++)
		file_write(path_of(w, "w", file_name(i)), file_bytes(i));
	return 0;
}

/* --- the outside --- */

static bool
there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
offer(struct world *w, unsigned int upto)
{
	for (; w->next < upto; w->next++) {
		const char *name = file_name(w->next);

		(void)rename(path_of(w, "w", name), path_of(w, "a/in", name));
	}
}

/*
 * Whatever appears in out/ is taken away at once. A name that was got before
 * came twice.
 */
static void
pick_up(struct world *w)
{
	for (unsigned int i = 0; i < FILES; i++) {
		const char *name = file_name(i);
		char *from = path_of(w, "b/out", name);
		char twice[64];

		if (!there(from))
			continue;
		if (renameat2(AT_FDCWD, from, AT_FDCWD, path_of(w, "got", name),
			RENAME_NOREPLACE) == 0)
			continue;
		if (errno != EEXIST)
			continue; /* an error of the shim's: next time */
		(void)snprintf(twice, sizeof(twice), "twice-%u", i);
		(void)rename(from, path_of(w, "got", twice));
	}
}

/* --- the inside --- */

static void
conf_load(struct world *w)
{
	struct complaints c;
	struct err err = { "" };

	complaints_init(&c);
	if (conf_read(&w->conf, path_of(w, "e.conf", ""), &c, &err) != RC_OK) {
		complaints_print(&c, stderr);
		die("conf", err.text);
	}
	complaints_clear(&c);
}

/* Until there was nothing to do for a while; what is not RC_OK ends it. */
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
		if (w->offer && now - last > 1000)
			offer(w, FILES);
		due = one_due(w->one);
		clock_move(&w->clock, due <= now          ? 500
				      : due - now > 10000 ? 10000
							  : due - now);
	}
}

static enum rc
world_run(struct world *w, int64_t wall_ms, struct err *err)
{
	enum rc rc;

	conf_load(w);
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

	offer(w, FIRST);
	w->offer = true;
	rc = world_run(w, START_MS, &err);
	if (rc != RC_OK)
		fprintf(stderr, "scenario: run ends: %s\n", err.text);
	return rc == RC_OK ? 0 : 1;
}

/* --- the books --- */

static void
wrong(struct world *w, const char *name, const char *what)
{
	char quoted[256];

	printf("'%s' %s\n", log_quote(slice_of(name), quoted, sizeof(quoted)),
	    what);
	w->wrong++;
}

static bool
same_bytes(const char *path, struct slice want)
{
	static char bytes[400000];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	return slice_eq((struct slice){ bytes, n }, want);
}

static void
books_compare(struct world *w, const bool *offered)
{
	for (unsigned int i = 0; i < FILES; i++) {
		const char *name = file_name(i);
		const char *got = path_of(w, "got", name);
		char twice[64];

		(void)snprintf(twice, sizeof(twice), "twice-%u", i);
		if (there(path_of(w, "got", twice)))
			wrong(w, name, "came twice");
		if (offered[i] && !there(got))
			wrong(w, name, "is lost");
		else if (!offered[i] && there(got))
			wrong(w, name, "came and was not offered");
		else if (offered[i] && !same_bytes(got, file_bytes(i)))
			wrong(w, name, "has other bytes");
		if (offered[i] &&
		    !same_bytes(path_of(w, "a/kept", name), file_bytes(i)))
			wrong(w, name, "is not kept for its filer");
	}
	if (!there(path_of(w, "got", LATE)))
		wrong(w, LATE, "is lost: it does not go on");
}

/* Nothing may be left behind on the way, only our own folders. */
static void
rest_look(struct world *w, const char *below, const char *but)
{
	struct err err;
	char **names = NULL;
	size_t n = 0;
	bool more = false;
	int fd = open(path_of(w, below, ""), O_RDONLY | O_DIRECTORY);

	if (fd < 0 || fsx_list(fd, 1000, &names, &n, &more, &err) != RC_OK)
		die(below, strerror(errno));
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], but) != 0)
			wrong(w, names[i], "was left behind");
	free(names);
	(void)close(fd);
}

/* None of them twice under another name. */
static void
rest_count(struct world *w, const char *below, size_t want)
{
	struct err err;
	char **names = NULL;
	size_t n = 0;
	bool more = false;
	int fd = open(path_of(w, below, ""), O_RDONLY | O_DIRECTORY);

	if (fd < 0 || fsx_list(fd, 1000, &names, &n, &more, &err) != RC_OK)
		die(below, strerror(errno));
	if (n != want)
		wrong(w, below, "holds more or fewer than were taken");
	free(names);
	(void)close(fd);
}

static size_t
offered_n(const bool *offered)
{
	size_t n = 0;

	for (unsigned int i = 0; i < FILES; i++)
		n += offered[i];
	return n;
}

static int
check(struct world *w)
{
	bool offered[FILES];
	struct err err = { "" };

	for (unsigned int i = 0; i < FILES; i++)
		offered[i] = !there(path_of(w, "w", file_name(i)));
	file_write(path_of(w, "w", LATE), slice_of("late"));
	(void)rename(path_of(w, "w", LATE), path_of(w, "a/in", LATE));
	if (world_run(w, START_MS + AGAIN_MS, &err) != RC_OK) {
		printf("does not recover: %s\n", err.text);
		return 1;
	}
	(void)rename(path_of(w, "b/out", LATE), path_of(w, "got", LATE));
	books_compare(w, offered);
	rest_look(w, "a/in", ".taken");
	rest_look(w, "a/in/.taken", "");
	rest_count(w, "a/kept", 1 + offered_n(offered));
	rest_look(w, "b/out", ".entrepot");
	rest_look(w, "b/out/.entrepot", ".ours");
	return w->wrong > 0;
}

int
main(int argc, char **argv)
{
	static struct world w;

	if (argc == 2 && strcmp(argv[1], "sanitized") == 0) {
#ifdef ENTREPOT_SANITIZED
		return 0;
#else
		return 1;
#endif
	}
	if (argc != 3)
		die("usage", "scenario prepare|run|check DIR");
	w.dir = argv[2];
	log_open("scenario", LOG_NOTE, STDERR_FILENO);
	(void)umask(077);
	if (strcmp(argv[1], "prepare") == 0)
		return prepare(&w);
	if (strcmp(argv[1], "run") == 0) {
		bug_plant();
		return run(&w);
	}
	return check(&w);
}
