/*
 * cli/case.c - a case is read and written as the gateway would. Trusts the
 * mappings; nothing in the message. Called by map test and tests/golden.
 */
#include "src/cli/cases.h"
#include <stdio.h>

bool
case_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char part[8192];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	n = (size_t)ferror(f); /* a folder opens, and cannot be read */
	(void)fclose(f);
	return n == 0 && !buf_failed(b);
}

static enum rc
filing_keep(void *arg, const struct filing *f, struct err *err)
{
	struct one_case *c = arg;

	if (c->nfilings == CASE_FILINGS)
		return err_set(err, RC_REFUSED, "more than %d filings in it",
		    CASE_FILINGS);
	c->filing[c->nfilings++] = *f;
	return RC_OK;
}

bool
case_read(struct cases *cs, struct one_case *c, struct slice raw,
    struct slice file_name, struct err *err)
{
	const char *const accept[] = { c->format };
	struct arrival a = { .raw = raw,
		.file_name = file_name,
		.accept = accept,
		.naccept = c->format == NULL ? 0 : 1,
		.base_year = 2024,
		.unchecked = true };

	c->nfilings = 0;
	return pipeline_arrival(cs->pipeline, &a, cs->mem, NULL, filing_keep, c,
		   err) == RC_OK;
}

bool
case_message(struct cases *cs, const struct filing *f, const struct plan *plan,
    struct buf *body, struct trace *trace, bool bare, struct buf *said)
{
	struct record *records[1] = { f->record };
	struct write_in in = { .plan = plan,
		.record = records,
		.nrecords = 1,
		.now = SLICE_LIT(CASE_NOW),
		.indent = true };
	struct write_out out = { .body = body, .trace = trace };
	struct findings found;
	struct err err = { "" };
	enum rc rc;

	findings_init(&found, cs->mem);
	found.document = plan->document;
	rc = pipeline_write(&in, f->text, &out, cs->mem, &found, &err);
	if (rc == RC_OK && plan->syntax == SYN_EDIFACT && bare)
		buf_fmt(body, "UNT+%u+1'\n", (unsigned)out.segments + 1);
	if (rc == RC_OK || said == NULL)
		return rc == RC_OK;
	for (const struct finding *x = found.first; x != NULL; x = x->next)
		finding_print(x, "  written", said);
	buf_fmt(said, "  %s\n", err.text);
	return false;
}

const struct plan *
case_target(const struct cases *cs, const struct filing *f, const char *name)
{
	const struct formats *all = pipeline_formats(cs->pipeline);
	const struct plan *p;

	if (name != NULL)
		return pipeline_format(cs->pipeline, name);
	for (unsigned int i = 0; (p = format_nth(all, i)) != NULL; i++)
		if (p->derived && f->plan != NULL &&
		    p->document == f->plan->document)
			return p;
	return NULL;
}
