/*
 * write/table.c - an EDIFACT message that was written is read once more as its
 * table sees it: order, counts, what must be there, lengths. Called by write.c
 * for every message before anybody gets it.
 *
 * Lines obey their own limits while they are written; what only the whole
 * shows is seen here: a composite without its first part, a group too often.
 * Nothing that breaks the table leaves, and the filer is told with the value
 * of his own that did it.
 */
#include "src/write/writer.h"
#include <stdio.h>
#include "src/syntax/edifact.h"

/* The leaf that stands there; NULL: none, as when one is missing. */
static const struct trace_entry *
entry_at(const struct writer *w, uint32_t at)
{
	for (uint32_t i = 0; i < w->nentries; i++)
		if (w->entry[i].out_at == at && w->entry[i].out_len > 0)
			return &w->entry[i];
	return NULL;
}

/* The first leaf between the two: of the segment that a finding is about. */
static const struct trace_entry *
entry_within(const struct writer *w, uint32_t from, uint32_t to)
{
	const struct trace_entry *first = NULL;

	for (uint32_t i = 0; i < w->nentries; i++) {
		const struct trace_entry *e = &w->entry[i];

		if (e->out_len > 0 && e->out_at >= from && e->out_at < to &&
		    (first == NULL || e->out_at < first->out_at))
			first = e;
	}
	return first;
}

static const struct element *
line_element(struct writer *w, const struct line *l, struct node *here,
    struct node **at, const struct path **path)
{
	struct scope scope = { .record = w->record, .here = here };
	const struct path *p =
	    l->kind == LINE_ELEMENT ? choice_path(&l->choice, &scope) : NULL;

	*at = p == NULL ? NULL : path_node(p, &scope, w->mem, false);
	*path = p;
	return p == NULL ? NULL : p->step[p->nsteps - 1];
}

/* The line that would have written a leaf beside this one. */
static const struct line *
line_for(const struct trace_entry *e, const struct finding *f)
{
	const struct line *l = e->line->ntags > 0 && e->line->tag[0] >= TAG_LEAF
				   ? e->line->parent
				   : e->line;
	wtag simple = tag_leaf(f->place.element, 0);
	wtag part = tag_leaf(f->place.element, f->place.component);

	for (l = l->child; l != NULL; l = l->next)
		if (l->write && (l->tag[0] == part || l->tag[0] == simple))
			return l;
	return NULL;
}

/* "NAD/C082.3039 is missing": the element that fills it, when one does. */
static bool
missing_say(struct writer *w, const struct finding *f)
{
	const struct trace_entry *e =
	    entry_within(w, f->text_at, f->text_at + f->text_span);
	const struct line *l =
	    e == NULL || f->place.element == 0 ? NULL : line_for(e, f);
	struct node *here =
	    e == NULL ? NULL : (struct node *)(uintptr_t)e->node;
	struct leaf leaf = { l, here };
	const struct path *path;
	struct node *at = NULL;

	if (l == NULL || line_element(w, l, here, &at, &path) == NULL)
		return false;
	missing_out(w, &leaf, path);
	return true;
}

static bool
value_say(struct writer *w, const struct finding *f)
{
	const struct trace_entry *e = entry_at(w, f->text_at);
	struct node *here =
	    e == NULL ? NULL : (struct node *)(uintptr_t)e->node;
	struct leaf leaf = { e == NULL ? NULL : e->line, here };
	const struct element *el;
	const struct path *path;
	struct node *at = NULL;
	char wanted[160];

	if (e == NULL || e->value == NULL ||
	    (el = line_element(w, e->line, here, &at, &path)) == NULL)
		return false;
	(void)snprintf(wanted, sizeof(wanted), "%.*s", SLICE_ARG(f->wanted));
	(void)complain_out(w, FIND_NOT_WRITABLE, &leaf, at == NULL ? here : at,
	    el, e->value, f->found, wanted, wanted);
	return true;
}

/* What no element of the record explains: a whole segment or group. */
static void
whole_say(struct writer *w, const struct finding *f)
{
	struct leaf none = { w->plan->root, NULL };
	const struct trace_entry *e =
	    entry_within(w, f->text_at, f->text_at + f->text_span);
	struct findings aside;
	struct finding *own;

	if (e != NULL)
		none = (struct leaf){ e->line, NULL };
	own = complain_out(w, FIND_TABLE_BROKEN, &none,
	    e == NULL ? NULL : e->node, NULL, e == NULL ? NULL : e->value,
	    f->en, w->plan->table_name, w->plan->table_name);
	findings_init(&aside, w->mem);
	own->zh = finding_add(&aside, FIND_TABLE_BROKEN, own->element, own->tag,
	    f->zh, own->wanted)
		      ->zh;
}

void
table_check(struct writer *w, struct buf *b)
{
	struct edifact_chars chars;
	struct findings found;
	size_t whole = b->len;

	(void)edifact_chars_read((struct slice){ "", 0 }, 0, &chars);
	findings_init(&found, w->mem);
	/* The trailer is the envelope's; with it the table knows the end. */
	buf_fmt(b, "UNT+%u+1'", edifact_out_segments(w->out) + 1);
	if (!buf_failed(b)) {
		struct text t = { .raw = buf_look(b), .utf8 = buf_look(b) };

		(void)edifact_tree(&t, 0, (uint32_t)t.utf8.len, &chars,
		    w->plan->table, w->plan->tags, w->mem, &found);
	}
	buf_cut(b, whole);
	for (const struct finding *f = found.first; f != NULL; f = f->next) {
		if (f->severity != SEV_ERROR)
			continue;
		if (!(f->kind == FIND_MISSING && missing_say(w, f)) &&
		    !value_say(w, f))
			whole_say(w, f);
	}
}
