/*
 * syntax/edifact_out.c - segments to the letter: trailing empty parts left
 * out, service characters released. Trusts the writer, which calls it line by
 * line; called by write and wrap.
 *
 * Leaves come in the order of the format's lines, guards first, so a segment's
 * leaves are kept until it is complete and put in place then. They are kept on
 * a stack: falling back to a mark finds them again as they were, even when the
 * segment had been written meanwhile.
 */
#include <assert.h>
#include "src/syntax/edifact_parts.h"

#define DEPTH_MAX   32
#define PENDING_MAX 2048 /* leaves of all open segments */
#define SCRATCH_MAX (1u << 20)

struct pending {
	wtag leaf;
	uint32_t number;  /* of the call of leaf() */
	uint32_t at, len; /* released text in scratch */
};

struct frame {
	struct slice tag;
	uint32_t first; /* of its leaves in pending */
	bool written;
};

struct state {
	struct edifact_style style;
	struct frame frame[DEPTH_MAX];
	uint32_t depth;
	struct pending pending[PENDING_MAX];
	uint32_t npending;
	uint32_t segments, leaves;
	char *scratch;
	uint32_t scratch_len;
	struct arena *mem;
	uint32_t scratch_cap;
};

static uint32_t
leaf_element(wtag leaf)
{
	return (leaf - TAG_LEAF) / TAG_COMPONENTS;
}

static uint32_t
leaf_component(wtag leaf)
{
	uint32_t c = (leaf - TAG_LEAF) % TAG_COMPONENTS;

	return c == 0 ? 1 : c;
}

/* The order of a segment's leaves on the wire; they nearly are in it. */
static void
pending_sort(const struct pending *p, uint32_t n, uint16_t *order)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = i;

		for (; k > 0 && p[order[k - 1]].leaf > p[i].leaf; k--)
			order[k] = order[k - 1];
		order[k] = (uint16_t)i;
	}
}

/* What is behind the last leaf that is kept is free again. */
static void
scratch_cut(struct state *s)
{
	const struct pending *last = &s->pending[s->npending];

	s->scratch_len = s->npending == 0 ? 0 : last[-1].at + last[-1].len;
}

static void
separators(struct wire_out *o, const struct state *s, uint32_t *element,
    uint32_t *component, wtag leaf)
{
	while (*element < leaf_element(leaf)) {
		buf_byte(o->buf, s->style.chars.element);
		(*element)++;
		*component = 1;
	}
	while (*component < leaf_component(leaf)) {
		buf_byte(o->buf, s->style.chars.component);
		(*component)++;
	}
}

/*
 * The segment of the innermost frame goes out. Its leaves stay on the stack as
 * they came: a mark counts them.
 */
static void
frame_write(struct wire_out *o, struct state *s)
{
	struct frame *f = &s->frame[s->depth - 1];
	const struct pending *first = &s->pending[f->first];
	uint32_t n = s->npending - f->first, element = 0, component = 1;
	uint16_t order[PENDING_MAX];
	wtag before = 0;

	buf_slice(o->buf, f->tag);
	pending_sort(first, n, order);
	for (uint32_t i = 0; i < n; i++) {
		const struct pending *p = &first[order[i]];

		if (p->leaf == before)
			o->buf->failed = true;
		before = p->leaf;
		separators(o, s, &element, &component, p->leaf);
		if (o->placed != NULL)
			o->placed(
			    o->placed_arg, p->number, o->buf->len, p->len);
		buf_add(o->buf, s->scratch + p->at, p->len);
	}
	buf_byte(o->buf, s->style.chars.end);
	if (s->style.newline)
		buf_byte(o->buf, '\n');
	f->written = true;
	s->segments++;
}

static void
out_begin(struct wire_out *o, struct slice name, wtag tag)
{
	struct state *s = o->state;

	(void)tag;
	if (s->depth > 0 && !s->frame[s->depth - 1].written)
		frame_write(o, s);
	if (s->depth == DEPTH_MAX) {
		o->buf->failed = true;
		return;
	}
	s->frame[s->depth++] =
	    (struct frame){ .tag = name, .first = s->npending };
}

/* Room for n more bytes of released text. */
static char *
scratch_room(struct state *s, size_t n)
{
	size_t need = s->scratch_len + n;
	size_t cap = s->scratch_cap == 0 ? 1024 : s->scratch_cap;
	char *p;

	if (need <= s->scratch_cap)
		return s->scratch + s->scratch_len;
	if (need > SCRATCH_MAX)
		return NULL;
	while (cap < need)
		cap *= 2;
	p = arena_raw(s->mem, cap);
	if (p == NULL)
		return NULL;
	if (s->scratch_len > 0)
		memcpy(p, s->scratch, s->scratch_len);
	s->scratch = p;
	s->scratch_cap = (uint32_t)cap;
	return p + s->scratch_len;
}

static uint32_t
text_release(char *out, struct slice text, const struct edifact_chars *c)
{
	uint32_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char x = text.p[i];

		if (x == c->component || x == c->element || x == c->end ||
		    x == c->release || (x == c->repetition && x != '\0'))
			out[n++] = c->release;
		out[n++] = x;
	}
	return n;
}

static void
out_leaf(struct wire_out *o, struct slice name, wtag leaf, struct slice text)
{
	struct state *s = o->state;
	char *room;

	(void)name;
	s->leaves++;
	if (text.len == 0)
		return;
	assert(s->depth > 0 && leaf >= TAG_LEAF);
	room = text.len > SEGMENT_MAX ? NULL : scratch_room(s, text.len * 2);
	if (room == NULL || s->npending == PENDING_MAX ||
	    s->frame[s->depth - 1].written) {
		o->buf->failed = true;
		return;
	}
	s->pending[s->npending++] = (struct pending){
		.leaf = leaf,
		.number = s->leaves - 1,
		.at = s->scratch_len,
		.len = text_release(room, text, &s->style.chars),
	};
	s->scratch_len += s->pending[s->npending - 1].len;
}

static void
out_end(struct wire_out *o)
{
	struct state *s = o->state;

	assert(s->depth > 0);
	if (!s->frame[s->depth - 1].written)
		frame_write(o, s);
	s->depth--;
	s->npending = s->frame[s->depth].first;
	scratch_cut(s);
}

static void
out_mark(const struct wire_out *o, struct wire_mark *m)
{
	const struct state *s = o->state;

	*m = (struct wire_mark){
		.len = o->buf->len,
		.depth = s->depth,
		.pending = s->npending,
		.count = s->segments,
		.leaves = s->leaves,
		.open = s->depth > 0 && !s->frame[s->depth - 1].written,
	};
}

static void
out_back(struct wire_out *o, const struct wire_mark *m)
{
	struct state *s = o->state;

	buf_cut(o->buf, m->len);
	s->depth = m->depth;
	s->npending = m->pending;
	scratch_cut(s);
	s->segments = m->count;
	s->leaves = m->leaves;
	if (s->depth > 0)
		s->frame[s->depth - 1].written = !m->open;
}

static struct slice
out_finish(struct wire_out *o)
{
	return buf_look(o->buf);
}

uint32_t
edifact_out_segments(const struct wire_out *o)
{
	const struct state *s = o->state;

	return s->segments;
}

struct wire_out *
edifact_out(
    struct buf *buf, const struct edifact_style *style, struct arena *mem)
{
	struct wire_out *o = arena_get(mem, sizeof(*o));
	struct state *s = arena_raw(mem, sizeof(*s));

	if (o == NULL || s == NULL)
		return NULL;
	s->style = *style;
	s->depth = s->npending = s->segments = s->leaves = 0;
	s->scratch = NULL;
	s->scratch_len = s->scratch_cap = 0;
	s->mem = mem;
	if (s->style.chars.end == '\0')
		s->style.chars = (struct edifact_chars){ ':', '+', '.', '?',
			'\0', '\'', false };
	*o = (struct wire_out){
		.buf = buf,
		.begin = out_begin,
		.leaf = out_leaf,
		.end = out_end,
		.mark = out_mark,
		.back = out_back,
		.finish = out_finish,
		.state = s,
	};
	return o;
}
