/*
 * sandbox/seccomp.c - what a role may ask the kernel for; trusts the table.
 * Called by sandbox_enter(), last of all.
 *
 * What is not in the table answers EPERM: a library that tries something new
 * after an upgrade goes on without it, or fails where it can be seen.
 */
#include "src/sandbox/sandbox_in.h"
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef ENTREPOT_SANITIZED

/* The sanitizers' own calls are not in the table. */
enum rc
seccomp_enter(const struct sandbox *s, bool *on, struct err *err)
{
	(void)s;
	(void)err;
	*on = false;
	return RC_OK;
}

#else

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))

static const int always[] = {
#define CALL(name) SCMP_SYS(name),
#include "src/sandbox/calls.def"
};
static const int forks[] = {
#define FORKS(name) SCMP_SYS(name),
#include "src/sandbox/calls.def"
};
static const int accepts[] = {
#define ACCEPTS(name) SCMP_SYS(name),
#include "src/sandbox/calls.def"
};

static int
all_allow(scmp_filter_ctx f, const int *call, size_t n)
{
	int failed = 0;

	for (size_t i = 0; i < n && failed == 0; i++)
		failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, call[i], 0);
	return failed;
}

/* Memory is for data: nothing becomes a program after this. */
static int
memory_allow(scmp_filter_ctx f)
{
	int failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (failed == 0)
		failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		    1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return failed;
}

/* abort() signals its own process, and only that. */
static int
conditions_allow(scmp_filter_ctx f, unsigned int may)
{
	int failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));

	if (failed == 0)
		failed = memory_allow(f);
	if (failed == 0 && (may & SANDBOX_FORK) != 0)
		failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		    SCMP_A0_64(SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0));
	if (failed == 0)
		failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		    SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME, 0));
	return failed;
}

enum rc
seccomp_enter(const struct sandbox *s, bool *on, struct err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed;

	*on = false;
	if (f == NULL)
		return err_set(err, RC_LATER, "no memory for seccomp");
	failed = all_allow(f, always, COUNT(always));
	if (failed == 0 && (s->may & SANDBOX_FORK) != 0)
		failed = all_allow(f, forks, COUNT(forks));
	if (failed == 0 && (s->may & SANDBOX_ACCEPT) != 0)
		failed = all_allow(f, accepts, COUNT(accepts));
	if (failed == 0)
		failed = conditions_allow(f, s->may);
	if (failed == 0)
		failed = seccomp_load(f);
	seccomp_release(f);
	if (failed != 0)
		return err_set(
		    err, RC_BROKEN, "seccomp: %s", strerror(-failed));
	*on = true;
	return RC_OK;
}

#endif
