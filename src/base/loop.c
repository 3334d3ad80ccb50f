/*
 * base/loop.c - one process waits for descriptors, times and signals; trusts
 * its callbacks to return soon. Called by a role that is a process of its own.
 */
#include "src/base/loop.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64

/*
 * An event names it by its number and its descriptor. One that was closed
 * before it was unwatched, and that a child just made still has, goes on
 * sending events: they name nobody any more.
 */
struct watch {
	struct watch *next;
	int fd;
	uint32_t number; /* never given twice */
	loop_fn *fn;
	void *arg;
};

struct timer {
	struct timer *next;
	int64_t at; /* 0: not set */
	loop_tick_fn *fn;
	void *arg;
};

struct sigwatch {
	struct sigwatch *next;
	int fd;
	loop_signal_fn *fn;
	void *arg;
};

struct loop {
	struct clock *clock;
	int epfd;
	bool stop;
	struct watch *watches;
	uint32_t numbers;
	struct timer *timers;
	struct sigwatch *sigs;
};

struct loop *
loop_new(struct clock *clock, struct err *err)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		(void)err_set(err, RC_LATER, "no memory for a loop");
		return NULL;
	}
	l->clock = clock;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0) {
		(void)err_errno(err, RC_BROKEN, "epoll");
		free(l);
		return NULL;
	}
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	while (l->watches != NULL) {
		struct watch *w = l->watches;

		l->watches = w->next;
		free(w);
	}
	while (l->timers != NULL) {
		struct timer *t = l->timers;

		l->timers = t->next;
		free(t);
	}
	while (l->sigs != NULL) {
		struct sigwatch *s = l->sigs;

		l->sigs = s->next;
		(void)close(s->fd);
		free(s);
	}
	(void)close(l->epfd);
	free(l);
}

static struct watch **
watch_find(struct loop *l, int fd)
{
	struct watch **w = &l->watches;

	while (*w != NULL && (*w)->fd != fd)
		w = &(*w)->next;
	return w;
}

static struct watch *
watch_named(struct loop *l, uint64_t event)
{
	struct watch *w = *watch_find(l, (int)(uint32_t)event);

	return w != NULL && w->number == event >> 32 ? w : NULL;
}

enum rc
loop_watch(struct loop *l, int fd, uint32_t events, loop_fn *fn, void *arg,
    struct err *err)
{
	struct watch *w = *watch_find(l, fd);
	bool fresh = w == NULL;
	struct epoll_event ev = { .events = events };

	if (fresh && (w = calloc(1, sizeof(*w))) == NULL)
		return err_set(err, RC_LATER, "no memory to watch fd %d", fd);
	if (fresh)
		w->number = l->numbers++;
	ev.data.u64 = (uint64_t)w->number << 32 | (uint32_t)fd;
	if (epoll_ctl(
		l->epfd, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev) != 0) {
		enum rc rc = err_errno(err, RC_BROKEN, "watch fd %d", fd);

		if (fresh)
			free(w);
		return rc;
	}
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	if (fresh) {
		w->next = l->watches;
		l->watches = w;
	}
	return RC_OK;
}

void
loop_unwatch(struct loop *l, int fd)
{
	struct watch **at = watch_find(l, fd);
	struct watch *w = *at;

	if (w == NULL)
		return;
	(void)epoll_ctl(l->epfd, EPOLL_CTL_DEL, fd, NULL);
	*at = w->next;
	free(w);
}

/*
 * The row of one caller is made once and used again. Without memory for it
 * there is no going on: a time that never comes is a lost promise.
 */
void
loop_at(struct loop *l, int64_t mono_ms, loop_tick_fn *fn, void *arg)
{
	struct timer *t = l->timers;

	while (t != NULL && (t->fn != fn || t->arg != arg))
		t = t->next;
	if (t == NULL) {
		if (mono_ms == 0)
			return;
		t = calloc(1, sizeof(*t));
		if (t == NULL)
			abort();
		t->fn = fn;
		t->arg = arg;
		t->next = l->timers;
		l->timers = t;
	}
	t->at = mono_ms;
}

static void
signal_ready(void *arg, int fd, uint32_t events)
{
	struct sigwatch *s = arg;
	struct signalfd_siginfo si;

	(void)events;
	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		s->fn(s->arg, (int)si.ssi_signo);
}

enum rc
loop_signals(struct loop *l, const int *signos, int n, loop_signal_fn *fn,
    void *arg, struct err *err)
{
	struct sigwatch *s = calloc(1, sizeof(*s));
	sigset_t set;
	enum rc rc;

	if (s == NULL)
		return err_set(err, RC_LATER, "no memory for signals");
	(void)sigemptyset(&set);
	for (int i = 0; i < n; i++)
		(void)sigaddset(&set, signos[i]);
	*s = (struct sigwatch){ .fd = -1, .fn = fn, .arg = arg };
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->fd < 0)
		rc = err_errno(err, RC_BROKEN, "signalfd");
	else
		rc = loop_watch(l, s->fd, EPOLLIN, signal_ready, s, err);
	if (rc != RC_OK) {
		if (s->fd >= 0)
			(void)close(s->fd);
		free(s);
		return rc;
	}
	s->next = l->sigs;
	l->sigs = s;
	return RC_OK;
}

/* Milliseconds to wait: 0 when a time has come, -1 when none is set. */
static int
wait_ms(const struct loop *l)
{
	int64_t now = clock_mono(l->clock);
	int64_t least = INT64_MAX;

	for (const struct timer *t = l->timers; t != NULL; t = t->next)
		if (t->at != 0 && t->at < least)
			least = t->at;
	if (least == INT64_MAX)
		return -1;
	if (least <= now)
		return 0;
	return least - now > INT_MAX ? INT_MAX : (int)(least - now);
}

/* A callback may set its own time again: that one is for the next round. */
static void
timers_fire(struct loop *l)
{
	int64_t now = clock_mono(l->clock);

	for (struct timer *t = l->timers; t != NULL && !l->stop; t = t->next) {
		if (t->at == 0 || t->at > now)
			continue;
		t->at = 0;
		t->fn(t->arg);
	}
}

enum rc
loop_run(struct loop *l, struct err *err)
{
	struct epoll_event evs[EVENTS_AT_ONCE];

	l->stop = false;
	while (!l->stop) {
		int ms = wait_ms(l);
		int n;

		if (ms < 0 && l->watches == NULL)
			return err_set(err, RC_BROKEN,
			    "loop has nothing left to wait for");
		n = epoll_wait(l->epfd, evs, EVENTS_AT_ONCE, ms);
		if (n < 0 && errno != EINTR)
			return err_errno(err, RC_BROKEN, "epoll");
		for (int i = 0; i < n && !l->stop; i++) {
			struct watch *w = watch_named(l, evs[i].data.u64);

			if (w != NULL)
				w->fn(w->arg, w->fd, evs[i].events);
		}
		timers_fire(l);
	}
	return RC_OK;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
