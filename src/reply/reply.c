/*
 * reply/reply.c - facts of the spool as lines of a receipt record.
 *
 * Labels, texts and findings come from outside: they are escaped as
 * record_print does, so that nobody's number can forge a line of the record.
 * Called by spool when a reply is due, for the order that convert gets.
 */
#include "src/reply/reply.h"
#include "src/base/civil.h"
#include <stdio.h>
#include <string.h>
#include "src/base/json.h"

#define MEMBER_BYTES 65536u    /* one text of a finding */
#define SHOWN_BYTES  480u      /* of it in a reply: receipt.dir, text..512 */
#define SAID_BYTES   4900u     /* the agency's words: text..5000 */
#define NAME_BYTES   255u      /* a file name */
#define ITEM_MAX     999999999 /* receipt.dir, int..9 */
#define ITEM_BYTES   9u
#define MS_DAY       86400000
/* An import client stamps its names with the time of its country. */
#define CLIENT_ZONE_MS (8 * INT64_C(3600000))

static void
text_escape(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '\\':
			buf_add(b, "\\\\", 2);
			break;
		case '\t':
			buf_add(b, "\\t", 2);
			break;
		case '\n':
			buf_add(b, "\\n", 2);
			break;
		case '\r':
			buf_add(b, "\\r", 2);
			break;
		default:
			buf_byte(b, s.p[i]);
		}
	}
}

/* At most so many bytes, ending where a character does. */
static struct slice
text_head(struct slice s, size_t most)
{
	if (s.len <= most)
		return s;
	s.len = most;
	while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

/* "part[3].NAME<TAB>text", nothing for an empty text; part 0: the root. */
static void
line_put(struct buf *b, uint32_t part, const char *name, struct slice text,
    size_t most)
{
	struct slice shown = text_head(text, most);

	if (text.len == 0)
		return;
	if (part > 0)
		buf_fmt(b, "part[%u].", part);
	buf_fmt(b, "%s\t", name);
	text_escape(b, shown);
	if (shown.len < text.len)
		buf_str(b, "...");
	buf_byte(b, '\n');
}

static void
time_put(struct buf *b, uint32_t part, int64_t ms)
{
	char text[48];
	struct civil d;
	int64_t s;

	if (ms <= 0)
		return;
	d = civil_of(ms / MS_DAY);
	s = ms % MS_DAY / 1000;
	(void)snprintf(text, sizeof(text), "%04u-%02u-%02uT%02d:%02d:%02dZ",
	    (unsigned int)(d.year % 10000), d.month, d.day, (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60));
	line_put(b, part, "time", slice_of(text), sizeof(text));
}

/* A member of finding_json and where it stands in the record. */
static const struct {
	const char *member, *leaf;
} leaves[] = {
	{ "code", "fault" },
	{ "severity", "severity" },
	{ "element", "element" },
	{ "tag", "place" },
	{ "found", "found" },
	{ "wanted", "wanted" },
	{ "line", "line" },
	{ "column", "column" },
	{ "segment", "segment" },
	{ "part", "detail[1].element" },
	{ "component", "detail[1].component" },
	{ "en", "text" },
	{ "zh", "text_zh" },
};

/* "item[2].quantity" is about goods item 2. */
static void
item_put(struct buf *b, uint32_t part, uint32_t n, struct slice element)
{
	char name[64];
	struct slice rest = element, number;
	uint64_t item;

	if (!slice_starts(element, "item["))
		return;
	(void)slice_cut(&rest, '[');
	number = slice_cut(&rest, ']');
	if (!slice_u64(number, &item) || item > ITEM_MAX)
		return;
	(void)snprintf(name, sizeof(name), "finding[%u].item", n);
	line_put(b, part, name, number, ITEM_BYTES);
}

static void
finding_put(struct buf *b, uint32_t part, uint32_t n, struct slice line)
{
	char path[64];
	struct buf text, en;
	struct slice name;

	buf_init(&text, MEMBER_BYTES);
	buf_init(&en, MEMBER_BYTES);
	while (json_member(&line, &name, &text)) {
		if (slice_is(name, "en"))
			buf_slice(&en, buf_look(&text));
		/* An agency's one sentence stands in one language's place. */
		else if (slice_is(name, "zh") &&
			 slice_eq(buf_look(&text), buf_look(&en)))
			continue;
		for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
			if (slice_is(name, leaves[i].member)) {
				(void)snprintf(path, sizeof(path),
				    "finding[%u].%s", n, leaves[i].leaf);
				line_put(b, part, path, buf_look(&text),
				    SHOWN_BYTES);
			}
		if (slice_is(name, "element"))
			item_put(b, part, n, buf_look(&text));
	}
	buf_clear(&text);
	buf_clear(&en);
}

/* The facts before this one: the last line says "part[N].". */
static uint32_t
parts_so_far(const struct buf *b)
{
	struct slice s = buf_look(b), number;
	uint64_t n;

	if (s.len == 0)
		return 0;
	for (size_t i = s.len - 1; i > 0 && s.p[i - 1] != '\n'; i--)
		s.len = i;
	s = slice_sub(buf_look(b), s.len - 1, b->len);
	if (!slice_starts(s, "part["))
		return 0;
	(void)slice_cut(&s, '[');
	number = slice_cut(&s, ']');
	return slice_u64(number, &n) && n < UINT32_MAX ? (uint32_t)n : 0;
}

/* Whose envelope the answer turns round. */
static void
request_put(struct buf *b, struct slice interchange)
{
	static const char *const leaf[] = { "request.interchange",
		"request.sender", "request.sender_qual", "request.receiver",
		"request.receiver_qual", "request.syntax" };

	for (size_t i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++)
		line_put(
		    b, 0, leaf[i], slice_cut(&interchange, '\t'), NAME_BYTES);
}

void
reply_begin(struct buf *b, const struct reply_head *h)
{
	line_put(b, 0, "number", h->number, NAME_BYTES);
	line_put(b, 0, "kind", slice_of(h->kind), NAME_BYTES);
	line_put(b, 0, "arrival_id", h->arrival, NAME_BYTES);
	line_put(b, 0, "file_name", h->file_name, NAME_BYTES);
	line_put(b, 0, "request.encoding", h->encoding, NAME_BYTES);
	request_put(b, h->interchange);
	time_put(b, 0, h->now_ms);
}

void
reply_add(struct buf *b, const struct reply_fact *f)
{
	struct slice rest = f->findings;
	uint32_t p = parts_so_far(b) + 1;

	line_put(b, p, "about.number", f->label, NAME_BYTES);
	line_put(b, p, "about.platform_number", f->platform_number, NAME_BYTES);
	line_put(b, p, "about.entry_number", f->customs_number, NAME_BYTES);
	line_put(b, p, "filing_id", f->filing, NAME_BYTES);
	line_put(b, p, "agency", f->agency, NAME_BYTES);
	line_put(b, p, "status", f->state, NAME_BYTES);
	line_put(b, p, "status_en", f->en, NAME_BYTES);
	line_put(b, p, "status_zh", f->zh, NAME_BYTES);
	line_put(b, p, "fault", f->status, NAME_BYTES);
	line_put(b, p, "level", f->level, NAME_BYTES);
	line_put(b, p, "outcome", f->outcome, NAME_BYTES);
	line_put(b, p, "text", f->text, SAID_BYTES);
	time_put(b, p, f->event_ms);
	for (uint32_t n = 1; rest.len > 0 && n <= REPLY_FINDINGS_SHOWN; n++)
		finding_put(b, p, n, slice_cut(&rest, '\n'));
}

void
reply_end(struct buf *b)
{
	/* A reply that says nothing is a mistake of ours, not a reply. */
	if (b->len == 0)
		b->failed = true;
}

static bool
name_byte_fine(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && c != '/' && c != '\\';
}

/* The stem of a file's name between head and tail, made harmless. */
static void
name_put(struct slice stem, const char *head, const char *tail, char *out,
    size_t size)
{
	size_t room, at = strlen(head);

	for (size_t i = stem.len; i > 1; i--)
		if (stem.p[i - 1] == '.') {
			stem.len = i - 1;
			break;
		}
	room = (size > NAME_BYTES + 1 ? NAME_BYTES + 1 : size) - 1;
	room = room > at + strlen(tail) ? room - at - strlen(tail) : 0;
	stem = text_head(stem.len == 0 ? SLICE_LIT("_") : stem, room);
	(void)snprintf(out, size, "%s", head);
	for (size_t i = 0; i < stem.len; i++)
		out[at + i] =
		    name_byte_fine((unsigned char)stem.p[i]) ? stem.p[i] : '_';
	if (at + stem.len > 0 && out[0] == '.')
		out[0] = '_';
	(void)snprintf(out + at + stem.len, size - at - stem.len, "%s", tail);
}

void
reply_name(struct slice file_name, uint32_t n, const char *kind, char *out,
    size_t size)
{
	char tail[64];

	(void)snprintf(tail, sizeof(tail), ".%03u.%s", n, kind);
	name_put(file_name, "", tail, out, size);
}

void
reply_name_client(struct slice file_name, uint32_t n, const char *kind,
    const char *suffix, int64_t wall_ms, char *out, size_t size)
{
	int64_t local = wall_ms + CLIENT_ZONE_MS;
	int64_t in_day = local % MS_DAY;
	const char *head = strcmp(kind, "taken") == 0      ? "Successed_"
			   : strcmp(kind, "findings") == 0 ? "Failed_"
							   : "Receipt_";
	struct civil d = civil_of(local / MS_DAY);
	char tail[64];

	(void)snprintf(tail, sizeof(tail),
	    "_%04u%02u%02u%02d%02d%02d%03d%04u%.8s",
	    (unsigned int)(d.year % 10000), d.month, d.day,
	    (int)(in_day / 3600000), (int)(in_day / 60000 % 60),
	    (int)(in_day / 1000 % 60), (int)(in_day % 1000), n % 10000, suffix);
	name_put(file_name, head, tail, out, size);
}

const char *
reply_kind(struct slice name)
{
	static const char *const kinds[] = { "taken", "findings", "status",
		"control" };
	struct slice tail = name;

	/* A file may be called Failed_: the kind at the end says more. */
	while (tail.len > 0 && memchr(tail.p, '.', tail.len) != NULL)
		(void)slice_cut(&tail, '.');
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (tail.len < name.len && slice_is(tail, kinds[i]))
			return kinds[i];
	return slice_starts(name, "Successed_") ? "taken"
	       : slice_starts(name, "Failed_")  ? "findings"
	       : slice_starts(name, "Receipt_") ? "status"
						: NULL;
}
