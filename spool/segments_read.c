/*
 * spool/segments_read.c - reading bodies back, by reference or one behind the
 * other without the journal; trusts digests, not lengths. Called by the
 * scheduler, the views, recovery and `entrepot spool verify`.
 */
#include "spool/segments_head.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/crc.h"
#include "src/base/fsx.h"

#define CHUNK (256u << 10)

static void
put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static bool
head_check(const uint8_t head[SEG_HEAD], uint8_t out[8])
{
	struct slice s = { (const char *)head, SEG_HEAD - 8 };
	struct digest d;
	struct err ignored;

	if (hash_of(s, &d, &ignored) != RC_OK)
		return false;
	memcpy(out, d.b, 8);
	return true;
}

enum rc
body_head_put(const struct body_head *h, uint8_t out[SEG_HEAD], struct err *err)
{
	memset(out, 0, SEG_HEAD);
	memcpy(out, SEG_MAGIC, 8);
	out[8] = (uint8_t)h->kind;
	put64(out + 16, h->len);
	put64(out + 24, h->subject);
	put64(out + 32, h->event);
	put64(out + 40, (uint64_t)h->wall_ms);
	memcpy(out + 48, h->sha256.b, DIGEST_LEN);
	if (!head_check(out, out + 88))
		return err_set(err, RC_LATER, "no memory for a digest");
	return RC_OK;
}

bool
body_head_get(const uint8_t in[SEG_HEAD], struct body_head *h)
{
	uint8_t sum[8];

	if (memcmp(in, SEG_MAGIC, 8) != 0 || in[8] == 0 ||
	    in[8] >= BODY_KINDS || !head_check(in, sum) ||
	    memcmp(sum, in + 88, 8) != 0)
		return false;
	*h = (struct body_head){ .kind = (enum body_kind)in[8],
		.len = get64(in + 16),
		.subject = get64(in + 24),
		.event = get64(in + 32),
		.wall_ms = (int64_t)get64(in + 40) };
	memcpy(h->sha256.b, in + 48, DIGEST_LEN);
	return h->len <= BODY_MAX;
}

uint32_t
segments_of(uint64_t ref)
{
	return (ref & REF_FILE) != 0 ? 0 : (uint32_t)(ref >> REF_SHIFT);
}

/* A few segments stay open: answers mostly speak of recent bodies. */
static int
segment_fd(struct segments *g, uint32_t number, struct err *err)
{
	char name[SEG_NAME];
	int fd;

	if (g->writer && number == g->number && g->fd >= 0)
		return g->fd;
	for (unsigned int i = 0; i < g->nopen; i++)
		if (g->open[i].number == number)
			return g->open[i].fd;
	segment_name(number, name);
	fd = fsx_open(g->dirfd, name, err);
	if (fd < 0)
		return -1;
	if (g->nopen == SEG_FDS) {
		close(g->open[0].fd);
		memmove(
		    g->open, g->open + 1, (SEG_FDS - 1) * sizeof(g->open[0]));
		g->nopen--;
	}
	g->open[g->nopen].number = number;
	g->open[g->nopen++].fd = fd;
	return fd;
}

struct at {
	int fd;
	uint64_t pos; /* of the head */
	bool own;     /* close it afterwards */
};

bool
is_shortage(int number)
{
	return number == EMFILE || number == ENFILE || number == ENOMEM;
}

static enum rc
body_find(struct segments *g, uint64_t ref, struct at *at, struct err *err)
{
	char name[SEG_NAME];

	if ((ref & REF_FILE) != 0) {
		body_file_name(ref, name);
		*at = (struct at){ fsx_open(g->dirfd, name, err), 0, true };
	} else {
		*at = (struct at){ segment_fd(g, segments_of(ref), err),
			ref & REF_OFFSET, false };
	}
	if (at->fd < 0)
		return err_prefix(err,
		    is_shortage(errno) ? RC_LATER : RC_REFUSED, "body %llx",
		    (unsigned long long)ref);
	return RC_OK;
}

/* What the open batch added is not on disk yet, and is read all the same. */
static enum rc
at_read(struct segments *g, const struct at *at, void *out, uint64_t len,
    uint64_t pos, struct err *err)
{
	if (at->own || at->fd != g->fd || pos < g->end)
		return fsx_pread(at->fd, out, len, pos, err);
	if (pos - g->end > g->wait.len || len > g->wait.len - (pos - g->end))
		return err_set(err, RC_REFUSED, "it ends too early");
	if (len > 0) /* an empty one that was added last: nothing waits */
		memcpy(out, g->wait.p + (pos - g->end), len);
	return RC_OK;
}

static enum rc
head_read(struct segments *g, const struct at *at, uint64_t ref,
    struct body_head *h, struct err *err)
{
	uint8_t raw[SEG_HEAD];
	enum rc rc = at_read(g, at, raw, SEG_HEAD, at->pos, err);

	if (rc != RC_OK)
		return err_prefix(
		    err, RC_REFUSED, "body %llx", (unsigned long long)ref);
	if (!body_head_get(raw, h))
		return err_set(err, RC_REFUSED,
		    "body %llx: its head is damaged", (unsigned long long)ref);
	return RC_OK;
}

enum rc
segments_head(
    struct segments *g, uint64_t ref, struct body_head *h, struct err *err)
{
	struct at at;
	enum rc rc = body_find(g, ref, &at, err);

	if (rc != RC_OK)
		return rc;
	rc = head_read(g, &at, ref, h, err);
	if (at.own)
		close(at.fd);
	return rc;
}

enum rc
segments_part(struct segments *g, uint64_t ref, uint64_t from, uint64_t len,
    struct arena *mem, struct slice *out, struct err *err)
{
	struct at at;
	char *p;
	enum rc rc;

	if (len > BODY_MAX)
		return err_set(err, RC_REFUSED, "part of %llu bytes",
		    (unsigned long long)len);
	p = arena_raw(mem, len + 1);
	if (p == NULL)
		return err_set(err, RC_LATER, "no memory for a body");
	rc = body_find(g, ref, &at, err);
	if (rc != RC_OK)
		return rc;
	rc = at_read(g, &at, p, len, at.pos + SEG_HEAD + from, err);
	if (rc == RC_OK) {
		p[len] = '\0';
		*out = (struct slice){ p, len };
	}
	if (at.own)
		close(at.fd);
	return rc;
}

enum rc
segments_body(struct segments *g, uint64_t ref, struct arena *mem,
    struct slice *out, struct err *err)
{
	struct body_head h;
	struct digest d;
	struct slice body;
	enum rc rc = segments_head(g, ref, &h, err);

	if (rc == RC_OK)
		rc = segments_part(g, ref, 0, h.len, mem, &body, err);
	if (rc == RC_OK)
		rc = hash_of(body, &d, err);
	if (rc != RC_OK)
		return rc;
	if (!digest_eq(&d, &h.sha256))
		return err_set(err, RC_REFUSED,
		    "body %llx: its bytes are damaged",
		    (unsigned long long)ref);
	*out = body;
	return RC_OK;
}

enum rc
segments_check(struct segments *g, uint64_t ref, struct body_head *h,
    uint32_t *crc, struct err *err)
{
	struct hash *hash = hash_new();
	char *room = malloc(CHUNK);
	struct digest d;
	struct at at = { .fd = -1 };
	enum rc rc = body_find(g, ref, &at, err);

	*crc = 0;
	if (rc == RC_OK && (hash == NULL || room == NULL))
		rc = err_set(err, RC_LATER, "no memory for a digest");
	else if (rc == RC_OK)
		rc = head_read(g, &at, ref, h, err);
	for (uint64_t done = 0; rc == RC_OK && done < h->len;) {
		size_t n =
		    h->len - done < CHUNK ? (size_t)(h->len - done) : CHUNK;

		rc = at_read(g, &at, room, n, at.pos + SEG_HEAD + done, err);
		if (rc == RC_OK) {
			hash_add(hash, room, n);
			*crc = crc_add(*crc, room, n);
		}
		done += n;
	}
	if (rc == RC_OK)
		rc = hash_end(hash, &d, err);
	if (rc == RC_OK && !digest_eq(&d, &h->sha256))
		rc =
		    err_set(err, RC_REFUSED, "body %llx: its bytes are damaged",
			(unsigned long long)ref);
	if (at.own && at.fd >= 0)
		close(at.fd);
	hash_free(hash);
	free(room);
	return rc;
}

enum rc
segments_fd(struct segments *g, uint64_t ref, uint64_t from, uint64_t len,
    int *fd, uint64_t *pos, struct err *err)
{
	struct arena *mem;
	struct slice part;
	struct at at;
	enum rc rc;

	if ((ref & REF_FILE) != 0) {
		rc = body_find(g, ref, &at, err);
		*fd = at.fd;
		*pos = SEG_HEAD + from;
		return rc;
	}
	mem = arena_new(len + CHUNK);
	if (mem == NULL)
		return err_set(err, RC_LATER, "no memory for a body");
	rc = segments_part(g, ref, from, len, mem, &part, err);
	if (rc == RC_OK) {
		*fd = fsx_memfd("piece", part, err);
		*pos = 0;
		rc = *fd < 0 ? RC_LATER : RC_OK;
	}
	arena_free(mem);
	return rc;
}

/* Is the body behind this head whole? Read in pieces: it may be 8 MiB. */
static bool
body_whole(int fd, uint64_t pos, const struct body_head *h, uint64_t size,
    struct buf *tmp, struct hash *hash)
{
	struct digest d;
	struct err ignored;
	uint64_t left = h->len;

	if (left > size - pos)
		return false;
	hash_start(hash);
	buf_reset(tmp);
	if (buf_room(tmp, CHUNK) == NULL)
		return false;
	while (left > 0) {
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		if (fsx_pread(fd, tmp->p, n, pos, &ignored) != RC_OK)
			return false;
		hash_add(hash, tmp->p, n);
		pos += n;
		left -= n;
	}
	return hash_end(hash, &d, &ignored) == RC_OK &&
	       digest_eq(&d, &h->sha256);
}

static uint64_t
walk(int fd, uint32_t number, uint64_t pos, uint64_t size, body_fn *fn,
    void *arg, struct buf *tmp, struct hash *hash)
{
	uint8_t raw[SEG_HEAD];
	struct body_head h;
	struct err ignored;

	while (size >= SEG_HEAD && pos <= size - SEG_HEAD) {
		uint64_t next;

		if (fsx_pread(fd, raw, SEG_HEAD, pos, &ignored) != RC_OK ||
		    !body_head_get(raw, &h) ||
		    !body_whole(fd, pos + SEG_HEAD, &h, size, tmp, hash))
			break;
		next = pos + SEG_HEAD +
		       (h.len + SEG_ALIGN - 1) / SEG_ALIGN * SEG_ALIGN;
		if (next > size)
			break; /* the padding is missing: torn as well */
		if (!fn(arg, (uint64_t)number << REF_SHIFT | pos, &h, next))
			break;
		pos = next;
	}
	return pos;
}

enum rc
segments_walk(struct segments *g, uint32_t number, uint64_t from, body_fn *fn,
    void *arg, uint64_t *end, struct err *err)
{
	struct hash *hash = hash_new();
	struct fsx_mark mark;
	char name[SEG_NAME];
	struct buf tmp;
	enum rc rc;
	int fd;

	if (hash == NULL)
		return err_set(err, RC_LATER, "no memory for a digest");
	buf_init(&tmp, CHUNK);
	segment_name(number, name);
	fd = fsx_open(g->dirfd, name, err);
	rc = fd < 0 ? RC_REFUSED : fsx_mark_fd(fd, &mark, err);
	if (rc == RC_OK)
		*end = walk(fd, number, from, mark.size, fn, arg, &tmp, hash);
	if (fd >= 0)
		close(fd);
	buf_clear(&tmp);
	hash_free(hash);
	return rc;
}
