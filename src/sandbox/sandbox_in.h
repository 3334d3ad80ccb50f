/*
 * sandbox/sandbox_in.h - the two walls; only for src/sandbox.
 */
#ifndef SANDBOX_SANDBOX_IN_H
#define SANDBOX_SANDBOX_IN_H

#include "src/sandbox/sandbox.h"

enum rc landlock_enter(const struct sandbox *, int *abi, struct err *) MUST_USE;
enum rc seccomp_enter(const struct sandbox *, bool *on, struct err *) MUST_USE;

#endif
