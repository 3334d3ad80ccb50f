/*
 * crash/probe.c - the smallest keeper of a promise, to test the crash tools
 * with: it keeps bodies as files and rows in a journal, and says "took N" once
 * both are safe. Trusts the script that calls it.
 *
 *   probe run DIR       take WANT bodies, from where DIR stands
 *   probe wrong DIR     the same with the row before the file: a planted bug
 *   probe check DIR     recover, then compare rows, files and what was said
 */
#include "src/base/fsx.h"
#include "src/base/buf.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WANT 3

struct probe {
	int dir;
	int bodies;
	sqlite3 *db;
	struct err err;
};

static void
die(const struct probe *p, const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, p->err.text);
	exit(3);
}

static void
sql(struct probe *p, const char *text)
{
	char *said = NULL;

	if (sqlite3_exec(p->db, text, NULL, NULL, &said) == SQLITE_OK)
		return;
	(void)err_set(&p->err, RC_BROKEN, "%s: %s", text, said);
	die(p, "journal");
}

static int64_t
sql_count(struct probe *p, const char *text)
{
	sqlite3_stmt *st;
	int64_t n = -1;

	if (sqlite3_prepare_v2(p->db, text, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	if (n < 0)
		die(p, "journal");
	return n;
}

static void
probe_open(struct probe *p, const char *path)
{
	char name[4096];

	p->dir = fsx_opendir(path, &p->err);
	if (p->dir < 0)
		die(p, path);
	p->bodies = fsx_subdir(p->dir, "bodies", 0700, &p->err);
	if (p->bodies < 0 || fsx_syncdir(p->dir, &p->err) != RC_OK)
		die(p, path);
	(void)snprintf(name, sizeof(name), "%s/journal", path);
	if (sqlite3_open(name, &p->db) != SQLITE_OK)
		die(p, name);
	sql(p, "pragma journal_mode=wal; pragma synchronous=full;"
	       "create table if not exists body(n integer primary key)");
}

static void
name_of(int64_t n, char out[32])
{
	(void)snprintf(out, 32, "body-%jd", (intmax_t)n);
}

static void
body_keep(struct probe *p, int64_t n)
{
	char name[32];
	char aside[40];
	int fd;
	enum rc rc;

	name_of(n, name);
	(void)snprintf(aside, sizeof(aside), "%s.new", name);
	fd = fsx_create(p->bodies, aside, 0600, &p->err);
	if (fd < 0)
		die(p, aside);
	rc = fsx_write(fd, name, strlen(name), &p->err);
	if (rc == RC_OK)
		rc = fsx_sync(fd, &p->err);
	(void)close(fd);
	if (rc == RC_OK)
		rc = fsx_rename(p->bodies, aside, p->bodies, name, &p->err);
	if (rc == RC_OK)
		rc = fsx_syncdir(p->bodies, &p->err);
	if (rc != RC_OK)
		die(p, name);
}

static void
row_keep(struct probe *p, int64_t n)
{
	char text[64];

	(void)snprintf(
	    text, sizeof(text), "insert into body values(%jd)", (intmax_t)n);
	sql(p, text);
}

/* A file without its row is of a body that was never promised: away with it. */
static void
recover(struct probe *p)
{
	char **names;
	size_t count;
	bool more;
	int64_t rows = sql_count(p, "select count(*) from body");
	enum rc rc = fsx_list(p->bodies, 1000, &names, &count, &more, &p->err);

	if (rc != RC_OK)
		die(p, "bodies");
	for (size_t i = 0; i < count; i++) {
		char *end;
		long n = strtol(names[i] + strlen("body-"), &end, 10);

		if ((*end != '\0' || n > rows) &&
		    fsx_unlink(p->bodies, names[i], &p->err) != RC_OK)
			die(p, names[i]);
	}
	free(names);
}

static void
take_all(struct probe *p, bool wrong)
{
	int64_t n;

	recover(p);
	while ((n = sql_count(p, "select count(*) from body") + 1) <= WANT) {
		int memfd;

		if (wrong)
			row_keep(p, n);
		body_keep(p, n);
		if (!wrong)
			row_keep(p, n);
		/* Neither is a step: a memfd, and words. */
		memfd = fsx_memfd("words", SLICE_LIT("took"), &p->err);
		(void)close(memfd);
		printf("took %jd\n", (intmax_t)n);
		(void)fflush(stdout);
	}
	if (sqlite3_close(p->db) != SQLITE_OK)
		die(p, "close journal");
}

/* What was said, on standard input, against what is there. */
static int
ledger_check(struct probe *p)
{
	int64_t said = 0;
	int64_t rows;
	char line[64];

	recover(p);
	rows = sql_count(p, "select count(*) from body");
	while (fgets(line, sizeof(line), stdin) != NULL)
		said = strtol(line + strlen("took "), NULL, 10);
	for (int64_t n = 1; n <= rows; n++) {
		char name[32], got[32];
		int fd;

		name_of(n, name);
		fd = fsx_open(p->bodies, name, &p->err);
		if (fd < 0 ||
		    fsx_pread(fd, got, strlen(name), 0, &p->err) != RC_OK ||
		    memcmp(got, name, strlen(name)) != 0)
			die(p, "lost body");
		(void)close(fd);
	}
	if (rows < said) {
		fprintf(stderr, "probe: %jd rows, said %jd\n", (intmax_t)rows,
		    (intmax_t)said);
		return 1;
	}
	take_all(p, false);
	return 0;
}

int
main(int argc, char **argv)
{
	struct probe p = { .dir = -1 };

	if (argc != 3)
		return 2;
	probe_open(&p, argv[2]);
	if (strcmp(argv[1], "check") == 0)
		return ledger_check(&p);
	take_all(&p, strcmp(argv[1], "wrong") == 0);
	return 0;
}
