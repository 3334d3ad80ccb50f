/*
 * daemon/take.h - one file on its way in, and intake's table of them. Called
 * by role_intake.c alone.
 */
#ifndef DAEMON_TAKE_H
#define DAEMON_TAKE_H

#include "src/base/id.h"
#include "src/base/log.h"
#include "src/daemon/door.h"
#include "src/daemon/role.h"
#include "src/intake/complete.h"

#define LATER_MS   1000 /* after "later": disk full, link full */
#define DOOR_TAKES 32   /* in flight, one door: its share */

enum take_state {
	TAKE_HALF,      /* told at start: look what the crash left */
	TAKE_ASKED,     /* TAKE is out */
	TAKE_ASIDE,     /* its row is on disk: to be moved aside */
	TAKE_ACCEPT,    /* moved: ACCEPT to be sent */
	TAKE_ACCEPTING, /* ACCEPT is out */
	TAKE_FORGET,    /* accepted: to be unlinked */
	TAKE_UNTAKE,    /* UNTAKE to be sent, then nothing more */
};

struct take {
	struct take *next;
	struct door *door;
	uint64_t id;
	enum take_state state;
	int64_t not_before; /* monotonic */
	struct fsx_mark mark;
	bool half; /* told at start: as many as there are, beside the share */
	bool accepted; /* of a half one */
	char name[COMPLETE_NAME_MAX + 1];
};

struct intake {
	struct idgen ids;
	struct door *door;
	unsigned int doors, turn;
	struct take *takes;
	unsigned int ntakes, halves; /* halves: some of them */
	unsigned int told_halves;    /* since our start, in all */
	uint64_t bytes;   /* of the takes in flight, but for halves */
	struct buf small; /* the file that is being taken, unless it is large */
	int inotify;
	bool told; /* all half takes were told: new ones may begin */
	bool draining, drained;
	int64_t later;   /* no new takes before (monotonic) */
	int64_t started; /* monotonic */
};

struct take *take_new(struct intake *, struct door *, uint64_t id,
    struct slice name, const struct fsx_mark *, enum take_state);
void take_end(struct intake *, struct take *);
struct take *take_find(struct intake *, uint64_t id);
/* A file of this name is on its way; the door is looked at again after it. */
bool take_is_under_way(struct intake *, struct door *, const char *name);
void take_log(
    const struct take *, enum log_level, const char *event, const char *why);
/* Does it wait for us (and not for the spool)? */
bool take_is_due(const struct take *);
/* Every take that is due does its next step. */
enum rc takes_step(struct role *, bool *worked, struct err *) MUST_USE;

#endif
