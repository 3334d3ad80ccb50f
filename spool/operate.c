/*
 * spool/operate.c - a page of things that a person means, and the line in the
 * audit chain that says who it was. Trusts the caller for the right of who
 * asks; the edges are checked as for everybody else. What is done to one thing
 * stands in operate_act.c. Called by the role spool and by tools on a stopped
 * spool.
 */
#include "spool/operate.h"
#include "spool/leg.h"
#include "spool/operate_act.h"
#include "spool/scheduler.h"
#include "spool/select.h"
#include <string.h>

#define WHY_MAX 200

static const struct {
	const char *name, *past;
} acts[OPERATE_VERBS] = {
#define ACT(verb, past) { #verb, past },
#include "spool/operate.def"
};

static const struct {
	enum operate_verb verb;
	enum state state;
} mays[] = {
#define MAY(verb, machine, state) { OPERATE_##verb, STATE_##machine##_##state },
#include "spool/operate.def"
};

const char *
operate_name(enum operate_verb v)
{
	return acts[v].name;
}

const char *
operate_past(enum operate_verb v)
{
	return acts[v].past;
}

enum operate_verb
operate_find(struct slice word)
{
	int v = 0;

	while (v < OPERATE_VERBS && !slice_is(word, acts[v].name))
		v++;
	return (enum operate_verb)v;
}

static bool
state_fits(enum operate_verb v, enum state st)
{
	for (size_t i = 0; i < sizeof(mays) / sizeof(mays[0]); i++)
		if (mays[i].verb == v && mays[i].state == st)
			return true;
	return false;
}

bool
operate_may(
    enum operate_verb v, const struct filter *f, const struct view_row *r)
{
	if (!state_fits(v, r->state))
		return false;
	switch (v) {
	case OPERATE_cancel:
		return r->machine != MACHINE_delivery ||
		       slice_is(r->kind, "legs") ||
		       filter_names(f, FILTER_kind) || filter_id(f) != 0;
	case OPERATE_retry:
		/* Nothing failed yet: its turn comes anyway. */
		return r->state != STATE_delivery_READY || r->why.len > 0;
	case OPERATE_refuse:
		/* One that a person has looked at, and that has filers. */
		return filter_id(f) != 0 && slice_is(r->kind, "legs");
	case OPERATE_redo:
		/* All of it is taken and gone: nothing would change. */
		return r->state != STATE_arrival_DONE || r->outcome.len > 0;
	default:
		return true;
	}
}

enum rc
attach_may(uint64_t receipt, struct slice from, bool unreadable, uint64_t leg,
    struct slice agency, struct err *err)
{
	char id[ID_TEXT];

	if (!slice_eq(agency, from))
		return err_set(err, RC_REFUSED,
		    "leg '%s' is one of '%.*s', the receipt came from '%.*s'",
		    id_print(leg, id), SLICE_ARG(agency), SLICE_ARG(from));
	if (unreadable)
		return err_set(err, RC_REFUSED,
		    "receipt '%s' could not be read: it says nothing of a leg",
		    id_print(receipt, id));
	return RC_OK;
}

/* --- one page --- */

static void
page_told(struct spool *s, const struct operation *op, enum machine m,
    unsigned int n, struct slice ids)
{
	char why[WHY_MAX + 1] = "";
	size_t len = op->why.len < WHY_MAX ? op->why.len : WHY_MAX;

	if (n == 0)
		return;
	if (len > 0)
		memcpy(why, op->why.p, len);
	for (size_t i = 0; i < len; i++)
		if (why[i] == '"')
			why[i] = '\''; /* it ends the value */
	event_add(s, "operator.%s by=%.*s what=%s n=%u why=\"%s\" ids=%.*s",
	    operate_name(op->verb), SLICE_ARG(op->by), machine_name(m), n, why,
	    SLICE_ARG(ids));
}

static enum rc
rows_act(struct batch *b, struct operation *op, const struct view_row *row,
    unsigned int n, struct operated *out, struct err *err)
{
	struct acting a = { .b = b, .op = op, .out = out };
	unsigned int told = 0;
	struct buf ids;
	enum rc rc = RC_OK;

	buf_init(&ids, AUDIT_LINE_MAX);
	a.touched = arena_get(b->s->mem, b->s->conf->npartners + 1);
	if (a.touched == NULL)
		return err_set(err, RC_LATER, "no memory");
	for (unsigned int i = 0; i < n && rc == RC_OK; i++) {
		uint32_t before = out->done;
		char id[ID_TEXT];

		if (!operate_may(op->verb, op->filter, &row[i]))
			continue;
		rc = operate_one(&a, &row[i], err);
		if (rc == RC_OK && out->done > before)
			buf_fmt(&ids, "%s%s", told++ == 0 ? "" : ",",
			    id_print(row[i].id, id));
	}
	if (rc == RC_OK)
		rc = operate_end(&a, err);
	if (rc == RC_OK)
		page_told(b->s, op, op->machine, told, buf_look(&ids));
	buf_clear(&ids);
	return rc;
}

/* Until something was looked at: kinds of which there is nothing cost none. */
static enum rc
page(struct batch *b, struct operation *op, struct operated *out,
    struct err *err)
{
	struct spool *s = b->s;
	struct view_row *row =
	    arena_get(s->mem, OPERATE_PAGE * sizeof(struct view_row));
	bool looked = false;
	enum rc rc = scheduler_fresh(s, err);

	if (row == NULL)
		return err_set(err, RC_LATER, "no memory");
	while (rc == RC_OK && op->machine < MACHINES && !looked) {
		struct select sel = { .filter = op->filter,
			.machine = op->machine,
			.after = op->after,
			.max = OPERATE_PAGE,
			.now = spool_time(s) };
		unsigned int n = 0;

		rc = select_page(&s->j, &sel, s->mem, row, &n, err);
		if (rc == RC_OK)
			rc = rows_act(b, op, row, n, out, err);
		looked = n > 0 || sel.next != 0;
		op->after = sel.next;
		op->machine += sel.next == 0;
	}
	return rc;
}

void
operate(struct batch *b, struct operation *op, struct operated *out,
    struct step *st)
{
	struct operation before = *op;

	*out = (struct operated){ 0 };
	if (!step_begin(b, st))
		return;
	step_end(b, st, page(b, op, out, &st->why));
	if (st->rc == RC_OK)
		return;
	*op = before;
	*out = (struct operated){ 0 };
}

/* --- a partner's doors --- */

static const char *
what_name(enum pause_what what)
{
	return what == PAUSE_INTAKE ? "intake" : "delivery";
}

static enum rc
pause(struct batch *b, struct slice partner, enum pause_what what, bool on,
    struct slice by, struct slice why, struct err *err)
{
	struct spool *s = b->s;

	if (conf_partner(s->conf, partner) == NULL)
		return err_set(
		    err, RC_REFUSED, "no partner '%.*s'", SLICE_ARG(partner));
	if (((partner_paused(s, partner) & what) != 0) == on)
		return RC_OK;
	if (on)
		journal_run(&s->j, SQL_PAUSE_SET, "ttitt", partner,
		    slice_of(what_name(what)), spool_wall(s), by,
		    slice_sub(why, 0, WHY_MAX));
	else
		journal_run(&s->j, SQL_PAUSE_END, "tt", partner,
		    slice_of(what_name(what)));
	if (on)
		event_add(s, "partner.paused partner=%.*s what=%s by=%.*s",
		    SLICE_ARG(partner), what_name(what), SLICE_ARG(by));
	else
		event_add(s, "partner.resumed partner=%.*s what=%s by=%.*s",
		    SLICE_ARG(partner), what_name(what), SLICE_ARG(by));
	scheduler_stale(s);
	return RC_OK;
}

void
partner_pause(struct batch *b, struct slice partner, enum pause_what what,
    bool on, struct slice by, struct slice why, struct step *st)
{
	if (step_begin(b, st))
		step_end(b, st, pause(b, partner, what, on, by, why, &st->why));
}

unsigned int
partner_paused(const struct spool *s, struct slice partner)
{
	struct journal *j = (struct journal *)(uintptr_t)&s->j;

	return (unsigned int)journal_number(j, SQL_PAUSED, 0, "t", partner);
}
