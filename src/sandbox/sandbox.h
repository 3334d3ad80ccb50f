/*
 * sandbox/sandbox.h - a role gives up all it does not need, for good.
 *
 * In this order: ids, then the role opens what it needs, then no new
 * privileges, not dumpable, Landlock, seccomp. What the kernel cannot do is
 * told in struct sandbox_truth, and by `entrepot status`; it is not an error,
 * unless the caller makes it one.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include "src/base/rc.h"

#define SANDBOX_PATHS 20000 /* places a role may see */

/* Below a path: look and read; also make, write, move and remove files. */
enum sandbox_access { SANDBOX_READ, SANDBOX_WRITE };

/* What a role may ask the kernel for beyond memory, time and its files. */
enum sandbox_may {
	SANDBOX_FORK = 1,   /* children of its own, limits on them */
	SANDBOX_ACCEPT = 2, /* connections to a socket that was handed in */
};

struct sandbox_path {
	const char *path;
	enum sandbox_access access;
};

struct sandbox {
	const struct sandbox_path *path;
	unsigned int npaths;
	unsigned int may; /* enum sandbox_may bits */
};

struct sandbox_truth {
	int landlock; /* the kernel's ABI as used, 0: none */
	bool seccomp;
};

/* Become that user, all groups gone. Only root can; NULL: nothing to do. */
enum rc sandbox_user(const char *name, struct err *) MUST_USE;
/*
 * For good. A path that is not there is left out. RC_BROKEN: the kernel has
 * the means and refused them.
 */
enum rc sandbox_enter(
    const struct sandbox *, struct sandbox_truth *, struct err *) MUST_USE;

/*
 * The test of it, from inside: try what must not be possible. fn is called for
 * each act with whether it was refused; the number of acts that worked.
 */
typedef void sandbox_try_fn(void *arg, const char *act, bool refused);
unsigned int sandbox_try(unsigned int may, sandbox_try_fn *, void *arg);

#endif
