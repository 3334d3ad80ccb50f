/*
 * tests/fuzz/fuzz_edifact.c - any text goes through the first pass, which
 * always goes on and ends; every message it tells becomes a tree, by its table
 * and flat.
 */
#include <string.h>
#include "src/syntax/edifact.h"
#include "tests/fuzz/fuzz.h"

enum { INTERCHANGE, MESSAGE, SYNTAX_FLAWLESS, REACHED };
const unsigned int fuzz_kinds = REACHED;

static struct wire_tables *all;
static struct edifact_service service;

static void
tables_end(void)
{
	wire_tables_free(all);
}

static const struct wire_table *
table(void)
{
	static const struct wire_table *t;
	const char *src = getenv("ENTREPOT_SRC");
	char path[4096];
	struct err err;

	if (t == NULL) {
		(void)snprintf(path, sizeof(path), "%s/mappings/tables",
		    src == NULL ? "." : src);
		all = wire_tables_new(path);
		MUST(atexit(tables_end) == 0);
		t = wire_table_find(all, SLICE_LIT("CUSDEC:D:96B"), &err);
		MUST(t != NULL);
		service.three =
		    wire_table_find(all, SLICE_LIT("service:3"), &err);
		service.four =
		    wire_table_find(all, SLICE_LIT("service:4"), &err);
		MUST(service.three != NULL && service.four != NULL);
	}
	return t;
}

/* A component that is one separator, released, and nothing else. */
static bool
planted_leaf(const struct wnode *n)
{
	for (const struct wnode *c = n->child; c != NULL; c = c->next)
		if ((c->leaf && c->text.len == 1 &&
			strchr("':", c->text.p[0]) != NULL) ||
		    planted_leaf(c))
			return true;
	return false;
}

static void
message(struct fuzz *f, const struct edifact_interchange *x,
    const struct edifact_message *m)
{
	const struct wnode *n;

	MUST((size_t)m->at + m->span <= f->text.utf8.len);
	MUST(m->unh_span <= m->span);
	n = edifact_tree(&f->text, m->at, m->span, &x->chars, table(), f->tags,
	    f->mem, &f->findings);
	if (n != NULL) {
		fuzz_reached(f->findings.n == 0 ? SYNTAX_FLAWLESS : MESSAGE);
		fuzz_tree(f, n);
	}
	PLANTED(n != NULL && planted_leaf(n));
	n = edifact_tree(&f->text, m->at, m->span, &x->chars, NULL, f->tags,
	    f->mem, &f->findings);
	if (n != NULL)
		fuzz_tree(f, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct fuzz *f = fuzz_start();
	uint32_t at = 0;

	(void)table();
	if (!fuzz_decode(f, p, n))
		return 0;
	while (at < f->text.utf8.len) {
		struct edifact_interchange x;
		enum rc rc = edifact_scan(
		    &x, &f->text, at, &service, f->mem, &f->findings, &f->err);
		uint32_t counted = 0;

		MUST(rc == RC_OK || rc == RC_REFUSED);
		if (rc == RC_REFUSED) {
			MUST(x.refused && f->findings.errors > 0);
			break;
		}
		MUST(x.next_at > at && x.next_at <= f->text.utf8.len);
		MUST(!x.refused || f->findings.errors > 0);
		fuzz_reached(INTERCHANGE);
		for (const struct edifact_message *m = x.message; m;
		     m = m->next) {
			counted++;
			message(f, &x, m);
		}
		MUST(counted == x.nmessages);
		at = x.next_at;
	}
	fuzz_places(f);
	return 0;
}
