/*
 * wire/trace_pack.c - traces as bytes, both ways. Numbers are in base 128,
 * least first; differences have their sign in the lowest bit. Trusts nothing
 * that it reads. Called by convert to write, by the spool's views to read.
 */
#include "src/wire/trace_pack.h"

#define NAMES_MAX  (1u << 20) /* in one arrival */
#define NAME_DEPTH 64u        /* steps of a path */
#define NAME_BYTES 1024u      /* of one step */

struct name {
	uint32_t above;
	struct slice own;
};

static void
number_put(struct buf *b, uint64_t n)
{
	char text[10];
	size_t len = 0;

	if (n < 0x80) { /* most are */
		buf_byte(b, (char)n);
		return;
	}
	while (n >= 0x80) {
		text[len++] = (char)(unsigned char)(n | 0x80);
		n >>= 7;
	}
	text[len++] = (char)n;
	buf_add(b, text, len);
}

static bool
number_next(struct slice *rest, uint64_t *n)
{
	*n = 0;
	for (unsigned int i = 0; i < 10 && i < rest->len; i++) {
		unsigned char c = (unsigned char)rest->p[i];

		if (i == 9 && c > 1)
			return false;
		*n |= (uint64_t)(c & 0x7f) << (7 * i);
		if (c < 0x80) {
			*rest = slice_sub(*rest, i + 1, rest->len);
			return true;
		}
	}
	return false;
}

static uint64_t
folded(uint64_t to, uint64_t from)
{
	uint64_t d = to - from;

	return d << 1 ^ (d >> 63 != 0 ? UINT64_MAX : 0);
}

static uint64_t
unfolded(uint64_t n, uint64_t from)
{
	return from + (n >> 1 ^ ((n & 1) != 0 ? UINT64_MAX : 0));
}

void
trace_name_put(struct buf *names, uint32_t above, struct slice own)
{
	if (own.len > NAME_BYTES)
		own.len = NAME_BYTES;
	number_put(names, above);
	number_put(names, own.len);
	buf_slice(names, own);
}

/*
 * An empty leaf has no place. A leaf without an element is told by 0, others
 * by one more than they are.
 */
void
trace_leaf_put(struct trace_pen *pen, const struct trace_leaf *l, struct buf *b)
{
	number_put(b, l->out_len);
	if (l->out_len > 0) {
		number_put(b, folded(l->out_at, pen->out));
		pen->out = l->out_at + l->out_len;
	}
	number_put(b, folded(l->wire, pen->wire));
	pen->wire = l->wire;
	if (l->element == 0) {
		number_put(b, 0);
		return;
	}
	number_put(b, folded(l->element, pen->element) + 1);
	number_put(b, l->raw_len);
	pen->element = l->element;
	if (l->raw_len == 0)
		return;
	number_put(b, folded(l->raw_at, pen->raw));
	pen->raw = l->raw_at + l->raw_len;
}

bool
trace_leaf_next(struct slice *rest, struct trace_pen *pen, struct trace_leaf *l)
{
	struct slice s = *rest;
	uint64_t at = 0, wire, element, raw;

	*l = (struct trace_leaf){ 0 };
	if (!number_next(&s, &l->out_len) ||
	    (l->out_len > 0 && !number_next(&s, &at)) ||
	    !number_next(&s, &wire) || !number_next(&s, &element))
		return false;
	if (l->out_len > 0) {
		l->out_at = unfolded(at, pen->out);
		pen->out = l->out_at + l->out_len;
	}
	l->wire = (uint32_t)unfolded(wire, pen->wire);
	pen->wire = l->wire;
	if (element > 0) {
		l->element = (uint32_t)unfolded(element - 1, pen->element);
		pen->element = l->element;
		if (!number_next(&s, &l->raw_len) ||
		    (l->raw_len > 0 && !number_next(&s, &raw)))
			return false;
		if (l->raw_len > 0) {
			l->raw_at = unfolded(raw, pen->raw);
			pen->raw = l->raw_at + l->raw_len;
		}
	}
	*rest = s;
	return true;
}

static bool
name_next(struct slice *rest, uint32_t number, struct name *out)
{
	uint64_t above, len;

	if (!number_next(rest, &above) || !number_next(rest, &len) ||
	    above >= number || len > NAME_BYTES || len > rest->len)
		return false;
	*out = (struct name){ (uint32_t)above, slice_sub(*rest, 0, len) };
	*rest = slice_sub(*rest, len, rest->len);
	return true;
}

/* Number 0 is no name. */
static enum rc
names_read(struct slice names, struct arena *mem, struct name **out,
    uint32_t *count, struct err *err)
{
	struct slice rest = names;
	struct name one;
	uint32_t n = 1;

	for (; rest.len > 0 && n < NAMES_MAX; n++)
		if (!name_next(&rest, n, &one))
			return err_set(err, RC_REFUSED,
			    "name %u of a trace does not fit", n);
	*out = arena_get(mem, n * sizeof(one));
	if (*out == NULL)
		return err_set(err, RC_LATER, "no memory for a trace");
	rest = names;
	for (uint32_t i = 1; i < n; i++)
		(void)name_next(&rest, i, &(*out)[i]);
	*count = n;
	return RC_OK;
}

static bool
path_print(
    const struct name *names, uint32_t count, uint32_t number, struct buf *b)
{
	uint32_t step[NAME_DEPTH];
	unsigned int n = 0;

	for (; number != 0; number = names[number].above) {
		if (number >= count || n == NAME_DEPTH)
			return false;
		step[n++] = number;
	}
	while (n > 0)
		buf_slice(b, names[step[--n]].own);
	return true;
}

enum rc
trace_print(struct slice names, struct slice trace, struct arena *mem,
    struct buf *out, struct err *err)
{
	struct name *name = NULL;
	struct trace_pen pen = { 0 };
	struct trace_leaf l;
	uint32_t count = 0;
	enum rc rc = names_read(names, mem, &name, &count, err);

	while (rc == RC_OK && trace_leaf_next(&trace, &pen, &l)) {
		bool fine;

		buf_fmt(out, "%llu %llu\t", (unsigned long long)l.out_at,
		    (unsigned long long)l.out_len);
		fine = path_print(name, count, l.wire, out);
		buf_byte(out, '\t');
		fine = fine && path_print(name, count, l.element, out);
		buf_byte(out, '\t');
		if (l.raw_len > 0)
			buf_fmt(out, "%llu %llu", (unsigned long long)l.raw_at,
			    (unsigned long long)l.raw_len);
		buf_byte(out, '\n');
		if (!fine)
			rc = err_set(err, RC_REFUSED,
			    "a trace names what does not exist");
	}
	if (rc == RC_OK && trace.len > 0)
		rc = err_set(err, RC_REFUSED,
		    "%zu bytes are left over behind a trace", trace.len);
	if (rc == RC_OK && buf_failed(out))
		rc = err_set(err, RC_LATER, "no room for a trace");
	return rc;
}
