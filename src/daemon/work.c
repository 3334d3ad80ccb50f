/*
 * daemon/work.c - one order of the convert role, by its kind. Called by
 * role_convert.c and its children.
 */
#include "src/daemon/work_parts.h"
#include <stdlib.h>

enum rc
work_new(struct work **out, const struct mappings *m, const struct conf *conf,
    struct err *err)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return err_set(err, RC_LATER, "no memory to convert");
	w->mappings = m;
	w->conf = conf;
	w->mem = arena_new(WORK_MEMORY);
	w->filing = arena_new(WORK_MEMORY);
	w->out = arena_new(WORK_MEMORY);
	w->hash = hash_new();
	buf_init(&w->claims, WORK_CLAIMS_MAX);
	buf_init(&w->legs, WORK_CLAIMS_MAX);
	buf_init(&w->body, WORK_BODY_MAX);
	buf_init(&w->text, WORK_BODY_MAX);
	buf_init(&w->findings, CLAIM_TEXT_MAX);
	buf_init(&w->control, 2 * CLAIM_TEXT_MAX);
	buf_init(&w->names.text, WORK_BODY_MAX);
	if (w->mem == NULL || w->filing == NULL || w->out == NULL ||
	    w->hash == NULL) {
		work_free(w);
		return err_set(err, RC_LATER, "no memory to convert");
	}
	*out = w;
	return RC_OK;
}

void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	arena_free(w->mem);
	arena_free(w->filing);
	arena_free(w->out);
	hash_free(w->hash);
	buf_clear(&w->claims);
	buf_clear(&w->legs);
	buf_clear(&w->body);
	buf_clear(&w->text);
	buf_clear(&w->findings);
	buf_clear(&w->control);
	buf_clear(&w->names.text);
	free(w->names.known);
	free(w);
}

struct slice
work_findings(struct work *w, const struct findings *found)
{
	buf_reset(&w->findings);
	for (const struct finding *f = found->first; f != NULL; f = f->next) {
		size_t before = w->findings.len;

		finding_json(f, &w->findings);
		buf_byte(&w->findings, '\n');
		if (buf_failed(&w->findings)) { /* the counts tell the rest */
			w->findings.failed = false;
			buf_cut(&w->findings, before);
			break;
		}
	}
	return buf_look(&w->findings);
}

enum rc
work_run(struct work *w, const struct work_order *o, struct buf *out,
    volatile uint32_t *at, struct err *err)
{
	enum rc rc;

	arena_rewind(w->mem);
	arena_rewind(w->filing);
	arena_rewind(w->out);
	*at = 0;
	w->pipeline = mappings_pipeline(w->mappings, o->mapping);
	if (w->pipeline == NULL)
		return err_set(err, RC_LATER,
		    "the mappings %.*s are not loaded here",
		    SLICE_ARG(o->mapping));
	if (o->kind == ORDER_READ)
		rc = work_read(w, o, out, at, err);
	else if (o->kind == ORDER_REPLAN)
		rc = work_replan(w, o, out, err);
	else if (o->kind == ORDER_WRAP)
		rc = work_wrap(w, o, out, err);
	else
		rc = work_reply(w, o, out, err);
	if (rc == RC_OK && buf_failed(out))
		return err_set(err, RC_REFUSED,
		    "the claims are over %u bytes, or a field of them is",
		    WORK_CLAIMS_MAX);
	return rc;
}
