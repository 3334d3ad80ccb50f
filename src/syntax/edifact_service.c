/*
 * syntax/edifact_service.c - one service segment (UNB, UNG, UNH, UNT, UNE, UNZ)
 * against its table: what is missing, too long, of the wrong kind or a value
 * that ISO 9735 does not know. Trusts the table; called by the first pass.
 */
#include <stdio.h>
#include "src/syntax/edifact_parts.h"
#include "src/syntax/wire_table.h"

void
parts_read(const struct segment *g, struct slice text,
    const struct edifact_chars *c, struct arena *mem, struct parts *out)
{
	const char *p = text.p;
	uint32_t e = 0, k = 0, from = g->at;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = g->at; i <= g->end; i++) {
		if (i < g->end && p[i] == c->release && c->release != '\0') {
			i++;
			continue;
		}
		if (i < g->end && p[i] != c->element && p[i] != c->component)
			continue;
		if (e < PARTS_E && k < PARTS_C) {
			out->p[e][k] = segment_unescape(
			    (struct slice){ p + from, i - from }, c, mem);
			out->at[e][k] = from;
		}
		if (i > from)
			out->elements = e;
		if (i < g->end && p[i] == c->component) {
			k++;
		} else {
			e++;
			k = 0;
		}
		from = i + 1;
	}
}

/* What a check of one segment goes by. */
struct look {
	const struct parts *parts;
	const struct segment *g;
	const struct table_segment *table;
	const struct edifact_chars *chars;
	uint32_t number;
	struct findings *findings;
};

static void
part_wrong(const struct look *l, enum finding_kind kind, uint8_t fault,
    struct slice name, const char *wanted, uint32_t e, uint32_t c)
{
	struct slice none = { NULL, 0 };
	char path[64];
	struct finding *f = finding_add(l->findings, kind, none,
	    leaf_path(l->table->tag, name, path), none, slice_of(wanted));

	f->text_at = l->g->at;
	f->text_span = l->g->next - l->g->at;
	if (kind == FIND_UNEXPECTED && e < PARTS_E) {
		f->text_at = l->parts->at[e][c == 0 ? 0 : c - 1];
		f->text_span = (uint32_t)l->parts->p[e][c == 0 ? 0 : c - 1].len;
	}
	f->place.segment = l->number;
	f->place.element = e;
	f->place.component = c;
	f->fault = fault;
}

static void
leaf_look(const struct look *l, const struct table_leaf *leaf)
{
	uint32_t c = leaf->component == 0 ? 0 : leaf->component - 1u;
	struct slice text = leaf->element < PARTS_E && c < PARTS_C
				? l->parts->p[leaf->element][c]
				: (struct slice){ NULL, 0 };
	char wanted[32];

	if (text.len > 0) {
		leaf_check(&(struct leaf_place){ .leaf = leaf,
			       .tag = l->table->tag,
			       .number = l->number,
			       .at = l->parts->at[leaf->element][c],
			       .span = (uint32_t)text.len,
			       .decimal = l->chars->decimal },
		    text, l->findings);
		return;
	}
	if (!leaf->must)
		return;
	(void)snprintf(
	    wanted, sizeof(wanted), "%.*s", SLICE_ARG(leaf->format.text));
	part_wrong(l, FIND_MISSING, FAULT_MISSING, leaf->name, wanted,
	    leaf->element, leaf->component);
}

static bool
element_here(const struct parts *p, uint32_t e)
{
	for (uint32_t c = 0; e < PARTS_E && c < PARTS_C; c++)
		if (p->p[e][c].len > 0)
			return true;
	return false;
}

static void
element_look(const struct look *l, uint32_t e)
{
	const struct table_element *t = &l->table->element[e - 1];
	char what[40], wanted[48];

	if (!element_here(l->parts, e)) {
		if (t->must && t->composite)
			part_wrong(l, FIND_MISSING, FAULT_MISSING, t->id,
			    "a value", e, 0);
		if (!t->must || t->composite)
			return;
	}
	for (uint32_t i = 0; i < t->ncomponents; i++)
		leaf_look(l, &l->table->leaf[t->first + i]);
	for (uint32_t c = t->composite ? t->ncomponents : 1; c < PARTS_C; c++) {
		if (e >= PARTS_E || l->parts->p[e][c].len == 0)
			continue;
		(void)snprintf(
		    what, sizeof(what), "element %u component %u", e, c + 1);
		(void)snprintf(wanted, sizeof(wanted), "at most %u components",
		    t->composite ? t->ncomponents : 1u);
		part_wrong(l, FIND_UNEXPECTED, FAULT_CONSTITUENTS,
		    slice_of(what), wanted, e, c + 1);
		break;
	}
}

uint32_t
parts_check(const struct parts *parts, const struct segment *g,
    const struct table_segment *table, const struct edifact_chars *chars,
    uint32_t number, struct findings *findings)
{
	struct look l = { parts, g, table, chars, number, findings };
	uint32_t bad = 0;
	char what[40], wanted[48];

	for (uint32_t e = 1; e <= table->nelements; e++) {
		uint32_t before = findings->errors;

		element_look(&l, e);
		if (findings->errors > before && e < 32)
			bad |= UINT32_C(1) << e;
	}
	if (parts->elements > table->nelements) {
		(void)snprintf(
		    what, sizeof(what), "element %u", table->nelements + 1u);
		(void)snprintf(wanted, sizeof(wanted), "at most %u elements",
		    table->nelements);
		part_wrong(&l, FIND_UNEXPECTED, FAULT_CONSTITUENTS,
		    slice_of(what), wanted, table->nelements + 1u, 0);
		bad |= 1;
	}
	return bad;
}
