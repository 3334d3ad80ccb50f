/*
 * cli/convert_write.c - all filings of a file in the target format: one message
 * each, together where the format has a place for several, an interchange
 * around EDIFACT. Called by verb_convert.
 */
#include "src/cli/convert.h"
#include "src/syntax/edifact.h"
#include <stdio.h>
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

/*
 * A number of its own for each message, in a transmission of its own: the
 * filings of one arrival share theirs.
 */
static void
message_number(struct convert *c, struct record *r, uint32_t number)
{
	const struct group *g =
	    directory_document(formats_directory(pipeline_formats(c->pipeline)),
		SLICE_LIT("transmission"));
	struct node *mine = g == NULL ? NULL : node_new(c->mem, g, NULL);
	char text[16];

	if (mine == NULL)
		return;
	if (r->transmission != NULL)
		memcpy(mine->slot, r->transmission->slot,
		    g->nslots * sizeof(mine->slot[0]));
	r->transmission = mine;
	(void)snprintf(text, sizeof(text), "%u", (unsigned)number);
	mine->slot[group_element(g, SLICE_LIT("message"))->slot].value = NULL;
	(void)value_add(c->mem, mine, group_element(g, SLICE_LIT("message")),
	    arena_dup(c->mem, slice_of(text)));
}

static void
party_put(struct convert *c, const char *who, struct edifact_chars *chars)
{
	const struct record *r = c->filing[0].record;
	const struct value *v =
	    r->transmission == NULL ? NULL : record_get(r->transmission, who);

	edifact_escape(
	    &c->out, v == NULL ? SLICE_LIT("ENTREPOT") : v->text, chars);
}

/* The envelope's head; date and time are those of the call. */
static void
interchange_open(struct convert *c)
{
	struct edifact_chars chars = { ':', '+', '.', '?', '\0', '\'', true };

	/* Syntax 4 would take "*" for a repetition; UNA says there is none. */
	buf_str(&c->out, "UNA:+.? '\nUNB+UNOW:4+");
	party_put(c, "sender", &chars);
	buf_byte(&c->out, '+');
	party_put(c, "receiver", &chars);
	buf_fmt(&c->out, "+%.4s%.2s%.2s:%.2s%.2s+1'\n", c->now, c->now + 5,
	    c->now + 8, c->now + 11, c->now + 14);
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
	if (c->target->syntax == SYN_EDIFACT)
		message_number(c, records[0], c->nparts + 1);
	buf_init(&body, BODY_MAX);
	fine = pipeline_write(&in, first->text, &out, c->mem, first->findings,
		   &err) == RC_OK;
	if (fine) {
		part->filing = first;
		part->at = c->out.len;
		c->nparts++;
		buf_slice(&c->out, buf_look(&body));
		if (c->target->syntax == SYN_EDIFACT)
			buf_fmt(&c->out, "UNT+%u+%u'\n",
			    (unsigned)out.segments + 1, (unsigned)c->nparts);
	}
	buf_clear(&body);
	return fine;
}

/* The list that `each PATH` means; NULL: there is none, or it is empty. */
static union slot *
each_list(const struct convert *c, const struct record *r)
{
	const struct path *each = &c->target->each;
	struct node *n = r->root;
	union slot *list = NULL;

	for (uint8_t i = 0; i < each->nsteps && n != NULL; i++) {
		list = &n->slot[each->step[i]->slot];
		n = list->node;
	}
	return n == NULL ? NULL : list;
}

/*
 * `each PATH`: one message for each node there. The writer takes the first of
 * the list, so each is the only one in its turn.
 */
static bool
filing_write(struct convert *c, uint32_t i)
{
	union slot *list = each_list(c, c->filing[i].record);
	struct node *all = list == NULL ? NULL : list->node;
	bool fine = true;

	if (list == NULL)
		return message_write(c, i, 1);
	for (struct node *n = all; n != NULL; n = n->next) {
		struct node *next = n->next;

		list->node = n;
		n->next = NULL;
		fine = message_write(c, i, 1) && fine;
		n->next = next;
	}
	list->node = all;
	return fine;
}

static uint32_t
messages_count(const struct convert *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->nfilings; i++) {
		union slot *list = each_list(c, c->filing[i].record);

		n += list == NULL ? 1 : node_count(list->node);
	}
	return n;
}

bool
convert_write(struct convert *c)
{
	bool fine = true, together = filing_below(c->target->root);

	if (c->nfilings == 0)
		return false;
	c->part = calloc(messages_count(c), sizeof(*c->part));
	if (c->part == NULL)
		return false;
	if (c->target->syntax == SYN_EDIFACT)
		interchange_open(c);
	if (together)
		return message_write(c, 0, c->nfilings);
	for (uint32_t i = 0; i < c->nfilings; i++) {
		fine = filing_write(c, i) && fine;
		progress_say(
		    &c->progress, "messages written", i + 1, c->nfilings);
	}
	if (c->target->syntax == SYN_EDIFACT)
		buf_fmt(&c->out, "UNZ+%u+1'\n", (unsigned)c->nparts);
	return fine;
}
