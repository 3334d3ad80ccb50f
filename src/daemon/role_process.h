/*
 * daemon/role_process.h - a role as a process of its own.
 *
 * The supervisor starts this program once per role, with these descriptors:
 */
#ifndef DAEMON_ROLE_PROCESS_H
#define DAEMON_ROLE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "src/daemon/role.h"

#define FD_CONF 99 /* the configuration's text, a sealed memfd */
#define FD_LINKS                                                               \
	100          /* + role_id: the link to that role, where there is one   \
		      */
#define FD_ABOVE 200 /* where they are moved from */

#define CONF_BYTES_MAX (1u << 20)

struct role_start {
	const struct role_ops *ops;
	const char *file; /* the configuration's name, for messages */
	uint64_t generation;
	bool try_sandbox; /* the test: try what must not work, and end */
};

/*
 * Exit status: 0 ended as told, else as sysexits (main.c), but for RC_REFUSED,
 * upon which nobody starts it again: that is a number of its own, with which no
 * crash and no sanitizer ends a process.
 */
#define ROLE_REFUSED 78
int role_process(const struct role_start *);

#endif
