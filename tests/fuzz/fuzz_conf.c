/*
 * tests/fuzz/fuzz_conf.c - any text is a configuration whose names and numbers
 * are within their bounds, or is refused with a place for each mistake.
 */
#include <string.h>
#include "src/conf/conf.h"
#include "tests/fuzz/fuzz.h"

static bool
name_good(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n >= 1 && n <= 32 && s[n] == '\0';
}

static void
partner_look(const struct conf *c, const struct conf_partner *p)
{
	MUST(name_good(p->name));
	MUST(p->filer || p->agency || p->subscriber || p->peer);
	MUST(p->folder == NULL || p->folder[0] == '/');
	MUST(p->naccept <= CONF_NAMES && p->nsubmit <= CONF_NAMES);
	MUST(conf_partner(c, slice_of(p->name)) == p);
	MUST(p->forward == NULL || p->folder != NULL);
	MUST(strcmp(p->in, p->out) != 0 && p->limit > 0);
	MUST(p->retry_every_ms > 0 && p->retry_every_ms <= p->retry_upto_ms);
	for (unsigned int i = 0; i < p->nsubmit; i++)
		MUST(p->submit[i].batch >= 1 && p->submit[i].window <= 100000);
}

#define DAY_MS INT64_C(86400000)

/* Open time goes on, from any moment of a week and of its last date. */
static void
hours_look(const struct hours *h)
{
	int64_t last = h->ndates == 0 ? 20000 : h->dates[h->ndates - 1].last;

	for (int64_t at = (last - 3) * DAY_MS; at < (last + 4) * DAY_MS;
	     at += DAY_MS / 4 + 60000) {
		int64_t open = hours_open_at(h, at);

		MUST(open >= at && hours_after(h, at, 3600000) > at);
		MUST(open == HOURS_NEVER || hours_open_at(h, open) == open);
	}
}

static void
conf_look(const struct conf *c)
{
	MUST(c->spool != NULL && c->spool[0] == '/');
	MUST(c->nmappings >= 1 && c->nmappings <= CONF_BUNDLES);
	MUST(c->node < 512 && c->keep_days >= 1 && c->reserve >= 1);
	for (unsigned int i = 0; i < c->nallow; i++)
		MUST((c->allow[i].rights & RIGHT_VIEW) != 0);
	for (unsigned int i = 0; i < c->npartners; i++)
		partner_look(c, &c->partner[i]);
	for (unsigned int i = 0; i < c->nhours; i++)
		hours_look(&c->hours[i]);
}

const unsigned int fuzz_kinds = 1;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice text = { (const char *)p, n };
	struct conf *conf = NULL;
	struct complaints to;
	struct err err = { "" };
	enum rc rc;

	complaints_init(&to);
	rc = conf_parse(&conf, "fuzz.conf", text, &to, &err);
	MUST(rc == RC_OK || (rc == RC_REFUSED && to.errors > 0));
	fuzz_complaints(&to, n);
	PLANTED(to.errors == 22);
	if (rc == RC_OK) {
		fuzz_reached(0);
		conf_look(conf);
		conf_free(conf);
	}
	complaints_clear(&to);
	return 0;
}
