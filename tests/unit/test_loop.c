/*
 * Descriptors, times and signals, waited for in one place.
 */
#include "tests/unit/test.h"
#include "src/base/loop.h"
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct heard {
	struct loop *loop;
	struct clock *clock;
	int other; /* a descriptor to unwatch */
	int bytes;
	int ticks;
	int signo;
};

static struct loop *
loop_made(struct clock *c)
{
	struct err err;
	struct loop *l = loop_new(c, &err);

	assert_non_null(l);
	return l;
}

static void
byte_heard(void *arg, int fd, uint32_t events)
{
	struct heard *h = arg;
	char c;

	assert_true((events & EPOLLIN) != 0);
	assert_int_equal(read(fd, &c, 1), 1);
	h->bytes++;
	if (c == 'q')
		loop_stop(h->loop);
	if (h->other >= 0)
		loop_unwatch(h->loop, h->other);
}

static void
tick_heard(void *arg)
{
	struct heard *h = arg;

	h->ticks++;
	if (h->ticks < 3)
		loop_at(h->loop, clock_mono(h->clock) + 1, tick_heard, h);
	else
		loop_stop(h->loop);
}

static void
signal_heard(void *arg, int signo)
{
	struct heard *h = arg;

	h->signo = signo;
	loop_stop(h->loop);
}

static void
test_a_readable_descriptor_calls_its_watcher(void **state)
{
	struct clock c;
	struct err err;
	struct heard h = { .other = -1 };
	int p[2];

	(void)state;
	clock_init(&c);
	h.loop = loop_made(&c);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(
	    loop_watch(h.loop, p[0], EPOLLIN, byte_heard, &h, &err), RC_OK);
	assert_int_equal(write(p[1], "abq", 3), 3);
	assert_int_equal(loop_run(h.loop, &err), RC_OK);
	assert_int_equal(h.bytes, 3);
	loop_free(h.loop);
	(void)close(p[0]);
	(void)close(p[1]);
}

/* Both are ready in the same batch; the first one called removes the other. */
static void
test_an_unwatched_descriptor_is_not_called_any_more(void **state)
{
	struct clock c;
	struct err err;
	struct heard a = { .other = -1 }, b = { .other = -1 };
	int p[2], q[2];

	(void)state;
	clock_init(&c);
	a.loop = b.loop = loop_made(&c);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	a.other = q[0];
	b.other = p[0];
	assert_int_equal(
	    loop_watch(a.loop, p[0], EPOLLIN, byte_heard, &a, &err), RC_OK);
	assert_int_equal(
	    loop_watch(a.loop, q[0], EPOLLIN, byte_heard, &b, &err), RC_OK);
	assert_int_equal(write(p[1], "q", 1), 1);
	assert_int_equal(write(q[1], "q", 1), 1);
	assert_int_equal(loop_run(a.loop, &err), RC_OK);
	assert_int_equal(a.bytes + b.bytes, 1);
	loop_free(a.loop);
	for (int i = 0; i < 2; i++) {
		(void)close(p[i]);
		(void)close(q[i]);
	}
}

static void
test_a_watcher_may_remove_itself(void **state)
{
	struct clock c;
	struct err err;
	struct heard h = { .other = -1 };
	int p[2];

	(void)state;
	clock_init(&c);
	h.loop = loop_made(&c);
	assert_int_equal(pipe(p), 0);
	h.other = p[0];
	assert_int_equal(
	    loop_watch(h.loop, p[0], EPOLLIN, byte_heard, &h, &err), RC_OK);
	assert_int_equal(write(p[1], "ab", 2), 2);
	assert_int_equal(loop_run(h.loop, &err), RC_BROKEN);
	assert_string_equal(err.text, "loop has nothing left to wait for");
	assert_int_equal(h.bytes, 1);
	loop_free(h.loop);
	(void)close(p[0]);
	(void)close(p[1]);
}

/* A child that was just made has it, too: the kernel goes on telling of it. */
static void
test_what_was_closed_before_it_was_unwatched_calls_nobody(void **state)
{
	struct clock c;
	struct err err;
	struct heard gone = { .other = -1 }, here = { .other = -1 };
	int p[2], q[2], held;

	(void)state;
	clock_init(&c);
	gone.loop = here.loop = loop_made(&c);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(
	    loop_watch(gone.loop, p[0], EPOLLIN, byte_heard, &gone, &err),
	    RC_OK);
	held = dup(p[0]);
	assert_true(held >= 0);
	(void)close(p[0]);
	loop_unwatch(gone.loop, p[0]);
	assert_int_equal(write(p[1], "aq", 2), 2);
	assert_int_equal(pipe(q), 0);
	assert_int_equal(q[0], p[0]); /* the number is another's now */
	assert_int_equal(
	    loop_watch(here.loop, q[0], EPOLLIN, byte_heard, &here, &err),
	    RC_OK);
	assert_int_equal(write(q[1], "q", 1), 1);
	assert_int_equal(loop_run(here.loop, &err), RC_OK);
	assert_int_equal(gone.bytes, 0);
	assert_int_equal(here.bytes, 1);
	loop_free(here.loop);
	for (int i = 0; i < 2; i++)
		(void)close(q[i]);
	(void)close(p[1]);
	(void)close(held);
}

static void
test_a_time_that_has_come_is_called_once_each_time_it_is_set(void **state)
{
	struct clock c;
	struct err err;
	struct heard h = { .other = -1 };

	(void)state;
	clock_init(&c);
	h.loop = loop_made(&c);
	h.clock = &c;
	loop_at(h.loop, clock_mono(&c) + 3600000, tick_heard, &h);
	loop_at(h.loop, clock_mono(&c) + 1, tick_heard, &h); /* replaces */
	assert_int_equal(loop_run(h.loop, &err), RC_OK);
	assert_int_equal(h.ticks, 3);
	loop_free(h.loop);
}

static void
test_a_time_that_was_taken_back_does_not_come(void **state)
{
	struct clock c;
	struct err err;
	struct heard h = { .other = -1 };

	(void)state;
	clock_fake(&c, 1000);
	h.loop = loop_made(&c);
	h.clock = &c;
	clock_move(&c, 10);
	loop_at(h.loop, 5, tick_heard, &h);
	loop_at(h.loop, 0, tick_heard, &h);
	assert_int_equal(loop_run(h.loop, &err), RC_BROKEN);
	assert_int_equal(h.ticks, 0);
	loop_free(h.loop);
}

static void
test_a_signal_is_delivered_by_the_loop(void **state)
{
	static const int wanted[] = { SIGUSR1, SIGHUP };
	struct clock c;
	struct err err;
	struct heard h = { .other = -1 };

	(void)state;
	clock_init(&c);
	h.loop = loop_made(&c);
	assert_int_equal(
	    loop_signals(h.loop, wanted, 2, signal_heard, &h, &err), RC_OK);
	assert_int_equal(raise(SIGHUP), 0);
	assert_int_equal(loop_run(h.loop, &err), RC_OK);
	assert_int_equal(h.signo, SIGHUP);
	loop_free(h.loop);
}

static void
test_a_descriptor_that_can_not_be_watched_is_told(void **state)
{
	struct clock c;
	struct err err;
	struct loop *l;

	(void)state;
	clock_init(&c);
	l = loop_made(&c);
	assert_int_equal(
	    loop_watch(l, -1, EPOLLIN, byte_heard, NULL, &err), RC_BROKEN);
	assert_string_equal(err.text, "watch fd -1: Bad file descriptor");
	loop_unwatch(l, -1);
	loop_free(l);
	loop_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_readable_descriptor_calls_its_watcher),
		T(test_an_unwatched_descriptor_is_not_called_any_more),
		T(test_a_watcher_may_remove_itself),
		T(test_what_was_closed_before_it_was_unwatched_calls_nobody),
		T(test_a_time_that_has_come_is_called_once_each_time_it_is_set),
		T(test_a_time_that_was_taken_back_does_not_come),
		T(test_a_signal_is_delivered_by_the_loop),
		T(test_a_descriptor_that_can_not_be_watched_is_told),
	};

	return TESTS_RUN(tests);
}
