/*
 * daemon/role_spool_say.c - answers of the role spool: sent at once, or kept
 * while the link is full, so that no answer to a committed step is lost and
 * none overtakes another. Called by role_spool.c.
 */
#include "src/daemon/role_spool.h"
#include "src/base/fsx.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum rc
out_put(struct spool_role *self, struct msg *m, struct err *err)
{
	unsigned int cap = self->out_cap == 0 ? 64 : self->out_cap * 2;
	struct msg **p = self->out;

	if (self->nout == self->out_cap) {
		p = realloc(p, cap * sizeof(struct msg *));
		if (p == NULL) {
			msg_free(m);
			return err_set(
			    err, RC_BROKEN, "no memory for an answer");
		}
		self->out = p;
		self->out_cap = cap;
	}
	p[self->nout++] = m;
	return RC_OK;
}

static enum rc
keep(struct role *r, enum role_id to, enum msg_type type, const void *body,
    struct slice bytes, int fd, struct err *err)
{
	struct msg *m;
	struct buf b;
	enum rc rc;

	buf_init(&b, WIRE_MAX);
	rc = msg_encode(&b, type, ROLE_SPOOL, to, body, fd, err);
	if (rc == RC_OK && bytes.len > 0)
		rc = msg_encode_bytes(&b, type, bytes, err);
	if (rc == RC_OK)
		rc = msg_decode(&m, ROLE_SPOOL, to, buf_look(&b), fd, err);
	buf_clear(&b);
	if (rc == RC_OK)
		return out_put(r->self, m, err);
	if (fd >= 0 && rc == RC_LATER)
		close(fd);
	return RC_BROKEN;
}

enum rc
spool_say(struct role *r, enum role_id to, enum msg_type type, const void *body,
    int fd, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc = RC_LATER;

	if (self->nout == 0)
		rc = wire_send(r->wire, to, type, body, fd, err);
	if (rc == RC_LATER)
		return keep(
		    r, to, type, body, (struct slice){ NULL, 0 }, fd, err);
	if (rc != RC_OK && fd >= 0)
		close(fd);
	return rc;
}

/* RC_LATER: not even a memfd for them is to be had. */
enum rc
spool_say_bytes(struct role *r, enum role_id to, enum msg_type type,
    const void *body, struct slice bytes, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc = RC_LATER;
	int fd;

	if (bytes.len > WIRE_INLINE) {
		fd = fsx_memfd(msg_name(type), bytes, err);
		return fd < 0 ? RC_LATER
			      : spool_say(r, to, type, body, fd, err);
	}
	if (self->nout == 0)
		rc = wire_send_bytes(r->wire, to, type, body, bytes, err);
	return rc == RC_LATER ? keep(r, to, type, body, bytes, -1, err) : rc;
}

enum rc
spool_flush(struct role *r, struct err *err)
{
	struct spool_role *self = r->self;
	unsigned int done = 0;
	enum rc rc = RC_OK;

	while (done < self->nout && rc == RC_OK) {
		struct msg *m = self->out[done];

		rc = m->bytes.len > 0 ? wire_send_bytes(r->wire, m->to, m->type,
					    m->body, m->bytes, err)
				      : wire_send(r->wire, m->to, m->type,
					    m->body, m->fd, err);
		if (rc != RC_OK)
			break;
		m->fd = -1;
		msg_free(m);
		done++;
	}
	if (done > 0)
		memmove(self->out, self->out + done,
		    (self->nout - done) * sizeof(struct msg *));
	self->nout -= done;
	return rc == RC_LATER ? RC_OK : rc;
}

void
spool_unsay(struct role *r, enum role_id to)
{
	struct spool_role *self = r->self;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < self->nout; i++) {
		if (self->out[i]->to == to)
			msg_free(self->out[i]);
		else
			self->out[kept++] = self->out[i];
	}
	self->nout = kept;
}
