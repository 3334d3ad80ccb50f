/*
 * daemon/door.c - looking into a partner's drop folder, no more often than
 * needed; trusts neither events nor their absence. Called by role_intake.c.
 */
#include "src/daemon/door.h"
#include "src/base/log.h"
#include "src/intake/complete.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
door_init(struct door *d, const struct conf_partner *p)
{
	*d = (struct door){ .partner = p, .watch = -1, .dirty = true };
}

static void
offers_drop(struct door *d)
{
	folder_offers_free(d->offer, d->offers);
	d->offer = NULL;
	d->offers = d->next = 0;
}

void
door_clear(struct door *d)
{
	offers_drop(d);
	folder_close(d->folder);
	d->folder = NULL;
}

static enum rc
door_open(struct door *d, int inotify_fd, struct err *err)
{
	enum rc rc = folder_open(&d->folder, d->partner, FOLDER_TAKES, err);

	if (rc == RC_OK) {
		d->watch = folder_watch(d->folder, inotify_fd);
		d->told = false;
	} else if (rc != RC_BROKEN) {
		if (!d->told)
			log_event(LOG_WARN, "intake.closed",
			    "partner=%s why=\"%s\"", d->partner->name,
			    err->text);
		d->told = true;
		rc = RC_OK;
	}
	return rc;
}

/*
 * The name means another folder now: what comes there is to be taken, once
 * what we have in hand of the old one is done.
 */
static bool
door_there(struct door *d)
{
	if (d->folder == NULL || folder_is_there(d->folder))
		return true;
	if (d->taking > 0)
		return false;
	log_event(LOG_ALARM, "intake.moved", "partner=%s folder=\"%s/%s\"",
	    d->partner->name, d->partner->folder, d->partner->in);
	folder_close(d->folder);
	d->folder = NULL;
	/* whatever has the name next, this one too, is another one to us */
	d->first = (struct folder_id){ 0, 0, 0 };
	return true;
}

bool
door_other(const struct door *d)
{
	struct folder_id now = folder_named(d->partner, FOLDER_TAKES);

	return d->folder == NULL && now.ino != 0 &&
	       !folder_id_same(now, d->first);
}

/*
 * What is under way has a name that is never offered, until it is renamed; one
 * with a dot may be our own side folder.
 */
bool
door_heeds(const struct door *d, const char *name)
{
	return name[0] == '\0' || name[0] == '.' ||
	       d->partner->complete == COMPLETE_MARKER ||
	       complete_is_offer(d->partner, slice_of(name));
}

/* A name is data: it is shown escaped, and never a line of its own. */
static void
refused(void *arg, const char *name, const char *why)
{
	const struct door *d = arg;
	char quoted[1024];

	log_event(LOG_WARN, "intake.refused",
	    "partner=%s name=\"%s\" why=\"%s\"", d->partner->name,
	    log_quote(slice_of(name), quoted, sizeof(quoted)), why);
}

/*
 * Whoever fills a folder with names and goes on touching it must not keep us
 * from the others' folders: the more names, the longer until the next walk.
 */
static void
walk_rest(struct door *d)
{
	size_t names = folder_walked(d->folder);

	if (!folder_midway(d->folder))
		d->rest_to = names < DOOR_CROWD
				 ? 0
				 : d->walk_at + (int64_t)(names / DOOR_NAMES);
}

enum rc
door_look(struct door *d, int inotify_fd, int64_t mono_ms, int64_t wall_ms,
    bool *looked, struct err *err)
{
	bool more = false, midway;
	enum rc rc = RC_OK;

	*looked = false;
	midway = d->folder != NULL && folder_midway(d->folder);
	if (d->next < d->offers ||
	    (!midway && !d->dirty && mono_ms < d->look_at))
		return RC_OK;
	if (!midway && mono_ms < d->rest_to) {
		if (d->look_at > d->rest_to || d->look_at <= mono_ms)
			d->look_at = d->rest_to;
		return RC_OK;
	}
	offers_drop(d);
	d->look_at = mono_ms + DOOR_RESCAN;
	if (!door_there(d)) {
		d->look_at = mono_ms + DOOR_WAITS;
		return RC_OK;
	}
	if (d->folder == NULL)
		rc = door_open(d, inotify_fd, err);
	if (d->folder == NULL) /* no event will tell that it is back */
		d->look_at = mono_ms + DOOR_WAITS;
	if (!midway) {
		d->dirty = false; /* what comes during a walk, in the next */
		d->walk_at = mono_ms;
	}
	if (rc != RC_OK || d->folder == NULL)
		return rc;
	rc = folder_scan(d->folder, wall_ms, DOOR_OFFERS, &d->offer, &d->offers,
	    &more, refused, d, err);
	if (rc == RC_OK) {
		if (more)
			d->look_at = mono_ms + DOOR_WAITS;
		walk_rest(d);
		*looked = d->offers > 0 || folder_midway(d->folder);
	} else if (rc != RC_BROKEN) {
		log_rc("intake.scan", rc, err);
		d->look_at = mono_ms + DOOR_WAITS;
		rc = RC_OK;
	}
	return rc;
}

static bool
is_unended(const struct door *d, const struct folder_offer *o)
{
	unsigned int n =
	    d->nunended < DOOR_UNENDED ? d->nunended : DOOR_UNENDED;
	uint32_t name = slice_hash(slice_of(o->name));

	for (unsigned int i = 0; i < n; i++)
		if (d->unended[i].name == name &&
		    fsx_mark_same(&d->unended[i].mark, &o->mark))
			return true;
	return false;
}

const struct folder_offer *
door_offer(struct door *d)
{
	while (d->next < d->offers) {
		const struct folder_offer *o = &d->offer[d->next++];

		if (!is_unended(d, o))
			return o;
	}
	return NULL;
}

void
door_unoffer(struct door *d)
{
	if (d->next > 0)
		d->next--;
}

void
door_unended_add(struct door *d, const char *name, const struct fsx_mark *mark)
{
	d->unended[d->nunended++ % DOOR_UNENDED] = (struct unended){
		.mark = *mark,
		.name = slice_hash(slice_of(name)),
	};
}

static struct unread *
unread_find(struct door *d, const struct unended *file, int64_t mono_ms)
{
	unsigned int n = d->nunread < DOOR_UNREAD ? d->nunread : DOOR_UNREAD;
	struct unread *u;

	for (unsigned int i = 0; i < n; i++)
		if (d->unread[i].file.name == file->name &&
		    fsx_mark_same(&d->unread[i].file.mark, &file->mark))
			return &d->unread[i];
	u = &d->unread[d->nunread++ % DOOR_UNREAD];
	*u = (struct unread){ .file = *file, .since = mono_ms };
	return u;
}

void
door_unread_add(struct door *d, const struct folder_offer *o, int64_t mono_ms,
    const char *why)
{
	struct unended file = { .mark = o->mark,
		.name = slice_hash(slice_of(o->name)) };
	struct unread *u = unread_find(d, &file, mono_ms);
	char quoted[1024];

	if (u->told || mono_ms - u->since < DOOR_ALARM)
		return;
	u->told = true;
	log_event(LOG_ALARM, "intake.unreadable",
	    "partner=%s name=\"%s\" why=\"%s\"", d->partner->name,
	    log_quote(slice_of(o->name), quoted, sizeof(quoted)), why);
}
