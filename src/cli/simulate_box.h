/*
 * cli/simulate_box.h - the four folders of the simulated import client.
 *
 * A file is taken from OutBox as it stands there, kept in SentBox or FailBox,
 * never replaced; an answer is written under a name ending in .tmp and then
 * renamed, as the real client does.
 */
#ifndef CLI_SIMULATE_BOX_H
#define CLI_SIMULATE_BOX_H

#include <stdbool.h>
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/conf/conf.h"

struct sim_box {
	int out, in, sent, fail; /* OutBox InBox SentBox FailBox */
	int watch;               /* inotify on OutBox */
};

enum rc sim_box_open(
    struct sim_box *, const struct conf_partner *, struct err *) MUST_USE;
void sim_box_close(struct sim_box *);
/* The next name after `after` ("": the first) in OutBox; false: none. */
bool sim_box_next(struct sim_box *, const char *after, char name[256]);
enum rc sim_box_read(
    struct sim_box *, const char *name, struct buf *, struct err *) MUST_USE;
/* Move it away; a second file of the same name is kept beside the first. */
enum rc sim_box_move(
    struct sim_box *, const char *name, bool failed, struct err *) MUST_USE;
enum rc sim_box_write(
    struct sim_box *, const char *name, struct slice, struct err *) MUST_USE;

#endif
