/*
 * daemon/role_query.c - the role query: answers tools on the control socket.
 * Trusts the kernel for who asks; no byte of what is asked. Called by one.c
 * and by the process of its own.
 *
 * It never waits for a peer: who reads slowly holds only his own answer, who
 * says nothing is shut out after a while, and no statement of the journal
 * stays open while an answer is on its way.
 */
#include "src/daemon/control.h"
#include "src/daemon/query.h"
#include "src/daemon/role.h"
#include "src/base/fsx.h"
#include "src/base/log.h"
#include "src/wire/msg.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS     32
#define STRANGERS   8 /* of them, who may ask nothing */
#define EVENTS      16
#define ROUNDS      8      /* of events before the other roles have a turn */
#define PATIENCE    60000  /* ms that a peer may say or read nothing */
#define OPERATE_MAX 60000  /* ms that the spool may need for a page */
#define RELOAD_MAX  120000 /* ms that a reload may take */

struct client {
	int fd; /* -1: free */
	unsigned int rights;
	char in[QUESTION_MAX + 1];
	size_t len;
	struct buf out;
	size_t sent;
	uint64_t asked; /* what another role has not answered yet; 0: none */
	uint32_t uid;
	char verb[16]; /* of an act that was asked */
	int64_t until; /* monotonic */
};

struct query_self {
	struct query query;
	int listener, epoll;
	struct client client[CLIENTS];
	struct control_allow allow[CONF_ALLOWS];
	unsigned int nallow;
	uint64_t asked; /* the last number given to a reload */
	bool listening; /* a place is free */
	bool next;      /* another one answers until we are told to */
};

static bool
watch(struct query_self *s, int op, int fd, uint32_t events, void *of)
{
	struct epoll_event e = { .events = events, .data.ptr = of };

	return epoll_ctl(s->epoll, op, fd, &e) == 0;
}

static void
client_close(struct query_self *s, struct client *c)
{
	(void)close(c->fd);
	c->fd = -1;
	buf_clear(&c->out);
	/* A place is free: whoever waits at the door may come in. */
	if (!s->listening)
		s->listening =
		    watch(s, EPOLL_CTL_MOD, s->listener, EPOLLIN, NULL);
}

/* Reading stops while an answer is under way: one question at a time. */
static void
client_watch(struct query_self *s, struct client *c)
{
	uint32_t events = c->sent < c->out.len ? EPOLLOUT
			  : c->asked != 0      ? 0
					       : EPOLLIN;

	if (!watch(s, EPOLL_CTL_MOD, c->fd, events, c))
		client_close(s, c);
}

/*
 * A place for one with these rights. Whoever has none is told so, but many of
 * them do not keep out those who have some.
 */
static struct client *
place_find(struct query_self *s, unsigned int rights)
{
	struct client *c = NULL;
	unsigned int strangers = 0;

	for (int i = 0; i < CLIENTS; i++) {
		if (s->client[i].fd < 0)
			c = &s->client[i];
		else if (s->client[i].rights == 0)
			strangers++;
	}
	return rights == 0 && strangers >= STRANGERS ? NULL : c;
}

static void
client_in(struct role *r, int fd)
{
	struct query_self *s = r->self;
	uint32_t uid = UINT32_MAX;
	unsigned int rights = control_rights(fd, s->allow, s->nallow, &uid);
	struct client *c = place_find(s, rights);

	if (c == NULL || !watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c)) {
		(void)close(fd);
		return;
	}
	*c = (struct client){ .fd = fd,
		.rights = rights,
		.uid = uid,
		.until = clock_mono(r->clock) + PATIENCE };
	buf_init(&c->out, ANSWER_MAX);
}

static void
clients_accept(struct role *r)
{
	struct query_self *s = r->self;
	int fd;

	for (int i = 0; i < CLIENTS; i++) {
		bool room = false;

		for (int k = 0; k < CLIENTS; k++)
			room = room || s->client[k].fd < 0;
		if (!room) {
			/* Not asked again until somebody leaves. */
			s->listening =
			    !watch(s, EPOLL_CTL_MOD, s->listener, 0, NULL);
			return;
		}
		fd = accept4(
		    s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		client_in(r, fd);
	}
}

/* What stands in out, as far as the peer takes it. */
static void
client_send(struct role *r, struct client *c)
{
	struct query_self *s = r->self;

	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.p + c->sent,
		    c->out.len - c->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			client_close(s, c);
			return;
		}
		c->sent += (size_t)n;
		c->until = clock_mono(r->clock) + PATIENCE;
	}
	if (c->sent == c->out.len) {
		buf_clear(&c->out);
		c->sent = 0;
	}
	client_watch(s, c);
}

static void
client_end(struct role *r, struct client *c, enum rc rc, struct err *err)
{
	answer_end(&c->out, rc, (struct slice){ NULL, 0 }, err);
	client_send(r, c);
}

static void
reload_ask(struct role *r, struct client *c)
{
	struct query_self *s = r->self;
	struct msg_RELOAD m = { .asked = ++s->asked };
	struct err err;
	enum rc rc =
	    wire_send(r->wire, ROLE_SUPERVISOR, MSG_RELOAD, &m, -1, &err);

	if (rc != RC_OK) {
		client_end(r, c, rc, &err);
		return;
	}
	c->asked = m.asked;
	c->verb[0] = '\0';
	c->until = clock_mono(r->clock) + RELOAD_MAX;
	client_watch(s, c);
}

/* Who asks is what the kernel says, whatever the question says. */
static void
operate_ask(struct role *r, struct client *c)
{
	struct query_self *s = r->self;
	struct msg_OPERATE m = s->query.operate;
	char by[32];
	struct err err;
	enum rc rc;

	(void)snprintf(by, sizeof(by), "uid=%u", c->uid);
	(void)snprintf(c->verb, sizeof(c->verb), "%.*s", SLICE_ARG(m.verb));
	m.asked = ++s->asked;
	m.by = slice_of(by);
	rc = wire_send(r->wire, ROLE_SPOOL, MSG_OPERATE, &m, -1, &err);
	if (rc != RC_OK) {
		client_end(r, c, rc, &err);
		return;
	}
	c->asked = m.asked;
	c->until = clock_mono(r->clock) + OPERATE_MAX;
	client_watch(s, c);
}

static void
client_line(struct role *r, struct client *c, size_t len)
{
	struct query_self *s = r->self;
	enum query_next next = query_answer(
	    &s->query, c->rights, (struct slice){ c->in, len }, &c->out);

	c->len -= len + 1;
	memmove(c->in, c->in + len + 1, c->len);
	if (next == QUERY_RELOAD)
		reload_ask(r, c);
	else if (next == QUERY_OPERATE)
		operate_ask(r, c);
	else
		client_send(r, c);
}

/* What it asked, one line after the other, as long as answers get away. */
static void
client_lines(struct role *r, struct client *c)
{
	struct query_self *s = r->self;

	while (c->fd >= 0 && c->out.len == 0 && c->asked == 0 && c->len > 0) {
		const char *end = memchr(c->in, '\n', c->len);

		if (end != NULL)
			client_line(r, c, (size_t)(end - c->in));
		else if (c->len > QUESTION_MAX)
			client_close(s, c);
		else
			break;
	}
}

static void
client_read(struct role *r, struct client *c)
{
	struct query_self *s = r->self;
	ssize_t n = recv(c->fd, c->in + c->len, sizeof(c->in) - c->len, 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		client_close(s, c);
		return;
	}
	c->len += (size_t)n;
	c->until = clock_mono(r->clock) + PATIENCE;
	client_lines(r, c);
}

static void
client_event(struct role *r, struct client *c, uint32_t events)
{
	struct query_self *s = r->self;

	if (c->fd < 0)
		return;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
		client_close(s, c);
	else if ((events & EPOLLIN) != 0)
		client_read(r, c);
	else if ((events & EPOLLOUT) != 0) {
		client_send(r, c);
		client_lines(r, c);
	}
}

/* --- the role --- */

static void
query_stop(struct role *r)
{
	struct query_self *s = r->self;

	if (s == NULL)
		return;
	for (int i = 0; i < CLIENTS; i++)
		if (s->client[i].fd >= 0) {
			(void)close(s->client[i].fd);
			buf_clear(&s->client[i].out);
		}
	if (s->listener >= 0)
		(void)close(s->listener);
	if (s->epoll >= 0)
		(void)close(s->epoll);
	query_clear(&s->query);
	free(s);
	r->self = NULL;
}

static enum rc
query_start(struct role *r, struct err *err)
{
	struct query_self *s = calloc(1, sizeof(*s));
	enum rc rc = RC_OK;

	if (s == NULL)
		return err_set(err, RC_LATER, "no memory for query");
	query_init(&s->query, r->conf, r->clock, true);
	for (int i = 0; i < CLIENTS; i++)
		s->client[i].fd = -1;
	s->listener = -1;
	/* No number is used again by the query of the next generation. */
	s->asked = (uint64_t)clock_wall(r->clock);
	s->listening = true;
	r->self = s;
	s->nallow = control_allows(r->conf, s->allow);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		rc = err_errno(err, RC_BROKEN, "epoll");
	if (rc == RC_OK)
		rc = control_listen(r->conf->control, s->nallow > 0,
		    &s->listener, &s->next, err);
	if (rc == RC_OK && !watch(s, EPOLL_CTL_ADD, s->listener, EPOLLIN, NULL))
		rc =
		    err_errno(err, RC_BROKEN, "control '%s'", r->conf->control);
	if (rc == RC_OK)
		log_event(LOG_NOTE, "query.listening", "control=\"%s\"%s",
		    r->conf->control, s->next ? " next=1" : "");
	else
		query_stop(r);
	return rc;
}

static void
text_copy(char out[QUERY_TEXT], struct slice s)
{
	(void)snprintf(out, QUERY_TEXT, "%.*s", SLICE_ARG(s));
}

static void
role_known(struct query *q, const struct msg_ROLE *m)
{
	struct query_role *known;

	if (m->role >= ROLES)
		return;
	known = &q->role[m->role];
	/* There are fewer in the set than there could be. */
	if (!known->known && m->pid == 0)
		return;
	known->known = true;
	known->pid = m->pid;
	known->restarts = m->restarts;
	known->generation = m->generation;
	text_copy(known->state, m->state);
	text_copy(known->sandbox, m->sandbox);
}

static void
reload_decided(struct role *r, const struct msg_RELOADED *m)
{
	struct query_self *s = r->self;
	enum rc rc = m->rc > RC_BROKEN ? RC_BROKEN : (enum rc)m->rc;
	struct err why;

	(void)err_set(&why, rc, "%.*s", SLICE_ARG(m->why));
	for (int i = 0; i < CLIENTS; i++) {
		struct client *c = &s->client[i];

		if (c->fd < 0 || c->asked == 0 || c->asked != m->asked)
			continue;
		c->asked = 0;
		if (rc == RC_OK)
			buf_fmt(&c->out,
			    "{\"row\":\"reload\",\"generation\":%llu}\n",
			    (unsigned long long)m->generation);
		client_end(r, c, rc, &why);
		client_lines(r, c);
	}
}

static void
operated_told(struct role *r, const struct msg_OPERATED *m)
{
	struct query_self *s = r->self;

	for (int i = 0; i < CLIENTS; i++) {
		struct client *c = &s->client[i];

		if (c->fd < 0 || c->asked == 0 || c->asked != m->asked)
			continue;
		c->asked = 0;
		query_operated(m, slice_of(c->verb), &c->out);
		client_send(r, c);
		client_lines(r, c);
	}
}

/*
 * The supervisor tells only the query that counts: to hear of ourselves is to
 * be it. Until then the one of the generation before answers.
 */
static enum rc
role_told(struct role *r, const struct msg_ROLE *m, struct err *err)
{
	struct query_self *s = r->self;

	role_known(&s->query, m);
	if (!s->next || m->role != ROLE_QUERY || m->pid != (uint32_t)getpid())
		return RC_OK;
	s->next = false;
	return control_take(r->conf->control, err);
}

static enum rc
query_take(struct role *r, struct msg *m, struct err *err)
{
	switch (m->type) {
	case MSG_ROLE:
		return role_told(r, m->body, err);
	case MSG_OPERATED:
		operated_told(r, m->body);
		return RC_OK;
	case MSG_RELOADED:
		reload_decided(r, m->body);
		return RC_OK;
	case MSG_DRAIN:
		/* Nothing here is owed to anybody; it answers to the end. */
		return wire_send(r->wire, ROLE_SUPERVISOR, MSG_DRAINED,
		    &(struct msg_DRAINED){ 0 }, -1, err);
	default:
		return RC_OK;
	}
}

static enum rc
too_late(const struct client *c, struct err *err)
{
	if (c->verb[0] == '\0')
		return err_set(err, RC_LATER,
		    "the reload is not decided after %d s", RELOAD_MAX / 1000);
	return err_set(err, RC_LATER,
	    "the spool has not answered to '%s' after %d s: look, and repeat",
	    c->verb, OPERATE_MAX / 1000);
}

/* Who is over his time goes; the soonest of the others is when to look. */
static void
clients_due(struct role *r, int64_t *due)
{
	struct query_self *s = r->self;
	int64_t now = clock_mono(r->clock);

	for (int i = 0; i < CLIENTS; i++) {
		struct client *c = &s->client[i];
		struct err err;

		if (c->fd < 0)
			continue;
		if (now >= c->until && c->asked != 0) {
			c->asked = 0;
			c->until = now + PATIENCE;
			client_end(r, c, too_late(c, &err), &err);
		} else if (now >= c->until)
			client_close(s, c);
		if (c->fd >= 0 && (*due == 0 || c->until < *due))
			*due = c->until;
	}
}

static enum rc
query_idle(struct role *r, int64_t *due, bool *worked, struct err *err)
{
	struct query_self *s = r->self;
	struct epoll_event e[EVENTS];

	for (int round = 0; round < ROUNDS; round++) {
		int n = epoll_wait(s->epoll, e, EVENTS, 0);

		if (n < 0 && errno != EINTR)
			return err_errno(err, RC_BROKEN, "epoll");
		if (n <= 0)
			break;
		*worked = true;
		for (int i = 0; i < n; i++)
			if (e[i].data.ptr == NULL)
				clients_accept(r);
			else
				client_event(r, e[i].data.ptr, e[i].events);
	}
	clients_due(r, due);
	return RC_OK;
}

static int
query_fd(struct role *r)
{
	const struct query_self *s = r->self;

	return s->epoll;
}

const struct role_ops role_query = {
	.id = ROLE_QUERY,
	.start = query_start,
	.take = query_take,
	.idle = query_idle,
	.fd = query_fd,
	.stop = query_stop,
};
