/*
 * base/loop.h - epoll, timers and signals for one process.
 *
 * A role's own loop is a function over wire; this is what drives it when it
 * is a process of its own. Callbacks may add and remove watches, also
 * themselves.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/clock.h"
#include "src/base/rc.h"

struct loop;
typedef void loop_fn(void *arg, int fd, uint32_t epoll_events);
typedef void loop_tick_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);

struct loop *loop_new(struct clock *, struct err *);
void loop_free(struct loop *);
enum rc loop_watch(struct loop *, int fd, uint32_t epoll_events, loop_fn *,
    void *arg, struct err *) MUST_USE;
void loop_unwatch(struct loop *, int fd);
/* Call at mono_ms (0: never); one time a caller, replaced by the next call. */
void loop_at(struct loop *, int64_t mono_ms, loop_tick_fn *, void *arg);
/* These signals are blocked and delivered here. */
enum rc loop_signals(struct loop *, const int *signos, int n, loop_signal_fn *,
    void *arg, struct err *) MUST_USE;
enum rc loop_run(struct loop *, struct err *) MUST_USE; /* until loop_stop */
void loop_stop(struct loop *);

#endif
