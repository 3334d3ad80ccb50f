/*
 * identify/identify_xml.c - XML by its root's name, then namespace, then the
 * guards of the formats that have such a root. Trusts nothing.
 */
#include <stdio.h>
#include "src/format/guard.h"
#include "src/identify/parts.h"
#include "src/syntax/xml.h"

/* Formats with this root; those of the document's namespace first. */
static unsigned int
candidates(const struct layer *l, struct slice root, struct slice space,
    bool accepted, const struct plan *out[CANDIDATES_MAX])
{
	unsigned int n = 0;

	for (int same = 1; same >= 0; same--)
		for (unsigned int i = 0; i < l->in->nall; i++) {
			const struct plan *p = l->in->all[i];

			if (p->syntax == SYN_XML && n < CANDIDATES_MAX &&
			    plan_accepted(l->in, p) == accepted &&
			    slice_eq(p->space, space) == (same == 1) &&
			    plan_has_root(p, root))
				out[n++] = p;
		}
	return n;
}

/* The document's findings start again: another format is tried. */
static void
tree_try(struct layer *l, struct document *d, const struct plan *p,
    const struct findings *before)
{
	*d->findings = *before;
	if (d->findings->last != NULL)
		d->findings->last->next = NULL;
	d->tree = xml_tree(l->text, p->tags, l->doc, d->findings);
}

static enum rc
xml_choose(struct layer *l, struct document *d, struct slice root,
    const struct plan **plan, unsigned int n)
{
	struct findings before = *d->findings;
	char found[120];

	for (unsigned int i = 0; i < n; i++) {
		tree_try(l, d, plan[i], &before);
		if (d->tree == NULL) { /* broken whatever it was meant to be */
			d->plan = plan[i];
			return document_give(l, d);
		}
		if (plan_fits(plan[i], d->tree)) {
			d->plan = plan[i];
			travel_check(l, d);
			return document_give(l, d);
		}
	}
	d->tree = NULL;
	*d->findings = before;
	(void)snprintf(found, sizeof(found), "XML with root '%.*s'",
	    (int)(root.len > 60 ? 60 : root.len), root.p);
	unknown_add(l, NULL, slice_of(found), d);
	return document_give(l, d);
}

enum rc
identify_xml(struct layer *l)
{
	const struct plan *plan[CANDIDATES_MAX];
	struct slice root, space;
	struct document d;
	unsigned int n;
	enum rc rc = document_start(l, &d);

	if (rc == RC_OK)
		rc = layer_decode(l, SYN_XML, xml_label(l->raw), NULL, &d);
	if (rc != RC_OK)
		return rc == RC_REFUSED ? RC_OK : rc;
	if (!xml_root(l->text->utf8, &root, &space)) {
		unknown_add(l, NULL, SLICE_LIT("XML without a root"), &d);
		return document_give(l, &d);
	}
	n = candidates(l, root, space, true, plan);
	if (n == 0 && candidates(l, root, space, false, plan) > 0) {
		unknown_add(l, plan[0], root, &d);
		return document_give(l, &d);
	}
	return xml_choose(l, &d, root, plan, n);
}
