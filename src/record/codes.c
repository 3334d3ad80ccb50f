/*
 * record/codes.c - a code list is looked up both ways.
 *
 * Called for every coded leaf: the text is hashed once, nothing is allocated.
 */
#include <stdlib.h>
#include "src/record/codes_index.h"

static bool
row_valid(const struct code_row *row, uint32_t day)
{
	return day == 0 ||
	       (row->from <= day && (row->to == 0 || day <= row->to));
}

static const struct entry *
chain_find(const struct column *c, struct slice value, uint32_t hash)
{
	if (c->slot == NULL)
		return NULL;
	for (uint32_t i = hash & c->mask; c->slot[i] != 0;
	     i = (i + 1) & c->mask) {
		const struct entry *e = &c->entry[c->slot[i] - 1];

		if (e->hash == hash && slice_eq(e->value, value))
			return e;
	}
	return NULL;
}

/* Of rows that share a value: the marked one, else the one valid longest. */
static const struct code_row *
chain_row(const struct codelist *l, const struct column *c,
    const struct entry *e, uint32_t day)
{
	const struct code_row *best = NULL;

	for (; e != NULL; e = e->next ? &c->entry[e->next - 1] : NULL) {
		const struct code_row *row = &l->row[e->row];

		if (!row_valid(row, day))
			continue;
		if (e->marked)
			return row;
		if (best == NULL || (best->to != 0 && row->to == 0) ||
		    (best->to != 0 && row->to > best->to))
			best = row;
	}
	return best;
}

const struct code_row *
code_find(const struct codelist *l, struct slice code, uint32_t day)
{
	const struct column *c = &l->index->code;

	return chain_row(l, c, chain_find(c, code, slice_hash(code)), day);
}

const struct code_row *
code_read(const struct codelist *l, int column, struct slice wire, uint32_t day)
{
	const struct code_row *row;
	const struct column *c;

	if (column < 0 || column >= l->nheads)
		return NULL;
	c = &l->index->column[column];
	row = chain_row(l, c, chain_find(c, wire, slice_hash(wire)), day);
	if (row != NULL || wire.len == 0)
		return row;
	for (uint32_t i = 0; i < c->nprefix; i++) {
		const struct entry *e = &c->prefix[i];

		if (wire.len >= e->value.len &&
		    memcmp(wire.p, e->value.p, e->value.len) == 0 &&
		    row_valid(&l->row[e->row], day))
			return &l->row[e->row];
	}
	return NULL;
}

struct slice
code_write(const struct code_row *row, int column)
{
	return column < 0 ? (struct slice){ NULL, 0 } : row->best[column];
}

int
codelist_column(const struct codelist *l, struct slice name)
{
	for (uint16_t i = 0; i < l->nheads; i++)
		if (slice_eq(l->head[i], name))
			return i;
	return -1;
}

bool
codelist_is_scheme(const struct codelist *l, int column)
{
	return column >= 0 && column < l->nheads &&
	       l->index->column[column].slot != NULL;
}

const struct codelist *
codelist_find(const struct codelists *all, struct slice name)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (slice_is(name, all->list[i].name))
			return &all->list[i];
	return NULL;
}

void
codelists_free(struct codelists *all)
{
	if (all == NULL)
		return;
	arena_free(all->mem);
	free(all);
}
