/*
 * sandbox/landlock.c - which files a role can see, by the kernel's own rules;
 * trusts the paths of the configuration. Called by sandbox_enter().
 *
 * The headers of Debian 12 know less than newer kernels can do: the numbers
 * stand here, and what is used is masked by the version found at run time.
 */
#include "src/sandbox/sandbox_in.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ABI_REFER    2 /* without it no file can move between folders */
#define ABI_TRUNCATE 3
#define ABI_NET      4
#define ABI_IOCTL    5
#define ABI_SCOPE    6

#define FS_TRUNCATE  (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define FS_UPTO_REFER                                                          \
	((LANDLOCK_ACCESS_FS_REFER << 1) - 1) /* all bits of version 2 */

#define NET_ALL   (UINT64_C(1) | UINT64_C(2)) /* bind, connect */
#define SCOPE_ALL (UINT64_C(1) | UINT64_C(2)) /* abstract sockets, signals */

struct attr { /* struct landlock_ruleset_attr, as of version 6 */
	uint64_t fs, net, scope;
};

static uint64_t
fs_handled(int abi)
{
	uint64_t fs = FS_UPTO_REFER;

	if (abi >= ABI_TRUNCATE)
		fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL)
		fs |= FS_IOCTL_DEV;
	return fs;
}

static uint64_t
fs_allowed(enum sandbox_access access, bool folder)
{
	uint64_t fs = LANDLOCK_ACCESS_FS_READ_FILE;

	if (access == SANDBOX_WRITE)
		fs |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
	if (folder)
		fs |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (folder && access == SANDBOX_WRITE)
		fs |= LANDLOCK_ACCESS_FS_MAKE_REG |
		      LANDLOCK_ACCESS_FS_MAKE_DIR |
		      /* query moves its socket's name; none can be made */
		      LANDLOCK_ACCESS_FS_MAKE_SOCK |
		      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REFER;
	return fs;
}

static enum rc
path_allow(int ruleset, const struct sandbox_path *p, int abi, struct err *err)
{
	struct landlock_path_beneath_attr rule = { 0 };
	struct stat st;
	long failed;
	int fd = open(p->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return RC_OK; /* nothing to allow */
	if (fstat(fd, &st) != 0) {
		(void)close(fd);
		return err_errno(err, RC_BROKEN, "landlock '%s'", p->path);
	}
	rule.parent_fd = fd;
	rule.allowed_access =
	    fs_allowed(p->access, S_ISDIR(st.st_mode)) & fs_handled(abi);
	failed = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	(void)close(fd);
	if (failed != 0)
		return err_errno(err, RC_BROKEN, "landlock '%s'", p->path);
	return RC_OK;
}

static int
ruleset_new(int abi)
{
	struct attr attr = { .fs = fs_handled(abi) };
	size_t size = sizeof(attr.fs);

	if (abi >= ABI_NET) {
		attr.net = NET_ALL;
		size += sizeof(attr.net);
	}
	if (abi >= ABI_SCOPE) {
		attr.scope = SCOPE_ALL;
		size += sizeof(attr.scope);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

enum rc
landlock_enter(const struct sandbox *s, int *abi, struct err *err)
{
	int found = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset;
	enum rc rc = RC_OK;

	*abi = 0;
	if (found < ABI_REFER)
		return RC_OK;
	ruleset = ruleset_new(found);
	if (ruleset < 0)
		return err_errno(err, RC_BROKEN, "landlock");
	for (unsigned int i = 0; i < s->npaths && rc == RC_OK; i++)
		rc = path_allow(ruleset, &s->path[i], found, err);
#ifdef ENTREPOT_SANITIZED
	/* Where the leak checker finds our threads; the whole of it: a rule is
	 * of what is in memory, which the kernel may make anew of a process. */
	if (rc == RC_OK)
		rc = path_allow(ruleset,
		    &(struct sandbox_path){ "/proc", SANDBOX_READ }, found,
		    err);
#endif
	if (rc == RC_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		rc = err_errno(err, RC_BROKEN, "landlock");
	(void)close(ruleset);
	if (rc == RC_OK)
		*abi = found;
	return rc;
}
