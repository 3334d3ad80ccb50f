/*
 * bench/path_limit.c - what the disk gives for the same files: as many
 * creates, syncs, renames and unlinks a filing as the run that was counted,
 * done by a loop that does nothing else. Called by path.c.
 *
 * Two processes share the work, as the gateway's roles and the partners do:
 * one alone would wait for each sync with the other core idle. A folder is
 * synced where the gateway does it, behind a change of its names: a second
 * sync with nothing between would be none.
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
	uint64_t made;
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
file_make(struct calls *c, const char *name)
{
	static const char bytes[FILE_BYTES] = "x";
	int fd = openat(c->folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return false;
	if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    (due_now(&c->file_syncs) > 0 && fsync(fd) != 0)) {
		(void)close(fd);
		return false;
	}
	return close(fd) == 0;
}

/* From a new file through its names to none: its syncs where they are due. */
static bool
file_do(struct calls *c)
{
	char name[2][64];
	unsigned int at = 0;
	unsigned int renames = due_now(&c->renames);

	for (unsigned int i = 0; i < 2; i++)
		(void)snprintf(name[i], sizeof(name[i]), "%c%llu",
		    i == 0 ? 'f' : 'n', (unsigned long long)c->made);
	c->made++;
	if (!file_make(c, name[0]))
		return false;
	for (unsigned int n = renames; n > 0; n--, at = 1 - at)
		if (renameat(c->folder, name[at], c->folder, name[1 - at]) != 0)
			return false;
	for (unsigned int n = due_now(&c->folder_syncs); n > 0; n--)
		if (fsync(c->folder) != 0)
			return false;
	return unlinkat(c->folder, name[at], 0) == 0;
}

static bool
filing_do(struct calls *c)
{
	static const char bytes[FILE_BYTES] = "x";
	bool fine = true;

	for (unsigned int n = due_now(&c->log_syncs); fine && n > 0; n--)
		fine = write(c->log, bytes, sizeof(bytes)) > 0 &&
		       fdatasync(c->log) == 0;
	for (unsigned int n = due_now(&c->creates); fine && n > 0; n--)
		fine = file_do(c);
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
	    (double)p->count->renames + n / p->batch + sh->delivery_files;

	*c = (struct path_calls){ .creates = files / n,
		.log_syncs = (double)p->count->log_syncs / n,
		.file_syncs = (double)p->count->file_syncs / files,
		.folder_syncs = (double)p->count->folder_syncs / files,
		.renames = renames / files };
}

double
path_limit(const struct path *p, const struct path_calls *calls, double *cpu)
{
	double from = path_now();
	struct calls c = { .creates.each = calls->creates,
		.file_syncs.each = calls->file_syncs,
		.folder_syncs.each = calls->folder_syncs,
		.log_syncs.each = calls->log_syncs,
		.renames.each = calls->renames };
	bool fine = true;
	pid_t pid[LOOPS];

	*cpu = 0;
	(void)fflush(stdout);
	for (unsigned int i = 0; i < LOOPS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(loop_run(&c, p->root, i, p->filings / LOOPS));
	}
	for (unsigned int i = 0; i < LOOPS; i++) {
		struct rusage used = { 0 };
		int status = 1;

		fine = pid[i] > 0 &&
		       wait4(pid[i], &status, 0, &used) == pid[i] &&
		       status == 0 && fine;
		*cpu += path_cpu(&used);
	}
	return fine ? p->filings / (path_now() - from) : 0;
}
