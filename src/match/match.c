/*
 * match/match.c - a receipt's record becomes a claim about a leg.
 *
 * The record was read from an agency's bytes: values may be missing, unknown
 * or contradict; nothing here fails for that. Called by convert for arrivals
 * of agencies.
 */
#include "src/match/match.h"
#include "src/format/date.h"
#include <stdio.h>

#define COMPLAINTS_BYTES (256u << 10) /* what one receipt may complain */
#define LEFT_OUT_BYTES   1024u        /* of it: how many more there are */
#define SILENT_REFUSED   25 /* ranks, as those of application-answer.tsv */
#define SILENT_RECEIVED  10
#define NAME_BYTES       1024u /* a name in a claim, see claim.c */

static struct slice
text_at(const struct node *n, const char *path)
{
	const struct value *v = n == NULL ? NULL : record_get(n, path);

	return v == NULL ? SLICE_LIT("") : v->text;
}

/* What does not fit a claim is cut where a character ends. */
static struct slice
text_cut(struct slice s, size_t most)
{
	if (s.len <= most)
		return s;
	s.len = most;
	while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

/* "dec-channel.cn" -> the list dec-channel. */
static const struct codelist *
list_of(const struct receipt_in *in, const struct value *v)
{
	struct slice rest = slice_of(v->scheme);

	return v->scheme == NULL
		   ? NULL
		   : codelist_find(in->codes, slice_cut(&rest, '.'));
}

/* Elements that are no code themselves (status) keep only the code's text. */
static const struct code_row *
row_of(const struct receipt_in *in, const struct value *v)
{
	const struct codelist *l = list_of(in, v);

	if (v->row != NULL || l == NULL || (v->flags & VALUE_RAW) != 0)
		return v->row;
	return code_find(l, v->text, 0);
}

static struct slice
label_of(const struct receipt_in *in, const struct value *v,
    const struct code_row *row, const char *column)
{
	const struct codelist *l = list_of(in, v);
	int c = l == NULL ? -1 : codelist_column(l, slice_of(column));

	return c < 0 ? SLICE_LIT("") : row->cell[c];
}

/* As the agency wrote it: its own bytes, not our code. */
static struct slice
value_sent(const struct receipt_in *in, const struct value *v)
{
	struct slice s = slice_sub(in->text, v->at, v->span);
	struct slice column = slice_of(v->scheme);
	const struct codelist *l = list_of(in, v);
	int c;

	if (v->span > 0 && s.len > 0)
		return slice_trim(s);
	(void)slice_cut(&column, '.');
	c = l == NULL ? -1 : codelist_column(l, column);
	return row_of(in, v) == NULL || c < 0 ? v->text
					      : code_write(row_of(in, v), c);
}

static void
status_fill(const struct receipt_in *in, const struct node *n,
    struct findings *found, struct claim_receipt *r)
{
	const struct value *v = record_get(n, "status");
	const struct code_row *row;
	struct finding *f;

	if (v == NULL) /* what it amounts to is all that was said */
		v = record_get(n, "outcome");
	if (v == NULL)
		return;
	row = row_of(in, v);
	r->status = text_cut(value_sent(in, v), NAME_BYTES);
	if (row != NULL) {
		r->code = row->code;
		r->list = list_of(in, v) == NULL
			      ? SLICE_LIT("")
			      : slice_of(list_of(in, v)->name);
		r->en = label_of(in, v, row, "en");
		r->zh = label_of(in, v, row, "zh");
	}
	if (text_at(n, "outcome").len > 0)
		return;
	f = finding_add(found, FIND_STATUS_UNKNOWN, SLICE_LIT("status"),
	    SLICE_LIT(""), r->status, SLICE_LIT(""));
	f->text_at = v->at;
	f->text_span = v->span;
}

/*
 * What a format did not take from a list of its own (sw-xml says an outcome
 * and no more) the list of outcomes knows.
 */
static struct slice
said_or_known(
    const struct receipt_in *in, const struct node *n, const char *what)
{
	struct slice said = text_at(n, what), outcome = text_at(n, "outcome");
	const struct codelist *l =
	    codelist_find(in->codes, SLICE_LIT("outcome"));
	const struct code_row *row;
	int c;

	if (said.len > 0 || outcome.len == 0 || l == NULL)
		return said;
	row = code_find(l, outcome, 0);
	c = codelist_column(l, slice_of(what));
	return row == NULL || c < 0 ? said : row->cell[c];
}

static int32_t
rank_of(struct slice s)
{
	bool minus = slice_starts(s, "-");
	uint64_t n;

	if (minus)
		s = slice_sub(s, 1, s.len - 1);
	if (!slice_u64(s, &n) || n > INT32_MAX)
		return 0;
	return minus ? -(int32_t)n : (int32_t)n;
}

static int64_t
time_of(const struct receipt_in *in, struct slice s)
{
	struct moment m;

	if (s.len == 0 || !moment_parse(s, &m))
		return 0;
	return moment_ms(&m, in->plan->has_zone ? in->plan->zone_minutes : 0);
}

/* The code that a complaint gives, and what its list calls it. */
static void
complaint_code(
    const struct receipt_in *in, const struct node *n, struct finding *f)
{
	const struct value *v = record_get(n, "fault");
	const struct code_row *row = v == NULL ? NULL : row_of(in, v);

	if (v == NULL)
		return;
	f->code = v->text;
	if (row == NULL)
		return;
	f->en = label_of(in, v, row, "en");
	f->zh = label_of(in, v, row, "zh");
}

static void
said_fill(const struct receipt_in *in, const struct node *n,
    struct findings *found, struct claim_receipt *r)
{
	struct finding fault = { .kind = FIND_RULE };

	status_fill(in, n, found, r);
	r->issued = text_cut(text_at(n, "number"), NAME_BYTES);
	r->outcome = text_at(n, "outcome");
	r->level = said_or_known(in, n, "level");
	r->rank = rank_of(said_or_known(in, n, "rank"));
	r->final = slice_is(said_or_known(in, n, "final"), "yes");
	r->event_ms = time_of(in, text_at(n, "time"));
	r->text = text_cut(text_at(n, "text"), CLAIM_TEXT_MAX);
	/* A code of the syntax speaks where nobody else did. */
	complaint_code(in, n, &fault);
	if (r->text.len == 0)
		r->text = fault.en;
}

static const struct node *
nodes_at(const struct node *n, const char *name)
{
	const struct element *e = group_element(n->group, slice_of(name));

	return e == NULL || e->group == NULL ? NULL : n->slot[e->slot].node;
}

static void
complaint_put(struct finding *f, struct buf *out)
{
	if (f->en.len == 0)
		f->en = f->code;
	if (f->zh.len == 0)
		f->zh = f->en;
	finding_json(f, out);
	buf_byte(out, '\n');
}

static void
detail_place(const struct node *d, struct finding *f)
{
	uint64_t n;

	if (slice_u64(text_at(d, "element"), &n) && n <= UINT32_MAX)
		f->place.element = (uint32_t)n;
	if (slice_u64(text_at(d, "component"), &n) && n <= UINT32_MAX)
		f->place.component = (uint32_t)n;
}

/*
 * A detail without a code says where the complaint itself is about; those with
 * a code are complaints of their own, in the same segment.
 */
static void
details_add(const struct receipt_in *in, const struct node *d,
    const struct finding *whole, struct buf *out)
{
	for (; d != NULL; d = d->next) {
		struct finding f = *whole;

		if (text_at(d, "fault").len == 0)
			continue;
		complaint_code(in, d, &f);
		detail_place(d, &f);
		complaint_put(&f, out);
	}
}

static void
complaint_add(
    const struct receipt_in *in, const struct node *c, struct buf *out)
{
	struct finding f = { .kind = FIND_RULE, .severity = SEV_ERROR };
	const struct node *d;
	char item[32];
	uint64_t n;

	complaint_code(in, c, &f);
	f.element = text_at(c, "element");
	if (f.element.len == 0 && slice_u64(text_at(c, "item"), &n)) {
		(void)snprintf(
		    item, sizeof(item), "item[%llu]", (unsigned long long)n);
		f.element = slice_of(item);
	}
	f.found = text_at(c, "found");
	f.wanted = text_at(c, "wanted");
	if (text_at(c, "text").len + text_at(c, "text_zh").len > 0) {
		f.en = text_at(c, "text");
		f.zh = text_at(c, "text_zh");
	}
	if (f.en.len == 0) /* one sentence stands for both */
		f.en = f.zh;
	if (slice_u64(text_at(c, "segment"), &n) && n <= UINT32_MAX)
		f.place.segment = (uint32_t)n;
	d = nodes_at(c, "detail");
	if (f.code.len > 0 || f.en.len > 0 || d == NULL) {
		struct finding own = f;

		if (d != NULL && text_at(d, "fault").len == 0)
			detail_place(d, &own);
		complaint_put(&own, out);
	}
	details_add(in, d, &f, out);
}

/* The rest of a flood: how many. */
static void
left_out_add(const struct node *c, struct arena *mem, struct buf *out)
{
	struct findings said;
	struct finding *f;
	char count[16];
	unsigned int n = 0;

	for (; c != NULL; c = c->next)
		n++;
	if (n == 0)
		return;
	(void)snprintf(count, sizeof(count), "%u", n);
	findings_init(&said, mem);
	f = finding_add(&said, FIND_SHORTENED, SLICE_LIT(""), SLICE_LIT(""),
	    slice_of(count), SLICE_LIT("an answer of 256 KiB"));
	f->severity = SEV_WARNING;
	finding_json(f, out);
	buf_byte(out, '\n');
}

static struct slice
complaints_of(
    const struct receipt_in *in, const struct node *n, struct arena *mem)
{
	const struct node *c = nodes_at(n, "finding");
	struct slice all = SLICE_LIT("");
	struct buf b, one;

	if (c == NULL)
		return all;
	buf_init(&b, COMPLAINTS_BYTES);
	buf_init(&one, COMPLAINTS_BYTES - LEFT_OUT_BYTES);
	for (; c != NULL; c = c->next) {
		buf_reset(&one);
		complaint_add(in, c, &one);
		if (buf_failed(&one) || b.len + one.len > one.max)
			break;
		buf_slice(&b, buf_look(&one));
	}
	left_out_add(c, mem, &b);
	if (!buf_failed(&b))
		all = arena_dup(mem, buf_look(&b));
	buf_clear(&one);
	buf_clear(&b);
	return all;
}

/* Walk one part of a key; the value in the first node of each list. */
static const struct value *
key_value(const struct node *n, const struct key *k, uint8_t part)
{
	for (uint8_t i = 0; n != NULL && i + 1 < k->part[part].n; i++)
		n = n->slot[k->part[part].step[i]->slot].node;
	if (n == NULL || k->part[part].n == 0)
		return NULL;
	return n->slot[k->part[part].step[k->part[part].n - 1]->slot].value;
}

/*
 * outer: of the receipt that the part belongs to, or NULL. A part may end a
 * compound key that the whole begins (a message of its interchange); it never
 * takes all of one from there.
 */
static bool
key_join(const struct node *doc, const struct node *outer, const struct key *k,
    struct arena *mem, struct slice *out, size_t *over)
{
	const struct value *v[KEY_PARTS];
	bool own = false;
	size_t len = 0;
	char *p;

	for (uint8_t i = 0; i < k->nparts; i++) {
		v[i] = key_value(doc, k, i);
		own |= v[i] != NULL;
		if (v[i] == NULL && outer != NULL)
			v[i] = key_value(outer, k, i);
		if (v[i] == NULL || v[i]->text.len == 0)
			return false;
		len += v[i]->text.len + (i > 0 ? 1 : 0);
	}
	if (own && len > CLAIM_KEY)
		*over = len; /* too long to be anybody's number */
	if (k->nparts == 0 || len > CLAIM_KEY || !own)
		return false;
	if (k->nparts == 1) {
		*out = v[0]->text;
		return true;
	}
	p = arena_raw(mem, len);
	if (p == NULL)
		return false;
	*out = (struct slice){ p, len };
	for (uint8_t i = 0; i < k->nparts; i++) {
		if (i > 0)
			*p++ = 0x1f;
		memcpy(p, v[i]->text.p, v[i]->text.len);
		p += v[i]->text.len;
	}
	return true;
}

/* *over: bytes of one that is too long, or 0. */
static uint32_t
keys_within(const struct node *doc, const struct node *outer,
    struct claim_key *key, uint32_t max, struct arena *mem, size_t *over)
{
	uint32_t n = 0;

	*over = 0;
	if (doc == NULL)
		return 0;
	for (uint16_t i = 0; i < doc->group->nkeys && n < max; i++) {
		const struct key *k = &doc->group->key[i];

		if (key_join(doc, outer, k, mem, &key[n].text, over))
			key[n++].name = slice_of(k->name);
	}
	return n;
}

uint32_t
keys_collect(const struct node *doc, struct claim_key *key, uint32_t max,
    struct arena *mem)
{
	size_t over;

	return keys_within(doc, NULL, key, max, mem, &over);
}

struct slice
key_text(const struct claim_key *key, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (slice_is(key[i].name, name))
			return key[i].text;
	return SLICE_LIT("");
}

/*
 * An answer with no word for what it amounts to: errors in it are a refusal by
 * the agency's application, without them it was received there (APERAK).
 */
static void
silence_fill(struct claim_receipt *r)
{
	if (r->status.len > 0 || r->outcome.len > 0 || r->level.len > 0)
		return;
	r->level = SLICE_LIT("technical");
	r->outcome = r->complaints.len > 0 ? SLICE_LIT("refused")
					   : SLICE_LIT("received");
	r->rank = r->complaints.len > 0 ? SILENT_REFUSED : SILENT_RECEIVED;
}

static void
key_refuse(enum finding_kind kind, size_t over, struct arena *mem,
    struct findings *found)
{
	char is[24], most[24];

	(void)snprintf(is, sizeof(is), "%zu", over);
	(void)snprintf(most, sizeof(most), "%u", CLAIM_KEY);
	(void)finding_add(found, kind, SLICE_LIT("about"), SLICE_LIT(""),
	    arena_dup(mem, slice_of(is)), arena_dup(mem, slice_of(most)));
}

static void
part_match(const struct receipt_in *in, const struct node *part,
    const struct claim_receipt *whole, struct arena *mem,
    struct findings *found, receipt_fn *fn, void *arg)
{
	struct claim_receipt r = *whole;
	struct claim_key key[CLAIM_KEYS];
	size_t over;
	uint32_t n;

	memset(key, 0, sizeof(key));
	r.complaints = complaints_of(in, part, mem);
	if (record_get(part, "status") != NULL ||
	    record_get(part, "outcome") != NULL) {
		r.status = r.code = r.en = r.zh = SLICE_LIT("");
		said_fill(in, part, found, &r);
		if (r.event_ms == 0)
			r.event_ms = whole->event_ms;
	} else if (text_at(part, "text").len > 0)
		r.text = text_cut(text_at(part, "text"), CLAIM_TEXT_MAX);
	n = keys_within(nodes_at(part, "about"),
	    nodes_at(in->record->root, "about"), key, CLAIM_KEYS, mem, &over);
	if (n > 0 || over > 0) {
		memcpy(r.key_of, key, sizeof(key));
		r.nkeys = n;
	}
	if (n == 0 && over > 0) /* it speaks of nobody, not of the whole */
		r.unreadable = true;
	if (over > 0)
		key_refuse(
		    n == 0 ? FIND_KEY_LONG : FIND_KEY_LEFT, over, mem, found);
	silence_fill(&r);
	fn(arg, &r);
}

/* What it may answer: of two legs of one number at one agency, which. */
static struct slice
answers_of(const struct plan *plan, struct arena *mem)
{
	struct slice out;
	struct buf b;

	buf_init(&b, NAME_BYTES);
	for (uint8_t i = 0; i < plan->nanswers; i++) {
		if (i > 0)
			buf_byte(&b, ',');
		buf_str(&b, plan->answers[i]);
	}
	out = buf_failed(&b) ? SLICE_LIT("") : arena_dup(mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

enum rc
receipt_match(const struct receipt_in *in, struct arena *mem,
    struct findings *found, receipt_fn *fn, void *arg, struct err *err)
{
	const struct node *root = in->record->root;
	const struct node *part = nodes_at(root, "part");
	struct claim_receipt r;
	size_t over;
	bool alone;

	memset(&r, 0, sizeof(r));
	r.format = slice_of(in->plan->name);
	r.answers = answers_of(in->plan, mem);
	said_fill(in, root, found, &r);
	r.complaints = complaints_of(in, root, mem);
	r.nkeys = keys_within(
	    nodes_at(root, "about"), NULL, r.key_of, CLAIM_KEYS, mem, &over);
	if (over > 0)
		key_refuse(FIND_KEY_LEFT, over, mem, found);
	alone = part == NULL || slice_is(r.level, "transport") ||
		slice_is(r.level, "format");
	for (; part != NULL; part = part->next)
		part_match(in, part, &r, mem, found, fn, arg);
	if (alone) {
		silence_fill(&r);
		fn(arg, &r);
	}
	if (arena_failed(mem))
		return err_set(err, RC_LATER,
		    "the receipt needs more memory than there is");
	return RC_OK;
}
