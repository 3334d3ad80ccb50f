/*
 * envelope/zip_write.c - archives made in memory, packed by libdeflate; what is
 * large and packed already is left out and put into its place by others.
 * Trusts its callers, wrap and reply.
 *
 * The same entries and time give the same bytes: nothing is asked of the
 * system, and dates go in as the format has them.
 */
#include "src/envelope/zip.h"
#include "src/base/crc.h"
#include <libdeflate.h>
#include <stdlib.h>

/* A declaration is 5% longer than with 6, and made in half the time. */
#define DEFLATE_LEVEL 1

#define HEAD_BYTES 2048u /* more than a head with its name, or the end */

#define NAME_BYTES  1023u
#define ENTRIES_MAX 65535u
#define ZIP_BYTES   UINT32_MAX /* beyond it numbers have another form */

#define SIGN_LOCAL   UINT32_C(0x04034b50)
#define SIGN_CENTRAL UINT32_C(0x02014b50)
#define SIGN_END     UINT32_C(0x06054b50)

#define MADE_BY    (3u << 8 | 20u) /* Unix, as its mode is */
#define NEEDS      20u
#define FLAG_UTF8  0x0800u
#define STORED     0u
#define DEFLATED   8u
#define MODE_PLAIN (UINT32_C(0100644) << 16)

struct making {
	struct buf *out;
	struct buf central;
	size_t begin;    /* of the archive in out */
	uint64_t absent; /* bytes that stand before this place, and not here */
	uint16_t date, time;
	unsigned int entries;
	struct err *err;
};

static void
put(struct buf *b, uint32_t v, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		buf_byte(b, (char)(unsigned char)(v >> (8 * i)));
}

static void
patch(struct buf *b, size_t at, uint32_t v)
{
	for (unsigned int i = 0; i < 4 && !buf_failed(b); i++)
		b->p[at + i] = (char)(unsigned char)(v >> (8 * i));
}

static uint32_t
flags_of(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.p[i] >= 0x80)
			return FLAG_UTF8;
	return 0;
}

/* What stands in both heads: up to the name's length. */
static void
head_put(const struct making *m, struct buf *b, const struct zip_entry *e,
    uint32_t crc, uint32_t packed, uint32_t whole)
{
	put(b, NEEDS, 2);
	put(b, flags_of(e->name), 2);
	put(b, e->absent ? STORED : DEFLATED, 2);
	put(b, m->time, 2);
	put(b, m->date, 2);
	put(b, crc, 4);
	put(b, packed, 4);
	put(b, whole, 4);
	put(b, (uint32_t)e->name.len, 2);
	put(b, 0, 2); /* no extra fields */
}

/* Where it can never be it is refused: later it would be as large. */
static enum rc
no_room(const struct making *m, size_t need)
{
	return need > m->out->max - m->out->len
		   ? err_set(m->err, RC_REFUSED, "a zip over %zu bytes",
			 m->out->max)
		   : err_set(m->err, RC_LATER, "no memory for a zip");
}

/* One for all archives of a role: its tables cost more than a declaration. */
static struct libdeflate_compressor *
packer(void)
{
	static struct libdeflate_compressor *one;

	if (one == NULL)
		one = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	return one;
}

/* In room of its own: what it comes to may be far less than it might. */
static enum rc
body_pack(struct making *m, struct slice body)
{
	struct libdeflate_compressor *c = packer();
	size_t room, n = 0;
	char *p = NULL;

	if (c != NULL) {
		room = libdeflate_deflate_compress_bound(c, body.len);
		p = malloc(room);
	}
	if (p == NULL)
		return err_set(m->err, RC_LATER, "no memory for a zip");
	n = libdeflate_deflate_compress(c, body.p, body.len, p, room);
	if (n > 0)
		buf_add(m->out, p, n);
	free(p);
	if (n == 0)
		return err_set(m->err, RC_BROKEN, "cannot make a zip: deflate");
	return buf_failed(m->out) ? no_room(m, n + HEAD_BYTES) : RC_OK;
}

static enum rc
entry_put(struct making *m, struct zip_entry *e)
{
	uint64_t offset = m->out->len - m->begin + m->absent;
	uint64_t whole = e->absent ? e->len : e->body.len;
	uint32_t crc = e->absent ? e->crc : crc_add(0, e->body.p, whole);
	size_t head = m->out->len, before;
	uint64_t packed = whole;
	enum rc rc = RC_OK;

	if (e->name.len == 0 || e->name.len > NAME_BYTES)
		return err_set(m->err, RC_BROKEN,
		    "cannot make a zip: a name of %zu bytes", e->name.len);
	if (offset + whole >= ZIP_BYTES || ++m->entries > ENTRIES_MAX)
		return err_set(m->err, RC_REFUSED, "a zip over 4 GiB");
	put(m->out, SIGN_LOCAL, 4);
	head_put(m, m->out, e, crc, 0, (uint32_t)whole);
	buf_slice(m->out, e->name);
	before = e->at = m->out->len;
	if (e->absent) {
		m->absent += whole;
	} else {
		rc = body_pack(m, e->body);
		packed = m->out->len - before;
	}
	if (rc != RC_OK)
		return rc;
	patch(m->out, head + 18, (uint32_t)packed);
	put(&m->central, SIGN_CENTRAL, 4);
	put(&m->central, MADE_BY, 2);
	head_put(m, &m->central, e, crc, (uint32_t)packed, (uint32_t)whole);
	put(&m->central, 0, 2); /* comment, disk, inner attributes */
	put(&m->central, 0, 2);
	put(&m->central, 0, 2);
	put(&m->central, MODE_PLAIN, 4);
	put(&m->central, (uint32_t)offset, 4);
	buf_slice(&m->central, e->name);
	e->at -= m->begin;
	return RC_OK;
}

static enum rc
end_put(struct making *m)
{
	uint64_t at = m->out->len - m->begin + m->absent;

	if (at + m->central.len >= ZIP_BYTES)
		return err_set(m->err, RC_REFUSED, "a zip over 4 GiB");
	buf_slice(m->out, buf_look(&m->central));
	put(m->out, SIGN_END, 4);
	put(m->out, 0, 4); /* one disk */
	put(m->out, m->entries, 2);
	put(m->out, m->entries, 2);
	put(m->out, (uint32_t)m->central.len, 4);
	put(m->out, (uint32_t)at, 4);
	put(m->out, 0, 2);
	return buf_failed(m->out) || buf_failed(&m->central)
		   ? no_room(m, m->central.len + HEAD_BYTES)
		   : RC_OK;
}

enum rc
zip_write(struct zip_entry *first, uint16_t dos_date, uint16_t dos_time,
    struct buf *out, struct err *err)
{
	struct making m = { .out = out,
		.begin = out->len,
		.date = dos_date,
		.time = dos_time,
		.err = err };
	enum rc rc = RC_OK;

	buf_init(&m.central, out->max);
	for (; first != NULL && rc == RC_OK; first = first->next)
		rc = entry_put(&m, first);
	if (rc == RC_OK)
		rc = end_put(&m);
	buf_clear(&m.central);
	return rc;
}
