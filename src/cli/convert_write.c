/*
 * cli/convert_write.c - all filings of a file in the target format: one message
 * each, together where the format has a place for several, an interchange
 * around EDIFACT. Called by verb_convert.
 */
#include "src/cli/convert.h"
#include <stdlib.h>

#define BODY_MAX (64u << 20)

static bool
filing_below(const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next)
		if ((l->filing && l->write) || filing_below(l))
			return true;
	return false;
}

/* Some filings, one message: the first one's findings hear about it. */
static bool
message_write(struct convert *c, uint32_t from, uint32_t n)
{
	struct convert_part *part = &c->part[c->nparts];
	struct record **records =
	    arena_get(c->mem, n * sizeof(struct record *));
	struct write_in in = { .plan = c->target,
		.record = records,
		.nrecords = n,
		.now = slice_of(c->now),
		.indent = true };
	struct buf body;
	struct write_out out = { .body = &body,
		.trace = c->want_trace ? &part->trace : NULL };
	struct filing *first = &c->filing[from];
	struct err err;
	bool fine;

	if (records == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
		records[i] = c->filing[from + i].record;
	buf_init(&body, BODY_MAX);
	fine = pipeline_write(&in, first->text, &out, c->mem, first->findings,
		   &err) == RC_OK;
	if (fine) {
		part->filing = first;
		part->at = c->out.len;
		c->nparts++;
		buf_slice(&c->out, buf_look(&body));
	}
	buf_clear(&body);
	return fine;
}

bool
convert_write(struct convert *c)
{
	bool fine = true, together = filing_below(c->target->root);

	c->part = calloc(c->nfilings + 1, sizeof(*c->part));
	if (c->part == NULL || c->nfilings == 0)
		return false;
	if (together)
		return message_write(c, 0, c->nfilings);
	for (uint32_t i = 0; i < c->nfilings; i++)
		fine = message_write(c, i, 1) && fine;
	return fine;
}
