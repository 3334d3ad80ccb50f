/*
 * daemon/work_wrap.c - deliveries are wrapped: what this role wrote before goes
 * into one package or interchange. Called by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/clock.h"
#include "src/envelope/zip.h"
#include <stdio.h>

#define PARTS_MAX 100000

static bool
ends_in(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len > n && memcmp(s.p + s.len - n, end, n) == 0;
}

void
wrap_head_fill(struct wrap_head *h, const struct work *w,
    const struct work_order *o, const char *receiver)
{
	const struct conf_partner *p = conf_partner(w->conf, o->partner);
	struct conf_address ours = conf_ours(w->conf, p);
	bool known = p != NULL && p->theirs.id != NULL;
	char now[CLOCK_TEXT];

	*h = (struct wrap_head){ .sender =
				     ours.id == NULL ? "ENTREPOT" : ours.id,
		.receiver = known ? p->theirs.id : receiver,
		.sender_qual = ours.id == NULL ? "" : ours.qualifier,
		.receiver_qual = known ? p->theirs.qualifier : "",
		.encoding = ENC_UTF8,
		.number = o->number,
		.test = o->test,
		.year = 1980,
		.month = 1,
		.day = 1 };
	(void)sscanf(clock_print(o->now, now), "%d-%d-%dT%d:%d:%d", &h->year,
	    &h->month, &h->day, &h->hour, &h->minute, &h->second);
}

void
body_claim(struct buf *out, struct slice body, struct slice findings)
{
	struct claim c = { .kind = CLAIM_BODY };

	c.u.body.body = body;
	c.u.body.findings = findings;
	claim_put(out, &c);
}

static bool
name_listed(void *arg, struct slice name)
{
	struct slice list = *(const struct slice *)arg;

	while (list.len > 0)
		if (slice_eq(slice_cut(&list, '\n'), zip_name_last(name)))
			return true;
	return false;
}

/* Out of the package that a document came in, beside its message. */
static enum rc
files_take(struct work *w, const struct wrap_part *part, struct wrap_body ***at,
    unsigned int *n, struct err *err)
{
	struct slice list = part->name;
	struct zip_entry *e = NULL;
	struct findings said;
	enum rc rc;

	findings_init(&said, w->mem);
	rc = zip_read_some(
	    part->body, name_listed, &list, &e, w->mem, &said, err);
	for (; rc == RC_OK && e != NULL; e = e->next) {
		struct wrap_body *b;

		if (e->left)
			continue;
		b = arena_get(w->mem, sizeof(*b));
		if (b == NULL)
			return err_set(err, RC_LATER, "no memory to wrap");
		b->name = zip_name_last(e->name);
		b->body = e->body;
		**at = b;
		*at = &b->next;
		++*n;
	}
	return rc;
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

		if (rc == RC_OK && part.kind == WRAP_FILES) {
			rc = files_take(w, &part, &at, n, err);
			if (rc == RC_OK) {
				--*n;
				continue;
			}
		}
		if (rc != RC_OK)
			return rc;
		if (b == NULL || *n >= PARTS_MAX)
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
	wrap_head_fill(&head, w, o, receiver);
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
