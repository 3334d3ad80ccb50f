/*
 * wire/wire.h - messages between our roles, by processes or by a queue.
 *
 * One struct for each message and a union of them, made from msg.def. A link
 * is either a queue (one process, fake clock, crash tests) or a SEQPACKET
 * socket with descriptors beside. The receiver owns the descriptor of a
 * message it got; wire_send takes over the one given to it if it returns
 * RC_OK, else it is still the caller's (RC_LATER is to be tried again).
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include "src/base/rc.h"
#include "src/base/slice.h"

enum role_id {
	ROLE_SUPERVISOR,
	ROLE_SPOOL,
	ROLE_QUERY,
	ROLE_INTAKE,
	ROLE_CONVERT,
	ROLE_DELIVER,
	ROLE_VAULT,
	ROLE_WEB,
	ROLES,
	ROLE_ANY = ROLES
};

const char *role_name(enum role_id);

enum msg_type {
	MSG_NONE,
#define MSG(name, from, to, size, beside) MSG_##name,
#include "src/wire/msg.def"
	MSG_TYPES
};

#define WIRE_MAX    65536 /* DESIGN 4: the largest message */
#define WIRE_INLINE 32768 /* bytes beside it that need no memfd */

/*
 * struct msg_TAKE { uint64_t arrival; struct slice partner; ... } are
 * declared by wire/msg.h from the table. Slices point into the message.
 */
struct msg {
	enum msg_type type;
	enum role_id from, to;
	int fd;           /* -1: none */
	const void *body; /* the struct of the type */
	struct slice bytes;
	bool mapped;
	unsigned int holders; /* beside the first one */
	size_t len;
	unsigned char raw[]; /* encoded, for links by socket */
};

struct wire; /* the links of one role */

/* Encode and queue; RC_LATER: the link is full, ask again after a message. */
enum rc wire_send(struct wire *, enum role_id to, enum msg_type,
    const void *body, int fd, struct err *) MUST_USE;
/* With these bytes beside it. RC_LATER also: no memory for them. */
enum rc wire_send_bytes(struct wire *, enum role_id to, enum msg_type,
    const void *body, struct slice, struct err *) MUST_USE;
/* The next message, NULL when none waits; freed by msg_free (closes fd). */
struct msg *wire_next(struct wire *);
void msg_free(struct msg *); /* by the last who holds it */
struct msg *msg_hold(struct msg *);
/*
 * The bytes beside it, at most so many, as long as it is held. RC_REFUSED: more
 * than that, or in what is no sealed memfd.
 */
enum rc msg_bytes(
    struct msg *, size_t max, struct slice *, struct err *) MUST_USE;
/* How many messages to that role were sent and not yet taken. */
unsigned int wire_waiting(const struct wire *, enum role_id to);

/* One process: n roles with queues between them. */
struct exchange;
struct exchange *exchange_new(void);
void exchange_free(struct exchange *);
struct wire *exchange_wire(struct exchange *, enum role_id);
bool exchange_quiet(const struct exchange *); /* nothing waits anywhere */

/* Processes: a wire over sockets; fds by role, -1 where there is no link. */
struct wire *wire_sockets(enum role_id self, const int fds[ROLES]);
void wire_free(struct wire *); /* closes its sockets; accepts NULL */
/*
 * EPOLLIN on that socket: take in what waits there. RC_REFUSED: the peer is
 * gone, or said what is no message; its link is closed then.
 */
enum rc wire_fill(struct wire *, int fd, struct err *) MUST_USE;
/* From now on messages wait for wire_flush(): many go with one call. */
void wire_gather(struct wire *);
/*
 * Send what was gathered, or waited for room (EPOLLOUT). A peer that is gone is
 * no error.
 */
enum rc wire_flush(struct wire *, struct err *) MUST_USE;
int wire_fd(const struct wire *, enum role_id); /* -1: no link */
/*
 * The peer was started again: another socket (-1: none). Nothing waits: what
 * its predecessor said last is dropped, as if it had died before saying it.
 */
void wire_relink(struct wire *, enum role_id, int fd);

#endif
