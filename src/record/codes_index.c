/*
 * record/codes_index.c - how the values of a code list are found again, made
 * when it is loaded; two rows that say the same are told. Called by
 * codes_load.c.
 */
#include "src/record/codes_load.h"

static bool
rows_overlap(const struct code_row *a, const struct code_row *b)
{
	return (a->to == 0 || b->from <= a->to) &&
	       (b->to == 0 || a->from <= b->to);
}

/* Longest first; the same one only in rows of other times. */
static void
prefix_add(struct codes_load *ld, struct column *c, struct entry e)
{
	const struct code_row *row = ld->row;
	uint32_t k;

	e.value.len--;
	for (k = c->nprefix; k > 0 && c->prefix[k - 1].value.len < e.value.len;
	     k--)
		c->prefix[k] = c->prefix[k - 1];
	for (uint32_t i = k; i > 0 && c->prefix[i - 1].value.len == e.value.len;
	     i--)
		if (slice_eq(c->prefix[i - 1].value, e.value) &&
		    rows_overlap(&row[c->prefix[i - 1].row], &row[e.row])) {
			codes_wrong(ld, e.value,
			    "the prefix '%.*s*' stands for '%.*s' and '%.*s', "
			    "want it once",
			    SLICE_ARG(e.value),
			    SLICE_ARG(row[c->prefix[i - 1].row].code),
			    SLICE_ARG(row[e.row].code));
			break;
		}
	c->prefix[k] = e;
	c->nprefix++;
}

static void
entry_add(struct codes_load *ld, struct column *c, struct slice v, uint32_t row)
{
	struct entry e = { .value = v, .row = row };

	if (v.p[0] == '!') {
		e.marked = true;
		e.value = slice_sub(v, 1, v.len);
	}
	if (e.value.len == 0) {
		codes_wrong(ld, v, "'!' alone, want a value behind it");
		return;
	}
	if (codes_prefix(e.value)) {
		prefix_add(ld, c, e);
		return;
	}
	e.hash = slice_hash(e.value);
	c->entry[c->n++] = e;
}

/* Equal values in one window of time need one "!". */
static void
chain_check(
    struct codes_load *ld, const struct column *c, const struct entry *first)
{
	const struct code_row *row = ld->row;

	for (const struct entry *a = first; a != NULL;
	     a = a->next ? &c->entry[a->next - 1] : NULL)
		for (const struct entry *b = a->next ? &c->entry[a->next - 1]
						     : NULL;
		     b != NULL; b = b->next ? &c->entry[b->next - 1] : NULL) {
			bool decided = a->marked != b->marked;

			for (const struct entry *m = first;
			     m != NULL && !a->marked;
			     m = m->next ? &c->entry[m->next - 1] : NULL)
				decided |=
				    m->marked &&
				    rows_overlap(&row[m->row], &row[b->row]);
			if (a->row == b->row || decided ||
			    !rows_overlap(&row[a->row], &row[b->row]))
				continue;
			if (c == &ld->list->index->code)
				codes_wrong(ld, b->value,
				    "code '%.*s' stands in two rows, want it "
				    "once",
				    SLICE_ARG(b->value));
			else
				codes_wrong(ld, b->value,
				    "'%.*s' stands for '%.*s' and '%.*s', want "
				    "'!' before one of them",
				    SLICE_ARG(b->value),
				    SLICE_ARG(row[a->row].code),
				    SLICE_ARG(row[b->row].code));
			return;
		}
}

static bool
column_hash(struct codes_load *ld, struct column *c, enum column_kind kind)
{
	uint32_t size = 8;

	while (size < c->n * 2)
		size *= 2;
	c->mask = size - 1;
	c->slot = arena_get(ld->mem, size * sizeof(*c->slot));
	if (c->slot == NULL)
		return false;
	for (uint32_t k = 0; k < c->n; k++) {
		struct entry *e = &c->entry[k], *f = NULL;
		uint32_t i = e->hash & c->mask;

		for (; c->slot[i] != 0; i = (i + 1) & c->mask) {
			f = &c->entry[c->slot[i] - 1];
			if (f->hash == e->hash && slice_eq(f->value, e->value))
				break;
			f = NULL;
		}
		if (f == NULL) {
			c->slot[i] = k + 1;
			continue;
		}
		while (f->next != 0)
			f = &c->entry[f->next - 1];
		f->next = k + 1;
	}
	if (kind == COLUMN_SCHEME)
		for (uint32_t i = 0; i < size; i++)
			if (c->slot[i] != 0)
				chain_check(ld, c, &c->entry[c->slot[i] - 1]);
	return true;
}

/* How many values a column's cells hold at most. */
static uint32_t
column_values(const struct codes_load *ld, uint32_t col, enum column_kind kind)
{
	uint32_t n = 0;

	for (uint32_t r = 0; r < ld->list->nrows; r++) {
		struct slice cell = ld->row[r].cell[col];

		n++;
		for (size_t i = 0; kind == COLUMN_SCHEME && i < cell.len; i++)
			n += cell.p[i] == ' ';
	}
	return n;
}

static bool
column_make(struct codes_load *ld, struct column *c, uint32_t col,
    enum column_kind kind)
{
	uint32_t room = column_values(ld, col, kind) + 1;

	c->entry = arena_get(ld->mem, room * sizeof(*c->entry));
	c->prefix = arena_get(ld->mem, room * sizeof(*c->prefix));
	if (c->entry == NULL || c->prefix == NULL)
		return false;
	for (uint32_t r = 0; r < ld->list->nrows; r++) {
		struct slice rest = ld->row[r].cell[col], v;

		if (kind == COLUMN_LABEL && rest.len > 0) {
			c->entry[c->n++] = (struct entry){ .value = rest,
				.row = r,
				.hash = slice_hash(rest) };
			continue;
		}
		while (rest.len > 0) {
			v = slice_cut(&rest, ' ');
			if (v.len > 0)
				entry_add(ld, c, v, r);
		}
	}
	return column_hash(ld, c, kind);
}

bool
codes_index_make(struct codes_load *ld)
{
	struct codelist_index *ix = arena_get(ld->mem, sizeof(*ix));

	if (ix == NULL)
		return false;
	ld->list->index = ix;
	/* our own codes: the first column, never split or marked */
	if (!column_make(ld, &ix->code, 0, COLUMN_SCHEME))
		return false;
	ix->column[0] = ix->code;
	for (uint32_t i = 1; i < ld->list->nheads; i++) {
		enum column_kind kind = codes_kind(ld->head[i]);

		if (kind != COLUMN_NOTE &&
		    !column_make(ld, &ix->column[i], i, kind))
			return false;
	}
	return true;
}
