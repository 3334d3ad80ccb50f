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
#include <stdio.h>

typedef struct wnode *tree_fn(
    struct passage *, const struct plan *, struct arena *);

/*
 * The plan among those that look like it whose tree fits, else the first;
 * *tree is it. NULL: none. A tree that cannot be made is said once.
 */
static const struct plan *
tree_choose(struct passage *x, const struct plan *const *plan, unsigned int n,
    tree_fn *make, struct arena *mem, struct wnode **tree)
{
	struct wnode *any = NULL;

	*tree = NULL;
	for (unsigned int i = 0; i < n; i++) {
		struct wnode *t = make(x, plan[i], mem);

		if (t == NULL)
			return plan[i];
		if (plan_fits(plan[i], t)) {
			*tree = t;
			return plan[i];
		}
		if (any == NULL)
			any = t;
	}
	*tree = any;
	return n == 0 ? NULL : plan[0];
}

/* What may be filed in this syntax; nothing in it: whatever may be filed. */
static void
names_put(const struct plan *const *may, unsigned int n,
    enum syntax_kind syntax, char *out, size_t size)
{
	size_t at = 0;
	bool any = false;

	for (unsigned int i = 0; i < n; i++)
		any |= may[i]->syntax == syntax;
	out[0] = '\0';
	for (unsigned int i = 0; i < n && at < size - 1; i++) {
		int k;

		if (any && may[i]->syntax != syntax)
			continue;
		k = snprintf(out + at, size - at, "%s%s", at == 0 ? "" : ", ",
		    may[i]->name);

		at += k > 0 ? (size_t)k : 0;
	}
}

enum rc
format_unknown(struct passage *x, enum syntax_kind syntax, struct slice found,
    uint32_t at, uint32_t span)
{
	char names[400];
	struct slice none = { NULL, 0 };
	struct finding *f;

	names_put(x->may, x->nmay, syntax, names, sizeof(names));
	f = finding_add(x->said,
	    x->plan == NULL ? FIND_NO_FORMAT : FIND_NOT_ACCEPTED, none, none,
	    x->plan == NULL ? found : slice_of(x->plan->name), slice_of(names));
	f->text_at = at;
	f->text_span = span > 80 ? 80 : span;
	x->plan = NULL;
	return filing_refused(x, at, span);
}

static struct wnode *
xml_make(struct passage *x, const struct plan *plan, struct arena *mem)
{
	return xml_tree(&x->text, plan->tags, mem, x->said);
}

static const struct plan *
xml_choose(struct passage *x, const uint16_t *may, struct slice name,
    struct wnode **tree)
{
	const struct plan *plan[IDENTIFY_FOUND];
	unsigned int n =
	    identify_root(x->p->identify, may, name, plan, IDENTIFY_FOUND);

	return tree_choose(x, plan, n, xml_make, tree_memory(x, false), tree);
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
		return format_unknown(x, SYN_XML, SLICE_LIT("XML"), 0, whole);
	}
	x->plan = xml_choose(x, x->turn, name, &tree);
	if (x->plan == NULL) {
		x->plan = xml_choose(x, NULL, name, &tree);
		return format_unknown(x, SYN_XML, name, 0, whole);
	}
	if (tree == NULL)
		return filing_refused(x, 0, whole);
	space_check(x, name, space);
	return tree_pass(x, tree);
}

static struct wnode *
json_make(struct passage *x, const struct plan *plan, struct arena *mem)
{
	return json_tree(&x->text, plan->tags, mem, x->said);
}

/* NULL: nobody's; a plan without a tree: it is broken. */
static const struct plan *
json_choose(struct passage *x, const uint16_t *may, struct wnode **tree)
{
	const struct plan *plan[IDENTIFY_FOUND], *found;
	unsigned int n = identify_object(
	    x->p->identify, may, x->text.utf8, plan, IDENTIFY_FOUND);

	found = tree_choose(x, plan, n, json_make, x->mem, tree);
	return found == NULL || *tree == NULL || plan_fits(found, *tree) ? found
									 : NULL;
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
	x->plan = json_choose(x, x->turn, &tree);
	if (x->plan != NULL)
		return tree == NULL ? filing_refused(x, 0, whole)
				    : tree_pass(x, tree);
	x->plan = json_choose(x, NULL, &tree);
	if (x->plan != NULL && tree == NULL)
		x->plan = NULL; /* broken, and nobody's */
	return format_unknown(x, SYN_JSON, SLICE_LIT("JSON"), 0, whole);
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
	x->plan = identify_table(x->p->identify, x->turn, x->text.utf8);
	if (x->plan == NULL) {
		x->plan = identify_table(x->p->identify, NULL, x->text.utf8);
		return format_unknown(x, SYN_CSV,
		    slice_trim(slice_sub(x->text.utf8, 0, 20)), 0, whole);
	}
	style.delimiter = x->plan->delimiter;
	style.header = x->plan->header;
	style.heading = x->plan->heading;
	style.nheadings = x->plan->nheadings;
	tree = csv_tree(&x->text, &style, x->plan->tags, x->mem, x->said);
	return tree == NULL ? filing_refused(x, 0, whole) : tree_pass(x, tree);
}
