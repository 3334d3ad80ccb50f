/*
 * tests/unit/test.c - temporary folders and data files for the unit tests;
 * trusts the environment that make check sets. Called by tests only.
 */
#include "tests/unit/test.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (64u << 20)
#define TREE_FDS 16

char *
test_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = NULL;

	if (tmp == NULL || tmp[0] == '\0')
		tmp = "/tmp";
	if (asprintf(&path, "%s/entrepot-test.XXXXXX", tmp) < 0 ||
	    mkdtemp(path) == NULL)
		fail_msg("no temporary folder below %s", tmp);
	return path;
}

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
test_dir_gone(char *path)
{
	if (nftw(path, entry_remove, TREE_FDS, FTW_DEPTH | FTW_PHYS) != 0)
		fail_msg("cannot remove %s", path);
	free(path);
}

char *
test_path(const char *below_source)
{
	const char *top = getenv("ENTREPOT_SRC");
	char *path = NULL;

	if (asprintf(&path, "%s/%s", top == NULL ? "." : top, below_source) < 0)
		fail_msg("out of memory");
	return path;
}

struct slice
test_file(const char *below_source)
{
	char *path = test_path(below_source);
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	long n = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		n = ftell(f);
	if (n < 0 || n > (long)FILE_MAX || (p = malloc((size_t)n + 1)) == NULL)
		fail_msg("cannot read %s", path);
	rewind(f);
	if (fread(p, 1, (size_t)n, f) != (size_t)n)
		fail_msg("cannot read %s whole", path);
	(void)fclose(f);
	free(path);
	p[n] = '\0';
	return (struct slice){ p, (size_t)n };
}

void
test_slice_is(struct slice s, const char *want)
{
	if (!slice_is(s, want))
		fail_msg("found '%.*s', want '%s'", SLICE_ARG(s), want);
}
