/*
 * daemon/work_control.c - what an interchange's syntax comes to, as the record
 * of a CONTRL: acknowledged, but for the messages that are named; or rejected
 * as a whole. Called by work_read.c for each message, in their order.
 *
 * Only what breaks ISO 9735 and the message's table is told here: a rule of
 * ours that a declaration breaks is the business of the other replies. There
 * is no answer to a CONTRL, and none to what names no sender (I26).
 */
#include "src/daemon/work_parts.h"
#include "src/syntax/edifact.h"
#include <stdlib.h>

#define CONTROL_BYTES (CLAIM_TEXT_MAX - 1024)
#define SEGMENTS_MAX  500u /* of one message that are named; the table's 999 */
#define DETAILS_MAX   99u  /* UCD of one segment */

static void
line_put(struct buf *b, const char *name, struct slice text)
{
	if (text.len == 0)
		return;
	buf_fmt(b, "%s\t", name);
	for (size_t i = 0; i < text.len; i++)
		switch (text.p[i]) {
		case '\\':
			buf_str(b, "\\\\");
			break;
		case '\t':
			buf_str(b, "\\t");
			break;
		case '\n':
			buf_str(b, "\\n");
			break;
		case '\r':
			buf_str(b, "\\r");
			break;
		default:
			buf_byte(b, text.p[i]);
		}
	buf_byte(b, '\n');
}

static void
number_put(struct buf *b, const char *name, uint32_t n)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", n);
	if (n > 0)
		line_put(b, name, slice_of(text));
}

/* --- faults --- */

/* 0085 of a finding that a CONTRL tells; 0: it is none of the syntax. */
static uint8_t
fault_of(const struct finding *f)
{
	if (f->severity != SEV_ERROR)
		return 0;
	if (f->fault != 0)
		return f->fault;
	return f->place.segment > 0 || f->kind == FIND_NO_FORMAT ||
		       f->kind == FIND_NOT_ACCEPTED || f->kind == FIND_ENVELOPE
		   ? edifact_fault(f->kind)
		   : 0;
}

/* The service segment that a finding is about; "": none. */
static struct slice
service_of(const struct finding *f)
{
	static const char *const known[] = { "UNA", "UNB", "UNG", "UNH", "UNT",
		"UNE", "UNZ" };
	struct slice rest = f->tag, tag = slice_cut(&rest, '/');

	if (f->kind == FIND_NO_FORMAT || f->kind == FIND_NOT_ACCEPTED)
		return SLICE_LIT("UNH");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_is(tag, known[i]))
			return tag;
	return SLICE_LIT("");
}

static void
service_put(struct buf *b, const char *prefix, const struct finding *f)
{
	struct slice tag = service_of(f);
	uint32_t element = f->place.element;
	char name[64];

	if (f->kind == FIND_NO_FORMAT || f->kind == FIND_NOT_ACCEPTED)
		element = 2; /* S009 */
	(void)snprintf(name, sizeof(name), "%sfault", prefix);
	number_put(b, name, fault_of(f));
	(void)snprintf(name, sizeof(name), "%sfault_tag", prefix);
	line_put(b, name, tag);
	/* 0098 counts the segment's tag as 1. */
	(void)snprintf(name, sizeof(name), "%sfault_element", prefix);
	number_put(b, name, tag.len == 0 || element == 0 ? 0 : element + 1);
	(void)snprintf(name, sizeof(name), "%sfault_component", prefix);
	number_put(
	    b, name, tag.len == 0 || element == 0 ? 0 : f->place.component);
}

/* --- one message --- */

static int
by_place(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;

	if (x->place.segment != y->place.segment)
		return x->place.segment < y->place.segment ? -1 : 1;
	if (x->place.element != y->place.element)
		return x->place.element < y->place.element ? -1 : 1;
	return x->place.component < y->place.component   ? -1
	       : x->place.component > y->place.component ? 1
							 : 0;
}

/*
 * Positions as 0098 counts them: the segment's tag is 1. A segment as a whole
 * has its code in UCS, its elements theirs in UCD.
 */
static void
segment_put(struct buf *b, uint32_t part, uint32_t n,
    const struct finding *const *f, uint32_t count)
{
	char prefix[64], name[96];
	uint32_t details = 0;

	(void)snprintf(
	    prefix, sizeof(prefix), "part[%u].finding[%u].", part, n);
	(void)snprintf(name, sizeof(name), "%ssegment", prefix);
	number_put(b, name, f[0]->place.segment);
	(void)snprintf(name, sizeof(name), "%sfault", prefix);
	if (f[0]->place.element == 0)
		number_put(b, name, fault_of(f[0]));
	for (uint32_t i = 0; i < count && details < DETAILS_MAX; i++) {
		if (f[i]->place.element == 0)
			continue;
		details++;
		(void)snprintf(
		    name, sizeof(name), "%sdetail[%u].fault", prefix, details);
		number_put(b, name, fault_of(f[i]));
		(void)snprintf(name, sizeof(name), "%sdetail[%u].element",
		    prefix, details);
		number_put(b, name, f[i]->place.element + 1);
		(void)snprintf(name, sizeof(name), "%sdetail[%u].component",
		    prefix, details);
		number_put(b, name, f[i]->place.component);
	}
}

static void
segments_put(struct buf *b, uint32_t part, const struct finding **f, uint32_t n)
{
	uint32_t named = 0;

	qsort(f, n, sizeof(struct finding *), by_place);
	for (uint32_t i = 0, k; i < n; i = k) {
		for (k = i + 1;
		     k < n && f[k]->place.segment == f[i]->place.segment;)
			k++;
		segment_put(b, part, ++named,
		    (const struct finding *const *)f + i, k - i);
	}
}

static void
head_put(struct buf *b, uint32_t part, const struct edifact_message *m)
{
	const struct {
		const char *name;
		struct slice text;
	} leaf[] = {
		{ "message", m->reference },
		{ "message_type", m->type },
		{ "message_version", m->version },
		{ "message_release", m->release },
		/* 0051 and 0057 are no longer than that in any syntax */
		{ "message_agency", slice_sub(m->agency, 0, 2) },
		{ "association",
		    m->association.len > 6 ? SLICE_LIT("") : m->association },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++) {
		(void)snprintf(name, sizeof(name), "part[%u].about.%s", part,
		    leaf[i].name);
		line_put(b, name, leaf[i].text);
	}
	(void)snprintf(name, sizeof(name), "part[%u].status", part);
	line_put(b, name, SLICE_LIT("rejected"));
}

/*
 * A message that is rejected is named with what is wrong in it. One that cannot
 * be named refused its interchange, see pipeline_edifact.c.
 */
static void
message_control(struct work *w, const struct filing *f)
{
	const struct finding *list[SEGMENTS_MAX];
	const struct finding *service = NULL;
	const struct edifact_message *m = f->message;
	struct buf *b = &w->control;
	char prefix[32];
	uint32_t n = 0;

	for (const struct finding *x = f->findings->first; x != NULL;
	     x = x->next) {
		if (fault_of(x) == 0)
			continue;
		if (x->place.segment == 0 || service_of(x).len > 0)
			service = service == NULL ? x : service;
		else if (n < SEGMENTS_MAX)
			list[n++] = x;
	}
	if (n == 0 && service == NULL)
		return;
	head_put(b, ++w->control_parts, m);
	(void)snprintf(prefix, sizeof(prefix), "part[%u].", w->control_parts);
	if (service != NULL)
		service_put(b, prefix, service);
	segments_put(b, w->control_parts, list, n);
}

/* --- one interchange --- */

static void
interchange_control(struct work *w, const struct filing *f)
{
	const struct edifact_interchange *i = f->interchange;
	const struct {
		const char *name;
		struct slice text;
	} leaf[] = {
		{ "about.interchange", i->reference },
		{ "about.sender", i->sender },
		{ "about.sender_qual", i->sender_qual },
		{ "about.receiver", i->receiver },
		{ "about.receiver_qual", i->receiver_qual },
	};
	const struct finding *first = f->findings->first, *unh = NULL;
	struct buf *b = &w->control;

	if (b->len > 0)
		buf_str(b, "\f\n");
	w->control_parts = 0;
	for (size_t k = 0; k < sizeof(leaf) / sizeof(leaf[0]); k++)
		line_put(b, leaf[k].name, leaf[k].text);
	line_put(b, "status",
	    i->refused ? SLICE_LIT("rejected") : SLICE_LIT("acknowledged"));
	/* What refuses it stands outside of its messages, or in a UNH. */
	for (; first != NULL; first = first->next) {
		if (fault_of(first) == 0)
			continue;
		if (first->place.segment == 0)
			break;
		if (unh == NULL && slice_is(service_of(first), "UNH"))
			unh = first;
	}
	if (i->refused && (first != NULL || unh != NULL))
		service_put(b, "", first != NULL ? first : unh);
}

static bool
interchange_answerable(const struct edifact_interchange *i)
{
	if (!i->has_unb || i->reference.len == 0 || i->reference.len > 14 ||
	    i->sender.len == 0 || i->receiver.len == 0 ||
	    utf8_count(i->sender) > 35 || utf8_count(i->receiver) > 35 ||
	    i->sender_qual.len > 4 || i->receiver_qual.len > 4)
		return false; /* UCI could not say of which */
	for (const struct edifact_message *m = i->message; m != NULL;
	     m = m->next)
		if (slice_is(m->type, "CONTRL"))
			return false;
	return true;
}

void
work_control_begin(struct work *w)
{
	buf_reset(&w->control);
	w->control_at = 0;
	w->control_parts = 0;
}

void
work_control(struct work *w, const struct filing *f)
{
	const struct edifact_interchange *i = f->interchange;
	size_t before = w->control.len;

	if (i == NULL || !interchange_answerable(i))
		return;
	/* UNB's own place tells one interchange of the arrival from another. */
	if (before == 0 || w->control_at != i->unb_at + 1) {
		interchange_control(w, f);
		w->control_at = i->unb_at + 1;
	}
	if (f->message != NULL && !i->refused)
		message_control(w, f);
	if (w->control.len > CONTROL_BYTES || buf_failed(&w->control)) {
		w->control.failed = false;
		buf_cut(&w->control, before); /* the findings tell the rest */
	}
}
