/*
 * daemon/pipeline_zip.c - an arrival that is a package: each entry is read as
 * if it had come alone under its own name, one level deep. Trusts nothing in
 * it; the ceilings are the envelope's. Called by pipeline.c.
 */
#include "src/daemon/pipeline_parts.h"
#include "src/envelope/zip.h"

static struct slice
name_last(struct slice name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.p[i - 1] == '/')
			return slice_sub(name, i, name.len);
	return name;
}

/* Places are told inside the entry; its bytes are nowhere in the arrival. */
enum rc
zip_pass(struct passage *x)
{
	const struct arrival *whole = x->a;
	struct zip_entry *e = NULL;
	struct err why;
	enum rc rc = zip_read(whole->raw, &e, x->mem, x->said, &why);

	if (rc == RC_LATER)
		return err_set(x->err, rc, "%s", why.text);
	if (rc != RC_OK || e == NULL) {
		if (x->said->n == 0)
			(void)finding_add(x->said, FIND_EMPTY,
			    (struct slice){ NULL, 0 },
			    (struct slice){ NULL, 0 },
			    (struct slice){ NULL, 0 },
			    (struct slice){ NULL, 0 });
		return filing_refused(x, 0, 0);
	}
	for (; e != NULL && rc == RC_OK; e = e->next) {
		struct arrival inner = *whole;

		inner.raw = e->body;
		inner.file_name = name_last(e->name);
		x->a = &inner;
		x->plan = NULL;
		x->transmission = NULL;
		rc = zip_probe(e->body)
			 ? format_unknown(
			       x, SLICE_LIT("a package in a package"), 0, 0)
			 : bytes_pass(x);
	}
	x->a = whole;
	return rc;
}
