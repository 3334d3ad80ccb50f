/*
 * daemon/work_wrap.c - deliveries are wrapped: what this role wrote before goes
 * into one package or interchange. Called by work.c.
 */
#include "src/daemon/work_parts.h"
#include "src/base/clock.h"
#include "src/base/crc.h"
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

/* --- files that go along --- */

struct wrapping {
	struct work *w;
	struct wrap_body *first, **last; /* messages, files behind them */
	struct wrap_body *file;          /* the first file */
	unsigned int n, files;
	struct err *err;
};

static bool
is_named(struct slice list, struct slice name)
{
	while (list.len > 0)
		if (slice_eq(slice_cut(&list, '\n'), name))
			return true;
	return false;
}

static bool
name_listed(void *arg, struct slice name)
{
	return is_named(*(const struct slice *)arg, zip_name_last(name));
}

static struct wrap_body *
body_new(struct wrapping *x, struct slice name)
{
	struct wrap_body *b = arena_get(x->w->mem, sizeof(*b));

	if (b == NULL || x->n >= PARTS_MAX)
		return NULL;
	b->name = name;
	*x->last = b;
	x->last = &b->next;
	x->n++;
	return b;
}

static struct wrap_body *
file_new(struct wrapping *x, struct slice name, uint64_t len, uint32_t crc)
{
	struct wrap_body *b = body_new(x, name);

	if (b == NULL) {
		(void)err_set(x->err, RC_LATER, "no memory to wrap");
		return NULL;
	}
	b->absent = true;
	b->len = len;
	b->crc = crc;
	x->file = x->file == NULL ? b : x->file;
	x->files++;
	return b;
}

/*
 * Out of the package that a document came in: each once, in the order of the
 * list, whatever else the package holds.
 */
static enum rc
files_take(struct wrapping *x, const struct wrap_part *part)
{
	struct slice list = part->name;
	struct zip_entry *all = NULL;
	struct findings said;
	enum rc rc;

	findings_init(&said, x->w->mem);
	rc = zip_read_some(
	    part->body, name_listed, &list, &all, x->w->mem, &said, x->err);
	while (rc == RC_OK && list.len > 0) {
		struct slice name = slice_cut(&list, '\n');
		const struct zip_entry *e = all;
		struct wrap_body *b;

		while (e != NULL &&
		       (e->left || !slice_eq(zip_name_last(e->name), name)))
			e = e->next;
		if (e == NULL)
			return err_set(x->err, RC_REFUSED,
			    "the file '%.*s' is not in its package",
			    SLICE_ARG(name));
		b = file_new(
		    x, name, e->body.len, crc_add(0, e->body.p, e->body.len));
		if (b == NULL)
			return RC_LATER;
		b->body = e->body;
		b->fresh = true;
	}
	return rc;
}

static enum rc
part_take(struct wrapping *x, const struct wrap_part *part)
{
	struct wrap_body *b;

	if (part->kind == WRAP_FILES)
		return files_take(x, part);
	if (part->kind == WRAP_FILE)
		return file_new(x, part->name, part->len, part->crc) == NULL
			   ? RC_LATER
			   : RC_OK;
	if (x->files > 0)
		return err_set(x->err, RC_BROKEN, "a message behind a file");
	b = body_new(x, part->name);
	if (b == NULL)
		return err_set(x->err, RC_REFUSED,
		    "a delivery of over %u parts", PARTS_MAX);
	b->body = part->body;
	b->segments = part->segments;
	return RC_OK;
}

static enum rc
parts_read(struct wrapping *x, struct slice rest)
{
	enum rc rc = RC_OK;

	x->last = &x->first;
	while (rest.len > 0 && rc == RC_OK) {
		struct wrap_part part;

		rc = wrap_next(&rest, &part, x->err);
		if (rc == RC_OK)
			rc = part_take(x, &part);
	}
	if (rc == RC_OK && x->n == x->files)
		return err_set(x->err, RC_REFUSED, "a delivery without parts");
	return rc;
}

/* Those that were unpacked just now with their bytes. */
static void
files_claim(const struct wrapping *x, struct buf *out)
{
	for (const struct wrap_body *b = x->file; b != NULL; b = b->next) {
		struct claim c = { .kind = CLAIM_FILE };

		c.u.file.name = b->name;
		c.u.file.at = b->at;
		c.u.file.fresh = b->fresh;
		c.u.file.body = b->body;
		claim_put(out, &c);
	}
}

/* Beside its message a file is no part of it. */
static struct wrap_body *
messages_alone(struct wrapping *x)
{
	struct wrap_body **at = &x->first;

	while (*at != NULL && *at != x->file)
		at = &(*at)->next;
	*at = NULL;
	x->n -= x->files;
	return x->first;
}

/* A package by its name, an interchange by its format, else the bare body. */
enum rc
work_wrap(struct work *w, const struct work_order *o, struct buf *out,
    struct err *err)
{
	const char *format = arena_str(w->mem, o->format);
	const char *receiver = arena_str(w->mem, o->partner);
	bool zip = ends_in(o->name, ".zip");
	const struct plan *plan;
	struct wrapping x = { .w = w, .err = err };
	struct wrap_head head;
	enum rc rc = parts_read(&x, o->input);

	if (rc != RC_OK)
		return rc;
	if (format == NULL || receiver == NULL)
		return err_set(err, RC_LATER, "no memory to wrap");
	plan = pipeline_format(w->pipeline, format);
	wrap_head_fill(&head, w, o, receiver);
	buf_reset(&w->body);
	if (!zip)
		x.first = messages_alone(&x);
	if (zip)
		rc = wrap_zip(x.first, &head, w->mem, &w->body, err);
	else if (plan != NULL && plan->syntax == SYN_EDIFACT)
		rc = wrap_interchange(x.first, &head, &w->body, err);
	else if (x.n == 1)
		buf_slice(&w->body, x.first->body);
	else
		rc = err_set(err, RC_REFUSED,
		    "%u messages of '%s' have no envelope to share", x.n,
		    format);
	if (rc == RC_OK && buf_failed(&w->body))
		rc = err_set(
		    err, RC_REFUSED, "a delivery over %u bytes", WORK_BODY_MAX);
	if (rc == RC_OK) {
		body_claim(out, buf_look(&w->body), SLICE_LIT(""));
		files_claim(&x, out);
	}
	return rc;
}
