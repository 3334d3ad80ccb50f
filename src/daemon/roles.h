/*
 * daemon/roles.h - the roles there are, and what each is left with.
 */
#ifndef DAEMON_ROLES_H
#define DAEMON_ROLES_H

#include "src/daemon/role.h"
#include "src/sandbox/sandbox.h"

/* In the order of their start: spool first. *n: how many. */
const struct role_ops *const *roles_all(unsigned int *n);
const struct role_ops *role_find(const char *name); /* NULL */

/* The files and calls that remain; paths live as long as mem. */
struct arena;
enum rc role_sandbox(struct sandbox *, enum role_id, const struct conf *,
    struct arena *mem, struct err *) MUST_USE;
/* As whom it runs when we are root: the configured user, the role's own. */
const char *role_user(enum role_id, const struct conf *);

#endif
