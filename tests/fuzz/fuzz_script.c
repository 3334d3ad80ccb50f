/*
 * tests/fuzz/fuzz_script.c - any text as a script of the simulated agency, as a
 * document that it scans, and as a package that it opens: read, or refused with
 * a place.
 */
#include <string.h>
#include "src/cli/simulate.h"
#include "tests/fuzz/fuzz.h"

static void
entry_take(void *arg, struct slice name, struct slice body)
{
	size_t *sum = arg;

	*sum += name.len + body.len;
}

static void
script_look(const struct sim_script *script)
{
	MUST(script->first != NULL);
	for (const struct sim_rule *r = script->first; r != NULL; r = r->next) {
		unsigned int n = 0;

		MUST(r->from <= r->to && (r->seq.len == 0 || r->from == 0));
		for (const struct sim_step *s = r->step; s != NULL;
		     s = s->next, n++) {
			MUST(s->times >= 1 && s->times <= 100);
			MUST(s->after_ms >= 0 && strlen(s->code) < SIM_CODE);
			MUST(s->when == NULL || s->when[0] != '\0');
		}
		MUST(n == r->nsteps);
	}
	for (unsigned int k = 1; k < 5; k++)
		(void)sim_script_rule(script, k, SLICE_LIT("1"));
}

const unsigned int fuzz_kinds = 1;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice text = { (const char *)p, n };
	struct fuzz *f = fuzz_start();
	struct sim_script script = { .first = NULL };
	struct sim_doc doc;
	struct complaints to;
	uint64_t drawn = 0;
	size_t sum = 0;
	enum rc rc;

	complaints_init(&to);
	rc = sim_script_parse(&script, f->mem, "fuzz", text, &to, &f->err);
	MUST(rc == RC_OK || (rc == RC_REFUSED && f->err.text[0] != '\0'));
	fuzz_complaints(&to, n);
	complaints_clear(&to);
	if (rc == RC_OK) {
		fuzz_reached(0);
		script_look(&script);
	}
	PLANTED(rc == RC_OK && script.first != NULL &&
		script.first->from == 8 && script.first->to == 8);
	for (size_t i = 0; i < sim_ntongues; i++) {
		sim_doc_read(&doc, &sim_tongues[i], SLICE_LIT("I_1"), text,
		    &drawn, 1700000000000);
		MUST(memchr(doc.client_seq, 0, sizeof(doc.client_seq)) != NULL);
	}
	if (sim_tongue_of(text) != NULL)
		sim_tongue_of(text)->each(
		    SLICE_LIT("I_1.xml"), text, entry_take, &sum);
	if (sim_is_zip(text) &&
	    sim_zip_read(text, entry_take, &sum, &f->err) != RC_OK)
		MUST(f->err.text[0] != '\0');
	return 0;
}
