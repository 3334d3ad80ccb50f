/*
 * cli/standing.c - looks for a name in the folders that are taken from, as the
 * user who asks may; trusts the configuration, follows no link at the name.
 * Called by verb_why.c when the spool knows nothing of it.
 */
#include "src/cli/standing.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/cli.h"
#include "src/conf/conf.h"
#include "src/intake/complete.h"

#define PATH_ROOM 4096
#define WHY_ROOM  1024

struct standing {
	const struct conf_partner *p;
	const char *name;
	uid_t us; /* the gateway's */
	/* what the spool says of now */
	uint64_t free_bytes, reserve;
	char paused[WHY_ROOM];
};

/* Escaped for a terminal, cut. */
static const char *
shown(struct slice s, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, WHY_ROOM);
	(void)utf8_show(slice_sub(s, 0, WHY_ROOM / 4), &b);
	(void)snprintf(out, size, "%s", b.len == 0 ? "" : buf_cstr(&b));
	buf_clear(&b);
	return out;
}

static enum rc
now_row(void *arg, struct slice line, const struct row *r, struct err *err)
{
	struct standing *s = arg;
	char since[ROW_TEXT], by[WHY_ROOM / 4], why[WHY_ROOM / 2];

	(void)line;
	(void)err;
	if (row_is(r, "row", "status")) {
		s->free_bytes = row_number(r, "free");
		s->reserve = row_number(r, "reserve");
	}
	if (row_is(r, "row", "pause") && row_is(r, "what", "intake") &&
	    row_is(r, "partner", s->p->name))
		(void)snprintf(s->paused, sizeof(s->paused),
		    "intake from it is paused since %s by %s%s%s",
		    moment_shown(row_text(r, "since"), since),
		    shown(row_text(r, "by"), by, sizeof(by)),
		    row_text(r, "why").len > 0 ? ": " : "",
		    shown(row_text(r, "why"), why, sizeof(why)));
	return RC_OK;
}

/* Both are narrow; what does not come is not told. */
static void
now_ask(struct ask *a, struct standing *s)
{
	static const char *const words[] = { "status", "counts" };
	struct ask_for to = { .row = now_row, .arg = s };
	struct err ignored;

	for (size_t i = 0; i < 2; i++)
		if (ask_say(a, &to, &ignored, words[i], NULL) != RC_OK)
			s->paused[0] = '\0';
}

static const char *
user_name(uid_t id, char out[32])
{
	const struct passwd *pw = getpwuid(id);

	if (pw != NULL && strlen(pw->pw_name) < 32)
		(void)snprintf(out, 32, "%s", pw->pw_name);
	else
		(void)snprintf(out, 32, "uid %u", (unsigned int)id);
	return out;
}

/*
 * Whose files are taken, as transport/folder.c finds it: of the one who is
 * named, else of whoever owns the box, or the folder above it. NULL: his.
 */
static const char *
not_his(const struct conf_partner *p, const struct stat *st, char out[32])
{
	char box[PATH_ROOM];
	const struct passwd *pw;
	struct stat in, top;

	if (p->owner != NULL) {
		pw = getpwnam(p->owner);
		return pw != NULL && pw->pw_uid == st->st_uid ? NULL : p->owner;
	}
	if (snprintf(box, sizeof(box), "%s/%s", p->folder, p->in) >=
		PATH_ROOM ||
	    stat(box, &in) != 0 || stat(p->folder, &top) != 0 ||
	    in.st_uid == st->st_uid || top.st_uid == st->st_uid)
		return NULL;
	return user_name(in.st_uid, out);
}

/* With an access list the group's bits are its mask. */
static bool
is_closed(const struct standing *s, const struct stat *st)
{
	if (s->us == 0)
		return false;
	return st->st_uid == s->us ? (st->st_mode & 0400) == 0
				   : (st->st_mode & 0044) == 0;
}

static bool
marker_lacks(const struct standing *s, const char *path)
{
	char marker[PATH_ROOM];
	struct stat st;

	return s->p->complete == COMPLETE_MARKER && s->p->marker != NULL &&
	       snprintf(marker, sizeof(marker), "%s%s", path, s->p->marker) <
		   PATH_ROOM &&
	       lstat(marker, &st) != 0;
}

/* As intake asks it: by a lease, given back at once. */
static bool
has_writer(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0)
		return errno == EAGAIN;
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

static bool
has_end(const struct standing *s, int fd)
{
	char piece[PATH_ROOM];
	struct buf b;
	ssize_t n;
	bool whole;

	buf_init(&b, s->p->limit);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		buf_slice(&b, (struct slice){ piece, (size_t)n });
	whole = n < 0 || buf_failed(&b) || complete_has_end(s->p, buf_look(&b));
	buf_clear(&b);
	return whole;
}

/* What its partner's rule of completion misses in it; false: nothing. */
static bool
not_whole(const struct standing *s, const char *path, const struct stat *st,
    char out[WHY_ROOM])
{
	struct complete_facts facts = { .mtime_ms =
					    (int64_t)st->st_mtime * 1000 };
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct clock clock;
	bool writer, end;

	if (fd < 0)
		return false;
	clock_init(&clock);
	facts.now_ms = clock_wall(&clock);
	writer = s->p->complete == COMPLETE_CLOSE && has_writer(fd);
	end = has_end(s, fd);
	(void)close(fd);
	if (writer)
		(void)snprintf(
		    out, WHY_ROOM, "somebody has it open for writing");
	else if (s->p->complete == COMPLETE_QUIET &&
		 !complete_is_whole(s->p, &facts))
		(void)snprintf(out, WHY_ROOM,
		    "it was changed just now: it is taken when it was left "
		    "alone for %u s",
		    (unsigned int)(s->p->quiet_ms / 1000));
	else if (!end)
		(void)snprintf(out, WHY_ROOM,
		    "its end is not there: of an interchange the last "
		    "segment, of an XML document the last tag");
	return out[0] != '\0';
}

static void
why_find(struct ask *a, const struct standing *s, const char *path,
    const struct stat *st, char out[WHY_ROOM])
{
	const char *wrong = complete_name_wrong(slice_of(s->name));
	char us[32], owner[32], his[32], have[ROW_TEXT], want[ROW_TEXT];
	const char *whose = not_his(s->p, st, his);

	out[0] = '\0';
	if (!S_ISREG(st->st_mode))
		(void)snprintf(out, WHY_ROOM, "it is no regular file");
	else if (wrong != NULL)
		(void)snprintf(out, WHY_ROOM, "its %s", wrong);
	else if (!complete_is_offer(s->p, slice_of(s->name)))
		(void)snprintf(out, WHY_ROOM,
		    "its name says that it is not whole yet, or a marker");
	else if (st->st_nlink > 1)
		(void)snprintf(out, WHY_ROOM,
		    "it has %u names (hard links): only a file with one is "
		    "taken",
		    (unsigned int)st->st_nlink);
	else if (whose != NULL)
		(void)snprintf(out, WHY_ROOM,
		    "it belongs to %s: in this folder only files of %s are "
		    "taken",
		    user_name(st->st_uid, owner), whose);
	else if (is_closed(s, st))
		(void)snprintf(out, WHY_ROOM,
		    "it belongs to %s, its mode is %04o: the gateway, as %s, "
		    "cannot read it",
		    user_name(st->st_uid, owner),
		    (unsigned int)st->st_mode & 07777, user_name(s->us, us));
	else if (s->paused[0] != '\0')
		(void)snprintf(out, WHY_ROOM, "%s", s->paused);
	else if (s->free_bytes < s->reserve)
		(void)snprintf(out, WHY_ROOM,
		    "nothing is taken in: %s free on the spool's disk, below "
		    "the reserve of %s",
		    size_shown(s->free_bytes, have),
		    size_shown(s->reserve, want));
	else if (marker_lacks(s, path))
		(void)snprintf(out, WHY_ROOM, "its marker '%s%s' is not there",
		    s->name, s->p->marker);
	else if ((uint64_t)st->st_size > s->p->limit)
		(void)snprintf(out, WHY_ROOM,
		    "it has %llu bytes, the limit is %llu",
		    (unsigned long long)st->st_size,
		    (unsigned long long)s->p->limit);
	else if (not_whole(s, path, st, out))
		return;
	else if (!ask_daemon(a))
		(void)snprintf(out, WHY_ROOM, "no daemon runs");
	else
		(void)snprintf(
		    out, WHY_ROOM, "the log tells of it, under 'intake'");
}

static void
iso_of(time_t t, char out[32])
{
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 32, "%Y-%m-%dT%H:%M:%S.000Z", &tm) == 0)
		out[0] = '\0';
}

bool
standing_tell(struct ask *a, const char *name)
{
	const struct conf *conf = ask_configured(a);
	bool any = false;
	struct stat st;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strchr(name, '/') != NULL ||
	    strlen(name) > 255)
		return false;
	for (unsigned int i = 0; i < conf->npartners; i++) {
		struct standing s = { .p = &conf->partner[i], .name = name };
		char path[PATH_ROOM], why[WHY_ROOM], file[WHY_ROOM];
		char since[ROW_TEXT], iso[32];

		if (s.p->in == NULL ||
		    snprintf(path, sizeof(path), "%s/%s/%s", s.p->folder,
			s.p->in, name) >= PATH_ROOM)
			continue;
		if (stat(conf->spool, &st) == 0)
			s.us = st.st_uid;
		if (lstat(path, &st) != 0)
			continue;
		now_ask(a, &s);
		why_find(a, &s, path, &st, why);
		iso_of(st.st_ctime, iso);
		printf("file '%s' stands in the folder of %s since %s and is "
		       "not taken in: %s\n",
		    shown(slice_of(name), file, sizeof(file)), s.p->name,
		    moment_shown(slice_of(iso), since), why);
		any = true;
	}
	return any;
}
