/*
 * crash/shim_power.c - a power cut instead of a death: what was not synced is
 * gone. Under ENTREPOT_CRASH_UNDER a file has, after the cut, the bytes of its
 * last sync, and a folder the names of its last sync; a rename between two
 * folders is on disk, at both ends, when one of them was synced, as journaling
 * file systems do it. Folders of the other side (ENTREPOT_POWER_OUTSIDE, names
 * below the root with ":" between) stand on another machine: they, and what
 * goes in or comes out of them, lose nothing. Removed files are kept aside in
 * the folder .power, so that what comes back is the same inode.
 * Called by shim_carry() around each call, and by shim_die().
 */
#include "tests/crash/shim.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM  1024
#define NAMES 4096
#define DIRTY 512
#define MOVES 1024
#define ASIDE ".power"

struct named { /* a name that is on disk, or stands there now */
	char dir[ROOM], name[256];
	ino_t ino;
};

struct moved {
	struct named from, to;
};

static struct {
	bool on;
	char root[ROOM];
	const char *outside;
	struct named name[NAMES]; /* on disk */
	size_t nnames;
	struct moved moved[MOVES]; /* not yet on disk */
	size_t nmoved;
	struct {
		ino_t ino;
		char *bytes; /* of the last sync */
		size_t len;
	} dirty[DIRTY];
	size_t ndirty;
	unsigned int aside; /* files kept */
} power;

static void __attribute__((noreturn)) broken(const char *what)
{
	fprintf(stderr, "power: %s: %s\n", what, strerror(errno));
	(void)fflush(stderr);
	for (;;)
		(void)shim_real(SYS_exit_group, 3, 0, 0, 0, 0, 0);
}

/* --- where --- */

static bool
inner(const char *path)
{
	size_t n = strlen(power.root);
	const char *below = path + n + 1, *o = power.outside;

	if (strncmp(path, power.root, n) != 0 ||
	    (path[n] != '/' && path[n] != '\0'))
		return false;
	if (path[n] == '\0')
		return true;
	if (strncmp(below, ASIDE, sizeof(ASIDE) - 1) == 0)
		return false;
	while (o != NULL && *o != '\0') {
		size_t len = strcspn(o, ":");

		if (strncmp(below, o, len) == 0 &&
		    (below[len] == '/' || below[len] == '\0'))
			return false;
		o += len + (o[len] == ':');
	}
	return true;
}

static bool
fd_where(int fd, char out[ROOM])
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link),
	    fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
	n = readlink(link, out, ROOM - 1);
	out[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

/* The folder and the last name of a path as a call gives it. */
static bool
where(int dirfd, const char *path, struct named *out)
{
	char full[2 * ROOM];
	char *last;
	size_t n = 0;

	if (path[0] != '/') {
		if (!fd_where(dirfd, full))
			return false;
		n = strlen(full);
		full[n++] = '/';
	}
	(void)snprintf(full + n, sizeof(full) - n, "%s", path);
	last = strrchr(full, '/');
	*last++ = '\0';
	(void)snprintf(out->dir, sizeof(out->dir), "%.1000s", full);
	(void)snprintf(out->name, sizeof(out->name), "%.255s", last);
	return true;
}

static const char *
path_of(const struct named *n)
{
	static char path[4][ROOM + 256];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	(void)snprintf(p, ROOM + 256, "%.1000s/%.250s", n->dir, n->name);
	return p;
}

/* --- names on disk --- */

static void
name_drop(const char *dir, const char *name)
{
	for (size_t i = 0; i < power.nnames; i++)
		if (strcmp(power.name[i].dir, dir) == 0 &&
		    (name == NULL || strcmp(power.name[i].name, name) == 0))
			power.name[i--] = power.name[--power.nnames];
}

static void
name_put(const struct named *n)
{
	name_drop(n->dir, n->name);
	if (power.nnames == NAMES)
		broken("too many names");
	power.name[power.nnames++] = *n;
}

/* What stands in a folder now. */
static size_t
scan(const char *path, struct named *out, size_t most)
{
	char dir[ROOM]; /* path may be in a buffer that turns round */
	DIR *d = opendir(path);
	struct dirent *e;
	size_t n = 0;

	(void)snprintf(dir, sizeof(dir), "%.1000s", path);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (n == most)
			broken("a folder too full");
		(void)snprintf(out[n].dir, ROOM, "%.1000s", dir);
		(void)snprintf(out[n].name, 256, "%.250s", e->d_name);
		out[n].ino = e->d_ino;
		n += inner(path_of(&out[n]));
	}
	if (d != NULL)
		(void)closedir(d);
	return n;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
tree_is_on_disk(const char *dir)
{
	struct named *now = malloc(NAMES * sizeof(*now));
	size_t n;

	if (now == NULL)
		broken("memory");
	n = scan(dir, now, NAMES);
	for (size_t i = 0; i < n; i++) {
		name_put(&now[i]);
		if (is_folder(path_of(&now[i])))
			tree_is_on_disk(path_of(&now[i]));
	}
	free(now);
}

/* A folder was synced: its names are those that stand there. */
static void
folder_synced(const char *dir)
{
	static struct named now[NAMES];
	size_t n = scan(dir, now, NAMES);

	name_drop(dir, NULL);
	for (size_t i = 0; i < n; i++)
		name_put(&now[i]);
	for (size_t i = 0; i < power.nmoved; i++) {
		struct moved *m = &power.moved[i];

		if (strcmp(m->from.dir, dir) == 0)
			name_put(&m->to);
		else if (strcmp(m->to.dir, dir) == 0)
			name_drop(m->from.dir, m->from.name);
		else
			continue;
		power.moved[i--] = power.moved[--power.nmoved];
	}
}

/* --- bytes on disk --- */

static void
file_clean(ino_t ino)
{
	for (size_t i = 0; i < power.ndirty; i++)
		if (power.dirty[i].ino == ino) {
			free(power.dirty[i].bytes);
			power.dirty[i] = power.dirty[--power.ndirty];
			return;
		}
}

/* It is about to change: keep what it is. */
static void
file_touch(int fd)
{
	char path[ROOM], self[64];
	struct stat st;
	long in;
	size_t n = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    !fd_where(fd, path) || !inner(path))
		return;
	for (size_t i = 0; i < power.ndirty; i++)
		if (power.dirty[i].ino == st.st_ino)
			return;
	if (power.ndirty == DIRTY)
		broken("too many files");
	power.dirty[power.ndirty].ino = st.st_ino;
	power.dirty[power.ndirty].len = (size_t)st.st_size;
	power.dirty[power.ndirty].bytes = malloc((size_t)st.st_size + 1);
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	in = shim_real(
	    SYS_openat, AT_FDCWD, (long)self, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	while (in >= 0 && n < (size_t)st.st_size) {
		long k = shim_real(SYS_pread64, in,
		    (long)(power.dirty[power.ndirty].bytes + n),
		    (long)((size_t)st.st_size - n), (long)n, 0, 0);

		if (k <= 0)
			broken("a file to keep");
		n += (size_t)k;
	}
	if (in >= 0)
		(void)close((int)in);
	power.ndirty++;
}

/* --- around the calls --- */

static void
aside_name(struct named *n)
{
	(void)snprintf(n->dir, ROOM, "%.1000s/" ASIDE, power.root);
	(void)snprintf(n->name, 256, "%u", power.aside++);
}

static bool
put_aside(const struct named *n)
{
	struct named to;

	aside_name(&to);
	return shim_real(SYS_renameat2, AT_FDCWD, (long)path_of(n), AT_FDCWD,
		   (long)path_of(&to), 0, 0) == 0;
}

/* True: the call was carried out here, *r is what it returns. */
bool
power_before(long nr, const long a[6], long *r)
{
	struct named n;
	struct stat st;
	int e = errno;

	if (!power.on)
		return false;
	if (nr == SYS_write || nr == SYS_pwrite64 || nr == SYS_writev ||
	    nr == SYS_pwritev || nr == SYS_pwritev2 || nr == SYS_ftruncate ||
	    nr == SYS_fallocate || nr == SYS_sendfile)
		file_touch((int)a[0]);
	if (nr == SYS_copy_file_range)
		file_touch((int)a[2]);
	errno = e;
	if (nr == SYS_unlinkat && (a[2] & AT_REMOVEDIR) == 0 &&
	    where((int)a[0], (const char *)a[1], &n) && inner(path_of(&n)) &&
	    lstat(path_of(&n), &st) == 0 && S_ISREG(st.st_mode)) {
		*r = put_aside(&n) ? 0 : -1;
		return true;
	}
	if (nr == SYS_renameat2 && (a[4] & 1) == 0 &&
	    where((int)a[2], (const char *)a[3], &n) && inner(path_of(&n)) &&
	    lstat(path_of(&n), &st) == 0 && S_ISREG(st.st_mode))
		(void)put_aside(&n);
	errno = e;
	return false;
}

static void
renamed(const struct named *from, struct named *to)
{
	bool in = inner(path_of(from)), out = inner(path_of(to));
	struct stat st;

	if (lstat(path_of(to), &st) != 0 || (!in && !out))
		return;
	to->ino = st.st_ino;
	if (in && out) {
		if (power.nmoved == MOVES)
			broken("too many renames");
		power.moved[power.nmoved].from = *from;
		power.moved[power.nmoved++].to = *to;
		return;
	}
	/* The other side's disk is not ours: it has what it took or gave. */
	if (in)
		name_drop(from->dir, from->name);
	else
		name_put(to);
	file_clean(st.st_ino);
}

void
power_after(long nr, const long a[6], long r)
{
	struct named from, to;
	char path[ROOM];
	struct stat st;
	int e = errno;

	if (!power.on || r < 0)
		return;
	if (nr == SYS_renameat2 &&
	    where((int)a[0], (const char *)a[1], &from) &&
	    where((int)a[2], (const char *)a[3], &to))
		renamed(&from, &to);
	if ((nr == SYS_fsync || nr == SYS_fdatasync) &&
	    fstat((int)a[0], &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			file_clean(st.st_ino);
		else if (fd_where((int)a[0], path) && inner(path))
			folder_synced(path);
	}
	errno = e;
}

/* --- the cut --- */

static struct named now[NAMES];
static size_t nnow;

static void
tree_list(const char *path, bool aside)
{
	char dir[ROOM]; /* path may be in a buffer that turns round */
	DIR *d = opendir(path);
	struct dirent *e;
	struct named n;

	(void)snprintf(dir, sizeof(dir), "%.1000s", path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(n.dir, ROOM, "%.1000s", dir);
		(void)snprintf(n.name, 256, "%.250s", e->d_name);
		n.ino = e->d_ino;
		if (!aside && !inner(path_of(&n)))
			continue;
		if (is_folder(path_of(&n))) {
			tree_list(path_of(&n), aside);
			continue;
		}
		if (nnow == NAMES)
			broken("too many names now");
		now[nnow++] = n;
	}
	if (d != NULL)
		(void)closedir(d);
}

static void
bytes_back(void)
{
	for (size_t i = 0; i < power.ndirty; i++)
		for (size_t k = 0; k < nnow; k++) {
			long fd;

			if (now[k].ino != power.dirty[i].ino)
				continue;
			fd = shim_real(SYS_openat, AT_FDCWD,
			    (long)path_of(&now[k]), O_WRONLY, 0, 0, 0);
			if (fd < 0 ||
			    shim_real(SYS_ftruncate, fd, 0, 0, 0, 0, 0) != 0 ||
			    shim_real(SYS_pwrite64, fd,
				(long)power.dirty[i].bytes,
				(long)power.dirty[i].len, 0, 0,
				0) != (long)power.dirty[i].len)
				broken("bytes of the last sync");
			(void)close((int)fd);
			break;
		}
}

static bool
on_disk(const struct named *n)
{
	for (size_t i = 0; i < power.nnames; i++)
		if (power.name[i].ino == n->ino &&
		    strcmp(power.name[i].dir, n->dir) == 0 &&
		    strcmp(power.name[i].name, n->name) == 0)
			return true;
	return false;
}

static void
names_back(void)
{
	for (size_t k = 0; k < nnow; k++) {
		struct named to;

		if (strstr(now[k].dir, "/" ASIDE) != NULL || on_disk(&now[k]))
			continue;
		aside_name(&to);
		if (shim_real(SYS_renameat2, AT_FDCWD, (long)path_of(&now[k]),
			AT_FDCWD, (long)path_of(&to), 0, 0) != 0)
			broken("a name that is not on disk");
		to.ino = now[k].ino;
		now[k] = to;
	}
	for (size_t i = 0; i < power.nnames; i++) {
		const struct named *want = &power.name[i];

		if (is_folder(path_of(want)))
			continue;
		for (size_t k = 0; k < nnow; k++)
			if (now[k].ino == want->ino &&
			    strstr(now[k].dir, "/" ASIDE) != NULL) {
				(void)shim_real(SYS_renameat2, AT_FDCWD,
				    (long)path_of(&now[k]), AT_FDCWD,
				    (long)path_of(want), 0, 0);
				now[k] = *want;
				break;
			}
	}
}

void
power_cut(void)
{
	char aside[ROOM];

	if (!power.on)
		return;
	power.on = false;
	(void)snprintf(aside, sizeof(aside), "%.1000s/" ASIDE, power.root);
	tree_list(power.root, false);
	tree_list(aside, true);
	bytes_back();
	names_back();
}

void
power_start(const char *root)
{
	char aside[ROOM];

	if (getenv("ENTREPOT_CRASH_POWER") == NULL || root[0] == '\0')
		return;
	(void)snprintf(power.root, sizeof(power.root), "%.1000s", root);
	power.outside = getenv("ENTREPOT_POWER_OUTSIDE");
	(void)snprintf(aside, sizeof(aside), "%.1000s/" ASIDE, root);
	(void)shim_real(SYS_mkdirat, AT_FDCWD, (long)aside, 0700, 0, 0, 0);
	tree_is_on_disk(power.root);
	power.on = true;
}
