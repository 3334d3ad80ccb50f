/*
 * daemon/door.h - one partner's drop folder as intake sees it: open or not
 * yet, when to look again, what is offered and not yet taken. Called by
 * role_intake.c alone.
 */
#ifndef DAEMON_DOOR_H
#define DAEMON_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include "src/transport/folder.h"

#define DOOR_OFFERS  16384 /* listed at once */
#define DOOR_CROWD   4096  /* names: with more it is not walked at each event */
#define DOOR_NAMES   100   /* but after a ms for so many */
#define DOOR_RESCAN  10000 /* ms; events can be lost, and folders mounted */
#define DOOR_AGAIN   5000  /* ms; so long a start is ago at the least */
#define DOOR_WAITS   1000  /* ms; something there is not whole yet */
#define DOOR_UNENDED 256   /* files remembered that lack their own end */
#define DOOR_UNREAD  64    /* files remembered that cannot be read */
#define DOOR_ALARM   60000 /* ms; so long one may be so before it is told */

struct unended {
	struct fsx_mark mark;
	uint32_t name;
};

struct unread {
	struct unended file;
	int64_t since; /* monotonic */
	bool told;
};

struct door {
	const struct conf_partner *partner;
	struct folder *folder; /* NULL: cannot be opened now */
	int watch;
	bool dirty;      /* something came: look as soon as possible */
	int64_t look_at; /* monotonic; look then in any case */
	int64_t walk_at; /* when the last walk through it began */
	int64_t rest_to; /* no further walk before */
	struct folder_offer *offer;
	size_t offers, next;
	struct unended unended[DOOR_UNENDED];
	unsigned int nunended;
	struct unread unread[DOOR_UNREAD];
	unsigned int nunread;
	unsigned int taking;    /* in flight, */
	unsigned int halves;    /* some of them since our start */
	bool again;             /* look again when the next of them ends */
	bool paused;            /* nothing is taken, by an operator */
	bool told;              /* that it cannot be opened */
	struct folder_id first; /* what its name meant at the start */
};

void door_init(struct door *, const struct conf_partner *);
void door_clear(struct door *);
/*
 * Open it if it is not, list it if that is due and all offers are used up.
 * RC_OK also when it cannot be opened: look_at says when it is tried again.
 */
enum rc door_look(struct door *, int inotify_fd, int64_t mono_ms,
    int64_t wall_ms, bool *looked, struct err *) MUST_USE;
/* May an event of this name mean that a file is whole? "": of the folder. */
bool door_heeds(const struct door *, const char *name);
/* Does the name mean another folder than at the start, or again one that was
 * moved away, and none is open? */
bool door_other(const struct door *);
/* The next offer, NULL: none. It stays the door's until the next call. */
const struct folder_offer *door_offer(struct door *);
void door_unoffer(struct door *); /* the last one is offered again */
/*
 * This offer could not be read: told once, when that stays so for a minute.
 * Whoever sets the rights after the name has that long to do it.
 */
void door_unread_add(struct door *, const struct folder_offer *,
    int64_t mono_ms, const char *why);
/* A file without its syntax's end: not read again until it changes. */
void door_unended_add(struct door *, const char *name, const struct fsx_mark *);

#endif
