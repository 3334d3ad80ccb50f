/*
 * daemon/work_lift.c - a reply in a format of agencies, which speaks of one
 * filing a file: what the one part of the record says is said of the whole,
 * in the codes of that format. Pure. Called by work_reply.c.
 */
#include "src/daemon/work_parts.h"
#include "src/format/bound.h"
#include <string.h>

#define SAID_MAX 4900u /* bytes of a text, as in src/reply */

static struct slice
text_of(const struct node *n, const char *name)
{
	const struct value *v = record_get(n, name);

	return v == NULL ? SLICE_LIT("") : v->text;
}

static struct node *
below(const struct node *n, const char *name)
{
	const struct element *e = group_element(n->group, slice_of(name));

	return e == NULL || e->group == NULL ? NULL : n->slot[e->slot].node;
}

/* Of the elements that are told in both languages, see work_language.c. */
static void
zh_look(struct reply_places *l, const struct binding *b)
{
	const struct element *e = b->at.step[b->at.n - 1];

	if (b->write && l->nzh < PLACES_ZH && work_is_zh(e))
		l->zh[l->nzh++] = e;
}

static void
binding_look(void *arg, const struct binding *b)
{
	struct reply_places *l = arg;

	if (b->at.n == 0)
		return;
	zh_look(l, b);
	if (b->at.transmission)
		return;
	l->parts |= strcmp(b->at.step[0]->name, "part") == 0;
	if (b->at.n != 1 || strcmp(b->at.step[0]->name, "status") != 0)
		return;
	for (const struct codec *c = b->codec; c != NULL; c = c->next)
		if (c->kind == CODEC_CODE)
			l->status = c->u.code.list;
}

const struct reply_places *
work_places(struct work *w, const struct plan *plan)
{
	struct reply_places *l = &w->places;

	if (l->plan == plan)
		return l;
	*l = (struct reply_places){ .plan = plan,
		.parts = plan->each.nsteps > 0 };
	plan_bindings(plan, binding_look, l);
	return l;
}

/* What the agency said, where it said it in this list; it must mean the same.
 */
static const struct code_row *
row_said(const struct codelist *list, struct slice said, struct slice outcome)
{
	int to = codelist_column(list, SLICE_LIT("outcome"));
	int cn = codelist_column(list, SLICE_LIT("cn"));

	for (uint32_t i = 0; i < list->nrows && to >= 0 && cn >= 0; i++)
		if (said.len > 0 && slice_eq(list->row[i].cell[cn], said) &&
		    slice_eq(list->row[i].cell[to], outcome))
			return &list->row[i];
	return NULL;
}

/* What comes nearest: the list of outcomes has a column of that list's name. */
static const struct code_row *
row_near(const struct codelists *all, const struct codelist *list,
    struct slice outcome)
{
	const struct codelist *l = codelist_find(all, SLICE_LIT("outcome"));
	int c = l == NULL ? -1 : codelist_column(l, slice_of(list->name));
	const struct code_row *row =
	    c < 0 || outcome.len == 0 ? NULL : code_find(l, outcome, 0);

	return row == NULL ? NULL : code_find(list, code_write(row, c), 0);
}

static void
status_put(struct record *r, struct node *root, const struct codelists *all,
    const struct codelist *list)
{
	struct slice outcome = text_of(root, "outcome");
	const struct code_row *row =
	    row_said(list, text_of(root, "fault"), outcome);
	const struct element *e =
	    group_element(root->group, SLICE_LIT("status"));

	if (row == NULL)
		row = row_near(all, list, outcome);
	root->slot[e->slot].value = NULL;
	if (row != NULL)
		(void)record_set(r, root, "status", row->code);
}

/* The agency's words, our sentence, and each finding with its place. */
static void
text_join(struct record *r, struct node *root, const struct node *part)
{
	const struct element *e = group_element(root->group, SLICE_LIT("text"));
	struct slice said = text_of(part, "text");
	struct slice own = text_of(part, "status_zh");
	struct buf b;

	buf_init(&b, SAID_MAX);
	buf_slice(&b, said);
	if (said.len == 0 && below(part, "finding") == NULL)
		buf_slice(&b, own.len > 0 ? own : text_of(part, "status_en"));
	for (const struct node *f = below(part, "finding"); f != NULL;
	     f = f->next) {
		struct slice zh = text_of(f, "text_zh");
		struct slice line = text_of(f, "line");

		buf_fmt(&b, "%s%.*s %.*s", b.len > 0 ? "; " : "",
		    SLICE_ARG(text_of(f, "fault")),
		    SLICE_ARG(zh.len > 0 ? zh : text_of(f, "text")));
		if (line.len > 0)
			buf_fmt(&b, " (%.*s:%.*s)", SLICE_ARG(line),
			    SLICE_ARG(text_of(f, "column")));
		if (buf_failed(&b))
			break; /* a flood: the first ones are told */
	}
	root->slot[e->slot].value = NULL;
	if (b.len > 0)
		(void)record_set(r, root, "text",
		    arena_dup(r->mem, (struct slice){ b.p, b.len }));
	buf_clear(&b);
}

/*
 * The number that ties later receipts to this answer: the agency's platform's,
 * else that of our filing.
 */
static void
number_put(struct record *r, struct node *root, const struct node *part)
{
	struct node *about = below(root, "about");
	struct slice id = text_of(part, "filing_id");
	struct buf b;

	if (about == NULL || text_of(about, "platform_number").len > 0 ||
	    text_of(part, "agency").len == 0)
		return;
	buf_init(&b, 64);
	for (size_t i = 0; i < id.len; i++)
		if (id.p[i] != '-')
			buf_byte(&b, id.p[i]);
	(void)record_set(
	    r, about, "platform_number", arena_dup(r->mem, buf_look(&b)));
	buf_clear(&b);
}

static void
stamp_put(struct record *r)
{
	const struct group *g =
	    directory_document(r->dir, SLICE_LIT("transmission"));

	if (g == NULL)
		return;
	r->transmission = node_new(r->mem, g, NULL);
	/* its file has its name already: the pattern's is not used */
	if (r->transmission != NULL)
		(void)record_set(r, r->transmission, "stamp",
		    SLICE_LIT("000000000000000000000"));
}

void
work_lift(const struct reply_places *places, const struct codelists *all,
    struct record *r)
{
	struct node *root = r->root, *part = below(root, "part");

	if (places->parts || part == NULL)
		return;
	for (uint16_t i = 0; i < part->group->nslots; i++) {
		const struct element *from = &part->group->element[i];
		const struct element *to =
		    group_element(root->group, slice_of(from->name));

		if (to != NULL)
			root->slot[to->slot] = part->slot[from->slot];
	}
	if (text_of(root, "outcome").len == 0)
		(void)record_set(r, root, "outcome",
		    slice_is(text_of(root, "status"), "taken") ||
			    slice_is(text_of(root, "status"), "repeat")
			? SLICE_LIT("received")
			: SLICE_LIT("failed"));
	if (!slice_is(text_of(root, "outcome"), "failed"))
		number_put(r, root, part);
	text_join(r, root, part);
	if (places->status != NULL)
		status_put(r, root, all, places->status);
	stamp_put(r);
}
