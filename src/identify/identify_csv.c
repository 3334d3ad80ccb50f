/*
 * identify/identify_csv.c - a table by its headings, or by the number of its
 * columns where a format has none. Trusts nothing: anything that is no other
 * syntax comes here.
 */
#include <stdio.h>
#include "src/identify/parts.h"
#include "src/syntax/csv.h"

#define LINE_MAX_BYTES (64u << 10) /* of the heading that is looked at */

/* The first line's cells: how many, and how many of them are headings. */
struct heading {
	uint32_t cells, known;
};

static bool
heading_known(const struct plan *p, struct slice cell)
{
	for (uint32_t i = 0; i < p->nheadings; i++)
		if (slice_eq(p->heading[i], cell))
			return true;
	return false;
}

/* Quotes are taken off; a separator inside them is none. */
static struct slice
cell_next(struct slice *line, char delimiter)
{
	struct slice cell;
	bool quoted = false;
	size_t i = 0;

	for (; i < line->len; i++) {
		if (line->p[i] == '"')
			quoted = !quoted;
		else if (line->p[i] == delimiter && !quoted)
			break;
	}
	cell = slice_trim(slice_sub(*line, 0, i));
	*line = slice_sub(*line, i + 1, line->len);
	if (cell.len > 1 && cell.p[0] == '"' && cell.p[cell.len - 1] == '"')
		cell = slice_sub(cell, 1, cell.len - 2);
	return cell;
}

static struct heading
heading_look(const struct plan *p, struct slice utf8)
{
	struct slice rest = slice_sub(utf8, 0, LINE_MAX_BYTES);
	struct slice line = slice_cut(&rest, '\n');
	char delimiter = p->delimiter;
	struct heading h = { 0, 0 };

	if (delimiter == '\0')
		delimiter = csv_sniff(line);
	while (line.len > 0) {
		h.known += heading_known(p, cell_next(&line, delimiter));
		h.cells++;
	}
	return h;
}

/*
 * How well it fits, 0 not at all: with headings more than half of them must
 * be ours; without, the number of columns must be right.
 */
static uint32_t
table_score(const struct plan *p, struct slice utf8)
{
	struct heading h = heading_look(p, utf8);

	if (p->header)
		return h.known * 2 > h.cells ? 1 + h.known : 0;
	return p->nheadings > 1 && h.cells == p->nheadings ? 1 : 0;
}

static enum rc
table_give(struct layer *l, const struct plan *p)
{
	struct csv_style style = { .delimiter = p->delimiter,
		.header = p->header,
		.heading = p->heading,
		.nheadings = p->nheadings };
	struct slice none = { NULL, 0 };
	struct document d;
	enum rc rc = document_start(l, &d);

	if (rc == RC_OK)
		rc = layer_decode(l, SYN_CSV, none, p, &d);
	if (rc != RC_OK)
		return rc == RC_REFUSED ? RC_OK : rc;
	d.plan = p;
	d.tree = csv_tree(l->text, &style, p->tags, l->doc, d.findings);
	travel_check(l, &d);
	return document_give(l, &d);
}

/* Each format decodes by its own encodings: only then are headings words. */
static const struct plan *
table_choose(struct layer *l, bool accepted, enum rc *rc)
{
	const struct plan *best = NULL;
	uint32_t score = 0;

	*rc = RC_OK;
	for (unsigned int i = 0; i < l->in->nall && *rc == RC_OK; i++) {
		const struct plan *p = l->in->all[i];
		static const enum encoding utf8 = ENC_UTF8;
		struct slice none = { NULL, 0 };
		struct text t;
		struct err why;
		uint32_t s = 0;

		if (p->syntax != SYN_CSV || plan_accepted(l->in, p) != accepted)
			continue;
		*rc = text_decode(&t, l->raw,
		    p->nencodings > 0 ? p->encoding : &utf8,
		    p->nencodings > 0 ? p->nencodings : 1, none, l->mem, NULL,
		    &why);
		if (*rc == RC_OK)
			s = table_score(p, t.utf8);
		else if (*rc == RC_REFUSED)
			*rc = RC_OK;
		else
			*l->err = why;
		if (s > score) {
			score = s;
			best = p;
		}
	}
	return best;
}

/* What it looks like, for the sentence: its first letters, or only bytes. */
static struct slice
looks_like(struct layer *l, char out[100])
{
	struct slice head = slice_trim(slice_sub(l->raw, 0, 40));
	bool plain = head.len > 0;
	int n;

	for (size_t i = 0; i < head.len; i++)
		plain = plain && head.p[i] >= ' ' && head.p[i] < 0x7f;
	n = plain ? snprintf(out, 100, "it starts '%.*s'", SLICE_ARG(head))
		  : snprintf(
			out, 100, "%zu bytes of no known syntax", l->raw.len);
	return (struct slice){ out, (size_t)n };
}

enum rc
identify_csv(struct layer *l)
{
	const struct plan *known;
	struct document d;
	char found[100];
	enum rc rc;
	const struct plan *p = table_choose(l, true, &rc);

	if (rc != RC_OK)
		return rc;
	if (p != NULL)
		return table_give(l, p);
	known = l->in->naccept == 0 ? NULL : table_choose(l, false, &rc);
	if (rc == RC_OK)
		rc = document_start(l, &d);
	if (rc != RC_OK)
		return rc;
	unknown_add(l, known, looks_like(l, found), &d);
	return document_give(l, &d);
}
