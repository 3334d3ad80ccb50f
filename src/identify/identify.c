/*
 * identify/identify.c - looks at the first bytes and hands on: an archive, XML,
 * EDIFACT, a table. Trusts nothing. Called by the convert pipeline.
 */
#include "src/identify/identify.h"
#include <stdio.h>
#include "src/envelope/zip.h"
#include "src/identify/parts.h"
#include "src/syntax/edifact.h"
#include "src/syntax/xml.h"

#define LAYERS_MAX 4u

enum rc
document_start(struct layer *l, struct document *d)
{
	if (l->doc != l->mem)
		arena_rewind(l->doc);
	*d = (struct document){
		.raw = l->raw,
		.file_name = l->file_name,
		.layer = l->depth,
		.envelope = l->envelope,
		.findings = arena_get(l->doc, sizeof(*d->findings)),
	};
	if (d->findings == NULL)
		return err_set(l->err, RC_LATER, "no memory for a document");
	findings_init(d->findings, l->doc);
	return RC_OK;
}

enum rc
document_give(struct layer *l, const struct document *d)
{
	if (arena_failed(l->doc) || arena_failed(l->mem))
		return err_set(l->err, RC_LATER, "no memory for a document");
	return l->fn(l->arg, d, l->err);
}

/* One document that says why there is none. */
static enum rc
layer_refuse(struct layer *l, enum finding_kind kind, const char *found,
    const char *wanted)
{
	struct slice none = { NULL, 0 };
	struct document d;
	enum rc rc = document_start(l, &d);

	if (rc != RC_OK)
		return rc;
	(void)finding_add(
	    d.findings, kind, none, none, slice_of(found), slice_of(wanted));
	return document_give(l, &d);
}

static bool
encoding_listed(const enum encoding *list, unsigned int n, enum encoding e)
{
	for (unsigned int i = 0; i < n; i++)
		if (list[i] == e)
			return true;
	return false;
}

static void
encodings_add(const struct plan *p, enum encoding *list, unsigned int *n)
{
	for (uint8_t i = 0; i < p->nencodings; i++)
		if (!encoding_listed(list, *n, p->encoding[i]))
			list[(*n)++] = p->encoding[i];
	if (p->nencodings == 0 && !encoding_listed(list, *n, ENC_UTF8))
		list[(*n)++] = ENC_UTF8;
}

/*
 * What an XML declaration says goes first if a format allows it at all; a
 * syntax identifier of EDIFACT is worth less and only gives a hint.
 */
static unsigned int
encodings_of(const struct layer *l, enum syntax_kind syntax, struct slice label,
    const struct plan *only, enum encoding list[ENC_KINDS])
{
	int said = syntax == SYN_XML ? encoding_find(label) : -1;
	unsigned int n = 0;

	for (unsigned int i = 0; i < l->in->nall; i++) {
		const struct plan *p = l->in->all[i];

		if (p->syntax == syntax && !plan_is_envelope(p) &&
		    plan_accepted(l->in, p) && (only == NULL || p == only))
			encodings_add(p, list, &n);
	}
	if (n == 0)
		list[n++] = ENC_UTF8;
	for (unsigned int i = 1; said >= 0 && i < n; i++)
		if (list[i] == (enum encoding)said) {
			list[i] = list[0];
			list[0] = (enum encoding)said;
		}
	return n;
}

enum rc
layer_decode(struct layer *l, enum syntax_kind syntax, struct slice label,
    const struct plan *only, struct document *d)
{
	enum encoding list[ENC_KINDS];
	unsigned int n = encodings_of(l, syntax, label, only, list);
	struct err why;
	enum rc rc;

	l->text = arena_get(l->mem, sizeof(*l->text));
	if (l->text == NULL)
		return err_set(l->err, RC_LATER, "no memory for a text");
	rc = text_decode(
	    l->text, l->raw, list, n, label, l->mem, d->findings, &why);
	if (rc == RC_OK) {
		d->text = l->text;
		d->span = (uint32_t)l->text->utf8.len;
		return RC_OK;
	}
	if (rc != RC_REFUSED) {
		*l->err = why;
		return rc;
	}
	rc = document_give(l, d);
	return rc == RC_OK ? RC_REFUSED : rc;
}

/* --- archives --- */

static const struct plan *
archive_plan(const struct identify_in *in)
{
	for (unsigned int i = 0; i < in->nall; i++)
		if (in->all[i]->syntax == SYN_ZIP)
			return in->all[i];
	return NULL;
}

/* The entry's name for people and file patterns; GBK where it is no UTF-8. */
static struct slice
name_decode(struct layer *l, struct slice raw)
{
	static const enum encoding list[] = { ENC_UTF8, ENC_GB18030,
		ENC_LATIN1 };
	struct slice none = { NULL, 0 };
	struct text t;
	struct err why;
	const char *slash;

	if (text_decode(&t, raw, list, 3, none, l->mem, NULL, &why) != RC_OK)
		return none;
	slash = memrchr(t.utf8.p, '/', t.utf8.len);
	return slash == NULL ? t.utf8
			     : slice_sub(t.utf8, (size_t)(slash - t.utf8.p) + 1,
				   t.utf8.len);
}

static enum rc layer_identify(struct layer *);

static enum rc
entries_identify(struct layer *l, const struct zip_entry *e)
{
	enum rc rc = RC_OK;

	if (e == NULL)
		return layer_refuse(
		    l, FIND_NO_FORMAT, "an empty archive", "a message in it");
	for (; e != NULL && rc == RC_OK; e = e->next) {
		struct layer inner = *l;

		inner.raw = e->body;
		inner.file_name = name_decode(l, e->name);
		inner.depth++;
		inner.envelope = archive_plan(l->in);
		rc = layer_identify(&inner);
	}
	return rc;
}

static enum rc
identify_zip(struct layer *l)
{
	struct zip_entry *first = NULL;
	struct document d;
	enum rc rc;

	if (l->depth > 0 || l->depth + 1 >= LAYERS_MAX)
		return layer_refuse(
		    l, FIND_FORBIDDEN, "an archive inside an archive", "");
	if (archive_plan(l->in) == NULL)
		return layer_refuse(l, FIND_NO_FORMAT, "a zip archive",
		    "a format that travels in one");
	rc = document_start(l, &d);
	if (rc == RC_OK)
		rc = zip_read(l->raw, &first, l->mem, d.findings, l->err);
	if (rc == RC_REFUSED)
		return document_give(l, &d);
	return rc == RC_OK ? entries_identify(l, first) : rc;
}

/* --- one layer --- */

/* UTF-16 is told by its mark: text is looked at after decoding alone. */
static enum rc
layer_identify(struct layer *l)
{
	if (slice_trim(l->raw).len == 0)
		return layer_refuse(l, FIND_EMPTY, "", "");
	if (zip_probe(l->raw))
		return identify_zip(l);
	if (xml_probe(l->raw))
		return identify_xml(l);
	if (edifact_probe(slice_starts(l->raw, "\xef\xbb\xbf")
			      ? slice_sub(l->raw, 3, 64)
			      : slice_sub(l->raw, 0, 64)))
		return identify_edifact(l);
	return identify_csv(l);
}

enum rc
identify_arrival(const struct identify_in *in, struct arena *mem,
    struct arena *doc, document_fn *fn, void *arg, struct err *err)
{
	struct layer l = { .in = in,
		.mem = mem,
		.doc = doc,
		.fn = fn,
		.arg = arg,
		.err = err,
		.raw = in->raw,
		.file_name = in->file_name };

	return layer_identify(&l);
}
