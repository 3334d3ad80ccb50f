/*
 * syntax/xml_out.c - elements, attributes and text written as XML 1.0. Trusts
 * the writer for names; texts are escaped here. Called by write, reply and
 * wrap.
 */
#include <assert.h>
#include "src/syntax/xml.h"

#define DEPTH_MAX 128

enum frame_flag {
	HAS_CHILD = 1, /* elements below: the end tag gets a line */
	HAS_TEXT = 2,  /* own text: nothing may be laid out inside */
};

struct frame {
	struct slice name;
	uint32_t flags;
	bool prefixed; /* the style's prefix goes before it */
};

struct state {
	struct xml_style style;
	struct frame frame[DEPTH_MAX];
	uint32_t depth, leaves;
	bool open; /* the start tag's ">" is still to come */
};

void
xml_escape(struct buf *b, struct slice s, bool attribute)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *as;

		switch (s.p[i]) {
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '&':
			as = "&amp;";
			break;
		case '"':
			as = attribute ? "&quot;" : NULL;
			break;
		case '\r': /* a parser would make LF of it */
			as = "&#13;";
			break;
		case '\n':
			as = attribute ? "&#10;" : NULL;
			break;
		case '\t':
			as = attribute ? "&#9;" : NULL;
			break;
		default:
			continue;
		}
		if (as == NULL)
			continue;
		buf_add(b, s.p + from, i - from);
		buf_str(b, as);
		from = i + 1;
	}
	buf_add(b, s.p + from, s.len - from);
}

static void
name_put(const struct wire_out *o, const struct state *s, struct slice name,
    bool prefixed)
{
	if (prefixed) {
		buf_slice(o->buf, s->style.prefix);
		buf_byte(o->buf, ':');
	}
	buf_slice(o->buf, name);
}

static bool
prefix_needed(const struct state *s, struct slice name)
{
	return s->style.prefix.len > 0 && memchr(name.p, ':', name.len) == NULL;
}

/* Below an element that has text a line end would become part of it. */
static void
line_start(struct wire_out *o, struct state *s)
{
	uint32_t up = s->depth;

	if (!s->style.indent)
		return;
	if (up > 0 && (s->frame[up - 1].flags & HAS_TEXT) != 0)
		return;
	if (o->buf->len > 0)
		buf_byte(o->buf, '\n');
	for (uint32_t i = 0; i < up; i++)
		buf_add(o->buf, "  ", 2);
}

static void
start_close(struct wire_out *o, struct state *s)
{
	if (s->open)
		buf_byte(o->buf, '>');
	s->open = false;
}

static void
space_put(struct wire_out *o, struct state *s)
{
	if (s->depth != 0 || s->style.space.len == 0)
		return;
	buf_str(o->buf, " xmlns");
	if (s->style.prefix.len > 0) {
		buf_byte(o->buf, ':');
		buf_slice(o->buf, s->style.prefix);
	}
	buf_str(o->buf, "=\"");
	xml_escape(o->buf, s->style.space, true);
	buf_byte(o->buf, '"');
}

/* "<name" with what the outermost needs; the parent is closed before. */
static void
start_put(struct wire_out *o, struct state *s, struct slice name, bool prefixed)
{
	start_close(o, s);
	line_start(o, s);
	if (s->depth > 0)
		s->frame[s->depth - 1].flags |= HAS_CHILD;
	buf_byte(o->buf, '<');
	name_put(o, s, name, prefixed);
	space_put(o, s);
}

static void
out_begin(struct wire_out *o, struct slice name, wtag tag)
{
	struct state *s = o->state;
	bool prefixed = prefix_needed(s, name);

	(void)tag;
	start_put(o, s, name, prefixed);
	s->open = true;
	if (s->depth == DEPTH_MAX) {
		o->buf->failed = true;
		return;
	}
	s->frame[s->depth++] =
	    (struct frame){ .name = name, .prefixed = prefixed };
}

static void
text_put(struct wire_out *o, struct state *s, struct slice text, bool attribute)
{
	size_t at = o->buf->len;

	xml_escape(o->buf, text, attribute);
	if (o->placed != NULL && !buf_failed(o->buf))
		o->placed(o->placed_arg, s->leaves - 1, at, o->buf->len - at);
}

static void
attribute_put(
    struct wire_out *o, struct state *s, struct slice name, struct slice text)
{
	if (!s->open) { /* the element has content already */
		o->buf->failed = true;
		return;
	}
	buf_byte(o->buf, ' ');
	buf_slice(o->buf, slice_sub(name, 1, name.len));
	buf_str(o->buf, "=\"");
	text_put(o, s, text, true);
	buf_byte(o->buf, '"');
}

static void
element_put(
    struct wire_out *o, struct state *s, struct slice name, struct slice text)
{
	bool prefixed = prefix_needed(s, name);

	start_put(o, s, name, prefixed);
	if (text.len == 0) {
		buf_add(o->buf, "/>", 2);
		return;
	}
	buf_byte(o->buf, '>');
	text_put(o, s, text, false);
	buf_add(o->buf, "</", 2);
	name_put(o, s, name, prefixed);
	buf_byte(o->buf, '>');
}

static void
out_leaf(struct wire_out *o, struct slice name, wtag tag, struct slice text)
{
	struct state *s = o->state;

	(void)tag;
	s->leaves++;
	if (name.len > 0 && name.p[0] == '@') {
		attribute_put(o, s, name, text);
	} else if (slice_is(name, ".")) {
		if (text.len == 0)
			return;
		start_close(o, s);
		s->frame[s->depth - 1].flags |= HAS_TEXT;
		text_put(o, s, text, false);
	} else {
		element_put(o, s, name, text);
	}
}

static void
out_end(struct wire_out *o)
{
	struct state *s = o->state;
	const struct frame *f;

	assert(s->depth > 0);
	f = &s->frame[--s->depth];
	if (s->open) {
		buf_add(o->buf, "/>", 2);
		s->open = false;
		return;
	}
	if ((f->flags & HAS_TEXT) == 0 && (f->flags & HAS_CHILD) != 0)
		line_start(o, s);
	buf_add(o->buf, "</", 2);
	name_put(o, s, f->name, f->prefixed);
	buf_byte(o->buf, '>');
}

static void
out_mark(const struct wire_out *o, struct wire_mark *m)
{
	const struct state *s = o->state;

	*m = (struct wire_mark){
		.len = o->buf->len,
		.depth = s->depth,
		.pending = s->depth > 0 ? s->frame[s->depth - 1].flags : 0,
		.leaves = s->leaves,
		.open = s->open,
	};
}

static void
out_back(struct wire_out *o, const struct wire_mark *m)
{
	struct state *s = o->state;

	buf_cut(o->buf, m->len);
	s->depth = m->depth;
	if (s->depth > 0)
		s->frame[s->depth - 1].flags = m->pending;
	s->leaves = m->leaves;
	s->open = m->open;
}

static struct slice
out_finish(struct wire_out *o)
{
	const struct state *s = o->state;

	if (s->style.indent && o->buf->len > 0 &&
	    o->buf->p[o->buf->len - 1] != '\n')
		buf_byte(o->buf, '\n');
	return buf_look(o->buf);
}

struct wire_out *
xml_out(struct buf *buf, const struct xml_style *style, struct arena *mem)
{
	struct wire_out *o = arena_get(mem, sizeof(*o));
	struct state *s = arena_raw(mem, sizeof(*s));

	if (o == NULL || s == NULL)
		return NULL;
	s->style = *style;
	s->depth = s->leaves = 0;
	s->open = false;
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
	buf_str(buf, "<?xml version=\"1.0\" encoding=\"");
	buf_str(buf, encoding_name(style->encoding));
	buf_str(buf, "\"?>");
	return o;
}
