/*
 * wire/sockets.c - links between processes: SEQPACKET sockets, a descriptor
 * beside a message. Trusts no peer: what is not a message of the table closes
 * its link. Called by role_process.c and the supervisor.
 */
#include "src/wire/wire_in.h"
#include "src/wire/msg.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_ROOM 4 /* more than one is an error, but is then closed */

struct wire *
wire_sockets(enum role_id self, const int fds[ROLES])
{
	struct wire *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->self = self;
	queue_init(&w->in);
	for (unsigned int i = 0; i < ROLES; i++) {
		w->link[i].fd = fds[i];
		queue_init(&w->link[i].out);
	}
	return w;
}

static void
link_close(struct link *l)
{
	struct queued *e;

	while ((e = queue_take(&l->out)) != NULL) {
		if (e->fd >= 0)
			(void)close(e->fd);
		free(e);
	}
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

void
wire_free(struct wire *w)
{
	struct msg *m;

	if (w == NULL)
		return;
	while ((m = wire_next(w)) != NULL)
		msg_free(m);
	for (unsigned int i = 0; i < ROLES; i++)
		link_close(&w->link[i]);
	free(w);
}

int
wire_fd(const struct wire *w, enum role_id role)
{
	return (unsigned int)role < ROLES ? w->link[role].fd : -1;
}

void
wire_relink(struct wire *w, enum role_id role, int fd)
{
	assert((unsigned int)role < ROLES);
	link_close(&w->link[role]);
	inbox_drop(w, role);
	w->link[role].fd = fd;
}

unsigned int
wire_waiting(const struct wire *w, enum role_id to)
{
	if ((unsigned int)to >= ROLES)
		return 0;
	if (w->exchange != NULL)
		return exchange_wire(w->exchange, to)->from[w->self];
	return w->link[to].out.n;
}

/* 1 sent, 0 no room now, -1 the peer is gone. */
static int
packet_send(int sock, struct slice raw, int fd)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)raw.p,
		.iov_len = raw.len };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		mh.msg_control = &control;
		mh.msg_controllen = sizeof(control.room);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	/* too many descriptors in flight, or no buffer: both pass */
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ||
	    errno == ETOOMANYREFS)
		return 0;
	return -1;
}

static enum rc
packet_keep(struct link *l, struct slice raw, int fd, struct err *err)
{
	struct queued *e = malloc(sizeof(*e) + raw.len);

	if (e == NULL)
		return err_set(err, RC_LATER, "no memory for a message");
	memcpy(e + 1, raw.p, raw.len);
	*e = (struct queued){ .fd = fd,
		.bytes = { (const char *)(e + 1), raw.len } };
	queue_add(&l->out, e);
	return RC_OK;
}

/*
 * A message to a peer that is gone is dropped: it will be started again, and
 * told again what it needs.
 */
enum rc
socket_send(
    struct wire *w, enum role_id to, struct slice raw, int fd, struct err *err)
{
	struct link *l = &w->link[to];
	int sent = 0;

	if (l->fd < 0) {
		if (fd >= 0)
			(void)close(fd);
		return RC_OK;
	}
	if (l->out.n >= LINK_MAX)
		return err_set(err, RC_LATER, "%u messages wait for %s",
		    l->out.n, role_name(to));
	if (l->out.n == 0)
		sent = packet_send(l->fd, raw, fd);
	if (sent == 0)
		return packet_keep(l, raw, fd, err);
	if (fd >= 0)
		(void)close(fd);
	return RC_OK;
}

static void
link_flush(struct link *l)
{
	while (l->fd >= 0 && l->out.n > 0) {
		int sent =
		    packet_send(l->fd, l->out.head->bytes, l->out.head->fd);
		struct queued *e;

		if (sent == 0)
			return;
		e = queue_take(&l->out);
		if (e->fd >= 0)
			(void)close(e->fd);
		free(e);
	}
}

enum rc
wire_flush(struct wire *w, struct err *err)
{
	(void)err;
	for (unsigned int i = 0; i < ROLES; i++)
		link_flush(&w->link[i]);
	return RC_OK;
}

/* The first descriptor into *fd, how many came; the others are closed. */
static unsigned int
fds_take(struct msghdr *mh, int *fd)
{
	unsigned int n = 0;

	*fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int got;

			memcpy(
			    &got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (n++ == 0)
				*fd = got;
			else
				(void)close(got);
		}
	}
	return n;
}

/* RC_LATER: nothing waits. */
static enum rc
packet_take(struct wire *w, enum role_id from, struct err *err)
{
	static char raw[WIRE_MAX]; /* one thread; not kept between calls */
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(FDS_ROOM * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = raw, .iov_len = sizeof(raw) };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room) };
	struct msg *m;
	ssize_t n;
	int fd;
	enum rc rc;

	do
		n = recvmsg(
		    w->link[from].fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return RC_LATER;
	if (n <= 0)
		return err_set(err, RC_REFUSED, "%s is gone", role_name(from));
	if (fds_take(&mh, &fd) > 1 ||
	    (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return err_set(err, RC_REFUSED,
		    "message from %s: too large, or too many descriptors",
		    role_name(from));
	}
	rc = msg_decode(
	    &m, from, w->self, (struct slice){ raw, (size_t)n }, fd, err);
	if (rc == RC_LATER && fd >= 0)
		(void)close(fd);
	if (rc == RC_OK) {
		rc = inbox_add(w, m, err);
		if (rc != RC_OK)
			msg_free(m);
	}
	/* out of memory in the middle of a link: it is started afresh */
	return rc == RC_LATER ? RC_REFUSED : rc;
}

enum rc
wire_fill(struct wire *w, int fd, struct err *err)
{
	for (unsigned int i = 0; i < ROLES; i++) {
		enum rc rc = RC_OK;

		if (fd < 0 || w->link[i].fd != fd)
			continue;
		while (rc == RC_OK && w->from[i] < LINK_MAX)
			rc = packet_take(w, (enum role_id)i, err);
		if (rc == RC_REFUSED || rc == RC_BROKEN) {
			link_close(&w->link[i]);
			return RC_REFUSED;
		}
	}
	return RC_OK;
}
