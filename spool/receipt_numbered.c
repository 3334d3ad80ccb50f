/*
 * spool/receipt_numbered.c - CONTRL: what an agency's translator says of an
 * interchange of ours, by the control number that the delivery drew, and of
 * its messages, which the envelope numbered from 1 in the order of the legs
 * (src/wrap). Trusts those two. Called by receipt.c.
 */
#include "spool/receipt.h"
#include "src/base/log.h"

#define LEGS_MAX 10000 /* of one delivery that hear of it */

static struct slice
key_named(const struct claim_receipt *c, const char *name)
{
	for (uint32_t i = 0; i < c->nkeys; i++)
		if (slice_is(c->key_of[i].name, name))
			return c->key_of[i].text;
	return (struct slice){ 0 };
}

/* Of sender, receiver, interchange and message, which the key joins. */
static struct slice
number_of(const struct claim_receipt *c, unsigned int place)
{
	struct slice key = key_named(c, "message"), one = { 0 };

	if (key.len == 0)
		key = key_named(c, "interchange");
	for (unsigned int i = 0; i < place; i++)
		one = slice_cut(&key, 0x1f);
	return one;
}

#define INTERCHANGE 3 /* its place in both keys */
#define MESSAGE     4

bool
receipt_numbered(const struct claim_receipt *c)
{
	return number_of(c, INTERCHANGE).len > 0;
}

/* Has this very file said something of the leg? */
static bool
told_by(struct batch *b, const struct incoming *in, uint64_t id)
{
	struct leg_row leg;
	struct slice rest;
	struct entry e;
	struct err ignored;

	if (leg_get(b->s, id, &leg, &ignored) != RC_OK)
		return true;
	rest = leg.history;
	while (history_next(&rest, &e))
		if (!e.copied && e.arrival == in->arrival)
			return true;
	return false;
}

/*
 * Each format may have a sequence of its own: then two interchanges have one
 * number, and it is the one that waits, if the other does not.
 */
static int64_t
delivery_numbered(
    struct spool *s, struct slice partner, uint64_t number, const char **why)
{
	sqlite3_stmt *st = journal_ask(
	    &s->j, SQL_DELIVERY_NUMBERED, "ti", partner, (int64_t)number);
	unsigned int n = 0, waits = 0;
	int64_t id = 0;

	while (st != NULL) {
		bool waiting = column_int(st, 1) != 0;

		if (n++ == 0 || (waiting && waits == 0))
			id = column_int(st, 0);
		waits += waiting;
		if (!journal_more(&s->j, st))
			st = NULL;
	}
	if (n < 2 || waits == 1)
		return id;
	*why = "two interchanges of ours have that number";
	return 0;
}

enum rc
numbered_apply(struct batch *b, const struct incoming *in, unsigned int *found,
    const char **why, struct err *err)
{
	struct spool *s = b->s;
	struct claim_receipt bare = *in->c;
	struct incoming one = *in;
	struct slice message = number_of(in->c, MESSAGE);
	uint64_t number, nth = 0, leg = 0;
	int64_t delivery = 0;
	enum rc rc = RC_OK;

	*found = 0;
	*why = "no interchange or message of ours has that number";
	/* The envelope's numbers are no keys of a filing: nothing to learn. */
	bare.nkeys = 0;
	one.c = &bare;
	if (slice_u64(number_of(in->c, INTERCHANGE), &number) &&
	    number <= INT64_MAX)
		delivery = delivery_numbered(s, in->partner, number, why);
	if (delivery == 0 || (message.len > 0 && !slice_u64(message, &nth)))
		return journal_rc(&s->j, err);
	for (uint64_t n = 1; rc == RC_OK && n <= LEGS_MAX; n++) {
		leg = (uint64_t)journal_number(&s->j, SQL_LEG_OF_DELIVERY, 0,
		    "ii", delivery, (int64_t)leg);
		if (leg == 0)
			break;
		if (message.len > 0 ? n != nth : told_by(b, in, leg))
			continue;
		++*found;
		rc = receipt_matched(b, &one, leg, err);
	}
	/* All that it is about were named before: still it was understood. */
	if (message.len == 0 && leg == 0)
		*found += 1;
	return rc;
}

enum rc
numbered_reply(struct batch *b, const struct incoming *in, struct err *err)
{
	struct spool *s = b->s;
	struct slice number = number_of(in->c, INTERCHANGE);
	bool refused = slice_is(in->c->outcome, "refused");
	char id[ID_TEXT];
	uint64_t delivery = 0;
	bool ours = id_parse(number, &delivery) &&
		    journal_number(&s->j, SQL_DELIVERY_OF, 0, "it",
			(int64_t)delivery, in->partner) != 0;

	event_add(s, "reply.control delivery=%s partner=%.*s status=%.*s",
	    ours ? id_print(delivery, id) : "unknown", SLICE_ARG(in->partner),
	    SLICE_ARG(slice_sub(in->c->status, 0, 20)));
	if (ours && refused)
		log_event(LOG_ALARM, "reply.refused",
		    "delivery=%s partner=%.*s", id, SLICE_ARG(in->partner));
	return journal_rc(&s->j, err);
}
