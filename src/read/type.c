/*
 * read/type.c - numbers and letters as the directory wants them. Trusts
 * nothing on the wire. Called by value.c.
 */
#include "src/read/reader.h"
#include <stdio.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct number {
	bool minus;
	struct slice whole, part; /* digits before and behind the mark */
};

/* [-]digits[mark digits]; EDIFACT's mark may be a comma. */
static bool
number_split(struct slice s, bool comma, struct number *out)
{
	size_t i = 0, at;

	out->minus = s.len > 0 && s.p[0] == '-';
	i += out->minus;
	at = i;
	while (i < s.len && is_digit(s.p[i]))
		i++;
	out->whole = slice_sub(s, at, i - at);
	out->part = slice_sub(s, s.len, 0);
	if (i < s.len && (s.p[i] == '.' || (comma && s.p[i] == ','))) {
		at = ++i;
		while (i < s.len && is_digit(s.p[i]))
			i++;
		out->part = slice_sub(s, at, i - at);
	}
	return i == s.len && out->whole.len + out->part.len > 0;
}

/* "-12.50": no zeros in front, a digit before the mark, the scale kept. */
static struct slice
number_text(struct reader *r, struct slice wire, const struct number *n)
{
	size_t len = (n->minus ? 1 : 0) +
		     (n->whole.len > 0 ? n->whole.len : 1) +
		     (n->part.len > 0 ? 1 + n->part.len : 0);
	char *p, *o;

	if (len == wire.len && (n->part.len == 0 || n->part.p[-1] == '.'))
		return wire;
	p = o = arena_raw(r->mem, len);
	if (p == NULL)
		return wire;
	if (n->minus)
		*o++ = '-';
	if (n->whole.len == 0)
		*o++ = '0';
	else
		o = mempcpy(o, n->whole.p, n->whole.len);
	if (n->part.len > 0) {
		*o++ = '.';
		memcpy(o, n->part.p, n->part.len);
	}
	return (struct slice){ p, len };
}

static void
number_refused(struct reader *r, const struct spot *s, const struct element *el,
    struct slice text)
{
	char en[80], zh[80];
	struct finding *f;

	if (el->type == EL_DEC)
		(void)snprintf(en, sizeof(en),
		    "a number of up to %u digits, %u of them decimals",
		    (unsigned)el->max, (unsigned)el->decimals);
	else if (el->type == EL_REF)
		(void)snprintf(
		    en, sizeof(en), "the number of a '%s'", el->group->en);
	else
		(void)snprintf(en, sizeof(en),
		    "a whole number of up to %u digits", (unsigned)el->max);
	f = complain(r, FIND_NUMBER, s, el, text, en);
	if (el->type != EL_REF)
		return;
	(void)snprintf(zh, sizeof(zh), "%s的序号", el->group->zh);
	complain_zh(r, f, en, zh);
}

bool
type_number(struct reader *r, const struct spot *s, const struct element *el,
    struct slice wire, struct got *got)
{
	struct number n;
	size_t part;

	if (!number_split(wire, r->plan->syntax == SYN_EDIFACT, &n)) {
		number_refused(r, s, el, wire);
		return false;
	}
	while (n.whole.len > 1 && n.whole.p[0] == '0')
		n.whole = slice_sub(n.whole, 1, n.whole.len);
	part = n.part.len;
	while (part > 0 && n.part.p[part - 1] == '0')
		part--;
	if (el->type != EL_DEC)
		n.part.len = part; /* 5.0 is a whole number */
	if (part > el->decimals ||
	    (el->max > 0 && n.whole.len + part > el->max &&
		!(n.whole.len == 1 && n.whole.p[0] == '0' &&
		    part <= el->max))) {
		number_refused(r, s, el, wire);
		if (el->type != EL_DEC && part > 0)
			return false;
	}
	got->text = number_text(r, wire, &n);
	return true;
}

/* 12345 with two implied decimals is 123.45. */
bool
type_implied(struct reader *r, struct slice *text, uint32_t digits)
{
	size_t minus = text->len > 0 && text->p[0] == '-';
	size_t have = text->len - minus;
	size_t zeros = have <= digits ? digits + 1 - have : 0;
	char *p, *o;

	if (digits == 0)
		return true;
	for (size_t i = minus; i < text->len; i++)
		if (!is_digit(text->p[i]))
			return false;
	p = o = arena_raw(r->mem, text->len + zeros + 1);
	if (p == NULL)
		return false;
	if (minus)
		*o++ = '-';
	memset(o, '0', zeros);
	memcpy(o + zeros, text->p + minus, have);
	o += zeros + have - digits;
	memmove(o + 1, o, digits);
	*o = '.';
	*text = (struct slice){ p, text->len + zeros + 1 };
	return true;
}

bool
type_unit(struct reader *r, struct slice *text, const struct codec *c)
{
	char out[DECIMAL_TEXT];
	struct number n;
	struct decimal d;

	if (decimal_cmp(&c->u.unit.wire, &c->u.unit.own) == 0 ||
	    !number_split(*text, r->plan->syntax == SYN_EDIFACT, &n))
		return true; /* the same; or no number, which is told */
	if (!decimal_parse(number_text(r, *text, &n), &d) ||
	    !decimal_ratio(&d, &d, &c->u.unit.wire, &c->u.unit.own))
		return false;
	*text =
	    arena_dup(r->mem, (struct slice){ out, decimal_print(&d, out) });
	return true;
}

static void
length_say(struct reader *r, const struct spot *s, const struct element *el,
    struct slice text, uint32_t min, uint32_t max)
{
	char en[48];

	if (min == max)
		(void)snprintf(en, sizeof(en), "%u characters", (unsigned)max);
	else if (min > 0)
		(void)snprintf(en, sizeof(en), "%u to %u characters",
		    (unsigned)min, (unsigned)max);
	else
		(void)snprintf(
		    en, sizeof(en), "up to %u characters", (unsigned)max);
	(void)complain(r, FIND_LENGTH, s, el, text, en);
}

static bool
all_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

static bool
all_letters(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80 && c != ' ' && (c | 0x20u) - 'a' >= 26u)
			return false;
	}
	return true;
}

/*
 * Sheets put line ends into cells. They are kept, and a warning: only the
 * agency's own table decides whether they may stay.
 */
static void
control_say(struct reader *r, const struct spot *s, const struct element *el,
    struct slice text, bool control)
{
	static const struct line lenient = { .lenient = true };
	struct spot at = *s;

	if (!control)
		at.line = &lenient;
	(void)complain(r, FIND_CHARACTERS, &at, el, text,
	    "one line without control characters");
}

void
type_text(struct reader *r, const struct spot *s, const struct element *el,
    struct slice text)
{
	bool control = false, lines = false, ascii = true;
	uint32_t n;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x20 && c < 0x80)
			continue;
		ascii &= c < 0x80;
		if (c == '\n' || c == '\r' || c == '\t')
			lines = true;
		else
			control |= c < 0x20;
	}
	if (el->type == EL_BYTES)
		return;
	n = ascii ? (uint32_t)text.len : utf8_count(text);
	if ((el->max > 0 && n > el->max) || n < el->min)
		length_say(r, s, el, text, el->min, el->max);
	if (control || (lines && el->type != EL_TEXT))
		control_say(r, s, el, text, control);
	else if (el->type == EL_N && !all_digits(text))
		(void)complain(r, FIND_CHARACTERS, s, el, text, "digits");
	else if (el->type == EL_A && !all_letters(text))
		(void)complain(r, FIND_CHARACTERS, s, el, text, "letters");
}

/* The wire's own limit, "an..35", "n..18", "a3", from the format's table. */
void
type_format(struct reader *r, const struct spot *s, const struct element *el,
    struct slice text)
{
	struct line_limit l = s->line->limit;
	size_t n = 0;

	if (l.max == 0 || (l.upto && text.len <= l.max))
		return;
	if (l.digits) { /* the mark and the sign are not counted */
		for (size_t i = 0; i < text.len; i++)
			n += is_digit(text.p[i]);
	} else {
		n = utf8_count(text);
	}
	if (n > l.max || (!l.upto && n != l.max))
		length_say(r, s, el, text, l.upto ? 0 : l.max, l.max);
}
