/*
 * daemon/pipeline_edifact.c - an arrival of interchanges, each of messages: one
 * message is one filing. Trusts nothing in them. Called by pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/read/read.h"
#include "src/syntax/edifact.h"
#include <stdio.h>

#define INTERCHANGES 1000 /* in one arrival */

static enum rc
message_pass(struct passage *x, const struct edifact_interchange *i,
    const struct edifact_message *m)
{
	struct wnode *tree;

	x->message = m;
	if (filing_left_out(x))
		return RC_OK;
	x->plan = identify_message(x->p->identify, x->turn, m);
	if (x->plan == NULL) {
		char said[64];

		x->plan = identify_message(x->p->identify, NULL, m);
		return format_unknown(
		    x, SYN_EDIFACT, identify_said(m, said), m->at, m->span);
	}
	tree = edifact_tree(&x->text, m->at, m->span, &i->chars, x->plan->table,
	    x->plan->tags, tree_memory(x, true), x->said);
	return tree == NULL ? filing_refused(x, m->at, m->span)
			    : tree_pass(x, tree);
}

static enum rc
unb_take(void *arg, struct record *record, struct findings *found, uint32_t at,
    uint32_t span)
{
	struct passage *x = arg;

	(void)found;
	(void)at;
	(void)span;
	if (record != NULL)
		x->transmission = record->root;
	return RC_OK;
}

/*
 * UNB by its own format. What it says wrongly is the scan's to judge: here a
 * sender or a date that cannot be read is simply not known.
 */
static void
unb_read(struct passage *x, const struct edifact_interchange *i)
{
	const struct plan *plan = x->p->interchange;
	struct findings aside;
	struct read_in in = { .plan = plan,
		.dir = formats_directory(x->p->formats),
		.text = &x->text,
		.base_year = x->a->base_year };
	struct err err;

	x->transmission = NULL;
	if (plan == NULL || !i->has_unb)
		return;
	findings_init(&aside, x->mem);
	in.tree = edifact_tree(&x->text, i->unb_at, i->unb_span, &i->chars,
	    plan->table, plan->tags, x->mem, &aside);
	if (in.tree != NULL &&
	    read_filings(&in, x->mem, unb_take, x, &err) != RC_OK)
		x->transmission = NULL;
}

static bool
party_is(const struct arrival_party *p, struct slice id, struct slice qual)
{
	return p->id == NULL ||
	       (slice_is(id, p->id) &&
		   (p->qualifier[0] == '\0' || slice_is(qual, p->qualifier)));
}

/* One of them is another than the configuration says. */
static void
party_wrong(struct passage *x, enum finding_kind kind,
    const struct arrival_party *want, struct slice id, struct slice qual,
    uint32_t at)
{
	bool sender = kind == FIND_OTHER_SENDER;
	struct slice none = { NULL, 0 };
	char found[80], wanted[80];
	struct finding *f;

	(void)snprintf(found, sizeof(found), "%.*s%s%.*s",
	    SLICE_ARG(slice_sub(id, 0, 40)), qual.len == 0 ? "" : ":",
	    SLICE_ARG(slice_sub(qual, 0, 8)));
	(void)snprintf(wanted, sizeof(wanted), "%.40s%s%.8s", want->id,
	    want->qualifier[0] == '\0' ? "" : ":", want->qualifier);
	f = finding_add(x->said, kind, none,
	    sender ? SLICE_LIT("UNB/S002") : SLICE_LIT("UNB/S003"),
	    slice_of(found), slice_of(wanted));
	f->text_at = at;
	f->text_span = (uint32_t)id.len;
	f->place.element = sender ? 2 : 3;
	f->fault = sender ? FAULT_SENDER : FAULT_RECIPIENT;
}

/* Not from whom, or not to whom it must be: it is refused as a whole. */
static void
parties_check(struct passage *x, struct edifact_interchange *i)
{
	const struct arrival_party *ours = &x->a->ours, *them = &x->a->theirs;

	if (!i->has_unb)
		return;
	if (!party_is(ours, i->receiver, i->receiver_qual)) {
		party_wrong(x, FIND_OTHER_RECIPIENT, ours, i->receiver,
		    i->receiver_qual, i->receiver_at);
		i->refused = true;
	}
	if (!party_is(them, i->sender, i->sender_qual)) {
		party_wrong(x, FIND_OTHER_SENDER, them, i->sender,
		    i->sender_qual, i->sender_at);
		i->refused = true;
	}
}

/*
 * What a CONTRL cannot say of one message it says of the interchange
 * (ISO 9735-4), so nothing of that may be used.
 */
static void
names_check(struct passage *x, struct edifact_interchange *i)
{
	const struct edifact_message *m = i->message;

	while (m != NULL && edifact_nameable(m))
		m = m->next;
	if (x->a->controlled && i->has_unb && m != NULL)
		i->refused = true;
}

static enum rc
interchange_pass(struct passage *x, const struct edifact_interchange *i)
{
	enum rc rc = RC_OK;

	unb_read(x, i);
	for (const struct edifact_message *m = i->message;
	     m != NULL && rc == RC_OK; m = m->next)
		rc = message_pass(x, i, m);
	return rc;
}

enum rc
edifact_pass(struct passage *x)
{
	uint32_t at = 0, whole;
	enum rc rc = arrival_decode(x, SYN_EDIFACT, identify_label(x->a->raw));

	if (rc != RC_OK)
		return filing_refused(x, 0, 0);
	whole = (uint32_t)x->text.utf8.len;
	for (unsigned int n = 0; n < INTERCHANGES && rc == RC_OK && at < whole;
	     n++) {
		struct edifact_interchange i;
		struct err why;
		enum rc scanned;

		memset(&i, 0, sizeof(i));
		x->interchange = &i;
		x->message = NULL;
		scanned = edifact_scan(
		    &i, &x->text, at, &x->p->service, x->mem, x->said, &why);
		if (scanned == RC_OK) {
			parties_check(x, &i);
			names_check(x, &i);
		}
		if (scanned != RC_OK)
			i.next_at = whole;
		if (scanned != RC_OK || i.refused || i.nmessages == 0) {
			x->plan = NULL;
			rc = filing_refused(x, at, i.next_at - at);
		} else {
			rc = interchange_pass(x, &i);
		}
		if (i.next_at <= at ||
		    slice_trim(slice_sub(x->text.utf8, i.next_at, whole)).len ==
			0)
			break;
		at = i.next_at;
	}
	if (rc == RC_OK && x->said->n > 0) {
		x->plan = NULL;
		x->interchange = NULL;
		x->message = NULL;
		rc = filing_refused(x, whole, 0);
	}
	return rc;
}
