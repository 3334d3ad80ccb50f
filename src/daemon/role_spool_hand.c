/*
 * daemon/role_spool_hand.c - a delivery handed to deliver: whole, or
 * piece by piece, what is large by a descriptor of its own body alone. Trusts
 * the spool. Called by role_spool.c.
 */
#include "src/daemon/role_spool.h"
#include "src/base/fsx.h"
#include "src/base/log.h"

/* Pieces first; a descriptor that is not to be had puts all of it off. */
static enum rc
pieces_hand(struct role *r, const struct delivery_out *d, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc = RC_OK;

	for (uint32_t i = 0; i < d->npieces && rc == RC_OK; i++) {
		const struct delivery_piece *p = &d->piece[i];
		struct msg_PIECE m = { .delivery = d->id,
			.partner = d->partner,
			.number = i,
			.file = p->file,
			.name = p->name,
			.len = p->len };
		int fd = spool_piece_fd(self->s, p, &m.at, err);

		if (fd < 0) {
			log_rc("delivery.piece", RC_LATER, err);
			spool_delivery_back(self->s, d->id);
			return RC_LATER;
		}
		rc = spool_say(r, ROLE_DELIVER, MSG_PIECE, &m, fd, err);
	}
	return rc;
}

enum rc
spool_hand_delivery(
    struct role *r, const struct delivery_out *d, struct err *err)
{
	struct spool_role *self = r->self;
	struct msg_DELIVER m = { .delivery = d->id,
		.partner = d->partner,
		.channel = SLICE_LIT("folder"),
		.name = d->name,
		.attempt = d->attempt,
		.reply = d->reply,
		.pieces = d->npieces };
	enum rc rc = pieces_hand(r, d, err);

	if (rc != RC_OK)
		return rc;
	rc = spool_say_bytes(r, ROLE_DELIVER, MSG_DELIVER, &m,
	    d->npieces > 0 ? (struct slice){ NULL, 0 } : d->body, err);
	if (rc == RC_LATER) {
		log_rc("delivery.memfd", RC_LATER, err);
		spool_delivery_back(self->s, d->id);
		return RC_LATER;
	}
	self->owed[ROLE_DELIVER]++;
	return rc;
}
