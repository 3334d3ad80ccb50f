/*
 * crash/world.c - see world.h.
 */
#include "tests/crash/world.h"
#include "src/base/fsx.h"
#include "src/daemon/one.h"
#include "src/record/complaints.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REST_MS 65000
#define MOST_MS 600000

static const struct role_ops *const roles[] = { &role_spool, &role_intake,
	&role_convert, &role_deliver };

void
world_die(const char *what, const char *why)
{
	fprintf(stderr, "scenario: %s: %s\n", what, why);
	exit(3);
}

char *
world_path(const struct world *w, const char *below, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	(void)snprintf(p, PATH_MAX, "%s/%s%s%s", w->dir, below,
	    name[0] == '\0' ? "" : "/", name);
	return p;
}

void
world_names(struct world *w, const char *below,
    void (*fn)(struct world *, const char *, const char *, void *), void *arg)
{
	struct err err;
	char **names = NULL;
	size_t n = 0;
	bool more;
	int fd = open(world_path(w, below, ""), O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return;
	if (fsx_list(fd, 1000, &names, &n, &more, &err) == RC_OK) {
		for (size_t i = 0; i < n; i++)
			if (names[i][0] != '.')
				fn(w, below, names[i], arg);
		free(names);
	}
	(void)close(fd);
}

void
world_pick(struct world *w, const char *below, const char *name, void *arg)
{
	char twice[300];

	(void)arg;
	if (renameat2(AT_FDCWD, world_path(w, below, name), AT_FDCWD,
		world_path(w, "got", name), RENAME_NOREPLACE) == 0 ||
	    errno != EEXIST)
		return;
	(void)snprintf(twice, sizeof(twice), "%s.twice", name);
	(void)rename(world_path(w, below, name), world_path(w, "got", twice));
}

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
		w->pick_up(w);
		if (worked)
			last = now;
		if (now - last > REST_MS || now - begin > MOST_MS)
			return RC_OK;
		if (worked)
			continue;
		if (w->later != NULL && now - last > 1000)
			w->later(w);
		due = one_due(w->one);
		clock_move(&w->clock, due <= now          ? 500
				      : due - now > 10000 ? 10000
							  : due - now);
	}
}

enum rc
world_run(struct world *w, int64_t wall_ms, struct err *err)
{
	struct complaints c;
	enum rc rc;

	complaints_init(&c);
	rc = conf_read(&w->conf, world_path(w, "e.conf", ""), &c, err);
	if (rc != RC_OK) {
		complaints_print(&c, stderr);
		world_die("conf", err->text);
	}
	complaints_clear(&c);
	clock_fake(&w->clock, wall_ms);
	rc = one_new(&w->one, w->conf, &w->clock, roles,
	    sizeof(roles) / sizeof(roles[0]), err);
	if (rc == RC_OK)
		rc = go_on(w, err);
	one_free(w->one);
	conf_free(w->conf);
	return rc;
}
