/*
 * base/fsx_list.c - the names in a folder, in order; trusts neither how many
 * there are nor what they are made of. Called through base/fsx.h.
 */
#include "src/base/fsx.h"
#include "src/base/buf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX      ((size_t)1 << 20) /* whatever the caller asks for */
#define NAME_BYTES_MAX 256               /* NUL included */

/* Names one behind the other, each with its NUL, at most max of them. */
static enum rc
names_read(DIR *dir, size_t max, struct buf *all, size_t *n, bool *more,
    struct err *err)
{
	*n = 0;
	*more = false;
	for (;;) {
		struct dirent *d;

		errno = 0;
		d = readdir(dir);
		if (d == NULL)
			break;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (*n == max) {
			*more = true;
			return RC_OK;
		}
		buf_add(all, d->d_name, strlen(d->d_name) + 1);
		(*n)++;
	}
	if (errno != 0)
		return err_errno(err, RC_REFUSED, "list folder");
	return RC_OK;
}

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One allocation: the pointers, then the bytes they point to. */
static char **
names_sorted(const struct buf *all, size_t n)
{
	struct slice bytes = buf_look(all);
	size_t head = n * sizeof(char *);
	char **names = malloc(head + bytes.len + 1);
	char *p;

	if (names == NULL)
		return NULL;
	p = (char *)names + head;
	if (bytes.len > 0)
		memcpy(p, bytes.p, bytes.len);
	for (size_t i = 0; i < n; i++) {
		names[i] = p;
		p += strlen(p) + 1;
	}
	if (n > 1)
		qsort(names, n, sizeof(names[0]), name_cmp);
	return names;
}

/* A description of its own: the caller's dirfd keeps its reading place. */
static enum rc
dir_open(int dirfd, DIR **out, struct err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = fd < 0 && errno == EBADF ? RC_BROKEN : RC_REFUSED;

	if (fd < 0)
		return err_errno(err, rc, "list folder");
	*out = fdopendir(fd);
	if (*out != NULL)
		return RC_OK;
	rc = err_errno(err, RC_REFUSED, "list folder");
	(void)close(fd);
	return rc;
}

enum rc
fsx_list(
    int dirfd, size_t max, char ***out, size_t *n, bool *more, struct err *err)
{
	DIR *dir;
	struct buf all;
	char **names = NULL;
	size_t count;
	bool left;
	enum rc rc = dir_open(dirfd, &dir, err);

	if (rc != RC_OK)
		return rc;
	if (max > NAMES_MAX)
		max = NAMES_MAX;
	buf_init(&all, max * NAME_BYTES_MAX);
	rc = names_read(dir, max, &all, &count, &left, err);
	if (rc == RC_OK) {
		if (!buf_failed(&all))
			names = names_sorted(&all, count);
		if (names == NULL)
			rc = err_set(err, RC_LATER,
			    "no memory to list %zu names", count);
	}
	if (rc == RC_OK) {
		*out = names;
		*n = count;
		*more = left;
	}
	buf_clear(&all);
	(void)closedir(dir);
	return rc;
}
