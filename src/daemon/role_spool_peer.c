/*
 * daemon/role_spool_peer.c - what the role spool tells others at their start,
 * what it forgets when they start again, and a new configuration. Trusts the
 * journal for what is outside, the supervisor for the text. Called by
 * role_spool.c.
 */
#include "src/daemon/role_spool.h"
#include <string.h>
#include <unistd.h>
#include "src/base/log.h"
#include "src/conf/conf.h"
#include "src/record/complaints.h"
#include "spool/operate.h"

#define CONF_MAX (4u << 20)

static enum rc
paused_tell(struct role *r, struct slice partner, bool on, struct err *err)
{
	struct msg_PAUSED m = { .partner = partner, .on = on };

	return spool_say(r, ROLE_INTAKE, MSG_PAUSED, &m, -1, err);
}

static enum rc
half_end(struct role *r, struct err *err)
{
	struct msg_HALF m = { 0 };

	return spool_say(r, ROLE_INTAKE, MSG_HALF, &m, -1, err);
}

struct teller {
	struct role *r;
	enum rc rc;
	struct err *err;
};

static void
half_told(void *arg, uint64_t arrival, struct slice partner,
    struct slice channel, struct slice name, bool accepted,
    const struct fsx_mark *mark)
{
	struct teller *t = arg;
	struct msg_HALF m = { .arrival = arrival,
		.partner = partner,
		.channel = channel,
		.name = name,
		.accepted = accepted,
		.dev = mark->dev,
		.ino = mark->ino,
		.size = mark->size,
		.mtime_ns = mark->mtime_ns };

	if (t->rc == RC_OK)
		t->rc = spool_say(t->r, ROLE_INTAKE, MSG_HALF, &m, -1, t->err);
}

enum rc
spool_greet_intake(struct role *r, struct err *err)
{
	struct spool_role *self = r->self;
	struct teller t = { r, RC_OK, err };
	enum rc rc = spool_half_taken(self->s, half_told, &t, err);

	if (rc == RC_OK)
		rc = t.rc;
	for (unsigned int i = 0; i < r->conf->npartners && rc == RC_OK; i++) {
		struct slice name = slice_of(r->conf->partner[i].name);

		if ((partner_paused(self->s, name) & PAUSE_INTAKE) != 0)
			rc = paused_tell(r, name, true, err);
	}
	return rc == RC_OK ? half_end(r, err) : rc;
}

static void
standing_told(void *arg, const struct delivery_out *d, bool staged)
{
	struct teller *t = arg;
	struct msg_STANDING m = { .delivery = d->id,
		.partner = d->partner,
		.channel = SLICE_LIT("folder"),
		.name = d->name,
		.staged = staged,
		.reply = d->reply,
		.size = d->size };

	for (uint32_t i = 0; i < d->npieces && t->rc == RC_OK; i++)
		t->rc = spool_say(t->r, ROLE_DELIVER, MSG_PIECE,
		    &(struct msg_PIECE){ .delivery = d->id,
			.partner = d->partner,
			.number = i,
			.file = d->piece[i].file,
			.name = d->piece[i].name },
		    -1, t->err);
	if (t->rc == RC_OK)
		t->rc =
		    spool_say(t->r, ROLE_DELIVER, MSG_STANDING, &m, -1, t->err);
}

enum rc
spool_greet_deliver(struct role *r, struct err *err)
{
	struct spool_role *self = r->self;
	struct teller t = { r, RC_OK, err };
	struct msg_STANDING end = { 0 };
	enum rc rc = spool_standing(self->s, standing_told, &t, err);

	if (rc == RC_OK)
		rc = t.rc;
	return rc == RC_OK
		   ? spool_say(r, ROLE_DELIVER, MSG_STANDING, &end, -1, err)
		   : rc;
}

/* --- others come and go --- */

enum rc
spool_peer(struct role *r, enum role_id who, struct err *err)
{
	struct spool_role *self = r->self;
	enum rc rc;

	spool_unsay(r, who);
	self->owed[who] = 0;
	if (who == ROLE_INTAKE)
		return spool_greet_intake(r, err);
	if (who == ROLE_DELIVER) {
		spool_flights_lost(self->s);
		return spool_greet_deliver(r, err);
	}
	if (who != ROLE_CONVERT)
		return RC_OK;
	/* A row names the generation whose mappings did the work. */
	self->open =
	    r->peer_generation != 0 && r->peer_generation == r->generation;
	rc = spool_commit(r, err);
	spool_results_forget(self);
	spool_orders_lost(self->s);
	return rc;
}

/* What a person does is rare: it has a commit of its own. */
enum rc
spool_operate(struct role *r, struct msg *m, struct err *err)
{
	const struct msg_OPERATE *o = m->body;
	struct spool_role *self = r->self;
	struct operate_asked asked = { .verb = o->verb,
		.filter = o->filter,
		.by = o->by,
		.words = o->words,
		.place = o->place,
		.to = o->to };
	struct operate_told t;
	struct msg_OPERATED answer = { .asked = o->asked };
	enum rc rc = spool_commit(r, err);

	if (rc != RC_OK)
		return rc;
	operate_answer(self->s, self->b, &asked, &t);
	if (t.rc == RC_BROKEN) {
		*err = t.why;
		return t.rc;
	}
	answer.rc = t.rc;
	answer.why = slice_of(t.rc == RC_OK ? "" : t.why.text);
	answer.done = t.n.done;
	answer.legs = t.n.legs;
	answer.busy = t.n.busy;
	answer.place = slice_of(t.place);
	if (t.rc == RC_OK && slice_is(o->to, "intake") && o->place.len == 0)
		rc = paused_tell(
		    r, o->filter, (t.paused & PAUSE_INTAKE) != 0, err);
	return rc == RC_OK
		   ? spool_say(r, ROLE_QUERY, MSG_OPERATED, &answer, -1, err)
		   : rc;
}

static enum rc
conf_take(struct role *r, int fd, struct conf **conf, struct err *err)
{
	struct complaints list;
	struct slice text;
	enum rc rc = fsx_memfd_map(fd, CONF_MAX, &text, err);

	if (rc != RC_OK)
		return rc;
	complaints_init(&list);
	rc = conf_parse(conf, r->conf->file, text, &list, err);
	complaints_clear(&list);
	fsx_unmap(text);
	return rc;
}

enum rc
spool_reload(struct role *r, struct msg *m, struct err *err)
{
	const struct msg_GENERATION *g = m->body;
	struct spool_role *self = r->self;
	struct conf *conf = NULL;
	enum rc rc = spool_commit(r, err);

	if (rc == RC_OK && m->fd >= 0)
		rc = conf_take(r, m->fd, &conf, err);
	if (rc == RC_OK)
		rc = spool_generation(self->s, conf != NULL ? conf : r->conf,
		    g->generation, g->mapping_version, err);
	if (rc == RC_REFUSED) {
		/* The running one stays (I31). */
		log_rc("generation.refused", rc, err);
		conf_free(conf);
		return RC_OK;
	}
	if (rc != RC_OK) {
		conf_free(conf);
		return rc;
	}
	r->generation = g->generation;
	self->open = true;
	if (conf == NULL)
		return RC_OK;
	conf_free(self->conf);
	self->conf = conf;
	r->conf = conf;
	return RC_OK;
}
