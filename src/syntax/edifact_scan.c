/*
 * syntax/edifact_scan.c - the first pass: envelopes, counts and references,
 * so that no message is used before its interchange is known to be whole.
 * Trusts nothing; called by identify.
 *
 * What is wrong with one message (its UNT) is that message's; what is wrong
 * with UNB, UNG, UNE or UNZ refuses the interchange.
 */
#include <stdio.h>
#include "src/syntax/edifact_parts.h"
#include "src/syntax/wire_table.h"

/* Elements of a trailer, as bits of what was judged. */
#define COUNT     (1u << 1)
#define REFERENCE (1u << 2)

struct scan {
	const struct text *text;
	const struct edifact_service *service;
	struct arena *mem;
	struct findings *findings;
	struct edifact_interchange *out;
	struct edifact_message *message, **link; /* open one; where next goes */
	uint32_t position;                       /* of the segment in it */
	bool in_group, groups, bare;             /* seen: UNG; UNH outside */
	uint32_t ngroups, group_messages;
	struct slice group;
	uint32_t errors_before;
};

/* Its parts, and what its table has against them: bits by element. */
static uint32_t
segment_judge(struct scan *s, const struct segment *g, struct parts *out)
{
	const struct edifact_service *all = s->service;
	const struct wire_table *t = NULL;
	const struct table_segment *k;

	parts_read(g, s->text->utf8, &s->out->chars, s->mem, out);
	if (all != NULL)
		t = !s->out->has_unb || slice_is(s->out->syntax_version, "4")
			? all->four
			: all->three;
	if (t == NULL)
		return 0;
	k = table_segment_find(t, tag_pack(g->tag.p, g->tag.len));
	return k == NULL
		   ? 0
		   : parts_check(out, g, k, &s->out->chars,
			 s->message == NULL ? 0 : s->position, s->findings);
}

static struct finding *
scan_finding(struct scan *s, enum finding_kind kind, const char *tag,
    struct slice found, struct slice wanted, const struct segment *g)
{
	struct slice none = { NULL, 0 };
	struct finding *f =
	    finding_add(s->findings, kind, none, slice_of(tag), found, wanted);

	f->text_at = g->at;
	f->text_span = g->end - g->at;
	f->fault = edifact_fault(kind);
	if (s->message != NULL)
		f->place.segment = s->position;
	return f;
}

/* A mistake of the envelope itself. */
static void
scan_refuse(struct scan *s, enum edifact_fault fault, const char *found,
    const char *wanted, const struct segment *g)
{
	scan_finding(s, FIND_SYNTAX, "", slice_of(found), slice_of(wanted), g)
	    ->fault = (uint8_t)fault;
	s->out->refused = true;
}

/* Count and reference stand in a trailer's first and second element. */
static void
count_check(struct scan *s, const char *tag, struct slice said,
    uint32_t counted, const struct segment *g, bool *bad)
{
	char text[16];
	uint64_t n;

	if (slice_u64(said, &n) && n == counted)
		return;
	(void)snprintf(text, sizeof(text), "%u", counted);
	if (said.len == 0)
		said = SLICE_LIT("nothing");
	scan_finding(s, FIND_TRAILER, tag, said, slice_of(text), g)
	    ->place.element = 1;
	*bad = true;
}

static void
reference_check(struct scan *s, const char *tag, struct slice found,
    struct slice wanted, const struct segment *g, bool *bad)
{
	struct finding *f;

	if (slice_eq(found, wanted) || (s->service != NULL && wanted.len == 0))
		return; /* that there is none to repeat was told */
	f = scan_finding(s, FIND_CONSTANT, tag, found, wanted, g);
	f->fault = FAULT_REFERENCE;
	f->place.element = 2;
	*bad = true;
}

/* --- messages --- */

static void
message_close(struct scan *s, uint32_t end)
{
	struct edifact_message *m = s->message;

	m->span = end - m->at;
	m->segments = s->position;
	m->findings = s->findings->errors - s->errors_before;
	s->message = NULL;
}

/* The next UNH or a trailer came before UNT. */
static void
message_cut(struct scan *s, const struct segment *g)
{
	char wanted[64];
	uint32_t end = g->at;

	if (s->message == NULL)
		return;
	(void)snprintf(wanted, sizeof(wanted), "the trailer of message '%.*s'",
	    (int)(s->message->reference.len > 20 ? 20
						 : s->message->reference.len),
	    s->message->reference.p);
	(void)scan_finding(s, FIND_MISSING, "UNT", (struct slice){ NULL, 0 },
	    slice_of(wanted), g);
	message_close(s, end);
}

static void
message_open(struct scan *s, const struct segment *g)
{
	struct edifact_message *m = arena_get(s->mem, sizeof(*m));
	struct parts p;

	if (s->out->nmessages == MESSAGES_MAX || m == NULL) {
		char found[16];

		(void)snprintf(
		    found, sizeof(found), "%u messages", s->out->nmessages + 1);
		if (!s->out->refused)
			(void)scan_finding(s, FIND_LIMIT, "the interchange",
			    slice_of(found), SLICE_LIT("100000"), g);
		s->out->refused = true;
		return;
	}
	m->at = g->at;
	m->unh_span = g->next - g->at;
	s->message = m;
	s->position = 1;
	s->errors_before = s->findings->errors;
	(void)segment_judge(s, g, &p);
	m->reference = p.p[1][0];
	m->type = p.p[2][0];
	m->version = p.p[2][1];
	m->release = p.p[2][2];
	m->agency = p.p[2][3];
	m->association = p.p[2][4];
	*s->link = m;
	s->link = &m->next;
	s->out->nmessages++;
	s->group_messages++;
	s->bare = s->bare || !s->in_group;
}

static void
message_end(struct scan *s, const struct segment *g)
{
	struct parts p;
	bool bad = false;
	uint32_t span, judged;

	if (s->message == NULL) {
		scan_refuse(s, FAULT_OUTSIDE, "UNT outside a message",
		    "UNH before its UNT", g);
		return;
	}
	judged = segment_judge(s, g, &p);
	if ((judged & COUNT) == 0)
		count_check(s, "UNT/0074", p.p[1][0], s->position, g, &bad);
	if ((judged & REFERENCE) == 0)
		reference_check(
		    s, "UNT/0062", p.p[2][0], s->message->reference, g, &bad);
	span = g->next - s->message->at;
	if (span > MESSAGE_MAX) {
		char found[32];

		(void)snprintf(found, sizeof(found), "%u bytes", span);
		(void)scan_finding(s, FIND_LIMIT, "the message",
		    slice_of(found), SLICE_LIT("8388608"), g);
	}
	message_close(s, g->next);
}

/* --- groups and the interchange --- */

static void
group_open(struct scan *s, const struct segment *g)
{
	struct parts p;

	if (s->in_group)
		scan_refuse(
		    s, FAULT_OUTSIDE, "UNG inside a group", "UNE before it", g);
	s->out->refused |= segment_judge(s, g, &p) != 0;
	s->in_group = true;
	s->groups = true;
	s->ngroups++;
	s->group_messages = 0;
	s->group = p.p[5][0];
}

static void
group_end(struct scan *s, const struct segment *g)
{
	struct parts p;
	uint32_t judged;

	if (!s->in_group) {
		scan_refuse(s, FAULT_OUTSIDE, "UNE outside a group",
		    "UNG before its UNE", g);
		return;
	}
	judged = segment_judge(s, g, &p);
	s->out->refused |= judged != 0;
	if ((judged & COUNT) == 0)
		count_check(s, "UNE/0060", p.p[1][0], s->group_messages, g,
		    &s->out->refused);
	if ((judged & REFERENCE) == 0)
		reference_check(
		    s, "UNE/0048", p.p[2][0], s->group, g, &s->out->refused);
	s->in_group = false;
}

static void
interchange_open(struct scan *s, const struct segment *g)
{
	struct edifact_interchange *x = s->out;
	struct parts p;

	parts_read(g, s->text->utf8, &x->chars, s->mem, &p);
	x->has_unb = true;
	x->unb_at = g->at;
	x->unb_span = g->next - g->at;
	x->syntax_id = p.p[1][0];
	x->syntax_version = p.p[1][1];
	x->sender = p.p[2][0];
	x->sender_qual = p.p[2][1];
	x->receiver = p.p[3][0];
	x->receiver_qual = p.p[3][1];
	x->reference = p.p[5][0];
	x->sender_at = p.at[2][0];
	x->receiver_at = p.at[3][0];
	x->refused |= segment_judge(s, g, &p) != 0; /* by the version it says */
	/* The fifth character of UNA repeats only from syntax 4 on. */
	if (!slice_is(x->syntax_version, "4"))
		x->chars.repetition = '\0';
	else if (!x->chars.given)
		x->chars.repetition = '*';
}

static void
interchange_end(struct scan *s, const struct segment *g)
{
	struct edifact_interchange *x = s->out;
	struct parts p;
	uint32_t judged;

	if (!x->has_unb) {
		scan_refuse(
		    s, FAULT_OUTSIDE, "UNZ without UNB", "UNB in front", g);
		return;
	}
	if (s->in_group)
		scan_refuse(
		    s, FAULT_MISSING, "UNZ inside a group", "UNE before it", g);
	if (s->groups && s->bare)
		scan_refuse(s, FAULT_MIXED,
		    "messages inside and outside of groups",
		    "all of them inside or all outside", g);
	if (x->nmessages == 0 && !x->refused)
		scan_refuse(s, FAULT_EMPTY, "an interchange without messages",
		    "a message in it", g);
	judged = segment_judge(s, g, &p);
	x->refused |= judged != 0;
	if ((judged & COUNT) == 0)
		count_check(s, "UNZ/0036", p.p[1][0],
		    s->groups ? s->ngroups : x->nmessages, g, &x->refused);
	if ((judged & REFERENCE) == 0)
		reference_check(
		    s, "UNZ/0020", p.p[2][0], x->reference, g, &x->refused);
}

/* The interchange stops without UNZ: at another one, or where nothing is. */
static void
interchange_cut(struct scan *s, const struct segment *g)
{
	char wanted[64];

	message_cut(s, g);
	if (!s->out->has_unb)
		return;
	(void)snprintf(wanted, sizeof(wanted),
	    "the trailer of interchange '%.*s'",
	    (int)(s->out->reference.len > 20 ? 20 : s->out->reference.len),
	    s->out->reference.p);
	(void)scan_finding(s, FIND_MISSING, "UNZ", (struct slice){ NULL, 0 },
	    slice_of(wanted), g);
	s->out->refused = true;
}

static bool
starts_with(const struct segment *g, const char *tag)
{
	return g->tag.len >= 3 && memcmp(g->tag.p, tag, 3) == 0;
}

/* One segment; false: the interchange ends here, *next says where it goes on.
 */
static bool
scan_segment(struct scan *s, const struct segment *g, uint32_t *next)
{
	bool first = s->out->nmessages == 0 && !s->out->has_unb;

	*next = g->next;
	if (g->tag.p[0] != 'U' || g->tag.len != 3 || g->tag.p[1] != 'N') {
		if (s->message != NULL)
			s->position++;
		else if (!starts_with(g, "UNA"))
			scan_refuse(s, FAULT_OUTSIDE,
			    "a segment outside a message", "UNH, UNG or UNZ",
			    g);
	}
	if (starts_with(g, "UNA") || (starts_with(g, "UNB") && !first)) {
		interchange_cut(s, g);
		*next = g->at;
		return false;
	}
	if (g->tag.len != 3)
		return true;
	if (starts_with(g, "UNH")) {
		message_cut(s, g);
		message_open(s, g);
	} else if (starts_with(g, "UNT")) {
		s->position += s->message != NULL;
		message_end(s, g);
	} else if (starts_with(g, "UNB")) {
		interchange_open(s, g);
	} else if (starts_with(g, "UNG")) {
		message_cut(s, g);
		group_open(s, g);
	} else if (starts_with(g, "UNE")) {
		message_cut(s, g);
		group_end(s, g);
	} else if (starts_with(g, "UNZ")) {
		message_cut(s, g);
		interchange_end(s, g);
		return false;
	} else if (g->tag.p[0] == 'U' && g->tag.p[1] == 'N') {
		s->position += s->message != NULL;
	}
	return true;
}

/* The text stops inside a segment, or a segment does not stop. */
static void
scan_torn(struct scan *s, enum segment_found how, struct segment *g)
{
	struct slice text = s->text->utf8;
	char found[80], tag[8];

	(void)snprintf(tag, sizeof(tag), "%.*s",
	    (int)(g->tag.len > 6 ? 6 : g->tag.len), g->tag.p);
	s->out->refused = true;
	if (how == SEGMENT_LONG) {
		g->end = g->at + SEGMENT_MAX;
		(void)snprintf(found, sizeof(found), "segment '%s'", tag);
		(void)scan_finding(s, FIND_LIMIT, found,
		    SLICE_LIT("more than 65536 bytes"), SLICE_LIT("65536"), g);
	} else if (s->out->chars.release != '\0' &&
		   text.p[text.len - 1] == s->out->chars.release) {
		scan_refuse(s, FAULT_MISSING,
		    "the text ends in the release character",
		    "the character it releases", g);
	} else {
		(void)snprintf(
		    found, sizeof(found), "segment '%s' has no end", tag);
		scan_refuse(
		    s, FAULT_MISSING, found, "the segment terminator", g);
	}
	g->at = g->end;
	interchange_cut(s, g);
}

/* Message references twice in one interchange: by a table of their hashes. */
static void
references_check(struct scan *s)
{
	uint32_t size = 16;
	struct edifact_message **slot;

	while (size < s->out->nmessages * 2)
		size *= 2;
	if (s->out->nmessages < 2 ||
	    (slot = arena_get(s->mem, size * sizeof(*slot))) == NULL)
		return;
	for (struct edifact_message *m = s->out->message; m != NULL;
	     m = m->next) {
		uint32_t i = slice_hash(m->reference) & (size - 1);

		while (slot[i] != NULL &&
		       !slice_eq(slot[i]->reference, m->reference))
			i = (i + 1) & (size - 1);
		if (slot[i] == NULL) {
			slot[i] = m;
		} else {
			struct segment g = { .at = m->at, .end = m->at + 3 };

			struct finding *twice =
			    scan_finding(s, FIND_SYNTAX, "UNH/0062",
				SLICE_LIT(
				    "UNH/0062 stands twice in the interchange"),
				SLICE_LIT("another reference for each message"),
				&g);
			twice->fault = FAULT_TWICE;
			twice->place.element = 1;
			m->findings++;
		}
	}
}

static enum rc
chars_wrong(struct scan *s, uint32_t at, struct err *err)
{
	struct segment g = { .at = at, .end = at + 9 };
	struct slice una = slice_sub(s->text->utf8, at, 9);
	char found[64];

	for (size_t i = 0; i < una.len; i++)
		if ((unsigned char)una.p[i] < 0x20)
			una.len = i;
	(void)snprintf(found, sizeof(found),
	    "'%.*s' gives no service characters", SLICE_ARG(una));
	scan_refuse(
	    s, FAULT_SERVICE, found, "nine characters as in UNA:+.? '", &g);
	return err_set(
	    err, RC_REFUSED, "%s, want nine characters as in UNA:+.? '", found);
}

enum rc
edifact_scan(struct edifact_interchange *out, const struct text *text,
    uint32_t at, const struct edifact_service *service, struct arena *mem,
    struct findings *findings, struct err *err)
{
	struct scan s = { .text = text,
		.service = service,
		.mem = mem,
		.findings = findings,
		.out = out,
		.link = &out->message };
	struct segment g;
	enum segment_found how;
	bool more = true;

	*out = (struct edifact_interchange){ .next_at = at };
	while (at < text->utf8.len && strchr(" \t\r\n", text->utf8.p[at]))
		at++;
	if (!edifact_probe(slice_sub(text->utf8, at, 16))) {
		g = (struct segment){ .at = at, .end = at + 1 };
		scan_refuse(&s, FAULT_OUTSIDE, "bytes that are no segment",
		    "UNA, UNB or UNH", &g);
		return err_set(err, RC_REFUSED,
		    "bytes that are no segment, want UNA, UNB or UNH");
	}
	if (!edifact_chars_read(text->utf8, at, &out->chars))
		return chars_wrong(&s, at, err);
	at += out->chars.given ? 9 : 0;
	while (more) {
		how = segment_next(text->utf8, at, &out->chars, &g);
		if (how == SEGMENT_OPEN || how == SEGMENT_LONG) {
			scan_torn(&s, how, &g);
			at = (uint32_t)text->utf8.len;
			break;
		}
		if (how == SEGMENT_NONE) {
			interchange_cut(&s, &g);
			at = g.at;
			break;
		}
		more = scan_segment(&s, &g, &at);
	}
	while (at < text->utf8.len && strchr(" \t\r\n", text->utf8.p[at]))
		at++;
	out->next_at = at;
	references_check(&s);
	if (arena_failed(mem))
		return err_set(err, RC_LATER, "no memory for the interchange");
	return RC_OK;
}
