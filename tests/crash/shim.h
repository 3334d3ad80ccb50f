/*
 * crash/shim.h - between the shim's wrappers (shim_calls.c) and its rules
 * (shim.c). Built only into tests/crash/shim.so.
 *
 * Preload it. Every call of calls.def is a step; steps are numbered from 1.
 *
 * ENTREPOT_CRASH_AT=N[:half|:after]   die at step N with status 137: before it
 *         is carried out; after half of a write; after all of it
 * ENTREPOT_CRASH_GROUP=1              kill -9 the whole process group instead
 * ENTREPOT_FAIL_AT=N:ERRNO[:forever]  step N fails with ERRNO (a name such as
 *         ENOSPC, or SHORT: half of a write is done and returned); forever:
 *         all later steps that could fail so, too
 * ENTREPOT_CRASH_POWER=1              the power is cut: what was not synced
 *         under ENTREPOT_CRASH_UNDER is gone, too; see shim_power.c
 * ENTREPOT_CRASH_COUNT=FILE           at exit: the number of steps, as text
 * ENTREPOT_CRASH_LOG=FILE             one line a step: number, call, place
 * ENTREPOT_CRASH_COUNTER=FILE         8 bytes shared by all processes that
 *         name it: one count for a whole set of processes
 * ENTREPOT_CRASH_UNDER=PATH           only what lies below this folder counts
 *
 * Files are synced one by one: io_setup() is refused.
 * What it cannot see: direct system calls of other libraries, stdio (whose
 * writes stay inside libc), and stores into mapped memory.
 */
#ifndef TESTS_CRASH_SHIM_H
#define TESTS_CRASH_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
	KIND_OPEN = 1,
	KIND_WRITE = 2,
	KIND_SIZE = 4,
	KIND_SYNC = 8,
	KIND_NAME = 16,
	KIND_GONE = 32,
	KIND_MODE = 64,
};

enum call {
#define CALL(name, kind) CALL_##name,
#include "tests/crash/calls.def"
#undef CALL
};

enum act {
	ACT_PLAIN, /* not a step, or nothing special about it */
	ACT_FAIL,  /* return -1, errno is set */
	ACT_HALF,  /* half of the write, then die */
	ACT_AFTER, /* all of it, then die */
	ACT_SHORT, /* half of the write, and say so */
};

/* The system call itself, past all wrappers; sets errno like syscall(2). */
long shim_real(long nr, long a, long b, long c, long d, long e, long f);
/* Is this name one that counts? dirfd as for openat(2). */
bool shim_name_counts(int dirfd, const char *name);
/* A step by name or by descriptor, if that counts; else ACT_PLAIN. */
enum act shim_name_step(enum call, int dirfd, const char *name);
enum act shim_fd_step(enum call, int fd);
/* One step: number it, log it, perhaps die here. */
enum act shim_step(enum call, int fd, const char *name);
/* Carry out the step: die behind it if so told. */
long shim_carry(
    enum act, long nr, long a, long b, long c, long d, long e, long f);
void shim_die(void) __attribute__((noreturn));

/* shim_power.c: nothing unless ENTREPOT_CRASH_POWER is set. */
void power_start(const char *root);
bool power_before(long nr, const long a[6], long *r);
void power_after(long nr, const long a[6], long r);
void power_cut(void);

#endif
