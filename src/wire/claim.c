/*
 * wire/claim.c - claims as bytes, both ways.
 *
 * A claim is u8 kind, u32 length, and its fields in order; integers little
 * end first, a text is u32 length and bytes. Encoder and decoder are one walk
 * over the fields (claim_fields), so that they cannot drift. The decoder
 * trusts nobody: the bytes come from a child that parsed a stranger's file.
 * Called by convert to write, by spool to read.
 */
#include "src/wire/claim.h"

#define NAME_MAX_BYTES 1024u      /* names, formats, keys, labels */
#define BODY_MAX_BYTES (1u << 30) /* DESIGN 8: the largest arrival there is */

/* One direction of the walk: out is set when encoding, in when decoding. */
struct walk {
	struct buf *out;
	struct slice in;
	const char *wrong; /* the first field that did not fit */
};

static bool
walk_wants(struct walk *w, size_t n, const char *field)
{
	if (w->wrong != NULL)
		return false;
	if (w->out == NULL && w->in.len < n) {
		w->wrong = field;
		return false;
	}
	return true;
}

static void
walk_u64(struct walk *w, uint64_t *v, unsigned int bytes, const char *field)
{
	unsigned char b[8];

	if (!walk_wants(w, bytes, field))
		return;
	if (w->out != NULL) {
		for (unsigned int i = 0; i < bytes; i++)
			b[i] = (unsigned char)(*v >> (8 * i));
		buf_add(w->out, b, bytes);
		return;
	}
	*v = 0;
	for (unsigned int i = 0; i < bytes; i++)
		*v |= (uint64_t)(unsigned char)w->in.p[i] << (8 * i);
	w->in = slice_sub(w->in, bytes, w->in.len - bytes);
}

static void
walk_u32(struct walk *w, uint32_t *v, const char *field)
{
	uint64_t wide = *v;

	walk_u64(w, &wide, 4, field);
	*v = (uint32_t)wide;
}

static void
walk_i32(struct walk *w, int32_t *v, const char *field)
{
	uint64_t wide = (uint32_t)*v;

	walk_u64(w, &wide, 4, field);
	*v = (int32_t)(uint32_t)wide;
}

static void
walk_i64(struct walk *w, int64_t *v, const char *field)
{
	uint64_t wide = (uint64_t)*v;

	walk_u64(w, &wide, 8, field);
	*v = (int64_t)wide;
}

static void
walk_flag(struct walk *w, bool *v, const char *field)
{
	uint64_t wide = *v ? 1 : 0;

	walk_u64(w, &wide, 1, field);
	if (wide > 1 && w->wrong == NULL)
		w->wrong = field;
	*v = wide == 1;
}

static void
walk_bytes(struct walk *w, uint8_t *p, size_t n, const char *field)
{
	if (!walk_wants(w, n, field))
		return;
	if (w->out != NULL) {
		buf_add(w->out, p, n);
		return;
	}
	memcpy(p, w->in.p, n);
	w->in = slice_sub(w->in, n, w->in.len - n);
}

static void
walk_text(struct walk *w, struct slice *s, size_t most, const char *field)
{
	uint32_t len = s->len > most ? UINT32_MAX : (uint32_t)s->len;

	walk_u32(w, &len, field);
	if (len > most && w->wrong == NULL)
		w->wrong = field;
	if (!walk_wants(w, len, field))
		return;
	if (w->out != NULL) {
		buf_slice(w->out, *s);
		return;
	}
	*s = slice_sub(w->in, 0, len);
	w->in = slice_sub(w->in, len, w->in.len - len);
}

static void
walk_name(struct walk *w, struct slice *s, const char *field)
{
	walk_text(w, s, NAME_MAX_BYTES, field);
}

static void
walk_words(struct walk *w, struct slice *s, const char *field)
{
	walk_text(w, s, CLAIM_TEXT_MAX, field);
}

static void
walk_keys(struct walk *w, struct claim_key *key, uint32_t *n)
{
	walk_u32(w, n, "number of keys");
	if (*n > CLAIM_KEYS && w->wrong == NULL)
		w->wrong = "number of keys";
	for (uint32_t i = 0; i < *n && w->wrong == NULL; i++) {
		walk_name(w, &key[i].name, "name of a key");
		walk_name(w, &key[i].text, "text of a key");
	}
}

static void
arrival_fields(struct walk *w, struct claim_arrival *a)
{
	walk_flag(w, &a->refused, "refused");
	walk_name(w, &a->format, "format");
	walk_name(w, &a->encoding, "encoding");
	walk_name(w, &a->interchange, "interchange");
	walk_words(w, &a->findings, "findings");
	walk_words(w, &a->control, "control");
	walk_u32(w, &a->filings, "filings");
	walk_u32(w, &a->receipts, "receipts");
	walk_text(w, &a->names, BODY_MAX_BYTES, "names");
}

static void
filing_fields(struct walk *w, struct claim_filing *f)
{
	walk_u32(w, &f->number, "number");
	walk_u64(w, &f->id, 8, "id");
	walk_name(w, &f->format, "format");
	walk_name(w, &f->kind, "kind");
	walk_name(w, &f->key, "key");
	walk_name(w, &f->version, "version");
	walk_name(w, &f->label, "label");
	walk_bytes(w, f->content, sizeof(f->content), "content");
	walk_flag(w, &f->test, "test");
	walk_flag(w, &f->refused, "refused");
	walk_name(w, &f->amends, "amends");
	walk_u32(w, &f->keyed, "keyed");
	walk_u64(w, &f->at, 8, "at");
	walk_u64(w, &f->len, 8, "len");
	walk_u32(w, &f->errors, "errors");
	walk_u32(w, &f->warnings, "warnings");
	walk_u32(w, &f->hints, "hints");
	walk_words(w, &f->findings, "findings");
	walk_text(w, &f->search, CLAIM_SEARCH, "search");
	walk_u32(w, &f->unsearched, "unsearched");
	walk_words(w, &f->lacks, "lacks");
}

static void
leg_fields(struct walk *w, struct claim_leg *l)
{
	walk_u32(w, &l->filing, "filing");
	walk_u64(w, &l->id, 8, "id");
	walk_name(w, &l->name, "name");
	walk_name(w, &l->agency, "agency");
	walk_name(w, &l->format, "format");
	walk_name(w, &l->edition, "edition");
	walk_name(w, &l->file_name, "file name");
	walk_name(w, &l->lane, "lane");
	walk_keys(w, l->key_of, &l->nkeys);
	walk_text(w, &l->body, BODY_MAX_BYTES, "body");
	walk_text(w, &l->trace, BODY_MAX_BYTES, "trace");
	walk_u32(w, &l->segments, "segments");
	walk_flag(w, &l->waits, "waits");
	walk_name(w, &l->waits_for, "waits for");
	walk_u64(w, &l->wait_ms, 8, "wait");
	walk_flag(w, &l->wait_ends, "wait ends");
	walk_flag(w, &l->gates, "gates");
	walk_flag(w, &l->tells, "tells");
	walk_flag(w, &l->together, "together");
	walk_u32(w, &l->items, "items");
	walk_bytes(w, l->content, sizeof(l->content), "content");
	walk_name(w, &l->wants, "wants");
	walk_words(w, &l->attach, "attach");
	walk_words(w, &l->beside, "beside");
}

static void
receipt_fields(struct walk *w, struct claim_receipt *r)
{
	walk_u32(w, &r->number, "number");
	walk_name(w, &r->format, "format");
	walk_keys(w, r->key_of, &r->nkeys);
	walk_name(w, &r->issued, "issued");
	walk_name(w, &r->status, "status");
	walk_name(w, &r->code, "code");
	walk_name(w, &r->list, "list");
	walk_name(w, &r->answers, "answers");
	walk_name(w, &r->level, "level");
	walk_name(w, &r->outcome, "outcome");
	walk_i32(w, &r->rank, "rank");
	walk_flag(w, &r->final, "final");
	walk_i64(w, &r->event_ms, "event time");
	walk_name(w, &r->en, "english");
	walk_name(w, &r->zh, "chinese");
	walk_words(w, &r->text, "text");
	walk_words(w, &r->findings, "findings");
	walk_words(w, &r->complaints, "complaints");
	walk_u64(w, &r->at, 8, "at");
	walk_u64(w, &r->len, 8, "len");
	walk_flag(w, &r->unreadable, "unreadable");
}

static void
body_fields(struct walk *w, struct claim_body *b)
{
	walk_text(w, &b->body, BODY_MAX_BYTES, "body");
	walk_words(w, &b->findings, "findings");
}

static void
file_fields(struct walk *w, struct claim_file *f)
{
	walk_name(w, &f->name, "name");
	walk_u64(w, &f->at, 8, "at");
	walk_flag(w, &f->fresh, "fresh");
	walk_text(w, &f->body, BODY_MAX_BYTES, "body");
}

static const char *const kind_name[CLAIM_KINDS] = {
	[CLAIM_ARRIVAL] = "arrival",
	[CLAIM_FILING] = "filing",
	[CLAIM_LEG] = "leg",
	[CLAIM_RECEIPT] = "receipt",
	[CLAIM_BODY] = "body",
	[CLAIM_FILE] = "file",
};

static void
claim_fields(struct walk *w, struct claim *c)
{
	switch (c->kind) {
	case CLAIM_ARRIVAL:
		arrival_fields(w, &c->u.arrival);
		break;
	case CLAIM_FILING:
		filing_fields(w, &c->u.filing);
		break;
	case CLAIM_LEG:
		leg_fields(w, &c->u.leg);
		break;
	case CLAIM_RECEIPT:
		receipt_fields(w, &c->u.receipt);
		break;
	case CLAIM_BODY:
		body_fields(w, &c->u.body);
		break;
	case CLAIM_FILE:
		file_fields(w, &c->u.file);
		break;
	case CLAIM_KINDS:
		w->wrong = "kind";
		break;
	}
}

/* The length stands before what it counts: written as 0, then patched. */
static void
length_patch(struct buf *b, size_t at)
{
	size_t len;

	if (buf_failed(b))
		return;
	len = b->len - at - 4;
	for (unsigned int i = 0; i < 4; i++)
		b->p[at + i] = (char)(unsigned char)(len >> (8 * i));
}

void
claim_put(struct buf *b, const struct claim *c)
{
	struct claim copy = *c; /* the walk may write when it decodes */
	struct walk w = { .out = b };
	size_t start = b->len;

	buf_byte(b, (char)c->kind);
	buf_add(b, "\0\0\0\0", 4);
	claim_fields(&w, &copy);
	if (w.wrong != NULL)
		b->failed = true; /* our own fields are over their ceiling */
	length_patch(b, start + 1);
}

/* Take a head off *rest and leave the fields in w; the kind, or -1. */
static int
head_take(struct slice *rest, struct walk *w, struct err *err)
{
	uint64_t kind = 0, len = 0;

	w->in = *rest;
	walk_u64(w, &kind, 1, "kind");
	walk_u64(w, &len, 4, "length");
	if (w->wrong != NULL || len > w->in.len) {
		(void)err_set(err, RC_REFUSED,
		    "a claim of %llu bytes has only %zu",
		    (unsigned long long)len + CLAIM_HEAD, rest->len);
		return -1;
	}
	*rest = slice_sub(w->in, len, w->in.len - len);
	w->in = slice_sub(w->in, 0, len);
	return (int)kind;
}

enum rc
claim_next(struct slice *rest, struct claim *c, struct err *err)
{
	struct slice after = *rest;
	struct claim got;
	struct walk w = { .out = NULL };
	int kind;

	memset(&got, 0, sizeof(got));
	kind = head_take(&after, &w, err);
	if (kind < 0)
		return RC_REFUSED;
	if (kind >= CLAIM_KINDS)
		return err_set(err, RC_REFUSED,
		    "a claim is of kind %d, want less than %d", kind,
		    CLAIM_KINDS);
	got.kind = (enum claim_kind)kind;
	claim_fields(&w, &got);
	if (w.wrong != NULL)
		return err_set(err, RC_REFUSED,
		    "claim '%s': field '%s' does not fit", kind_name[kind],
		    w.wrong);
	if (w.in.len > 0)
		return err_set(err, RC_REFUSED,
		    "claim '%s': %zu bytes are left over", kind_name[kind],
		    w.in.len);
	*rest = after;
	*c = got;
	return RC_OK;
}

static void
wrap_fields(struct walk *w, struct wrap_part *p)
{
	uint32_t kind = (uint32_t)p->kind;

	walk_u32(w, &kind, "kind");
	if (kind >= WRAP_KINDS) {
		w->wrong = "kind";
		return;
	}
	p->kind = (enum wrap_kind)kind;
	walk_words(w, &p->name, "name");
	walk_u32(w, &p->segments, "segments");
	walk_u64(w, &p->len, 8, "length");
	walk_u32(w, &p->crc, "crc");
	walk_text(w, &p->body, BODY_MAX_BYTES, "body");
}

void
wrap_put(struct buf *b, const struct wrap_part *p)
{
	struct wrap_part copy = *p;
	struct walk w = { .out = b };

	wrap_fields(&w, &copy);
	if (w.wrong != NULL)
		b->failed = true;
}

enum rc
wrap_next(struct slice *rest, struct wrap_part *p, struct err *err)
{
	struct wrap_part got = { .segments = 0 };
	struct walk w = { .in = *rest };

	wrap_fields(&w, &got);
	if (w.wrong != NULL)
		return err_set(err, RC_REFUSED,
		    "part of a delivery: field '%s' does not fit", w.wrong);
	*rest = w.in;
	*p = got;
	return RC_OK;
}

static void
fact_fields(struct walk *w, struct replan_fact *f)
{
	walk_name(w, &f->name, "name of a leg");
	walk_name(w, &f->outcome, "outcome");
	walk_name(w, &f->level, "level");
	walk_name(w, &f->status, "status");
	walk_name(w, &f->number, "number");
	walk_words(w, &f->text, "text");
	walk_keys(w, f->key_of, &f->nkeys);
}

static void
replan_fields(struct walk *w, struct replan_in *in)
{
	walk_u32(w, &in->filing, "filing");
	walk_name(w, &in->file_name, "file name");
	walk_name(w, &in->leg, "leg");
	walk_name(w, &in->agency, "agency");
	walk_name(w, &in->format, "format");
	walk_flag(w, &in->first, "first");
	walk_keys(w, in->key_of, &in->nkeys);
	walk_u32(w, &in->nfacts, "number of legs");
	if (in->nfacts > REPLAN_LEGS && w->wrong == NULL)
		w->wrong = "number of legs";
	for (uint32_t i = 0; i < in->nfacts && w->wrong == NULL; i++)
		fact_fields(w, &in->fact[i]);
	walk_text(w, &in->original, BODY_MAX_BYTES, "original");
}

void
replan_put(struct buf *b, const struct replan_in *in)
{
	struct replan_in copy = *in;
	struct walk w = { .out = b };

	replan_fields(&w, &copy);
	if (w.wrong != NULL)
		b->failed = true;
}

enum rc
replan_read(struct slice raw, struct replan_in *in, struct err *err)
{
	struct walk w = { .in = raw };

	memset(in, 0, sizeof(*in));
	replan_fields(&w, in);
	if (w.wrong != NULL)
		return err_set(err, RC_REFUSED,
		    "a leg to plan again: field '%s' does not fit", w.wrong);
	if (w.in.len > 0)
		return err_set(err, RC_REFUSED,
		    "a leg to plan again: %zu bytes are left over", w.in.len);
	return RC_OK;
}
