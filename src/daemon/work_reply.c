/*
 * daemon/work_reply.c - replies are written, in the code page of the file that
 * they answer. The facts are the spool's, made from rows; texts among them are
 * still anybody's. Called by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/clock.h"
#include <ctype.h>
#include <stdio.h>

#define REFERENCE_MAX 14 /* 0020 */

struct replying {
	struct work *w;
	const struct work_order *o;
	const struct plan *plan;
	struct record record;
	struct findings found;
	struct wrap_body *first, **at;
	struct wrap_head head;
	char reference[REFERENCE_MAX + 1];
	enum conf_language language;
	enum encoding encoding;
	bool mark;     /* a byte order mark in front, as the request had */
	uint32_t lost; /* characters that the encoding does not have */
	char now[CLOCK_TEXT];
};

static enum rc
record_read(struct replying *r, struct slice text, struct err *err)
{
	struct work *w = r->w;

	r->record.mem = w->mem;
	r->record.dir = formats_directory(pipeline_formats(w->pipeline));
	r->record.root = node_new(w->mem, r->plan->document, NULL);
	if (r->record.root == NULL)
		return err_set(err, RC_LATER, "no memory for a reply");
	return record_parse(&r->record, r->record.root, text, err);
}

static enum rc
message_write(struct replying *r, struct err *err)
{
	struct work *w = r->w;
	struct record *record = &r->record;
	struct write_out out = { .body = &w->body };
	struct write_in in = { .plan = r->plan,
		.record = &record,
		.nrecords = 1,
		.now = slice_of(r->now),
		.indent = true };
	struct wrap_body *b = arena_get(w->mem, sizeof(*b));
	enum rc rc;

	if (b == NULL)
		return err_set(err, RC_LATER, "no memory for a reply");
	buf_reset(&w->body);
	rc = pipeline_write(&in, NULL, &out, w->mem, &r->found, err);
	if (rc != RC_OK)
		return rc;
	b->body = arena_dup(w->mem, buf_look(&w->body));
	b->segments = out.segments;
	*r->at = b;
	r->at = &b->next;
	return RC_OK;
}

/* --- what a format has no room for --- */

#define TEXT_SHORT   1500u /* bytes of a text: five pieces of 350 in CUSRES */
#define FAULT_SHORT  8u    /* 9321 in EDIFACT */
#define NUMBER_SHORT 35u   /* 1154 */
#define SHORT_LIST   98u   /* findings; ERP of D.96B stands 99 times */

static struct slice
text_at(const struct node *n, const char *name)
{
	const struct value *v = record_get(n, name);

	return v == NULL ? SLICE_LIT("") : v->text;
}

static void
text_put(struct replying *r, struct node *n, const char *name, struct slice s)
{
	const struct element *e = group_element(n->group, slice_of(name));

	if (e != NULL)
		n->slot[e->slot].value = NULL;
	if (s.len > 0)
		(void)record_set(&r->record, n, name, s);
}

static void
text_shorten(struct replying *r, struct node *n, const char *name)
{
	struct slice all = text_at(n, name), s = all;
	struct buf b;

	if (all.len <= TEXT_SHORT)
		return;
	for (s.len = TEXT_SHORT;
	     s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80;)
		s.len--;
	buf_init(&b, TEXT_SHORT + 8);
	buf_slice(&b, s);
	buf_str(&b, "...");
	text_put(r, n, name, arena_dup(r->w->mem, buf_look(&b)));
	buf_clear(&b);
}

/* Another's long code, or a number too long to be one, goes into the text. */
static void
word_move(
    struct replying *r, struct node *n, const char *name, struct slice word)
{
	struct slice text = text_at(n, "text");
	struct buf b;

	buf_init(&b, WORK_BODY_MAX);
	buf_slice(&b, word);
	if (text.len > 0)
		buf_str(&b, ": ");
	buf_slice(&b, text);
	text_put(r, n, "text", arena_dup(r->w->mem, buf_look(&b)));
	buf_clear(&b);
	text_put(r, n, name, SLICE_LIT(""));
}

static struct node *
node_below(const struct node *n, const char *name)
{
	const struct element *e = group_element(n->group, slice_of(name));

	return e == NULL || e->group == NULL ? NULL : n->slot[e->slot].node;
}

static void
findings_shorten(struct replying *r, struct node *part)
{
	struct node *f = node_below(part, "finding"), *last = NULL, *hint;
	uint32_t all = node_count(f), n = 0;
	struct finding *said;
	char text[24];

	for (struct node *c = f; c != NULL && n < SHORT_LIST; c = c->next) {
		struct slice fault = text_at(c, "fault");

		if (fault.len > FAULT_SHORT)
			word_move(r, c, "fault", fault);
		text_shorten(r, c, "text");
		text_shorten(r, c, "text_zh");
		last = c;
		n++;
	}
	if (all <= SHORT_LIST || last == NULL)
		return;
	hint = last->next;
	hint->next = NULL;
	f->last = hint;
	memset(hint->slot, 0, hint->group->nslots * sizeof(hint->slot[0]));
	(void)snprintf(text, sizeof(text), "%u", all - SHORT_LIST);
	said = finding_add(&r->found, FIND_SHORTENED, SLICE_LIT(""),
	    SLICE_LIT(""), slice_of(text), slice_of(r->plan->name));
	text_put(r, hint, "fault", said->code);
	text_put(r, hint, "severity", SLICE_LIT("hint"));
	text_put(r, hint, "text", said->en);
	text_put(r, hint, "text_zh", said->zh);
	(void)work_language(r->language, work_places(r->w, r->plan), hint);
}

static void
part_shorten(struct replying *r, struct node *part)
{
	struct node *about = node_below(part, "about");
	struct slice number =
	    about == NULL ? SLICE_LIT("") : text_at(about, "number");

	if (number.len > NUMBER_SHORT) {
		word_move(r, part, "", number);
		text_put(r, about, "number", SLICE_LIT(""));
	}
	text_shorten(r, part, "text");
	text_shorten(r, part, "text_zh");
	findings_shorten(r, part);
}

/*
 * A filer must be told, even where his format has less room than the answer:
 * what cannot be said whole is said shorter, and that it is.
 */
static enum rc
message_tell(struct replying *r, struct node *part, struct err *err)
{
	enum rc rc = message_write(r, err);

	if (rc != RC_REFUSED || part == NULL)
		return rc;
	findings_init(&r->found, r->w->mem);
	part_shorten(r, part);
	return message_write(r, err);
}

/*
 * `each PATH`: one message for each node there. The writer takes the first of
 * the list, so each is made the first in its turn.
 */
static enum rc
messages_write(struct replying *r, struct err *err)
{
	const struct path *each = &r->plan->each;
	union slot *list;
	struct node *all;
	enum rc rc = RC_OK;

	if (each->nsteps != 1)
		return message_tell(r, NULL, err);
	list = &r->record.root->slot[each->step[0]->slot];
	all = list->node;
	for (struct node *n = all; n != NULL && rc == RC_OK; n = n->next) {
		struct node *next = n->next;

		list->node = n;
		n->next = NULL;
		rc = message_tell(r, n, err);
		n->next = next;
	}
	list->node = all;
	return rc;
}

/*
 * Turned round: from whom the request was sent to, to who sent it. An address
 * that is configured stands: the request may have had another, and be refused
 * for it.
 */
static void
head_turn(struct replying *r)
{
	const struct conf *c = r->w->conf;
	const struct conf_partner *p = conf_partner(c, r->o->partner);
	bool ours = conf_ours(c, p).id != NULL;
	bool theirs = p != NULL && p->theirs.id != NULL;
	struct wrap_head *h = &r->head;
	const struct {
		const char *path;
		const char **to;
		bool known;
	} part[] = {
		{ "request.receiver", &h->sender, ours },
		{ "request.receiver_qual", &h->sender_qual, ours },
		{ "request.sender", &h->receiver, theirs },
		{ "request.sender_qual", &h->receiver_qual, theirs },
	};

	if (text_at(r->record.root, "request.sender").len == 0)
		return;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		const char *text =
		    arena_str(r->w->mem, text_at(r->record.root, part[i].path));

		if (part[i].known)
			continue;
		*part[i].to = text == NULL ? "" : text;
	}
}

/* The envelope, under the reply's own number: as much of it as 0020 takes. */
static enum rc
head_make(struct replying *r, struct err *err)
{
	struct slice number = text_at(r->record.root, "number");
	char *receiver = arena_str(r->w->mem, r->o->partner);
	size_t n = 0;

	if (receiver == NULL)
		return err_set(err, RC_LATER, "no memory for a reply");
	wrap_head_fill(&r->head, r->w, r->o, receiver);
	r->head.version_4 =
	    slice_is(text_at(r->record.root, "request.syntax"), "4");
	head_turn(r);
	for (size_t i = 0; i < number.len && n < REFERENCE_MAX; i++)
		if (isalnum((unsigned char)number.p[i]))
			r->reference[n++] = number.p[i];
	r->reference[n] = '\0';
	if (n > 0)
		r->head.reference = r->reference;
	return RC_OK;
}

static enum rc
reply_wrap(struct replying *r, struct buf *whole, struct err *err)
{
	if (r->first == NULL)
		return err_set(err, RC_REFUSED, "a reply that says nothing");
	r->head.encoding = r->encoding;
	if (r->plan->syntax == SYN_EDIFACT)
		return wrap_interchange(r->first, &r->head, whole, err);
	if (r->mark)
		buf_str(whole, "\xef\xbb\xbf");
	for (const struct wrap_body *b = r->first; b != NULL; b = b->next)
		buf_slice(whole, b->body);
	return RC_OK;
}

/* --- the code page --- */

/* The partner's own by the configuration, else that of what is answered. */
static void
page_choose(struct replying *r, const struct conf_partner *p)
{
	const struct value *v = record_get(r->record.root, "request.encoding");
	struct slice rest = v == NULL ? SLICE_LIT("") : v->text;
	int said = encoding_find(slice_cut(&rest, ' '));

	r->encoding = said < 0 ? ENC_UTF8 : (enum encoding)said;
	r->mark = slice_is(rest, "BOM");
	if (p == NULL || p->reply_encoding < 0)
		return;
	r->encoding = (enum encoding)p->reply_encoding;
	r->mark = false;
}

/* What is not in the page, as a hint of the first filing that is told of. */
static void
page_say(struct replying *r)
{
	const char *page = encoding_name(r->encoding);
	const struct element *part =
	    group_element(r->record.root->group, SLICE_LIT("part"));
	struct node *first =
	    part == NULL ? NULL : r->record.root->slot[part->slot].node;
	struct node *hint = NULL;
	struct finding *f;
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", r->lost);
	f = finding_add(&r->found, FIND_NOT_IN_PAGE, SLICE_LIT(""),
	    SLICE_LIT(""), slice_of(text), slice_of(page));
	if (first != NULL)
		hint = node_add(r->w->mem, first,
		    group_element(first->group, SLICE_LIT("finding")));
	if (hint == NULL)
		return;
	(void)record_set(&r->record, hint, "fault", f->code);
	(void)record_set(&r->record, hint, "severity", SLICE_LIT("hint"));
	(void)record_set(&r->record, hint, "text", f->en);
	(void)record_set(&r->record, hint, "text_zh", f->zh);
	(void)work_language(r->language, work_places(r->w, r->plan), hint);
}

/*
 * What the page lacks is replaced in the record already: the writer then cuts
 * texts where the format wants them cut, and not inside a "[U+XXXX]".
 */
static enum rc
page_fit(struct replying *r, struct slice record, struct err *err)
{
	struct buf *raw = &r->w->text;
	struct findings aside;
	struct text back;
	enum rc rc;

	if (r->encoding == ENC_UTF8)
		return RC_OK;
	buf_reset(raw);
	rc = text_encode(record, r->encoding, raw, &r->lost, err);
	if (rc != RC_OK || r->lost == 0)
		return rc;
	findings_init(&aside, r->w->mem);
	rc = text_decode(&back, buf_look(raw), &r->encoding, 1, SLICE_LIT(""),
	    r->w->mem, &aside, err);
	if (rc == RC_OK)
		rc = record_read(r, back.utf8, err);
	if (rc == RC_OK)
		page_say(r);
	return rc;
}

/* What is left are words of the format, a table's headings for one. */
static enum rc
page_encode(struct replying *r, struct buf *whole, struct err *err)
{
	uint32_t lost = 0;
	enum rc rc;

	if (r->encoding == ENC_UTF8)
		return RC_OK;
	buf_reset(&r->w->text);
	rc = text_encode(buf_look(whole), r->encoding, &r->w->text, &lost, err);
	if (rc != RC_OK)
		return rc;
	buf_reset(whole);
	buf_slice(whole, buf_look(&r->w->text));
	return RC_OK;
}

/* Up to the line that parts one record from the next. */
static struct slice
record_cut(struct slice *rest)
{
	const char *at =
	    rest->len < 2 ? NULL : memmem(rest->p, rest->len, "\n\f\n", 3);
	struct slice one = *rest;

	if (at == NULL) {
		*rest = SLICE_LIT("");
		return one;
	}
	one.len = (size_t)(at - rest->p) + 1;
	*rest = slice_sub(*rest, one.len + 2, rest->len);
	return one;
}

/* The text of the record as it is now. */
static enum rc
record_again(struct replying *r, struct slice *text, struct err *err)
{
	struct buf b;

	if (r->encoding == ENC_UTF8)
		return RC_OK; /* nobody asks for it */
	buf_init(&b, WORK_BODY_MAX);
	record_print(r->record.root, &b);
	*text = arena_dup(r->w->mem, buf_look(&b));
	buf_clear(&b);
	return text->p == NULL ? err_set(err, RC_LATER, "no memory for a reply")
			       : RC_OK;
}

/*
 * One record, or several for as many interchanges of a file: the first tells
 * the envelope of them all.
 */
static enum rc
records_write(struct replying *r, struct err *err)
{
	const struct conf_partner *p = conf_partner(r->w->conf, r->o->partner);
	struct slice rest = r->o->input;
	enum rc rc = RC_OK;

	r->language = p == NULL ? LANGUAGE_BOTH : p->language;
	for (bool first = true; rc == RC_OK && (first || rest.len > 0);
	     first = false) {
		struct slice one = record_cut(&rest);

		rc = record_read(r, one, err);
		if (rc == RC_OK && first) {
			page_choose(r, p);
			rc = head_make(r, err);
		}
		/* before the page: what is not told cannot be lacking there */
		if (rc == RC_OK &&
		    work_language(r->language, work_places(r->w, r->plan),
			r->record.root))
			rc = record_again(r, &one, err);
		if (rc == RC_OK)
			rc = page_fit(r, one, err);
		if (rc == RC_OK)
			work_lift(work_places(r->w, r->plan),
			    formats_codes(pipeline_formats(r->w->pipeline)),
			    &r->record);
		if (rc == RC_OK)
			rc = messages_write(r, err);
	}
	return rc;
}

enum rc
work_reply(struct work *w, const struct work_order *o, struct buf *out,
    struct err *err)
{
	const char *format = arena_str(w->mem, o->format);
	struct replying r = { .w = w, .o = o, .at = &r.first };
	struct buf *whole = &w->claims;
	enum rc rc;

	r.plan = format == NULL ? NULL : pipeline_format(w->pipeline, format);
	if (r.plan == NULL)
		return err_set(err, RC_REFUSED, "no format '%.*s' to reply in",
		    SLICE_ARG(o->format));
	(void)clock_print(o->now, r.now);
	findings_init(&r.found, w->mem);
	rc = records_write(&r, err);
	if (rc == RC_REFUSED && r.found.first != NULL)
		(void)err_set(err, rc, "%s: %.*s", format,
		    SLICE_ARG(slice_sub(r.found.first->en, 0, 300)));
	buf_reset(whole);
	if (rc == RC_OK)
		rc = reply_wrap(&r, whole, err);
	if (rc == RC_OK)
		rc = page_encode(&r, whole, err);
	if (rc == RC_OK)
		body_claim(out, buf_look(whole), work_findings(w, &r.found));
	return rc;
}
