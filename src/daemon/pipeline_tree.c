/*
 * daemon/pipeline_tree.c - arrivals that are one document: XML by its root,
 * tables by their headings. Trusts nothing in them. Called by pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/format/guard.h"
#include "src/read/read.h"
#include "src/syntax/csv.h"
#include "src/syntax/xml.h"

/* Does the plan know an outermost element of this name? */
static bool
root_known(const struct plan *plan, struct slice name)
{
	wtag tag = tag_find(plan->tags, name);

	return plan->syntax == SYN_XML && tag != TAG_UNKNOWN &&
	       line_first(plan->root, tag) != NULL;
}

/* The next plan from *i on whose root this is. */
static const struct plan *
root_next(const struct plan *const *may, unsigned int n, struct slice name,
    unsigned int *i)
{
	while (*i < n)
		if (root_known(may[(*i)++], name))
			return may[*i - 1];
	return NULL;
}

/* The plan among them whose tree fits; *tree is it. NULL: none. */
static const struct plan *
xml_choose(struct passage *x, const struct plan *const *may, unsigned int n,
    struct slice name, struct wnode **tree)
{
	struct arena *mem = tree_memory(x, false);
	const struct plan *plan, *first = NULL;
	struct wnode *any = NULL;

	for (unsigned int i = 0;
	     (plan = root_next(may, n, name, &i)) != NULL;) {
		struct wnode *t = xml_tree(&x->text, plan->tags, mem, x->said);

		if (t == NULL) { /* said; another plan would say it again */
			*tree = NULL;
			return plan;
		}
		if (plan_fits(plan, t)) {
			*tree = t;
			return plan;
		}
		if (first == NULL) {
			first = plan;
			any = t;
		}
	}
	*tree = any;
	return first;
}

enum rc
xml_pass(struct passage *x)
{
	struct slice name, space;
	struct wnode *tree = NULL;
	uint32_t whole;

	if (arrival_decode(x, SYN_XML, xml_label(x->a->raw)) != RC_OK)
		return filing_refused(x, 0, 0);
	whole = (uint32_t)x->text.utf8.len;
	if (!xml_root(x->text.utf8, &name, &space)) {
		if (xml_tree(&x->text, x->may[0]->tags, x->mem, x->said) ==
		    NULL)
			return filing_refused(x, 0, whole);
		return format_unknown(x, SLICE_LIT("XML"), 0, whole);
	}
	x->plan = xml_choose(x, x->may, x->nmay, name, &tree);
	if (x->plan == NULL) {
		x->plan = xml_choose(x, x->p->plan, x->p->nplans, name, &tree);
		return format_unknown(x, name, 0, whole);
	}
	return tree == NULL ? filing_refused(x, 0, whole) : tree_pass(x, tree);
}

static struct wnode *
csv_look(struct passage *x, const struct plan *plan, struct findings *said)
{
	struct csv_style style = { plan->delimiter, plan->header, plan->heading,
		plan->nheadings, false };

	return csv_tree(&x->text, &style, plan->tags, x->mem, said);
}

/* Tables have no name inside: the headings, or the partner's list, decide. */
enum rc
csv_pass(struct passage *x)
{
	struct slice none = { NULL, 0 };
	uint32_t whole;

	x->tree_in_filing = false; /* rows are filings, the tree is all */
	if (arrival_decode(x, SYN_CSV, none) != RC_OK)
		return filing_refused(x, 0, 0);
	whole = (uint32_t)x->text.utf8.len;
	for (unsigned int i = 0; i < x->nmay; i++) {
		struct findings said;
		struct wnode *tree;

		if (x->may[i]->syntax != SYN_CSV)
			continue;
		findings_init(&said, x->mem);
		tree = csv_look(x, x->may[i], &said);
		if (tree == NULL || !plan_fits(x->may[i], tree))
			continue;
		x->plan = x->may[i];
		tree = csv_look(x, x->plan, x->said);
		return tree == NULL ? filing_refused(x, 0, whole)
				    : tree_pass(x, tree);
	}
	return format_unknown(
	    x, slice_trim(slice_sub(x->text.utf8, 0, 20)), 0, whole);
}
