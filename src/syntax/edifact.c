/*
 * syntax/edifact.c - service characters and segments: where one ends and the
 * next begins (ISO 9735). Trusts nothing; called by the two passes over an
 * interchange.
 *
 * The text is UTF-8 by now, so a service character is never half of a letter:
 * the terminator is looked for with memchr alone.
 */
#include "src/syntax/edifact.h"
#include <ctype.h>
#include "src/syntax/edifact_parts.h"

#define UNA_LEN 9

bool
edifact_probe(struct slice head)
{
	static const char *const start[] = { "UNA", "UNB", "UNH" };

	head = slice_trim(head);
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		if (slice_starts(head, start[i]) && head.len > 3 &&
		    !isalnum((unsigned char)head.p[3]))
			return true;
	return false;
}

static bool
is_within(struct slice s, uint32_t most)
{
	return s.len > 0 && utf8_count(s) <= most;
}

bool
edifact_nameable(const struct edifact_message *m)
{
	return is_within(m->reference, 14) && is_within(m->type, 6) &&
	       is_within(m->version, 3) && is_within(m->release, 3) &&
	       is_within(m->agency, 3);
}

uint8_t
edifact_fault(enum finding_kind kind)
{
	switch (kind) {
	case FIND_MISSING:
		return FAULT_MISSING;
	case FIND_TOO_MANY:
		return FAULT_REPEATED;
	case FIND_UNEXPECTED:
		return FAULT_POSITION;
	case FIND_CONSTANT:
	case FIND_PATTERN:
	case FIND_CODE_UNKNOWN:
	case FIND_DATE:
		return FAULT_VALUE;
	case FIND_NUMBER:
	case FIND_CHARACTERS:
		return FAULT_CHARACTER_TYPE;
	case FIND_LENGTH:
		return FAULT_LONG;
	case FIND_TRAILER:
		return FAULT_COUNT;
	case FIND_TRAILING_SEPARATOR:
		return FAULT_TRAILING;
	case FIND_NO_FORMAT:
	case FIND_NOT_ACCEPTED:
		return FAULT_AGREEMENT;
	case FIND_ENCODING:
		return FAULT_CHARACTERS;
	case FIND_SYNTAX:
	case FIND_LIMIT:
	case FIND_ENVELOPE:
		return FAULT_OTHER;
	default:
		return 0;
	}
}

static bool
blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Is the terminator at `end` released? An odd run of release characters. */
static bool
released(const char *p, uint32_t from, uint32_t end, char release)
{
	uint32_t n = 0;

	while (end - n > from && p[end - n - 1] == release)
		n++;
	return n % 2 == 1;
}

static struct slice
tag_of(const char *p, uint32_t at, uint32_t end, const struct edifact_chars *c)
{
	uint32_t n = at;

	while (n < end && p[n] != c->element && p[n] != c->component)
		n++;
	return (struct slice){ p + at, n - at };
}

enum segment_found
segment_next(struct slice text, uint32_t at, const struct edifact_chars *c,
    struct segment *out)
{
	const char *p = text.p;
	uint32_t len = (uint32_t)text.len, from;

	while (at < len && blank(p[at]))
		at++;
	*out = (struct segment){ .at = at, .end = len, .next = len };
	if (at >= len)
		return SEGMENT_NONE;
	for (from = at;;) {
		uint32_t most = at + SEGMENT_MAX + 1 - from;
		uint32_t room = len - from < most ? len - from : most;
		const char *end = memchr(p + from, c->end, room);

		if (end == NULL) {
			out->tag =
			    tag_of(p, at, len - at > 8 ? at + 8 : len, c);
			return room < len - from ? SEGMENT_LONG : SEGMENT_OPEN;
		}
		from = (uint32_t)(end - p);
		if (c->release == '\0' || from == at ||
		    p[from - 1] != c->release ||
		    !released(p, at, from, c->release))
			break;
		from++;
	}
	out->end = from;
	out->next = from + 1;
	out->tag = tag_of(p, at, from, c);
	return SEGMENT_HERE;
}

struct slice
segment_unescape(
    struct slice s, const struct edifact_chars *c, struct arena *mem)
{
	char *out;
	size_t n = 0;

	if (c->release == '\0' || s.len == 0 ||
	    memchr(s.p, c->release, s.len) == NULL)
		return s;
	out = arena_raw(mem, s.len);
	if (out == NULL)
		return s;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == c->release && i + 1 < s.len)
			i++;
		out[n++] = s.p[i];
	}
	return (struct slice){ out, n };
}

void
edifact_escape(struct buf *b, struct slice s, const struct edifact_chars *c)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		char x = s.p[i];

		if (x != c->component && x != c->element && x != c->end &&
		    x != c->release && (x != c->repetition || x == '\0'))
			continue;
		buf_add(b, s.p + from, i - from);
		buf_byte(b, c->release);
		from = i;
	}
	buf_add(b, s.p + from, s.len - from);
}

/* What can separate: printable or one of the ASCII separators, no letter. */
static bool
service(char c)
{
	return (unsigned char)c < 0x80 && c != ' ' && c != '\0' &&
	       !isalnum((unsigned char)c);
}

bool
edifact_chars_read(struct slice text, uint32_t at, struct edifact_chars *c)
{
	const char *u = text.p + at;

	*c = (struct edifact_chars){ ':', '+', '.', '?', '\0', '\'', false };
	if (text.len - at < 3 || memcmp(u, "UNA", 3) != 0)
		return true;
	if (text.len - at < UNA_LEN)
		return false;
	c->component = u[3];
	c->element = u[4];
	c->decimal = u[5];
	c->release = u[6] == ' ' ? '\0' : u[6];
	c->repetition = u[7] == ' ' ? '\0' : u[7];
	c->end = u[8];
	c->given = true;
	return service(c->component) && service(c->element) &&
	       service(c->end) && (c->decimal == '.' || c->decimal == ',') &&
	       (c->release == '\0' || service(c->release)) &&
	       (c->repetition == '\0' || service(c->repetition)) &&
	       c->component != c->element && c->component != c->end &&
	       c->element != c->end && c->release != c->component &&
	       c->release != c->element && c->release != c->end &&
	       c->repetition != c->component && c->repetition != c->element &&
	       c->repetition != c->end &&
	       (c->repetition == '\0' || c->repetition != c->release);
}
