/*
 * crash/every.c - stop a program at every step in turn, recover, look at the
 * books. Trusts the shim to count; calls three commands a point, each in a
 * folder of its own that "{}" stands for:
 *
 *   every -s SHIM [-m MODE] [-1p] [-f ERRNO[:forever]] [-n LEAST] [-x MOST]
 *       [-t SECONDS] -- PREPARE ... ::: RUN ... ::: CHECK ...
 *
 * PREPARE (may be empty) makes the folder ready; RUN goes under the shim with
 * ENTREPOT_CRASH_AT=N:MODE (before, half, after) or ENTREPOT_FAIL_AT=N:ERRNO;
 * its words go to {}.said, its complaints to {}.log; CHECK, without the shim,
 * recovers and compares, reading {}.said on standard input, and exits 0 if
 * nothing was lost or doubled. N goes from 1 until RUN ends without reaching
 * step N. Fewer than LEAST points are a failure, too: a battery that shrank.
 * With -x only that many points are tried, evenly over all of them; with -1
 * none behind the first that fails: a planted bug is found once.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX    64
#define DEAD_STATUS 137
#define HUNG        (-2)
#define STEPS_MAX   1000000

struct command {
	char *argv[ARGS_MAX];
	int argc;
};

struct every {
	const char *shim;
	const char *mode;  /* before, half, after */
	const char *error; /* NULL: die instead */
	bool power;        /* what was not synced is gone, too */
	bool one;          /* the first failure is enough */
	uint64_t least;
	uint64_t most;
	int seconds;
	struct command part[3]; /* prepare, run, check */
	char dir[64];           /* what "{}" stands for */
	uint64_t passed;
	uint64_t failed;
};

enum part { PREPARE, RUN, CHECK };

static int
usage(const char *why)
{
	fprintf(stderr,
	    "every: %s\nusage: every -s SHIM [-m before|half|after] "
	    "[-1p] [-f ERRNO[:forever]] [-n LEAST] [-x MOST] [-t SECONDS] -- "
	    "PREPARE ::: RUN ::: CHECK\n",
	    why);
	return 2;
}

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void
file_named(const struct every *e, const char *tail, char *out, size_t size)
{
	(void)snprintf(out, size, "%s%s", e->dir, tail);
}

static void
place_gone(const struct every *e)
{
	char path[128];

	(void)nftw(e->dir, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
	file_named(e, ".said", path, sizeof(path));
	(void)unlink(path);
	file_named(e, ".log", path, sizeof(path));
	(void)unlink(path);
	file_named(e, ".count", path, sizeof(path));
	(void)unlink(path);
}

static bool
place_new(struct every *e)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(e->dir, sizeof(e->dir), "%.30s/entrepot-every.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	return mkdtemp(e->dir) != NULL;
}

static void
redirect(const struct every *e, const char *tail, int flags, int to)
{
	char path[128];
	int fd;

	file_named(e, tail, path, sizeof(path));
	fd = open(path, flags | O_CREAT, 0600);
	if (fd < 0 || dup2(fd, to) != to)
		_exit(126);
	(void)close(fd);
}

/* In the child: what the shim is to do at step n; n 0: only count. */
static void
shim_set(const struct every *e, uint64_t n)
{
	char text[128];

	(void)setenv("LD_PRELOAD", e->shim, 1);
	(void)setenv("ENTREPOT_CRASH_UNDER", e->dir, 1);
	(void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
	(void)snprintf(text, sizeof(text), "%s.count", e->dir);
	(void)setenv("ENTREPOT_CRASH_COUNT", text, 1);
	if (n == 0)
		return;
	if (e->power)
		(void)setenv("ENTREPOT_CRASH_POWER", "1", 1);
	if (e->error != NULL)
		(void)snprintf(
		    text, sizeof(text), "%ju:%s", (uintmax_t)n, e->error);
	else
		(void)snprintf(text, sizeof(text), "%ju%s%s", (uintmax_t)n,
		    strcmp(e->mode, "before") == 0 ? "" : ":",
		    strcmp(e->mode, "before") == 0 ? "" : e->mode);
	(void)setenv(
	    e->error != NULL ? "ENTREPOT_FAIL_AT" : "ENTREPOT_CRASH_AT", text,
	    1);
}

static void
child(const struct every *e, enum part part, uint64_t n)
{
	const struct command *c = &e->part[part];
	char *argv[ARGS_MAX + 1];
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < c->argc; i++)
		argv[i] =
		    strcmp(c->argv[i], "{}") == 0 ? (char *)e->dir : c->argv[i];
	argv[c->argc] = NULL;
	redirect(e, ".log", O_WRONLY | O_APPEND, 2);
	if (part == CHECK)
		redirect(e, ".said", O_RDONLY, 0);
	redirect(e, part == RUN ? ".said" : ".log", O_WRONLY | O_APPEND, 1);
	if (part == RUN)
		shim_set(e, n);
	execvp(argv[0], argv);
	fprintf(stderr, "every: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(126);
}

/* Exit status, 128 and the signal, or HUNG. SIGCHLD is blocked all the time. */
static int
run(const struct every *e, enum part part, uint64_t n)
{
	struct timespec wait = { .tv_sec = e->seconds };
	sigset_t chld;
	int status;
	pid_t pid;

	if (e->part[part].argc == 0)
		return 0;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(e, part, n);
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) == 0)
		if (sigtimedwait(&chld, NULL, &wait) < 0 && errno == EAGAIN) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			return HUNG;
		}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void
log_show(const struct every *e)
{
	char path[128], line[1024];
	FILE *f;

	file_named(e, ".log", path, sizeof(path));
	f = fopen(path, "r");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		printf("    %s", line);
	(void)fclose(f);
}

static void
point_failed(struct every *e, uint64_t n, const char *what, int status)
{
	printf("step %ju, %s: %s, status %d; kept in %s*\n", (uintmax_t)n,
	    e->error != NULL ? e->error : e->mode, what, status, e->dir);
	log_show(e);
	e->failed++;
}

/*
 * One point. With an error the program may end as it likes, but not by a
 * signal and not without an end.
 */
static void
point(struct every *e, uint64_t n)
{
	int status;

	if (!place_new(e)) {
		perror("every: temporary folder");
		e->failed++;
		return;
	}
	status = run(e, PREPARE, 0);
	if (status != 0) {
		point_failed(e, n, "PREPARE failed", status);
		return;
	}
	status = run(e, RUN, n);
	if (e->error == NULL ? status != DEAD_STATUS
			     : status == HUNG || status >= 128) {
		point_failed(e, n, "RUN did not end as wanted", status);
		return;
	}
	status = run(e, CHECK, n);
	if (status != 0) {
		point_failed(e, n, "CHECK failed", status);
		return;
	}
	e->passed++;
	place_gone(e);
}

/* How many steps there are: RUN to its end, which must be good. */
static uint64_t
steps_count(struct every *e)
{
	char path[128];
	uintmax_t n = 0;
	FILE *f;
	int status = 126;

	if (!place_new(e))
		return 0;
	if (run(e, PREPARE, 0) == 0)
		status = run(e, RUN, 0);
	file_named(e, ".count", path, sizeof(path));
	f = fopen(path, "r");
	if (status != 0 || f == NULL || fscanf(f, "%ju", &n) != 1 ||
	    n > STEPS_MAX) {
		printf("RUN does not end well by itself, status %d\n", status);
		log_show(e);
		n = 0;
	}
	if (f != NULL)
		(void)fclose(f);
	place_gone(e);
	return n;
}

static int
every_run(struct every *e)
{
	uint64_t steps = steps_count(e);
	uint64_t tries = e->most != 0 && e->most < steps ? e->most : steps;

	for (uint64_t i = 0; i < tries && !(e->one && e->failed > 0); i++)
		point(e, 1 + i * steps / tries);
	printf("%ju steps, %ju points\n", (uintmax_t)steps, (uintmax_t)tries);
	if (tries == 0 || tries < e->least) {
		printf("want at least %ju points\n", (uintmax_t)e->least);
		e->failed++;
	}
	printf("%ju passed, %ju failed\n", (uintmax_t)e->passed,
	    (uintmax_t)e->failed);
	return e->failed != 0;
}

static bool
parts_read(struct every *e, int argc, char **argv)
{
	int part = PREPARE;

	for (int i = 0; i < argc; i++) {
		struct command *c = &e->part[part];

		if (strcmp(argv[i], ":::") == 0) {
			if (++part > CHECK)
				return false;
			continue;
		}
		if (c->argc == ARGS_MAX)
			return false;
		c->argv[c->argc++] = argv[i];
	}
	return part == CHECK && e->part[RUN].argc > 0 &&
	       e->part[CHECK].argc > 0;
}

int
main(int argc, char **argv)
{
	struct every e = { .mode = "before", .seconds = 300 };
	sigset_t chld;
	int c;

	while ((c = getopt(argc, argv, "+1s:pm:f:n:x:t:")) != -1)
		switch (c) {
		case '1':
			e.one = true;
			break;
		case 's':
			e.shim = optarg;
			break;
		case 'p':
			e.power = true;
			break;
		case 'm':
			e.mode = optarg;
			break;
		case 'f':
			e.error = optarg;
			break;
		case 'n':
			e.least = strtoull(optarg, NULL, 10);
			break;
		case 'x':
			e.most = strtoull(optarg, NULL, 10);
			break;
		case 't':
			e.seconds = atoi(optarg);
			break;
		default:
			return usage("unknown option");
		}
	if (e.shim == NULL || access(e.shim, R_OK) != 0)
		return usage("want the shim");
	if (strcmp(e.mode, "before") != 0 && strcmp(e.mode, "half") != 0 &&
	    strcmp(e.mode, "after") != 0)
		return usage("want before, half or after");
	if (!parts_read(&e, argc - optind, argv + optind))
		return usage("want PREPARE ::: RUN ::: CHECK");
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, NULL);
	return every_run(&e);
}
