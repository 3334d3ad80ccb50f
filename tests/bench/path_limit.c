/*
 * bench/path_limit.c - what the disk gives for the same files: as many
 * creates, syncs, renames and unlinks a filing as the run that was counted,
 * done by a loop that does nothing else. Called by path.c.
 *
 * Two processes share the work, as the gateway's roles and the partners do:
 * one alone would wait for each sync with the other core idle.
 */
#include "tests/bench/path.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOPS      2
#define FILE_BYTES 4096

/* How often each call is due: so many for one filing, carried over. */
struct due {
	double each, owed;
};

struct calls {
	struct due creates, file_syncs, folder_syncs, log_syncs, renames;
	int folder, log;
	uint64_t made, gone;
};

static unsigned int
due_now(struct due *d)
{
	unsigned int n;

	d->owed += d->each;
	n = (unsigned int)d->owed;
	d->owed -= n;
	return n;
}

static bool
file_make(struct calls *c)
{
	static const char bytes[FILE_BYTES] = "x";
	char name[64];
	int fd;

	(void)snprintf(
	    name, sizeof(name), "f%llu", (unsigned long long)c->made++);
	fd = openat(c->folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return false;
	if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    (due_now(&c->file_syncs) > 0 && fsync(fd) != 0)) {
		(void)close(fd);
		return false;
	}
	return close(fd) == 0;
}

/* The oldest file there is goes through its names, and then away. */
static bool
file_end(struct calls *c)
{
	char name[2][64];
	unsigned int at = 0;

	for (unsigned int i = 0; i < 2; i++)
		(void)snprintf(name[i], sizeof(name[i]), "%c%llu",
		    i == 0 ? 'f' : 'n', (unsigned long long)c->gone);
	c->gone++;
	for (unsigned int n = due_now(&c->renames); n > 0; n--, at = 1 - at)
		if (renameat(c->folder, name[at], c->folder, name[1 - at]) != 0)
			return false;
	return unlinkat(c->folder, name[at], 0) == 0;
}

static bool
filing_do(struct calls *c)
{
	static const char bytes[FILE_BYTES] = "x";
	unsigned int files = due_now(&c->creates);
	bool fine = true;

	for (unsigned int n = due_now(&c->log_syncs); fine && n > 0; n--)
		fine = write(c->log, bytes, sizeof(bytes)) > 0 &&
		       fdatasync(c->log) == 0;
	for (unsigned int n = files; fine && n > 0; n--)
		fine = file_make(c);
	for (unsigned int n = due_now(&c->folder_syncs); fine && n > 0; n--)
		fine = fsync(c->folder) == 0;
	for (unsigned int n = files; fine && n > 0; n--)
		fine = file_end(c);
	return fine;
}

static int
loop_run(struct calls *c, const char *folder, unsigned int which, uint32_t n)
{
	char path[PATH_ROOM];
	bool fine;

	(void)snprintf(path, sizeof(path), "%s/limit%u", folder, which);
	if (mkdir(path, 0700) != 0)
		return 1;
	c->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c->log = openat(c->folder, "log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	fine = c->folder >= 0 && c->log >= 0;
	for (uint32_t i = 0; fine && i < n; i++)
		fine = filing_do(c);
	return fine ? 0 : 1;
}

/* Syncs by what they were of: the spool's own files, folders, other files. */
void
path_calls(const struct path *p, struct path_calls *c)
{
	const struct shared *sh = p->sh;
	double n = p->filings;
	/* an interchange, its deliveries and their answers, the replies */
	double files =
	    n / p->batch + 2.0 * sh->delivery_files + sh->reply_files;
	/* the partners rename what they put */
	double renames =
	    (double)sh->renames + n / p->batch + sh->delivery_files;

	*c = (struct path_calls){ .creates = files / n,
		.renames = renames / files };
	for (unsigned int i = 0; i < sh->nplaces; i++) {
		const char *name = sh->place[i].name;
		double syncs = (double)sh->place[i].n;

		if (name[strlen(name) - 1] == '/')
			c->folder_syncs += syncs / n;
		else if (strncmp(name, "spool/", 6) == 0)
			c->log_syncs += syncs / n;
		else
			c->file_syncs += syncs / files;
	}
}

double
path_limit(const struct path *p)
{
	double from = path_now();
	struct calls c = { .creates.each = p->calls->creates,
		.file_syncs.each = p->calls->file_syncs,
		.folder_syncs.each = p->calls->folder_syncs,
		.log_syncs.each = p->calls->log_syncs,
		.renames.each = p->calls->renames };
	bool fine = true;
	pid_t pid[LOOPS];

	(void)fflush(stdout);
	for (unsigned int i = 0; i < LOOPS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(loop_run(&c, p->root, i, p->filings / LOOPS));
	}
	for (unsigned int i = 0; i < LOOPS; i++) {
		int status = 1;

		fine = pid[i] > 0 && waitpid(pid[i], &status, 0) == pid[i] &&
		       status == 0 && fine;
	}
	return fine ? p->filings / (path_now() - from) : 0;
}
