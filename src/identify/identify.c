/*
 * identify/identify.c - see identify.h. Trusts the formats, which were checked
 * when loaded, and nothing of the bytes. Called by the convert pipeline.
 */
#include "src/identify/identify_in.h"
#include <stdio.h>
#include "src/syntax/csv.h"
#include "src/syntax/json.h"
#include "src/syntax/xml.h"

#define HEADINGS 1000
#define ROWS_LOOKED_AT                                                         \
	20 /* for one with as many cells as there are columns                  \
	    */

#define MEMBERS      500 /* of the first object that are looked at */
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

/* When it is tried; 0: it may not come. */
static uint32_t
turn_of(const uint16_t *may, const struct identify_link *l)
{
	return may == NULL ? l->order + 1 : may[l->plan->number];
}

/* Is this one tried, and before that one? */
static bool
comes_before(const uint16_t *may, const struct identify_link *l,
    const struct identify_link *other)
{
	uint32_t turn = turn_of(may, l);

	return turn > 0 && (other == NULL || turn < turn_of(may, other));
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

/* The first, in their order, that may come and whose constants hold. */
const struct plan *
identify_message(const struct identify *t, const uint16_t *may,
    const struct edifact_message *m)
{
	const struct slice any = SLICE_LIT("");
	const struct {
		struct slice type, release;
	} word[] = {
		{ m->type, m->release },
		{ m->type, any },
		{ any, m->release },
		{ any, any },
	};
	const struct identify_link *best = NULL;

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		char text[64];
		const struct identify_link *l = identify_find(t, KEY_MESSAGE,
		    identify_message_word(word[i].type, word[i].release, text));

		for (; l != NULL; l = l->next)
			if (comes_before(may, l, best) &&
			    message_is(l->plan, m))
				best = l;
	}
	return best == NULL ? NULL : best->plan;
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

/* --- trees: by the root's name, by an object's members --- */

/* Does the plan read an outermost element of this name? */
static bool
root_known(const struct plan *plan, struct slice name)
{
	wtag tag = tag_find(plan->tags, name);

	return tag != TAG_UNKNOWN && line_first(plan->root, tag) != NULL;
}

static bool
link_taken(const struct identify_link *l,
    const struct identify_link *const *out, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (out[i]->plan == l->plan)
			return true;
	return false;
}

/*
 * Those of a word among them, each once, in their order: the first `most`, if
 * they are more, wherever they stand in the table.
 */
static unsigned int
links_take(const struct identify_link *l, const uint16_t *may,
    const struct identify_link **out, unsigned int n, unsigned int most)
{
	for (; l != NULL && most > 0; l = l->next) {
		unsigned int i;

		if (turn_of(may, l) == 0 || link_taken(l, out, n) ||
		    (n == most && !comes_before(may, l, out[n - 1])))
			continue;
		n -= n == most;
		for (i = n++; i > 0 && comes_before(may, l, out[i - 1]); i--)
			out[i] = out[i - 1];
		out[i] = l;
	}
	return n;
}

unsigned int
identify_root(const struct identify *t, const uint16_t *may, struct slice name,
    const struct plan **out, unsigned int most)
{
	const struct identify_link *found[IDENTIFY_FOUND];
	unsigned int have = links_take(identify_find(t, KEY_ROOT, name), may,
			 found, 0,
			 most < IDENTIFY_FOUND ? most : IDENTIFY_FOUND),
		     n = 0;

	for (unsigned int i = 0; i < have; i++)
		if (root_known(found[i]->plan, name))
			out[n++] = found[i]->plan;
	return n;
}

unsigned int
identify_object(const struct identify *t, const uint16_t *may,
    struct slice utf8, const struct plan **out, unsigned int most)
{
	const struct identify_link *found[IDENTIFY_FOUND];
	struct slice member[MEMBERS];
	unsigned int n, k = json_members(utf8, member, MEMBERS);

	if (most > IDENTIFY_FOUND)
		most = IDENTIFY_FOUND;
	n = links_take(
	    identify_find(t, KEY_MEMBER, SLICE_LIT("")), may, found, 0, most);
	for (unsigned int i = 0; i < k; i++)
		n = links_take(identify_find(t, KEY_MEMBER, member[i]), may,
		    found, n, most);
	if (n == 0) /* whoever reads it says why it is none */
		n = links_take(identify_find(t, KEY_JSON, SLICE_LIT("")), may,
		    found, 0, most < 1 ? most : 1);
	for (unsigned int i = 0; i < n; i++)
		out[i] = found[i]->plan;
	return n;
}

/* --- tables --- */

/* How many headings each format knows, of those that know any. */
struct tally {
	uint16_t known[IDENTIFY_PLANS];
	const struct identify_link *best;
	uint32_t score;
};

static void
heading_count(struct tally *y, const struct identify *t, const uint16_t *may,
    char delimiter, struct slice cell, uint32_t columns)
{
	const struct identify_link *l = identify_find(t, KEY_HEADING, cell);

	for (; l != NULL; l = l->next) {
		uint32_t n;

		if (l->plan->delimiter != delimiter || turn_of(may, l) == 0)
			continue;
		n = ++y->known[l->plan->number];
		if (n * 2 <= columns || n < y->score ||
		    (n == y->score && !comes_before(may, l, y->best)))
			continue;
		y->best = l;
		y->score = n;
	}
}

/* Without headings some row has as many cells as the format has columns. */
static const struct identify_link *
columns_find(const struct identify *t, const uint16_t *may, char delimiter,
    struct slice rest)
{
	const struct identify_link *best = NULL;

	for (int i = 0; i < ROWS_LOOKED_AT && rest.len > 0; i++) {
		const struct identify_link *l;
		char text[16];
		uint32_t n = csv_head(rest, delimiter, NULL, 0);

		(void)snprintf(text, sizeof(text), "%u", (unsigned)n);
		l = n < 2 ? NULL
			  : identify_find(t, KEY_COLUMNS, slice_of(text));
		for (; l != NULL; l = l->next)
			if (l->plan->delimiter == delimiter &&
			    comes_before(may, l, best))
				best = l;
		(void)slice_cut(&rest, '\n');
	}
	return best;
}

const struct plan *
identify_table(const struct identify *t, const uint16_t *may, struct slice utf8)
{
	struct slice cell[HEADINGS];
	struct tally y = { .best = NULL };
	const struct identify_link *bare = NULL;

	for (unsigned int d = 0; d < t->ndelimiters; d++) {
		uint32_t n = csv_head(utf8, t->delimiter[d], cell, HEADINGS);

		for (uint32_t i = 0; i < n && i < HEADINGS; i++)
			heading_count(&y, t, may, t->delimiter[d], cell[i], n);
	}
	if (y.best != NULL)
		return y.best->plan;
	for (unsigned int d = 0; d < t->ndelimiters; d++) {
		const struct identify_link *l =
		    columns_find(t, may, t->delimiter[d], utf8);

		if (l != NULL && comes_before(may, l, bare))
			bare = l;
	}
	return bare == NULL ? NULL : bare->plan;
}
