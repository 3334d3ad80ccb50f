/*
 * transport/folder.c - opening and watching a partner's folders; trusts the
 * configured path, and nothing below it that the partner may have made.
 * Called by intake and deliver.
 */
#include "src/transport/folder_in.h"
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define BOX_MODE  0770
#define SIDE_MODE 0700

#define PATH_BYTES 4096

/* Ours alone, or whoever may write there could take back what we promised. */
static enum rc
side_check(int fd, int box, const char *name, struct err *err)
{
	struct stat st, in;

	if (fstat(fd, &st) != 0 || fstat(box, &in) != 0)
		return err_errno(err, RC_REFUSED, "folder '%s'", name);
	if (st.st_uid != geteuid())
		return err_set(err, RC_REFUSED,
		    "folder '%s' belongs to user %ju, want user %ju", name,
		    (uintmax_t)st.st_uid, (uintmax_t)geteuid());
	if ((st.st_mode & 077) != 0)
		return err_set(err, RC_REFUSED,
		    "folder '%s' has mode %04o, want 0700", name,
		    (unsigned int)(st.st_mode & 07777));
	if (st.st_dev != in.st_dev)
		return err_set(err, RC_REFUSED,
		    "folder '%s' is on another file system than the one beside "
		    "it",
		    name);
	return RC_OK;
}

static const char *
side_name(enum folder_side side)
{
	return side == FOLDER_TAKES ? ".taken" : ".entrepot";
}

/* Their names survive a power cut before anything is moved into them. */
static enum rc
sides_open(struct folder *f, int top, struct err *err)
{
	bool takes = f->side == FOLDER_TAKES;
	const char *side = side_name(f->side);
	int above;
	enum rc rc;

	f->box =
	    fsx_subdir(top, takes ? f->conf->in : f->conf->out, BOX_MODE, err);
	if (f->box < 0)
		return RC_REFUSED;
	above = f->conf->layout == LAYOUT_PLAIN ? f->box : top;
	f->side_dir = fsx_subdir(above, side, SIDE_MODE, err);
	if (f->side_dir < 0)
		return RC_REFUSED;
	rc = side_check(f->side_dir, f->box, side, err);
	if (rc == RC_OK)
		rc = fsx_syncdir(above, err);
	if (rc == RC_OK && above != top)
		rc = fsx_syncdir(top, err);
	return rc;
}

/* Who owns the boxes of sent and refused files: the side that moves them. */
static enum rc
boxes_open(struct folder *f, int top, struct err *err)
{
	bool fed = f->conf->agency || f->conf->peer;

	if (fed != (f->side == FOLDER_GIVES))
		return RC_OK;
	if (f->conf->refused != NULL)
		f->refused = fsx_subdir(top, f->conf->refused, BOX_MODE, err);
	if (f->conf->refused != NULL && f->refused < 0)
		return RC_REFUSED;
	if (f->conf->sent == NULL || f->side == FOLDER_GIVES)
		return RC_OK;
	f->sent = fsx_subdir(top, f->conf->sent, BOX_MODE, err);
	return f->sent < 0 ? RC_REFUSED : RC_OK;
}

static enum rc
owners_find(struct folder *f, int top, struct err *err)
{
	const struct passwd *pw;
	struct stat st;

	if (f->conf->owner != NULL) {
		pw = getpwnam(f->conf->owner);
		if (pw == NULL)
			return err_set(
			    err, RC_REFUSED, "no user '%s'", f->conf->owner);
		f->owner = f->other = pw->pw_uid;
		return RC_OK;
	}
	if (fstat(top, &st) != 0)
		return err_errno(err, RC_REFUSED, "stat");
	f->other = st.st_uid;
	if (fstat(f->box, &st) != 0)
		return err_errno(err, RC_REFUSED, "stat");
	f->owner = st.st_uid;
	return RC_OK;
}

/*
 * A role behind its walls may look at a name, and cannot open what stands
 * above it: what people want to hear of is the box that is away.
 */
static void
box_missing(
    const struct conf_partner *c, enum folder_side side, struct err *err)
{
	char path[PATH_BYTES];
	struct stat st;

	if (lstat(c->folder, &st) != 0 ||
	    snprintf(path, sizeof(path), "%s/%s", c->folder,
		side == FOLDER_TAKES ? c->in : c->out) >= PATH_BYTES ||
	    lstat(path, &st) == 0)
		return;
	(void)err_errno(err, RC_REFUSED, "folder '%s'", path);
}

enum rc
folder_open(struct folder **out, const struct conf_partner *c,
    enum folder_side side, struct err *err)
{
	struct folder *f;
	int top = fsx_opendir(c->folder, err);
	enum rc rc;

	if (top < 0) {
		box_missing(c, side, err);
		return RC_REFUSED;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		(void)close(top);
		return err_set(err, RC_LATER, "no memory for a folder");
	}
	*f = (struct folder){ .conf = c,
		.side = side,
		.box = -1,
		.side_dir = -1,
		.unused = side == FOLDER_GIVES,
		.sent = -1,
		.refused = -1 };
	rc = sides_open(f, top, err);
	if (rc == RC_OK)
		rc = boxes_open(f, top, err);
	if (rc == RC_OK && side == FOLDER_TAKES)
		rc = owners_find(f, top, err);
	(void)close(top);
	if (rc != RC_OK) {
		folder_close(f);
		return err_prefix(err, rc, "folder '%s'", c->folder);
	}
	/* A lease that is broken while it is tried must not end us. */
	if (side == FOLDER_TAKES && c->complete == COMPLETE_CLOSE)
		(void)signal(SIGIO, SIG_IGN);
	*out = f;
	return RC_OK;
}

void
folder_close(struct folder *f)
{
	if (f == NULL)
		return;
	if (f->walk != NULL)
		(void)closedir(f->walk);
	if (f->box >= 0)
		(void)close(f->box);
	if (f->side_dir >= 0)
		(void)close(f->side_dir);
	if (f->sent >= 0)
		(void)close(f->sent);
	if (f->refused >= 0)
		(void)close(f->refused);
	folder_refused_close(f);
	free(f);
}

/* Whoever may write in the folder above may remove either, or move it. */
struct folder_id
folder_named(const struct conf_partner *c, enum folder_side side)
{
	const char *name = side == FOLDER_TAKES ? c->in : c->out;
	bool within = c->layout == LAYOUT_PLAIN;
	char path[PATH_BYTES];
	struct folder_id id = { 0, 0, 0 };
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", c->folder, name) >=
		PATH_BYTES ||
	    lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return id;
	id.dev = st.st_dev;
	id.ino = st.st_ino;
	if (snprintf(path, sizeof(path), "%s/%s%s%s", c->folder,
		within ? name : "", within ? "/" : "",
		side_name(side)) < PATH_BYTES &&
	    lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		id.side = st.st_ino;
	return id;
}

bool
folder_id_same(struct folder_id a, struct folder_id b)
{
	return a.dev == b.dev && a.ino == b.ino && a.side == b.side;
}

bool
folder_is_there(const struct folder *f)
{
	struct stat st, side;

	return fstat(f->box, &st) == 0 && fstat(f->side_dir, &side) == 0 &&
	       folder_id_same(folder_named(f->conf, f->side),
		   (struct folder_id){ st.st_dev, st.st_ino, side.st_ino });
}

/* By the open folder, whatever its path means by now. */
static int
watch(int fd, uint32_t what, int inotify_fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return inotify_add_watch(inotify_fd, path, what | IN_ONLYDIR);
}

int
folder_watch(struct folder *f, int inotify_fd)
{
	return watch(f->box,
	    f->side == FOLDER_TAKES ? IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE |
					  IN_ATTRIB | IN_MOVE_SELF
				    : IN_DELETE | IN_MOVED_FROM | IN_MOVE_SELF,
	    inotify_fd);
}

int
folder_watch_refused(struct folder *f, int inotify_fd)
{
	return f->refused < 0 ? -1
			      : watch(f->refused, IN_CLOSE_WRITE | IN_MOVED_TO,
				    inotify_fd);
}

/*
 * Theirs: it may be made, moved and made anew while we work. A link would have
 * another folder watched, and one that is watched already watched for this.
 */
int
folder_watch_sent(struct folder *f, int inotify_fd)
{
	char path[PATH_BYTES];

	if (f->conf->sent == NULL ||
	    snprintf(path, sizeof(path), "/proc/self/fd/%d/../%s", f->box,
		f->conf->sent) >= PATH_BYTES)
		return -1;
	return inotify_add_watch(inotify_fd, path,
	    IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF |
		IN_ONLYDIR | IN_DONT_FOLLOW);
}
