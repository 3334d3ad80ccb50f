/*
 * daemon/work_write.c - deliveries are wrapped, replies are written. What goes
 * in was made by this role before, or by the spool from rows; texts in it are
 * still anybody's. Called by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/clock.h"
#include "src/wrap/wrap.h"
#include <stdio.h>

#define PARTS_MAX 100000

static bool
ends_in(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len > n && memcmp(s.p + s.len - n, end, n) == 0;
}

static void
head_fill(struct wrap_head *h, const struct work_order *o, const char *receiver)
{
	char now[CLOCK_TEXT];

	*h = (struct wrap_head){ .sender = "ENTREPOT",
		.receiver = receiver,
		.number = o->number,
		.year = 1980,
		.month = 1,
		.day = 1 };
	(void)sscanf(clock_print(o->now, now), "%d-%d-%dT%d:%d:%d", &h->year,
	    &h->month, &h->day, &h->hour, &h->minute, &h->second);
}

static void
body_claim(struct buf *out, struct slice body, struct slice findings)
{
	struct claim c = { .kind = CLAIM_BODY };

	c.u.body.body = body;
	c.u.body.findings = findings;
	claim_put(out, &c);
}

static enum rc
parts_read(struct work *w, struct slice rest, struct wrap_body **first,
    unsigned int *n, struct err *err)
{
	struct wrap_body **at = first;

	for (*n = 0; rest.len > 0; ++*n) {
		struct wrap_part part;
		struct wrap_body *b = arena_get(w->mem, sizeof(*b));
		enum rc rc = wrap_next(&rest, &part, err);

		if (rc != RC_OK)
			return rc;
		if (b == NULL || *n == PARTS_MAX)
			return err_set(err, RC_REFUSED,
			    "a delivery of over %u parts", PARTS_MAX);
		*b = (struct wrap_body){ .name = part.name,
			.body = part.body,
			.segments = part.segments };
		*at = b;
		at = &b->next;
	}
	return *n > 0 ? RC_OK
		      : err_set(err, RC_REFUSED, "a delivery without parts");
}

/* A package by its name, an interchange by its format, else the bare body. */
enum rc
work_wrap(struct work *w, const struct work_order *o, struct buf *out,
    struct err *err)
{
	const char *format = arena_str(w->mem, o->format);
	const char *receiver = arena_str(w->mem, o->partner);
	const struct plan *plan;
	struct wrap_body *first = NULL;
	struct wrap_head head;
	unsigned int n;
	enum rc rc = parts_read(w, o->input, &first, &n, err);

	if (rc != RC_OK)
		return rc;
	if (format == NULL || receiver == NULL)
		return err_set(err, RC_LATER, "no memory to wrap");
	plan = pipeline_format(w->pipeline, format);
	head_fill(&head, o, receiver);
	buf_reset(&w->body);
	if (ends_in(o->name, ".zip"))
		rc = wrap_zip(first, &head, w->mem, &w->body, err);
	else if (plan != NULL && plan->syntax == SYN_EDIFACT)
		rc = wrap_interchange(first, &head, &w->body, err);
	else if (n == 1)
		buf_slice(&w->body, first->body);
	else
		rc = err_set(err, RC_REFUSED,
		    "%u messages of '%s' have no envelope to share", n, format);
	if (rc == RC_OK && buf_failed(&w->body))
		rc = err_set(
		    err, RC_REFUSED, "a delivery over %u bytes", WORK_BODY_MAX);
	if (rc == RC_OK)
		body_claim(out, buf_look(&w->body), SLICE_LIT(""));
	return rc;
}

/* --- replies --- */

struct replying {
	struct work *w;
	const struct work_order *o;
	const struct plan *plan;
	struct record record;
	struct findings found;
	struct wrap_body *first, **at;
	char now[CLOCK_TEXT];
};

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
		return message_write(r, err);
	list = &r->record.root->slot[each->step[0]->slot];
	all = list->node;
	for (struct node *n = all; n != NULL && rc == RC_OK; n = n->next) {
		struct node *next = n->next;

		list->node = n;
		n->next = NULL;
		rc = message_write(r, err);
		n->next = next;
	}
	list->node = all;
	return rc;
}

static enum rc
reply_wrap(struct replying *r, struct buf *whole, struct err *err)
{
	struct wrap_head head;
	char *receiver = arena_str(r->w->mem, r->o->partner);

	if (r->first == NULL || receiver == NULL)
		return err_set(err, RC_REFUSED, "a reply that says nothing");
	head_fill(&head, r->o, receiver);
	if (r->plan->syntax == SYN_EDIFACT)
		return wrap_interchange(r->first, &head, whole, err);
	for (const struct wrap_body *b = r->first; b != NULL; b = b->next)
		buf_slice(whole, b->body);
	return RC_OK;
}

/* In the partner's own code page; what it lacks is written as [U+XXXX]. */
static enum rc
reply_encode(struct replying *r, struct buf *whole, struct err *err)
{
	const struct conf_partner *p = conf_partner(r->w->conf, r->o->partner);
	uint32_t lost = 0;
	char text[32];
	enum rc rc;

	if (p == NULL || p->reply_encoding < 0 || p->reply_encoding == ENC_UTF8)
		return RC_OK;
	buf_reset(&r->w->text);
	rc = text_encode(buf_look(whole), (enum encoding)p->reply_encoding,
	    &r->w->text, &lost, err);
	if (rc != RC_OK)
		return rc;
	buf_reset(whole);
	buf_slice(whole, buf_look(&r->w->text));
	(void)snprintf(text, sizeof(text), "%u characters", lost);
	if (lost > 0)
		(void)finding_add(&r->found, FIND_LOST, SLICE_LIT(""),
		    SLICE_LIT(""), slice_of(text),
		    slice_of(encoding_name((enum encoding)p->reply_encoding)));
	return RC_OK;
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
	r.record.mem = w->mem;
	r.record.dir = formats_directory(pipeline_formats(w->pipeline));
	r.record.root = node_new(w->mem, r.plan->document, NULL);
	if (r.record.root == NULL)
		return err_set(err, RC_LATER, "no memory for a reply");
	rc = record_parse(&r.record, r.record.root, o->input, err);
	if (rc == RC_OK)
		rc = messages_write(&r, err);
	if (rc == RC_REFUSED && r.found.first != NULL)
		(void)err_set(err, rc, "%s: %.*s", format,
		    SLICE_ARG(slice_sub(r.found.first->en, 0, 300)));
	buf_reset(whole);
	if (rc == RC_OK)
		rc = reply_wrap(&r, whole, err);
	if (rc == RC_OK)
		rc = reply_encode(&r, whole, err);
	if (rc == RC_OK)
		body_claim(out, buf_look(whole), work_findings(w, &r.found));
	return rc;
}
