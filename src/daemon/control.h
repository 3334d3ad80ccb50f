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
#include "src/conf/conf.h"

/*
 * A listening socket for this path, not blocking; mode 0660, or 0666 when
 * others than our group may do something. While a daemon
 * answers there *next is set: ours stands beside it, as PATH.next, until
 * control_take(). What a dead one left behind is put away.
 */
enum rc control_listen(
    const char *path, bool others, int *fd, bool *next, struct err *) MUST_USE;
/* PATH.next is at PATH from now on; whoever listened there goes. */
enum rc control_take(const char *path, struct err *) MUST_USE;
/* RC_LATER: nobody answers there: no daemon runs. */
enum rc control_connect(const char *path, int *fd, struct err *) MUST_USE;
/* Lines of allow, their names looked up while that is still possible. */
struct control_allow {
	unsigned int rights;
	bool group;
	uint32_t id;
};
/* How many of them; a name that the system does not know allows nobody. */
unsigned int control_allows(const struct conf *, struct control_allow *out);
/*
 * What the peer may do (enum right): root and our own user all, others of our
 * group view, and whoever an allow names what it says.
 */
unsigned int control_rights(
    int fd, const struct control_allow *, unsigned int n, uint32_t *uid);

#endif
