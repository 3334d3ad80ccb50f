/*
 * daemon/work_read.c - an arrival becomes claims: filings with their legs, or
 * receipts. Trusts nothing in the arrival; the partner, his formats and the
 * routes are the configuration's. Called by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/id.h"
#include "src/match/match.h"
#include "src/syntax/edifact.h"
#include <stdio.h>

#define ACCEPT_MAX 512

/* The order's ids, one after the other: each try draws the same. */
static uint64_t
id_take(struct reading *r)
{
	return r->ids_used < r->o->nids ? r->o->ids + r->ids_used++ : 0;
}

static bool
skipped(const struct reading *r, uint32_t number)
{
	for (unsigned int i = 0; i < r->nskip; i++)
		if (r->skip[i] == number)
			return true;
	return false;
}

static struct slice
transmission_text(const struct filing *f, const char *path)
{
	const struct value *v = NULL;

	if (f->record != NULL && f->record->transmission != NULL)
		v = record_get(f->record->transmission, path);
	return v == NULL ? SLICE_LIT("") : work_name(v->text);
}

/* "UTF-8", or "UTF-8 BOM" when a mark stands in front. */
static struct slice
encoding_said(struct work *w, const struct text *t)
{
	char text[40];
	int n = snprintf(text, sizeof(text), "%s%s", encoding_name(t->encoding),
	    t->bom ? " BOM" : "");

	return arena_dup(w->mem, (struct slice){ text, (size_t)n });
}

/* As claim.h has it: what an answer's envelope turns round. */
static struct slice
interchange_text(struct work *w, const struct filing *f)
{
	static const char *const part[] = { "interchange", "sender",
		"sender_qual", "receiver", "receiver_qual" };
	struct slice out;
	struct buf b;

	buf_init(&b, WORK_NAME);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (i > 0)
			buf_byte(&b, '\t');
		buf_slice(&b, transmission_text(f, part[i]));
	}
	if (f->interchange != NULL) {
		buf_byte(&b, '\t');
		buf_slice(&b, f->interchange->syntax_version);
	}
	out = buf_failed(&b) ? SLICE_LIT("") : arena_dup(w->mem, buf_look(&b));
	buf_clear(&b);
	return out;
}

/* What the first message says of all: format, encoding, interchange. */
static void
arrival_note(struct reading *r, const struct filing *f)
{
	struct claim_arrival *a = &r->arrival.u.arrival;
	struct slice reference = transmission_text(f, "interchange");

	if (a->format.len == 0 && f->plan != NULL)
		a->format = slice_of(f->plan->name);
	if (a->encoding.len == 0 && f->text != NULL)
		a->encoding = encoding_said(r->w, f->text);
	if (a->interchange.len > 0 || reference.len == 0)
		return;
	a->interchange = interchange_text(r->w, f);
}

/* --- filings --- */

/* The number people call it by: a key's text as they wrote it. */
static void
filing_named(struct reading *r, const struct filing *f, struct claim_filing *c)
{
	struct claim_key key[CLAIM_KEYS];
	uint32_t n = 0;
	struct slice rest;
	char text[WORK_NAME];

	if (f->record != NULL)
		n = keys_collect(f->record->root, key, CLAIM_KEYS, r->w->out);
	c->key = key_text(key, n, "filer");
	if (c->key.len == 0 && n > 0)
		c->key = key[0].text;
	if (f->record != NULL)
		c->search = search_collect(
		    f->record->root, key, n, r->w->out, &c->unsearched);
	rest = c->key;
	c->label = slice_cut(&rest, 0x1f);
	if (c->label.len > 0)
		return;
	(void)snprintf(text, sizeof(text), "%.*s#%u",
	    SLICE_ARG(work_name(slice_sub(r->o->name, 0, 200))), f->number);
	c->label = arena_dup(r->w->out, slice_of(text));
}

/* All legs or, with an error, none. */
static enum rc
legs_write(struct reading *r, const struct filing *f, struct claim_filing *c,
    struct err *err)
{
	for (unsigned int i = 0; i < f->nlegs; i++) {
		struct leg_write l = { .w = r->w,
			.f = f,
			.plan = &f->legs[i],
			.filer = r->partner,
			.id = id_take(r),
			.lane = c->key.len > 0 ? c->key : c->label,
			.now = slice_of(r->now) };
		enum rc rc = work_leg(&l, &r->w->legs, err);

		if (rc == RC_LATER || rc == RC_BROKEN)
			return rc;
	}
	if (f->nlegs == 0)
		(void)finding_add(f->findings, FIND_NO_ROUTE, SLICE_LIT(""),
		    SLICE_LIT(""), c->kind, SLICE_LIT(""));
	return RC_OK;
}

/* What it does to the one filed before: the code's row says it. */
static struct slice
filing_amends(const struct record *record)
{
	const struct value *v = record_get(record->root, "function");
	int column;

	if (v == NULL || v->row == NULL)
		return SLICE_LIT("");
	column = codelist_column(
	    group_element(record->root->group, SLICE_LIT("function"))->list,
	    SLICE_LIT("amends"));
	return column < 0 ? SLICE_LIT("") : code_write(v->row, column);
}

static bool
is_listed(struct slice list, struct slice name)
{
	while (list.len > 0)
		if (slice_eq(slice_cut(&list, '\n'), name))
			return true;
	return false;
}

static void
file_missing(
    struct reading *r, const struct filing *f, const struct file_named *file)
{
	char wanted[40], path[300];
	struct finding *x;

	(void)snprintf(wanted, sizeof(wanted), "%u s",
	    (unsigned)(r->partner->attachments_within_ms / 1000));
	x = finding_add(f->findings, FIND_NO_FILE,
	    slice_of(record_path(file->node, file->el, path, sizeof(path))),
	    SLICE_LIT(""), file->id->text, slice_of(wanted));
	x->text_at = file->id->at;
	x->text_span = file->id->span;
	if (f->text != NULL)
		text_place_all(f->text, f->findings);
}

/* As a name in other folders it would be none. */
static void
file_unsafe(const struct filing *f, const struct file_named *file)
{
	char path[300];
	struct finding *x = finding_add(f->findings, FIND_FILE_NAME,
	    slice_of(record_path(file->node, file->el, path, sizeof(path))),
	    SLICE_LIT(""), file->id->text, SLICE_LIT(""));

	x->text_at = file->id->at;
	x->text_span = file->id->span;
	if (f->text != NULL)
		text_place_all(f->text, f->findings);
}

/*
 * Files that must come beside it: asked for, or, when the order says that they
 * will not come, an error of this filing.
 */
static struct slice
files_look(struct reading *r, const struct filing *f)
{
	struct slice out;
	struct buf lacks;

	if (f->record == NULL || r->partner->nattachments == 0)
		return SLICE_LIT("");
	buf_init(&lacks, CLAIM_TEXT_MAX);
	for (struct file_named x = { .node = NULL };
	     file_next(f->record, &x);) {
		struct slice name = x.id->text;
		enum file_is is = file_kind(r->partner, f->packed, name);

		if (is == FILE_UNSAFE)
			file_unsafe(f, &x);
		if (is != FILE_BESIDE)
			continue;
		if (is_listed(r->missing, name)) {
			file_missing(r, f, &x);
		} else if (!is_listed(buf_look(&lacks), name)) {
			if (lacks.len > 0)
				buf_byte(&lacks, '\n');
			buf_slice(&lacks, name);
		}
	}
	out = arena_dup(r->w->out, buf_look(&lacks));
	buf_clear(&lacks);
	return out;
}

static enum rc
filing_claim(struct reading *r, const struct filing *f, struct err *err)
{
	struct work *w = r->w;
	struct claim claim = { .kind = CLAIM_FILING };
	struct claim_filing *c = &claim.u.filing;
	enum rc rc = RC_OK;

	c->number = f->number;
	c->id = id_take(r);
	c->at = f->at;
	c->len = f->span;
	c->test = slice_is(transmission_text(f, "test"), "yes");
	if (f->plan != NULL) {
		c->format = slice_of(f->plan->name);
		c->kind = slice_of(f->plan->document->name);
	}
	filing_named(r, f, c);
	buf_reset(&w->legs);
	c->lacks = files_look(r, f);
	if (f->record != NULL)
		rc =
		    work_digest(w, f->record->root, c->content, &c->keyed, err);
	if (f->record != NULL)
		c->amends = filing_amends(f->record);
	if (rc == RC_OK && f->record != NULL && f->findings->errors == 0)
		rc = legs_write(r, f, c, err);
	if (rc != RC_OK)
		return rc;
	c->refused = f->record == NULL || f->findings->errors > 0;
	c->errors = f->findings->errors;
	c->warnings = f->findings->warnings;
	c->hints = f->findings->hints;
	c->findings = work_findings(w, f->findings);
	claim_put(r->out, &claim);
	if (!c->refused)
		buf_slice(r->out, buf_look(&w->legs));
	if (!c->refused && buf_failed(&w->legs))
		r->out->failed = true;
	r->arrival.u.arrival.filings++;
	return RC_OK;
}

/* --- receipts --- */

struct receipts {
	struct reading *r;
	const struct filing *f;
	bool failed;
};

/*
 * Held back until all are known: the findings of the whole receipt stand with
 * each of its parts, and the last part may add one.
 */
static void
receipt_take(void *arg, const struct claim_receipt *c)
{
	struct receipts *x = arg;
	struct claim *to = arena_get(x->r->w->out, sizeof(*to));

	if (to == NULL) {
		x->failed = true;
		return;
	}
	to->kind = CLAIM_RECEIPT;
	to->u.receipt = *c;
	to->u.receipt.number = ++x->r->arrival.u.arrival.receipts;
	to->u.receipt.at = x->f->at;
	to->u.receipt.len = x->f->span;
	claim_put(&x->r->w->legs, to);
}

static enum rc
receipt_claim(struct reading *r, const struct filing *f, struct err *err)
{
	struct work *w = r->w;
	struct receipts x = { .r = r, .f = f };
	struct slice rest;
	enum rc rc = RC_OK;

	buf_reset(&w->legs);
	if (f->record == NULL) {
		struct claim_receipt c = { .unreadable = true };

		if (f->plan != NULL)
			c.format = slice_of(f->plan->name);
		receipt_take(&x, &c);
	} else {
		struct receipt_in in = { .plan = f->plan,
			.record = f->record,
			.text = f->text == NULL ? SLICE_LIT("") : f->text->utf8,
			.codes = formats_codes(pipeline_formats(w->pipeline)) };

		rc = receipt_match(
		    &in, w->out, f->findings, receipt_take, &x, err);
	}
	if (rc == RC_OK && (x.failed || buf_failed(&w->legs)))
		return err_set(err, RC_LATER, "no memory for a receipt");
	rest = buf_look(&w->legs);
	while (rc == RC_OK && rest.len > 0) {
		struct claim c;

		rc = claim_next(&rest, &c, err);
		if (rc != RC_OK)
			return rc;
		if (f->text != NULL)
			text_place_all(f->text, f->findings);
		c.u.receipt.findings = work_findings(w, f->findings);
		claim_put(r->out, &c);
	}
	return rc;
}

/* A message is a receipt by its document, or by who sent what nobody reads. */
static bool
filing_answers(const struct reading *r, const struct filing *f)
{
	if (f->plan != NULL)
		return strcmp(f->plan->document->name, "receipt") == 0;
	return r->partner->agency && !r->partner->filer;
}

/*
 * Nothing in it could be told apart: the verdict is the arrival's. Known only
 * when no other message follows, so the claim is made and then taken back.
 */
static void
arrival_refuse(struct reading *r, const struct filing *f)
{
	struct claim_arrival *a = &r->arrival.u.arrival;

	a->refused = true;
	a->findings = arena_dup(r->w->mem, work_findings(r->w, f->findings));
}

static enum rc
filing_seen(void *arg, const struct filing *f, struct err *err)
{
	struct reading *r = arg;

	if (skipped(r, f->number))
		return RC_OK;
	arena_rewind(r->w->out);
	arrival_note(r, f);
	if ((r->partner->replies & REPLY_CONTROL) != 0)
		work_control(r->w, f);
	r->seen++;
	if (filing_answers(r, f))
		return receipt_claim(r, f, err);
	if (r->arrival.u.arrival.refused) { /* it is not the only one */
		r->arrival.u.arrival.refused = false;
		r->arrival.u.arrival.findings = SLICE_LIT("");
	}
	if (r->seen == 1 && f->plan == NULL)
		arrival_refuse(r, f);
	return filing_claim(r, f, err);
}

/* --- the arrival --- */

static void
skips_read(struct reading *r)
{
	struct slice rest;
	uint64_t n;

	r->missing = r->o->format;
	rest = slice_cut(&r->missing, '\n'); /* files follow, a name a line */
	while (rest.len > 0 && r->nskip < WORK_SKIPS)
		if (slice_u64(slice_cut(&rest, ','), &n) && n <= UINT32_MAX)
			r->skip[r->nskip++] = (uint32_t)n;
}

static bool
plan_answers(const struct plan *plan, const struct conf_partner *p)
{
	for (unsigned int i = 0; i < plan->nanswers; i++)
		for (unsigned int k = 0; k < p->nsubmit; k++)
			if (strcmp(plan->answers[i], p->submit[k].format) == 0)
				return true;
	return false;
}

/* A reply of ours may be answered, too, with a CONTRL: it is noted. */
static bool
plan_answers_reply(const struct plan *plan, const struct conf_partner *p)
{
	for (unsigned int i = 0; i < plan->nanswers; i++)
		if (p->reply_format != NULL &&
		    strcmp(plan->answers[i], p->reply_format) == 0)
			return true;
	return false;
}

unsigned int
work_accept(const struct work *w, const struct conf_partner *p,
    const char **list, unsigned int max)
{
	const struct formats *formats = pipeline_formats(w->pipeline);
	const struct plan *plan;
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->naccept && n < max; i++)
		list[n++] = p->accept[i];
	for (unsigned int i = 0;
	     n < max && (plan = format_nth(formats, i)) != NULL; i++)
		if ((p->agency && plan_answers(plan, p)) ||
		    plan_answers_reply(plan, p))
			list[n++] = plan->name;
	return n;
}

int
work_year(const char *now)
{
	uint64_t y = 2000;

	(void)slice_u64(slice_sub(slice_of(now), 0, 4), &y);
	return (int)y;
}

/* No document: it is kept, and goes where a document that names it goes. */
static enum rc
attachment_claim(struct buf *out)
{
	struct claim c = { .kind = CLAIM_ARRIVAL };

	c.u.arrival.format = SLICE_LIT("attachment");
	claim_put(out, &c);
	return RC_OK;
}

static void
parties_fill(const struct reading *r, struct arrival *a)
{
	struct conf_address ours = conf_ours(r->w->conf, r->partner);

	a->controlled = (r->partner->replies & REPLY_CONTROL) != 0;
	a->ours = (struct arrival_party){ ours.id, ours.qualifier };
	a->theirs = (struct arrival_party){ r->partner->theirs.id,
		r->partner->theirs.qualifier };
}

enum rc
work_read(struct work *w, const struct work_order *o, struct buf *out,
    volatile uint32_t *at, struct err *err)
{
	const char *accept[ACCEPT_MAX];
	struct arrival_default preset[CONF_DEFAULTS];
	struct reading r = { .w = w,
		.o = o,
		.partner = conf_partner(w->conf, o->partner),
		.out = &w->claims };
	struct arrival a = { .raw = o->input, .file_name = o->name };
	enum rc rc;

	if (r.partner == NULL)
		return err_set(err, RC_REFUSED, "no partner '%.*s'",
		    SLICE_ARG(o->partner));
	(void)clock_print(o->now, r.now);
	skips_read(&r);
	if (conf_is_attachment(r.partner, o->name))
		return attachment_claim(out);
	buf_reset(&w->claims);
	names_start(&w->names);
	work_control_begin(w);
	r.arrival.kind = CLAIM_ARRIVAL;
	a.base_year = work_year(r.now);
	a.accept = accept;
	a.naccept = work_accept(w, r.partner, accept, ACCEPT_MAX);
	a.route = r.route;
	a.nroutes = work_routes(w, r.partner, r.route);
	parties_fill(&r, &a);
	a.preset = preset;
	a.npresets = work_presets(r.partner, preset);
	a.skip = r.skip;
	a.nskip = r.nskip;
	if (r.partner->nattachments > 0)
		a.attaches = r.partner;
	a.unchecked = !r.partner->filer && !r.partner->peer;
	a.reading = at;
	rc = pipeline_arrival(
	    w->pipeline, &a, w->mem, w->filing, filing_seen, &r, err);
	if (rc != RC_OK)
		return rc;
	if (r.arrival.u.arrival.refused) {
		r.arrival.u.arrival.filings = 0;
		r.arrival.u.arrival.receipts = 0;
		buf_reset(&w->claims);
	}
	r.arrival.u.arrival.names = buf_look(&w->names.text);
	r.arrival.u.arrival.control = buf_look(&w->control);
	claim_put(out, &r.arrival);
	buf_slice(out, buf_look(&w->claims));
	if (buf_failed(&w->claims) || buf_failed(&w->names.text))
		out->failed = true;
	return RC_OK;
}
