/*
 * daemon/control.h - the control socket: its name, its listener, who is there.
 *
 * A path longer than a socket's address is reached through its open folder,
 * so a spool may lie as deep as it likes.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"

/*
 * A listening socket for this path, mode 0660, not blocking. While a daemon
 * answers there *next is set: ours stands beside it, as PATH.next, until
 * control_take(). What a dead one left behind is put away.
 */
enum rc control_listen(
    const char *path, int *fd, bool *next, struct err *) MUST_USE;
/* PATH.next is at PATH from now on; whoever listened there goes. */
enum rc control_take(const char *path, struct err *) MUST_USE;
/* RC_LATER: nobody answers there: no daemon runs. */
enum rc control_connect(const char *path, int *fd, struct err *) MUST_USE;
/*
 * What the peer may do (enum query_right): root and our own user all, others
 * of our group view, everybody else nothing.
 */
unsigned int control_rights(int fd, uint32_t *uid);

#endif
