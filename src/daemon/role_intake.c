/*
 * daemon/role_intake.c - the role that takes files in: copies, asks the spool
 * to keep, moves aside, asks it to accept, unlinks. Trusts the spool's answers
 * and nothing in a drop folder. Driven by one.c or role_process.c.
 *
 * Several takes are in flight, each a row with its state; a row whose next
 * step cannot be done now (disk full, link full) waits and is tried again.
 */
#include "src/daemon/role.h"
#include "src/daemon/take.h"
#include "src/conf/conf.h"
#include "src/wire/msg.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define TAKES_MAX   128 /* in flight, all doors */
#define TAKES_BYTES ((uint64_t)256 << 20)
#define DOOR_NODES  512 /* ids made at the door, apart from the spool's */
#define EVENT_ROOM  65536
#define HALVES_MAX  1000000

static enum rc
doors_open(struct role *r, struct err *err)
{
	struct intake *in = r->self;
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < in->doors && rc == RC_OK; i++) {
		bool ignored;

		rc = door_look(&in->door[i], in->inotify, clock_mono(r->clock),
		    clock_wall(r->clock), &ignored, err);
		in->door[i].first =
		    folder_named(in->door[i].partner, FOLDER_TAKES);
	}
	return rc;
}

static enum rc
intake_start(struct role *r, struct err *err)
{
	struct intake *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return err_set(err, RC_LATER, "no memory for intake");
	r->self = in;
	in->started = clock_mono(r->clock);
	buf_init(&in->small, WIRE_INLINE);
	idgen_init(&in->ids, r->clock, r->conf->node + DOOR_NODES);
	in->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (in->inotify < 0)
		return err_errno(err, RC_BROKEN, "inotify");
	in->door = calloc(r->conf->npartners + 1, sizeof(*in->door));
	if (in->door == NULL)
		return err_set(err, RC_LATER, "no memory for intake");
	for (unsigned int i = 0; i < r->conf->npartners; i++)
		if (r->conf->partner[i].folder != NULL)
			door_init(&in->door[in->doors++], &r->conf->partner[i]);
	return doors_open(r, err);
}

static void
intake_stop(struct role *r)
{
	struct intake *in = r->self;

	if (in == NULL)
		return;
	while (in->takes != NULL) {
		struct take *t = in->takes;

		in->takes = t->next;
		free(t);
	}
	for (unsigned int i = 0; i < in->doors; i++)
		door_clear(&in->door[i]);
	free(in->door);
	buf_clear(&in->small);
	if (in->inotify >= 0)
		(void)close(in->inotify);
	free(in);
	r->self = NULL;
}

static int
intake_fd(struct role *r)
{
	return ((struct intake *)r->self)->inotify;
}

/* --- new takes --- */

/*
 * False: a file that only seemed whole; it is left until it changes. fd: where
 * it is large.
 */
static bool
has_end(struct door *d, const char *name, const struct fsx_mark *mark,
    struct slice small, int fd)
{
	struct slice bytes = small;
	struct err err;
	bool yes;

	if (d->partner->complete == COMPLETE_RENAME ||
	    (fd >= 0 && fsx_memfd_map(fd, SIZE_MAX, &bytes, &err) != RC_OK))
		return true;
	yes = complete_has_end(d->partner, bytes);
	if (fd >= 0)
		fsx_unmap(bytes);
	if (!yes)
		door_unended_add(d, name, mark);
	return yes;
}

static enum rc
take_send(struct role *r, struct door *d, const char *name,
    const struct fsx_mark *mark, const struct digest *sha256, int fd,
    struct err *err)
{
	struct intake *in = r->self;
	struct take *t =
	    take_new(in, d, id_new(&in->ids), slice_of(name), mark, TAKE_ASKED);
	struct msg_TAKE m = { .partner = slice_of(d->partner->name),
		.channel = slice_of("folder"),
		.name = slice_of(name),
		.dev = mark->dev,
		.ino = mark->ino,
		.size = mark->size,
		.mtime_ns = mark->mtime_ns,
		.sha256 = *sha256 };
	enum rc rc;

	if (t == NULL)
		return err_set(err, RC_LATER, "no memory for a take");
	m.arrival = t->id;
	rc = fd < 0 ? wire_send_bytes(r->wire, ROLE_SPOOL, MSG_TAKE, &m,
			  buf_look(&in->small), err)
		    : wire_send(r->wire, ROLE_SPOOL, MSG_TAKE, &m, fd, err);
	if (rc != RC_OK)
		take_end(in, t);
	return rc;
}

/* RC_LATER: nothing more now. */
static enum rc
take_begin(struct role *r, struct door *d, const struct folder_offer *o,
    struct err *err)
{
	struct intake *in = r->self;
	struct fsx_mark mark;
	struct digest sha256;
	int fd;
	enum rc rc;

	if (take_is_under_way(in, d, o->name))
		return RC_OK;
	errno = 0;
	rc = folder_copy(d->folder, o->name, d->partner->limit, &in->small, &fd,
	    &mark, &sha256, err);
	if (rc == RC_REFUSED) {
		if (errno == EACCES || errno == EPERM)
			door_unread_add(d, o, clock_mono(r->clock), err->text);
		d->look_at = clock_mono(r->clock) + DOOR_WAITS;
		return RC_OK; /* gone, or the next scan tells */
	}
	if (rc != RC_OK)
		return rc;
	if (has_end(d, o->name, &mark, buf_look(&in->small), fd)) {
		rc = take_send(r, d, o->name, &mark, &sha256, fd, err);
		fd = rc == RC_OK ? -1 : fd;
	}
	if (fd >= 0)
		(void)close(fd);
	if (rc != RC_OK)
		door_unoffer(d);
	return rc;
}

/*
 * RC_LATER: a folder is another one than at our start, and our walls keep us
 * from it. Not again and again: whoever moves folders about stops nobody.
 */
static enum rc
door_end(const struct role *r, const struct door *d, struct err *err)
{
	const struct intake *in = r->self;

	if (clock_mono(r->clock) - in->started < DOOR_AGAIN || !door_other(d))
		return RC_OK;
	return err_set(err, RC_LATER, "the folder of '%s' is another one now",
	    d->partner->name);
}

/* *began: the next of its files is on its way. */
static enum rc
door_step(
    struct role *r, struct door *d, bool *worked, bool *began, struct err *err)
{
	struct intake *in = r->self;
	const struct folder_offer *o;
	bool looked = false;
	enum rc rc;

	*began = false;
	if (d->taking - d->halves >= DOOR_TAKES)
		return RC_OK;
	rc = door_look(d, in->inotify, clock_mono(r->clock),
	    clock_wall(r->clock), &looked, err);
	if (rc == RC_OK && r->may_end && d->folder == NULL)
		rc = door_end(r, d, err);
	*worked |= looked;
	if (rc != RC_OK || !in->told || in->draining || d->paused ||
	    in->ntakes - in->halves >= TAKES_MAX || in->bytes >= TAKES_BYTES ||
	    clock_mono(r->clock) < in->later)
		return rc;
	o = door_offer(d);
	if (o == NULL)
		return RC_OK;
	*began = true;
	rc = take_begin(r, d, o, err);
	if (rc == RC_LATER) {
		in->later = clock_mono(r->clock) + LATER_MS;
		rc = RC_OK;
	}
	return rc;
}

/*
 * One from each door in turn, beginning with another one each time, until
 * none has more: what came together is kept in one commit.
 */
static enum rc
doors_step(struct role *r, bool *worked, struct err *err)
{
	struct intake *in = r->self;
	unsigned int idle = 0;
	enum rc rc = RC_OK;

	in->turn++;
	for (unsigned int i = 0; idle < in->doors && rc == RC_OK; i++) {
		bool began;

		rc = door_step(r, &in->door[(i + in->turn) % in->doors], worked,
		    &began, err);
		idle = began ? 0 : idle + 1;
		*worked |= began;
	}
	return rc;
}

/* --- messages --- */

static struct door *
door_of(struct intake *in, struct slice partner)
{
	for (unsigned int i = 0; i < in->doors; i++)
		if (slice_is(partner, in->door[i].partner->name))
			return &in->door[i];
	return NULL;
}

static enum rc
half_forget(struct door *d, const struct msg_HALF *m, struct err *err)
{
	char id[ID_TEXT], name[COMPLETE_NAME_MAX + 1];
	enum rc rc;

	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(m->name));
	rc = folder_forget(d->folder, id_print(m->arrival, id), name, err);

	if (rc == RC_OK || rc == RC_BROKEN)
		return rc;
	log_rc("intake.forget", rc, err);
	return RC_OK; /* ours alone, and told again at the next start */
}

static enum rc
half_told(struct role *r, const struct msg_HALF *m, struct err *err)
{
	struct intake *in = r->self;
	struct fsx_mark mark = { .dev = m->dev,
		.ino = m->ino,
		.size = m->size,
		.mtime_ns = m->mtime_ns };
	struct door *d = door_of(in, m->partner);
	struct take *t;

	if (m->arrival == 0) {
		in->told = true;
		return RC_OK;
	}
	if (d == NULL || m->name.len > COMPLETE_NAME_MAX) {
		char id[ID_TEXT];

		log_event(LOG_ALARM, "intake.orphan",
		    "arrival=%s why=\"no folder of its partner\"",
		    id_print(m->arrival, id));
		return RC_OK;
	}
	/* there may be as many as wait to be read: no row for each */
	if (m->accepted != 0 && d->folder != NULL)
		return half_forget(d, m, err);
	if (take_find(in, m->arrival) != NULL)
		return RC_OK;
	if (in->told_halves++ >= HALVES_MAX)
		return err_set(
		    err, RC_BROKEN, "over %d half takes", HALVES_MAX);
	t = take_new(in, d, m->arrival, m->name, &mark, TAKE_HALF);
	if (t == NULL)
		return err_set(err, RC_LATER, "no memory for a half take");
	t->accepted = m->accepted != 0;
	return RC_OK;
}

static void
paused_told(struct role *r, const struct msg_PAUSED *m)
{
	struct intake *in = r->self;
	struct door *d = door_of(in, m->partner);

	if (d == NULL)
		return;
	d->paused = m->on != 0;
	d->dirty = true; /* what came meanwhile */
	log_event(LOG_NOTE, "intake.paused", "partner=%.*s on=%d",
	    SLICE_ARG(m->partner), d->paused);
}

static void
taken_told(struct role *r, const struct msg_TAKEN *m)
{
	struct intake *in = r->self;
	struct take *t = take_find(in, m->arrival);
	char why[256];

	if (t == NULL || t->state != TAKE_ASKED)
		return;
	if (m->rc == RC_OK) {
		t->state = TAKE_ASIDE;
		return;
	}
	(void)snprintf(why, sizeof(why), "%.*s", SLICE_ARG(m->why));
	take_log(
	    t, m->rc == RC_LATER ? LOG_WARN : LOG_ALARM, "intake.waits", why);
	/* not accepted: the file stays, and is offered again */
	in->later = clock_mono(r->clock) + LATER_MS;
	t->door->dirty = true;
	take_end(in, t);
}

static void
accepted_told(struct role *r, const struct msg_ACCEPTED *m)
{
	struct intake *in = r->self;
	struct take *t = take_find(in, m->arrival);
	char why[256];

	if (t == NULL || t->state != TAKE_ACCEPTING)
		return;
	if (m->rc == RC_OK) {
		take_log(t, LOG_NOTE, "intake.accepted", NULL);
		t->state = TAKE_FORGET;
		return;
	}
	(void)snprintf(why, sizeof(why), "%.*s", SLICE_ARG(m->why));
	take_log(
	    t, m->rc == RC_LATER ? LOG_WARN : LOG_ALARM, "intake.waits", why);
	if (m->rc == RC_LATER) {
		t->state = TAKE_ACCEPT;
		t->not_before = clock_mono(r->clock) + LATER_MS;
	} else {
		take_end(in, t); /* it stays aside, for a person */
	}
}

static enum rc
intake_take(struct role *r, struct msg *m, struct err *err)
{
	switch (m->type) {
	case MSG_HALF:
		return half_told(r, m->body, err);
	case MSG_PAUSED:
		paused_told(r, m->body);
		return RC_OK;
	case MSG_TAKEN:
		taken_told(r, m->body);
		return RC_OK;
	case MSG_ACCEPTED:
		accepted_told(r, m->body);
		return RC_OK;
	case MSG_DRAIN:
		((struct intake *)r->self)->draining = true;
		return RC_OK;
	default:
		return err_set(err, RC_BROKEN, "intake: message %s from %s",
		    msg_name(m->type), role_name(m->from));
	}
}

/* --- time --- */

static void
events_read(struct intake *in)
{
	char room[EVENT_ROOM]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(in->inotify, room, sizeof(room))) > 0)
		for (char *p = room; p < room + n;) {
			const struct inotify_event *e = (const void *)p;

			for (unsigned int i = 0; i < in->doors; i++)
				if ((e->mask & IN_Q_OVERFLOW) != 0 ||
				    (in->door[i].watch == e->wd &&
					door_heeds(&in->door[i],
					    e->len > 0 ? e->name : "")))
					in->door[i].dirty = true;
			p += sizeof(*e) + e->len;
		}
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a == 0 || b < a ? b : a;
}

static int64_t
due_next(const struct role *r)
{
	const struct intake *in = r->self;
	int64_t now = clock_mono(r->clock);
	int64_t due = 0;

	for (const struct take *t = in->takes; t != NULL; t = t->next)
		if (take_is_due(t))
			due = sooner(due, t->not_before);
	/* what waits for messages needs no time */
	for (unsigned int i = 0; i < in->doors && !in->draining; i++)
		if (in->door[i].look_at > now)
			due = sooner(due, in->door[i].look_at);
	if (in->later > now)
		due = sooner(due, in->later);
	return due;
}

/* What waits for its folder waits through our successor's start, too. */
static bool
takes_rest(const struct intake *in)
{
	for (const struct take *t = in->takes; t != NULL; t = t->next)
		if (t->state != TAKE_HALF || t->door->folder != NULL)
			return false;
	return true;
}

static enum rc
intake_idle(struct role *r, int64_t *due, bool *worked, struct err *err)
{
	struct intake *in = r->self;
	enum rc rc;

	events_read(in);
	rc = takes_step(r, worked, err);
	if (rc == RC_OK)
		rc = doors_step(r, worked, err);
	if (rc == RC_OK && in->draining && !in->drained && takes_rest(in)) {
		rc = wire_send(r->wire, ROLE_SUPERVISOR, MSG_DRAINED,
		    &(struct msg_DRAINED){ 0 }, -1, err);
		in->drained = rc == RC_OK;
		rc = RC_OK;
	}
	*due = due_next(r);
	return rc;
}

const struct role_ops role_intake = {
	.id = ROLE_INTAKE,
	.start = intake_start,
	.take = intake_take,
	.idle = intake_idle,
	.fd = intake_fd,
	.stop = intake_stop,
};
