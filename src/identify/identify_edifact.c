/*
 * identify/identify_edifact.c - interchanges: the envelope's verdict first,
 * for all of the arrival, then each message by what its UNH says. Trusts
 * nothing.
 *
 * An interchange of 500 messages usually holds 500 of a kind: what the last
 * UNH was found to be is tried first.
 */
#include <stdio.h>
#include "src/format/guard.h"
#include "src/identify/parts.h"
#include "src/syntax/edifact.h"

#define INTERCHANGES_MAX 1000u

struct interchange {
	struct edifact_interchange x;
	struct findings findings; /* of the first pass, in mem */
	bool unreadable;          /* not even told apart */
	struct interchange *next;
};

struct edi {
	struct layer *l;
	struct interchange *first;
	const struct plan *envelope;
	const struct plan *last; /* what the last message was */
	const struct finding
	    *hint; /* of the encoding: for the first document */
};

/* The syntax identifier of UNB in the raw bytes: "UNOC". */
static struct slice
edi_label(struct slice raw)
{
	struct slice head = slice_sub(raw, 0, 256), none = { NULL, 0 };
	const char *unb = memmem(head.p, head.len, "UNB", 3);
	struct slice id;

	if (unb == NULL)
		return none;
	id = slice_sub(head, (size_t)(unb - head.p) + 4, 4);
	return id.len == 4 && id.p[0] == 'U' && id.p[1] == 'N' ? id : none;
}

static bool
is_interchange_plan(const struct plan *p)
{
	return p->syntax == SYN_EDIFACT && plan_is_envelope(p) &&
	       plan_has_root(p, SLICE_LIT("UNB"));
}

static const struct plan *
interchange_plan(const struct identify_in *in)
{
	for (unsigned int i = 0; i < in->nall; i++)
		if (is_interchange_plan(in->all[i]))
			return in->all[i];
	return NULL;
}

/* First pass over all of the text. */
static enum rc
edi_scan(struct edi *e)
{
	struct layer *l = e->l;
	struct interchange **link = &e->first;
	uint32_t at = 0, n = 0;

	while (at < l->text->utf8.len) {
		struct interchange *i = arena_get(l->mem, sizeof(*i));
		struct err why;
		enum rc rc;

		if (i == NULL)
			return err_set(
			    l->err, RC_LATER, "no memory for the interchange");
		findings_init(&i->findings, l->mem);
		rc = edifact_scan(
		    &i->x, l->text, at, l->mem, &i->findings, &why);
		if (rc == RC_LATER || rc == RC_BROKEN) {
			*l->err = why;
			return rc;
		}
		i->unreadable = rc == RC_REFUSED || ++n > INTERCHANGES_MAX;
		*link = i;
		link = &i->next;
		if (i->unreadable)
			break;
		at = i->x.next_at;
	}
	return RC_OK;
}

static void
finding_copy(struct findings *to, const struct finding *f)
{
	struct finding *c = arena_get(to->mem, sizeof(*c));

	if (c == NULL)
		return;
	*c = *f;
	c->next = NULL;
	if (to->last == NULL)
		to->first = c;
	else
		to->last->next = c;
	to->last = c;
	to->n++;
	to->errors += f->severity == SEV_ERROR;
	to->warnings += f->severity == SEV_WARNING;
	to->hints += f->severity == SEV_HINT;
}

static void
hint_give(struct edi *e, struct document *d)
{
	if (e->hint != NULL)
		finding_copy(d->findings, e->hint);
	e->hint = NULL;
}

/* A refused interchange is one document: none of its messages may be used. */
static enum rc
edi_refused(struct edi *e, struct interchange *i, struct wnode *unb)
{
	struct layer *l = e->l;
	struct slice none = { NULL, 0 };
	struct document d;
	enum rc rc = document_start(l, &d);

	if (rc != RC_OK)
		return rc;
	d.text = l->text;
	d.at = i->x.has_unb ? i->x.unb_at : 0;
	d.span = i->x.has_unb ? i->x.unb_span : 0;
	if (i->x.has_unb) {
		d.envelope = e->envelope;
		d.envelope_tree = unb;
	}
	hint_give(e, &d);
	for (const struct finding *f = i->findings.first; f; f = f->next)
		finding_copy(d.findings, f);
	if (d.findings->errors == 0)
		(void)finding_add(d.findings, FIND_LIMIT, none,
		    SLICE_LIT("the file"),
		    SLICE_LIT("more than 1000 interchanges"),
		    SLICE_LIT("1000"));
	return document_give(l, &d);
}

/* --- one message --- */

/* Does the message's UNH pass the format's guards? */
static bool
unh_fits(struct edi *e, const struct interchange *i, const struct plan *p,
    const struct edifact_message *m)
{
	struct layer *l = e->l;
	const struct wnode *tree;
	struct findings scratch;

	findings_init(&scratch, l->doc);
	tree = edifact_tree(l->text, m->at, m->unh_span, &i->x.chars, p->table,
	    p->tags, l->doc, &scratch);
	return tree != NULL && plan_fits(p, tree);
}

static const struct plan *
message_plan(struct edi *e, const struct interchange *i,
    const struct edifact_message *m, bool accepted)
{
	const struct identify_in *in = e->l->in;

	if (e->last != NULL && accepted && unh_fits(e, i, e->last, m))
		return e->last;
	for (unsigned int k = 0; k < in->nall; k++) {
		const struct plan *p = in->all[k];

		if (p->syntax == SYN_EDIFACT && !plan_is_envelope(p) &&
		    plan_accepted(in, p) == accepted && unh_fits(e, i, p, m))
			return p;
	}
	return NULL;
}

static void
message_unknown(struct edi *e, const struct interchange *i,
    const struct edifact_message *m, struct document *d)
{
	const struct plan *known =
	    e->l->in->naccept == 0 ? NULL : message_plan(e, i, m, false);
	char found[100];

	(void)snprintf(found, sizeof(found), "message %.*s:%.*s:%.*s:%.*s",
	    (int)(m->type.len > 12 ? 12 : m->type.len), m->type.p,
	    (int)(m->version.len > 12 ? 12 : m->version.len), m->version.p,
	    (int)(m->release.len > 12 ? 12 : m->release.len), m->release.p,
	    (int)(m->agency.len > 12 ? 12 : m->agency.len), m->agency.p);
	unknown_add(e->l, known, slice_of(found), d);
}

/* What the first pass found wrong with this message alone. */
static void
message_findings(const struct edifact_message *m, struct document *d)
{
	const struct finding *f = m->first_finding;

	for (uint32_t n = 0; f != NULL && n < m->nfindings; f = f->next, n++)
		finding_copy(d->findings, f);
	if (m->twice != NULL)
		finding_copy(d->findings, m->twice);
}

static enum rc
message_give(struct edi *e, const struct interchange *i,
    const struct edifact_message *m, struct wnode *unb)
{
	struct layer *l = e->l;
	struct document d;
	enum rc rc = document_start(l, &d);

	if (rc != RC_OK)
		return rc;
	d.text = l->text;
	d.at = m->at;
	d.span = m->span;
	if (i->x.has_unb) {
		d.envelope = e->envelope;
		d.envelope_tree = unb;
	}
	hint_give(e, &d);
	message_findings(m, &d);
	d.plan = message_plan(e, i, m, true);
	if (d.plan == NULL) {
		message_unknown(e, i, m, &d);
		return document_give(l, &d);
	}
	e->last = d.plan;
	travel_check(l, &d);
	d.tree = edifact_tree(l->text, m->at, m->span, &i->x.chars,
	    d.plan->table, d.plan->tags, l->doc, d.findings);
	return document_give(l, &d);
}

static enum rc
interchange_give(struct edi *e, struct interchange *i)
{
	struct findings unb_findings;
	struct wnode *unb = NULL;
	enum rc rc = RC_OK;

	findings_init(&unb_findings, e->l->mem);
	/* What is wrong with UNB is wrong with all that it holds. */
	if (i->x.has_unb && e->envelope != NULL)
		unb = edifact_tree(e->l->text, i->x.unb_at, i->x.unb_span,
		    &i->x.chars, e->envelope->table, e->envelope->tags,
		    e->l->mem, &unb_findings);
	for (const struct finding *f = unb_findings.first; f; f = f->next)
		finding_copy(&i->findings, f);
	if (i->unreadable || i->x.refused || unb_findings.errors > 0)
		return edi_refused(e, i, unb);
	for (const struct edifact_message *m = i->x.message;
	     m != NULL && rc == RC_OK; m = m->next)
		rc = message_give(e, i, m, unb);
	return rc;
}

/*
 * Hints about the encoding go with the first document; decoding has put them
 * into the findings of a document that is not given.
 */
enum rc
identify_edifact(struct layer *l)
{
	struct edi e = { .l = l, .envelope = interchange_plan(l->in) };
	struct findings said;
	struct document d;
	enum rc rc = document_start(l, &d);

	if (rc != RC_OK)
		return rc;
	findings_init(&said, l->mem);
	d.findings = &said;
	rc = layer_decode(l, SYN_EDIFACT, edi_label(l->raw), NULL, &d);
	if (rc != RC_OK)
		return rc == RC_REFUSED ? RC_OK : rc;
	rc = edi_scan(&e);
	e.hint = said.first;
	for (struct interchange *i = e.first; i != NULL && rc == RC_OK;
	     i = i->next)
		rc = interchange_give(&e, i);
	return rc;
}
