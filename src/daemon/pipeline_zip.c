/*
 * daemon/pipeline_zip.c - an arrival that is a package: each entry is read as
 * if it had come alone under its own name, one level deep; attachments stay
 * packed. Trusts nothing in it; the ceilings are the envelope's. Called by
 * pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/conf/conf.h"
#include "src/envelope/zip.h"

static bool
is_document(void *arg, struct slice name)
{
	return !conf_is_attachment(arg, name);
}

/* Those that were left packed into a list of their own. */
static struct zip_entry *
packed_take(struct zip_entry **all)
{
	struct zip_entry *packed = NULL, **end = &packed, *e;

	while ((e = *all) != NULL) {
		if (!e->left) {
			all = &e->next;
			continue;
		}
		*all = e->next;
		e->next = NULL;
		*end = e;
		end = &e->next;
	}
	return packed;
}

/* Places are told inside the entry; its bytes are nowhere in the arrival. */
enum rc
zip_pass(struct passage *x)
{
	const struct arrival *whole = x->a;
	struct slice none = { NULL, 0 };
	struct zip_entry *e = NULL, *packed = NULL;
	struct err why;
	enum rc rc = zip_read_some(whole->raw,
	    whole->attaches == NULL ? NULL : is_document,
	    (void *)(uintptr_t)whole->attaches, &e, x->mem, x->said, &why);

	if (rc == RC_LATER)
		return err_set(x->err, rc, "%s", why.text);
	if (rc == RC_OK)
		packed = packed_take(&e);
	if (rc != RC_OK || e == NULL) {
		if (x->said->n == 0)
			(void)finding_add(x->said, FIND_SYNTAX, none, none,
			    packed == NULL
				? SLICE_LIT("the archive holds no file")
				: SLICE_LIT("the archive holds attachments "
					    "and no message"),
			    SLICE_LIT("a message in it"));
		return filing_refused(x, 0, 0);
	}
	for (; e != NULL && rc == RC_OK; e = e->next) {
		struct arrival inner = *whole;

		inner.raw = e->body;
		inner.file_name = zip_name_last(e->name);
		inner.packed = packed;
		x->a = &inner;
		x->plan = NULL;
		x->transmission = NULL;
		rc = zip_probe(e->body)
			 ? format_unknown(x, SYN_ZIP,
			       SLICE_LIT("a package in a package"), 0, 0)
			 : bytes_pass(x);
	}
	x->a = whole;
	return rc;
}
