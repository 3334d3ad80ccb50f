/*
 * syntax/json_out.c - objects and their members written as JSON. Trusts the
 * writer for names. Called by write and reply.
 *
 * A member that may repeat is an array even when it stands once: the reader at
 * the other end must not have to guess. Its values stand next to each other,
 * as the lines of a format do.
 */
#include <assert.h>
#include "src/syntax/json.h"

#define DEPTH_MAX 64

struct frame {
	wtag array; /* whose values stand in an array that is open; 0: none */
	bool any;   /* a member was written */
};

struct state {
	struct json_style style;
	struct frame frame[DEPTH_MAX + 1]; /* [0]: around the objects */
	uint32_t depth, leaves;
};

static bool
marked(const bool *of, const struct state *s, wtag tag)
{
	return of != NULL && tag < s->style.ntags && of[tag];
}

static void
line_start(struct wire_out *o, const struct state *s)
{
	uint32_t in = s->depth + s->style.list;

	if (!s->style.indent || o->buf->len == 0)
		return;
	buf_byte(o->buf, '\n');
	for (uint32_t i = 0; i < in; i++)
		buf_add(o->buf, "  ", 2);
}

static void
text_put(struct buf *b, struct slice s)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";

	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		const char *k = memchr(from, s.p[i], sizeof(from) - 1);

		if (k != NULL) {
			buf_byte(b, '\\');
			buf_byte(b, to[k - from]);
		} else if ((unsigned char)s.p[i] < ' ')
			buf_fmt(b, "\\u%04x", (unsigned)s.p[i]);
		else
			buf_byte(b, s.p[i]);
	}
	buf_byte(b, '"');
}

static size_t
digits_at(struct slice s, size_t i)
{
	size_t n = 0;

	while (i + n < s.len && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

/* Can it stand without quotes? "007" and "1,5" cannot. */
static bool
is_bare(struct slice s)
{
	size_t i = s.len > 0 && s.p[0] == '-', n = digits_at(s, i);

	if (slice_is(s, "true") || slice_is(s, "false"))
		return true;
	if (n == 0 || (n > 1 && s.p[i] == '0'))
		return false;
	i += n;
	if (i == s.len)
		return true;
	n = s.p[i] == '.' ? digits_at(s, i + 1) : 0;
	return n > 0 && i + 1 + n == s.len;
}

static void
array_close(struct wire_out *o, struct frame *f)
{
	if (f->array != 0)
		buf_byte(o->buf, ']');
	f->array = 0;
}

/* What stands before a value: comma, name, and the array it opens. */
static void
member_start(struct wire_out *o, struct slice name, wtag tag)
{
	struct state *s = o->state;
	struct frame *f = &s->frame[s->depth];

	if (f->array != 0 && f->array == tag) {
		buf_byte(o->buf, ',');
		return;
	}
	array_close(o, f);
	if (f->any)
		buf_byte(o->buf, ',');
	f->any = true;
	line_start(o, s);
	if (s->depth == 0)
		return; /* the outermost object has no name */
	text_put(o->buf, name);
	buf_byte(o->buf, ':');
	if (s->style.indent)
		buf_byte(o->buf, ' ');
	if (marked(s->style.many, s, tag)) {
		buf_byte(o->buf, '[');
		f->array = tag;
	}
}

static void
out_begin(struct wire_out *o, struct slice name, wtag tag)
{
	struct state *s = o->state;

	if (s->depth == DEPTH_MAX) {
		o->buf->failed = true;
		return;
	}
	member_start(o, name, tag);
	buf_byte(o->buf, '{');
	s->frame[++s->depth] = (struct frame){ 0, false };
}

static void
out_leaf(struct wire_out *o, struct slice name, wtag tag, struct slice text)
{
	struct state *s = o->state;
	bool bare = marked(s->style.bare, s, tag) && is_bare(text);
	size_t at;

	member_start(o, name, tag);
	at = o->buf->len + !bare;
	if (bare)
		buf_slice(o->buf, text);
	else
		text_put(o->buf, text);
	if (o->placed != NULL && !buf_failed(o->buf))
		o->placed(
		    o->placed_arg, s->leaves, at, o->buf->len - at - !bare);
	s->leaves++;
}

static void
out_end(struct wire_out *o)
{
	struct state *s = o->state;
	struct frame *f = &s->frame[s->depth];

	assert(s->depth > 0);
	array_close(o, f);
	s->depth--;
	if (f->any)
		line_start(o, s);
	buf_byte(o->buf, '}');
}

static void
out_mark(const struct wire_out *o, struct wire_mark *m)
{
	const struct state *s = o->state;

	*m = (struct wire_mark){
		.len = o->buf->len,
		.depth = s->depth,
		.pending = s->frame[s->depth].array,
		.open = s->frame[s->depth].any,
		.leaves = s->leaves,
	};
}

static void
out_back(struct wire_out *o, const struct wire_mark *m)
{
	struct state *s = o->state;

	buf_cut(o->buf, m->len);
	s->depth = m->depth;
	s->frame[s->depth].array = (wtag)m->pending;
	s->frame[s->depth].any = m->open;
	s->leaves = m->leaves;
}

static struct slice
out_finish(struct wire_out *o)
{
	struct state *s = o->state;

	if (s->style.list) {
		if (s->style.indent && s->frame[0].any)
			buf_byte(o->buf, '\n');
		buf_byte(o->buf, ']');
	}
	if (s->style.indent)
		buf_byte(o->buf, '\n');
	return buf_look(o->buf);
}

struct wire_out *
json_out(struct buf *buf, const struct json_style *style, struct arena *mem)
{
	struct wire_out *o = arena_get(mem, sizeof(*o));
	struct state *s = arena_get(mem, sizeof(*s));

	if (o == NULL || s == NULL)
		return NULL;
	s->style = *style;
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
	if (style->list)
		buf_byte(buf, '[');
	return o;
}
