/*
 * wire/wire.c - a role's end of its links: sending and the inbox, the same for
 * both kinds. Trusts our own code. Called by every role.
 */
#include "src/wire/wire_in.h"
#include "src/wire/msg.h"
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>
#include "src/base/fsx.h"

void
queue_init(struct queue *q)
{
	*q = (struct queue){ .head = NULL };
	q->tail = &q->head;
}

void
queue_add(struct queue *q, struct queued *e)
{
	e->next = NULL;
	*q->tail = e;
	q->tail = &e->next;
	q->n++;
}

struct queued *
queue_take(struct queue *q)
{
	struct queued *e = q->head;

	if (e == NULL)
		return NULL;
	q->head = e->next;
	if (q->head == NULL)
		q->tail = &q->head;
	q->n--;
	return e;
}

enum rc
inbox_add(struct wire *w, struct msg *m, struct err *err)
{
	struct queued *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return err_set(err, RC_LATER, "no memory for a message");
	e->msg = m;
	e->fd = -1;
	queue_add(&w->in, e);
	w->from[m->from]++;
	return RC_OK;
}

void
inbox_drop(struct wire *w, enum role_id from)
{
	struct queue rest;
	struct queued *e;

	queue_init(&rest);
	while ((e = queue_take(&w->in)) != NULL) {
		if (e->msg->from != from) {
			queue_add(&rest, e);
			continue;
		}
		msg_free(e->msg);
		free(e);
	}
	queue_init(&w->in);
	while ((e = queue_take(&rest)) != NULL)
		queue_add(&w->in, e);
	w->from[from] = 0;
}

static enum rc
encoded_send(struct wire *w, enum role_id to, enum msg_type type,
    const void *body, struct slice bytes, int fd, struct err *err)
{
	struct buf raw;
	enum rc rc;

	assert((unsigned int)to < ROLES);
	buf_init(&raw, WIRE_MAX);
	rc = msg_encode(&raw, type, w->self, to, body, fd, err);
	if (rc == RC_OK && bytes.len > 0)
		rc = msg_encode_bytes(&raw, type, bytes, err);
	if (rc == RC_OK && w->exchange != NULL)
		rc = exchange_send(w, to, buf_look(&raw), fd, err);
	else if (rc == RC_OK)
		rc = socket_send(w, to, buf_look(&raw), fd, err);
	buf_clear(&raw);
	return rc;
}

enum rc
wire_send(struct wire *w, enum role_id to, enum msg_type type, const void *body,
    int fd, struct err *err)
{
	return encoded_send(
	    w, to, type, body, (struct slice){ NULL, 0 }, fd, err);
}

/* A memfd costs several times what it takes to copy as much as is small. */
enum rc
wire_send_bytes(struct wire *w, enum role_id to, enum msg_type type,
    const void *body, struct slice s, struct err *err)
{
	enum rc rc;
	int fd;

	if (s.len <= WIRE_INLINE)
		return encoded_send(w, to, type, body, s, -1, err);
	fd = fsx_memfd(msg_name(type), s, err);
	if (fd < 0)
		return RC_LATER;
	rc = wire_send(w, to, type, body, fd, err);
	if (rc != RC_OK)
		(void)close(fd);
	return rc;
}

struct msg *
wire_next(struct wire *w)
{
	struct queued *e = queue_take(&w->in);
	struct msg *m;

	if (e == NULL)
		return NULL;
	m = e->msg;
	w->from[m->from]--;
	free(e);
	return m;
}
