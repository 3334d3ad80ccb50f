/*
 * wire/msg.c - messages to bytes and back, by the table; trusts our own
 * structs, and no byte that comes from another role. Called by exchange.c and
 * sockets.c.
 */
#include "src/wire/msg.h"
#include "src/base/fsx.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGN 16u

enum kind { KIND_u32, KIND_u64, KIND_i64, KIND_str, KIND_dig };

struct row {
	const char *name;
	enum role_id from, to;
	size_t largest, struct_size;
	enum { BESIDE_NOTHING, BESIDE_FILE, BESIDE_BYTES } beside;
};

struct field {
	enum msg_type type;
	enum kind kind;
	size_t at;
};

static const struct row rows[MSG_TYPES] = {
#define MSG(n, f, t, s, d)                                                     \
	[MSG_##n] = { #n, ROLE_##f, ROLE_##t, s, sizeof(struct msg_##n),       \
		BESIDE_##d },
#include "src/wire/msg.def"
};

static const struct field fields[] = {
#define FIELD(n, t, f) { MSG_##n, KIND_##t, offsetof(struct msg_##n, f) },
#include "src/wire/msg.def"
	{ MSG_TYPES, KIND_u32, 0 },
};

/* Where each message's fields begin in the table. */
static const struct field *
fields_of(enum msg_type type)
{
	const struct field *f = fields;

	while (f->type != type && f->type != MSG_TYPES)
		f++;
	return f;
}

const char *
role_name(enum role_id role)
{
	static const char *const names[ROLES + 1] = {
		[ROLE_SUPERVISOR] = "supervisor",
		[ROLE_SPOOL] = "spool",
		[ROLE_QUERY] = "query",
		[ROLE_INTAKE] = "intake",
		[ROLE_CONVERT] = "convert",
		[ROLE_DELIVER] = "deliver",
		[ROLE_VAULT] = "vault",
		[ROLE_WEB] = "web",
		[ROLE_ANY] = "any",
	};

	return (unsigned int)role > ROLES ? "unknown" : names[role];
}

const char *
msg_name(enum msg_type type)
{
	if ((unsigned int)type >= MSG_TYPES || rows[type].name == NULL)
		return "unknown";
	return rows[type].name;
}

bool
msg_may_go(enum msg_type type, enum role_id from, enum role_id to)
{
	const struct row *r;

	if ((unsigned int)type >= MSG_TYPES || type == MSG_NONE)
		return false;
	r = &rows[type];
	return (r->from == from || r->from == ROLE_ANY) &&
	       (r->to == to || r->to == ROLE_ANY);
}

static void
put_int(struct buf *b, uint64_t v, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		buf_byte(b, (char)(unsigned char)(v >> (8 * i)));
}

static bool
take_int(struct slice *s, uint64_t *v, unsigned int bytes)
{
	if (s->len < bytes)
		return false;
	*v = 0;
	for (unsigned int i = 0; i < bytes; i++)
		*v |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
	*s = slice_sub(*s, bytes, s->len);
	return true;
}

static bool
field_put(struct buf *b, const struct field *f, const char *at)
{
	const struct slice *s = (const void *)at;

	switch (f->kind) {
	case KIND_u32:
		put_int(b, *(const uint32_t *)(const void *)at, 4);
		return true;
	case KIND_u64:
		put_int(b, *(const uint64_t *)(const void *)at, 8);
		return true;
	case KIND_i64:
		put_int(b, (uint64_t) * (const int64_t *)(const void *)at, 8);
		return true;
	case KIND_dig:
		buf_add(b, at, DIGEST_LEN);
		return true;
	case KIND_str:
		put_int(b, s->len, 4);
		buf_slice(b, *s);
		return s->len <= MSG_STR_MAX;
	}
	return false;
}

/* The other half of field_put; false: the bytes end, or a str is too long. */
static bool
field_take(struct slice *s, const struct field *f, char *at)
{
	uint64_t v;

	switch (f->kind) {
	case KIND_u32:
		if (!take_int(s, &v, 4))
			return false;
		*(uint32_t *)(void *)at = (uint32_t)v;
		return true;
	case KIND_u64:
	case KIND_i64: /* two's complement, as put */
		if (!take_int(s, &v, 8))
			return false;
		*(uint64_t *)(void *)at = v;
		return true;
	case KIND_dig:
		if (s->len < DIGEST_LEN)
			return false;
		memcpy(at, s->p, DIGEST_LEN);
		*s = slice_sub(*s, DIGEST_LEN, s->len);
		return true;
	case KIND_str:
		if (!take_int(s, &v, 4) || v > MSG_STR_MAX || v > s->len)
			return false;
		*(struct slice *)(void *)at = slice_sub(*s, 0, (size_t)v);
		*s = slice_sub(*s, (size_t)v, s->len);
		return true;
	}
	return false;
}

enum rc
msg_encode(struct buf *b, enum msg_type type, enum role_id from,
    enum role_id to, const void *body, int fd, struct err *err)
{
	size_t before = b->len;

	if (!msg_may_go(type, from, to))
		return err_set(err, RC_BROKEN,
		    "message %s does not go from %s to %s", msg_name(type),
		    role_name(from), role_name(to));
	if (fd >= 0 && rows[type].beside == BESIDE_NOTHING)
		return err_set(err, RC_BROKEN,
		    "message %s carries no descriptor", msg_name(type));
	put_int(b, (uint64_t)type, 4);
	for (const struct field *f = fields_of(type); f->type == type; f++)
		if (!field_put(b, f, (const char *)body + f->at))
			return err_set(err, RC_BROKEN,
			    "message %s: a text over %d bytes", msg_name(type),
			    MSG_STR_MAX);
	if (buf_failed(b))
		return err_set(err, RC_LATER, "no memory for a message");
	if (b->len - before > rows[type].largest)
		return err_set(err, RC_BROKEN,
		    "message %s is %zu bytes, limit is %zu", msg_name(type),
		    b->len - before, rows[type].largest);
	return RC_OK;
}

enum rc
msg_encode_bytes(
    struct buf *b, enum msg_type type, struct slice s, struct err *err)
{
	if (rows[type].beside != BESIDE_BYTES || s.len > WIRE_INLINE)
		return err_set(err, RC_BROKEN,
		    "message %s: %zu bytes beside it", msg_name(type), s.len);
	buf_slice(b, s);
	return buf_failed(b) ? err_set(err, RC_LATER, "no memory for a message")
			     : RC_OK;
}

static enum rc
refuse(struct err *err, int fd, enum role_id from, const char *why)
{
	if (fd >= 0)
		(void)close(fd);
	return err_set(
	    err, RC_REFUSED, "message from %s: %s", role_name(from), why);
}

/* The head, the raw bytes and the struct are one piece of memory. */
static struct msg *
msg_new(enum msg_type type, struct slice raw, char **body)
{
	size_t at =
	    (sizeof(struct msg) + raw.len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct msg *m = malloc(at + rows[type].struct_size);

	if (m == NULL)
		return NULL;
	*m = (struct msg){ .type = type, .fd = -1, .len = raw.len };
	memcpy(m->raw, raw.p, raw.len);
	*body = (char *)m + at;
	memset(*body, 0, rows[type].struct_size);
	m->body = *body;
	return m;
}

/* What is left behind the fields. */
static const char *
beside_wrong(const struct msg *m, int fd)
{
	const struct row *r = &rows[m->type];

	if (m->len - m->bytes.len > r->largest)
		return "too large";
	if (m->bytes.len > 0 && (r->beside != BESIDE_BYTES || fd >= 0))
		return "bytes left over";
	return m->bytes.len > WIRE_INLINE ? "too large" : NULL;
}

enum rc
msg_decode(struct msg **out, enum role_id from, enum role_id to,
    struct slice raw, int fd, struct err *err)
{
	struct slice rest = raw;
	enum msg_type type;
	const char *why;
	struct msg *m;
	uint64_t v;
	char *body;

	if (!take_int(&rest, &v, 4))
		return refuse(err, fd, from, "too short for its type");
	type = v < MSG_TYPES ? (enum msg_type)v : MSG_NONE;
	if (!msg_may_go(type, from, to))
		return refuse(err, fd, from, "not one it may send");
	if (raw.len > rows[type].largest + WIRE_INLINE)
		return refuse(err, fd, from, "too large");
	if (fd >= 0 && rows[type].beside == BESIDE_NOTHING)
		return refuse(err, fd, from, "a descriptor too many");
	m = msg_new(type, raw, &body);
	if (m == NULL)
		return err_set(err, RC_LATER, "no memory for a message");
	rest = (struct slice){ (char *)m->raw + 4, raw.len - 4 };
	for (const struct field *f = fields_of(type); f->type == type; f++)
		if (!field_take(&rest, f, body + f->at)) {
			free(m);
			return refuse(err, fd, from, "cut short");
		}
	m->bytes = rest;
	why = beside_wrong(m, fd);
	if (why != NULL) {
		free(m);
		return refuse(err, fd, from, why);
	}
	m->from = from;
	m->to = to;
	m->fd = fd;
	*out = m;
	return RC_OK;
}

enum rc
msg_bytes(struct msg *m, size_t max, struct slice *out, struct err *err)
{
	enum rc rc = RC_OK;

	if (m->fd >= 0 && !m->mapped) {
		rc = fsx_memfd_map(m->fd, max, &m->bytes, err);
		m->mapped = rc == RC_OK;
	}
	if (rc == RC_OK && m->bytes.len > max)
		rc = err_set(err, RC_REFUSED, "%zu bytes, limit is %zu",
		    m->bytes.len, max);
	if (rc == RC_OK)
		*out = m->bytes;
	return rc;
}

struct msg *
msg_hold(struct msg *m)
{
	m->holders++;
	return m;
}

void
msg_free(struct msg *m)
{
	if (m == NULL)
		return;
	if (m->holders > 0) {
		m->holders--;
		return;
	}
	if (m->mapped)
		fsx_unmap(m->bytes);
	if (m->fd >= 0)
		(void)close(m->fd);
	free(m);
}
