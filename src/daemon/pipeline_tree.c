/*
 * daemon/pipeline_tree.c - arrivals that are one document: XML by its root,
 * JSON by its members, tables by their headings. Trusts nothing in them. Called
 * by pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/format/guard.h"
#include "src/read/read.h"
#include "src/syntax/csv.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"

/* The plan among them whose tree fits; *tree is it. NULL: none. */
static const struct plan *
xml_choose(struct passage *x, const struct plan *const *may, unsigned int n,
    struct slice name, struct wnode **tree)
{
	struct arena *mem = tree_memory(x, false);
	const struct plan *plan, *first = NULL;
	struct wnode *any = NULL;

	for (unsigned int i = 0;
	     (plan = identify_root(may, n, name, &i)) != NULL;) {
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

/* A missing namespace is an official quirk; another one is worth a warning. */
static void
space_check(struct passage *x, struct slice name, struct slice space)
{
	struct slice none = { NULL, 0 };
	struct finding *f;

	if (space.len == 0 || x->plan->space.len == 0 ||
	    slice_eq(space, x->plan->space))
		return;
	f = finding_add(
	    x->said, FIND_NAMESPACE, none, name, space, x->plan->space);
	f->text_at = (uint32_t)(space.p - x->text.utf8.p);
	f->text_span = (uint32_t)space.len;
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
	if (tree == NULL)
		return filing_refused(x, 0, whole);
	space_check(x, name, space);
	return tree_pass(x, tree);
}

/* The first of these whose guards hold; *tree is as it sees it. */
static const struct plan *
json_choose(struct passage *x, const struct plan *const *may, unsigned int n,
    struct wnode **tree)
{
	for (unsigned int i = 0; i < n; i++) {
		if (may[i]->syntax != SYN_JSON)
			continue;
		*tree = json_tree(&x->text, may[i]->tags, x->mem, x->said);
		if (*tree == NULL || plan_fits(may[i], *tree))
			return may[i];
	}
	return NULL;
}

enum rc
json_pass(struct passage *x)
{
	struct slice none = { NULL, 0 };
	struct wnode *tree = NULL;
	uint32_t whole;

	x->tree_in_filing = false; /* each object of a list is a filing */
	if (arrival_decode(x, SYN_JSON, none) != RC_OK)
		return filing_refused(x, 0, 0);
	whole = (uint32_t)x->text.utf8.len;
	x->plan = json_choose(x, x->may, x->nmay, &tree);
	if (x->plan != NULL)
		return tree == NULL ? filing_refused(x, 0, whole)
				    : tree_pass(x, tree);
	x->plan = json_choose(x, x->p->plan, x->p->nplans, &tree);
	if (x->plan != NULL && tree == NULL)
		x->plan = NULL; /* broken, and nobody's */
	return format_unknown(x, SLICE_LIT("JSON"), 0, whole);
}

/* Tables have no name inside: the headings, or the partner's list, decide. */
enum rc
csv_pass(struct passage *x)
{
	struct csv_style style = { .neutralise = false };
	struct slice none = { NULL, 0 };
	struct wnode *tree;
	uint32_t whole;

	x->tree_in_filing = false; /* rows are filings, the tree is all */
	if (arrival_decode(x, SYN_CSV, none) != RC_OK)
		return filing_refused(x, 0, 0);
	whole = (uint32_t)x->text.utf8.len;
	x->plan = identify_table(x->may, x->nmay, x->text.utf8);
	if (x->plan == NULL) {
		x->plan =
		    identify_table(x->p->plan, x->p->nplans, x->text.utf8);
		return format_unknown(
		    x, slice_trim(slice_sub(x->text.utf8, 0, 20)), 0, whole);
	}
	style.delimiter = x->plan->delimiter;
	style.header = x->plan->header;
	style.heading = x->plan->heading;
	style.nheadings = x->plan->nheadings;
	tree = csv_tree(&x->text, &style, x->plan->tags, x->mem, x->said);
	return tree == NULL ? filing_refused(x, 0, whole) : tree_pass(x, tree);
}
