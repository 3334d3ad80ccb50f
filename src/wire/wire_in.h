/*
 * wire/wire_in.h - what the two kinds of links share: an inbox, and what is
 * behind a struct wire. Only for src/wire.
 */
#ifndef WIRE_WIRE_IN_H
#define WIRE_WIRE_IN_H

#include "src/wire/wire.h"

#define LINK_MAX 1024 /* messages that wait on one link */

/* A waiting message; its bytes are decoded (inbox) or not yet sent. */
struct queued {
	struct queued *next;
	struct msg *msg;    /* inbox */
	int fd;             /* outbox: goes with the bytes, -1 */
	struct slice bytes; /* outbox: in the same piece of memory */
};

struct queue {
	struct queued *head, **tail;
	unsigned int n;
};

struct link {
	int fd;           /* -1: no link */
	struct queue out; /* no room in the socket yet */
};

struct wire {
	enum role_id self;
	struct exchange *exchange; /* NULL: sockets */
	struct queue in;
	unsigned int from[ROLES]; /* waiting in the inbox, by sender */
	struct link link[ROLES];
	bool gathers; /* messages wait for wire_flush() */
};

void queue_init(struct queue *);
void queue_add(struct queue *, struct queued *);
struct queued *queue_take(struct queue *); /* NULL: empty */
/* RC_LATER: no memory; the message is still the caller's. */
enum rc inbox_add(struct wire *, struct msg *, struct err *) MUST_USE;
void inbox_drop(struct wire *, enum role_id from); /* what waits of it */
/* The two ways of wire_send(), after msg_encode(). */
enum rc exchange_send(struct wire *, enum role_id to, struct slice raw, int fd,
    struct err *) MUST_USE;
enum rc socket_send(struct wire *, enum role_id to, struct slice raw, int fd,
    struct err *) MUST_USE;

#endif
