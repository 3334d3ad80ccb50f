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

#define FDS_ROOM 4  /* more than one is an error, but is then closed */
#define PACKETS  16 /* that cross with one call */

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

union fd_room {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static void
fd_put(struct msghdr *mh, union fd_room *room, int fd)
{
	struct cmsghdr *c;

	memset(room, 0, sizeof(*room));
	mh->msg_control = room;
	mh->msg_controllen = sizeof(room->room);
	c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
}

/* How many of them are gone: sent, or to a peer that is not there; 0: no room
 * now. */
static unsigned int
packets_send(int sock, const struct queued *e)
{
	struct mmsghdr mm[PACKETS];
	struct iovec iov[PACKETS];
	union fd_room room[PACKETS];
	unsigned int n = 0;
	int sent;

	memset(mm, 0, sizeof(mm));
	for (; e != NULL && n < PACKETS; e = e->next, n++) {
		iov[n].iov_base = (void *)(uintptr_t)e->bytes.p;
		iov[n].iov_len = e->bytes.len;
		mm[n].msg_hdr.msg_iov = &iov[n];
		mm[n].msg_hdr.msg_iovlen = 1;
		if (e->fd >= 0)
			fd_put(&mm[n].msg_hdr, &room[n], e->fd);
	}
	do
		sent = sendmmsg(sock, mm, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return (unsigned int)sent;
	/* too many descriptors in flight, or no buffer: both pass */
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ||
	    errno == ETOOMANYREFS)
		return 0;
	return n;
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

static void
link_flush(struct link *l)
{
	while (l->fd >= 0 && l->out.n > 0) {
		unsigned int gone = packets_send(l->fd, l->out.head);

		if (gone == 0)
			return;
		for (; gone > 0; gone--) {
			struct queued *e = queue_take(&l->out);

			if (e->fd >= 0)
				(void)close(e->fd);
			free(e);
		}
	}
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
	enum rc rc;

	if (l->fd < 0) {
		if (fd >= 0)
			(void)close(fd);
		return RC_OK;
	}
	if (l->out.n >= LINK_MAX)
		return err_set(err, RC_LATER, "%u messages wait for %s",
		    l->out.n, role_name(to));
	rc = packet_keep(l, raw, fd, err);
	if (rc == RC_OK && !w->gathers)
		link_flush(l);
	return rc;
}

void
wire_gather(struct wire *w)
{
	w->gathers = true;
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

/* One that came; RC_REFUSED: its link is to be closed. */
static enum rc
packet_take(struct wire *w, enum role_id from, struct msghdr *mh,
    struct slice raw, struct err *err)
{
	struct msg *m;
	int fd;
	unsigned int fds = fds_take(mh, &fd);
	enum rc rc = RC_OK;

	if (raw.len == 0)
		rc = err_set(err, RC_REFUSED, "%s is gone", role_name(from));
	else if (fds > 1 || (mh->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		rc = err_set(err, RC_REFUSED,
		    "message from %s: too large, or too many descriptors",
		    role_name(from));
	if (rc != RC_OK) {
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	rc = msg_decode(&m, from, w->self, raw, fd, err);
	if (rc == RC_LATER && fd >= 0)
		(void)close(fd);
	if (rc == RC_OK) {
		rc = inbox_add(w, m, err);
		if (rc != RC_OK)
			msg_free(m);
	}
	/* out of memory in the middle of a link: it is started afresh */
	return rc == RC_OK ? RC_OK : RC_REFUSED;
}

static void
packet_drop(struct msghdr *mh)
{
	int fd;

	(void)fds_take(mh, &fd);
	if (fd >= 0)
		(void)close(fd);
}

/* Up to so many; RC_LATER: no more waits. */
static enum rc
packets_take(
    struct wire *w, enum role_id from, unsigned int most, struct err *err)
{
	/* one thread; not kept between calls */
	static char raw[PACKETS][WIRE_MAX];
	static union {
		struct cmsghdr head;
		char room[CMSG_SPACE(FDS_ROOM * sizeof(int))];
	} control[PACKETS];
	struct mmsghdr mm[PACKETS];
	struct iovec iov[PACKETS];
	unsigned int want = most < PACKETS ? most : PACKETS;
	enum rc rc = RC_OK;
	int n;

	memset(mm, 0, sizeof(mm));
	for (unsigned int i = 0; i < want; i++) {
		iov[i] = (struct iovec){ raw[i], WIRE_MAX };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
		mm[i].msg_hdr.msg_control = &control[i];
		mm[i].msg_hdr.msg_controllen = sizeof(control[i].room);
	}
	do
		n = recvmmsg(w->link[from].fd, mm, want,
		    MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return RC_LATER;
	if (n <= 0)
		return err_set(err, RC_REFUSED, "%s is gone", role_name(from));
	for (int i = 0; i < n; i++)
		if (rc == RC_OK)
			rc = packet_take(w, from, &mm[i].msg_hdr,
			    (struct slice){ raw[i], mm[i].msg_len }, err);
		else
			packet_drop(&mm[i].msg_hdr);
	return rc == RC_OK && (unsigned int)n < want ? RC_LATER : rc;
}

enum rc
wire_fill(struct wire *w, int fd, struct err *err)
{
	for (unsigned int i = 0; i < ROLES; i++) {
		enum rc rc = RC_OK;

		if (fd < 0 || w->link[i].fd != fd)
			continue;
		while (rc == RC_OK && w->from[i] < LINK_MAX)
			rc = packets_take(
			    w, (enum role_id)i, LINK_MAX - w->from[i], err);
		if (rc == RC_REFUSED || rc == RC_BROKEN) {
			link_close(&w->link[i]);
			return RC_REFUSED;
		}
	}
	return RC_OK;
}
