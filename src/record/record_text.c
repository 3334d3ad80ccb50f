/*
 * record/record_text.c - a record as lines of text, and back.
 *
 *   item[2].quantity<TAB>12.50
 *
 * Used by tests, "entrepot convert --record" and the spool's kept records. A
 * code that its list does not have is "?LIST.SCHEME:text", so that the same
 * scheme can write it back unchanged.
 */
#include "src/base/buf.h"
#include "src/base/rc.h"
#include "src/record/record.h"

#define PATH_TEXT 1000

static void
text_escape(struct buf *out, struct slice s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c != '\\' && c != '\t' && c != '\n' && c != '\r')
			continue;
		buf_add(out, s.p + from, i - from);
		buf_byte(out, '\\');
		buf_byte(out, c == '\\'   ? '\\'
			      : c == '\t' ? 't'
			      : c == '\n' ? 'n'
					  : 'r');
		from = i + 1;
	}
	if (s.len > from)
		buf_add(out, s.p + from, s.len - from);
}

static void
value_print(const struct node *n, const struct element *e,
    const struct value *v, uint32_t place, struct buf *out)
{
	char path[PATH_TEXT];

	buf_str(out, record_path(n, e, path, sizeof(path)));
	if (e->repeats)
		buf_fmt(out, "[%u]", place);
	buf_byte(out, '\t');
	if (e->type == EL_CODE && (v->flags & VALUE_RAW) != 0 &&
	    v->scheme != NULL)
		buf_fmt(out, "?%s:", v->scheme);
	text_escape(out, v->text);
	buf_byte(out, '\n');
}

void
record_print(const struct node *n, struct buf *out)
{
	for (uint16_t i = 0; i < n->group->nslots; i++) {
		const struct element *e = &n->group->element[i];
		uint32_t place = 1;

		if (e->type == EL_GROUP || e->type == EL_ABOUT) {
			for (const struct node *m = n->slot[i].node; m != NULL;
			     m = m->next)
				record_print(m, out);
			continue;
		}
		for (const struct value *v = n->slot[i].value; v != NULL;
		     v = v->next)
			value_print(n, e, v, place++, out);
	}
}

/* Escapes taken out, in the record's arena. */
static bool
text_plain(struct arena *mem, struct slice s, struct slice *out)
{
	char *to = arena_raw(mem, s.len + 1);

	if (to == NULL)
		return false;
	*out = (struct slice){ to, 0 };
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.len) {
			c = s.p[++i];
			c = c == 't'   ? '\t'
			    : c == 'n' ? '\n'
			    : c == 'r' ? '\r'
				       : c;
		}
		to[out->len++] = c;
	}
	return true;
}

/* "?unit.un20:ZZZ": the raw text and the scheme it is written in. */
static void
value_raw(struct record *r, struct value *v)
{
	const char *colon = memchr(v->text.p, ':', v->text.len);
	struct slice scheme;

	if (v->text.len < 2 || v->text.p[0] != '?' || colon == NULL)
		return;
	scheme = slice_sub(v->text, 1, (size_t)(colon - v->text.p) - 1);
	v->scheme = arena_str(r->mem, scheme);
	v->flags |= VALUE_RAW;
	v->text = slice_sub(v->text, scheme.len + 2, v->text.len);
}

enum rc
record_parse(
    struct record *r, struct node *root, struct slice text, struct err *err)
{
	unsigned int number = 0;

	while (text.len > 0) {
		struct slice line = slice_cut(&text, '\n'), plain, path;
		char name[PATH_TEXT];
		struct value *v;

		number++;
		if (line.len == 0)
			continue;
		path = slice_cut(&line, '\t');
		if (path.len >= sizeof(name))
			return err_set(err, RC_REFUSED,
			    "record line %u: the "
			    "path is longer than %zu bytes",
			    number, sizeof(name) - 1);
		memcpy(name, path.p, path.len);
		name[path.len] = '\0';
		if (!text_plain(r->mem, line, &plain))
			return err_set(err, RC_LATER, "out of memory");
		v = record_set(r, root, name, plain);
		if (v == NULL && arena_failed(r->mem))
			return err_set(err, RC_LATER, "out of memory");
		if (v == NULL)
			return err_set(err, RC_REFUSED,
			    "record line %u: the "
			    "document has no '%s'",
			    number, name);
		value_raw(r, v);
	}
	return RC_OK;
}
