/*
 * daemon/pipeline_edifact.c - an arrival of interchanges, each of messages: one
 * message is one filing. Trusts nothing in them. Called by pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/read/read.h"
#include "src/syntax/edifact.h"

#define INTERCHANGES 1000 /* in one arrival */

static enum rc
message_pass(struct passage *x, const struct edifact_interchange *i,
    const struct edifact_message *m)
{
	struct wnode *tree;

	x->message = m;
	if (filing_left_out(x))
		return RC_OK;
	x->plan = identify_message(x->may, x->nmay, m);
	if (x->plan == NULL) {
		char said[64];

		x->plan = identify_message(x->p->plan, x->p->nplans, m);
		return format_unknown(
		    x, identify_said(m, said), m->at, m->span);
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

		memset(&i, 0, sizeof(i));
		x->interchange = &i;
		x->message = NULL;
		if (edifact_scan(&i, &x->text, at, x->mem, x->said, &why) !=
			RC_OK ||
		    i.refused || i.nmessages == 0) {
			x->plan = NULL;
			return filing_refused(x, at, whole - at);
		}
		rc = interchange_pass(x, &i);
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
