/*
 * identify/identify.c - see identify.h. Trusts the formats, which were checked
 * when loaded, and nothing of the bytes. Called by the convert pipeline.
 */
#include "src/identify/identify.h"
#include <stdio.h>
#include "src/syntax/csv.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"

#define HEADINGS 1000
#define ROWS_LOOKED_AT                                                         \
	20 /* for one with as many cells as there are columns                  \
	    */

#define LABEL_WITHIN 256 /* bytes in which UNB must begin */

enum syntax_kind
identify_syntax(struct slice raw)
{
	struct slice head = raw;

	if (slice_starts(head, "\xef\xbb\xbf"))
		head = slice_sub(head, 3, head.len);
	if (edifact_probe(slice_sub(head, 0, 64)))
		return SYN_EDIFACT;
	if (json_probe(raw))
		return SYN_JSON;
	return xml_probe(raw) ? SYN_XML : SYN_CSV;
}

struct slice
identify_label(struct slice raw)
{
	struct slice head = slice_sub(raw, 0, LABEL_WITHIN), id;
	const char *unb = memmem(head.p, head.len, "UNB", 3);

	if (unb == NULL)
		return SLICE_LIT("");
	id = slice_sub(head, (size_t)(unb - head.p) + 4, 4);
	return id.len == 4 && id.p[0] == 'U' && id.p[1] == 'N' ? id
							       : SLICE_LIT("");
}

/* --- EDIFACT --- */

/* What a leaf of UNH holds, by the scan. */
static struct slice
unh_leaf(const struct edifact_message *m, wtag leaf)
{
	if (leaf == tag_leaf(1, 0))
		return m->reference;
	if (leaf == tag_leaf(2, 1))
		return m->type;
	if (leaf == tag_leaf(2, 2))
		return m->version;
	if (leaf == tag_leaf(2, 3))
		return m->release;
	if (leaf == tag_leaf(2, 4))
		return m->agency;
	return leaf == tag_leaf(2, 5) ? m->association
				      : (struct slice){ NULL, 0 };
}

static bool
message_is(const struct plan *plan, const struct edifact_message *m)
{
	const struct line *unh = plan->root->child;

	if (plan->syntax != SYN_EDIFACT || unh == NULL || unh->nguards == 0)
		return false;
	for (int i = 0; i < unh->nguards; i++) {
		const struct guard *g = &unh->guard[i];
		struct slice leaf = unh_leaf(m, g->step[0]);
		bool is = false;

		if (g->kind != GUARD_IS || g->nsteps != 1)
			continue;
		for (int k = 0; k < g->nconstants; k++)
			is |= slice_eq(leaf, g->constant[k]);
		if (!is)
			return false;
	}
	return true;
}

const struct plan *
identify_message(const struct plan *const *may, unsigned int n,
    const struct edifact_message *m)
{
	for (unsigned int i = 0; i < n; i++)
		if (message_is(may[i], m))
			return may[i];
	return NULL;
}

struct slice
identify_said(const struct edifact_message *m, char out[64])
{
	int n = snprintf(out, 64, "%.*s:%.*s:%.*s",
	    SLICE_ARG(slice_sub(m->type, 0, 20)),
	    SLICE_ARG(slice_sub(m->version, 0, 8)),
	    SLICE_ARG(slice_sub(m->release, 0, 8)));

	if (m->type.len == 0)
		return SLICE_LIT("a message whose UNH names no type");
	return (struct slice){ out, (size_t)n };
}

/* --- XML --- */

/* Does the plan know an outermost element of this name? */
static bool
root_known(const struct plan *plan, struct slice name)
{
	wtag tag = tag_find(plan->tags, name);

	return plan->syntax == SYN_XML && tag != TAG_UNKNOWN &&
	       line_first(plan->root, tag) != NULL;
}

const struct plan *
identify_root(const struct plan *const *may, unsigned int n, struct slice name,
    unsigned int *i)
{
	while (*i < n)
		if (root_known(may[(*i)++], name))
			return may[*i - 1];
	return NULL;
}

/* --- tables --- */

static bool
heading_known(const struct plan *plan, struct slice cell)
{
	wtag tag = tag_find(plan->tags, cell);

	for (uint32_t i = 0; tag != TAG_UNKNOWN && i < plan->nheadings; i++)
		if (slice_eq(plan->heading[i], cell))
			return true;
	return false;
}

/*
 * How well a table fits, 0 not at all: most of its headings are the format's;
 * without headings some row has as many cells as the format has columns.
 */
static uint32_t
csv_score(const struct plan *plan, struct slice utf8)
{
	struct slice cell[HEADINGS], rest = utf8;
	uint32_t known = 0, n;

	if (plan->header) {
		n = csv_head(utf8, plan->delimiter, cell, HEADINGS);
		for (uint32_t i = 0; i < n && i < HEADINGS; i++)
			known += heading_known(plan, cell[i]);
		return known * 2 > n ? 1 + known : 0;
	}
	for (int i = 0; i < ROWS_LOOKED_AT && rest.len > 0; i++) {
		n = csv_head(rest, plan->delimiter, cell, HEADINGS);
		if (n == plan->nheadings && n > 1)
			return 1;
		(void)slice_cut(&rest, '\n');
	}
	return 0;
}

const struct plan *
identify_table(const struct plan *const *may, unsigned int n, struct slice utf8)
{
	const struct plan *best = NULL;
	uint32_t score = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t s =
		    may[i]->syntax == SYN_CSV ? csv_score(may[i], utf8) : 0;

		if (s > score) {
			score = s;
			best = may[i];
		}
	}
	return best;
}
