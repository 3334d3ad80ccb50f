/*
 * daemon/supervisor.h - the process that starts all others, and starts them
 * again.
 *
 * It reads no outside byte: the configuration is carried as bytes, and parsed
 * by a child without rights and by each role for itself. A role that ends is
 * started again after a while; when the spool ends, all are.
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include <stdbool.h>
#include "src/base/rc.h"

struct supervisor_start {
	const char *file; /* the configuration */
	bool try_sandbox; /* the test: every role tries, then all end */
};

/*
 * Until SIGTERM; SIGHUP reloads. RC_REFUSED: the configuration is wrong, or
 * another daemon holds the spool; told on standard error.
 */
enum rc supervisor_run(const struct supervisor_start *, struct err *) MUST_USE;

#endif
