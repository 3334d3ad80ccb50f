/*
 * tests/fuzz/fuzz_conf.c - any text is a configuration whose names and numbers
 * are within their bounds, or is refused with a place for each mistake.
 */
#include <string.h>
#include "src/conf/conf.h"
#include "src/record/complaints.h"
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
	for (uint32_t i = 0; i < to.n; i++)
		MUST(to.item[i].line >= 1 && to.item[i].column >= 1 &&
		     to.item[i].at <= n && to.item[i].text[0] != '\0');
	PLANTED(to.errors == 24);
	if (rc == RC_OK) {
		fuzz_reached(0);
		MUST(conf->spool != NULL && conf->spool[0] == '/');
		for (unsigned int i = 0; i < conf->npartners; i++)
			partner_look(conf, &conf->partner[i]);
		conf_free(conf);
	}
	complaints_clear(&to);
	return 0;
}
