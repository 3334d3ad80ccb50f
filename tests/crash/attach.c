/*
 * crash/attach.c - declarations with files in one process with a fake clock:
 * one whose files come before and after it, one whose files both come after,
 * an empty one among them; to an agency that finds them beside the message and
 * to one that finds them in a package. Trusts the script that calls it
 * (every.c).
 *
 *   attach prepare DIR    folders, configuration, what is offered in DIR/w
 *   attach run DIR        offer, run, pick up; ends where the shim says
 *   attach check DIR      recover, run, then compare the books
 *
 * Each agency gets each declaration once with both files, byte for byte, and
 * the filer one reply. Whenever the other side looks, and when the gateway lies
 * dead, no message stands without its files: what run says of that is read by
 * check on standard input.
 */
#include "tests/crash/scenario.h"
#include "tests/crash/world.h"
#include "src/base/log.h"
#include "src/envelope/zip.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_MS INT64_C(1700000000000)
#define AGAIN_MS 3600000
#define BYTES    131072
#define NUMBER   "510120240615000001"
#define BARE     "stands without"

static const struct offer {
	const char *name;
	size_t len; /* 0 and a document: made of the sample */
} offers[] = {
	{ "d0.a.pdf", 70000 }, /* under its declaration's own name */
	{ "d0.xml", 0 },
	{ "d1.xml", 0 },
	/* once those are through */
	{ "b0.pdf", 300 },
	{ "d1.a.pdf", 0 },
	{ "b1.pdf", 5000 },
};
#define OFFERS    6
#define FIRST     3
#define DOCUMENTS 2
#define EACH      2

/* How the documents call them, and which of the offers it is. */
static const struct named {
	const char *name;
	unsigned int offer;
} named[DOCUMENTS][EACH] = {
	{ { "a.pdf", 0 }, { "b0.pdf", 3 } },
	{ { "a.pdf", 4 }, { "b1.pdf", 5 } },
};

static struct slice
offer_bytes(unsigned int i)
{
	static char bytes[BYTES];

	for (size_t k = 0; k < offers[i].len; k++)
		bytes[k] = (char)(unsigned char)(k * 31 + i * 7 + k / 251);
	return (struct slice){ bytes, offers[i].len };
}

static bool
file_read(const char *path, struct slice *out)
{
	static char bytes[BYTES];
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return false;
	*out = (struct slice){ bytes, fread(bytes, 1, sizeof(bytes) - 1, f) };
	bytes[out->len] = '\0';
	(void)fclose(f);
	return true;
}

static void
file_write(const char *path, struct slice s)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(s.p, 1, s.len, f) != s.len || fclose(f) != 0)
		world_die(path, strerror(errno));
}

static void
number_of(unsigned int document, char out[sizeof(NUMBER)])
{
	memcpy(out, NUMBER, sizeof(NUMBER));
	out[sizeof(NUMBER) - 2] = (char)('1' + document);
}

/* The sample under its own number, with its files named before its end. */
static void
declaration_write(struct world *w, unsigned int document, const char *name)
{
	const char *top = getenv("ENTREPOT_SRC");
	char path[4096], number[sizeof(NUMBER)];
	struct slice text;
	char *at, *end;
	FILE *f;

	(void)snprintf(path, sizeof(path),
	    "%s/tests/data/dec/c01-1-out-I_%s.xml", top == NULL ? "." : top,
	    NUMBER);
	if (!file_read(path, &text))
		world_die(path, strerror(errno));
	number_of(document, number);
	for (at = (char *)(uintptr_t)text.p; (at = strstr(at, NUMBER)) != NULL;
	     at++)
		memcpy(at, number, sizeof(NUMBER) - 1);
	end = strstr(text.p, "</DecMessage>");
	f = fopen(world_path(w, "w", name), "w");
	if (end == NULL || f == NULL)
		world_die(path, "no end, or no room");
	fprintf(f, "%.*s", (int)(end - text.p), text.p);
	for (unsigned int i = 0; i < EACH; i++)
		fprintf(f,
		    "<EdocRealation><EdocID>%s</EdocID>"
		    "<EdocCode>00000001</EdocCode>"
		    "<EdocFomatType>US</EdocFomatType></EdocRealation>",
		    named[document][i].name);
	fprintf(f, "</DecMessage>\n");
	if (fclose(f) != 0)
		world_die(name, strerror(errno));
}

static int
prepare(struct world *w)
{
	static const char *const folders[] = { "w", "got", "a", "a/in", "a/out",
		"b", "b/OutBox", "b/InBox", "c", "c/in", "c/out", "spool" };
	const char *top = getenv("ENTREPOT_SRC");
	char text[16384];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(world_path(w, folders[i], ""), 0700) != 0)
			world_die(folders[i], strerror(errno));
	(void)snprintf(text, sizeof(text),
	    "spool \"%s/spool\" { reserve 1K }\nmappings \"%s/mappings\"\n"
	    "filer acme { folder \"%s/a\"; accept cn-dec\n"
	    "attachments pdf within 1d\n"
	    "reply taken, findings as csv-status }\n"
	    "agency customs { folder \"%s/b\" layout import-client\n"
	    "submit declaration as cn-dec window 10 batch 1 zip }\n"
	    "agency desk { folder \"%s/c\" layout plain\n"
	    "submit declaration as sw-xml window 10 }\n",
	    w->dir, top == NULL ? "/" : top, w->dir, w->dir, w->dir);
	file_write(world_path(w, "e.conf", ""), slice_of(text));
	for (unsigned int i = 0; i < OFFERS; i++)
		if (strstr(offers[i].name, ".xml") != NULL)
			declaration_write(w,
			    (unsigned int)(offers[i].name[1] - '0'),
			    offers[i].name);
		else
			file_write(
			    world_path(w, "w", offers[i].name), offer_bytes(i));
	return 0;
}

/* --- the outside --- */

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Which document a message is of; DOCUMENTS: none of ours. */
static unsigned int
document_of(struct world *w, const char *below, const char *name)
{
	struct slice text;
	char number[sizeof(NUMBER)];
	unsigned int i = 0;

	if (!file_read(world_path(w, below, name), &text))
		return DOCUMENTS;
	for (; i < DOCUMENTS; i++) {
		number_of(i, number);
		if (memmem(text.p, text.len, number, strlen(number)) != NULL)
			break;
	}
	return i;
}

static bool
is_message(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "sw-xml-", 7) == 0 && len > 4 &&
	       strcmp(name + len - 4, ".xml") == 0;
}

static char *
path_beside(
    struct world *w, const char *below, const char *message, const char *name)
{
	char text[600];

	(void)snprintf(text, sizeof(text), "%.*s.%s",
	    (int)(strlen(message) - 4), message, name);
	return world_path(w, below, text);
}

/* A message under its name has all of its files under theirs. */
static void
whole_look(struct world *w, const char *below, const char *name, void *arg)
{
	unsigned int document;

	(void)arg;
	if (!is_message(name))
		return;
	document = document_of(w, below, name);
	for (unsigned int i = 0; document < DOCUMENTS && i < EACH; i++) {
		if (is_there(
			path_beside(w, below, name, named[document][i].name)))
			continue;
		printf("%s " BARE " %s\n", name, named[document][i].name);
		(void)fflush(stdout);
		w->wrong++;
	}
}

static void
message_pick(struct world *w, const char *below, const char *name, void *arg)
{
	if (is_message(name))
		world_pick(w, below, name, arg);
}

/* The files of a message that was taken, and none before it. */
static void
beside_pick(struct world *w, const char *below, const char *name, void *arg)
{
	char message[600];

	(void)snprintf(message, sizeof(message), "%.*s.xml",
	    (int)strcspn(name, "."), name);
	if (is_there(world_path(w, "got", message)) && !is_message(name))
		world_pick(w, below, name, arg);
}

static void
pick_up(struct world *w)
{
	world_names(w, "a/out", world_pick, NULL);
	world_names(w, "b/OutBox", world_pick, NULL);
	world_names(w, "c/out", whole_look, NULL);
	world_names(w, "c/out", message_pick, NULL);
	world_names(w, "c/out", beside_pick, NULL);
}

static void
offer(struct world *w, unsigned int from, unsigned int upto)
{
	for (unsigned int i = from; i < upto; i++)
		(void)rename(world_path(w, "w", offers[i].name),
		    world_path(w, "a/in", offers[i].name));
}

static void
offer_rest(struct world *w)
{
	offer(w, FIRST, OFFERS);
}

static int
run(struct world *w)
{
	struct err err = { "" };
	enum rc rc;

	offer(w, 0, FIRST);
	w->later = offer_rest;
	rc = world_run(w, START_MS, &err);
	if (rc != RC_OK)
		fprintf(stderr, "attach: run ends: %s\n", err.text);
	return rc == RC_OK ? 0 : 1;
}

/* --- the books --- */

struct tally {
	unsigned int document;
	unsigned int messages, packages, replies, others, n;
};

static void
wrong(struct world *w, const char *name, const char *what)
{
	printf("%s: %s\n", name, what);
	w->wrong++;
}

static void
beside_compare(struct world *w, const char *message, unsigned int document)
{
	for (unsigned int i = 0; i < EACH; i++) {
		const struct named *n = &named[document][i];
		struct slice got;

		if (!file_read(path_beside(w, "got", message, n->name), &got))
			wrong(w, message, "lost a file beside it");
		else if (!slice_eq(got, offer_bytes(n->offer)))
			wrong(w, message, "has other bytes beside it");
	}
}

static void
package_compare(struct world *w, const char *name, unsigned int document)
{
	struct arena *mem = arena_new(1 << 24);
	struct findings said;
	struct zip_entry *e = NULL;
	struct err err = { "" };
	struct slice raw;
	unsigned int n = 0;

	findings_init(&said, mem);
	if (!file_read(world_path(w, "got", name), &raw) ||
	    zip_read(raw, &e, mem, &said, &err) != RC_OK)
		wrong(w, name, "is no package");
	for (; e != NULL; e = e->next, n++)
		for (unsigned int i = 0; i < EACH; i++) {
			const struct named *f = &named[document][i];

			if (slice_is(e->name, f->name) &&
			    !slice_eq(e->body, offer_bytes(f->offer)))
				wrong(w, name, "has other bytes in it");
			if (slice_is(e->name, f->name))
				n += 10;
		}
	if (n != 1 + EACH * 11)
		wrong(w, name, "has not the message and its files");
	arena_free(mem);
}

static void
count_one(struct world *w, const char *below, const char *name, void *arg)
{
	struct tally *t = arg;
	char number[sizeof(NUMBER)], reply[8];

	number_of(t->document, number);
	(void)snprintf(reply, sizeof(reply), "d%u.", t->document);
	t->n++;
	if (is_message(name) && document_of(w, below, name) == t->document) {
		t->messages++;
		beside_compare(w, name, t->document);
	} else if (strstr(name, number) != NULL) {
		t->packages++;
		package_compare(w, name, t->document);
	} else if (strncmp(name, reply, strlen(reply)) == 0)
		t->replies++;
}

/* For each: a message, its files, a package, a reply; and nothing else. */
static void
books_compare(struct world *w)
{
	for (unsigned int i = 0; i < DOCUMENTS; i++) {
		struct tally t = { .document = i };

		world_names(w, "got", count_one, &t);
		if (t.messages == 1 && t.packages == 1 && t.replies == 1 &&
		    t.n == DOCUMENTS * (3 + EACH))
			continue;
		printf("document %u: %u messages, %u packages, %u replies, "
		       "%u names in all\n",
		    i, t.messages, t.packages, t.replies, t.n);
		w->wrong++;
	}
}

static void
left_behind(struct world *w, const char *below, const char *name, void *arg)
{
	(void)below;
	(void)arg;
	wrong(w, name, "was left behind");
}

/* What run saw of messages without their files. */
static void
said_look(struct world *w)
{
	char line[800];

	while (fgets(line, sizeof(line), stdin) != NULL)
		if (strstr(line, BARE) != NULL) {
			printf("%s", line);
			w->wrong++;
		}
}

static int
check(struct world *w)
{
	struct err err = { "" };

	said_look(w);
	world_names(w, "c/out", whole_look, NULL);
	offer(w, 0, OFFERS);
	if (world_run(w, START_MS + AGAIN_MS, &err) != RC_OK) {
		printf("does not recover: %s\n", err.text);
		return 1;
	}
	books_compare(w);
	world_names(w, "a/in", left_behind, NULL);
	world_names(w, "c/out", left_behind, NULL);
	return w->wrong > 0;
}

int
main(int argc, char **argv)
{
	static struct world w;
	struct err err = { "" };

	if (argc != 3)
		world_die("usage", "attach prepare|run|check DIR");
	if (zip_ready(&err) != RC_OK)
		world_die("archives", err.text);
	w.dir = argv[2];
	w.pick_up = pick_up;
	log_open("attach", LOG_NOTE, STDERR_FILENO);
	(void)umask(077);
	if (strcmp(argv[1], "prepare") == 0)
		return prepare(&w);
	if (strcmp(argv[1], "check") == 0)
		return check(&w);
	bug_plant();
	return run(&w);
}
