/*
 * transport/folder_scan.c - what stands in a drop folder and may be taken;
 * trusts no name, no kind, no owner and no time there. Called by intake.
 */
#include "src/transport/folder_in.h"
#include "src/intake/complete.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPIES_MAX 1000 /* refused ones of one name */

struct scan {
	struct folder *f;
	int64_t now_ms;
	struct folder_offer *offer;
	size_t n, room;
	folder_refuse_fn *refuse;
	void *arg;
};

/* Once for each file: a name, an inode and a time make it the same. */
static void
refuse(struct scan *s, const char *name, const struct stat *st, const char *why)
{
	struct told t = { .ino = st->st_ino,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			    st->st_mtim.tv_nsec,
		.name = slice_hash(slice_of(name)) };
	unsigned int kept = s->f->ntold < TOLD_MAX ? s->f->ntold : TOLD_MAX;

	/* The ring remembers so many: more would be told at each walk. */
	if (++s->f->refusals > TOLD_MAX)
		return;
	for (unsigned int i = 0; i < kept; i++)
		if (s->f->told[i].ino == t.ino &&
		    s->f->told[i].name == t.name &&
		    s->f->told[i].mtime_ns == t.mtime_ns)
			return;
	s->f->told[s->f->ntold++ % TOLD_MAX] = t;
	s->refuse(s->arg, name, why);
}

/* A sentence, or NULL: a file to be taken when it is whole. */
static const char *
kind_wrong(const struct folder *f, const struct stat *st, char *room, size_t n)
{
	if (S_ISLNK(st->st_mode))
		return "is a link, want a regular file";
	if (S_ISDIR(st->st_mode))
		return "is a folder, want a regular file";
	if (S_ISFIFO(st->st_mode))
		return "is a pipe, want a regular file";
	if (S_ISSOCK(st->st_mode))
		return "is a socket, want a regular file";
	if (!S_ISREG(st->st_mode))
		return "is a device, want a regular file";
	if (st->st_nlink != 1) {
		(void)snprintf(room, n, "file has %ju names, want one",
		    (uintmax_t)st->st_nlink);
		return room;
	}
	if (st->st_uid != f->owner && st->st_uid != f->other) {
		(void)snprintf(room, n,
		    "file belongs to user %ju, want user %ju",
		    (uintmax_t)st->st_uid, (uintmax_t)f->owner);
		return room;
	}
	if ((uint64_t)st->st_size > f->conf->limit) {
		(void)snprintf(room, n, "file is %ju bytes, limit is %ju",
		    (uintmax_t)st->st_size, (uintmax_t)f->conf->limit);
		return room;
	}
	return NULL;
}

static bool
marker_is_there(const struct folder *f, const char *name)
{
	char marker[NAME_ROOM];
	struct stat st;

	(void)snprintf(marker, sizeof(marker), "%s%s", name, f->conf->marker);
	return fstatat(f->box, marker, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A read lease is only given while nobody has the file open for writing.
 * RC_REFUSED: we may not ask.
 */
static enum rc
writer_find(const struct folder *f, const char *name, bool *writer)
{
	struct err ignored;
	int fd = fsx_open(f->box, name, &ignored);
	enum rc rc = RC_OK;

	*writer = true;
	if (fd < 0)
		return RC_OK;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
		*writer = false;
	} else if (errno != EAGAIN) {
		rc = RC_REFUSED;
	}
	(void)close(fd);
	return rc;
}

static bool
is_whole(struct scan *s, const char *name, const struct stat *st)
{
	struct complete_facts facts = {
		.now_ms = s->now_ms,
		.mtime_ms = (int64_t)st->st_mtim.tv_sec * 1000 +
			    st->st_mtim.tv_nsec / 1000000,
	};

	if (s->f->conf->complete == COMPLETE_MARKER)
		facts.marker = marker_is_there(s->f, name);
	if (s->f->conf->complete == COMPLETE_CLOSE &&
	    writer_find(s->f, name, &facts.writer) != RC_OK) {
		refuse(s, name, st,
		    "cannot tell whether somebody writes it: want it to be "
		    "ours, or another rule than 'complete on close'");
		return false;
	}
	return complete_is_whole(s->f->conf, &facts);
}

/*
 * Only what is the partner's own file, and whole: its writer must not find it
 * gone under its hands. Where it cannot be moved it stays, told once.
 */
static void
reject(struct scan *s, const char *name, const struct stat *st)
{
	char as[NAME_ROOM];
	struct err ignored;
	enum rc rc;

	if (s->f->refused < 0 || !S_ISREG(st->st_mode) || st->st_nlink != 1 ||
	    (st->st_uid != s->f->owner && st->st_uid != s->f->other) ||
	    !is_whole(s, name, st))
		return;
	rc = fsx_rename(s->f->box, name, s->f->refused, name, &ignored);
	for (unsigned int n = 2;
	     rc == RC_REFUSED && errno == EEXIST && n < COPIES_MAX; n++) {
		(void)snprintf(as, sizeof(as), "%.240s.%u", name, n);
		rc = fsx_rename(s->f->box, name, s->f->refused, as, &ignored);
	}
}

static enum rc
offer_add(
    struct scan *s, const char *name, const struct stat *st, struct err *err)
{
	struct folder_offer *o = s->offer;

	if (s->n == s->room) {
		s->room = s->room == 0 ? 64 : s->room * 2;
		o = realloc(s->offer, s->room * sizeof(*o));
		if (o == NULL)
			return err_set(err, RC_LATER, "no memory to scan");
		s->offer = o;
	}
	o += s->n;
	o->name = strdup(name);
	if (o->name == NULL)
		return err_set(err, RC_LATER, "no memory to scan");
	o->mark = (struct fsx_mark){ .dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 +
			    st->st_mtim.tv_nsec };
	s->n++;
	return RC_OK;
}

static enum rc
name_look(struct scan *s, const char *name, struct err *err)
{
	char room[128];
	const char *why;
	struct stat st;

	if (!complete_is_offer(s->f->conf, slice_of(name)))
		return RC_OK;
	if (fstatat(s->f->box, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return RC_OK; /* gone since it was listed */
	why = complete_name_wrong(slice_of(name));
	if (why == NULL)
		why = kind_wrong(s->f, &st, room, sizeof(room));
	if (why != NULL) {
		refuse(s, name, &st, why);
		reject(s, name, &st);
		return RC_OK;
	}
	if (is_whole(s, name, &st))
		return offer_add(s, name, &st, err);
	s->f->more = true;
	return RC_OK;
}

static int
offer_cmp(const void *a, const void *b)
{
	const struct folder_offer *x = a, *y = b;

	if (x->mark.mtime_ns != y->mark.mtime_ns)
		return x->mark.mtime_ns < y->mark.mtime_ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* All of it was seen. */
static void
walk_end(struct scan *s)
{
	struct folder *f = s->f;
	char why[80];

	(void)closedir(f->walk);
	f->walk = NULL;
	if (f->refusals <= TOLD_MAX) {
		f->told_further = false;
		return;
	}
	if (f->told_further)
		return;
	f->told_further = true;
	(void)snprintf(why, sizeof(why),
	    "and %zu more like those before, that can never be taken",
	    f->refusals - TOLD_MAX);
	s->refuse(s->arg, "...", why);
}

static enum rc
walk_begin(struct folder *f, struct err *err)
{
	int fd = openat(f->box, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	f->walk = fd < 0 ? NULL : fdopendir(fd);
	f->walked = f->refusals = 0;
	f->more = false;
	if (f->walk != NULL)
		return RC_OK;
	(void)err_errno(err, RC_REFUSED, "list folder");
	if (fd >= 0)
		(void)close(fd);
	return RC_REFUSED;
}

static enum rc
names_look(struct scan *s, struct err *err)
{
	enum rc rc = RC_OK;

	for (size_t seen = 0; rc == RC_OK && seen < FOLDER_SLICE; seen++) {
		struct dirent *d;

		errno = 0;
		d = readdir(s->f->walk);
		if (d == NULL && errno != 0)
			return err_errno(err, RC_REFUSED, "list folder");
		if (d == NULL) {
			walk_end(s);
			return RC_OK;
		}
		s->f->walked++;
		rc = name_look(s, d->d_name, err);
	}
	return rc;
}

bool
folder_midway(const struct folder *f)
{
	return f->walk != NULL;
}

size_t
folder_walked(const struct folder *f)
{
	return f->walked;
}

enum rc
folder_scan(struct folder *f, int64_t now_ms, size_t max,
    struct folder_offer **out, size_t *n, bool *more, folder_refuse_fn *fn,
    void *arg, struct err *err)
{
	struct scan s = { .f = f, .now_ms = now_ms, .refuse = fn, .arg = arg };
	enum rc rc = f->walk != NULL ? RC_OK : walk_begin(f, err);

	if (rc == RC_OK)
		rc = names_look(&s, err);
	if (rc != RC_OK) {
		if (f->walk != NULL)
			(void)closedir(f->walk);
		f->walk = NULL;
		folder_offers_free(s.offer, s.n);
		return rc;
	}
	if (s.n > 1)
		qsort(s.offer, s.n, sizeof(*s.offer), offer_cmp);
	for (; s.n > max; s.n--) {
		free(s.offer[s.n - 1].name);
		f->more = true;
	}
	*out = s.offer;
	*n = s.n;
	*more = f->more || f->walk != NULL;
	return RC_OK;
}

void
folder_offers_free(struct folder_offer *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(o[i].name);
	free(o);
}
