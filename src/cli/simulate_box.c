/*
 * cli/simulate_box.c - files of the simulated import client. It does not use
 * base/fsx: a peer keeps no promise, and shares no code with those who do.
 * Trusts that the folder is its own. Called by verb_simulate.c.
 */
#include "src/cli/simulate_box.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIES_MAX 10000 /* of one name in SentBox */

static int
folder_need(const char *folder, const char *name)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum rc
sim_box_open(struct sim_box *b, const struct conf_partner *p, struct err *err)
{
	char path[4096];

	*b = (struct sim_box){ .watch = -1 };
	(void)mkdir(p->folder, 0755); /* what is wrong shows below */
	b->out = folder_need(p->folder, p->out);
	b->in = folder_need(p->folder, p->in);
	b->sent = folder_need(p->folder, "SentBox");
	b->fail = folder_need(p->folder, "FailBox");
	if (b->out < 0 || b->in < 0 || b->sent < 0 || b->fail < 0) {
		(void)err_errno(err, RC_REFUSED, "folder '%s'", p->folder);
		sim_box_close(b);
		return RC_REFUSED;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", p->folder, p->out);
	b->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (b->watch < 0 || inotify_add_watch(b->watch, path,
				IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
		(void)err_errno(err, RC_REFUSED, "watching '%s'", path);
		sim_box_close(b);
		return RC_REFUSED;
	}
	return RC_OK;
}

void
sim_box_close(struct sim_box *b)
{
	int fds[] = { b->out, b->in, b->sent, b->fail, b->watch };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static bool
name_wanted(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n < 256 &&
	       !(n > 4 && strcmp(name + n - 4, ".tmp") == 0);
}

bool
sim_box_next(struct sim_box *b, const char *after, char name[256])
{
	char least[256]; /* name may be where after stands */
	int fd = openat(b->out, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	bool found = false;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((e = readdir(d)) != NULL) {
		if (!name_wanted(e->d_name) || strcmp(e->d_name, after) <= 0 ||
		    (found && strcmp(e->d_name, least) >= 0))
			continue;
		(void)snprintf(least, sizeof(least), "%s", e->d_name);
		found = true;
	}
	(void)closedir(d);
	if (found)
		(void)snprintf(name, 256, "%s", least);
	return found;
}

enum rc
sim_box_read(
    struct sim_box *b, const char *name, struct buf *out, struct err *err)
{
	int fd = openat(b->out, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = 1;

	if (fd < 0)
		return err_errno(err, RC_REFUSED, "open '%s'", name);
	buf_reset(out);
	while (n > 0) {
		char *p = buf_room(out, 65536);

		if (p == NULL)
			break;
		n = read(fd, p, 65536);
		if (n > 0)
			out->len += (size_t)n;
	}
	(void)close(fd);
	if (n < 0)
		return err_errno(err, RC_REFUSED, "read '%s'", name);
	if (buf_failed(out))
		return err_set(err, RC_REFUSED, "file '%s' is too large", name);
	return RC_OK;
}

enum rc
sim_box_move(struct sim_box *b, const char *name, bool failed, struct err *err)
{
	int to = failed ? b->fail : b->sent;
	char copy[300];

	for (unsigned int i = 1; i < COPIES_MAX; i++) {
		if (i == 1)
			(void)snprintf(copy, sizeof(copy), "%s", name);
		else
			(void)snprintf(copy, sizeof(copy), "%s.%u", name, i);
		if (renameat2(b->out, name, to, copy, RENAME_NOREPLACE) == 0)
			return RC_OK;
		if (errno != EEXIST)
			break;
	}
	return err_errno(err, RC_REFUSED, "move '%s'", name);
}

enum rc
sim_box_write(
    struct sim_box *b, const char *name, struct slice s, struct err *err)
{
	char tmp[300];
	ssize_t n;
	int fd;

	(void)snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = openat(b->in, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, RC_REFUSED, "create '%s'", tmp);
	while (s.len > 0) {
		n = write(fd, s.p, s.len);
		if (n <= 0)
			break;
		s = slice_sub(s, (size_t)n, s.len - (size_t)n);
	}
	if (close(fd) != 0 || s.len > 0)
		return err_errno(err, RC_REFUSED, "write '%s'", tmp);
	if (renameat(b->in, tmp, b->in, name) != 0)
		return err_errno(err, RC_REFUSED, "rename '%s'", tmp);
	return RC_OK;
}
