/*
 * The sandbox from inside: what was given is there, all else is refused.
 */
#include "tests/unit/test.h"
#include "src/sandbox/sandbox.h"
#include "src/base/fsx.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct box {
	char *dir;
	int report[2];
};

static void
acted(void *arg, const char *act, bool refused)
{
	struct box *b = arg;
	char line[64];
	int n = snprintf(
	    line, sizeof(line), "%s %s\n", act, refused ? "no" : "YES");

	(void)!write(b->report[1], line, (size_t)n);
}

/* In the sandbox: its own folder works, then everything else is tried. */
static void
child(struct box *b, unsigned int may)
{
	char in[300], out[300];
	struct sandbox_path path[] = { { in, SANDBOX_WRITE },
		{ out, SANDBOX_READ }, { "/nonexistent", SANDBOX_READ } };
	struct sandbox s = { .path = path, .npaths = 3, .may = may };
	struct sandbox_truth truth;
	struct err err = { "" };
	int top, a, o;

	(void)snprintf(in, sizeof(in), "%s/in", b->dir);
	(void)snprintf(out, sizeof(out), "%s/out", b->dir);
	if (sandbox_enter(&s, &truth, &err) != RC_OK)
		_exit(2);
	dprintf(
	    b->report[1], "landlock %s\n", truth.landlock > 0 ? "on" : "off");
	dprintf(b->report[1], "seccomp %s\n", truth.seccomp ? "on" : "off");
	a = fsx_opendir(in, &err);
	acted(b, "make-inside", fsx_create(a, "f", 0600, &err) < 0);
	acted(b, "move-inside", fsx_rename(a, "f", a, "g", &err) != RC_OK);
	acted(b, "remove-inside", fsx_unlink(a, "g", &err) != RC_OK);
	o = fsx_opendir(out, &err);
	acted(b, "read-given", fsx_open(o, "readme", &err) < 0);
	acted(b, "write-given",
	    fsx_create(o, "f", 0600, &err) >= 0 ? false : true);
	top = fsx_opendir(b->dir, &err);
	acted(b, "above", top < 0);
	(void)sandbox_try(may, acted, b);
	_exit(0);
}

/* What the child said, and how it ended; to free(). */
static char *
tried(unsigned int may, int *status)
{
	struct box b = { .dir = test_dir() };
	char *said = calloc(1, 4096);
	char path[300];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_non_null(said);
	(void)snprintf(path, sizeof(path),
	    "mkdir %s/in %s/out; "
	    ": >%s/out/readme",
	    b.dir, b.dir, b.dir);
	assert_int_equal(system(path), 0);
	assert_int_equal(pipe2(b.report, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(&b, may);
	(void)close(b.report[1]);
	while ((got = read(b.report[0], said + n, 4095 - n)) > 0)
		n += (size_t)got;
	(void)close(b.report[0]);
	assert_int_equal(waitpid(pid, status, 0), pid);
	test_dir_gone(b.dir);
	return said;
}

static bool
has_wall(const char *said)
{
	return strstr(said, "landlock on") != NULL &&
	       strstr(said, "seccomp on") != NULL;
}

static void
test_a_role_does_its_work_and_nothing_else(void **state)
{
	static const char *const works[] = { "make-inside", "move-inside",
		"remove-inside", "read-given" };
	static const char *const refused[] = { "write-given", "above",
		"open-outside", "list-outside", "make-outside", "proc",
		"connect", "unix-socket", "ptrace", "kill", "code", "dumpable",
		"root", "fork", "exec" };
	int status;
	char *said = tried(0, &status);
	char want[64];

	(void)state;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		(void)snprintf(want, sizeof(want), "%s YES\n", works[i]);
		if (strstr(said, want) == NULL)
			fail_msg("'%s' is refused:\n%s", works[i], said);
	}
	if (!has_wall(said)) {
		free(said);
		skip();
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		(void)snprintf(want, sizeof(want), "%s no\n", refused[i]);
		if (strstr(said, want) == NULL)
			fail_msg("'%s' works:\n%s", refused[i], said);
	}
	free(said);
}

static void
test_a_role_that_forks_may_fork_and_still_not_exec(void **state)
{
	int status;
	char *said = tried(SANDBOX_FORK, &status);

	(void)state;
	assert_null(strstr(said, "fork"));
	if (!has_wall(said)) {
		free(said);
		skip();
	}
	assert_non_null(strstr(said, "exec no"));
	assert_non_null(strstr(said, "kill no"));
	free(said);
}

static void
test_the_tries_find_a_sandbox_that_is_not_there(void **state)
{
	int report[2], status;
	struct box b;
	char said[4096] = "";
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	b.report[1] = report[1];
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)sandbox_try(0, acted, &b);
		_exit(3);
	}
	(void)close(report[1]);
	while ((n = read(report[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	(void)close(report[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 3); /* the exec worked */
	assert_non_null(strstr(said, "open-outside YES"));
	(void)unlink("/tmp/entrepot-was-here");
	(void)rmdir("/entrepot-was-here");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_role_does_its_work_and_nothing_else),
		T(test_a_role_that_forks_may_fork_and_still_not_exec),
		T(test_the_tries_find_a_sandbox_that_is_not_there),
	};

	return TESTS_RUN(tests);
}
