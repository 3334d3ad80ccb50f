/*
 * write/leaf.c - one line's leaf or leaves, for a value, a constant, a count.
 * Called by lines.c.
 */
#include "src/write/writer.h"
#include <stdio.h>

static const struct slice empty = { "", 0 };

static void
trace_add(struct writer *w, const struct leaf *leaf, const struct origin *from)
{
	if (w->entry == NULL)
		return;
	if (w->nentries == w->room) {
		struct trace_entry *more =
		    arena_get(w->mem, 2 * w->room * sizeof(*more));

		if (more == NULL)
			return;
		memcpy(more, w->entry, w->room * sizeof(*more));
		w->entry = more;
		w->room *= 2;
	}
	w->entry[w->nentries] =
	    (struct trace_entry){ .line = leaf->line, .node = leaf->here };
	if (from == NULL)
		return;
	w->entry[w->nentries].value = from->value;
	w->entry[w->nentries].home = from->node;
	w->entry[w->nentries].el = from->el;
}

/* A value of a key, as it stands in the message. */
static void
keys_note(struct writer *w, const struct node *node, const struct element *el,
    struct slice text)
{
	const struct group *d = w->plan->document;

	for (uint16_t k = 0; k < d->nkeys; k++)
		for (uint8_t i = 0; i < d->key[k].nparts; i++) {
			uint8_t n = d->key[k].part[i].n;
			const struct element *const *step =
			    d->key[k].part[i].step;
			const struct node *at = w->record->root;

			if (n == 0 || step[n - 1] != el)
				continue;
			for (uint8_t s = 0; s + 1 < n && at != NULL; s++)
				at = at->slot[step[s]->slot].node;
			if (at == node && w->nkeys < KEYS_MAX)
				w->key[w->nkeys++] =
				    (struct write_key){ &d->key[k], i, text };
		}
}

void
leaf_put(struct writer *w, const struct leaf *leaf, struct slice name, wtag tag,
    struct slice text, const struct origin *from)
{
	trace_add(
	    w, leaf, from); /* before: the syntax may tell the place now */
	w->nentries++;
	w->out->leaf(w->out, name, tag, text);
	if (w->nsaid < SAID_MAX)
		w->said[w->nsaid++] = (struct said){ tag, text };
}

/*
 * Qualifiers are constants; beside an absent part of their composite they
 * would say something about nothing.
 */
bool
leaf_idle(struct writer *w, const struct leaf *leaf)
{
	const struct line *l = leaf->line;
	wtag element = (l->tag[0] - TAG_LEAF) / TAG_COMPONENTS;
	bool bound = false;

	if (l->kind != LINE_CONSTANT || l->tag[0] < TAG_LEAF ||
	    (l->tag[0] - TAG_LEAF) % TAG_COMPONENTS == 0)
		return false;
	for (int i = 0; i < l->parent->nguards; i++)
		if (l->parent->guard[i].line == l)
			return false; /* by it the segment is known again */
	for (const struct line *s = l->parent->child; s != NULL; s = s->next) {
		struct scope scope = { .record = w->record,
			.here = leaf->here };
		const struct path *p;
		struct node *node;

		if (s->tag[0] < TAG_LEAF || s->kind != LINE_ELEMENT ||
		    (s->tag[0] - TAG_LEAF) / TAG_COMPONENTS != element)
			continue;
		bound = true;
		p = choice_path(&s->choice, &scope);
		if (p != NULL && (value_get(w, p, leaf->here, &node) != NULL ||
				     s->fallback.p != NULL))
			return false;
	}
	return bound;
}

/* Nothing to say: a default, an empty leaf, a complaint, or silence. */
static void
absent_write(struct writer *w, const struct leaf *leaf, bool blank,
    const struct path *path)
{
	const struct line *l = leaf->line;

	if (l->fallback.p != NULL) {
		leaf_put(w, leaf, l->name[0], l->tag[0], l->fallback, NULL);
		return;
	}
	if (l->least > 0 && path != NULL)
		missing_out(w, leaf, path);
	else if (l->least > 0)
		(void)complain_out(w, FIND_MISSING_OUT, leaf, leaf->here, NULL,
		    NULL, empty, "", "");
	if (blank)
		leaf_put(w, leaf, l->name[0], l->tag[0], empty, NULL);
}

/* A member that holds the separator would come back as two. */
static bool
member_parts(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v, struct slice part,
    struct slice separator)
{
	char en[48], zh[48];

	if (separator.len == 0 || part.len == 0 ||
	    memmem(part.p, part.len, separator.p, separator.len) == NULL)
		return false;
	(void)snprintf(
	    en, sizeof(en), "a text without '%.*s'", SLICE_ARG(separator));
	(void)snprintf(zh, sizeof(zh), "不含“%.*s”", SLICE_ARG(separator));
	(void)complain_out(
	    w, FIND_NOT_WRITABLE, leaf, node, el, v, v->text, en, zh);
	return true;
}

bool
list_join(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v, struct slice *text)
{
	struct slice separator =
	    codec_of(leaf->line->codec, CODEC_LIST)->u.separator;
	const struct value *first = v;
	struct buf b;
	bool fine = true;

	buf_init(&b, 1u << 20);
	for (; v != NULL; v = v->next) {
		struct slice part = empty;

		if (v->text.len > 0)
			fine &= value_encode(
			    w, leaf, leaf->line->codec, node, el, v, &part);
		fine &= !member_parts(w, leaf, node, el, v, part, separator);
		if (v != first)
			buf_slice(&b, separator);
		buf_slice(&b, part);
	}
	*text = arena_dup(w->mem, buf_look(&b));
	fine = fine && !buf_failed(&b);
	buf_clear(&b);
	return fine;
}

static bool
list_write(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	struct slice text;

	if (list_join(w, leaf, node, el, v, &text) &&
	    value_fits(w, leaf, node, el, v, text))
		leaf_put(w, leaf, leaf->line->name[0], leaf->line->tag[0], text,
		    &(struct origin){ v, node, el });
	return true;
}

/* "date LIST with @formatCode": the attribute stands on the leaf itself. */
static void
with_attribute(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	const struct line *l = leaf->line;
	struct slice text;

	w->out->begin(w->out, l->name[0], l->tag[0]);
	if (value_encode(w, leaf, l->codec, node, el, v, &text) &&
	    value_fits(w, leaf, node, el, v, text))
		leaf_put(w, leaf, SLICE_LIT("."), TAG_UNKNOWN, text,
		    &(struct origin){ v, node, el });
	w->out->end(w->out);
}

static void
value_put(struct writer *w, const struct leaf *leaf, uint32_t k,
    struct node *node, const struct element *el, const struct value *v)
{
	const struct line *l = leaf->line;
	const struct codec *with = codec_of(l->codec, CODEC_DATE_WITH);
	struct slice text;

	if (with != NULL && with->u.with.name.len > 0 &&
	    with->u.with.name.p[0] == '@') {
		with_attribute(w, leaf, node, el, v);
		return;
	}
	if (!value_encode(w, leaf, l->codec, node, el, v, &text) ||
	    !value_fits(w, leaf, node, el, v, text))
		return;
	leaf_put(w, leaf, l->name[0], l->tag[0] + (l->span > 1 ? k : 0), text,
	    &(struct origin){ v, node, el });
	if (node != NULL)
		keys_note(w, node, el, text);
}

static void
too_many(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	char found[16], wanted[16];
	uint32_t n = value_count(node->slot[el->slot].value);

	(void)snprintf(found, sizeof(found), "%u", (unsigned)n);
	(void)snprintf(
	    wanted, sizeof(wanted), "%u", (unsigned)leaf->line->most);
	(void)complain_out(
	    w, FIND_TOO_MANY, leaf, node, el, v, slice_of(found), wanted, "");
}

/* As many values as the line has leaves, from this turn's first on. */
static bool
values_write(struct writer *w, const struct leaf *leaf, struct node *node,
    const struct element *el, const struct value *v)
{
	const struct line *l = leaf->line;
	uint32_t room = l->span > 1 ? l->span : l->most;
	uint32_t skip = w->repeating ? w->turn * room : 0;
	bool carried = false;
	uint32_t k = 0;

	for (; v != NULL && skip > 0; skip--)
		v = v->next;
	for (; v != NULL && (room == 0 || k < room); v = v->next, k++) {
		value_put(w, leaf, k, node, el, v);
		carried = true;
	}
	if (v != NULL && w->repeating)
		w->more = true;
	else if (v != NULL)
		too_many(w, leaf, node, el, v);
	return carried;
}

static bool
element_write(struct writer *w, const struct leaf *leaf, bool blank)
{
	const struct line *l = leaf->line;
	struct scope scope = { .record = w->record, .here = leaf->here };
	const struct path *p = l->choice.narms == 1
				   ? &l->choice.arm[0].path
				   : choice_path(&l->choice, &scope);
	struct node *node = NULL;
	const struct value *v;
	const struct element *el;

	if (p == NULL || p->nsteps == 0)
		return false;
	el = p->step[p->nsteps - 1];
	v = value_get(w, p, leaf->here, &node);
	if (v == NULL) {
		absent_write(w, leaf, blank, p);
		return false;
	}
	if (l->codec != NULL) {
		if (codec_of(l->codec, CODEC_WRAP) != NULL)
			return deal_write(w, leaf, node, el, v);
		if (codec_of(l->codec, CODEC_LIST) != NULL)
			return list_write(w, leaf, node, el, v);
	}
	if (el->repeats)
		return values_write(w, leaf, node, el, v);
	value_put(w, leaf, 0, node, el, v);
	return true;
}

static bool
pattern_write(struct writer *w, const struct leaf *leaf, bool blank)
{
	const struct line *l = leaf->line;
	struct origin first;
	struct slice text;
	int filled = pattern_fill(w, leaf, l->piece, l->npieces, &text, &first);

	if (filled < 0)
		return true;
	if (filled == 0 && !(l->bang && text.len > 0)) {
		absent_write(w, leaf, blank, NULL);
		return false;
	}
	if (value_fits(w, leaf, first.node, NULL, first.value, text))
		leaf_put(w, leaf, l->name[0], l->tag[0], text,
		    first.value == NULL ? NULL : &first);
	return filled > 0;
}

/* A container that holds a count and no value is there for the count. */
static bool
binds_below(const struct line *parent)
{
	for (const struct line *l = parent->child; l != NULL; l = l->next)
		if (l->kind == LINE_ELEMENT || l->kind == LINE_PATTERN ||
		    l->kind == LINE_GROUP || binds_below(l))
			return true;
	return false;
}

bool
leaf_write(struct writer *w, const struct leaf *leaf, bool blank)
{
	const struct line *l = leaf->line;
	struct scope scope = { .record = w->record, .here = leaf->here };
	struct slice text;

	switch (l->kind) {
	case LINE_ELEMENT:
		return element_write(w, leaf, blank);
	case LINE_PATTERN:
		return pattern_write(w, leaf, blank);
	case LINE_CONSTANT:
		leaf_put(w, leaf, l->name[0], l->tag[0], l->constant[0], NULL);
		return false;
	case LINE_COMPUTED:
		if (!expr_value(l->expr, &scope, w->mem, &text))
			return false;
		leaf_put(w, leaf, l->name[0], l->tag[0], text, NULL);
		return !binds_below(l->parent);
	case LINE_SIGN: /* filled by the vault, over what is written here */
		leaf_put(w, leaf, l->name[0], l->tag[0], empty, NULL);
		return false;
	default:
		return false;
	}
}
