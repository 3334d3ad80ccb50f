/*
 * write/value.c - canonical text to wire text. What does not fit is said and
 * not written; nothing is cut or rounded. Called by leaf.c, deal.c, pattern.c.
 */
#include "src/record/decimal.h"
#include "src/write/writer.h"
#include <stdio.h>

const struct codec *
codec_of(const struct codec *c, enum codec_kind kind)
{
	while (c != NULL && c->kind != kind)
		c = c->next;
	return c;
}

/* "$now" is given with the call; all else stands in record or transmission. */
static const struct value *
now_value(struct writer *w)
{
	struct value *v = arena_get(w->mem, sizeof(*v));

	if (v == NULL || w->in->now.len == 0)
		return NULL;
	v->text = w->in->now;
	return v;
}

const struct value *
value_get(struct writer *w, const struct path *p, struct node *here,
    struct node **node)
{
	struct scope scope = { .record = w->record, .here = here };
	const struct element *el;

	*node = NULL;
	if (p->nsteps == 0)
		return NULL;
	el = p->step[p->nsteps - 1];
	if (p->base == PATH_HERE && p->nsteps == 1)
		*node = here;
	else if (p->base == PATH_TRANSMISSION && strcmp(el->name, "now") == 0)
		return now_value(w);
	else
		*node = path_node(p, &scope, w->mem, false);
	return *node == NULL ? NULL : (*node)->slot[el->slot].value;
}

static bool
refuse(struct writer *w, const struct leaf *leaf, const struct node *node,
    const struct element *el, const struct value *v, const char *wanted,
    const char *zh)
{
	(void)complain_out(
	    w, FIND_NOT_WRITABLE, leaf, node, el, v, v->text, wanted, zh);
	return false;
}

static bool
code_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	const struct codelist *list = c->u.code.list;
	const struct code_row *row = v->row;

	if ((v->flags & VALUE_RAW) != 0) {
		*out = v->text;
		return (v->scheme != NULL &&
			   strcmp(v->scheme, c->u.code.scheme) == 0) ||
		       refuse(w, leaf, node, el, v, c->u.code.scheme, "");
	}
	if (row == NULL || el->list != list || list->timed)
		row = code_find(
		    list, v->text, list->timed ? record_day(w->record) : 0);
	*out = row == NULL ? (struct slice){ NULL, 0 }
			   : code_write(row, c->u.code.column);
	return out->len > 0 ||
	       refuse(w, leaf, node, el, v, c->u.code.scheme, "");
}

static bool
decimals_encode(struct writer *w, const struct leaf *leaf,
    const struct codec *c, const struct node *node, const struct element *el,
    const struct value *v, struct slice *out)
{
	uint32_t n = c->u.decimals.digits;
	char text[DECIMAL_TEXT], wanted[48], zh[48];
	struct decimal d;
	size_t len;

	(void)snprintf(
	    wanted, sizeof(wanted), "at most %u decimals", (unsigned)n);
	(void)snprintf(zh, sizeof(zh), "最多%u位小数", (unsigned)n);
	if (!decimal_parse(*out, &d))
		return refuse(w, leaf, node, el, v, "a number", "数字");
	decimal_strip(&d);
	if (d.scale > n || (!c->u.decimals.most && !decimal_rescale(&d, n)))
		return refuse(w, leaf, node, el, v, wanted, zh);
	if (c->u.decimals.implied)
		d.scale = 0;
	len = decimal_print(&d, text);
	if (!slice_eq((struct slice){ text, len }, *out))
		*out = arena_dup(w->mem, (struct slice){ text, len });
	return true;
}

static bool
unit_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	char text[DECIMAL_TEXT], wanted[80], zh[80];
	struct decimal d;

	if (decimal_cmp(&c->u.unit.wire, &c->u.unit.own) == 0)
		return true;
	if (!decimal_parse(*out, &d) ||
	    !decimal_ratio(&d, &d, &c->u.unit.own, &c->u.unit.wire)) {
		(void)snprintf(wanted, sizeof(wanted),
		    "a number of %.16s that comes out even in %.16s",
		    c->u.unit.own_name, c->u.unit.name);
		(void)snprintf(zh, sizeof(zh),
		    "能整除换算为 %.16s 的 %.16s 数值", c->u.unit.name,
		    c->u.unit.own_name);
		return refuse(w, leaf, node, el, v, wanted, zh);
	}
	*out =
	    arena_dup(w->mem, (struct slice){ text, decimal_print(&d, text) });
	return true;
}

static bool
pad_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	char fill = c->u.pad.fill == '\0' ? ' ' : c->u.pad.fill;
	uint32_t n = utf8_count(*out);
	char wanted[48];
	size_t more;
	char *p;

	(void)snprintf(wanted, sizeof(wanted), "up to %u characters",
	    (unsigned)c->u.pad.width);
	if (n > c->u.pad.width)
		return refuse(w, leaf, node, el, v, wanted, "");
	more = c->u.pad.width - n;
	p = arena_raw(w->mem, out->len + more + 1);
	if (p == NULL)
		return false;
	memset(p, fill, out->len + more);
	memcpy(c->u.pad.left ? p + more : p, out->p, out->len);
	*out = (struct slice){ p, out->len + more };
	return true;
}

static void
upper_encode(struct writer *w, struct slice *out)
{
	char *p = arena_raw(w->mem, out->len + 1);

	if (p == NULL)
		return;
	for (size_t i = 0; i < out->len; i++)
		p[i] = out->p[i] >= 'a' && out->p[i] <= 'z'
			   ? (char)(out->p[i] - 'a' + 'A')
			   : out->p[i];
	*out = (struct slice){ p, out->len };
}

/* An alias stands for a value that is too long for the agency. */
static bool
width_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	char en[48], zh[48];

	if (out->len <= c->u.width || utf8_count(*out) <= c->u.width)
		return true;
	if (c->kind == CODEC_ALIAS && w->in->alias.len > 0 &&
	    utf8_count(w->in->alias) <= c->u.width) {
		*out = w->in->alias;
		return true;
	}
	(void)snprintf(
	    en, sizeof(en), "up to %u characters", (unsigned)c->u.width);
	(void)snprintf(zh, sizeof(zh), "最多%u个字符", (unsigned)c->u.width);
	return refuse(w, leaf, node, el, v, en, zh);
}

/* What the value means in the wire's words. */
static bool
mean(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	for (; c != NULL; c = c->next) {
		if (c->kind == CODEC_CODE)
			return code_encode(w, leaf, c, node, el, v, out);
		if (c->kind == CODEC_DATE || c->kind == CODEC_DATE_WITH)
			return date_encode(w, leaf, c, node, el, v, out);
		if (c->kind == CODEC_UNIT &&
		    !unit_encode(w, leaf, c, node, el, v, out))
			return false;
		if (c->kind == CODEC_DECIMALS &&
		    !decimals_encode(w, leaf, c, node, el, v, out))
			return false;
	}
	return true;
}

bool
value_encode(struct writer *w, const struct leaf *leaf, const struct codec *c,
    const struct node *node, const struct element *el, const struct value *v,
    struct slice *out)
{
	bool fine;

	*out = v->text;
	if (c == NULL)
		return true;
	fine = mean(w, leaf, c, node, el, v, out);
	for (; fine && c != NULL; c = c->next) {
		if (c->kind == CODEC_UPPER)
			upper_encode(w, out);
		else if (c->kind == CODEC_PAD)
			fine = pad_encode(w, leaf, c, node, el, v, out);
		else if (c->kind == CODEC_MAX || c->kind == CODEC_ALIAS)
			fine = width_encode(w, leaf, c, node, el, v, out);
	}
	return fine;
}

/* The table's limit: "an..35" characters, "n..18" digits, "a3" exactly. */
bool
value_fits(struct writer *w, const struct leaf *leaf, const struct node *node,
    const struct element *el, const struct value *v, struct slice text)
{
	struct line_limit l = leaf->line->limit;
	struct value none = { .text = text };
	char en[64], zh[64];
	uint32_t n = 0;

	if (l.max == 0 || (l.upto && text.len <= l.max))
		return true;
	if (l.digits)
		for (size_t i = 0; i < text.len; i++)
			n += text.p[i] >= '0' && text.p[i] <= '9';
	else
		n = utf8_count(text);
	if (l.upto ? n <= l.max : n == l.max)
		return true;
	(void)snprintf(en, sizeof(en), "%s%u %s", l.upto ? "up to " : "",
	    (unsigned)l.max, l.digits ? "digits" : "characters");
	(void)snprintf(zh, sizeof(zh), "%s%u个%s", l.upto ? "最多" : "",
	    (unsigned)l.max, l.digits ? "数字" : "字符");
	return refuse(w, leaf, node, el, v == NULL ? &none : v, en, zh);
}
