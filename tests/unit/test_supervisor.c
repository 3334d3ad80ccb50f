/*
 * The set of processes when the system has nothing left to start one with:
 * nothing of a try that failed stays, and no role works without its link.
 */
#include "tests/unit/test.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "src/base/log.h"
#include "src/daemon/supervisor_in.h"
#include "src/wire/msg.h"

static unsigned int pair_fails; /* at this one from now */
static bool fork_fails;

int
socketpair(int domain, int type, int protocol, int fds[2])
{
	if (pair_fails > 0 && --pair_fails == 0) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_socketpair, domain, type, protocol, fds);
}

pid_t
fork(void)
{
	if (!fork_fails)
		return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	errno = EAGAIN;
	return -1;
}

static unsigned int
fds_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	assert_int_equal(closedir(d), 0);
	return n;
}

static void
supervisor_new(struct supervisor *s, const struct supervisor_start *start)
{
	struct err err;

	log_open("test", LOG_ALARM, -1);
	*s = (struct supervisor){ .start = start, .conf = -1, .next_conf = -1 };
	for (unsigned int i = 0; i < ROLES; i++)
		s->now[i].pidfd = s->now[i].spool_end = s->next[i].pidfd =
		    s->next[i].spool_end = -1;
	clock_init(&s->clock);
	s->loop = loop_new(&s->clock, &err);
	assert_non_null(s->loop);
}

static void
test_a_start_of_the_set_that_fails_leaves_nothing_open(void **state)
{
	const struct supervisor_start start = { .file = "no.conf" };
	struct supervisor s;
	unsigned int before, links = 0;
	struct err err;

	(void)state;
	supervisor_new(&s, &start);
	for (unsigned int i = 0; i < ROLES; i++)
		links += set_has((enum role_id)i);
	before = fds_open();
	/* each of the links, the spool's own, and then its process */
	for (unsigned int at = 1; at <= links + 2; at++) {
		pair_fails = at;
		fork_fails = at == links + 2;
		assert_int_equal(set_start(&s, &err), RC_LATER);
		assert_int_equal(fds_open(), before);
	}
	pair_fails = 0;
	fork_fails = false;
	loop_free(s.loop);
}

/* A process that does nothing, with its link, as the next of its role. */
static void
next_new(struct supervisor *s, enum role_id id)
{
	struct proc *p = &s->next[id];
	int fds[ROLES], pair[2], link[2];
	struct err err;

	assert_int_equal(proc_pair(pair, &err), RC_OK);
	assert_int_equal(proc_pair(link, &err), RC_OK);
	memset(fds, 0xff, sizeof(fds));
	fds[id] = pair[0];
	*p = (struct proc){ .id = id,
		.state = PROC_READY,
		.wire = wire_sockets(ROLE_SUPERVISOR, fds),
		.spool_end = link[0],
		.generation = 2 };
	p->pid = fork();
	if (p->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	assert_true(p->pidfd >= 0 && p->wire != NULL);
	(void)close(pair[1]);
	(void)close(link[1]);
}

/* The spool takes nothing: so many messages wait for it. */
static void
spool_waits(struct supervisor *s, int spool, unsigned int n)
{
	struct wire *w = s->now[ROLE_SPOOL].wire;
	char room[256];
	struct err err;

	while (wire_send(w, ROLE_SPOOL, MSG_DRAIN, &(struct msg_DRAIN){ 0 }, -1,
		   &err) == RC_OK)
		;
	while (wire_waiting(w, ROLE_SPOOL) != n)
		if (wire_waiting(w, ROLE_SPOOL) > n) {
			assert_true(
			    recv(spool, room, sizeof(room), MSG_DONTWAIT) > 0);
			assert_int_equal(wire_flush(w, &err), RC_OK);
		} else {
			assert_int_equal(
			    wire_send(w, ROLE_SPOOL, MSG_DRAIN,
				&(struct msg_DRAIN){ 0 }, -1, &err),
			    RC_OK);
		}
}

static bool
has_ended(const struct proc *p, int ms)
{
	struct pollfd f = { .fd = p->pidfd, .events = POLLIN };

	return poll(&f, 1, ms) == 1;
}

/* Its link is lost: it would wait for the spool for ever. */
static void
test_a_new_role_of_which_the_spool_cannot_be_told_is_started_again(void **state)
{
	const struct supervisor_start start = { .file = "no.conf" };
	struct supervisor s;
	int fds[ROLES], spool[2], told = 0, killed = 0;
	struct err err;

	(void)state;
	supervisor_new(&s, &start);
	assert_int_equal(proc_pair(spool, &err), RC_OK);
	memset(fds, 0xff, sizeof(fds));
	fds[ROLE_SPOOL] = spool[0];
	s.now[ROLE_SPOOL].wire = wire_sockets(ROLE_SUPERVISOR, fds);
	for (unsigned int i = 0; i < ROLES; i++)
		if (set_has((enum role_id)i)) {
			next_new(&s, (enum role_id)i);
			s.now[i].state = PROC_DRAINED;
		}
	s.conf = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s.next_conf = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s.reload = RELOAD_DRAINING;
	s.reload_until = INT64_MAX;
	spool_waits(&s, spool[1], 1022); /* room for two */
	reload_step(&s);
	assert_int_equal(s.reload, RELOAD_NO);
	assert_int_equal(s.generation, 1);
	for (unsigned int i = 0; i < ROLES; i++) {
		struct proc *p = &s.now[i];

		if (!set_has((enum role_id)i))
			continue;
		if (p->spool_end < 0)
			told += !has_ended(p, 0);
		else
			killed += has_ended(p, 300000);
		proc_kill(p);
		(void)proc_reap(p);
		proc_close(p);
	}
	assert_int_equal(told, 1); /* before it the generation */
	assert_int_equal(killed, 3);
	wire_free(s.now[ROLE_SPOOL].wire);
	(void)close(spool[1]);
	(void)close(s.conf);
	loop_free(s.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_start_of_the_set_that_fails_leaves_nothing_open),
		T(test_a_new_role_of_which_the_spool_cannot_be_told_is_started_again),
	};

	return TESTS_RUN(tests);
}
