/*
 * transport/folder_refused.c - what stands in the folder where an agency's
 * client puts what it refused; trusts nothing there but that it is a file.
 * Called by deliver.
 *
 * It may hold a million names, for years: one call looks at a slice of them,
 * and what was told is known by its mark in a table that grows with them.
 */
#include "src/transport/folder_in.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKS_LEAST 4096       /* powers of two */
#define MARKS_MOST  (1u << 22) /* 32 MiB: two million files */
#define MARKS_NEAR  1024       /* places looked at for one */
#define PIECE       ((size_t)128 << 10)
#define READ_MOST   UINT32_MAX /* bytes: no message of ours is longer */

/* Its place, or the one where it goes: past the ceiling another's. */
static uint64_t *
mark_place(struct marks *m, uint64_t mark)
{
	for (size_t i = 0; i < MARKS_NEAR; i++) {
		uint64_t *at = &m->of[(mark / 2 + i) % m->size];

		if (*at == mark || *at == 0)
			return at;
	}
	return &m->of[mark / 2 % m->size];
}

/* Without memory it stays as it is: some are told again. */
static void
marks_grow(struct marks *m)
{
	struct marks more = { .size =
				  m->size == 0 ? MARKS_LEAST : m->size * 2 };

	if (m->n * 2 < m->size || m->size == MARKS_MOST)
		return;
	more.of = calloc(more.size, sizeof(*more.of));
	if (more.of == NULL)
		return;
	for (size_t i = 0; i < m->size; i++)
		if (m->of[i] != 0) {
			*mark_place(&more, m->of[i]) = m->of[i];
			more.n++;
		}
	free(m->of);
	*m = more;
}

static bool
mark_has(struct marks *m, uint64_t mark)
{
	return m->size > 0 && *mark_place(m, mark) == mark;
}

static void
mark_add(struct marks *m, uint64_t mark)
{
	uint64_t *at;

	marks_grow(m);
	if (m->size == 0)
		return;
	at = mark_place(m, mark);
	m->n += *at == 0;
	*at = mark;
}

/*
 * A file keeps its times when it is moved, but not the time of its inode: so
 * the same name refused a second time, after we sent it again, is told again.
 * Its length counts, too: that time may stand still while it is written.
 */
static uint64_t
mark_of(const struct stat *st)
{
	uint64_t mark = (uint64_t)st->st_ctim.tv_sec * 1000000000 +
			(uint64_t)st->st_ctim.tv_nsec;

	mark ^= (uint64_t)st->st_size * UINT64_C(0xc2b2ae3d27d4eb4f);
	return ((mark ^ st->st_ino * UINT64_C(0x9e3779b97f4a7c15)) >> 1) | 1;
}

static enum rc
refused_one(
    struct folder *f, const char *name, folder_refused_fn *fn, void *arg)
{
	struct stat st;
	uint64_t mark;
	enum rc rc;

	if (name[0] == '.' ||
	    fstatat(f->refused, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return RC_OK;
	mark = mark_of(&st);
	if (mark_has(&f->marks, mark))
		return RC_OK;
	rc = fn(arg, name, mark, (uint64_t)st.st_size);
	if (rc == RC_OK)
		mark_add(&f->marks, mark);
	return rc;
}

enum rc
fd_sum(int fd, uint64_t size, struct digest *sum, struct err *err)
{
	struct hash *hash = hash_new();
	char *room = malloc(PIECE);
	enum rc rc = hash == NULL || room == NULL
			 ? err_set(err, RC_LATER, "no memory to read a file")
			 : RC_OK;

	for (uint64_t at = 0; at < size && rc == RC_OK; at += PIECE) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;

		rc = fsx_pread(fd, room, n, at, err);
		hash_add(hash, room, n);
	}
	if (rc == RC_OK)
		rc = hash_end(hash, sum, err);
	hash_free(hash);
	free(room);
	return rc;
}

static enum rc
refused_open(struct folder *f, const char *name, int *fd, struct err *err)
{
	enum rc rc = name_check(name, err);

	if (rc != RC_OK)
		return rc;
	*fd = fsx_open(f->refused, name, err);
	if (*fd >= 0)
		return RC_OK;
	return errno == EMFILE || errno == ENFILE || errno == ENOMEM
		   ? RC_LATER
		   : RC_REFUSED;
}

/*
 * Its mark is looked at behind its bytes: who wrote meanwhile has changed it.
 * A hole that grew where it stood is not read for years.
 */
enum rc
folder_refused_sum(struct folder *f, const char *name, uint64_t mark,
    bool *same, uint64_t *size, struct digest *sum, struct err *err)
{
	struct stat st;
	int fd;
	enum rc rc = refused_open(f, name, &fd, err);

	if (rc != RC_OK)
		return rc;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = err_set(err, RC_REFUSED, "'%s' is no file", name);
	*same = rc == RC_OK && mark_of(&st) == mark && st.st_size <= READ_MOST;
	*size = rc == RC_OK ? (uint64_t)st.st_size : 0;
	if (*same)
		rc = fd_sum(fd, *size, sum, err);
	if (*same && rc == RC_OK)
		*same = fstat(fd, &st) == 0 && mark_of(&st) == mark;
	(void)close(fd);
	return rc;
}

static enum rc
walk_begin(struct folder *f, struct err *err)
{
	int fd = openat(f->refused, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	f->refused_walk = fd < 0 ? NULL : fdopendir(fd);
	if (f->refused_walk != NULL)
		return RC_OK;
	(void)err_errno(err, RC_LATER, "list the refused ones");
	if (fd >= 0)
		(void)close(fd);
	return RC_LATER;
}

static void
walk_end(struct folder *f)
{
	(void)closedir(f->refused_walk);
	f->refused_walk = NULL;
}

bool
folder_refused_midway(const struct folder *f)
{
	return f->refused_walk != NULL;
}

enum rc
folder_refused(
    struct folder *f, folder_refused_fn *fn, void *arg, struct err *err)
{
	enum rc rc = RC_OK;

	if (f->refused < 0)
		return RC_OK;
	if (f->refused_walk == NULL)
		rc = walk_begin(f, err);
	/* one that could not be told in the call before */
	if (rc == RC_OK && f->untold[0] != '\0')
		rc = refused_one(f, f->untold, fn, arg);
	if (rc != RC_OK)
		return rc;
	f->untold[0] = '\0';
	for (unsigned int n = 0; rc == RC_OK && n < REFUSED_SLICE; n++) {
		struct dirent *d = readdir(f->refused_walk);

		if (d == NULL) {
			walk_end(f);
			break;
		}
		rc = refused_one(f, d->d_name, fn, arg);
		if (rc != RC_OK)
			(void)snprintf(
			    f->untold, sizeof(f->untold), "%s", d->d_name);
	}
	return rc;
}

void
folder_refused_close(struct folder *f)
{
	if (f->refused_walk != NULL)
		walk_end(f);
	free(f->marks.of);
}
