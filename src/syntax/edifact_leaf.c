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
	}
}
