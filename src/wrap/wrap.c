/*
 * wrap/wrap.c - an archive or an interchange around messages. Trusts that the
 * parts are our writer's; called by the convert role.
 */
#include "src/wrap/wrap.h"
#include "src/envelope/zip.h"
#include "src/syntax/edifact.h"
#include <stdio.h>

#define COPIES_MAX 1000 /* of one name; also the archive's ceiling */

static bool
name_had(const struct zip_entry *first, const struct zip_entry *upto,
    struct slice name)
{
	for (const struct zip_entry *e = first; e != upto; e = e->next)
		if (slice_eq(e->name, name))
			return true;
	return false;
}

/* "I_A_t-1.xml" a second time: "I_A_t-1-2.xml"; none may hide another. */
static struct slice
name_unique(const struct zip_entry *first, const struct zip_entry *upto,
    struct slice name, struct arena *mem)
{
	size_t stem = name.len;
	char text[WRAP_NAME + 8];

	if (!name_had(first, upto, name))
		return name;
	for (size_t i = name.len; i > 1; i--)
		if (name.p[i - 1] == '.') {
			stem = i - 1;
			break;
		}
	for (unsigned int n = 2; n < COPIES_MAX; n++) {
		int len = snprintf(text, sizeof(text), "%.*s-%u%.*s",
		    (int)(stem > 200 ? 200 : stem), name.p, n,
		    SLICE_ARG(slice_sub(name, stem, name.len)));
		struct slice made = { text, (size_t)len };

		if (len > 0 && (size_t)len < sizeof(text) &&
		    !name_had(first, upto, made))
			return arena_dup(mem, made);
	}
	return name;
}

enum rc
wrap_zip(struct wrap_body *all, const struct wrap_head *h, struct arena *mem,
    struct buf *out, struct err *err)
{
	struct zip_entry *first = NULL, *last = NULL;
	int year = h->year < 1980 ? 0 : h->year - 1980;
	enum rc rc;

	for (const struct wrap_body *body = all; body != NULL;
	     body = body->next) {
		struct zip_entry *e = arena_get(mem, sizeof(*e));

		if (e == NULL)
			return err_set(err, RC_LATER, "no memory to wrap");
		if (last == NULL)
			first = e;
		else
			last->next = e;
		e->name = name_unique(first, e, body->name, mem);
		e->body = body->body;
		e->absent = body->absent;
		e->len = body->len;
		e->crc = body->crc;
		last = e;
	}
	if (first == NULL)
		return err_set(err, RC_REFUSED, "nothing to wrap");
	rc = zip_write(first,
	    (uint16_t)((year & 0x7f) << 9 | h->month << 5 | h->day),
	    (uint16_t)(h->hour << 11 | h->minute << 5 | h->second / 2), out,
	    err);
	for (; all != NULL && rc == RC_OK; all = all->next) {
		all->at = first->at;
		first = first->next;
	}
	return rc;
}

static bool
plain_ascii(const struct wrap_body *b)
{
	for (; b != NULL; b = b->next)
		for (size_t i = 0; i < b->body.len; i++)
			if ((unsigned char)b->body.p[i] >= 0x80)
				return false;
	return true;
}

/*
 * Version 3 has letters and a short date. UTF-8 needs version 4, and so do the
 * double bytes of GB, which come nearest to code extension (ISO 2022).
 */
static bool
version_3(const struct wrap_head *h, const struct wrap_body *b)
{
	return !h->version_4 && (h->encoding == ENC_LATIN1 || plain_ascii(b));
}

static void
party_put(struct buf *out, const char *name, const char *qual,
    const struct edifact_chars *chars)
{
	edifact_escape(out, slice_of(name), chars);
	if (qual != NULL && qual[0] != '\0') {
		buf_byte(out, chars->component);
		edifact_escape(out, slice_of(qual), chars);
	}
	buf_byte(out, chars->element);
}

static void
reference_put(struct buf *out, const struct wrap_head *h,
    const struct edifact_chars *chars)
{
	if (h->reference != NULL)
		edifact_escape(out, slice_of(h->reference), chars);
	else
		buf_fmt(out, "%llu", (unsigned long long)h->number);
}

static void
unb_put(struct buf *out, const struct wrap_head *h, bool three)
{
	struct edifact_chars chars;

	(void)edifact_chars_read(SLICE_LIT(""), 0, &chars);
	/* Version 4 would take "*" for a repetition; UNA says there is none. */
	if (!three)
		buf_str(out, "UNA:+.? '\n");
	buf_fmt(out, "UNB+%s:%u+",
	    three || h->encoding == ENC_LATIN1 ? "UNOC"
	    : h->encoding == ENC_UTF8          ? "UNOW"
					       : "UNOX",
	    three ? 3u : 4u);
	party_put(out, h->sender, h->sender_qual, &chars);
	party_put(out, h->receiver, h->receiver_qual, &chars);
	if (three)
		buf_fmt(out, "%02d", h->year % 100);
	else
		buf_fmt(out, "%04d", h->year);
	buf_fmt(
	    out, "%02d%02d:%02d%02d+", h->month, h->day, h->hour, h->minute);
	reference_put(out, h, &chars);
	/* between them S005, 0026, 0029, 0031 and 0032, which we do not use */
	buf_str(out, h->test ? "++++++1'\n" : "'\n");
}

/* The writer numbers every message 1; here they stand side by side. */
static enum rc
message_put(struct buf *out, const struct wrap_body *b, unsigned int reference,
    struct err *err)
{
	struct slice rest = b->body;

	if (!slice_starts(rest, "UNH+"))
		return err_set(err, RC_REFUSED,
		    "'%.*s' is no message, want UNH in front",
		    SLICE_ARG(slice_sub(b->name, 0, 100)));
	rest = slice_sub(rest, 4, rest.len - 4);
	(void)slice_cut(&rest, '+');
	buf_fmt(out, "UNH+%u+", reference);
	buf_slice(out, rest);
	buf_fmt(out, "UNT+%u+%u'\n", b->segments + 1, reference);
	return RC_OK;
}

enum rc
wrap_interchange(const struct wrap_body *body, const struct wrap_head *h,
    struct buf *out, struct err *err)
{
	struct edifact_chars chars;
	unsigned int n = 0;
	enum rc rc = RC_OK;

	if (body == NULL)
		return err_set(err, RC_REFUSED, "nothing to wrap");
	unb_put(out, h, version_3(h, body));
	for (; body != NULL && rc == RC_OK; body = body->next)
		rc = message_put(out, body, ++n, err);
	(void)edifact_chars_read(SLICE_LIT(""), 0, &chars);
	buf_fmt(out, "UNZ+%u+", n);
	reference_put(out, h, &chars);
	buf_str(out, "'\n");
	return rc;
}
