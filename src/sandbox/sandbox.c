/*
 * sandbox/sandbox.c - ids and process flags, then the two walls; trusts the
 * configuration for the user's name. Called by role_process.c, once, before a
 * role gets its first message.
 */
#include "src/sandbox/sandbox_in.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

enum rc
sandbox_user(const char *name, struct err *err)
{
	const struct passwd *pw;

	if (name == NULL || geteuid() != 0)
		return RC_OK;
	errno = 0;
	pw = getpwnam(name);
	if (pw == NULL)
		return err_set(err, RC_REFUSED, "no user '%s'", name);
	if (setgroups(0, NULL) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return err_errno(err, RC_BROKEN, "become user '%s'", name);
	/* believed only when there is no way back */
	if (pw->pw_uid != 0 && (setuid(0) == 0 || geteuid() != pw->pw_uid))
		return err_set(
		    err, RC_BROKEN, "user '%s' can become root again", name);
	return RC_OK;
}

enum rc
sandbox_enter(
    const struct sandbox *s, struct sandbox_truth *truth, struct err *err)
{
	enum rc rc;

	*truth = (struct sandbox_truth){ 0 };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, RC_BROKEN, "no new privileges");
#ifndef ENTREPOT_SANITIZED /* the leak checker looks into its own process */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_errno(err, RC_BROKEN, "not dumpable");
#endif
	rc = landlock_enter(s, &truth->landlock, err);
	if (rc == RC_OK)
		rc = seccomp_enter(s, &truth->seccomp, err);
	return rc;
}
