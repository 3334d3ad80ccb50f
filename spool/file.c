/*
 * spool/file.c - files that documents name on their way out: each has one
 * body, which the deliveries of all legs share. Trusts rows; what convert says
 * of files is checked against the leg's claim. Called by order_pick.c,
 * delivery.c, delivery_pick.c and at a start.
 */
#include "spool/file.h"
#include "spool/body.h"
#include "spool/leg.h"
#include "spool/retention.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/fsx.h"

#define NAME_ROOM  255 /* bytes of a name in a folder */
#define SUM_PIECE  ((size_t)128 << 10)
#define PARTS_MOST 200 /* a document has at most 99 */

static uint32_t
names_count(struct slice list)
{
	uint32_t n = 0;

	for (; list.len > 0; n++)
		(void)slice_cut(&list, '\n');
	return n;
}

static bool
is_named(struct slice list, struct slice name)
{
	while (list.len > 0)
		if (slice_eq(slice_cut(&list, '\n'), name))
			return true;
	return false;
}

uint32_t
files_count(const struct claim_leg *l)
{
	return names_count(l->attach) + names_count(l->beside);
}

struct file {
	uint64_t body, len;
};

static bool
file_get(struct spool *s, uint64_t arrival, struct slice name, struct file *f)
{
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_FILE_GET, "it", (int64_t)arrival, name);

	if (st == NULL)
		return false;
	*f = (struct file){ column_id(st, 0), column_id(st, 1) };
	journal_end(st);
	return true;
}

/* --- for convert --- */

/* The package is read once: what was unpacked is there from then on. */
static enum rc
package_load(struct spool *s, struct slice names, uint64_t arrival,
    struct arena *mem, struct buf *in, struct err *err)
{
	struct wrap_part part = { .kind = WRAP_FILES, .name = names };
	uint64_t ref = (uint64_t)journal_number(
	    &s->j, SQL_ARRIVAL_BODY, 0, "i", (int64_t)arrival);
	enum rc rc = body_whole(s, ref, mem, &part.body, err);

	if (rc == RC_OK)
		wrap_put(in, &part);
	return rc;
}

static enum rc
known_load(struct spool *s, struct slice name, const struct file *f,
    struct buf *in, struct err *err)
{
	struct wrap_part part = {
		.kind = WRAP_FILE, .name = name, .len = f->len
	};
	struct body_head h;
	enum rc rc = segments_check(&s->seg, f->body, &h, &part.crc, err);

	if (rc == RC_OK)
		wrap_put(in, &part);
	return rc;
}

enum rc
files_load(struct spool *s, struct slice raw, uint64_t arrival,
    struct arena *mem, struct buf *in, struct err *err)
{
	struct buf unknown;
	struct slice list;
	struct claim c;
	struct file f;
	enum rc rc = claim_next(&raw, &c, err);

	if (rc != RC_OK || c.kind != CLAIM_LEG)
		return rc;
	buf_init(&unknown, CLAIM_TEXT_MAX);
	for (list = c.u.leg.attach; list.len > 0;) {
		struct slice name = slice_cut(&list, '\n');

		if (file_get(s, arrival, name, &f))
			continue;
		if (unknown.len > 0)
			buf_byte(&unknown, '\n');
		buf_slice(&unknown, name);
	}
	if (unknown.len > 0)
		rc = package_load(s, buf_look(&unknown), arrival, mem, in, err);
	for (list = c.u.leg.attach; list.len > 0 && rc == RC_OK;) {
		struct slice name = slice_cut(&list, '\n');

		if (file_get(s, arrival, name, &f))
			rc = known_load(s, name, &f, in, err);
	}
	for (list = c.u.leg.beside; list.len > 0 && rc == RC_OK;) {
		struct slice name = slice_cut(&list, '\n');

		rc = file_get(s, arrival, name, &f)
			 ? known_load(s, name, &f, in, err)
			 : err_set(err, RC_REFUSED,
			       "the file '%.*s' is not there", SLICE_ARG(name));
	}
	buf_clear(&unknown);
	return rc;
}

/* --- from convert --- */

struct keeping {
	struct batch *b;
	const struct parts_in *in;
	uint64_t arrival;
	struct claim_leg leg; /* its claim: the files that may go along */
	uint32_t n;
	uint64_t at;
	struct slice had[PARTS_MOST];
};

#define LIE(err, ...) err_set(err, RC_REFUSED, "claims: " __VA_ARGS__)

/* A delivery with files has one leg. */
static enum rc
leg_read(struct keeping *k, struct err *err)
{
	struct spool *s = k->b->s;
	sqlite3_stmt *st =
	    journal_ask(&s->j, SQL_WRAP_PARTS, "i", (int64_t)k->in->delivery);
	struct slice raw;
	struct claim c;
	uint64_t claims, at, len;
	enum rc rc;

	if (st == NULL)
		return LIE(err, "files of a delivery without legs");
	claims = column_id(st, 2);
	at = column_id(st, 5);
	len = column_id(st, 6);
	k->arrival = column_id(st, 7);
	journal_end(st);
	rc = body_part(s, claims, at, len, s->mem, &raw, err);
	if (rc == RC_OK)
		rc = claim_next(&raw, &c, err);
	if (rc == RC_OK && c.kind != CLAIM_LEG)
		rc = err_set(err, RC_REFUSED, "its claim is no leg");
	if (rc == RC_OK)
		k->leg = c.u.leg;
	return rc;
}

static enum rc
file_check(struct keeping *k, const struct claim_file *c, struct err *err)
{
	if (k->n == PARTS_MOST || (!is_named(k->leg.attach, c->name) &&
				      !is_named(k->leg.beside, c->name)))
		return LIE(err, "a file '%.*s' that its leg does not name",
		    SLICE_ARG(c->name));
	for (uint32_t i = 0; i < k->n; i++)
		if (slice_eq(k->had[i], c->name))
			return LIE(err, "the file '%.*s' comes twice",
			    SLICE_ARG(c->name));
	if (k->in->zip && (c->at < k->at || c->at > k->in->len))
		return LIE(err, "the file '%.*s' at byte %llu of %llu",
		    SLICE_ARG(c->name), (unsigned long long)c->at,
		    (unsigned long long)k->in->len);
	k->had[k->n++] = c->name;
	k->at = c->at;
	return RC_OK;
}

/* The first who unpacks it keeps it; the same again is the same bytes. */
static enum rc
bytes_keep(struct keeping *k, const struct claim_file *c, struct file *f,
    struct err *err)
{
	struct spool *s = k->b->s;
	struct body_head h = { .kind = BODY_ATTACHED,
		.len = c->body.len,
		.subject = k->arrival,
		.event = s->audit_committed,
		.wall_ms = spool_wall(s) };
	enum rc rc;

	if (file_get(s, k->arrival, c->name, f)) {
		if (c->fresh && c->body.len != f->len)
			return LIE(err, "the file '%.*s' has another length",
			    SLICE_ARG(c->name));
		return RC_OK;
	}
	if (!c->fresh || !is_named(k->leg.attach, c->name))
		return LIE(err, "the bytes of the file '%.*s' are missing",
		    SLICE_ARG(c->name));
	rc = hash_of(c->body, &h.sha256, err);
	if (rc == RC_OK)
		rc = body_add(s, &h, c->body, &f->body, err);
	if (rc != RC_OK)
		return rc;
	f->len = c->body.len;
	k->b->bytes += c->body.len;
	journal_run(&s->j, SQL_FILE_KEEP, "itii", (int64_t)k->arrival, c->name,
	    (int64_t)f->body, (int64_t)f->len);
	return journal_rc(&s->j, err);
}

/* STEM.NAME, the stem of the message's own name. */
static enum rc
name_beside(const struct keeping *k, struct slice name, char out[NAME_ROOM + 1],
    struct err *err)
{
	struct slice stem = k->in->name;
	int n;

	for (size_t i = stem.len; i > 1; i--)
		if (stem.p[i - 1] == '.') {
			stem.len = i - 1;
			break;
		}
	n = snprintf(
	    out, NAME_ROOM + 1, "%.*s.%.*s", SLICE_ARG(stem), SLICE_ARG(name));
	if (n > NAME_ROOM)
		return err_set(err, RC_REFUSED,
		    "the name '%.*s.%.*s' is over %d bytes", SLICE_ARG(stem),
		    SLICE_ARG(name), NAME_ROOM);
	return RC_OK;
}

static enum rc
part_add(struct keeping *k, const struct claim_file *c, struct err *err)
{
	struct spool *s = k->b->s;
	char name[NAME_ROOM + 1] = "";
	struct file f;
	enum rc rc = file_check(k, c, err);

	if (rc == RC_OK && !k->in->zip)
		rc = name_beside(k, c->name, name, err);
	if (rc == RC_OK)
		rc = bytes_keep(k, c, &f, err);
	if (rc == RC_OK)
		sweep_mark(&s->sweep, f.body);
	if (rc == RC_OK)
		journal_run(&s->j, SQL_PART_ADD, "iitiii",
		    (int64_t)k->in->delivery, (int64_t)k->n, slice_of(name),
		    k->in->zip ? (int64_t)c->at : (int64_t)0, (int64_t)f.body,
		    (int64_t)f.len);
	return rc;
}

enum rc
parts_keep(
    struct batch *b, const struct parts_in *in, uint32_t *n, struct err *err)
{
	struct spool *s = b->s;
	struct keeping *k = arena_get(s->mem, sizeof(*k));
	struct slice rest = in->claims;
	enum rc rc = RC_OK;

	if (k == NULL)
		return err_set(err, RC_LATER, "no memory");
	*n = 0;
	k->b = b;
	k->in = in;
	if (rest.len == 0 &&
	    (!in->legs || journal_number(&s->j, SQL_FILES_OF, 0, "i",
			      (int64_t)in->delivery) == 0))
		return RC_OK;
	rc = in->legs ? leg_read(k, err) : LIE(err, "files of a reply");
	if (rc == RC_OK)
		journal_run(&s->j, SQL_PART_DROP, "i", (int64_t)in->delivery);
	while (rc == RC_OK && rest.len > 0) {
		struct claim c;

		rc = claim_next(&rest, &c, err);
		if (rc == RC_OK && c.kind != CLAIM_FILE)
			rc = LIE(err, "a file was asked for");
		if (rc == RC_OK)
			rc = part_add(k, &c.u.file, err);
	}
	if (rc == RC_OK && k->n != files_count(&k->leg))
		rc = LIE(err, "%u files of %u", k->n, files_count(&k->leg));
	*n = k->n;
	return rc;
}

/* --- to deliver --- */

struct piecing {
	struct delivery_piece *piece;
	uint32_t n, room, files;
	struct delivery_piece body;
	uint64_t done; /* of the body */
	bool names;    /* only what stands beside the message */
};

static void
piece_put(struct piecing *p, const struct delivery_piece *one)
{
	if (p->n < p->room)
		p->piece[p->n++] = *one;
}

static void
body_upto(struct piecing *p, uint64_t at)
{
	struct delivery_piece one = p->body;

	one.at += p->done;
	one.len = at - p->done;
	if (one.len > 0 || at == 0)
		piece_put(p, &one);
	p->done = at;
}

static void
part_put(struct piecing *p, sqlite3_stmt *st, struct arena *mem)
{
	struct delivery_piece one = { .name = column_dup(st, 0, mem),
		.body = column_id(st, 2),
		.len = column_id(st, 3) };

	if (p->names && one.name.len == 0)
		return;
	if (one.name.len > 0)
		one.file = ++p->files;
	if (!p->names)
		body_upto(p, one.file > 0 ? p->body.len : column_id(st, 1));
	piece_put(p, &one);
}

static void
parts_put(
    struct journal *j, struct piecing *p, uint64_t delivery, struct arena *mem)
{
	sqlite3_stmt *st = journal_ask(j, SQL_PARTS_OF, "i", (int64_t)delivery);

	while (st != NULL) {
		part_put(p, st, mem);
		if (!journal_more(j, st))
			st = NULL;
	}
}

static enum rc
piecing_new(struct piecing *p, struct arena *mem, struct err *err)
{
	p->room = 2 * PARTS_MOST + 1;
	p->piece = arena_get(mem, p->room * sizeof(*p->piece));
	return p->piece == NULL
		   ? err_set(err, RC_LATER, "no memory for a delivery")
		   : RC_OK;
}

enum rc
pieces_of(struct journal *j, const struct delivery_piece *body,
    struct delivery_out *d, struct arena *mem, struct err *err)
{
	struct piecing p = { .body = *body };
	enum rc rc = piecing_new(&p, mem, err);

	if (rc != RC_OK)
		return rc;
	parts_put(j, &p, d->id, mem);
	body_upto(&p, body->len);
	d->piece = p.piece;
	d->npieces = p.n;
	return journal_rc(j, err);
}

enum rc
pieces_load(struct spool *s, const struct delivery_piece *body,
    struct delivery_out *d, struct arena *mem, struct err *err)
{
	enum rc rc = pieces_of(&s->j, body, d, mem, err);

	for (uint32_t i = 0; i < d->npieces && rc == RC_OK; i++)
		rc = body_check(s, d->piece[i].body, err);
	return rc;
}

enum rc
parts_beside(
    struct spool *s, struct delivery_out *d, struct arena *mem, struct err *err)
{
	struct piecing p = { .names = true };
	enum rc rc = piecing_new(&p, mem, err);

	if (rc != RC_OK)
		return rc;
	parts_put(&s->j, &p, d->id, mem);
	d->piece = p.piece;
	d->npieces = p.n;
	return journal_rc(&s->j, err);
}

enum rc
pieces_sum(struct segments *g, const struct delivery_out *d, uint32_t file,
    uint64_t *len, struct digest *sum)
{
	struct hash *hash = hash_new();
	char *room = malloc(SUM_PIECE);
	struct err ignored;
	enum rc rc = hash == NULL || room == NULL ? RC_LATER : RC_OK;

	*len = 0;
	for (uint32_t i = 0; i < d->npieces && rc == RC_OK; i++) {
		const struct delivery_piece *p = &d->piece[i];
		uint64_t pos, left = p->file == file ? p->len : 0;
		int fd = -1;

		*len += left;
		if (left > 0)
			rc = segments_fd(
			    g, p->body, p->at, p->len, &fd, &pos, &ignored);
		while (left > 0 && rc == RC_OK) {
			size_t n = left < SUM_PIECE ? (size_t)left : SUM_PIECE;

			rc = fsx_pread(fd, room, n, pos, &ignored);
			hash_add(hash, room, n);
			pos += n;
			left -= n;
		}
		if (fd >= 0)
			(void)close(fd);
	}
	if (rc == RC_OK)
		rc = hash_end(hash, sum, &ignored);
	hash_free(hash);
	free(room);
	return rc;
}

enum rc
pieces_whole(struct journal *j, struct segments *g, uint64_t delivery,
    const struct delivery_piece *body, struct arena *mem, struct slice *out,
    struct err *err)
{
	struct piecing p = { .body = *body };
	struct slice part;
	struct buf b;
	enum rc rc = piecing_new(&p, mem, err);

	if (rc != RC_OK)
		return rc;
	parts_put(j, &p, delivery, mem);
	body_upto(&p, body->len);
	buf_init(&b, BODY_MAX);
	for (uint32_t i = 0; i < p.n && rc == RC_OK; i++) {
		if (p.piece[i].file != 0)
			continue;
		rc = segments_part(g, p.piece[i].body, p.piece[i].at,
		    p.piece[i].len, mem, &part, err);
		if (rc == RC_OK)
			buf_slice(&b, part);
	}
	if (rc == RC_OK)
		*out = arena_dup(mem, buf_look(&b));
	if (rc == RC_OK && (buf_failed(&b) || out->p == NULL))
		rc = err_set(err, RC_LATER, "no memory for a delivery");
	buf_clear(&b);
	return rc;
}

int
spool_piece_fd(struct spool *s, const struct delivery_piece *p, uint64_t *pos,
    struct err *err)
{
	int fd;

	return segments_fd(&s->seg, p->body, p->at, p->len, &fd, pos, err) ==
		       RC_OK
		   ? fd
		   : -1;
}
