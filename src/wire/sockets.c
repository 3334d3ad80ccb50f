/*
 * wire/sockets.c - links between processes: SEQPACKET sockets. Trusts no peer:
 * what is not a message of the table closes its link. Called by role_process.c
 * and the supervisor.
 *
 * A packet is messages one behind the other, each with its length in front of
 * it (four bytes, little endian). One with a descriptor has its own packet.
 */
#include "src/wire/wire_in.h"
#include "src/wire/msg.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_ROOM     4  /* more than one is an error, but is then closed */
#define PACKETS      16 /* that cross with one call */
#define MESSAGES     64 /* that share a packet */
#define LENGTH       4u /* bytes in front of a message */
#define PACKET_ROOM  (LENGTH + WIRE_MAX)
#define PACKET_SMALL 16384 /* up to here another message joins */

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

struct packet {
	struct iovec iov[MESSAGES];
	union fd_room room;
};

/* The messages that go together from e on: how many. */
static unsigned int
packet_fill(struct packet *p, struct msghdr *mh, const struct queued *e)
{
	const struct queued *first = e;
	size_t bytes = 0;
	unsigned int n = 0;

	for (; e != NULL && n < MESSAGES; e = e->next, n++) {
		bytes += e->bytes.len;
		if (n > 0 &&
		    (first->fd >= 0 || e->fd >= 0 || bytes > PACKET_SMALL))
			break;
		p->iov[n].iov_base = (void *)(uintptr_t)e->bytes.p;
		p->iov[n].iov_len = e->bytes.len;
	}
	mh->msg_iov = p->iov;
	mh->msg_iovlen = n;
	if (first->fd >= 0)
		fd_put(mh, &p->room, first->fd);
	return n;
}

/*
 * How many messages are gone: sent, or to a peer that is not there; 0: no room
 * now.
 */
static unsigned int
packets_send(int sock, const struct queued *e)
{
	static struct packet packet[PACKETS]; /* one thread; not kept */
	struct mmsghdr mm[PACKETS];
	unsigned int n = 0, gone = 0;
	int sent;

	memset(mm, 0, sizeof(mm));
	for (; e != NULL && n < PACKETS; n++)
		for (unsigned int k =
			 packet_fill(&packet[n], &mm[n].msg_hdr, e);
		     k > 0; k--)
			e = e->next;
	do
		sent = sendmmsg(sock, mm, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	/* too many descriptors in flight, or no buffer: both pass */
	if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS ||
			    errno == ENOMEM || errno == ETOOMANYREFS))
		return 0;
	if (sent < 0)
		sent = (int)n;
	for (int i = 0; i < sent; i++)
		gone += (unsigned int)mm[i].msg_hdr.msg_iovlen;
	return gone;
}

static enum rc
packet_keep(struct link *l, struct slice raw, int fd, struct err *err)
{
	struct queued *e = malloc(sizeof(*e) + LENGTH + raw.len);
	unsigned char *p = (unsigned char *)(e + 1);

	if (e == NULL)
		return err_set(err, RC_LATER, "no memory for a message");
	for (unsigned int i = 0; i < LENGTH; i++)
		p[i] = (unsigned char)(raw.len >> (8 * i));
	memcpy(p + LENGTH, raw.p, raw.len);
	*e = (struct queued){ .fd = fd,
		.bytes = { (const char *)p, LENGTH + raw.len } };
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

/* RC_REFUSED: no message; the descriptor is closed then. */
static enum rc
message_take(struct wire *w, enum role_id from, struct slice raw, int fd,
    struct err *err)
{
	struct msg *m;
	enum rc rc = msg_decode(&m, from, w->self, raw, fd, err);

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

/* The next message of a packet; false: it does not end where it says. */
static bool
message_cut(struct slice *packet, struct slice *raw)
{
	size_t len = 0;

	if (packet->len < LENGTH)
		return false;
	for (unsigned int i = 0; i < LENGTH; i++)
		len |= (size_t)(unsigned char)packet->p[i] << (8 * i);
	if (len > packet->len - LENGTH)
		return false;
	*raw = slice_sub(*packet, LENGTH, len);
	*packet = slice_sub(*packet, LENGTH + len, packet->len);
	return true;
}

/* One that came; RC_REFUSED: its link is to be closed. */
static enum rc
packet_take(struct wire *w, enum role_id from, struct msghdr *mh,
    struct slice packet, struct err *err)
{
	struct slice raw;
	int fd;
	unsigned int fds = fds_take(mh, &fd);
	enum rc rc = RC_OK;

	if (packet.len == 0)
		rc = err_set(err, RC_REFUSED, "%s is gone", role_name(from));
	else if (fds > 1 || (mh->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		rc = err_set(err, RC_REFUSED,
		    "message from %s: too large, or too many descriptors",
		    role_name(from));
	while (rc == RC_OK && packet.len > 0) {
		bool cut = message_cut(&packet, &raw);

		if (!cut || (fd >= 0 && packet.len > 0)) {
			rc = err_set(err, RC_REFUSED,
			    "message from %s: not its length", role_name(from));
			break;
		}
		rc = message_take(w, from, raw, fd, err);
		fd = -1;
	}
	if (fd >= 0)
		(void)close(fd);
	return rc;
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
	static char raw[PACKETS][PACKET_ROOM];
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
		iov[i] = (struct iovec){ raw[i], PACKET_ROOM };
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
