/*
 * syntax/edifact_leaf.c - what a table says about one value: an..35, n..18, a3.
 * Called for values that are not plainly right, by edifact_tree.c.
 */
#include <ctype.h>
#include <stdio.h>
#include "src/syntax/edifact_parts.h"
#include "src/syntax/wire_table.h"

struct slice
leaf_path(struct slice segment, struct slice leaf, char out[64])
{
	int n = snprintf(out, 64, "%.*s/%.*s",
	    (int)(segment.len > 20 ? 20 : segment.len), segment.p,
	    (int)(leaf.len > 40 ? 40 : leaf.len), leaf.p);

	return (struct slice){ out, (size_t)n };
}

static void
leaf_finding(const struct leaf_place *p, enum finding_kind kind, uint8_t fault,
    struct slice text, const char *wanted, struct findings *findings)
{
	struct slice none = { NULL, 0 };
	char path[64];
	struct finding *f = finding_add(findings, kind, none,
	    leaf_path(p->tag, p->leaf->name, path), text, slice_of(wanted));

	f->text_at = p->at;
	f->text_span = p->span;
	f->place.segment = p->number;
	f->place.element = p->leaf->element;
	f->place.component = p->leaf->component;
	f->fault = fault;
}

/*
 * A number's digits; 0: it is none. Sign and decimal mark are not counted
 * (ISO 9735, 10.1), and no mark stands at either end.
 */
static uint32_t
number_digits(struct slice s, char decimal)
{
	uint32_t digits = 0, marks = 0;
	size_t i = s.len > 0 && s.p[0] == '-';
	size_t first = i;

	for (; i < s.len; i++) {
		if (isdigit((unsigned char)s.p[i]))
			digits++;
		else if (s.p[i] == decimal && i > first && i + 1 < s.len)
			marks++;
		else
			return 0;
	}
	return marks > 1 ? 0 : digits;
}

static bool
has_digit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (isdigit((unsigned char)s.p[i]))
			return true;
	return false;
}

/* YYMMDD or YYYYMMDD that stands in a calendar. */
static bool
is_date(struct slice s)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	uint64_t y, m, d;

	if ((s.len != 6 && s.len != 8) ||
	    !slice_u64(slice_sub(s, 0, s.len - 4), &y) ||
	    !slice_u64(slice_sub(s, s.len - 4, 2), &m) ||
	    !slice_u64(slice_sub(s, s.len - 2, 2), &d) || m < 1 || m > 12 ||
	    d < 1 || d > days[m - 1])
		return false;
	/* Two digits of a year do not say whether its century was leap. */
	return m != 2 || d < 29 ||
	       (y % 4 == 0 && (s.len == 6 || y % 100 != 0 || y % 400 == 0));
}

static bool
is_time(struct slice s)
{
	uint64_t h, m;

	return s.len == 4 && slice_u64(slice_sub(s, 0, 2), &h) &&
	       slice_u64(slice_sub(s, 2, 2), &m) && h < 24 && m < 60;
}

static bool
is_listed(struct slice list, struct slice word)
{
	while (list.len > 0)
		if (slice_eq(slice_cut(&list, ' '), word))
			return true;
	return false;
}

static void
values_check(
    const struct leaf_place *p, struct slice text, struct findings *findings)
{
	const struct table_leaf *l = p->leaf;
	char wanted[120];
	int n = 0;

	switch (l->values) {
	case VALUES_DATE:
		if (!is_date(text))
			leaf_finding(p, FIND_DATE, l->fault, text,
			    "YYMMDD or YYYYMMDD", findings);
		break;
	case VALUES_TIME:
		if (!is_time(text))
			leaf_finding(
			    p, FIND_DATE, l->fault, text, "HHMM", findings);
		break;
	case VALUES_LISTED:
		if (is_listed(l->listed, text))
			break;
		n = snprintf(wanted, sizeof(wanted), "%.*s",
		    (int)(l->listed.len > 100 ? 100 : l->listed.len),
		    l->listed.p);
		for (int i = 0; i < n; i++)
			wanted[i] = wanted[i] == ' ' ? '|' : wanted[i];
		leaf_finding(
		    p, FIND_CONSTANT, l->fault, text, wanted, findings);
		break;
	case VALUES_ANY:
		break;
	}
}

void
leaf_check(
    const struct leaf_place *p, struct slice text, struct findings *findings)
{
	const struct leaf_format *f = &p->leaf->format;
	const char *what = f->kind == 'n'   ? "digits"
			   : f->kind == 'a' ? "letters"
					    : "characters";
	char wanted[64];
	uint32_t n;

	if (f->kind == 0)
		return;
	if (f->kind == 'n') {
		n = number_digits(text, p->decimal);
		if (n == 0) {
			(void)snprintf(wanted, sizeof(wanted),
			    "a number of %s%u digits with '%c'",
			    f->most ? "up to " : "", f->length, p->decimal);
			leaf_finding(p, FIND_NUMBER, FAULT_CHARACTER_TYPE, text,
			    wanted, findings);
			return;
		}
	} else {
		n = utf8_count(text);
		if (f->kind == 'a' && has_digit(text)) {
			leaf_finding(p, FIND_CHARACTERS, FAULT_CHARACTER_TYPE,
			    text, "letters, no digits", findings);
			return;
		}
	}
	if (n > f->length || (!f->most && n != f->length)) {
		(void)snprintf(wanted, sizeof(wanted), "%s%u %s",
		    f->most ? "up to " : "", f->length, what);
		leaf_finding(p, FIND_LENGTH,
		    n > f->length ? FAULT_LONG : FAULT_SHORT, text, wanted,
		    findings);
		return;
	}
	values_check(p, text, findings);
}
