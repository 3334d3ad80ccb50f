/*
 * daemon/control.c - the control socket's address and its peer's credentials.
 * Trusts the kernel for who the peer is, and the folder for nothing but the
 * name. Called by role_query.c and by the tools.
 */
#include "src/daemon/control.h"
#include "src/base/fsx.h"
#include "src/daemon/query.h"
#include "src/base/log.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATH_ROOM   4096
#define BACKLOG     16
#define GROUPS_MAX  64
#define CONTROL_SUN ((socklen_t)sizeof(struct sockaddr_un))
#define NEXT        ".next"
#define NAME_ROOM   64 /* with the folder before it, sun_path has room */

struct place {
	int dirfd;
	char name[NAME_ROOM], next[NAME_ROOM + sizeof(NEXT)];
	struct sockaddr_un sun;
};

/* Its address by the open folder. */
static void
place_address(struct place *p, const char *name)
{
	p->sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(p->sun.sun_path, sizeof(p->sun.sun_path),
	    "/proc/self/fd/%u/%.*s", (unsigned int)p->dirfd,
	    NAME_ROOM + (int)sizeof(NEXT), name);
}

static enum rc
place_open(const char *path, struct place *p, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_ROOM];

	if (slash == NULL || strlen(slash + 1) >= sizeof(p->name) ||
	    slash[1] == '\0' || strlen(path) >= sizeof(folder))
		return err_set(err, RC_REFUSED,
		    "control '%s': no name for a socket", path);
	(void)snprintf(
	    folder, sizeof(folder), "%.*s/", (int)(slash - path), path);
	(void)snprintf(p->name, sizeof(p->name), "%s", slash + 1);
	(void)snprintf(p->next, sizeof(p->next), "%s" NEXT, p->name);
	p->dirfd = fsx_opendir(folder, err);
	if (p->dirfd < 0)
		return err_prefix(err, RC_REFUSED, "control '%s'", path);
	place_address(p, p->name);
	return RC_OK;
}

static int
stream_new(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static enum rc
place_connect(
    const struct place *p, const char *path, int *out, struct err *err)
{
	int fd = stream_new();
	enum rc rc = RC_LATER;

	if (fd < 0)
		return err_errno(err, RC_BROKEN, "control '%s'", path);
	if (connect(fd, (const struct sockaddr *)&p->sun, CONTROL_SUN) == 0) {
		*out = fd;
		return RC_OK;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		rc = err_set(err, RC_LATER, "no daemon answers at '%s'", path);
	else
		rc = err_errno(err, RC_REFUSED, "control '%s'", path);
	(void)close(fd);
	return rc;
}

enum rc
control_connect(const char *path, int *fd, struct err *err)
{
	struct place p;
	enum rc rc = place_open(path, &p, err);

	if (rc != RC_OK)
		return rc;
	rc = place_connect(&p, path, fd, err);
	(void)close(p.dirfd);
	return rc;
}

static enum rc
place_bind(const struct place *p, const char *path, bool others, int *out,
    struct err *err)
{
	int fd = stream_new();
	/* The mode from the first moment on, not a moment later. */
	mode_t before = umask(others ? 0111 : 0117);
	bool fine =
	    fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&p->sun, CONTROL_SUN) == 0 &&
	    listen(fd, BACKLOG) == 0;
	int e = errno;

	(void)umask(before);
	errno = e;
	if (fine) {
		*out = fd;
		return RC_OK;
	}
	(void)err_errno(err, RC_REFUSED, "control '%s'", path);
	if (fd >= 0)
		(void)close(fd);
	return RC_REFUSED;
}

/*
 * Between the two steps nobody is found there: a tool tries again, or finds
 * the spool in use, which is true as well.
 */
static enum rc
place_take(const struct place *p, struct err *err)
{
	struct err none;

	if (fsx_unlink(p->dirfd, p->name, &none) != RC_OK && errno != ENOENT)
		return err_set(err, RC_REFUSED, "%s", none.text);
	return fsx_rename(p->dirfd, p->next, p->dirfd, p->name, err);
}

enum rc
control_listen(
    const char *path, bool others, int *out, bool *next, struct err *err)
{
	struct place p;
	struct err none;
	int fd = -1, other = -1;
	enum rc rc = place_open(path, &p, err);

	if (rc != RC_OK)
		return rc;
	rc = place_connect(&p, path, &other, err);
	*next = rc == RC_OK;
	if (other >= 0)
		(void)close(other);
	if (rc == RC_OK || rc == RC_LATER) {
		/* One that was never taken over, or none: both are fine. */
		(void)!fsx_unlink(p.dirfd, p.next, &none);
		place_address(&p, p.next);
		rc = place_bind(&p, path, others, &fd, err);
	}
	if (rc == RC_OK && !*next)
		rc = place_take(&p, err);
	(void)close(p.dirfd);
	if (rc == RC_OK)
		*out = fd;
	else if (fd >= 0)
		(void)close(fd);
	return rc;
}

enum rc
control_take(const char *path, struct err *err)
{
	struct place p;
	enum rc rc = place_open(path, &p, err);

	if (rc != RC_OK)
		return rc;
	rc = place_take(&p, err);
	(void)close(p.dirfd);
	return rc;
}

static bool
group_is(int fd, const struct ucred *peer, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (peer->gid == gid)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

unsigned int
control_allows(const struct conf *conf, struct control_allow *out)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < conf->nallow; i++) {
		const struct conf_allow *a = &conf->allow[i];
		const struct passwd *pw = a->group ? NULL : getpwnam(a->name);
		const struct group *gr = a->group ? getgrnam(a->name) : NULL;

		if (pw == NULL && gr == NULL) {
			log_event(LOG_WARN, "query.nobody",
			    "allow=\"%s\" why=\"no such %s\"", a->name,
			    a->group ? "group" : "user");
			continue;
		}
		out[n++] = (struct control_allow){ .rights = a->rights,
			.group = a->group,
			.id = pw != NULL ? pw->pw_uid : gr->gr_gid };
	}
	return n;
}

unsigned int
control_rights(
    int fd, const struct control_allow *allow, unsigned int n, uint32_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	unsigned int rights;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    len != sizeof(peer))
		return 0;
	*uid = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		return RIGHTS;
	rights = group_is(fd, &peer, getegid()) ? RIGHT_VIEW : 0;
	for (unsigned int i = 0; i < n; i++)
		if (allow[i].group ? group_is(fd, &peer, allow[i].id)
				   : peer.uid == allow[i].id)
			rights |= allow[i].rights;
	return rights;
}
