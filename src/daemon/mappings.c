/*
 * daemon/mappings.c - every bundle that the configuration names, loaded in the
 * order of their dates. Trusts the configuration's paths. Called by the convert
 * role before it gives up its files, and by entrepot check.
 */
#include "src/daemon/mappings.h"
#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/daemon/conf_check.h"
#include "src/format/bundle.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(CONF_BUNDLES == BUNDLES_MAX, "as many as may be told");

/* In its place among those that are there; false: err tells. */
static enum rc
bundle_enter(struct mappings *m, const char *folder, struct pipeline *p,
    int64_t from_ms, struct err *err)
{
	const char *version = formats_version(pipeline_formats(p));
	unsigned int n = m->list.n, at;

	for (unsigned int i = 0; i < n; i++)
		if (strcmp(m->list.one[i].version, version) == 0)
			return err_set(err, RC_REFUSED,
			    "the mappings in '%s' and '%s' are the same",
			    m->folder[i], folder);
	for (unsigned int i = 0; i < n; i++)
		if (m->list.one[i].from_ms == from_ms)
			return err_set(err, RC_REFUSED,
			    "the mappings in '%s' and '%s' are valid from the "
			    "same time on, want another 'valid from' in the "
			    "file 'bundle' of one of them",
			    m->folder[i], folder);
	if (!bundles_add(&m->list, slice_of(version), from_ms))
		return err_set(
		    err, RC_REFUSED, "more than %d bundles", BUNDLES_MAX);
	at = bundles_find(&m->list, slice_of(version));
	memmove(&m->pipeline[at + 1], &m->pipeline[at],
	    (n - at) * sizeof(m->pipeline[0]));
	memmove(&m->folder[at + 1], &m->folder[at],
	    (n - at) * sizeof(m->folder[0]));
	m->pipeline[at] = p;
	m->folder[at] = folder;
	return RC_OK;
}

static enum rc
bundle_load(struct mappings *m, const char *folder, struct complaints *to,
    struct err *err)
{
	struct pipeline *p = NULL;
	struct err date = { "" };
	int64_t from = 0;
	enum rc dated = bundle_from(folder, &from, to, &date);
	enum rc rc = pipeline_open(&p, folder, to, err);

	if (rc == RC_OK && dated != RC_OK) {
		*err = date;
		rc = dated;
	}
	if (rc == RC_OK)
		rc = bundle_enter(m, folder, p, from, err);
	if (rc != RC_OK)
		pipeline_free(p);
	return rc;
}

/* All mistakes of all bundles in one run; the first sentence stays. */
static enum rc
bundles_load(struct mappings *m, const struct conf *conf, struct complaints *to,
    struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < conf->nmappings; i++) {
		struct err why = { "" };
		enum rc one = bundle_load(m, conf->mappings[i], to, &why);

		if (one != RC_OK && rc == RC_OK) {
			rc = one;
			*err = why;
		}
	}
	return rc;
}

enum rc
mappings_open(struct mappings **out, const struct conf *conf, int64_t now_ms,
    struct complaints *to, struct err *err)
{
	struct mappings *m = calloc(1, sizeof(*m));
	char day[CLOCK_TEXT];
	enum rc rc;

	if (m == NULL)
		return err_set(err, RC_LATER, "no memory for the mappings");
	rc = bundles_load(m, conf, to, err);
	if (rc == RC_OK && m->list.n > 0 && m->list.one[0].from_ms > now_ms)
		rc = err_set(err, RC_REFUSED,
		    "no mappings are valid before %s, those in '%s'",
		    clock_print(m->list.one[0].from_ms, day), m->folder[0]);
	if (rc != RC_OK) {
		mappings_free(m);
		return rc;
	}
	bundles_print(&m->list, m->text);
	*out = m;
	return RC_OK;
}

bool
mappings_needed(const struct conf *conf)
{
	for (unsigned int i = 0; i < conf->npartners; i++)
		if (conf->partner[i].naccept > 0 ||
		    conf->partner[i].nsubmit > 0 ||
		    conf->partner[i].reply_format != NULL)
			return true;
	return false;
}

/* In each bundle: one day each will hold. */
static enum rc
formats_named(const struct mappings *m, const struct conf *conf,
    struct complaints *to, struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned int i = 0; i < m->list.n; i++)
		if (conf_check_formats(conf, pipeline_formats(m->pipeline[i]),
			m->folder[i], to) != RC_OK)
			rc = err_set(err, RC_REFUSED,
			    "the configuration and the formats in '%s' do not "
			    "agree",
			    m->folder[i]);
	return rc;
}

enum rc
mappings_hold(struct mappings **out, const struct conf *conf, int64_t now_ms,
    bool named, struct err *err)
{
	struct mappings *m = NULL;
	struct complaints to;
	enum rc rc;

	complaints_init(&to);
	rc = mappings_open(&m, conf, now_ms, &to, err);
	if (rc == RC_OK && named)
		rc = formats_named(m, conf, &to, err);
	for (uint32_t i = 0; i < to.n; i++)
		if (!to.item[i].warning)
			log_event(LOG_ERROR, "mappings.wrong",
			    "file=%s line=%u column=%u why=\"%s\"",
			    to.item[i].file, to.item[i].line, to.item[i].column,
			    to.item[i].text);
	complaints_clear(&to);
	if (rc == RC_OK)
		*out = m;
	else
		mappings_free(m);
	return rc;
}

void
mappings_free(struct mappings *m)
{
	if (m == NULL)
		return;
	for (unsigned int i = 0; i < m->list.n; i++)
		pipeline_free(m->pipeline[i]);
	free(m);
}

const struct pipeline *
mappings_pipeline(const struct mappings *m, struct slice version)
{
	unsigned int at =
	    version.len == 0 ? 0 : bundles_find(&m->list, version);

	return at < m->list.n ? m->pipeline[at] : NULL;
}
