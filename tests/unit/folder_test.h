/*
 * tests/unit/folder_test.h - a partner's folder in a temporary place, for the
 * tests of its channel.
 */
#ifndef TESTS_UNIT_FOLDER_TEST_H
#define TESTS_UNIT_FOLDER_TEST_H

#include "tests/unit/test.h"
#include "src/transport/folder.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	char *dir;
	struct conf_partner conf;
	struct folder *f;
	char said[512]; /* "NAME: why;" of each refusal */
};

static inline void
bench_open(struct bench *b, enum folder_side side)
{
	struct err err = { "" };

	if (folder_open(&b->f, &b->conf, side, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static inline struct bench *
bench_new(enum folder_side side)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->dir = test_dir();
	b->conf = (struct conf_partner){ .name = "acme",
		.folder = b->dir,
		.in = "in",
		.out = "out",
		.marker = ".ok",
		.limit = 1 << 20 };
	bench_open(b, side);
	return b;
}

static inline void
bench_free(struct bench *b)
{
	folder_close(b->f);
	test_dir_gone(b->dir);
	free(b);
}

/* --- the steps of one file alone --- */

static inline enum rc
bench_stage(
    struct folder *f, const char *id, struct slice body, struct err *err)
{
	struct folder_give g = { .id = id, .body = body };
	enum rc rc = folder_stage(f, &g, 1, err);

	*err = g.why;
	return rc == RC_OK ? g.rc : rc;
}

static inline enum rc
bench_publish(struct folder *f, const char *id, const char *name, bool *taken,
    struct err *err)
{
	struct folder_give g = { .id = id, .name = name };
	enum rc rc = folder_publish(f, &g, 1, err);

	*err = g.why;
	*taken = g.taken_name;
	return rc == RC_OK ? g.rc : rc;
}

static inline enum rc
bench_aside(struct folder *f, const char *name, const char *id,
    const struct fsx_mark *mark, bool *same, struct err *err)
{
	struct folder_take t = { .id = id, .name = name, .mark = *mark };
	enum rc rc = folder_aside(f, &t, 1, err);

	*err = t.why;
	*same = t.same;
	return rc == RC_OK ? t.rc : rc;
}

static inline char *
bench_path(struct bench *b, const char *below)
{
	static char path[4][4096];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	(void)snprintf(p, 4096, "%s/%s", b->dir, below);
	return p;
}

static inline void
bench_put(struct bench *b, const char *below, const char *text)
{
	FILE *f = fopen(bench_path(b, below), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline void
bench_move(struct bench *b, const char *from, const char *to)
{
	assert_int_equal(rename(bench_path(b, from), bench_path(b, to)), 0);
}

static inline bool
bench_there(struct bench *b, const char *below)
{
	struct stat st;

	return lstat(bench_path(b, below), &st) == 0;
}

static inline void
bench_holds(struct bench *b, const char *below, const char *want)
{
	char text[256];
	FILE *f = fopen(bench_path(b, below), "r");
	size_t n;

	if (f == NULL)
		fail_msg("no file '%s'", below);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	assert_string_equal(text, want);
}

static inline void
bench_refuse(void *arg, const char *name, const char *why)
{
	struct bench *b = arg;
	size_t n = strlen(b->said);

	(void)snprintf(b->said + n, sizeof(b->said) - n, "%s: %s;", name, why);
}

/* The names offered, as "a,b,"; at wall time now_ms. */
static inline const char *
bench_scan_at(struct bench *b, int64_t now_ms)
{
	static char names[1024];
	struct folder_offer *o = NULL;
	struct err err;
	size_t n = 0;
	bool more;

	names[0] = b->said[0] = '\0';
	assert_int_equal(
	    folder_scan(b->f, now_ms, 10, &o, &n, &more, bench_refuse, b, &err),
	    RC_OK);
	for (size_t i = 0; i < n; i++) {
		(void)strncat(names, o[i].name, 300);
		(void)strcat(names, ",");
	}
	folder_offers_free(o, n);
	return names;
}

static inline const char *
bench_scan(struct bench *b)
{
	return bench_scan_at(b, 0);
}

#endif
