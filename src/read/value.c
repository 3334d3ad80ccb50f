/*
 * read/value.c - wire text to canonical text: codecs in the order written,
 * then the directory's type. What is not understood is kept raw and said.
 * Trusts the plan; nothing on the wire. Called by leaf.c, wrap.c, pattern.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

#define MOMENT_TEXT 48

/*
 * The day whose rows of this list are meant; 0: any. Where the document's date
 * stands behind the code, it is read once more, with the date.
 */
static uint32_t
day_for(struct reader *r, const struct codelist *list)
{
	if (!list->timed)
		return 0;
	if (r->day == 0)
		r->day = record_day(r->record);
	r->undated |= r->day == 0;
	return r->day;
}

static void
code_unknown(struct reader *r, const struct spot *s, const struct element *el,
    const struct codelist *list, const char *scheme, struct got *got)
{
	bool open = !list->complete || el->open;

	got->flags |= VALUE_RAW;
	got->scheme = scheme;
	(void)complain(r, open ? FIND_CODE_OPEN : FIND_CODE_UNKNOWN, s, el,
	    got->text, scheme == NULL ? list->name : scheme);
}

/* Columns of the row that are elements of the record, too. */
void
value_gives(struct reader *r, const struct spot *s, const struct codec *c,
    const struct code_row *row)
{
	for (int i = 0; i < c->u.code.ngives; i++) {
		const struct path *p = &c->u.code.gives[i];
		int column = c->u.code.gives_column[i];
		struct got got = { .at = s->w->at, .span = s->w->span };
		struct node *node;

		if (column < 0 || row->cell[column].len == 0 ||
		    (node = bind_where(r, p, s->here)) == NULL)
			continue;
		got.text = row->cell[column];
		(void)bind_value(r, s, node, p->step[p->nsteps - 1], &got);
	}
}

static void
code_decode(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	const struct codelist *list = c->u.code.list;
	const struct code_row *row =
	    code_read(list, c->u.code.column, got->text, day_for(r, list));

	if (row == NULL) {
		code_unknown(r, s, el, list, c->u.code.scheme, got);
		return;
	}
	got->row = el->type == EL_CODE ? row : NULL;
	got->scheme = c->u.code.scheme;
	got->text = row->code;
	if (c->u.code.ngives > 0)
		value_gives(r, s, c, row);
}

static void
moment_keep(struct reader *r, const struct element *el, struct moment *m,
    struct got *got)
{
	char *out = arena_raw(r->mem, MOMENT_TEXT);

	if (el->type == EL_DATE && m->year != 0) {
		m->hour = -1;
		m->milli = -1;
		m->has_zone = false;
		m->precision = 1;
	} else if (m->hour >= 0 && !m->has_zone && r->plan->has_zone) {
		m->has_zone = true;
		m->zone = (int16_t)r->plan->zone_minutes;
	}
	got->dated = true;
	got->moment = *m;
	if (out != NULL)
		got->text =
		    (struct slice){ out, moment_print(m, out, MOMENT_TEXT) };
}

static void
date_refused(struct reader *r, const struct spot *s, const struct element *el,
    struct got *got, const char *wanted)
{
	got->flags |= VALUE_RAW;
	(void)complain(r, FIND_DATE, s, el, got->text, wanted);
}

static void
date_decode(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	char wanted[128];
	size_t n = 0;
	struct moment m;

	for (int i = 0; i < c->u.date.n; i++)
		if (date_read(c->u.date.pattern[i], got->text, r->in->base_year,
			&m)) {
			moment_keep(r, el, &m, got);
			return;
		}
	for (int i = 0; i < c->u.date.n && n < sizeof(wanted) - 1; i++)
		n += (size_t)snprintf(wanted + n, sizeof(wanted) - n, "%s%.*s",
		    i == 0 ? "" : "|", SLICE_ARG(c->u.date.pattern[i]->text));
	date_refused(r, s, el, got, wanted);
}

/* The leaf that tells the pattern stands beside the value or on it. */
static struct wnode *
with_leaf(const struct wnode *w, wtag leaf)
{
	struct wnode *c;

	for (c = w->child; c != NULL; c = c->next)
		if (c->tag == leaf)
			return c;
	if (w->parent == NULL)
		return NULL;
	for (c = w->parent->child; c != NULL && c->tag != leaf; c = c->next)
		;
	return c;
}

static void
date_with_decode(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	struct wnode *leaf = with_leaf(s->w, c->u.with.leaf);
	const struct code_row *row = NULL;
	struct date_pattern pattern;
	struct moment m;
	char wanted[80];

	if (leaf != NULL) {
		leaf->used = true;
		row = code_read(c->u.with.list, c->u.with.column,
		    slice_trim(leaf->text), 0);
	}
	if (row == NULL) {
		struct spot at = { s->line, leaf == NULL ? s->w : leaf, s->here,
			NULL };

		got->flags |= VALUE_RAW;
		(void)complain(r, FIND_CODE_UNKNOWN, &at, el,
		    leaf == NULL ? (struct slice){ NULL, 0 } : leaf->text,
		    c->u.with.list->name);
		return;
	}
	if (date_pattern_make(&pattern, row->cell[c->u.with.pattern_column]) &&
	    date_read(&pattern, got->text, r->in->base_year, &m)) {
		moment_keep(r, el, &m, got);
		return;
	}
	(void)snprintf(wanted, sizeof(wanted), "%.*s",
	    SLICE_ARG(row->cell[c->u.with.pattern_column]));
	date_refused(r, s, el, got, wanted);
}

static struct slice
pad_strip(const struct codec *c, struct slice s)
{
	char fill = c->u.pad.fill == '\0' ? ' ' : c->u.pad.fill;

	while (s.len > 1 && c->u.pad.left && s.p[0] == fill)
		s = slice_sub(s, 1, s.len);
	while (s.len > 1 && !c->u.pad.left && s.p[s.len - 1] == fill)
		s.len--;
	return s;
}

static struct slice
upper(struct reader *r, struct slice s)
{
	char *p = NULL;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < 'a' || s.p[i] > 'z')
			continue;
		if (p == NULL) {
			p = arena_raw(r->mem, s.len);
			if (p == NULL)
				return s;
			memcpy(p, s.p, s.len);
		}
		p[i] = (char)(s.p[i] - 'a' + 'A');
	}
	return p == NULL ? s : (struct slice){ p, s.len };
}

/* U+FF01..U+FF5E and U+3000 are ASCII in full width: EF BC 81 .. EF BD 9E. */
static struct slice
narrow(struct reader *r, struct slice s)
{
	const unsigned char *in = (const unsigned char *)s.p;
	size_t n = 0, i = 0;
	char *p;

	if (memchr(s.p, 0xEF, s.len) == NULL &&
	    memchr(s.p, 0xE3, s.len) == NULL)
		return s;
	p = arena_raw(r->mem, s.len);
	if (p == NULL)
		return s;
	while (i < s.len) {
		unsigned int c =
		    i + 2 < s.len ? (in[i] << 16 | in[i + 1] << 8 | in[i + 2])
				  : 0;

		if (c == 0xE38080)
			p[n++] = ' ';
		else if (c >= 0xEFBC81 && c <= 0xEFBCBF)
			p[n++] = (char)(c - 0xEFBC81 + '!');
		else if (c >= 0xEFBD80 && c <= 0xEFBD9E)
			p[n++] = (char)(c - 0xEFBD80 + '`');
		else {
			p[n++] = s.p[i++];
			continue;
		}
		i += 3;
	}
	return (struct slice){ p, n };
}

static void
max_check(struct reader *r, const struct spot *s, const struct element *el,
    const struct codec *c, struct slice text)
{
	char wanted[48];

	if (text.len <= c->u.width || utf8_count(text) <= c->u.width)
		return;
	(void)snprintf(wanted, sizeof(wanted), "up to %u characters",
	    (unsigned)c->u.width);
	(void)complain(r, FIND_LENGTH, s, el, text, wanted);
}

/* Codes and dates without a codec are said in our own words (sw-xml). */
static void
canonical_decode(struct reader *r, const struct spot *s,
    const struct element *el, struct got *got)
{
	struct moment m;

	switch (el->type) {
	case EL_CODE:
		got->row = code_find(el->list, got->text, day_for(r, el->list));
		if (got->row == NULL)
			code_unknown(r, s, el, el->list, NULL, got);
		return;
	case EL_DATE:
	case EL_MOMENT:
		if (moment_parse(got->text, &m)) {
			got->dated = true;
			got->moment = m;
		} else {
			date_refused(r, s, el, got, "YYYY-MM-DD");
		}
		return;
	case EL_FLAG:
		if (!slice_is(got->text, "yes") && !slice_is(got->text, "no")) {
			got->flags |= VALUE_RAW;
			(void)complain(
			    r, FIND_CHARACTERS, s, el, got->text, "yes | no");
		}
		return;
	case EL_INT:
	case EL_DEC:
	case EL_REF:
		if (!type_number(r, s, el, got->text, got))
			got->flags |= VALUE_RAW;
		return;
	default:
		type_text(r, s, el, got->text);
		return;
	}
}

/* What takes the wire's dress off, before the value is understood. */
static void
codec_undress(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	switch (c->kind) {
	case CODEC_DECIMALS:
		if (c->u.decimals.implied)
			(void)type_implied(r, &got->text, c->u.decimals.digits);
		break;
	case CODEC_PAD:
		got->text = pad_strip(c, got->text);
		break;
	case CODEC_UPPER:
		got->text = upper(r, got->text);
		break;
	case CODEC_NARROW:
		got->text = narrow(r, got->text);
		break;
	case CODEC_MAX:
		max_check(r, s, el, c, got->text);
		break;
	default:
		break;
	}
}

/* True: this codec has understood it, or said why not. */
static bool
codec_understand(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	switch (c->kind) {
	case CODEC_CODE:
		code_decode(r, s, c, el, got);
		return true;
	case CODEC_DATE:
		date_decode(r, s, c, el, got);
		return true;
	case CODEC_DATE_WITH:
		date_with_decode(r, s, c, el, got);
		return true;
	default:
		return false;
	}
}

/* What cannot be said in the element's unit is not kept in another. */
static bool
unit_decode(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct got *got)
{
	char wanted[80];

	if (c->kind != CODEC_UNIT || type_unit(r, &got->text, c))
		return true;
	(void)snprintf(wanted, sizeof(wanted),
	    "a number of %.16s that comes out even in %.16s", c->u.unit.name,
	    c->u.unit.own_name);
	(void)complain(r, FIND_NUMBER, s, el, got->text, wanted);
	return false;
}

bool
value_decode(struct reader *r, const struct spot *s, const struct codec *c,
    const struct element *el, struct slice wire, struct got *got)
{
	bool raw = false, done = false;

	for (const struct codec *x = c; x != NULL; x = x->next)
		raw |= x->kind == CODEC_RAW;
	got->text = raw ? wire : slice_trim(wire);
	if (got->text.len == 0)
		return false;
	if (s->line->format.len > 0 && r->plan->syntax != SYN_EDIFACT)
		type_format(r, s, el, got->text);
	for (const struct codec *x = c; x != NULL; x = x->next)
		codec_undress(r, s, x, el, got);
	for (const struct codec *x = c; x != NULL; x = x->next)
		if (!unit_decode(r, s, x, el, got))
			return false;
	for (; c != NULL && !done; c = c->next)
		done = codec_understand(r, s, c, el, got);
	if (!done)
		canonical_decode(r, s, el, got);
	return true;
}
